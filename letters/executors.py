"""Where letters are made: in this process, by processes of this machine, or on a Dask cluster.

All three are executors of concurrent.futures, and any other may be handed in.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import threading
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future
from dataclasses import dataclass
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from queue import SimpleQueue
from typing import Any

from letters.problems import CannotGoOn, Exit

_SECONDS = 20
"""How long a Dask scheduler may take to answer."""


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


class WorkerDiedError(BrokenExecutor):
    """Tells that a worker process ended in the middle of its job."""


@dataclass(frozen=True, slots=True)
class _Job:
    future: Future[Any]
    call: tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]


class Processes(Executor):
    """An executor of so many processes of this machine, each of them a lane to which work can be sent.

    The standard library's pool shares one pipe among its workers and waits forever when one is killed while it writes a
    large result there. Here each worker has a pipe of its own, which ends when the worker ends: then only its own job
    is lost, and the next job gets a new worker. Workers end by themselves when this process is killed.
    """

    def __init__(self, jobs: int) -> None:
        self.lanes = tuple(_Lane() for _ in range(jobs))

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

    def __init__(self) -> None:
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._look_after, daemon=True)
        self._begun = False

    @property
    def waiting(self) -> int:
        """How many jobs wait for the worker."""
        return self._jobs.qsize()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Hand the worker a job."""
        job = _Job(Future(), (fn, args, kwargs))
        self._jobs.put(job)
        if not self._begun:
            self._begun = True
            self._thread.start()
        return job.future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the worker after the jobs that were handed in, or drop those that are not begun."""
        while cancel_futures and not self._jobs.empty():
            if job := self._jobs.get():
                job.future.cancel()
        self._jobs.put(None)
        if wait and self._begun:
            self._thread.join()

    def _look_after(self) -> None:
        """Look after one worker: a thread that waits, and computes nothing."""
        if hasattr(signal, "pthread_sigmask"):
            resource_tracker.ensure_running()  # begun later, it would take the signal's mask off this thread again
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # Ctrl-C is for the parent; workers inherit this
        worker: _Worker | None = None
        while job := self._jobs.get():
            if job.future.set_running_or_notify_cancel():
                worker = worker or _Worker()
                try:
                    made, result = worker.call(job.call)
                except (EOFError, OSError) as error:
                    worker.end()
                    worker = None
                    job.future.set_exception(WorkerDiedError(str(error) or "it was killed"))
                except Exception as error:  # noqa: BLE001 - what cannot be sent; the future carries it
                    job.future.set_exception(error)
                else:
                    (job.future.set_result if made else job.future.set_exception)(result)
        if worker:
            worker.end()


class _Worker:
    """A worker process and the pipe to it."""

    def __init__(self) -> None:
        # A fresh process has no threads or locks of ours in it, unlike a fork; and it is what macOS and Windows do.
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()

    def call(self, call: tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]) -> tuple[bool, Any]:
        """Do a job; return whether it went well, and the result or the exception."""
        self._pipe.send_bytes(pickle.dumps(call))
        answer: tuple[bool, Any] = pickle.loads(self._pipe.recv_bytes())  # noqa: S301 - from our own worker
        return answer

    def end(self) -> None:
        """End the worker."""
        self._pipe.close()
        self._process.join()


def _serve(pipe: Connection) -> None:
    """Do jobs until the other end of the pipe is closed; runs in a worker."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        try:
            fn, args, kwargs = pickle.loads(pipe.recv_bytes())  # noqa: S301 - from the process that began this one
        except (EOFError, OSError):
            return
        try:
            answer = (True, fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - it goes back to whoever waits for it
            answer = (False, error)
        try:
            pipe.send_bytes(pickle.dumps(answer))
        except OSError:
            return


class OnDask(Executor):
    """An executor whose workers are those of a Dask cluster: the one door to Dask.

    Raises CannotGoOn when Dask is missing here, or no scheduler answers.
    """

    def __init__(self, address: str, seconds: float = _SECONDS) -> None:
        try:
            from distributed import Client
        except ImportError:
            hint = 'install it: pip install "letters-toolkit[dask]"'
            raise CannotGoOn(Exit.MISSING_ON_MACHINE, "--scheduler needs Dask, which is missing", hint) from None
        try:
            self._client: Any = _untyped(Client)(address, timeout=seconds, set_as_default=False)
        except (OSError, ValueError) as error:
            hint = "start one with: dask scheduler; it prints its address, such as tcp://10.0.0.5:8786"
            message = f'no Dask scheduler answers at "{address}": {error}'
            raise CannotGoOn(Exit.WRONG_CALL, message, hint) from None
        self._executor = self._client.get_executor(pure=False)

    @property
    def workers(self) -> int:
        """How many jobs the cluster does at once."""
        threads: dict[str, int] = self._client.nthreads()
        return max(1, sum(threads.values()))

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Send the work to a worker."""
        future: Future[Any] = self._executor.submit(fn, *args, **kwargs)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Leave the cluster, which goes on running."""
        self._executor.shutdown(wait=wait and not cancel_futures)
        self._client.close()


def _untyped(thing: Any) -> Any:
    """Return a thing of a library that has no types."""
    return thing


def make_executor(jobs: int, scheduler: str = "") -> Executor:
    """Make an executor: on a cluster where its scheduler is named, else of so many processes; one is this process."""
    if scheduler:
        return OnDask(scheduler)
    if jobs == 1:
        return InProcess()
    return Processes(jobs)


def default_jobs() -> int:
    """Tell how many workers this machine has room for."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def stop(executor: Executor) -> None:
    """Stop at once: nothing more is begun, and the workers are ended."""
    executor.shutdown(wait=False, cancel_futures=True)
    for process in multiprocessing.active_children():
        process.terminate()
