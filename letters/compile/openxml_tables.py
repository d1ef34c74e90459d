"""Writes a table as pandoc does (ECMA-376 part 1, 17.4)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from letters.compile.openxml_looks import NotWrittenError
from letters.formats.tree import Node

_TWIPS = 7920
"""What pandoc takes for the measure; the columns are widened to the real one later."""
_SIDES = {"AlignLeft": "left", "AlignRight": "right", "AlignCenter": "center", "AlignDefault": ""}
NO_ATTRIBUTES: list[Any] = ["", [], []]

WriteCell = Callable[[Sequence[Node], str], str]
"""Writes the paragraph of a cell, given what is in it and its side."""


def write_table(content: list[Any], write_cell: WriteCell) -> str:
    """Write a table of cells that hold a text each; raises NotWrittenError for any other."""
    attributes, caption, columns, head, bodies, foot = content
    plain = attributes == head[0] == NO_ATTRIBUTES and caption == [None, []] and foot == [NO_ATTRIBUTES, []]
    if not plain or [body[:3] for body in bodies] != [[NO_ATTRIBUTES, 0, []]] or len(head[1]) > 1:
        raise NotWrittenError
    sides = [_SIDES[side["t"]] for side, _ in columns]
    rows = [_row(row, sides, write_cell, is_head=True) for row in head[1]]
    rows += [_row(row, sides, write_cell) for row in bodies[0][3]]
    widths = [width.get("c", 0.0) for _, width in columns]
    return f"<w:tbl>{_properties(widths, bool(head[1]))}{_grid(widths)}{''.join(rows)}</w:tbl>"


def _row(row: list[Any], sides: Sequence[str], write_cell: WriteCell, *, is_head: bool = False) -> str:
    attributes, cells = row
    texts = [_text_of(cell) for cell in cells]
    if attributes != NO_ATTRIBUTES or len(cells) != len(sides) or not any(texts):
        raise NotWrittenError
    written = [write_cell(text, side) for text, side in zip(texts, sides, strict=True)]
    mark = '<w:trPr><w:tblHeader w:val="on"/></w:trPr>' if is_head else ""
    return f"<w:tr>{mark}{''.join(f'<w:tc><w:tcPr/>{each}</w:tc>' for each in written)}</w:tr>"


def _text_of(cell: list[Any]) -> list[Node]:
    attributes, side, rows, columns, blocks = cell
    usual = attributes == NO_ATTRIBUTES and side["t"] == "AlignDefault" and (rows, columns) == (1, 1)
    if not usual or [(block["t"], bool(block["c"])) for block in blocks] not in ([], [("Plain", True)]):
        raise NotWrittenError
    text: list[Node] = blocks[0]["c"] if blocks else []
    return text


def _properties(widths: Sequence[float], has_head: bool) -> str:
    wide = '<w:tblW w:type="auto" w:w="0"/>'
    if any(widths):
        if not all(widths) or abs(sum(widths) - 1) > 1e-9:
            raise NotWrittenError
        wide = '<w:tblW w:type="pct" w:w="5000"/><w:tblLayout w:type="fixed"/>'
    look = f'w:firstRow="{has_head:d}" w:lastRow="0" w:firstColumn="0" w:lastColumn="0" w:noHBand="0" w:noVBand="0"'
    return f'<w:tblPr><w:tblStyle w:val="Table"/>{wide}<w:tblLook {look} w:val="00{has_head * 2}0"/></w:tblPr>'


def _grid(widths: Sequence[float]) -> str:
    columns = (int(_TWIPS * (width or 1 / len(widths))) for width in widths)
    return "<w:tblGrid>" + "".join(f'<w:gridCol w:w="{column}"/>' for column in columns) + "</w:tblGrid>"
