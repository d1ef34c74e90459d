"""Writes a lowered tree as OOXML just as pandoc does, in a tenth of the time.

It knows what most letters are made of. For anything else it raises NotWrittenError, and pandoc writes the letter; the
tests compare what both write.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

from letters.compile.openxml_lists import BULLET, NO_LIST, Lists, Marker
from letters.compile.openxml_looks import Looks, NotWrittenError, read_looks
from letters.compile.openxml_tables import NO_ATTRIBUTES, write_table
from letters.formats.ooxml import R, W
from letters.formats.tree import Node, content_of

_NAMES = (
    f'xmlns:w="{W}" xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" xmlns:r="{R}" '
    'xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:v="urn:schemas-microsoft-com:vml" '
    'xmlns:w10="urn:schemas-microsoft-com:office:word" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"'
)
_SEPARATORS = "".join(
    f'<w:footnote w:type="{kind}" w:id="{number}"><w:p><w:r><w:{kind}/></w:r></w:p></w:footnote>'
    for kind, number in (("continuationSeparator", 0), ("separator", -1))
)
_LINE = "\n    "
_NOTE_MARK = '<w:r>\n  <w:rPr>\n    <w:rStyle w:val="{style}" />\n  </w:rPr>\n  <w:footnoteRef />\n</w:r>'
_FORMATS = {
    "Strong": "<w:b/><w:bCs/>",
    "Emph": "<w:i/><w:iCs/>",
    "SmallCaps": "<w:smallCaps/>",
    "Strikeout": "<w:strike/>",
    "Underline": '<w:u w:val="single"/>',
    "Superscript": '<w:vertAlign w:val="superscript"/>',
}
"""What a format is in the properties of a run, in the order in which they stand there (17.3.2.28)."""
_UNUSUAL = re.compile("[^\x20-\x7e\xa0-\xac\xae-\u058f\u0900-\u260f\u2613-\u2e7f\ue000-\uf8ff]")
"""Characters that pandoc may leave out, or give a font of their own; and boxes to tick: all but these."""


class _Around(NamedTuple):
    """What stands around a node and matters to its paragraphs and runs."""

    style: str = ""
    level: int = -1
    number: int = 0
    formats: frozenset[str] = frozenset()
    compact: bool = False
    """Whether in a list or a table."""
    in_note: bool = False


def write_openxml(blocks: Sequence[Node], letterhead: Path) -> dict[str, bytes]:
    """Write the members of a DOCX that hold the text, with the styles of a letterhead; raises NotWrittenError."""
    writer = _Writer(read_looks(letterhead))
    body = "".join(f"{each}{_LINE}" for each in writer.blocks(blocks, _Around()))
    notes = "".join(writer.notes)
    return {
        "word/document.xml": f"<w:document {_NAMES}>\n<w:body>{_LINE}{body}</w:body>\n</w:document>".encode(),
        "word/footnotes.xml": f"<w:footnotes {_NAMES}>{_SEPARATORS}{notes}</w:footnotes>".encode(),
        "word/numbering.xml": writer.lists.write(),
    }


@dataclass(slots=True)
class _Writer:
    looks: Looks
    lists: Lists = field(default_factory=Lists)
    notes: list[str] = field(default_factory=list)
    is_first: bool = True
    """Whether the next paragraph of the text has the style of a first one."""

    def blocks(self, nodes: Sequence[Node], around: _Around) -> Iterator[str]:
        """Write blocks, each paragraph or table by itself."""
        for before, node in zip([None, *nodes], nodes, strict=False):
            if node["t"] == "Table" and before and before["t"] == "Table":
                yield "<w:p/>"
            yield from self._block(node, around)

    def _block(self, node: Node, around: _Around) -> Iterator[str]:
        kind, content = node["t"], content_of(node)
        if kind == "Para":
            yield from self._paragraph(content, around)
        elif kind == "Plain":
            yield from self._paragraph(content, self._styled(around, "Compact") if around.compact else around)
        elif kind == "LineBlock":
            lines = [[*line, {"t": "LineBreak"}] for line in content]
            yield from self._paragraph([each for line in lines for each in line][:-1], around)
        elif kind == "Header" and content[1] == NO_ATTRIBUTES:
            self.is_first = True
            yield self._written(content[2], self._styled(around, f"Heading {content[0]}"))
        elif kind == "BlockQuote":
            style = "Footnote Block Text" if around.in_note else "Block Text"
            yield from self.blocks(content, self._styled(around, style))
            self.is_first = True
        elif kind == "Div":
            style = _custom_style(content[0])
            yield from self.blocks(content[1], self._styled(around, style) if style else around)
        elif kind == "BulletList":
            yield from self._list(BULLET, content, around)
        elif kind == "OrderedList":
            start, style, delimiter = content[0]
            yield from self._list((start, style["t"], delimiter["t"]), content[1], around)
        elif kind == "Table" and around.level < 0 and not around.in_note:
            self.is_first = True
            yield write_table(content, lambda inlines, side: self._cell(inlines, around, side))
        else:
            raise NotWrittenError

    def _styled(self, around: _Around, name: str) -> _Around:
        return around._replace(style=self.looks.paragraph(name))

    def _paragraph(self, inlines: Sequence[Node], around: _Around) -> Iterator[str]:
        if not inlines:
            raise NotWrittenError
        if not around.style and around.level < 0:
            around = self._styled(around, "First Paragraph" if self.is_first else "Body Text")
        self.is_first = False
        yield self._written(inlines, around)

    def _cell(self, inlines: Sequence[Node], around: _Around, side: str) -> str:
        """Write the paragraph of a cell, which is there even if it is empty."""
        around = self._styled(around._replace(compact=True), "Compact")
        if not inlines:
            return self._written([], around)
        self.is_first = False
        return self._written(inlines, around, f'<w:jc w:val="{side}"/>' if side else "")

    def _written(self, inlines: Sequence[Node], around: _Around, further: str = "") -> str:
        style = f'<w:pStyle w:val="{around.style}"/>' if around.style else ""
        item = f'<w:ilvl w:val="{around.level}"/><w:numId w:val="{around.number}"/>'
        properties = f"{style}{f'<w:numPr>{item}</w:numPr>' if around.level >= 0 else ''}{further}"
        return f"<w:p><w:pPr>{properties}</w:pPr>{self._inlines(inlines, around)}</w:p>"

    def _list(self, marker: Marker, items: Sequence[Sequence[Node]], around: _Around) -> Iterator[str]:
        number = self.lists.add(marker)
        inside = around._replace(level=around.level + 1, compact=True)
        for item in items:
            if not item or item[0]["t"] in ("BulletList", "OrderedList"):
                raise NotWrittenError
            yield from self.blocks(item[:1], inside._replace(number=number))
            yield from self.blocks(item[1:], inside._replace(number=NO_LIST))
        self.is_first = True

    def _inlines(self, nodes: Sequence[Node], around: _Around) -> str:
        return "".join(self._inline(node, around) for node in _joined(nodes))

    def _inline(self, node: Node, around: _Around) -> str:
        kind, content = node["t"], content_of(node)
        if kind in ("Str", "Space"):
            return _run(" " if kind == "Space" else content, around)
        if kind in _FORMATS and kind not in around.formats:
            return self._inlines(content, around._replace(formats=around.formats | {kind}))
        if kind == "Span" and content[0] == NO_ATTRIBUTES:
            return self._inlines(content[1], around)
        if kind == "LineBreak":
            return "<w:r><w:br/></w:r>"
        if kind == "RawInline" and content[0] == "openxml":
            return str(content[1])
        if kind == "Note" and not around.in_note:
            return self._note(content, around)
        raise NotWrittenError

    def _note(self, blocks: Sequence[Node], around: _Around) -> str:
        number = self.looks.last_number + len(self.notes) + 1
        style = self.looks.run("Footnote Reference")
        mark = {"t": "RawInline", "c": ["openxml", _NOTE_MARK.format(style=style)]}
        first, *others = blocks or [{"t": "Null"}]
        if first["t"] in ("Para", "Plain"):
            marked = [{**first, "c": [mark, {"t": "Space"}, *first["c"]]}, *others]
        else:
            marked = [{"t": "Para", "c": [mark]}, *blocks]
        inside = self._styled(_Around(compact=around.compact, in_note=True), "Footnote Text")
        text = "".join(self.blocks(marked, inside))
        self.notes.append(f'<w:footnote w:id="{number}">{text}</w:footnote>')
        return f'<w:r><w:rPr><w:rStyle w:val="{style}"/></w:rPr><w:footnoteReference w:id="{number}"/></w:r>'


def _custom_style(attributes: list[Any]) -> str:
    """Tell the style that is all that a division says; empty where it says nothing."""
    identifier, classes, named = attributes
    if identifier or classes or [name for name, _ in named] not in ([], ["custom-style"]):
        raise NotWrittenError
    return str(named[0][1]) if named else ""


def _joined(nodes: Sequence[Node]) -> Iterator[Node]:
    """Join texts, and the spaces between texts, as pandoc does."""
    text: str | None = None
    for node, following in zip(nodes, [*nodes[1:], None], strict=False):
        if node["t"] == "Str":
            text = (text or "") + node["c"]
        elif node["t"] == "Space" and text is not None and following and following["t"] == "Str":
            text += " "
        else:
            if text:
                yield {"t": "Str", "c": text}
            text = None
            yield node
    if text:
        yield {"t": "Str", "c": text}


def _run(text: str, around: _Around) -> str:
    if _UNUSUAL.search(text):
        raise NotWrittenError
    formats = "".join(xml for name, xml in _FORMATS.items() if name in around.formats)
    properties = f"<w:rPr>{formats}</w:rPr>" if formats else ""
    return f'<w:r>{properties}<w:t xml:space="preserve">{escape(text, quote=False)}</w:t></w:r>'
