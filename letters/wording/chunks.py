"""Cuts the Markdown of a letter into chunks, so that what nobody edited can be written back exactly as it was.

A chunk is a paragraph, a heading, an item of a list, a note, a statement or a comment, with the blank lines below it.
Together the chunks of a file are the file, character by character.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from letters.formats.jinja import OPENER, TOKEN, end_of_tag, lines_apart, token, token_number

STATEMENT, INCLUDE, CLAUSE_END, KEPT, NOTE, TEXT = "statement", "include", "clause end", "kept", "note", "text"
FindClause = Callable[[str], tuple[str, str, int] | None]
"""Returns the path, text and first body line of a clause by its name; None where it is not found."""
_RAW = re.compile(r"\{%-?\s*raw\s*-?%\}.*?\{%-?\s*endraw\s*-?%\}", re.DOTALL)
_INCLUDE = re.compile(r"""\{%[-+]?\s*include\s+["']([^"']*)["']\s*[-+]?%\}""")
_NOTE = re.compile(r" {0,3}\[\^([^\]\s]+)\]:")
ITEM = re.compile(r" {0,3}(?:[-*+]|\(?(?:\d{1,9}|[a-zA-Z]|[ivxlcdm]{2,6}|[IVXLCDM]{2,6}|#)[.)])[ \t]+")
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
    apart = lines_apart([line.rstrip("\n") for line in lines], _in(lines, kinds))
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
        below_blank = blank or current.kind in (STATEMENT, INCLUDE)
        # A tag may have line breaks inside, which its token has not.
        line_number += 1 + sum(outline.tags[token_number(match)].count("\n") for match in TOKEN.finditer(line))
    if current:
        yield current


def _in(lines: list[str], kinds: Mapping[int, str]) -> dict[int, str]:
    numbers = (token_number(match) for line in lines for match in TOKEN.finditer(line))
    return {number: kinds[number] for number in numbers}


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
    in_list = current is not None and bool(current.marker)
    if (below_blank or in_list) and (item := ITEM.match(line)):
        return Chunk(0, TEXT, line, 0, marker=item[0])
    holds = current is not None and (current.kind == NOTE or bool(current.marker))
    if below_blank and not (holds and _INDENTED.match(line)):
        return Chunk(0, TEXT, line, 0)
    goes_on = current is not None and current.kind in (TEXT, NOTE) and not _HEADING.match(current.marked)
    return None if goes_on else Chunk(0, TEXT, line, 0)
