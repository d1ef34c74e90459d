"""Patch: marks what only adorns a page as artifact (https://github.com/Kozea/WeasyPrint/issues/1836).

That is, running heads, the draft mark and the dots of a table of contents. WeasyPrint 70 marks running heads as
content that no element of the structure tree owns, and each dot as a link of its own. Content that is not part of the
text has to be an artifact (ISO 14289-1, 7.1; ISO 32000-2, 14.8.2.2).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from letters.render.pdf.weasyprint_internals import LayoutBox, boxes, original, page_box, replace


def patch_ornaments(write_tags: Callable[..., None]) -> None:
    """Make WeasyPrint leave ornaments out of the structure tree, which `write_tags` writes for the rest."""
    replace("Page.paint", _paint)
    replace("Stream.marked", _marked)
    replace("Stream.clone", _clone)
    replace("add_tags", partial(_add_tags, write_tags))


def _is_ornament(box: LayoutBox) -> bool:
    # Children of a box may also be placeholders of positioned boxes, which have no is_leader.
    return isinstance(box, boxes.MarginBox) or (isinstance(box, boxes.Box) and box.is_leader)


def _paint(page: Any, stream: Any, scale: float = 1) -> None:
    ornaments = filter(_is_ornament, page_box(page).descendants())
    stream.ornaments = {id(box) for ornament in ornaments for box in ornament.descendants()}
    original("Page.paint")(page, stream, scale)


@contextmanager
def _marked(stream: Any, box: LayoutBox, tag: str) -> Iterator[None]:
    with stream.artifact() if id(box) in stream.ornaments else original("Stream.marked")(stream, box, tag):
        yield


def _clone(stream: Any, **arguments: Any) -> Any:
    """Return the stream of a part of a page that is drawn apart, such as what is half transparent."""
    part = original("Stream.clone")(stream, **arguments)
    part.ornaments = getattr(stream, "ornaments", ())
    return part


def _add_tags(write_tags: Callable[..., None], pdf: Any, document: Any, *arguments: Any) -> None:
    """Add the structure tree of a document, as if its ornaments were not there."""
    parents = [box for page in document.pages for box in _with_ornaments(page)]
    whole = [box.children for box in parents]
    for box in parents:
        box.children = [child for child in box.children if not _is_ornament(child)]
    try:
        write_tags(pdf, document, *arguments)
    finally:
        for box, children in zip(parents, whole, strict=True):
            box.children = children


def _with_ornaments(page: Any) -> list[Any]:
    """Return the boxes of a page that have ornaments in them; the engine writes the same page into several files."""
    if not hasattr(page, "with_ornaments"):
        page.with_ornaments = [box for box in page_box(page).descendants() if any(map(_is_ornament, box.children))]
    found: list[Any] = page.with_ornaments
    return found
