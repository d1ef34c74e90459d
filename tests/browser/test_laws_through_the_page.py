"""The laws of the toolkit hold for whatever is done on a page of the desk, as they do for commands: a test for each."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import pytest
from docx import Document
from PIL import Image

from letters.formats.pdf_text import PdfText
from tests.browser.conftest import RunningDesk
from tests.desk import CHIEF, LETTER, SHERIFF, Desk, edit, set_up
from tests.reading import docx_words, pdf_words

TAYLOR = {**CHIEF, "id": "taylor-police", "agency": "Taylor Police Department", "city": "Taylor", "zip": "48180"}
WRONG = {**CHIEF, "id": "wrong-police", "agency": "Wrong Police Department", "zip": "7O102"}
UNSEEN = {**CHIEF, "id": "unseen-police", "agency": "\u200b"}
MARKED = {**CHIEF, "id": "marked-police", "agency": "<b>Law & {{ 7 * 6 }}</b> {% if x %} Police", "zip": "49220"}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDesk]:
    """Return a desk on which the letters were built by the button, with a half file of a run that was killed."""
    folder = set_up(folder=tmp_path_factory.mktemp("laws") / "desk", rows=(SHERIFF, CHIEF, WRONG, UNSEEN, MARKED))
    folder.out("pdf").mkdir(parents=True)
    (folder.out("pdf") / ".adrian-police.pdf.abc.part").write_bytes(b"half of")
    desk = RunningDesk(folder).let_in()
    press_build(desk)
    yield desk
    desk.end()


@pytest.fixture
def own(built: RunningDesk, tmp_path: Path) -> Iterator[RunningDesk]:
    """Return a desk over a copy of that campaign, to be changed."""
    desk = RunningDesk(built.folder.copy(tmp_path / "desk")).let_in()
    yield desk
    desk.end()


def press_build(desk: RunningDesk) -> str:
    """Press Build, wait for its end, and return the page then."""
    assert desk.post("/build", {"pdf": "yes", "docx": "yes"}).status == 303
    desk.server._opened.running.wait()
    return desk.get("/build").text


def words_of(content: bytes) -> str:
    with PdfText(content) as pdf:
        return " ".join(" ".join(page.text.split()) for page in pdf.pages())


def made(folder: Desk) -> dict[str, bytes]:
    return {f"{p.parent.name}/{p.name}": p.read_bytes() for m in ("pdf", "docx") for p in folder.out(m).iterdir()}


def test_law_1_what_is_empty_or_invisible_stops_its_letter_and_is_said_in_the_list(built: RunningDesk) -> None:
    assert not built.folder.out("pdf/unseen-police.pdf").exists()
    assert "unseen-police" in built.get("/list?show=stopped").text
    row = built.get("/list/row/unseen-police").text
    assert re.search(r'<div class="wrong"><label for="cell-agency">', row)


def test_law_2_no_page_of_a_letter_has_a_word_of_another_recipient(built: RunningDesk) -> None:
    text = built.get("/review/adrian-police").text
    pages = " ".join(re.findall(r"<details class=\"as-words\">.*?</details>", text, re.DOTALL))
    assert "Adrian Police Department" in pages
    assert not re.search("Berrien|Heit|Wrong Police|Benton", pages)


def test_law_3_a_draft_that_a_person_edited_is_kept_whatever_button_is_pressed(own: RunningDesk) -> None:
    draft = own.folder.out("docx/adrian-police.docx")
    edit(draft)
    edited = draft.read_bytes()
    own.post("/list/cell/adrian-police/city", {"was": "Adrian", "value": "Tecumseh"})
    assert "adrian-police" in press_build(own)
    assert draft.read_bytes() == edited


def test_law_4_pdf_and_draft_that_the_page_makes_say_the_same(built: RunningDesk) -> None:
    letters = made(built.folder)
    assert pdf_words(letters["pdf/berrien-county-sheriff.pdf"]) == docx_words(
        letters["docx/berrien-county-sheriff.docx"]
    )


def test_law_5_a_name_is_text_on_every_page_and_in_its_letter(built: RunningDesk) -> None:
    shown = "&lt;b&gt;Law &amp; {{ 7 * 6 }}&lt;/b&gt; {% if x %} Police"
    for path in (
        "/list",
        "/list/row/marked-police",
        "/letter",
        "/review",
        "/review/marked-police",
        "/mail/window?to=marked-police",
    ):
        text = built.get(path).text
        assert shown in text, path
        assert "<b>Law" not in text, path
    assert MARKED["agency"] in words_of(built.folder.out("pdf/marked-police.pdf").read_bytes())


def test_law_6_a_file_under_its_final_name_is_whole_and_halves_are_gone(built: RunningDesk) -> None:
    names = set(made(built.folder))
    assert names == {
        f"{m}/{n}.{m}" for m in ("pdf", "docx") for n in ("adrian-police", "berrien-county-sheriff", "marked-police")
    }
    assert all(content.startswith(b"%PDF") for name, content in made(built.folder).items() if name.endswith(".pdf"))


def test_law_7_the_button_and_the_command_make_the_same_bytes(built: RunningDesk, tmp_path: Path) -> None:
    folder = Desk(built.folder.copy(tmp_path / "again").folder)
    shutil.rmtree(folder.folder / "out")
    folder.run("build", code=1)
    assert made(folder) == made(built.folder)


def test_law_8_no_signature_gets_into_what_the_page_makes(own: RunningDesk) -> None:
    (own.folder.folder / "signatures").mkdir()
    Image.new("RGB", (80, 30)).save(own.folder.folder / "signatures/First Signer.png")
    assert own.post("/sign", {"all": "yes"}).status in (404, 405)
    press_build(own)
    assert own.post("/mail", {"envelopes": "none"}).status == 303
    own.server._opened.running.wait()
    document = pypdfium2.PdfDocument(own.folder.out("mail/draft/print-01.pdf").read_bytes())
    pictures = [each for page in document for each in page.get_objects(filter=[3])]
    document.close()
    assert pictures == []


def test_law_9_what_word_hides_is_named_and_not_shown_on_the_page(own: RunningDesk, tmp_path: Path) -> None:
    letter = Document()
    paragraph = letter.add_paragraph("We write about policy. ")
    paragraph.add_run("Do not tell them that we doubt it.").font.hidden = True
    letter.save(tmp_path / "letter.docx")
    assert own.upload("In Word.docx", (tmp_path / "letter.docx").read_bytes(), "/letter/word").status == 303
    assert "Do not tell them" in own.get("/letter/word").text, "it is named"
    assert "hidden" in own.get("/letter/word").text
    page = own.get("/letter/pages/adrian-police").text
    assert "We write about policy." in page
    assert "Do not tell" not in page


def test_law_10_an_empty_cell_is_not_taken_for_a_no(own: RunningDesk) -> None:
    own.folder.list_recipients({**CHIEF, "board": ""}, {**TAYLOR, "board": "yes"})
    text = LETTER.replace(
        "[^one]\n", "[^one] {% if recipient.board %}Your board agreed.{% else %}Your board refused.{% endif %}\n", 1
    )
    own.folder.write("templates/letter.md", text)
    for path in ("/list?show=problems", "/list/row/adrian-police", "/review/adrian-police"):
        assert "empty, which is unknown and not no" in own.get(path).text, path


def test_law_11_a_fault_of_one_row_stops_that_letter_alone_and_is_said_once(built: RunningDesk) -> None:
    assert "3 letters can be made, 2 are held" in built.get("/").text
    text = built.get("/list?show=stopped&q=wrong").text
    assert text.count("is not a ZIP code") == 1


def test_law_12_letters_that_were_made_the_slow_way_are_counted_on_the_page(own: RunningDesk) -> None:
    sheet = own.folder.folder / "templates/letterhead.css"
    sheet.write_text(sheet.read_text("utf-8") + "\n@page { opacity: 0.5 }\np { opacity: 0.5 }\n", "utf-8")
    assert re.search(r"\d made the slow way: ", press_build(own))


def test_law_13_a_file_that_would_take_too_long_is_refused_and_named(own: RunningDesk) -> None:
    uses = "".join(f'<g id="g{n}">' + f'<use href="#g{n + 1}"/>' * 10 + "</g>" for n in range(9))
    size = 'width="9" height="9" viewBox="0 0 9 9"'
    drawing = f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{uses}<g id="g9"><rect width="1" height="1"/></g></svg>'
    base = re.findall(r'name="base" value="([0-9a-f]+)"', own.get("/").text)[0]
    form = {"table": "organizations", "number": "1", "base": base, "name": "First Organization"}
    reply = own.upload("logo.svg", drawing.encode(), "/writers", **form)
    assert (reply.status, "too many for a logo" in reply.text) == (409, True)
    assert "logo" not in (own.folder.folder / "campaign.toml").read_text("utf-8")


def test_law_14_a_cache_that_was_spoiled_or_deleted_changes_nothing(own: RunningDesk) -> None:
    before = own.get("/letter/pages/adrian-police").text
    for path in (own.folder.folder / "out/.cache").rglob("*"):
        if path.is_file():
            path.write_bytes(b"spoiled" + path.read_bytes()[7:])
    own.folder.write("templates/letter.md", LETTER + "\n")
    own.get("/letter/pages/adrian-police")
    own.folder.write("templates/letter.md", LETTER)
    assert own.get("/letter/pages/adrian-police").text == before
