"""letters preview --watch: a letter is made again when its text changes, the changed page first."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from letters.cli.show import LetterWatch
from letters.desk.opened import OpenCampaign
from letters.formats.pdf_text import PdfText
from letters.model.problems import CannotGoOn
from tests.conftest import MakeDesk
from tests.desk import LETTER, Desk

LONG = LETTER.replace(
    "\n[^one]:", "\nA paragraph more, as long as it has to be to fill a line or two of it.\n" * 60 + "\n[^one]:", 1
)


@pytest.fixture
def desk(make_desk: MakeDesk) -> Desk:
    return make_desk(letter=LONG)


@pytest.fixture
def watch(desk: Desk) -> Iterator[LetterWatch]:
    opened = OpenCampaign(desk.folder, "", None)
    yield LetterWatch(opened, "adrian-police")
    opened.close()


def words(watch: LetterWatch, name: str) -> str:
    with PdfText(watch.path.with_name(name).read_bytes()) as pdf:
        return " ".join(" ".join(page.text.split()) for page in pdf.pages())


def test_a_saved_change_makes_its_page_and_then_the_letter_again_with_their_times(
    desk: Desk, watch: LetterWatch
) -> None:
    (first,) = watch.look()
    assert re.fullmatch(r".*adrian-police\.pdf: the whole letter, \d+\.\d\d s", first)
    assert list(watch.look()) == [], "nothing changed"
    desk.write("templates/letter.md", LONG.replace("about policy", "about zebras"))
    page, whole = watch.look()
    assert re.fullmatch(r".*adrian-police\.page\.pdf: page 1 of \d of templates/letter\.md, \d+\.\d\d s", page)
    assert "the whole letter" in whole
    assert "zebras" in words(watch, "adrian-police.page.pdf")
    assert "zebras" in words(watch, "adrian-police.pdf")


def test_a_mistake_is_told_and_the_letter_stays_until_it_is_corrected(desk: Desk, watch: LetterWatch) -> None:
    list(watch.look())
    before = watch.path.read_bytes()
    desk.write("templates/letter.md", LONG + "\n{{ recipient.nothing }}\n")
    assert any("nothing" in line for line in watch.look())
    assert watch.path.read_bytes() == before
    desk.write("templates/letter.md", LONG.replace("about policy", "about zebras"))
    list(watch.look())
    assert "zebras" in words(watch, "adrian-police.pdf")


def test_who_is_not_in_the_list_is_told_at_once(desk: Desk) -> None:
    assert 'no recipient has the id "adrain-police"' in desk.run("preview", "adrain-police", "--watch", code=2).stderr


def test_a_campaign_that_cannot_be_read_is_told(make_desk: MakeDesk) -> None:
    desk = make_desk(letter="{% if recipient.agency %} never closed")
    opened = OpenCampaign(desk.folder, "", None)
    with pytest.raises(CannotGoOn):
        LetterWatch(opened, "adrian-police")
    opened.close()
