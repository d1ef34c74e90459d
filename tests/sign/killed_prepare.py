"""A run of a command that kills itself at its n-th step towards the disk.

A step is a file opened for writing, given its name or removed, or the record opened.

Run in the folder of a campaign: python killed_prepare.py N COMMAND…
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

from letters.cli import main

steps, at = 0, int(sys.argv[1])
_WRITING = os.O_WRONLY | os.O_RDWR


def count(event: str, arguments: tuple[Any, ...]) -> None:
    """Count what is done to files of the output (audit hooks, PEP 578)."""
    global steps
    is_step = event in ("os.rename", "os.remove", "sqlite3.connect")
    is_step = is_step or (event == "open" and isinstance(arguments[2], int) and bool(arguments[2] & _WRITING))
    if is_step and "out" in Path(str(arguments[0])).parts:
        steps += 1
        if steps == at:
            os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    sys.addaudithook(count)
    sys.argv[1:] = sys.argv[2:]
    try:
        main()
    finally:
        print(f"steps: {steps}", file=sys.stderr)
