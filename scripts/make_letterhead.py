"""Makes templates/letterhead.docx, the Word half of the letterhead: `python scripts/make_letterhead.py`.

The same measures stand in templates/letterhead.css; change both. An office that has its own Word letterhead does not
need this script: it edits letterhead.docx in Word, keeps the names of the styles, and keeps the text in double braces.
"""

from __future__ import annotations

import io
import uuid
import zipfile
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from letterhead_styles import FONT, HEAD, NAMESPACES, STYLES, styles_xml

FACES = ("Regular", "Bold", "Italic", "BoldItalic")
EMBEDDED = "U+0020-017F,U+02C6-02DD,U+2010-203A,U+2070-209F,U+20AC,U+2116,U+2122,U+2190-2193,U+2212,U+2610-2612,U+2713"
"""Latin and the signs of legal type; other letters are taken from the reader's own fonts."""
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
    "header1": paragraph("LetterheadLine", run("{{ letterhead }}")),
    "header2": paragraph(
        "RunningHead", run("{{ recipient.running_name }}"), TAB, run("{{ campaign.date | long_date }} · "), PAGE
    ),
    "header3": paragraph("RunningHead", run("Enclosure: {{ enclosure.title }}"), TAB, PAGE),
}
"""The letter's first page, its other pages, and the pages of an enclosure."""
MARK = '{% if campaign.status == "draft" %}DRAFT FOR REVIEW BY COUNSEL · NOT TO BE SENT{% endif %}'
FOOTERS = {"footer1": paragraph("DraftMark", run(MARK))}


def section(first: str, other: str) -> str:
    """Write the set-up of a section: US Letter, measure 6.1 inches (17.6.17).

    The letter's notes count on through it; those of an enclosure begin anew.
    """
    reference = '<w:{}Reference w:type="{}" r:id="{}"/>'
    heads = (reference.format("header", "first", first) if first else "") + reference.format("header", "default", other)
    feet = (reference.format("footer", "first", "rId4") if first else "") + reference.format(
        "footer", "default", "rId4"
    )
    anew = "" if first else '<w:footnotePr><w:numRestart w:val="eachSect"/></w:footnotePr>'
    return (
        f'<w:sectPr>{heads}{feet}{anew}<w:type w:val="nextPage"/>'
        '<w:pgSz w:w="12240" w:h="15840"/><w:pgMar w:top="1800" w:right="1728" w:bottom="1440" w:left="1728" w:header="720" '
        f'w:footer="560" w:gutter="0"/><w:pgNumType w:start="1"/>{"<w:titlePg/>" if first else ""}</w:sectPr>'
    )


def document_xml() -> str:
    """Write the body: a page that shows each style, and a second section for the enclosures."""
    samples = "".join(
        paragraph("Heading1" if s.name == "heading 1" else s.id, run(s.name.capitalize()))
        for s in STYLES
        if s.kind == "paragraph"
        and s.name not in ("heading 2", "heading 3", "footnote text", "Enclosure Title", "Enclosure Heading")
    )
    break_after = f"<w:p><w:pPr>{section('rId1', 'rId2')}</w:pPr></w:p>"
    note = paragraph("BodyText", run("Enclosures are set like this section; its header prints their title."))
    return f"{HEAD}<w:document {NAMESPACES}><w:body>{samples}{break_after}{note}{section('', 'rId3')}</w:body></w:document>"


def embedded_fonts(folder: Path) -> tuple[str, str, dict[str, bytes]]:
    """Make the font table, its relations and the obfuscated font files (17.8.1), subset to EMBEDDED."""
    table = relations = ""
    files = {}
    for number, face in enumerate(FACES, start=1):
        key = uuid.uuid5(uuid.NAMESPACE_URL, f"{FONT} {face}")
        files[f"word/fonts/font{number}.odttf"] = obfuscate(subset_font(folder / f"CharisSIL-{face}.ttf"), key)
        table += f'<w:embed{face} r:id="rId{number}" w:fontKey="{{{str(key).upper()}}}" w:subsetted="1"/>'
        relations += f'<Relationship Id="rId{number}" Type="{RELATION}/font" Target="fonts/font{number}.odttf"/>'
    font = (
        f'<w:font w:name="{FONT}"><w:altName w:val="Charter"/><w:panose1 w:val="02000500060000020004"/><w:charset w:val="00"/>'
        f'<w:family w:val="roman"/><w:pitch w:val="variable"/>{table}</w:font>'
    )
    return f"{HEAD}<w:fonts {NAMESPACES}>{font}</w:fonts>", relations_xml(relations), files


def subset_font(path: Path) -> bytes:
    """Cut a font down to the characters that are embedded."""
    options = subset.Options(
        layout_features=["kern", "liga", "ccmp", "locl", "mark", "mkmk"], hinting=False, name_IDs=["*"]
    )
    options.drop_tables += ["Silf", "Sill", "Feat", "Glat", "Gloc"]
    font = TTFont(path, recalcTimestamp=False)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=subset.parse_unicodes(EMBEDDED.replace("U+", "")))
    subsetter.subset(font)
    out = io.BytesIO()
    font.save(out)
    return out.getvalue()


def obfuscate(font: bytes, key: uuid.UUID) -> bytes:
    """Exclusive-or the first 32 bytes with the key, twice, its bytes reversed (17.8.1)."""
    mask = key.bytes[::-1] * 2
    return bytes(a ^ b for a, b in zip(font[:32], mask, strict=True)) + font[32:]


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
    templates = Path(__file__).parent.parent / "templates"
    fonts, font_relations, files = embedded_fonts(templates / "fonts")
    names = [*HEADERS, *FOOTERS, "styles", "settings", "fontTable"]
    kinds = ["header"] * len(HEADERS) + ["footer"] * len(FOOTERS) + ["styles", "settings", "fontTable"]
    relations = "".join(
        f'<Relationship Id="rId{n}" Type="{RELATION}/{kind}" Target="{name}.xml"/>'
        for n, (name, kind) in enumerate(zip(names, kinds, strict=True), start=1)
    )
    office = f'<Relationship Id="rId1" Type="{RELATION}/officeDocument" Target="word/document.xml"/>'
    texts = {
        "[Content_Types].xml": content_types(),
        "_rels/.rels": relations_xml(office),
        "word/document.xml": document_xml(),
        "word/_rels/document.xml.rels": relations_xml(relations),
        "word/styles.xml": styles_xml(),
        "word/settings.xml": SETTINGS,
        "word/fontTable.xml": fonts,
        "word/_rels/fontTable.xml.rels": font_relations,
    }
    texts |= {f"word/{name}.xml": f"{HEAD}<w:hdr {NAMESPACES}>{inside}</w:hdr>" for name, inside in HEADERS.items()}
    texts |= {f"word/{name}.xml": f"{HEAD}<w:ftr {NAMESPACES}>{inside}</w:ftr>" for name, inside in FOOTERS.items()}
    with zipfile.ZipFile(templates / "letterhead.docx", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in ({k: v.encode() for k, v in texts.items()} | files).items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)


if __name__ == "__main__":
    main()
