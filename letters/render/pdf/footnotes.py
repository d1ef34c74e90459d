"""Patch: keeps every note on the page of its call, splits long ones, and loses none.

When a line does not fit above the notes of its page, WeasyPrint 70 moves notes to the next page to make room for it,
and then forgets the notes of that line, which are printed nowhere (since its change 2437; upstream issue: none yet;
notes before their calls: https://github.com/Kozea/WeasyPrint/issues/1564). Without that step the line goes to the
next page, and its notes with it.

WeasyPrint never splits a note (https://github.com/Kozea/WeasyPrint/issues/1833). Here a line stays where it is if two
lines of its last note fit at the foot of the page and two or more remain; these go on at the foot of the next page,
before its own notes.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from letters.render import RenderError
from letters.render.pdf.weasyprint_internals import (
    LayoutBox,
    LayoutState,
    block_level_layout,
    boxes,
    create_anonymous_boxes,
    original,
    page_box,
    replace,
    strut,
    update_footnote_area,
)

_FOR_TEXT = 0.2
"""The share of a page that notes from the page before leave to its text."""
_MOST_PAGES = 200
_LEAST = 2
"""Lines of a note that stand together at least, before a cut and after it, as with paragraphs."""
_TEXT_BOXES = (boxes.BlockBox, boxes.LineBox, boxes.InlineBox, boxes.InlineBlockBox, boxes.TextBox)
"""What may stand in a note that is split."""

SkipStack = dict[int, Any]
"""Where a box goes on: the number of the child, or of the byte of a text, and where that goes on."""


def patch_footnotes() -> None:
    """Make WeasyPrint keep notes with their calls, and split long ones."""
    replace("_linebox_layout", _lay_out_lines)
    replace("remake_page", _make_page)
    replace("LayoutContext.layout_footnote", _lay_out_carried)
    replace("LayoutContext.unlayout_footnote", _put_back)


class _LineContext:
    """A layout context for the lines of a paragraph; all but what is defined here is the real context's."""

    # WeasyPrint makes room for a line by moving notes that it finds here; it finds none.
    current_page_footnotes = ()

    def __init__(self, context: LayoutState, paragraph: LayoutBox, lines: Sequence[LayoutBox]) -> None:
        # __setattr__ writes to the real context.
        self.__dict__.update(_context=context, _height=strut(paragraph.style)[0], _lines=lines)
        self.__dict__.update(_orphans=paragraph.style["orphans"], _bottom=0.0, _note=None, _has_split=False)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._context, name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._context, name, value)

    @property
    def reported_footnotes(self) -> list[Any]:
        """Return the notes that go to the next page, but for the rest of one that was split to keep its line here."""
        return [] if self._has_split else list(self._context.reported_footnotes)

    def overflows_page(self, bottom_space: float, position_y: float) -> bool:
        """Return whether a line does not fit above the notes; asked of each line before its notes are laid out."""
        self.__dict__["_bottom"] = position_y + bottom_space
        overflows = bool(self._context.overflows_page(bottom_space, position_y))
        if overflows and self._note and len(self._lines) < self._orphans:
            # Without this line those before it would be fewer than orphans, and all go to the next page.
            return not _split(self._context, self._note, self._bottom)
        return overflows

    def layout_footnote(self, note: LayoutBox) -> bool:
        """Lay out a note of the line, all of it or as much as fits; return whether the line cannot stay."""
        context = self._context
        overflows = bool(original("LayoutContext.layout_footnote")(context, note))
        # It compares positions without a tolerance: on some papers every third line or so "overflows" by 1e-13 pixels.
        overflows = overflows and context.current_footnote_area.style["max_height"].value != math.inf
        overflows = overflows or context.overflows_page(0, self._bottom)
        # With room for one more line of text if there is, so that a line is not left alone.
        splits = overflows and any(_split(context, note, self._bottom + more) for more in (self._height, 0))
        self.__dict__.update(_note=None if splits else note, _has_split=splits)
        return overflows and not splits


@functools.wraps(original("_linebox_layout"))
def _lay_out_lines(
    context: LayoutState, paragraph: LayoutBox, index: int, line: LayoutBox, lines: Sequence[Any], *arguments: Any
) -> Any:
    # The lines of an inline block are laid out with the context of the line around it, which is ours already.
    lines_context = _LineContext(getattr(context, "_context", context), paragraph, lines)
    return original("_linebox_layout")(lines_context, paragraph, index, line, lines, *arguments)


def _split(context: LayoutState, note: LayoutBox, top: float) -> bool:
    """Split the last note of a page if its notes then reach no higher than `top`, in CSS pixels; return whether."""
    # What is handed on already has to come before the rest of this note.
    if context.reported_footnotes or context.in_column:
        return False
    room = context.page_bottom + context.current_footnote_area.margin_height() - top
    halves = _cut_last(context, context.current_page_footnotes, room)
    if halves is None:
        return False
    context.current_page_footnotes[-1] = halves[0]
    context.reported_footnotes.append(halves[1])
    update_footnote_area(context)
    _halves(context)[note] = halves
    return True


def _halves(context: LayoutState) -> dict[Any, tuple[Any, Any]]:
    """Return both halves of each note of a document that was split, by the note."""
    halves: dict[Any, tuple[Any, Any]] = context.__dict__.setdefault("halves", {})
    return halves


def _put_back(context: LayoutState, note: LayoutBox) -> None:
    """Take a note off the page, since its line goes to the next one; a note that was split is whole again."""
    if note not in context.footnotes and note in _halves(context):
        begin, rest = _halves(context).pop(note)
        context.current_page_footnotes[context.current_page_footnotes.index(begin)] = note
        context.reported_footnotes.remove(rest)
    original("LayoutContext.unlayout_footnote")(context, note)


def _lay_out_carried(context: LayoutState, note: LayoutBox) -> bool:
    """Lay out a note that a page takes over from the page before; what has no room goes on to the next one."""
    original("LayoutContext.layout_footnote")(context, note)
    box = context.current_footnote_area.page
    top = box.content_box_y() + _FOR_TEXT * box.height
    fits = not context.reported_footnotes and (context.page_bottom >= top or _split(context, note, top))
    if not fits and len(context.current_page_footnotes) > 1:
        context.report_footnote(note)
    return False


@functools.wraps(original("remake_page"))
def _make_page(index: int, context: LayoutState, *arguments: Any) -> Any:
    """Lay out one page, perhaps again: what it takes over and hands on must not depend on what is laid out again.

    WeasyPrint keeps notes that go on in its context only, and lays out just the pages that changed.
    """
    if index >= _MOST_PAGES:
        raise RenderError(f"it has more than {_MOST_PAGES} pages; is something in the letter or its looks without end?")
    carried: dict[int, list[Any]] = context.__dict__.setdefault("carried", {})
    context.reported_footnotes = list(carried.get(index, ()))
    made = original("remake_page")(index, context, *arguments)
    is_end, handed_on, before = made[1] is None, list(context.reported_footnotes), carried.get(index + 1)
    if is_end and handed_on:
        context.page_maker[index][-1]["pages_wanted"] = True  # makes it ask for one page more
    elif not is_end and before is not None and (before or handed_on):
        # The next page was laid out with other notes handed on to it.
        context.page_maker[index + 1][-1]["content_changed"] = True
    carried[index + 1] = handed_on
    return made


def count_notes(document: Any) -> int:
    """Return how many notes stand, from beginning to end, at the feet of a document's pages."""
    notes = [note for _, _, foot in _feet(document) for note in foot.children]
    # A note that was cut stands on several pages and counts once, if its end is on the last of them.
    broken = {id(note.element) for note, after in pairwise([*notes, None]) if _is_cut_off(note, after)}
    return len({id(note.element) for note in notes} - broken)


def _is_cut_off(note: LayoutBox, after: Any) -> bool:
    return _goes_on(note) and (after is None or after.element is not note.element)


def overfull_page(document: Any) -> int:
    """Return the number of the first page whose notes reach above its text, from 1; 0 where none do."""
    return next((number for number, box, foot in _feet(document) if foot.position_y < box.content_box_y()), 0)


def _feet(document: Any) -> Iterator[tuple[int, Any, Any]]:
    """Yield the pages that have notes: the number of each, its box, and the box of its notes."""
    for number, each in enumerate(document.pages, start=1):
        for box in page_box(each).children:
            if isinstance(box, boxes.FootnoteAreaBox) and box.children:
                yield number, page_box(each), box


def _lay_out_notes(context: LayoutState, notes: list[Any]) -> Any:
    """Return the box of the notes of a page, laid out as they would stand at its foot."""
    # The notes are laid out once more, on copies, since each of them may be kept or taken back later.
    area = context.current_footnote_area
    copy = create_anonymous_boxes(area.copy_with_children(notes).deepcopy())
    return block_level_layout(context, copy, float("-inf"), None, area.page)[0]


def _cut_last(context: LayoutState, notes: list[Any], room: float) -> tuple[Any, Any] | None:
    """Return the halves of the last note of a page, before layout, cut so that all fit into a height, in CSS pixels.

    None where too few lines would stand before the cut or after it, or where there is more in it than text.
    """
    note, area = notes[-1], _lay_out_notes(context, notes)
    if not all(isinstance(box, _TEXT_BOXES) and box.footnote is None for box in note.descendants()):
        return None
    lines = list(_lines(area.children[-1]))
    end = lines[-1][0].position_y + lines[-1][0].height
    for count in range(len(lines) - _LEAST, _LEAST - 1, -1):
        line, place = lines[count - 1]
        if area.margin_height() - (end - line.position_y - line.height) <= room and place is not None:
            return _first_half(note, count), _second_half(note, place)
    return None


def _lines(box: LayoutBox) -> Iterator[tuple[Any, SkipStack | None]]:
    """Yield the lines of a block that was laid out, and where the block goes on after each; None at its end."""
    for number, child in enumerate(box.children):
        if isinstance(child, boxes.LineBox):
            yield child, None if child.resume_at is None else {0: child.resume_at}
            continue
        for line, place in _lines(child):
            last = number + 1 == len(box.children)
            yield line, {number: place} if place is not None else None if last else {number + 1: None}


def _first_half(note: LayoutBox, lines: int) -> Any:
    """Return so many lines of a note (CSS Overflow 4, max-lines and continue); the last is justified, as others are."""
    begin = note.copy()
    begin.style = note.style.copy()
    begin.style["max_lines"] = lines
    begin.style["continue"] = "discard"
    return begin


def _goes_on(note: LayoutBox) -> bool:
    """Return whether a note of a page goes on at the foot of the next one."""
    return bool(note.style["max_lines"] != "none")


def _second_half(note: LayoutBox, place: SkipStack) -> Any:
    """Return what stands in a note from a place on."""
    rest = _without_lines(_from(create_anonymous_boxes(note.deepcopy()), place))
    rest.style = rest.style.copy()
    rest.style["anchor"] = None  # what leads to the note leads to its beginning
    return rest


def _from(box: LayoutBox, place: SkipStack | None) -> Any:
    """Return a box without what stands before a place."""
    if place is None:
        return box
    ((number, inner),) = place.items()
    if isinstance(box, boxes.TextBox):
        return box.copy_with_text(box.text.encode()[number:].decode())
    first, *more = box.children[number:]
    rest = box.copy_with_children([_from(first, inner), *more])
    rest.remove_decoration(start=True, end=False)
    return rest


def _without_lines(box: LayoutBox) -> Any:
    """Return a block as it was before WeasyPrint put its text into lines, which it does again for every page."""
    if not isinstance(box, boxes.BlockBox):
        return box
    inside = (child.children if isinstance(child, boxes.LineBox) else [_without_lines(child)] for child in box.children)
    return box.copy_with_children([child for children in inside for child in children])
