"""The boxes of a text before layout, block by block: what a page begins with, and which blocks are as they were before.

A block is a heading, a paragraph, a list or a table between the others: what stands right in the body of the page, or
in its main part. Places are the number of a block and where in it something begins, as WeasyPrint has that.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from letters.render.pdf.weasyprint_internals import LayoutBox, boxes, boxes_with_notes, built

SkipStack = Any
"""Where in a box layout goes on: the numbers of its child, of the child of that, and so on; None at its beginning."""
_CONTAINERS = ("html", "body", "main")
_PLAIN = (boxes.BlockBox, boxes.LineBox, boxes.InlineBox, boxes.TextBox)


class BlockPlace(NamedTuple):
    """A place in a text: the number of a block, and where in it."""

    block: int
    inner: SkipStack


class Numbered(NamedTuple):
    """One of the notes, or of the references, of a block."""

    block: int
    number: int


class BlockTree:
    """The boxes of one text, built and not yet laid out."""

    def __init__(self, html: Any, style: Any, font_config: Any) -> None:
        """Build the boxes of a page of HTML."""
        self.html = html
        self.document, self.root, self.context = built(html, style, font_config)
        self.sheets = [each.text for each in html.etree_element.iter("style")]
        """The style sheets of the page itself, with the rules of its paper."""
        self.blocks: list[Any] = []
        self._paths: list[tuple[int, ...]] = []
        """The way to each block from the root, by the numbers of children."""
        self.containers: list[Any] = []
        self._find_blocks(self.root, ())
        self._numbers = {path: number for number, path in enumerate(self._paths)}
        inside = [list(boxes_with_notes(block)) for block in self.blocks]
        # Identities are safe as keys: the tree keeps its boxes alive.
        self.block_of_line = {
            id(box): number for number, found in enumerate(inside) for box in found if isinstance(box, boxes.LineBox)
        }
        self.notes = [[box.footnote for box in found if box.footnote is not None] for found in inside]
        self.references = [[box for box in found if box.missing_link is not None] for found in inside]
        self.numbered = {
            id(each): Numbered(block, number)
            for lists in (self.notes, self.references)
            for block, found in enumerate(lists)
            for number, each in enumerate(found)
        }
        self._has_lines = [
            all(isinstance(box, _PLAIN) for box in found) and any(isinstance(box, boxes.LineBox) for box in found)
            for found in inside
        ]
        # What is fixed stands on every page, wherever it is in the text.
        self.has_fixed = any(box.style["position"] == "fixed" for found in inside for box in found)

    def _find_blocks(self, box: LayoutBox, path: tuple[int, ...]) -> None:
        self.containers.append(box)
        for number, child in enumerate(box.children):
            if child.element_tag in _CONTAINERS and type(child) is boxes.BlockBox:
                self._find_blocks(child, (*path, number))
            else:
                self.blocks.append(child)
                self._paths.append((*path, number))

    def place(self, resume_at: SkipStack) -> BlockPlace | None:
        """Return the place where a page begins; None for one that is not in a block, or at the beginning of one."""
        path: tuple[int, ...] = ()
        while resume_at is not None and len(resume_at) == 1:
            ((number, resume_at),) = resume_at.items()
            path = (*path, number)
            if path in self._numbers:
                return BlockPlace(self._numbers[path], resume_at)
        return None

    def resume_at(self, place: BlockPlace) -> SkipStack:
        """Return a place as WeasyPrint has it."""
        inner = place.inner
        for number in reversed(self._paths[place.block]):
            inner = {number: inner}
        return inner

    def reach(self, seen: int, end: BlockPlace | None) -> int:
        """Return the last block on which a page may depend, their number where it depends on what follows them all.

        `seen` is the last of which lines were looked at. Of the one after that the rules for breaks were looked at; one
        that has no lines, or is more than text, may have been laid out without anybody having seen it.
        """
        if end is None:
            return len(self.blocks)
        last = max(seen, end.block) + 1
        while last < len(self.blocks) and not self._has_lines[last]:
            last += 1
        return last

    def texts_of_references(self, first: int, last: int) -> list[str]:
        """Return what the references in some blocks say at this moment."""
        return [text_of(box) for found in self.references[first : last + 1] for box in found]

    def pages_of_targets(self) -> dict[str, Any]:
        """Return the pages to which references lead, by the names of the places, once all is laid out."""
        items = self.context.target_collector.target_lookup_items.items()
        return {name: copy.deepcopy(item.cached_page_counter_values) for name, item in items}

    def tell_pages(self, known: Mapping[str, Any]) -> None:
        """Have references say the pages of places as they are known, before layout finds them."""
        targets = self.context.target_collector
        for name, item in targets.target_lookup_items.items():
            item.cached_page_counter_values = copy.deepcopy(known.get(name, {}))
        for (_, use), lookup in targets.counter_lookup_items.items():
            if use == "content":
                lookup.parse_again({})

    def take_decoration(self, place: BlockPlace) -> None:
        """Take margins and borders off where boxes go on from the page before, as layout does it once and for all."""
        box: Any = self.root
        resume_at = self.resume_at(place)
        while resume_at is not None and isinstance(box, boxes.BlockContainerBox | boxes.BlockBox):
            box.remove_decoration(start=True, end=False)
            ((number, resume_at),) = resume_at.items()
            box = box.children[number]

    def release(self) -> None:
        """Let go of what was needed for layout, which refers to itself: it is freed at once, and never searched for."""
        vars(self.context).clear()

    def numbers_in(self, other: BlockTree) -> list[int | None]:
        """Return the number of each block, and of the end, in another tree; None for blocks that are not as here."""
        alike = _Alike()
        pairs = zip(self.containers, other.containers, strict=False)
        same = self.sheets == other.sheets and len(self.containers) == len(other.containers)
        if not same or not all(alike.without_children(*pair) for pair in pairs):
            return [None] * (len(self.blocks) + 1)
        both, more = list(zip(self.blocks, other.blocks, strict=False)), len(other.blocks) - len(self.blocks)
        if not more:
            return [number if alike(*pair) else None for number, pair in enumerate(both)] + [len(self.blocks)]
        first = next((number for number, pair in enumerate(both) if not alike(*pair)), len(both))
        # Blocks were put in or taken out: what is before the first change and behind the last one has moved as a whole.
        ends = zip(reversed(self.blocks[first:]), reversed(other.blocks[first:]), strict=False)
        last = next((number for number, pair in enumerate(ends) if not alike(*pair)), len(both) - first)
        changed = len(self.blocks) - first - last
        return [*range(first), *([None] * changed), *range(len(other.blocks) - last, len(other.blocks) + 1)]


class _Alike:
    """Compares boxes before layout with all that their layout depends on; equal boxes are laid out alike."""

    def __init__(self) -> None:
        self._styles: dict[tuple[int, int], bool] = {}

    def __call__(self, one: LayoutBox, other: LayoutBox) -> bool:
        if not self.without_children(one, other):
            return False
        if isinstance(one, boxes.TextBox) and one.text != other.text:
            return False
        if one.footnote is not None and not self(one.footnote, other.footnote):
            return False
        # What a reference says changes while pages are laid out, and is compared then.
        return one.missing_link is not None or all(
            self._same_lists(getattr(one, name, ()), getattr(other, name, ())) for name in ("children", "column_groups")
        )

    def _same_lists(self, some: Sequence[Any], others: Sequence[Any]) -> bool:
        return len(some) == len(others) and all(map(self, some, others))

    def without_children(self, one: LayoutBox, other: LayoutBox) -> bool:
        """Return whether two boxes are alike but for what stands in them."""
        return (
            type(one) is type(other)
            and one.element_tag == other.element_tag
            and (one.footnote is None) == (other.footnote is None)
            and (one.missing_link is None) == (other.missing_link is None)
            and one.string_set == other.string_set
            and one.bookmark_label == other.bookmark_label
            and _attributes(one) == _attributes(other)
            and self._same_style(one.style, other.style)
        )

    def _same_style(self, one: Any, other: Any) -> bool:
        if one is None or other is None:
            return one is other
        key = id(one), id(other)
        if key not in self._styles:
            # An anonymous box has what it inherits, and no values of its own.
            self._styles[key] = (
                type(one) is type(other)
                and _same_values(getattr(one, "cascaded", {}), getattr(other, "cascaded", {}))
                and self._same_style(one.parent_style, other.parent_style)
            )
        return self._styles[key]


def _same_values(some: Mapping[str, Any], others: Mapping[str, Any]) -> bool:
    return some.keys() == others.keys() and all(_same(value, others[name]) for name, value in some.items())


def _same(one: Any, other: Any) -> bool:
    """Return whether two values of a style are the same; those of variables are compared by how they are written."""
    if one is other or one == other:
        return True
    if isinstance(one, tuple | list) and isinstance(other, tuple | list):
        return len(one) == len(other) and all(map(_same, one, other))
    tokens = getattr(one, "tokens", None), getattr(other, "tokens", None)
    if all(each is not None for each in tokens):
        return type(one) is type(other) and _same(*tokens)
    if hasattr(one, "serialize") and hasattr(other, "serialize"):
        return bool(one.serialize() == other.serialize())
    return False


def _attributes(box: LayoutBox) -> Any:
    return None if box.element is None else box.element.attrib


def text_of(box: LayoutBox) -> str:
    """Return the text in a box."""
    return "".join(each.text for each in box.descendants() if isinstance(each, boxes.TextBox))
