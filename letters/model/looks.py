"""The records of looks.toml (paper, type, letterhead, for both media) and of a letterhead that was measured.

All measures are points, unless a name says otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from letters.model.postal import Points
from letters.model.settings import Paper

HEADER_END: Points = 90
"""Where the letterhead ends, from the edge of the paper; Word begins the text there, or below a greater margin."""
# A4 is 210 x 297 mm (ISO 216), to a tenth of a point.
PAPER_POINTS = {Paper.LETTER: (612.0, 792.0), Paper.A4: (595.3, 841.9)}
"""Width and height."""
# Word's own superscript came to 5.2 points: both media are told the size and the rise (docs/type.md).
_MARK = 0.68
"""The size of the number of a note, in sizes of the text."""
_RISE = 0.32
"""How high it is raised, in sizes of the text."""


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


class Arrangement(StrEnum):
    """How organizations stand in the letterhead."""

    SIDE_BY_SIDE = "side by side"
    STACKED = "stacked"
    CENTRED = "centred"


class Align(StrEnum):
    """How lines of text end."""

    RAGGED = "ragged"
    JUSTIFIED = "justified"


class Margins(NamedTuple):
    """The margins of every page but the first, whose letterhead begins half an inch from the edge."""

    top: Points
    right: Points
    bottom: Points
    left: Points


# In inches: 1.15, 1.2, 0.9, 1.2.
_MARGINS = Margins(82.8, 86.4, 64.8, 86.4)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageLooks:
    """How letters look; what no key of looks.toml says is derived from what one says."""

    paper: Paper = Paper.LETTER
    margins: Margins = _MARGINS
    # 5.8 inches, 80 to 83 characters of the font; lines of 45 to 90 are read easily (docs/type.md).
    measure: Points = 417.6
    """The greatest width of the text, for margins that leave more."""
    font: str = "Charis SIL"
    size: Points = 11
    # The shorter measure made letters a page longer; closer lines and smaller margins brought them back.
    leading: Points = 14.5
    align: Align = Align.RAGGED
    heading_size: Points = 11
    note_size: Points = 9
    note_leading: Points = 11.5
    color: str = "#1a1a1a"
    letterhead: Arrangement = Arrangement.SIDE_BY_SIDE
    letterhead_caps: bool = False
    letterhead_size: Points = 11.5
    """Of names; addresses are three points smaller."""
    letterhead_color: str = "#1a1a1a"
    letterhead_rule: Points = 0.75
    logo_size: Points = 36
    """The greatest height of a logo."""
    draft_mark: str = "DRAFT FOR REVIEW BY COUNSEL · NOT TO BE SENT"
    draft_color: str = "#a3261b"
    fold_marks: bool = False

    @property
    def text_width(self) -> Points:
        """How much the margins leave for the text."""
        return PAPER_POINTS[self.paper][0] - self.margins.left - self.margins.right

    @property
    def spare(self) -> Points:
        """How much of that the text leaves free at its right."""
        return max(0.0, self.text_width - self.measure)

    @property
    def body(self) -> TypeSize:
        """The type of the text."""
        return TypeSize(self.size, self.leading)

    @property
    def address(self) -> TypeSize:
        """The type of the inside address, narrow enough for windows."""
        return TypeSize(self.size - 0.5, self.leading - 2.5)

    @property
    def contents(self) -> TypeSize:
        """The type of the table of contents."""
        return TypeSize(self.size - 1, self.leading - 2.5)

    @property
    def small(self) -> TypeSize:
        """The type of tables, and of what stands below the signatures."""
        return TypeSize(self.size - 1.5, self.leading - 2.5)

    @property
    def source(self) -> TypeSize:
        """The type of the line below a table that tells where it is from."""
        return TypeSize(self.size - 2.5, self.leading - 4)

    @property
    def note(self) -> TypeSize:
        """The type of notes and running heads."""
        return TypeSize(self.note_size, self.note_leading)

    @property
    def heading(self) -> TypeSize:
        """The type of headings of the letter."""
        return TypeSize(self.heading_size, max(self.leading, _half(self.heading_size * 1.3)))

    @property
    def title(self) -> TypeSize:
        """The type of titles: of enclosures and memoranda."""
        return TypeSize(self.heading_size + 3, self.heading.leading + 3)

    @property
    def headline(self) -> TypeSize:
        """The type of the headline of a press release."""
        return TypeSize(self.heading_size + 4, self.heading.leading + 4)

    @property
    def name(self) -> TypeSize:
        """The type of names in the letterhead, where they are short."""
        return TypeSize(self.letterhead_size, _half(self.letterhead_size * 1.21))

    @property
    def contact(self) -> TypeSize:
        """The type of addresses in the letterhead."""
        return TypeSize(self.letterhead_size - 3, _half((self.letterhead_size - 3) * 1.23))

    @property
    def mark_size(self) -> Points:
        """The size of the numbers of notes."""
        return _half(self.size * _MARK)

    @property
    def mark_rise(self) -> Points:
        """How much higher they stand than the text."""
        return _half(self.size * _RISE)


def _half(points: Points) -> Points:
    """Return the nearest half point: Word keeps no other sizes (ECMA-376 part 1, 17.3.2.38)."""
    return round(points * 2) / 2
