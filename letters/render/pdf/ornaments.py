"""Makes what only adorns a page an artifact: running heads, the draft mark, the dots of a table of contents.

WeasyPrint 70 marks running heads as content that no element of the structure tree owns, and each dot as a link of its
own. Content that is not part of the text has to be an artifact (ISO 14289-1, 7.1; ISO 32000-1, 14.8.2.2).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from weasyprint import pdf
from weasyprint.document import Page
from weasyprint.formatting_structure.boxes import Box, MarginBox
from weasyprint.pdf.stream import Stream

_paint, _marked, _clone, _add_tags = Page.paint, Stream.marked, Stream.clone, pdf.add_tags


def mend_tags() -> None:
    """Teach WeasyPrint to leave ornaments out of the structure tree."""
    Page.paint, Stream.marked, Stream.clone = _paint_with_ornaments, _marked_unless_ornament, _clone_with_ornaments
    pdf.add_tags = _add_tags_of_text


def _is_ornament(box: Any) -> bool:
    return isinstance(box, MarginBox) or (isinstance(box, Box) and box.is_leader)


def _paint_with_ornaments(page: Any, stream: Any, scale: float = 1) -> None:
    ornaments = filter(_is_ornament, page._page_box.descendants())
    stream.ornaments = {id(box) for ornament in ornaments for box in ornament.descendants()}
    _paint(page, stream, scale)


@contextmanager
def _marked_unless_ornament(stream: Any, box: Any, tag: str) -> Iterator[None]:
    with stream.artifact() if id(box) in stream.ornaments else _marked(stream, box, tag):
        yield


def _clone_with_ornaments(stream: Any, **arguments: Any) -> Any:
    """Begin a part of a page that is drawn apart, such as what is half transparent."""
    part = _clone(stream, **arguments)
    part.ornaments = getattr(stream, "ornaments", ())
    return part


def _add_tags_of_text(file: Any, document: Any, *arguments: Any) -> None:
    """Add the structure tree of a document, as if its ornaments were not there."""
    parents = [box for page in document.pages for box in _with_ornaments(page)]
    whole = [box.children for box in parents]
    for box in parents:
        box.children = [child for child in box.children if not _is_ornament(child)]
    try:
        _add_tags(file, document, *arguments)
    finally:
        for box, children in zip(parents, whole, strict=True):
            box.children = children


def _with_ornaments(page: Any) -> list[Any]:
    """List the boxes of a page that have ornaments in them, which are the same in every file."""
    if not hasattr(page, "with_ornaments"):
        page.with_ornaments = [box for box in page._page_box.descendants() if any(map(_is_ornament, box.children))]
    found: list[Any] = page.with_ornaments
    return found
