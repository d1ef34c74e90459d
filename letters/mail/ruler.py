"""Measures text before it is set: the widths of the campaign's own font files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

FACE = "CharisSIL-Regular.ttf"
FALLBACK = "DejaVuSans.ttf"
"""The faces of addresses, the first one that has a character."""


class Ruler:
    """Tells how wide a line is, kerning and ligatures off, as envelopes and labels are set."""

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
