"""A limit to the computing time of work on what people wrote, the last of all limits: the others name their cause."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn


class TooSlowError(Exception):
    """Raised in the middle of work that has used up its time."""


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raise TooSlowError after so much computing time of this process, waiting and other programs not counted.

    Where there is no such timer, which is on Windows and in a thread that is not the first, nothing is limited.
    """
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(_: int, __: FrameType | None) -> NoReturn:
        raise TooSlowError(f"it takes more than {seconds:.0f} seconds to make; is something in it without end?")

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
