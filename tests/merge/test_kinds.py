"""Letters of one kind decide all conditions alike, and print equally many values."""

from __future__ import annotations

from letters.campaign.load import load
from tests.conftest import MakeDesk
from tests.desk import CHIEF, SHERIFF


def kinds(make_desk: MakeDesk, *rows: dict[str, str]) -> list[int]:
    desk = make_desk(rows=[{**row, "id": f"r{number}"} for number, row in enumerate(rows)])
    project, problems = load(desk.folder / "campaign.toml")
    assert project is not None, problems
    return [letter.kind for letter in project.letters]


def test_other_values_make_no_other_kind(make_desk: MakeDesk) -> None:
    assert kinds(make_desk, SHERIFF, {**SHERIFF, "agency": "Another Agency", "zip": "49001"}) == [0, 0]


def test_a_condition_that_falls_otherwise_makes_another_kind(make_desk: MakeDesk) -> None:
    other = {**SHERIFF, "agreement_287g": "", "agreement_signed": "", "zip": "49001"}
    assert kinds(make_desk, SHERIFF, other) == [0, 1]


def test_a_line_more_in_the_address_makes_another_kind(make_desk: MakeDesk) -> None:
    assert kinds(make_desk, CHIEF, {**CHIEF, "address2": "Room 2", "zip": "49001"}) == [0, 1]
