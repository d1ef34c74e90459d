"""The story of a build: load, plan, make, write, tell."""

from __future__ import annotations

import csv
import functools
import hashlib
import io
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Protocol

from letters import __version__, pandoc
from letters.batch import Deal, Made, Order, Workshop, make_all, order, size_of_job
from letters.copies import copy_id, copy_projects, is_copy
from letters.dealing import Dealer
from letters.drafting import KEPT, DraftBox, parts_to_keep
from letters.files import remove_temporary, sha256, sha256_of, write_together, write_whole
from letters.ledger import Entry, Ledger
from letters.model import DOCX, PDF, MergedLetter
from letters.plan import Digests, Draft, Plan, Step, make_plan, path_of, plan_copies, used_as_word
from letters.problems import CannotGoOn, Exit, Problem
from letters.project import Project
from letters.proving import choose
from letters.versions import version

_CACHE = ".cache"
"""The folder of what workers and later builds may share; safe to delete."""
_WRITTEN_TOGETHER = 64
"""Documents whose hashes are announced to the ledger in one go before they are put in place."""
_TOOLS = {PDF: ("weasyprint", "pydyf", "fonttools", "jinja2"), DOCX: ("docxtpl", "python-docx", "lxml", "jinja2")}


class Reporter(Protocol):
    """Hears how a build goes on."""

    def start(self, steps: Sequence[Step]) -> None:
        """Hear what is going to be made."""

    def made(self, made: Made) -> None:
        """Hear of one document that is finished, or failed."""


class Options(NamedTuple):
    """What to build and how."""

    out: Path
    """The output folder of the letter."""
    new_executor: Callable[[], Executor]
    now: str
    """The moment, in ISO 8601, for the ledger; no document depends on it."""
    media: tuple[str, ...] = (PDF, DOCX)
    only: tuple[str, ...] = ()
    """Ids of the recipients to build for; empty means all."""
    copies: bool = False
    """Whether to make the PDFs of the copies, too."""
    as_word: bool = False
    """Whether LibreOffice makes the PDFs of edited drafts, so that they look as in Word."""
    plain: bool = False
    """Whether to leave every letter to docxtpl and WeasyPrint alone."""
    strict: bool = False
    """Whether what is otherwise a warning is an error."""
    prove: float = 0
    """The percentage of letters to make the plain way, too, and compare; 0 proves none."""
    jobs: int = 1


class Fallback(NamedTuple):
    """Why an engine left documents to the plain way."""

    medium: str
    reason: str
    unexpected: bool
    """Whether that was a fault of the engine, and not a letter that it is not made for."""


class Document(NamedTuple):
    """A document that was made."""

    id: str
    medium: str
    pages: int


@dataclass(slots=True)
class Report:
    """What a build did."""

    made: list[Document] = field(default_factory=list)
    current: list[Entry] = field(default_factory=list)
    edited: list[tuple[str, str]] = field(default_factory=list)
    drafts: dict[str, Draft] = field(default_factory=dict)
    """The edited drafts, by id of the recipient."""
    stuck: dict[str, str] = field(default_factory=dict)
    """Why nothing was done about a letter before a person decides something, by id."""
    failures: list[Made] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)
    """How letters that were proved differ from the plain way, each beginning with its path."""
    proved: int = 0
    """How many documents were compared."""
    fallbacks: Counter[Fallback] = field(default_factory=Counter)
    """How many documents were made the plain way though nobody asked for it, and why."""

    def engine_failed(self) -> bool:
        """Return whether an engine met an error that it was not made for."""
        return any(fallback.unexpected for fallback in self.fallbacks)


def plan_build(
    project: Project,
    ledger: Ledger,
    out: Path,
    media: Iterable[str],
    originals: Plan | None = None,
    *,
    as_word: bool = False,
) -> Plan:
    """Plan what a build of a project has to do; for a project of copies, given the plan of the originals."""
    digests = {medium: digests_of(project, medium) for medium in (PDF, DOCX)}
    box = DraftBox(project, ledger, out)
    if originals is not None:
        return plan_copies(project.letters, digests, ledger, out, box, originals)
    return make_plan(project.letters, media, digests, ledger, out, box, as_word=as_word)


def build(project: Project, problems: Sequence[Problem], options: Options, reporter: Reporter) -> Report:
    """Make every document that is missing or out of date, and write the manifest, which tells what stopped the others.

    Raises CannotGoOn when the output cannot be written; what is finished by then is kept and known to the ledger.
    """
    chosen = project.narrowed(options.only) if options.only else project
    report = Report()
    with Ledger(options.out / "ledger.sqlite") as ledger:
        for folder in (*options.media, _CACHE):
            remove_temporary(options.out / folder)
        for each, plan in zip(variants(chosen, options), plans_of(chosen, ledger, options), strict=True):
            _carry_out(each[0], plan, ledger, options, report, reporter)
        write_whole(options.out / "manifest.csv", _manifest(project, problems, ledger, options.out))
    return report


def variants(project: Project, options: Options) -> list[tuple[Project, tuple[str, ...]]]:
    """List what a build makes: the letters in their media, then each copy as PDF."""
    copies = copy_projects(project) if options.copies else ()
    return [(project, options.media), *((each, (PDF,)) for each in copies)]


def plans_of(project: Project, ledger: Ledger, options: Options) -> list[Plan]:
    """Plan each variant of a build; the copies after the letters that they are copies of."""
    plans: list[Plan] = []
    for each, media in variants(project, options):
        plans.append(plan_build(each, ledger, options.out, media, plans[0] if plans else None, as_word=options.as_word))
    return plans


def _carry_out(
    project: Project, plan: Plan, ledger: Ledger, options: Options, report: Report, reporter: Reporter
) -> None:
    report.current += plan.current
    report.edited += plan.edited
    report.drafts |= plan.drafts
    report.stuck |= plan.stuck
    reporter.start(plan.steps)
    source_of = _sources(project, plan, ledger, options)
    for batch in _batches(_make(project, plan.steps, options, report), report, reporter):
        written = _write(batch, ledger, source_of, report, options)
        report.made += (Document(entry.id, entry.medium, entry.pages) for entry in written)


class _Source(NamedTuple):
    """What a document is made from, for its entry in the ledger."""

    template: str
    tools: str
    used: str
    keep: Draft | None


def _sources(project: Project, plan: Plan, ledger: Ledger, options: Options) -> Callable[[Made], _Source]:
    """Return what tells of a document what it was made from."""
    digests = {medium: digests_of(project, medium) for medium in (PDF, DOCX)}
    of_drafts = DraftBox(project, ledger, options.out).template()
    steps: dict[str, dict[str, Step]] = {PDF: {}, DOCX: {}}
    for step in plan.steps:
        steps[step.medium][step.letter.recipient.id] = step

    def source(made: Made) -> _Source:
        step, common = steps[made.medium][made.id], digests[made.medium]
        template, used = common.template, step.letter.digest
        if step.draft:
            template = of_drafts
            used = used_as_word(step.draft) if _looks_as_in_word(step, options) else step.draft.used
        return _Source(template, common.tools, used, step.keep)

    return source


def _make(project: Project, steps: Sequence[Step], options: Options, report: Report) -> Iterator[Made]:
    """Make documents; first those to be proved, and the others the plain way if one of them is not as it should be."""
    digest = "".join(digests_of(project, medium).template for medium in (PDF, DOCX))
    workshop = Workshop(
        digest,
        project.template,
        project.folder.resolve(),
        project.templates.resolve(),
        project.campaign.date,
        cache=(options.out / _CACHE).resolve(),
    )
    generated = [step for step in steps if step.draft is None]
    sample = _sample(generated, options, digest)
    chosen = [step for step in generated if step.letter.recipient.id in sample]
    for made in make_all(workshop, _deal(project, chosen, prove=True), options.new_executor, options.jobs):
        report.proved += not made.failure
        report.differences += [f"{made.medium}/{made.id}.{made.medium}: {each}" for each in made.differences]
        yield made
    if options.plain or report.differences:
        workshop = workshop._replace(digest=f"{digest} plain", plain=True)
    others = [step for step in generated if step.letter.recipient.id not in sample]
    yield from make_all(workshop, _deal(project, others), options.new_executor, options.jobs)
    for step in steps:
        if step.draft is not None:
            yield _made_of_draft(project, step, step.draft, options)


def _made_of_draft(project: Project, step: Step, draft: Draft, options: Options) -> Made:
    from letters.draft_pdfs import make_pdf, make_pdf_as_word

    return (
        make_pdf_as_word(project, draft) if _looks_as_in_word(step, options) else make_pdf(project, step.letter, draft)
    )


def _looks_as_in_word(step: Step, options: Options) -> bool:
    """Tell whether LibreOffice makes a PDF; a copy bears a line that Word knows nothing of."""
    return options.as_word and not is_copy(step.letter.recipient.id)


def _sample(steps: Sequence[Step], options: Options, digest: str) -> frozenset[str]:
    return choose((step.letter.recipient.id for step in steps), options.prove, digest) if options.prove else frozenset()


def _deal(project: Project, steps: Sequence[Step], *, prove: bool = False) -> Deal:
    """Deal out letters, those of one kind together; within a kind the shorter ones have fewer lines."""
    media: dict[str, tuple[str, ...]] = {}
    known: dict[tuple[str, ...], tuple[str, ...]] = {}
    letters: list[MergedLetter] = []
    for step in steps:
        identifier = step.letter.recipient.id
        if identifier not in media:
            letters.append(step.letter)
        both = (*media.get(identifier, ()), step.medium)
        media[identifier] = known.setdefault(both, both)
    most = min(map(size_of_job, media.values()), default=0)
    dealer = Dealer(letters, lambda letter: letter.kind, lambda letter: letter.length)

    def deal(worker: int) -> Sequence[Order]:
        dealt = dealer.deal(worker, most)
        return [order(each, media[each.recipient.id], project.template.statics, prove=prove) for each in dealt]

    return deal


def _batches(results: Iterator[Made], report: Report, reporter: Reporter) -> Iterator[list[Made]]:
    """Gather finished documents into batches for writing; failures go to the report."""
    batch: list[Made] = []
    try:
        for made in results:
            reporter.made(made)
            if made.failure:
                report.failures.append(made)
                continue
            if made.fallback:
                report.fallbacks[Fallback(made.medium, made.fallback, made.unexpected)] += 1
            batch.append(made)
            if len(batch) == _WRITTEN_TOGETHER:
                yield batch
                batch = []
    except KeyboardInterrupt:
        yield batch
        raise
    yield batch


def _write(
    batch: Sequence[Made],
    ledger: Ledger,
    source_of: Callable[[Made], _Source],
    report: Report,
    options: Options,
) -> list[Entry]:
    """Announce documents to the ledger, put them in place, and record those that are there."""
    ledger.announce((made.id, made.medium, made.sha256) for made in batch)
    drafts = [made for made in batch if made.medium == DOCX]
    unknown = ledger.keep_fillings([(made.sha256, made.filling) for made in drafts])
    ledger.keep_bases((made.sha256, parts_to_keep(made.content)) for made in drafts if made.sha256 in unknown)
    sources = [source_of(made) for made in batch]
    paths = [path_of(options.out, made.id, made.medium) for made in batch]

    def may_be_put(number: int) -> bool:
        if _may_be_replaced(paths[number], batch[number], ledger, sources[number], options.out):
            return True
        report.edited.append((batch[number].id, batch[number].medium))
        return False

    entries: list[Entry] = []
    try:
        contents = [made.content for made in batch]
        for number, modified in write_together(list(zip(paths, contents, strict=True)), may_be_put):
            made, source = batch[number], sources[number]
            entries.append(
                Entry(
                    made.id,
                    made.medium,
                    source.template,
                    source.tools,
                    source.used,
                    made.sha256,
                    len(made.content),
                    made.pages,
                    modified,
                    options.now,
                )
            )
    finally:
        _record(ledger, entries)
    return entries


def _record(ledger: Ledger, entries: Sequence[Entry]) -> None:
    """Record files that are in place, also where Ctrl-C comes just then and undoes what was half recorded."""
    try:
        ledger.record(entries)
    except KeyboardInterrupt:
        ledger.record(entries)
        raise


def _may_be_replaced(path: Path, made: Made, ledger: Ledger, source: _Source, out: Path) -> bool:
    """Look again right before a file is replaced: somebody may have saved it while the letters were being made.

    A draft that was only saved again is kept aside.
    """
    if source.keep and sha256_of(source.keep.path) == source.keep.sha256:
        set_aside(source.keep.path, out)
        source.keep.path.unlink()
    there = sha256_of(path)
    return not there or ledger.ours(made.id, made.medium, there)


def set_aside(path: Path, out: Path) -> Path:
    """Copy a file to the folder of kept ones, under a name that tells its content, and tell where it is."""
    content = path.read_bytes()
    kept = out / KEPT / f"{path.stem} {sha256(content)[:8]}{path.suffix}"
    write_whole(kept, content)
    return kept


def digests_of(project: Project, medium: str) -> Digests:
    """Hash all that a document in a medium is made from but the values."""
    hashed = hashlib.sha256()
    if medium == DOCX:
        hashed.update(project.template.word)
    else:
        for part in project.template.parts:
            hashed.update(part.html.encode() + b"\0")
        for name, content in project.resources:
            hashed.update(name.encode() + b"\0" + _digest(content))
    return Digests(hashed.hexdigest(), _tools(medium))


@functools.lru_cache(100)  # a build asks three times for those of its fonts
def _digest(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


@functools.cache
def _tools(medium: str) -> str:
    """Hash the versions of what makes a document in a medium."""
    tools = [
        f"letters {__version__}",
        f"pandoc {pandoc.version()}",
        *(f"{name} {version(name)}" for name in _TOOLS[medium]),
    ]
    return sha256("\n".join(tools).encode())


def _manifest(project: Project, problems: Sequence[Problem], ledger: Ledger, out: Path) -> bytes:
    """Write the list of all letters, made or not, as CSV."""
    content = io.BytesIO()
    text = io.TextIOWrapper(content, "utf-8", newline="", write_through=True)
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["id", "agency", "state", "reason", "pages", "pdf", "pdf_sha256", "docx", "docx_sha256"])
    reasons = project.held_reasons(problems)
    pdfs, drafts = ledger.entries(PDF), ledger.entries(DOCX)
    for recipient in project.recipients:
        reason = reasons.get(recipient.id, "")
        files = [
            *_listed(recipient.id, PDF, pdfs.get(recipient.id), out, reason),
            *_listed(recipient.id, DOCX, drafts.get(recipient.id), out, reason),
        ]
        state = "held" if reason else "made"
        writer.writerow([recipient.id, recipient["agency"], state, reason, *files])
        for number, copy in enumerate(project.campaign.copies, start=1):
            name = copy_id(recipient.id, number)
            listed = _listed(name, PDF, pdfs.get(name), out, reason)
            if listed[1]:
                writer.writerow([name, recipient["agency"], "copy", f"for {copy.name}", *listed, "", ""])
    return content.getvalue()


def _listed(identifier: str, medium: str, entry: Entry | None, out: Path, reason: str) -> list[object]:
    """List the file of a document as the manifest does: its pages if it is a PDF, its name, its hash."""
    there = entry is not None and path_of(out, identifier, medium).is_file() and not reason
    pages: list[object] = [entry.pages if entry and there else ""] if medium == PDF else []
    return [*pages, *([f"{medium}/{identifier}.{medium}", entry.sha256] if entry and there else ["", ""])]


def count_reasons(reasons: Iterable[str]) -> list[tuple[str, int]]:
    """Count equal reasons, the most frequent first."""
    return Counter(reasons).most_common()


def preview_one(project: Project, options: Options) -> Path:
    """Make the PDF of the one letter of a project apart from the real ones, and tell where it is.

    It shows the edited draft where there is one.
    """
    with Ledger(options.out / "ledger.sqlite") as ledger:
        drafts = plan_build(project, ledger, options.out, ()).drafts
    letter = project.letters[0]
    steps = [Step(letter, PDF, "preview", draft=drafts.get(letter.recipient.id))]
    (made,) = _make(project, steps, options, Report())
    if made.failure:
        raise CannotGoOn(Exit.PROBLEMS, f"{made.id}: {made.failure}")
    path = options.out / "preview" / f"{made.id}.pdf"
    write_whole(path, made.content)
    return path
