"""Puts rendered documents in place: announced to the ledger, never over what a person edited, then recorded.

manifest.csv lists every letter of the list, made or not, with its files and their hashes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from letters.build.jobs import RenderedDocument
from letters.build.plan import Digests, is_damaged
from letters.campaign.ledger import Entry, Ledger, path_of
from letters.campaign.load import Project
from letters.drafts.box import KEPT, Draft, parts_to_keep
from letters.formats.cache import Cache, program_hash
from letters.formats.files import csv_bytes, put_in_place, sha256, sha256_of, write_part, write_whole
from letters.formats.ooxml import Filling
from letters.model.problems import CannotGoOn, Problem
from letters.model.records import DOCX, PDF, MergedLetter, copy_id

_COLUMNS = ("id", "agency", "state", "reason", "pages", "pdf", "pdf_sha256", "docx", "docx_sha256")


class DocumentSource(NamedTuple):
    """What a document is made from, for its entry in the ledger."""

    template: str
    tools: str
    used: str
    keep: Draft | None
    """A draft that was only saved again, to be kept aside before it is replaced."""


class PlacedDocuments(NamedTuple):
    """The outcome of putting rendered documents in place."""

    entries: list[Entry]
    """Those that are in place."""
    edited: list[tuple[str, str]]
    """Id and medium of those whose place holds what a person saved meanwhile."""


def place(
    documents: Sequence[RenderedDocument],
    source_of: Callable[[RenderedDocument], DocumentSource],
    ledger: Ledger,
    out: Path,
    now: str,
) -> PlacedDocuments:
    """Give documents their final names, and record them in the ledger.

    Raises CannotGoOn when one cannot be written, after all others are in place.
    """
    # The ledger knows the hashes before the files are there: a run that is killed in between leaves files that are
    # known as ours, and not mistaken for edited ones.
    ledger.announce((each.id, each.medium, each.sha256) for each in documents)
    _keep_originals([each for each in documents if each.medium == DOCX], ledger)
    placed = PlacedDocuments([], [])
    failures: list[CannotGoOn] = []
    try:
        for document in documents:
            try:
                _place_one(document, source_of(document), ledger, out, now, placed)
            except CannotGoOn as error:
                failures.append(error)
    finally:
        _record(ledger, placed.entries)
    if failures:
        raise failures[0]
    return placed


def _place_one(
    document: RenderedDocument, source: DocumentSource, ledger: Ledger, out: Path, now: str, placed: PlacedDocuments
) -> None:
    path = path_of(out, document.id, document.medium)
    part = document.part or write_part(path, document.content, os.getpid())
    if not _may_be_replaced(path, document, ledger, source, out):
        # Somebody saved the file while the letter was being made.
        part.unlink()
        placed.edited.append((document.id, document.medium))
        return
    status = put_in_place(part, path)
    placed.entries.append(_entry(document, source, status, now))


def _entry(document: RenderedDocument, source: DocumentSource, status: os.stat_result, now: str) -> Entry:
    return Entry(
        id=document.id,
        medium=document.medium,
        template=source.template,
        tools=source.tools,
        used=source.used,
        sha256=document.sha256,
        size=status.st_size,
        pages=document.pages,
        modified=status.st_mtime_ns,
        made_at=now,
    )


def adopt(
    documents: Sequence[RenderedDocument],
    source_of: Callable[[RenderedDocument], DocumentSource],
    ledger: Ledger,
    out: Path,
    now: str,
) -> list[Entry]:
    """Record files that are byte for byte what was just rendered, as if they had been put in place; return these."""
    same = [each for each in documents if sha256_of(path_of(out, each.id, each.medium)) == each.sha256]
    ledger.announce((each.id, each.medium, each.sha256) for each in same)
    _keep_originals([each for each in same if each.medium == DOCX], ledger)
    entries = [_entry(each, source_of(each), path_of(out, each.id, each.medium).stat(), now) for each in same]
    ledger.record(entries)
    return entries


def _keep_originals(drafts: Sequence[RenderedDocument], ledger: Ledger) -> None:
    """Keep what DOCX files say, by their hashes: an edited draft is compared with it."""
    unknown = ledger.keep_fillings([(each.sha256, _filling(each)) for each in drafts])
    new = ((each, each.part.read_bytes() if each.part else each.content) for each in drafts if each.sha256 in unknown)
    ledger.keep_bases((each.sha256, parts_to_keep(content)) for each, content in new)


def _filling(document: RenderedDocument) -> Filling | None:
    """Return what a DOCX was spliced from, with the text of its skeleton where a worker has written that to a file."""
    if document.filling is None or document.skeleton is None:
        return document.filling
    text = document.skeleton.read_bytes()
    document.skeleton.unlink()
    return document.filling._replace(text=text)


def _record(ledger: Ledger, entries: Sequence[Entry]) -> None:
    """Record files that are in place, also where Ctrl-C comes just then and undoes what was half recorded."""
    try:
        ledger.record(entries)
    except KeyboardInterrupt:
        ledger.record(entries)
        raise


def _may_be_replaced(path: Path, document: RenderedDocument, ledger: Ledger, source: DocumentSource, out: Path) -> bool:
    """Look again right before a file is replaced: somebody may have saved it while the letters were being made.

    A draft that was only saved again is kept aside, and so is a PDF that was damaged.
    """
    # Not a draft that somebody has changed since it was looked at.
    if source.keep and sha256_of(source.keep.path) == source.keep.sha256:
        set_aside(source.keep.path, out)
        source.keep.path.unlink()
    there = sha256_of(path)
    if not there or ledger.ours(document.id, document.medium, there):
        return True
    if document.medium == PDF and is_damaged(path, ledger.entry(document.id, PDF), ledger):
        set_aside(path, out)
        return True
    return False


def set_aside(path: Path, out: Path) -> Path:
    """Copy a file to the folder of kept ones, under a name that holds its hash; return where it is."""
    content = path.read_bytes()
    # The hash keeps several versions of one draft apart, and one that is kept twice is one file.
    kept = out / KEPT / f"{path.stem} {sha256(content)[:8]}{path.suffix}"
    write_whole(kept, content)
    return kept


def note_made(cache: Cache, entries: Iterable[Entry]) -> None:
    """Note that this program made the files of entries: as long as they are so, an audit need not make them again."""
    for entry in entries:
        cache.put(_made_key(entry.id, entry.medium, entry.template, entry.tools, entry.used, entry.sha256), b"made")


def is_as_made(cache: Cache, letter: MergedLetter, medium: str, digests: Digests, content_hash: str) -> bool:
    """Return whether this program made a file with this hash of what a letter and its template say now."""
    key = _made_key(
        letter.recipient.id, medium, digests.template_of(archive=False), digests.tools, letter.digest, content_hash
    )
    return cache.get(key) is not None


def _made_key(*parts: str) -> str:
    # Unlike the ledger, the cache is believed: its entries are signed, and the key names all that the bytes depend on.
    return " ".join(("made", program_hash(), *parts))


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
        # A held row has no files, though those of an earlier build may be there: nothing is to be sent by it.
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
    entry = _recorded(identifier, PDF, entries, out)
    return (str(entry.pages), f"{PDF}/{identifier}.{PDF}", entry.sha256) if entry else ("", "", "")


def _docx(identifier: str, entries: Mapping[str, Entry], out: Path) -> tuple[str, str]:
    """Return the name and the hash of a DOCX; nothing where it is not there."""
    entry = _recorded(identifier, DOCX, entries, out)
    return (f"{DOCX}/{identifier}.{DOCX}", entry.sha256) if entry else ("", "")


def _recorded(identifier: str, medium: str, entries: Mapping[str, Entry], out: Path) -> Entry | None:
    """Return what the ledger has of a file that is still there."""
    entry = entries.get(identifier)
    return entry if entry and path_of(out, identifier, medium).is_file() else None
