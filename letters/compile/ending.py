"""Keeps at least four lines above the closing, so that no page holds a closing and next to nothing of the letter.

The last blocks are walked backwards until they are sure to have four lines. Each is marked: no page ends between it and
what stands below. The block that reaches the four lines may be broken, but four of its lines come to the next page. A
block in a condition is marked, and counts only as far as every branch has its lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from letters.formats.tree import WORD_TABLE, Node, child_lists, classes, table_rows

KEPT = "kept"
"""The key of a marked block or item, and its class in the page."""
STYLE = (
    f".{KEPT} {{ break-after: avoid; widows: 4 }}\n"
    f"table.{KEPT} tbody tr:nth-last-child(-n + 3) {{ break-before: avoid }}\n"
)
"""The rules of that class. They go before those of letterhead.css, which may be older than the class."""
LINES, LINE = 4, 88
"""Lines that stand above the closing at least; characters of a line, or somewhat more, so as not to count too many."""
_FIELD = 15
"""Characters of a value that is not known yet."""


def keep_end(blocks: Sequence[Node]) -> list[Node]:
    """Return the blocks of a letter, with those marked that stay with the closing, if it has one."""
    marked = list(blocks)
    for number, node in enumerate(marked):
        if node["t"] == "Div" and "closing" in classes(node):
            marked[:number], _ = _kept(marked[:number], LINES)
    return marked


def _kept(blocks: Sequence[Node], need: int) -> tuple[list[Node], int]:
    """Mark blocks from the last one upwards until they have the lines that are needed; return what is needed still."""
    marked = list(blocks)
    for number in range(len(marked) - 1, -1, -1):
        if need <= 0:
            break
        marked[number], need = _kept_block(marked[number], need)
    return marked, need


def _kept_block(node: Node, need: int) -> tuple[Node, int]:
    kind = node["t"]
    if kind == "If":
        return _kept_condition(node, need)
    if kind == "For":  # which may run over nothing
        name, expression, inside = node["c"]
        return {**node, "c": [name, expression, _kept(inside, need)[0]]}, need
    if kind in ("BulletList", "OrderedList"):
        items, left = _kept(node["c"] if kind == "BulletList" else node["c"][1], need)
        return {**node, "c": items if kind == "BulletList" else [node["c"][0], items]}, left
    if kind in ("Item", "BlockQuote"):
        inside, left = _kept(node["c"], need)
        return {**node, "c": inside, **({KEPT: True} if kind == "Item" else {})}, left
    if kind == "Table":
        return {**node, KEPT: True}, need - len(table_rows(node))
    if kind == "Div":
        attributes, inside = node["c"]
        if WORD_TABLE in attributes[1]:
            return {**node, KEPT: True}, need - sum(row["t"] == "Div" for row in inside)
        inside, left = _kept(inside, need)
        return {**node, "c": [attributes, inside]}, left
    if kind in ("Para", "Plain"):
        return {**node, KEPT: True}, need - -(-_least_length([node]) // LINE)
    if kind == "LineBlock":
        return {**node, KEPT: True}, need - len(node["c"])
    return node, need


def _kept_condition(node: Node, need: int) -> tuple[Node, int]:
    branches, left = [], 0
    for test, inside in node["c"]:
        marked, needed = _kept(inside, need)
        branches.append([test, marked])
        left = max(left, needed)
    has_else = any(test is None for test, _ in node["c"])
    return {**node, "c": branches}, left if has_else else need


def _least_length(nodes: Sequence[Node]) -> int:
    """Return about how many characters nodes have, without notes; a condition counts as its shortest branch."""
    count = 0
    for node in nodes:
        if node["t"] == "Str":
            count += len(node["c"])
        elif node["t"] == "Field":
            count += _FIELD
        elif node["t"] in ("Space", "SoftBreak"):
            count += 1
        elif node["t"] == "If":
            branches: list[Any] = node["c"]
            shortest = min(_least_length(inside) for _, inside in branches)
            count += shortest if any(test is None for test, _ in branches) else 0
        elif node["t"] != "Note":
            count += sum(map(_least_length, child_lists(node)))
    return count
