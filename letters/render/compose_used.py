"""Lets WeasyPrint work out once what margins, paddings and widths a style comes to within a block of some size."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import weasyprint.layout.block
import weasyprint.layout.inline
import weasyprint.layout.page
from weasyprint.formatting_structure import boxes
from weasyprint.layout.percent import resolve_percentages

from letters.render.standing_in import standing_in

_KEPT = 6_000
"""Styles that are kept in memory with their values, about 1 kB each."""
_TYPES = (boxes.TextBox, boxes.InlineBox, boxes.LineBox, boxes.BlockBox, boxes.MarginBox)
_PLACES = (weasyprint.layout.inline, weasyprint.layout.block, weasyprint.layout.page)


class _Measured:
    """What is asked for its style, and given the values."""

    def __init__(self, style: Any) -> None:
        self.style = style


class UsedValues:
    """The used values that were worked out."""

    def __init__(self) -> None:
        self._known: dict[object, tuple[Any, dict[str, Any]]] = {}

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Let WeasyPrint use these values."""
        try:
            with standing_in(self._resolve, "resolve_percentages", *_PLACES):
                yield
        finally:
            if len(self._known) > _KEPT:
                self._known.clear()

    def _resolve(self, box: Any, container: Any) -> None:
        """Set used values, as resolve_percentages does."""
        # The styles of items of flexible boxes and grids change while these are laid out.
        if type(box) not in _TYPES or box.is_flex_item or box.is_grid_item:
            resolve_percentages(box, container)
            return
        size = container if isinstance(container, tuple) else (container.width, container.height)
        key = (id(box.style), *size)
        known = self._known.get(key)
        if known is None:
            if box.style["border_collapse"] == "collapse":
                resolve_percentages(box, container)
                return
            measured = _Measured(box.style)
            resolve_percentages(measured, container)
            known = self._known[key] = (vars(measured).pop("style"), vars(measured))
        box.__dict__.update(known[1])
