"""Cuts fonts down to the glyphs that a letter shows, and keeps what was cut."""

from __future__ import annotations

import copy
import re

import pydyf  # type: ignore[import-untyped]
from weasyprint import DEFAULT_OPTIONS
from weasyprint.pdf.fonts import build_fonts_dictionary

from letters.render.pdf.line_cache import Faces
from letters.render.pdf.recent import Recent

_KEPT_FONTS = 100
"""Subsets of fonts kept in memory, about 30 kB each."""

_NUMBER = re.compile(rb"\b(\d+)(?= 0 (?:R|obj)\b)")
"""The number of an object, where it begins or is referred to (ISO 32000-1, 7.3.10)."""

_Numbered = tuple[bytes | int, ...]
"""What is written of an object, with the numbers of objects apart, counted from that of the font's first."""


class FontCase:
    """The subsets of fonts that were made, by the glyphs in them."""

    def __init__(self, faces: Faces) -> None:
        self._faces = faces
        self._made: Recent[tuple[str, frozenset[tuple[int, str]]], tuple[_Numbered, ...]] = Recent(_KEPT_FONTS)

    def learn(self, widths: dict[str, dict[int, int]]) -> None:
        """Hear of the widths of glyphs, which fonts tell only of those that were drawn."""
        for name, known in widths.items():
            self._faces.by_name[name].widths |= known

    def subset(self, name: str, texts: dict[int, str], number: int) -> list[bytes]:
        """Return the reference to a font with these glyphs, and its objects, which are numbered from `number`."""
        key = (name, frozenset(texts.items()))
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = self._make(name, texts)
        return [
            b"".join([b"%d" % (part + number) if isinstance(part, int) else part for part in each]) for each in made
        ]

    def _make(self, name: str, texts: dict[int, str]) -> tuple[_Numbered, ...]:
        known = self._faces.by_name[name]
        font = copy.copy(known)
        font.to_unicode = dict(sorted(texts.items()))
        font.widths = {glyph: known.widths[glyph] for glyph in font.to_unicode}
        pdf = pydyf.PDF()
        first = len(pdf.objects)
        fonts = build_fonts_dictionary(pdf, {name: font}, True, True, {**DEFAULT_OPTIONS, "pdf_version": "1.7"})
        objects = (each.indirect + b"\n" for each in pdf.objects[first:])
        return tuple(_numbered(each, first) for each in (fonts[name], *objects))


def _numbered(content: bytes, first: int) -> _Numbered:
    head, stream, data = content.partition(b"stream\n")
    parts = _NUMBER.split(head)
    numbered = (int(part) - first if place % 2 else part for place, part in enumerate(parts))
    return (*numbered, stream + data)
