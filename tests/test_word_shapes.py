"""Nine Word files as offices have them, from check to the mailing: right words in both media, or a refusal by name."""

from __future__ import annotations

import io
from collections.abc import Mapping

import docx
import pytest

from letters.formats.ooxml import read_package, write_package
from tests.conftest import MakeDesk
from tests.desk import CHIEF, SHERIFF, Desk
from tests.formats.docx.corpus import _NAMES, code, field, mark, run
from tests.read.word_letters import docx_text, pdf_text

pytestmark = pytest.mark.slow
FINAL = 'status = "final"\nletter = "byhand"'
_NUMBERING = "".join(
    f'<w:lvl w:ilvl="{level}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/></w:lvl>'
    for level, (form, text) in enumerate([("decimal", "%1."), ("decimal", "%1.%2"), ("lowerLetter", "(%3)")])
)
NUMBERING = f'<w:abstractNum w:abstractNumId="77">{_NUMBERING}</w:abstractNum>'
NUMBER = '<w:num w:numId="77"><w:abstractNumId w:val="77"/></w:num>'


def paragraph(*runs: str, looks: str = "") -> str:
    return f"<w:p><w:pPr>{looks}</w:pPr>{''.join(runs)}</w:p>"


def item(level: int, *runs: str) -> str:
    return paragraph(*runs, looks=f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="77"/></w:numPr>')


def letter(*paragraphs: str, more: Mapping[str, bytes] | None = None) -> bytes:
    """Return a Word file with these paragraphs, and with numbers 1., 1.1, (a) for list items."""
    out = io.BytesIO()
    docx.Document().save(out)
    parts = read_package(out.getvalue())
    body = "".join(paragraphs)
    parts["word/document.xml"] = f"<w:document {_NAMES}><w:body>{body}</w:body></w:document>".encode()
    numbering = parts["word/numbering.xml"]
    first = numbering.index(b"<w:num ")
    numbering = numbering[:first] + NUMBERING.encode() + numbering[first:]
    parts["word/numbering.xml"] = numbering.replace(b"</w:numbering>", NUMBER.encode() + b"</w:numbering>")
    return write_package({**parts, **(more or {})})


def merge_field(name: str) -> str:
    return field(f"MERGEFIELD {name}", f"«{name}»")


IF = (
    mark("begin")
    + code("IF ")
    + field("MERGEFIELD Office", "«Office»")
    + code(' = "sheriff" "your jail" "your patrols"')
) + (mark("separate") + run("your jail") + mark("end"))
MERGE_LETTER = letter(
    paragraph(field("ADDRESSBLOCK \\f", "«AddressBlock»")),
    paragraph(field("GREETINGLINE \\f", "«GreetingLine»")),
    paragraph(run("We write to the "), merge_field("Company"), run(" about "), IF, run(".")),
)
MEMO = letter(
    paragraph(run("Three points.")),
    item(0, run("First point of the "), run("{{ recipient.agency }}")),
    item(1, run("A part of it")),
    item(2, run("A smaller part")),
    item(1, run("Another part")),
    item(0, run("Second point")),
    paragraph(run("Something between.")),
    item(0, run("Third point")),
)
_TARGET = '<w:bookmarkStart w:id="9" w:name="_Ref900"/>{}<w:bookmarkEnd w:id="9"/>'
AGREEMENT = letter(
    item(0, _TARGET.format(run("Definitions"))),
    item(1, run("“Agency” is the {{ recipient.agency }}.")),
    item(0, run("Duties")),
    item(1, run("The words of Section "), field("REF _Ref900 \\r \\h", "1."), run(" govern, called ")).replace(
        "</w:p>", field("REF _Ref900 \\h", "Definitions") + run(" here.") + "</w:p>"
    ),
)
_CONTROL = "<w:sdt><w:sdtPr>{}</w:sdtPr><w:sdtContent>{}</w:sdtContent></w:sdt>"
CONTROLS = letter(
    paragraph(run("To the "), _CONTROL.format('<w:alias w:val="Agency"/>', run("{{ recipient.agency }}")), run(".")),
    paragraph(run("We choose "), _CONTROL.format("<w:dropDownList/>", run("the second way")), run(".")),
)
PROMPT = letter(
    paragraph(run("We ask for "), _CONTROL.format("<w:showingPlcHdr/>", run("Click here to enter text.")), run("."))
)
_BOX = (
    '<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wps:txbx><w:txbxContent>{0}</w:txbxContent>'
    "</wps:txbx>"
    "</w:drawing></mc:Choice><mc:Fallback><w:pict><w:txbxContent>{0}</w:txbxContent></w:pict></mc:Fallback>"
    "</mc:AlternateContent></w:r>"
)
BOX = letter(
    paragraph(run("Dear {{ recipient.agency }}."), _BOX.format(paragraph(run("In a box.")))), paragraph(run("End."))
)
RUBY = letter(
    paragraph(
        run("To the {{ recipient.agency }}, "),
        f"<w:r><w:ruby><w:rubyPr/><w:rt>{run('small')}</w:rt><w:rubyBase>{run('Ruby')}</w:rubyBase></w:ruby></w:r>",
        '<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:t xml:space="preserve"> either</w:t></mc:Choice>'
        '<mc:Fallback><w:t xml:space="preserve"> either</w:t></mc:Fallback></mc:AlternateContent></w:r>',
        run(" way."),
    )
)


def firm_template() -> bytes:
    """Return a letter on the template of a law office, which lies on the office's server, with its heading."""
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "Office of the Firm"
    document.add_heading("Position", 1)
    document.add_paragraph("We write to the {{ recipient.agency }}.", style="Body Text")
    out = io.BytesIO()
    document.save(out)
    parts = read_package(out.getvalue())
    relation = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate" '
        'Target="file:///S:/Templates/Firm.dotx" TargetMode="External"/></Relationships>'
    )
    settings = parts["word/settings.xml"]
    start = settings.index(b">", settings.index(b"<w:settings")) + 1
    names = b' xmlns:rr="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
    parts["word/settings.xml"] = (
        settings[:start] + b'<w:attachedTemplate rr:id="rId1"' + names + b"/>" + settings[start:]
    )
    parts["word/_rels/settings.xml.rels"] = relation.encode()
    return write_package(parts)


def word_online() -> bytes:
    """Return a letter whose document is a part of another name, as Word on the web leaves it."""
    parts = read_package(letter(paragraph(run("We write to the {{ recipient.agency }}."))))
    parts["word/document2.xml"] = parts.pop("word/document.xml")
    parts["word/_rels/document2.xml.rels"] = parts.pop("word/_rels/document.xml.rels")
    for name in ("[Content_Types].xml", "_rels/.rels"):
        parts[name] = parts[name].replace(b"word/document.xml", b"word/document2.xml")
    return write_package(parts)


@pytest.fixture
def desk(make_desk: MakeDesk) -> Desk:
    made = make_desk(more="")
    settings = made.folder / "campaign.toml"
    settings.write_text(settings.read_text("utf-8").replace('letter = "letter"', FINAL), "utf-8")
    return made


SHAPES = {
    "a mail merge with IF": (
        MERGE_LETTER,
        ["Dear Chief:", "We write to the Adrian Police Department about your patrols."],
    ),
    "the template of a firm": (firm_template(), ["Position", "We write to the Adrian Police Department."]),
    "a file of Word on the web": (word_online(), ["We write to the Adrian Police Department."]),
    "an agreement with cross-references": (
        AGREEMENT,
        [
            "“Agency” is the Adrian Police Department.",
            "Section 1. govern, called Definitions here.",
            "1. 1.1 2. 2.1",
        ],
    ),
    "a memorandum with nested lists": (
        MEMO,
        ["First point of the Adrian Police Department", "A part of it", "A smaller part", "1. 1.1 (a) 1.2 2. 3."],
    ),
    "ruby and alternatives": (RUBY, ["To the Adrian Police Department, Ruby either way."]),
    "content controls": (CONTROLS, ["To the Adrian Police Department.", "We choose the second way."]),
    "a text box": (BOX, ["Dear Adrian Police Department.", "In a box.", "End."]),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_it_goes_from_check_to_the_mailing_with_its_words(desk: Desk, shape: str) -> None:
    content, said = SHAPES[shape]
    (desk.folder / "templates/byhand.docx").write_bytes(content)
    desk.run("check")
    desk.run("build")
    desk.run("approve", "--all", "--by", "Counsel")
    desk.run("mail", "prepare")
    assert (desk.folder / "out/byhand/mail/print-01.pdf").is_file()
    for words in said:
        assert words in pdf_text(desk, CHIEF["id"]), pdf_text(desk, CHIEF["id"])
    together = docx_text(desk, CHIEF["id"])
    for words in said:
        for word in words.split():
            assert word in together or word[0] in "(123", together
    assert "«" not in together
    assert "your jail" in pdf_text(desk, SHERIFF["id"]) or shape != "a mail merge with IF"


def test_a_prompt_that_nobody_filled_in_is_refused_by_its_words(desk: Desk) -> None:
    (desk.folder / "templates/byhand.docx").write_bytes(PROMPT)
    assert "Click here to enter text" in desk.run("check", code=1).stdout
    desk.run("build", code=1)
    assert not (desk.folder / "out/byhand/pdf").exists() or not list((desk.folder / "out/byhand/pdf").iterdir())
