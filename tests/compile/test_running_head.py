from __future__ import annotations

import re

import pytest

from letters.campaign.load import load
from letters.formats.ooxml import read_package
from tests.conftest import MakeDesk
from tests.desk import SHERIFF

LETTER = '---\nrunning_head: "{head}"\n---\nTo the {{{{ recipient.agency }}}}.\n'


def test_a_letter_may_have_its_own_running_head(make_desk: MakeDesk) -> None:
    desk = make_desk(letter=LETTER.format(head="Memo & more to {{ recipient.jurisdiction }}"), rows=[SHERIFF])
    project, _ = load(desk.folder / "campaign.toml")
    assert project is not None
    assert 'data-name="Memo &amp; more to {{ recipient.jurisdiction }}"' in project.template.parts[0].html
    parts = read_package(project.template.word)
    headers = b"".join(content for name, content in parts.items() if re.match(r"word/header\d", name)).decode()
    assert "Memo &amp; more to {{ recipient.jurisdiction }}" in headers
    assert "running_name" not in headers
    assert "Berrien County" in project.letters[0].texts


@pytest.mark.parametrize(
    ("head", "problem"),
    [
        ("To {{ recipient.jurisdicton }}", '"recipient.jurisdicton" is not a field'),
        ("To {{ recipient.agency", "{{ is never closed"),
        ("{% if recipient.phone %}To", "{% if recipient.phone %} is never closed"),
    ],
)
def test_a_mistake_in_the_running_head_has_its_line(make_desk: MakeDesk, head: str, problem: str) -> None:
    desk = make_desk(letter=LETTER.format(head=head))
    _, problems = load(desk.folder / "campaign.toml")
    (found,) = (each for each in problems if each.stops)
    assert found.what == problem
    assert str(found.place).startswith("templates/letter.md:2")


def test_a_running_head_that_would_be_blank_stops_that_letter(make_desk: MakeDesk) -> None:
    desk = make_desk(letter=LETTER.format(head="To {{ recipient.email }}"), rows=[SHERIFF])
    project, problems = load(desk.folder / "campaign.toml")
    assert project is not None
    assert project.letters == ()
    assert {each.what for each in problems if each.stops} == {
        "empty, but the letter prints email (templates/letter.md:2)"
    }
