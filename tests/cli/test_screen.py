"""Messages are printed as they are: nothing in them is markup, and no line is broken."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from letters.build.jobs import RenderedDocument
from letters.cli import build_screen, screen
from letters.model.problems import Place, Problem, warning
from tests.conftest import MakeDesk

LONG = "a " + "very " * 30 + "long warning"


def test_problems_are_printed_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    problems = [
        Problem(Place("recipients.csv", 17, field="zip"), '"7O102" is not [a] ZIP code', "the letter O :smile:"),
        warning(Place("templates/letter.md", 3, 4), LONG),
        Problem(Place(), "of no place"),
    ]
    screen.print_plain_problems(problems)
    assert capsys.readouterr().err == "".join(f"{problem}\n" for problem in problems)


def test_a_failure_is_printed_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    with build_screen.BuildProgress() as progress:
        progress.start([])
        progress.made(RenderedDocument("one", "pdf", failure=f"[red]no :x: {LONG}"))
    assert capsys.readouterr().err == f"one.pdf: [red]no :x: {LONG}\n"


def test_rows_stand_in_two_columns_and_a_long_one_is_whole(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [("83", "letters made"), ("1,234", "held back: no [zip] – é :x:"), ("", f"in /{'a' * 90}/")]
    build_screen._print_rows(rows)
    assert capsys.readouterr().err.splitlines() == [
        "   83  letters made",
        "1,234  held back: no [zip] – é :x:",
        f"       in /{'a' * 90}/",
    ]


@pytest.mark.parametrize("encoding", ["cp1252"])
def test_an_output_that_lacks_a_character_escapes_it(make_desk: MakeDesk, encoding: str) -> None:
    desk = make_desk(letter="To {{ recipient.łódź }}.\n")
    script = "import sys; from letters.cli import main; sys.argv[1:] = ['check']; main()"
    environment = {**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=desk.folder, env=environment, capture_output=True, check=False)
    assert done.returncode == 1
    assert b"recipient.\\u0142" in done.stdout
    assert b"Traceback" not in done.stderr
