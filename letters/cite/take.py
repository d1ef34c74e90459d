"""Reads a cite-check sheet that somebody has filled in: who read which authority, when, and with which remarks."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from letters.cite.check import Matcher
from letters.cite.find import CitationKind, find_citations, read_phrase
from letters.cite.sheet import AUTHORITY, CHECKED_BY, CHECKED_ON, CITATION, REMARKS
from letters.model.problems import CannotGoOn, Exit, Place, Problem, did_you_mean
from letters.model.settings import UNREAD, Authorities, Authority

_WANTED = (CITATION, AUTHORITY, CHECKED_BY, CHECKED_ON, REMARKS)
_US_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_LONGEST = 2_000
"""Characters of a cell that a person fills in."""


class Reading(NamedTuple):
    """What a sheet says of one authority."""

    read_by: str
    """Empty where nobody says to have read it."""
    read_on: datetime.date | None
    remarks: str
    rows: tuple[int, ...]
    """The rows of the sheet that say so."""


class _Row(NamedTuple):
    line: int
    citation: str
    key: str
    by: str
    on: str
    remarks: str


@dataclass(slots=True)
class TakenSheet:
    """What was read from a sheet."""

    readings: dict[str, Reading] = field(default_factory=dict)
    """What changes, by key of the authority."""
    problems: list[Problem] = field(default_factory=list)
    open_rows: int = 0
    """The rows that nobody has filled in."""
    known: int = 0
    """The authorities of which the file says the same already."""


def take_sheet(
    table: Sequence[tuple[int, Sequence[str]]],
    shown: str,
    authorities: Authorities,
    today: datetime.date,
    day: datetime.date | None = None,
) -> TakenSheet:
    """Return the readings of a sheet given as its rows with their numbers; `shown` is its name for messages.

    `day` is the day of the rows with a name that give none. Each row with a mistake is a problem of its own. Raises
    CannotGoOn where the sheet is no cite-check sheet.
    """
    taken = TakenSheet()
    found: dict[str, Reading] = {}
    full = {key: read_phrase(authority.full) for key, authority in authorities.by_key.items()}
    matcher = Matcher(full)
    for row in _rows(table, shown):
        if row.by and not row.on and day:
            row = row._replace(on=day.isoformat())
        if not (row.by or row.on or row.remarks):
            taken.open_rows += 1
            continue
        place = Place(shown, row.line)
        if fault := _fault(row, authorities, matcher) or _date_fault(row, today):
            taken.problems.append(Problem(place._replace(field=fault[0]), *fault[1:]))
            continue
        reading = Reading(row.by, _date(row.on), row.remarks, (row.line,))
        before = found.get(row.key)
        if before and fault_of_two(before, reading):
            what = f'"{row.key}" is read by "{row.by}" on {row.on} here, and otherwise in row {before.rows[0]}'
            hint = "an authority has one reader and one day: let its rows say the same, or fill in one of them"
            taken.problems.append(Problem(place._replace(field=CHECKED_BY), what, hint))
            continue
        found[row.key] = _joined(before, reading) if before else reading
    for key, reading in found.items():
        _add(taken, key, reading, authorities, shown)
    return taken


def _rows(table: Sequence[tuple[int, Sequence[str]]], shown: str) -> Iterator[_Row]:
    columns: Mapping[str, int] = {}
    for line, cells in table:
        if not columns:
            # A title and remarks stand above the headings.
            said = [" ".join(cell.split()).casefold() for cell in cells]
            here = {name: said.index(name.casefold()) for name in _WANTED if name.casefold() in said}
            columns = here if AUTHORITY in here and CHECKED_BY in here else {}
            if columns and (missing := [name for name in _WANTED if name not in here]):
                message = f'"{shown}" lacks the column "{missing[0]}" in row {line}'
                raise CannotGoOn(Exit.PROBLEMS, message, "leave the headings as letters cites wrote them")
            continue
        of = {name: " ".join(cells[at].split()) if at < len(cells) else "" for name, at in columns.items()}
        if of[CITATION] or of[AUTHORITY] or of[CHECKED_BY]:
            yield _Row(line, of[CITATION], of[AUTHORITY], of[CHECKED_BY], of[CHECKED_ON], of[REMARKS])
    if not columns:
        message = f'"{shown}" is no cite-check sheet: no row has the headings {AUTHORITY} and {CHECKED_BY}'
        raise CannotGoOn(Exit.PROBLEMS, message, "letters cites writes one to be filled in: cite-check.xlsx")


def _fault(row: _Row, authorities: Authorities, matcher: Matcher) -> tuple[str, str, str] | None:
    """Return the column, the fact and the hint of what is wrong with a row."""
    name = row.by.lower()
    if name == UNREAD or name.startswith("["):
        return CHECKED_BY, f'"{row.by}" is not a name', "write who has read it; leave the cell empty until then"
    long = next((text for text in (row.by, row.remarks) if len(text) > _LONGEST), "")
    if long:
        return REMARKS, f"{len(long):,} characters, and {_LONGEST:,} is the limit", "shorten it"
    if not row.key:
        hint = f'add a table for it to the authorities file, with full = "{row.citation}", and write a new sheet'
        return AUTHORITY, f'"{row.citation}" has no authority that could be read', hint
    if row.key not in authorities.by_key:
        hint = did_you_mean(row.key, authorities.by_key)
        return AUTHORITY, f'there is no authority "{row.key}" in the authorities file', hint
    differences = _since(row, matcher)
    if differences:
        hint = "look at the citation in the authorities file again, and write a new sheet"
        return CITATION, f'the sheet has "{row.citation}", the authorities file says otherwise now: {differences}', hint
    return None


def _since(row: _Row, matcher: Matcher) -> str:
    """Return how an authority differs from what the reader of the sheet was shown."""
    phrase = read_phrase(row.citation)
    cited = next((each for each in find_citations(phrase.text) if each.kind is CitationKind.CASE), None)
    if not cited or not matcher.is_case(row.key):
        return ""
    match = matcher.match(cited)
    return f"it is {match.key}" if match.key and match.key != row.key else "; ".join(match.differences)


def _date_fault(row: _Row, today: datetime.date) -> tuple[str, str, str] | None:
    written = "write it as year-month-day, such as 2025-09-01"
    if not row.by:
        return (CHECKED_BY, "a day, but nobody's name", "write who has read it") if row.on else None
    if not row.on:
        return CHECKED_ON, f'read by "{row.by}", but not when', f"{written}, or give one day for all: --on"
    day = _date(row.on)
    if day is None:
        return CHECKED_ON, f'"{row.on}" is not a date', written
    if day > today:
        return CHECKED_ON, f'"{row.on}" is yet to come', "is the year right?"
    return None


def _date(text: str) -> datetime.date | None:
    """Read a date as a spreadsheet gives it, or as an American writes it."""
    american = _US_DATE.fullmatch(text)
    try:
        if american:
            return datetime.date(int(american[3]), int(american[1]), int(american[2]))
        # A spreadsheet puts midnight behind a date.
        return datetime.date.fromisoformat(text.partition(" ")[0])
    except ValueError:
        return None


def fault_of_two(one: Reading, other: Reading) -> bool:
    """Return whether two rows name different readers or days; a row with a remark alone names none."""
    return bool(one.read_by and other.read_by) and (one.read_by, one.read_on) != (other.read_by, other.read_on)


def _joined(one: Reading, other: Reading) -> Reading:
    named = one if one.read_by else other
    return Reading(named.read_by, named.read_on, _both(one.remarks, other.remarks), (*one.rows, *other.rows))


def _both(one: str, other: str) -> str:
    """Join two remarks, each of them once."""
    return one if not other or other in one else f"{one}; {other}" if one else other


def _add(taken: TakenSheet, key: str, reading: Reading, authorities: Authorities, shown: str) -> None:
    """Add a reading that changes the file; an earlier day than that of the file is a problem."""
    known: Authority = authorities.by_key[key]
    reading = reading._replace(remarks=_both(known.remarks, reading.remarks))
    same = not reading.read_by or (reading.read_by, reading.read_on) == (known.read_by, known.read_on)
    if same and reading.remarks == known.remarks:
        taken.known += 1
        return
    if reading.read_on and known.read_on and reading.read_on < known.read_on:
        place = Place(shown, reading.rows[0], field=CHECKED_ON)
        what = f'"{key}" was read by "{known.read_by}" on {known.read_on}, later than here'
        taken.problems.append(Problem(place, what, "is it an old sheet? Clear the row, or correct the day"))
        return
    taken.readings[key] = reading
