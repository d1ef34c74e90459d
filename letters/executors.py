"""Where letters are made: in this process, by processes of this machine, or on a Dask cluster.

All three are executors of concurrent.futures, and any other may be handed in.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import Executor, Future
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


def make_executor(jobs: int, scheduler: str = "", get_ready: Callable[[], None] = lambda: None) -> Executor:
    """Make an executor: on a cluster where its scheduler is named, else of so many processes; one is this process.

    `get_ready` may be called once before any other process of this machine is begun; see Processes.
    """
    if scheduler:
        return OnDask(scheduler)
    if jobs == 1:
        return InProcess()
    from letters.processes import Processes  # not needed where all is made in this process

    return Processes(jobs, get_ready)


def default_jobs() -> int:
    """Tell how many workers this machine has room for."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def stop(executor: Executor) -> None:
    """Stop at once: nothing more is begun, and the workers are ended."""
    executor.shutdown(wait=False, cancel_futures=True)
    import multiprocessing

    for process in multiprocessing.active_children():
        process.terminate()
