"""The records of a letterhead that was measured: how large its type is, and where each organization stands.

All measures are points; x runs to the right from the left edge of the text, y runs down from the letterhead's top.
"""

from __future__ import annotations

from typing import NamedTuple

from letters.model.postal import Points

HEADER_END: Points = 90
"""Where the letterhead ends, from the edge of the paper; Word begins the text there, or below a greater margin."""


class TypeSize(NamedTuple):
    """The size of type and the distance of its lines."""

    size: Points
    leading: Points


class LetterheadBlock(NamedTuple):
    """The room of one organization."""

    left: Points
    top: Points
    width: Points
    height: Points
    apart: bool = False
    """Whether what would be one line stands in several: telephone and website, or address and telephone."""
    logo: tuple[Points, Points] | None = None
    """How wide and how high the logo is."""
    picture: bytes = b""
    """The logo as a PNG, where Word cannot show its file."""
    name: tuple[str, ...] = ()
    """The lines that the name was broken into."""
    lines: tuple[tuple[str, ...], ...] = ()
    """The lines that each text below the name was broken into."""


class LetterheadFit(NamedTuple):
    """A letterhead that fits its room: what both media are written from."""

    arrangement: str
    """A class of the style sheet: "columns", "pairs" or "rows"."""
    blocks: tuple[LetterheadBlock, ...] = ()
    name: TypeSize | None = None
    """None where the style sheet and the Word template say it."""
    line: TypeSize | None = None
    height: Points = 0
    growth: Points = 0
    """How much higher it is than the style sheet says: the sum of the next three."""
    closer: Points = 0
    """How much closer the date stands below it."""
    lift: Points = 0
    """How much closer the address stands below the date, so that it stays where a window shows it."""
    rise: Points = 0
    """How much higher on the page it begins."""
    centred: bool = False
    """Whether the lines stand in the middle of the page."""
