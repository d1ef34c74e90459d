"""Addresses on paper: how their lines are written, and the type they fit in. No line is ever cut."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from letters.model.postal import Box, Points
from letters.model.problems import Place, Problem

_LEADING = 1.2
_STEP = 0.5
_PUNCTUATION = re.compile(r"[.,;:](?!\d)")
"""What Publication 28 leaves out; a point or comma inside a number stays."""


class AddressStyle(StrEnum):
    """How the lines of an address are written on envelopes and labels."""

    AS_WRITTEN = "as-written"
    PUBLICATION_28 = "publication-28"
    """Capitals without punctuation, which the post office's machines read best (USPS Publication 28, 212)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressee:
    """One recipient as an envelope needs it."""

    id: str
    lines: tuple[str, ...]
    place: Place
    """The row of the list."""
    barcode: str = ""
    """The 65 bars of the Intelligent Mail barcode as letters; empty for none."""


@dataclass(frozen=True, slots=True)
class Fit:
    """An address set in the type it fits in."""

    size: Points
    leading: Points
    width: Points
    height: Points


def write_lines(lines: Sequence[str], style: AddressStyle) -> tuple[str, ...]:
    """Write the lines of an address in a style."""
    if style is AddressStyle.AS_WRITTEN:
        return tuple(lines)
    plain = (_PUNCTUATION.sub("", line.replace("’", "'")) for line in lines)
    return tuple(" ".join(line.upper().split()) for line in plain)


def fit(lines: Sequence[str], room: Box, sizes: tuple[Points, Points], ruler: Ruler) -> Fit | None:
    """Find the largest type, from the first size down to the second, in which all lines fit; None where none does."""
    size, smallest = sizes
    widest = max((ruler.width(line) for line in lines), default=0.0)
    while size >= smallest:
        leading = size * _LEADING
        set_in = Fit(size, leading, widest * size, leading * len(lines))
        if set_in.width <= room.width * 72 and set_in.height <= room.height * 72:
            return set_in
        size -= _STEP
    return None


def too_large(addressee: Addressee, room: Box, smallest: Points, ruler: Ruler, product: str) -> Problem:
    """Return which line of an address is too long for a product, or that there are too many lines."""
    longest = max(addressee.lines, key=ruler.width)
    width = ruler.width(longest) * smallest / 72
    if width > room.width:
        what = (
            f'"{longest}" is {width:.2f} in. long even in type of {smallest:g} pt; {product} has room for '
            f"{room.width:.2f} in."
        )
    else:
        what = f"the address has {len(addressee.lines)} lines, more than fit on {product}"
    hint = "shorten it in the list, move a part of it to address2, or choose a larger envelope or label"
    return Problem(addressee.place, what, hint, recipient=addressee.id)


FACE = "CharisSIL-Regular.ttf"
FALLBACK = "DejaVuSans.ttf"
"""The faces of addresses, the first one that has a character."""


class Ruler:
    """Return how wide a line is, kerning and ligatures off, as envelopes and labels are set."""

    def __init__(self, fonts: Path) -> None:
        self._widths = _read_widths([fonts / name for name in (FACE, FALLBACK)])

    def width(self, line: str) -> float:
        """Measure a line in units of its type size."""
        return sum(self._widths.get(character, 1.0) for character in line)


def _read_widths(files: Sequence[Path]) -> dict[str, float]:
    from fontTools.ttLib import TTFont

    widths: dict[str, float] = {}
    for path in reversed([path for path in files if path.is_file()]):
        with TTFont(path, lazy=True) as font:
            advance, unit = font["hmtx"].metrics, font["head"].unitsPerEm
            widths |= {chr(point): advance[glyph][0] / unit for point, glyph in font.getBestCmap().items()}
    return widths
