"""A run of "letters mail prepare" that kills itself before it gives a file its name for the n-th time.

Run in the folder of a campaign: python killed_prepare.py N OPTION…
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

from letters.cli import main

named, at = 0, int(sys.argv[1])


def count(event: str, arguments: tuple[Any, ...]) -> None:
    """Count the names that are given to files of the output (an audit hook, PEP 578)."""
    global named
    if event == "os.rename" and "out" in str(arguments[0]):
        named += 1
        if named == at:
            os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    sys.addaudithook(count)
    sys.argv[1:] = ["mail", "prepare", *sys.argv[2:]]
    main()
