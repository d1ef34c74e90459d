"""Reads a list as people have it: CSV of any kind, or the sheet of a workbook that looks like a list."""

from __future__ import annotations

import csv
import datetime
import hashlib
import re
import zipfile
import zlib
from collections.abc import Collection, Mapping, Sequence
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from letters.model.problems import CannotGoOn, Exit, did_you_mean, list_lines
from letters.read.text import tidied_cell
from letters.recipients.addresses import split_last_line
from letters.recipients.encodings import SUFFIXES, decode, foreign_kind, parse_csv
from letters.recipients.headings import HEADINGS, find_header, folded
from letters.recipients.labels import SourceRow, label_lines
from letters.recipients.shape import find_table
from letters.recipients.sheet_marks import Grid, look_closer, one_below_the_other

_LARGEST = 200 * 2**20
"""Bytes of a file."""
_UNPACKED = 256 * 2**20
"""Bytes of all members of a workbook; an ordinary one of 25,000 rows has 30 million."""
_MERGED = re.compile(rb"<mergeCell\b[^>]*\bref=.([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})")
_MOST_MERGED = 500_000
"""Cells in merged ranges of all sheets together; openpyxl makes an object of each."""
_FILLED = re.compile(rb"<c\b[^>/]*\br=.([A-Z]{1,3})(\d{1,7})[^>/]*>")
"""A cell that is not empty."""
_NO_CELL = re.compile(rb"<c\b[^>]*\br=.(?:[A-Z]{4}|[A-Z]*\d{8})")
"""A cell outside of any sheet: Excel has columns to XFD and rows to 1,048,576."""
_MOST_CELLS, _MOST_EMPTY, _SHARE = 2_500_000, 250_000, 20
"""Cells from the first to the last of a sheet; calamine takes room for all of them, filled or not.

Of a large sheet, one in so many must be filled.
"""
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
ENCODING, SHEET, SHEETS = "encoding", "sheet ", "sheets that are one list"
"""How the questions about a file begin by which their answers are known."""
BASE_SHEET = "as exported"
"""The hidden sheet of a worksheet that this toolkit wrote: the rows as they were."""
_ERRORS = re.compile(r"#(?:N/A|REF!|VALUE!|NAME\?|NULL!|NUM!|DIV/0!|SPILL!|CALC!|GETTING_DATA)")
_SAVE_AS = 'in Excel choose "Save as", "CSV UTF-8 (comma delimited)", and name that file'


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
    """What a person must say yes or no to: a key for remembering, and the question."""
    hidden_lines: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    """Rows by line and columns from 0 that the spreadsheet hides."""
    struck_lines: frozenset[int] = frozenset()
    """Rows that somebody struck through."""
    struck_cells: Mapping[tuple[int, int], tuple[str, str]] = MappingProxyType({})
    """Cells in which words are struck through, by line and column from 0, with them and without."""


def read_source(path: Path, sheet: str = "", header: int | None = None) -> ListSource:
    """Read a list. `sheet` is a sheet's name or number, `header` the line of the header, 0 for none.

    Raises CannotGoOn where the file holds no list, with what to do about it.
    """
    content = _content(path)
    is_named_so = path.suffix.lower() in SUFFIXES
    # Exports of other programs are text under the name of a workbook, which no workbook is: all of them hold zeros.
    # One line is no list.
    is_text = is_named_so and b"\0" not in content and b"\n" in content.strip().replace(b"\r", b"\n")
    if (is_named_so and not is_text) or content.startswith((b"PK\x03\x04", _OLE)):
        grid = _workbook(path, content, sheet)
    else:
        if sheet:
            raise CannotGoOn(Exit.WRONG_CALL, f'"{path.name}" is a text file and has no sheets', "leave --sheet out")
        grid = _text(path, content)
        if is_text:
            grid.remarks.append("the file is no workbook, although it is named like one, but text")
    return _with_header(path, hashlib.sha256(content).hexdigest(), grid, header)


def without_struck(source: ListSource) -> ListSource:
    """Return a source without the words that are struck through in its cells."""

    def left(line: int, number: int, cell: str) -> str:
        was, now = source.struck_cells.get((line, number), ("", ""))
        return now if was and was == cell else cell

    rows = tuple(
        SourceRow(row.line, tuple(left(row.line, number, cell) for number, cell in enumerate(row.cells)))
        for row in source.rows
    )
    return source._replace(rows=rows)


def without_columns(source: ListSource, numbers: Collection[int]) -> ListSource:
    """Return a source with some columns empty, as if they were not there."""
    headings = tuple("" if n in numbers else heading for n, heading in enumerate(source.headings))
    rows = tuple(
        SourceRow(row.line, tuple("" if n in numbers else cell for n, cell in enumerate(row.cells)))
        for row in source.rows
    )
    return source._replace(headings=headings, rows=rows)


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


def _text(path: Path, content: bytes) -> Grid:
    decoded = decode(content)
    try:
        rows, delimiter = parse_csv(decoded.text)
    except csv.Error as error:
        ways = {"not closed": "close it, or take it out", "not doubled": "write Sheriff''s, or save the list as Excel"}
        hint = next((way for what, way in ways.items() if what in str(error)), "is a quotation mark left open?")
        raise CannotGoOn(Exit.PROBLEMS, f'"{path}" is not a table: {error}', hint) from None
    rows = _with_broken_rows(rows) if delimiter == "\t" else rows
    remarks = [] if delimiter == "," else [f"cells are set apart by {_DELIMITERS.get(delimiter, delimiter)}"]
    questions = []
    if decoded.doubt and decoded.sure:
        remarks.append(decoded.doubt)
    elif decoded.doubt:
        questions.append((ENCODING, decoded.doubt + "; is that right?"))
    return Grid(rows, remarks, questions)


def _with_broken_rows(rows: list[list[str]]) -> list[list[str]]:
    """Return the rows of a table that was copied from a web page with those joined that a line break in a cell parted.

    Rows that lack their last empty cells are short, too: what is joined begins its second part with a last line.
    """
    span = len(next((row for row in rows if len(row) > 1), ()))
    made = [list(row) for row in rows]
    for row, below in pairwise(made):
        last = split_last_line(below[0]) if row and below and len(row) + len(below) - 1 == span else None
        if last is not None and last.zip:
            row[-1] = f"{row[-1]}\n{below[0]}"
            row += below[1:]
            below.clear()
    return made


_DELIMITERS = {";": "semicolons", "\t": "tabs", "|": "bars"}


def _workbook(path: Path, content: bytes, sheet: str) -> Grid:
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
    except BaseException as error:
        # What calamine was not made for is a panic, which is no Exception and has no name that can be imported.
        if type(error).__name__ != "PanicException":
            raise
        raise CannotGoOn(Exit.PROBLEMS, f'"{path}" cannot be read as a spreadsheet: it is damaged', _SAVE_AS) from None
    base = tuple(tuple(row) for row in grids.pop(BASE_SHEET, ()))
    visible = [name for name in grids if states.get(name, SheetVisibleEnum.Visible) == SheetVisibleEnum.Visible]
    names, remarks, questions = _choose_sheets(path, grids, visible, sheet)
    read = [Grid(grids[name], remarks if name == names[0] else [], [], name, base) for name in names]
    if path.suffix.lower() in (".xlsx", ".xlsm") or content.startswith(b"PK\x03\x04"):
        read = [look_closer(content, grid) for grid in read]
    grid = one_below_the_other(read)
    return grid._replace(questions=[*questions, *grid.questions])


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
    from openpyxl.utils import column_index_from_string as of

    merged = 0
    for name in archive.namelist():
        if not name.startswith("xl/worksheets/") or not name.endswith(".xml"):
            continue
        sheet = archive.read(name)
        if _NO_CELL.search(sheet):
            raise ValueError(f"{name} has a cell outside of any sheet")
        width, height = 0, 0
        filled = _FILLED.findall(sheet)
        for letters, line in filled:
            width, height = max(width, of(letters.decode())), max(height, int(line))
        if width * height > min(_MOST_CELLS, max(_MOST_EMPTY, _SHARE * len(filled))):
            message = f'a sheet of "{path}" goes on to row {height:,} and column {width:,}, with next to nothing in it'
            hint = "go to its last cell with Ctrl+End, delete the rows and columns there, and save it"
            raise CannotGoOn(Exit.PROBLEMS, message, hint)
        for left, top, right, bottom in _MERGED.findall(sheet):
            merged += (abs(of(right.decode()) - of(left.decode())) + 1) * (abs(int(bottom) - int(top)) + 1)
    if merged > _MOST_MERGED:
        hint = "select all in Excel and choose Unmerge Cells, or save it as CSV"
        raise CannotGoOn(Exit.PROBLEMS, f'"{path}" has {merged:,} merged cells, more than any list', hint)


def _as_text(cell: object) -> str:
    if isinstance(cell, bool):
        return "yes" if cell else ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime.datetime):
        return cell.date().isoformat()
    return str(cell).strip()


def _choose_sheets(
    path: Path, grids: dict[str, list[list[str]]], visible: Sequence[str], wanted: str
) -> tuple[list[str], list[str], list[tuple[str, str]]]:
    """Return the sheets that are the list, what is told of the others, and what is asked about them."""
    names = list(grids)
    if wanted:
        if wanted in names:
            return [wanted], [], []
        if wanted.isdecimal() and 1 <= int(wanted) <= len(names):
            return [names[int(wanted) - 1]], [], []
        raise CannotGoOn(Exit.WRONG_CALL, f'"{path.name}" has no sheet "{wanted}"', did_you_mean(wanted, names))
    listed = {name: _listness(grids[name]) for name in visible}
    likely = sorted((name for name in visible if listed[name]), key=lambda name: -listed[name])
    if not likely:
        hint = f"its sheets: {', '.join(names)}; name one with --sheet"
        raise CannotGoOn(Exit.PROBLEMS, f'no sheet of "{path.name}" looks like a list', hint)
    name, remarks, questions = likely[0], [], []
    parts = [each for each in visible if each == name or (each in likely and _are_parts(grids[name], grids[each]))]
    others = [other for other in names if other not in parts]
    if len(parts) > 1:
        shown = ", ".join(f'"{part}"' for part in parts)
        questions.append((SHEETS, f"the sheets {shown} have like columns, and no row in common: are they one list?"))
    if others:
        hidden = [other for other in others if other not in visible]
        shown = ", ".join(f'"{other}"{" (hidden)" if other in hidden else ""}' for other in others)
        read = f'sheet "{name}" is' if len(parts) == 1 else f'sheets "{", ".join(parts)}" are'
        remarks.append(f"the {read} read, not {shown}")
    if rivals := [other for other in others if other in likely and 3 * listed[other] > listed[name]]:
        there = ", ".join(f'"{other}"' for other in rivals)
        questions.append(
            (f"{SHEET}{name}", f'the sheet "{name}" is taken, but {there} looks like a list, too; is that right?')
        )
    return parts, remarks, questions


def _are_parts(one: list[list[str]], other: list[list[str]]) -> bool:
    """Return whether two sheets are parts of one list: like headings, and hardly a row that begins alike.

    Sheets of two years have the same headings, too, and the same agencies.
    """
    tables = []
    for rows in (one, other):
        if (at := find_header(rows)) is None:
            return False
        begin = {cell.casefold() for row in rows[at + 1 :] if (cell := max(row[:3], key=len, default=""))}
        tables.append(([folded(cell) for cell in rows[at] if cell], begin))
    (headings, begin), (other_headings, other_begin) = tables
    # Sheriffs and chiefs may have columns of their own, all of which are known.
    known = headings == other_headings or all(name in headings or name in HEADINGS for name in other_headings)
    return known and 10 * len(begin & other_begin) <= min(len(begin), len(other_begin))


def _listness(rows: list[list[str]]) -> int:
    """Return the number of rows of a sheet that are as wide as a list is, else of its address labels."""
    return sum(sum(map(bool, row)) >= 3 for row in rows) or label_lines(rows)


def _with_header(path: Path, digest: str, grid: Grid, header: int | None) -> ListSource:
    rows = [SourceRow(line, tuple(cell.strip() for cell in cells)) for line, cells in enumerate(grid.rows, start=1)]
    # A row of strokes is a rule of a table that was typed.
    rows = [row for row in rows if any(re.search(r"[^\W_]", tidied_cell(cell)) for cell in row.cells)]
    if not rows:
        raise CannotGoOn(Exit.PROBLEMS, f'"{path.name}" holds no rows', "save the list again, and name that file")
    table = find_table(path.name, rows, header)
    remarks, kept = [*grid.remarks, *table.remarks], table.rows
    errors = [row.line for row in kept if any(_ERRORS.fullmatch(cell) for cell in row.cells)]
    if errors:
        remarks.append(
            f"error cells of the spreadsheet (#N/A and the like) in lines {list_lines(errors)} are read as empty"
        )
        kept = [SourceRow(row.line, tuple("" if _ERRORS.fullmatch(c) else c for c in row.cells)) for row in kept]
    headings = table.headings
    if any(row.line in grid.comments for row in kept):
        headings = (*headings, "Comments")
        kept = [SourceRow(row.line, (*row.cells, grid.comments.get(row.line, ""))) for row in kept]
    return ListSource(
        path.name,
        digest,
        grid.sheet,
        table.header_line,
        tuple(map(tidied_cell, headings)),
        tuple(kept),
        tuple(remarks),
        grid.base,
        tuple(grid.questions),
        frozenset(grid.hidden_lines),
        frozenset(grid.hidden_columns),
        frozenset(grid.struck_lines),
        grid.struck_cells,
    )
