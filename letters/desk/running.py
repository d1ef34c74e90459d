"""Runs one piece of work at a time behind the page, tells how far it is, and stops it when somebody asks."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from letters.build.jobs import RenderedDocument
from letters.build.plan import Step
from letters.model.problems import CannotGoOn, Exit

_FAILURES = 20
"""Failures that are shown as they come."""


class StoppedByUser(Exception):  # noqa: N818 - reads as a statement
    """Ends work in the middle because somebody asked for it; what is finished stays."""


@dataclass(slots=True)
class Progress:
    """How far a piece of work is; also the reporter of a build."""

    title: str
    total: int = 0
    done: int = 0
    by_medium: dict[str, list[int]] = field(default_factory=dict)
    """Done and all, by medium."""
    failures: list[str] = field(default_factory=list)
    words: str = ""
    """How it ended; empty while it runs."""
    good: bool = True
    is_stopping: bool = False

    def start(self, steps: Sequence[Step]) -> None:
        """Receive the steps of a plan before the first of them is carried out."""
        # A build has a plan for the letters and one for each copy.
        self.total += len(steps)
        for step in steps:
            self.by_medium.setdefault(step.medium, [0, 0])[1] += 1

    def made(self, made: RenderedDocument) -> None:
        """Receive one document that is finished, or failed; raises StoppedByUser where somebody asked to stop."""
        self.done += 1
        self.by_medium.setdefault(made.medium, [0, 0])[0] += 1
        if made.failure and len(self.failures) < _FAILURES:
            self.failures.append(f"{made.id}.{made.medium}: {made.failure}")
        # Between two documents nothing is half written: what is finished is recorded.
        self.check()

    def check(self) -> None:
        """Raise StoppedByUser where somebody asked to stop."""
        if self.is_stopping:
            raise StoppedByUser

    @property
    def percent(self) -> int:
        """How much is done."""
        return 100 * self.done // self.total if self.total else 0


Work = Callable[[Progress], str]
"""Does something, tells how far it is, and returns in words how it ended."""


class Running:
    """The one piece of work that runs, or ran last."""

    def __init__(self) -> None:
        self.progress: Progress | None = None
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    @property
    def is_on(self) -> bool:
        """Whether it runs."""
        return self._thread is not None and self._thread.is_alive()

    def begin(self, title: str, work: Work) -> Progress:
        """Begin a piece of work; raises CannotGoOn while another one runs."""
        with self._lock:
            if self.is_on and self.progress:
                message = f"something runs already: {self.progress.title}"
                raise CannotGoOn(Exit.CANNOT_WRITE, message, "wait until it has ended, or stop it")
            self.progress = Progress(title)
            # One thread and no pool: there is never more than one piece of work, and a daemon would be cut off in a
            # file.
            self._thread = threading.Thread(target=_run, args=(self.progress, work), name=title)
            self._thread.start()
            return self.progress

    def stop(self) -> None:
        """Ask what runs to stop, and wait until it has."""
        self.ask_to_stop()
        self.wait()

    def ask_to_stop(self) -> None:
        """Ask what runs to stop."""
        if self.progress:
            self.progress.is_stopping = True

    def wait(self) -> None:
        """Wait until what runs has ended."""
        if self._thread:
            self._thread.join()


def _run(progress: Progress, work: Work) -> None:
    try:
        progress.words = work(progress)
    except StoppedByUser:
        progress.words = "Stopped. What was finished stays; the same button goes on from there."
        progress.good = False
    except CannotGoOn as error:
        progress.words, progress.good = str(error), False
    except Exception as error:  # noqa: BLE001 - a page that says nothing is worse than one that says little
        progress.words = f"It ended with a fault of the program: {type(error).__name__}: {error}"
        progress.good = False
