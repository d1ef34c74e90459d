"""Makes many DOCX letters from what docxtpl made of a few: the same members, byte for byte.

A letter is rendered with marks in the place of its values (`shapes.py`); of each shape that is found, docxtpl makes one
letter, and the others are spliced from it (`shapes.py`). Whatever does not fit this (a value with control characters,
a template with pictures or rich text) goes to docxtpl itself, and the result says why. Shapes are kept on disk.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from letters.formats.files import sha256
from letters.formats.ooxml import Filling
from letters.model.records import Values
from letters.render.store import Store
from letters.render.word.shapes import Cast, JinjaSource, MarkedLetter, NotSplicedError, Shape, ShapeMaker, Tracer

if TYPE_CHECKING:
    from letters.render.word.docxtpl_internals import DocxRenderer

_MOST_SHAPES = 256
"""Shapes that are kept in memory, 0.3 MB each; letters of any further one go to docxtpl."""
PROGRAMS = ("docxtpl", "python-docx", "lxml", "jinja2")
"""What a shape depends on, besides the template."""


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
        self._store = Store(cache, ("Word", sha256(template)), PROGRAMS)
        self._maker = ShapeMaker(template)
        self._tracer: Tracer | None = None
        self._shapes: dict[str, Shape | str] = {}
        """By hash; or the reason why letters of this shape cannot be spliced."""
        self._handed_on: set[str] = set()
        """The skeletons that letters made so far were handed on with, by their hash."""
        self._refused = ""
        """Why no letter of this template can be spliced."""

    @cached_property
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
        plain = [text for text, source in zip(marked.texts, self._tracer.sources, strict=True) if not source.escaped]
        self._shapes[marked.shape()] = shape = self._maker.shape(cast, plain)
        if is_new:
            self._store.put(("shape", marked.shape()), tuple(cast))
        return shape
