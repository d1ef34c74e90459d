"""A draft read back says what the letter says, word for word, tag for tag, in all letters of the pack."""

from __future__ import annotations

import re

import pytest

from letters.drafts import box
from letters.drafts.box import Draft
from letters.formats import jinja
from letters.formats.docx.normalize import Unclear
from letters.formats.docx.reading import read_parts
from letters.formats.docx.text import read
from letters.formats.files import sha256
from letters.formats.ooxml import parse, read_package, serialize, w, write_package
from letters.formats.tree import walk
from letters.model.records import Verdict
from letters.render.word.docxtpl_internals import DocxRenderer
from tests.sample import loaded

PACK = ("guidance-letter", "county-board", "press-release", "records-request", "thank-you", "agreement-follow-up")


@pytest.mark.parametrize("name", PACK)
def test_a_draft_read_back_is_the_page_of_the_letter(tmp_path, name):
    project, _ = loaded(name)
    letter = project.letters[0]
    path = tmp_path / "draft.docx"
    path.write_bytes(DocxRenderer(project.template.word).render(letter.context, letter.notes))
    parts = len(project.template.parts)
    digest = sha256(path.read_bytes())
    draft = Draft(id="x", path=path, sha256=digest, verdict=Verdict(), parts=parts, used="")
    pages = box._pages(project, draft)
    environment = jinja.environment()
    for part, read_back, numbers, new in zip(
        project.template.parts, pages.parts, letter.notes, pages.notes, strict=True
    ):
        before = environment.from_string(part.html).render({**letter.context, "note": numbers})
        after = environment.from_string(read_back.html).render({**letter.context, "note": new})
        assert plain(after) == plain(before)


def plain(page: str) -> str:
    """Write a page without what no reader sees: doubled spaces, decimals of widths, what a short last paragraph keeps.

    How long a paragraph with tags is, is only known of a letter, and not of the template.
    """
    rounded = re.sub(r"width:(\d+)\.\d+%", r"width:\1%", page.replace(' class="kept"', ""))
    return re.sub(r"\s+(?=</?(p|h\d|li|td)\b)", "", re.sub(r"(?<=<p>)\s+", "", re.sub(r"[ \n]+", " ", rounded)))


def test_a_letter_whose_enclosures_cannot_be_told_apart_is_refused(generated):
    parts = read_package(generated)
    root = parse(parts["word/document.xml"])
    for element in [*root.iter(w("bookmarkStart")), *root.iter(w("sectPr"))]:
        element.getparent().remove(element)
    parts["word/document.xml"] = serialize(root)
    with pytest.raises(Unclear, match="section breaks before its enclosures are gone: 0 where there were 2"):
        read_parts(read(dict(read_package(write_package(parts)))), 3)


def test_a_reference_to_a_note_is_renumbered_when_a_note_is_put_in_before_it(make_desk):
    desk = make_desk(letter="We write.[^a] See note {{ note.b }}.[^b]\n\n[^a]: One.\n\n[^b]: Two.\n")
    desk.run("build", "--no-pdf", "--only", "adrian-police", "--jobs", "1")
    parts = read_package(desk.out("docx/adrian-police.docx").read_bytes())
    root = parse(parts["word/document.xml"])
    first = next(root.iter(w("footnoteReference")))
    run = first.getparent()
    run.addprevious(serialize_copy(run))
    document = read({**parts, "word/document.xml": serialize(root)})
    blocks = read_parts(document, 1)[0].blocks
    said = "".join(node["c"] if node["t"] == "Str" else " " for node in walk(blocks) if node["t"] in ("Str", "Space"))
    assert "See note\u00a03." in said


def serialize_copy(element):
    return parse(serialize(element))
