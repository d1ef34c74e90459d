"""Memoizes line breaking and glyph drawing, while pages are laid out and while paragraphs are set outside them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from math import inf
from typing import Any

import pydyf

from letters.render.pdf.fonts import FontRegistry, GlyphTexts, GlyphWriter
from letters.render.pdf.plain import UnfitError
from letters.render.pdf.weasyprint_internals import (
    LayoutBox,
    Stream,
    draw_text,
    forget_font,
    replaced,
    split_first_line,
)
from letters.render.pdf.words import EXCERPT, StyleWords, words_of_style
from letters.render.store import Limits, RecentCache

_PROPERTIES = (
    *("direction", "lang", "font_language_override", "font_family", "font_style", "font_stretch", "font_weight"),
    *("font_size", "font_kerning", "font_variant_ligatures", "font_variant_position", "font_variant_caps"),
    *("font_variant_numeric", "font_variant_alternates", "font_variant_east_asian", "font_feature_settings"),
    *("font_variation_settings", "text_decoration_line", "word_spacing", "letter_spacing", "overflow_wrap"),
    *("tab_size", "white_space", "hyphens", "hyphenate_limit_chars", "hyphenate_limit_zone", "hyphenate_character"),
    "word_break",
)
"""What the breaking and the drawing of a line depend on."""
_TINY = 1e-6
"""The size in CSS pixels below which draw_first_line draws no letters."""
_SURE_BREAK = re.compile(r" [A-Za-z0-9]")


def text_style(style: Any) -> tuple[str, ...]:
    """Return the values of a style that the breaking and the drawing of a line depend on."""
    return tuple(str(style[name]) for name in _PROPERTIES)


class LineCache(Stream):  # type: ignore[misc]
    """The lines that were broken and drawn, and the words of each style.

    It is a stream of WeasyPrint's because draw_text writes to one; what it writes is taken out after each line.
    """

    def __init__(self, fonts: FontRegistry, limits: Limits) -> None:
        super().__init__({}, None, {"ExtGState": pydyf.Dictionary()}, {}, None, {}, None)
        self.fonts = fonts
        self.first: tuple[str, float | None] | None = None
        """The first text that was broken since this was last None, and the room that there was for it."""
        self._limits = limits
        self._glyphs: GlyphTexts = {}
        self._writer = GlyphWriter()
        self._broken: RecentCache[object, Any] = RecentCache(limits.lines)
        self._drawn: RecentCache[object, tuple[bytes, GlyphTexts]] = RecentCache(limits.lines)
        self._styles: dict[int, tuple[Any, int]] = {}
        self._style_numbers: dict[tuple[str, ...], int] = {}
        self._words: dict[int, StyleWords | None] = {}

    def add_font(self, pango_font: Any) -> tuple[Any, float]:
        """Return a font that records its glyphs."""
        return self.fonts.recorder(pango_font, self._glyphs)

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Make WeasyPrint use this cache."""
        try:
            with replaced({"split_first_line": self.split, "draw_text": self._draw_text}):
                yield
        finally:
            # Styles are known by identity, which is another style's as soon as they are freed.
            self._styles.clear()

    def _style_number(self, style: Any) -> int:
        """Return a number for the values of a style that lines depend on."""
        if id(style) not in self._styles:
            number = self._style_numbers.setdefault(text_style(style), len(self._style_numbers))
            self._styles[id(style)] = (style, number)
        return self._styles[id(style)][1]

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
        """Return as much of a text as has room on a line, as split_first_line does."""
        if self.first is None:
            self.first = (text, max_width)
        more = (self._style_number(style), max_width, justification_spacing, is_line_start, minimum)
        size = style["font_size"]
        short = text
        # Of a long text split_first_line looks at an excerpt first, and at more only if no line ends there.
        if max_width is not None and max_width != inf and size * EXCERPT <= max_width:
            short = text[: int(max_width / size * EXCERPT)]
        found = self._broken.get((short, len(short) == len(text), more))
        if found is None:
            found = split_first_line(
                text, style, context, max_width, justification_spacing, is_line_start=is_line_start, minimum=minimum
            )
            if len(short) == len(text) or (found[3] * 2 > (max_width or 0) and _breaks_again(short, found[2])):
                self._broken[short, len(short) == len(text), more] = found
        return found

    def _draw_text(self, stream: Any, box: LayoutBox, offset_x: float, text_overflow: str, block_ellipsis: str) -> None:
        """Draw a text box, as draw_text does."""
        style = box.style
        is_ordinary = text_overflow == "clip" and block_ellipsis == "none" and style["text_decoration_line"] == "none"
        if not is_ordinary or style["visibility"] != "visible" or not hasattr(stream, "glyphs"):
            draw_text(stream, box, offset_x, text_overflow, block_ellipsis)
            return
        operators, glyphs = self.draw(box)
        stream.set_color(style["color"])
        stream.begin_text()
        # set_text_matrix is the one operator that depends on the place.
        if operators:
            stream.set_text_matrix(1, 0, 0, -1, box.position_x, box.position_y + box.baseline)
            stream.stream.append(operators)
        stream.end_text()
        for font, texts in glyphs.items():
            # The first use of a glyph has its text (ToUnicode; ISO 32000-2, 9.10.3).
            stream.glyphs[font] = {**texts, **stream.glyphs.get(font, {})}

    def draw(self, box: LayoutBox) -> tuple[bytes, GlyphTexts]:
        """Return how a text box is drawn: the operators after the text matrix, and the glyphs."""
        # The text of the layout is that of the line, cut where it was broken; box.text may be longer.
        layout = box.pango_layout
        key = (self._style_number(box.style), not box.text.strip(), layout.text, layout.justification_spacing)
        drawn = self._drawn.get(key)
        if drawn is None:
            drawn = self._drawn[key] = self._draw(box)
        return drawn

    def _draw(self, box: LayoutBox) -> tuple[bytes, GlyphTexts]:
        if not box.text.strip() or box.style["font_size"] < _TINY:
            return b"", {}
        self._begin()
        box.pango_layout.reactivate(box.style)
        is_written = self._writer.write(self, box.pango_layout)
        box.pango_layout.deactivate()
        if is_written:
            return b"\n".join(self.stream), self._glyphs
        # WeasyPrint draws lines with marks, other directions or missing letters.
        self._begin()
        draw_text(self, box, 0, "clip", "none")
        if b"BT" not in self.stream:
            return b"", {}  # it is hidden
        begin, end = self.stream.index(b"BT"), self.stream.index(b"ET")
        if self.stream[end + 1 :] and box.style["text_decoration_line"] == "none":
            raise UnfitError("a letter is drawn as a picture, such as an emoji")
        return b"\n".join(self.stream[begin + 2 : end]), self._glyphs

    def words_of(self, style: Any) -> StyleWords | None:
        """Return the words of a style; None where a line is more than its words."""
        number = self._style_number(style)
        if number not in self._words:
            is_drawn = style["font_size"] > _TINY
            self._words[number] = words_of_style(style, self._writer, self, self._limits) if is_drawn else None
        return self._words[number]

    def _begin(self) -> None:
        self.stream: list[bytes] = []
        self._glyphs = {}
        forget_font(self)


def _breaks_again(short: str, resume: int | None) -> bool:
    """Return whether a line that was broken in a longer text would be broken so in the beginning of it, too."""
    if resume is None:
        return False
    rest = short.encode()[resume + 1 :].decode(errors="replace")
    return _SURE_BREAK.search(rest, 0, len(rest) - 1) is not None
