"""Processes of this machine as an executor: each has a pipe of its own, and one that dies loses its own job only."""

from __future__ import annotations

import gc
import os
import pickle
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

_TASKS = Path("/proc/self/task")
"""Where Linux lists the threads of this process, those of libraries too."""
_MEMORY = Path("/proc/self/statm")
"""Where Linux tells what memory this process holds, in pages."""
_GROWTH = 75 * 1024**2
"""Bytes by which a worker may grow before another takes its place: what it remembers of letters that have much variety,
and the holes in its memory, are given back then. It costs the layouts of a text anew."""
_WARM, _FEWEST = 10, 50
"""Jobs after which a worker has what every job needs, and those that it does at least: letters that are large by
themselves would be laid out for ever."""


class WorkerDiedError(BrokenExecutor):
    """Tells that a worker process ended in the middle of its job."""


class _Job(NamedTuple):
    future: Future[Any]
    call: tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]


class Processes(Executor):
    """An executor of so many processes of this machine, each of them a lane to which work can be sent.

    The standard library's pool shares one pipe among its workers and waits forever when one is killed while it writes a
    large result there. Here each worker has a pipe of its own, which ends when the worker ends: then only its own job
    is lost, and the next job gets a new worker. Workers end by themselves when this process is killed.

    Where that is safe, `get_ready` is called once before the first job, and the workers are copies of this process.
    On Linux, a worker that has grown by `growth` bytes is replaced, so that memory does not follow the list.
    """

    def __init__(self, jobs: int, get_ready: Callable[[], None] = lambda: None, growth: int = _GROWTH) -> None:
        self.lanes = tuple(_Lane(self._begin, growth) for _ in range(jobs))
        self._get_ready = get_ready

    def _begin(self) -> None:
        """Begin all lanes, with workers that have what this process has loaded, if it can be copied."""
        if _can_be_copied():
            self._get_ready()
        workers = _copies(len(self.lanes)) if _can_be_copied() else []
        for number, lane in enumerate(self.lanes):
            lane.begin(workers[number] if workers else None)

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Hand a job to the worker that has the fewest waiting."""
        return min(self.lanes, key=lambda lane: lane.waiting).submit(fn, *args, **kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the workers after the jobs that were handed in, or drop those that are not begun."""
        for lane in self.lanes:
            lane.shutdown(wait=False, cancel_futures=cancel_futures)
        for lane in self.lanes if wait else ():
            lane.shutdown(wait=True)


class _Lane(Executor):
    """One worker process, begun when there is work for it, and the jobs that wait for it."""

    def __init__(self, begin_all: Callable[[], None], growth: int) -> None:
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._begin_all = begin_all
        self._growth = growth
        self._thread: threading.Thread | None = None

    def begin(self, worker: _Worker | None) -> None:
        """Begin, with a worker if there is one already."""
        self._thread = threading.Thread(target=self._look_after, args=(worker,), daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        """How many jobs wait for the worker."""
        return self._jobs.qsize()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Hand the worker a job."""
        job = _Job(Future(), (fn, args, kwargs))
        self._jobs.put(job)
        if not self._thread:
            self._begin_all()
        return job.future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the worker after the jobs that were handed in, or drop those that are not begun."""
        while cancel_futures and not self._jobs.empty():
            if job := self._jobs.get():
                job.future.cancel()
        self._jobs.put(None)
        if wait and self._thread:
            self._thread.join()

    def _look_after(self, worker: _Worker | None) -> None:
        """Look after one worker: a thread that waits, and computes nothing."""
        while job := self._jobs.get():
            if job.future.set_running_or_notify_cancel():
                try:
                    worker = worker or _fresh_worker()
                    made, result = worker.call(job.call)
                except (EOFError, OSError) as error:
                    if worker:
                        worker.end()
                        worker = None
                    job.future.set_exception(WorkerDiedError(str(error) or "it was killed"))
                except Exception as error:  # noqa: BLE001 - what cannot be sent; the future carries it
                    job.future.set_exception(error)
                else:
                    (job.future.set_result if made else job.future.set_exception)(result)
                    if worker.has_grown(self._growth):
                        worker.end()
                        worker = None
        if worker:
            worker.end()


class _Worker:
    """A worker process and the pipe to it.

    One that is begun by "spawn" has nothing of this process; one by "fork" is a copy of it, and has to close what it
    holds of the pipes to others, which would not end otherwise.
    """

    def __init__(self, method: str, others: Sequence[Connection] = ()) -> None:
        import multiprocessing

        context: Any = multiprocessing.get_context(method)
        self.pipe, theirs = context.Pipe()
        inherited = [*others, self.pipe] if method == "fork" else []
        self._process = context.Process(target=_serve, args=(theirs, inherited), daemon=True)
        self._process.start()
        theirs.close()
        self._jobs = 0
        self._memory = self._warm = 0
        """Bytes that it holds, and held when it was warm."""

    def call(self, call: tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]) -> tuple[bool, Any]:
        """Do a job; return whether it went well, and the result or the exception."""
        self.pipe.send_bytes(pickle.dumps(call))
        made, result, self._memory = pickle.loads(self.pipe.recv_bytes())  # noqa: S301 - from our own worker
        self._jobs += 1
        if self._jobs == _WARM:
            self._warm = self._memory
        return made, result

    def has_grown(self, growth: int) -> bool:
        """Tell whether it holds so many bytes more than when it was warm, and has done enough to be replaced."""
        return self._jobs >= _FEWEST and self._memory > self._warm + growth

    def end(self) -> None:
        """End the worker."""
        self.pipe.close()
        self._process.join()


def _fresh_worker() -> _Worker:
    """Begin a worker that has nothing of this process; from a thread that looks after it."""
    from multiprocessing import resource_tracker

    if hasattr(signal, "pthread_sigmask"):
        resource_tracker.ensure_running()  # begun later, it would take the signal's mask off this thread again
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # Ctrl-C is for the parent; workers inherit this
    return _Worker("spawn")


def _can_be_copied() -> bool:
    """Tell whether a copy of this process would be whole: one has only the thread that makes it.

    On macOS, libraries of the system do not work in a copy.
    """
    return sys.platform == "linux" and _TASKS.is_dir() and len(list(_TASKS.iterdir())) == 1


def _copies(number: int) -> list[_Worker]:
    """Begin so many workers as copies of this process."""
    workers: list[_Worker] = []
    gc.freeze()  # what is loaded is shared for as long as nobody looks for garbage in it
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # Ctrl-C is for the parent; workers inherit this
    try:
        for _ in range(number):
            workers.append(_Worker("fork", [worker.pipe for worker in workers]))
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        gc.unfreeze()
    return workers


def _serve(pipe: Connection, inherited: Sequence[Connection]) -> None:
    """Do jobs until the other end of the pipe is closed; runs in a worker."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for each in inherited:
        each.close()
    while True:
        try:
            fn, args, kwargs = pickle.loads(pipe.recv_bytes())  # noqa: S301 - from the process that began this one
        except (EOFError, OSError):
            return
        try:
            made, result = True, fn(*args, **kwargs)
        except Exception as error:  # noqa: BLE001 - it goes back to whoever waits for it
            made, result = False, error
        try:
            pipe.send_bytes(pickle.dumps((made, result, _memory())))
        except OSError:
            return


def _memory() -> int:
    """Tell how many bytes of memory this process holds; 0 where the system does not say."""
    return int(_MEMORY.read_text("ascii").split()[1]) * os.sysconf("SC_PAGESIZE") if _MEMORY.is_file() else 0
