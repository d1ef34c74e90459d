"""Reads the operators of a PDF page as items that can be drawn by themselves, and compares objects by a hash."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any, NamedTuple

_PAINT = frozenset(("S", "s", "f", "F", "f*", "B", "B*", "b", "b*"))
_STROKE = frozenset(("S", "s", "B", "B*", "b", "b*"))
_FILL = _PAINT - {"S", "s"}
_HEIGHTS = {"m": (1,), "l": (1,), "c": (1, 3, 5), "v": (1, 3), "y": (1, 3), "h": ()}
"""The operands of the operators of paths that are heights; those of rectangles are added up."""
_SHOW = frozenset(("Tj", "TJ", "'", '"'))
_NEXT_LINE = frozenset(("Td", "TD", "T*", "'", '"'))
_MARKS = frozenset(("BDC", "BMC", "EMC", "MP", "DP"))
_LINE = frozenset(("w", "J", "j", "M", "d"))
_TEXT = frozenset(("Tc", "Tw", "Tz", "TL", "Tf", "Tr", "Ts"))
_ALWAYS = frozenset(("gs", "ri"))
"""Parameters that count for whatever is painted; "gs" stands for all that a parameter dictionary may set."""
_COLOURS = {"g": "fill", "rg": "fill", "k": "fill", "G": "stroke", "RG": "stroke", "K": "stroke"}
_SPACES = {"cs": "fill", "CS": "stroke"}
_IN_SPACE = {"sc": "fill", "scn": "fill", "SC": "stroke", "SCN": "stroke"}
_NAMED = {
    "gs": "/ExtGState",
    "Tf": "/Font",
    "Do": "/XObject",
    "sh": "/Shading",
    "cs": "/ColorSpace",
    "CS": "/ColorSpace",
}
_SIZES = 1.5
"""Sizes of type above and below a baseline within which all of a glyph is drawn."""
_FILL_NEEDS = _ALWAYS | {"fill"}
_STROKE_NEEDS = _ALWAYS | _LINE | {"stroke"}
_TEXT_NEEDS = _FILL_NEEDS | _TEXT
ALL_NEEDS = _TEXT_NEEDS | _STROKE_NEEDS
Matrix = tuple[float, ...]
_IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
DEFAULTS = {
    "fill": b"0 g",
    "stroke": b"0 G",
    "w": b"1 w",
    "J": b"0 J",
    "j": b"0 j",
    "M": b"10 M",
    "d": b"[ ] 0 d",
    "Tc": b"0 Tc",
    "Tw": b"0 Tw",
    "Tz": b"100 Tz",
    "TL": b"0 TL",
    "Tr": b"0 Tr",
    "Ts": b"0 Ts",
    "ri": b"/RelativeColorimetric ri",
}
"""What sets each parameter as it is at the beginning of a page (ISO 32000-1, 8.4.1); there is no font then."""
_REFERENCE = re.compile(rb"\((?:[^()\\]|\\.)*\)|(\d+) (\d+) R\b", re.DOTALL)
"""A reference as qpdf writes it; strings, which may look like anything, are stepped over."""
_PACKING = frozenset(("/Filter", "/DecodeParms", "/Length"))
"""The entries of a stream that tell how it is compressed."""


class Kind(Enum):
    """What an item of a page's content does."""

    PAINT = auto()
    """Paints a text object or a path."""
    SET = auto()
    """Sets a parameter of the graphics state."""
    MATRIX = auto()
    CLIP = auto()
    """A path that narrows where things are painted."""
    SAVE = auto()
    RESTORE = auto()
    MARK = auto()
    """Begins marked content."""
    END_MARK = auto()
    OTHER = auto()
    """All else, such as a picture: it may depend on anything."""


class Reach(NamedTuple):
    """The lowest and the highest place that is painted, in the coordinates of the moment."""

    low: float
    high: float


@dataclass(frozen=True, slots=True, eq=False)
class Item:
    """Some operators that belong together."""

    kind: Kind
    content: bytes
    needs: tuple[str, ...] = ()
    """The parameters that it uses and does not set itself before, in order."""
    sets: tuple[tuple[str, bytes], ...] = ()
    """The parameters that it leaves changed, with the operators that set them."""
    names: tuple[tuple[str, str], ...] = ()
    """The resources that it uses, by their kinds and names."""
    reach: Reach | None = None
    """None where it is not known."""
    matrix: tuple[float, ...] = ()


def read_items(stream: Any) -> list[Item]:
    """Read a stream of operators, or a part of one that begins and ends between objects."""
    import pikepdf

    reader = _ItemReader()
    for instruction in pikepdf.parse_content_stream(stream):
        reader.read(str(instruction.operator), instruction.operands, pikepdf.unparse_content_stream([instruction]))
    return reader.finish()


def with_setting(before: bytes, name: str, setting: bytes) -> bytes:
    """Return the operators that set a parameter, once one more of them was met; `before` are those that hold so far.

    A colour belongs to the space that was chosen before it; each parameter dictionary changes some values only.
    """
    if name == "gs":
        return b"\n".join([*(each for each in before.split(b"\n") if each and each != setting), setting])
    if name in ("fill", "stroke") and setting.rsplit(None, 1)[-1].decode() in _IN_SPACE:
        return before.split(b"\n")[0] + b"\n" + setting
    return setting


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """The graphics state at a place of a page: what has set each parameter, and coordinates and clips."""

    settings: dict[str, bytes] = field(default_factory=dict)
    """By the parameters that are not as at the beginning of the page; in the order in which they were set."""
    frame: tuple[bytes, ...] = ()
    """The operators that changed the coordinates or narrowed the clip."""
    matrix: Matrix = _IDENTITY
    saved: State | None = None
    """What Q restores."""

    @property
    def key(self) -> tuple[Any, ...]:
        """Return what is equal for equal states only."""
        return tuple(self.settings.items()), self.frame, self.saved.key if self.saved else None

    def after(self, item: Item) -> State | None:
        """Return the state behind an item; None where a state is restored that was not saved."""
        if item.kind is Kind.SAVE:
            return State(self.settings, self.frame, self.matrix, self)
        if item.kind is Kind.RESTORE:
            return self.saved
        if item.kind in (Kind.MATRIX, Kind.CLIP):
            matrix = _times(item.matrix, self.matrix) if item.matrix else self.matrix
            return State(self.settings, (*self.frame, item.content), matrix, self.saved)
        if not item.sets:
            return self
        settings = dict(self.settings)
        for name, setting in item.sets:
            settings[name] = with_setting(settings.pop(name, b""), name, setting)
            # Equal states must have equal keys, also where one was set and set back.
            if settings[name] == DEFAULTS.get(name):
                del settings[name]
        return State(settings, self.frame, self.matrix, self.saved)


def _times(one: Matrix, other: Matrix) -> Matrix:
    a, b, c, d, e, f = one
    g, h, i, j, k, m = other
    return a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m


@dataclass(slots=True)
class _ItemReader:
    """Gathers instructions into items: a path and a text object are one each."""

    items: list[Item] = field(default_factory=list)
    _open: list[bytes] = field(default_factory=list)
    """The operators of the path or text object that is being read."""
    _is_text: bool = False
    _clips: bool = False
    _is_odd: bool = False
    _needs: set[str] = field(default_factory=set)
    _own: dict[str, bytes] = field(default_factory=dict)
    _names: set[tuple[str, str]] = field(default_factory=set)
    _heights: list[float] = field(default_factory=list)
    _has_reach: bool = True
    _baseline: float | None = None
    _scale: float = 1.0

    def read(self, operator: str, operands: Any, content: bytes) -> None:
        if self._is_text:
            self._text(operator, operands, content)
        elif operator == "BT":
            self._open.append(content)
            self._is_text = True
        elif self._open or operator in _HEIGHTS or operator == "re":
            self._path(operator, operands, content)
        else:
            self.items.append(_single(operator, operands, content))

    def finish(self) -> list[Item]:
        if self._open:  # A path or text object that goes on in another stream cannot stand by itself.
            self._is_odd = True
            self._close(Kind.OTHER)
        return self.items

    def _path(self, operator: str, operands: Any, content: bytes) -> None:
        self._open.append(content)
        if operator in _HEIGHTS:
            self._heights += [float(operands[index]) for index in _HEIGHTS[operator]]
        elif operator == "re":
            self._heights += [float(operands[1]), float(operands[1]) + float(operands[3])]
        elif operator in ("W", "W*"):
            self._clips = True
        elif operator == "n" or operator in _PAINT:
            self._needs |= _FILL_NEEDS if operator in _FILL else set()
            self._needs |= _STROKE_NEEDS if operator in _STROKE else set()
            self._has_reach = operator not in _STROKE  # A line is as wide as somebody has set it.
            # A path that ends with "n" paints nothing: it is there for its clip.
            self._close(Kind.CLIP if self._clips or operator == "n" else Kind.PAINT)
        else:
            self._is_odd = True

    def _text(self, operator: str, operands: Any, content: bytes) -> None:
        self._open.append(content)
        self._names |= set(_names(operator, operands))
        if parameter := _parameter(operator):
            self._own[parameter] = with_setting(self._own.get(parameter, b""), parameter, content)
            if operator == "Tf":
                self._reach_of_type(float(operands[1]))
        elif operator == "Tm":
            _, across, back, scale, _, baseline = (float(each) for each in operands)
            self._baseline, self._scale = (baseline if not across and not back else None), abs(scale)
        elif operator in _SHOW:
            # All other modes than filling use the parameters of lines, too, or clip (ISO 32000-1, 9.3.6).
            is_plain = self._own.get("Tr", b"0 Tr").split()[0] == b"0"
            self._needs |= (_TEXT_NEEDS if is_plain else ALL_NEEDS) - self._own.keys()
            self._has_reach = self._has_reach and self._baseline is not None
        elif operator == "ET":
            self._close(Kind.PAINT)
        elif operator in _MARKS or operator in ("q", "Q", "cm", "Do"):
            self._is_odd = True
        # These move the baseline, which is followed for Tm alone.
        if operator in _NEXT_LINE or operator == "Ts":
            self._has_reach = False

    def _reach_of_type(self, size: float) -> None:
        if self._baseline is None:
            self._has_reach = False
            return
        length = _SIZES * abs(size) * self._scale
        self._heights += [self._baseline - length, self._baseline + length]

    def _close(self, kind: Kind) -> None:
        reach = Reach(min(self._heights), max(self._heights)) if self._has_reach and self._heights else None
        self.items.append(
            Item(
                Kind.OTHER if self._is_odd else kind,
                b"\n".join(self._open),
                tuple(sorted(self._needs)),
                tuple(self._own.items()),
                tuple(sorted(self._names)),
                reach,
            )
        )
        self._open, self._is_text, self._clips, self._is_odd = [], False, False, False
        self._needs, self._own, self._names = set(), {}, set()
        self._heights, self._has_reach, self._baseline, self._scale = [], True, None, 1.0


_BY_OPERATOR = {
    "q": Kind.SAVE,
    "Q": Kind.RESTORE,
    "BDC": Kind.MARK,
    "BMC": Kind.MARK,
    "EMC": Kind.END_MARK,
    "cm": Kind.MATRIX,
}


def _single(operator: str, operands: Any, content: bytes) -> Item:
    """Return an operator that stands by itself."""
    names = tuple(_names(operator, operands))
    if kind := _BY_OPERATOR.get(operator):
        return Item(kind, content, matrix=tuple(map(float, operands)) if kind is Kind.MATRIX else ())
    if parameter := _parameter(operator):
        return Item(Kind.SET, content, sets=((parameter, content),), names=names)
    return Item(Kind.OTHER, content, names=names)


def _parameter(operator: str) -> str:
    """Return the parameter of the graphics state that an operator sets; empty where it sets none."""
    for known in (_COLOURS, _SPACES, _IN_SPACE):
        if operator in known:
            return known[operator]
    return operator if operator in _LINE | _TEXT | _ALWAYS else ""


def _names(operator: str, operands: Any) -> list[tuple[str, str]]:
    """Return the resource that an operator names."""
    if operator in ("scn", "SCN") and operands and str(operands[-1]).startswith("/"):
        return [("/Pattern", str(operands[-1]))]
    return [(_NAMED[operator], str(operands[0]))] if operator in _NAMED else []


def listed(value: Any) -> list[Any]:
    """Return what an entry holds that may be one thing or an array of things."""
    import pikepdf

    return list(value.as_list()) if isinstance(value, pikepdf.Array) else [value]


def content_streams(page: Any) -> list[Any]:
    """Return the streams of operators of a page: it may have several, or none (ISO 32000-1, 7.7.3.3)."""
    contents = page.get("/Contents")
    return [] if contents is None else listed(contents)


def page_content(page: Any) -> bytes:
    """Return all operators of a page."""
    return b"\n".join(each.read_bytes() for each in content_streams(page))


def digest(pdf: Any, thing: Any, *, unpacked: bool = False) -> bytes:
    """Hash an indirect object with all that it refers to: its references by the order in which they are met.

    Equal objects of two documents have equal hashes, whatever numbers they have there; `unpacked`, however streams are
    compressed, too.
    """
    import pikepdf

    met = {thing.objgen: b"0"}
    waiting = [thing]
    parts: list[bytes] = []

    def rename(reference: re.Match[bytes]) -> bytes:
        if not reference[1]:
            return reference[0]
        objgen = int(reference[1]), int(reference[2])
        if objgen not in met:
            met[objgen] = b"%d" % len(met)
            waiting.append(pdf.get_object(objgen))
        return met[objgen] + b" R"

    for each in waiting:  # It grows meanwhile.
        if isinstance(each, pikepdf.Stream):
            entries, content = _unpacked(each) if unpacked else (each.stream_dict, each.read_raw_bytes())
            parts += [_REFERENCE.sub(rename, entries.unparse()), content]
        else:
            parts.append(_REFERENCE.sub(rename, each.unparse(resolved=True)))
    return short_hash(b"\n".join(parts))


def _unpacked(stream: Any) -> tuple[Any, bytes]:
    """Return the entries of a stream and what it holds; of pictures in formats of their own, as they are."""
    import pikepdf

    try:
        content = stream.read_bytes()
    except pikepdf.PdfError:
        return stream.stream_dict, stream.read_raw_bytes()
    entries = {name: value for name, value in stream.stream_dict.items() if name not in _PACKING}
    return pikepdf.Dictionary(entries), content


def short_hash(content: bytes) -> bytes:
    """Return a hash of 16 bytes."""
    return hashlib.blake2b(content, digest_size=16).digest()
