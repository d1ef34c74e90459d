from __future__ import annotations

from pathlib import Path

import pytest

from letters.campaign.load import load
from letters.formats.ooxml import read_package
from letters.model.problems import CannotGoOn
from letters.read.folder import earlier_editions
from letters.read.letter import read_enclosure, read_letter
from tests.conftest import MakeDesk
from tests.desk import CAMPAIGN, SHERIFF


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    files = {
        "guidance.md": '---\nedition: 2025-09\n---\nNew.\n\n{% include "duty" %}\n',
        "frames/letter.md": "{{ body }}\n",
        "clauses/duty.md": "New duty.\n",
        "enclosures/policy.md": "New policy.\n",
        "enclosures/sheet.md": "The sheet.\n",
        "editions/2017-01/guidance.md": '---\nframe: none\n---\nOld.\n\n{% include "duty" %}\n',
        "editions/2017-01/clauses/duty.md": "Old duty.\n",
        "editions/2017-01/enclosures/policy.md": "Old policy.\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


def test_an_edition_is_read_with_its_own_clauses_and_enclosures(templates: Path) -> None:
    letter, problems = read_letter("guidance@2017-01", templates, "templates")
    assert problems == []
    assert letter.body.text.split() == ["Old.", "Old", "duty."]
    assert (letter.name, letter.edition) == ("guidance@2017-01", "2017-01")
    policy, _ = read_enclosure("policy", letter, templates, "templates")
    assert policy.body.path == "templates/editions/2017-01/enclosures/policy.md"


def test_what_an_edition_has_not_of_its_own_comes_from_the_campaign(templates: Path) -> None:
    letter, _ = read_letter("guidance@2017-01", templates, "templates")
    sheet, _ = read_enclosure("sheet", letter, templates, "templates")
    assert sheet.body.path == "templates/enclosures/sheet.md"


def test_the_edition_of_today_is_the_letter_itself(templates: Path) -> None:
    assert read_letter("guidance@2025-09", templates, "templates") == read_letter("guidance", templates, "templates")


def test_an_unknown_edition_is_answered_with_those_there_are(templates: Path) -> None:
    with pytest.raises(CannotGoOn) as stop:
        read_letter("guidance@2017-10", templates, "templates")
    assert str(stop.value) == ('there is no edition "2017-10" of guidance\n    hint: did you mean guidance@2017-01?')


def test_an_edition_in_the_folder_of_another_is_told(templates: Path) -> None:
    (templates / "editions/2017-01/guidance.md").write_text("---\nedition: 2016-12\n---\nOld.\n", "utf-8")
    _, problems = read_letter("guidance@2017-01", templates, "templates")
    assert [str(problem) for problem in problems] == [
        'templates/editions/2017-01/guidance.md:2: edition: "2016-12", but it stands in the folder of "2017-01"\n'
        "    hint: rename one of the two"
    ]


def test_an_edition_is_never_a_path(templates: Path) -> None:
    with pytest.raises(CannotGoOn):
        read_letter("guidance@../editions/2017-01", templates, "templates")


def test_the_earlier_editions_of_a_letter_are_listed(templates: Path) -> None:
    assert earlier_editions("guidance", templates) == ["2017-01"]
    assert earlier_editions("press-release", templates) == []


def test_an_earlier_edition_is_built_beside_the_letter(make_desk: MakeDesk) -> None:
    desk = make_desk(rows=[SHERIFF])
    desk.write("templates/editions/2017-01/letter.md", "Ten years ago we wrote to the {{ recipient.agency }}.\n")
    desk.run("build", "--letter", "letter@2017-01", "--no-pdf")
    path = desk.folder / "out" / "letter@2017-01" / "docx" / "berrien-county-sheriff.docx"
    assert "Ten years ago" in read_package(path.read_bytes())["word/document.xml"].decode()
    assert not desk.out().exists()


def test_a_campaign_may_send_an_earlier_edition(make_desk: MakeDesk) -> None:
    desk = make_desk(campaign=CAMPAIGN.replace('letter = "letter"', 'letter = "letter@2017-01"'))
    desk.write("templates/editions/2017-01/letter.md", "Of the edition {{ letter.edition }}.\n")
    project, problems = load(desk.folder / "campaign.toml")
    assert problems == []
    assert project
    assert project.template.name == "letter@2017-01"
