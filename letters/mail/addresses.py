"""Addresses on paper: how their lines are written, and the type they fit in. No line is ever cut."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from letters.mail.pieces import AddressStyle
from letters.model.postal import Box, Points
from letters.model.problems import Place, Problem

_LEADING = 1.2
_STEP = 0.5
_PUNCTUATION = re.compile(r"[.,;:](?!\d)")
"""What Publication 28 leaves out; a point or comma inside a number stays."""
_UNIT = re.compile(
    r",? ((?:apt|apartment|bldg|building|bsmt|basement|dept|department|fl|floor|ofc|office|rm|room|ste|suite|unit|#)"
    r"\b\.?[ \S]*|# ?\S+)$",
    re.IGNORECASE,
)
"""A secondary unit at the end of a delivery line (USPS Publication 28, 213)."""


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
    """An address set in the type it fits in, its long lines wrapped."""

    lines: tuple[str, ...]
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
    """Find the largest type, from the first size down to the second, in which an address fits; None where none does.

    At each size long lines are wrapped before a smaller size is tried.
    """
    size, smallest = sizes
    while size >= smallest:
        widest, leading = room.width * 72 / size, size * _LEADING
        written = wrap(lines, widest, ruler)
        if written is not None and leading * len(written) <= room.height * 72:
            width = max(map(ruler.width, written), default=0.0) * size
            return Fit(written, size, leading, width, leading * len(written))
        size -= _STEP
    return None


def wrap(lines: Sequence[str], widest: float, ruler: Ruler) -> tuple[str, ...] | None:
    """Write an address in lines no wider than some units of the type size; None where that cannot be done.

    The last line, with city, state and ZIP code, stays one line. The delivery line above it may give its secondary
    unit, such as "Suite 4", to a line of its own above it, as USPS Publication 28 has it. Any other line goes on in
    the next one after a blank, in parts as even as can be.
    """
    written = tuple(_parts(lines, widest, ruler))
    return written if all(ruler.width(part) <= widest for part in written) else None


def _parts(lines: Sequence[str], widest: float, ruler: Ruler) -> Iterator[str]:
    """List the lines of an address, long ones in parts; what cannot be split further stays too wide."""
    for number, line in enumerate(lines, start=1):
        if ruler.width(line) <= widest or number == len(lines):
            yield line
        elif number == len(lines) - 1:
            yield from unit_above(line)
        else:
            yield from _split(line, widest, ruler)


def unit_above(line: str) -> tuple[str, ...]:
    """Write a delivery line in two, its secondary unit above the street; in one where it has no unit."""
    unit = _UNIT.search(line)
    return (line[unit.start(1) :], line[: unit.start()]) if unit else (line,)


def _split(line: str, widest: float, ruler: Ruler) -> list[str]:
    """Split a line at blanks into as few parts as possible, and then as even ones as possible."""
    parts = _filled(line, widest, ruler)
    for tenth in range(9, 4, -1):
        narrower = widest * tenth / 10
        others = _filled(line, narrower, ruler)
        if len(others) > len(parts) or any(ruler.width(part) > narrower for part in others):
            break
        parts = others
    return parts


def _filled(line: str, widest: float, ruler: Ruler) -> list[str]:
    """Split a line at blanks into parts, each as long as its width allows."""
    parts: list[str] = []
    for word in line.split(" "):
        if parts and ruler.width(f"{parts[-1]} {word}") <= widest:
            parts[-1] += f" {word}"
        else:
            parts.append(word)
    return parts


def too_large(addressee: Addressee, room: Box, smallest: Points, ruler: Ruler, product: str) -> Problem:
    """Return which line of an address is too long for a product, or that there are too many lines."""
    widest = room.width * 72 / smallest
    written = list(_parts(addressee.lines, widest, ruler))
    if long := [part for part in written if ruler.width(part) > widest]:
        what = (
            f'"{long[0]}" is {ruler.width(long[0]) * smallest / 72:.2f} in. long even in type of {smallest:g} pt; '
            f"{product} has room for {room.width:.2f} in."
        )
    else:
        what = f"the address has {len(written)} lines, more than fit on {product}"
    hint = "shorten it in the list, move a part of it to address2, or choose a larger envelope or label"
    return Problem(addressee.place, what, hint, recipient=addressee.id)


FACE = "CharisSIL-Regular.ttf"
FALLBACK = "DejaVuSans.ttf"
"""The faces of addresses, the first one that has a character."""


class Ruler:
    """Return how wide a line is, kerning and ligatures off, as envelopes and labels are set."""

    def __init__(self, fonts: Path) -> None:
        files = [path for path in (fonts / FACE, fonts / FALLBACK) if path.is_file()]
        widths = _read_widths(tuple((path, path.stat().st_mtime_ns) for path in files))
        # An address is measured for envelopes and each sheet of labels, in several sizes of type.
        self._measured = functools.lru_cache(1024)(lambda line: sum(widths.get(character, 1.0) for character in line))

    def width(self, line: str) -> float:
        """Measure a line in units of its type size."""
        return self._measured(line)


@functools.lru_cache(4)  # a mailing measures several times, and to read the faces takes a fifth of a second
def _read_widths(files: tuple[tuple[Path, int], ...]) -> Mapping[str, float]:
    """Return the widths of characters; each file comes with the time of its last change."""
    from fontTools.ttLib import TTFont

    widths: dict[str, float] = {}
    for path, _ in reversed(files):
        with TTFont(path, lazy=True) as font:
            advance, unit = font["hmtx"].metrics, font["head"].unitsPerEm
            widths |= {chr(point): advance[glyph][0] / unit for point, glyph in font.getBestCmap().items()}
    return widths
