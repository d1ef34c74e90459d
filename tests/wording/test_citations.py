"""Counsel reads the citations of a letter in its Word file, and corrects them in the authorities file."""

from __future__ import annotations

import pytest

from letters.formats.ooxml import read_package, write_package
from tests.conftest import MakeDesk
from tests.desk import Desk

FILE = """
[printz]
full = "*Printz v. United States*, 521 U.S. 898 (1997)"
pin = "935"
read_by = "A"
read_on = 2025-09-01
"""
LETTER = "One.[^one]\n\n[^one]: *See* {{ cite.printz }}, as said.\n"


@pytest.fixture
def desk(make_desk: MakeDesk) -> Desk:
    made = make_desk(letter=LETTER)
    made.write("templates/authorities.toml", FILE)
    made.run("draft", "export", "letter", "--to", "letter.docx")
    return made


def replace(desk: Desk, old: str, new: str) -> None:
    path = desk.folder / "letter.docx"
    parts = read_package(path.read_bytes())
    assert old.encode() in parts["word/footnotes.xml"]
    parts["word/footnotes.xml"] = parts["word/footnotes.xml"].replace(old.encode(), new.encode())
    path.write_bytes(write_package(parts))


def test_a_label_shows_the_citation_that_will_stand_there(desk: Desk) -> None:
    notes = read_package((desk.folder / "letter.docx").read_bytes())["word/footnotes.xml"].decode()
    assert "‹Cite printz: Printz v. United States, 521 U.S. 898, 935 (1997)›" in notes
    assert "no words changed" in desk.run("draft", "import", "letter.docx").stderr


def test_words_around_a_citation_come_back_and_its_tag_stays(desk: Desk) -> None:
    replace(desk, "as said", "as decided")
    desk.run("draft", "import", "letter.docx", "--yes")
    letter = (desk.folder / "templates/letter.md").read_text("utf-8")
    assert letter == LETTER.replace("as said", "as decided")


def test_a_citation_that_was_corrected_in_word_is_a_question(desk: Desk) -> None:
    replace(desk, "521 U.S. 898, 935 (1997)", "521 U.S. 898, 936 (1997)")
    done = desk.run("draft", "import", "letter.docx")
    assert (
        'question: ‹Cite printz› has "Printz v. United States, 521 U.S. 898, 936 (1997)", '
        'the authorities file "Printz v. United States, 521 U.S. 898, 935 (1997)"'
    ) in done.stderr
    assert (desk.folder / "templates/letter.md").read_text("utf-8") == LETTER
