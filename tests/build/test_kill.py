"""A build that is killed at any moment, whole or one worker of it, is completed by the next run."""

from __future__ import annotations

import contextlib
import hashlib
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.desk import CHIEF, ROOT, SHERIFF, Desk, set_up

ROUNDS = 50
ROWS = [{**(SHERIFF, CHIEF)[n % 2], "id": f"r{n:02}", "agency": f"Department {n}"} for n in range(60)]


@dataclass(frozen=True)
class Undisturbed:
    """A build that nobody killed: what it made, and how long it took."""

    desk: Desk
    files: dict[str, str]
    seconds: float


def begin(desk: Desk, out: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, str(ROOT / "generate.py"), "build", "--jobs", "2", "--out", str(out)]
    return subprocess.Popen(
        command, cwd=desk.folder, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def files(out: Path) -> dict[str, str]:
    """List all that stands in the folders of letters, hidden files too, by name and hash."""
    return {
        path.relative_to(out).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for medium in ("pdf", "docx")
        for path in (out / "letter" / medium).rglob("*")
    }


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    desk = set_up(folder=tmp_path_factory.mktemp("desk") / "campaign", rows=ROWS)
    assert begin(desk, desk.folder / "warm").wait() == 0
    began = time.monotonic()
    assert begin(desk, desk.folder / "whole").wait() == 0
    seconds = time.monotonic() - began
    made = files(desk.folder / "whole")
    assert len(made) == 2 * len(ROWS)
    return Undisturbed(desk, made, seconds)


def worker_of(process: subprocess.Popen[bytes]) -> int:
    """Find a process that works for a build; 0 where there is none at this moment."""
    children: list[str] = []
    for path in Path(f"/proc/{process.pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            children += path.read_text().split()
    return int(children[-1]) if children else 0


@pytest.mark.slow
@pytest.mark.parametrize("number", range(ROUNDS))
def test_killed_at_any_moment_the_next_run_completes(undisturbed: Undisturbed, tmp_path: Path, number: int) -> None:
    moment = random.Random(number).uniform(0, undisturbed.seconds)  # noqa: S311 - a moment, no secret
    process = begin(undisturbed.desk, tmp_path)
    try:
        process.wait(moment)
    except subprocess.TimeoutExpired:
        worker = worker_of(process) if number % 2 else 0
        with contextlib.suppress(ProcessLookupError):
            os.kill(worker, signal.SIGKILL) if worker else os.killpg(process.pid, signal.SIGKILL)
    if process.wait() != 0:
        assert begin(undisturbed.desk, tmp_path).wait() == 0
    assert files(tmp_path) == undisturbed.files
