"""Sets paragraphs and notes outside any page: by WeasyPrint's line breaker, or like a line that it has set before.

A line that differs from one before it in its words only is put together from its words: where all else stands is
known then. Most lines of most letters are of this kind.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import inf, isclose
from typing import Any

from letters.render.pdf.line_cache import LineCache
from letters.render.pdf.paragraph import (
    ParagraphTemplate,
    Place,
    SetLine,
    SetParagraph,
    TextRun,
    text_boxes,
    with_parents,
)
from letters.render.pdf.template_marks import InlineContent
from letters.render.pdf.weasyprint_internals import (
    FROM_UNITS,
    LayoutBox,
    boxes,
    line_context,
    next_line,
)
from letters.render.pdf.words import ROUNDING, StyleWords
from letters.render.store import Limits, RecentCache

_EDGES = ("margin_left", "margin_right", "padding_left", "padding_right", "border_left_width", "border_right_width")

PlacedText = tuple[Place, int, str]
"""The box of a text, how many bytes there precede it, and the text."""
_Start = tuple[ParagraphTemplate, Place]
"""Where a line begins; -1 as the last number of the place for anywhere inside a text."""
_Filled = Callable[[], list[Any]]
"""Returns the line boxes of a paragraph and of its notes, with the texts of a letter."""


class LineSetter:
    """Sets paragraphs outside any page.

    Lines are set once: what follows a break depends on the text after it only.
    """

    def __init__(self, font_config: Any, lines: LineCache, limits: Limits) -> None:
        self._context = line_context(font_config, self)
        self._lines = lines
        self._places: dict[ParagraphTemplate, list[list[tuple[Place, str | int]]]] = {}
        self._tails: RecentCache[object, tuple[SetLine, ...]] = RecentCache(limits.lines)
        """All lines from a place on, by the place and the texts from there on."""
        self._patterns = _LinePatterns(lines)

    def set_paragraph(self, template: ParagraphTemplate, content: InlineContent) -> list[SetParagraph]:
        """Return a paragraph, set, and its notes."""
        places = self._places.get(template)
        if places is None:
            places = self._places[template] = _places_of_texts(template, len(content.texts))
        # Copies of the boxes, which most paragraphs do not need: their lines are known, or like others.
        filled = functools.cache(lambda: template.fill(iter(content.texts)))
        return [
            self._set(each, filled, number, [(path, _text(text, content.texts)) for path, text in texts])
            for number, (each, texts) in enumerate(zip(template.with_notes(), places, strict=True))
        ]

    def _set(
        self, template: ParagraphTemplate, filled: _Filled, number: int, texts: Sequence[tuple[Place, str]]
    ) -> SetParagraph:
        """Break the paragraph with number 0, or one of its notes, line by line."""
        done: list[tuple[object, SetLine]] = []
        place: Place | None = ()
        tail: tuple[SetLine, ...] = ()
        while place is not None:
            rest = _rest(texts, place)
            start = (template, place if not rest or place[:-1] != rest[0][0] else (*place[:-1], -1))
            # By all the text that follows, not only by that of the line: where the rest has room but for the space at
            # its end, split_first_line of WeasyPrint 70 sets the first word on a line of its own.
            key = (start, *(text for _, _, text in rest))
            if known := self._tails.get(key):
                tail = known
                break
            line, place = self._patterns.set_line(start, rest) or self._any_line(start, filled, number, rest, place)
            if line is None:
                break
            done.append((key, line))
        self._keep(done, tail)
        lines = (*(line for _, line in done), *tail)
        runs = tuple(run for line in lines for run in line.runs)
        return SetParagraph(tuple(line.shape for line in lines), runs, tuple(line.glyphs for line in lines))

    def _keep(self, done: Sequence[tuple[object, SetLine]], tail: tuple[SetLine, ...]) -> None:
        for rest, line in reversed(done):
            tail = (line, *tail)
            self._tails[rest] = tail

    def _any_line(
        self, start: _Start, filled: _Filled, number: int, rest: Sequence[PlacedText], place: Place
    ) -> tuple[SetLine | None, Place | None]:
        """Return the line that begins at a place as WeasyPrint sets it, and where the next one begins."""
        box, container = filled()[number], start[0].container
        # split_first_line tells the line cache which text the line begins with, and the room that it has.
        self._lines.first = None
        laid_out, after = next_line(self._context, box, -inf, _skip_stack(place), container)
        if laid_out is None:
            return None, None
        runs = tuple(self._draw(each, laid_out) for each in text_boxes(laid_out))
        line = SetLine.of((laid_out.height, _nesting(laid_out)), runs)
        following = _place(after)
        if rest:
            self._patterns.learn(start, laid_out, rest, following, line)
        return line, following

    def _draw(self, box: LayoutBox, line: LayoutBox) -> TextRun:
        operators, glyphs = self._lines.draw(box)
        y = box.position_y + box.baseline - line.position_y
        return TextRun(box.position_x, y, operators, glyphs, box.width)


def _places_of_texts(template: ParagraphTemplate, number: int) -> list[list[tuple[Place, str | int]]]:
    """Return where texts stand in a paragraph and its notes: those of a letter by their numbers, others as they are."""
    # No text of a letter has this character (XML 1.0, 2.2).
    names = {f"\0{place}": place for place in range(number)}
    lines = template.fill(iter(names))
    return [[(path, names.get(text, text)) for path, text in _with_paths(line, ())] for line in lines]


def _text(text: str | int, texts: Sequence[str]) -> str:
    return text if isinstance(text, str) else texts[text]


def _with_paths(box: LayoutBox, path: Place) -> Iterator[tuple[Place, str]]:
    if isinstance(box, boxes.TextBox):
        yield path, box.text
    for number, child in enumerate(box.children):
        yield from _with_paths(child, (*path, number))


def _rest(texts: Sequence[tuple[Place, str]], place: Place) -> list[PlacedText]:
    """Return the texts from a place on."""
    box, start = place[:-1], place[-1] if place else 0
    return [
        (path, start, text.encode()[start:].decode()) if start and path == box else (path, 0, text)
        for path, text in texts
        if path >= place[: len(path)]
    ]


def _skip_stack(place: Place) -> dict[int, Any] | None:
    """Return a place as WeasyPrint writes it."""
    stack: dict[int, Any] | None = None
    for number in reversed(place):
        stack = {number: stack}
    return stack


def _place(stack: dict[int, Any] | None) -> Place | None:
    if stack is None:
        return None
    ((number, inside),) = stack.items()
    return (number, *(_place(inside) or ()))


def _nesting(box: LayoutBox) -> object:
    if isinstance(box, boxes.TextBox):
        return "text"
    inside = tuple(_nesting(child) for child in box.children)
    return (type(box).__name__, box.element_tag, box.footnote is not None, inside)


@dataclass(frozen=True, slots=True)
class _PatternText:
    """A text in a line, as it was set."""

    text: str
    run: TextRun
    width: float
    words: StyleWords | None
    """The words of its style; None where it must be the same text in all lines, and at the same place."""
    is_nested: bool
    """Whether it stands alone in an inline box."""

    def end(self, x: float, width: float) -> float:
        """Return where it would end, added up in the same order as by WeasyPrint, so that floats round alike."""
        return x + ((x + width) - x) if self.is_nested else x + width


@dataclass(frozen=True, slots=True)
class _LinePattern:
    """A line, as it was set."""

    texts: tuple[_PatternText, ...]
    is_last: bool
    """Whether the paragraph ends with it."""
    right: float
    """Where its measure ends."""
    shape: object


class _LinePatterns:
    """The lines that were set, by the text of the paragraph that they begin in, and by the text in which they end."""

    def __init__(self, lines: LineCache) -> None:
        self._lines = lines
        self._known: dict[_Start, dict[tuple[int, bool], _LinePattern]] = {}
        self._ended: dict[_Start, tuple[Sequence[PlacedText], tuple[SetLine, Place | None]]] = {}
        """Lines that end with a line break, with all their texts."""

    def learn(
        self, start: _Start, laid_out: LayoutBox, texts: Sequence[PlacedText], after: Place | None, line: SetLine
    ) -> None:
        """Learn from a line that WeasyPrint has set from texts, and from where the next begins."""
        texts = [each for each in texts if each[2]]
        if after is not None and (after[:-1], 0, "\n") in texts:
            ended = texts[: texts.index((after[:-1], 0, "\n")) + 1]
            self._ended[start] = (ended, (line, after))
        drawn = list(with_parents(laid_out))
        first = self._lines.first
        expected = [each for each in texts if after is None or each[0] <= after[:-1]]
        # Each text of the letter must be one text box, and the first that was broken must be the first of the line.
        if not drawn or not texts or len(drawn) != len(expected) or not first or first[0] != texts[0][2]:
            return
        if first[1] is None or (after is not None and expected[-1][0] != after[:-1]):
            return
        found = tuple(self._text(box, parents, run) for (box, parents), run in zip(drawn, line.runs, strict=True))
        unbroken = zip(found if after is None else found[:-1], texts, strict=False)
        if _begins_at_start(laid_out.style) and all(each.text == text for each, (_, _, text) in unbroken):
            pattern = _LinePattern(found, after is None, found[0].run.x + first[1], line.shape)
            self._known.setdefault(start, {})[len(found), after is None] = pattern

    def _text(self, box: LayoutBox, parents: tuple[Any, ...], run: TextRun) -> _PatternText:
        is_nested = len(parents) == 1 and type(parents[0]) is boxes.InlineBox and len(parents[0].children) == 1
        is_bare = not parents or (is_nested and not any(getattr(parents[0], edge) for edge in _EDGES))
        # Padding or borders around a text move what follows by more than its width.
        words = self._lines.words_of(box.style) if is_bare else None
        size = (box.height, box.baseline - box.margin_top)
        # A text with a taller letter, from another font, makes the line higher.
        if words and not all(map(isclose, size, words.text_size)):
            words = None
        return _PatternText(box.pango_layout.text, run, box.width, words, is_nested)

    def set_line(self, start: _Start, texts: Sequence[PlacedText]) -> tuple[SetLine, Place | None] | None:
        """Return the line with which texts begin, and where the next one begins.

        None where it may look unlike those before it.
        """
        texts = [each for each in texts if each[2]]
        ended, line = self._ended.get(start, (None, None))
        if ended and ended == texts[: len(ended)]:
            return line
        patterns = self._known.get(start)
        if patterns is None or not texts or texts[0][2][0] == " ":
            return None
        found = (_set_like(pattern, texts) for pattern in patterns.values())
        return next((line for line in found if line), None)


def _set_like(pattern: _LinePattern, texts: Sequence[PlacedText]) -> tuple[SetLine, Place | None] | None:
    """Return the line with which texts begin, if it is one of this pattern."""
    count = len(pattern.texts)
    if len(texts) < count or (pattern.is_last and len(texts) > count):
        return None
    runs: list[TextRun] = []
    is_same, x = True, 0.0
    for known, (path, begin, text) in zip(pattern.texts, texts, strict=False):
        # Up to the first text that differs, all stands where it stood.
        x = known.run.x if is_same else x
        breaks = len(runs) == count - 1 and not pattern.is_last
        is_same = is_same and text == known.text and not breaks
        words, drawn = known.words, None
        if words is None and not is_same:
            return None
        if words is None or (text == known.text and not breaks):
            runs.append(TextRun(x, known.run.y, known.run.operators, known.run.glyphs, known.width))
            x = known.end(x, known.width)
        else:
            drawn = words.draw_line(text, pattern.right - x) if breaks else words.draw_unbroken(text)
            if drawn is None:
                return None
            runs.append(TextRun(x, known.run.y, *words.write(drawn), drawn.width()))
            x = known.end(x, drawn.width())
        if breaks and drawn:
            return SetLine.of(pattern.shape, tuple(runs)), (*path, begin + drawn.length + 1)
        # Too near to the end of the line to be certain that it does not break.
        if x > pattern.right - ROUNDING * FROM_UNITS:
            return None
    return SetLine.of(pattern.shape, tuple(runs)), None


def _begins_at_start(style: Any) -> bool:
    """Return whether the text of a line begins where the line does, however wide it is."""
    return bool(
        style["direction"] == "ltr"
        and style["text_align_all"] in ("start", "left")
        and style["text_align_last"] in ("auto", "start", "left")
        and style["white_space"] == "normal"
    )
