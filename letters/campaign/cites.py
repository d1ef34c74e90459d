"""Checks the citations of a letter: finds them, numbers their notes as one letter does, writes the sheet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from letters.campaign.load import Project
from letters.cite.check import Found, find_in_sources
from letters.cite.pages import Pages, read_pages
from letters.cite.sheet import SheetRow, make_rows
from letters.cite.write import write_html, write_xlsx
from letters.formats.files import write_whole
from letters.formats.jinja import long_date
from letters.model.records import MergedLetter, Values

NAME = "cite-check"


@dataclass(frozen=True, slots=True)
class CiteCheck:
    """The citations that a cite-check found, and the files it wrote."""

    rows: tuple[SheetRow, ...]
    files: tuple[Path, ...]


def sample_of(project: Project) -> MergedLetter | None:
    """Return the letter with the most notes, the first of them in the list; None where no letter can be made."""
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


def _numbers(each: Found, project: Project, sample: MergedLetter | None) -> Mapping[str, int]:
    part = next(n for n, sources in enumerate(project.sources) if each.passage.source in sources)
    notes = sample.notes[part] if sample else Values()
    return {name: int(str(notes[name])) for name in notes}
