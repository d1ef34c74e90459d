"""Writes the manifest of a mailing: every piece with its address, size, place in the print files and hash."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from letters.mail.pieces import Piece, label
from letters.mail.print_file import Span

COLUMNS = (
    "number", "id", "name", "agency", "county", "address", "zip", "pages", "sheets", "ounces", "file", "first_side",
    "last_side", "rest_file", "rest_first_side", "rest_last_side", "sha256", "edition", "approvals", "enclosures",
    "certified_number",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One piece in the manifest."""

    piece: Piece
    sheets: int
    ounces: float
    """Of the paper in it, without the envelope."""
    spans: tuple[Span, ...]
    """Where it is in the print files: one, or one for each tray."""
    article: str = ""
    """Its certified mail number."""


def cells(row: Row, last: int) -> tuple[str | int | float, ...]:
    """Write a row of the manifest in the order of the columns; addresses and lists are joined with a bar."""
    piece = row.piece
    places = [cell for span in row.spans for cell in (span.file, span.first, span.last)]
    return (
        label(piece.number, last), piece.recipient, piece.name, piece.agency, piece.county, " | ".join(piece.address),
        piece.zip, piece.pages, row.sheets, row.ounces, *places, *[""] * (6 - len(places)), piece.letter.sha256,
        piece.edition, " | ".join(piece.approvals), " | ".join(piece.enclosures), row.article,
    )  # fmt: skip


def as_table(rows: Sequence[Row]) -> list[Sequence[object]]:
    """Write the manifest as a table, its header first."""
    last = max((row.piece.number for row in rows), default=0)
    return [COLUMNS, *(cells(row, last) for row in rows)]


def write_csv(table: Iterable[Iterable[object]]) -> bytes:
    """Write a table as CSV; the byte order mark lets Excel read accents."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerows([_harmless(cell) for cell in row] for row in table)
    return text.getvalue().encode("utf-8-sig")


def _harmless(cell: object) -> object:
    """Keep spreadsheets from running a text as a formula because it begins like one."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(("=", "+", "-", "@")) else cell
