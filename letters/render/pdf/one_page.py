"""Lays a text out as far as the page that somebody looks at, and draws that page alone.

What comes later changes nothing on a page but the numbers that name later pages: how many there are, and the pages of
headings in the contents. Who asks tells those of the last whole layout; they may be out of date until the next one.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from letters.formats import jinja
from letters.model.records import PartTemplate, Values
from letters.render.pdf.plain import HEADING, PdfRenderer, warnings_as_errors
from letters.render.pdf.weasyprint_internals import current, replaced


class LastLayout(NamedTuple):
    """What the last whole layout of a part tells of pages that are not laid out now."""

    pages: int
    headings: Mapping[int, int]
    """The page of each heading that the contents list, by its number."""


class OnePageRenderer:
    """Draws single pages of texts that share a style sheet and fonts, as `PdfRenderer` would."""

    def __init__(self, plain: PdfRenderer, style_of: Path) -> None:
        """Take a renderer; its style sheet is read once, and `fits` tells whether it is still the one of a folder."""
        self._plain = plain
        self._style = (style_of / "letterhead.css").read_bytes()

    def fits(self, templates: Path) -> bool:
        """Return whether the style sheet of a folder is the one that was read."""
        return (templates / "letterhead.css").read_bytes() == self._style

    def draw(
        self, part: PartTemplate, context: Mapping[str, object], notes: Values, number: int, last: LastLayout
    ) -> bytes | None:
        """Return the PDF of one page of a part, from 1; None where it has fewer pages by now.

        Raises RenderError for anything that WeasyPrint warns of.
        """
        make_page, make_margins = current("remake_page"), current("make_margin_boxes")

        def stop(index: int, layout: Any, *arguments: Any) -> Any:
            made = make_page(index, layout, *arguments)
            if index + 1 < number:
                return made
            # As if the text ended here: nothing starts the next page, and no note goes on to it.
            _, *rest, state = layout.page_maker[index + 1]
            layout.page_maker[index + 1] = (None, *rest, {**state, "content_changed": False, "pages_wanted": False})
            layout.reported_footnotes = []
            return made[0], None

        def with_total(layout: Any, page: Any, state: Any) -> Any:
            state[1]["pages"] = [last.pages]
            return make_margins(layout, page, state)

        with replaced({"remake_page": stop, "make_margin_boxes": with_total}), warnings_as_errors():
            html = self._plain.read(jinja.render_anew(part.html, {**context, "note": notes}))
            styles = [self._plain.style, self._plain.sheet(_contents_sheet(last))]
            document = html.render(stylesheets=styles, font_config=self._plain.fonts)
        if len(document.pages) < number:
            return None
        with _links_may_lead_nowhere():
            content = document.copy(document.pages[number - 1 : number]).write_pdf()
        assert isinstance(content, bytes)
        return content


def _contents_sheet(last: LastLayout) -> str:
    """Return a style sheet by which contents name pages that are known, printed as the letterhead prints them."""
    return "".join(
        f'.contents-entry a[href="#{HEADING}{number}"]::after {{ content: leader(". ") " {page}" }}\n'
        for number, page in last.headings.items()
    )


@contextmanager
def _links_may_lead_nowhere() -> Iterator[None]:
    """Say nothing of links to pages that were not laid out."""
    logger = logging.getLogger("weasyprint")
    before, logger.disabled = logger.disabled, True
    try:
        yield
    finally:
        logger.disabled = before
