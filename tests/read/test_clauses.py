from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from letters.campaign.load import load
from letters.model.problems import Problem
from letters.model.records import Letter
from letters.read.letter import read_letter
from tests.conftest import MakeDesk
from tests.desk import Desk

Read = Callable[..., tuple[Letter, list[Problem]]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Write a letter with its clauses, and read it."""

    def read(letter: str, **clauses: str) -> tuple[Letter, list[Problem]]:
        (tmp_path / "clauses").mkdir()
        for name, text in clauses.items():
            (tmp_path / "clauses" / f"{name}.md").write_text(text, "utf-8")
        (tmp_path / "note.md").write_text(f"---\nframe: none\n---\n{letter}", "utf-8")
        return read_letter("note", tmp_path, "templates")

    return read


def places(letter: Letter, word: str) -> list[str]:
    text = letter.body.text
    return [str(letter.body.place(at)) for at in range(len(text)) if text.startswith(word, at)]


def test_a_clause_stands_where_it_is_included(read: Read) -> None:
    letter, problems = read('Above.\n{% include "duty" %}\n{% include "duty.md" %}\nBelow.\n', duty="The clause.\n")
    assert problems == []
    assert letter.body.text.split() == ["Above.", *["The", "clause."] * 2, "Below."]
    assert "\n\nThe clause.\n\nBelow." in letter.body.text


def test_every_line_knows_its_file_and_line(read: Read) -> None:
    letter, _ = read(
        'X 4\n\n  {% include "outer" %}\nX 7', outer='X 1\n{% include "inner" %}\n\nX 4', inner="---\n---\n\n- X 4"
    )
    assert places(letter, "X") == [
        "templates/note.md:4:1",
        "templates/clauses/outer.md:1:1",
        "templates/clauses/inner.md:4:3",
        "templates/clauses/outer.md:4:1",
        "templates/note.md:7:1",
    ]


def test_an_unknown_clause_is_a_problem_that_guesses_the_name(read: Read) -> None:
    _, problems = read('Text.\n\n{% include "detaners" %}', detainers="Text.")
    assert [str(problem) for problem in problems] == [
        'templates/note.md:6:1: there is no "detaners.md" in templates/clauses/\n    hint: did you mean detainers?'
    ]


def test_a_name_that_is_a_path_is_no_clause(read: Read) -> None:
    _, problems = read('{% include "../note" %}', detainers="Text.")
    assert [problem.what for problem in problems] == ['there is no "../note.md" in templates/clauses/']


def test_a_clause_that_includes_itself_is_a_problem(read: Read) -> None:
    _, problems = read('{% include "a" %}', a='Text.\n{% include "a" %}')
    assert [(str(p.place), p.what) for p in problems] == [
        ("templates/clauses/a.md:2:1", 'the clause "a" includes itself')
    ]


def test_a_clause_that_includes_itself_through_others_is_a_problem(read: Read) -> None:
    _, problems = read('{% include "a" %}', a='{% include "b" %}', b='{% include "c" %}', c='\n{% include "a" %}')
    assert [(str(p.place), p.what) for p in problems] == [
        ("templates/clauses/c.md:2:1", 'the clause "a" includes itself through "b" and "c"')
    ]


def test_a_comment_includes_nothing(read: Read) -> None:
    letter, problems = read('Text.\n{# not now:\n{% include "gone" %}\n#}\n', other="Other.")
    assert problems == []
    assert "Other" not in letter.body.text


def test_a_clause_has_no_front_matter(read: Read) -> None:
    _, problems = read('{% include "a" %}', a="---\ntitle: A\n---\nText.")
    assert [str(p.place) for p in problems] == ["templates/clauses/a.md:1"]


def test_a_frame_and_an_enclosure_include_clauses_too(make_desk: MakeDesk) -> None:
    desk = make_desk(letter="---\nframe: own\nenclosures: [policy]\n---\nText.\n")
    desk.write("templates/frames/own.md", '{% include "duty" %}\n\n{{ body }}\n')
    desk.write("templates/enclosures/policy.md", '{% include "duty" %}\n')
    desk.write("templates/clauses/duty.md", "No duty.[^one]\n\n[^one]: A note.\n")
    project, problems = load(desk.folder / "campaign.toml")
    assert problems == []
    assert project
    assert [part.html.count("No duty.") for part in project.template.parts] == [1, 1]
    assert [dict.fromkeys(notes, 1) for notes in project.letters[0].notes] == [{"one": 1}, {"one": 1}]


def checked(desk: Desk) -> list[str]:
    _, problems = load(desk.folder / "campaign.toml")
    return [f"{problem.place}: {problem.what}" for problem in problems]


def test_a_misspelt_field_of_a_clause_is_reported_there(make_desk: MakeDesk) -> None:
    desk = make_desk(letter='Text.\n\n{% include "duty" %}\n')
    desk.write("templates/clauses/duty.md", "One.\n\nThe {{ recipient.agncy }}.\n")
    assert checked(desk) == ['templates/clauses/duty.md:3:5: "recipient.agncy" is not a field']


def test_a_note_written_in_two_files_is_reported_with_both(make_desk: MakeDesk) -> None:
    desk = make_desk(letter='Text.[^a]\n\n{% include "duty" %}\n\n[^a]: One.\n')
    desk.write("templates/clauses/duty.md", "More.\n\n[^a]: Two.\n")
    _, problems = load(desk.folder / "campaign.toml")
    assert [str(problem) for problem in problems] == [
        "templates/letter.md:5:1: the note [^a] is written twice\n"
        "    hint: templates/clauses/duty.md:3 has it already; give one a new name"
    ]


def test_a_condition_that_ends_in_another_file_is_a_problem(make_desk: MakeDesk) -> None:
    desk = make_desk(letter='{% if recipient.phone %}\n\nText.\n\n{% include "duty" %}\n')
    desk.write("templates/clauses/duty.md", "More.\n\n{% endif %}\n")
    assert checked(desk) == ["templates/clauses/duty.md:3:1: {% endif %} closes the {% if %} of templates/letter.md:1"]


def test_an_include_inside_a_sentence_is_a_problem(make_desk: MakeDesk) -> None:
    desk = make_desk(letter='Text {% include "duty" %} goes on.\n')
    assert checked(desk) == [
        "templates/letter.md:1:6: {% include %} is not alone on its line, or names no clause in quotes"
    ]
