"""Makes many DOCX letters from what docxtpl made of a few: the same members, byte for byte.

Letters that go the same way through the conditions of the template have the same shape. Of each shape one letter is
made with a mark in the place of every value, by docxtpl or, where the template is known well enough, as docxtpl would.
What stands between the marks is compressed once, and each letter is spliced from it. Whatever does not fit this (a
value with mark-up or control characters, a template with pictures or rich text) goes to docxtpl itself. Shapes are kept
on disk.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from jinja2 import TemplateError

from letters.formats.files import sha256
from letters.formats.ooxml import PROPERTY_LENGTH, is_xml, read_package
from letters.formats.skeleton import STYLES, Filling, Slot, escaped, read_skeleton, write_skeleton
from letters.model.records import Values
from letters.render.braces import BRACE_ESCAPES, guarded
from letters.render.splice import Archive, Compressed, Member, Spliced, compressed
from letters.render.store import Store
from letters.render.trace import NotFollowedError, Source, Tracer, Way

if TYPE_CHECKING:
    from letters.render.docx import DocxRenderer
    from letters.render.marked import MarkedRenderer

_MOST_SHAPES = 256
"""Shapes that are kept; letters of any further one go to docxtpl, so that memory has a bound."""
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ue01f\ue100-\ue102\ufffe\uffff]")
"""Characters that docxtpl turns into mark-up, that XML cannot hold, or that mean something here."""
_BRACES = re.compile(r"[{}%_]")
_ESCAPED = "".join(character for style in STYLES for character, _ in style)
_UNUSUAL = re.compile(f"{_UNSAFE.pattern}|{_BRACES.pattern}|[{_ESCAPED}]")
"""What hardly any letter has a character of."""
_PROGRAMS = ("docxtpl", "python-docx", "lxml", "jinja2")
"""What a shape depends on, besides the template."""


class FastDocxRenderer:
    """A Word template, ready to be filled for very many recipients."""

    def __init__(self, template: bytes, cache: Path | None = None) -> None:
        self._template = template
        self._store = Store(cache, ("Word", sha256(template)), _PROGRAMS)
        self._compressed: dict[bytes, Compressed] = {}
        self._tracer: Tracer | None = None
        self._shapes: dict[tuple[str, ...], _Shape | None] = {}
        self._can_follow = True
        self._skeletons: dict[str, bytes] = {}
        self._told: set[str] = set()
        """Skeletons that went out with a letter; whoever keeps letters has them by now."""

    @cached_property
    def plain(self) -> DocxRenderer:
        """The plain way."""
        from letters.render.docx import DocxRenderer

        return DocxRenderer(self._template)

    @cached_property
    def _marked(self) -> MarkedRenderer:
        from letters.render.marked import MarkedRenderer

        return MarkedRenderer(self._template)

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
        return made._replace(filling=made.filling._replace(text=self._skeletons[made.filling.skeleton]))

    def splice(self, context: Mapping[str, object], notes: Sequence[Values]) -> Spliced | None:
        """Fill one letter without docxtpl; None where only docxtpl knows what it would look like."""
        if not self._can_follow:
            return None
        values = {**context, "notes": list(notes)}
        try:
            if self._tracer is None:
                self._tracer = self._new_tracer(values)
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
            self._shapes[way.steps] = shape = self._new_shape(context, way, self._tracer)
            if shape:
                self._skeletons[shape.skeleton_hash] = shape.skeleton
        return self._shapes.get(way.steps)

    def _new_tracer(self, context: dict[str, object]) -> Tracer:
        if kept := self._store.get("sources"):
            return Tracer(Source(*source) for source in kept)
        tracer = self._marked.tracer(context)
        self._store.put("sources", [(source.text, source.escaped) for source in tracer.sources])
        return tracer

    def _new_shape(self, context: dict[str, object], way: Way, tracer: Tracer) -> _Shape | None:
        key = ("shape", way.steps)
        skeleton = self._store.get(key)
        if skeleton:
            cut = read_skeleton(skeleton) | self._others
        elif (made := self._marked.cut(context, way, tracer)) is None:
            return None
        else:
            cut = made
            skeleton = write_skeleton({name: cut[name] for name in sorted(cut) if is_xml(name)})
            if {name: pieces for name, pieces in cut.items() if not is_xml(name)} == self._others:
                self._store.put(key, skeleton)
        names = sorted(cut, key=lambda name: (name != "[Content_Types].xml", name))
        known = {name: self._compress(cut[name][0]) for name in names if len(cut[name]) == 1}
        archive = Archive(known, [Member(name, cut[name]) for name in names if name not in known])
        return _Shape(archive, _room(way, tracer), skeleton, sha256(skeleton))

    @cached_property
    def _others(self) -> dict[str, list[bytes | Slot]]:
        """The fonts and pictures of the template, which hold no values."""
        return {name: [content] for name, content in read_package(self._template).items() if not is_xml(name)}

    def _compress(self, content: bytes | Slot) -> Compressed:
        assert isinstance(content, bytes)
        if content not in self._compressed:
            self._compressed[content] = compressed(content)
        return self._compressed[content]


class _Shape(NamedTuple):
    """What all letters that go one way have in common."""

    archive: Archive
    room: Mapping[int, int]
    """Characters that the values of a core property may have together, by the number of its template."""
    skeleton: bytes
    skeleton_hash: str

    def write(self, way: Way, tracer: Tracer) -> Spliced | None:
        """Write a letter; None where only docxtpl knows what its values would become."""
        values = [value for printed in way.values for value in printed]
        if any(sum(map(len, way.values[n])) > room for n, room in self.room.items()):
            return None
        joined = " ".join(values)
        if not _UNUSUAL.search(joined):  # then a value is written in the same way everywhere
            plain = list(map(str.encode, values))
            cells = tuple([plain[number] for number, _ in self.archive.slots])
        elif _UNSAFE.search(joined) or (_BRACES.search(joined) and _makes_escapes(way, tracer)):
            return None
        else:
            cells = tuple([escaped(values[number], style) for number, style in self.archive.slots])
        return self.archive.write(cells, Filling(self.skeleton_hash, tuple(values)))


def _makes_escapes(way: Way, tracer: Tracer) -> bool:
    """Tell whether a value and its neighbours together make what docxtpl reads as an escaped brace."""
    for step, values in zip(way.steps, way.values, strict=True):
        pieces = tracer.written(step, values)
        whole = "".join(str(guarded(text)) if is_value else text for text, is_value in pieces)
        alone = sum(len(BRACE_ESCAPES.findall(text)) for text, is_value in pieces if not is_value)
        if len(BRACE_ESCAPES.findall(whole)) != alone:
            return True
    return False


def _room(way: Way, tracer: Tracer) -> dict[int, int]:
    """Tell how many characters the values of each core property may have together."""
    room = {}
    for number, (source, step, values) in enumerate(zip(tracer.sources, way.steps, way.values, strict=True)):
        if values and not source.escaped:
            texts = tracer.written(step, [""] * len(values))
            room[number] = PROPERTY_LENGTH - sum(len(text) for text, _ in texts)
    return room
