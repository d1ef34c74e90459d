"""Writes the manifest of a mailing: every piece with its address, size, place in the print files and hash."""

from __future__ import annotations

import datetime
import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from letters.formats.ooxml import parse, read_package, serialize, write_package
from letters.mail.pieces import DocumentKind, Piece, label
from letters.mail.print_file import Span
from letters.model.settings import Paper

COLUMNS = (
    "number", "id", "name", "agency", "county", "address", "zip", "pages", "sheets", "ounces", "file", "first_side",
    "last_side", "rest_file", "rest_first_side", "rest_last_side", "sha256", "edition", "approvals", "enclosures",
    "kind", "envelope", "postage", "certified_number",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestRow:
    """One piece in the manifest."""

    piece: Piece
    sheets: int
    ounces: float
    """Of the paper in it, without the envelope."""
    spans: tuple[Span, ...]
    """Where it is in the print files: one, or one for each tray."""
    article: str = ""
    """Its certified mail number."""
    envelope: str = ""
    """The size of its envelope."""
    postage: Decimal | None = None
    """Its price in dollars; None where it is not known."""


def cells(row: ManifestRow, last: int) -> tuple[str | int | float, ...]:
    """Write a row of the manifest in the order of the columns; addresses and lists are joined with a bar."""
    piece = row.piece
    places = [cell for span in row.spans for cell in (span.file, span.first, span.last)]
    return (
        label(piece.number, last), piece.recipient, piece.name, piece.agency, piece.county, " | ".join(piece.address),
        piece.zip, piece.pages, row.sheets, row.ounces, *places, *[""] * (6 - len(places)), piece.letter.sha256,
        piece.edition, " | ".join(piece.approvals), " | ".join(piece.enclosures), piece.kind.value,
        row.envelope, "" if row.postage is None else f"{row.postage:.2f}", row.article,
    )  # fmt: skip


def as_table(rows: Sequence[ManifestRow]) -> list[Sequence[object]]:
    """Write the manifest as a table, its header first."""
    last = max((row.piece.number for row in rows), default=0)
    return [COLUMNS, *(cells(row, last) for row in rows)]


_CORE = "docProps/core.xml"
_MODIFIED = "{http://purl.org/dc/terms/}modified"
_WIDEST = 48


def write_workbook(tables: Mapping[str, Sequence[Sequence[object]]], date: datetime.date) -> bytes:
    """Write tables, each a sheet of its own whose first row is the header; texts stay texts, ZIP codes among them."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    moment = datetime.datetime.combine(date, datetime.time(), datetime.UTC)
    book = Workbook(write_only=True)
    book.properties.created = moment.replace(tzinfo=None)
    book.properties.creator = ""
    for title, table in tables.items():
        sheet = book.create_sheet(title)
        sheet.freeze_panes = "A2"
        for number, width in enumerate(_widths(table), start=1):
            sheet.column_dimensions[get_column_letter(number)].width = width
        for row_number, row in enumerate(table):
            cells = []
            for value in row:
                cell = WriteOnlyCell(sheet, value=None)
                cell.value = value  # type: ignore[assignment]
                if isinstance(value, str):
                    cell.data_type = "s"  # never a formula, whatever it begins with
                    cell.number_format = "@"
                if not row_number:
                    cell.font = Font(bold=True)
                cells.append(cell)
            sheet.append(cells)
    file = io.BytesIO()
    book.save(file)
    parts = read_package(file.getvalue())
    core = parse(parts[_CORE])
    for element in core.iter(_MODIFIED):
        element.text = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    return write_package({**parts, _CORE: serialize(core)})


def _widths(table: Sequence[Sequence[object]]) -> Iterable[int]:
    """Return how wide the columns must be to show what is in them, within reason."""
    for column in zip(*table, strict=True):
        yield min(_WIDEST, max(len(str(value)) for value in column) + 2)


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
    counties: tuple[tuple[str, int], ...] = ()
    """Pieces for each county, in order."""
    kinds: tuple[tuple[str, int], ...] = ()
    """Pieces for each office that letters go to, in the singular, and copies."""
    postage: Decimal = Decimal()
    """What is to be paid for the pieces whose price is known, in dollars."""
    unpriced: int = 0
    """Pieces whose price is not known."""

    @property
    def weight(self) -> str:
        """The weight of the paper in words: in pounds, and below one in ounces."""
        return f"{self.ounces / POUND:,.1f} pounds" if self.ounces >= POUND else f"{self.ounces:.1f} ounces"


def total(rows: Sequence[ManifestRow], *, duplex: bool) -> Totals:
    """Add up the rows of a manifest."""
    names = sorted({span.file for row in rows for span in row.spans})
    return Totals(
        pieces=len(rows),
        pages=sum(row.piece.pages for row in rows),
        sheets=sum(row.sheets for row in rows),
        ounces=round(sum(row.ounces for row in rows), 2),
        files=tuple(_file(name, rows, duplex=duplex) for name in names),
        zips=_count(row.piece.zip[:3] for row in rows),
        postage=sum((row.postage for row in rows if row.postage is not None), Decimal()),
        unpriced=sum(row.postage is None for row in rows),
        counties=_count(row.piece.county for row in rows),
        kinds=tuple(Counter(_kind(row.piece) for row in sorted(rows, key=_copies_last)).items()),
    )


def _count(names: Iterable[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(Counter(names).items()))


def _kind(piece: Piece) -> str:
    """Return what a piece is: "sheriff" for a letter to one, or "copy for Corporation Counsel"."""
    if piece.kind is DocumentKind.LETTER:
        return piece.office.replace("_", " ") or "letter"
    return f"copy to {piece.name}"


def _copies_last(row: ManifestRow) -> tuple[bool, str]:
    return row.piece.kind is not DocumentKind.LETTER, _kind(row.piece)


def _file(name: str, rows: Sequence[ManifestRow], *, duplex: bool) -> FileTotal:
    there = [(row, span) for row in rows for span in row.spans if span.file == name]
    sides = max(span.last for _, span in there)
    numbers = [row.piece.number for row, _ in there]
    return FileTotal(name, min(numbers), max(numbers), len(there), sides, sides // 2 if duplex else sides)


_BASIS_SHEET = 17 * 22
"""Square inches of the sheet by which bond paper is weighed; 500 of them weigh the pounds on the wrapper.

The basic size of office, bond and writing papers in paper merchants' tables; 20 lb is 75 g/m², about 0.16 oz a letter
sheet.
"""
_REAM = 500
_OUNCES = 16
_AREA = {Paper.LETTER: 8.5 * 11, Paper.A4: 210 * 297 / 25.4**2}


def ounces(sheets: int, paper: Paper, pounds: int) -> float:
    """Weigh sheets of bond paper of a basis weight, such as 20 or 24 pounds, in ounces to a hundredth."""
    return round(sheets * pounds * _OUNCES / _REAM * _AREA[paper] / _BASIS_SHEET, 2)
