"""Makes many DOCX letters from what docxtpl made of a few: the same members, byte for byte.

Jinja renders the templates with numbered marks in the place of values. Two letters that go the same way through them
differ in their values only: this is how shapes are found rather than declared. Of each shape docxtpl makes one letter,
and the others are spliced from it. Whatever does not fit this (a value with control characters, a template with
pictures or rich text) goes to docxtpl itself, and the result says why. Shapes are kept on disk.
"""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from jinja2 import Environment, Template, nodes, pass_context

from letters.formats import jinja
from letters.formats.files import sha256
from letters.formats.ooxml import (
    PROPERTY_LENGTH,
    STYLES,
    Filling,
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
from letters.model.records import DOCX, Values
from letters.render.store import Store

if TYPE_CHECKING:
    from letters.render.word.docxtpl_internals import DocxRenderer

PROBE = "'\"&<>é"
"""What every mark carries: all characters that XML may escape, so that docxtpl and lxml show how a value is written."""
MARK_START, MARK_MIDDLE, MARK_END = "\ue100", "\ue101", "\ue102"
"""Private characters: no tool between Jinja and the ZIP escapes, splits or normalizes them."""
MARK = re.compile(f"{MARK_START}([0-9]+){MARK_MIDDLE}[^{MARK_END}]*{MARK_END}")
_CHANGING = (nodes.Macro, nodes.CallBlock, nodes.FilterBlock, nodes.AssignBlock, nodes.Include, nodes.Block)
"""Statements that may change or read a text after it was printed, when a mark stands in it and not the value."""
_IMPORTS = (nodes.Import, nodes.FromImport, nodes.Extends)
_WRITTEN = re.compile(f"{MARK_START}([0-9]+){MARK_MIDDLE}(.{{5,40}}?){MARK_END}".encode(), re.DOTALL)
"""A mark in a member: its number, and its probe as it was escaped there."""
_PROBES = [escaped(PROBE, style) for style in range(len(STYLES))]
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ue01f\ue100-\ue102\ufffe\uffff]")
"""What docxtpl turns into mark-up, XML cannot hold, or stands for something here (marks, the guard of braces)."""
_BRACES = frozenset("{}%_")
"""The characters of docxtpl's escapes: "{_{" becomes "{{", also where a value and the text beside it make it up."""
_QUICK = 1
"""How hard zlib tries: 2 % more bytes than at its default, in 0.8 in place of 1.9 ms a letter."""
_MOST_SHAPES = 256
"""Shapes that are kept in memory, 0.3 MB each; letters of any further one go to docxtpl."""


class NotSplicedError(Exception):
    """Says why a letter is left to docxtpl."""


class JinjaSource(NamedTuple):
    """A template as docxtpl hands it to Jinja."""

    text: str
    escaped: bool
    """Whether values are escaped for XML; those of the core properties are not."""


class MarkedLetter(NamedTuple):
    """A letter with marks for values."""

    texts: tuple[str, ...]
    """What each template comes to."""
    values: tuple[str, ...]
    """What the marks stand for, by their numbers."""

    def shape(self) -> str:
        """Return the hash of the marked texts, equal for all letters of one shape."""
        return hashlib.sha256("\0".join(self.texts).encode()).hexdigest()


class Tracer:
    """The templates of a Word letter, in docxtpl's order."""

    def __init__(self, sources: Iterable[JinjaSource] = ()) -> None:
        self.sources: list[JinjaSource] = []
        self._templates: list[Template] = []
        self._texts: list[str] = []
        self._values: list[str] = []
        self._environments = {escaped: self._environment(escaped=escaped) for escaped in (True, False)}
        for source in sources:
            self.add(source)

    def add(self, source: JinjaSource) -> None:
        """Add a template; raises NotSplicedError where marks cannot stand in for the values that it prints."""
        environment = self._environments[source.escaped]
        tree = environment.parse(source.text)
        if found := next(tree.find_all((*_CHANGING, *_IMPORTS)), None):
            raise NotSplicedError(f"its template has a statement that may change printed text ({type(found).__name__})")
        self._templates.append(environment.from_string(tree))
        self.sources.append(source)

    def mark(self, context: Mapping[str, object]) -> MarkedLetter:
        """Render all templates; raises what Jinja raises, and NotSplicedError for a value that is more than text."""
        self._texts.clear()
        self._values.clear()
        for _ in self._templates:
            self.mark_next(context)
        return self.marked()

    def mark_next(self, context: Mapping[str, object]) -> str:
        """Render the next template of a letter; raises what `mark` does."""
        self._texts.append(self._templates[len(self._texts)].render(context))
        return self._texts[-1]

    def marked(self) -> MarkedLetter:
        """Return the letter whose templates have been rendered."""
        return MarkedLetter(tuple(self._texts), tuple(self._values))

    def _environment(self, *, escaped: bool) -> Environment:
        @pass_context  # without a context, Jinja would compute constants when it compiles, and mark them then
        def finalize(_: object, value: object) -> str:
            # RichText and pictures of docxtpl, which stand for elements.
            if hasattr(value, "__html__"):
                raise NotSplicedError("a value brings mark-up of its own")
            text = str(value)
            if not text or text.isspace():  # lxml may drop white space between elements: it belongs to the shape
                return text
            self._values.append(text)
            return f"{MARK_START}{len(self._values) - 1}{MARK_MIDDLE}{PROBE}{MARK_END}"

        made = jinja.environment(finalize)
        made.autoescape = escaped
        return made


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
        self._properties = [([int(m[1]) for m in MARK.finditer(text)], len(MARK.sub("", text))) for text in properties]

    def write(self, values: Sequence[str]) -> bytes:
        """Return the DOCX with these values; raises NotSplicedError where docxtpl would do more than put them in."""
        if unsafe := _UNSAFE.search(" ".join(values)):
            raise NotSplicedError(f"a value holds the character U+{ord(unsafe[0]):04X}")
        # docxtpl would take both for an escaped brace, and print one of them.
        if any(values[n][0] in _BRACES or values[n][-1] in _BRACES for n in self._beside_braces):
            raise NotSplicedError("a brace of a value stands beside another")
        for numbers, length in self._properties:
            if numbers and length + sum(len(values[n]) for n in numbers) > PROPERTY_LENGTH:
                raise NotSplicedError(f"a property of the DOCX is longer than {PROPERTY_LENGTH} characters")
        # Only members with values are compressed anew; the others stand in the package as they are.
        return append_parts(self._package, fill_pieces(self._cut, values), level=_QUICK)


@functools.lru_cache(4)  # the shapes of a template have its fonts and pictures in common
def _packed(parts: tuple[tuple[str, bytes], ...]) -> bytes:
    return write_package(dict(parts))


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
        # Here: a build that finds all shapes on disk need not load docxtpl.
        from letters.render.word.docxtpl_internals import fill

        return fill(self._template, {}, _StandIn(render, escaped=True), _StandIn(render, escaped=False))

    def _cut(self, members: Mapping[str, bytes], marks: int) -> Cast:
        # In the order of their names: the hash of a skeleton must be the same in every process.
        parts = {name: _cut_at_marks(content) for name, content in sorted(members.items()) if is_xml(name)}
        # Each mark must be found once and whole: docxtpl may have split a run there, or read a mark as one of its own
        # tags.
        found = sorted(piece[0] for pieces in parts.values() for piece in pieces if isinstance(piece, tuple))
        if found != list(range(marks)):
            raise NotSplicedError("docxtpl changes what its values become")
        media = {name: content for name, content in members.items() if not is_xml(name)}
        # What the template has not is a picture of one letter.
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


class RenderedDocx(NamedTuple):
    """A DOCX, with what it was spliced from or why it was not."""

    content: bytes
    filling: Filling | None = None
    """What it was spliced from."""
    fallback: str = ""
    """Why docxtpl made this letter by itself; empty where it was spliced."""
    unexpected: bool = False
    """Whether that is a fault of this engine, not a known limit."""


class WordBatchRenderer:
    """A Word template, ready to be filled for very many recipients."""

    def __init__(self, template: bytes, cache: Path | None = None) -> None:
        self._template = template
        self._store = Store(cache, ("Word", sha256(template)), DOCX)
        self._maker = ShapeMaker(template)
        self._tracer: Tracer | None = None
        self._shapes: dict[str, Shape | str] = {}
        """By hash; or the reason why letters of this shape cannot be spliced."""
        self._handed_on: set[str] = set()
        """The skeletons that letters made so far were handed on with, by their hash."""
        self._refused = ""
        """Why no letter of this template can be spliced."""

    @functools.cached_property
    def plain(self) -> DocxRenderer:
        """The plain way."""
        from letters.render.word.docxtpl_internals import DocxRenderer

        return DocxRenderer(self._template)

    def render(
        self, context: Mapping[str, object], notes: Sequence[Values], pages: Sequence[Mapping[int, int]] = ()
    ) -> RenderedDocx:
        """Fill one letter; see DocxRenderer. Raises RenderError, and what Jinja raises."""
        try:
            return self.splice(context, notes, pages)
        except NotSplicedError as reason:
            fallback, unexpected = str(reason), False
        except Exception as error:  # noqa: BLE001 - what is wrong with the letter docxtpl says; the rest is reported
            fallback, unexpected = f"{type(error).__name__}: {error}", True
        return RenderedDocx(self.plain.render(context, notes, pages), None, fallback, unexpected)

    def splice(
        self, context: Mapping[str, object], notes: Sequence[Values], pages: Sequence[Mapping[int, int]] = ()
    ) -> RenderedDocx:
        """Fill one letter without docxtpl; raises NotSplicedError where only docxtpl knows what it would look like."""
        marked = self._mark({**context, "notes": list(notes), "pages": list(pages)})
        shape = self._shape(marked)
        content = shape.write(marked.values)
        digest = shape.skeleton_digest
        text = b"" if digest in self._handed_on else shape.skeleton
        # A skeleton is hundreds of kilobytes: it goes to the ledger with the first letter of its shape only.
        self._handed_on.add(digest)
        return RenderedDocx(content, Filling(digest, marked.values, text))

    def _mark(self, context: dict[str, object]) -> MarkedLetter:
        if self._refused:
            raise NotSplicedError(self._refused)
        if self._tracer is None and (kept := self._store.get("sources")):
            self._tracer = Tracer(JinjaSource(*source) for source in kept)
        if self._tracer:
            return self._tracer.mark(context)
        try:
            tracer, marked, cast = self._maker.trace(context)
        except NotSplicedError as reason:
            self._refused = str(reason)
            raise
        self._tracer = tracer
        self._store.put("sources", [tuple(source) for source in tracer.sources])
        self._add(marked, cast, is_new=True)
        return marked

    def _shape(self, marked: MarkedLetter) -> Shape:
        found = self._shapes.get(marked.shape())
        if found is None:
            if len(self._shapes) >= _MOST_SHAPES:
                raise NotSplicedError(f"its conditions fall in more than {_MOST_SHAPES} ways")
            found = self._new_shape(marked)
        if isinstance(found, str):
            raise NotSplicedError(found)
        return found

    def _new_shape(self, marked: MarkedLetter) -> Shape | str:
        if kept := self._store.get(("shape", marked.shape())):
            return self._add(marked, Cast(*kept), is_new=False)
        try:
            return self._add(marked, self._maker.cast(marked), is_new=True)
        except NotSplicedError as reason:
            self._shapes[marked.shape()] = str(reason)
            return str(reason)

    def _add(self, marked: MarkedLetter, cast: Cast, *, is_new: bool) -> Shape:
        assert self._tracer is not None
        # Core properties are cut off at a length, which depends on the values.
        plain = [text for text, source in zip(marked.texts, self._tracer.sources, strict=True) if not source.escaped]
        self._shapes[marked.shape()] = shape = self._maker.shape(cast, plain)
        if is_new:
            self._store.put(("shape", marked.shape()), tuple(cast))
        return shape
