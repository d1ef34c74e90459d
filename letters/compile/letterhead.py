"""Writes the letterhead: the organizations side by side, for HTML and into the headers of letterhead.docx."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import NamedTuple

from lxml import etree

from letters.formats.ooxml import R, Relations, W, add_content_type, add_default_type, parse, serialize, w
from letters.model.records import Campaign, Organization

_HEADER_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.header+xml"
_TEXT_TWIPS = 8784
"""The measure, 6.1 inches."""
_A, _PIC = (
    "http://schemas.openxmlformats.org/drawingml/2006/main",
    "http://schemas.openxmlformats.org/drawingml/2006/picture",
)
_PICTURE = (
    '<w:p><w:pPr><w:spacing w:line="740" w:lineRule="atLeast"/></w:pPr><w:r><w:drawing><wp:inline '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"><wp:extent {size}/><wp:docPr '
    f'{{described}}/><a:graphic xmlns:a="{_A}"><a:graphicData uri="{_PIC}"><pic:pic xmlns:pic="{_PIC}"><pic:nvPicPr>'
    '<pic:cNvPr {described}/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill><a:blip r:embed="{identifier}"/><a:stretch>'
    '<a:fillRect/></a:stretch></pic:blipFill><pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext {size}/></a:xfrm>'
    '<a:prstGeom prst="rect"/></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>'
)
PART_END = "part_end"
"""The bookmark at the end of a part is this with the part's number."""
_PARAGRAPH = '<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr><w:r><w:t xml:space="preserve">{text}</w:t></w:r></w:p>'
_TABLE = (
    f'<w:tbl xmlns:w="{W}" xmlns:r="{R}"><w:tblPr><w:tblW w:w="{_TEXT_TWIPS}" w:type="dxa"/><w:tblBorders>'
    '<w:bottom w:val="single" w:sz="6" w:space="0" w:color="1A1A1A"/></w:tblBorders><w:tblLayout w:type="fixed"/>'
    '<w:tblCellMar><w:left w:w="0" w:type="dxa"/></w:tblCellMar></w:tblPr><w:tblGrid>{grid}</w:tblGrid>'
    '<w:tr><w:trPr><w:trHeight w:val="1000" w:hRule="atLeast"/></w:trPr>{cells}</w:tr></w:tbl>'
)
RUNNING_NAME = "{{ recipient.running_name }}"
"""What the head of the further pages prints where the letter does not say otherwise."""
_PLACE, _TITLE = "{{ letterhead }}", "{{ enclosure.title }}"


def organization_lines(organization: Organization) -> list[str]:
    """List the lines under an organization's name."""
    contact = " · ".join(filter(None, (organization.phone, organization.email, organization.web)))
    return [line for line in (*organization.address, contact) if line]


def write_html(organizations: Sequence[Organization]) -> str:
    """Write the letterhead as HTML; plain text, no Jinja tags are meant."""
    blocks = []
    for organization in organizations:
        logo = ""
        if organization.logo:
            source = escape("../campaign/" + organization.logo.as_posix(), quote=True)
            logo = f'<img class="logo" src="{source}" alt="{escape(organization.name, quote=True)}">\n'
        lines = "".join(f'<p class="letterhead-line">{escape(line)}</p>\n' for line in organization_lines(organization))
        name = f'<p class="letterhead-name">{escape(organization.name)}</p>\n'
        blocks.append(f'<div class="organization">\n{logo}{name}{lines}</div>\n')
    return f'<header class="letterhead">\n{"".join(blocks)}</header>\n'.replace("{", '{{ "{" }}')


class Headers(NamedTuple):
    """The headers of a package, to be filled for one section after the other."""

    package: dict[str, bytes]
    relations: Relations
    """The relationships of the document, which the headers are among."""
    campaign: Campaign
    folder: Path
    """Where the logos are looked for."""

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
            for page in root.iter(w("fldSimple")):
                page.set(w("instr"), page.get(w("instr"), "").replace(PART_END, f"{PART_END}_{part}"))
            for paragraph in list(root.iter(w("p"))):
                if "".join(t.text or "" for t in paragraph.iter(w("t"))).strip() == _PLACE:
                    self._place_letterhead(paragraph, name)
            self.package[name] = serialize(root)

    def _new_name(self) -> str:
        return next(name for n in range(1, 1000) if (name := f"word/header{n}.xml") not in self.package)

    def _place_letterhead(self, paragraph: etree._Element, header: str) -> None:
        relations_name = header.replace("word/", "word/_rels/") + ".rels"
        relations = Relations(self.package.get(relations_name))
        organizations = self.campaign.organizations
        width = _TEXT_TWIPS // len(organizations)
        columns = enumerate(organizations, start=1)
        cells = "".join(_cell(width, self._column(each, number, relations)) for number, each in columns)
        grid = f'<w:gridCol w:w="{width}"/>' * len(organizations)
        table = _TABLE.format(grid=grid, cells=cells)
        paragraph.addprevious(etree.fromstring(table))
        properties = paragraph.find(w("pPr"))
        if properties is not None:  # a header ends in a paragraph; this one takes no room
            etree.SubElement(properties, w("spacing"), {w("line"): "20", w("lineRule"): "exact"})
        for piece in paragraph.iter(w("t")):
            piece.text = ""
        if len(relations.root):
            self.package[relations_name] = relations.to_bytes()

    def _column(self, organization: Organization, number: int, relations: Relations) -> str:
        picture = ""
        if organization.logo and (file := word_picture(self.folder / organization.logo)).is_file():
            picture = self._picture(file, number, relations, organization.name)
        lines = [("LetterheadName", organization.name)]
        lines += [("LetterheadLine", line) for line in organization_lines(organization)]
        return picture + "".join(
            _PARAGRAPH.format(style=style, text=_literal(escape(text, quote=False))) for style, text in lines
        )

    def _picture(self, file: Path, number: int, relations: Relations, name: str) -> str:
        """Write a paragraph with a picture 0.5 inches high (ECMA-376 part 1, 20.4.2.8; 914,400 units are an inch)."""
        content = file.read_bytes()
        self.package[f"word/media/logo{number}{file.suffix}"] = content
        add_default_type(self.package, file.suffix[1:], "image/png" if file.suffix == ".png" else "image/jpeg")
        identifier = relations.add("image", f"media/logo{number}{file.suffix}")
        width, height = picture_size(content)
        high = 457200
        size = f'cx="{high * width // height}" cy="{high}"'
        described = f'id="{number}" name="logo{number}" descr="{escape(name, quote=True)}"'
        return _PICTURE.format(size=size, described=described, identifier=identifier)


def word_picture(logo: Path) -> Path:
    """Return the file of a logo that Word can show: beside an SVG stands a PNG of the same name."""
    return logo.with_suffix(".png") if logo.suffix.lower() == ".svg" else logo


def _cell(width: int, content: str) -> str:
    return f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr>{content}</w:tc>'


def _literal(text: str) -> str:
    return text.replace("{", '{{ "{" }}')


def picture_size(content: bytes) -> tuple[int, int]:
    """Read the width and height of a PNG or JPEG in pixels; (2, 1) where they cannot be read."""
    if content.startswith(b"\x89PNG"):
        width, height = struct.unpack(">II", content[16:24])
        return int(width), int(height)
    position = 2
    while content[position : position + 1] == b"\xff" and position + 9 < len(content):
        marker, length = content[position + 1], int.from_bytes(content[position + 2 : position + 4], "big")
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", content[position + 5 : position + 9])
            return int(width), int(height)
        position += 2 + length
    return 2, 1
