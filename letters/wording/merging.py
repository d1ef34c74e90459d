"""Merges the Word version of a Markdown file with what became of the file since its export, by paragraph.

What one side changed is taken, and so is what both changed alike. What both changed, each in its own way, is a clash:
it is shown, and nothing is written before somebody has chosen a side.

The exported texts are the base of the merge, stored under the hash that the Word file carries.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from letters.formats.files import sha256, write_whole
from letters.formats.text_diff import pairs
from letters.model.problems import CannotGoOn, Exit
from letters.read.folder import CLAUSES
from letters.read.letter import split_front_matter
from letters.read.text import read_text
from letters.wording.chunks import ITEM, LetterOutline, cut

Side = Literal["word", "markdown"]
"""The side whose version of a paragraph is taken where both changed it."""
WORDING, KEPT = "wording", "kept"
"""Folders of the output: the Word files of letters, and the Markdown as it was before each import."""


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

    @property
    def versions(self) -> tuple[tuple[str, ...], ...]:
        """The versions of the two sides, Word first."""
        return self.word, self.now

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
        items = after is not None and ITEM.match(piece) and ITEM.match(after) and piece.endswith("\n")
        whole += piece if stays or items else piece.rstrip("\n") + "\n\n"
    return whole


def _cut(path: str, text: str, body_line: int) -> _Text:
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
    for one, other in zip(first.versions, second.versions, strict=True):
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


def digest_of(texts: Mapping[str, str]) -> str:
    """Return the hash of the texts of a letter and its clauses, by their paths as shown."""
    return sha256(_json(texts))


def keep_exported(out: Path, texts: Mapping[str, str]) -> None:
    """Store the words of an export."""
    write_whole(_path_of(out, digest_of(texts)), _json(texts))


def find_exported(out: Path, wanted: str, now: Mapping[str, str]) -> dict[str, str]:
    """Return the words of an export by their hash; raises CannotGoOn where they are gone.

    They are in the store, or, if somebody deleted it, among the files that imports since then have kept. `now` are the
    words of today.
    """
    path = _path_of(out, wanted)
    if path.is_file():
        return dict(json.loads(path.read_text("utf-8")))
    for kept in sorted((out / KEPT).glob("wording *")):
        copies = {shown_path: kept / shown_path for shown_path in now}
        texts = {shown_path: read_text(copy, shown_path)[0] for shown_path, copy in copies.items() if copy.is_file()}
        if digest_of({**now, **texts}) == wanted:
            return {**now, **texts}
    message = "the letter was changed after this Word file was made, and the words it began with are gone"
    hint = "letters redline shows where the two differ; or put the Markdown of that day back, and import again"
    raise CannotGoOn(Exit.PROBLEMS, message, hint)


def _path_of(out: Path, name: str) -> Path:
    return out / WORDING / ".base" / f"{name}.json"


def _json(texts: Mapping[str, str]) -> bytes:
    return json.dumps(texts, ensure_ascii=False, indent=1).encode()


def body_line(path: str, text: str) -> int:
    """Return the line on which the text below the front matter begins."""
    return split_front_matter(text, path)[0].body_line


def front(path: str, text: str) -> str:
    """Return what stands above the text of a letter: its keys."""
    return "".join(text.splitlines(keepends=True)[: body_line(path, text) - 1])


def outline_from(texts: Mapping[str, str]) -> LetterOutline:
    """Return the words of an export as chunks; the first text is that of the letter itself."""
    first = next(iter(texts))

    def clause(name: str) -> tuple[str, str, int] | None:
        path = next((path for path in texts if path != first and path.endswith(f"/{CLAUSES}/{name}.md")), "")
        return (path, texts[path], body_line(path, texts[path])) if path else None

    return cut(first, texts[first], body_line(first, texts[first]), clause)
