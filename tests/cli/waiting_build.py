"""A program of ours with one command more: a build that waits when so many letters are made.

Run in the folder of a campaign: python waiting_build.py COUNT. It prints a line when it waits, and waits until its
standard input ends.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from letters.build.build import build
from letters.build.jobs import RenderedDocument
from letters.build.plan import Step
from letters.cli import main, program
from letters.cli.options import load_ready, make_options


class Waiting:
    """A reporter that holds up the build."""

    def __init__(self, count: int) -> None:
        self._left = count

    def start(self, steps: Sequence[Step]) -> None:
        """Do nothing."""

    def made(self, made: RenderedDocument) -> None:
        """Wait when so many letters are made."""
        self._left -= 1
        if not self._left:
            print("waiting", flush=True)
            # A signal that comes before the call is only seen by Python when the call returns, so whoever sends one
            # must close the pipe, too.
            sys.stdin.read()


@program().command()
def waiting(count: int) -> None:
    """Build with two processes, and wait when so many letters are made."""
    project, problems = load_ready(Path("campaign.toml"), "")
    build(project, problems, make_options(project, None, ("pdf",), (), 2), Waiting(count))


if __name__ == "__main__":
    # A shell has what it starts in the background ignore Ctrl-C, tests that are run there and their processes, too.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.argv.insert(1, "waiting")
    main()
