"""Keeps every note on the page of its call, lets long ones go on at the foot of the next page, and loses none.

When a line does not fit above the notes of its page, WeasyPrint 70 moves notes to the next page to make room for it,
and then forgets the notes of that line: they are printed nowhere (its change 2437 brought this). Without that step the
line goes to the next page, and its notes with it.

WeasyPrint never splits a note. Here a line stays where it is if two lines of its last note fit at the foot of the page
and two or more remain; these go on at the foot of the next page, before its own notes.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from weasyprint.formatting_structure.boxes import FootnoteAreaBox
from weasyprint.layout import LayoutContext, block, page
from weasyprint.text.line_break import strut

from letters.render.pdf.note_cutting import cut_last, goes_on

_FOR_TEXT = 0.2
"""The share of a page that notes from the page before leave to its text."""
_lay_out_lines, _make_page = block._linebox_layout, page.remake_page
_lay_out, _take_back = LayoutContext.layout_footnote, LayoutContext.unlayout_footnote


class _LineContext:
    """A layout context for the lines of a paragraph: it shows no notes to move away, and splits one that does not fit.

    Everything else is the real context's.
    """

    current_page_footnotes = ()

    def __init__(self, context: Any, paragraph: Any, lines: Sequence[Any]) -> None:
        self.__dict__.update(_context=context, _height=strut(paragraph.style)[0], _lines=lines)
        self.__dict__.update(_orphans=paragraph.style["orphans"], _bottom=0.0, _note=None, _has_split=False)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._context, name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._context, name, value)

    @property
    def reported_footnotes(self) -> list[Any]:
        """The notes that go to the next page, but for the rest of a note that was split to keep its line here."""
        return [] if self._has_split else list(self._context.reported_footnotes)

    def overflows_page(self, bottom_space: float, position_y: float) -> bool:
        """Tell whether a line does not fit above the notes; asked of each line before its notes are laid out."""
        self.__dict__["_bottom"] = position_y + bottom_space
        overflows = bool(self._context.overflows_page(bottom_space, position_y))
        if overflows and self._note and len(self._lines) < self._orphans:
            # Without this line those before it would be too few, and all go to the next page with their note.
            return not _split(self._context, self._note, self._bottom)
        return overflows

    def layout_footnote(self, note: Any) -> bool:
        """Lay out a note of the line, all of it or as much as fits; tell whether the line cannot stay."""
        context = self._context
        overflows = bool(_lay_out(context, note)) or context.overflows_page(0, self._bottom)
        # With room for one more line of text if there is, so that a line is not left alone.
        splits = overflows and any(_split(context, note, self._bottom + more) for more in (self._height, 0))
        self.__dict__.update(_note=None if splits else note, _has_split=splits)
        return overflows and not splits


def mend_notes() -> None:
    """Teach WeasyPrint to keep notes with their calls and to split long ones."""
    block._linebox_layout, page.remake_page = _lay_out_lines_with_notes, _make_page_with_notes
    LayoutContext.layout_footnote, LayoutContext.unlayout_footnote = _lay_out_carried, _put_back


@functools.wraps(_lay_out_lines)
def _lay_out_lines_with_notes(
    context: Any, paragraph: Any, index: int, line: Any, lines: Sequence[Any], *arguments: Any
) -> Any:
    context = _LineContext(getattr(context, "_context", context), paragraph, lines)
    return _lay_out_lines(context, paragraph, index, line, lines, *arguments)


def _split(context: Any, note: Any, top: float) -> bool:
    """Split the last note of a page if its notes then reach no higher than `top`, in CSS pixels; tell if they do."""
    if context.reported_footnotes or context.in_column:
        return False
    room = context.page_bottom + context.current_footnote_area.margin_height() - top
    halves = cut_last(context, context.current_page_footnotes, room)
    if halves is None:
        return False
    context.current_page_footnotes[-1] = halves[0]
    context.reported_footnotes.append(halves[1])
    context._update_footnote_area()
    _halves(context)[note] = halves
    return True


def _halves(context: Any) -> dict[Any, tuple[Any, Any]]:
    """Return what became of the notes of a document that were split."""
    halves: dict[Any, tuple[Any, Any]] = context.__dict__.setdefault("halves", {})
    return halves


def _put_back(context: Any, note: Any) -> None:
    """Take a note off the page, since its line goes to the next one: whole again, if it was split."""
    if note not in context.footnotes and note in _halves(context):
        begin, rest = _halves(context).pop(note)
        context.current_page_footnotes[context.current_page_footnotes.index(begin)] = note
        context.reported_footnotes.remove(rest)
    _take_back(context, note)


def _lay_out_carried(context: Any, note: Any) -> bool:
    """Lay out what a page takes over from the page before; what has no room there goes on to the next one."""
    _lay_out(context, note)
    box = context.current_footnote_area.page
    top = box.content_box_y() + _FOR_TEXT * box.height
    fits = not context.reported_footnotes and (context.page_bottom >= top or _split(context, note, top))
    if not fits and len(context.current_page_footnotes) > 1:
        context.report_footnote(note)
    return False


@functools.wraps(_make_page)
def _make_page_with_notes(index: int, context: Any, *arguments: Any) -> Any:
    """Make one page, perhaps again: what it takes over and hands on must not depend on which pages are made again."""
    carried: dict[int, list[Any]] = context.__dict__.setdefault("carried", {})
    context.reported_footnotes = list(carried.get(index, ()))
    made = _make_page(index, context, *arguments)
    is_end, handed_on, before = made[1] is None, list(context.reported_footnotes), carried.get(index + 1)
    if is_end and handed_on:
        context.page_maker[index][-1]["pages_wanted"] = True  # the page of what is left over comes only after this one
    elif not is_end and before is not None and (before or handed_on):
        context.page_maker[index + 1][-1]["content_changed"] = True
    carried[index + 1] = handed_on
    return made


def count_notes(document: Any) -> int:
    """Count the notes that stand, from beginning to end, at the feet of a document's pages."""
    notes = [note for _, _, foot in _feet(document) for note in foot.children]
    broken = {id(note.element) for note, after in pairwise([*notes, None]) if _is_broken_off(note, after)}
    return len({id(note.element) for note in notes} - broken)


def _is_broken_off(note: Any, after: Any) -> bool:
    return goes_on(note) and (after is None or after.element is not note.element)


def overfull_page(document: Any) -> int:
    """Tell the number of the first page whose notes reach above its text, from 1; 0 where none do."""
    return next((number for number, box, foot in _feet(document) if foot.position_y < box.content_box_y()), 0)


def _feet(document: Any) -> Iterator[tuple[int, Any, Any]]:
    """Yield the pages that have notes: the number of each, its box, and the box of its notes."""
    for number, each in enumerate(document.pages, start=1):
        for box in each._page_box.children:
            if isinstance(box, FootnoteAreaBox) and box.children:
                yield number, each._page_box, box
