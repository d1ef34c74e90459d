"""A build that kills itself, or one of its workers, when it has touched the files of its output so many times.

Run in the folder of a campaign: python killed_build.py OUT TIMES WHOM, where WHOM is "build", "worker" or "nobody". It
prints how often it touched them.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from pathlib import Path
from typing import Any

from letters.cli import main


class Killer:
    """An audit hook (PEP 578): Python calls it whenever a file is opened, renamed or removed."""

    def __init__(self, out: Path, times: int, whom: str) -> None:
        self._out = str(out)
        self._times = times
        self._whom = whom
        self._process = os.getpid()
        self.touched = 0

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Count what this process does with a file of the output; workers inherit the hook, and are not counted."""
        path = str(arguments[0]) if event.startswith(("open", "os.", "sqlite3.")) and arguments else ""
        if not path.startswith(self._out) or os.getpid() != self._process:
            return
        self.touched += 1
        if self.touched == self._times:
            self._kill()

    def _kill(self) -> None:
        if self._whom == "build":
            os.killpg(0, signal.SIGKILL)
        for worker in multiprocessing.active_children()[:1] if self._whom == "worker" else ():
            worker.kill()


if __name__ == "__main__":
    out, times, whom = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    killer = Killer(out, times, whom)
    sys.addaudithook(killer)
    sys.argv[1:] = ["build", "--jobs", "2", "--out", str(out)]
    try:
        main()
    finally:
        print(killer.touched)
