"""Changes the list and keeps what changed it: repairs of rows that come in, imports, cells that people set.

So the next import can compare, and the last one can be undone. What a person has decided about a list is kept, too, so
that the next file asks nothing twice.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import NamedTuple

from letters.formats.files import csv_bytes, harmless, write_whole
from letters.model.problems import CannotGoOn, Exit, did_you_mean
from letters.read.recipients import HISTORY, INDEX, OPTIONAL, REQUIRED
from letters.read.text import LARGEST_CELL, rewritten
from letters.read.toml import read_toml, with_tables

COLUMNS = (
    *("id", "office", "title", "first_name", "last_name", "suffix", "agency", "jurisdiction", "county", "address1"),
    *("address2", "city", "state", "zip", "email", "phone", "agreement_287g", "agreement_signed", "agreement_list"),
    "hold",
)
"""The columns of the list in the order in which they are written."""
# The list that is read and the list that is written have the same columns, in another order.
assert set(COLUMNS) == {*REQUIRED, *OPTIONAL}
Accepts = Callable[[str], bool]
"""Whether a person accepts what a likely rule does."""
CASE = "capitals or small letters only: written as names are"
NOTHING = "a word for nothing is left out"
Rows = dict[str, dict[str, str]]
"""Rows by id."""
FILE = "list-decisions.toml"
_HEAD = (
    "# What was decided when lists were brought in. Each answer is used again for the next file; change it here, or\n"
    "# remove its line to be asked again.\n"
)


class Sureness(StrEnum):
    """How sure a repair is: sure ones are made, likely ones asked once for all, doubtful ones hold their row."""

    SURE = "sure"
    LIKELY = "likely"
    DOUBTFUL = "doubtful"


@dataclass(frozen=True, slots=True)
class Repair:
    """One cell that is not as it was in the file."""

    line: int
    column: str
    was: str
    now: str
    rule: str
    """What was done, in words; likely repairs of one rule are one question."""
    sureness: Sureness = Sureness.SURE


@dataclass(slots=True)
class ListRow:
    """One row on its way from the file into the list."""

    line: int
    cells: dict[str, str]
    repairs: list[Repair] = field(default_factory=list)
    doubts: list[tuple[str, str]] = field(default_factory=list)
    """What a person must look at before the letter goes out: column and reason."""

    def put(self, column: str, value: str, was: str, rule: str, sureness: Sureness = Sureness.SURE) -> None:
        """Set a cell, and record the repair where it was something else."""
        self.cells[column] = value
        if value != was:
            self.repairs.append(Repair(self.line, column, was, value, rule, sureness))


class ImportRecord(NamedTuple):
    """One import: what was read, and the hashes of the list before and after."""

    number: int
    file: str
    sha256: str
    before: str
    after: str
    undone: bool = False
    columns: tuple[tuple[str, str], ...] = ()
    """The headings of the file, each with what its column was taken for."""


def hash_of(content: bytes) -> str:
    """Return the hash of a list, by which a plan is bound to it."""
    return hashlib.sha256(content).hexdigest()


def parse_list(content: bytes) -> tuple[list[str], Rows]:
    """Return the columns and the rows of a list that this toolkit wrote, or that has its columns."""
    csv.field_size_limit(LARGEST_CELL)
    reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig", "replace"), newline=""), restval="")
    columns = [name for name in (reader.fieldnames or []) if name]
    rows: Rows = {}
    for number, row in enumerate(reader, start=2):
        cells = {name: plain(" ".join((row[name] or "").split())) for name in columns}
        if any(cells.values()):
            rows[cells.get("id") or f"row-{number}"] = cells
    return columns, rows


def rows_of(table: Sequence[Sequence[str]]) -> Rows:
    """Return the rows of a table with a header, by id."""
    header, *lines = table
    rows = [dict(zip(header, map(plain, line), strict=False)) for line in lines]
    return {row.get("id", ""): row for row in rows}


def plain(cell: str) -> str:
    """Return a cell without the apostrophe by which a text that begins like a formula is made harmless."""
    # `letters.formats.files.harmless` writes it, since Excel runs what begins so.
    return cell[1:] if cell[:1] == "'" and cell[1:2] in ("=", "+", "-", "@") else cell


def list_bytes(rows: Iterable[Mapping[str, str]], former: Sequence[str] = ()) -> bytes:
    """Return a list as CSV: our columns, then further ones in the order in which they are met."""
    rows = list(rows)
    further = dict.fromkeys([*former, *(name for row in rows for name in row)])
    columns = [*COLUMNS, *(name for name in further if name not in COLUMNS)]
    return csv_bytes([columns, *([row.get(name, "") for name in columns] for row in rows)])


def imports(folder: Path) -> list[ImportRecord]:
    """Return the imports of a campaign, the oldest first."""
    path = folder / HISTORY / INDEX
    if not path.exists():
        return []
    try:
        return [ImportRecord(**record) for record in json.loads(path.read_text("utf-8"))]
    except (ValueError, TypeError):
        hint = "remove the folder to begin anew; the list itself is not in it"
        raise CannotGoOn(Exit.PROBLEMS, f"{HISTORY}/{INDEX} cannot be read", hint) from None


def former_imports(folder: Path) -> list[Rows]:
    """Return what each import made of its file, by id, the oldest first, without those that were undone."""
    return [parse_list(content)[1] for content in _imported(folder)]


def last_imported(folder: Path) -> bytes:
    """Return what the last import made of its file, as a list; one without rows where there was none."""
    done = _imported(folder)
    return done[-1] if done else list_bytes(())


def _imported(folder: Path) -> list[bytes]:
    numbers = [record.number for record in imports(folder) if not record.undone]
    paths = [folder / HISTORY / f"{number:04}-imported.csv" for number in numbers]
    return [path.read_bytes() for path in paths if path.exists()]


def keep(folder: Path, record: ImportRecord, former: bytes | None, imported: bytes) -> None:
    """Keep the former list and what the import made, then record the import."""
    place = folder / HISTORY
    place.mkdir(exist_ok=True)
    if former is not None:
        write_whole(place / f"{record.number:04}-former.csv", former)
    write_whole(place / f"{record.number:04}-imported.csv", imported)
    # Last: files that no record names are not taken for an import.
    _write_index(folder, [*imports(folder), record])


def undo(folder: Path, listed: Path, *, even_if_changed: bool) -> ImportRecord:
    """Bring back the list as it was before the last import; raises CannotGoOn where that would lose changes."""
    # Undone imports stay in the index: their numbers name files.
    records = imports(folder)
    done = [record for record in records if not record.undone]
    if not done:
        raise CannotGoOn(Exit.PROBLEMS, "there is no import to undo")
    last = done[-1]
    former = folder / HISTORY / f"{last.number:04}-former.csv"
    if not former.exists():
        raise CannotGoOn(Exit.PROBLEMS, "there was no list before the last import", "nothing was changed")
    now = hash_of(listed.read_bytes()) if listed.exists() else ""
    if now != last.after and not even_if_changed:
        hint = "undoing would lose the changes that were made since; to lose them: letters recipients undo --yes"
        raise CannotGoOn(Exit.PROBLEMS, f'"{listed.name}" was changed after the import of {last.file}', hint)
    if now != last.after and listed.exists():
        write_whole(folder / HISTORY / f"{last.number:04}-undone.csv", listed.read_bytes())
    write_whole(listed, former.read_bytes())
    _write_index(folder, [each._replace(undone=each.undone or each.number == last.number) for each in records])
    return last


def _write_index(folder: Path, records: Sequence[ImportRecord]) -> None:
    text = json.dumps([record._asdict() for record in records], indent=1, ensure_ascii=False)
    write_whole(folder / HISTORY / INDEX, text.encode())


@dataclass(slots=True)
class Decisions:
    """Which column is what, by heading, and yes or no to each question, by its text."""

    columns: dict[str, str] = field(default_factory=dict)
    answers: dict[str, bool] = field(default_factory=dict)


def read_decisions(folder: Path) -> Decisions:
    """Read the decisions of a campaign's folder; none where there is no file. Raises CannotGoOn where it is spoilt."""
    path = folder / FILE
    if not path.exists():
        return Decisions()
    file = read_toml(path, FILE)
    columns, answers = file.table.get("columns", {}), file.table.get("answers", {})
    sound = (
        file.is_toml
        and isinstance(columns, Mapping)
        and isinstance(answers, Mapping)
        and all(isinstance(value, str) for value in columns.values())
        and all(isinstance(value, bool) for value in answers.values())
    )
    if not sound:
        hint = "[columns] has texts, [answers] has true or false; or remove the file, and be asked again"
        raise CannotGoOn(Exit.PROBLEMS, f"{FILE} cannot be read", hint)
    return Decisions(dict(columns), dict(answers))


def write_decisions(folder: Path, decisions: Decisions) -> None:
    """Write the decisions, where there are any; remarks of the file stay."""
    if not (decisions.columns or decisions.answers):
        return
    changed = partial(with_tables, shown=FILE, tables={"columns": decisions.columns, "answers": decisions.answers})
    path = folder / FILE
    write_whole(path, rewritten(path, changed) if path.exists() else changed(_HEAD).encode())


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
    row = _row(records, at, names, identifier, listed.name)
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
        # A new column stands at the end of every row, and lines above the header stay as they are.
        for number in range(at, len(records)):
            added = missing if number == at else [""] * len(missing)
            lines[number] = _with_cells(records[number].text, [*_padded(records[number].cells, names, missing), *added])
    values = {**before, **{column: str(harmless(wanted[column])) for column in changed}}
    old = _padded(records[row].cells, names, ())
    new = [values[name] if name in changed else cell for name, cell in zip(names, old, strict=False)]
    lines[row] = _with_cells(records[row].text, [*new, *old[len(names) :]])
    mark = codecs.BOM_UTF8 if content.startswith(codecs.BOM_UTF8) else b""
    write_whole(listed, mark + "".join(lines).encode())
    return changed


def cells_of(listed: Path, identifier: str) -> dict[str, str]:
    """Return the cells of a row as they stand in the file, by column; raises CannotGoOn as `set_cells` does."""
    records = list(_records(_decoded(listed.read_bytes(), listed.name)))
    at, names = _header(records, listed.name)
    return _cells(names, records[_row(records, at, names, identifier, listed.name)])


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

    csv.field_size_limit(LARGEST_CELL)
    # The reader does not say how many lines a record has; what it took from us does.
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


def _row(records: Sequence[_ListRecord], header: int, names: Sequence[str], identifier: str, name: str) -> int:
    at = names.index("id")
    below = enumerate(records[header + 1 :], start=header + 1)
    found = [number for number, record in below if [cell.strip() for cell in record.cells[at : at + 1]] == [identifier]]
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
