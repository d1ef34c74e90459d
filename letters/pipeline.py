"""The story of a build: load, plan, make, write, tell."""

from __future__ import annotations

import csv
import hashlib
import io
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Protocol

from letters import __version__, pandoc
from letters.batch import Made, Order, Workshop, make_all
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
    with Ledger(options.out / "ledger.sqlite") as ledger:
        for medium in options.media:
            remove_temporary(options.out / medium)
        plan = plan_build(chosen, ledger, options.out, options.media)
        report = Report(current=plan.current, edited=plan.edited)
        steps = _without_edited(plan)
        reporter.start(steps)
        digests = {medium: digests_of(project, medium) for medium in options.media}
        used = {letter.recipient.id: letter.digest for letter in chosen.letters}
        for batch in _batches(_make(project, steps, options), report, reporter):
            report.made += _write(batch, ledger, digests, used, options)
        write_whole(options.out / "manifest.csv", _manifest(project, problems, ledger, options.out).encode())
    return report


def _without_edited(plan: Plan) -> list[Step]:
    """Leave out the PDF of a letter whose draft was edited: it would no longer say what the draft says."""
    edited = {identifier for identifier, medium in plan.edited if medium == DOCX}
    return [step for step in plan.steps if step.letter.recipient.id not in edited]


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
        files: list[object] = []
        for medium in (PDF, DOCX):
            entry = entries[medium].get(recipient.id)
            there = entry is not None and path_of(out, recipient.id, medium).is_file() and not reason
            files += [f"{medium}/{recipient.id}.{medium}", entry.sha256] if entry and there else ["", ""]
        pdf = entries[PDF].get(recipient.id)
        pages = pdf.pages if pdf and files[0] else ""
        writer.writerow([recipient.id, recipient["agency"], "held" if reason else "made", reason, pages, *files])
    return text.getvalue()


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
