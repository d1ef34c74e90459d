"""Measures what WeasyPrint lays out: where each element with a class stands, and the lines of text in it."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from letters.model.postal import Points
from letters.render.pdf.plain import VARIANT, PdfRenderer, warnings_as_errors

_POINTS: Points = 0.75
"""A CSS pixel (CSS Values 4, 6.2)."""


class MeasuredLine(NamedTuple):
    """A line of text as it was laid out: its ink from the left to the right, its leading from top to bottom."""

    text: str
    left: Points
    right: Points
    top: Points
    bottom: Points


class MeasuredBox(NamedTuple):
    """The content box of an element, in points from the corner of its page."""

    classes: tuple[str, ...]
    left: Points
    top: Points
    width: Points
    height: Points
    size: Points
    """The size of its type."""
    lines: tuple[MeasuredLine, ...]

    @property
    def bottom(self) -> Points:
        """Where it ends."""
        return self.top + self.height

    @property
    def widest(self) -> Points:
        """How long its longest line is."""
        return max((line.right - line.left for line in self.lines), default=0)


class Measurer:
    """Lays out pages with the style sheet of a campaign; see PdfRenderer."""

    def __init__(self, roots: Mapping[str, Path]) -> None:
        self._renderer = PdfRenderer((), roots, datetime.date(2000, 1, 1))  # no page is written

    def measure(self, page: str) -> list[MeasuredBox]:
        """Return the boxes of the elements with a class, in their order; raises RenderError as PdfRenderer does."""
        from letters.render.pdf.weasyprint_internals import page_box

        with warnings_as_errors():
            html = self._renderer.read(page)
            document = html.render(
                stylesheets=[self._renderer.style], font_config=self._renderer.fonts, pdf_variant=VARIANT
            )
        return [box for page in document.pages for box in _boxes(page_box(page))]


def _boxes(root: object) -> Iterator[MeasuredBox]:
    """Yield the box of each element with a class; parts of one that is anonymous belong to the element around it."""
    from letters.render.pdf.weasyprint_internals import LayoutBox, boxes

    def is_named(box: LayoutBox) -> bool:
        named = box.element is not None and box.element_tag == box.element.tag and box.element.get("class")
        return bool(named) and not isinstance(box, boxes.LineBox | boxes.TextBox)

    def lines(box: LayoutBox) -> Iterator[MeasuredLine]:
        for child in getattr(box, "children", ()):
            if isinstance(child, boxes.LineBox):
                yield from _line(child)
            elif not is_named(child):
                yield from lines(child)

    def walk(box: LayoutBox) -> Iterator[MeasuredBox]:
        if is_named(box):
            yield MeasuredBox(
                tuple(box.element.get("class").split()),
                box.content_box_x() * _POINTS,
                box.content_box_y() * _POINTS,
                box.width * _POINTS,
                box.height * _POINTS,
                box.style["font_size"] * _POINTS,
                tuple(lines(box)),
            )
        for child in getattr(box, "children", ()):
            yield from walk(child)

    yield from walk(root)  # type: ignore[arg-type]


def _line(box: object) -> Iterator[MeasuredLine]:
    from letters.render.pdf.weasyprint_internals import boxes

    texts = [each for each in box.descendants() if isinstance(each, boxes.TextBox)]  # type: ignore[attr-defined]
    if texts:
        left = min(each.position_x for each in texts)
        right = max(each.position_x + each.width for each in texts)
        top, height = box.position_y, box.height  # type: ignore[attr-defined]
        text = "".join(each.text for each in texts).strip()
        yield MeasuredLine(text, left * _POINTS, right * _POINTS, top * _POINTS, (top + height) * _POINTS)
