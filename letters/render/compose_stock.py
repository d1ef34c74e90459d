"""Finds the blocks that texts have in common, so that what was laid out of one serves for all."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from weasyprint.css import AnonymousStyle
from weasyprint.formatting_structure import boxes

from letters.render.compose_repeats import Repeat
from letters.render.recent import Recent

_KEPT = 2_000
"""Blocks that are kept, about 10 kB each."""
_KEPT_PARAGRAPHS = 1_000
"""Paragraphs whose lines are kept."""
_KNOWN = frozenset(["element", "element_tag", "style", "text", "footnote", "children", "remove_decoration_sides"])
"""What boxes are compared by in a way of its own, or not at all."""
_CHANGED = ("anchor", "display", "float", "overflow", "position", "white_space")
"""Values that WeasyPrint changes in the style of a box, whatever its rules say, when it makes boxes."""

_KEPT_REPEATS = 500
"""Blocks that were laid out, about 20 kB each."""


class Stock:
    """The blocks of the texts of one part of a letter, before layout.

    Equal blocks are those with the same elements, rules and texts, but for what stands in marked elements. Numbers
    stand for them, and for all that they are made of.
    """

    def __init__(self) -> None:
        self._numbers: dict[object, int] = {}
        self._known: dict[tuple[int | None, int], Any] = {}
        """By their numbers and those of the blocks before them: many a marked paragraph equals another."""
        self._styles: dict[int, int] = {}
        self._found: dict[int, int | None] = {}
        self.broken: Recent[object, list[Any]] = Recent(_KEPT_PARAGRAPHS)
        """The lines of their paragraphs."""
        self.laid: Recent[object, Repeat] = Recent(_KEPT_REPEATS)
        """Those that were laid out."""

    def share(self, root: Any, free: Collection[int], alone: Collection[int]) -> list[tuple[Any, Any]]:
        """Put blocks of the texts before in place of equal ones; list the boxes in pairs.

        `free` are the boxes whose texts any letter replaces, and `alone` those that are like no other.
        """
        if len(self._known) > _KEPT:
            self._known, self._numbers = {}, {}
        self._styles, self._found = {}, dict.fromkeys(alone)
        new: dict[tuple[int | None, int], Any] = {}
        used: dict[int, tuple[Any, Any]] = {}
        self._share(root, free, new, used)
        self._known = {**new, **self._known}
        return list(used.values())

    def _share(self, box: Any, free: Collection[int], new: dict[Any, Any], used: dict[int, tuple[Any, Any]]) -> None:
        before = None
        for place, child in enumerate(box.children):
            number = self._number(child, free)
            known = None if number is None else self._known.get((before, number))
            pairs = {} if known is None else {id(pair[1]): pair for pair in _pairs(child, known)}
            if pairs and pairs.keys().isdisjoint(used):
                used.update(pairs)
                box.children[place] = known
            elif type(child) is boxes.BlockBox:
                if number is not None:
                    new.setdefault((before, number), child)
                self._share(child, free, new, used)
            before = number

    def _number(self, box: Any, free: Collection[int]) -> int | None:
        """Return the number of a box before layout; None if it is like no other."""
        if id(box) not in self._found:
            self._found[id(box)] = self._find_number(box, free)
        return self._found[id(box)]

    def _find_number(self, box: Any, free: Collection[int]) -> int | None:
        inside = [self._number(child, free) for child in box.children]
        note = None if box.footnote is None else self._number(box.footnote, free)
        if None in inside or (box.footnote is not None and note is None) or box.missing_link is not None:
            return None
        text = box.text if isinstance(box, boxes.TextBox) and id(box) not in free else None
        more = [(name, _plain(value)) for name, value in vars(box).items() if name not in _KNOWN]
        key = (type(box), box.element_tag, _element(box.element), self._style(box.style), text, note, *inside, *more)
        return self._numbers.setdefault(key, len(self._numbers))

    def _style(self, style: Any) -> int | None:
        if style is None:
            return None
        if id(style) not in self._styles:
            rules = (
                () if isinstance(style, AnonymousStyle) else (style.pseudo_type, *map(_rule, style.cascaded.items()))
            )
            key = (type(style), self._style(style.parent_style), *(style[name] for name in _CHANGED), *rules)
            self._styles[id(style)] = self._numbers.setdefault(key, len(self._numbers))
        return self._styles[id(style)]


def _pairs(own: Any, shared: Any) -> Iterator[tuple[Any, Any]]:
    """List the boxes of two equal blocks, those of their notes where they are called."""
    yield own, shared
    if own.footnote is not None:
        yield from _pairs(own.footnote, shared.footnote)
    for own_child, shared_child in zip(own.children, shared.children, strict=True):
        yield from _pairs(own_child, shared_child)


def _element(element: Any) -> object:
    if element is None:
        return None
    values = sorted((name, value) for name, value in element.attrib.items() if name != "data-slot")
    return (element.tag, "data-slot" in element.attrib, *values)


def _rule(rule: tuple[str, tuple[Any, Any]]) -> object:
    name, (value, weight) = rule
    return name, _plain(value), weight


def _plain(value: Any) -> object:
    """Return what a value is compared by: lists and the like by what is in them, other things by what they are."""
    try:
        hash(value)
    except TypeError:
        if isinstance(value, list | tuple):
            return (type(value), *map(_plain, value))
        if isinstance(value, dict):
            return (dict, *((key, _plain(each)) for key, each in value.items()))
        return object()
    return value
