"""Fonts: which were met, how Pango's glyphs are written in a PDF, and the subset of a font that one letter shows.

And a patch of WeasyPrint, which leaks the features of fonts."""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass
from typing import Any

import pydyf

from letters.render.pdf.weasyprint_internals import (
    FROM_UNITS,
    Stream,
    build_fonts_dictionary,
    ffi,
    original,
    pango,
    replace,
)
from letters.render.store import RecentCache

GlyphTexts = dict[str, dict[int, str]]
"""The text that each glyph stands for, by font."""
_FIELDS = 5
"""The numbers in a PangoGlyphInfo: the glyph, its width, its offsets to the right and down, its flags."""
_NO_GLYPH = 0x0FFFFFFF
"""PANGO_GLYPH_EMPTY; from this number on, a glyph stands for none, or for a letter that the font does not have."""
_RIGHT_SIZE = 14802
"""The version of Pango from which on fonts have their right size (https://gitlab.gnome.org/GNOME/pango/-/issues/530)."""
_NUMBER = re.compile(rb"\b(\d+)(?= 0 (?:R|obj)\b)")
"""The number of an object, where it begins or is referred to (ISO 32000-2, 7.3.10)."""

_FEATURES = (
    "font_kerning",
    "font_variant_ligatures",
    "font_variant_position",
    "font_variant_caps",
    "font_variant_numeric",
    "font_variant_alternates",
    "font_variant_east_asian",
    "font_feature_settings",
)
"""The properties that features are made of, in the order of the arguments of font_features."""


class FontRegistry:
    """The fonts that were met, by their name in a PDF."""

    def __init__(self) -> None:
        self._stream = Stream({}, None, {}, {}, None, {}, None)
        self.by_name: dict[str, Any] = {}

    def recorder(self, pango_font: Any, glyphs: GlyphTexts) -> tuple[Any, float]:
        """Return a font of WeasyPrint's that records its glyphs in `glyphs`, and its size; widths are shared."""
        font, size = self._stream.add_font(pango_font)
        # A font from another FontConfiguration has another key in the stream, but the same hash.
        font = self.by_name.setdefault(font.hash, font)
        recorder = copy.copy(font)
        recorder.to_unicode = glyphs.setdefault(font.hash, {})
        return recorder, size


class _WrittenGlyphs(dict[tuple[int, int], str]):
    """How a glyph of a font is written that is set to some width, in units of Pango."""

    def __init__(self, widths: dict[int, int], size: float) -> None:
        super().__init__()
        self._widths = widths
        self._size = size

    def __missing__(self, key: tuple[int, int]) -> str:
        # In the same order of operations as draw_first_line, so that floats round alike.
        glyph, width = key
        kerning = self._widths[glyph] + 0.0 - width * 1000 * FROM_UNITS / self._size
        text = self[key] = f"{glyph:04x}" + (f">{int(kerning)}<" if kerning else "")
        return text


@dataclass(frozen=True, slots=True)
class SizedFont:
    """A font in some size, as it is used for a style."""

    pointer: Any
    font: Any
    size: float


@dataclass(frozen=True, slots=True)
class ShapedText:
    """A text in one font, glyph by glyph."""

    text: bytes
    glyphs: list[int]
    widths: list[int]
    """In units of Pango."""
    written: list[str]
    starts: list[int]
    """Where the text of each glyph begins, in bytes, and where all of it ends."""

    def texts(self, begin: int, end: int) -> dict[int, str]:
        """Return what glyphs stand for, each by its first use."""
        first = {self.glyphs[place]: place for place in range(end - 1, begin - 1, -1)}
        return {
            glyph: self.text[self.starts[place] : self.starts[place + 1]].decode() for glyph, place in first.items()
        }


class GlyphWriter:
    """Writes lines of ordinary glyphs as WeasyPrint's draw_first_line does, reading each glyph run from Pango at once.

    draw_first_line asks Pango for each glyph by itself, which takes three times as long.
    """

    def __init__(self) -> None:
        self._fonts: dict[tuple[str, float], _WrittenGlyphs] = {}
        # Otherwise the memory of a glyph is not what _read_run expects, and WeasyPrint draws all lines.
        self._works = ffi.sizeof("PangoGlyphInfo") == _FIELDS * 4 and pango.pango_version() >= _RIGHT_SIZE

    def write(self, stream: Any, layout: Any) -> bool:
        """Write the first line of a layout; return False if there is anything out of the ordinary in it."""
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

    def font_of(self, stream: Any, layout: Any) -> SizedFont | None:
        """Return the font of the first line of a layout; None if its glyphs are out of the ordinary."""
        first_line, _ = layout.get_first_line()
        run = first_line.runs[0]
        if not self._works or run == ffi.NULL:
            return None
        font, size = stream.add_font(run.data.item.analysis.font)
        return None if _has_pictures(font) else SizedFont(run.data.item.analysis.font, font, size)

    def shape(self, sized: SizedFont, layout: Any) -> ShapedText | None:
        """Return the first line of a layout; None unless it is a single run of ordinary glyphs in this font."""
        first_line, _ = layout.get_first_line()
        run = first_line.runs[0]
        if run == ffi.NULL or run.next != ffi.NULL or run.data.item.analysis.font != sized.pointer:
            return None
        read = _read_run(run.data, sized.font, sized.size)
        if read is None:
            return None
        starts = [*ffi.unpack(run.data.glyphs.log_clusters, len(read[0])), run.data.item.length]
        written = map(self._written(sized.font, sized.size).__getitem__, zip(*read, strict=True))
        return ShapedText(layout.text.encode(), *read, list(written), starts)

    def _written(self, font: Any, size: float) -> _WrittenGlyphs:
        written = self._fonts.get((font.hash, size))
        if written is None:
            written = self._fonts[font.hash, size] = _WrittenGlyphs(font.widths, size)
        return written


def _has_pictures(font: Any) -> bool:
    return bool(font.bitmap or font.svg or font.png or font.colr)


def _width(pango_font: Any, glyph: int, size: float) -> int:
    """Return how wide a glyph is by itself, in thousandths of its size."""
    shape = ffi.new("PangoRectangle *")
    pango.pango_font_get_glyph_extents(pango_font, glyph, ffi.NULL, shape)
    width: int = round(shape.width * 1000 * FROM_UNITS / size)
    return width


def _read_run(item: Any, font: Any, size: float) -> tuple[list[int], list[int]] | None:
    """Return the glyphs of a run and how wide each is set; None if there is anything out of the ordinary in it."""
    string = item.glyphs
    numbers = memoryview(ffi.buffer(string.glyphs, string.num_glyphs * _FIELDS * 4)).cast("i")
    glyphs = numbers[0::_FIELDS].tolist()
    is_moved = any(numbers[2::_FIELDS].tolist()) or any(numbers[3::_FIELDS].tolist())
    # An odd level is text from right to left (Unicode Standard Annex 9, 3.2).
    if is_moved or item.item.analysis.level % 2 or not 0 <= min(glyphs) <= max(glyphs) < _NO_GLYPH:
        return None
    for glyph in set(glyphs) - font.widths.keys():
        font.widths[glyph] = _width(item.item.analysis.font, glyph, size)
    return glyphs, numbers[1::_FIELDS].tolist()


def _write_run(item: Any, font: Any, size: float, text: bytes, written: _WrittenGlyphs, pieces: list[str]) -> bool:
    """Write the glyphs of a run, and record the text of each that is new."""
    read = _read_run(item, font, size)
    if read is None:
        return False
    pieces += ("<", *map(written.__getitem__, zip(*read, strict=True)), ">")
    # A kerning after the last glyph leaves an empty string open.
    if pieces[-2][-1] == "<":
        pieces[-2:] = [pieces[-2][:-1]]
    offset, starts = item.item.offset, [*ffi.unpack(item.glyphs.log_clusters, len(read[0])), item.item.length]
    texts = font.to_unicode
    for place, glyph in enumerate(read[0]):
        if glyph not in texts:
            texts[glyph] = text[offset + starts[place] : offset + starts[place + 1]].decode()
    return True


_NumberedObject = tuple[bytes | int, ...]
"""An object as it is written, with the numbers of objects apart, counted from that of the font's first."""


class FontSubsets:
    """The subsets of fonts that were made, by the glyphs in them; a letter has exactly the glyphs that it shows."""

    def __init__(self, registry: FontRegistry, most: int) -> None:
        self._registry = registry
        self._made: RecentCache[tuple[str, frozenset[tuple[int, str]]], tuple[_NumberedObject, ...]] = RecentCache(most)

    def learn_widths(self, widths: dict[str, dict[int, int]]) -> None:
        """Take over the widths of glyphs, which a font knows only of those that were drawn in this process."""
        for name, known in widths.items():
            self._registry.by_name[name].widths |= known

    def subset(self, name: str, texts: dict[int, str], number: int) -> list[bytes]:
        """Return the reference to a font with these glyphs, and its objects, which are numbered from `number`."""
        key = (name, frozenset(texts.items()))
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = self._make(name, texts)
        return [
            b"".join([b"%d" % (part + number) if isinstance(part, int) else part for part in each]) for each in made
        ]

    def _make(self, name: str, texts: dict[int, str]) -> tuple[_NumberedObject, ...]:
        known = self._registry.by_name[name]
        font = copy.copy(known)
        font.to_unicode = dict(sorted(texts.items()))
        font.widths = {glyph: known.widths[glyph] for glyph in font.to_unicode}
        # A letter that lacked a glyph has failed; what it lacked would change how the font is written for all others.
        font.missing = {point: glyph for point, glyph in known.missing.items() if glyph in font.to_unicode}
        pdf = pydyf.PDF()
        first = len(pdf.objects)
        import weasyprint  # here: what is missing for it is told by weasyprint_internals

        options = {**weasyprint.DEFAULT_OPTIONS, "pdf_version": "1.7"}
        fonts = build_fonts_dictionary(pdf, {name: font}, True, True, options)
        objects = (each.indirect + b"\n" for each in pdf.objects[first:])
        return tuple(_without_numbers(each, first) for each in (fonts[name], *objects))


def _without_numbers(content: bytes, first: int) -> _NumberedObject:
    head, stream, data = content.partition(b"stream\n")
    parts = _NUMBER.split(head)
    numbered = (int(part) - first if place % 2 else part for place, part in enumerate(parts))
    return (*numbered, stream + data)


def patch_font_features() -> None:
    """Make WeasyPrint give font features to Pango in lists that are freed with the line (upstream issue: none yet).

    Layout.setup of WeasyPrint 70 makes a list and an attribute of Pango for each line and frees neither; the cache that
    is meant to limit this (pull request 381) makes the attribute before it looks. A letter has some thousand lines, so
    that a process that makes many letters would grow by half a megabyte with each.
    """
    # Without features of its own, Layout.setup makes no list.
    replace("font_features", lambda *_: {})
    replace("Layout.setup", _set_up_layout)


def _set_up_layout(layout: Any, style: Any) -> None:
    original("Layout.setup")(layout, style)
    features = original("font_features")(*(style[name] for name in _FEATURES))
    if features:
        written = ",".join(f"{name} {value}" for name, value in features.items()).encode()
        attributes = ffi.gc(pango.pango_attr_list_new(), pango.pango_attr_list_unref)
        # The list owns the attribute from here on, and the layout takes a reference to the list.
        pango.pango_attr_list_insert(attributes, pango.pango_attr_font_features_new(written))
        pango.pango_layout_set_attributes(layout.layout, attributes)
