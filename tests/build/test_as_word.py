"""With pdf = "word" the PDFs of a letter are its DOCX letters, as LibreOffice shows them."""

from __future__ import annotations

import re
import shutil

import pikepdf
import pypdfium2
import pytest

from letters.formats.ooxml import read_package, write_package
from tests.conftest import MakeDesk
from tests.desk import CHIEF, SHERIFF, Desk
from tests.read.word_letters import pdf_text, place, word_letter

NEEDS_LIBREOFFICE = pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice makes these")
CONTENTS = """---
enclosures: [one]
contents: true
---
# First part

FILLER

# Second part

The end.[^n]

[^n]: A note.
"""
FILLER = "\n\n".join(["A paragraph of the letter to {{ recipient.agency }} that fills a line or two."] * 40)


@pytest.fixture
def desk(make_desk: MakeDesk) -> Desk:
    return make_desk(more='pdf = "word"')


def pages(desk: Desk, name: str, letter: str = "letter") -> list[str]:
    document = pypdfium2.PdfDocument(desk.folder / f"out/{letter}/pdf/{name}.pdf")
    return [" ".join(page.get_textpage().get_text_range().split()) for page in document]


def test_it_is_said_for_the_letter_of_the_campaign_or_for_each_by_name(make_desk: MakeDesk) -> None:
    desk = make_desk(more='pdf = "wrod"')
    assert '"wrod"' in desk.run("check", code=1).stdout
    settings = desk.folder / "campaign.toml"
    settings.write_text(settings.read_text("utf-8").replace('"wrod"', '{ lettre = "word" }'), "utf-8")
    done = desk.run("check", code=1).stdout
    assert 'there is no letter "lettre"' in done
    assert "did you mean letter?" in done


def test_a_missing_libreoffice_is_named_before_anything_is_made(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert "LibreOffice is not installed" in desk.run("check").stdout
    assert "LibreOffice is not installed" in desk.run("build", code=3).stderr
    assert not list(desk.out("pdf").glob("*.pdf"))


@pytest.mark.slow
@NEEDS_LIBREOFFICE
def test_letters_and_copies_look_as_in_word_and_are_marked_as_drafts(make_desk: MakeDesk) -> None:
    desk = make_desk(more='pdf = "word"\ncopies = ["Board of Commissioners"]')
    desk.run("build", "--copies")
    (text,) = pages(desk, SHERIFF["id"])
    assert "Your agreement was signed on May 6, 2025." in text
    assert "A note on the agreement of Berrien County." in text
    assert "DRAFT FOR REVIEW BY COUNSEL" in text
    assert "COPY · Board of Commissioners" in pages(desk, f"{SHERIFF['id']}.copy-1")[0]
    with pikepdf.open(desk.out(f"pdf/{CHIEF['id']}.pdf")) as pdf:
        assert "LibreOffice" in str(pdf.docinfo["/Producer"])
    assert "0  letters made" in desk.run("build", "--copies").stderr


@pytest.mark.slow
@NEEDS_LIBREOFFICE
def test_the_same_inputs_give_the_same_bytes(desk: Desk) -> None:
    path = desk.out(f"pdf/{CHIEF['id']}.pdf")
    made = []
    for _ in range(2):
        desk.run("build", "--only", CHIEF["id"])
        made.append(path.read_bytes())
        shutil.rmtree(desk.folder / "out")
    assert made[0] == made[1]


@pytest.mark.slow
@NEEDS_LIBREOFFICE
def test_contents_name_the_pages_of_the_pdf(make_desk: MakeDesk) -> None:
    desk = make_desk(letter=CONTENTS.replace("FILLER", FILLER), more='pdf = "word"')
    desk.write("templates/enclosures/one.md", "---\ntitle: Fact sheet\n---\n\nFacts.\n")
    desk.run("build", "--only", CHIEF["id"], "--no-docx")
    text = pages(desk, CHIEF["id"])
    where = next(number for number, page in enumerate(text, 1) if "The end." in page)
    assert where > 1
    assert re.search(rf"Second part[ .]*{where}\b", text[0])
    with pikepdf.open(desk.out(f"pdf/{CHIEF['id']}.pdf")) as pdf:
        labels = list(pdf.Root.PageLabels.Nums)
    assert labels[2] == len(text) - 1, "the enclosure begins on a page of its own"
    assert str(labels[3].P) == "Enclosure 1-"


@pytest.mark.slow
@NEEDS_LIBREOFFICE
def test_a_letter_made_in_word_keeps_its_looks(make_desk: MakeDesk) -> None:
    desk = make_desk(more='pdf = { byhand = "word" }')
    letter = word_letter("Dear {{ recipient.agency }}:", "We write.")
    letter.sections[0].header.paragraphs[0].text = "Our own heading"
    letter.styles["Normal"].font.name = "No Such Font"
    place(desk, letter)
    said = desk.run("build", "--letter", "byhand").stderr
    assert "another font for one that is not on this machine: No Such Font" in said
    assert "Charis" not in said
    (text,) = pages(desk, CHIEF["id"], "byhand")
    assert "Our own heading" in text
    assert "Dear Adrian Police Department:" in text
    assert "DRAFT FOR REVIEW BY COUNSEL" in text


@pytest.mark.slow
@NEEDS_LIBREOFFICE
def test_an_edited_draft_is_made_as_word_shows_it(desk: Desk) -> None:
    desk.run("build")
    path = desk.out(f"docx/{CHIEF['id']}.docx")
    parts = read_package(path.read_bytes())
    changed = parts["word/document.xml"].replace(b"about policy", b"about practice")
    path.write_bytes(write_package({**parts, "word/document.xml": changed}))
    desk.run("build", code=5)
    assert "about practice" in pages(desk, CHIEF["id"])[0]


@pytest.mark.slow
@NEEDS_LIBREOFFICE
def test_such_letters_are_audited_and_posted(make_desk: MakeDesk) -> None:
    desk = make_desk(more='pdf = "word"\nstatus = "final"')
    desk.run("build")
    desk.run("audit")
    desk.run("mail", "prepare")
    assert desk.out("mail/print-01.pdf").is_file()
    path = desk.out(f"pdf/{CHIEF['id']}.pdf")
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        del pdf.pages[0].Contents
        pdf.save(path)
    assert "words of the letter are not in it" in desk.run("audit", code=1).stderr


@pytest.mark.slow
@NEEDS_LIBREOFFICE
def test_a_letter_made_in_word_has_a_heading_of_its_own_and_passes_the_audit(make_desk: MakeDesk) -> None:
    desk = make_desk(more='pdf = { byhand = "word" }', rows=(CHIEF,))
    place(desk, word_letter("From our own heading.", "To the {{ recipient.agency }}."))
    desk.run("build", "--letter", "byhand")
    assert "First Organization" not in pdf_text(desk, CHIEF["id"])
    desk.run("audit", "--letter", "byhand")
