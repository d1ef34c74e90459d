"""Makes the table of contents of a long letter: its headings, under the same conditions, before the first of them."""

from __future__ import annotations

from itertools import count

from letters.compile.settle import Settled
from letters.formats.tree import Node, with_children

ANCHOR = "anchor"
"""The key of a heading that the contents list, with its number from 1."""


def with_contents(settled: Settled, level: int) -> Settled | None:
    """Put the contents before the first heading of a level; None where there is none.

    Headings in a loop are not listed, since a turn more would be a heading more.
    """
    numbers = count(1)
    blocks = [_numbered(block, level, numbers) for block in settled.blocks]
    entries = _entries(blocks)
    if not entries:
        return None
    first = next(position for position, block in enumerate(blocks) if _entries([block]))
    contents: Node = {"t": "Contents", "c": entries}
    return settled._replace(blocks=[*blocks[:first], contents, *blocks[first:]])


def _numbered(node: Node, level: int, numbers: count[int]) -> Node:
    if node["t"] == "Header" and node["c"][0] == level:
        return {**node, ANCHOR: next(numbers)}
    if node["t"] in ("If", "Div"):
        return with_children(node, lambda nodes: [_numbered(child, level, numbers) for child in nodes])
    return node


def _entries(nodes: list[Node]) -> list[Node]:
    """List the numbered headings as entries; a condition around any of them stands around their entries."""
    entries: list[Node] = []
    for node in nodes:
        if ANCHOR in node:
            entries.append({"t": "Entry", "c": [node[ANCHOR], _without_notes(node["c"][2])]})
        elif node["t"] == "Div":
            entries += _entries(node["c"][1])
        elif node["t"] == "If":
            branches = [[test, _entries(inside)] for test, inside in node["c"]]
            if any(inside for _, inside in branches):
                entries.append({"t": "If", "c": branches})
    return entries


def _without_notes(nodes: list[Node]) -> list[Node]:
    return [with_children(node, _without_notes) for node in nodes if node["t"] != "Note"]
