"""A campaign that is loaded again is what it is when it is loaded for the first time, whatever was changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from letters.campaign.load import Former, Project, load
from letters.formats.cache import Cache
from letters.model.problems import Problem
from tests.conftest import MakeDesk
from tests.desk import CHIEF, LETTER, SHERIFF, Desk

LIST = "recipients.csv"


def shown(loaded: tuple[Project | None, list[Problem]]) -> object:
    """Return what was loaded but the numbers of the kinds of letters, which count from the first that was seen."""
    project, problems = loaded
    if project is None:
        return problems
    letters = [(each.recipient, each.notes, each.digest, each.length, each.texts) for each in project.letters]
    return project.campaign, project.recipients, project.template.parts, letters, problems


def replaced(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def compare(desk: Desk, changes: list[tuple[str, str, str]]) -> list[tuple[Project | None, list[Problem]]]:
    """Load a campaign again after each change, compare it with what is loaded from nothing, and return what it was."""
    former, cache, seen = Former(), Cache(desk.folder / "kept"), []
    for name, old, new in [(LIST, "id", "id"), *changes]:
        replaced(desk.folder / name, old, new)
        again = load(desk.folder / "campaign.toml", cache=cache, former=former)
        assert shown(again) == shown(load(desk.folder / "campaign.toml", cache=cache)), (name, old, new)
        seen.append(again)
    return seen


def test_rows_that_stay_are_taken_over_and_what_changed_is_read_and_merged_again(make_desk: MakeDesk) -> None:
    rows = [SHERIFF, CHIEF, {**CHIEF, "id": "other-police", "agency": "Other Police", "address1": "1 Other Street"}]
    changes = [
        (LIST, "100 East Church Street", "101 East Church Street"),
        (LIST, "49022", "4902"),
        (LIST, "\nadrian-police", "\n\nadrian-police"),
        (LIST, "address1", "address_1"),
    ]
    seen = compare(make_desk(rows=rows), changes)
    first, second = (project.letters if project else () for project, _ in seen[:2])
    assert [one is other for one, other in zip(first, second, strict=True)] == [True, False, True]


@pytest.mark.slow
def test_further_changes_of_list_and_text_are_read_and_merged(make_desk: MakeDesk) -> None:
    changes = [
        (LIST, "adrian-police", "berrien-county-sheriff"),
        (LIST, "berrien-county-sheriff,police", "third-police,police"),
        (LIST, "address1", "address_1"),
        (LIST, "address_1", "address1"),
        ("campaign.toml", "2025-09-17", "2025-10-01"),
        ("templates/letter.md", "about policy", "about policy in {{ recipient.city }}"),
        ("templates/letter.md", "recipient.city", "recipient.nothing"),
        ("templates/letter.md", "recipient.nothing", "recipient.county"),
        ("templates/forms-of-address.toml", "Chief of Police", "Director of Police"),
    ]
    compare(make_desk(), changes)


def test_a_letter_for_some_recipients_is_held_back_for_those_who_change(make_desk: MakeDesk) -> None:
    desk = make_desk(letter=f'---\nfor: recipient.county == "Lenawee"\n---\n{LETTER}')
    seen = compare(desk, [(LIST, ",Lenawee,", ",Monroe,"), (LIST, ",Monroe,", ",Lenawee,")])
    assert [len(project.letters) for project, _ in seen if project] == [1, 0, 1]
