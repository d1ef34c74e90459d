"""Makes many DOCX letters from what docxtpl made of a few: the same members, byte for byte.

Letters that go the same way through the conditions of the template have the same shape. For each shape docxtpl makes
one letter, with a mark in the place of every value; what stands between the marks is compressed once, and each letter
is spliced from it. The marks carry the characters that XML escapes, so that docxtpl itself shows how a value is written
in each place. Whatever does not fit this (a value with mark-up or control characters, a template with pictures or rich
text) goes to docxtpl itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from jinja2 import Environment, Template, TemplateError, pass_context

from letters import jinja
from letters.files import sha256
from letters.model import Values
from letters.package import read_package, write_package
from letters.render.docx import PROPERTY_LENGTH, DocxRenderer, WordTemplate, fill, guarded, properties_environment
from letters.render.splice import Archive, Compressed, Member, Spliced, compressed
from letters.render.trace import NotFollowedError, Source, Tracer, Way, is_blank, plain_text
from letters.skeleton import STYLES, Filling, Slot, escaped, write_skeleton

_MOST_SHAPES = 256
"""Shapes that are kept; letters of any further one go to docxtpl, so that memory has a bound."""
_PROBE = "'\"&<>é"
"""What every mark carries, to be found again as it is written in its place."""
_MARK_START, _MARK_MIDDLE, _MARK_END = "\ue100", "\ue101", "\ue102"
_MARK = re.compile(f"{_MARK_START}([0-9]+){_MARK_MIDDLE}(.{{5,40}}?){_MARK_END}".encode(), re.DOTALL)
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ue01f\ue100-\ue102\ufffe\uffff]")
"""Characters that docxtpl turns into mark-up, that XML cannot hold, or that mean something here."""
_BRACES = re.compile(r"[{}%_]")
_BRACE_ESCAPES = re.compile(r"\{_\{|\}_\}|\{_%|%_\}")
"""What docxtpl reads as an escaped brace, wherever it comes together."""


class FastDocxRenderer:
    """A Word template, ready to be filled for very many recipients."""

    def __init__(self, template: bytes) -> None:
        self.plain = DocxRenderer(template)
        self._marked = _MarkedRenderer(template)
        self._tracer: Tracer | None = None
        self._shapes: dict[tuple[str, ...], _Shape | None] = {}
        self._can_follow = True
        self._skeletons: dict[str, bytes] = {}
        self._told: set[str] = set()
        """Skeletons that went out with a letter; whoever keeps letters has them by now."""

    def render(self, context: Mapping[str, object], notes: Sequence[Values]) -> Spliced:
        """Fill one letter; raises what docxtpl raises."""
        made = self.splice(context, notes)
        if made is None:
            content = self.plain.render(context, notes)
            return Spliced(content, sha256(content))
        assert made.filling
        if made.filling.skeleton in self._told:
            return made
        self._told.add(made.filling.skeleton)
        return replace(made, filling=replace(made.filling, text=self._skeletons[made.filling.skeleton]))

    def splice(self, context: Mapping[str, object], notes: Sequence[Values]) -> Spliced | None:
        """Fill one letter without docxtpl; None where only docxtpl knows what it would look like."""
        if not self._can_follow:
            return None
        values = {**context, "notes": list(notes)}
        try:
            if self._tracer is None:
                self._tracer = Tracer(self._marked.sources(values))
            way = self._tracer.follow(values)
        except NotFollowedError:
            self._can_follow = self._tracer is not None
            return None
        except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError):
            return None  # docxtpl will say what is wrong
        shape = self._shape(way, values)
        return shape.write(way, self._tracer) if shape else None

    def _shape(self, way: Way, context: dict[str, object]) -> _Shape | None:
        if way.steps not in self._shapes and len(self._shapes) < _MOST_SHAPES:
            assert self._tracer is not None
            self._shapes[way.steps] = shape = self._marked.shape(context, way, self._tracer)
            if shape:
                self._skeletons[shape.skeleton_hash] = shape.skeleton
        return self._shapes.get(way.steps)


@dataclass(frozen=True, slots=True)
class _Shape:
    """What all letters that go one way have in common."""

    archive: Archive
    room: Mapping[int, int]
    """Characters that the values of a core property may have together, by the number of its template."""
    skeleton: bytes
    skeleton_hash: str

    def write(self, way: Way, tracer: Tracer) -> Spliced | None:
        """Write a letter; None where only docxtpl knows what its values would become."""
        values = [value for printed in way.values for value in printed]
        joined = " ".join(values)
        if _UNSAFE.search(joined) or any(sum(map(len, way.values[n])) > room for n, room in self.room.items()):
            return None
        if _BRACES.search(joined) and _makes_escapes(way, tracer):
            return None
        written: dict[Slot, bytes] = {}

        def fill_slot(slot: Slot) -> bytes:
            if slot not in written:
                written[slot] = escaped(values[slot[0]], slot[1])
            return written[slot]

        return replace(self.archive.write(fill_slot), filling=Filling(self.skeleton_hash, tuple(values)))


_PROBES = tuple(escaped(_PROBE, style) for style in range(len(STYLES)))


def _makes_escapes(way: Way, tracer: Tracer) -> bool:
    """Tell whether a value and its neighbours together make what docxtpl reads as an escaped brace."""
    for step, values in zip(way.steps, way.values, strict=True):
        pieces = tracer.written(step, values)
        whole = "".join(str(guarded(text)) if is_value else text for text, is_value in pieces)
        alone = sum(len(_BRACE_ESCAPES.findall(text)) for text, is_value in pieces if not is_value)
        if len(_BRACE_ESCAPES.findall(whole)) != alone:
            return True
    return False


class _MarkedRenderer:
    """docxtpl with marks for values; what it does for every letter alike it does here once."""

    def __init__(self, template: bytes) -> None:
        package = read_package(template)
        self._kept = {_stand_in(name): content for name, content in package.items() if not _is_xml(name)}
        slim = {name: content if _is_xml(name) else _stand_in(name) for name, content in package.items()}
        self._template = write_package(slim)
        self._heard: list[Source] = []
        self._count = 0
        self._text = _Once(jinja.environment(finalize=self._marking()), self._heard)
        properties = properties_environment()
        properties.finalize = self._marking()
        self._properties = _Once(properties, self._heard)
        self._patched: dict[str, str] = {}
        self._made_already: dict[str, bytes] | None = None
        self._compressed: dict[bytes, Compressed] = {}

    def sources(self, context: dict[str, Any]) -> list[Source]:
        """List the templates that docxtpl hands to Jinja, in its order; the letter itself is the next one's shape."""
        self._made_already = self._fill(context)
        return list(self._heard)

    def shape(self, context: dict[str, Any], way: Way, tracer: Tracer) -> _Shape | None:
        """Make the shape of a letter that goes this way; None where docxtpl did not keep every mark as it was."""
        members, self._made_already = self._made_already or self._fill(context), None
        cut = {name: _cut(content) if _is_xml(name) else [content] for name, content in members.items()}
        found = sorted(piece[0] for pieces in cut.values() for piece in pieces if not isinstance(piece, bytes))
        printed = sum(map(len, way.values))
        if found != list(range(printed)) or self._count != printed:
            return None
        names = sorted(cut, key=lambda name: (name != "[Content_Types].xml", name))
        known = {name: self._compress(members[name]) for name in names if len(cut[name]) == 1}
        skeleton = write_skeleton({name: cut[name] for name in names if _is_xml(name)})
        archive = Archive(known, [Member(name, cut[name]) for name in names if name not in known])
        return _Shape(archive, self._room(way, tracer), skeleton, sha256(skeleton))

    def _room(self, way: Way, tracer: Tracer) -> dict[int, int]:
        room = {}
        for number, (source, step, values) in enumerate(zip(self._heard, way.steps, way.values, strict=True)):
            if values and not source.escaped:
                texts = tracer.written(step, [""] * len(values))
                room[number] = PROPERTY_LENGTH - sum(len(text) for text, _ in texts)
        return room

    def _compress(self, content: bytes) -> Compressed:
        if content not in self._compressed:
            self._compressed[content] = compressed(content)
        return self._compressed[content]

    def _fill(self, context: dict[str, Any]) -> dict[str, bytes]:
        self._count = 0
        self._heard.clear()
        members = fill(_MarkedTemplate(self._template, self._properties, self._patched), context, self._text)
        return {name: self._kept.get(content, content) for name, content in members.items()}

    def _marking(self) -> Any:
        @pass_context  # with a context, Jinja computes nothing beforehand, and so the marks are counted in order
        def finalize(_: object, value: object) -> str:
            text = plain_text(value)
            if is_blank(text):
                return text
            self._count += 1
            return f"{_MARK_START}{self._count - 1}{_MARK_MIDDLE}{_PROBE}{_MARK_END}"

        return finalize


class _MarkedTemplate(WordTemplate):
    """A docxtpl template that looks up what it made of the same XML before."""

    def __init__(self, template: bytes, properties: Any, patched: dict[str, str]) -> None:
        super().__init__(template, properties)
        self._patched = patched

    def patch_xml(self, src_xml: str) -> str:
        """Make XML ready for Jinja."""
        if src_xml not in self._patched:
            self._patched[src_xml] = super().patch_xml(src_xml)
        return self._patched[src_xml]


class _Once:
    """Stands between docxtpl and Jinja: hears of every template, and compiles each once."""

    def __init__(self, environment: Environment, heard: list[Source]) -> None:
        self.autoescape = environment.autoescape
        self._environment = environment
        self._heard = heard
        self._compiled: dict[str, Template] = {}

    def from_string(self, text: str) -> Template:
        self._heard.append(Source(text, bool(self.autoescape)))
        if text not in self._compiled:
            self._compiled[text] = self._environment.from_string(text)
        return self._compiled[text]


def _is_xml(name: str) -> bool:
    return name.endswith((".xml", ".rels"))


def _stand_in(name: str) -> bytes:
    """Make what stands in for a font or a picture while docxtpl works, which looks into neither."""
    return f"\0{name}".encode()


def _cut(content: bytes) -> list[bytes | Slot]:
    """Cut a member at its marks; a mark that was changed is left in, and is missed."""
    pieces: list[bytes | Slot] = []
    position = 0
    for mark in _MARK.finditer(content):
        style = next((n for n, entities in enumerate(_PROBES) if entities == mark[2]), None)
        if style is not None:
            pieces += [content[position : mark.start()], (int(mark[1]), style)]
            position = mark.end()
    return [*pieces, content[position:]]
