"""Drafts under the hands of people: what they write is the letter, and nothing of it is ever lost."""

from __future__ import annotations

import json
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from letters.formats.docx.opening import DOCUMENT
from letters.formats.ooxml import parse, read_package, serialize, w, write_package
from tests.desk import set_up
from tests.drafts.editing import Editor
from tests.reading import plain_text

SHERIFF, CHIEF = "berrien-county-sheriff", "adrian-police"
ONE = ("--only", CHIEF, "--jobs", "1")


def replace(path: Path, old: str, new: str) -> None:
    """Change words of a draft as a person would."""
    parts = read_package(path.read_bytes())
    changed = parts[DOCUMENT].decode().replace(old, escape(new))
    assert changed != parts[DOCUMENT].decode()
    path.write_bytes(write_package({**parts, DOCUMENT: changed.encode()}))


def save_again(path: Path) -> None:
    """Save a draft as Word does: marks of saving and proofing at every paragraph, runs split, the words the same."""
    parts = read_package(path.read_bytes())
    root = parse(parts[DOCUMENT])
    for number, paragraph in enumerate(root.iter(w("p"))):
        paragraph.set(w("rsidR"), f"00A{number:05X}")
        paragraph.insert(1, paragraph.makeelement(w("proofErr"), {w("type"): "spellStart"}))
    path.write_bytes(write_package({**parts, DOCUMENT: serialize(root)}))


def row(desk, identifier=CHIEF):
    rows = json.loads(desk.run("status", "--json").stdout)
    return next(each for each in rows if each["id"] == identifier)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    made = set_up(folder=tmp_path_factory.mktemp("built") / "desk", more='status = "final"')
    made.run("build", *ONE)
    return made


@pytest.fixture
def desk(built, tmp_path):
    return built.copy(tmp_path / "desk")


def test_an_edited_draft_is_the_letter_from_then_on(desk):
    draft = desk.out(f"docx/{CHIEF}.docx")
    replace(draft, "about policy.", "about policy & more <x>.")
    kept = draft.read_bytes()
    desk.run("build", *ONE, code=5)
    assert draft.read_bytes() == kept
    assert "about policy & more <x>." in plain_text(desk.out(f"pdf/{CHIEF}.pdf"))
    assert (row(desk)["docx"], row(desk)["pdf"], row(desk)["final"]) == ("edited", "current", True)


def test_only_pdfs_are_built_and_still_the_draft_counts(desk):
    replace(desk.out(f"docx/{CHIEF}.docx"), "about policy", "about practice")
    desk.run("build", "--no-docx", *ONE, code=5)
    assert "about practice" in plain_text(desk.out(f"pdf/{CHIEF}.pdf"))


def test_a_draft_that_was_only_saved_again_is_not_edited(desk):
    draft = desk.out(f"docx/{CHIEF}.docx")
    save_again(draft)
    desk.run("build", *ONE)
    assert row(desk)["docx"] == "re-saved"


def test_a_draft_saved_again_is_made_anew_when_the_letter_changes_and_kept_aside(desk):
    draft = desk.out(f"docx/{CHIEF}.docx")
    save_again(draft)
    kept = draft.read_bytes()
    desk.write("templates/letter.md", "We write about rules.\n")
    desk.run("build", *ONE)
    assert b"about rules" in read_package(draft.read_bytes())[DOCUMENT]
    assert [path.read_bytes() for path in desk.out("kept").iterdir()] == [kept]


def test_a_letter_that_changes_after_the_edit_is_a_conflict(desk):
    draft = desk.out(f"docx/{CHIEF}.docx")
    replace(draft, "about policy", "about practice")
    desk.run("build", *ONE, code=5)
    kept = draft.read_bytes()
    desk.write("templates/letter.md", "We write to the {{ recipient.agency }} about policy, again.\n")
    done = desk.run("build", *ONE, code=5)
    assert f"letters draft merge {CHIEF}" in done.stderr
    assert draft.read_bytes() == kept
    assert row(desk)["docx"] == "conflict"
    assert not row(desk)["final"]


def test_a_change_that_changes_no_word_of_the_letter_is_no_conflict(desk):
    replace(desk.out(f"docx/{CHIEF}.docx"), "about policy", "about practice")
    letter = desk.folder / "templates/letter.md"
    letter.write_text(letter.read_text("utf-8").replace("Your agreement", "The agreement"), "utf-8")
    desk.run("build", *ONE, code=5)
    assert row(desk)["docx"] == "edited"


def test_a_renamed_draft_is_found_by_the_id_inside(desk):
    draft = desk.out(f"docx/{CHIEF}.docx")
    replace(draft, "about policy", "about practice")
    moved = desk.out("reviewed/Adrian, second look.docx")
    moved.parent.mkdir()
    draft.rename(moved)
    desk.run("build", *ONE, code=5)
    assert not draft.exists()
    assert "about practice" in plain_text(desk.out(f"pdf/{CHIEF}.pdf"))


def test_a_copy_that_lost_the_id_inside_is_known_by_its_name(desk):
    draft = desk.out(f"docx/{CHIEF}.docx")
    replace(draft, "about policy", "about practice")
    parts = read_package(draft.read_bytes())
    del parts["docProps/core.xml"]
    desk.out(f"docx/{CHIEF} (2).docx").write_bytes(write_package(parts))
    draft.unlink()
    desk.run("build", *ONE, code=5)
    assert "about practice" in plain_text(desk.out(f"pdf/{CHIEF}.pdf"))


def test_two_copies_of_a_draft_are_a_question(desk):
    draft = desk.out(f"docx/{CHIEF}.docx")
    other = desk.out("docx/Adrian copy.docx")
    other.write_bytes(draft.read_bytes())
    desk.run("build", *ONE)
    replace(other, "about policy", "about practice")
    before = desk.out(f"pdf/{CHIEF}.pdf").read_bytes()
    desk.run("build", *ONE, code=5)
    assert (
        row(desk)["reason"]
        == f"which draft counts, {CHIEF}.docx and Adrian copy.docx? Move the others out of the folder"
    )
    assert desk.out(f"pdf/{CHIEF}.pdf").read_bytes() == before


@pytest.mark.parametrize("lock", [f"~${CHIEF[2:]}.docx", f".~lock.{CHIEF}.docx#"])
def test_a_draft_that_somebody_has_open_is_left_alone(desk, lock):
    desk.out(f"docx/{lock}").write_bytes(b"x")
    before = desk.out(f"docx/{CHIEF}.docx").read_bytes()
    desk.write("templates/letter.md", "We write about rules.\n")
    done = desk.run("build", *ONE, code=5)
    assert f"somebody has {CHIEF}.docx open: close it in Word first" in done.stderr
    assert desk.out(f"docx/{CHIEF}.docx").read_bytes() == before


def test_an_edit_voids_an_approval_and_says_what_changed(desk):
    desk.run("approve", CHIEF, "--by", "[Counsel]")
    replace(desk.out(f"docx/{CHIEF}.docx"), "about policy", "about practice")
    desk.run("build", *ONE, code=5)
    assert row(desk)["approved"] == []
    assert '"policy" became "practice"' in row(desk)["voided"][0]


def test_a_draft_that_is_not_a_docx_is_left_alone_and_named(desk):
    draft = desk.out(f"docx/{CHIEF}.docx")
    draft.write_bytes(b"PK not really")
    desk.run("build", *ONE, code=5)
    assert draft.read_bytes() == b"PK not really"
    assert f"{CHIEF}.docx is not read: it is not a whole DOCX file" in row(desk)["reason"]


def test_notes_that_a_person_adds_are_numbered_in_order(desk):
    draft = desk.out(f"docx/{CHIEF}.docx")
    editor = Editor(draft.read_bytes(), 1)
    editor._note()
    editor.save(draft)
    desk.run("build", *ONE, code=5)
    assert editor.typed[0] in plain_text(desk.out(f"pdf/{CHIEF}.pdf"))


def test_a_draft_saved_over_that_of_another_is_found_even_if_only_one_is_built(desk):
    desk.run("build", "--jobs", "1")
    draft, other = (desk.out(f"docx/{identifier}.docx") for identifier in (CHIEF, SHERIFF))
    replace(draft, "about policy", "about practice")
    draft.replace(other)
    desk.run("build", *ONE, code=5)
    assert not draft.exists()
    assert "about practice" in plain_text(desk.out(f"pdf/{CHIEF}.pdf"))
