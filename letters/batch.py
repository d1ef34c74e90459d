"""Makes documents over any concurrent.futures executor: jobs out, bytes back; only the caller writes files."""

from __future__ import annotations

import datetime
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from letters.model import DOCX, PDF, DocumentTemplate, MergedLetter
from letters.problems import CannotGoOn

_CHUNK = 4
"""Letters in a job: few enough that Ctrl-C and a progress bar feel immediate."""
_AHEAD = 3
"""Jobs in flight for each worker, so that none waits and memory stays flat."""


@dataclass(frozen=True, slots=True)
class Workshop:
    """All that a worker needs besides the values: the template and where its files are."""

    digest: str
    template: DocumentTemplate
    folder: Path
    templates: Path
    date: datetime.date


@dataclass(frozen=True, slots=True)
class Order:
    """One letter to be made, in one medium or both."""

    letter: MergedLetter
    media: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Made:
    """One finished document, or why there is none."""

    id: str
    medium: str
    content: bytes = b""
    pages: int = 0
    failure: str = ""


class InProcess(Executor):
    """An executor that does the work at once, in this process."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Do the work and return it as a finished future."""
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - the future carries it to whoever waits for it
            future.set_exception(error)
        return future


def make_executor(jobs: int) -> Executor:
    """Make an executor of so many processes; for one, this process itself."""
    if jobs == 1:
        return InProcess()
    # A fresh process has no threads or locks of ours in it, unlike a fork; and it is what macOS and Windows do.
    return ProcessPoolExecutor(
        jobs, mp_context=multiprocessing.get_context("spawn"), initializer=_leave_ctrl_c_to_parent
    )


def _leave_ctrl_c_to_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def default_jobs() -> int:
    """Tell how many workers this machine has room for."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def make_all(
    workshop: Workshop, orders: Sequence[Order], new_executor: Callable[[], Executor], jobs: int
) -> Iterator[Made]:
    """Make documents, as they are finished; a failing letter is a result like any other.

    When a worker dies, what it had in hand is done again, one letter at a time, by new workers; a letter that kills its
    worker twice is reported as failed.
    """
    chunks = [tuple(orders[start : start + _CHUNK]) for start in range(0, len(orders), _CHUNK)]
    deaths: dict[str, int] = {}
    while chunks:
        lost: list[tuple[Order, ...]] = []
        executor = new_executor()
        try:
            yield from _run(executor, workshop, chunks, lost, jobs * _AHEAD)
        except BaseException:
            stop(executor)
            raise
        executor.shutdown()
        chunks = []
        for order in (order for chunk in lost for order in chunk):
            deaths[order.letter.recipient.id] = deaths.get(order.letter.recipient.id, 0) + 1
            if deaths[order.letter.recipient.id] < _AHEAD:
                chunks.append((order,))
            else:
                for medium in order.media:
                    yield Made(order.letter.recipient.id, medium, failure="the worker process died while making it")


def _run(
    executor: Executor,
    workshop: Workshop,
    chunks: Sequence[tuple[Order, ...]],
    lost: list[tuple[Order, ...]],
    ahead: int,
) -> Iterator[Made]:
    waiting = list(reversed(chunks))
    running: dict[Future[list[Made]], tuple[Order, ...]] = {}
    while waiting or running:
        while waiting and len(running) < ahead:
            chunk = waiting.pop()
            try:
                running[executor.submit(make_chunk, workshop, chunk)] = chunk
            except BrokenExecutor:
                lost += [chunk, *reversed(waiting)]
                waiting = []
        done, _ = wait(running, return_when=FIRST_COMPLETED)
        for future in done:
            chunk = running.pop(future)
            try:
                yield from future.result()
            except BrokenExecutor:
                lost.append(chunk)


def stop(executor: Executor) -> None:
    """Stop at once: nothing more is begun, and the workers are ended."""
    executor.shutdown(wait=False, cancel_futures=True)
    for process in multiprocessing.active_children():
        process.terminate()


_renderers: dict[tuple[str, str], Any] = {}
"""The renderers of this process, by workshop and medium; only the latest workshop is kept."""


def make_chunk(workshop: Workshop, orders: Sequence[Order]) -> list[Made]:
    """Make the documents of a few letters; runs in a worker."""
    return [_make(workshop, order.letter, medium) for order in orders for medium in order.media]


def _make(workshop: Workshop, letter: MergedLetter, medium: str) -> Made:
    try:
        if medium == PDF:
            pdf = _renderer(workshop, PDF).render(letter.context, letter.notes)
            return Made(letter.recipient.id, PDF, pdf.content, pdf.pages)
        return Made(letter.recipient.id, DOCX, _renderer(workshop, DOCX).render(letter.context, letter.notes))
    except CannotGoOn:
        raise
    except Exception as error:  # noqa: BLE001 - one failing letter never stops the others; it is reported
        return Made(letter.recipient.id, medium, failure=str(error) or type(error).__name__)


def _renderer(workshop: Workshop, medium: str) -> Any:
    key = (workshop.digest, medium)
    if key not in _renderers:
        for old in [old for old in _renderers if old[0] != workshop.digest]:
            del _renderers[old]
        _renderers[key] = _new_renderer(workshop, medium)
    return _renderers[key]


def _new_renderer(workshop: Workshop, medium: str) -> Any:
    if medium == PDF:
        from letters.render.pdf import PdfRenderer

        roots = {"campaign": workshop.folder, "templates": workshop.templates}
        return PdfRenderer(workshop.template.parts, roots, workshop.date)
    from letters.render.docx import DocxRenderer

    return DocxRenderer(workshop.template.word)
