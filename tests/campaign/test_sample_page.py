"""What a style sheet of the office's own does not show of a letter is told before any letter is made."""

from __future__ import annotations

import pytest

from letters.campaign.load import load
from tests.conftest import MakeDesk
from tests.desk import CAMPAIGN


def _told(make_desk: MakeDesk, rules: str, *, status: str = "draft") -> list[str]:
    """Return what is wrong with the style sheet of a campaign, once these rules stand at its end."""
    desk = make_desk(campaign=CAMPAIGN, more=f'status = "{status}"')
    sheet = desk.folder / "templates" / "letterhead.css"
    sheet.write_text(f"{sheet.read_text()}\n{rules}\n")
    project, problems = load(desk.folder / "campaign.toml")
    told = [problem for problem in problems if problem.stops]
    assert bool(told) is not bool(project and project.letters)
    return [problem.what for problem in told]


@pytest.mark.parametrize(
    ("rules", "parts"),
    [
        (".inside-address { display: none }", 'block "inside-address"'),
        (".salutation, li { opacity: 0 }", 'block "salutation", lists'),
        (".closing { position: absolute; left: -900pt }", 'block "closing"'),
        ("main > p, td { color: white }", "paragraphs, tables, notes"),
    ],
)
def test_parts_of_a_letter_that_nobody_would_see_stop_all_letters(make_desk: MakeDesk, rules: str, parts: str) -> None:
    assert _told(make_desk, rules) == [f"it does not show these parts of a letter: {parts}"]


def test_notes_that_do_not_go_to_the_foot_of_a_page_stop_all_letters(make_desk: MakeDesk) -> None:
    assert _told(make_desk, ".note { float: none }") == ["it does not set the notes of a letter at the foot of a page"]


@pytest.mark.parametrize(
    ("rules", "what"),
    [
        ("@page letter { @bottom-center { content: none } }", "there is no DRAFT mark on its pages"),
        (':root { --draft-mark: "" }', "there is no DRAFT mark on its pages"),
        ("@page letter { @bottom-center { color: white } }", "the DRAFT mark in a colour that can be seen"),
    ],
)
def test_a_draft_without_its_mark_stops_all_letters(make_desk: MakeDesk, rules: str, what: str) -> None:
    (told,) = _told(make_desk, rules)
    assert what in told


@pytest.mark.parametrize(
    "rules",
    [
        "",
        ':root { --draft-mark: "TRABAJO EN CURSO" }',
        "body { columns: 2; color: #777 }",
        "p { text-transform: uppercase }",
    ],
)
def test_a_style_sheet_that_shows_every_part_is_taken(make_desk: MakeDesk, rules: str) -> None:
    assert _told(make_desk, rules) == []


def test_a_final_campaign_needs_no_mark(make_desk: MakeDesk) -> None:
    assert _told(make_desk, "@page letter { @bottom-center { content: none } }", status="final") == []
