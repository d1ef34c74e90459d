"""Makes documents over any concurrent.futures executor: jobs out, bytes back; only the caller writes files.

A job is the hash of a template and the values of a few letters. A worker that does not have the template says so, and
gets it once, with the job sent again.
"""

from __future__ import annotations

import datetime
import pickle
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from letters.executors import InProcess, stop
from letters.files import sha256
from letters.model import DOCX, PDF, DocumentTemplate, MergedLetter, Values
from letters.problems import CannotGoOn
from letters.proving import docx_differences, pdf_differences
from letters.skeleton import Filling

_CHUNK, _CHUNK_OF_DOCX = 4, 32
"""Letters in a job: few enough that Ctrl-C and a progress bar feel immediate."""
_AHEAD = 2
"""Jobs in flight for each worker, so that none waits and memory stays flat."""
_DEATHS = 2
"""A letter that was alone with its worker so many times when the worker died is not tried again."""


class Workshop(NamedTuple):
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


class Order(NamedTuple):
    """One letter to be made, in one medium or both."""

    id: str
    media: tuple[str, ...]
    values: Mapping[str, object]
    """What it is rendered with, besides what is the same for all letters."""
    notes: tuple[Values, ...]
    prove: bool = False
    """Whether to make it the plain way, too, and compare."""


class Made(NamedTuple):
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


Deal = Callable[[int], Sequence[Order]]
"""Tells what a worker, given by its number, makes next: a few letters; none when all are dealt."""


def order(letter: MergedLetter, media: tuple[str, ...], statics: Mapping[str, object], *, prove: bool = False) -> Order:
    """Order a letter; what all letters share is not sent with it."""
    values = {name: value for name, value in letter.context.items() if value is not statics.get(name)}
    return Order(letter.recipient.id, media, values, letter.notes, prove)


def size_of_job(media: tuple[str, ...]) -> int:
    """Tell how many letters make a job, if they are made in these media."""
    return _CHUNK_OF_DOCX if media == (DOCX,) else _CHUNK


def in_turn(orders: Iterable[Order]) -> Deal:
    """Deal out letters in their order, whichever worker asks."""
    left = iter(orders)

    def deal(_: int) -> Sequence[Order]:
        first = tuple(islice(left, 1))
        return first and (*first, *islice(left, size_of_job(first[0].media) - 1))

    return deal


def make_all(workshop: Workshop, deal: Deal, new_executor: Callable[[], Executor], jobs: int) -> Iterator[Made]:
    """Make documents, as they are finished; a failing letter is a result like any other.

    When a worker dies, what was in hand is done again by new workers, one letter at a time, so that none is blamed for
    another; a letter that kills its worker again and again is reported as failed.
    """
    while True:
        run = _Run(workshop, new_executor(), jobs)
        yield from run.all(deal)
        if not run.lost:
            return
        yield from _make_alone(workshop, deque(run.lost_orders()), new_executor)


def _make_alone(workshop: Workshop, suspects: deque[Order], new_executor: Callable[[], Executor]) -> Iterator[Made]:
    deaths: Counter[str] = Counter()
    while suspects:
        run = _Run(workshop, new_executor(), 1, alone=True)
        yield from run.all(lambda _: (suspects.popleft(),) if suspects else ())
        for each in run.lost_orders():
            deaths[each.id] += 1
            if deaths[each.id] < _DEATHS:
                suspects.append(each)
            else:
                why = f"the worker process died while making it ({run.why})"
                yield from (Made(each.id, medium, failure=why) for medium in each.media)


class _Run:
    """The life of one executor: until all is made, or until it breaks."""

    def __init__(self, workshop: Workshop, executor: Executor, jobs: int, *, alone: bool = False) -> None:
        self._workshop = workshop
        self._executor = executor
        self._lanes: Sequence[Executor] = getattr(executor, "lanes", (executor,))
        """Executors to each of which those letters are sent that are alike."""
        self._room = -(-getattr(executor, "workers", jobs) * _AHEAD // len(self._lanes))
        """How many jobs are in flight in each lane."""
        self._running: dict[Future[list[Made] | None], tuple[int, Sequence[Order]]] = {}
        self._broken = False
        self.lost: list[Sequence[Order]] = []
        self.why = ""
        if alone or isinstance(executor, InProcess):
            self._lanes, self._room = self._lanes[:1], 1
        if isinstance(executor, InProcess):
            keep(workshop)

    def all(self, deal: Deal) -> Iterator[Made]:
        """Make what there is, until the executor breaks."""
        try:
            yield from self._all(deal)
        except BaseException:
            stop(self._executor)
            raise
        self._executor.shutdown()

    def _all(self, deal: Deal) -> Iterator[Made]:
        while True:
            for lane in self._free():
                if not self._broken and (chunk := deal(lane)):
                    self._submit(lane, chunk)
            if not self._running:
                return
            done, _ = wait(self._running, return_when=FIRST_COMPLETED)
            for future in done:
                yield from self._result(future, *self._running.pop(future))

    def _free(self) -> list[int]:
        """List the lanes that have room, each as often as it has."""
        busy = Counter(lane for lane, _ in self._running.values())
        return [lane for lane in range(len(self._lanes)) for _ in range(self._room - busy[lane])]

    def _submit(self, lane: int, chunk: Sequence[Order], *, with_template: bool = False) -> None:
        packed = pickle.dumps(self._workshop) if with_template else b""
        try:
            future = self._lanes[lane].submit(make_chunk, self._workshop.digest, chunk, packed)
        except BrokenExecutor as error:
            self._lose(chunk, error)
        else:
            self._running[future] = lane, chunk

    def _result(self, future: Future[list[Made] | None], lane: int, chunk: Sequence[Order]) -> Iterator[Made]:
        try:
            made = future.result()
        except CannotGoOn:
            raise
        except Exception as error:  # noqa: BLE001 - whatever an executor says when a worker is gone
            self._lose(chunk, error)
            return
        if made is None:
            self._submit(lane, chunk, with_template=True)
        else:
            yield from made

    def _lose(self, chunk: Sequence[Order], error: Exception) -> None:
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


def get_ready(media: Sequence[str]) -> None:
    """Import what workers will need, so that those which are copies of this process need not do it again.

    Raises CannotGoOn where it is missing.
    """
    if PDF in media:
        from letters.render.compose import load

        load()


def make_chunk(digest: str, orders: Sequence[Order], packed: bytes = b"") -> list[Made] | None:
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
        return Made(order.id, DOCX, docx.content, sha256=sha256(docx.content), filling=docx.filling)
    except CannotGoOn:
        raise
    except Exception as error:  # noqa: BLE001 - one failing letter never stops the others; it is reported
        return Made(order.id, medium, failure=str(error) or type(error).__name__)


def _prove(workshop: Workshop, order: Order, medium: str, context: Mapping[str, object]) -> Made:
    """Make a document both ways; where they differ the plain one counts."""
    made = _make(workshop, order._replace(prove=False), medium)
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
    return made._replace(content=plain, sha256=sha256(plain), filling=None, differences=differences)


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
    if workshop.plain:
        from letters.render.word.plain import DocxRenderer

        return DocxRenderer(workshop.template.word)
    from letters.render.word.batch import WordBatchRenderer

    return WordBatchRenderer(workshop.template.word, workshop.cache)
