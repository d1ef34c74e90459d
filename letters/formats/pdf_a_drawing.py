"""Reads what the pages of a PDF draw, and checks the fonts they draw with (PDF/A-3a, ISO 19005-3, 6.2.11)."""

from __future__ import annotations

import functools
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pikepdf
from pikepdf import Array, Dictionary, Name, Object

_SPACES = {"rg": "/DeviceRGB", "k": "/DeviceCMYK", "g": "/DeviceGray"}
"""The colour spaces that operators set by their name alone, as those in capitals do."""
# What only pictures in the middle of operators may write (ISO 32000-1, 8.9.7).
_SHORT = {"/RGB": "/DeviceRGB", "/CMYK": "/DeviceCMYK", "/G": "/DeviceGray"}
_DEVICE = frozenset(_SPACES.values())
_INTENTS = frozenset(("/RelativeColorimetric", "/AbsoluteColorimetric", "/Perceptual", "/Saturation"))
_PLAIN_MODES = frozenset(("/Normal", "/Compatible"))
_MODES = _PLAIN_MODES | frozenset(
    (
        *("/Multiply", "/Screen", "/Overlay", "/Darken", "/Lighten", "/ColorDodge", "/ColorBurn", "/HardLight"),
        *("/SoftLight", "/Difference", "/Exclusion", "/Hue", "/Saturation", "/Color", "/Luminosity"),
    )
)
_OTHERS = frozenset(
    (
        *("b", "B", "b*", "B*", "BDC", "BMC", "BT", "BX", "c", "cm", "d", "d0", "d1", "DP", "EMC", "ET", "EX", "f"),
        "F",
        *("f*", "h", "i", "j", "J", "l", "m", "M", "MP", "n", "re", "s", "S", "SC", "sc", "T*", "Tc", "Td", "TD", "TL"),
        *("Tm", "Tr", "Ts", "Tw", "Tz", "v", "w", "W", "W*", "y"),
    )
)
"""Operators that nothing is asked of here (ISO 32000-1, annex A)."""
# The first is the limit of ISO 32000-1, annex C; the second ends forms that draw themselves.
_MOST_STATES, _DEEPEST_FORM = 28, 20

_Id = tuple[int, int]
FONT_CONDITIONS: Mapping[str, str] = {
    "6.2.11.2-2": "a font is of a kind that is not looked at here",
    "6.2.11.3.2-1": "a font with TrueType outlines has no CIDToGIDMap",
    "6.2.11.3.3-1": "the encoding of a composite font is neither predefined nor embedded",
    "6.2.11.4.1-1": "a font is not embedded",
    "6.2.11.4.1-2": "a letter is shown that its font does not have",
    "6.2.11.4.2-2": "the list of characters of a font (CIDSet) is not looked at here",
    "6.2.11.5-1": "a letter is as wide in the document as it is not in its font",
    "6.2.11.7.2-1": "a letter is shown of which no text is known",
    "6.2.11.7.2-2": "the text of a letter is none (U+0000, U+FEFF or U+FFFE)",
    "6.2.11.7.3-1": "the text of a letter is in the private use area",
    "6.2.11.8-1": "the sign for a letter that is missing (.notdef) is shown",
}
"""What is wrong, by number."""
# Clause 6.2.11.5 calls widths consistent that differ by no more.
_ONE_THOUSANDTH = 1
"""How far the width of a letter may be from that in the font, in thousandths of its size."""
_RANGES = re.compile(rb"beginbfrange(.*?)endbfrange", re.DOTALL)
_CHARACTERS = re.compile(rb"beginbfchar(.*?)endbfchar", re.DOTALL)
_CODE = re.compile(rb"<([0-9A-Fa-f\s]*)>")
_RANGE = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*(?:<([0-9A-Fa-f\s]*)>|\[([^\]]*)\])")


@dataclass(slots=True)
class Drawing:
    """What the pages of a document draw."""

    fonts: dict[_Id, Object] = field(default_factory=dict)
    codes: dict[_Id, set[int]] = field(default_factory=dict)
    """The codes that are shown of each font."""
    spaces: dict[str, str] = field(default_factory=dict)
    """The colour spaces of devices that are used, and where first."""
    transparent: list[str] = field(default_factory=list)
    """Pages with transparency that have no colour space of their own for it."""
    faults: list[tuple[str, str]] = field(default_factory=list)
    """Conditions that are not met, and where."""

    def read_page(self, page: Any, where: str) -> None:
        """Read what a page draws, with the forms in it and the appearances of its annotations."""
        reader = _ContentReader(self, where)
        reader.read(page, page.get("/Resources", Dictionary()), 0)
        for annotation in page.get("/Annots", ()):
            for looks in (annotation.get("/AP") or {}).values():
                if isinstance(looks, pikepdf.Stream):
                    reader.read(looks, looks.get("/Resources", Dictionary()), 1)
        if reader.is_transparent and "/CS" not in page.get("/Group", Dictionary()):
            self.transparent.append(where)


class _ContentReader:
    """Reads the operators of one page."""

    def __init__(self, drawing: Drawing, where: str) -> None:
        self._drawing = drawing
        self._where = where
        self._done: set[_Id] = set()
        self.is_transparent = False

    def read(self, stream: Any, resources: Any, depth: int) -> None:
        """Read the operators of a page or form."""
        states = 0
        font: tuple[set[int], bool] | None = None
        for instruction in pikepdf.parse_content_stream(stream):
            operator, operands = str(instruction.operator), instruction.operands
            if operator in _OTHERS:
                continue
            if operator == "Tf":
                font = self._font(resources.get("/Font", Dictionary()).get(str(operands[0])))
            elif operator in ("Tj", "TJ", "'", '"'):
                if font is not None:
                    font[0].update(_codes(operands[-1], is_wide=font[1]))
            elif operator in ("q", "Q"):
                states += 1 if operator == "q" else -1
                if states > _MOST_STATES:
                    self._fault("6.1.13-8")
            elif operator == "INLINE IMAGE":
                self._inline(instruction.operands[0].obj, resources)
            elif operator.lower() in _SPACES:
                self._space(Name(_SPACES[operator.lower()]), resources)
            else:
                self._resource(operator, operands, resources, depth)

    def _resource(self, operator: str, operands: Any, resources: Any, depth: int) -> None:
        """Read an operator that names one of the resources."""
        found = {"gs": "/ExtGState", "Do": "/XObject", "sh": "/Shading", "scn": "/Pattern", "SCN": "/Pattern"}
        kind = found.get(operator, "")
        named = (resources.get(kind) or {}).get(str(operands[-1])) if kind and len(operands) else None
        if operator in ("cs", "CS"):
            self._space(operands[0], resources)
        elif operator == "ri":
            self._intent(operands[0])
        elif not kind:
            self._fault("6.2.2-1")
        elif named is None:
            return
        elif operator == "gs":
            self._state(named, depth)
        elif operator == "Do":
            self._object(named, resources, depth)
        elif operator == "sh":
            self._space(named.get("/ColorSpace"), resources)
        elif "/Shading" in named:
            self._space(named.Shading.get("/ColorSpace"), resources)
        else:
            self._form(named, depth)

    def _fault(self, condition: str) -> None:
        self._drawing.faults.append((condition, self._where))

    def _intent(self, intent: Any) -> None:
        if str(intent) not in _INTENTS:
            self._fault("6.2.6-1")

    def _space(self, space: Any, resources: Any, depth: int = 0) -> None:
        """Note a colour space of a device, also where another one is made of it."""
        inner = {"/Indexed": 1, "/I": 1, "/Pattern": 1, "/Separation": 2, "/DeviceN": 2}
        if depth > _DEEPEST_FORM:
            return
        if isinstance(space, Array):
            place = inner.get(str(space[0]), len(space))
            if place < len(space):
                self._space(space[place], resources, depth + 1)
            return
        name = _SHORT.get(str(space), str(space)) if isinstance(space, Name) else ""
        named = resources.get("/ColorSpace", Dictionary())
        if name in _DEVICE:
            if name.replace("Device", "Default") not in named:
                self._drawing.spaces.setdefault(name, self._where)
        elif name and name in named:
            self._space(named[name], resources, depth + 1)

    def _font(self, font: Any) -> tuple[set[int], bool] | None:
        """Return the codes that are shown of a font so far, and whether each has two bytes."""
        if font is None:
            return None
        self._drawing.fonts.setdefault(font.objgen, font)
        return self._drawing.codes.setdefault(font.objgen, set()), font.get("/Subtype") == Name.Type0

    def _state(self, state: Any, depth: int) -> None:
        modes = state.get("/BM", Name.Normal)
        names = {str(mode) for mode in modes.as_list()} if isinstance(modes, Array) else {str(modes)}
        if not names <= _MODES:
            self._fault("6.2.10-1")
        self._intent(state.get("/RI", Name.Perceptual))
        self.is_transparent |= not names <= _PLAIN_MODES or any(float(state.get(key, 1)) < 1 for key in ("/CA", "/ca"))
        mask = state.get("/SMask")
        if isinstance(mask, Dictionary):
            self.is_transparent = True
            if "/G" in mask:
                self._object(mask.G, Dictionary(), depth)

    def _object(self, thing: Any, resources: Any, depth: int) -> None:
        """Read a picture or a form."""
        if thing.get("/Subtype") != Name.Image:
            self.is_transparent |= "/Group" in thing
            self._space(thing.get("/Group", Dictionary()).get("/CS"), resources)
            self._form(thing, depth)
            return
        if not bool(thing.get("/ImageMask", False)):
            self._space(thing.get("/ColorSpace"), resources)
        self._intent(thing.get("/Intent", Name.Perceptual))
        if "/SMask" in thing:
            self.is_transparent = True
            self._space(thing.SMask.get("/ColorSpace"), resources)

    def _form(self, form: Any, depth: int) -> None:
        if form.objgen in self._done or depth > _DEEPEST_FORM:
            return
        self._done.add(form.objgen)
        if "/Resources" not in form:
            self._fault("6.2.2-2")
        self.read(form, form.get("/Resources", Dictionary()), depth + 1)

    def _inline(self, picture: Any, resources: Any) -> None:
        if not bool(picture.get("/IM", picture.get("/ImageMask", False))):
            self._space(picture.get("/CS", picture.get("/ColorSpace", Name.DeviceGray)), resources)
        if bool(picture.get("/I", picture.get("/Interpolate", False))):
            self._fault("6.2.8-3")


def _codes(shown: Any, *, is_wide: bool) -> Iterator[int]:
    """Yield the codes of a string, or of the strings in an array."""
    for text in shown.as_list() if isinstance(shown, Array) else [shown]:
        if isinstance(text, pikepdf.String):
            content = bytes(text)
            if is_wide:
                yield from (high << 8 | low for high, low in zip(content[::2], content[1::2], strict=False))
            else:
                yield from content


def font_faults(drawing: Drawing) -> Iterator[tuple[str, str]]:
    """Yield the conditions that the fonts of a drawing do not meet, each with the name of the font."""
    for key, font in drawing.fonts.items():
        name = str(font.get("/BaseFont", "?"))[1:]
        for condition in dict.fromkeys(_faults(font, drawing.codes[key])):
            yield condition, name


def _faults(font: Any, codes: set[int]) -> Iterator[str]:
    if font.get("/Subtype") != Name.Type0:
        # Simple fonts are written by other programs only; what they show depends on encodings of many kinds.
        yield "6.2.11.2-2"
        return
    inner = font.DescendantFonts[0]
    if str(font.get("/Encoding")) != "/Identity-H":
        yield "6.2.11.3.3-1"
        return
    described = inner.get("/FontDescriptor", Dictionary())
    file = next((described[key] for key in ("/FontFile2", "/FontFile3") if key in described), None)
    if file is None:
        yield "6.2.11.4.1-1"
        return
    if "/CIDSet" in described:
        yield "6.2.11.4.2-2"
    places = inner.get("/CIDToGIDMap")
    if inner.get("/Subtype") == Name.CIDFontType2 and places is None:
        yield "6.2.11.3.2-1"
    yield from _text_faults(font, codes)
    yield from _glyph_faults(inner, codes, file.read_bytes(), places)


def _text_faults(font: Any, codes: set[int]) -> Iterator[str]:
    texts = _texts(font.ToUnicode.read_bytes()) if isinstance(font.get("/ToUnicode"), pikepdf.Stream) else {}
    for code in codes:
        text = texts.get(code, "")
        if not text:
            yield "6.2.11.7.2-1"
        if any(each in text for each in "\0\ufeff\ufffe"):
            yield "6.2.11.7.2-2"
        if any("\ue000" <= each <= "\uf8ff" or each >= "\U000f0000" for each in text):
            yield "6.2.11.7.3-1"


def _glyph_faults(inner: Any, codes: set[int], content: bytes, places: Any) -> Iterator[str]:
    program = _read_program(content)
    if program is None:
        yield "6.2.11.4.1-2"
        return
    mapped = places.read_bytes() if isinstance(places, pikepdf.Stream) else None
    widths, standard = _widths(inner.get("/W", ())), float(inner.get("/DW", 1000))
    for code in codes:
        if mapped is not None:
            glyph = int.from_bytes(mapped[2 * code : 2 * code + 2], "big")
        else:
            # Without a map a CID is the number of a glyph, but in CFF fonts that have CIDs (ISO 32000-1, 9.7.4.2).
            glyph = program.glyph_of.get(code, -1) if program.glyph_of else code
        if glyph == 0:
            yield "6.2.11.8-1"
        elif not 0 < glyph < len(program.widths):
            yield "6.2.11.4.1-2"
        elif abs(widths.get(code, standard) - program.widths[glyph]) > _ONE_THOUSANDTH:
            yield "6.2.11.5-1"


class _Program(NamedTuple):
    widths: tuple[float, ...]
    """Of each glyph, in thousandths of the size."""
    glyph_of: Mapping[int, int]
    """The glyph of each CID, where the font has an order of its own; empty where they are the same."""


@functools.lru_cache(256)
def _read_program(content: bytes) -> _Program | None:
    """Return what is known of the font in a file of a font; None where it cannot be read."""
    from fontTools.cffLib import CFFFontSet
    from fontTools.ttLib import TTFont, TTLibError

    try:
        if content[:4] in (b"\0\1\0\0", b"true", b"OTTO"):
            # Reads a table when it is asked for: outlines, which are most of a font, are not.
            font = TTFont(io.BytesIO(content), lazy=True)
            scale = 1000 / font["head"].unitsPerEm
            widths = tuple(font["hmtx"][name][0] * scale for name in font.getGlyphOrder())
            return _Program(widths, _cids(font["CFF "].cff[0]) if "CFF " in font else {})
        fonts = CFFFontSet()
        fonts.decompile(io.BytesIO(content), None)
        top = fonts[0]
        matrix = getattr(top, "FontMatrix", [0.001])[0] * 1000
        return _Program(tuple(_width(top, name) * matrix for name in top.charset), _cids(top))
    except (TTLibError, KeyError, AttributeError, AssertionError, ValueError, IndexError, OSError, EOFError):
        return None


def _cids(top: Any) -> dict[int, int]:
    """Return the glyphs of a CFF font by their CIDs, where it has these (ISO 32000-1, 9.7.4.2)."""
    if not hasattr(top, "ROS"):
        return {}
    return {int(name.removeprefix("cid") or 0) if name != ".notdef" else 0: n for n, name in enumerate(top.charset)}


def _width(top: Any, name: str) -> float:
    """Return the width of a glyph of a CFF font, which stands in its outline."""
    from fontTools.pens.basePen import NullPen

    outline = top.CharStrings[name]
    outline.draw(NullPen())
    return float(outline.width)


def _widths(listed: Any) -> dict[int, float]:
    """Return the widths of the codes of a composite font (ISO 32000-1, 9.7.4.3)."""
    widths: dict[int, float] = {}
    values = list(listed)
    while values:
        first = int(values.pop(0))
        second = values.pop(0)
        if isinstance(second, Array):
            widths |= {first + number: float(width) for number, width in enumerate(second.as_list())}
        else:
            widths |= dict.fromkeys(range(first, int(second) + 1), float(values.pop(0)))
    return widths


def _texts(table: bytes) -> dict[int, str]:
    """Return the text of each code by a ToUnicode table (ISO 32000-1, 9.10.3)."""
    texts: dict[int, str] = {}
    for block in _CHARACTERS.findall(table):
        found = _CODE.findall(block)
        texts |= {int(code, 16): _text(text) for code, text in zip(found[::2], found[1::2], strict=False)}
    for block in _RANGES.findall(table):
        for first, last, text, listed in _RANGE.findall(block):
            codes = range(int(first, 16), int(last, 16) + 1)
            if listed:
                texts |= {code: _text(each) for code, each in zip(codes, _CODE.findall(listed), strict=False)}
            elif begin := _text(text):
                texts |= {code: begin[:-1] + chr(ord(begin[-1]) + code - codes[0]) for code in codes}
    return texts


def _text(code: bytes) -> str:
    return bytes.fromhex(code.decode()).decode("utf-16-be", "replace")
