"""Renders letters over any concurrent.futures executor, and survives the death of its workers.

A chunk is a few letters that are rendered by one call in a worker. With a chunk goes the hash of the setup, which is
what all letters share; a worker that does not have the setup says so, and gets it once, with the chunk sent again.

Workers that share the disk of this process write a finished document to a temporary file beside its final place, and
send back where it is: what goes through their pipe stays small. From others the content comes back. Only the process
that runs the build gives files their final names.
"""

from __future__ import annotations

import datetime
import pickle
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from functools import cached_property
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from letters.build.executors import InProcess
from letters.campaign.ledger import path_of
from letters.formats.deadline import TooSlowError, limited
from letters.formats.files import sha256, write_part
from letters.formats.ooxml import Filling
from letters.model.problems import CannotGoOn
from letters.model.records import DOCX, PDF, DocumentTemplate, MergedLetter, Values
from letters.render.proof import docx_differences, pdf_differences
from letters.render.store import lists_pages

if TYPE_CHECKING:
    from letters.render.pdf.batch import BatchPdfRenderer
    from letters.render.pdf.plain import Pdf, PdfRenderer
    from letters.render.word.batch import WordBatchRenderer
    from letters.render.word.docxtpl_internals import DocxRenderer


class RenderSetup(NamedTuple):
    """All that a worker needs besides the values of a letter: the template, and where its files are."""

    digest: str
    """The hash of the template and its looks, by which a worker knows the setup."""
    template: DocumentTemplate
    folder: Path
    templates: Path
    date: datetime.date
    plain: bool = False
    """Whether every letter is left to docxtpl and WeasyPrint alone."""
    cache: Path | None = None
    """A folder for what workers and later builds may share; safe to delete."""
    out: Path | None = None
    """The output folder of the letter, where workers that share the disk write; None has every content sent back."""
    run: int = 0
    """The number of the process that runs the build, for the names of temporary files."""


class RenderJob(NamedTuple):
    """One letter to be rendered, in one medium or both."""

    id: str
    media: tuple[str, ...]
    values: Mapping[str, object]
    """What it is rendered with, besides what is the same for all letters."""
    notes: tuple[Values, ...]
    prove: bool = False
    """Whether to make it the plain way, too, and compare."""
    archive: bool = False
    """Whether its PDF is to be one for the archive (PDF/A-3a)."""


class RenderedDocument(NamedTuple):
    """One finished document, or why there is none."""

    id: str
    medium: str
    content: bytes = b""
    """Empty where the document is in a temporary file."""
    pages: int = 0
    """Of a PDF; a DOCX has no fixed number."""
    failure: str = ""
    sha256: str = ""
    filling: Filling | None = None
    """What a DOCX was spliced from, where it was."""
    differences: tuple[str, ...] = ()
    """How it was unlike what the plain way makes, in whose place it then is not."""
    part: Path | None = None
    """The temporary file that a worker wrote."""
    skeleton: Path | None = None
    """The temporary file with the text of the filling's skeleton, where it is told for the first time."""
    fallback: str = ""
    """Why an engine left it to the plain way; empty where none did."""
    unexpected: bool = False
    """Whether that was a fault of the engine, and not a letter that it is not made for."""
    not_accessible: tuple[str, ...] = ()
    """Why a PDF does not say that it is PDF/UA."""
    other_fonts: tuple[str, ...] = ()
    """The fonts for which LibreOffice took others."""
    not_archival: tuple[str, ...] = ()
    """Why a PDF that was to be one for the archive is none."""


def for_archive(document: RenderedDocument) -> RenderedDocument:
    """Return a rendered PDF as one for the archive; as it was, with the reasons, where it cannot be one."""
    from letters.formats.pdf_archive import archived

    if document.failure:
        return document
    made = archived(document.content)
    return document._replace(content=made.content, sha256=sha256(made.content), not_archival=made.failures)


_MOST_SECONDS, _AFTER_ONE_TOO_SLOW = 15, 3
"""Of computing for one letter, and for one after a letter that took longer: the cause is most likely in all of them.

The first of its kind, with its enclosures, takes some seconds, and those after it a fraction of one.
"""
_CHUNK, _CHUNK_OF_DOCX = 4, 16
"""Letters in a chunk: few enough that Ctrl-C and a progress bar feel immediate."""
_AHEAD = 2
"""Chunks in hand for each worker, so that none waits and memory stays flat."""
_CHUNKS = 1_000
"""Chunks for which an executor is used: then others take the place of its workers, and the memory that they need for a
great variety of letters, and the holes in it, are given back. Layouts are on the disk by then."""
_DEATHS = 2
"""A letter that was alone with its worker so many times when the worker died is not tried again."""


def render_job(
    letter: MergedLetter,
    media: tuple[str, ...],
    statics: Mapping[str, object],
    *,
    prove: bool = False,
    archive: bool = False,
) -> RenderJob:
    """Return the job for a letter; what all letters share is not sent with it."""
    values = {name: value for name, value in letter.context.items() if value is not statics.get(name)}
    return RenderJob(letter.recipient.id, media, values, letter.notes, prove, archive)


def chunk_size(media: Iterable[tuple[str, ...]]) -> int:
    """Return how many letters make a chunk, if they are made in these media."""
    return _CHUNK_OF_DOCX if all(each == (DOCX,) for each in media) else _CHUNK


def schedule(letters: Iterable[MergedLetter], size: int) -> list[list[MergedLetter]]:
    """Order letters and cut them into chunks of at most so many of one kind.

    A worker lays out the first letter of a kind in full, and the others from it; layouts reach other workers through
    the cache on disk. So the first chunk of each kind comes before all others: while each worker is busy with a kind of
    its own, none is laid out twice. Within a kind the shorter letters come first, since letters of about one length
    have the same lines.
    """
    kinds: dict[int, list[MergedLetter]] = {}
    for letter in letters:
        kinds.setdefault(letter.kind, []).append(letter)
    first, others = [], []
    for alike in sorted(kinds.values(), key=len, reverse=True):
        alike.sort(key=lambda letter: letter.length)
        chunks = [alike[start : start + size] for start in range(0, len(alike), size)]
        first.append(chunks[0])
        others += chunks[1:]
    return [*first, *others]


def render_all(
    setup: RenderSetup, chunks: Iterable[Sequence[RenderJob]], new_executor: Callable[[], Executor], workers: int
) -> Iterator[list[RenderedDocument]]:
    """Render letters, and yield the documents of each chunk as it is finished; a failure is a result like any other.

    A worker that dies takes its executor with it. What was in hand is then done again by a new one, one letter at a
    time, so that none is blamed for another; a letter that kills its worker again and again is reported as failed.
    Raises CannotGoOn when a document cannot be written, or something is missing on this machine.
    """
    left = iter(chunks)
    for chunk in left:
        # A pool that is broken takes no more work, so each run has one of its own.
        executor = new_executor()
        run = _ExecutorRun(setup, executor, getattr(executor, "workers", workers) * _AHEAD)
        yield from run.all(chain([chunk], islice(left, _CHUNKS - 1)))
        yield from _render_alone(setup, run.lost, new_executor)


def _render_alone(
    setup: RenderSetup, suspects: deque[RenderJob], new_executor: Callable[[], Executor]
) -> Iterator[list[RenderedDocument]]:
    """Render letters that were in hand when a worker died, one at a time."""
    deaths: Counter[str] = Counter()
    while suspects:
        run = _ExecutorRun(setup, new_executor(), 1)
        yield from run.all(_one_by_one(suspects))
        for job in run.lost:
            deaths[job.id] += 1
            if deaths[job.id] < _DEATHS:
                suspects.append(job)
            else:
                why = f"the worker process died while making it ({run.why})"
                yield [RenderedDocument(job.id, medium, failure=why) for medium in job.media]


def _one_by_one(jobs: deque[RenderJob]) -> Iterator[Sequence[RenderJob]]:
    while jobs:
        yield [jobs.popleft()]


class _ExecutorRun:
    """What happens with one executor: until all chunks are rendered, or until it breaks."""

    def __init__(self, setup: RenderSetup, executor: Executor, most_in_hand: int) -> None:
        self._setup = setup
        self._executor = executor
        self._writes = setup.out is not None and getattr(executor, "shares_disk", False)
        # In this process a chunk is finished when it is submitted; a second one would only wait to be put in place.
        self._most_in_hand = 1 if isinstance(executor, InProcess) else most_in_hand
        self._in_hand: dict[Future[list[RenderedDocument] | None], Sequence[RenderJob]] = {}
        self.lost: deque[RenderJob] = deque()
        """Letters that were in hand when the executor broke."""
        self.why = ""
        """Why it broke; empty while it has not."""
        keep(setup)  # workers that are copies of this process have it, too

    def all(self, chunks: Iterator[Sequence[RenderJob]]) -> Iterator[list[RenderedDocument]]:
        """Render chunks until there are no more, or the executor breaks; it leaves in `chunks` what it did not take."""
        try:
            while self._fill(chunks):
                done, _ = wait(self._in_hand, return_when=FIRST_COMPLETED)
                for future in done:
                    yield from self._take(future, self._in_hand.pop(future))
        except BaseException:
            # At once: jobs that are not begun are dropped, worker processes are ended and waited for.
            self._executor.shutdown(cancel_futures=True)
            raise
        self._executor.shutdown()

    def _fill(self, chunks: Iterator[Sequence[RenderJob]]) -> bool:
        """Hand in as many chunks as there is room for; return whether there is any to wait for."""
        while not self.why and len(self._in_hand) < self._most_in_hand and (chunk := next(chunks, None)):
            self._submit(chunk)
        return bool(self._in_hand)

    def _submit(self, chunk: Sequence[RenderJob], setup: bytes = b"") -> None:
        try:
            future = self._executor.submit(render_chunk, self._setup.digest, chunk, setup, write=self._writes)
        except BrokenExecutor as error:
            self._lose(chunk, error)
        else:
            self._in_hand[future] = chunk

    def _take(
        self, future: Future[list[RenderedDocument] | None], chunk: Sequence[RenderJob]
    ) -> Iterator[list[RenderedDocument]]:
        try:
            rendered = future.result()
        except CannotGoOn:
            raise
        except Exception as error:  # noqa: BLE001 - each executor has its own errors for a worker that is gone
            self._lose(chunk, error)
            return
        if rendered is None:
            self._submit(chunk, pickle.dumps(self._setup))
        else:
            yield rendered

    def _lose(self, chunk: Sequence[RenderJob], error: Exception) -> None:
        self.lost += chunk
        self.why = str(error) or type(error).__name__


# From here on, what happens in a worker.


class _Renderers:
    """The renderers for a setup; they remember what letters share."""

    def __init__(self, setup: RenderSetup) -> None:
        self.setup = setup
        self._last: tuple[RenderJob, Pdf] | None = None
        """The PDF that was made last."""
        self._seconds = _MOST_SECONDS

    def render(self, job: RenderJob, medium: str) -> RenderedDocument:
        """Render one document; a failure is a result, but for what ends the build (CannotGoOn)."""
        # A letter is sent without what all have in common, which is large and would go through the pipe each time.
        context = {**self.setup.template.statics, **job.values}
        try:
            with limited(self._seconds):
                rendered = self._render(job, medium, context)
            if job.prove and not self.setup.plain:
                rendered = self._prove(rendered, job, context)
            # Proved before: the two ways are compared as WeasyPrint writes them.
            return for_archive(rendered) if job.archive and medium == PDF else rendered
        except CannotGoOn:
            raise
        # The deadline is no Exception, so that no other handler takes it for a fault of one document.
        except TooSlowError as error:
            self._seconds = _AFTER_ONE_TOO_SLOW
            return RenderedDocument(job.id, medium, failure=str(error))
        except Exception as error:  # noqa: BLE001 - one failing letter never stops the others; it is reported
            return RenderedDocument(job.id, medium, failure=str(error) or type(error).__name__)

    def _render(self, job: RenderJob, medium: str, context: Mapping[str, object]) -> RenderedDocument:
        if medium == PDF:
            made = _as_document(job, self._pdf(job, context))
        elif self.setup.plain:
            made = RenderedDocument(
                job.id, DOCX, self._plain_docx.render(context, job.notes, self._pages(job, context))
            )
        else:
            docx = self._fast_docx.render(context, job.notes, self._pages(job, context))
            made = RenderedDocument(job.id, DOCX, docx.content, filling=docx.filling)
            made = made._replace(fallback=docx.fallback, unexpected=docx.unexpected)
        return made._replace(sha256=sha256(made.content))

    def _pdf(self, job: RenderJob, context: Mapping[str, object]) -> Pdf:
        """Return the PDF of a letter, which is made once for both media."""
        # The DOCX of a letter with contents asks for the PDF that was made of the same job just before.
        if self._last is None or self._last[0] is not job:
            renderer = self._plain_pdf if self.setup.plain else self._fast_pdf
            self._last = (job, renderer.render(context, job.notes))
        return self._last[1]

    def _pages(self, job: RenderJob, context: Mapping[str, object]) -> Sequence[Mapping[int, int]]:
        """Return the pages of the headings that the contents list, which only the PDF knows."""
        return self._pdf(job, context).contents if lists_pages(self.setup.template) else ()

    def _prove(self, rendered: RenderedDocument, job: RenderJob, context: Mapping[str, object]) -> RenderedDocument:
        """Render a document the plain way, too; where they differ the plain one counts."""
        if rendered.medium == PDF:
            plain = _as_document(job, self._plain_pdf.render(context, job.notes))
            differences = pdf_differences(plain.content, rendered.content)
        else:
            content = self._plain_docx.render(context, job.notes, self._pages(job, context))
            plain = RenderedDocument(job.id, DOCX, content)
            differences = docx_differences(content, rendered.content)
        return plain._replace(sha256=sha256(plain.content), differences=differences) if differences else rendered

    @cached_property
    def _fast_pdf(self) -> BatchPdfRenderer:
        from letters.render.pdf.batch import BatchPdfRenderer

        setup = self.setup
        return BatchPdfRenderer(setup.template.parts, self._roots, setup.date, setup.cache, setup.digest)

    @cached_property
    def _plain_pdf(self) -> PdfRenderer:
        if not self.setup.plain:
            return self._fast_pdf.plain
        from letters.render.pdf.plain import PdfRenderer

        return PdfRenderer(self.setup.template.parts, self._roots, self.setup.date)

    @cached_property
    def _fast_docx(self) -> WordBatchRenderer:
        from letters.render.word.batch import WordBatchRenderer

        return WordBatchRenderer(self.setup.template.word, self.setup.cache)

    @cached_property
    def _plain_docx(self) -> DocxRenderer:
        if not self.setup.plain:
            return self._fast_docx.plain
        from letters.render.word.docxtpl_internals import DocxRenderer

        return DocxRenderer(self.setup.template.word)

    @property
    def _roots(self) -> dict[str, Path]:
        return {"campaign": self.setup.folder, "templates": self.setup.templates}


def _as_document(job: RenderJob, pdf: Pdf) -> RenderedDocument:
    made = RenderedDocument(job.id, PDF, pdf.content, pdf.pages, not_accessible=pdf.not_accessible)
    return made._replace(fallback=pdf.fallback, unexpected=pdf.unexpected)


_latest: _Renderers | None = None
"""The renderers of this process for the setup that it had last; any other is forgotten."""
_one_at_a_time = threading.Lock()
"""Renderers change what they remember with each letter: threads of one process take turns."""


def keep(setup: RenderSetup) -> None:
    """Keep a setup in this process, in the place of any other."""
    global _latest
    if _latest is None or _latest.setup != setup:
        _latest = _Renderers(setup)


def get_ready(media: Sequence[str]) -> None:
    """Import what workers will need, so that those which are copies of this process need not do it again.

    Raises CannotGoOn where it is missing.
    """
    if PDF in media:
        from letters.render.pdf.plain import load

        # Forked workers share the memory of what is imported here; each would need 0.3 to 0.8 s for it.
        load()
        import letters.render.pdf.batch  # noqa: F401 - for workers that are copies of this process


def render_chunk(
    digest: str, jobs: Sequence[RenderJob], setup: bytes = b"", *, write: bool = False
) -> list[RenderedDocument] | None:
    """Render the documents of a few letters; None where this worker does not have their setup.

    With `write` they are written to temporary files, and only where these are is returned.
    """
    with _one_at_a_time:
        if setup:
            keep(pickle.loads(setup))  # noqa: S301 - from the process that began this one, or from its cluster
        if _latest is None or _latest.setup.digest != digest:
            return None
        rendered = (_latest.render(job, medium) for job in jobs for medium in job.media)
        return [_written(each, _latest.setup) if write else each for each in rendered]


def _written(rendered: RenderedDocument, setup: RenderSetup) -> RenderedDocument:
    """Write a document to a temporary file; the text of a skeleton, too, which may be larger than a pipe holds.

    A worker that is killed while it waits at a full pipe would leave half a message there.
    """
    if rendered.failure or setup.out is None:
        return rendered
    path = path_of(setup.out, rendered.id, rendered.medium)
    if (filling := rendered.filling) and filling.text:
        skeleton = write_part(path.with_name(f"{path.name}.skeleton"), filling.text, setup.run)
        rendered = rendered._replace(skeleton=skeleton, filling=filling._replace(text=b""))
    return rendered._replace(content=b"", part=write_part(path, rendered.content, setup.run))
