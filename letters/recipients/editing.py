"""Changes single cells of the list; every other byte of it stays as it is."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from letters.formats.files import harmless, write_whole
from letters.model.problems import CannotGoOn, Exit, did_you_mean
from letters.read.recipients import OPTIONAL, REQUIRED
from letters.recipients.history import plain

_MARK = "\ufeff"


class _ListRecord(NamedTuple):
    """One record of the file: its cells, and the very text of it with its line end."""

    cells: list[str]
    text: str


def set_cells(listed: Path, identifier: str, cells: Mapping[str, str], were: Mapping[str, str]) -> list[str]:
    """Set cells of a row, given by its id; return the columns that were changed.

    `were` is what the person saw: where a cell says something else by now, nothing is written, so that nobody's change
    is lost. Raises CannotGoOn for that, for a row or a column that is not there, and for a list that is not a
    comma-separated file in UTF-8.
    """
    content = listed.read_bytes()
    text = _decoded(content, listed.name)
    records = list(_records(text))
    at, names = _header(records, listed.name)
    wanted = {column: " ".join(value.split()) for column, value in cells.items()}
    row = _row(records[at + 1 :], names, identifier, listed.name) + at + 1
    before = _cells(names, records[row])
    for column in wanted:
        if column not in names and column not in OPTIONAL:
            raise CannotGoOn(Exit.WRONG_CALL, f'the list has no column "{column}"', did_you_mean(column, names))
        now = before.get(column, "")
        if column in were and now != " ".join(were[column].split()):
            message = f'{identifier}, {column}: it says "{now}" by now, and not "{were[column]}"'
            raise CannotGoOn(Exit.PROBLEMS, message, "somebody changed it meanwhile: look at it again")
    changed = [column for column, value in wanted.items() if before.get(column, "") != value]
    if not changed:
        return []
    missing = [column for column in changed if column not in names]
    lines = [record.text for record in records]
    if missing:
        names = [*names, *missing]
        for number in range(at, len(records)):
            added = missing if number == at else [""] * len(missing)
            lines[number] = _with_cells(records[number].text, [*_padded(records[number].cells, names, missing), *added])
    values = {**before, **{column: str(harmless(wanted[column])) for column in changed}}
    old = _padded(records[row].cells, names, ())
    new = [values[name] if name in changed else cell for name, cell in zip(names, old, strict=False)]
    lines[row] = _with_cells(records[row].text, [*new, *old[len(names) :]])
    mark = _MARK if content.startswith(_MARK.encode()) else ""
    write_whole(listed, (mark + "".join(lines)).encode())
    return changed


def cells_of(listed: Path, identifier: str) -> dict[str, str]:
    """Return the cells of a row as they stand in the file, by column; raises CannotGoOn as `set_cells` does."""
    records = list(_records(_decoded(listed.read_bytes(), listed.name)))
    at, names = _header(records, listed.name)
    return _cells(names, records[_row(records[at + 1 :], names, identifier, listed.name) + at + 1])


def _decoded(content: bytes, name: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        hint = f"bring it in first, which writes it so: letters recipients import {name}"
        raise CannotGoOn(Exit.PROBLEMS, f'"{name}" is not in UTF-8', hint) from None


def _records(text: str) -> Iterator[_ListRecord]:
    """Yield the records of a comma-separated text, each with its own characters."""
    lines = io.StringIO(text, newline="").readlines()
    taken: list[str] = []

    def told() -> Iterator[str]:
        for line in lines:
            taken.append(line)
            yield line

    for cells in csv.reader(told()):
        yield _ListRecord(cells, "".join(taken))
        taken.clear()


def _header(records: Sequence[_ListRecord], name: str) -> tuple[int, list[str]]:
    """Return where the header is, and its names; raises CannotGoOn where the list is not one of ours."""
    for number, record in enumerate(records[:20]):
        names = [cell.strip().lower() for cell in record.cells]
        if set(REQUIRED) <= set(names):
            return number, names
    hint = f"bring it in first, which writes such a list: letters recipients import {name}"
    raise CannotGoOn(Exit.PROBLEMS, f'"{name}" does not have the columns {", ".join(REQUIRED)}, with commas', hint)


def _row(records: Sequence[_ListRecord], names: Sequence[str], identifier: str, name: str) -> int:
    at = names.index("id")
    found = [
        number
        for number, record in enumerate(records)
        if len(record.cells) > at and record.cells[at].strip() == identifier
    ]
    if len(found) != 1:
        what = "is there more than once" if found else "is not there"
        hint = "give each row an id of its own" if found else "look at the list again"
        raise CannotGoOn(Exit.PROBLEMS, f'"{identifier}" {what} in "{name}"', hint)
    return found[0]


def _cells(names: Sequence[str], record: _ListRecord) -> dict[str, str]:
    return {name: plain(" ".join(cell.split())) for name, cell in zip(names, record.cells, strict=False)}


def _padded(cells: Sequence[str], names: Sequence[str], missing: Sequence[str]) -> list[str]:
    """Return cells of a record that may be short, one for each column that the file has."""
    return [*cells, *[""] * (len(names) - len(missing) - len(cells))]


def _with_cells(text: str, cells: Sequence[str]) -> str:
    """Return a record written anew, with the line end that it had."""
    out = io.StringIO()
    # Cells with a line end are quoted only where the writer knows it for one.
    csv.writer(out, lineterminator="\r\n").writerow(cells)
    return out.getvalue().removesuffix("\r\n") + text[len(text.rstrip("\r\n")) :]
