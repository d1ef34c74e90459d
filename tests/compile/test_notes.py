from __future__ import annotations

import pytest

from letters.campaign.load import load
from letters.compile.lower import Guards, lower
from letters.compile.parse import parse
from letters.compile.settle import settle
from letters.compile.word_body import Snippets
from letters.formats import pandoc
from letters.formats.ooxml import parse as parse_xml
from letters.formats.ooxml import read_package, w
from letters.model.records import Source
from tests.conftest import MakeDesk
from tests.desk import ROOT, Desk

MENDED = {
    "Text.[^a]\n\n{{ note.b }}\n\n[^a]: One.\n": (
        'templates/letter.md:3:1: "note.b" is not a field\n    hint: did you mean note.a?'
    ),
    "{% for line in recipient.inside_address %}\nText {{ line }}.[^a]\n{% endfor %}\n\n[^a]: One.\n": (
        "templates/letter.md:2:17: the note [^a] stands in a loop\n    hint: write it outside the loop"
    ),
    "{% for signer in campaign.signers %}\nText.[^a]\n{% endfor %}\n\n[^a]: One.\n": (
        "templates/letter.md:2:6: the note [^a] stands in a loop\n    hint: write it outside the loop"
    ),
    "{% for line in recipient.inside_address %}\nText {{ line }}.^[A note.]\n{% endfor %}\n": (
        "templates/letter.md:1:1: a note stands in a loop\n    hint: write it outside the loop"
    ),
    "Text.[^a] More.[^a]\n\n[^a]: One.\n": (
        "templates/letter.md:1:16: the note [^a] is called twice\n"
        "    hint: line 1 has it already; refer to it with {{ note.a }}, or write a second note"
    ),
    "Text.[^a] More.\n\n[^a]: One.[^b]\n\n[^b]: Two.\n": (
        "templates/letter.md:3:11: the note [^b] is called inside a note\n"
        "    hint: call it in the text; inside a note refer to it with {{ note.b }}"
    ),
    "Text.^[One.^[Two.]]\n": (
        "templates/letter.md: a note holds another note, which cannot stand at the foot of a page\n"
        "    hint: write it into the text, or as sentences"
    ),
    "Text.[^a]\n\n{% if note.a %}\n\nText.\n\n{% endif %}\n\n[^a]: One.\n": (
        'templates/letter.md:3:1: "note.a" tests a note, whose number is not known before the end\n'
        "    hint: test what the note itself depends on, such as recipient.agreement_287g"
    ),
    "Text.[^a-b]\n\nSee {{ note.a-b }}.\n\n[^a-b]: One.\n": (
        'templates/letter.md:3:5: "note.a-b" is not a reference to a note\n    hint: write {{ note["a-b"] }}'
    ),
    "Text.[^a]\n\nSee {{ note.a + 1 }}.\n\n[^a]: One.\n": (
        'templates/letter.md:3:5: "note.a + 1" is not a reference to a note\n    hint: write {{ note.NAME }}'
    ),
}


def problems(desk: Desk) -> list[str]:
    return [str(problem) for problem in load(desk.folder / "campaign.toml")[1]]


@pytest.mark.parametrize("letter", MENDED)
def test_a_note_that_cannot_be_numbered_is_a_problem_with_its_line(make_desk: MakeDesk, letter: str) -> None:
    assert problems(make_desk(letter=letter)) == [MENDED[letter]]


def test_a_note_of_the_frame_and_one_of_the_letter_have_two_names(make_desk: MakeDesk) -> None:
    desk = make_desk(letter="---\nframe: memo\n---\nText.[^a]\n\n[^a]: One.\n")
    desk.write("templates/frames/memo.md", "To you.[^a]\n\n{{ body }}\n\n[^a]: Two.\n")
    assert problems(desk) == [
        "templates/letter.md:4:6: the note [^a] is also one of the frame (templates/frames/memo.md:1)\n"
        "    hint: give one of them a new name"
    ]


def test_a_reference_to_a_note_that_this_letter_lacks_stops_this_letter_only(make_desk: MakeDesk) -> None:
    letter = "{% if recipient.agreement_287g %}\n\nText.[^a]\n\n{% endif %}\n\nSee note\n{{ note.a }}.\n\n[^a]: One.\n"
    project, found = load(make_desk(letter=letter).folder / "campaign.toml")
    assert [str(problem) for problem in found] == [
        "templates/letter.md:8:1: refers to the note [^a], which the letter to adrian-police does not have\n"
        "    hint: put the reference under the same condition as the note"
    ]
    assert project
    assert [each.recipient.id for each in project.letters] == ["berrien-county-sheriff"]


def test_bookmarks_of_notes_and_of_headings_have_ids_of_their_own() -> None:
    section = "# Heading {0}\n\nText.[^n{0}] See note {{{{ note.n{0} }}}}.\n\n[^n{0}]: Words.\n\n"
    parsed, _ = parse(Source("letter.md", "".join(section.format(number) for number in range(20))))
    blocks = lower(settle(parsed, {})[0], 0, Snippets(), Guards())
    package = read_package(pandoc.write_docx(blocks, (ROOT / "templates" / "letterhead.docx").read_bytes()))
    ids = [each.get(w("id")) for each in parse_xml(package["word/document.xml"]).iter(w("bookmarkStart"))]
    assert len(ids) == len(set(ids)) == 40
