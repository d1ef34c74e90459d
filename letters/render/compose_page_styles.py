"""Lets WeasyPrint find out once which pages a text stands on, and how these look."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import weasyprint.layout.page
from weasyprint.formatting_structure.boxes import ParentBox
from weasyprint.layout.page import set_page_type_computed_styles

from letters.render.standing_in import standing_in

_page_values = ParentBox.page_values


class PageStyles:
    """The styles of the pages of one text.

    Whether a page of another name has to begin between two blocks is asked of all that begins or ends with these. There
    is no need to look where all of the text stands on pages of one name.
    """

    def __init__(self, root: Any, inside: Iterable[Any]) -> None:
        """Prepare for a text, given all boxes in it, and in its notes."""
        self._names = {box.style["page"] for box in inside if box is not root}
        self._known: set[Any] = set()

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Let WeasyPrint use what is known."""
        with (
            standing_in(self._set_styles, "set_page_type_computed_styles", weasyprint.layout.page),
            standing_in(self._find_names if len(self._names) == 1 else _page_values, "page_values", ParentBox),
        ):
            yield

    def _set_styles(self, page_type: Any, html: Any, style_for: Any) -> None:
        if page_type not in self._known:
            set_page_type_computed_styles(page_type, html, style_for)
            self._known.add(page_type)

    @property
    def _find_names(self) -> Any:
        """A function that tells the names of the pages that a box begins and ends on, as ParentBox.page_values does."""
        (name,) = self._names
        return lambda box: _page_values(box) if box.element is None else (name, name)
