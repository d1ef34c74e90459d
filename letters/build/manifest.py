"""Writes manifest.csv: every letter of the list, made or not, with its files and their hashes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from letters.campaign.ledger import Entry, Ledger, path_of
from letters.campaign.load import Project
from letters.formats.files import write_whole
from letters.formats.spreadsheet import csv_bytes
from letters.model.problems import Problem
from letters.model.records import DOCX, PDF, copy_id

_COLUMNS = ("id", "agency", "state", "reason", "pages", "pdf", "pdf_sha256", "docx", "docx_sha256")


def write_manifest(project: Project, problems: Sequence[Problem], ledger: Ledger, out: Path) -> None:
    """Write the manifest of a letter to its output folder; raises CannotGoOn when it cannot be written.

    A row is "made", or "held" with the reason why there is no letter, or "copy" where the PDF of a copy was made.
    """
    rows: list[Sequence[object]] = [_COLUMNS]
    reasons = project.held_reasons(problems)
    pdfs, drafts = ledger.entries(PDF), ledger.entries(DOCX)
    for recipient in project.recipients:
        reason = reasons.get(recipient.id, "")
        state = "held" if reason else "made"
        files = ["", "", "", "", ""] if reason else [*_pdf(recipient.id, pdfs, out), *_docx(recipient.id, drafts, out)]
        rows.append([recipient.id, recipient["agency"], state, reason, *files])
        for number, copy in enumerate(project.campaign.copies, start=1):
            name = copy_id(recipient.id, number)
            pages, file, digest = _pdf(name, pdfs, out)
            if file and not reason:
                rows.append([name, recipient["agency"], "copy", f"for {copy.name}", pages, file, digest, "", ""])
    write_whole(out / "manifest.csv", csv_bytes(rows))


def _pdf(identifier: str, entries: Mapping[str, Entry], out: Path) -> tuple[str, str, str]:
    """Return the pages, the name and the hash of a PDF; nothing where it is not there."""
    entry = _entry(identifier, PDF, entries, out)
    return (str(entry.pages), f"{PDF}/{identifier}.{PDF}", entry.sha256) if entry else ("", "", "")


def _docx(identifier: str, entries: Mapping[str, Entry], out: Path) -> tuple[str, str]:
    """Return the name and the hash of a DOCX; nothing where it is not there."""
    entry = _entry(identifier, DOCX, entries, out)
    return (f"{DOCX}/{identifier}.{DOCX}", entry.sha256) if entry else ("", "")


def _entry(identifier: str, medium: str, entries: Mapping[str, Entry], out: Path) -> Entry | None:
    """Return what the ledger has of a file that is still there."""
    entry = entries.get(identifier)
    return entry if entry and path_of(out, identifier, medium).is_file() else None
