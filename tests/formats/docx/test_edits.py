"""Whatever somebody changes of what Word shows is an edit, in whatever part and construct it stands."""

from __future__ import annotations

import pytest

from letters.drafts.box import judge
from letters.formats.docx.opening import FOOTNOTES, open_docx
from letters.formats.docx.reading import read_words
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


TRACKED = 'w:id="9" w:author="Partner" w:date="2025-09-19T10:00:00Z"'


def cell(words: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr><w:p>{run(words)}</w:p></w:tc>"


def row(*cells: str, properties: str = "") -> str:
    return f"<w:tr><w:trPr>{properties}</w:trPr>{''.join(cells)}</w:tr>"


def with_table(*rows: str) -> dict[str, bytes]:
    parts = word_file("body", run("Middle"))
    grid = '<w:tblPr/><w:tblGrid><w:gridCol w:w="900"/><w:gridCol w:w="900"/></w:tblGrid>'
    table = f"<w:body><w:tbl>{grid}{''.join(rows)}</w:tbl><w:p/>".encode()
    return {**parts, "word/document.xml": parts["word/document.xml"].replace(b"<w:body>", table)}


def judged(before: dict[str, bytes], after: dict[str, bytes]) -> tuple[list[str], tuple[str, ...]]:
    verdict = judge(write_package(after), read(open_docx(write_package(before))), open_words)
    return list(map(str, verdict.open_points)), verdict.losses


def test_rows_and_cells_that_a_tracked_change_takes_out_are_named_by_their_words_and_not_missed() -> None:
    plain = row(cell("One"), cell("Two"))
    gone = row(cell("Three"), cell("Four"), properties=f"<w:del {TRACKED}/>")
    shorter = row(cell("Five"), cell("Six", f"<w:cellDel {TRACKED}/>"))
    points, lost = judged(with_table(plain), with_table(plain, gone, shorter))
    assert points == [
        'a tracked change: taken out (by Partner 2025-09-19): "Three Four"',
        'a tracked change: a table cell taken out (by Partner 2025-09-19): "Six"',
    ]
    assert lost == ()
    tree = str(read_words(read(open_docx(write_package(with_table(plain, gone, shorter))))))
    assert [word for word in ("One", "Two", "Three", "Four", "Five", "Six") if word in tree] == ["One", "Two", "Five"]


def test_cells_beyond_the_grid_are_read() -> None:
    ragged = with_table(row(cell("One"), cell("Two")), row(cell("Three"), cell("Four"), cell("Five")))
    assert judged(with_table(row(cell("One"), cell("Two"))), ragged) == ([], ())


def test_a_note_without_words_is_open_and_a_mark_of_its_own_is_named() -> None:
    before = word_file("note", run("Noted"))
    emptied = before["word/footnotes.xml"]
    emptied = emptied[: emptied.index(b"<w:p>")] + b"<w:p/></w:footnote></w:footnotes>"
    assert judged(before, {**before, "word/footnotes.xml": emptied})[0] == ['a note without words: "Called"']
    starred = before["word/document.xml"].replace(
        b"<w:footnoteReference ", b'<w:footnoteReference w:customMarkFollows="1" '
    )
    lost = judged(before, {**before, "word/document.xml": starred})[1]
    assert lost == ('a note with a mark of its own, which gets a number, at "Called…"',)


@pytest.mark.parametrize(
    ("properties", "named"),
    [
        ('<w:numFmt w:val="decimal"/><w:numStart w:val="1"/><w:numRestart w:val="continuous"/>', ()),
        ('<w:numFmt w:val="lowerRoman"/>', ('notes numbered in the format "lowerRoman", which become 1, 2, 3',)),
        ('<w:numStart w:val="5"/>', ("notes numbered from 5, which begin at 1",)),
        ('<w:numRestart w:val="eachPage"/>', ("notes numbered anew in each page, which go on",)),
        ('<w:numRestart w:val="eachSect"/>', ()),  # there is one section
    ],
)
def test_notes_that_word_numbers_in_another_way_are_named(properties: str, named: tuple[str, ...]) -> None:
    before = word_file("note", run("Noted"))
    section = f"<w:sectPr><w:footnotePr>{properties}</w:footnotePr></w:sectPr></w:body>".encode()
    after = before["word/document.xml"].replace(b"</w:body>", section)
    assert judged(before, {**before, "word/document.xml": after}) == ([], named)


def test_words_hidden_by_the_style_of_their_table_are_not_read() -> None:
    plain = with_table(row(cell("Secret"), cell("Two")))
    style = '<w:style w:type="table" w:styleId="H"><w:name w:val="H"/><w:rPr><w:vanish/></w:rPr></w:style></w:styles>'
    hidden = {
        **plain,
        "word/styles.xml": plain["word/styles.xml"].replace(b"</w:styles>", style.encode()),
        "word/document.xml": plain["word/document.xml"].replace(
            b"<w:tblPr/>", b'<w:tblPr><w:tblStyle w:val="H"/></w:tblPr>'
        ),
    }
    assert judged(plain, hidden)[0] == ['hidden text: "Secret"', 'hidden text: "Two"']
    assert "Secret" not in str(read_words(read(open_docx(write_package(hidden)))))


def test_a_date_that_changes_is_open_and_a_number_that_only_word_knows_is_named() -> None:
    before, after = (
        word_file("body", ""),
        word_file("body", field("DATE", "May 1, 2021") + field("LISTNUM", "") + field("PAGE", "7")),
    )
    points, lost = judged(before, after)
    assert points == ['a date that Word changes whenever the file is opened, printed or saved: "May 1, 2021"']
    at = 'at "First May 1, 20217 last…"'
    assert lost == (f'the number of the field PAGE, which stays "7", {at}', f"what the field LISTNUM shows {at}")


def test_a_character_that_no_font_has_is_named_with_its_place() -> None:
    before, after = (open_docx(write_package(word_file("body", run(words)))) for words in ("x", "\U0001f5f9"))
    verdict = judge(write_package(after), read(before), open_words, lambda words: set(words) & {"\U0001f5f9"})
    assert verdict.losses == ('the character "\U0001f5f9" (U+1F5F9) at "First \U0001f5f9 last", which no font has',)


def test_a_link_to_a_folder_on_a_server_is_named() -> None:
    linked = word_file("body", field(r'HYPERLINK "\\\\server\\share\\list.docx"', "our list"))
    assert any("share" in each for each in judged(word_file("body", ""), linked)[1])


def test_a_note_whose_call_was_deleted_is_not_missing() -> None:
    before = word_file("note", run("Noted"))
    after = {
        **before,
        "word/document.xml": before["word/document.xml"].replace(b'<w:footnoteReference w:id="2"/>', b""),
    }
    assert FOOTNOTES in after
    verdict = judge(write_package(after), read(open_docx(write_package(before))), open_words)
    assert (verdict.same_words, verdict.losses) == (False, ())


@pytest.mark.parametrize("tip", ["", '\\o "where it is" \\n '])
def test_a_link_to_a_file_is_named_and_keeps_its_words_only(tip: str) -> None:
    linked = word_file("body", field(f'HYPERLINK {tip}"file:///C:/us/list.docx"', "our list"))
    lost = judged(word_file("body", ""), linked)[1]
    assert 'a link to "file:///C:/us/list.docx" at "First our list last…"' in lost
    said = str(read_words(read(open_docx(write_package(linked)))))
    assert "list.docx" not in said
    assert "our" in said
