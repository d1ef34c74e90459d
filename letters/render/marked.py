"""Lets docxtpl make a letter with marks in the place of its values, and finds the marks again in what it made.

A mark carries the characters that XML escapes, so that docxtpl itself shows how a value is written in each place.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from markupsafe import escape

from letters.package import is_xml, read_package, write_package
from letters.render.docx import WordTemplate, fill
from letters.render.trace import Source, Tracer, Way
from letters.skeleton import STYLES, Slot, escaped

_PROBE = "'\"&<>é"
"""What every mark carries, to be found again as it is written in its place."""
_PROBES = tuple(escaped(_PROBE, style) for style in range(len(STYLES)))
_MARK_START, _MARK_MIDDLE, _MARK_END = "\ue100", "\ue101", "\ue102"
_MARK = re.compile(f"{_MARK_START}([0-9]+)[.]([0-9]+){_MARK_MIDDLE}(.{{5,40}}?){_MARK_END}".encode(), re.DOTALL)
_LISTING = re.compile("<w:t(?: [^>]*)?(?:/>(?!</w:r>)|>[^<]*[\t\a\n\f])")
"""A text with what docxtpl turns into mark-up; or an empty one, from which it may read on to the end of the next."""


class MarkedRenderer:
    """docxtpl with marks for values; what it does for every letter alike it does here once."""

    def __init__(self, template: bytes) -> None:
        package = read_package(template)
        self._kept = {_stand_in(name): content for name, content in package.items() if not is_xml(name)}
        slim = {name: content if is_xml(name) else _stand_in(name) for name, content in package.items()}
        self._template = write_package(slim)
        self._patched: dict[str, str] = {}
        self._first: tuple[Way, dict[str, bytes]] | None = None

    def tracer(self, context: dict[str, Any]) -> Tracer:
        """Follow the templates that docxtpl hands to Jinja, in its order; raises what Jinja and the tracer raise."""
        tracer = Tracer()
        self._first = self._fill(_Marking(tracer, context))
        return tracer

    def cut(self, context: dict[str, Any], way: Way, tracer: Tracer) -> dict[str, list[bytes | Slot]] | None:
        """Make the members of a letter that goes this way, cut where values stand.

        None where docxtpl did not keep every mark as it was.
        """
        first, members = self._first or (None, {})
        if first is None or first.steps != way.steps:
            _, members = self._fill(_Marking(tracer, context, way))
        self._first = None
        places = _Places([len(values) for values in way.values])
        cut: dict[str, list[bytes | Slot]] = {
            name: places.cut(content) if is_xml(name) else [content] for name, content in members.items()
        }
        return cut if places.all_found() else None

    def _fill(self, marking: _Marking) -> tuple[Way, dict[str, bytes]]:
        properties = _Stand(marking, escaped=False)
        members = fill(_MarkedTemplate(self._template, properties, self._patched), {}, _Stand(marking, escaped=True))
        return marking.way(), {name: self._kept.get(content, content) for name, content in members.items()}


class _MarkedTemplate(WordTemplate):
    """A docxtpl template that does nothing twice and nothing in vain."""

    def __init__(self, template: bytes, properties: Any, patched: dict[str, str]) -> None:
        super().__init__(template, properties)
        self._patched = patched

    def patch_xml(self, src_xml: str) -> str:
        """Make XML ready for Jinja."""
        if src_xml not in self._patched:
            self._patched[src_xml] = super().patch_xml(src_xml)
        return self._patched[src_xml]

    def members(self) -> dict[str, bytes]:
        """Take the members of the document."""
        return self.uncompressed()

    def resolve_listing(self, xml: str) -> str:
        """Turn tabs and line breaks of the text into mark-up; docxtpl looks at every run even where there are none."""
        return super().resolve_listing(xml) if _LISTING.search(xml) else xml


class _Marking:
    """Renders the templates of a letter, in docxtpl's order, with a mark in the place of every value."""

    def __init__(self, tracer: Tracer, context: dict[str, Any], way: Way | None = None) -> None:
        self._tracer = tracer
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
        pieces = self._tracer.written(step, marks)
        if not source.escaped:
            return "".join(text for text, _ in pieces)
        return "".join(escape(text) if is_value else text for text, is_value in pieces)

    def _follow(self, number: int, source: Source) -> tuple[str, tuple[str, ...]]:
        if self._known:
            return self._known.steps[number], self._known.values[number]
        self._tracer.add(source)
        return self._tracer.follow_one(number, self._context)


@dataclass(slots=True)
class _Stand:
    """Stands between docxtpl and Jinja, as an environment and as the template that it makes."""

    marking: _Marking
    escaped: bool
    text: str = ""
    autoescape: Any = None
    """What docxtpl would tell an environment."""

    def from_string(self, text: str) -> _Stand:
        return _Stand(self.marking, self.escaped, text)

    def render(self, _: dict[str, Any]) -> str:
        return self.marking.render(Source(self.text, self.escaped))


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


def _stand_in(name: str) -> bytes:
    """Make what stands in for a font or a picture while docxtpl works, which looks into neither."""
    return f"\0{name}".encode()
