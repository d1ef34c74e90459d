"""Makes a letter with marks in the place of its values, as docxtpl would, and finds the marks again in what was made.

A mark carries the characters that XML escapes, so that docxtpl itself shows how a value is written in each place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from markupsafe import escape

from letters.formats.ooxml import is_xml
from letters.formats.skeleton import STYLES, Slot, escaped
from letters.render.trace import Source, Tracer, Way
from letters.render.word_fill import KnownWord
from letters.render.word_parts import NotKnownError

if TYPE_CHECKING:
    from letters.render.marked_docxtpl import ByDocxtpl

_PROBE = "'\"&<>é"
"""What every mark carries, to be found again as it is written in its place."""
_PROBES = tuple(escaped(_PROBE, style) for style in range(len(STYLES)))
_MARK_START, _MARK_MIDDLE, _MARK_END = "\ue100", "\ue101", "\ue102"
_MARK = re.compile(f"{_MARK_START}([0-9]+)[.]([0-9]+){_MARK_MIDDLE}(.{{5,40}}?){_MARK_END}".encode(), re.DOTALL)


class MarkedRenderer:
    """Makes letters with marks for values; what is the same in all of them is done once."""

    def __init__(self, template: bytes) -> None:
        self._template = template
        self._first: tuple[Way, dict[str, bytes]] | None = None

    def tracer(self, context: dict[str, Any]) -> Tracer:
        """Follow the templates that docxtpl hands to Jinja, in its order; raises what Jinja and the tracer raise."""
        marking, members = self._fill(lambda: _Marking(Tracer(), context))
        self._first = marking.way(), members
        return marking.tracer

    def cut(self, context: dict[str, Any], way: Way, tracer: Tracer) -> dict[str, list[bytes | Slot]] | None:
        """Make the members of a letter that goes this way, cut where values stand.

        None where not every mark was kept as it was.
        """
        first, members = self._first or (None, {})
        if first is None or first.steps != way.steps:
            _, members = self._fill(lambda: _Marking(tracer, context, way))
        self._first = None
        places = _Places([len(values) for values in way.values])
        cut: dict[str, list[bytes | Slot]] = {
            name: places.cut(content) if is_xml(name) else [content] for name, content in members.items()
        }
        return cut if places.all_found() else None

    def _fill(self, new_marking: Callable[[], _Marking]) -> tuple[_Marking, dict[str, bytes]]:
        """Fill a letter, and leave it to docxtpl where only docxtpl knows what it would look like."""
        marking = new_marking()
        if self._known:
            with suppress(NotKnownError):
                return marking, self._known.fill(marking.render)
            marking = new_marking()
        return marking, self._by_docxtpl.fill(marking.render)

    @cached_property
    def _known(self) -> KnownWord | None:
        with suppress(NotKnownError):
            return KnownWord(self._template)
        return None

    @cached_property
    def _by_docxtpl(self) -> ByDocxtpl:
        from letters.render.marked_docxtpl import ByDocxtpl

        return ByDocxtpl(self._template)


class _Marking:
    """Renders the templates of a letter, in docxtpl's order, with a mark in the place of every value."""

    def __init__(self, tracer: Tracer, context: dict[str, Any], way: Way | None = None) -> None:
        self.tracer = tracer
        self._context = context
        self._known = way
        self._went: list[tuple[str, tuple[str, ...]]] = []

    def way(self) -> Way:
        """Tell which way the templates went."""
        return Way(*zip(*self._went, strict=True))

    def render(self, source: Source) -> str:
        """Render the next template."""
        number = len(self._went)
        step, values = self._follow(number, source)
        self._went.append((step, values))
        marks = [_mark(number, index) for index in range(len(values))]
        pieces = self.tracer.written(step, marks)
        if not source.escaped:
            return "".join(text for text, _ in pieces)
        return "".join(escape(text) if is_value else text for text, is_value in pieces)

    def _follow(self, number: int, source: Source) -> tuple[str, tuple[str, ...]]:
        if self._known:
            return self._known.steps[number], self._known.values[number]
        self.tracer.add(source)
        return self.tracer.follow_one(number, self._context)


def _mark(source: int, index: int) -> str:
    return f"{_MARK_START}{source}.{index}{_MARK_MIDDLE}{_PROBE}{_MARK_END}"


class _Places:
    """Finds the marks again, and numbers them through, given how many each template printed."""

    def __init__(self, printed: Sequence[int]) -> None:
        self._before = list(accumulate(printed, initial=0))
        self._found: list[int] = []

    def cut(self, content: bytes) -> list[bytes | Slot]:
        """Cut a member at its marks; a mark that was changed is left in, and is missed."""
        pieces: list[bytes | Slot] = []
        position = 0
        for mark in _MARK.finditer(content):
            style = next((n for n, entities in enumerate(_PROBES) if entities == mark[3]), None)
            if style is not None:
                number = self._before[int(mark[1])] + int(mark[2])
                self._found.append(number)
                pieces += [content[position : mark.start()], (number, style)]
                position = mark.end()
        return [*pieces, content[position:]]

    def all_found(self) -> bool:
        """Tell whether every mark was found once."""
        return sorted(self._found) == list(range(self._before[-1]))
