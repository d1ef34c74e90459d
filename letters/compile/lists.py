"""Joins lists that conditions or loops have cut apart, so that numbers run on and no list is empty."""

from __future__ import annotations

from collections.abc import Sequence

from letters.formats.tree import Node

_LISTS = ("BulletList", "OrderedList")


def join_lists(blocks: Sequence[Node]) -> list[Node]:
    """Join neighbouring lists of one kind; conditions and loops around whole lists go inside, among the items."""
    joined: list[Node] = []
    for block in blocks:
        if joined and (merged := _merged(joined[-1], block)):
            joined[-1] = merged
        else:
            joined.append(block)
    return [_hoisted(block) if block["t"] == "For" and _kind(block) else block for block in joined]


def _merged(first: Node, second: Node) -> Node | None:
    kind = _kind(first)
    if kind is None or kind != _kind(second) or "If" == first["t"] == second["t"]:
        return None
    return _list_like(first, [*_items(first), *_items(second)])


def _hoisted(block: Node) -> Node:
    return _list_like(block, _items(block))


def _kind(block: Node) -> tuple[str, str] | None:
    """Return the kind of list that a block is or wholly consists of: bullets, or the style of the numbers."""
    if block["t"] in _LISTS:
        return block["t"], str(block["c"][0][1:]) if block["t"] == "OrderedList" else ""
    if block["t"] in ("If", "For"):
        branches = [nodes for _, nodes in block["c"]] if block["t"] == "If" else [block["c"][2]]
        kinds = {_kind(nodes[0]) if len(nodes) == 1 else None for nodes in branches}
        return kinds.pop() if len(kinds) == 1 else None
    return None


def _items(block: Node) -> list[Node]:
    if block["t"] == "BulletList":
        return list(block["c"])
    if block["t"] == "OrderedList":
        return list(block["c"][1])
    if block["t"] == "For":
        name, expression, (only,) = block["c"]
        return [{**block, "c": [name, expression, _items(only)]}]
    return [{"t": "If", "c": [[test, _items(nodes[0])] for test, nodes in block["c"]]}]


def _list_like(block: Node, items: list[Node]) -> Node:
    """Make a list of the kind that a block is, or that is inside it."""
    if block["t"] in _LISTS:
        attributes = block["c"][:1] if block["t"] == "OrderedList" else []
        return {"t": block["t"], "c": [*attributes, items] if attributes else items}
    inner: Node = block["c"][0][1][0] if block["t"] == "If" else block["c"][2][0]
    return _list_like(inner, items)
