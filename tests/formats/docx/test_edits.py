"""Whatever somebody changes of what Word shows is an edit, in whatever part and construct it stands."""

from __future__ import annotations

import pytest

from letters.formats.docx.judge import judge
from letters.formats.docx.opening import FOOTNOTES, open_docx
from letters.formats.docx.text import read
from letters.formats.ooxml import Relations, add_content_type, write_package
from letters.read.placeholders import open_words
from tests.formats.docx.corpus import CONSTRUCTS, code, field, mark, run, word_file

_ENDNOTES = "application/vnd.openxmlformats-officedocument.wordprocessingml.endnotes+xml"
_HEADER = "application/vnd.openxmlformats-officedocument.wordprocessingml.header+xml"
NAMES = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def form(kind: str, inside: str) -> str:
    begin = f'<w:r><w:fldChar w:fldCharType="begin"><w:ffData>{inside}</w:ffData></w:fldChar></w:r>'
    return begin + code(kind) + mark("end")


def box(ticked: int) -> str:
    return form("FORMCHECKBOX", f'<w:checkBox><w:default w:val="{ticked}"/></w:checkBox>')


def choice(number: int) -> str:
    entries = '<w:listEntry w:val="Yes"/><w:listEntry w:val="Never"/>'
    return form("FORMDROPDOWN", f'<w:ddList><w:result w:val="{number}"/>{entries}</w:ddList>')


def drawn(words: str) -> str:
    said = run("Long words of a box. " * 9 + words)
    return f"<w:r><w:pict><w:txbxContent><w:p>{said}</w:p></w:txbxContent></w:pict></w:r>"


def formula(words: str) -> str:
    names = 'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
    return f"<m:oMath {names}><m:r><m:t>{words}</m:t></m:r></m:oMath>"


EDITS = {
    "the words of a form": (field("FORMTEXT", "old"), field("FORMTEXT", "new")),
    "the words of a link": (field('HYPERLINK "https://a.org/"', "old"), field('HYPERLINK "https://a.org/"', "new")),
    "the result of a field": (field("DOCPROPERTY x", "old"), field("DOCPROPERTY x", "new")),
    "a tick": (box(0), box(1)),
    "a choice": (choice(0), choice(1)),
    "an alternative": (CONSTRUCTS["two spellings"].xml, CONSTRUCTS["two spellings"].xml.replace("Either", "Other")),
    "ruby": (CONSTRUCTS["ruby"].xml, CONSTRUCTS["ruby"].xml.replace("Ruby", "Other")),
    "the end of a box": (drawn("old"), drawn("new")),
    "a formula": (formula("x"), formula("y")),
    "a font of pictures": (run("a"), run("a", '<w:rFonts w:ascii="Wingdings" w:hAnsi="Wingdings"/>')),
}  # fmt: skip


def is_edit(before: dict[str, bytes], after: dict[str, bytes]) -> bool:
    base = read(open_docx(write_package(before)))
    return not judge(write_package(after), base, open_words).same_words


@pytest.mark.parametrize("name", EDITS)
def test_a_change_inside_of_a_construct_is_an_edit(name: str) -> None:
    before, after = EDITS[name]
    assert is_edit(word_file("body", before), word_file("body", after))
    assert not is_edit(word_file("body", before), word_file("body", before))


def test_a_new_page_number_is_no_edit() -> None:
    assert not is_edit(word_file("body", field("PAGEREF x", "3")), word_file("body", field("PAGEREF x", "4")))


def with_part(name: str, kind: str, content_type: str, content: str, body: str = "") -> dict[str, bytes]:
    parts = word_file("body", body)
    parts[f"word/{name}.xml"] = content.encode()
    relations = Relations(parts["word/_rels/document.xml.rels"])
    relations.add(kind, f"{name}.xml")
    parts["word/_rels/document.xml.rels"] = relations.to_bytes()
    add_content_type(parts, f"word/{name}.xml", content_type)
    return parts


def test_new_words_in_an_endnote_or_at_the_end_of_a_header_are_an_edit() -> None:
    call = '<w:r><w:endnoteReference w:id="4"/></w:r>'
    for said in ("old", "new"):
        note = f'<w:endnotes {NAMES}><w:endnote w:id="4"><w:p>{run(said)}</w:p></w:endnote></w:endnotes>'
        head = f"<w:hdr {NAMES}><w:p>{run('Many words of a heading. ' * 9 + said)}</w:p></w:hdr>"
        noted = with_part("endnotes", "endnotes", _ENDNOTES, note, call)
        headed = with_part("header9", "header", _HEADER, head)
        if said == "old":
            before = noted, headed
    assert is_edit(before[0], noted)
    assert is_edit(before[1], headed)


def test_a_list_that_begins_anew_and_a_style_in_capitals_are_an_edit() -> None:
    before = word_file("item", run("One"))
    numbering = before["word/numbering.xml"].replace(b'<w:start w:val="1"/>', b'<w:start w:val="7"/>')
    assert is_edit(before, {**before, "word/numbering.xml": numbering})
    quoted = word_file("quotation", run("One"))
    styles = quoted["word/styles.xml"]
    at = styles.index(b'w:styleId="Quote"')
    looks = styles.index(b"<w:rPr>", at) + len(b"<w:rPr>")
    assert is_edit(quoted, {**quoted, "word/styles.xml": styles[:looks] + b"<w:caps/>" + styles[looks:]})


def test_a_note_whose_call_was_deleted_is_not_missing() -> None:
    before = word_file("note", run("Noted"))
    after = {
        **before,
        "word/document.xml": before["word/document.xml"].replace(b'<w:footnoteReference w:id="2"/>', b""),
    }
    assert FOOTNOTES in after
    verdict = judge(write_package(after), read(open_docx(write_package(before))), open_words)
    assert (verdict.same_words, verdict.losses) == (False, ())
