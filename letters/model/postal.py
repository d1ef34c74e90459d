"""The records of what a stationer sells: envelopes, sheets of labels, envelopes with windows. Frozen, without work.

All measures are inches; x runs to the right from the left edge, y runs down from the top edge, unless a field says
otherwise.
"""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from letters.model.settings import TomlRecord

Inches = float
Points = float
# A higher piece is a flat, and charged as one (USPS DMM 101.1.1).
_HIGHEST_LETTER: Inches = 6.125


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on a sheet."""

    left: Inches
    top: Inches
    right: Inches
    bottom: Inches

    @property
    def width(self) -> Inches:
        """How wide it is."""
        return self.right - self.left

    @property
    def height(self) -> Inches:
        """How high it is."""
        return self.bottom - self.top

    def holds(self, other: Box, slack: Inches = 0.0) -> bool:
        """Whether the other box lies inside."""
        return (
            other.left >= self.left - slack
            and other.right <= self.right + slack
            and other.top >= self.top - slack
            and other.bottom <= self.bottom + slack
        )

    def touches(self, other: Box) -> bool:
        """Whether the two have any area in common."""
        return (
            # Boxes that share an edge alone have no area in common.
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )

    def moved(self, x: Inches, y: Inches) -> Box:
        """Make the box that lies so much further right and down."""
        return Box(self.left + x, self.top + y, self.right + x, self.bottom + y)

    def around(self, other: Box) -> Box:
        """Make the smallest box that holds both."""
        return Box(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )

    def within(self, other: Box) -> Box:
        """Make the box of what both have in common; it has no area where they have nothing."""
        left, top = max(self.left, other.left), max(self.top, other.top)
        return Box(left, top, max(left, min(self.right, other.right)), max(top, min(self.bottom, other.bottom)))


_ARTICLE = re.compile(r"\d{20}|\d{22}")
_SPACES = re.compile(r"[\s-]+")
_WITH_CHECK_DIGIT = 22


def article_digits(number: str) -> str:
    """Return an article number of certified mail without the spaces that labels show it with."""
    return _SPACES.sub("", number)


def article_fault(number: str) -> str:
    """Return what is wrong with the digits of an article number; empty where nothing is.

    Numbers of 22 digits are those of Intelligent Mail package barcodes, whose last digit is a check digit (USPS
    Publication 199, "MOD 10"): the others, weighted 3, 1, 3 and so on from the right, and it add up to a multiple of
    ten. Whether numbers of 20 digits have one depends on the label: of these only the length is looked at.
    """
    if not _ARTICLE.fullmatch(number):
        return "is not an article number: they have 20 or 22 digits"
    weighted = sum(int(digit) * (1, 3)[place % 2] for place, digit in enumerate(reversed(number)))
    if len(number) == _WITH_CHECK_DIGIT and weighted % 10:
        return "is mistyped: its last digit does not check the others"
    return ""


def spaced_article(number: str) -> str:
    """Write an article number in groups of four, as labels show it."""
    return " ".join(number[start : start + 4] for start in range(0, len(number), 4))


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope(TomlRecord):
    """An envelope without a window: its size, and where the return address and the address go."""

    name: str
    title: str
    width: Inches
    height: Inches
    return_left: Inches
    return_top: Inches
    return_width: Inches
    address_left: Inches
    address_top: Inches
    address_width: Inches
    address_height: Inches
    size: Points = 12
    """The type of the address; a long address is set smaller, down to `smallest`."""
    smallest: Points = 8
    most_sheets: int = 0
    """How many sheets it takes; 0 for as many as its size tells: six folded in three, else any number."""
    ounces: float = 0
    """What it weighs, empty."""

    @property
    def shape(self) -> PieceShape:
        """The shape of a piece in it."""
        return PieceShape.FLAT if min(self.width, self.height) > _HIGHEST_LETTER else PieceShape.LETTER

    @property
    def room(self) -> Box:
        """Where the address must lie."""
        left, top = self.address_left, self.address_top
        return Box(left, top, left + self.address_width, top + self.address_height)


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelSheet(TomlRecord):
    """A sheet of equal labels in rows and columns."""

    name: str
    title: str
    page_width: Inches = 8.5
    page_height: Inches = 11
    left: Inches
    """From the left edge of the sheet to the first label."""
    top: Inches
    width: Inches
    height: Inches
    columns: int
    rows: int
    pitch_x: Inches
    """From the left edge of a label to that of the next."""
    pitch_y: Inches
    padding: Inches = 0.125
    """What stays free at each side of a label."""
    size: Points = 10
    smallest: Points = 7.5

    @property
    def count(self) -> int:
        """How many labels a sheet has."""
        return self.columns * self.rows

    def box(self, number: int) -> Box:
        """Return where a label is, counted from 0 in rows, as one reads."""
        left = self.left + number % self.columns * self.pitch_x
        top = self.top + number // self.columns * self.pitch_y
        return Box(left, top, left + self.width, top + self.height)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window(TomlRecord):
    """A window of an envelope: left edge and bottom edge of the envelope are what it is measured from."""

    left: Inches
    bottom: Inches
    """From the bottom edge of the envelope to the bottom edge of the window."""
    width: Inches
    height: Inches


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone(TomlRecord):
    """A rectangle on the first page of a letter."""

    left: Inches
    top: Inches
    width: Inches
    height: Inches

    @property
    def box(self) -> Box:
        """The same, as a box."""
        return Box(self.left, self.top, self.left + self.width, self.top + self.height)


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowProfile(TomlRecord):
    """An envelope with a window and how the letter is folded into it, or what a mailing house prescribes instead.

    With an `address` window, the envelope's size and the fold, all places follow from the geometry. A house that gives
    places on the page gives `visible` and `clear`.
    """

    name: str
    title: str
    width: Inches
    height: Inches
    page_width: Inches = 8.5
    page_height: Inches = 11
    folds: tuple[Inches, ...]
    """Where the sheet is folded, from its top edge."""
    address: Window | None = None
    sender: Window | None = None
    """The window for the return address of a double-window envelope."""
    visible: Zone | None = None
    """The part of the page that is always seen through the window for the address."""
    clear: Zone | None = None
    """The part of the page that may be seen through it: nothing but the address may stand here."""
    most_sheets: int = 0
    """How many sheets it takes; 0 for as many as its size tells."""


class PieceShape(StrEnum):
    """The shapes that the post office charges for."""

    LETTER = "letter"
    FLAT = "flat"
    """A large envelope: higher than 6 1/8 inches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate(TomlRecord):
    """What the post office charges for a shape, up to a weight."""

    shape: PieceShape
    ounces: float
    price: Decimal
    """Dollars."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Postage(TomlRecord):
    """The prices of a day, as the user copied them from the post office's list; none are ever made up."""

    date: datetime.date
    """From when on they count."""
    rate: tuple[Rate, ...]

    def price(self, shape: PieceShape, ounces: float) -> Decimal | None:
        """Return the price of a piece; None where the table has none for such a weight."""
        fitting = [each for each in self.rate if each.shape is shape and ounces <= each.ounces]
        return min(fitting, key=lambda each: each.ounces).price if fitting else None


@dataclass(frozen=True, slots=True)
class Products:
    """All that is known of the stationer's goods, by name."""

    envelopes: dict[str, Envelope]
    labels: dict[str, LabelSheet]
    windows: dict[str, WindowProfile]
