"""Lays out a text that is being written, again and again: as far as the page that somebody looks at, or all of it.

What comes later changes nothing on a page but the numbers that name later pages: how many there are, and the pages that
the contents and other references name. Where a text is not laid out to its end, these are those of the last whole
layout; they may be out of date until the next one.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from letters.formats import jinja
from letters.model.records import PartTemplate, Values
from letters.render.pdf.block_tree import BlockTree, text_of
from letters.render.pdf.fonts import FontRegistry
from letters.render.pdf.known_pages import KnownPages
from letters.render.pdf.line_cache import LineCache
from letters.render.pdf.plain import PdfRenderer, check_notes, warnings_as_errors
from letters.render.pdf.weasyprint_internals import (
    LayoutBox,
    Page,
    boxes,
    current,
    layout_backgrounds,
    layout_document,
    make_margin_boxes,
    replaced,
)
from letters.render.store import Limits


class LastLayout(NamedTuple):
    """What a whole layout of a text tells of pages that are not laid out the next time."""

    texts: tuple[str, ...]
    """The text on each page."""
    targets: Mapping[str, Any]
    """Where references lead: the counters of pages, by the names of places."""

    @property
    def pages(self) -> int:
        """How many pages the text has."""
        return len(self.texts)


class LiveLayout:
    """Lays out texts that share a style sheet and fonts, as `PdfRenderer` would; keeps the pages that stay."""

    def __init__(self, plain: PdfRenderer) -> None:
        self._plain = plain
        self._forget()

    def _forget(self) -> None:
        self._lines = LineCache(FontRegistry(), Limits())
        self._known = KnownPages()

    @property
    def laid_out(self) -> list[int]:
        """The numbers of the pages that were laid out the last time, and not known from before."""
        return self._known.laid_out

    def whole(self, part: PartTemplate, context: Mapping[str, object], notes: Values) -> LaidOutText:
        """Lay out a text; raises RenderError for anything that WeasyPrint warns of."""
        with self._in_use():
            tree = self._tree(part, context, notes)
            pages = list(_pages(tree))
            # The notes of all pages are counted, as the plain way does it.
            check_notes(tree.document.copy([Page(page) for page in pages]), notes)
        last = LastLayout(tuple(map(_text, pages)), tree.pages_of_targets())
        return LaidOutText(tree, pages, last)

    def page(
        self, part: PartTemplate, context: Mapping[str, object], notes: Values, number: int, last: LastLayout
    ) -> LaidOutText | None:
        """Lay out a text as far as a page, counted from 1; None where it has fewer pages by now.

        Raises RenderError for anything that WeasyPrint warns of.
        """
        make_page = current("remake_page")

        def stop(index: int, layout: Any, *arguments: Any) -> Any:
            made = make_page(index, layout, *arguments)
            if index + 1 < number:
                return made
            # As if the text ended here: nothing starts the next page, and no note goes on to it.
            _, *rest, state = layout.page_maker[index + 1]
            layout.page_maker[index + 1] = (None, *rest, {**state, "content_changed": False, "pages_wanted": False})
            layout.reported_footnotes = []
            return made[0], None

        with self._in_use(), replaced({"remake_page": stop}):
            tree = self._tree(part, context, notes)
            tree.tell_pages(last.targets)
            pages = list(_pages(tree))
        return LaidOutText(tree, pages, last) if len(pages) == number else None

    @contextmanager
    def _in_use(self) -> Iterator[None]:
        try:
            with warnings_as_errors(), self._lines.in_use(), self._known.in_use():
                yield
        except Exception:
            self._forget()  # a warning may be about a line or a page that is known by now, and must come again
            raise

    def _tree(self, part: PartTemplate, context: Mapping[str, object], notes: Values) -> BlockTree:
        html = self._plain.read(jinja.render_anew(part.html, {**context, "note": notes}))
        tree = BlockTree(html, self._plain.style, self._plain.fonts)
        self._known.follow(tree)
        return tree


class LaidOutText:
    """The pages of a text as they were laid out, but for their margins; to be drawn before the next layout."""

    def __init__(self, tree: BlockTree, pages: list[Any], last: LastLayout) -> None:
        self._tree = tree
        self._pages = pages
        self.last = last

    def draw(self, number: int) -> bytes:
        """Return the PDF of a page, counted from 1; raises RenderError for anything that WeasyPrint warns of."""
        box, layout = self._pages[number - 1], self._tree.context
        layout.current_page = number
        state = layout.page_maker[number][3]
        state[1]["pages"] = [self.last.pages]
        with warnings_as_errors():
            page = box.copy_with_children([*box.children, *make_margin_boxes(layout, box, state)])
            layout_backgrounds(page, layout.get_image_from_uri)
            with _links_may_lead_nowhere():
                content = self._tree.document.copy([Page(page)]).write_pdf()
        assert isinstance(content, bytes)
        return content


def _text(page: LayoutBox) -> str:
    return " ".join(text_of(line) for line in page.descendants() if isinstance(line, boxes.LineBox))


def _pages(tree: BlockTree) -> Iterator[Any]:
    """Yield the pages of a text without what stands around them."""
    with replaced({"make_margin_boxes": lambda *_: (), "layout_backgrounds": lambda *_: None}):
        yield from layout_document(tree.html, tree.root, tree.context)


@contextmanager
def _links_may_lead_nowhere() -> Iterator[None]:
    """Say nothing of links to pages that were not laid out."""
    logger = logging.getLogger("weasyprint")
    before, logger.disabled = logger.disabled, True
    try:
        yield
    finally:
        logger.disabled = before
