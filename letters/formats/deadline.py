"""A limit to the computing time of work on what people wrote, the last of all limits: the others name their cause."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

_SOON = 0.001
"""Seconds: a timer that is set to 0 never ends."""


class TooSlowError(BaseException):
    """Raised in the middle of work that has used up its time.

    Not an Exception: whoever tries something else after any fault, as the engines of letters do, would have no limit.
    """


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raise TooSlowError after so much computing time of this process, waiting and other programs not counted.

    Where there is no such timer, which is on Windows and in a thread that is not the first, nothing is limited. Inside
    of another limit that ends sooner, that one counts.
    """
    # Python runs handlers of signals in the first thread only, and elsewhere refuses to set one.
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(_: int, __: FrameType | None) -> NoReturn:
        raise TooSlowError(f"it takes more than {seconds:.0f} seconds to make; is something in it without end?")

    # The virtual timer runs while this process computes: a machine that is busy with other things stops no letter.
    around = signal.getitimer(signal.ITIMER_VIRTUAL)[0]
    if 0 < around <= seconds:
        yield
        return
    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        # What was used up in here counts for the limit around it, too.
        left = signal.getitimer(signal.ITIMER_VIRTUAL)[0]
        signal.signal(signal.SIGVTALRM, before)
        signal.setitimer(signal.ITIMER_VIRTUAL, around and max(around - seconds + left, _SOON))
