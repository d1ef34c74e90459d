"""Reads the comments of a Word file, which come over as questions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from letters.tree import Node
from letters.wording.paragraphs import read


def comments(blocks: Sequence[Node]) -> list[str]:
    """List the comments in the tree of a Word file as questions, in the order of the text."""
    found: list[str] = []
    _gather(blocks, found)
    return found


def _gather(value: Any, found: list[str]) -> None:
    if isinstance(value, list):
        for item in value:
            _gather(item, found)
    elif isinstance(value, dict):
        if value.get("t") == "Span" and "comment-start" in value["c"][0][1]:
            keys = dict(value["c"][0][2])
            words = " ".join(part for part, _ in (run for p in read(_as_blocks(value["c"][1])) for run in p.runs))
            found.append(f"{keys.get('author') or 'somebody'}, {keys.get('date', '')[:10]}: {words}")
        else:
            _gather(value.get("c"), found)


def _as_blocks(inlines: list[Node]) -> list[Node]:
    return [{"t": "Para", "c": inlines}]
