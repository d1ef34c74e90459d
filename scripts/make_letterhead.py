"""Makes templates/letterhead.docx anew, by templates/looks.toml: `python scripts/make_letterhead.py`.

Nobody needs it to change the looks: "letters looks" does that, and keeps what was changed in Word. An office that has
its own Word letterhead edits letterhead.docx in Word, and keeps the names of the styles and the text in double braces.
"""

from __future__ import annotations

from pathlib import Path

from letters.compile.looks_files import embed_font
from letters.compile.looks_styles import styles_xml, word_styles_of
from letters.compile.looks_word import read_values, wanted_values, write_values
from letters.formats.ooxml import R, W, write_package
from letters.read.looks import read_looks

HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
NAMESPACES = f'xmlns:w="{W}" xmlns:r="{R}"'
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml"


def paragraph(style: str, *runs: str) -> str:
    """Write a paragraph of a style from runs that are XML already."""
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr>{"".join(runs)}</w:p>'


def run(text: str) -> str:
    """Write a run of plain text."""
    return f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r>'


def page_field(instruction: str) -> str:
    """Write a field that Word computes (17.16): PAGE, or PAGEREF to the end of the part, which a restart leaves right."""
    return f'<w:fldSimple w:instr=" {instruction} "><w:r><w:t>1</w:t></w:r></w:fldSimple>'


PAGE = run("Page ") + page_field("PAGE") + run(" of ") + page_field("PAGEREF part_end")
TAB = "<w:r><w:tab/></w:r>"
HEADERS = {
    "header1": paragraph("Letterhead", run("{{ letterhead }}")),
    "header2": paragraph(
        "RunningHead", run("{{ recipient.running_name }}"), TAB, run("{{ campaign.date | long_date }} · "), PAGE
    ),
    "header3": paragraph("RunningHead", run("Enclosure: {{ enclosure.title }}"), TAB, PAGE),
}
"""The letter's first page, its other pages, and the pages of an enclosure."""
MARK = '{% if campaign.status == "draft" %}DRAFT FOR REVIEW BY COUNSEL · NOT TO BE SENT{% endif %}'
FOOTERS = {"footer1": paragraph("DraftMark", run(MARK))}


def section(first: str, other: str) -> str:
    """Write the set-up of a section (17.6.17); its size and margins are written by the looks.

    The letter's notes count on through it; those of an enclosure begin anew.
    """
    reference = '<w:{}Reference w:type="{}" r:id="{}"/>'
    heads = (reference.format("header", "first", first) if first else "") + reference.format("header", "default", other)
    feet = (reference.format("footer", "first", "rId4") if first else "") + reference.format(
        "footer", "default", "rId4"
    )
    # Word counts the notes of an enclosure from 1, as the PDF does.
    anew = "" if first else '<w:footnotePr><w:numRestart w:val="eachSect"/></w:footnotePr>'
    return (
        f'<w:sectPr>{heads}{feet}{anew}<w:type w:val="nextPage"/>'
        '<w:pgSz w:w="0" w:h="0"/><w:pgMar w:top="0" w:right="0" w:bottom="0" w:left="0" w:header="720" '
        f'w:footer="720" w:gutter="0"/><w:pgNumType w:start="1"/>{"<w:titlePg/>" if first else ""}</w:sectPr>'
    )


TEMPLATES = Path(__file__).parent.parent / "templates"
LOOKS = read_looks(TEMPLATES, "templates")[1]
NOT_SHOWN = (
    "heading 2",
    "heading 3",
    "footnote text",
    "Footnote Separator",
    "Fold Mark",
    "Enclosure Title",
    "Enclosure Heading",
)
"""Styles that need another paragraph beside them, or another section."""


def document_xml() -> str:
    """Write the body: a page that shows each style, and a second section for the enclosures."""
    samples = "".join(
        paragraph(s.id, run(s.name.capitalize()))
        for s in word_styles_of(LOOKS)
        if s.kind == "paragraph" and s.name not in NOT_SHOWN
    )
    break_after = f"<w:p><w:pPr>{section('rId1', 'rId2')}</w:pPr></w:p>"
    note = paragraph("BodyText", run("Enclosures are set like this section; its header prints their title."))
    return f"{HEAD}<w:document {NAMESPACES}><w:body>{samples}{break_after}{note}{section('', 'rId3')}</w:body></w:document>"


def relations_xml(relations: str) -> str:
    """Write a relationships part."""
    return f'{HEAD}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{relations}</Relationships>'


def content_types() -> str:
    """Write [Content_Types].xml."""
    overrides = {"document": "document.main", "styles": "styles", "settings": "settings", "fontTable": "fontTable"}
    overrides |= dict.fromkeys(HEADERS, "header") | dict.fromkeys(FOOTERS, "footer")
    parts = "".join(
        f'<Override PartName="/word/{name}.xml" ContentType="{WORD}.{kind}+xml"/>' for name, kind in overrides.items()
    )
    return (
        f'{HEAD}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" '
        'ContentType="application/xml"/><Default Extension="odttf" '
        f'ContentType="application/vnd.openxmlformats-officedocument.obfuscatedFont"/>{parts}</Types>'
    )


SETTINGS = (
    f'{HEAD}<w:settings {NAMESPACES}><w:embedTrueTypeFonts/><w:saveSubsetFonts/><w:defaultTabStop w:val="720"/>'
    '<w:characterSpacingControl w:val="doNotCompress"/><w:compat><w:compatSetting w:name="compatibilityMode" '
    'w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat><w:themeFontLang w:val="en-US"/></w:settings>'
)


def main() -> None:
    """Write templates/letterhead.docx."""
    names = [*HEADERS, *FOOTERS, "styles", "settings", "fontTable"]
    kinds = ["header"] * len(HEADERS) + ["footer"] * len(FOOTERS) + ["styles", "settings", "fontTable"]
    relations = "".join(
        f'<Relationship Id="rId{n}" Type="{RELATION}/{kind}" Target="{name}.xml"/>'
        for n, (name, kind) in enumerate(zip(names, kinds, strict=True), start=1)
    )
    office = f'<Relationship Id="rId1" Type="{RELATION}/officeDocument" Target="word/document.xml"/>'
    font = f'<w:font w:name="{LOOKS.font}"><w:altName w:val="Charter"/><w:panose1 w:val="02000500060000020004"/><w:charset w:val="00"/><w:family w:val="roman"/><w:pitch w:val="variable"/></w:font>'
    texts = {
        "[Content_Types].xml": content_types(),
        "_rels/.rels": relations_xml(office),
        "word/document.xml": document_xml(),
        "word/_rels/document.xml.rels": relations_xml(relations),
        "word/settings.xml": SETTINGS,
        "word/fontTable.xml": f"{HEAD}<w:fonts {NAMESPACES}>{font}</w:fonts>",
    }
    texts |= {f"word/{name}.xml": f"{HEAD}<w:hdr {NAMESPACES}>{inside}</w:hdr>" for name, inside in HEADERS.items()}
    texts |= {f"word/{name}.xml": f"{HEAD}<w:ftr {NAMESPACES}>{inside}</w:ftr>" for name, inside in FOOTERS.items()}
    package = {name: text.encode() for name, text in texts.items()} | {"word/styles.xml": styles_xml(LOOKS)}
    # Sizes and margins stand as 0 in the parts above, and are those of the looks from here on.
    write_values(package, wanted_values(LOOKS), LOOKS)
    embed_font(package, LOOKS.font, TEMPLATES / "fonts")
    # What is written must read back as written, or letters looks would take it for a change by hand.
    assert read_values(package) == wanted_values(LOOKS)
    (TEMPLATES / "letterhead.docx").write_bytes(write_package(package))


if __name__ == "__main__":
    main()
