"""Names the divisions that a table from Word is made of, so that conditions and loops can stand among rows and cells.

A division of class TABLE holds rows, of class ROW, those of its head HEAD, too; a row holds cells, of class CELL. The
widths of the columns, as parts of a whole, stand in an attribute of the table; how many columns or rows a cell spans
stands in attributes of the cell, or in spans of these names at its beginning where that is computed.
"""

from __future__ import annotations

from letters.tree import Node, classes

TABLE, ROW, HEAD, CELL = "word-table", "word-row", "word-head", "word-cell"
SHADE = "cellbg"
"""A span of this class tells the colour of a cell in Word; the PDF has the colours of the letterhead."""
_SPANS = ("colspan", "rowspan")
CLASSES = frozenset((TABLE, ROW, HEAD, CELL, SHADE, *_SPANS))


def is_head(node: Node) -> bool:
    """Tell whether a node is a row of a table's head."""
    return node["t"] == "Div" and HEAD in classes(node)


def computed_spans(blocks: list[Node]) -> tuple[list[tuple[str, list[Node]]], list[Node]]:
    """Tell what is computed of the spans of a cell, and the blocks without it."""
    first = blocks[0] if blocks else None
    if not first or first["t"] != "Para":
        return [], blocks
    leads = [node for node in first["c"] if _is_lead(node)]
    rest = [node for node in first["c"] if not _is_lead(node)]
    spans = [(classes(node)[0], node["c"][1]) for node in leads if classes(node)[0] in _SPANS]
    return spans, [*([{**first, "c": rest}] if rest else []), *blocks[1:]]


def _is_lead(node: Node) -> bool:
    return node["t"] == "Span" and bool({SHADE, *_SPANS} & {*classes(node)})
