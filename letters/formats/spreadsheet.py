"""Writes tables as CSV that no spreadsheet runs anything of."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

_BEGINS_FORMULA = frozenset(("=", "+", "-", "@", "\t", "\r"))
"""How a text begins that Excel, LibreOffice or Google Sheets would take for a formula (OWASP, CSV injection)."""


def csv_bytes(table: Iterable[Iterable[object]], *, for_excel: bool = False) -> bytes:
    """Return a table as CSV in UTF-8, every text harmless.

    With `for_excel` it has a byte order mark, by which Excel reads accents, and line ends as Windows writes them.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n" if for_excel else "\n")
    writer.writerows([harmless(cell) for cell in row] for row in table)
    return text.getvalue().encode("utf-8-sig" if for_excel else "utf-8")


def harmless(cell: object) -> object:
    """Return a cell, a text with an apostrophe before it where it begins like a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in _BEGINS_FORMULA else cell
