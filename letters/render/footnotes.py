"""Keeps every note on the page of its call, and makes sure that none is lost.

When a line does not fit above the notes of its page, WeasyPrint 70 moves notes to the next page to make room for it,
and then forgets the notes of that line: they are printed nowhere (its change 2437 brought this). Without that step the
line goes to the next page, and its notes with it.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any


class _NothingToMove:
    """A layout context that shows no notes to move away; everything else is the real context's."""

    current_page_footnotes = ()

    def __init__(self, context: Any) -> None:
        object.__setattr__(self, "_context", context)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._context, name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._context, name, value)


def keep_notes_with_calls() -> None:
    """Teach WeasyPrint to move a line rather than the notes above which it does not fit; done once in a process."""
    from weasyprint.layout import block

    lay_out_lines = block._linebox_layout
    if hasattr(lay_out_lines, "__wrapped__"):
        return

    @functools.wraps(lay_out_lines)
    def lay_out(context: Any, *arguments: Any) -> Any:
        return lay_out_lines(_NothingToMove(context), *arguments)

    block._linebox_layout = lay_out


def count_notes(document: Any) -> int:
    """Count the notes that stand at the feet of a document's pages."""
    return sum(len(foot.children) for _, _, foot in _feet(document))


def overfull_page(document: Any) -> int:
    """Tell the number of the first page whose notes reach above its text, from 1; 0 where none do.

    WeasyPrint never splits a note: one that is higher than a page would be printed over the running head.
    """
    return next((number for number, page, foot in _feet(document) if foot.position_y < page.content_box_y()), 0)


def _feet(document: Any) -> Iterator[tuple[int, Any, Any]]:
    """Yield the pages that have notes: the number of each, its box, and the box of its notes."""
    from weasyprint.formatting_structure.boxes import FootnoteAreaBox

    for number, page in enumerate(document.pages, start=1):
        for box in page._page_box.children:
            if isinstance(box, FootnoteAreaBox) and box.children:
                yield number, page._page_box, box
