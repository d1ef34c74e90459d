"""Writes lines of ordinary glyphs as WeasyPrint's draw_first_line does, asking Pango for all of a run at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from weasyprint.text.ffi import FROM_UNITS, ffi, pango

Glyphs = dict[str, dict[int, str]]
"""The text that each glyph stands for, by font."""
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


@dataclass(frozen=True, slots=True)
class Face:
    """A font in some size, as it is used for a style."""

    pointer: Any
    font: Any
    size: float


@dataclass(frozen=True, slots=True)
class Spelled:
    """A text in one face, glyph by glyph."""

    text: bytes
    glyphs: list[int]
    widths: list[int]
    written: list[str]
    starts: list[int]
    """Where the text of each begins, in bytes, and where all of it ends."""

    def texts(self, begin: int, end: int) -> dict[int, str]:
        """Tell what glyphs stand for, each by its first use."""
        first = {self.glyphs[place]: place for place in range(end - 1, begin - 1, -1)}
        return {
            glyph: self.text[self.starts[place] : self.starts[place + 1]].decode() for glyph, place in first.items()
        }


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
                if _has_pictures(font):
                    return False
                if pieces:
                    stream.show_text("".join(pieces))
                    pieces = []
                stream.set_font_size(font.hash, size)
                written = self._written(font, size)
            if not _write_run(item, font, size, text, written, pieces):
                return False
        stream.show_text("".join(pieces))
        return True

    def face(self, stream: Any, layout: Any) -> Face | None:
        """Return the face of the first line of a layout; None if its glyphs are out of the ordinary."""
        first_line, _ = layout.get_first_line()
        run = first_line.runs[0]
        if not self._works or run == ffi.NULL:
            return None
        font, size = stream.add_font(run.data.item.analysis.font)
        return None if _has_pictures(font) else Face(run.data.item.analysis.font, font, size)

    def spell(self, face: Face, layout: Any) -> Spelled | None:
        """Read the first line of a layout; None unless it is a single run of ordinary glyphs in this face."""
        first_line, _ = layout.get_first_line()
        run = first_line.runs[0]
        if run == ffi.NULL or run.next != ffi.NULL or run.data.item.analysis.font != face.pointer:
            return None
        read = _read_run(run.data, face.font, face.size)
        if read is None:
            return None
        starts = [*ffi.unpack(run.data.glyphs.log_clusters, len(read[0])), run.data.item.length]
        written = map(self._written(face.font, face.size).__getitem__, zip(*read, strict=True))
        return Spelled(layout.text.encode(), *read, list(written), starts)

    def _written(self, font: Any, size: float) -> _Written:
        written = self._fonts.get((font.hash, size))
        if written is None:
            written = self._fonts[font.hash, size] = _Written(font.widths, size)
        return written


def _has_pictures(font: Any) -> bool:
    return bool(font.bitmap or font.svg or font.png or font.colr)


def _width(pango_font: Any, glyph: int, size: float) -> int:
    """Tell how wide a glyph is by itself, in thousandths of its size."""
    shape = ffi.new("PangoRectangle *")
    pango.pango_font_get_glyph_extents(pango_font, glyph, ffi.NULL, shape)
    width: int = round(shape.width * 1000 * FROM_UNITS / size)
    return width


def _read_run(item: Any, font: Any, size: float) -> tuple[list[int], list[int]] | None:
    """Read the glyphs of a run and how wide each is set; None if there is anything out of the ordinary in it."""
    string = item.glyphs
    numbers = memoryview(ffi.buffer(string.glyphs, string.num_glyphs * _FIELDS * 4)).cast("i")
    glyphs = numbers[0::_FIELDS].tolist()
    moved = any(numbers[2::_FIELDS].tolist()) or any(numbers[3::_FIELDS].tolist())
    if moved or item.item.analysis.level % 2 or not 0 <= min(glyphs) <= max(glyphs) < _NO_GLYPH:
        return None
    for glyph in set(glyphs) - font.widths.keys():
        font.widths[glyph] = _width(item.item.analysis.font, glyph, size)
    return glyphs, numbers[1::_FIELDS].tolist()


def _write_run(item: Any, font: Any, size: float, text: bytes, written: _Written, pieces: list[str]) -> bool:
    """Write the glyphs of a run, and note down the text of each that is new."""
    read = _read_run(item, font, size)
    if read is None:
        return False
    pieces += ("<", *map(written.__getitem__, zip(*read, strict=True)), ">")
    if pieces[-2][-1] == "<":
        pieces[-2:] = [pieces[-2][:-1]]
    offset, starts = item.item.offset, [*ffi.unpack(item.glyphs.log_clusters, len(read[0])), item.item.length]
    texts = font.to_unicode
    for place, glyph in enumerate(read[0]):
        if glyph not in texts:
            texts[glyph] = text[offset + starts[place] : offset + starts[place + 1]].decode()
    return True
