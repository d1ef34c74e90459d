"""The pages of one box tree, and the lines on them: WeasyPrint lays out only those that a letter changes.

What stands on a page follows from where it starts and from the paragraphs that were looked at while it was laid out.
Of a marked paragraph it matters how many lines it has, how high they are and how they are nested; where it runs over
an edge of the page its very text matters, since the page starts or ends in the middle of it. WeasyPrint itself goes
from page to page, counts them, and fills in the numbers of the table of contents.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Protocol

from letters.render.pdf.weasyprint_internals import (
    LayoutBox,
    LayoutState,
    block_level_layout,
    boxes,
    iter_line_boxes,
    next_line,
    replaced,
)
from letters.render.store import Limits, RecentCache

Needs = Mapping[int, tuple[object, object]]
"""What pages depend on, by the number of the marked element: the shape of its lines, and its texts."""
_UNKNOWN = -1
"""An edge that cannot be found."""


@dataclass(slots=True, eq=False)
class CachedPage:
    """What stands on a page, but for its margins, and what it was laid out from."""

    needs: tuple[tuple[int, bool], ...]
    """The marked elements that were looked at, each with whether its very text counts."""
    values: list[object]
    """What they were."""
    references: list[tuple[Any, list[str]]]
    """The lines that name other pages and were looked at, with their texts then."""
    body: tuple[Any, ...]
    """What block_level_layout returned: the body, where the next page starts, and more."""
    notes: tuple[Any, ...]
    """The notes at its foot, before layout."""
    named: tuple[tuple[Any, Any], ...]
    """The boxes that running heads take their strings from, each with what it is before layout."""
    foot: Any = None
    """The notes, laid out."""
    finished: dict[object, Any] = field(default_factory=dict)
    """The page with its margins (`FinishedPage`), by what these depend on."""
    is_proven: bool = False
    """Whether its lines were compared with those that are set apart from it."""

    def fits(self, letter: Needs) -> bool:
        """Return whether a letter has all that it depends on."""
        return _values(self.needs, letter) == self.values and all(
            texts_of(line) == was for line, was in self.references
        )


class PageCache:
    """The pages that were laid out of one box tree."""

    def __init__(self, root: Any, references: Sequence[Any], marked: Mapping[int, int], limits: Limits) -> None:
        """Prepare for a tree, None for one whose pages cannot be kept.

        `references` are the lines before layout that name other pages, whose texts change while pages are laid out, and
        `marked` has the numbers of the marked elements, by the identities of these.
        """
        self._root = root
        self._references = references
        self._marked = marked
        self._most = limits.pages
        self._lines = KnownLines(limits.paragraphs)
        self._named = {_place(box): box for box in (root.descendants() if root else ()) if box.string_set}
        self._pages: dict[str, list[CachedPage]] = {}
        """By their starts."""
        self._used: dict[int, tuple[str, CachedPage]] = {}
        """Those that are kept, with their starts; what was used last comes last."""
        self._letter: Needs = {}
        self._only_proven = False
        self._seen: dict[int, Any] = {}
        """The lines that were looked at for the page that is being laid out, by their identities."""
        self.placed: dict[int, CachedPage] = {}
        """The pages of the letter that was laid out last, by their numbers, where they can be kept."""
        self.known: set[int] = set()
        """The numbers of those that were laid out for another letter: its texts stand where this letter's belong."""
        self.new: list[tuple[str, CachedPage]] = []
        """Those that were laid out for this letter, with their starts."""

    @contextmanager
    def in_use(self, letter: Needs, *, only_proven: bool) -> Iterator[None]:
        """Make WeasyPrint use these pages for a letter."""
        self._letter, self._only_proven = letter, only_proven
        self.placed, self.known, self.new = {}, set(), []
        with pages_by(lambda: self._root, self.placed, self._lay_out_body, self._iter_lines):
            yield

    def keep(self, placed: Mapping[int, CachedPage], new: Sequence[tuple[str, CachedPage]], letter: Needs) -> None:
        """Keep the pages of a letter whose lines were compared with those that are set apart from them."""
        for page in placed.values():
            page.is_proven = True
        for start, page in new:
            page.values = _values(page.needs, letter)
            self._pages.setdefault(start, []).append(page)
            self._used[id(page)] = (start, page)
        while len(self._used) > self._most:
            start, page = self._used.pop(next(iter(self._used)))
            self._pages[start].remove(page)

    def _iter_lines(
        self, context: LayoutState, box: LayoutBox, position_y: float, space: float, skip_stack: Any, *more: Any
    ) -> Any:
        """Yield the lines of a paragraph as iter_line_boxes does, and record that it was looked at."""
        self._seen[id(box)] = box
        return self._lines.iterate(context, box, position_y, space, skip_stack, *more)

    def _lay_out_body(
        self, number: int, context: LayoutState, space: float, resume_at: Any, page: Any, is_empty: bool, *lists: Any
    ) -> tuple[Any, ...]:
        start = ""
        self.placed.pop(number, None)
        self.known.discard(number)
        # A page that is not empty before its text has the rest of a float of the page before.
        if is_empty and hands_nothing_on(context) and not context.current_page_footnotes:
            # What makes two pages start alike. resume_at is a skip stack, plain numbers.
            start = repr((number, resume_at, page.page_type, context.forced_break, context.page_bottom, is_empty))
            for cached in self._pages.get(start, ()):
                if (cached.is_proven or not self._only_proven) and cached.fits(self._letter):
                    self.placed[number] = cached
                    self.known.add(number)
                    self._used[id(cached)] = self._used.pop(id(cached))
                    return _repeat(cached, context)
        self._seen = {}
        result: tuple[Any, ...] = block_level_layout(context, self._root, space, resume_at, page, is_empty, *lists)
        edges = {self._marked_at(resume_at), self._marked_at(result[1])}
        if start and result[0] is not None and hands_nothing_on(context) and _UNKNOWN not in edges:
            cached = self._new_page(context, result, edges)
            self.placed[number] = cached
            self.new.append((start, cached))
        return result

    def _new_page(self, context: LayoutState, result: tuple[Any, ...], edges: set[int | None]) -> CachedPage:
        seen = self._seen
        numbers = {each for line in seen.values() if (each := self._number_of(line)) is not None}
        needs = tuple((each, each in edges) for each in sorted(numbers))
        references = [(line, texts_of(line)) for line in self._references if id(line) in seen]
        named = tuple((each, self._named[_place(each)]) for each in result[0].descendants() if each.string_set)
        return CachedPage(needs, [], references, result, tuple(context.current_page_footnotes), named)

    def _marked_at(self, resume_at: Any) -> int | None:
        """Return in which marked paragraph a page starts or ends; None for a place in any other, or between two."""
        box = self._root
        while resume_at is not None:
            if len(resume_at) != 1:
                return _UNKNOWN
            ((index, resume_at),) = resume_at.items()
            if isinstance(box, boxes.LineBox):
                return self._number_of(box)
            if index >= len(box.children):
                return _UNKNOWN
            box = box.children[index]
        return None

    def _number_of(self, box: LayoutBox) -> int | None:
        return self._marked.get(id(box.element))


def _repeat(page: CachedPage, context: LayoutState) -> tuple[Any, ...]:
    """Return what is known of a page, and leave the context as if it had been laid out."""
    # layout_footnote moves the notes of a page from one list to the other.
    for note in page.notes:
        context.footnotes.remove(note)
    context.current_page_footnotes.extend(page.notes)
    for box, source in page.named:
        # The box of the known page has the string of another letter.
        box.string_set = source.string_set
    return page.body


def _place(box: LayoutBox) -> object:
    return id(box.element), box.element_tag


class WithFoot(Protocol):
    """A page that was laid out before, with the area of its notes; None until that is asked for."""

    foot: Any


@contextmanager
def pages_by(
    root: Callable[[], Any],
    placed: Mapping[int, WithFoot],
    lay_out_body: Callable[..., Any],
    iter_lines: Callable[..., Any],
) -> Iterator[None]:
    """Have the bodies of pages laid out by a function, and the feet of pages that are known as they were before.

    `root` returns the box of which the bodies are parts, `placed` are the known pages by their numbers.
    """

    def lay_out(context: LayoutState, box: LayoutBox, *arguments: Any, **named: Any) -> Any:
        number = context.current_page
        if box is root():
            return lay_out_body(number, context, *arguments)
        if not isinstance(box, boxes.FootnoteAreaBox) or number not in placed:
            return block_level_layout(context, box, *arguments, **named)
        return _lay_out_foot(placed[number], context, box, *arguments, **named)

    with replaced({"block_level_layout": lay_out, "iter_line_boxes": iter_lines}):
        yield


def _lay_out_foot(page: WithFoot, context: LayoutState, box: LayoutBox, *arguments: Any, **named: Any) -> Any:
    """Return the area of the notes of a page as block_level_layout does, laid out the first time."""
    if page.foot is None:
        foot, *more = block_level_layout(context, box, *arguments, **named)
        page.foot = foot.deepcopy()
        return (foot, *more)
    # A copy: positions of the notes change when the area is moved to the foot.
    return (page.foot.deepcopy(), None, None, [], False, None)


def hands_nothing_on(context: LayoutState) -> bool:
    """Return whether nothing is left over from one page to the next but what its start says."""
    running = (found for pages in context.running_elements.values() for found in pages.values())
    return not (context.reported_footnotes or context.broken_out_of_flow or any(running))


def _values(needs: tuple[tuple[int, bool], ...], letter: Needs) -> list[object]:
    return [letter[number][exactly] if number in letter else None for number, exactly in needs]


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
