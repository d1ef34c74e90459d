"""Lays out a text that is being written, again and again: as far as the page that somebody looks at, or all of it.

What comes later changes nothing on a page but the numbers that name later pages: how many there are, and the pages that
the contents and other references name. Where a text is not laid out to its end, these are those of the last whole
layout; they may be out of date until the next one.

Pages are kept from one layout to the next. What stands on a page follows from where it starts and from the blocks that
were looked at while it was laid out; while these are as they were, in the text as it is now, so is the page.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

from letters.formats import jinja
from letters.model.records import PartTemplate, Values
from letters.render.pdf.block_tree import BlockPlace, BlockTree, Numbered, text_of
from letters.render.pdf.fonts import FontRegistry
from letters.render.pdf.line_cache import LineCache
from letters.render.pdf.page_cache import KnownLines, hands_nothing_on, pages_by
from letters.render.pdf.plain import PdfRenderer, check_notes, warnings_as_errors
from letters.render.pdf.weasyprint_internals import (
    LayoutBox,
    LayoutState,
    Page,
    block_level_layout,
    boxes,
    current,
    layout_backgrounds,
    layout_document,
    make_margin_boxes,
    replaced,
)
from letters.render.store import Limits

_MOST_ALIKE = 3
"""Pages that are kept of those with the same start: as they were with other numbers of pages in them."""
_MOST_PARAGRAPHS = 1_000
"""Whose lines are kept while a text is laid out."""


@dataclass(slots=True, eq=False)
class KnownPage:
    """What stands on a page, but for its margins, and what it was laid out from."""

    start: tuple[object, ...]
    """The number of the page, and what else its start says, but for the place."""
    place: BlockPlace | None
    """Where it starts; None for the beginning of the text."""
    reach: int
    """The last block that it depends on."""
    texts: list[str]
    """What the references in these blocks said."""
    end: BlockPlace | None
    """Where the next page starts; None where there is none."""
    body: tuple[Any, ...]
    """What block_level_layout returned."""
    notes: list[Numbered]
    """The notes at its foot."""
    references: list[tuple[Any, Numbered]]
    """The boxes on it that refer to pages, and which references of the text they are."""
    foot: Any = None
    """The notes, laid out."""

    @property
    def first(self) -> int:
        """The first block that it depends on."""
        return self.place.block if self.place else 0

    def moved(self, by: int) -> None:
        """Take note that its blocks have other numbers by now."""
        self.place = self.place and BlockPlace(self.place.block + by, self.place.inner)
        self.end = self.end and BlockPlace(self.end.block + by, self.end.inner)
        self.reach += by
        self.notes = [Numbered(block + by, number) for block, number in self.notes]
        self.references = [(box, Numbered(block + by, number)) for box, (block, number) in self.references]


class KnownPages:
    """The pages of a text that are known, for the text as it is now."""

    def __init__(self) -> None:
        self._tree: BlockTree | None = None
        self._pages: list[KnownPage] = []
        """Those that were laid out or used last come last."""
        self._lines = KnownLines(_MOST_PARAGRAPHS)
        self._seen = 0
        """The last block of which lines were looked at for the page that is being laid out."""
        self._placed: dict[int, KnownPage] = {}
        """The pages of this layout, by their numbers, where they are known."""
        self.laid_out: list[int] = []
        """The numbers of the pages that WeasyPrint laid out, in this order."""

    def follow(self, tree: BlockTree) -> None:
        """Keep the pages that depend on no block that has changed, for a text as it is now."""
        before, self._tree = self._tree, tree
        self._lines = KnownLines(_MOST_PARAGRAPHS)
        if before is None or tree.has_fixed or before.has_fixed:
            self._pages = []
            return
        numbers = before.numbers_in(tree)
        # Its boxes refer to one another: the garbage collector, which runs in pauses only, would find them late.
        before.release()
        kept = []
        for page in self._pages:
            now = numbers[page.first : page.reach + 1]
            if now[0] is not None and now == list(range(now[0], now[0] + len(now))):
                page.moved(now[0] - page.first)
                kept.append(page)
        self._pages = kept

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Make WeasyPrint use these pages."""
        self._placed, self.laid_out = {}, []
        with pages_by(lambda: self._tree and self._tree.root, self._placed, self._lay_out_body, self._iter_lines):
            yield

    def _iter_lines(self, context: LayoutState, box: LayoutBox, *arguments: Any) -> Any:
        """Yield the lines of a paragraph as iter_line_boxes does, and record that it was looked at."""
        assert self._tree
        self._seen = max(self._seen, self._tree.block_of_line.get(id(box), 0))
        return self._lines.iterate(context, box, *arguments)

    def _lay_out_body(
        self, number: int, context: LayoutState, space: float, resume_at: Any, page: Any, is_empty: bool, *lists: Any
    ) -> tuple[Any, ...]:
        assert self._tree
        tree = self._tree
        self._placed.pop(number, None)
        place = tree.place(resume_at)
        can_be_known = (
            not tree.has_fixed
            and (resume_at is None or place is not None)
            and hands_nothing_on(context)
            and not context.current_page_footnotes
            and is_empty  # else it has the rest of a float of the page before
        )
        start = (number, repr((page.page_type, context.forced_break, context.page_bottom, is_empty)))
        if can_be_known and (known := self._find(start, place)):
            self._placed[number] = known
            return self._repeat(known, context)
        self._seen = place.block if place else 0
        self.laid_out.append(number)
        result: tuple[Any, ...] = block_level_layout(context, tree.root, space, resume_at, page, is_empty, *lists)
        if can_be_known and result[0] is not None and hands_nothing_on(context):
            self._keep(number, start, place, result, context)
        return result

    def _find(self, start: tuple[object, ...], place: BlockPlace | None) -> KnownPage | None:
        assert self._tree
        for page in reversed(self._pages):
            starts_here = (page.start, page.place) == (start, place)
            if starts_here and page.texts == self._tree.texts_of_references(page.first, page.reach):
                return page
        return None

    def _keep(
        self,
        number: int,
        start: tuple[object, ...],
        place: BlockPlace | None,
        result: tuple[Any, ...],
        context: LayoutState,
    ) -> None:
        assert self._tree
        tree, notes, end = self._tree, context.current_page_footnotes, self._tree.place(result[1])
        referring = [box for box in result[0].descendants() if box.missing_link is not None]
        inside = (box for note in notes for box in note.descendants())
        # A note that was split is none of the text's own; one that refers to a page would be a copy each time.
        is_known = all(id(note) in tree.numbered for note in notes) and all(box.missing_link is None for box in inside)
        is_known = is_known and all(id(box.missing_link) in tree.numbered for box in referring)
        if not is_known or (result[1] is not None and (end is None or tree.resume_at(end) != result[1])):
            return
        reach = tree.reach(self._seen, end)
        page = KnownPage(
            start,
            place,
            reach,
            tree.texts_of_references(place.block if place else 0, reach),
            end,
            result,
            [tree.numbered[id(note)] for note in notes],
            [(box, tree.numbered[id(box.missing_link)]) for box in referring],
        )
        alike = [each for each in self._pages if (each.start, each.place) == (start, place)]
        for each in alike[: 1 - _MOST_ALIKE]:
            self._pages.remove(each)
        self._pages.append(page)
        self._placed[number] = page

    def _repeat(self, page: KnownPage, context: LayoutState) -> tuple[Any, ...]:
        """Return what is known of a page, and leave the context and the tree as if it had been laid out."""
        assert self._tree
        tree = self._tree
        # layout_footnote moves the notes of a page from one list to the other.
        for block, number in page.notes:
            note = tree.notes[block][number]
            context.footnotes.remove(note)
            context.current_page_footnotes.append(note)
        for box, (block, number) in page.references:
            box.missing_link = tree.references[block][number]
        if page.place:
            tree.take_decoration(page.place)
        body, _, *more = page.body
        return (body, page.end and tree.resume_at(page.end), *more)


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
        # The counters at the end of the page, which its margins show; how many pages there are is not known yet.
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
