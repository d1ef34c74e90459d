"""Cuts the Markdown of a letter into chunks, and merges three versions of a file chunk by chunk.

A chunk is a paragraph, a heading, an item of a list, a note, a statement or a comment, with the blank lines below it.
Together the chunks of a file are the file, character by character, so that what nobody edited can be written back
exactly as it was.

Merged are the Word version of a file, what became of the file since its export, and the file as it was exported. What
one side changed is taken, and so is what both changed alike. What both changed, each in its own way, is a clash: it is
shown, and nothing is written before somebody has chosen a side.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from letters.formats.jinja import LIST_NUMBER, OPENER, TOKEN, end_of_tag, lines_apart, token, token_number
from letters.formats.text_diff import pairs
from letters.read.letter import split_front_matter

STATEMENT, INCLUDE, CLAUSE_END, KEPT, NOTE, TEXT = "statement", "include", "clause end", "kept", "note", "text"
FindClause = Callable[[str], tuple[str, str, int] | None]
"""Returns the path, text and first body line of a clause by its name; None where it is not found."""
# Tags between raw and endraw are words: the whole of it becomes one token.
_RAW = re.compile(r"\{%-?\s*raw\s*-?%\}.*?\{%-?\s*endraw\s*-?%\}", re.DOTALL)
_INCLUDE = re.compile(r"""\{%[-+]?\s*include\s+["']([^"']*)["']\s*[-+]?%\}""")
# Four spaces would make it a part of the item or note above, or code (pandoc's Markdown).
_NOTE = re.compile(r" {0,3}\[\^([^\]\s]+)\]:")
_ITEM = re.compile(rf" {{0,3}}(?:[-*+]|{LIST_NUMBER})[ \t]+")
"""The beginning of a list item."""
_HEADING = re.compile(r"#{1,6} ")
_FENCE = re.compile(r" {0,3}:::")
_INDENTED = re.compile(r"[ \t]{2,}\S")


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a file."""

    file: int
    """The number of its file in the outline."""
    kind: str
    marked: str
    """Its lines with a token in place of each tag, blank lines below it included."""
    line: int
    """The line of the file on which it begins, from 1."""
    name: str = ""
    """The name of a note, or of the clause that is included."""
    marker: str = ""
    """The beginning of a list item, such as "4. "."""


@dataclass(slots=True)
class LetterOutline:
    """A letter as chunks in the order of reading, the clauses it includes in their places."""

    files: list[tuple[str, str]] = field(default_factory=list)
    """For each file its path as shown, and the text above its first chunk: the front matter."""
    chunks: list[Chunk] = field(default_factory=list)
    tags: dict[int, str] = field(default_factory=dict)
    """The text of each tag, by the number of its token."""

    def raw(self, marked: str) -> str:
        """Return marked text as it is in the file."""
        return TOKEN.sub(lambda match: self.tags[token_number(match)], marked)

    def text_of(self, file: int, texts: Mapping[int, str] | None = None) -> str:
        """Return the text of a file, with other texts for some of its chunks by their number."""
        pieces = [self.files[file][1]]
        for number, chunk in enumerate(self.chunks):
            if chunk.file == file:
                pieces.append((texts or {}).get(number, self.raw(chunk.marked)))
        return "".join(pieces)


def cut(path: str, text: str, body_line: int, find_clause: FindClause) -> LetterOutline:
    """Return the chunks of a letter and of the clauses it includes.

    `body_line` is the line on which the text below the front matter begins. A clause that is included a second time, or
    inside itself, is shown as its name alone.
    """
    outline = LetterOutline()
    _add_file(outline, path, text, body_line, find_clause, set())
    return outline


def _add_file(
    outline: LetterOutline, path: str, text: str, body_line: int, find_clause: FindClause, seen: set[str]
) -> None:
    lines = text.splitlines(keepends=True)
    file = len(outline.files)
    outline.files.append((path, "".join(lines[: body_line - 1])))
    marked = _mark("".join(lines[body_line - 1 :]), outline.tags)
    for chunk in _chunks(marked, file, body_line, outline):
        outline.chunks.append(chunk)
        if chunk.kind != INCLUDE or chunk.name in seen:
            continue
        found = find_clause(chunk.name)
        if found:
            seen.add(chunk.name)
            _add_file(outline, *found, find_clause, seen)
            outline.chunks.append(replace(chunk, kind=CLAUSE_END, marked=""))


def _mark(text: str, tags: dict[int, str]) -> str:
    """Replace each tag and comment by a token, and keep them in `tags`."""
    pieces, position = [], 0
    while opener := OPENER.search(text, position):
        literal = _RAW.match(text, opener.start())
        end = literal.end() if literal else end_of_tag(text, opener)
        # A tag that never ends is kept as its opener alone; check names it.
        if end is None:
            end = opener.end()
        pieces += [text[position : opener.start()], token(len(tags))]
        tags[len(tags)] = text[opener.start() : end]
        position = end
    return "".join([*pieces, text[position:]])


def kind_of(tag: str) -> str:
    """Return the kind of a tag: the word of a statement, "output", "comment" or "raw"."""
    if tag.startswith("{#"):
        return "comment"
    if tag.startswith("{{"):
        return "output"
    return tag.strip("{%-+ }\n\t").partition(" ")[0]


def _chunks(marked: str, file: int, first_line: int, outline: LetterOutline) -> Iterator[Chunk]:
    lines = marked.splitlines(keepends=True)
    kinds = {int(number): kind_of(tag) for number, tag in outline.tags.items()}
    numbers = (token_number(match) for match in TOKEN.finditer(marked))
    apart = lines_apart([line.rstrip("\n") for line in lines], {number: kinds[number] for number in numbers})
    line_number = first_line
    current: Chunk | None = None
    below_blank = True
    for number, line in enumerate(lines):
        blank = not line.strip()
        begun = None if blank else _begin(line, current, kinds, outline, below_blank=below_blank, apart=number in apart)
        if begun and current:
            yield current
        if begun:
            current = replace(begun, file=file, line=line_number)
        elif current:
            current = replace(current, marked=current.marked + line)
        else:
            current = Chunk(file, KEPT, line, line_number)
        # A statement alone on its line parts paragraphs as a blank line does.
        below_blank = blank or current.kind in (STATEMENT, INCLUDE)
        # A tag may have line breaks inside, which its token has not.
        line_number += 1 + sum(outline.tags[token_number(match)].count("\n") for match in TOKEN.finditer(line))
    if current:
        yield current


def _begin(
    line: str,
    current: Chunk | None,
    kinds: Mapping[int, str],
    outline: LetterOutline,
    *,
    below_blank: bool,
    apart: bool,
) -> Chunk | None:
    """Return a new chunk that begins with a line; None where the line continues the chunk above."""
    numbers = [token_number(match) for match in TOKEN.finditer(line)]
    alone = bool(numbers) and not TOKEN.sub("", line).strip()
    # Inside of a paragraph a comment is part of it.
    if alone and all(kinds[n] == "comment" for n in numbers) and below_blank:
        return Chunk(0, KEPT, line, 0)
    if alone and len(numbers) == 1 and (name := _INCLUDE.fullmatch(outline.tags[numbers[0]])) and line[0] > " ":
        return Chunk(0, INCLUDE, line, 0, name[1])
    if apart:
        return Chunk(0, STATEMENT, line, 0)
    if _FENCE.match(line):
        return Chunk(0, KEPT, line, 0)
    if note := _NOTE.match(line):
        return Chunk(0, NOTE, line, 0, note[1])
    # Each item is a chunk, with a blank line above it or not.
    in_list = current is not None and bool(current.marker)
    if (below_blank or in_list) and (item := _ITEM.match(line)):
        return Chunk(0, TEXT, line, 0, marker=item[0])
    holds = current is not None and (current.kind == NOTE or bool(current.marker))
    if below_blank and not (holds and _INDENTED.match(line)):
        return Chunk(0, TEXT, line, 0)
    goes_on = current is not None and current.kind in (TEXT, NOTE) and not _HEADING.match(current.marked)
    return None if goes_on else Chunk(0, TEXT, line, 0)


Side = Literal["word", "markdown"]
"""The side whose version of a paragraph is taken where both changed it."""


@dataclass(frozen=True, slots=True)
class Clash:
    """A stretch of a file that was changed in Word and in the Markdown, each in its own way."""

    path: str
    line: int
    """The line in the Markdown as it is now."""
    base: str
    word: str
    markdown: str


@dataclass(frozen=True, slots=True)
class Merged:
    """A file with the changes of both sides."""

    text: str
    """With the Markdown's version of each clash, unless Word's was preferred."""
    clashes: tuple[Clash, ...]
    lines: Mapping[int, int]
    """The line on which each paragraph of the base begins now, by the line on which it began."""


@dataclass(frozen=True, slots=True)
class _Slot:
    """A paragraph of the base, or a place between two of them where some were added; the versions of each side."""

    base: tuple[str, ...]
    word: tuple[str, ...]
    now: tuple[str, ...]
    line: int

    @property
    def is_clash(self) -> bool:
        base, word, now = map(_bare, (self.base, self.word, self.now))
        return base not in (word, now) and word != now

    def with_next(self, other: _Slot) -> _Slot:
        return _Slot(self.base + other.base, self.word + other.word, self.now + other.now, self.line or other.line)

    def taken(self, prefer: Side | None) -> tuple[str, ...]:
        word_changed = _bare(self.base) != _bare(self.word)
        if self.is_clash:
            return self.word if prefer == "word" else self.now
        return self.word if word_changed and _bare(self.word) != _bare(self.now) else self.now


@dataclass(frozen=True, slots=True)
class _Text:
    """A file as its front matter and its chunks, each with the line it begins on."""

    front: str
    chunks: list[str]
    lines: list[int]


def merge(path: str, base: str, word: str, now: str, body_lines: Sequence[int], prefer: Side | None) -> Merged:
    """Return `word` and `now` merged, two versions of `base`, in which `prefer` decides the clashes.

    `body_lines` are the lines on which the text below the front matter begins, in the order of the three texts.
    """
    texts = [_cut(path, text, line) for text, line in zip((base, word, now), body_lines, strict=True)]
    slots = _joined(_slots(*texts))
    clashes = tuple(
        Clash(path, slot.line, *("".join(each).rstrip("\n") for each in (slot.base, slot.word, slot.now)))
        for slot in slots
        if slot.is_clash
    )
    pieces = [piece for slot in slots for piece in slot.taken(prefer)]
    whole = texts[2].front + _together(pieces, texts)
    return Merged(whole, clashes, _lines(texts[0], texts[2]))


def _together(pieces: Sequence[str], texts: Sequence[_Text]) -> str:
    """Join chunks, with a blank line between two that are neighbours in none of the texts and not items of one list."""
    neighbours = {pair for text in texts for pair in itertools.pairwise(text.chunks)}
    whole = ""
    for piece, after in itertools.zip_longest(pieces, pieces[1:]):
        stays = after is None or (piece, after) in neighbours or piece.endswith("\n\n")
        items = after is not None and _ITEM.match(piece) and _ITEM.match(after) and piece.endswith("\n")
        whole += piece if stays or items else piece.rstrip("\n") + "\n\n"
    return whole


def _cut(path: str, text: str, body_line: int) -> _Text:
    # Files are merged one by one: a clause that it includes is a file of its own.
    outline = cut(path, text, body_line, lambda _: None)
    return _Text(
        outline.files[0][1],
        [outline.raw(chunk.marked) for chunk in outline.chunks],
        [chunk.line for chunk in outline.chunks],
    )


def _bare(chunks: Sequence[str]) -> tuple[str, ...]:
    """Return chunks without the blank lines below them, which are nobody's change."""
    return tuple(chunk.rstrip() for chunk in chunks)


def _changed(base: _Text, other: _Text) -> tuple[dict[int, int], dict[int, list[int]]]:
    """Return the chunk that replaced each chunk of the base, and the chunks added before it, by number.

    Where as many chunks were added as taken out at one place, they are taken for the same ones, written anew.
    """
    kept: dict[int, int] = {}
    added: dict[int, list[int]] = {}
    gone: list[int] = []
    new: list[int] = []
    # The last pair stands for the end of both texts, before which chunks may have been added, too.
    for i, j in [*pairs(_bare(base.chunks), _bare(other.chunks)), (len(base.chunks), len(other.chunks))]:
        if i is not None and j is not None:
            if len(gone) == len(new):
                kept.update(zip(gone, new, strict=True))
            else:
                added[i] = new
            kept[i] = j
            gone, new = [], []
        elif i is not None:
            gone.append(i)
        elif j is not None:
            new.append(j)
    return kept, added


def _slots(base: _Text, word: _Text, now: _Text) -> list[_Slot]:
    (by_word, added_by_word), (by_now, added_by_now) = _changed(base, word), _changed(base, now)
    lines = _lines(base, now)

    def chunks(text: _Text, numbers: Sequence[int]) -> tuple[str, ...]:
        return tuple(text.chunks[number] for number in numbers)

    def one(text: _Text, kept: Mapping[int, int], place: int) -> tuple[str, ...]:
        return chunks(text, [kept[place]] if place in kept else [])

    slots = []
    # Behind the last paragraph there is a place, too, where some may have been added.
    for place, chunk in enumerate([*base.chunks, ""]):
        in_word, here = added_by_word.get(place, []), added_by_now.get(place, [])
        slots.append(_Slot((), chunks(word, in_word), chunks(now, here), now.lines[here[0]] if here else 0))
        if place < len(base.chunks):
            line = lines[base.lines[place]]
            slots.append(_Slot((chunk,), one(word, by_word, place), one(now, by_now, place), line))
    return [slot for slot in slots if slot.base or slot.word or slot.now]


def _joined(slots: Sequence[_Slot]) -> list[_Slot]:
    """Join a clash with the neighbour it belongs to: one side may have split a paragraph in two, or joined two."""
    joined: list[_Slot] = []
    for slot in slots:
        last = joined[-1] if joined else None
        if last and (last.is_clash or slot.is_clash) and _is_one_change(last, slot):
            joined[-1] = last.with_next(slot)
        else:
            joined.append(slot)
    return joined


def _is_one_change(first: _Slot, second: _Slot) -> bool:
    """Return whether one side changed both of two neighbours and the number of their paragraphs."""
    for one, other in ((first.word, second.word), (first.now, second.now)):
        both = _bare(one) != _bare(first.base) and _bare(other) != _bare(second.base)
        if both and (len(one) != len(first.base) or len(other) != len(second.base)):
            return True
    return False


def _lines(base: _Text, now: _Text) -> dict[int, int]:
    kept, _ = _changed(base, now)
    found: dict[int, int] = {}
    last = 1
    for number, line in enumerate(base.lines):
        last = now.lines[kept[number]] if number in kept else last
        found[line] = last
    return found


def body_line(path: str, text: str) -> int:
    """Return the line on which the text below the front matter begins."""
    return split_front_matter(text, path)[0].body_line


def front(path: str, text: str) -> str:
    """Return what stands above the text of a letter: its keys."""
    return "".join(text.splitlines(keepends=True)[: body_line(path, text) - 1])
