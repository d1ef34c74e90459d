"""letterhead.docx is opened like any file from elsewhere, and tags stand in text only."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from letters.formats.docx.opening import open_looks, tags_out_of_place
from letters.formats.ooxml import read_package, write_package
from letters.model.problems import CannotGoOn
from tests.desk import ROOT
from tests.formats.docx.hostile import document, docx, relations

LETTERHEAD = ROOT / "templates" / "letterhead.docx"


def changed(folder: Path, **parts: bytes) -> Path:
    path = folder / "letterhead.docx"
    named = {name.replace("__", "/").replace("_dot_", "."): content for name, content in parts.items()}
    path.write_bytes(write_package({**read_package(LETTERHEAD.read_bytes()), **named}))
    return path


def refusal(path: Path) -> str:
    with pytest.raises(CannotGoOn) as refused:
        open_looks(path)
    return f"{refused.value.message} {refused.value.hint}"


def test_our_own_letterhead_is_opened() -> None:
    assert "word/styles.xml" in open_looks(LETTERHEAD)
    assert list(tags_out_of_place(read_package(LETTERHEAD.read_bytes()))) == []


def test_a_letterhead_with_macros_is_refused(tmp_path: Path) -> None:
    assert "macros" in refusal(changed(tmp_path, word__vbaProject_dot_bin=b"x"))


def test_a_letterhead_that_points_to_a_picture_elsewhere_is_refused(tmp_path: Path) -> None:
    name = "word/_rels/document.xml.rels"
    parts = read_package(LETTERHEAD.read_bytes())
    link = relations(("image", "file://server/x.png", "External")).partition(">")[2]
    parts[name] = parts[name].replace(b"</Relationships>", link.encode())
    (tmp_path / "letterhead.docx").write_bytes(write_package(parts))
    assert "points to" in refusal(tmp_path / "letterhead.docx")


def test_a_letterhead_without_a_file_or_with_a_pipe_in_its_place_is_a_sentence(tmp_path: Path) -> None:
    assert "there is no" in refusal(tmp_path / "letterhead.docx")
    os.mkfifo(tmp_path / "letterhead.docx")
    assert "a pipe or a device" in refusal(tmp_path / "letterhead.docx")


@pytest.mark.parametrize(
    "body",
    [
        """<w:p><w:pPr><w:pStyle w:val="{{ 'a'.ljust(10) }}"/></w:pPr></w:p>""",
        """<w:p><w:bookmarkStart w:id="1" w:name="{% for a in b %}"/></w:p>""",
        """<w:sdt><w:sdtPr><w:alias w:val="{{ x }}"/></w:sdtPr><w:sdtContent><w:p/></w:sdtContent></w:sdt>""",
        """<w:p><w:r><w:instrText>DATE {{ x }}</w:instrText></w:r></w:p>""",
        """<w:p><w:r><w:t>words</w:t></w:r>{% if x %}</w:p>""",
    ],
)
def test_a_tag_elsewhere_than_in_text_is_found(body: str) -> None:
    assert len(list(tags_out_of_place(read_package(docx(body))))) == 1


def test_a_tag_in_text_is_meant() -> None:
    parts = {"word/document.xml": document("<w:p><w:r><w:t>{{ recipient.agency }}</w:t></w:r></w:p>").encode()}
    assert list(tags_out_of_place(parts)) == []
