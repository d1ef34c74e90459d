"""A letter may be a Word file made by hand: same checks, DOCX through docxtpl, PDF from the same text."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from docx.document import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.styles.style import BaseStyle
from lxml import etree

from letters.formats import pandoc
from letters.formats.ooxml import W, parse, read_package, serialize, w, write_package
from letters.formats.tree import PAGE
from letters.read.word_letter import read_word_letter
from letters.read.word_merge import MergeNames
from tests.conftest import MakeDesk
from tests.desk import CHIEF, Desk
from tests.formats.docx.corpus import code, field, mark, run
from tests.formats.docx.corpus import word_file as corpus_file
from tests.formats.docx.test_unseen import with_endnote
from tests.read.word_letters import docx_text, pdf_text, place, with_table, word_letter

LETTER = word_letter(
    "Dear {{ recipient.agency }}:",
    ("We write about pol", "icy. {", "{ recipient", ".jurisdiction }", "} has a choice."),
    "{%p if recipient.office == “sheriff” %}",
    "You run the jail.",
    "{%p else %}",
    "You run patrols.",
    "{%p endif %}",
)


@pytest.fixture
def desk(make_desk: MakeDesk) -> Desk:
    made = make_desk()
    place(made, LETTER)
    return made


def test_split_runs_and_curly_quotation_marks_inside_tags_are_understood_in_both_media(desk: Desk) -> None:
    desk.run("build", "--letter", "byhand")
    for text in (docx_text(desk, "berrien-county-sheriff"), pdf_text(desk, "berrien-county-sheriff")):
        assert "We write about policy. Berrien County has a choice." in text
        assert "You run the jail." in text
        assert "patrols" not in text
        assert "{" not in text


@pytest.mark.parametrize(
    ("looks", "words", "read"),
    [
        ("b", "{% if x %}Yes{% else %}No{% endif %}", "{% if x %}**Yes**{% else %}**No**{% endif %}"),
        ("i", "{% if x %}{{ y }} b{% endif %}", "{% if x %}*{{ y }} b*{% endif %}"),
        ("strike", "", ""),
        ("b", "C:\\", "**C:\\\\**"),
    ],
)
def test_the_marks_of_formatting_stand_around_words_and_are_never_words(
    tmp_path: Path, looks: str, words: str, read: str
) -> None:
    document = word_letter(("A ", words))
    etree.SubElement(document.paragraphs[0].runs[1]._r.get_or_add_rPr(), w(looks))
    document.save(str(tmp_path / "byhand.docx"))
    letter, _ = read_word_letter(tmp_path / "byhand.docx", "byhand.docx", (), MergeNames({}, ()))
    assert letter.body.text.strip() == f"A {read}".strip()


def test_a_cross_reference_to_a_heading_is_a_link_and_an_old_number_is_named(tmp_path: Path) -> None:
    document = word_letter("", "See ")
    document.paragraphs[0].style = "Heading 1"
    marked = f'{mark_start("_Ref1")}{run("Our title")}<w:bookmarkEnd w:id="7"/>'
    for paragraph, inside in zip(
        document.paragraphs,
        (marked, field(" REF _Ref1 \\r \\h ", "Part 7") + run(" at ") + field(" PAGEREF _Ref1 ", "9")),
        strict=True,
    ):
        for child in etree.fromstring(f'<w:p xmlns:w="{W}">{inside}</w:p>'):
            paragraph._p.append(child)
    document.save(str(tmp_path / "byhand.docx"))
    letter, problems = read_word_letter(tmp_path / "byhand.docx", "byhand.docx", (), MergeNames({}, ()))
    assert letter.body.text == f"# Our title {{ #heading-0}}\n\nSee [Part 7](#heading-0) at [{PAGE}](#heading-0)\n"
    assert [str(each).partition("\n")[0] for each in problems] == [
        'byhand.docx:2: warning: a cross-reference shows "Part 7", and what it leads to has no number'
    ]


BOX_OF_A_FORM = '<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:checkBox/></w:ffData></w:fldChar></w:r>'
OF_WORD = (
    f"<w:r><w:pict><w:txbxContent><w:p>{run('Boxed.')}</w:p></w:txbxContent></w:pict></w:r>"
    + run("p", '<w:rFonts w:ascii="Symbol"/>')
    + '<w:r><w:sym w:font="Wingdings" w:char="F0FC"/></w:r>'
    + f"{BOX_OF_A_FORM}{code('FORMCHECKBOX')}{mark('end')}"
)
"""Words that are no text in the file: a box, characters by their fonts, a box of a form."""


def test_contents_numbered_headings_and_what_word_computes_are_in_the_pdf_and_pass_the_audit(
    make_desk: MakeDesk,
) -> None:
    desk = make_desk(rows=(CHIEF,))
    document = word_letter("Contents", "", "", "To the {{ recipient.agency }}", "Its words.", "Only item")
    title, line, end, heading, text, item = document.paragraphs
    document.styles.add_style("toc 1", WD_STYLE_TYPE.PARAGRAPH)
    title.style, line.style, heading.style, item.style = "TOC Heading", "toc 1", "Heading 1", "List Bullet"
    numbered = (
        f'<w:numPr xmlns:w="{W}"><w:ilvl w:val="0"/><w:numId w:val="{_of_style(document, "List Number")}"/></w:numPr>'
    )
    heading._p.get_or_add_pPr().append(etree.fromstring(numbered))
    words = run("To the {{ recipient.agency }}") + "<w:r><w:tab/></w:r>" + field(" PAGEREF _Toc1 \\h ", "7")
    begin = field(' TOC \\o "1-3" \\h ', "").removesuffix(run("") + mark("end"))
    for paragraph, inside in (
        (line, f'{begin}<w:hyperlink w:anchor="_Toc1">{words}</w:hyperlink>'),
        (end, mark("end")),
        (heading, mark_start("_Toc1") + '<w:bookmarkEnd w:id="7"/>'),
        (text, OF_WORD),
    ):
        for child in etree.fromstring(f'<w:p xmlns:w="{W}">{inside}</w:p>'):
            paragraph._p.append(child)
    place(desk, document)
    desk.run("build", "--letter", "byhand", "--jobs", "1")
    agency = "To the Adrian Police Department"
    said = f"Contents {agency} 1 1. {agency} Its words.π✔☐ Boxed. • Only item"
    assert said in pdf_text(desk, CHIEF["id"]).replace("\u2002", "")
    desk.run("audit", "--letter", "byhand")


def _of_style(document: Document, style: str) -> str:
    number = document.styles[style].element.find(f".//{w('numId')}")
    return str(number.get(w("val")))


def mark_start(name: str) -> str:
    return f'<w:bookmarkStart w:id="7" w:name="{name}"/>'


@pytest.mark.parametrize(
    ("style", "words", "condition"),
    [
        ("List Bullet", "{% if x %}Yes{% endif %}", "(x)"),
        ("List Number", "{% if x %}{% if y %}Yes{% endif %}{% endif %}", "((y) if (x) else false)"),
        ("Heading 1", "{% if x %}Yes{% elif y %}{{ z }}{% endif %}", "(true if (x) else (y))"),
        ("List Bullet", "{% if x %}Yes{% else %}No{% endif %}", ""),
        ("List Bullet", "Always {% if x %}Yes{% endif %}", ""),
        ("List Bullet", "{% for x in y %}{{ x }}{% endfor %}", ""),
        ("Normal", "{% if x %}Yes{% endif %}", ""),
    ],
)
def test_an_item_or_heading_without_words_is_left_out_of_both_media(
    tmp_path: Path, style: str, words: str, condition: str
) -> None:
    document = word_letter("Before.", words, "Behind.")
    document.paragraphs[1].style = style
    document.save(str(tmp_path / "byhand.docx"))
    letter, problems = read_word_letter(tmp_path / "byhand.docx", "byhand.docx", (), MergeNames({}, ()))
    assert problems == []
    assert letter.word is not None
    said = "".join(text.text or "" for text in parse(letter.word["word/document.xml"]).iter(w("t")))
    around = (f"{{%p if {condition} %}}", "{%p endif %}") if condition else ("", "")
    assert said == f"Before.{around[0]}{words}{around[1]}Behind."
    assert letter.body.text.startswith(f"Before.\n\n{{% if {condition} %}}\n\n") == bool(condition)


def test_words_in_the_run_of_a_note_and_bookmarks_between_paragraphs_are_read(tmp_path: Path) -> None:
    parts = corpus_file("note", "")
    noted = b'<w:footnoteReference w:id="2"/>'
    start, end = b'<w:bookmarkStart w:id="5" w:name="here"/>', b'<w:bookmarkEnd w:id="5"/>'
    link = f'<w:p><w:hyperlink w:anchor="here">{run("Back")}</w:hyperlink></w:p>'.encode()
    link += f'<w:p><w:hyperlink w:anchor="_top">{run("To the top")}</w:hyperlink></w:p>'.encode()
    document = parts["word/document.xml"].replace(noted, noted + b"<w:t> in its run</w:t>")
    document = document.replace(b"<w:body>", b"<w:body>" + start).replace(b"</w:body>", end + link + b"</w:body>")
    (tmp_path / "byhand.docx").write_bytes(write_package({**parts, "word/document.xml": document}))
    letter, problems = read_word_letter(tmp_path / "byhand.docx", "byhand.docx", (), MergeNames({}, ()))
    assert problems == []
    assert letter.body.text.startswith("[]{ #here}Opening words.\n\nCalled[^1] in its run\n")
    assert "[Back](#here)\n\nTo the top" in letter.body.text


@pytest.mark.parametrize(
    ("code", "written"),
    [
        ('HYPERLINK \\o "its own page" "https://example.org/a"', "[a page](https://example.org/a)"),
        ('hyperlink \\n \\t "_blank" "https://example.org/a" \\l "part"', "[a page](https://example.org/a#part)"),
        ('Hyperlink \\o "tip" \\l "here"', "[a page](#here)"),
    ],
)
def test_a_link_is_read_whatever_stands_before_its_address(tmp_path: Path, code: str, written: str) -> None:
    parts = corpus_file("body", field(code, "a page") + '<w:bookmarkStart w:id="5" w:name="here"/>')
    (tmp_path / "byhand.docx").write_bytes(write_package(parts))
    letter, problems = read_word_letter(tmp_path / "byhand.docx", "byhand.docx", (), MergeNames({}, ()))
    assert problems == []
    assert written in letter.body.text


def test_a_row_of_a_table_may_be_longer_than_others_or_begin_later(tmp_path: Path) -> None:
    document = with_table(word_letter("Before."), [("{{ x }}", "b"), ("c", "d")])
    rows = document.tables[0]._tbl.tr_lst
    rows[0].append(etree.fromstring(f'<w:tc xmlns:w="{W}"><w:p>{run("beyond")}</w:p></w:tc>'))
    rows[1].get_or_add_trPr().append(etree.fromstring(f'<w:gridBefore xmlns:w="{W}" w:val="1"/>'))
    document.save(str(tmp_path / "byhand.docx"))
    letter, problems = read_word_letter(tmp_path / "byhand.docx", "byhand.docx", (), MergeNames({}, ()))
    assert problems == []
    assert re.findall(r"word-cell\n(.*)\n", letter.body.text) == ["{{ x }}", "b", "beyond", ":::", "c", "d"]


def test_a_misspelt_field_is_told_with_its_paragraph(desk: Desk) -> None:
    place(desk, word_letter("One.", "", "To the {{ recipient.agnecy }}."))
    done = desk.run("check", "--letter", "byhand", code=1)
    assert 'templates/byhand.docx:3:1: "recipient.agnecy" is not a field' in done.stdout
    assert "did you mean recipient.agency?" in done.stdout


def test_mistakes_are_shown_as_comments_at_their_spot_in_a_copy(desk: Desk) -> None:
    place(desk, word_letter("One.", ("To the ", "{{ recipient.agnecy }}", ".")))
    before = (desk.folder / "templates/byhand.docx").read_bytes()
    desk.run("check", "--letter", "byhand", "--annotate", code=1)
    parts = read_package((desk.folder / "out/annotated/byhand.docx").read_bytes())
    document, comments = (parse(parts[f"word/{name}.xml"]) for name in ("document", "comments"))
    (start,) = document.iter(w("commentRangeStart"))
    assert "agnecy" in "".join(text.text or "" for text in start.getnext().iter(w("t")))  # type: ignore[union-attr]
    assert "Hint: did you mean recipient.agency?" in "".join(text.text or "" for text in comments.iter(w("t")))
    assert (desk.folder / "templates/byhand.docx").read_bytes() == before


def test_an_empty_field_stops_that_letter_only(desk: Desk) -> None:
    place(desk, word_letter("Signed on {{ recipient.agreement_signed }}."))
    desk.run("build", "--letter", "byhand", code=1)
    assert (desk.folder / "out/byhand/docx/berrien-county-sheriff.docx").exists()
    assert not (desk.folder / "out/byhand/docx/adrian-police.docx").exists()


def number_in_roman(document: Document, style: BaseStyle) -> None:
    """Number the paragraphs of a style as pleadings are: I., II., III."""
    numbering = document.part.numbering_part.element
    level = '<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="upperRoman"/><w:lvlText w:val="%1."/></w:lvl>'
    numbering.insert(0, parse(f'<w:abstractNum xmlns:w="{W}" w:abstractNumId="90">{level}</w:abstractNum>'.encode()))
    numbering.append(parse(f'<w:num xmlns:w="{W}" w:numId="90"><w:abstractNumId w:val="90"/></w:num>'.encode()))
    of_style = parse(f'<w:pPr xmlns:w="{W}"><w:numPr><w:numId w:val="90"/></w:numPr></w:pPr>'.encode())
    style.element.append(of_style)


def test_headings_in_a_style_of_the_offices_own_and_captions_are_read(desk: Desk) -> None:
    document = word_letter("Before {{ recipient.agency }}.")
    style = document.styles.add_style("Firm Heading", WD_STYLE_TYPE.PARAGRAPH)
    style.base_style = document.styles["Heading 2"]
    number_in_roman(document, style)
    for words, name in (("Our first heading", style), ("Table 1. Agencies", document.styles["Caption"])):
        document.add_paragraph(words, name)
    document.add_table(rows=1, cols=1).rows[0].cells[0].text = "Cell."
    place(desk, document)
    desk.run("build", "--letter", "byhand", "--only", "adrian-police")
    assert "I. Our first heading" in pdf_text(desk, "adrian-police")
    for text in (docx_text(desk, "adrian-police"), pdf_text(desk, "adrian-police")):
        assert "Our first heading" in text
        assert "Table 1. Agencies" in text


def test_a_tag_for_rows_outside_of_a_table_is_refused(desk: Desk) -> None:
    place(desk, word_letter("{%tr for line in recipient.inside_address %}", "x", "{%tr endfor %}"))
    said = desk.run("check", "--letter", "byhand", code=1).stdout
    assert 'byhand.docx:1: "{%tr for line in recipient.inside_address %}" stands outside of a table' in said
    assert "or write {%p endfor %}" in said


def test_data_is_never_markup_in_a_letter_made_by_hand(make_desk: MakeDesk) -> None:
    from tests.desk import SHERIFF

    desk = make_desk(rows=[{**SHERIFF, "agency": "O'Neil & <Sons> {{ 7*7 }} *St. Clair_"}])
    place(desk, LETTER)
    desk.run("build", "--letter", "byhand")
    for text in (docx_text(desk, SHERIFF["id"]), pdf_text(desk, SHERIFF["id"])):
        assert "Dear O'Neil & <Sons> {{ 7*7 }} *St. Clair_:" in text


def test_enclosures_of_the_campaign_are_refused_for_a_letter_made_in_word(make_desk: MakeDesk) -> None:
    desk = make_desk(more='enclosures = ["policy"]\n')
    desk.write("templates/enclosures/policy.md", "A policy.\n")
    place(desk, LETTER)
    assert "holds its enclosures itself" in desk.run("check", "--letter", "byhand", code=1).stdout


def word_file(desk: Desk, text: str) -> None:
    """Put a Word file there that has styles and notes, written in Markdown."""
    content = pandoc.write_docx(pandoc.read_markdown(text), (desk.folder / "templates/letterhead.docx").read_bytes())
    parts = {name: part for name, part in read_package(content).items() if "header" not in name}
    for name in ("word/document.xml", "word/_rels/document.xml.rels", "[Content_Types].xml"):
        root = parse(parts[name])
        for element in [e for e in root.iter() if "header" in str(e.tag) + str(e.get("Type")) + str(e.get("PartName"))]:
            element.getparent().remove(element)  # type: ignore[union-attr]
        parts[name] = serialize(root)
    (desk.folder / "templates/byhand.docx").write_bytes(write_package(parts))


def notes_in_docx(desk: Desk, identifier: str) -> list[str]:
    parts = read_package((desk.folder / f"out/byhand/docx/{identifier}.docx").read_bytes())
    notes = parse(parts["word/footnotes.xml"]).iter(w("footnote"))
    texts = ("".join(text.text or "" for text in note.iter(w("t"))).strip() for note in notes)
    return [text for text in texts if text]


def test_notes_and_styles_of_a_word_file_stand_in_both_media(make_desk: MakeDesk) -> None:
    desk = make_desk()
    word_file(
        desk,
        "::: {custom-style=Date}\nSeptember 17\n:::\n\nA choice.[^1]\n\n[^1]: That of {{ recipient.jurisdiction }}.\n",
    )
    desk.run("build", "--letter", "byhand", "--only", "berrien-county-sheriff")
    assert notes_in_docx(desk, "berrien-county-sheriff") == ["That of Berrien County."]
    said = pdf_text(desk, "berrien-county-sheriff")
    assert "September 17" in said
    assert "That of Berrien County." in said


NOTES = """
Begin.[^1] {% if recipient.agreement_287g %}You signed.[^2]{% else %}You have not signed.[^3]{% endif %} End.[^4]

[^1]: First.

[^2]: Signed on {{ recipient.agreement_signed }}.

[^3]: Of {{ recipient.jurisdiction }} alone.

[^4]: Last.
"""


def test_a_note_that_a_letter_does_not_call_is_not_in_it(desk: Desk) -> None:
    word_file(desk, NOTES)
    desk.run("build", "--letter", "byhand")
    assert notes_in_docx(desk, "adrian-police") == ["First.", "Of the City of Adrian alone.", "Last."]
    assert notes_in_docx(desk, "berrien-county-sheriff") == ["First.", "Signed on 2025-05-06.", "Last."]


def test_fields_are_not_filled_in_where_docxtpl_does_not_look(desk: Desk) -> None:
    path = desk.folder / "templates/byhand.docx"
    parts = read_package(path.read_bytes())
    name = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    endnote = (
        f'<w:endnotes xmlns:w="{name}"><w:endnote w:id="2"><w:p><w:r><w:t>{{{{ x }}}}</w:t></w:r></w:p></w:endnote>'
    )
    path.write_bytes(write_package({**parts, "word/endnotes.xml": f"{endnote}</w:endnotes>".encode()}))
    said = desk.run("check", "--letter", "byhand", code=1).stdout
    assert 'a tag in the endnotes, where no field is filled in: "{{ x }}"' in said


def test_the_words_of_a_text_box_stand_below_its_paragraph(desk: Desk) -> None:
    document = word_letter("First.", "Anchor.", "Last.")
    body = document.element.body
    box = "<w:txbxContent><w:p><w:r><w:t>In {{ recipient.county }}.</w:t></w:r></w:p></w:txbxContent>"
    alternate = (
        '<w:r xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
        ' xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"><mc:AlternateContent>'
        f'<mc:Choice Requires="wps"><w:drawing>{box}</w:drawing></mc:Choice>'
        f"<mc:Fallback><w:pict>{box}</w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )
    list(body.iter(w("p")))[1].append(parse(alternate.encode()))
    place(desk, document)
    said = desk.run("check", "--letter", "byhand").stdout
    assert 'a text box ("In {{ recipient.county }}.") is set below its paragraph in the PDFs' in said
    desk.run("build", "--letter", "byhand", "--only", "berrien-county-sheriff")
    assert "First. Anchor. In Berrien. Last." in pdf_text(desk, "berrien-county-sheriff")


def test_pictures_and_headers_are_named_as_standing_in_word_only(desk: Desk) -> None:
    document = word_letter("First.")
    document.sections[0].header.paragraphs[0].text = "Of {{ recipient.agency }}"
    place(desk, document)
    said = desk.run("check", "--letter", "byhand").stdout
    assert 'in the Word letters only: the words "Of {{ recipient.agency }}" in a header' in said


def test_a_misspelt_field_in_a_header_is_told_with_the_file_of_the_letter(desk: Desk) -> None:
    document = word_letter("One.")
    document.sections[0].header.paragraphs[0].text = "Of {{ recipient.agnecy }}"
    place(desk, document)
    said = desk.run("check", "--letter", "byhand", code=1).stdout
    assert 'templates/byhand.docx: header: "recipient.agnecy" is not a field' in said


def test_words_beside_a_tag_in_a_header_are_named_too(desk: Desk) -> None:
    document = word_letter("First.")
    document.sections[0].header.paragraphs[0].text = "{%p if recipient.county %} Words {%p endif %}"
    place(desk, document)
    said = desk.run("check", "--letter", "byhand", code=1).stdout
    assert 'byhand.docx: header: "{%p if recipient.county %}" stands for its whole paragraph' in said


def test_a_comment_that_would_go_out_with_every_letter_is_named(desk: Desk) -> None:
    path = desk.folder / "templates/byhand.docx"
    parts = read_package(path.read_bytes())
    name = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    comment = '<w:comment w:id="1" w:author="[Associate]"><w:p><w:r><w:t>Still so?</w:t></w:r></w:p></w:comment>'
    parts["word/comments.xml"] = f'<w:comments xmlns:w="{name}">{comment}</w:comments>'.encode()
    path.write_bytes(write_package(parts))
    said = desk.run("check", "--letter", "byhand").stdout
    assert 'warning: a comment (by [Associate]): "Still so?" stands in every Word letter' in said


def test_a_condition_may_begin_in_plain_words_and_end_in_bold_ones(desk: Desk) -> None:
    document = word_letter(("We {% if recipient.county %}", "do", " so."))
    document.paragraphs[0].runs[1].text = "do{% endif %}"
    document.paragraphs[0].runs[1].bold = True
    place(desk, document)
    desk.run("build", "--letter", "byhand", "--only", "berrien-county-sheriff")
    assert "We do so." in docx_text(desk, "berrien-county-sheriff")
    assert "We do so." in pdf_text(desk, "berrien-county-sheriff")


@pytest.mark.parametrize("style", ["Body Text", "Quote", "List Bullet", "List Number", "Heading 2"])
def test_tags_in_paragraphs_of_their_own_work_in_every_style(desk: Desk, style: str) -> None:
    document = word_letter(
        "First.",
        "{%p if recipient.county %}",
        "Inside.",
        "{%p else %}",
        "Elsewhere.",
        "{%p endif %}",
        "Last.",
    )
    for paragraph in document.paragraphs:
        paragraph.style = document.styles[style]
    place(desk, document)
    desk.run("build", "--letter", "byhand", "--only", "berrien-county-sheriff")
    for said in (docx_text(desk, "berrien-county-sheriff"), pdf_text(desk, "berrien-county-sheriff")):
        assert all(word in said for word in ("First.", "Inside.", "Last."))
        assert "Elsewhere" not in said


def test_braces_that_docxtpl_escapes_are_printed_in_both_media(desk: Desk) -> None:
    place(desk, word_letter("Type {_% vm %_} or {_{ name }_} here."))
    desk.run("build", "--letter", "byhand", "--only", "berrien-county-sheriff")
    for said in (docx_text(desk, "berrien-county-sheriff"), pdf_text(desk, "berrien-county-sheriff")):
        assert "Type {% vm %} or {{ name }} here." in said


def test_numbers_that_go_on_behind_a_condition_are_refused(desk: Desk) -> None:
    document = word_letter("One.", "{%p if recipient.county %}", "Two.", "{%p endif %}", "Between.", "Three.")
    for number in (0, 2, 5):
        document.paragraphs[number].style = document.styles["List Number"]
    place(desk, document)
    done = desk.run("check", "--letter", "byhand", code=1)
    assert "templates/byhand.docx:6" in done.stdout
    assert "its number depends on a condition above" in done.stdout
    document.paragraphs[5].style = document.styles["Normal"]
    place(desk, document)
    desk.run("check", "--letter", "byhand")


TYPED = (
    "# no heading",
    "1. typed by hand",
    "(a) typed by hand",
    "- a dash",
    ": no definition",
    "> greater",
    "| a | b |",
    "*stars* _under_ `tick` ~~two~~ ^up^ $5 and $6",
    "&amp;amp; and &amp;nbsp;",
    "https://example.org/a_b_c",
    "\\ backslash",
    "\\* and \\# and \\[x\\] and a\\*b and \\\\ c",
    "rock ’n’ roll of the ‘80s, the deputies’ ’90s, 'straight' and “ apart ”",
)


def test_what_is_typed_in_word_is_text_and_never_markdown(desk: Desk) -> None:
    paragraphs = [line.replace("&amp;", "&") for line in TYPED]
    place(desk, word_letter(*paragraphs, "A link [that is](none)."))
    settings = desk.folder / "campaign.toml"
    settings.write_text('status = "draft"\n' + settings.read_text("utf-8"), "utf-8")
    desk.run("build", "--letter", "byhand", "--only", "adrian-police")
    said = pdf_text(desk, "adrian-police")
    for line in paragraphs:
        assert line in said
    assert "A link [that is](none)." in said


def test_several_ways_of_word_to_show_one_thing_are_read(desk: Desk) -> None:
    drop = '<w:p><w:pPr><w:framePr w:dropCap="drop" w:lines="3"/></w:pPr><w:r><w:t>W</w:t></w:r></w:p>'
    xml = (
        drop + "<w:p><w:r><w:t>e co</w:t><w:softHyphen/><w:t>operate</w:t><w:cr/><w:t>below</w:t>"
        "<w:ptab/><w:t>aside</w:t></w:r></w:p>"
    )
    other = "<w:p><w:r><w:t>{}</w:t></w:r></w:p>"
    xml += (
        f'<mc:AlternateContent><mc:Choice Requires="w14">{other.format("Chosen")}</mc:Choice>'
        f"<mc:Fallback>{other.format('Left')}</mc:Fallback></mc:AlternateContent>"
    )
    document = word_letter("Here.")
    place(desk, document)
    path = desk.folder / "templates/byhand.docx"
    parts = read_package(path.read_bytes())
    name = "word/document.xml"
    names = b'<w:document xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    parts[name] = parts[name].replace(b"<w:document ", names, 1) if b"xmlns:mc" not in parts[name] else parts[name]
    parts[name] = parts[name].replace(b"<w:sectPr", xml.encode() + b"<w:sectPr", 1)
    path.write_bytes(write_package(parts))
    desk.run("build", "--letter", "byhand", "--only", "adrian-police")
    said = pdf_text(desk, "adrian-police")
    assert "We cooperate below" in said
    assert "aside" in said
    assert "Chosen" in said
    assert "Left" not in said


def test_a_field_that_says_something_of_the_file_is_refused_in_the_text(desk: Desk) -> None:
    place(desk, word_letter("Here."))
    path = desk.folder / "templates/byhand.docx"
    parts = read_package(path.read_bytes())
    field = b'<w:p><w:fldSimple w:instr=" FILENAME "><w:r><w:t>secret.docx</w:t></w:r></w:fldSimple></w:p>'
    parts["word/document.xml"] = parts["word/document.xml"].replace(b"<w:sectPr", field + b"<w:sectPr", 1)
    path.write_bytes(write_package(parts))
    done = desk.run("check", "--letter", "byhand", code=1).stdout
    assert "the field FILENAME of Word says something of this very file" in done


def read_file(tmp_path: Path, parts: dict[str, bytes]) -> tuple[str, list[str]]:
    (tmp_path / "byhand.docx").write_bytes(write_package(parts))
    letter, problems = read_word_letter(tmp_path / "byhand.docx", "byhand.docx", (), MergeNames({}, ()))
    return letter.body.text, [str(each).partition("\n")[0] for each in problems]


def test_words_that_nobody_sees_are_named_since_the_pdfs_print_them(tmp_path: Path) -> None:
    white = run("Secret", '<w:color w:val="FFFFFF"/>')
    assert read_file(tmp_path, corpus_file("body", white))[1] == [
        'byhand.docx: warning: text that nobody sees: "Secret" is printed in the PDFs like all text'
    ]


@pytest.mark.parametrize(
    ("looks", "kind"),
    [
        ('<w:highlight w:val="yellow"/>', "highlighted"),
        ('<w:shd w:val="clear" w:fill="FFFF00"/>', "highlighted"),
        ('<w:color w:val="FF0000"/>', "text in a colour"),
        ('<w:color w:val="00b050"/>', "text in a colour"),
    ],
)
def test_words_that_are_marked_as_still_open_are_named_since_the_pdfs_print_them(
    tmp_path: Path, looks: str, kind: str
) -> None:
    assert read_file(tmp_path, corpus_file("body", run("ask Ann", looks)))[1] == [
        f'byhand.docx: warning: {kind}: "ask Ann" is printed like all text'
    ]


@pytest.mark.parametrize(
    "marked",
    [
        run("{{ recipient.agency }}", '<w:highlight w:val="yellow"/>'),
        run("A link", '<w:rStyle w:val="Hyperlink"/><w:color w:val="0000FF"/>'),
        run("Near black", '<w:color w:val="1F1F1F"/>'),
        run("Plain", '<w:highlight w:val="none"/><w:color w:val="auto"/><w:shd w:val="clear" w:fill="auto"/>'),
    ],
)
def test_marked_fields_and_usual_colours_are_not_named(tmp_path: Path, marked: str) -> None:
    assert not [each for each in read_file(tmp_path, corpus_file("body", marked))[1] if "like all text" in each]


def test_endnotes_are_read_as_word_shows_them_and_their_tracked_changes_refused(tmp_path: Path) -> None:
    hidden = with_endnote(run("Secret", "<w:vanish/>") + run("Seen"))
    text, said = read_file(tmp_path, hidden)
    assert "Seen" in text
    assert "Secret" not in text
    assert 'byhand.docx: warning: hidden text: "Secret" is left out of every letter' in said
    tracked = with_endnote(f'<w:ins w:id="9" w:author="Partner">{run("New")}</w:ins>')
    assert "byhand.docx:1: it holds tracked changes that nobody has settled" in read_file(tmp_path, tracked)[1]


def test_a_formula_is_named_and_never_printed_as_markup(tmp_path: Path) -> None:
    math = 'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
    text, said = read_file(tmp_path, corpus_file("body", f"<m:oMath {math}><m:r><m:t>xy</m:t></m:r></m:oMath>"))
    assert "xy" not in text
    assert 'byhand.docx: warning: in the Word letters only: a formula at "First last…"' in said


def test_a_file_saved_as_a_word_template_is_a_letter_like_any_other(desk: Desk) -> None:
    path = desk.folder / "templates/byhand.docx"
    parts = read_package(path.read_bytes())
    types = parts["[Content_Types].xml"].replace(b"document.main+xml", b"template.main+xml")
    path.write_bytes(write_package({**parts, "[Content_Types].xml": types}))
    desk.run("build", "--letter", "byhand", "--only", "adrian-police")
    assert "You run patrols." in docx_text(desk, "adrian-police")


def test_two_files_of_one_name_are_told(desk: Desk) -> None:
    (desk.folder / "templates/byhand.md").write_text("Text.\n", "utf-8")
    said = desk.run("check", "--letter", "byhand", code=1).stdout
    assert 'templates/byhand.md: "byhand.docx" stands beside it, and only one of them can be the letter' in said


def test_a_watermark_is_named_as_standing_in_the_word_letters_only(desk: Desk) -> None:
    document = word_letter("First.")
    drawn = f'<w:r xmlns:w="{W}"><w:pict><v:shape xmlns:v="urn:schemas-microsoft-com:vml"><v:textpath string="SECRET"/>'
    document.sections[0].header.paragraphs[0]._p.append(parse(f"{drawn}</v:shape></w:pict></w:r>".encode()))
    place(desk, document)
    said = desk.run("check", "--letter", "byhand").stdout
    assert 'in the Word letters only: the watermark "SECRET" of a header' in said
