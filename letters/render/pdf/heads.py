"""Finds the running heads of pages that show a value of the letter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from weasyprint.formatting_structure import boxes
from weasyprint.text.line_break import _font_style_cache_key

from letters.render.pdf.blocks import text_boxes
from letters.render.pdf.paragraph import Mould


@dataclass(frozen=True, slots=True)
class Head:
    """A margin box that shows a marked attribute, such as the name in a running head."""

    part: int
    attribute: int
    """The number of the value among the marked contents."""
    mould: Mould
    alike: tuple[object, ...]
    """Heads with the same value for which this is the same are set alike."""


def find_heads(part: int, page: Any, values: Mapping[int, str]) -> Iterator[Head]:
    """Find the margin boxes of a page whose only content is a string that was set from a marked attribute."""
    for box in margins(page):
        yield from _head(part, box, values)


def margins(page: Any) -> Iterator[Any]:
    """List the margin boxes of a page."""
    for box in page._page_box.children:
        if isinstance(box, boxes.MarginBox):
            yield box


def _head(part: int, margin: Any, values: Mapping[int, str]) -> Iterator[Head]:
    content, lines = margin.style["content"], margin.children
    if len(content) != 1 or content[0][0] != "string()" or margin.style["width"] == "auto":
        return
    if not lines or not isinstance(lines[0], boxes.LineBox) or len(lines[0].children) != 1:
        return
    text = " ".join(box.text for line in lines for box in text_boxes(line))
    for number, value in values.items():
        if value == text:
            line = lines[0].copy_with_children([lines[0].children[0].copy_with_text(text)])
            mould = Mould(line, None, container=margin.copy(), lines=list(lines))
            yield Head(part, number, mould, (part, number, *_measures(margin)))


def _measures(margin: Any) -> tuple[object, ...]:
    style = margin.style
    more = (style[name] for name in ("text_align_all", "direction", "white_space", "letter_spacing", "word_spacing"))
    return (margin.content_box_x(), margin.width, _font_style_cache_key(style, include_size=True), *map(str, more))
