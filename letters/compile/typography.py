"""Sets the small spaces of legal type: what belongs together stays on one line."""

from __future__ import annotations

import re

from letters.tree import Node, with_children

NBSP = "\u00a0"
_REPORTER = r"(?:U\.S\.(?:C\.)?|F\.(?:2d|3d|4th)?|C\.F\.R\.|S\.|Fed\.|Mass\.|Mich\.|Stat\.|WL)"
_MONTH = "(?:January|February|March|April|May|June|July|August|September|October|November|December)"
_NUMBERED = "(?:Nos?|art|amend|cl|ch|pp?|nn?|at|notes?|Sections?|Part|Bill|Form|MCL|Chapter)"
_KEEP = tuple(
    (re.compile(rf"(?:^|[(\[“‘]){before}$"), re.compile(after))
    for before, after in (
        (r"(?:§§?|¶¶?)", r"[\dA-Z]"),
        (r"\d+", _REPORTER),
        (rf"{_REPORTER}(?:,)?", r"[\d§]"),
        (r"(?:Supp\.|Cir\.|[23]d|4th)", r"(?:\d|Cir\.)"),
        (rf"{_NUMBERED}\.?", r"[\d§]"),
        (r"(?:Mr|Ms|Mrs|Dr|Hon|St|Ste)\.", r"\w"),
        (_MONTH, r"\d"),
    )
)
"""What stands before and what stands after a space that never breaks."""


def set_spaces(nodes: list[Node]) -> list[Node]:
    """Turn spaces into non-breaking ones in "§ 1357(g)", "567 U.S. 387", "September 17" and their like."""
    changed = []
    for number, node in enumerate(nodes):
        if node["t"] in ("Space", "SoftBreak") and _belongs(nodes[number - 1 : number], nodes[number + 1 : number + 2]):
            node = {"t": "Str", "c": NBSP}
        changed.append(with_children(node, set_spaces))
    return changed


def _belongs(before: list[Node], after: list[Node]) -> bool:
    if not (before and after and before[0]["t"] == "Str"):
        return False
    follows = after[0]["c"] if after[0]["t"] == "Str" else "x" if after[0]["t"] == "Field" else ""
    return any(left.search(before[0]["c"]) and right.match(follows) for left, right in _KEEP)
