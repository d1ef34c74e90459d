"""A run that is stopped, killed or out of room keeps what is finished, and running it again does the rest."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import MakeDesk
from tests.desk import CHIEF, ROOT, Desk

MANY = [{**CHIEF, "id": f"n{number:03}", "agency": f"Department {number}"} for number in range(100)]
SO_MANY = 80
"""Letters that are made when the build waits: more than are written together, fewer than all."""


def begin(desk: Desk) -> subprocess.Popen[str]:
    """Begin a build, and return when it waits: some letters are finished then, and others are not."""
    command = [sys.executable, str(Path(__file__).with_name("waiting_build.py")), str(SO_MANY)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process: subprocess.Popen[str] = subprocess.Popen(
        command, cwd=desk.folder, env=environment, text=True, start_new_session=True, **pipes
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "waiting\n"
    return process


def finished(desk: Desk) -> list[Path]:
    return sorted(desk.out("pdf").glob("*.pdf"))


def assert_whole(paths: list[Path]) -> None:
    assert all(path.read_bytes().startswith(b"%PDF-") for path in paths)
    assert all(path.read_bytes().rstrip().endswith(b"%%EOF") for path in paths)


@pytest.mark.parametrize("how", [signal.SIGINT, pytest.param(signal.SIGKILL, marks=pytest.mark.slow)])
def test_finished_letters_are_kept_and_the_next_run_does_the_rest(make_desk: MakeDesk, how: signal.Signals) -> None:
    desk = make_desk(rows=MANY)
    process = begin(desk)
    os.killpg(process.pid, how)
    _, told = process.communicate()
    kept = {path.name: path.stat().st_mtime_ns for path in finished(desk)}
    assert 0 < len(kept) < SO_MANY
    assert_whole(finished(desk))
    if how is signal.SIGINT:
        assert process.returncode == 130
        assert "stopped; finished letters are kept, and the same command goes on from there" in told
        assert "Traceback" not in told
    desk.run("build", "--no-docx")
    assert len(finished(desk)) == len(MANY)
    assert_whole(finished(desk))
    assert list(desk.out("pdf").glob(".*")) == []
    if how is signal.SIGINT:
        again = [name for name in kept if desk.out(f"pdf/{name}").stat().st_mtime_ns != kept[name]]
        assert len(again) <= 1, "the one that was in hand may be made again"


def test_a_file_that_finds_no_room_ends_the_run_and_the_next_one_does_the_rest(make_desk: MakeDesk) -> None:
    desk = make_desk()
    desk.run("build", "--no-docx", "--jobs", "1")
    most = 105_000  # bytes in a file: enough for the ledger, too few for a DOCX with its fonts

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    command = [sys.executable, str(ROOT / "generate.py"), "build", "--jobs", "1"]
    done = subprocess.run(command, cwd=desk.folder, capture_output=True, text=True, check=False, preexec_fn=limit)
    assert done.returncode == 4, done.stderr
    assert "cannot be written: the file would be too large for this disk" in done.stderr
    assert "letters that are finished are kept; make room or choose another folder with --out" in done.stderr
    assert "Traceback" not in done.stderr
    assert [path.suffix for path in desk.out().rglob("*.docx")] == []
    assert_whole(finished(desk))
    desk.run("build", "--jobs", "1")
    assert sorted(path.suffix for path in desk.out().rglob("*.*") if path.suffix in (".pdf", ".docx")) == [
        ".docx", ".docx", ".pdf", ".pdf",
    ]  # fmt: skip


@pytest.mark.parametrize("out", ["campaign.toml", "campaign.toml/below", "/dev/null/out"])
def test_a_folder_that_cannot_be_written_is_named(make_desk: MakeDesk, out: str) -> None:
    desk = make_desk()
    done = desk.run("build", "--no-pdf", "--out", out, code=4)
    assert done.stderr.startswith(f'error: "{out}/letter')
    assert "cannot be written: " in done.stderr
    assert "choose another folder with --out" in done.stderr
