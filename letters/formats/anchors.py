"""Settles the links of a tree that lead to a place in the same text: each finds its place, or becomes plain words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple
from urllib.parse import unquote

from letters.formats.tree import Node, text, walk, with_children

SAFE_LINK = re.compile(r"(https?://\w|mailto:|tel:|#)", re.IGNORECASE)
"""Beginnings of what a letter may link to; other addresses lead into the computer or the network of its reader."""

_WITH_ID = {"Header": 1, "Span": 0, "Div": 0}
"""Nodes that have an id, and where their attributes stand in their content."""
PAGE = "\ue026"
"""Stands for the page number that a cross-reference shows, as the whole text of its link."""
PAGE_CLASS = "page-ref"
"""The class of a link that shows the page of its place."""


class Anchored(NamedTuple):
    """Blocks whose links all have places."""

    blocks: list[Node]
    missing: tuple[str, ...]
    """The names of places that links led to and that are not there; these links are plain words now."""


def settle_anchors(blocks: Sequence[Node], prefix: str) -> Anchored:
    """Return blocks in which places keep an id, with a prefix, only where a link leads to them."""
    wanted = {target for node in walk(blocks) if node["t"] == "Link" and (target := _target(node))}
    there = {node["c"][_WITH_ID[node["t"]]][0] for node in walk(blocks) if node["t"] in _WITH_ID}
    names = {name: f"{prefix}{re.sub(r'[^A-Za-z0-9]+', '-', name)}" for name in wanted & there}
    return Anchored(_settled(blocks, names), tuple(sorted(wanted - there)))


def _target(link: Node) -> str:
    address = str(link["c"][2][0])
    return unquote(address[1:]) if address.startswith("#") else ""


def _settled(nodes: Sequence[Node], names: Mapping[str, str]) -> list[Node]:
    settled: list[Node] = []
    for node in nodes:
        node = with_children(node, lambda inside: _settled(inside, names))
        if node["t"] in _WITH_ID:
            at = _WITH_ID[node["t"]]
            attributes = node["c"][at]
            named = [names.get(attributes[0], ""), *attributes[1:]]
            node = {**node, "c": [*node["c"][:at], named, *node["c"][at + 1 :]]}
        elif node["t"] == "Link" and (target := _target(node)):
            settled += [_link(node, names[target])] if target in names else _words(node)
            continue
        settled.append(node)
    return settled


def _link(node: Node, name: str) -> Node:
    (identifier, classes, pairs), inlines, (_, title) = node["c"]
    if inlines == [text(PAGE)]:
        classes, inlines = [*classes, PAGE_CLASS], []
    return {"t": "Link", "c": [[identifier, classes, pairs], inlines, [f"#{name}", title]]}


def _words(node: Node) -> list[Node]:
    """Return the words of a link without a place; a page that nobody can know becomes a question mark."""
    return [text("?")] if node["c"][1] == [text(PAGE)] else list(node["c"][1])
