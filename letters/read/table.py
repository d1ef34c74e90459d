"""Reads a comma-separated table as office programs write it: commas, semicolons or tabs, quoted or not."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from letters.model.problems import Place, Problem

_BLANKS = re.compile(r"[ \t\n]+")
_NOT_A_NAME = re.compile(r"[^0-9a-z]+")
_ILLEGAL = re.compile("[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
"""Characters that XML 1.0 (clause 2.2), and so a DOCX, cannot hold; and those that turn what follows round."""
_LARGEST_CELL = 2**20


class TableRow(NamedTuple):
    """One row with the line of the file on which it begins, and what is wrong with its shape."""

    line: int
    cells: dict[str, str]
    problems: tuple[Problem, ...] = ()


def read_table(text: str, shown: str) -> tuple[tuple[str, ...], list[TableRow], list[Problem]]:
    """Read a header and its rows; `shown` is the file's name for messages.

    Column names are folded to the form a letter can use: "Board chair" becomes board_chair.
    """
    if not text.strip():
        return (), [], [Problem(Place(shown, 1), "the file is empty", "the first line names the columns")]
    csv.field_size_limit(_LARGEST_CELL)
    lines = _records(text)
    try:
        _, names = next(lines)
        columns = tuple(_column_name(name) for name in names)
        known = _Tidied()
        rows = [_row(line, cells, columns, shown, known) for line, cells in lines if any(cells)]
    except csv.Error as error:
        return (), [], [Problem(Place(shown), f"not a table: {error}", "is a quotation mark left open?")]
    return tuple(filter(None, columns)), rows, _header_problems(columns, shown)


def _records(text: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    before = 0
    for cells in reader:
        yield before + 1, cells
        before = reader.line_num


def _delimiter(text: str) -> str:
    header = text.split("\n", 1)[0]
    return max(",;\t", key=header.count)


def _column_name(header: str) -> str:
    return _NOT_A_NAME.sub("_", header.strip().lower()).strip("_")


def _header_problems(columns: tuple[str, ...], shown: str) -> list[Problem]:
    twice = [name for name, count in Counter(columns).items() if name and count > 1]
    return [
        Problem(Place(shown, 1, field=name), f'the column "{name}" is there twice', "rename or remove one of them")
        for name in twice
    ]


class _Tidied(dict[str, str]):
    """Memoizes cells with their white space tidied, by their text in the file; equal texts share one object."""

    def __init__(self) -> None:
        self.illegal: set[str] = set()

    def __missing__(self, cell: str) -> str:
        if _ILLEGAL.search(cell):
            self.illegal.add(cell)
        value = _BLANKS.sub(" ", cell).strip()
        self[cell] = value if value != cell else cell
        return self[cell]


def _row(line: int, cells: list[str], columns: tuple[str, ...], shown: str, known: _Tidied) -> TableRow:
    values = [known[cell] for cell in cells]
    problems = []
    if len(cells) < len(columns) or any(values[len(columns) :]):
        what = f"{len(cells)} cells, but the header has {len(columns)}"
        hint = "is a comma missing, or one too many? A text with a comma in it stands in quotation marks"
        problems.append(Problem(Place(shown, line), what, hint))
    for name, cell in zip(columns, cells, strict=False) if known.illegal else ():
        if found := _ILLEGAL.search(cell):
            what = f"a control character, U+{ord(found[0]):04X}"
            problems.append(Problem(Place(shown, line, field=name), what, "type the cell again"))
    return TableRow(line, {name: value for name, value in zip(columns, values, strict=False) if name}, tuple(problems))
