"""Where stderr is no terminal, rich is not asked, and what is printed is the same."""

from __future__ import annotations

import pytest

from letters.cli import screen
from letters.problems import Place, Problem, warning

ROWS = [("83", "letters made, 0 pages"), ("1,234", "held back: the row has no [zip] – é :x:"), ("", "in out/: docx/")]
PROBLEMS = [
    Problem(Place("recipients.csv", 17, field="zip"), '"7O102" is not [a] ZIP code', "the letter O :smile:"),
    warning(Place("templates/letter.md", 3, 4), "a " + "very " * 30 + "long warning"),
    Problem(Place(), "of no place"),
]


def printed(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *, by_rich: bool) -> list[str]:
    monkeypatch.setattr(screen, "_is_seen", lambda: by_rich)
    screen.print_plain_problems(PROBLEMS)
    screen._print_rows(ROWS)
    return [line.rstrip() for line in capsys.readouterr().err.split("\n")]


def test_problems_and_rows_look_the_same(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert printed(capsys, monkeypatch, by_rich=False) == printed(capsys, monkeypatch, by_rich=True)


def test_a_long_row_is_whole(capsys: pytest.CaptureFixture[str]) -> None:
    screen._print_rows([("", f"in /{'a' * 90}/")])
    assert capsys.readouterr().err == f"  in /{'a' * 90}/\n"
