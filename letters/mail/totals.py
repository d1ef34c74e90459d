"""Adds a mailing up: each print file, the paper, the pieces for each part of the country."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from letters.mail.manifest import Row

POUND = 16
"""Ounces."""


@dataclass(frozen=True, slots=True)
class FileTotal:
    """One print file, added up."""

    name: str
    first: int
    """The number of its first piece."""
    last: int
    pieces: int
    sides: int
    sheets: int


@dataclass(frozen=True, slots=True)
class Totals:
    """A whole mailing, added up."""

    pieces: int
    pages: int
    sheets: int
    ounces: float
    files: tuple[FileTotal, ...]
    zips: tuple[tuple[str, int], ...]
    """Pieces for each three-digit ZIP prefix, in order."""

    @property
    def pounds(self) -> float:
        """The weight of the paper in pounds."""
        return round(self.ounces / POUND, 1)


def total(rows: Sequence[Row], *, duplex: bool) -> Totals:
    """Add up the rows of a manifest."""
    names = sorted({span.file for row in rows for span in row.spans})
    return Totals(
        pieces=len(rows),
        pages=sum(row.piece.pages for row in rows),
        sheets=sum(row.sheets for row in rows),
        ounces=round(sum(row.ounces for row in rows), 2),
        files=tuple(_file(name, rows, duplex=duplex) for name in names),
        zips=tuple(sorted(Counter(row.piece.zip[:3] for row in rows).items())),
    )


def _file(name: str, rows: Sequence[Row], *, duplex: bool) -> FileTotal:
    there = [(row, span) for row in rows for span in row.spans if span.file == name]
    sides = max(span.last for _, span in there)
    numbers = [row.piece.number for row, _ in there]
    return FileTotal(name, min(numbers), max(numbers), len(there), sides, sides // 2 if duplex else sides)
