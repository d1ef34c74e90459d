"""The pages of a text that is being written: WeasyPrint lays out only those that a change can reach.

What stands on a page follows from where the page starts and from the blocks that were looked at while it was laid out.
While these are as they were, in the text as it is now, so is the page. WeasyPrint itself goes from page to page, counts
them, and fills in the numbers of the table of contents.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from letters.render.pdf.block_tree import BlockPlace, BlockTree, Numbered
from letters.render.pdf.page_cache import KnownLines, hands_nothing_on, lay_out_foot
from letters.render.pdf.weasyprint_internals import (
    LayoutBox,
    LayoutState,
    block_level_layout,
    boxes,
    replaced,
)

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
        with replaced({"block_level_layout": self._lay_out, "iter_line_boxes": self._iter_lines}):
            yield

    def _iter_lines(self, context: LayoutState, box: LayoutBox, *arguments: Any) -> Any:
        """Yield the lines of a paragraph as iter_line_boxes does, and record that it was looked at."""
        assert self._tree
        self._seen = max(self._seen, self._tree.block_of_line.get(id(box), 0))
        return self._lines.iterate(context, box, *arguments)

    def _lay_out(self, context: LayoutState, box: LayoutBox, *arguments: Any, **named: Any) -> Any:
        """Return a block of a page as block_level_layout does, or as it was laid out before."""
        assert self._tree
        number = context.current_page
        if box is self._tree.root:
            return self._lay_out_body(number, context, *arguments)
        if not isinstance(box, boxes.FootnoteAreaBox) or number not in self._placed:
            return block_level_layout(context, box, *arguments, **named)
        return lay_out_foot(self._placed[number], context, box, *arguments, **named)

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
