"""Checks the citations of a letter: finds them, numbers their notes as one letter does, writes the sheet."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

from letters.campaign.load import Project
from letters.cite.check import Found, find_in_sources
from letters.cite.sheet import Pages, SheetRow, make_rows, read_pages, write_html, write_xlsx
from letters.cite.take import Reading, TakenSheet, take_sheet
from letters.formats.files import write_whole
from letters.formats.jinja import long_date
from letters.model.problems import CannotGoOn, Exit
from letters.model.records import MergedLetter, Values
from letters.read.campaign import AUTHORITIES
from letters.read.text import rewritten
from letters.read.toml import with_tables

NAME = "cite-check"


@dataclass(frozen=True, slots=True)
class CiteCheck:
    """The citations that a cite-check found, and the files it wrote."""

    rows: tuple[SheetRow, ...]
    files: tuple[Path, ...]


def sample_of(project: Project) -> MergedLetter | None:
    """Return the letter with the most notes, the first of them in the list; None where no letter can be made."""
    # Pages and numbers are those of one letter: the one with most notes leaves the fewest citations without any.
    return max(project.letters, key=lambda letter: sum(len(list(notes)) for notes in letter.notes), default=None)


def check_cites(project: Project, out: Path, sample: MergedLetter | None, pdf: bytes) -> CiteCheck:
    """Write the cite-check sheet of a letter as XLSX and HTML into `out`.

    Notes are numbered as in `sample`; page numbers come from its `pdf`, and are left out where that is empty.
    """
    sources = [source for part in project.sources for source in part]
    found = find_in_sources(sources, project.authorities)
    pages = read_pages(pdf) if pdf else Pages()
    rows = make_rows(found, project.authorities, lambda each: _numbers(each, project, sample), pages.of)
    title = f"Cite-check: {project.template.parts[0].title}"
    about = f"{project.template.name}, {long_date(project.campaign.date)}; {len(rows)} citations"
    if sample:
        agency = sample.recipient["agency"]
        about += f"; numbers of notes and pages are those of the letter to the {agency} ({sample.recipient.id})"
    files = (out / f"{NAME}.xlsx", out / f"{NAME}.html")
    write_whole(files[0], write_xlsx(rows, title, about, project.campaign.date))
    write_whole(files[1], write_html(rows, title, about))
    return CiteCheck(tuple(rows), files)


class TakenReadings(NamedTuple):
    """What came of a sheet that somebody has filled in."""

    sheet: TakenSheet
    path: Path
    """The authorities file."""
    kept: Path | None
    """The authorities file as it was; None where nothing was written."""


def take_readings(
    project: Project,
    table: Sequence[tuple[int, Sequence[str]]],
    shown: str,
    out: Path,
    now: str,
    *,
    day: datetime.date | None = None,
    write: bool,
) -> TakenReadings:
    """Write who has read which authority into the authorities file, as a filled-in sheet says.

    `table` are the rows of the sheet with their numbers, `now` is the moment in ISO 8601, and `day` the day of the rows
    that give none. Nothing is written where a row has a mistake, or without `write`. The file as it was is kept in
    `out`. Raises CannotGoOn where there is none.
    """
    path = project.templates / AUTHORITIES
    if project.authorities is None:
        message = f"there is no {AUTHORITIES} that readings could be written into"
        raise CannotGoOn(Exit.PROBLEMS, message, "docs/citations.md tells how one is written")
    sheet = take_sheet(table, shown, project.authorities, datetime.datetime.fromisoformat(now).date(), day)
    if sheet.problems or not sheet.readings or not write:
        return TakenReadings(sheet, path, None)
    kept = record_readings(project, {key: _values(each) for key, each in sheet.readings.items()}, out, now)
    return TakenReadings(sheet, path, kept)


def record_readings(
    project: Project, readings: Mapping[str, Mapping[str, str | datetime.date]], out: Path, now: str
) -> Path:
    """Write values such as read_by of some authorities, by key; return where the file is kept as it was."""
    path = project.templates / AUTHORITIES
    # As it is on the disk: in the project, citations are in the style of the campaign.
    content = path.read_bytes()
    changed = rewritten(path, partial(with_tables, shown=AUTHORITIES, tables=readings))
    # A colon is not allowed in the names of files on Windows.
    kept = out.parent / "kept" / f"cites {now.replace(':', '.')}" / AUTHORITIES
    write_whole(kept, content)
    write_whole(path, changed, private=False)
    return kept


def _values(reading: Reading) -> dict[str, str | datetime.date]:
    values: dict[str, str | datetime.date] = {}
    if reading.read_by and reading.read_on:
        values = {"read_by": reading.read_by, "read_on": reading.read_on}
    return values | ({"remarks": reading.remarks} if reading.remarks else {})


def _numbers(each: Found, project: Project, sample: MergedLetter | None) -> Mapping[str, int]:
    part = next(n for n, sources in enumerate(project.sources) if each.passage.source in sources)
    notes = sample.notes[part] if sample else Values()
    return {name: int(str(notes[name])) for name in notes}
