"""Lets WeasyPrint remember the lines it has broken and drawn, from one letter to the next."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from math import inf
from typing import Any

import weasyprint.draw
import weasyprint.layout.inline
import weasyprint.layout.preferred
from weasyprint.css import AnonymousStyle
from weasyprint.draw.text import draw_first_line, draw_text
from weasyprint.matrix import Matrix
from weasyprint.pdf.fonts import Font
from weasyprint.pdf.stream import Stream
from weasyprint.text.fonts import get_pango_font_key
from weasyprint.text.line_break import split_first_line

from letters.render.pdf.glyphs import Glyphs, Pen
from letters.render.pdf.recent import Recent
from letters.render.pdf.weasyprint_internals import standing_in
from letters.render.pdf.words import RATIO, Words, find_words

_KEPT = 3_000
"""Lines that are kept in memory, less than 1 kB each."""
_STYLE = (
    *("direction", "lang", "font_language_override", "font_family", "font_style", "font_stretch", "font_weight"),
    *("font_size", "font_kerning", "font_variant_ligatures", "font_variant_position", "font_variant_caps"),
    *("font_variant_numeric", "font_variant_alternates", "font_variant_east_asian", "font_feature_settings"),
    *("font_variation_settings", "text_decoration_line", "word_spacing", "letter_spacing", "overflow_wrap"),
    *("tab_size", "white_space", "hyphens", "hyphenate_limit_chars", "hyphenate_limit_zone", "hyphenate_character"),
    "word_break",
)
"""What the breaking and the drawing of a line depend on."""
_TINY = 1e-6
"""The size in CSS pixels below which WeasyPrint draws no letters."""
_SURE_BREAK = re.compile(r" [A-Za-z0-9]")


class UnfitError(Exception):
    """Tells why a letter has to be made the plain way."""


class Faces:
    """The fonts that were met, by WeasyPrint's key and by their name in a PDF."""

    def __init__(self) -> None:
        self._by_key: dict[int, Any] = {}
        self.by_name: dict[str, Any] = {}

    def recorder(self, pango_font: Any, glyphs: Glyphs) -> tuple[Any, float]:
        """Return a font that notes down its glyphs in `glyphs`, and its size; widths are shared."""
        key, description, size = get_pango_font_key(pango_font)
        if key not in self._by_key:
            font = Font(pango_font, description, size)
            self._by_key[key] = self.by_name.setdefault(font.hash, font)
        known = self._by_key[key]
        font = _Recorder()
        font.__dict__.update(known.__dict__)
        font.to_unicode = glyphs.setdefault(known.hash, {})
        return font, size


class _Recorder(Font):  # type: ignore[misc]
    def __init__(self) -> None:
        """Start empty; all is copied from a font."""


class Memory(Stream):  # type: ignore[misc]
    """The lines that were broken and drawn."""

    def __init__(self, faces: Faces) -> None:
        super().__init__({}, None, {}, {}, None, {}, None)
        self.faces = faces
        self.first: tuple[str, Any] | None = None
        """The first text that was broken since this was last None, and the room there was for it."""
        self._glyphs: Glyphs = {}
        self._pen = Pen()
        self._breaks: Recent[object, Any] = Recent(_KEPT)
        self._drawn: Recent[object, tuple[bytes, Glyphs]] = Recent(_KEPT)
        self._styles: dict[int, tuple[Any, object]] = {}
        self._names: dict[tuple[str, ...], int] = {}
        self._words: dict[object, Words | None] = {}

    def add_font(self, pango_font: Any) -> tuple[Any, float]:
        """Hand out a font that notes down its glyphs."""
        return self.faces.recorder(pango_font, self._glyphs)

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Let WeasyPrint use this memory."""
        try:
            with (
                standing_in(self.split, "split_first_line", weasyprint.layout.inline, weasyprint.layout.preferred),
                standing_in(self._draw_text, "draw_text", weasyprint.draw),
            ):
                yield
        finally:
            self._styles.clear()

    def _style(self, style: Any) -> object:
        """Name the look of a text by a number."""
        looks = style.parent_style if isinstance(style, AnonymousStyle) else style
        if id(looks) not in self._styles:
            values = tuple(str(looks[name]) for name in _STYLE)
            self._styles[id(looks)] = (looks, self._names.setdefault(values, len(self._names)))
        return (looks is style, self._styles[id(looks)][1])

    def split(
        self,
        text: str,
        style: Any,
        context: Any,
        max_width: float | None,
        justification_spacing: float,
        is_line_start: bool = True,
        minimum: bool = False,
    ) -> Any:
        """Fit text on a line, as split_first_line does."""
        if self.first is None:
            self.first = (text, max_width)
        more = (self._style(style), max_width, justification_spacing, is_line_start, minimum)
        size = style["font_size"]
        short = text
        if max_width is not None and max_width != inf and size * RATIO <= max_width:
            short = text[: int(max_width / size * RATIO)]
        found = self._breaks.get((short, len(short) == len(text), more))
        if found is None:
            found = split_first_line(
                text, style, context, max_width, justification_spacing, is_line_start=is_line_start, minimum=minimum
            )
            if len(short) == len(text) or (found[3] * 2 > (max_width or 0) and _breaks_again(short, found[2])):
                self._breaks[short, len(short) == len(text), more] = found
        return found

    def _draw_text(self, stream: Any, box: Any, offset_x: float, text_overflow: str, block_ellipsis: str) -> None:
        """Draw a box of text, as draw_text does."""
        style = box.style
        ordinary = text_overflow == "clip" and block_ellipsis == "none" and style["text_decoration_line"] == "none"
        if not ordinary or style["visibility"] != "visible" or not hasattr(stream, "glyphs"):
            draw_text(stream, box, offset_x, text_overflow, block_ellipsis)
            return
        body, glyphs = self.draw(box)
        stream.set_color(style["color"])
        stream.begin_text()
        if body:
            stream.set_text_matrix(1, 0, 0, -1, box.position_x, box.position_y + box.baseline)
            stream.stream.append(body)
        stream.end_text()
        for font, texts in glyphs.items():
            stream.glyphs[font] = {**texts, **stream.glyphs.get(font, {})}

    def draw(self, box: Any) -> tuple[bytes, Glyphs]:
        """Draw a box of text: the operators after the text matrix, and the glyphs."""
        layout = box.pango_layout
        key = (self._style(box.style), not box.text.strip(), layout.text, layout.justification_spacing)
        drawn = self._drawn.get(key)
        if drawn is None:
            layout.reactivate(box.style)
            drawn = self._drawn[key] = self._draw(box)
            layout.deactivate()
        return drawn

    def _draw(self, box: Any) -> tuple[bytes, Glyphs]:
        if not box.text.strip() or box.style["font_size"] < _TINY:
            return b"", {}
        self._begin()
        if not self._pen.write(self, box.pango_layout):
            self._begin()
            if draw_first_line(self, box, "clip", "none", Matrix(d=-1)):
                raise UnfitError("a letter is drawn as a picture")
            del self.stream[0]
        return b"\n".join(self.stream), self._glyphs

    def words_of(self, style: Any) -> Words | None:
        """Return the words of a style; None where a line is more than its words."""
        name = self._style(style)
        if name not in self._words:
            self._words[name] = find_words(style, self._pen, self) if style["font_size"] > _TINY else None
        return self._words[name]

    def _begin(self) -> None:
        self.stream: list[bytes] = []
        self._glyphs, self._current_font = {}, None


def _breaks_again(short: str, resume: int | None) -> bool:
    """Tell whether a line that was broken in a longer text would be broken so in the beginning of it, too."""
    if resume is None:
        return False
    rest = short.encode()[resume + 1 :].decode(errors="replace")
    return _SURE_BREAK.search(rest, 0, len(rest) - 1) is not None
