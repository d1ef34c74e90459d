"""Writes what tells of a mailing: the manifest, the sheet for the person at the printer, a mail house's package.

The manifest has every piece with its address and hash; the sheet says what is in each file and how to print it.
"""

from __future__ import annotations

import datetime
import io
import shutil
import zipfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO

from letters.formats.files import csv_bytes
from letters.formats.ooxml import parse, read_package, serialize, write_package
from letters.mail.pieces import DocumentKind, Piece, label
from letters.mail.print_file import Span
from letters.mail.products import PAPERS
from letters.mail.typeset import PAGES, pages_in
from letters.model.problems import many
from letters.model.settings import Paper

PICTURE = "piece.jpg"
"""The name under which the page asks for the picture of the first piece."""
_SIZES = (10, 9.25, 8.5, 7.75, 7)
"""Type in points: the largest in which all is on one page. Below the last one the sheet goes on on a second page."""
_MOST_FILES = 10
"""Print files that have a line each."""
_MOST_COUNTS = 100
"""Counties or ZIP prefixes that are counted on the sheet; the workbook has them all."""
# County and count, six times: Michigan has 83 counties, in 14 rows.
_COLUMNS = 6
_CORE = "docProps/core.xml"
_MODIFIED = "{http://purl.org/dc/terms/}modified"
# Characters of a column: a hash of 64 would push all others off the screen.
_WIDEST = 48
_BASIS_SHEET = 17 * 22
"""Square inches of the sheet by which bond paper is weighed; 500 of them weigh the pounds on the wrapper.

The basic size of office, bond and writing papers in paper merchants' tables; 20 lb is 75 g/m², about 0.16 oz a letter
sheet.
"""
_REAM = 500
_POUND = 16
"""Ounces."""
_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest date a ZIP can hold: the same bytes whenever the package is written."""
_MEANINGS = {
    "number": "sequence number of the piece; also in page labels, bookmarks and the mark",
    "id": "the sender's name for the recipient",
    "name": "addressee and agency in one line",
    "agency": "agency",
    "county": "county",
    "address": "lines of the address, joined with a bar",
    "zip": "ZIP code, 5 digits or ZIP+4; a text",
    "pages": "pages with something on them",
    "sheets": "sheets of paper",
    "ounces": "weight of the paper, without the envelope",
    "file": "print file",
    "first_side": "first page of the piece in that file, from 1",
    "last_side": "last page of the piece in that file",
    "rest_file": "print file of the second tray, if any",
    "rest_first_side": "first page of the piece in that file",
    "rest_last_side": "last page of the piece in that file",
    "sha256": "SHA-256 of the letter's own PDF",
    "edition": "edition of the letter",
    "approvals": "who approved it, joined with a bar",
    "enclosures": "enclosures, joined with a bar",
    "kind": "letter, or copy: a copy of a letter for somebody else, with an address of its own",
    "envelope": "size of its envelope",
    "postage": "price in dollars by the sender's table, without extra services",
    "certified_number": "article number of certified mail",
}
"""What each column of the manifest holds, in their order."""


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


def _cells(row: ManifestRow, last: int) -> tuple[str | int | float, ...]:
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
    return [tuple(_MEANINGS), *(_cells(row, last) for row in rows)]


def write_workbook(tables: Mapping[str, Sequence[Sequence[object]]], date: datetime.date) -> bytes:
    """Write tables, each a sheet of its own whose first row is the header; texts stay texts, ZIP codes among them."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    moment = datetime.datetime.combine(date, datetime.time(), datetime.UTC)
    book = Workbook(write_only=True)
    book.properties.created = moment.replace(tzinfo=None)
    # openpyxl would name itself; whose list it is stands in the file.
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
                # This makes a formula of "=1+1"; the type is set right below.
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
    # openpyxl writes the moment of saving, and the same mailing shall give the same bytes.
    parts = read_package(file.getvalue())
    core = parse(parts[_CORE])
    for element in core.iter(_MODIFIED):
        element.text = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    return write_package({**parts, _CORE: serialize(core)})


def _widths(table: Sequence[Sequence[object]]) -> Iterable[int]:
    """Return how wide the columns must be to show what is in them, within reason."""
    for column in zip(*table, strict=True):
        yield min(_WIDEST, max(len(str(value)) for value in column) + 2)


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
        return f"{self.ounces / _POUND:,.1f} pounds" if self.ounces >= _POUND else f"{self.ounces:.1f} ounces"


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
        # Letters by office first, copies behind them: so people count what lies on the table.
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
    # Sides of a sheet that is printed on both are two, blank backs among them.
    return FileTotal(name, min(numbers), max(numbers), len(there), sides, sides // 2 if duplex else sides)


def ounces(sheets: int, paper: Paper, pounds: int) -> float:
    """Weigh sheets of bond paper of a basis weight, such as 20 or 24 pounds, in ounces to a hundredth."""
    across, down = PAPERS[paper]
    return round(sheets * pounds * _POUND / _REAM * across * down / _BASIS_SHEET, 2)


def _record_layout(table: Sequence[Sequence[object]]) -> list[Sequence[object]]:
    """Describe the fields of the manifest: position, name, kind, the longest there is, meaning."""
    rows: list[Sequence[object]] = [("position", "field", "type", "longest", "meaning")]
    for position, (name, meaning) in enumerate(_MEANINGS.items()):
        values = [row[position] for row in table[1:]]
        kind = "number" if any(isinstance(value, int | float) for value in values) else "text"
        longest = max((len(str(value)) for value in values), default=0)
        rows.append((position + 1, name, kind, longest, meaning))
    return rows


def _counts(totals: Totals) -> list[Sequence[object]]:
    """Count what the package holds: in all, by print file, by three-digit ZIP."""
    return [
        ("what", "which", "pieces", "sheets", "sides"),
        ("all", "", totals.pieces, totals.sheets, sum(file.sides for file in totals.files)),
        *(("file", file.name, file.pieces, file.sheets, file.sides) for file in totals.files),
        *(("zip3", prefix, count, "", "") for prefix, count in totals.zips),
    ]


def read_me(title: str, totals: Totals, *, duplex: bool, marked: bool) -> str:
    """Write the page that a mail house reads first."""
    mark = (
        'Each front has a Data Matrix in its lower left corner: "piece,sheet,sheets", such as "017,2,7".\n'
        if marked
        else ""
    )
    return (
        f"{title}\n\n"
        f"{totals.pieces:,} pieces, {totals.sheets:,} sheets, {totals.ounces:,.1f} oz of paper.\n"
        f"Printed on {'both sides, turned along the long edge' if duplex else 'one side'}, at 100 %.\n"
        f"{mark}\n"
        "print-NN.pdf        the pieces in the order of the records; page labels name piece and page\n"
        "pdfvt-NN.pdf        where they are here: the same as PDF/VT-1 (ISO 16612-2)\n"
        "records.csv         one record for each piece (UTF-8, comma, header)\n"
        "record-layout.csv   the fields of a record\n"
        "sample-record.csv   the first record, field by field: compare it with the first piece of print-01.pdf\n"
        "counts.csv          counts in all, by file and by three-digit ZIP\n\n"
        # Who is paid for presorting has to know what was not done: USPS asks for CASS and NCOA for its discounts.
        "Addresses are as the sender has them. They are not CASS-certified and were not checked for moves (NCOA);\n"
        "pieces are in ZIP order only if the sender chose it, and are not presorted.\n"
    )


def pack(
    file: BinaryIO,
    folder: Path,
    table: Sequence[Sequence[object]],
    totals: Totals,
    about: str,
    also: Sequence[str],
) -> None:
    """Write the package; print files are copied from their folder piece by piece, so that memory stays flat."""
    texts: Mapping[str, bytes] = {
        "README.txt": about.encode(),
        "counts.csv": csv_bytes(_counts(totals), for_excel=True),
        "record-layout.csv": csv_bytes(_record_layout(table), for_excel=True),
        "records.csv": csv_bytes(table, for_excel=True),
        "sample-record.csv": csv_bytes([("field", "value"), *zip(table[0], table[1], strict=True)], for_excel=True),
    }
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in texts.items():
            archive.writestr(_entry(name, zipfile.ZIP_DEFLATED), content)
        # Print files are compressed already.
        for name in (*(each.name for each in totals.files), *also):
            with (folder / name).open("rb") as source, archive.open(_entry(name, zipfile.ZIP_STORED), "w") as target:
                shutil.copyfileobj(source, target, 1 << 20)


def _entry(name: str, how: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _EPOCH)
    info.compress_type = how
    # The rights of the file when it is unpacked; Python would leave it to its owner alone.
    info.external_attr = 0o644 << 16
    return info


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """The content of the cover sheet."""

    title: str
    """The title of the letter."""
    date: str
    """The date on the letters, in words."""
    status: str
    """Empty for finals; else what must not be done with the files."""
    duplex: bool
    trays: bool
    preprinted: bool
    paper: str
    """"Letter" or "A4"."""
    pounds: int
    order: str
    first: Piece
    warning: str = ""
    """What will not work as asked, such as thick pieces in small envelopes."""
    priced: str = ""
    """The day of the prices that postage was reckoned by; empty where there are none."""
    others: tuple[tuple[str, str], ...] = ()
    """Further files of the mailing, each with what it is."""


def cover_sheets(sheet: Sheet, totals: Totals, left_out: int, language: str) -> list[str]:
    """Write the cover sheet as an HTML page with a place for the picture of the first piece, in ever smaller type."""
    # Labels have as many digits as the last piece of the mailing, as on the pages themselves.
    last = max(file.last for file in totals.files)
    page = pages_in(PAGES).get_template("cover-sheet.html")
    return [
        page.render(
            sheet=sheet,
            totals=totals,
            language=language,
            size=size,
            picture=PICTURE,
            last=last,
            sums=_sums(sheet, totals, left_out),
            files=totals.files if sheet.trays else _shortened(totals.files),
            columns=_COLUMNS,
            most_counts=_MOST_COUNTS,
        )
        for size in _SIZES
    ]


def _sums(sheet: Sheet, totals: Totals, left_out: int) -> str:
    kinds = ", ".join(many(count, kind, _several(kind)) for kind, count in totals.kinds)
    words = (
        f"{many(totals.pieces, 'piece')} ({kinds}), {many(totals.sheets, 'sheet')} of {sheet.pounds} lb paper, "
        f"{totals.weight} in all, in order {sheet.order}."
    )
    if sheet.priced:
        unpriced = f"; {many(totals.unpriced, 'piece')} without a price" if totals.unpriced else ""
        words += f" Postage ${totals.postage:,.2f} by the prices of {sheet.priced}, without extra services{unpriced}."
    if left_out:
        words += f" {many(left_out, 'letter or copy', 'letters and copies')} left out: left-out.csv says why."
    return words


def _several(kind: str) -> str:
    """Return the plural of "sheriff", or of "copy to Chair"."""
    return kind.replace("copy", "copies", 1) if kind.startswith("copy ") else f"{kind}s"


def _shortened(files: Sequence[FileTotal]) -> Sequence[FileTotal]:
    """Add files up that lie between the first and the last ones, where there are too many for a page."""
    if len(files) <= _MOST_FILES:
        return files
    ends = _MOST_FILES // 2
    middle = files[ends:-1]
    added = FileTotal(
        name=f"{middle[0].name} to {middle[-1].name}",
        first=middle[0].first,
        last=middle[-1].last,
        pieces=sum(file.pieces for file in middle),
        sides=sum(file.sides for file in middle),
        sheets=sum(file.sheets for file in middle),
    )
    return [*files[:ends], added, files[-1]]
