"""Cuts fonts down to the glyphs that a letter shows, and keeps what was cut."""

from __future__ import annotations

import copy

import pydyf  # type: ignore[import-untyped]
from weasyprint import DEFAULT_OPTIONS
from weasyprint.pdf.fonts import build_fonts_dictionary

from letters.render.compose_memory import Faces
from letters.render.recent import Recent

_KEPT_FONTS = 100
"""Subsets of fonts kept in memory, about 30 kB each."""

FontObjects = tuple[tuple[bytes, ...], bytes]
"""The objects of a font, and the reference to it."""


class FontCase:
    """The subsets of fonts that were made, by the glyphs in them."""

    def __init__(self, faces: Faces) -> None:
        self._faces = faces
        self._made: Recent[tuple[str, int, frozenset[tuple[int, str]]], FontObjects] = Recent(_KEPT_FONTS)

    def learn(self, widths: dict[str, dict[int, int]]) -> None:
        """Hear of the widths of glyphs, which fonts tell only of those that were drawn."""
        for name, known in widths.items():
            self._faces.by_name[name].widths |= known

    def subset(self, name: str, texts: dict[int, str], number: int) -> FontObjects:
        """Return a font with these glyphs as objects numbered from `number`."""
        key = (name, number, frozenset(texts.items()))
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = self._make(name, texts, number)
        return made

    def _make(self, name: str, texts: dict[int, str], number: int) -> FontObjects:
        known = self._faces.by_name[name]
        font = copy.copy(known)
        font.to_unicode = dict(sorted(texts.items()))
        font.widths = {glyph: known.widths[glyph] for glyph in font.to_unicode}
        pdf = pydyf.PDF()
        pdf.objects = [pdf.objects[0]] * number
        fonts = build_fonts_dictionary(pdf, {name: font}, True, True, {**DEFAULT_OPTIONS, "pdf_version": "1.7"})
        return tuple(each.indirect + b"\n" for each in pdf.objects[number:]), fonts[name]
