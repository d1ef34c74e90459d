"""A build that is killed at any moment, whole or one worker of it, is completed by the next run."""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.desk import CHIEF, ROOT, SHERIFF, Desk, set_up

ROUNDS = 50
ROWS = [{**(SHERIFF, CHIEF)[n % 2], "id": f"r{n:02}", "agency": f"Department {n}"} for n in range(60)]


@dataclass(frozen=True)
class Undisturbed:
    """A build that nobody killed: what it made, and how often it touched the files of its output."""

    desk: Desk
    files: dict[str, str]
    touched: int


def build(desk: Desk, out: Path, times: int = 0, whom: str = "nobody") -> subprocess.CompletedProcess[str]:
    """Build in a process group of its own, of which `whom` is killed after so many touches of files."""
    command = [sys.executable, str(Path(__file__).with_name("killed_build.py")), str(out), str(times), whom]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        command,
        cwd=desk.folder,
        env=environment,
        start_new_session=True,
        capture_output=True,
        text=True,
        check=False,
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
    done = build(desk, desk.folder / "whole")
    assert done.returncode == 0, done.stderr
    made = files(desk.folder / "whole")
    assert len(made) == 2 * len(ROWS)
    return Undisturbed(desk, made, int(done.stdout.split()[-1]))


@pytest.mark.slow
@pytest.mark.parametrize("number", range(ROUNDS))
def test_killed_at_any_moment_the_next_run_completes(undisturbed: Undisturbed, tmp_path: Path, number: int) -> None:
    moment = random.Random(number).randint(1, undisturbed.touched)  # noqa: S311 - a moment, no secret
    whom = ("build", "worker")[number % 2]
    if build(undisturbed.desk, tmp_path, moment, whom).returncode != 0:
        done = build(undisturbed.desk, tmp_path)
        assert done.returncode == 0, done.stderr
    assert files(tmp_path) == undisturbed.files
