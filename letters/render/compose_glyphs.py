"""Writes lines of ordinary glyphs as WeasyPrint's draw_first_line does, asking Pango for all of a run at once."""

from __future__ import annotations

from typing import Any

from weasyprint.text.ffi import FROM_UNITS, ffi, pango

_FIELDS = 5
"""The numbers in a PangoGlyphInfo: the glyph, its width, its offsets to the right and down, its flags."""
_NO_GLYPH = 0x0FFFFFFF
"""From this number on, a glyph stands for none, or for a letter that the font does not have."""
_TELLS_SIZE = 14802
"""The version of Pango from which on fonts tell their right size (https://gitlab.gnome.org/GNOME/pango/-/issues/530)."""


class _Written(dict[tuple[int, int], str]):
    """How a glyph of a font is written that is given some width."""

    def __init__(self, widths: dict[int, int], size: float) -> None:
        super().__init__()
        self._widths = widths
        self._size = size

    def __missing__(self, key: tuple[int, int]) -> str:
        glyph, width = key
        kerning = self._widths[glyph] + 0.0 - width * 1000 * FROM_UNITS / self._size
        text = self[key] = f"{glyph:04x}" + (f">{int(kerning)}<" if kerning else "")
        return text


class Pen:
    """Writes lines; keeps in mind how glyphs are written."""

    def __init__(self) -> None:
        self._fonts: dict[tuple[str, float], _Written] = {}
        self._works = ffi.sizeof("PangoGlyphInfo") == _FIELDS * 4 and pango.pango_version() >= _TELLS_SIZE

    def write(self, stream: Any, layout: Any) -> bool:
        """Write the first line of a layout; False if there is anything out of the ordinary in it."""
        if not self._works:
            return False
        pango.pango_layout_set_single_paragraph_mode(layout.layout, True)
        first_line, _ = layout.get_first_line()
        text = layout.text.encode()
        pieces: list[str] = []
        previous, font = None, None
        run = first_line.runs[0]
        while run != ffi.NULL:
            item, run = run.data, run.next
            if item.item.analysis.font != previous:
                previous = item.item.analysis.font
                font, size = stream.add_font(previous)
                if font.bitmap or font.svg or font.png or font.colr:
                    return False
                if pieces:
                    stream.show_text("".join(pieces))
                    pieces = []
                stream.set_font_size(font.hash, size)
                written = self._fonts.setdefault((font.hash, size), _Written(font.widths, size))
            if not _write_run(item, font, text, written, pieces):
                return False
        stream.show_text("".join(pieces))
        return True


def _write_run(item: Any, font: Any, text: bytes, written: _Written, pieces: list[str]) -> bool:
    """Write the glyphs of a run, and note down the text of each that is new."""
    string = item.glyphs
    count = string.num_glyphs
    numbers = memoryview(ffi.buffer(string.glyphs, count * _FIELDS * 4)).cast("i")
    glyphs = numbers[0::_FIELDS].tolist()
    ordinary = not any(numbers[2::_FIELDS]) and not any(numbers[3::_FIELDS]) and item.item.analysis.level % 2 == 0
    if not ordinary or not all(0 <= glyph < _NO_GLYPH for glyph in glyphs) or not font.widths.keys() >= set(glyphs):
        return False
    pieces += ("<", *map(written.__getitem__, zip(glyphs, numbers[1::_FIELDS].tolist(), strict=True)), ">")
    if pieces[-2][-1] == "<":
        pieces[-2:] = [pieces[-2][:-1]]
    offset, starts = item.item.offset, [*ffi.unpack(string.log_clusters, count), item.item.length]
    texts = font.to_unicode
    for place, glyph in enumerate(glyphs):
        if glyph not in texts:
            texts[glyph] = text[offset + starts[place] : offset + starts[place + 1]].decode()
    return True
