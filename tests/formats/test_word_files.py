"""What is not a Word file, is not there, or is open in Word, is told with the way out."""

from __future__ import annotations

import io
import zipfile

import pytest

from letters.formats.docx.opening import read_word_file
from letters.model.problems import CannotGoOn
from tests.read.word_letters import place, word_letter


def said(path) -> str:
    with pytest.raises(CannotGoOn) as caught:
        read_word_file(path)
    return str(caught.value)


def test_a_missing_file_is_told_with_the_one_that_is_meant(tmp_path):
    (tmp_path / "letter.docx").touch()
    assert said(tmp_path / "leter.docx").endswith(f'hint: did you mean "{tmp_path}/letter.docx"?')


def test_a_folder_is_told(tmp_path):
    assert said(tmp_path) == f'"{tmp_path}" is a folder\n    hint: name the Word file in it'


@pytest.mark.parametrize("lock", ["~$letter.docx", "~$tter.docx", ".~lock.letter.docx#"])
def test_a_file_that_is_open_in_word_is_left_alone(tmp_path, lock):
    (tmp_path / "letter.docx").write_bytes(b"PK")
    (tmp_path / lock).touch()
    assert 'letter.docx" open, and may not have saved it yet' in said(tmp_path / "letter.docx")


def test_the_mark_of_an_open_file_is_not_taken_for_it(tmp_path):
    (tmp_path / "~$letter.docx").touch()
    assert "only marks that somebody has a file open" in said(tmp_path / "~$letter.docx")


def open_document() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"%PDF-1.7", "it is a PDF"),
        (b"{\\rtf1", "it is a Rich Text file (.rtf)"),
        (b"\xd0\xcf\x11\xe0", "it is protected by a password, or is an old .doc"),
        (open_document(), "it is an OpenDocument file (.odt)"),
        (b"Dear Sir", "it is not a Word file"),
    ],
)
def test_a_file_of_another_kind_is_called_by_its_name(make_desk, content, kind):
    desk = make_desk()
    (desk.folder / "other.docx").write_bytes(content)
    for command in (["draft", "import", "other.docx"], ["redline", "other.docx", "letter"]):
        assert f'"other.docx" is not read: {kind}\n    hint: ' in desk.run(*command, code=1).stderr


def test_a_draft_is_not_taken_for_the_letter(make_desk):
    desk = make_desk()
    desk.run("build", "--no-pdf")
    draft = "out/letter/docx/adrian-police.docx"
    said = desk.run("draft", "import", draft, code=1).stderr
    assert f'"{draft}" is the letter to one recipient, adrian-police' in said


def test_a_redline_takes_word_files_and_markdown_only(make_desk):
    desk = make_desk()
    desk.write("old.odt", "")
    done = desk.run("redline", "old.odt", "letter", code=2)
    assert '"old.odt" is neither a Word file (.docx) nor Markdown (.md)' in done.stderr


def test_a_redline_of_two_equal_letters_says_so(make_desk):
    assert "no change in letter" in make_desk().run("redline", "letter", "letter").stderr


def test_a_letter_made_in_word_is_compared_and_not_exported(make_desk):
    desk = make_desk()
    place(desk, word_letter("We write about policy."))
    said = desk.run("draft", "export", "byhand", code=2).stderr
    assert '"templates/byhand.docx" is a Word file from the start\n    hint: edit it as it is' in said
    assert desk.run("redline", "byhand", "letter").stdout == "out/redline/letter.docx\n"


def test_an_export_goes_into_a_word_file(make_desk):
    assert (
        '"letter.pdf" is no name of a Word file'
        in make_desk().run("draft", "export", "letter", "--to", "letter.pdf", code=2).stderr
    )
