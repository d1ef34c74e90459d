"""Lets docxtpl make one letter of a shape, and finds the marks of its values in the members that come out."""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from letters.formats.ooxml import (
    PROPERTY_LENGTH,
    STYLES,
    Pieces,
    Slot,
    append_parts,
    escaped,
    fill_pieces,
    is_xml,
    read_package,
    read_skeleton,
    write_package,
    write_skeleton,
)
from letters.render.word.trace import (
    MARK,
    MARK_END,
    MARK_MIDDLE,
    MARK_START,
    PROBE,
    JinjaSource,
    MarkedLetter,
    NotSplicedError,
    Tracer,
)

_WRITTEN = re.compile(f"{MARK_START}([0-9]+){MARK_MIDDLE}(.{{5,40}}?){MARK_END}".encode(), re.DOTALL)
"""A mark in a member: its number, and its probe as it was escaped there."""
_PROBES = [escaped(PROBE, style) for style in range(len(STYLES))]
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ue01f\ue100-\ue102\ufffe\uffff]")
"""What docxtpl turns into mark-up, XML cannot hold, or stands for something here (marks, the guard of braces)."""
_BRACES = frozenset("{}%_")
"""The characters of docxtpl's escapes: "{_{" becomes "{{", also where a value and the text beside it make it up."""
_QUICK = 1
"""How hard zlib tries: 2 % more bytes than at its default, in 0.8 in place of 1.9 ms a letter."""


class Cast(NamedTuple):
    """What docxtpl made of a shape, as it is kept on disk and in the ledger."""

    skeleton: bytes
    """The XML members, cut where values stand."""
    media: tuple[str, ...]
    """The names of the template's other members, such as fonts and pictures, that the DOCX has."""


class Shape:
    """All that letters of one shape have in common: compressed members without values, and cut ones with them."""

    def __init__(self, skeleton: bytes, media: Mapping[str, bytes], properties: Sequence[str]) -> None:
        parts = read_skeleton(skeleton)
        self.skeleton = skeleton
        self.skeleton_digest = hashlib.sha256(skeleton).hexdigest()
        self._cut = {name: pieces for name, pieces in parts.items() if len(pieces) > 1}
        fixed = fill_pieces({name: pieces for name, pieces in parts.items() if len(pieces) == 1}, [])
        first = "[Content_Types].xml"  # stands first in a package, so that programs know it by its first bytes
        start = _packed(((first, fixed.pop(first)), *media.items()))
        self._package = append_parts(start, fixed)
        self._beside_braces = frozenset(n for pieces in self._cut.values() for n in _beside_braces(pieces))
        self._properties = [(_marks_in(text), len(MARK.sub("", text))) for text in properties]

    def write(self, values: Sequence[str]) -> bytes:
        """Return the DOCX with these values; raises NotSplicedError where docxtpl would do more than put them in."""
        if unsafe := _UNSAFE.search(" ".join(values)):
            raise NotSplicedError(f"a value holds the character U+{ord(unsafe[0]):04X}")
        if any(values[n][0] in _BRACES or values[n][-1] in _BRACES for n in self._beside_braces):
            raise NotSplicedError("a brace of a value stands beside another")
        for numbers, length in self._properties:
            if numbers and length + sum(len(values[n]) for n in numbers) > PROPERTY_LENGTH:
                raise NotSplicedError(f"a property of the DOCX is longer than {PROPERTY_LENGTH} characters")
        return append_parts(self._package, fill_pieces(self._cut, values), level=_QUICK)


@functools.lru_cache(4)  # the shapes of a template have its fonts and pictures in common
def _packed(parts: tuple[tuple[str, bytes], ...]) -> bytes:
    return write_package(dict(parts))


def _marks_in(text: str) -> list[int]:
    return [int(mark[1]) for mark in MARK.finditer(text)]


def _beside_braces(pieces: Pieces) -> list[int]:
    """List the values that stand beside another value, or beside a character of an escape."""
    found = []
    for before, slot, after in zip(pieces[:-1:2], pieces[1::2], pieces[2::2], strict=True):
        assert isinstance(before, bytes)
        assert isinstance(after, bytes)
        near = (before[-1:].decode(errors="ignore"), after[:1].decode(errors="ignore"))
        if not before or not after or not _BRACES.isdisjoint(near):
            found.append(slot[0])
    return found


class ShapeMaker:
    """A Word template of which docxtpl makes a letter of each shape."""

    def __init__(self, template: bytes) -> None:
        self._template = template
        self._media = {name: content for name, content in read_package(template).items() if not is_xml(name)}

    def trace(self, context: dict[str, Any]) -> tuple[Tracer, MarkedLetter, Cast]:
        """Find the Jinja templates while docxtpl makes the first letter; raises what `cast` and Jinja raise."""
        tracer = Tracer()

        def render(source: JinjaSource) -> str:
            tracer.add(source)
            return tracer.mark_next(context)

        members = self._fill(render)
        return tracer, tracer.marked(), self._cut(members, len(tracer.marked().values))

    def cast(self, marked: MarkedLetter) -> Cast:
        """Let docxtpl make a marked letter; raises RenderError, and NotSplicedError where marks are not kept."""
        texts = iter(marked.texts)
        return self._cut(self._fill(lambda _: next(texts)), len(marked.values))

    def shape(self, cast: Cast, properties: Sequence[str]) -> Shape:
        """Return the shape of letters, given the marked texts of their core properties."""
        return Shape(cast.skeleton, {name: self._media[name] for name in cast.media}, properties)

    def _fill(self, render: Callable[[JinjaSource], str]) -> dict[str, bytes]:
        from letters.render.word.plain import fill  # a build that finds all shapes on disk need not load docxtpl

        return fill(self._template, {}, _StandIn(render, escaped=True), _StandIn(render, escaped=False))

    def _cut(self, members: Mapping[str, bytes], marks: int) -> Cast:
        parts = {name: _cut_at_marks(content) for name, content in sorted(members.items()) if is_xml(name)}
        found = sorted(piece[0] for pieces in parts.values() for piece in pieces if isinstance(piece, tuple))
        if found != list(range(marks)):
            raise NotSplicedError("docxtpl changes what its values become")
        media = {name: content for name, content in members.items() if not is_xml(name)}
        if not media.items() <= self._media.items():
            raise NotSplicedError("docxtpl puts in pictures")
        return Cast(write_skeleton(parts), tuple(media))


def _cut_at_marks(content: bytes) -> Pieces:
    """Cut a member at its marks: texts and slots by turns; a mark that was changed is left in, and is missed."""
    pieces: list[bytes | Slot] = []
    position = 0
    for mark in _WRITTEN.finditer(content):
        if mark[2] in _PROBES:
            pieces += [content[position : mark.start()], (int(mark[1]), _PROBES.index(mark[2]))]
            position = mark.end()
    return [*pieces, content[position:]]


@dataclass(slots=True)
class _StandIn:
    """Stands in for Jinja's environment and for the template that docxtpl lets it make."""

    renders: Callable[[JinjaSource], str]
    escaped: bool
    text: str = ""
    autoescape: Any = None

    def from_string(self, source: str, /) -> _StandIn:
        return _StandIn(self.renders, self.escaped, source)

    def render(self, _: dict[str, Any], /) -> str:
        return self.renders(JinjaSource(self.text, self.escaped))
