"""Reads a list as people have it: CSV of any kind, or the sheet of a workbook that looks like a list."""

from __future__ import annotations

import csv
import datetime
import hashlib
import re
import warnings
import zipfile
import zlib
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from letters.model.grouping import list_lines
from letters.model.problems import CannotGoOn, Exit, did_you_mean
from letters.recipients.encodings import decode, parse_csv
from letters.recipients.file_kinds import SUFFIXES, foreign_kind
from letters.recipients.headings import find_header, width

_LARGEST = 200 * 2**20
"""Bytes of a file."""
_UNPACKED = 256 * 2**20
"""Bytes of all members of a workbook; an ordinary one of 25,000 rows has 30 million."""
_MERGED = re.compile(rb"<mergeCell\b[^>]*\bref=.([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})")
_MOST_MERGED = 500_000
"""Cells in merged ranges of all sheets together; openpyxl makes an object of each."""
_FILLED = re.compile(rb"<c\b[^>/]*\br=.([A-Z]{1,3})(\d{1,7})[^>/]*>")
"""A cell that is not empty."""
_MOST_CELLS = 10_000_000
"""Cells from the first to the last of a sheet; calamine takes room for all of them, filled or not."""
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
BASE_SHEET = "as exported"
"""The hidden sheet of a worksheet that this toolkit wrote: the rows as they were."""
_ERRORS = re.compile(r"#(?:N/A|REF!|VALUE!|NAME\?|NULL!|NUM!|DIV/0!|SPILL!|CALC!|GETTING_DATA)")
_SAVE_AS = 'in Excel choose "Save as", "CSV UTF-8 (comma delimited)", and name that file'


class SourceRow(NamedTuple):
    """One row of the file with its line, cells as text."""

    line: int
    cells: tuple[str, ...]


class ListSource(NamedTuple):
    """A file's table: headings and rows, what was told of it, and the hash of the file."""

    name: str
    sha256: str
    sheet: str
    header_line: int
    """0 where the table has no header."""
    headings: tuple[str, ...]
    rows: tuple[SourceRow, ...]
    remarks: tuple[str, ...]
    base: tuple[tuple[str, ...], ...] = ()
    """The rows as they were in the worksheet that this toolkit wrote, with their header; empty for other files."""
    questions: tuple[tuple[str, str], ...] = ()
    """What a person must say yes to: a key for remembering, and the question."""


class _Grid(NamedTuple):
    """A table before its header is found."""

    rows: list[list[str]]
    remarks: list[str]
    questions: list[tuple[str, str]]
    sheet: str = ""
    base: tuple[tuple[str, ...], ...] = ()


def read_source(path: Path, sheet: str = "", header: int | None = None) -> ListSource:
    """Read a list. `sheet` is a sheet's name or number, `header` the line of the header, 0 for none.

    Raises CannotGoOn where the file holds no list, with what to do about it.
    """
    content = _content(path)
    if path.suffix.lower() in SUFFIXES or content.startswith((b"PK\x03\x04", _OLE)):
        grid = _workbook(path, content, sheet)
    else:
        if sheet:
            raise CannotGoOn(Exit.WRONG_CALL, f'"{path.name}" is a text file and has no sheets', "leave --sheet out")
        grid = _text(path, content)
    return _with_header(path, hashlib.sha256(content).hexdigest(), grid, header)


def _content(path: Path) -> bytes:
    if not path.exists():
        raise CannotGoOn(Exit.PROBLEMS, f'"{path}" does not exist', "check the name and the folder")
    if not path.is_file():
        raise CannotGoOn(Exit.PROBLEMS, f'"{path}" is no file', "name the file of the list")
    if path.stat().st_size > _LARGEST:
        raise CannotGoOn(Exit.PROBLEMS, f'"{path}" is larger than 200 MB', "is it the right file?")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CannotGoOn(Exit.PROBLEMS, f'"{path}" cannot be read: {error.strerror}') from None
    if not content.strip(b"\x00 \r\n\t"):
        raise CannotGoOn(Exit.PROBLEMS, f'"{path}" is empty', "save the list again, and name that file")
    if kind := foreign_kind(content):
        hint = "save the table as a spreadsheet or as CSV (in Word: copy it into Excel), and name that file"
        raise CannotGoOn(Exit.PROBLEMS, f'"{path}" is {kind}, not a list', hint)
    if content.startswith(_OLE) and _ENCRYPTED in content:
        hint = "open it in Excel, take the password off (File, Info, Protect Workbook), and save it"
        raise CannotGoOn(Exit.PROBLEMS, f'"{path}" is protected by a password', hint)
    return content


def _text(path: Path, content: bytes) -> _Grid:
    decoded = decode(content)
    try:
        rows, delimiter = parse_csv(decoded.text)
    except csv.Error as error:
        hint = "is a quotation mark left open?"
        raise CannotGoOn(Exit.PROBLEMS, f'"{path}" is not a table: {error}', hint) from None
    remarks = [] if delimiter == "," else [f"cells are set apart by {_DELIMITERS.get(delimiter, delimiter)}"]
    questions = []
    if decoded.doubt and decoded.sure:
        remarks.append(decoded.doubt)
    elif decoded.doubt:
        questions.append(("encoding", decoded.doubt + "; is that right?"))
    return _Grid(rows, remarks, questions)


_DELIMITERS = {";": "semicolons", "\t": "tabs", "|": "bars"}


def _workbook(path: Path, content: bytes, sheet: str) -> _Grid:
    from python_calamine import CalamineError, SheetVisibleEnum, load_workbook

    _no_bomb(path, content)
    try:
        book = load_workbook(BytesIO(content))
        states = {each.name: each.visible for each in book.sheets_metadata}
        grids = {
            name: [
                [_as_text(cell) for cell in row]
                for row in book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            ]
            for name in book.sheet_names
        }
    except (CalamineError, OSError, ValueError) as error:
        raise CannotGoOn(Exit.PROBLEMS, f'"{path}" cannot be read as a spreadsheet: {error}', _SAVE_AS) from None
    base = tuple(tuple(row) for row in grids.pop(BASE_SHEET, ()))
    visible = [name for name in grids if states.get(name, SheetVisibleEnum.Visible) == SheetVisibleEnum.Visible]
    name, remarks, questions = _choose_sheet(path, grids, visible, sheet)
    rows = grids[name]
    if path.suffix.lower() in (".xlsx", ".xlsm") or content.startswith(b"PK\x03\x04"):
        more, asked = _look_closer(content, name, rows)
        remarks += more
        questions += asked
    return _Grid(rows, remarks, questions, name, base)


def _no_bomb(path: Path, content: bytes) -> None:
    if not content.startswith(b"PK"):
        return
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
            if unpacked <= _UNPACKED:
                _no_wide_sheet(path, archive)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError, OSError) as error:
        message = f'"{path}" is damaged: {error}'
        raise CannotGoOn(Exit.PROBLEMS, message, "open it in Excel, let it be repaired, and save it anew") from None
    if unpacked > _UNPACKED:
        hint = _SAVE_AS
        raise CannotGoOn(Exit.PROBLEMS, f'"{path}" would unpack to {unpacked / 2**30:,.1f} GB', hint)


def _no_wide_sheet(path: Path, archive: zipfile.ZipFile) -> None:
    """Raise CannotGoOn for a sheet with a cell far from all others, or with more merged cells than any list."""
    merged = 0
    for name in archive.namelist():
        if not name.startswith("xl/worksheets/") or not name.endswith(".xml"):
            continue
        sheet = archive.read(name)
        width, height = 0, 0
        for letters, line in _FILLED.findall(sheet):
            width, height = max(width, _column(letters)), max(height, int(line))
        if width * height > _MOST_CELLS:
            message = f'a sheet of "{path}" goes on to row {height:,} and column {width:,}, with next to nothing in it'
            hint = "go to its last cell with Ctrl+End, delete the rows and columns there, and save it"
            raise CannotGoOn(Exit.PROBLEMS, message, hint)
        for left, top, right, bottom in _MERGED.findall(sheet):
            merged += (abs(_column(right) - _column(left)) + 1) * (abs(int(bottom) - int(top)) + 1)
    if merged > _MOST_MERGED:
        hint = "select all in Excel and choose Unmerge Cells, or save it as CSV"
        raise CannotGoOn(Exit.PROBLEMS, f'"{path}" has {merged:,} merged cells, more than any list', hint)


def _column(letters: bytes) -> int:
    """Return the number of a column, from 1, by its letters."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number


def _as_text(cell: object) -> str:
    if isinstance(cell, bool):
        return "yes" if cell else ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime.datetime):
        return cell.date().isoformat()
    return str(cell).strip()


def _choose_sheet(
    path: Path, grids: dict[str, list[list[str]]], visible: Sequence[str], wanted: str
) -> tuple[str, list[str], list[tuple[str, str]]]:
    names = list(grids)
    if wanted:
        if wanted in names:
            return wanted, [], []
        if wanted.isdecimal() and 1 <= int(wanted) <= len(names):
            return names[int(wanted) - 1], [], []
        raise CannotGoOn(Exit.WRONG_CALL, f'"{path.name}" has no sheet "{wanted}"', did_you_mean(wanted, names))
    listed = {name: _listness(grids[name]) for name in visible}
    likely = sorted((name for name in visible if listed[name]), key=lambda name: -listed[name])
    if not likely:
        hint = f"its sheets: {', '.join(names)}; name one with --sheet"
        raise CannotGoOn(Exit.PROBLEMS, f'no sheet of "{path.name}" looks like a list', hint)
    name, remarks, questions = likely[0], [], []
    others = [other for other in names if other != name]
    if others:
        hidden = [other for other in others if other not in visible]
        shown = ", ".join(f'"{other}"{" (hidden)" if other in hidden else ""}' for other in others)
        remarks.append(f'the sheet "{name}" is read, not {shown}')
    if rivals := [other for other in likely[1:] if 3 * listed[other] > listed[name]]:
        there = ", ".join(f'"{other}"' for other in rivals)
        questions.append(
            (f"sheet {name}", f'the sheet "{name}" is taken, but {there} looks like a list, too; is that right?')
        )
    return name, remarks, questions


def _listness(rows: list[list[str]]) -> int:
    """Return the number of rows of a sheet that are as wide as a list is."""
    return sum(sum(map(bool, row)) >= 3 for row in rows)


def _look_closer(content: bytes, name: str, rows: list[list[str]]) -> tuple[list[str], list[tuple[str, str]]]:
    """Return what a person must know of a sheet that calamine does not tell; put back what number formats show.

    The rows are changed in place: a ZIP code that a number format shows with its zero gets the zero back, merged
    cells have their text in the first of them only and need nothing.
    """
    from openpyxl import load_workbook

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what openpyxl leaves out, which calamine reads
            sheet = load_workbook(BytesIO(content), data_only=False)[name]
    except Exception:  # noqa: BLE001 - openpyxl raises what it meets; the values have been read already
        return ["what is hidden in the sheet, and its formulas, could not be looked at"], []
    formulas, zeros = [], 0
    for line, cells in enumerate(sheet.iter_rows(max_row=min(sheet.max_row, len(rows))), start=1):
        row = rows[line - 1]
        for number, cell in enumerate(cells[: len(row)]):
            if cell.data_type == "f" and not row[number]:
                formulas.append(f"{cell.coordinate}")
            elif cell.data_type == "n" and re.fullmatch(r"0{5}(-0{4})?(;.*)?", cell.number_format or ""):
                shown = row[number].zfill(5) if len(row[number]) <= 5 else row[number].zfill(9)
                shown = f"{shown[:5]}-{shown[5:]}" if len(shown) == 9 else shown
                zeros += shown != row[number]
                row[number] = shown
    remarks = [f"{zeros} ZIP codes are numbers; they are read as their format shows them"] if zeros else []
    if formulas:
        remarks.append(
            f"{len(formulas)} formulas have no stored value and are read as empty: {', '.join(formulas[:8])}"
        )
    return remarks, _hidden(sheet, rows)


def _hidden(sheet: object, rows: list[list[str]]) -> list[tuple[str, str]]:
    from openpyxl.worksheet.worksheet import Worksheet

    assert isinstance(sheet, Worksheet)
    lines = [n for n, look in sheet.row_dimensions.items() if look.hidden and n <= len(rows) and any(rows[n - 1])]
    columns = [letter for letter, look in sheet.column_dimensions.items() if look.hidden]
    asked = []
    if lines:
        why = " by a filter" if sheet.auto_filter.ref else ""
        asked.append(
            ("hidden rows", f"{len(lines)} rows are hidden{why} (lines {list_lines(sorted(lines))}); take them, too?")
        )
    if columns:
        asked.append(("hidden columns", f"hidden columns ({', '.join(columns)}) are read, too; is that right?"))
    return asked


def _with_header(path: Path, digest: str, grid: _Grid, wanted: int | None) -> ListSource:
    rows = [SourceRow(line, tuple(cell.strip() for cell in cells)) for line, cells in enumerate(grid.rows, start=1)]
    rows = [row for row in rows if any(cell.strip("​﻿ ") for cell in row.cells)]
    if not rows:
        raise CannotGoOn(Exit.PROBLEMS, f'"{path.name}" holds no rows', "save the list again, and name that file")
    at = find_header([row.cells for row in rows]) if wanted is None else _given_header(rows, wanted)
    remarks = list(grid.remarks)
    if at is None:
        if wanted is None:
            remarks.append("there is no header; columns are known by what they hold")
        headings: tuple[str, ...] = ("",) * max(len(row.cells) for row in rows)
        header_line, body = 0, rows
    else:
        header_line, headings, body = rows[at].line, rows[at].cells, rows[at + 1 :]
        if at:
            above = "; ".join(" ".join(filter(None, row.cells))[:60] for row in rows[:at])
            remarks.append(f'the header is in row {header_line}; above it stands "{above}"')
    span = max([len(headings), *(len(row.cells) for row in body)], default=0)
    headings += ("",) * (span - len(headings))
    padded = [SourceRow(row.line, row.cells + ("",) * (span - len(row.cells))) for row in body]
    kept, left = _without_remarks(padded)
    remarks += left
    errors = [row.line for row in kept if any(_ERRORS.fullmatch(cell) for cell in row.cells)]
    if errors:
        remarks.append(
            f"error cells of the spreadsheet (#N/A and the like) in lines {list_lines(errors)} are read as empty"
        )
        kept = [SourceRow(row.line, tuple("" if _ERRORS.fullmatch(c) else c for c in row.cells)) for row in kept]
    questions = tuple(grid.questions)
    return ListSource(
        path.name, digest, grid.sheet, header_line, headings, tuple(kept), tuple(remarks), grid.base, questions
    )


def _given_header(rows: Sequence[SourceRow], wanted: int) -> int | None:
    if wanted == 0:
        return None
    for number, row in enumerate(rows):
        if row.line == wanted:
            return number
    raise CannotGoOn(Exit.WRONG_CALL, f"row {wanted} is empty or not there", "--header names the row of the headings")


def _without_remarks(rows: list[SourceRow]) -> tuple[list[SourceRow], list[str]]:
    """Leave out totals and notes: rows with next to nothing in a table that is wide, and headers repeated on pages."""
    usual = width([row.cells for row in rows])
    kept, left = [], []
    for row in rows:
        filled = [cell for cell in row.cells if cell]
        if usual >= 4 and len(filled) <= max(1, usual // 4):
            left.append(f'line {row.line}, "{" ".join(filled)[:60]}", is a total or a remark and is left out')
        else:
            kept.append(row)
    return kept, left
