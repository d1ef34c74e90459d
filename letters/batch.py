"""Makes documents over any concurrent.futures executor: jobs out, bytes back; only the caller writes files.

A job is the hash of a template and the values of a few letters. A worker that does not have the template says so, and
gets it once, with the job sent again.
"""

from __future__ import annotations

import datetime
import pickle
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from letters.executors import InProcess, stop
from letters.files import sha256
from letters.model import DOCX, PDF, DocumentTemplate, MergedLetter, Values
from letters.problems import CannotGoOn
from letters.proving import docx_differences, pdf_differences
from letters.skeleton import Filling

_CHUNK, _CHUNK_OF_DOCX = 4, 32
"""Letters in a job: few enough that Ctrl-C and a progress bar feel immediate."""
_AHEAD = 3
"""Jobs in flight for each worker, so that none waits and memory stays flat."""
_DEATHS = 2
"""A letter that was alone with its worker so many times when the worker died is not tried again."""


@dataclass(frozen=True, slots=True)
class Workshop:
    """All that a worker needs besides the values: the template and where its files are."""

    digest: str
    template: DocumentTemplate
    folder: Path
    templates: Path
    date: datetime.date
    plain: bool = False
    """Whether every letter is left to docxtpl and WeasyPrint alone."""
    cache: Path | None = None
    """A folder for what workers and later builds may share; safe to delete."""


@dataclass(frozen=True, slots=True)
class Order:
    """One letter to be made, in one medium or both."""

    id: str
    media: tuple[str, ...]
    values: Mapping[str, object]
    """What it is rendered with, besides what is the same for all letters."""
    notes: tuple[Values, ...]
    prove: bool = False
    """Whether to make it the plain way, too, and compare."""


@dataclass(frozen=True, slots=True)
class Made:
    """One finished document, or why there is none."""

    id: str
    medium: str
    content: bytes = b""
    pages: int = 0
    failure: str = ""
    sha256: str = ""
    filling: Filling | None = None
    """What a DOCX was spliced from, where it was."""
    differences: tuple[str, ...] = ()
    """How it was unlike what the plain way makes, in whose place it then is not."""


def order(letter: MergedLetter, media: tuple[str, ...], statics: Mapping[str, object], *, prove: bool = False) -> Order:
    """Order a letter; what all letters share is not sent with it."""
    values = {name: value for name, value in letter.context.items() if value is not statics.get(name)}
    return Order(letter.recipient.id, media, values, letter.notes, prove)


def make_all(
    workshop: Workshop, orders: Iterable[Order], new_executor: Callable[[], Executor], jobs: int
) -> Iterator[Made]:
    """Make documents, as they are finished; a failing letter is a result like any other.

    When a worker dies, what was in hand is done again by new workers, one letter at a time, so that none is blamed for
    another; a letter that kills its worker again and again is reported as failed.
    """
    left = iter(orders)
    while True:
        run = _Run(workshop, new_executor(), jobs)
        yield from run.all(_chunks(left))
        if not run.lost:
            return
        yield from _make_alone(workshop, deque(run.lost_orders()), new_executor)


def _make_alone(workshop: Workshop, suspects: deque[Order], new_executor: Callable[[], Executor]) -> Iterator[Made]:
    deaths: Counter[str] = Counter()
    while suspects:
        run = _Run(workshop, new_executor(), 1, ahead=1)
        yield from run.all((suspects.popleft(),) for _ in range(len(suspects)))
        for each in run.lost_orders():
            deaths[each.id] += 1
            if deaths[each.id] < _DEATHS:
                suspects.append(each)
            else:
                why = f"the worker process died while making it ({run.why})"
                yield from (Made(each.id, medium, failure=why) for medium in each.media)


def _chunks(orders: Iterator[Order]) -> Iterator[tuple[Order, ...]]:
    for first in orders:
        size = _CHUNK_OF_DOCX if first.media == (DOCX,) else _CHUNK
        yield (first, *islice(orders, size - 1))


class _Run:
    """The life of one executor: until all is made, or until it breaks."""

    def __init__(self, workshop: Workshop, executor: Executor, jobs: int, *, ahead: int = _AHEAD) -> None:
        self._workshop = workshop
        self._executor = executor
        self._in_flight = 1 if ahead == 1 else getattr(executor, "workers", jobs) * ahead
        self._running: dict[Future[list[Made] | None], tuple[Order, ...]] = {}
        self._broken = False
        self.lost: list[tuple[Order, ...]] = []
        self.why = ""
        if isinstance(executor, InProcess):
            self._in_flight = 1
            keep(workshop)

    def all(self, chunks: Iterator[tuple[Order, ...]]) -> Iterator[Made]:
        """Make what there is, until the executor breaks."""
        try:
            yield from self._all(chunks)
        except BaseException:
            stop(self._executor)
            raise
        self._executor.shutdown()

    def _all(self, chunks: Iterator[tuple[Order, ...]]) -> Iterator[Made]:
        while True:
            while not self._broken and len(self._running) < self._in_flight and (chunk := next(chunks, None)):
                self._submit(chunk)
            if not self._running:
                return
            done, _ = wait(self._running, return_when=FIRST_COMPLETED)
            for future in done:
                yield from self._result(future, self._running.pop(future))

    def _submit(self, chunk: tuple[Order, ...], *, with_template: bool = False) -> None:
        packed = pickle.dumps(self._workshop) if with_template else b""
        try:
            self._running[self._executor.submit(make_chunk, self._workshop.digest, chunk, packed)] = chunk
        except BrokenExecutor as error:
            self._lose(chunk, error)

    def _result(self, future: Future[list[Made] | None], chunk: tuple[Order, ...]) -> Iterator[Made]:
        try:
            made = future.result()
        except CannotGoOn:
            raise
        except Exception as error:  # noqa: BLE001 - whatever an executor says when a worker is gone
            self._lose(chunk, error)
            return
        if made is None:
            self._submit(chunk, with_template=True)
        else:
            yield from made

    def _lose(self, chunk: tuple[Order, ...], error: Exception) -> None:
        self.lost.append(chunk)
        self.why = str(error) or type(error).__name__
        self._broken = True

    def lost_orders(self) -> list[Order]:
        """List the letters that were in hand when the executor broke."""
        return [each for chunk in self.lost for each in chunk]


_workshops: dict[str, Workshop] = {}
"""The workshop of this process, by hash; only the latest is kept."""
_renderers: dict[str, Any] = {}
"""The renderers of this process for that workshop, by medium."""
_one_at_a_time = threading.Lock()
"""Renderers keep what they learn from letter to letter: threads of one process take turns."""


def keep(workshop: Workshop) -> None:
    """Keep a workshop in this process, in the place of any other."""
    if workshop.digest not in _workshops:
        _workshops.clear()
        _renderers.clear()
        _workshops[workshop.digest] = workshop


def make_chunk(digest: str, orders: tuple[Order, ...], packed: bytes = b"") -> list[Made] | None:
    """Make the documents of a few letters; runs in a worker. None where the worker has no such workshop yet."""
    with _one_at_a_time:
        if packed:
            keep(pickle.loads(packed))  # noqa: S301 - from the process that began this one, or from its cluster
        workshop = _workshops.get(digest)
        if workshop is None:
            return None
        return [_make(workshop, each, medium) for each in orders for medium in each.media]


def _make(workshop: Workshop, order: Order, medium: str) -> Made:
    context = {**workshop.template.statics, **order.values}
    try:
        if order.prove and not workshop.plain:
            return _prove(workshop, order, medium, context)
        if medium == PDF:
            pdf = _renderer(workshop, PDF).render(context, order.notes)
            return Made(order.id, PDF, pdf.content, pdf.pages, sha256=sha256(pdf.content))
        docx = _renderer(workshop, DOCX).render(context, order.notes)
        if isinstance(docx, bytes):
            return Made(order.id, DOCX, docx, sha256=sha256(docx))
        return Made(order.id, DOCX, docx.content, sha256=docx.sha256, filling=docx.filling)
    except CannotGoOn:
        raise
    except Exception as error:  # noqa: BLE001 - one failing letter never stops the others; it is reported
        return Made(order.id, medium, failure=str(error) or type(error).__name__)


def _prove(workshop: Workshop, order: Order, medium: str, context: Mapping[str, object]) -> Made:
    """Make a document both ways; where they differ the plain one counts."""
    made = _make(workshop, replace(order, prove=False), medium)
    if made.failure:
        return made
    way = _renderer(workshop, medium)
    if medium == PDF:
        pdf = way.plain.render(context, order.notes)
        plain, differences = pdf.content, pdf_differences(pdf.content, made.content)
    else:
        plain = way.plain.render(context, order.notes)
        differences = docx_differences(plain, made.content)
    if not differences:
        return made
    return replace(made, content=plain, sha256=sha256(plain), filling=None, differences=differences)


def _renderer(workshop: Workshop, medium: str) -> Any:
    if medium not in _renderers:
        _renderers[medium] = _new_renderer(workshop, medium)
    return _renderers[medium]


def _new_renderer(workshop: Workshop, medium: str) -> Any:
    if medium == PDF:
        from letters.render.compose import Composer
        from letters.render.pdf import PdfRenderer

        roots = {"campaign": workshop.folder, "templates": workshop.templates}
        making = (workshop.template.parts, roots, workshop.date)
        return PdfRenderer(*making) if workshop.plain else Composer(*making, workshop.cache, workshop.digest)
    from letters.render.docx import DocxRenderer
    from letters.render.fast_docx import FastDocxRenderer

    return (DocxRenderer if workshop.plain else FastDocxRenderer)(workshop.template.word)
