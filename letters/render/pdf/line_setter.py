"""Sets single paragraphs and notes with WeasyPrint's own line breaker, outside any page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import inf
from typing import Any

from weasyprint.formatting_structure import boxes
from weasyprint.layout import LayoutContext
from weasyprint.layout.inline import get_next_linebox
from weasyprint.layout.percent import resolve_one_percentage, resolve_percentages

from letters.render.pdf.blocks import Block, Line, Place, Run, Text, line_of, text_boxes
from letters.render.pdf.line_cache import Memory
from letters.render.pdf.looks import Looks
from letters.render.pdf.paragraph import Mould
from letters.render.pdf.recent import Recent
from letters.render.pdf.template_marks import Inline

_KEPT_LINES = 3_000
"""Lines that are kept in memory, about 1 kB each."""


class Typesetter:
    """Sets paragraphs outside any page.

    Lines are set once: what follows a break depends on the text after it only.
    """

    def __init__(self, fonts: Any, memory: Memory) -> None:
        self._context = LayoutContext(None, _no_image, fonts, None, None)
        self._context.create_block_formatting_context(self)
        self._context.page_bottom = inf
        self._memory = memory
        self._places: dict[Mould, list[list[tuple[Place, str | int]]]] = {}
        self._tails: Recent[object, tuple[Line, ...]] = Recent(_KEPT_LINES)
        self._looks = Looks(memory)

    def set_inline(self, mould: Mould, inline: Inline) -> list[Block]:
        """Set a paragraph and its notes."""
        places = self._places.get(mould)
        if places is None:
            places = self._places[mould] = _places_of_texts(mould, len(inline.texts))
        filled = _Filled(mould, inline.texts)
        return [
            self._set(each, filled, number, [(path, _text(text, inline.texts)) for path, text in texts])
            for number, (each, texts) in enumerate(zip(mould.family(), places, strict=True))
        ]

    def _set(self, mould: Mould, filled: _Filled, number: int, texts: Sequence[tuple[Place, str]]) -> Block:
        """Break a line that is too long, and draw its parts."""
        done: list[tuple[object, Line]] = []
        place: Place | None = ()
        tail: tuple[Line, ...] = ()
        while place is not None:
            rest = _rest(texts, place)
            where = (mould, place if not rest or place[:-1] != rest[0][0] else (*place[:-1], -1))
            key = (where, *(text for _, _, text in rest))
            if known := self._tails.get(key):
                tail = known
                break
            line, place = self._looks.set_line(where, rest) or self._any_line(where, filled, number, rest, place)
            if line is None:
                break
            done.append((key, line))
        self._keep(done, tail)
        lines = (*(line for _, line in done), *tail)
        runs = tuple(run for line in lines for run in line.runs)
        return Block(tuple(line.shape for line in lines), runs, tuple(line.glyphs for line in lines))

    def _keep(self, done: Sequence[tuple[object, Line]], tail: tuple[Line, ...]) -> None:
        for rest, line in reversed(done):
            tail = (line, *tail)
            self._tails[rest] = tail

    def _any_line(
        self, where: tuple[Mould, Place], filled: _Filled, number: int, rest: Sequence[Text], place: Place
    ) -> tuple[Line | None, Place | None]:
        """Set the line that begins at a place with WeasyPrint; return it, and where the next one begins."""
        box, container = filled.line(number), where[0].container
        resolve_one_percentage(box, "text_indent", container.width)
        if place:
            box.text_indent = 0
        self._memory.first = None
        stack = _stack(place)
        piece, after = get_next_linebox(self._context, box, 0, -inf, stack, container, [], [], None, None)
        if piece is None:
            return None, None
        line = line_of((piece.height, _build_of(piece)), tuple(self._draw(each, piece) for each in text_boxes(piece)))
        following = _place(after)
        if rest:
            self._looks.learn(where, piece, rest, following, line)
        return line, following

    def _draw(self, box: Any, line: Any) -> Run:
        body, glyphs = self._memory.draw(box)
        return Run(box.position_x, box.position_y + box.baseline - line.position_y, body, glyphs)


def _no_image(*_: Any, **__: Any) -> None:
    """Fetch no image: there are none in lines that are set apart."""


class _Filled:
    """The boxes of a paragraph and its notes with the texts of a letter, made where they are needed."""

    def __init__(self, mould: Mould, texts: Sequence[str]) -> None:
        self._mould, self._texts = mould, texts
        self._lines: list[Any] = []

    def line(self, number: int) -> Any:
        """Return the line of the paragraph, which has number 0, or of a note."""
        if not self._lines:
            self._lines = self._mould.fill(iter(self._texts))
            for line, mould in zip(self._lines, self._mould.family(), strict=True):
                resolve_percentages(line, mould.container)
        return self._lines[number]


def _places_of_texts(mould: Mould, number: int) -> list[list[tuple[Place, str | int]]]:
    """Tell where texts stand in a paragraph and its notes: those of a letter by their numbers, others as they are."""
    names = {f"\0{place}": place for place in range(number)}
    return [[(path, names.get(text, text)) for path, text in _with_paths(line, ())] for line in mould.fill(iter(names))]


def _text(text: str | int, texts: Sequence[str]) -> str:
    return text if isinstance(text, str) else texts[text]


def _with_paths(box: Any, path: Place) -> Iterator[tuple[Place, str]]:
    if isinstance(box, boxes.TextBox):
        yield path, box.text
    for number, child in enumerate(box.children):
        yield from _with_paths(child, (*path, number))


def _rest(texts: Sequence[tuple[Place, str]], place: Place) -> list[Text]:
    """List the texts from a place on."""
    box, start = place[:-1], place[-1] if place else 0
    return [
        (path, start, text.encode()[start:].decode()) if start and path == box else (path, 0, text)
        for path, text in texts
        if path >= place[: len(path)]
    ]


def _stack(place: Place) -> dict[int, Any] | None:
    """Write a place as WeasyPrint does."""
    stack: dict[int, Any] | None = None
    for number in reversed(place):
        stack = {number: stack}
    return stack


def _place(stack: dict[int, Any] | None) -> Place | None:
    if stack is None:
        return None
    ((number, inside),) = stack.items()
    return (number, *(_place(inside) or ()))


def _build_of(box: Any) -> object:
    if isinstance(box, boxes.TextBox):
        return "text"
    inside = tuple(_build_of(child) for child in box.children)
    return (type(box).__name__, box.element_tag, box.footnote is not None, inside)
