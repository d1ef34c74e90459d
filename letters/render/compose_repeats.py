"""Lets WeasyPrint remember paragraphs that it laid out whole, for when they stand in the same place again.

Pages are laid out again for a number in the table of contents, for a paragraph further on, and for texts that have much
in common. All that the layout of a block depends on is compared: where it stands, its texts, the room that is left on
the page, and the notes at its foot.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from weasyprint.formatting_structure import boxes
from weasyprint.layout import LayoutContext
from weasyprint.layout.block import block_level_layout

from letters.render.recent import Recent


@dataclass(frozen=True, slots=True)
class Repeat:
    """A block that was laid out, and what else this has changed."""

    result: tuple[Any, ...]
    margins: tuple[float, ...]
    """The adjoining margins that its own was added to."""
    notes: tuple[Any, ...]
    """Its notes."""
    notes_height: Any
    page_bottom: float
    alive: tuple[Any, ...]
    """The block before layout, and the notes of the page before it; kept so that their identities are theirs alone."""


class Repeats:
    """The blocks of one text that can be remembered."""

    def __init__(self, root: Any, known: Recent[object, Repeat]) -> None:
        """Find the blocks of a text; `known` are those that were laid out, of this text and others."""
        self.seen: dict[int, Any] = {}
        """What was looked at, by its identity."""
        blocks = filter(_can_be_repeated, root.descendants()) if root else ()
        self._blocks = {id(box): {id(each): each for each in with_notes(box)} for box in blocks}
        self._known = known

    def lay_out(
        self,
        context: Any,
        box: Any,
        bottom_space: float,
        skip_stack: Any,
        container: Any,
        page_is_empty: bool = True,
        absolute: Any = None,
        fixed: Any = None,
        margins: Any = None,
        *more: Any,
    ) -> Any:
        """Lay out a block within others as block_level_layout does, or repeat how it was laid out."""
        arguments = (bottom_space, skip_stack, container, page_is_empty, absolute, fixed, margins, *more)
        if id(box) not in self._blocks or not _is_ordinary(context, skip_stack, margins, more):
            return block_level_layout(context, box, *arguments)
        notes = tuple(context.current_page_footnotes)
        measure = (container.width, container.height, container.is_for_root_element)
        place = (box.position_x, box.position_y, *margins)
        room = (bottom_space, page_is_empty, context.page_bottom, context.current_footnote_area.height)
        page = (context.current_footnote_area.page.page_type, context.forced_break)
        texts = (*_texts(box), *(text for note in notes for text in _texts(note)))
        key = (id(box), measure, place, room, page, tuple(map(id, notes)), texts, more[-1])
        known = self._known.get(key)
        if known is not None:
            self.seen.update(self._blocks[id(box)])
            return _repeat(known, context, margins)
        result = block_level_layout(context, box, *arguments)
        is_whole = (
            result[0] is not None and result[1] is None and context.current_page_footnotes[: len(notes)] == [*notes]
        )
        if is_whole and _is_ordinary(context, None, margins, more):
            block, resume_at, next_page, next_margins, *others = result
            self._known[key] = Repeat(
                (block.deepcopy(), resume_at, dict(next_page), list(next_margins), *others),
                tuple(margins),
                tuple(context.current_page_footnotes[len(notes) :]),
                context.current_footnote_area.height,
                context.page_bottom,
                (box, *notes),
            )
        return result


def _repeat(known: Repeat, context: Any, margins: list[float]) -> tuple[Any, ...]:
    """Hand out a block that is known, and leave all behind as if it had been laid out."""
    margins[:] = known.margins
    for note in known.notes:
        context.footnotes.remove(note)
        context.current_page_footnotes.append(note)
    if known.notes:
        context.current_footnote_area.children = context.current_page_footnotes
    context.current_footnote_area.height = known.notes_height
    context.page_bottom = known.page_bottom
    block, resume_at, next_page, next_margins, *others = known.result
    return (block.deepcopy(), resume_at, dict(next_page), list(next_margins), *others)


def _can_be_repeated(box: Any) -> bool:
    """Tell whether a block is laid out in one piece, with nothing in it that stands elsewhere but notes."""
    is_paragraph = type(box) is boxes.BlockBox and box.children and isinstance(box.children[0], boxes.LineBox)
    return bool(is_paragraph or isinstance(box, boxes.FlexBox)) and all(
        (each.footnote is not None or each.is_in_normal_flow()) and not isinstance(each, boxes.ReplacedBox)
        for each in box.descendants()
    )


def with_notes(box: Any) -> Iterator[Any]:
    """List all in a block, and in the notes where they are called."""
    for each in box.descendants():
        yield each
        if each.footnote is not None:
            yield from with_notes(each.footnote)


def _is_ordinary(context: Any, skip_stack: Any, margins: Any, more: Sequence[Any]) -> bool:
    """Tell whether a block stands alone: not in columns, beside a float, or after what did not fit on a page."""
    first_letter, first_line, discard, _ = more if len(more) == 4 else (1, 1, 1, 1)
    return (
        type(context) is LayoutContext
        and skip_stack is None
        and margins is not None
        and not (first_letter or first_line or discard or context.in_column)
        and not (context.excluded_shapes or context.reported_footnotes or context.broken_out_of_flow)
    )


def _texts(box: Any) -> list[str]:
    return [each.text for each in with_notes(box) if isinstance(each, boxes.TextBox)]
