"""Redlines show what changed as native tracked changes and as a web page."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from letters.formats.ooxml import parse, read_package, serialize, w, write_package
from tests.conftest import MakeDesk
from tests.desk import LETTER, Desk

LATER = LETTER.replace("about policy", "about custody").replace("A note of every letter", "A note of each letter")


@pytest.fixture
def desk(make_desk: MakeDesk) -> Desk:
    made = make_desk(letter=f"---\nedition: 2025-09\n---\n{LATER}")
    made.write("templates/editions/2017-01/letter.md", f"---\nedition: 2017-01\n---\n{LETTER}")
    return made


def tracked(path: Path, part: str) -> tuple[str, str]:
    root = parse(read_package(path.read_bytes())[part])
    inserted = "".join(t.text or "" for ins in root.iter(w("ins")) for t in ins.iter(w("t")))
    deleted = "".join(t.text or "" for t in root.iter(w("delText")))
    return inserted, deleted


def test_two_editions_are_compared_in_text_and_notes(desk: Desk) -> None:
    path = desk.folder / desk.run("redline", "letter@2017-01", "letter").stdout.strip()
    assert tracked(path, "word/document.xml") == ("custody", "policy")
    assert tracked(path, "word/footnotes.xml") == ("each", "every")


def test_the_web_page_marks_the_same_changes(desk: Desk) -> None:
    path = desk.folder / desk.run("redline", "letter@2017-01", "letter").stdout.strip()
    page = path.with_suffix(".html").read_text("utf-8")
    assert "<del>policy</del><ins>custody</ins>" in page
    assert "<del>every</del><ins>each</ins>" in page


def test_the_letters_of_a_recipient_are_compared_as_they_would_be_sent(desk: Desk) -> None:
    done = desk.run("redline", "letter@2017-01", "letter", "--for", "adrian-police")
    path = desk.folder / done.stdout.strip()
    assert path.name == "adrian-police.docx"
    assert tracked(path, "word/document.xml") == ("custody", "policy")


def test_the_whole_batch_is_compared(desk: Desk) -> None:
    assert len(desk.run("redline", "letter@2017-01", "letter", "--all").stdout.split()) == 2


def test_two_word_files_are_compared(desk: Desk) -> None:
    desk.run("build", "--no-pdf", "--only", "adrian-police")
    old = desk.out("docx/adrian-police.docx")
    parts = read_package(old.read_bytes())
    parts["word/document.xml"] = parts["word/document.xml"].replace(b"about custody", b"about trust")
    desk.folder.joinpath("new.docx").write_bytes(write_package(parts))
    path = desk.folder / desk.run("redline", str(old), "new.docx").stdout.strip()
    assert tracked(path, "word/document.xml") == ("trust", "custody")


def test_changes_that_somebody_tracked_before_are_refused_unless_they_are_taken_in(desk: Desk) -> None:
    desk.run("draft", "export", "letter", "--to", "new.docx")
    path = desk.folder / "new.docx"
    parts = read_package(path.read_bytes())
    root = parse(parts["word/document.xml"])
    run = next(t for t in root.iter(w("t")) if "We write" in (t.text or "")).getparent()
    assert run is not None
    inserted = etree.Element(w("ins"), {w("id"): "1", w("author"): "[Counsel]", w("date"): "2025-09-01T00:00:00Z"})
    etree.SubElement(etree.SubElement(inserted, w("r")), w("t")).text = "Once more: "
    run.addprevious(inserted)
    path.write_bytes(write_package({**parts, "word/document.xml": serialize(root)}))
    done = desk.run("redline", "letter", "new.docx", code=1)
    assert '"new.docx" holds tracked changes that nobody has settled' in done.stderr
    made = desk.folder / desk.run("redline", "letter", "new.docx", "--accept-changes").stdout.strip()
    assert "Once more:" in tracked(made, "word/document.xml")[0]
