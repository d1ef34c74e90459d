from __future__ import annotations

from letters.campaign.load import Project, load
from letters.read.letter import key_problems, split_front_matter
from tests.conftest import MakeDesk
from tests.desk import Desk


def read(desk: Desk) -> tuple[Project | None, list[str]]:
    project, problems = load(desk.folder / "campaign.toml")
    return project, [str(problem) for problem in problems if problem.stops]


def written(make_desk: MakeDesk, front_matter: str) -> Desk:
    return make_desk(letter=f"---\n{front_matter}\n---\nTo the {{{{ recipient.agency }}}}.\n")


def test_a_letter_is_made_only_for_those_it_is_meant_for(make_desk: MakeDesk) -> None:
    project, problems = read(written(make_desk, "for: recipient.agreement_287g"))
    assert problems == []
    assert project is not None
    assert [letter.recipient.id for letter in project.letters] == ["berrien-county-sheriff"]


def test_the_others_are_told_why_they_get_none(make_desk: MakeDesk) -> None:
    project, _ = read(written(make_desk, 'for: recipient.office == "police_chief"'))
    assert project is not None
    reason = 'the letter is for others: recipient.office == "police_chief"'
    assert project.held_reasons([]) == {"berrien-county-sheriff": reason}


def test_the_condition_may_say_not(make_desk: MakeDesk) -> None:
    project, _ = read(written(make_desk, "for: not recipient.agreement_287g"))
    assert project is not None
    assert [letter.recipient.id for letter in project.letters] == ["adrian-police"]


def test_a_letter_without_the_key_is_for_all(make_desk: MakeDesk) -> None:
    project, _ = read(written(make_desk, "title: A letter"))
    assert project is not None
    assert len(project.letters) == 2


def test_an_unknown_field_in_the_condition_is_a_problem_with_its_line(make_desk: MakeDesk) -> None:
    _, problems = read(written(make_desk, "title: A letter\nfor: recipient.agrement_287g"))
    assert problems == [
        'templates/letter.md:3: for: "recipient.agrement_287g" is not a field\n'
        "    hint: did you mean recipient.agreement_287g?"
    ]


def test_a_value_that_the_condition_can_never_meet_is_a_problem(make_desk: MakeDesk) -> None:
    _, problems = read(written(make_desk, 'for: recipient.agreement_287g == "jail"'))
    assert len(problems) == 1
    assert 'recipient.agreement_287g is never "jail"' in problems[0]


def test_a_condition_that_cannot_be_computed_names_the_recipient(make_desk: MakeDesk) -> None:
    _, problems = read(written(make_desk, "for: recipient.zip > 5"))
    assert [problem.partition(": '>'")[0] for problem in problems] == [
        f'templates/letter.md:2: for: "recipient.zip > 5" cannot be computed for {name}'
        for name in ("berrien-county-sheriff", "adrian-police")
    ]


def test_contents_is_true_or_false() -> None:
    matter, _ = split_front_matter("---\ncontents: long\n---\nText.\n", "letter.md")
    problems = key_problems(matter, {"contents": bool}, "letter.md")
    assert [str(problem) for problem in problems] == ['letter.md:2: contents: "long" is not true or false']
