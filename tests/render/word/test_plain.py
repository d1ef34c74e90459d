"""What docxtpl would lose without a word stops the letter; what it would leave invalid is made valid."""

from __future__ import annotations

import io
import zipfile

import pytest
from docx import Document
from docxtpl import DocxTemplate

from letters.formats.ooxml import read_package, write_package
from letters.render import RenderError
from letters.render.word.docxtpl_internals import DocxRenderer

BROKEN = "Dear {{ name }}, {% raw %}{{ 1 <name }}{% endraw %} this is the rule."
"""docxtpl makes "<" of "&lt;" between braces: what follows it is no XML any more."""
NOTES = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
NAMESPACE = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def document(*paragraphs: str, title: str = "") -> bytes:
    """Make a template with a table."""
    made = Document()
    for text in paragraphs:
        made.add_paragraph(text)
    made.add_table(rows=2, cols=2).rows[0].cells[0].text = "{{ name }}"
    made.core_properties.title = title
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def changed(template: bytes, name: str, old: str, new: str) -> bytes:
    parts = read_package(template)
    assert old in parts[name].decode()
    return write_package({**parts, name: parts[name].replace(old.encode(), new.encode(), 1)})


def with_notes(template: bytes, notes: str) -> bytes:
    """Add a part of notes."""
    types = f'<Override PartName="/word/footnotes.xml" ContentType="{NOTES}"/></Types>'
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"
    relation = f'<Relationship Id="rIdN" Type="{kind}" Target="footnotes.xml"/></Relationships>'
    template = changed(template, "[Content_Types].xml", "</Types>", types)
    template = changed(template, "word/_rels/document.xml.rels", "</Relationships>", relation)
    content = f"<w:footnotes {NAMESPACE}>{notes}</w:footnotes>".encode()
    return write_package({**read_package(template), "word/footnotes.xml": content})


def words(docx: bytes) -> str:
    return " ".join(paragraph.text for paragraph in Document(io.BytesIO(docx)).paragraphs)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('<w:tblGrid><w:gridCol w:w="4320"/><w:gridCol w:w="4320"/></w:tblGrid>', ""),
        ('<w:gridCol w:w="4320"/><w:gridCol w:w="4320"/>', "<w:gridCol/><w:gridCol/><w:gridCol/>"),
        ('<w:tcW w:type="dxa" w:w="4320"/>', "<w:gridSpan/>"),
    ],
)
def test_a_table_that_word_opens_is_filled_and_has_a_grid(old: str, new: str) -> None:
    made = DocxRenderer(changed(document("Dear {{ name }}"), "word/document.xml", old, new)).render({"name": "Oak"}, [])
    (table,) = Document(io.BytesIO(made)).tables
    assert table.rows[0].cells[0].text == "Oak"
    assert [column.width.inches for column in table.columns if column.width] != []
    assert len(table.columns) == 2


def test_docxtpl_alone_loses_what_follows_broken_xml() -> None:
    template, out = DocxTemplate(io.BytesIO(document(BROKEN))), io.BytesIO()
    template.render({"name": "Chief Oak"}, autoescape=True)
    template.save(out)
    assert "this is the rule" not in words(out.getvalue())


def test_broken_xml_stops_the_letter_in_a_sentence() -> None:
    with pytest.raises(RenderError) as caught:
        DocxRenderer(document(BROKEN)).render({"name": "Chief Oak"}, [])
    assert str(caught.value) == (
        '"word/document.xml" is not well-formed XML after "Dear Chief Oak, {{ 1 " (error parsing attribute name); '
        "look at the fields and conditions of the template there"
    )


def test_broken_xml_in_the_notes_stops_the_letter() -> None:
    template = with_notes(document("{{ name }}"), "<w:p>{% if name %}<w:r>{% endif %}</w:p>")
    with pytest.raises(RenderError, match=r'^"word/footnotes\.xml" is not well-formed XML at its beginning'):
        DocxRenderer(template).render({"name": "Chief Oak"}, [])


def test_broken_xml_in_a_header_stops_the_letter() -> None:
    made = Document(io.BytesIO(document("{{ name }}")))
    made.sections[0].header.paragraphs[0].text = BROKEN
    out = io.BytesIO()
    made.save(out)
    with pytest.raises(RenderError, match=r'^"word/header1\.xml" is not well-formed XML after "Dear'):
        DocxRenderer(out.getvalue()).render({"name": "Chief Oak"}, [])


@pytest.mark.parametrize("character", ["\x00", "\x0b", "\x1b", "\ufffe", "\ud800"])
def test_a_character_that_xml_cannot_hold_stops_the_letter(character: str) -> None:
    with pytest.raises(RenderError, match=rf"holds the character U\+{ord(character):04X}, which a DOCX cannot hold"):
        DocxRenderer(document("Dear {{ name }}")).render({"name": f"Chief{character}Oak"}, [])


def test_a_property_that_cannot_be_written_stops_the_letter() -> None:
    with pytest.raises(RenderError, match=r"^the title in the properties of the DOCX cannot be written"):
        DocxRenderer(document("Dear", title="To {{ name }}")).render({"name": "Chief\aOak"}, [])


def test_notes_are_rendered_once_and_values_are_not_run_as_templates() -> None:
    made = Document(io.BytesIO(with_notes(document("{{ name }}"), "<w:p><w:r><w:t>{{ name }}</w:t></w:r></w:p>")))
    made.add_section()
    out = io.BytesIO()
    made.save(out)
    filled = DocxRenderer(out.getvalue()).render({"name": "{{ 7*7 }}"}, [])
    assert "{{ 7*7 }}" in read_package(filled)["word/footnotes.xml"].decode()


def test_a_title_is_escaped_once() -> None:
    filled = DocxRenderer(document("Dear", title="To {{ name }}")).render({"name": "O'Neil & <Sons>"}, [])
    assert Document(io.BytesIO(filled)).core_properties.title == "To O'Neil & <Sons>"


def test_a_table_that_a_condition_empties_is_left_out() -> None:
    emptied = changed(document("Dear"), "word/document.xml", "<w:tr>", "{% if no %}<w:tr>")
    emptied = changed(emptied, "word/document.xml", "</w:tbl>", "{% endif %}</w:tbl>")
    assert b"<w:tbl>" not in read_package(DocxRenderer(emptied).render({"no": False}, []))["word/document.xml"]


def test_a_cell_that_a_condition_empties_has_a_paragraph() -> None:
    paragraph = "<w:p><w:r><w:t>{{ name }}</w:t></w:r></w:p>"
    emptied = changed(document("Dear"), "word/document.xml", paragraph, f"{{% if no %}}{paragraph}{{% endif %}}")
    content = read_package(DocxRenderer(emptied).render({"no": False, "name": "x"}, []))["word/document.xml"].decode()
    assert content.count("<w:tc>") == content.count("<w:p/></w:tc>") == 4


def test_parts_that_nothing_leads_to_are_left_out() -> None:
    template = write_package({**read_package(document("Dear")), "word/alone.xml": b"<a/>"})
    filled = DocxRenderer(template).render({"name": "x"}, [])
    assert "word/alone.xml" not in zipfile.ZipFile(io.BytesIO(filled)).namelist()
