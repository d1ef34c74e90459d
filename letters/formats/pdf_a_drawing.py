"""Reads what the pages of a PDF draw, for the checks of PDF/A: with which fonts, colours and graphics states."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Object

_SPACES = {"rg": "/DeviceRGB", "k": "/DeviceCMYK", "g": "/DeviceGray"}
"""The colour spaces that operators set by their name alone, as those in capitals do."""
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
        *(
            "b",
            "B",
            "b*",
            "B*",
            "BDC",
            "BMC",
            "BT",
            "BX",
            "c",
            "cm",
            "d",
            "d0",
            "d1",
            "DP",
            "EMC",
            "ET",
            "EX",
            "f",
            "F",
        ),
        *("f*", "h", "i", "j", "J", "l", "m", "M", "MP", "n", "re", "s", "S", "SC", "sc", "T*", "Tc", "Td", "TD", "TL"),
        *("Tm", "Tr", "Ts", "Tw", "Tz", "v", "w", "W", "W*", "y"),
    )
)
"""Operators that nothing is asked of here (ISO 32000-1, annex A)."""
_MOST_STATES, _DEEPEST_FORM = 28, 20

_Id = tuple[int, int]


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
