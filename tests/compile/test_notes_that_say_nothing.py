"""A note or a letter without words is found, for all or for one recipient, and nothing is torn out of a note."""

from __future__ import annotations

import pytest

from tests.conftest import MakeDesk
from tests.desk import CHIEF, SHERIFF
from tests.reading import plain_text

HEAD = "---\ntitle: Notes\n---\nText.[^a] More.\n\n"


def test_a_note_without_words_is_an_error_with_its_place(make_desk: MakeDesk) -> None:
    desk = make_desk(letter=f"{HEAD}[^a]: {{# later #}}\n")
    done = desk.run("check", code=1)
    assert "templates/letter.md:4" in done.stdout
    assert "the note [^a] is empty: it has no words" in done.stdout


def test_a_note_that_is_empty_for_one_recipient_stops_that_letter_only(make_desk: MakeDesk) -> None:
    note = "[^a]: {% if recipient.agreement_287g %}Signed.{% endif %}\n"
    desk = make_desk(letter=HEAD + note, rows=[SHERIFF, CHIEF])
    done = desk.run("check", code=1)
    assert "the note [^a] is empty for adrian-police" in done.stdout
    assert "1 of 2 letters can be made" in done.stdout + done.stderr


@pytest.mark.parametrize("otherwise", ["{% else %}None signed.{% endif %}", "{% endif %} Always."])
def test_a_note_that_always_has_words_is_none_of_them(make_desk: MakeDesk, otherwise: str) -> None:
    note = f"[^a]: {{% if recipient.agreement_287g %}}Signed.{otherwise}\n"
    desk = make_desk(letter=HEAD + note, rows=[SHERIFF, CHIEF])
    done = desk.run("check")
    assert "2 of 2 letters can be made" in done.stdout + done.stderr


def test_a_table_in_a_note_is_refused(make_desk: MakeDesk) -> None:
    desk = make_desk(letter=f"{HEAD}[^a]: Head\n\n    | a | b |\n    |---|---|\n    | c | d |\n")
    assert "the note [^a] holds a table" in desk.run("check", code=1).stdout


def test_a_list_in_a_note_stays_in_the_note(make_desk: MakeDesk) -> None:
    desk = make_desk(letter=f"{HEAD}[^a]: Head\n\n    (c) gamma\n    (d) delta\n\n    Tail.\n", rows=[SHERIFF])
    desk.run("build", "--no-docx")
    said = " ".join(plain_text(desk.out("pdf/berrien-county-sheriff.pdf")).split())
    assert said.index("Sincerely") < said.index("Head") < said.index("(c)") < said.index("gamma") < said.index("Tail.")


def test_a_letter_without_words_for_one_recipient_stops_that_letter_only(make_desk: MakeDesk) -> None:
    """It went out as a salutation and a closing, where an office had been forgotten."""
    letter = '{% if recipient.office == "police_chief" %}\nWe write.\n{% endif %}\n'
    done = make_desk(letter=letter, rows=[SHERIFF, CHIEF]).run("check", code=1)
    assert '"letter" has no words for berrien-county-sheriff' in done.stdout
    assert "1 of 2 letters can be made" in done.stdout + done.stderr
