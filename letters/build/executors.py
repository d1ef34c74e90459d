"""Where letters are rendered: in this process, in worker processes of this machine, or on a Dask cluster.

All three are executors of concurrent.futures, and any other may be handed in.
"""

from __future__ import annotations

import atexit
import gc
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from letters.model.problems import CannotGoOn, Exit

_SECONDS = 20
"""How long a Dask scheduler may take to answer."""
_TASKS = Path("/proc/self/task")
"""Where Linux lists the threads of this process, those of libraries too."""


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


class WorkerPool(ProcessPoolExecutor):
    """Worker processes of this machine.

    Where that is safe they are copies of this process (fork), made at the first job, and share what it has loaded until
    then. Elsewhere they begin with nothing (spawn).
    """

    shares_disk = True
    """Whether a file that a worker writes is there for this process."""

    def __init__(self, workers: int) -> None:
        # ProcessPoolExecutor names its processes in a private attribute only.
        self._begun = _RecordingContext("fork" if can_fork() else "spawn")
        context: Any = self._begun
        try:
            super().__init__(workers, context, _begin_worker)
        except OSError as error:
            raise _no_workers(error) from None

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Hand in a job; the first one begins the workers. Raises CannotGoOn when they cannot be begun."""
        try:
            # Processes begin in submit. Ctrl-C before they ignore it would end one with a traceback, and with it the
            # pool.
            with _interrupt_blocked():
                return super().submit(fn, *args, **kwargs)
        except OSError as error:
            raise _no_workers(error) from None

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the workers at once, whatever they do: who calls this has all the results that are wanted."""
        # A worker that was killed may have held the lock of the queue in which the others would be told to end: they
        # would wait for it, and this process for them, for ever.
        for worker in self._begun.workers:
            if worker.pid is not None:
                worker.kill()
        super().shutdown(wait, cancel_futures=cancel_futures)


class _RecordingContext:
    """A context of multiprocessing that remembers the processes which it made."""

    def __init__(self, method: str) -> None:
        self._context: Any = multiprocessing.get_context(method)
        self.workers: list[Any] = []

    def Process(self, *arguments: Any, **options: Any) -> Any:  # noqa: N802 - as multiprocessing calls it
        """Return a process that is not begun yet."""
        self.workers.append(self._context.Process(*arguments, **options))
        return self.workers[-1]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._context, name)


def _no_workers(error: OSError) -> CannotGoOn:
    message = f"no worker process can be started: {error.strerror or error}"
    return CannotGoOn(Exit.MISSING_ON_MACHINE, message, "make all letters in one process: --jobs 1")


@contextmanager
def _interrupt_blocked() -> Iterator[None]:
    """Hold back Ctrl-C, which the terminal sends to all processes: workers that begin meanwhile never hear of it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def _begin_worker() -> None:
    """Prepare this worker process: it ignores Ctrl-C, and ends when the process that began it was killed."""
    collect_less_often()
    # The parent decides what an interrupt means, and ends the workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    # A worker waits for jobs at a pipe of which every worker holds both ends: it cannot see that the parent is gone.
    parent = multiprocessing.parent_process()
    assert parent
    parent.join()
    os._exit(1)


def collect_less_often() -> None:
    """Make Python look for garbage more rarely: among new objects after each 10,000, among all a hundredth as often.

    What is loaded, box trees and cached lines are many objects that stay. To go through them again and again was a
    fifth of the time of a layout and a tenth of that of `check`, and found next to nothing.
    """
    gc.set_threshold(10_000, 20, 100)
    # Python looks a last time when it ends, at objects that go away with the process anyhow.
    atexit.register(gc.freeze)


def can_fork() -> bool:
    """Return whether a copy of this process would be whole: a copy has only the thread that makes it.

    On macOS, libraries of the system do not work in a copy.
    """
    # A lock that another thread holds at that moment stays locked in the copy for ever; from Python 3.12 on a fork
    # beside threads is a warning.
    return sys.platform == "linux" and _TASKS.is_dir() and len(list(_TASKS.iterdir())) == 1


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
            begin: Any = Client  # its methods have no types
            self._client = begin(address, timeout=seconds, set_as_default=False)
        except (OSError, ValueError) as error:
            hint = "start one with: dask scheduler; it prints its address, such as tcp://10.0.0.5:8786"
            message = f'no Dask scheduler answers at "{address}": {error}'
            raise CannotGoOn(Exit.WRONG_CALL, message, hint) from None
        # By default Dask takes two equal calls for one, and hands out the first result again.
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


def make_executor(workers: int, scheduler: str = "", get_ready: Callable[[], None] = lambda: None) -> Executor:
    """Return an executor: on a cluster where its scheduler is named, else of so many processes; one is this process.

    `get_ready` loads what workers need; it is called where they are copies of this process, which then have it, too.
    """
    if scheduler:
        return OnDask(scheduler)
    if workers == 1:
        return InProcess()
    if can_fork():
        get_ready()
    return WorkerPool(workers)


def default_jobs() -> int:
    """Return how many workers this machine has room for."""
    # A container or taskset may allow fewer processors than the machine has.
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
