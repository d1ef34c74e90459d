"""The story of a build: plan what is missing or out of date, render it, put it in place, write the manifest."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import closing
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import NamedTuple, Protocol

from letters.build.executors import InProcess
from letters.build.jobs import (
    RenderedDocument,
    RenderJob,
    RenderSetup,
    chunk_size,
    for_archive,
    render_all,
    render_job,
    schedule,
)
from letters.build.placing import DocumentSource, note_made, place, write_manifest
from letters.build.placing import adopt as adopt_files
from letters.build.plan import Plan, Step, digests_of, looks_as_word, plan_build
from letters.campaign.ledger import LEDGER, Entry, Ledger, path_of
from letters.campaign.load import Project
from letters.campaign.project import copy_projects
from letters.drafts.as_word import DocxSource, make_pdfs, opened_draft
from letters.drafts.box import Draft, DraftBox, DraftPdf, make_pdf, used_as_word
from letters.formats import programs
from letters.formats.cache import Cache
from letters.formats.files import remove_temporary, sha256, write_whole
from letters.formats.pdf_text import draw_side_by_side
from letters.model.problems import CannotGoOn, Exit, Problem
from letters.model.records import DOCX, PDF, MergedLetter, is_copy
from letters.render.proof import choose

CACHE = ".cache"
"""The folder of what workers and later builds may share; safe to delete."""
_SHOWN_PAGES = 2
"""Pages of each medium that a picture of the looks shows."""
_AT_ONCE = 16
"""Letters that one run of LibreOffice for each process makes: few enough that progress shows."""
_COPY_LINE = re.compile(r'<p class="copy-line">(.*?)</p>')


class Reporter(Protocol):
    """Hears how a build goes on."""

    def start(self, steps: Sequence[Step]) -> None:
        """Receive the steps of a plan before the first of them is carried out."""

    def made(self, made: RenderedDocument) -> None:
        """Receive one document that is finished, or failed."""


class Options(NamedTuple):
    """The options of a build."""

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
    archive: bool = False
    """Whether PDFs are to be PDF/A-3a, for the archive, though campaign.toml does not say so."""
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


@dataclass(slots=True)
class Report:
    """The outcome of a build."""

    made: list[Entry] = field(default_factory=list)
    current: list[Entry] = field(default_factory=list)
    """Documents that were up to date."""
    edited: list[tuple[str, str]] = field(default_factory=list)
    """Id and medium of documents that a person changed; they were left alone."""
    drafts: dict[str, Draft] = field(default_factory=dict)
    """The edited drafts, by id of the recipient."""
    stuck: dict[str, str] = field(default_factory=dict)
    """Why nothing was done about a letter before a person decides something, by id."""
    failures: list[RenderedDocument] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)
    """How letters that were proved differ from the plain way, each beginning with its path."""
    proved: int = 0
    """How many documents were compared."""
    fallbacks: Counter[Fallback] = field(default_factory=Counter)
    """How many documents were made the plain way though nobody asked for it, and why."""

    not_accessible: Counter[str] = field(default_factory=Counter)
    """How many PDFs do not say that they are PDF/UA, and why."""
    not_archival: Counter[str] = field(default_factory=Counter)
    """How many PDFs that were to be for the archive are not, and why."""
    other_fonts: Counter[str] = field(default_factory=Counter)
    """The fonts for which LibreOffice took others, with the number of PDFs."""

    def engine_failed(self) -> bool:
        """Return whether an engine met an error that it was not made for."""
        return any(fallback.unexpected for fallback in self.fallbacks)


def build(project: Project, problems: Sequence[Problem], options: Options, reporter: Reporter) -> Report:
    """Make every document that is missing or out of date, and write the manifest, which says what stopped the others.

    Raises CannotGoOn when the output cannot be written; what is finished by then is kept and known to the ledger.
    """
    chosen = project.narrowed(options.only) if options.only else project
    report = Report()
    with Ledger(options.out / LEDGER) as ledger:
        for medium in options.media:
            remove_temporary(options.out / medium)
        try:
            for each, plan in zip(variants(chosen, options), plans_of(chosen, ledger, options), strict=True):
                _carry_out(each[0], plan, ledger, options, report, reporter)
        finally:
            for medium in options.media:
                remove_temporary(options.out / medium, os.getpid())
        # Also where only some letters were made: the manifest is that of the whole list.
        write_manifest(project, problems, ledger, options.out)
    return report


def adopt(project: Project, options: Options, reporter: Reporter) -> tuple[list[Entry], list[tuple[str, str]]]:
    """Take files that the ledger does not know as made, where they are byte for byte what would be made now.

    Returned are the entries of these, and id and medium of the others, which stay as they are: edited by somebody, or
    made of another text or list.
    """
    taken: list[Entry] = []
    with Ledger(options.out / LEDGER) as ledger:
        unknown: list[tuple[str, str]] = []
        for each, media in variants(project, options):
            steps = [
                Step(letter, medium, "not in the ledger", archive=medium == PDF and each.campaign.archive)
                for letter in each.letters
                for medium in media
                if path_of(options.out, letter.recipient.id, medium).is_file()
                and not ledger.entry(letter.recipient.id, medium)
            ]
            reporter.start(steps)
            source_of = _sources(each, steps, ledger, options)
            for documents in _render(each, steps, options, Report(), None):
                for document in documents:
                    reporter.made(document)
                finished = [document for document in documents if not document.failure]
                taken += adopt_files(finished, source_of, ledger, options.out, options.now)
            unknown += [(step.letter.recipient.id, step.medium) for step in steps]
    # What differs stays unknown: it may be somebody's edit, and is never overwritten.
    known = {(entry.id, entry.medium) for entry in taken}
    return taken, [each for each in unknown if each not in known]


def made_anew(project: Project, steps: Sequence[Step], options: Options) -> Iterator[RenderedDocument]:
    """Yield the documents of steps as they would be made now, each with its content; nothing is written."""
    for documents in _render(project, steps, options, Report(), None):
        yield from documents


def variants(project: Project, options: Options) -> list[tuple[Project, tuple[str, ...]]]:
    """List what a build makes: the letters in their media, then each copy as PDF."""
    copies = copy_projects(project) if options.copies else ()
    return [(project, options.media), *((each, (PDF,)) for each in copies)]


def plans_of(project: Project, ledger: Ledger, options: Options) -> list[Plan]:
    """Plan each variant of a build; the copies after the letters that they are copies of."""
    plans: list[Plan] = []
    as_word, archive = options.as_word, options.archive
    for each, media in variants(project, options):
        originals = plans[0] if plans else None
        plans.append(plan_build(each, ledger, options.out, media, originals, as_word=as_word, archive=archive))
    return plans


def _carry_out(
    project: Project, plan: Plan, ledger: Ledger, options: Options, report: Report, reporter: Reporter
) -> None:
    report.current += plan.current
    report.edited += plan.edited
    report.drafts |= plan.drafts
    report.stuck |= plan.stuck
    reporter.start(plan.steps)
    cache = Cache(options.out / CACHE)
    source_of = _sources(project, plan.steps, ledger, options)
    # Closed at once where placing fails or is interrupted, so that no worker goes on writing.
    with closing(_render(project, plan.steps, options, report, options.out)) as rendered:
        for documents in rendered:
            for each in documents:
                reporter.made(each)
            report.failures += (each for each in documents if each.failure)
            finished = [each for each in documents if not each.failure]
            report.fallbacks.update(
                Fallback(each.medium, each.fallback, each.unexpected) for each in finished if each.fallback
            )
            report.other_fonts.update(name for each in finished for name in each.other_fonts)
            report.not_archival.update(each.not_archival[0] for each in finished if each.not_archival)
            report.not_accessible.update(each.not_accessible[0] for each in finished if each.not_accessible)
            placed = place(finished, source_of, ledger, options.out, options.now)
            note_made(cache, (each for each in placed.entries if each.medium == PDF))
            report.made += placed.entries
            report.edited += placed.edited


def _sources(
    project: Project, steps: Sequence[Step], ledger: Ledger, options: Options
) -> Callable[[RenderedDocument], DocumentSource]:
    """Return a function that says what a document was made from."""
    digests = {medium: digests_of(project, medium) for medium in (PDF, DOCX)}
    of_drafts = DraftBox(project, ledger, options.out).template()
    step_of = {(step.medium, step.letter.recipient.id): step for step in steps}

    def source(document: RenderedDocument) -> DocumentSource:
        step, common = step_of[document.medium, document.id], digests[document.medium]
        template, used = common.template, step.letter.digest
        if step.draft:
            template = of_drafts
            used = used_as_word(step.draft) if _is_made_as_word(project, step, options) else step.draft.used
        template = common._replace(template=template).template_of(archive=step.archive)
        return DocumentSource(template, common.tools, used, step.keep)

    return source


def _render(
    project: Project, steps: Sequence[Step], options: Options, report: Report, out: Path | None
) -> Generator[list[RenderedDocument], None, None]:
    """Render documents, a few at a time; without `out` their contents are handed over in memory.

    Those to be proved come first; if one of them differs from the plain way, all others are made the plain way.
    """
    digest = "".join(digests_of(project, medium).template for medium in (PDF, DOCX))
    setup = RenderSetup(
        digest,
        project.template,
        # A worker may have another working directory, and a cluster has.
        project.folder.resolve(),
        project.templates.resolve(),
        project.campaign.date,
        cache=(options.out / CACHE).absolute(),
        out=out.resolve() if out else None,
        run=os.getpid(),
    )
    by_word = [step for step in steps if _is_made_as_word(project, step, options)]
    steps = [step for step in steps if not _is_made_as_word(project, step, options)]
    generated = [step for step in steps if step.draft is None]
    ids = (step.letter.recipient.id for step in generated)
    sample = choose(ids, options.prove, digest) if options.prove else frozenset()
    proved = [step for step in generated if step.letter.recipient.id in sample]
    for documents in render_all(setup, _chunks(project, proved, prove=True), options.new_executor, options.jobs):
        for each in documents:
            report.proved += not each.failure
            report.differences += [f"{each.medium}/{each.id}.{each.medium}: {what}" for what in each.differences]
        yield documents
    # Under another digest, since a worker knows a setup by it and keeps renderers that remember.
    if options.plain or report.differences:
        setup = setup._replace(digest=f"{digest} plain", plain=True)
    others = [step for step in generated if step.letter.recipient.id not in sample]
    yield from render_all(setup, _chunks(project, others), options.new_executor, options.jobs)
    for step in steps:
        if step.draft is not None:
            yield [_draft_document(step, make_pdf(project, step.letter, step.draft))]
    yield from _render_as_word(project, by_word, setup, options.jobs)


def _render_docx(project: Project, setup: RenderSetup, letters: Sequence[MergedLetter]) -> list[RenderedDocument]:
    """Render the DOCX of some letters, in this process and in memory."""
    jobs = [render_job(letter, (DOCX,), project.template.statics) for letter in letters]
    rendered = render_all(setup._replace(out=None), [jobs] if jobs else [], InProcess, 1)
    return [document for documents in rendered for document in documents]


def _render_as_word(
    project: Project, steps: Sequence[Step], setup: RenderSetup, processes: int
) -> Iterator[list[RenderedDocument]]:
    """Render PDFs with LibreOffice, some at a time; a failure is a result like any other.

    Raises CannotGoOn where LibreOffice is not installed.
    """
    pages: dict[str, str] = {}
    for start in range(0, len(steps), _AT_ONCE):
        chunk = steps[start : start + _AT_ONCE]
        sources = _docx_sources(project, chunk, setup)
        letters = [each for each in sources if isinstance(each, DocxSource)]
        # Those without a DOCX are failures already; the others come back in their order.
        made = iter(make_pdfs(project, letters, processes, pages))
        pdfs = [next(made) if isinstance(each, DocxSource) else DraftPdf(failure=each) for each in sources]
        yield [_draft_document(step, pdf) for step, pdf in zip(chunk, pdfs, strict=True)]


def _docx_sources(project: Project, steps: Sequence[Step], setup: RenderSetup) -> list[DocxSource | str]:
    """Return the DOCX of each step, or why there is none: the edited draft, or what is made for that recipient now."""
    letters = [step.letter for step in steps if step.draft is None]
    # In memory: whether DOCX files are to be made, too, and where, is another matter.
    made = {document.id: document for document in _render_docx(project, setup, letters)}
    # The line at the top of copies is put in when LibreOffice has set the letter: it stands in no DOCX.
    line = _COPY_LINE.search(project.template.parts[0].html)
    printed = len(project.template.parts) if line else 0
    found: list[DocxSource | str] = []
    for step in steps:
        if step.draft is not None:
            source = opened_draft(step.draft)
        else:
            docx = made[step.letter.recipient.id]
            source = docx.failure or DocxSource(docx.content)
        if isinstance(source, DocxSource) and line:
            source = source._replace(copy_line=unescape(line[1]), printed=printed)
        found.append(source)
    return found


def _draft_document(step: Step, pdf: DraftPdf) -> RenderedDocument:
    """Return what became of a step whose PDF was made of a DOCX."""
    digest = "" if pdf.failure else sha256(pdf.content)
    document = RenderedDocument(
        step.letter.recipient.id,
        PDF,
        pdf.content,
        pdf.pages,
        pdf.failure,
        digest,
        not_accessible=pdf.not_accessible,
        other_fonts=pdf.other_fonts,
    )
    return for_archive(document) if step.archive else document


def _is_made_as_word(project: Project, step: Step, options: Options) -> bool:
    """Return whether LibreOffice makes a document: what campaign.toml says so of, and edited drafts on request."""
    on_request = options.as_word and step.draft is not None and not is_copy(step.letter.recipient.id)
    return step.medium == PDF and (on_request or looks_as_word(project))


def _chunks(project: Project, steps: Sequence[Step], *, prove: bool = False) -> Iterator[list[RenderJob]]:
    """Yield the jobs of steps in the order in which they are best rendered, each letter once with all its media."""
    letters: dict[str, MergedLetter] = {}
    media: dict[str, tuple[str, ...]] = {}
    archived = {step.letter.recipient.id for step in steps if step.archive}
    for step in steps:
        identifier = step.letter.recipient.id
        letters[identifier] = step.letter
        media[identifier] = (*media.get(identifier, ()), step.medium)
    for chunk in schedule(letters.values(), chunk_size(media.values())):
        # A letter computes its values each time it is asked: a list of all of them would fill the memory.
        yield [
            render_job(each, media[id_], project.template.statics, prove=prove, archive=id_ in archived)
            for each in chunk
            for id_ in [each.recipient.id]
        ]


def preview_pdf(project: Project, options: Options) -> bytes:
    """Return the PDF of the one letter of a project, as it would be made now.

    It shows the edited draft where there is one. Raises CannotGoOn when it cannot be made.
    """
    with Ledger(options.out / LEDGER) as ledger:
        drafts = plan_build(project, ledger, options.out, ()).drafts
    letter = project.letters[0]
    made = _make_one(project, options, Step(letter, PDF, "preview", draft=drafts.get(letter.recipient.id)))
    return made.content


def preview_one(project: Project, options: Options) -> Path:
    """Make the PDF of the one letter of a project apart from the real ones; return where it is.

    Raises CannotGoOn when it cannot be made or written.
    """
    content = preview_pdf(project, options)
    path = options.out / "preview" / f"{project.letters[0].recipient.id}.pdf"
    write_whole(path, content)
    return path


def show_media(project: Project, options: Options) -> Path:
    """Draw the first pages of the one letter of a project, the PDF beside the DOCX; return where the picture is.

    LibreOffice lays the DOCX out. Raises CannotGoOn where it is missing, or a letter cannot be made or written.
    """
    letter = project.letters[0]
    pdf, docx = (_make_one(project, options, Step(letter, medium, "preview")).content for medium in (PDF, DOCX))
    path = options.out / "preview" / "looks.png"
    in_word = programs.to_pdf(docx, project.templates / "fonts")
    write_whole(path, draw_side_by_side([pdf, in_word], _SHOWN_PAGES))
    return path


def _make_one(project: Project, options: Options, step: Step) -> RenderedDocument:
    ((made,),) = _render(project, [step], options, Report(), None)
    if made.failure:
        raise CannotGoOn(Exit.PROBLEMS, f"{made.id}: {made.failure}")
    return made
