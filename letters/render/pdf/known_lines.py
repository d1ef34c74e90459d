"""The lines of the paragraphs of one box tree, which are laid out again for each note that joins a page."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

from letters.render.pdf.recent import RecentCache
from letters.render.pdf.weasyprint_internals import (
    LayoutBox,
    LayoutState,
    boxes,
    iter_line_boxes,
    next_line,
)


class KnownLines:
    """Memoizes iter_line_boxes for lines beside which nothing floats."""

    def __init__(self, most: int) -> None:
        self._lines: RecentCache[object, list[Any]] = RecentCache(most)
        """The lines of paragraphs, by all that they depend on."""

    def iterate(
        self, context: LayoutState, box: LayoutBox, position_y: float, space: float, skip_stack: Any, *more: Any
    ) -> Any:
        """Yield the lines of a paragraph as iter_line_boxes does."""
        container, _, _, *styles = more
        if any(styles) or context.excluded_shapes or not _is_text(box):
            return iter_line_boxes(context, box, position_y, space, skip_stack, *more)
        return self._iter_known_lines(context, box, position_y, space, skip_stack, container)

    def _iter_known_lines(
        self, context: LayoutState, box: LayoutBox, position_y: float, space: float, skip_stack: Any, container: Any
    ) -> Iterator[Any]:
        # They depend on their texts and their measure only. A paragraph is laid out again for each note that joins its
        # page, and when the table of contents changes.
        texts = tuple(texts_of(box))
        # Boxes are copied from page to page; the element stays. element_tag tells ::marker from the item itself.
        key = (id(box.element), box.element_tag, texts, container.content_box_x(), container.width, repr(skip_stack))
        known = self._lines.get(key)
        if known is None:
            known = self._lines[key] = []
        for place in count():
            if place == len(known):
                known.append(next_line(context, box, space, skip_stack, container))
            model, skip_stack = known[place]
            if model is None:
                return
            line = model.deepcopy()
            line.translate(0, position_y)
            line.position_y = position_y
            position_y += line.height
            yield line, skip_stack
            if skip_stack is None:
                return


def _is_text(box: LayoutBox) -> bool:
    """Return whether there is nothing in a line but text in inline boxes."""
    if not isinstance(box, boxes.LineBox | boxes.InlineBox):
        return isinstance(box, boxes.TextBox)
    return box.is_in_normal_flow() and not box.is_leader and all(map(_is_text, box.children))


def texts_of(line: LayoutBox) -> list[str]:
    """Return the texts in a line, box by box."""
    return [box.text for box in line.descendants() if isinstance(box, boxes.TextBox)]
