"""Reads the first sheet of a spreadsheet as CSV text: the one door to calamine."""

from __future__ import annotations

import csv
import datetime
import io
from pathlib import Path

from letters.model.problems import CannotGoOn, Exit

_FOREIGN = {
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture (PNG)",
    b"\xff\xd8\xff": "a picture (JPEG)",
    b"GIF8": "a picture (GIF)",
    b"{\\rtf": "a Word document (rtf)",
    b"<!DOCTYPE": "a web page",
    b"<html": "a web page",
    b"BEGIN:VCARD": "a file of address cards (vCard)",
}
"""How files begin that hold no list."""
SUFFIXES = (".xlsx", ".xlsm", ".xls", ".ods")


def foreign_kind(content: bytes) -> str:
    """Return what kind of file this is that holds no list; empty where it may hold one."""
    if content.startswith(b"PK"):
        if b"word/document.xml" in content or b"word/" in content:
            return "a Word document (docx)"
        if b"ppt/" in content:
            return "a PowerPoint presentation"
        if b"xl/" not in content and b"opendocument.spreadsheet" not in content:
            return "an archive (zip)"
    return next((kind for begins, kind in _FOREIGN.items() if content.startswith(begins)), "")


def read_sheet(path: Path) -> str:
    """Read a spreadsheet as CSV; whole numbers lose the ".0" that spreadsheets give them, dates are year-month-day.

    A ZIP code that the spreadsheet took for a number has lost its leading zero; reading the list restores it.
    """
    from python_calamine import CalamineError, load_workbook

    try:
        rows = load_workbook(path).get_sheet_by_index(0).to_python(skip_empty_area=True)
    except (CalamineError, OSError) as error:
        hint = 'in Excel choose "Save as", "CSV UTF-8 (comma delimited)", and name that file'
        raise CannotGoOn(Exit.PROBLEMS, f'"{path}" is not a spreadsheet that can be read: {error}', hint) from None
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([_text(cell) for cell in row] for row in rows)
    return out.getvalue()


def _text(cell: object) -> str:
    if isinstance(cell, bool):
        return "yes" if cell else ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime.datetime):
        return cell.date().isoformat()
    return str(cell).strip()
