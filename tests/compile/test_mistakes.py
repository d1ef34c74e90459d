"""A mistake in a letter is told with its place in the Markdown file, and with what was meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from letters.campaign.load import load
from tests.conftest import MakeDesk
from tests.golden import Case, cases

HERE = Path(__file__).parent


@pytest.mark.parametrize("case", cases(HERE / "mistakes.txt"))
def test_a_mistake_is_told_with_its_line(make_desk: MakeDesk, case: Case) -> None:
    desk = make_desk(letter=case.given.rstrip("\n") + "\n")
    _, problems = load(desk.folder / "campaign.toml")
    told = "\n".join(str(problem) for problem in problems if problem.stops)
    assert told.replace("templates/letter.md:", "") == case.wanted


def test_a_file_without_text_is_told(make_desk: MakeDesk) -> None:
    desk = make_desk(letter="")
    _, problems = load(desk.folder / "campaign.toml")
    assert "there is no text\n    hint: write the letter" in str(problems[0])


def test_words_that_are_struck_through_are_told_before_they_are_printed(make_desk: MakeDesk) -> None:
    desk = make_desk(letter="You must ~~never~~ always ask.\n")
    project, problems = load(desk.folder / "campaign.toml")
    assert project.letters
    assert [str(problem) for problem in problems if "struck" in problem.what] == [
        "templates/letter.md:1: warning: words would be printed struck through\n"
        "    hint: remove them; a letter shows none of its changes"
    ]
