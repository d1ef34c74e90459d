"""Reads the first sheet of a spreadsheet as CSV text: the one door to calamine."""

from __future__ import annotations

import csv
import datetime
import io
from pathlib import Path

from letters.model.problems import CannotGoOn, Exit

SUFFIXES = (".xlsx", ".xlsm", ".xls", ".ods")


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
