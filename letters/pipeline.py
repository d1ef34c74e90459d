"""The story of a build: load, plan, make, write, tell."""

from __future__ import annotations

import csv
import hashlib
import io
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Protocol

from letters import __version__, pandoc
from letters.batch import Made, Order, Workshop, make_all
from letters.copies import copy_id, copy_projects, original_of
from letters.files import remove_temporary, sha256, write_whole
from letters.ledger import Entry, Ledger
from letters.model import DOCX, PDF
from letters.plan import Digests, Plan, Step, make_plan, path_of
from letters.problems import CannotGoOn, Exit, Problem
from letters.project import Project

_WRITTEN_TOGETHER = 16
"""Documents whose hashes are announced to the ledger in one go before they are put in place."""
_TOOLS = {PDF: ("weasyprint", "pydyf", "jinja2"), DOCX: ("docxtpl", "python-docx", "lxml", "jinja2")}


class Reporter(Protocol):
    """Hears how a build goes on."""

    def start(self, steps: Sequence[Step]) -> None:
        """Hear what is going to be made."""

    def made(self, made: Made) -> None:
        """Hear of one document that is finished, or failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What to build and how."""

    out: Path
    """The output folder of the letter."""
    media: tuple[str, ...] = (PDF, DOCX)
    only: tuple[str, ...] = ()
    """Ids of the recipients to build for; empty means all."""
    copies: bool = False
    """Whether to make the PDFs of the copies, too."""
    jobs: int = 1
    new_executor: Callable[[], Executor]
    now: str
    """The moment, in ISO 8601, for the ledger; no document depends on it."""


@dataclass(slots=True)
class Report:
    """What a build did."""

    made: list[Entry] = field(default_factory=list)
    current: list[Entry] = field(default_factory=list)
    edited: list[tuple[str, str]] = field(default_factory=list)
    failures: list[Made] = field(default_factory=list)

    def pages(self) -> int:
        """Count the pages of all letters that are there."""
        return sum(entry.pages for entry in (*self.made, *self.current))


def plan_build(project: Project, ledger: Ledger, out: Path, media: Iterable[str]) -> Plan:
    """Plan what a build of a project has to do."""
    media = tuple(media)
    digests = {medium: digests_of(project, medium) for medium in media}
    return make_plan(project.letters, media, digests, ledger, out)


def build(project: Project, problems: Sequence[Problem], options: Options, reporter: Reporter) -> Report:
    """Make every document that is missing or out of date, and write the manifest, which tells what stopped the others.

    Raises CannotGoOn when the output cannot be written; what is finished by then is kept and known to the ledger.
    """
    chosen = project.narrowed(options.only) if options.only else project
    report = Report()
    with Ledger(options.out / "ledger.sqlite") as ledger:
        for medium in options.media:
            remove_temporary(options.out / medium)
        for each, media in variants(chosen, options):
            _build_variant(each, media, ledger, options, report, reporter)
        write_whole(options.out / "manifest.csv", _manifest(project, problems, ledger, options.out).encode())
    return report


def variants(project: Project, options: Options) -> list[tuple[Project, tuple[str, ...]]]:
    """List what a build makes: the letters in their media, then each copy as PDF."""
    copies = copy_projects(project) if options.copies else ()
    return [(project, options.media), *((each, (PDF,)) for each in copies)]


def _build_variant(
    project: Project, media: tuple[str, ...], ledger: Ledger, options: Options, report: Report, reporter: Reporter
) -> None:
    plan = plan_build(project, ledger, options.out, media)
    report.current += plan.current
    report.edited += plan.edited
    steps = _without_edited(plan.steps, report.edited)
    reporter.start(steps)
    digests = {medium: digests_of(project, medium) for medium in media}
    used = {letter.recipient.id: letter.digest for letter in project.letters}
    for batch in _batches(_make(project, steps, options), report, reporter):
        report.made += _write(batch, ledger, digests, used, options)


def _without_edited(steps: Sequence[Step], edited: Sequence[tuple[str, str]]) -> list[Step]:
    """Leave out the PDF of a letter whose draft was edited, and its copies: they would not say what the draft says."""
    drafts = {identifier for identifier, medium in edited if medium == DOCX}
    return [step for step in steps if original_of(step.letter.recipient.id) not in drafts]


def _make(project: Project, steps: Sequence[Step], options: Options) -> Iterator[Made]:
    digest = "".join(digests_of(project, medium).template for medium in (PDF, DOCX))
    workshop = Workshop(digest, project.template, project.folder, project.templates, project.campaign.date)
    media: dict[str, list[str]] = {}
    letters = {step.letter.recipient.id: step.letter for step in steps}
    for step in steps:
        media.setdefault(step.letter.recipient.id, []).append(step.medium)
    orders = [Order(letter, tuple(media[identifier])) for identifier, letter in letters.items()]
    return make_all(workshop, orders, options.new_executor, options.jobs)


def _batches(results: Iterator[Made], report: Report, reporter: Reporter) -> Iterator[list[Made]]:
    """Gather finished documents into batches for writing; failures go to the report."""
    batch: list[Made] = []
    try:
        for made in results:
            reporter.made(made)
            if made.failure:
                report.failures.append(made)
                continue
            batch.append(made)
            if len(batch) == _WRITTEN_TOGETHER:
                yield batch
                batch = []
    except KeyboardInterrupt:
        yield batch
        raise
    yield batch


def _write(
    batch: Sequence[Made], ledger: Ledger, digests: dict[str, Digests], used: dict[str, str], options: Options
) -> list[Entry]:
    hashes = [sha256(made.content) for made in batch]
    ledger.announce((made.id, made.medium, digest) for made, digest in zip(batch, hashes, strict=True))
    entries = []
    try:
        for made, digest in zip(batch, hashes, strict=True):
            path = path_of(options.out, made.id, made.medium)
            write_whole(path, made.content)
            sources = digests[made.medium]
            entries.append(
                Entry(
                    made.id,
                    made.medium,
                    sources.template,
                    sources.tools,
                    used[made.id],
                    digest,
                    len(made.content),
                    made.pages,
                    path.stat().st_mtime_ns,
                    options.now,
                )
            )
    finally:
        ledger.record(entries)
    return entries


def digests_of(project: Project, medium: str) -> Digests:
    """Hash all that a document in a medium is made from but the values."""
    hashed = hashlib.sha256()
    if medium == DOCX:
        hashed.update(project.template.word)
    else:
        for part in project.template.parts:
            hashed.update(part.html.encode() + b"\0")
        for name, content in project.resources:
            hashed.update(name.encode() + b"\0" + hashlib.sha256(content).digest())
    tools = [
        f"letters {__version__}",
        f"pandoc {pandoc.version()}",
        *(f"{name} {version(name)}" for name in _TOOLS[medium]),
    ]
    return Digests(hashed.hexdigest(), sha256("\n".join(tools).encode()))


def _manifest(project: Project, problems: Sequence[Problem], ledger: Ledger, out: Path) -> str:
    """Write the list of all letters, made or not, as CSV."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["id", "agency", "state", "reason", "pages", "pdf", "pdf_sha256", "docx", "docx_sha256"])
    entries = {medium: ledger.entries(medium) for medium in (PDF, DOCX)}
    reasons = project.held_reasons(problems)
    for recipient in project.recipients:
        reason = reasons.get(recipient.id, "")
        files = [*_listed(recipient.id, PDF, entries, out, reason), *_listed(recipient.id, DOCX, entries, out, reason)]
        state = "held" if reason else "made"
        writer.writerow([recipient.id, recipient["agency"], state, reason, *files])
        for number, copy in enumerate(project.campaign.copies, start=1):
            listed = _listed(copy_id(recipient.id, number), PDF, entries, out, reason)
            if listed[1]:
                name = copy_id(recipient.id, number)
                writer.writerow([name, recipient["agency"], "copy", f"for {copy.name}", *listed, "", ""])
    return text.getvalue()


def _listed(
    identifier: str, medium: str, entries: Mapping[str, Mapping[str, Entry]], out: Path, reason: str
) -> list[object]:
    """List the file of a document as the manifest does: its pages if it is a PDF, its name, its hash."""
    entry = entries[medium].get(identifier)
    there = entry is not None and path_of(out, identifier, medium).is_file() and not reason
    pages: list[object] = [entry.pages if entry and there else ""] if medium == PDF else []
    return [*pages, *([f"{medium}/{identifier}.{medium}", entry.sha256] if entry and there else ["", ""])]


def count_reasons(reasons: Iterable[str]) -> list[tuple[str, int]]:
    """Count equal reasons, the most frequent first."""
    return Counter(reasons).most_common()


def preview_one(project: Project, options: Options) -> Path:
    """Make the PDF of the one letter of a project apart from the real ones, and tell where it is."""
    steps = [Step(project.letters[0], PDF, "preview")]
    (made,) = _make(project, steps, options)
    if made.failure:
        raise CannotGoOn(Exit.PROBLEMS, f"{made.id}: {made.failure}")
    path = options.out / "preview" / f"{made.id}.pdf"
    write_whole(path, made.content)
    return path
