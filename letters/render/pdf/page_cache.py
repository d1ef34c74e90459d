"""Lets WeasyPrint remember the pages of a text that letters share, and lay out only those that a letter changes.

What stands on a page follows from where it starts and from the paragraphs that were looked at while it was laid out.
Of a marked paragraph it matters how many lines it has, how high they are and how they are built; where it runs over an
edge of the page its very text matters, since the page starts or ends in the middle of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import weasyprint.layout.block
import weasyprint.layout.inline
import weasyprint.layout.page
from weasyprint.formatting_structure import boxes
from weasyprint.layout.block import block_level_layout
from weasyprint.layout.inline import get_next_linebox, iter_line_boxes
from weasyprint.layout.percent import resolve_one_percentage

from letters.render.pdf.recent import Recent
from letters.render.pdf.weasyprint_internals import standing_in

Needs = Mapping[int, tuple[object, object]]
"""What pages depend on, by the number of the marked element: how its lines are built, and its texts."""
_KEPT = 24
"""Pages that are kept of one text, about 0.5 MB each."""
_KEPT_PARAGRAPHS = 1_000
"""Paragraphs whose lines are kept."""
_ODD = -1
"""An edge that cannot be told."""


@dataclass(slots=True, eq=False)
class Sheet:
    """What stands on a page, but for its margins, and what it was laid out from."""

    needs: tuple[tuple[int, bool], ...]
    """The marked elements that were looked at, each with whether its very text counts."""
    values: list[object]
    """What they were."""
    references: list[tuple[Any, list[str]]]
    """The lines that name other pages and were looked at, with their texts then."""
    body: tuple[Any, ...]
    """What was laid out, and where the next page starts."""
    notes: tuple[Any, ...]
    """The notes at its foot, before layout."""
    named: tuple[tuple[Any, Any], ...]
    """The boxes that running heads take their strings from, each with what it is before layout."""
    foot: Any = None
    """The notes, laid out."""
    folios: dict[object, Any] = field(default_factory=dict)
    """The page with its margins, by what these depend on."""
    is_proven: bool = False
    """Whether its lines were found to be those that are set apart from it."""

    def fits(self, letter: Needs) -> bool:
        """Tell whether a letter has all that it depends on."""
        return _values(self.needs, letter) == self.values and all(_texts(line) == was for line, was in self.references)


@dataclass(slots=True)
class Sheets:
    """The pages of one text."""

    root: Any
    references: list[Any]
    """The lines before layout whose texts may change while pages are laid out: those that name other pages."""
    _slots: Mapping[int, int]
    """The numbers of the marked elements, by the identities of these."""
    _broken: Recent[object, list[Any]] = field(default_factory=lambda: Recent(_KEPT_PARAGRAPHS))
    """The lines of paragraphs, by all that they depend on."""
    _seen: dict[int, Any] = field(default_factory=dict)
    """The lines that were looked at for this page, by identity."""
    _named: dict[object, Any] = field(init=False)
    _kept: dict[str, list[Sheet]] = field(default_factory=dict)
    _used: dict[int, tuple[str, Sheet]] = field(default_factory=dict)
    """Those that are kept, with their starts; what was used last comes last."""
    _letter: Needs = field(default_factory=dict)
    _only_proven: bool = False
    placed: dict[int, Sheet] = field(default_factory=dict)
    """The pages of the letter that was laid out last, by their numbers, where they can be kept."""
    known: set[int] = field(default_factory=set)
    """The numbers of those that were laid out for another letter: its texts stand where this letter's belong."""
    new: list[tuple[str, Sheet]] = field(default_factory=list)
    """Those that were laid out for this letter, with their starts."""

    def __post_init__(self) -> None:
        boxes_of_page = self.root.descendants() if self.root else ()
        self._named = {_place(box): box for box in boxes_of_page if box.string_set}

    @contextmanager
    def in_use(self, letter: Needs, *, only_proven: bool) -> Iterator[None]:
        """Let WeasyPrint use these pages for a letter."""
        self._letter, self._only_proven = letter, only_proven
        self.placed, self.known, self.new = {}, set(), []
        with (
            standing_in(self._lay_out, "block_level_layout", weasyprint.layout.page),
            standing_in(self._lines, "iter_line_boxes", weasyprint.layout.block),
        ):
            yield

    def keep(self, placed: Mapping[int, Sheet], new: Sequence[tuple[str, Sheet]], letter: Needs) -> None:
        """Keep the pages of a letter, whose lines were found to be those that are set apart from them."""
        for sheet in placed.values():
            sheet.is_proven = True
        for start, sheet in new:
            sheet.values = _values(sheet.needs, letter)
            self._kept.setdefault(start, []).append(sheet)
            self._used[id(sheet)] = (start, sheet)
        while len(self._used) > _KEPT:
            start, sheet = self._used.pop(next(iter(self._used)))
            self._kept[start].remove(sheet)

    def _lines(self, context: Any, box: Any, position_y: float, space: float, skip_stack: Any, *more: Any) -> Any:
        """Break a paragraph as iter_line_boxes does, and note down that it was looked at."""
        self._seen[id(box)] = box
        container, _, _, *styles = more
        if any(styles) or context.excluded_shapes or not _is_plain(box):
            return iter_line_boxes(context, box, position_y, space, skip_stack, *more)
        return self._again_lines(context, box, position_y, space, skip_stack, container)

    def _again_lines(
        self, context: Any, box: Any, position_y: float, space: float, skip_stack: Any, container: Any
    ) -> Any:
        weasyprint.layout.inline.resolve_percentages(box, container)
        resolve_one_percentage(box, "text_indent", container.width)
        texts = tuple(_texts(box))
        key = (id(box.element), box.element_tag, texts, container.content_box_x(), container.width, repr(skip_stack))
        known = self._broken.get(key)
        if known is None:
            known = self._broken[key] = []
        for place in count():
            if skip_stack is not None:
                box.text_indent = 0
            if place == len(known):
                known.append(get_next_linebox(context, box, 0, space, skip_stack, container, [], [], None, None))
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

    def _lay_out(self, context: Any, box: Any, *arguments: Any, **named: Any) -> Any:
        """Lay out a block of a page as block_level_layout does, or find it."""
        number = context.current_page
        if box is self.root:
            return self._lay_out_body(number, context, *arguments)
        if not isinstance(box, boxes.FootnoteAreaBox) or number not in self.placed:
            return block_level_layout(context, box, *arguments, **named)
        sheet = self.placed[number]
        if sheet.foot is None:
            foot, *more = block_level_layout(context, box, *arguments, **named)
            sheet.foot = foot.deepcopy()
            return (foot, *more)
        return (sheet.foot.deepcopy(), None, None, [], False, None)

    def _lay_out_body(
        self, number: int, context: Any, space: float, resume_at: Any, page: Any, is_empty: bool, *lists: Any
    ) -> tuple[Any, ...]:
        start = ""
        self.placed.pop(number, None)
        self.known.discard(number)
        if _is_settled(context) and not context.current_page_footnotes:
            start = repr((number, resume_at, page.page_type, context.forced_break, context.page_bottom, is_empty))
            for sheet in self._kept.get(start, ()):
                if (sheet.is_proven or not self._only_proven) and sheet.fits(self._letter):
                    self.placed[number] = sheet
                    self.known.add(number)
                    self._used[id(sheet)] = self._used.pop(id(sheet))
                    return self._again(sheet, context)
        seen: dict[int, Any] = {}
        self._seen = seen
        result: tuple[Any, ...] = block_level_layout(context, self.root, space, resume_at, page, is_empty, *lists)
        edges = {self._inside(resume_at), self._inside(result[1])}
        if start and result[0] is not None and _is_settled(context) and _ODD not in edges:
            numbers = {each for line in seen.values() if (each := self._number_of(line)) is not None}
            needs = tuple((each, each in edges) for each in sorted(numbers))
            references = [(line, _texts(line)) for line in self.references if id(line) in seen]
            named = tuple((each, self._named[_place(each)]) for each in result[0].descendants() if each.string_set)
            sheet = Sheet(needs, [], references, result, tuple(context.current_page_footnotes), named)
            self.placed[number] = sheet
            self.new.append((start, sheet))
        return result

    def _again(self, sheet: Sheet, context: Any) -> tuple[Any, ...]:
        """Hand out a page that is known, and leave all behind as if it had been laid out."""
        for note in sheet.notes:
            context.footnotes.remove(note)
        context.current_page_footnotes.extend(sheet.notes)
        for box, source in sheet.named:
            box.string_set = source.string_set
        return sheet.body

    def _inside(self, resume_at: Any) -> int | None:
        """Tell in which marked paragraph a page starts or ends; None for a place in any other, or between two."""
        box = self.root
        while resume_at is not None:
            if len(resume_at) != 1:
                return _ODD
            ((index, resume_at),) = resume_at.items()
            if isinstance(box, boxes.LineBox):
                return self._number_of(box)
            if index >= len(box.children):
                return _ODD
            box = box.children[index]
        return None

    def _number_of(self, box: Any) -> int | None:
        return self._slots.get(id(box.element))


def _place(box: Any) -> object:
    return id(box.element), box.element_tag


def _is_settled(context: Any) -> bool:
    """Tell whether nothing is left over from one page to the next but what its start says."""
    running = (boxes for pages in context.running_elements.values() for boxes in pages.values())
    return not (context.reported_footnotes or context.broken_out_of_flow or any(running))


def _values(needs: tuple[tuple[int, bool], ...], letter: Needs) -> list[object]:
    return [letter[number][exactly] if number in letter else None for number, exactly in needs]


def _is_plain(box: Any) -> bool:
    """Tell whether there is nothing in a line but text in inline boxes."""
    if not isinstance(box, boxes.LineBox | boxes.InlineBox):
        return isinstance(box, boxes.TextBox)
    return box.is_in_normal_flow() and not box.is_leader and all(map(_is_plain, box.children))


def _texts(line: Any) -> list[str]:
    return [box.text for box in line.descendants() if isinstance(box, boxes.TextBox)]
