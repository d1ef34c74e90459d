"""Draws each page once: a page that letters share is put on the next plate as it was drawn on the first."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from weasyprint.document import Page
from weasyprint.pdf.stream import Stream

from letters.render.pdf.glyphs import Glyphs
from letters.render.pdf.line_cache import Faces


class DrawnPage(Page):  # type: ignore[misc]
    """A page that notes down where each box of text is drawn, and with which glyphs."""

    def __init__(self, box: Any) -> None:
        super().__init__(box)
        self.faces: Faces | None = None
        """The fonts; to be set before it is drawn."""
        self.boxes: dict[int, Any] = {}
        """By the place among the operators where each begins."""
        self.records: list[tuple[int, Glyphs]] = []
        self._operators: list[Any] = []
        self._tags: dict[Any, Any] = {}
        self._resources: dict[tuple[Any, ...], None] = {}
        """What was asked of the file, as calls: its images and degrees of transparency."""
        self._start = -1
        """The place among the operators where it was drawn; -1 if that has to be done again."""

    def paint(self, stream: Any, scale: float = 1) -> None:
        """Draw the page, or repeat how it was drawn."""
        stream.__class__ = _WatchedStream
        if self._start == len(stream.stream):
            self._repeat(stream)
            return
        stream.page, stream.glyphs, stream.resources, stream.stays = self, {}, {}, True
        self.boxes, self.records = {}, [(0, stream.glyphs)]
        start = len(stream.stream)
        super().paint(stream, scale)
        self._start = start if stream.stays else -1
        self._operators, self._tags, self._resources = stream.stream[start:], dict(stream._tags), stream.resources

    def _repeat(self, stream: Any) -> None:
        for ask, *arguments in self._resources:
            ask(stream, *arguments)
        stream.stream[self._start :] = self._operators
        stream._tags.update(self._tags)


class _WatchedStream(Stream):  # type: ignore[misc]
    page: DrawnPage
    glyphs: Glyphs
    resources: dict[tuple[Any, ...], None]
    stays: bool
    """Whether what was drawn means the same in another file."""

    def add_font(self, pango_font: Any) -> tuple[Any, float]:
        assert self.page.faces is not None
        return self.page.faces.recorder(pango_font, self.glyphs)

    @contextmanager
    def marked(self, box: Any, tag: str) -> Iterator[None]:
        self.glyphs = {}
        self.page.records.append((id(box), self.glyphs))
        with super().marked(box, tag):
            self.page.boxes[len(self.stream)] = box
            yield
        self.glyphs = {}
        self.page.records.append((0, self.glyphs))

    def set_alpha(self, alpha: float, stroke: bool = False, fill: bool | None = None) -> None:
        self.resources[Stream.set_alpha, alpha, stroke, fill] = None
        super().set_alpha(alpha, stroke, fill)

    def add_image(self, image: Any, interpolate: Any, ratio: float) -> Any:
        self.resources[Stream.add_image, image, interpolate, ratio] = None
        return super().add_image(image, interpolate, ratio)

    def set_state(self, *arguments: Any) -> None:
        self.stays = False
        super().set_state(*arguments)

    def add_group(self, *arguments: Any) -> Any:
        self.stays = False
        return super().add_group(*arguments)

    def add_pattern(self, *arguments: Any) -> Any:
        self.stays = False
        return super().add_pattern(*arguments)

    def add_shading(self, *arguments: Any, **named: Any) -> Any:
        self.stays = False
        return super().add_shading(*arguments, **named)
