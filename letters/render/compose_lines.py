"""Sets single paragraphs and notes with WeasyPrint's own line breaker, outside any page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any

from weasyprint.formatting_structure import boxes
from weasyprint.layout import LayoutContext
from weasyprint.layout.inline import get_next_linebox
from weasyprint.layout.percent import resolve_one_percentage, resolve_percentages

from letters.render.compose_looks import Looks
from letters.render.compose_memory import Glyphs, Memory
from letters.render.compose_moulds import Mould
from letters.render.compose_template import Inline
from letters.render.recent import Recent

_KEPT_LINES = 3_000
"""Lines that are kept in memory, about 1 kB each."""
_FULL = 0.85
"""How much of its measure a line of ordinary words fills at least."""
_ORDINARY = re.compile(r"[ -~\u00a0-\u00ac\u00ae-\u017f‘’“”–—…•·]*")
"""Text whose letters change neither shape nor direction by what follows further on."""
_TWO_WORDS = re.compile(r" ?[^ ]+ [^ ]+ ")


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of a line in one style: where its baseline begins, how it is drawn, and with which glyphs."""

    x: float
    y: float
    """Below the top of the line."""
    body: bytes
    """The operators between the text matrix and the end of the text object."""
    glyphs: Glyphs


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph or note, set."""

    shape: tuple[object, ...]
    """Whatever the page depends on: for each line its height, how it is built, and which notes it calls."""
    runs: tuple[Run, ...]
    glyphs: tuple[Glyphs, ...]
    """Those of each line; where its runs disagree about the text of a glyph, the first counts."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line, set."""

    shape: object
    """Its height, how it is built, and which of its boxes call notes."""
    runs: tuple[Run, ...]
    glyphs: Glyphs

    def with_text(self, body: bytes, glyphs: Glyphs) -> Line:
        """Return a line like this, which has one run, with other letters."""
        (run,) = self.runs
        return Line(self.shape, (Run(run.x, run.y, body, glyphs),), glyphs)


class Typesetter:
    """Sets paragraphs outside any page.

    Lines are set once: what follows a break depends on the text after it only, and a line of ordinary text on no more
    than the two words that follow it.
    """

    def __init__(self, fonts: Any, memory: Memory) -> None:
        self._context = LayoutContext(None, _no_image, fonts, None, None)
        self._context.create_block_formatting_context(self)
        self._context.page_bottom = inf
        self._memory = memory
        self._tails: Recent[object, tuple[Line, ...]] = Recent(_KEPT_LINES)
        self._lines: Recent[tuple[object, str], tuple[Line, int]] = Recent(_KEPT_LINES)
        self._lengths: dict[object, set[int]] = {}
        """How long texts are of which it is known how they begin a line, by where they stand."""
        self._looks = Looks(memory)

    def set_inline(self, mould: Mould, inline: Inline) -> list[Block]:
        """Set a paragraph and its notes."""
        lines = mould.fill(iter(inline.texts))
        return [self._set(each, line) for line, each in zip(lines, mould.family(), strict=True)]

    def _set(self, mould: Mould, box: Any) -> Block:
        """Break a line that is too long, and draw its parts."""
        resolve_percentages(box, mould.container)
        texts = list(_with_paths(box, ()))
        done: list[tuple[object, Line]] = []
        place: tuple[int, ...] | None = ()
        tail: tuple[Line, ...] = ()
        while place is not None:
            inside = any(path == place[:-1] for path, _ in texts)
            rest = (mould, (*place[:-1], -1) if place and inside else place, *_rest(texts, place))
            if known := self._tails.get(rest):
                tail = known
                break
            line, place = self._next_line(mould, box, texts, place)
            if line is None:
                break
            done.append((rest, line))
        self._keep(done, tail)
        lines = (*(line for _, line in done), *tail)
        runs = tuple(run for line in lines for run in line.runs)
        return Block(tuple(line.shape for line in lines), runs, tuple(line.glyphs for line in lines))

    def _keep(self, done: Sequence[tuple[object, Line]], tail: tuple[Line, ...]) -> None:
        for rest, line in reversed(done):
            tail = (line, *tail)
            self._tails[rest] = tail

    def _next_line(
        self, mould: Mould, box: Any, texts: Sequence[_Text], place: tuple[int, ...]
    ) -> tuple[Line | None, tuple[int, ...] | None]:
        """Set the line that begins at a place; return it, and where the next one begins."""
        text = _text_at(texts, place)
        where = (mould, place[:-1], not place)
        for length in self._lengths.get(where, ()):
            if found := self._lines.get((where, text[:length])):
                return found[0], (*place[:-1], place[-1] + found[1]) if place else (0, found[1])
        begin = place or (0, 0)
        alike = self._looks.set_text(where, text, is_last=begin[:-1] == (len(box.children) - 1,))
        if alike:
            line, resume, width = alike
            next_place = None if resume is None else (*begin[:-1], begin[-1] + resume)
        else:
            line, next_place, width = self._any_line(mould, box, text, place)
        if line and next_place and next_place[:-1] == begin[:-1] and text and width > _FULL * mould.container.width:
            self._keep_line(where, text, line, next_place[-1] - begin[-1])
        return line, next_place

    def _any_line(
        self, mould: Mould, box: Any, text: str, place: tuple[int, ...]
    ) -> tuple[Line | None, tuple[int, ...] | None, float]:
        """Set a line of any boxes; its width is 0 unless it ends because the next word has no room."""
        resolve_one_percentage(box, "text_indent", mould.container.width)
        if place:
            box.text_indent = 0
        self._memory.first = None
        stack = _stack(place)
        piece, after = get_next_linebox(self._context, box, 0, -inf, stack, mould.container, [], [], None, None)
        if piece is None:
            return None, None, 0
        runs = tuple(self._draw(each, piece.position_y) for each in text_boxes(piece))
        line = Line((piece.height, _build_of(piece)), runs, first_texts(run.glyphs for run in runs))
        self._looks.learn((mould, place[:-1], not place), piece, text, line)
        return line, _place(after), piece.width if _has_words(piece) else 0

    def _draw(self, box: Any, top: float) -> Run:
        body, glyphs = self._memory.draw(box)
        return Run(box.position_x, box.position_y + box.baseline - top, body, glyphs)

    def _keep_line(self, where: object, text: str, line: Line, size: int) -> None:
        """Keep a line that depends on nothing but its own text and the two words after it."""
        start = len(text.encode()[:size].decode())
        if ahead := _TWO_WORDS.match(text, start):
            sure = text[: ahead.end()]
            if _ORDINARY.fullmatch(sure):
                self._lengths.setdefault(where, set()).add(len(sure))
                self._lines[where, sure] = (line, size)


def _no_image(*_: Any, **__: Any) -> None:
    """Fetch no image: there are none in lines that are set apart."""


def _has_words(line: Any) -> bool:
    """Tell a line of words from one that may end for reasons that lie further on.

    If the rest of a paragraph has room but for the space at its end, WeasyPrint 70 sets its first word alone.
    """
    first = line.children[0] if len(line.children) == 1 else None
    return isinstance(first, boxes.TextBox) and " " in first.text.strip()


_Text = tuple[tuple[int, ...], str]
"""Where a text is among the boxes, and the text."""


def _with_paths(box: Any, path: tuple[int, ...]) -> Iterator[_Text]:
    if isinstance(box, boxes.TextBox):
        yield path, box.text
    for number, child in enumerate(box.children):
        yield from _with_paths(child, (*path, number))


def _rest(texts: Sequence[_Text], place: tuple[int, ...]) -> tuple[str, ...]:
    """List the texts from a place on."""
    return tuple(
        _from(text, place[len(path) :]) if path == place[: len(path)] else text
        for path, text in texts
        if path >= place[: len(path)]
    )


def _from(text: str, place: tuple[int, ...]) -> str:
    return text.encode()[place[0] :].decode() if place and place[0] else text


def _text_at(texts: Sequence[_Text], place: tuple[int, ...]) -> str:
    """Return the text from a place within one text on; "" for a place between boxes."""
    where = place or (0, 0)
    return next((_from(text, where[-1:]) for path, text in texts if path == where[:-1]), "")


def _stack(place: tuple[int, ...]) -> dict[int, Any] | None:
    """Write a place as WeasyPrint does."""
    stack: dict[int, Any] | None = None
    for number in reversed(place):
        stack = {number: stack}
    return stack


def _place(stack: dict[int, Any] | None) -> tuple[int, ...] | None:
    if stack is None:
        return None
    ((number, inside),) = stack.items()
    return (number, *(_place(inside) or ()))


def _build_of(box: Any) -> object:
    if isinstance(box, boxes.TextBox):
        return "text"
    inside = tuple(_build_of(child) for child in box.children)
    return (type(box).__name__, box.element_tag, box.footnote is not None, inside)


def text_boxes(line: Any) -> Iterator[Any]:
    """List the boxes of text in a line that was laid out."""
    for child in line.children:
        if isinstance(child, boxes.TextBox):
            yield child
        else:
            yield from text_boxes(child)


def first_texts(records: Iterable[Glyphs]) -> Glyphs:
    """Join records of glyphs; the first to name a glyph tells its text."""
    joined: Glyphs = {}
    for record in records:
        for font, glyphs in record.items():
            known = joined.setdefault(font, {})
            for glyph, text in glyphs.items():
                known.setdefault(glyph, text)
    return joined
