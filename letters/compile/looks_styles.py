"""Writes the named styles of letterhead.docx from the looks: the same type, sizes and spaces as in letterhead.css.

Measures are in points. Word keeps spacing in twentieths of a point and sizes in half-points (ECMA-376 part 1, 17.18).
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from html import escape

from letters.formats.ooxml import W
from letters.model.looks import Align, PageLooks, TypeSize
from letters.model.postal import Points

NOTE_RULE: Points = 108
"""How long the rule above notes is; letterhead.css has the same."""
_NARROWER: Points = 0.25
"""What lines are shorter than in the PDF: word processors set them about a thousandth narrower."""
_HEAD_SPACE: Points = 71
"""The top margin that leaves no space above a running head."""
_ADDRESS_ROOM: Points = 93.5
"""From the top of the inside address to the reference, where the address has no more than six lines."""
_SUPERSCRIPT = 0.625
"""The size of raised type in sizes of the other: Word sets two thirds, LibreOffice 58 percent."""
_BUILT_IN = {
    "Body Text": "BodyText",
    "Date": "Date",
    "Salutation": "Salutation",
    "Closing": "Closing",
    "Signature": "Signature",
    "Hyperlink": "Hyperlink",
    "Block Text": "BlockText",
    "heading 1": "Heading1",
    "heading 2": "Heading2",
    "heading 3": "Heading3",
    "footnote text": "FootnoteText",
    "footnote reference": "FootnoteReference",
    "toc 1": "TOC1",
}
"""Styles that Word knows itself, with the identifiers that it gives them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WordStyle:
    """A named style; measures in points."""

    name: str
    based: str = "Normal"
    following: str = ""
    kind: str = "paragraph"
    type_: TypeSize | None = None
    before: Points | None = None
    after: Points | None = None
    left: Points = 0
    hanging: Points = 0
    right: Points | None = None
    """What is left free at the right; None for what the style has that it is based on."""
    tab: Points = 0
    right_tab: Points = 0
    leader: str = ""
    """What fills the space before the right tab."""
    align: str = ""
    bold: bool = False
    italic: bool = False
    upright: bool = False
    """Not italic, although the style that it is based on is."""
    small_caps: bool = False
    caps: bool = False
    spaced: Points = 0
    color: str = ""
    superscript: bool = False
    keep_next: bool = False
    keep_lines: bool = False
    level: int = 0
    rule_above: str = ""
    rule_below: str = ""
    """The attributes of a rule."""
    together: bool = False
    """No space between paragraphs of this style."""

    @property
    def id(self) -> str:
        """Make the identifier that paragraphs name."""
        return _BUILT_IN.get(self.name, self.name.replace(" ", ""))


def word_styles_of(looks: PageLooks) -> tuple[WordStyle, ...]:
    """Return every style of letterhead.docx but Normal and those of tables."""
    return (*_text_styles(looks), *_frame_styles(looks), *_other_styles(looks))


def _text_styles(looks: PageLooks) -> tuple[WordStyle, ...]:
    """Return the styles of running text."""
    justify = "both" if looks.align is Align.JUSTIFIED else "left"
    heading = functools.partial(WordStyle, keep_next=True, keep_lines=True, following="BodyText", align="left")
    small = TypeSize(looks.small.size, looks.small.leading)
    return (
        WordStyle(name="Body Text", after=8, align=justify),
        WordStyle(name="First Paragraph", based="BodyText", following="BodyText"),
        WordStyle(name="Compact", based="BodyText", after=5),
        # LibreOffice begins the notes of an enclosure anew as Word does, but at every paragraph whose style has outline
        # level 1: that is the level of the titles of parts, and of nothing else.
        heading(name="heading 1", type_=looks.heading, before=14, after=5, level=2, bold=True),
        heading(name="heading 2", type_=looks.heading, before=8, after=4, italic=True, level=3, bold=True),
        heading(name="heading 3", type_=looks.heading, before=6, after=3, italic=True, level=4),
        WordStyle(
            name="Enclosure Title",
            based="Heading1",
            following="BodyText",
            before=0,
            after=6,
            type_=looks.title,
            level=1,
        ),
        WordStyle(
            name="Enclosure Heading", based="Heading2", following="BodyText", before=14, after=5, upright=True, level=2
        ),
        WordStyle(name="Block Text", based="BodyText", left=28, right=looks.spare + 28, after=8),
        WordStyle(name="footnote text", type_=looks.note, before=3, after=0, align=justify),
        WordStyle(name="Footnote Block Text", based="FootnoteText", left=18),
        WordStyle(
            name="Footnote Separator",
            type_=TypeSize(0, 3.3),
            before=3,
            after=0,
            right=looks.text_width - NOTE_RULE,
            rule_above=_rule(0.5, "777777", 0),
        ),
        WordStyle(name="Table Text", based="BodyText", type_=small, after=0, right=0, align="left"),
        WordStyle(
            name="Table Caption", based="BodyText", type_=small, after=4, bold=True, keep_next=True, align="left"
        ),
        WordStyle(name="Table Source", type_=looks.source, before=4, after=8),
        WordStyle(name="Contents Title", before=4, after=4, bold=True, keep_next=True),
        WordStyle(name="Contents Edge", type_=TypeSize(0, 1), after=0),
        WordStyle(
            name="toc 1",
            type_=looks.contents,
            after=1,
            left=16,
            hanging=16,
            right_tab=looks.text_width - looks.spare,
            leader="dot",
            keep_lines=True,
        ),
    )


def _frame_styles(looks: PageLooks) -> tuple[WordStyle, ...]:
    """Return the styles of what stands around the text: address, closing, heads of memoranda and press releases."""
    listed = functools.partial(
        WordStyle, type_=looks.small, after=0, left=70, hanging=70, tab=70, keep_lines=True, together=True
    )
    fixed = TypeSize(0, 15)
    return (
        WordStyle(name="Date", type_=fixed, before=3, after=2),
        WordStyle(name="Delivery", type_=fixed, italic=True, after=0),
        WordStyle(name="Inside Address", type_=looks.address, before=18.7, after=0, together=True),
        WordStyle(
            name="Reference",
            before=max(10, _ADDRESS_ROOM - 6 * looks.address.leading),
            after=12,
            left=30,
            hanging=30,
            tab=30,
            keep_lines=True,
            level=1,
        ),
        WordStyle(name="Salutation", following="BodyText", after=8),
        WordStyle(name="Closing", before=4, after=0, keep_next=True, keep_lines=True),
        WordStyle(name="Signature", before=44, after=0, right=0, keep_lines=True, keep_next=True),
        listed(name="Enclosures", before=14, keep_next=True),
        listed(name="Copies", before=6),
        WordStyle(
            name="Memo Title",
            before=20,
            after=10,
            type_=looks.title,
            bold=True,
            small_caps=True,
            spaced=0.8,
            keep_next=True,
            level=1,
        ),
        WordStyle(
            name="Memo Head",
            before=0,
            after=3,
            left=50,
            hanging=50,
            tab=50,
            keep_lines=True,
            keep_next=True,
            rule_below=_rule(0.5, "999999", 3),
        ),
        WordStyle(name="Press Head", before=14, after=10, bold=True),
        WordStyle(name="Press Contacts", type_=looks.small, after=0, left=58, hanging=58, tab=58),
        WordStyle(
            name="Press Headline",
            before=16,
            after=4,
            type_=looks.headline,
            bold=True,
            keep_next=True,
            keep_lines=True,
            level=1,
        ),
        WordStyle(name="Press Subhead", after=12, italic=True, keep_next=True, keep_lines=True),
        WordStyle(name="Press End", before=12, align="center"),
    )


def _other_styles(looks: PageLooks) -> tuple[WordStyle, ...]:
    """Return the styles of letterhead, running heads and marks, and those of characters."""
    ink = looks.letterhead_color
    rule = _rule(looks.letterhead_rule, ink[1:].upper(), 0) if looks.letterhead_rule else ""
    above = max(0.0, looks.margins.top - _HEAD_SPACE)
    return (
        WordStyle(name="Letterhead", right=0, type_=TypeSize(0, 1), rule_below=rule),
        WordStyle(name="Letterhead Name", type_=looks.name, right=0, bold=True, caps=looks.letterhead_caps, color=ink),
        WordStyle(name="Letterhead Line", type_=looks.contact, right=0, color=ink),
        WordStyle(
            name="Running Head",
            before=above,
            type_=looks.note,
            right=0,
            right_tab=looks.text_width,
            rule_below=_rule(0.5, "999999", 3),
        ),
        WordStyle(
            name="Draft Mark",
            type_=TypeSize(8.5, 14),
            right=0,
            bold=True,
            align="center",
            color=looks.draft_color,
            spaced=0.8,
        ),
        WordStyle(name="Fold Mark", type_=TypeSize(1, 1), right=0, rule_above=_rule(0.5, "999999", 0)),
        WordStyle(
            name="footnote reference",
            kind="character",
            based="",
            type_=TypeSize(round(looks.mark_size / _SUPERSCRIPT * 2) / 2, 0),
            superscript=True,
        ),
        WordStyle(name="Hyperlink", kind="character", based=""),
        WordStyle(name="Verbatim Char", kind="character", based="", type_=TypeSize(looks.size - 1, 0)),
    )


def _rule(points: Points, color: str, space: int) -> str:
    """Write the attributes of a rule; its width is in eighths of a point (17.18.2)."""
    return f'w:val="single" w:sz="{round(points * 8)}" w:space="{space}" w:color="{color}"'


def paragraph_properties(style: WordStyle) -> str:
    """Write the paragraph half of a style, in the order that the schema wants (ECMA-376 part 1, 17.3.1.26)."""
    parts = "<w:keepNext/>" * style.keep_next + "<w:keepLines/>" * style.keep_lines
    sides = (("top", style.rule_above), ("bottom", style.rule_below))
    if borders := "".join(f"<w:{side} {rule}/>" for side, rule in sides if rule):
        parts += f"<w:pBdr>{borders}</w:pBdr>"
    if style.tab or style.right_tab:
        side, position = ("left", style.tab) if style.tab else ("right", style.right_tab)
        leader = f' w:leader="{style.leader}"' if style.leader else ""
        parts += f'<w:tabs><w:tab w:val="{side}"{leader} w:pos="{twips(position)}"/></w:tabs>'
    line = style.type_.leading if style.type_ else 0
    # An exact distance of lines: with "at least" a raised number or another font makes its line higher.
    spacing = {"before": style.before, "after": style.after, "line": line or None}
    given = "".join(f' w:{name}="{twips(value)}"' for name, value in spacing.items() if value is not None)
    exact = ' w:lineRule="exact"' if line else ""
    parts += f"<w:spacing{given}{exact}/>" if given else ""
    indents = {"left": style.left or None, "right": style.right, "hanging": style.hanging or None}
    if indent := "".join(f' w:{name}="{twips(value)}"' for name, value in indents.items() if value is not None):
        parts += f"<w:ind{indent}/>"
    parts += "<w:contextualSpacing/>" * style.together
    parts += f'<w:jc w:val="{style.align}"/>' if style.align else ""
    parts += f'<w:outlineLvl w:val="{style.level - 1}"/>' if style.level else ""
    return f"<w:pPr>{parts}</w:pPr>"


def run_properties(style: WordStyle) -> str:
    """Write the character half of a style (17.3.2.28)."""
    parts = (
        "<w:b/>" * style.bold
        + "<w:i/>" * style.italic
        + '<w:i w:val="0"/>' * style.upright
        + "<w:caps/>" * style.caps
        + "<w:smallCaps/>" * style.small_caps
    )
    parts += f'<w:color w:val="{style.color.lstrip("#").upper()}"/>' if style.color else ""
    parts += f'<w:spacing w:val="{twips(style.spaced)}"/>' if style.spaced else ""
    size = round(style.type_.size * 2) if style.type_ else 0
    parts += f'<w:sz w:val="{size}"/><w:szCs w:val="{size}"/>' if size else ""
    parts += '<w:vertAlign w:val="superscript"/>' * style.superscript
    return f"<w:rPr>{parts}</w:rPr>" if parts else ""


def twips(points: Points) -> int:
    """Convert points to twentieths of a point."""
    return round(points * 20)


def _write_style(style: WordStyle) -> str:
    custom = "" if style.name in _BUILT_IN else ' w:customStyle="1"'
    text = f'<w:style w:type="{style.kind}"{custom} w:styleId="{style.id}"><w:name w:val="{escape(style.name)}"/>'
    text += f'<w:basedOn w:val="{style.based}"/>' if style.based else ""
    text += f'<w:next w:val="{style.following}"/>' if style.following else ""
    text += "<w:qFormat/>"
    text += paragraph_properties(style) if style.kind == "paragraph" else ""
    return text + run_properties(style) + "</w:style>"


# The rules and spaces of table, th and td in letterhead.css.
_TABLES = (
    '<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/><w:tblPr>'
    '<w:tblInd w:w="0" w:type="dxa"/><w:tblCellMar><w:left w:w="0" w:type="dxa"/><w:right w:w="0" w:type="dxa"/>'
    '</w:tblCellMar></w:tblPr></w:style><w:style w:type="table" w:customStyle="1" w:styleId="Table">'
    '<w:name w:val="Table"/><w:basedOn w:val="TableNormal"/><w:tblPr><w:tblBorders>'
    '<w:top w:val="single" w:sz="8" w:color="1A1A1A"/><w:bottom w:val="single" w:sz="8" w:color="1A1A1A"/>'
    '<w:insideH w:val="single" w:sz="2" w:color="BBBBBB"/></w:tblBorders><w:tblCellMar><w:top w:w="50" w:type="dxa"/>'
    '<w:left w:w="0" w:type="dxa"/><w:bottom w:w="50" w:type="dxa"/><w:right w:w="154" w:type="dxa"/></w:tblCellMar>'
    '</w:tblPr><w:tblStylePr w:type="firstRow"><w:rPr><w:b/></w:rPr><w:tcPr><w:tcBorders>'
    '<w:bottom w:val="single" w:sz="4" w:color="1A1A1A"/></w:tcBorders></w:tcPr></w:tblStylePr></w:style>'
)


def styles_xml(looks: PageLooks) -> bytes:
    """Write styles.xml."""
    font, size, ink = escape(looks.font, quote=True), round(looks.size * 2), looks.color[1:].upper()
    fonts = f'<w:rFonts w:ascii="{font}" w:hAnsi="{font}" w:cs="{font}" w:eastAsia="{font}"/>'
    defaults = (
        f'<w:docDefaults><w:rPrDefault><w:rPr>{fonts}<w:color w:val="{ink}"/><w:kern w:val="2"/><w:sz w:val="{size}"/>'
        f'<w:szCs w:val="{size}"/><w:lang w:val="en-US" w:eastAsia="en-US" w:bidi="ar-SA"/></w:rPr></w:rPrDefault>'
        f'<w:pPrDefault><w:pPr><w:widowControl/><w:spacing w:line="{twips(looks.leading)}" w:lineRule="exact"/></w:pPr>'
        "</w:pPrDefault></w:docDefaults>"
    )
    normal = f'<w:pPr><w:ind w:right="{twips(looks.spare + _NARROWER)}"/></w:pPr>'
    base = (
        f'<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/>{normal}'
        '</w:style><w:style w:type="character" w:default="1" w:styleId="DefaultParagraphFont">'
        f'<w:name w:val="Default Paragraph Font"/></w:style>{_TABLES}'
    )
    written = "".join(map(_write_style, word_styles_of(looks)))
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    return f'{head}<w:styles xmlns:w="{W}">{defaults}{base}{written}</w:styles>'.encode()
