"""Reads what a person sees in a sheet besides its values: number formats, merged, hidden, struck cells, comments."""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Mapping, Sequence
from io import BytesIO
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from letters.model.problems import list_lines
from letters.recipients.cells import LOOKS
from letters.recipients.headings import find_header

if TYPE_CHECKING:
    from openpyxl.cell import Cell
    from openpyxl.worksheet.worksheet import Worksheet

HIDDEN_ROWS, HIDDEN_COLUMNS = "hidden rows", "hidden columns"
STRUCK_ROWS, STRUCK_CELLS = "rows struck through", "cells struck through"
"""How the questions about a sheet begin by which their answers are known."""
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


def look_closer(content: bytes, grid: Grid) -> Grid:
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
        return grid._replace(
            remarks=[*grid.remarks, "what is hidden in the sheet, and its formulas, could not be looked at"]
        )
    rows = grid.rows
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
    if filled := _fill_merged(sheet, rows):
        remarks.append(f"{filled} cells are merged over several rows, and count for each of them")
    grid = _with_hidden(sheet, grid._replace(remarks=[*grid.remarks, *remarks]))
    if _has(content, ".xml", _STRUCK):
        grid = _with_struck(sheet, grid)
    # The comments of the worksheet that this toolkit wrote are its own.
    return _with_comments(sheet, grid) if not grid.base and _has(content, "comment", re.compile(b"<")) else grid


def one_below_the_other(grids: Sequence[Grid]) -> Grid:
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
                # Excel keeps a conversation behind a text on what it is, for programs that know comments only.
                said = (
                    cell.comment.text.rpartition("Comment:")[2]
                    if "[Threaded" in cell.comment.text
                    else cell.comment.text
                )
                comments.setdefault(line, []).append(f"{cell.coordinate}: {' '.join(said.split())}")
    if not comments:
        return grid
    count = sum(map(len, comments.values()))
    remark = (
        f"{count} comments of cells are kept in a column of their own" if count > 1 else "1 comment of a cell is kept"
    )
    return grid._replace(
        remarks=[*grid.remarks, remark], comments={line: "; ".join(said) for line, said in comments.items()}
    )
