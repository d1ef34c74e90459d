"""The commands for edited drafts: show, check, conflicts, merge, discard."""

from __future__ import annotations

import json

import pytest

from letters.formats.docx import revisions
from letters.formats.docx.opening import DOCUMENT, FOOTNOTES, open_docx
from letters.formats.docx.text import read
from letters.formats.ooxml import parse, read_package, serialize, w, write_package
from tests.desk import CHIEF as ADRIAN
from tests.desk import SHERIFF, set_up
from tests.drafts.editing import tracked
from tests.drafts.test_edited_drafts import CHIEF, ONE, replace
from tests.reading import plain_text

COMMENTS = (
    '<w:comments xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:comment w:id="1" '
    'w:author="[Associate]" w:date="2025-09-18T09:00:00Z" w:initials="A"><w:p><w:r><w:t>Is this still good law?</w:t>'
    "</w:r></w:p></w:comment></w:comments>"
)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    made = set_up(folder=tmp_path_factory.mktemp("built") / "desk", more='status = "final"')
    made.run("build", "--no-pdf", *ONE)
    return made


@pytest.fixture
def desk(built, tmp_path):
    return built.copy(tmp_path / "desk")


def edit(desk, old, new, editor="[Counsel]"):
    """Change words of the draft and save it under a name, as Word does."""
    path = desk.out(f"docx/{CHIEF}.docx")
    replace(path, old, new)
    parts = read_package(path.read_bytes())
    core = parts["docProps/core.xml"].decode()
    saved = f"<cp:lastModifiedBy>{editor}</cp:lastModifiedBy></cp:coreProperties>"
    path.write_bytes(
        write_package({**parts, "docProps/core.xml": core.replace("</cp:coreProperties>", saved).encode()})
    )
    return path


def settled(path, *steps):
    parts = open_docx(path.read_bytes())
    for name in (DOCUMENT, FOOTNOTES):
        root = parse(parts[name])
        for step, author in steps:
            step(root, author)
        parts[name] = serialize(root)
    return " ".join(read(parts).texts)


def authors(path):
    root = parse(read_package(path.read_bytes())[DOCUMENT])
    return {str(each.get(w("author"))) for each in root.iter(*revisions.ALL)}


def test_a_merge_shows_both_sides_as_tracked_changes_of_their_authors(desk):
    path = edit(desk, "about policy.", "about practice.")
    before = path.read_bytes()
    letter = "We wrote to the {{ recipient.agency }} about policy.[^one]\n\n[^one]: A longer note of every letter.\n"
    desk.write("templates/letter.md", letter)
    assert f"{CHIEF}: the letter or its looks changed" in desk.run("draft", "conflicts", code=1).stdout
    desk.run("draft", "merge", CHIEF)
    assert authors(path) == {"[Counsel]", "template"}
    both = settled(path, (revisions.accept, ""))
    assert "We wrote to the Adrian Police Department about practice." in both
    assert "A longer note of every letter." in both
    mine = settled(path, (revisions.accept, "[Counsel]"), (revisions.reject, "template"))
    assert "We write to the Adrian Police Department about practice." in mine
    assert [kept.read_bytes() for kept in desk.out("kept").iterdir()] == [before]
    assert desk.run("draft", "conflicts").stdout == ""
    assert "merged by [Counsel]" in desk.run("log", CHIEF).stdout


def test_what_needs_a_person_is_listed_with_the_words_that_changed_since(desk):
    path = edit(desk, "about policy.", "about practice.")
    assert f"{CHIEF}: {CHIEF}.docx (edited by [Counsel])" in desk.run("draft", "list").stdout
    assert desk.run("draft", "list", "--open").stdout == ""
    parts = read_package(path.read_bytes())
    marked = parts[DOCUMENT].replace(b"about practice", b"about [which] practice")
    path.write_bytes(write_package({**parts, DOCUMENT: marked}))
    desk.list_recipients(SHERIFF, {**ADRIAN, "agency": "City of Adrian Police Department"})
    since = '"City of" was added'
    said = desk.run("draft", "list", "--open", code=1).stdout.splitlines()
    assert said[0].startswith(f"{CHIEF}: the recipient's data changed after the draft was edited: {since}")
    assert said[0].endswith(f": letters draft merge {CHIEF}, or letters draft discard {CHIEF}")
    assert said[1] == (f"{CHIEF}: 1 open point (a note in brackets) (edited by [Counsel]): letters draft check {CHIEF}")
    assert since in desk.run("status", "--where", 'county == "Lenawee"', "--json").stdout.replace('\\"', '"')
    assert desk.run("draft", "list", "--open", "--where", 'county == "Berrien"').stdout == ""


def test_new_data_is_merged_into_an_edited_draft_and_its_running_head(desk):
    path = edit(desk, "about policy.", "about practice.")
    desk.list_recipients(SHERIFF, {**ADRIAN, "agency": "City of Adrian Police Department"})
    assert (
        f"{CHIEF}: the recipient's data changed (edited by [Counsel])" in desk.run("draft", "conflicts", code=1).stdout
    )
    desk.run("draft", "merge", CHIEF)
    both = settled(path, (revisions.accept, ""))
    assert "We write to the City of Adrian Police Department about practice." in both
    parts = read_package(path.read_bytes())
    heads = "".join(parts[name].decode() for name in parts if name.startswith("word/header"))
    assert "City of Adrian Police Department" in heads


def test_words_that_a_person_wrote_into_a_header_are_named_and_stay(desk):
    path = edit(desk, "about policy.", "about practice.")
    parts = read_package(path.read_bytes())
    name = next(each for each in parts if b"First Organization" in parts[each] and each.startswith("word/header"))
    parts[name] = parts[name].replace(b"First Organization", b"First Organization of Michigan")
    path.write_bytes(write_package(parts))
    listed = desk.run("draft", "check", CHIEF).stdout
    assert f'{CHIEF}: not in the PDF: the words "First Organization of Michigan" in a header' in listed
    desk.write("templates/letter.md", "We wrote to the {{ recipient.agency }} about policy.\n")
    desk.run("draft", "merge", CHIEF)
    assert b"First Organization of Michigan" in read_package(path.read_bytes())[name]


def test_a_merged_draft_is_final_once_its_changes_are_taken_in(desk):
    edit(desk, "about policy.", "about practice.")
    desk.write("templates/letter.md", "We wrote to the {{ recipient.agency }} about policy.\n")
    desk.run("draft", "merge", CHIEF)
    done = desk.run("build", *ONE, code=5)
    assert f") in its draft: letters draft check {CHIEF}" in done.stderr
    assert "DRAFT FOR REVIEW" in plain_text(desk.out(f"pdf/{CHIEF}.pdf"))
    desk.run("draft", "check", CHIEF, "--accept-changes")
    desk.run("build", *ONE, code=5)
    text = plain_text(desk.out(f"pdf/{CHIEF}.pdf"))
    assert "We wrote to the Adrian Police Department about practice." in text
    assert "DRAFT FOR REVIEW" not in text


def test_nothing_is_merged_where_nothing_changed(desk):
    edit(desk, "about policy.", "about practice.")
    assert "nothing changed in the letter" in desk.run("draft", "merge", CHIEF, code=1).stderr


def test_discarding_goes_back_to_the_generated_text_and_keeps_the_edited_file(desk):
    generated = read_package(desk.out(f"docx/{CHIEF}.docx").read_bytes())
    edited = edit(desk, "about policy.", "about practice.").read_bytes()
    desk.run("draft", "discard", CHIEF)
    assert read_package(desk.out(f"docx/{CHIEF}.docx").read_bytes()) == generated
    assert [kept.read_bytes() for kept in desk.out("kept").iterdir()] == [edited]
    desk.run("build", *ONE)


def test_showing_prints_the_changed_words_and_writes_a_redline(desk):
    edit(desk, "about policy.", "about our practice.")
    done = desk.run("draft", "show", CHIEF)
    assert "about [-policy-]{+our practice+}." in done.stdout
    redline = desk.out(f"redlines/{CHIEF}.docx")
    assert authors(redline) == {"[Counsel]"}
    assert "about policy." in settled(redline, (revisions.reject, ""))


def test_a_draft_that_nobody_edited_is_named(desk):
    assert f"nobody edited the draft of {CHIEF}" in desk.run("draft", "show", CHIEF, code=1).stderr


def test_what_is_open_is_listed_with_author_date_and_words(desk):
    path = edit(desk, "about policy.", "about policy [check this].")
    parts = read_package(path.read_bytes())
    root = parse(parts[DOCUMENT])
    paragraph = next(p for p in root.iter(w("p")) if "We write" in "".join(t.text or "" for t in p.iter(w("t"))))
    paragraph.append(tracked("ins", "[Partner]", " Stop now."))
    for name in ("b", "highlight"):
        properties = paragraph.makeelement(w("rPr"))
        properties.append(paragraph.makeelement(w(name), {w("val"): "yellow"}))
    first = paragraph.find(w("r"))
    first.insert(0, properties)
    path.write_bytes(write_package({**parts, DOCUMENT: serialize(root), "word/comments.xml": COMMENTS.encode()}))
    listed = desk.run("draft", "check", code=1).stdout
    assert f'{CHIEF}: a tracked change: put in (by [Partner] 2025-09-19): "Stop now."' in listed
    assert f'{CHIEF}: a comment (by [Associate] 2025-09-18): "Is this still good law?"' in listed
    assert f'{CHIEF}: highlighted: "We write' in listed
    assert f'{CHIEF}: a note in brackets: "[check this]"' in listed
    row = next(row for row in json.loads(desk.run("status", "--json").stdout) if row["id"] == CHIEF)
    assert "not ready to be approved" in desk.run("approve", CHIEF, "--by", "[Counsel]", code=1).stderr
    kinds = "a tracked change, a comment, highlighted, a note in brackets"
    assert row["reason"] == f"4 open points ({kinds}) in the draft: letters draft check {CHIEF}"


def test_nothing_edited_and_nothing_in_conflict_is_said(desk):
    assert desk.run("draft", "show").stderr == "nobody edited a draft\n"
    assert desk.run("draft", "conflicts").stderr == "no conflicts\n"
