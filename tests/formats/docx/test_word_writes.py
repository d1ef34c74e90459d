"""Letters as Word saves them: what is only saving, what is an edit, and how both are read back."""

from __future__ import annotations

import pytest

from letters.drafts.box import judge
from letters.drafts.tracked import Authors, write_merged
from letters.formats.docx import revisions
from letters.formats.docx.losses import losses
from letters.formats.docx.open_points import open_points
from letters.formats.docx.opening import DOCUMENT, open_docx
from letters.formats.docx.reading import read_parts
from letters.formats.docx.text import DocxText, read
from letters.formats.ooxml import parse, serialize, w, write_package
from letters.read.placeholders import open_words
from tests.formats.docx import word_writes

PARTS = 2
"""The short letter has an enclosure."""


def changed(content: bytes, *changes) -> bytes:
    parts = open_docx(content)
    root = parse(parts[DOCUMENT])
    for change in changes:
        change(root)
    return write_package({**parts, DOCUMENT: serialize(root)})


def document(content: bytes) -> DocxText:
    return read(open_docx(content))


@pytest.fixture(scope="module")
def base(generated_short):
    return document(generated_short)


@pytest.fixture(scope="module")
def tree(generated_short):
    return read_parts(document(generated_short), PARTS)  # the reader writes into what it reads


@pytest.mark.parametrize("change", word_writes.SAVING, ids=lambda change: change.__name__)
def test_saving_is_not_an_edit_of_the_words(generated_short, base, change):
    verdict = judge(changed(generated_short, change), base, open_words)
    assert verdict.same_words
    assert verdict.losses == ()


def test_all_that_saving_does_at_once_is_not_an_edit_of_the_sample_letter(generated):
    assert judge(changed(generated, *word_writes.SAVING), document(generated), open_words).same_words


FEW = (word_writes.split_runs, word_writes.contents_of_libreoffice, word_writes.smart_tags)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(change, marks=[pytest.mark.slow] * (change not in FEW))
        for change in word_writes.SAVING
        if change is not word_writes.smart_quotes
    ],
)
def test_what_saving_does_changes_nothing_in_the_tree(generated_short, tree, change):
    assert read_parts(document(changed(generated_short, change)), PARTS) == tree


def test_a_heading_that_was_changed_leaves_its_line_of_the_contents_alone(generated_short):
    base = document(generated_short)  # the merge writes into it
    heading = next(each for each in base.paragraphs if each.style == "heading 1")
    said = heading.text.encode()
    parts = open_docx(changed(generated_short, word_writes.contents_made_anew))
    before, line, behind = parts[DOCUMENT].partition(b"<w:t>" + said)
    assert line
    parts[DOCUMENT] = before + line + behind.replace(said, said + b" anew")
    verdict = judge(write_package(parts), base, open_words)
    assert (verdict.same_words, verdict.losses) == (False, ())
    merged = write_merged(base, read(parts), base, Authors("[Counsel]", "template", "2025-09-17T00:00:00Z"))
    inserted = "".join(t.text or "" for each in parse(merged[DOCUMENT]).iter(w("ins")) for t in each.iter(w("t")))
    assert inserted.split() == ["anew"]


def test_words_that_somebody_typed_into_a_line_of_the_contents_are_an_edit(generated_short, base):
    parts = open_docx(changed(generated_short, word_writes.contents_made_anew))
    parts[DOCUMENT] = parts[DOCUMENT].replace(
        b"<w:tab/></w:r><w:r><w:fldChar", b"<w:t> (new)</w:t><w:tab/></w:r><w:r><w:fldChar", 1
    )
    assert not judge(write_package(parts), base, open_words).same_words


def test_a_tracked_move_is_listed_and_read_where_it_went(generated_short):
    root = parse(open_docx(generated_short)[DOCUMENT])
    said = word_writes.move(root)
    moved = changed(generated_short, word_writes.move)
    points = open_points(document(moved), open_words, frozenset())
    kinds = {(point.kind, point.author, point.date) for point in points if "tracked" in point.kind}
    assert kinds == {
        ("a tracked change: moved away", "[Partner]", "2025-09-19"),
        ("a tracked change: moved here", "[Partner]", "2025-09-19"),
    }
    accepted = parse(open_docx(moved)[DOCUMENT])
    revisions.accept(accepted)
    texts = read({**open_docx(moved), DOCUMENT: serialize(accepted)}).texts
    assert " ".join(texts).count(" ".join(said.split())) == 1


def test_a_text_box_is_named_with_its_words(generated_short, base):
    boxed = changed(generated_short, word_writes.text_box)
    assert {lost for lost in losses(document(boxed)) if "box" in lost} == {
        'a text box (it is set below its paragraph there) ("Words in a box")'
    }
    assert not judge(boxed, base, open_words).same_words
