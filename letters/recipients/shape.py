"""Finds the table in the rows of a file: further headers, tables side by side, totals, labels in place of columns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from letters.model.problems import CannotGoOn, Exit
from letters.recipients.headings import HEADINGS, find_header, folded, width
from letters.recipients.labels import LABEL, SourceRow, address_labels, parted_cells

_FEWEST_HEADINGS = 3
"""Cells that make a row below the header another header."""
_TOTAL = re.compile(r"(?:grand\s+|sub-?\s*)?totals?\b|(?:count|sum|average|number of \w+|page \d+)\b", re.IGNORECASE)


class Table(NamedTuple):
    """Headings and rows, the line of the header, 0 where there is none, and what was told of it."""

    header_line: int
    headings: tuple[str, ...]
    rows: list[SourceRow]
    remarks: list[str]


def find_table(name: str, rows: list[SourceRow], wanted: int | None) -> Table:
    """Return the table of a file's rows. `wanted` is the line of the header, 0 for none, None to look for it.

    Raises CannotGoOn where `wanted` is no row, and where two tables stand side by side.
    """
    if wanted is None and (labels := address_labels(rows)):
        remarks = ["each recipient is an address label; its lines are told apart"]
        if labels.left:
            lines = ", ".join(map(str, labels.left[:8]))
            remarks.append(f"no address in the label of line {lines}, which is left out")
        return Table(0, LABEL, labels.rows, remarks)
    at = find_header([row.cells for row in rows]) if wanted is None else _given_header(rows, wanted)
    remarks = []
    if at is None:
        if wanted is None:
            remarks.append("there is no header; columns are known by what they hold")
        headings: tuple[str, ...] = ("",) * max(len(row.cells) for row in rows)
        line, body = 0, rows
    else:
        line, headings, body = rows[at].line, rows[at].cells, rows[at + 1 :]
        if at:
            above = "; ".join(" ".join(filter(None, row.cells))[:60] for row in rows[:at])
            remarks.append(f'the header is in row {line}; above it stands "{above}"')
        _one_beside_the_other(name, headings)
        headings, body, more = _below_further_headers(headings, body)
        remarks += more
    span = max([len(headings), *(len(row.cells) for row in body)], default=0)
    headings += ("",) * (span - len(headings))
    padded = [SourceRow(row.line, row.cells + ("",) * (span - len(row.cells))) for row in body]
    kept, left = (padded, []) if wanted == 0 else _without_remarks(padded)
    headings, kept, parted = parted_cells(headings, kept)
    return Table(line, headings, kept, remarks + left + parted)


def _given_header(rows: Sequence[SourceRow], wanted: int) -> int | None:
    if wanted == 0:
        return None
    for number, row in enumerate(rows):
        if row.line == wanted:
            return number
    raise CannotGoOn(Exit.WRONG_CALL, f"row {wanted} is empty or not there", "--header names the row of the headings")


def _one_beside_the_other(name: str, headings: Sequence[str]) -> None:
    """Raise CannotGoOn where the same headings stand twice, with an empty column between."""
    names = [folded(heading) for heading in headings]
    for gap, heading in enumerate(names):
        left, right = names[:gap], names[gap + 1 :]
        if not heading and len(left) >= _FEWEST_HEADINGS and right[: len(left)] == left:
            what = f'two tables stand side by side in "{name}": "{headings[0]}" is in columns 1 and {gap + 2}'
            raise CannotGoOn(Exit.PROBLEMS, what, "move the second table below the first, and save the file")


def _below_further_headers(
    headings: tuple[str, ...], body: list[SourceRow]
) -> tuple[tuple[str, ...], list[SourceRow], list[str]]:
    """Return headings and rows, those below a further header with their cells under the headings of the first.

    Headers are repeated on printed pages, and between tables of one sheet, whose columns may be in another order.
    """
    known = {folded(heading): number for number, heading in reversed(list(enumerate(headings))) if folded(heading)}
    names, kept = list(headings), []
    order: list[int | None] | None = None
    repeated: list[int] = []
    others: list[int] = []
    for row in body:
        # The first cell tells most rows from a header, which spares a long list the rest.
        first = folded(next(filter(None, row.cells), ""))
        filled = [folded(cell) for cell in row.cells if folded(cell)] if first in known or first in HEADINGS else []
        if len(filled) >= _FEWEST_HEADINGS and all(cell in known or cell in HEADINGS for cell in filled):
            if row.cells[: len(headings)] == headings:
                order = None
                repeated.append(row.line)
                continue
            order = []
            for cell in row.cells:
                if folded(cell) and folded(cell) not in known:
                    known[folded(cell)] = len(names)
                    names.append(cell)
                order.append(known.get(folded(cell)))
            (repeated if [n for n in order if n is not None] == list(range(len(filled))) else others).append(row.line)
            continue
        kept.append(SourceRow(row.line, _ordered(row.cells, order, len(names))) if order is not None else row)
    remarks = []
    if repeated:
        remarks.append(f"the header stands again in row {', '.join(map(str, repeated[:8]))}, and is left out")
    remarks += [f"row {line} is another header; the rows below it are read by it" for line in others]
    return tuple(names), kept, remarks


def _ordered(cells: Sequence[str], order: Sequence[int | None], span: int) -> tuple[str, ...]:
    made = [""] * span
    for cell, number in zip(cells, order, strict=False):
        if number is not None and cell:
            made[number] = cell
    return tuple(made)


def _without_remarks(rows: list[SourceRow]) -> tuple[list[SourceRow], list[str]]:
    """Leave out totals and notes: rows with next to nothing in a table that is wide."""
    usual = width([row.cells for row in rows])
    kept, left = [], []
    for row in rows:
        filled = [cell for cell in row.cells if cell]
        few = max(1, usual // 4)
        if filled and 2 * len(filled) <= usual and _TOTAL.match(filled[0]):
            few = len(filled)
        if usual >= 4 and len(filled) <= few:
            left.append(f'line {row.line}, "{" ".join(filled)[:60]}", is a total or a remark and is left out')
        else:
            kept.append(row)
    return kept, left
