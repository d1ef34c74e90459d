"""Reads a source as a person does: its body and its notes as plain text that still knows where it stands."""

from __future__ import annotations

import bisect
import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from letters.model.problems import Place
from letters.model.records import Source

_NOTE_TEXT = re.compile(r"^ {0,3}\[\^([^\]\s]+)\]:[ \t]*", re.MULTILINE)
_NOTE_END = re.compile(r"\n[ \t]*\n(?! {4}|\t)")
_PIECE = re.compile(
    r"(?P<comment>\{#.*?#\})|(?P<output>\{\{.*?\}\})|(?P<statement>\{%.*?%\})|(?P<call>\[\^[^\]\s]+\])"
    r"|(?P<escape>\\[^\w\s])|(?P<class>\]\{[^}\n]*\})|(?P<fence>^[ \t]*:::.*$)"
    r"|(?P<marker>^[ \t]*(?:\#{1,6}|[-*+]|\(?\d{1,3}[.)])[ \t]+)"
    r"|(?P<emphasis>\*{1,3}|(?<!\w)_{1,2}(?=\S)|(?<=\S)_{1,2}(?!\w))|(?P<end>\n[ \t]*\n\s*)"
    r"|(?P<space>(?! \S)[\s\u00a0]+)",
    re.DOTALL | re.MULTILINE,
)
"""What is not plain text; a single space between words is."""
_REFERENCE = re.compile(r"""note(?:\.(\w+)|\[["']([^"']+)["']\])""")


@dataclass(slots=True)
class Passage:
    """The body of a source, or one of its notes, as plain text; paragraphs end with a line break."""

    source: Source
    note: str = ""
    """The name of the note; empty for the body."""
    text: str = ""
    emphasis: list[tuple[int, int]] = field(default_factory=list)
    """Where emphasized words begin and end."""
    calls: dict[str, int] = field(default_factory=dict)
    """Where each note is called."""
    path: dict[str, str] = field(default_factory=dict)
    """The conditions around each call, to tell whether two notes always come together."""
    _starts: list[int] = field(default_factory=list)
    _offsets: list[int] = field(default_factory=list)
    _read: list[tuple[int, int]] = field(default_factory=list)
    """The stretches of the source that it is made of."""

    def add(self, piece: str, offset: int) -> None:
        """Add plain text that begins at an offset of the source."""
        if piece:
            self._starts.append(len(self.text))
            self._offsets.append(offset)
            self.text += piece

    def reads(self, start: int, end: int) -> None:
        """Note that a stretch of the source belongs to it."""
        self._read.append((start, end))

    def may_hold(self, offset: int) -> bool:
        """Return whether an offset of the source lies between its beginning and its end."""
        return bool(self._read) and self._read[0][0] <= offset < self._read[-1][1]

    def place(self, position: int) -> Place:
        """Return where in the user's files a position of the plain text stands."""
        return self.source.place(self.offset(position))

    def offset(self, position: int) -> int:
        """Return where in the source a position of the plain text stands."""
        at = max(0, bisect.bisect_right(self._starts, position) - 1)
        start, offset = (self._starts[at], self._offsets[at]) if self._starts else (0, 0)
        return offset + position - start

    def position(self, offset: int) -> int | None:
        """Return the position in the plain text of an offset of the source; None where that is another passage's."""
        if not any(start <= offset < end for start, end in self._read):
            return None
        at = bisect.bisect_right(self._offsets, offset) - 1
        if at < 0:
            return 0
        end = self._starts[at + 1] if at + 1 < len(self._starts) else len(self.text)
        return min(end, self._starts[at] + offset - self._offsets[at])


def read_passages(source: Source) -> list[Passage]:
    """Read the body of a source and each of its notes, the body first."""
    notes = list(_notes(source.text))
    body = Passage(source)
    position = 0
    for _, _, start, end in notes:
        _read(body, position, start)
        position = end
    _read(body, position, len(source.text))
    passages = [body]
    for name, text_start, _, end in notes:
        note = Passage(source, name)
        _read(note, text_start, end)
        passages.append(note)
    _find_paths(body)
    return passages


@functools.lru_cache(1000)  # the authorities of a campaign are read again and again
def read_phrase(text: str) -> Passage:
    """Read a few words of Markdown, such as the full citation of an authority."""
    return read_passages(Source("", " ".join(text.split())))[0]


def _notes(text: str) -> Iterator[tuple[str, int, int, int]]:
    """Yield the name of each note, where its text begins, and where the whole of it begins and ends."""
    matches = list(_NOTE_TEXT.finditer(text))
    for match, following in zip(matches, [*matches[1:], None], strict=False):
        stop = _NOTE_END.search(text, match.end())
        end = min(stop.end() if stop else len(text), following.start() if following else len(text))
        yield match[1], match.end(), match.start(), end


def _read(passage: Passage, start: int, end: int) -> None:
    """Read a stretch of the source into a passage."""
    text = passage.source.text
    position = start
    passage.reads(start, end)
    opened: list[int] = []
    for piece in _PIECE.finditer(text, start, end):
        passage.add(text[position : piece.start()], position)
        kind, said = str(piece.lastgroup), piece[0]
        if kind == "call":
            passage.calls.setdefault(said[2:-1], len(passage.text))
        elif kind == "emphasis":
            if opened:
                passage.emphasis.append((opened.pop(), len(passage.text)))
            else:
                opened.append(len(passage.text))
        else:
            passage.add(_shown(kind, said), piece.start())
        position = piece.end()
    passage.add(text[position:end], position)


def _shown(kind: str, said: str) -> str:
    """Return what a piece of mark-up is in plain text."""
    if kind == "output":
        expression = said[2:-2].strip("-+ \t\n")
        reference = _REFERENCE.fullmatch(expression)
        return f"‹note.{reference[1] or reference[2]}›" if reference else f"‹{expression.partition('|')[0].strip()}›"
    if kind == "statement":
        return " / " if said[2:-2].strip("-+ \t\n").startswith(("elif", "else")) else ""
    return {"escape": said[1:], "class": "]", "end": "\n", "space": " "}.get(kind, "")


_CONDITION = re.compile(r"\{%[-+]?\s*(if|for|elif|else|endif|endfor)\b.*?%\}|\[\^([^\]\s]+)\](?!:)", re.DOTALL)


def _find_paths(body: Passage) -> None:
    """Find the conditions around each call, each by where its branch begins."""
    open_branches: list[int] = []
    for match in _CONDITION.finditer(body.source.text):
        if match[2]:
            body.path.setdefault(match[2], "/".join(map(str, open_branches)))
        elif match[1] in ("if", "for"):
            open_branches.append(match.start())
        elif open_branches:
            open_branches.pop()
            if match[1] in ("elif", "else"):
                open_branches.append(match.start())
