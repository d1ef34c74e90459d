"""Writes the letterhead of both media in the places that were measured, and the running heads of Word."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import NamedTuple

from lxml import etree

from letters.compile.looks_styles import twips
from letters.compile.word_body import END_BOOKMARK
from letters.formats.ooxml import R, Relations, W, add_content_type, add_default_type, parent_of, parse, serialize, w
from letters.model.looks import LetterheadBlock, LetterheadFit, TypeSize
from letters.model.settings import Campaign, Organization

RUNNING_NAME = "{{ recipient.running_name }}"
"""What the head of the further pages prints where the letter does not say otherwise."""
_SHORT_END = re.compile(r" (?=\S{1,5}$)")
"""The space before a ZIP code or the number of a suite, which do not stand on a line by themselves."""
COLUMNS, PAIRS, ROWS = "columns", "pairs", "rows"
"""How organizations stand: side by side, two in a row, or one below the other with its address in a line."""
ABOVE_RULE = 4.0
"""Points between the text and the rule below it: the padding of .letterhead in the style sheet."""
LOGO_GAP = 8.0
"""Points between a logo and the text beside it."""
_HEADER_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.header+xml"
_A, _PIC = (
    "http://schemas.openxmlformats.org/drawingml/2006/main",
    "http://schemas.openxmlformats.org/drawingml/2006/picture",
)
_EMU = 12_700
"""English metric units in a point (ECMA-376 part 1, 20.1.2.1)."""
# A logo stands in a line as high as it is, whatever the style says: an exact line would cut it.
_PICTURE = (
    '<w:p><w:pPr><w:spacing w:before="0" w:after="0" w:line="20" w:lineRule="atLeast"/></w:pPr><w:r><w:drawing>'
    '<wp:inline distT="0" distB="0" distL="0" distR="0" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"><wp:extent {size}/><wp:docPr '
    f'{{described}}/><a:graphic xmlns:a="{_A}"><a:graphicData uri="{_PIC}"><pic:pic xmlns:pic="{_PIC}"><pic:nvPicPr>'
    '<pic:cNvPr {described}/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill><a:blip r:embed="{identifier}"/><a:stretch>'
    '<a:fillRect/></a:stretch></pic:blipFill><pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext {size}/></a:xfrm>'
    '<a:prstGeom prst="rect"/></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>'
)
_TABLE = (
    f'<w:tbl xmlns:w="{W}" xmlns:r="{R}"><w:tblPr><w:tblW w:w="{{width}}" w:type="dxa"/><w:tblBorders>'
    '{rule}</w:tblBorders><w:tblLayout w:type="fixed"/>'
    '<w:tblCellMar><w:left w:w="0" w:type="dxa"/><w:right w:w="0" w:type="dxa"/></w:tblCellMar></w:tblPr>'
    "<w:tblGrid>{grid}</w:tblGrid>{rows}</w:tbl>"
)
# An exact height, whatever type Word sets it in: the address below has to stay in its window.
_ROW = '<w:tr><w:trPr><w:cantSplit/><w:trHeight w:val="{height}" w:hRule="exact"/></w:trPr>{cells}</w:tr>'
_CELL = '<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/><w:gridSpan w:val="{span}"/></w:tcPr>{content}</w:tc>'
_BOTTOM = '<w:bottom w:val="single" w:sz="{sz}" w:space="0" w:color="{color}"/>'
_RULE = _BOTTOM.format(sz=6, color="1A1A1A")
"""The rule below a letterhead whose template says nothing of it."""
_STYLE = "Letterhead"
# Filled when a letter is compiled: Jinja never sees them.
_PLACE, _TITLE = "{{ letterhead }}", "{{ enclosure.title }}"
FOLD_MARK = "FoldMark"
"""The style of the paragraphs at the edge of the first page that mark where the sheet is folded."""


def organization_texts(organization: Organization, arrangement: str, *, apart: bool = False) -> list[list[str]]:
    """List the texts under an organization's name, each as the pieces that stand in it; see LetterheadBlock.apart."""
    phone = organization.phone.replace(" ", "\u00a0")
    contact = [each for each in (phone, organization.email, organization.web) if each]
    address = [_SHORT_END.sub("\u00a0", line) for line in organization.address if line]
    if arrangement == COLUMNS:
        texts = [*([line] for line in address), *([each] for each in contact if apart), [] if apart else contact]
    else:
        texts = [address, contact] if apart else [[*address, *contact]]
    return [text for text in texts if text]


def write_html(organizations: Sequence[Organization], fit: LetterheadFit) -> str:
    """Write the letterhead as HTML; plain text, no Jinja tags are meant."""
    blocks = "".join(
        _write_block(organization, block, fit) for organization, block in zip(organizations, fit.blocks, strict=True)
    )
    centred = " centred" * fit.centred
    return f'<header class="letterhead {fit.arrangement}{centred}">\n{blocks}</header>\n'.replace("{", '{{ "{" }}')


def _write_block(organization: Organization, block: LetterheadBlock, fit: LetterheadFit) -> str:
    logo, room = "", 0.0
    if organization.logo and block.logo:
        source = escape("../campaign/" + organization.logo.as_posix(), quote=True)
        width, height = block.logo
        size = f"width: {width:.2f}pt; height: {height:.2f}pt"
        logo = f'<img class="logo" style="{size}" src="{source}" alt="{escape(organization.name, quote=True)}">\n'
        room = width + LOGO_GAP
    texts = organization_texts(organization, fit.arrangement, apart=block.apart)
    # A dot between two pieces never begins a line.
    written = ("\u00a0· ".join(map(escape, pieces)) for pieces in texts)
    lines = "".join(f'<p class="letterhead-line">{line}</p>\n' for line in written)
    name = f'<p class="letterhead-name">{escape(organization.name)}</p>\n'
    sides = f"margin-left: {room:.2f}pt" + (f"; margin-right: {room:.2f}pt" if fit.centred and room else "")
    text = f'<div class="letterhead-text" style="{sides}">\n{name}{lines}</div>\n'
    return f'<div class="organization" style="width: {block.width:.2f}pt">\n{logo}{text}</div>\n'


def write_style(fit: LetterheadFit) -> str:
    """Write what the letterhead of a campaign has other than the style sheet says."""
    sizes = (("name", fit.name), ("line", fit.line))
    rules = [
        f".letterhead-{part} {{ font-size: {type_.size:g}pt; line-height: {type_.leading:g}pt }}"
        for part, type_ in sizes
        if type_
    ]
    if fit.growth:
        moves = {"growth": fit.growth, "closer": fit.closer, "lift": fit.lift, "rise": fit.rise}
        written = "; ".join(f"--letterhead-{name}: {points:.2f}pt" for name, points in moves.items())
        rules.append(f":root {{ {written} }}")
    return "\n".join(rules)


class _Cell(NamedTuple):
    """A cell of the letterhead's table, in twips from the left edge of the text."""

    left: int
    right: int
    content: str


class Headers(NamedTuple):
    """The headers of a package, to be filled for one section after the other."""

    package: dict[str, bytes]
    relations: Relations
    """The relationships of the document, which the headers are among."""
    campaign: Campaign
    folder: Path
    """Where the logos are looked for."""
    fit: LetterheadFit
    measure: int
    """How wide the text is, in twips."""

    def fill(self, section: etree._Element, part: int, title: str, running_head: str = "") -> None:
        """Fill the places in the headers of a part: letterhead, running head, title of an enclosure, where it ends.

        Enclosures get copies of their headers, since they share one set-up.
        """
        for reference in section.findall(w("headerReference")):
            name = f"word/{self.relations.target(reference.get(f'{{{R}}}id', ''))}"
            root = parse(self.package[name])
            if part:
                name = self._new_name()
                reference.set(f"{{{R}}}id", self.relations.add("header", name.removeprefix("word/")))
                add_content_type(self.package, name, _HEADER_TYPE)
            for piece in root.iter(w("t")):
                text = (piece.text or "").replace(_TITLE, _literal(title))
                piece.text = text.replace(RUNNING_NAME, running_head or RUNNING_NAME)
            # "of 3" is the page of that bookmark: pages count anew in each part, so NUMPAGES would be wrong.
            for page in root.iter(w("fldSimple")):
                page.set(w("instr"), page.get(w("instr"), "").replace(END_BOOKMARK, f"{END_BOOKMARK}_{part}"))
            for paragraph in list(root.iter(w("p"))):
                if "".join(t.text or "" for t in paragraph.iter(w("t"))).strip() == _PLACE:
                    self._place_letterhead(paragraph, name)
            self.package[name] = serialize(root)

    def _new_name(self) -> str:
        return next(name for n in range(1, 1000) if (name := f"word/header{n}.xml") not in self.package)

    def _place_letterhead(self, paragraph: etree._Element, header: str) -> None:
        relations_name = header.replace("word/", "word/_rels/") + ".rels"
        relations = Relations(self.package.get(relations_name))
        if self.fit.blocks:
            paragraph.addprevious(etree.fromstring(self._table(relations, self._rule(paragraph))))
        properties = paragraph.find(w("pPr"))
        if properties is not None:  # a header ends in a paragraph; this one takes no room
            rule = etree.SubElement(properties, w("pBdr"))  # it is that of the table
            etree.SubElement(rule, w("bottom"), {w("val"): "nil"})
            etree.SubElement(properties, w("spacing"), {w("line"): "20", w("lineRule"): "exact"})
        for piece in paragraph.iter(w("t")):
            piece.text = ""
        if len(relations.root):
            self.package[relations_name] = relations.to_bytes()

    def _rule(self, paragraph: etree._Element) -> str:
        """Return the rule below the letterhead, which the style of the paragraph in its place has."""
        name = paragraph.find(f"{w('pPr')}/{w('pStyle')}")
        styles = parse(self.package["word/styles.xml"]).iter(w("style"))
        own = "" if name is None else name.get(w("val"))
        style = next((each for each in styles if each.get(w("styleId")) == own), None)
        if style is None or own != _STYLE:
            return _RULE
        rule = style.find(f"{w('pPr')}/{w('pBdr')}/{w('bottom')}")
        return "" if rule is None else _BOTTOM.format(**{key: rule.get(w(key), "") for key in ("sz", "color")})

    def _table(self, relations: Relations, rule: str) -> str:
        """Write the letterhead as a table with rows of exact height, as high as in the PDF (17.4.80)."""
        numbered = enumerate(zip(self.campaign.organizations, self.fit.blocks, strict=True), start=1)
        rows = [list(row) for _, row in itertools.groupby(numbered, key=lambda each: each[1][1].top)]
        cells = [self._row(row, relations) for row in rows]
        edges = sorted({0, self.measure, *(edge for row in cells for cell in row for edge in (cell.left, cell.right))})
        tops = [row[0][1][1].top for row in rows]
        ends = [*tops[1:], self.fit.height + ABOVE_RULE]
        written = "".join(
            _ROW.format(height=twips(end - top), cells="".join(_write_cell(cell, edges) for cell in row))
            for row, top, end in zip(cells, tops, ends, strict=True)
        )
        grid = "".join(f'<w:gridCol w:w="{right - left}"/>' for left, right in itertools.pairwise(edges))
        return _TABLE.format(width=self.measure, grid=grid, rows=written, rule=rule)

    def _row(
        self, row: Sequence[tuple[int, tuple[Organization, LetterheadBlock]]], relations: Relations
    ) -> list[_Cell]:
        """Return the cells of organizations that stand side by side; each reaches to the next one."""
        # Cells side by side leave nothing between them: what is free beside a name belongs to its cell.
        starts = [0, *(twips(block.left) for _, (_, block) in row[1:]), self.measure]
        cells = []
        for (number, (organization, block)), left, right in zip(row, starts, starts[1:], strict=False):
            picture = self._logo(organization, block, number, relations)
            text_left = left
            if picture and block.logo:
                text_left = left + twips(block.logo[0] + LOGO_GAP)
                cells.append(_Cell(left, text_left, picture))
            cells.append(_Cell(text_left, right, self._text(block)))
        return cells

    def _text(self, block: LetterheadBlock) -> str:
        looks = ""
        if self.fit.centred:  # within what the logo leaves on both sides
            room = twips(block.logo[0] + LOGO_GAP) if block.logo else 0
            looks = f'<w:ind w:right="{room}"/><w:jc w:val="center"/>'
        name = _write_paragraph("LetterheadName", block.name, self.fit.name, looks)
        return name + "".join(_write_paragraph("LetterheadLine", lines, self.fit.line, looks) for lines in block.lines)

    def _logo(self, organization: Organization, block: LetterheadBlock, number: int, relations: Relations) -> str:
        """Write a paragraph with a logo, where there is one (20.4.2.8)."""
        file = self.folder / organization.logo if organization.logo else None
        if file is None or block.logo is None or not file.is_file():
            return ""
        content, suffix = (block.picture, "png") if block.picture else (file.read_bytes(), file.suffix[1:].lower())
        name = f"logo{number}.{suffix}"
        self.package[f"word/media/{name}"] = content
        add_default_type(self.package, suffix, "image/png" if suffix == "png" else "image/jpeg")
        identifier = relations.add("image", f"media/{name}")
        width, height = (round(points * _EMU) for points in block.logo)
        size = f'cx="{width}" cy="{height}"'
        described = f'id="{number}" name="logo{number}" descr="{_literal(escape(organization.name, quote=True))}"'
        return _PICTURE.format(size=size, described=described, identifier=identifier)


def _write_cell(cell: _Cell, edges: Sequence[int]) -> str:
    span = edges.index(cell.right) - edges.index(cell.left)
    return _CELL.format(width=cell.right - cell.left, span=span, content=cell.content)


def _write_paragraph(style: str, lines: Sequence[str], type_: TypeSize | None, looks: str) -> str:
    """Write a paragraph that breaks where it was broken when it was measured.

    `type_` and `looks` are what it has other than its style.
    """
    spacing = f'<w:spacing w:line="{twips(type_.leading)}" w:lineRule="exact"/>' if type_ else ""
    size = f'<w:sz w:val="{round(type_.size * 2)}"/><w:szCs w:val="{round(type_.size * 2)}"/>' if type_ else ""
    run = f"<w:rPr>{size}</w:rPr>" if size else ""
    texts = "<w:br/>".join(f'<w:t xml:space="preserve">{_literal(escape(line, quote=False))}</w:t>' for line in lines)
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{spacing}{looks}</w:pPr><w:r>{run}{texts}</w:r></w:p>'


def _literal(text: str) -> str:
    return text.replace("{", '{{ "{" }}')


def fold_marks(root: etree._Element) -> list[etree._Element]:
    """Return the paragraphs that are fold marks."""
    return [parent_of(parent_of(style)) for style in root.iter(w("pStyle")) if style.get(w("val")) == FOLD_MARK]


def move_fold_marks(root: etree._Element, height: int) -> None:
    """Move the fold marks of a header to the thirds of another paper, given its height in twips."""
    for number, mark in enumerate(fold_marks(root), start=1):
        frame = mark.find(f"{w('pPr')}/{w('framePr')}")
        if frame is not None:
            frame.set(w("y"), str(height * number // 3))
