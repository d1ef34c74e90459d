"""Reads the sheets of a workbook that look like a list, with what a person sees besides their values.

That is number formats, merged, hidden and struck cells, and comments.
"""

from __future__ import annotations

import datetime
import re
import warnings
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from letters.model.problems import CannotGoOn, Exit, did_you_mean, list_lines
from letters.recipients.headings import HEADINGS, LOOKS, find_header, folded
from letters.recipients.labels import label_lines

if TYPE_CHECKING:
    from openpyxl.cell import Cell
    from openpyxl.worksheet.worksheet import Worksheet

_UNPACKED = 256 * 2**20
"""Bytes of all members of a workbook; an ordinary one of 25,000 rows has 30 million."""
_MERGED = re.compile(rb"<mergeCell\b[^>]*\bref=.([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})")
# 2,000 merges of a whole sheet took 2.4 GB.
_MOST_MERGED = 500_000
"""Cells in merged ranges of all sheets together; openpyxl makes an object of each."""
_FILLED = re.compile(rb"<c\b[^>/]*\br=.([A-Z]{1,3})(\d{1,7})[^>/]*>")
"""A cell that is not empty."""
_NO_CELL = re.compile(rb"<c\b[^>]*\br=.(?:[A-Z]{4}|[A-Z]*\d{8})")
"""A cell outside of any sheet: Excel has columns to XFD and rows to 1,048,576."""
# A stray cell at XFD1048576 made calamine ask for 550 GB, and abort the program.
_MOST_CELLS, _MOST_EMPTY, _SHARE = 2_500_000, 250_000, 20
"""Cells from the first to the last of a sheet; calamine takes room for all of them, filled or not.

Of a large sheet, one in so many must be filled.
"""
BASE_SHEET = "as exported"
"""The hidden sheet of a worksheet that this toolkit wrote: the rows as they were."""
_SAVE_AS = 'in Excel choose "Save as", "CSV UTF-8 (comma delimited)", and name that file'
SHEET, SHEETS = "sheet ", "sheets that are one list"
HIDDEN_ROWS, HIDDEN_COLUMNS = "hidden rows", "hidden columns"
STRUCK_ROWS, STRUCK_CELLS = "rows struck through", "cells struck through"
"""How the questions about a workbook begin by which their answers are known."""
_STRUCK = re.compile(rb"<strike\b(?![^>]*val=.(?:0|false))")


class Grid(NamedTuple):
    """A table before its header is found."""

    rows: list[list[str]]
    remarks: list[str]
    questions: list[tuple[str, str]]
    sheet: str = ""
    base: tuple[tuple[str, ...], ...] = ()
    hidden_lines: tuple[int, ...] = ()
    hidden_columns: tuple[int, ...] = ()
    struck_lines: tuple[int, ...] = ()
    struck_cells: Mapping[tuple[int, int], tuple[str, str]] = MappingProxyType({})
    """Cells by line, and column from 0, in which something is struck through: their text with it and without."""
    comments: Mapping[int, str] = MappingProxyType({})
    """What comments say beside the cells of a line."""


def read_workbook(path: Path, content: bytes, sheet: str) -> Grid:
    """Return the sheets of a workbook that are the list as one; `sheet` is the name or number of one that is wanted.

    Raises CannotGoOn for a workbook that cannot be read, and where none of its sheets looks like a list.
    """
    from python_calamine import CalamineError, SheetVisibleEnum, load_workbook

    _no_bomb(path, content)
    try:
        book = load_workbook(BytesIO(content))
        states = {each.name: each.visible for each in book.sheets_metadata}
        grids = {
            name: [list(map(_as_text, row)) for row in book.get_sheet_by_name(name).to_python(skip_empty_area=False)]
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
    # A hidden sheet is read only where somebody names it.
    visible = [name for name in grids if states.get(name, SheetVisibleEnum.Visible) == SheetVisibleEnum.Visible]
    names, remarks, questions = _choose_sheets(path, grids, visible, sheet)
    read = [Grid(grids[name], remarks if name == names[0] else [], [], name, base) for name in names]
    if path.suffix.lower() in (".xlsx", ".xlsm") or content.startswith(b"PK\x03\x04"):
        read = [_look_closer(content, grid) for grid in read]
    grid = _one_below_the_other(read)
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
        raise CannotGoOn(Exit.PROBLEMS, f'"{path}" would unpack to {unpacked / 2**30:,.1f} GB', _SAVE_AS)


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
    # A workbook has one kind of number: a ZIP code comes as 48933.0.
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
        asked = f'the sheet "{name}" is taken, but {there} looks like a list, too; is that right?'
        questions.append((f"{SHEET}{name}", asked))
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


def _look_closer(content: bytes, grid: Grid) -> Grid:
    """Return a sheet with what a person must know of it that calamine does not tell.

    A ZIP code that a number format shows with its zero gets the zero back, and a cell that is merged over several rows
    counts for each of them.
    """
    from openpyxl import load_workbook

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what openpyxl leaves out, which calamine reads
            sheet = load_workbook(BytesIO(content), data_only=False, rich_text=True)[grid.sheet]
    except Exception:  # noqa: BLE001 - openpyxl raises what it meets; the values have been read already
        remark = "what is hidden in the sheet, and its formulas, could not be looked at"
        return grid._replace(remarks=[*grid.remarks, remark])
    rows = grid.rows
    formulas, zeros = [], 0
    for line, cells in enumerate(sheet.iter_rows(max_row=min(sheet.max_row, len(rows))), start=1):
        row = rows[line - 1]
        for number, cell in enumerate(cells[: len(row)]):
            if cell.data_type == "f" and not row[number]:
                formulas.append(cell.coordinate)
            # The formats of Excel for "ZIP Code" and "ZIP Code + 4", under Special.
            elif cell.data_type == "n" and re.fullmatch(r"0{5}(-0{4})?(;.*)?", cell.number_format or ""):
                shown = row[number].zfill(5) if len(row[number]) <= 5 else row[number].zfill(9)
                shown = f"{shown[:5]}-{shown[5:]}" if len(shown) == 9 else shown
                zeros += shown != row[number]
                row[number] = shown
    remarks = [f"{zeros} ZIP codes are numbers; they are read as their format shows them"] if zeros else []
    if formulas:
        shown = ", ".join(formulas[:8])
        remarks.append(f"{len(formulas)} formulas have no stored value and are read as empty: {shown}")
    if filled := _fill_merged(sheet, rows):
        remarks.append(f"{filled} cells are merged over several rows, and count for each of them")
    grid = _with_hidden(sheet, grid._replace(remarks=[*grid.remarks, *remarks]))
    if _has(content, ".xml", _STRUCK):
        grid = _with_struck(sheet, grid)
    # The comments of the worksheet that this toolkit wrote are its own.
    return _with_comments(sheet, grid) if not grid.base and _has(content, "comment", re.compile(b"<")) else grid


def _one_below_the_other(grids: Sequence[Grid]) -> Grid:
    """Return the sheets of one list as one, each with its name in a last column; the lines of a later one go on."""
    if len(grids) == 1:
        return grids[0]
    span = max(len(row) for grid in grids for row in grid.rows)
    heading = "County" if all(LOOKS["county"](grid.sheet) for grid in grids) else "Sheet"
    joined = Grid([], [], [], ", ".join(grid.sheet for grid in grids))
    for grid in grids:
        at = len(joined.rows)
        header = find_header(grid.rows) or 0
        named = ["" if n < header else heading if n == header else grid.sheet for n in range(len(grid.rows))]
        told = [f'line 1 of the sheet "{grid.sheet}" is line {at + 1} here'] if at else []
        joined = joined._replace(
            rows=[
                *joined.rows,
                *(
                    [*row, *[""] * (span - len(row)), name if any(row) else ""]
                    for row, name in zip(grid.rows, named, strict=True)
                ),
            ],
            remarks=[*joined.remarks, *grid.remarks, *told],
            questions=[*joined.questions, *grid.questions],
            hidden_lines=(*joined.hidden_lines, *(at + line for line in grid.hidden_lines)),
            hidden_columns=tuple(dict.fromkeys((*joined.hidden_columns, *grid.hidden_columns))),
            struck_lines=(*joined.struck_lines, *(at + line for line in grid.struck_lines)),
            struck_cells={
                **joined.struck_cells,
                **{(at + line, n): words for (line, n), words in grid.struck_cells.items()},
            },
            comments={**joined.comments, **{at + line: said for line, said in grid.comments.items()}},
        )
    return joined


def _fill_merged(sheet: Worksheet, rows: list[list[str]]) -> int:
    """Copy the text of cells that are merged downwards into each of their rows; return how many there are."""
    count = 0
    for merged in sheet.merged_cells.ranges:
        column, top = merged.min_col - 1, merged.min_row - 1
        below = [row for row in rows[merged.min_row : merged.max_row] if len(row) > column and any(row)]
        if merged.min_col == merged.max_col and below and rows[top][column]:
            count += 1
            for row in below:
                row[column] = rows[top][column]
    return count


def _with_hidden(sheet: Worksheet, grid: Grid) -> Grid:
    """Return a sheet with its hidden rows and columns, and the questions whether they count."""
    from openpyxl.utils import column_index_from_string, get_column_letter

    rows = grid.rows
    lines = [n for n, look in sheet.row_dimensions.items() if look.hidden and n <= len(rows) and any(rows[n - 1])]
    # Columns that are hidden together are one entry, named by the first of them.
    columns = [
        number
        for letter, look in sheet.column_dimensions.items()
        if look.hidden
        for number in range(look.min or column_index_from_string(letter), (look.max or 0) + 1)
    ]
    columns = [number - 1 for number in columns if any(len(row) >= number and row[number - 1] for row in rows)]
    asked = []
    if lines:
        why = " by a filter" if sheet.auto_filter.ref else ""
        count = "1 row is" if len(lines) == 1 else f"{len(lines)} rows are"
        asked.append((HIDDEN_ROWS, f"{count} hidden{why} (lines {list_lines(sorted(lines))}): should they count?"))
    if columns:
        shown = ", ".join(get_column_letter(number + 1) for number in columns[:12])
        asked.append((HIDDEN_COLUMNS, f"columns are hidden ({shown}): should they count?"))
    return grid._replace(questions=[*grid.questions, *asked], hidden_lines=tuple(lines), hidden_columns=tuple(columns))


def _has(content: bytes, part: str, pattern: re.Pattern[bytes]) -> bool:
    """Return whether a part of a workbook, by what its name holds, matches: looking at each cell takes its time."""
    with zipfile.ZipFile(BytesIO(content)) as archive:
        return any(pattern.search(archive.read(name)) for name in archive.namelist() if part in name)


def _with_struck(sheet: Worksheet, grid: Grid) -> Grid:
    """Return a sheet with the rows and cells in which somebody struck through what stood there, and the questions."""
    lines: list[int] = []
    cells: dict[tuple[int, int], tuple[str, str]] = {}
    for line, row in enumerate(sheet.iter_rows(max_row=min(sheet.max_row, len(grid.rows))), start=1):
        filled = [(number, cell) for number, cell in enumerate(row[: len(grid.rows[line - 1])]) if cell.value]
        kept = {number: _without_struck(cell) for number, cell in filled}
        if filled and all(text == "" for text in kept.values()):
            lines.append(line)
            continue
        for number, text in kept.items():
            if (was := grid.rows[line - 1][number]) and text is not None:
                cells[line, number] = was, text
    asked = []
    if lines:
        count, them = ("1 row is", "it") if len(lines) == 1 else (f"{len(lines)} rows are", "them")
        asked.append((STRUCK_ROWS, f"{count} struck through (lines {list_lines(lines)}): leave {them} out?"))
    if cells:
        shown = "; ".join(f'line {line}, "{was}"' for (line, _), (was, _) in list(cells.items())[:3])
        count = "1 cell has" if len(cells) == 1 else f"{len(cells)} cells have"
        asked.append((STRUCK_CELLS, f"{count} words struck through ({shown}): leave those words out?"))
    return grid._replace(questions=[*grid.questions, *asked], struck_lines=tuple(lines), struck_cells=cells)


def _without_struck(cell: Cell) -> str | None:
    """Return what is left of a cell without what is struck through; None where nothing is."""
    from openpyxl.cell.rich_text import CellRichText, TextBlock

    if cell.has_style and cell.font.strike:
        return ""
    if isinstance(cell.value, CellRichText):
        runs = [run for run in cell.value if not (isinstance(run, TextBlock) and run.font.strike)]
        if len(runs) < len(cell.value):
            return " ".join("".join(map(str, runs)).split())
    return None


def _with_comments(sheet: Worksheet, grid: Grid) -> Grid:
    comments: dict[int, list[str]] = {}
    for line, row in enumerate(sheet.iter_rows(max_row=min(sheet.max_row, len(grid.rows))), start=1):
        for cell in row:
            if cell.comment is not None:
                said = cell.comment.text
                # Excel keeps a conversation behind a text on what it is, for programs that know comments only.
                said = said.rpartition("Comment:")[2] if "[Threaded" in said else said
                comments.setdefault(line, []).append(f"{cell.coordinate}: {' '.join(said.split())}")
    if not comments:
        return grid
    count = sum(map(len, comments.values()))
    remark = (
        "1 comment of a cell is kept" if count == 1 else f"{count} comments of cells are kept in a column of their own"
    )
    told = {line: "; ".join(each) for line, each in comments.items()}
    return grid._replace(remarks=[*grid.remarks, remark], comments=told)
