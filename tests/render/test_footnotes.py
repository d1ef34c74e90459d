"""Notes stand at the foot of the page that calls them, and none is lost."""

from __future__ import annotations

import pytest

from tests.conftest import MakeDesk
from tests.desk import CHIEF
from tests.reading import pdf_pages
from tests.sample import DOZEN, Built


@pytest.mark.parametrize("identifier", DOZEN)
def test_every_note_stands_on_the_page_of_its_call(dozen: Built, identifier: str) -> None:
    pages = pdf_pages(dozen.content(identifier, "pdf"))
    assert [page.given for page in pages] == [page.called for page in pages]
    assert sum(len(page.given) for page in pages) > 10


def test_no_note_is_lost_however_the_lines_fall(make_desk: MakeDesk) -> None:
    def paragraph(number: int) -> str:
        return f"{'A line that is filled. ' * 5}[^n{number}] {'More of it. ' * (24 + number % 9)}"

    def note(number: int) -> str:
        return f"[^n{number}]: {'Words of the note, as many as it takes. ' * (1 + number % 4)}"

    numbers = range(1, 61)
    text = "\n\n".join([*map(paragraph, numbers), *map(note, numbers)])
    desk = make_desk(letter=text, rows=[CHIEF])
    desk.run("build", "--no-docx")
    pages = pdf_pages(desk.out("pdf/adrian-police.pdf").read_bytes())
    assert [number for page in pages for number in page.called] == [str(number) for number in numbers]
    assert [page.given for page in pages] == [page.called for page in pages]


def test_notes_longer_than_a_page_are_an_error_and_never_printed_over_the_text(make_desk: MakeDesk) -> None:
    text = f"One sentence.[^long]\n\n[^long]: {'The note goes on and on about the law of the matter. ' * 300}\n"
    desk = make_desk(letter=text, rows=[CHIEF])
    done = desk.run("build", code=1)
    assert "are longer than a page; shorten them, or move some into the text" in done.stderr
    assert not desk.out("pdf/adrian-police.pdf").exists()
    assert desk.out("docx/adrian-police.docx").exists()
