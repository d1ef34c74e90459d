"""Cuts a note in two, so that it can begin on the page of its call and go on at the foot of the next."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from weasyprint.formatting_structure import boxes, build
from weasyprint.layout.block import block_level_layout

_LEAST = 2
"""Lines of a note that stand together at least, before a cut and after it, as with paragraphs."""
_KNOWN = (boxes.BlockBox, boxes.LineBox, boxes.InlineBox, boxes.InlineBlockBox, boxes.TextBox)

Stack = dict[int, Any]
"""Where a box goes on: the number of the child, or of the byte of a text, and where that goes on; a skip stack."""


def lay_out_notes(context: Any, notes: list[Any]) -> Any:
    """Lay out the notes of a page as they would stand at its foot; returns the box of them all."""
    area = context.current_footnote_area
    copy = build.create_anonymous_boxes(area.copy_with_children(notes).deepcopy())
    return block_level_layout(context, copy, float("-inf"), None, area.page)[0]


def cut_last(context: Any, notes: list[Any], room: float) -> tuple[Any, Any] | None:
    """Cut the last of the notes of a page so that all fit into a height, in CSS pixels.

    Returns the two notes that it becomes, before layout; None where too few lines would stand before the cut or after
    it, or where there is more in it than text.
    """
    note, area = notes[-1], lay_out_notes(context, notes)
    if not all(isinstance(box, _KNOWN) and box.footnote is None for box in note.descendants()):
        return None
    lines = list(_lines(area.children[-1]))
    end = lines[-1][0].position_y + lines[-1][0].height
    for count in range(len(lines) - _LEAST, _LEAST - 1, -1):
        line, place = lines[count - 1]
        if area.margin_height() - (end - line.position_y - line.height) <= room and place is not None:
            return _begin(note, count), _rest(note, place)
    return None


def _lines(box: Any) -> Iterator[tuple[Any, Stack | None]]:
    """List the lines of a block that was laid out, and where the block goes on after each; None at its end."""
    for number, child in enumerate(box.children):
        if isinstance(child, boxes.LineBox):
            yield child, None if child.resume_at is None else {0: child.resume_at}
            continue
        for line, place in _lines(child):
            last = number + 1 == len(box.children)
            yield line, {number: place} if place is not None else None if last else {number + 1: None}


def _begin(note: Any, lines: int) -> Any:
    """Return so many lines of a note; the last of them is justified, since the text goes on."""
    begin = note.copy()
    begin.style = note.style.copy()
    begin.style["max_lines"] = lines
    begin.style["continue"] = "discard"
    return begin


def goes_on(note: Any) -> bool:
    """Tell whether a note of a page goes on at the foot of the next one."""
    return bool(note.style["max_lines"] != "none")


def _rest(note: Any, place: Stack) -> Any:
    """Return what stands in a note from a place on."""
    rest = _without_lines(_from(build.create_anonymous_boxes(note.deepcopy()), place))
    rest.style = rest.style.copy()
    rest.style["anchor"] = None  # what leads to the note leads to its beginning
    return rest


def _from(box: Any, place: Stack | None) -> Any:
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


def _without_lines(box: Any) -> Any:
    """Return a block as it was before WeasyPrint put its text into lines, which it does again for every page."""
    if not isinstance(box, boxes.BlockBox):
        return box
    inside = (child.children if isinstance(child, boxes.LineBox) else [_without_lines(child)] for child in box.children)
    return box.copy_with_children([child for children in inside for child in children])
