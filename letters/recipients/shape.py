"""Finds the table in the rows of a file: further headers, tables side by side, totals, labels, groups of lines."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Container, Mapping, Sequence
from itertools import groupby, pairwise
from typing import NamedTuple

from letters.model.problems import CannotGoOn, Exit
from letters.read import zips
from letters.recipients.headings import FULL_NAME, HEADINGS, LOOKS, find_header, folded, width
from letters.recipients.labels import LABEL, SourceRow, address_labels, parted_cells

_FEWEST_HEADINGS = 3
"""Cells that make a row below the header another header."""
_MOST = 0.6
"""The share of lines that begin with a heading where each recipient is a group of lines."""
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
    if wanted is None and (of_records := _of_records(rows)):
        return of_records
    if wanted is None and (labels := address_labels(rows)):
        remarks = ["each recipient is an address label; its lines are told apart"]
        if labels.left:
            lines = ", ".join(map(str, labels.left[:8]))
            remarks.append(f"no address in the label of line {lines}, which is left out")
        spare = ("county", "phone", "email")
        used = [n for n, name in enumerate(LABEL) if name not in spare or any(row.cells[n] for row in labels.rows)]
        kept = [SourceRow(row.line, tuple(row.cells[n] for n in used)) for row in labels.rows]
        return Table(0, tuple(LABEL[n] for n in used), kept, remarks)
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
        headings, body = _of_two_rows(headings, body)
        headings, body, more = _below_further_headers(headings, body)
        remarks += more
        headings, body, more = _below_their_county(headings, rows[max(0, at - 1) : at], body)
        remarks += more
    span = max([len(headings), *(len(row.cells) for row in body)], default=0)
    headings += ("",) * (span - len(headings))
    padded = [SourceRow(row.line, row.cells + ("",) * (span - len(row.cells))) for row in body]
    kept, left = (padded, []) if wanted == 0 else _without_remarks(padded)
    headings, kept, parted = parted_cells(headings, kept)
    return Table(line, headings, kept, remarks + left + parted)


class _Line(NamedTuple):
    """A line of a recipient that is a group of lines: its heading, which may be empty, and its value."""

    number: int
    heading: str
    value: str

    @property
    def name(self) -> str:
        """Return the heading as headings are compared; "Sheriff" in one group and "Chief" in another are one."""
        name = folded(self.heading)
        return "chief" if name in ("sheriff", "police chief", "chief of police") else name


def _of_records(rows: Sequence[SourceRow]) -> Table | None:
    """Return records that are written below each other, a heading and a value on each line; None for another table.

    The heading has a colon behind it, or a cell of its own. Lines without a heading go on with the value above them;
    those above the first heading of a recipient are a last column, which has none.
    """
    first = Counter(folded(row.cells[0]) for row in rows if len(row.cells) > 1)
    known = HEADINGS.keys() | {name for name, count in first.items() if count > 1}
    lines = [_Line(row.line, *_heading_and_value(row.cells, known)) for row in rows]
    named = [line for line in lines if line.heading]
    often = {HEADINGS.get(name) for name, count in Counter(line.name for line in named).items() if count > 1}
    if len(named) < _MOST * len(rows) or not (often & {"agency", FULL_NAME} and often & {"address1", "city", "zip"}):
        return None
    headings: dict[str, str] = {}
    for line in named:
        headings.setdefault(line.name, line.heading)
    order = {name: number for number, name in enumerate(headings)}
    made, remarks = [], ["each recipient is a group of lines, which begin with their headings"]
    for group in _groups(lines, rows, order):
        if not any(line.heading for line in group):
            remarks.append(f'line {group[0].number}, "{group[0].value[:60]}", has no heading and is left out')
            continue
        cells, at = [""] * (len(order) + 1), len(order)
        for line in group:
            at = order.get(line.name, at)
            cells[at] = "\n".join(filter(None, (cells[at], line.value)))
        made.append(SourceRow(group[0].number, tuple(cells)))
    return Table(0, (*headings.values(), ""), made, remarks) if made else None


def _groups(lines: Sequence[_Line], rows: Sequence[SourceRow], order: Mapping[str, int]) -> list[list[_Line]]:
    """Return the lines of each recipient, which empty lines set apart, or the order of the headings."""
    ends = [row.line for row, below in pairwise(rows) if below.line > row.line + 1 + "".join(row.cells).count("\n")]
    apart = [list(group) for _, group in groupby(lines, lambda line: bisect_left(ends, line.number))]
    if len(apart) > 1 and not any(_repeats(group) for group in apart):
        return apart
    if any(not line.heading and LOOKS["agency"](line.value) for line in lines):
        return []  # nobody knows where the next one begins
    groups: list[list[_Line]] = [[]]
    last = -1
    for line in lines:
        at = order.get(line.name, last + 1)
        # A recipient ends where the headings begin anew: the first of them may lack.
        if at <= last:
            groups.append([])
        groups[-1].append(line)
        last = at if line.heading else last
    return groups


def _repeats(group: Sequence[_Line]) -> bool:
    names = [line.name for line in group if line.heading]
    return len(set(names)) < len(names)


def _heading_and_value(cells: Sequence[str], known: Container[str]) -> tuple[str, str]:
    """Return the heading and the value of a line; no heading where it has none."""
    filled = [cell for cell in cells if cell]
    if len(cells) > 1 and folded(cells[0]) in known:
        return cells[0].rstrip(": "), ", ".join(filled[1:])
    whole = ", ".join(filled)  # cut at the comma of "Alma, MI 48801" when it is read as a table
    found = re.fullmatch(r"([^:\n]{2,40}?)\s*:(?!//)\s*(.*)", whole, re.DOTALL)
    return (found[1], found[2]) if found else ("", whole)


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
        # The second table would be lost: of columns with one heading the first counts.
        if not heading and len(left) >= _FEWEST_HEADINGS and right[: len(left)] == left:
            what = f'two tables stand side by side in "{name}": "{headings[0]}" is in columns 1 and {gap + 2}'
            raise CannotGoOn(Exit.PROBLEMS, what, "move the second table below the first, and save the file")


def _is_header(cells: Sequence[str], known: Container[str]) -> bool:
    filled = [folded(cell) for cell in cells if folded(cell)]
    return len(filled) >= _FEWEST_HEADINGS and all(cell in known or cell in HEADINGS for cell in filled)


def _of_two_rows(headings: tuple[str, ...], body: list[SourceRow]) -> tuple[tuple[str, ...], list[SourceRow]]:
    """Return headings of two rows as one: "First" and "Last" below "Chief", beside "Agency" in the upper row."""
    if not body or not _is_header(body[0].cells, ()) or body[0].cells[: len(headings)] == headings:
        return headings, body
    span = max(len(headings), len(body[0].cells))
    upper, lower = (cells + ("",) * (span - len(cells)) for cells in (headings, body[0].cells))
    if all(lower):
        return headings, body
    return tuple(below or above for above, below in zip(upper, lower, strict=True)), body[1:]


def _below_their_county(
    headings: tuple[str, ...], above: Sequence[SourceRow], body: list[SourceRow]
) -> tuple[tuple[str, ...], list[SourceRow], list[str]]:
    """Return headings and rows with the county that stands in a row of its own above some of them, in its column.

    The row above the header may be the first of those. What ZIP codes contradict is no heading of the rows below it.
    """
    at = next((number for number, heading in enumerate(headings) if HEADINGS.get(folded(heading)) == "county"), None)
    county, groups, wrong = "", 0, 0
    made: list[SourceRow] = []
    for row in (*above, *body):
        if said := _county_alone(row.cells, at):
            county, groups = said, groups + 1
        elif row in above:
            continue
        elif at is None:
            made.append(SourceRow(row.line, (*row.cells, *[""] * (len(headings) - len(row.cells)), county)))
            wrong += bool(county) and not _may_be_in(row.cells, county)
        else:
            cells = [*row.cells, *[""] * (at + 1 - len(row.cells))]
            cells[at] = cells[at] or county
            made.append(SourceRow(row.line, tuple(cells)))
    if not groups or not made or 5 * wrong > len(made):
        return headings, body, []
    remark = "1 row is" if groups == 1 else f"{groups} rows are"
    return (
        headings if at is not None else (*headings, "County"),
        made,
        [f"{remark} the name of a county alone, which counts for the rows below"],
    )


def _county_alone(cells: Sequence[str], at: int | None) -> str:
    """Return the county that a row names and nothing else; a name without the word must stand in the column `at`."""
    filled = [number for number, cell in enumerate(cells) if cell]
    said = cells[filled[0]] if len(filled) == 1 else ""
    is_named = bool(re.search(r"\b(?:County|Parish|Borough|Co\.|Cnty)$", said, re.IGNORECASE)) or filled == [at]
    return said if is_named and LOOKS["county"](said) else ""


def _may_be_in(cells: Sequence[str], county: str) -> bool:
    codes = [found[0] for cell in cells if (found := re.search(r"\b\d{5}\b(?!.*\d{5})", cell))]
    known = [code for code in codes if zips.of_zip(code)]
    return not known or any(zips.bare_county(county) in zips.counties_near(code) for code in known)


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
        if (first in known or first in HEADINGS) and _is_header(row.cells, known):
            filled = list(filter(None, map(folded, row.cells)))
            if row.cells[: len(headings)] == headings:
                order = None
                repeated.append(row.line)
                continue
            order = _placed(row.cells, names, known)
            (repeated if [n for n in order if n is not None] == list(range(len(filled))) else others).append(row.line)
            continue
        kept.append(SourceRow(row.line, _ordered(row.cells, order, len(names))) if order is not None else row)
    remarks = []
    if repeated:
        remarks.append(f"the header stands again in row {', '.join(map(str, repeated[:8]))}, and is left out")
    remarks += [f"row {line} is another header; the rows below it are read by it" for line in others]
    return tuple(names), kept, remarks


def _placed(header: Sequence[str], names: list[str], known: dict[str, int]) -> list[int | None]:
    """Return the columns of the table for the cells of a further header; new ones are added to both lists.

    "Sheriff" below "Chief" is one column: what a heading means counts where its name is new.
    """
    meant = {HEADINGS[folded(name)]: number for number, name in enumerate(names) if folded(name) in HEADINGS}
    own = {HEADINGS.get(folded(cell), "") for cell in header if folded(cell) in known}
    order: list[int | None] = []
    for cell in header:
        name = folded(cell)
        target = HEADINGS.get(name, "")
        if name and name not in known:
            if target in meant and target not in own:
                known[name] = meant[target]
                names[known[name]] += f" / {cell}"
            else:
                known[name] = len(names)
                names.append(cell)
            own.add(target)
        order.append(known.get(name))
    return order


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
        # A row that has a quarter of the usual cells says no agency and address.
        few = max(1, usual // 4)
        if filled and 2 * len(filled) <= usual and _TOTAL.match(filled[0]):
            few = len(filled)
        if usual >= 4 and len(filled) <= few:
            left.append(f'line {row.line}, "{" ".join(filled)[:60]}", is a total or a remark and is left out')
        else:
            kept.append(row)
    return kept, left
