"""The named styles of letterhead.docx: the same type, sizes and spaces as templates/letterhead.css.

Measures are in points. Word keeps spacing in twentieths of a point and sizes in half-points (ECMA-376 part 1, 17.18).
"""

from __future__ import annotations

from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

FONT = "Charis SIL"
LINE = 15.0
MEASURE = 439.2
"""How wide the text is."""
INK, RED = "1A1A1A", "A3261B"
NAMESPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """A named style; measures in points."""

    name: str
    based: str = "Normal"
    following: str = ""
    kind: str = "paragraph"
    size: float = 0
    line: float = 0
    before: float | None = None
    after: float | None = None
    left: float = 0
    hanging: float = 0
    tab: float = 0
    right_tab: float = 0
    leader: str = ""
    """What fills the space before the right tab."""
    align: str = ""
    bold: bool = False
    italic: bool = False
    upright: bool = False
    """Not italic, although the style that it is based on is."""
    small_caps: bool = False
    spaced: float = 0
    color: str = ""
    superscript: bool = False
    keep_next: bool = False
    keep_lines: bool = False
    level: int = 0
    rule_below: bool = False
    together: bool = False
    """No space between paragraphs of this style."""

    @property
    def id(self) -> str:
        """Make the identifier that paragraphs name."""
        return self.name.replace(" ", "")


HEADING = {"keep_next": True, "keep_lines": True}
STYLES = (
    Style(name="Body Text", after=8),
    Style(name="First Paragraph", based="BodyText", following="BodyText"),
    Style(name="Compact", based="BodyText", after=3),
    # LibreOffice begins the notes of an enclosure anew as Word does, but at every paragraph whose style has outline level
    # 1: that is the level of the titles of enclosures, and of nothing else.
    Style(name="heading 1", following="BodyText", before=14, after=5, bold=True, **HEADING, level=2),
    Style(name="heading 2", following="BodyText", before=8, after=4, bold=True, italic=True, **HEADING, level=3),
    Style(name="heading 3", following="BodyText", before=6, after=3, italic=True, **HEADING, level=4),
    Style(name="Enclosure Title", based="Heading1", following="BodyText", before=0, after=6, size=14, line=18, level=1),
    Style(name="Enclosure Heading", based="Heading2", following="BodyText", before=14, after=5, upright=True, level=2),
    Style(name="Block Text", based="BodyText", left=28, after=8),
    Style(name="footnote text", size=9, line=11.5, after=3),
    Style(name="Footnote Block Text", based="footnotetext", left=18),
    Style(name="Table Text", based="BodyText", size=9.5, line=12.5, after=0),
    Style(name="Table Caption", based="BodyText", size=9.5, line=12.5, after=4, bold=True, keep_next=True),
    Style(name="Table Source", size=8.5, line=11, before=4, after=8),
    Style(name="Contents Title", before=4, after=4, bold=True, keep_next=True),
    Style(name="Contents Edge", line=1, after=0),
    Style(
        name="toc 1", size=10, line=12.5, after=1, left=16, hanging=16, right_tab=MEASURE, leader="dot", keep_lines=True
    ),
    Style(name="Date", before=3, after=2),
    Style(name="Delivery", italic=True, after=0),
    Style(name="Inside Address", size=10.5, line=12.5, before=18.7, after=0, together=True),
    Style(name="Reference", before=30, after=12, left=30, hanging=30, tab=30, keep_lines=True),
    Style(name="Salutation", following="BodyText", after=8),
    Style(name="Closing", before=4, after=0, keep_next=True, keep_lines=True),
    Style(name="Signature", before=44, after=0, keep_lines=True, keep_next=True),
    Style(
        name="Enclosures",
        size=9.5,
        line=12.5,
        before=14,
        after=0,
        left=70,
        hanging=70,
        tab=70,
        keep_lines=True,
        keep_next=True,
        together=True,
    ),
    Style(
        name="Copies",
        size=9.5,
        line=12.5,
        before=6,
        after=0,
        left=70,
        hanging=70,
        tab=70,
        keep_lines=True,
        together=True,
    ),
    Style(
        name="Memo Title", before=20, after=10, size=14, line=18, bold=True, small_caps=True, spaced=0.8, keep_next=True
    ),
    Style(
        name="Memo Head",
        before=0,
        after=3,
        left=50,
        hanging=50,
        tab=50,
        keep_lines=True,
        keep_next=True,
        rule_below=True,
    ),
    Style(name="Press Head", before=14, after=10, bold=True),
    Style(name="Press Contacts", size=9.5, line=12.5, after=0, left=58, hanging=58, tab=58),
    Style(name="Press Headline", before=16, after=4, size=15, line=19, bold=True, keep_next=True, keep_lines=True),
    Style(name="Press Subhead", after=12, italic=True, keep_next=True, keep_lines=True),
    Style(name="Press End", before=12, align="center"),
    Style(name="Letterhead Name", size=11.5, line=14, bold=True),
    Style(name="Letterhead Line", size=8.5, line=10.5),
    Style(name="Running Head", before=16, size=9, line=11.5, right_tab=MEASURE, rule_below=True),
    Style(name="Draft Mark", size=8.5, line=14, bold=True, align="center", color=RED, spaced=0.8),
    Style(name="Footnote Reference", kind="character", based="", superscript=True),
    Style(name="Hyperlink", kind="character", based="", color=""),
    Style(name="Verbatim Char", kind="character", based="", size=10),
)


def paragraph_properties(style: Style) -> str:
    """Write the paragraph half of a style, in the order that the schema wants (ECMA-376 part 1, 17.3.1.26)."""
    parts = "<w:keepNext/>" * style.keep_next + "<w:keepLines/>" * style.keep_lines
    if style.rule_below:
        parts += '<w:pBdr><w:bottom w:val="single" w:sz="4" w:space="3" w:color="999999"/></w:pBdr>'
    if style.tab or style.right_tab:
        side, position = ("left", style.tab) if style.tab else ("right", style.right_tab)
        leader = f' w:leader="{style.leader}"' if style.leader else ""
        parts += f'<w:tabs><w:tab w:val="{side}"{leader} w:pos="{twips(position)}"/></w:tabs>'
    spacing = {"before": style.before, "after": style.after, "line": style.line or None}
    given = "".join(f' w:{name}="{twips(value)}"' for name, value in spacing.items() if value is not None)
    exact = ' w:lineRule="exact"' if style.line else ""
    parts += f"<w:spacing{given}{exact}/>" if given else ""
    if style.left or style.hanging:
        parts += f'<w:ind w:left="{twips(style.left)}" w:hanging="{twips(style.hanging)}"/>'
    parts += "<w:contextualSpacing/>" * style.together
    parts += f'<w:jc w:val="{style.align}"/>' if style.align else ""
    parts += f'<w:outlineLvl w:val="{style.level - 1}"/>' if style.level else ""
    return f"<w:pPr>{parts}</w:pPr>"


def run_properties(style: Style) -> str:
    """Write the character half of a style (17.3.2.28)."""
    parts = (
        "<w:b/>" * style.bold
        + "<w:i/>" * style.italic
        + '<w:i w:val="0"/>' * style.upright
        + "<w:smallCaps/>" * style.small_caps
    )
    parts += f'<w:color w:val="{style.color}"/>' if style.color else ""
    parts += f'<w:spacing w:val="{twips(style.spaced)}"/>' if style.spaced else ""
    size = round(style.size * 2)
    parts += f'<w:sz w:val="{size}"/><w:szCs w:val="{size}"/>' if size else ""
    parts += '<w:vertAlign w:val="superscript"/>' if style.superscript else ""
    return f"<w:rPr>{parts}</w:rPr>" if parts else ""


def twips(points: float) -> int:
    """Convert points to twentieths of a point."""
    return round(points * 20)


def write_style(style: Style) -> str:
    """Write one style."""
    built_in = style.name in ("Body Text", "Date", "Salutation", "Closing", "Signature", "Hyperlink", "Block Text")
    built_in = built_in or style.name.lower() in (
        "heading 1",
        "heading 2",
        "heading 3",
        "footnote text",
        "footnote reference",
        "toc 1",
    )
    custom = "" if built_in else ' w:customStyle="1"'
    name = style.name.lower() if style.name == "Footnote Reference" else style.name
    style_id = {"heading 1": "Heading1", "heading 2": "Heading2", "heading 3": "Heading3"}.get(style.name, style.id)
    style_id = "TOC1" if style.name == "toc 1" else style_id
    style_id = "FootnoteText" if style.name == "footnote text" else style_id
    based = "FootnoteText" if style.based == "footnotetext" else style.based
    text = f'<w:style w:type="{style.kind}"{custom} w:styleId="{style_id}"><w:name w:val={quoteattr(name)}/>'
    text += f'<w:basedOn w:val="{based}"/>' if based else ""
    text += f'<w:next w:val="{style.following}"/>' if style.following else ""
    text += "<w:qFormat/>"
    text += paragraph_properties(style) if style.kind == "paragraph" else ""
    return text + run_properties(style) + "</w:style>"


def styles_xml() -> str:
    """Write styles.xml."""
    fonts = f'<w:rFonts w:ascii="{FONT}" w:hAnsi="{FONT}" w:cs="{FONT}" w:eastAsia="{FONT}"/>'
    defaults = (
        f'<w:docDefaults><w:rPrDefault><w:rPr>{fonts}<w:color w:val="{INK}"/><w:sz w:val="22"/><w:szCs w:val="22"/>'
        '<w:lang w:val="en-US" w:eastAsia="en-US" w:bidi="ar-SA"/></w:rPr></w:rPrDefault>'
        f'<w:pPrDefault><w:pPr><w:widowControl/><w:spacing w:line="{twips(LINE)}" w:lineRule="exact"/></w:pPr></w:pPrDefault>'
        "</w:docDefaults>"
    )
    base = (
        '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/></w:style>'
        '<w:style w:type="character" w:default="1" w:styleId="DefaultParagraphFont"><w:name w:val="Default Paragraph Font"/>'
        "</w:style>"
        '<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/><w:tblPr><w:tblInd '
        'w:w="0" w:type="dxa"/><w:tblCellMar><w:left w:w="0" w:type="dxa"/><w:right w:w="0" w:type="dxa"/></w:tblCellMar>'
        "</w:tblPr></w:style>"
        '<w:style w:type="table" w:customStyle="1" w:styleId="Table"><w:name w:val="Table"/><w:basedOn w:val="TableNormal"/>'
        '<w:tblPr><w:tblBorders><w:top w:val="single" w:sz="8" w:color="1A1A1A"/><w:bottom w:val="single" w:sz="8" '
        'w:color="1A1A1A"/><w:insideH w:val="single" w:sz="2" w:color="BBBBBB"/></w:tblBorders><w:tblCellMar>'
        '<w:top w:w="50" w:type="dxa"/><w:left w:w="0" w:type="dxa"/><w:bottom w:w="50" w:type="dxa"/><w:right w:w="160" '
        'w:type="dxa"/></w:tblCellMar></w:tblPr><w:tblStylePr w:type="firstRow"><w:rPr><w:b/></w:rPr><w:tcPr><w:tcBorders>'
        '<w:bottom w:val="single" w:sz="4" w:color="1A1A1A"/></w:tcBorders></w:tcPr></w:tblStylePr></w:style>'
    )
    return f"{HEAD}<w:styles {NAMESPACES}>{defaults}{base}{''.join(map(write_style, STYLES))}</w:styles>"
