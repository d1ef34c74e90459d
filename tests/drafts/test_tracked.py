"""Tracked changes: taking all of them in gives the one version, turning them down the other, notes included."""

from __future__ import annotations

import pytest
from lxml import etree

from letters.drafts.tracked import Authors, redline, write_merged
from letters.formats.docx import revisions
from letters.formats.docx.opening import DOCUMENT, FOOTNOTES, open_docx
from letters.formats.docx.text import DocxText, read
from letters.formats.ooxml import W, parse, serialize, w, write_package
from tests.drafts.editing import Editor
from tests.formats.docx.corpus import run, word_file

DATE = "2025-09-17T00:00:00Z"

HUNDREDS = range(220)
"""Seeds of the long tests: each way to edit meets each other one several times; twice as many found nothing more."""


def settled(parts: dict[str, bytes], *steps) -> DocxText:
    """Take in or turn down changes, a step after the other, and read the result."""
    parts = dict(parts)
    for name in (DOCUMENT, FOOTNOTES):
        root = parse(parts[name])
        for step, author in steps:
            step(root, author)
        parts[name] = serialize(root)
    return read(parts)


def _redline_holds(content: bytes, seed: int) -> None:
    editor = Editor(content, seed)
    did = editor.edit(1 + seed % 6)
    changed = editor.to_bytes()
    parts = redline(read(open_docx(content)), read(open_docx(changed)), "[Counsel]", DATE)
    new, old = read(open_docx(changed)).fingerprint(), read(open_docx(content)).fingerprint()
    assert settled(parts, (revisions.accept, "")).fingerprint() == new, (seed, did)
    assert settled(parts, (revisions.reject, "")).fingerprint() == old, (seed, did)


def _merge_holds(content: bytes, seed: int) -> None:
    mine, theirs = Editor(content, seed), Editor(content, seed + 10_000)
    did = mine.edit(1 + seed % 5), theirs.edit(1 + seed % 3)
    versions = [read(open_docx(each)) for each in (content, mine.to_bytes(), theirs.to_bytes())]
    wanted = [version.texts for version in versions]
    parts = write_merged(*versions, Authors("[Counsel]", "template", DATE))
    my = settled(parts, (revisions.accept, "[Counsel]"), (revisions.reject, "template"))
    their = settled(parts, (revisions.accept, "template"), (revisions.reject, "[Counsel]"))
    assert my.texts == wanted[1], (seed, did)
    assert their.texts == wanted[2], (seed, did)
    both = " ".join(settled(parts, (revisions.accept, "")).texts)
    assert [typed for typed in mine.typed if typed in " ".join(wanted[1]) and typed not in both] == [], (seed, did)


@pytest.mark.parametrize("seed", [9])  # it joins items of a list, which keep their numbers
def test_a_redline_holds_both_versions(generated, seed):
    _redline_holds(generated, seed)


# The last cuts a line of the contents in two, while the template changes its heading.
@pytest.mark.parametrize("seed", [124])
def test_a_merge_holds_what_each_side_wrote(generated, seed):
    _merge_holds(generated, seed)


@pytest.mark.slow
def test_hundreds_of_redlines_hold_both_versions(generated):
    for seed in HUNDREDS:
        _redline_holds(generated, seed)


@pytest.mark.slow
def test_hundreds_of_merges_hold_what_each_side_wrote(generated):
    for seed in HUNDREDS:
        _merge_holds(generated, seed)


def _with_looks(content: bytes, looks: str, words: str) -> bytes:
    """Give the first run that says these words other looks, as a person does who marks a passage."""
    parts = open_docx(content)
    root = parse(parts[DOCUMENT])
    for each in root.iter(w("r")):
        if words in "".join(piece.text or "" for piece in each.iter(w("t"))):
            own = each.find(w("rPr"))
            if own is None:
                own = etree.Element(w("rPr"))
                each.insert(0, own)
            own.append(etree.fromstring(f'<w:x xmlns:w="{W}">{looks}</w:x>')[0])
            break
    parts[DOCUMENT] = serialize(root)
    return write_package(parts)


@pytest.mark.parametrize(("looks", "mine"), [("<w:b/>", True), ('<w:highlight w:val="yellow"/>', False)])
def test_words_whose_looks_one_side_changed_merge_with_the_words_of_the_other(generated_short, looks, mine):
    base = read(open_docx(generated_short))
    sentence = next(line for line in base.texts if len(line.split()) > 12)
    word = sentence.split()[3]
    other = generated_with(generated_short, word, "otherword")
    looked = _with_looks(generated_short, looks, word)
    versions = (looked, other) if mine else (other, looked)
    merged = write_merged(base, *(read(open_docx(each)) for each in versions), Authors("[Counsel]", "template", DATE))
    new = settled(merged, (revisions.accept, ""))
    assert new.texts == read(open_docx(other)).texts
    assert settled(merged, (revisions.reject, "")).fingerprint() == base.fingerprint()


def _note_says(words: str) -> DocxText:
    """Read a short Word file with a note; without its call where there are no words."""
    parts = word_file("note", run(words))
    if not words:
        parts[DOCUMENT] = parts[DOCUMENT].replace(b'<w:footnoteReference w:id="2"/>', b"")
    return read(open_docx(write_package(parts)))


@pytest.mark.parametrize("mine_is_gone", [True, False])
def test_a_note_that_one_side_deleted_and_the_other_changed_comes_back_as_it_was(mine_is_gone):
    old, new, gone = "Noted words", "Noted other words", ""
    mine, theirs = (gone, new) if mine_is_gone else (new, gone)
    authors = Authors("[Counsel]", "template", DATE)
    merged = write_merged(*(_note_says(words) for words in (old, mine, theirs)), authors)
    assert settled(merged, (revisions.reject, "")).texts == _note_says(old).texts
    turned_down = "[Counsel]" if mine_is_gone else "template"
    kept = "template" if mine_is_gone else "[Counsel]"
    one_side = settled(merged, (revisions.accept, kept), (revisions.reject, turned_down))
    assert one_side.texts == _note_says(new).texts


def generated_with(content: bytes, old: str, new: str) -> bytes:
    """Replace a word where it stands first."""
    parts = open_docx(content)
    root = parse(parts[DOCUMENT])
    piece = next(piece for piece in root.iter(w("t")) if old in (piece.text or "").split())
    piece.text = (piece.text or "").replace(old, new, 1)
    parts[DOCUMENT] = serialize(root)
    return write_package(parts)


@pytest.mark.parametrize(
    ("old", "mine", "theirs"),
    [
        ("It stays here.", "It REMAINS here.", "It holds here."),
        ("It stays here.", "REMAINS.", "Nothing like it was said before."),
        ("It stays here.", "", "It stays on here."),
        ("It stays here.", "It stays here EDITED.", ""),
    ],
)
def test_what_both_sides_changed_in_other_ways_can_be_rejected_as_a_whole(old: str, mine: str, theirs: str) -> None:
    versions = [read(open_docx(write_package(_with_paragraph(words)))) for words in (old, mine, theirs)]
    parts = write_merged(*versions, Authors("[Counsel]", "template", DATE))
    wanted = [read(open_docx(write_package(_with_paragraph(words)))).texts for words in (old, mine, theirs)]
    assert settled(parts, (revisions.reject, "")).texts == wanted[0]
    assert settled(parts, (revisions.accept, "[Counsel]"), (revisions.reject, "template")).texts == wanted[1]
    assert settled(parts, (revisions.accept, "template"), (revisions.reject, "[Counsel]")).texts == wanted[2]
    said = " ".join(settled(parts, (revisions.accept, "")).texts)
    assert all(word in said for word in ("REMAINS", "EDITED", "holds") if word in f"{mine} {theirs}")
    assert "REMAINSholds" not in said


def _with_paragraph(words: str) -> dict[str, bytes]:
    parts = word_file("body", run("Middle"))
    parts["word/footnotes.xml"] = f'<w:footnotes xmlns:w="{W}"/>'.encode()
    before = f"<w:p>{run(words)}</w:p>".encode() if words else b""
    document = parts["word/document.xml"].replace(b"<w:body>", b"<w:body>" + before)
    return {**parts, "word/document.xml": document}
