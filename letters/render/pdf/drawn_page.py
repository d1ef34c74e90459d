"""A page that records how it is drawn, and is drawn once for all page templates that it is part of."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from letters.render.pdf.fonts import FontRegistry, GlyphTexts
from letters.render.pdf.weasyprint_internals import LayoutBox, Page, Stream, tags_of


class DrawnPage(Page):  # type: ignore[misc]
    """A page that records where each text box is drawn, and with which glyphs."""

    def __init__(self, box: LayoutBox) -> None:
        super().__init__(box)
        self.fonts: FontRegistry | None = None
        """To be set before it is drawn."""
        self.boxes: dict[int, Any] = {}
        """By the place among the operators where each begins."""
        self.records: list[tuple[int, GlyphTexts]] = []
        """The glyphs that are shown, in order: those of each text box with its identity, others with 0."""
        self._operators: list[Any] = []
        self._tags: dict[Any, Any] = {}
        self._resources: dict[tuple[Any, ...], None] = {}
        """What was asked of the file, as calls: its images and degrees of transparency."""
        self._start = -1
        """The place among the operators where it was drawn; -1 if that has to be done again."""

    def paint(self, stream: Any, scale: float = 1) -> None:
        """Draw the page, or repeat how it was drawn."""
        # generate_pdf makes the stream of each page itself; there is no way to hand it another class.
        stream.__class__ = _RecordingStream
        # generate_pdf may have put other operators before; what was drawn depends on the graphics state there.
        if self._start == len(stream.stream):
            self._repeat(stream)
            return
        stream.page, stream.glyphs, stream.resources, stream.is_repeatable = self, {}, {}, True
        self.boxes, self.records = {}, [(0, stream.glyphs)]
        start = len(stream.stream)
        super().paint(stream, scale)
        self._start = start if stream.is_repeatable else -1
        self._operators, self._tags, self._resources = stream.stream[start:], dict(tags_of(stream)), stream.resources

    def _repeat(self, stream: Any) -> None:
        for ask, *arguments in self._resources:
            ask(stream, *arguments)
        # Marked content is numbered from 0 on each page (MCID; ISO 32000-2, 14.7.5), so operators and tags fit.
        stream.stream[self._start :] = self._operators
        tags_of(stream).update(self._tags)


class _RecordingStream(Stream):  # type: ignore[misc]
    page: DrawnPage
    glyphs: GlyphTexts
    resources: dict[tuple[Any, ...], None]
    is_repeatable: bool
    """Whether what was drawn means the same in another file: it names no other objects of this one."""

    def add_font(self, pango_font: Any) -> tuple[Any, float]:
        assert self.page.fonts is not None
        return self.page.fonts.recorder(pango_font, self.glyphs)

    @contextmanager
    def marked(self, box: LayoutBox, tag: str) -> Iterator[None]:
        self.glyphs = {}
        self.page.records.append((id(box), self.glyphs))
        with super().marked(box, tag):
            self.page.boxes[len(self.stream)] = box
            yield
        self.glyphs = {}
        self.page.records.append((0, self.glyphs))

    def set_alpha(self, alpha: float, stroke: bool = False, fill: bool | None = None) -> None:
        # The names of graphics states follow from their values: the same call gives the same name in any file.
        self.resources[Stream.set_alpha, alpha, stroke, fill] = None
        super().set_alpha(alpha, stroke, fill)

    def add_image(self, image: Any, interpolate: Any, ratio: float) -> Any:
        self.resources[Stream.add_image, image, interpolate, ratio] = None
        return super().add_image(image, interpolate, ratio)

    def set_state(self, *arguments: Any) -> None:
        self.is_repeatable = False
        super().set_state(*arguments)

    def add_group(self, *arguments: Any) -> Any:
        self.is_repeatable = False
        return super().add_group(*arguments)

    def add_pattern(self, *arguments: Any) -> Any:
        self.is_repeatable = False
        return super().add_pattern(*arguments)

    def add_shading(self, *arguments: Any, **named: Any) -> Any:
        self.is_repeatable = False
        return super().add_shading(*arguments, **named)
