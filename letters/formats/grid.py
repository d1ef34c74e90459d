"""Names the classes of what a letter made in Word has and Markdown has not: its tables, and numbers of its own.

Pandoc's own table node has no place for a condition or a loop between rows or cells; Div nodes have. A Div of class
TABLE holds Divs of class ROW (and HEAD, in the head of the table), which hold Divs of class CELL. The attribute
"widths" of the table has the widths of its columns as fractions of the whole. The attributes "colspan" and "rowspan" of
a cell say how many columns and rows it spans; where that is computed, a Span of that class at its beginning does.
"""

from __future__ import annotations

from letters.formats.tree import Node, classes

TABLE, ROW, HEAD, CELL = "word-table", "word-row", "word-head", "word-cell"
SHADE = "cellbg"
"""The class of a Span with the colour that a cell has in Word; the PDF has the colours of the letterhead."""
ITEM_NUMBER = "item-number"
"""The class of a Span before the words of an item of a list, whose number no start and style can say: "1.1"."""
_SPANS = ("colspan", "rowspan")
CLASSES = frozenset((TABLE, ROW, HEAD, CELL, SHADE, ITEM_NUMBER, *_SPANS))


def item_number(blocks: list[Node]) -> tuple[str | None, list[Node]]:
    """Split the blocks of an item: its own number, None where its list counts, and the blocks without it."""
    first = blocks[0] if blocks else None
    inlines = first["c"] if first and first["t"] in ("Para", "Plain") else []
    if not first or not inlines or inlines[0]["t"] != "Span" or ITEM_NUMBER not in classes(inlines[0]):
        return None, blocks
    number = "".join(node["c"] if node["t"] == "Str" else " " for node in inlines[0]["c"][1])
    rest = inlines[1:]
    return number, [*([{**first, "c": rest}] if rest else []), *blocks[1:]]


def is_head(node: Node) -> bool:
    """Return whether a node is a row of a table's head."""
    return node["t"] == "Div" and HEAD in classes(node)


def computed_spans(blocks: list[Node]) -> tuple[list[tuple[str, list[Node]]], list[Node]]:
    """Split the blocks of a cell: its computed spans by name, with their inlines, and the blocks without them."""
    first = blocks[0] if blocks else None
    if not first or first["t"] != "Para":
        return [], blocks
    leads = [node for node in first["c"] if _is_lead(node)]
    rest = [node for node in first["c"] if not _is_lead(node)]
    spans = [(classes(node)[0], node["c"][1]) for node in leads if classes(node)[0] in _SPANS]
    return spans, [*([{**first, "c": rest}] if rest else []), *blocks[1:]]


def _is_lead(node: Node) -> bool:
    return node["t"] == "Span" and bool({SHADE, *_SPANS} & {*classes(node)})
