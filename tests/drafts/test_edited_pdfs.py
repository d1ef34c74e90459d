"""The PDFs of edited drafts: what is in them, what must not be, and how they look."""

from __future__ import annotations

import shutil
import zlib

import pytest

from letters.formats.docx.opening import DOCUMENT
from letters.formats.ooxml import parse, read_package, serialize, w, write_package
from tests.desk import set_up
from tests.drafts.editing import tracked
from tests.drafts.test_edited_drafts import CHIEF, ONE, replace, row
from tests.reading import plain_text
from tests.redline.test_draft_commands import COMMENTS, edit


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    more = 'status = "final"\ncopies = ["The county clerk"]'
    made = set_up(folder=tmp_path_factory.mktemp("built") / "desk", more=more)
    made.run("build", "--no-pdf", *ONE)
    return made


@pytest.fixture
def desk(built, tmp_path):
    return built.copy(tmp_path / "desk")


def everything_in(pdf) -> bytes:
    """Unpack a PDF: every stream and every string in it."""
    import pikepdf

    found = pdf.read_bytes()
    with pikepdf.open(pdf) as opened:
        for each in opened.objects:
            if isinstance(each, pikepdf.Stream):
                try:
                    found += each.read_bytes()
                except (pikepdf.PdfError, zlib.error):
                    found += each.read_raw_bytes()
            else:
                found += each.unparse(resolved=True)
    return found + plain_text(pdf).encode()


def _add_secrets(desk):
    """Put in a comment, a deletion, and names of people in every place where Word writes them."""
    path = edit(desk, "about policy.", "about practice.", editor="Editorsecret")
    parts = read_package(path.read_bytes())
    root = parse(parts[DOCUMENT])
    paragraph = next(p for p in root.iter(w("p")) if "We write" in "".join(t.text or "" for t in p.iter(w("t"))))
    paragraph.append(tracked("del", "Partnersecret", "Deletedsecret"))
    for name in ("commentRangeStart", "commentRangeEnd"):
        paragraph.append(paragraph.makeelement(w(name), {w("id"): "1"}))
    comments = COMMENTS.replace("[Associate]", "Associatesecret").replace("Is this", "Commentsecret")
    path.write_bytes(write_package({**parts, DOCUMENT: serialize(root), "word/comments.xml": comments.encode()}))


def _assert_no_secrets(pdf):
    content = everything_in(pdf)
    assert b"practice" in content
    for secret in ("Deletedsecret", "Commentsecret", "Partnersecret", "Associatesecret", "Editorsecret"):
        assert secret.encode() not in content, secret
        assert secret.encode("utf-16-be") not in content, secret


def test_no_comment_deleted_word_or_name_of_an_editor_gets_into_a_pdf(desk):
    _add_secrets(desk)
    desk.run("build", *ONE, code=5)
    _assert_no_secrets(desk.out(f"pdf/{CHIEF}.pdf"))


def test_the_copies_of_an_edited_letter_say_what_it_says(desk):
    replace(desk.out(f"docx/{CHIEF}.docx"), "about policy", "about practice")
    desk.run("build", "--copies", *ONE, code=5)
    copy = plain_text(desk.out(f"pdf/{CHIEF}.copy-1.pdf"))
    assert "about practice" in copy
    assert "COPY · The county clerk" in copy
    again = desk.run("build", "--copies", *ONE, code=5)
    assert "0  letters made" in again.stderr


def test_a_preview_shows_the_edited_draft(desk):
    replace(desk.out(f"docx/{CHIEF}.docx"), "about policy", "about practice")
    desk.run("preview", CHIEF)
    assert "about practice" in plain_text(desk.out(f"preview/{CHIEF}.pdf"))


def test_the_pdf_of_an_edited_draft_has_the_tags_of_every_other(desk):
    import pikepdf

    replace(desk.out(f"docx/{CHIEF}.docx"), "about policy", "about practice")
    desk.run("build", *ONE, code=5)
    with pikepdf.open(desk.out(f"pdf/{CHIEF}.pdf")) as pdf:
        assert pdf.Root.MarkInfo.Marked
        assert "/StructTreeRoot" in pdf.Root
        assert pdf.Root.Lang == "en-US"


def test_what_the_pdf_cannot_show_is_named(desk):
    path = edit(desk, "about policy.", "about practice.")
    parts = read_package(path.read_bytes())
    red = (
        '<w:rPr><w:rFonts w:ascii="Comic Sans MS"/><w:color w:val="FF0000"/></w:rPr><w:t xml:space="preserve">We write'
    )
    changed = parts[DOCUMENT].decode().replace('<w:t xml:space="preserve">We write', red)
    path.write_bytes(write_package({**parts, DOCUMENT: changed.encode()}))
    listed = desk.run("draft", "check", CHIEF).stdout
    assert f'{CHIEF}: not in the PDF: another font at "We write to the Adrian Police…"' in listed
    assert f"{CHIEF}: not in the PDF: another colour" in listed
    assert "its PDF does not show another colour" in desk.run("build", *ONE, code=5).stderr


def test_merged_cells_and_cells_of_several_paragraphs_are_set_as_they_are(make_desk):
    import docx

    desk = make_desk(letter="A table.\n\n| One | Two |\n|---|---|\n| Left | Right |\n")
    desk.run("build", "--no-pdf", *ONE)
    path = desk.out(f"docx/{CHIEF}.docx")
    document = docx.Document(str(path))
    table = document.tables[0]
    table.rows[1].cells[1].add_paragraph("Below")
    row = table.add_row()
    row.cells[0].merge(row.cells[1]).text = "Across"
    inner = table.add_row().cells[0].add_table(1, 2)
    inner.cell(0, 0).text, inner.cell(0, 1).text = "Inner", "Table"
    document.save(str(path))
    assert "not in the PDF" not in desk.run("draft", "check", CHIEF).stdout
    desk.run("build", *ONE, code=5)
    assert "Left Right Below Across Inner Table" in " ".join(plain_text(desk.out(f"pdf/{CHIEF}.pdf")).split())


def test_a_missing_libreoffice_is_named_with_the_way_out(desk, monkeypatch):
    replace(desk.out(f"docx/{CHIEF}.docx"), "about policy", "about practice")
    monkeypatch.setenv("PATH", "/nowhere")
    done = desk.run("build", "--as-word", *ONE, code=3)
    assert "LibreOffice is not installed on this machine" in done.stderr


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice makes these")
def test_as_word_keeps_looks_and_tells_nothing_of_people(desk):
    import pikepdf

    _add_secrets(desk)
    done = desk.run("build", "--as-word", *ONE, code=1)
    assert "something is still open in it" in done.stderr
    path = desk.out(f"docx/{CHIEF}.docx")
    desk.run("draft", "check", CHIEF, "--accept-changes", code=1)
    parts = read_package(path.read_bytes())
    del parts["word/comments.xml"]
    path.write_bytes(write_package(parts))
    desk.run("build", "--as-word", *ONE, code=5)
    _assert_no_secrets(desk.out(f"pdf/{CHIEF}.pdf"))
    with pikepdf.open(desk.out(f"pdf/{CHIEF}.pdf")) as pdf:
        assert "LibreOffice" in str(pdf.docinfo["/Producer"])
    assert row(desk)["pdf"] == "current"
    assert "0  letters made" in desk.run("build", *ONE, code=5).stderr
