"""Sets the small spaces of legal type: what belongs together stays on one line."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import zip_longest

from letters.formats.tree import Node, text, with_children

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
_BEFORE = re.compile("|".join(f"(?:{left.pattern})" for left, _ in _KEEP))


def set_spaces(nodes: list[Node]) -> list[Node]:
    """Turn spaces into non-breaking ones in "§ 1357(g)", "567 U.S. 387", "September 17" and their like.

    Words and the spaces between them are joined into one text each.
    """
    changed = []
    nodes = _single_spaces(nodes)
    for number, node in enumerate(nodes):
        if node["t"] == "Str":
            changed.append(node)
        elif _is_space(node) and _belongs(nodes[number - 1 : number], nodes[number + 1 : number + 2]):
            changed.append({"t": "Str", "c": NBSP})
        else:
            changed.append(with_children(node, set_spaces))
    return _joined(changed)


def _single_spaces(nodes: list[Node]) -> list[Node]:
    """Leave one space where a condition inside a paragraph has one on both sides of its tags, as on lines of its own.

    A branch keeps the space at its end and the one behind the condition goes, so that an empty branch leaves none.
    """
    if not any(node["t"] == "If" for node in nodes):
        return nodes
    single: list[Node] = []
    for node, after in zip_longest(nodes, nodes[1:]):
        before = single[-1] if single else None
        if _is_space(node) and before and before["t"] == "If" and before.pop("spaced", None):
            continue
        if node["t"] == "If" and (before is None or _is_space(before)):
            spaced = _is_space(after)
            branches = [[test, _spaced(inside, at_end=spaced)] for test, inside in node["c"]]
            node = {"t": "If", "c": branches, **({"spaced": True} if spaced else {})}
        single.append(node)
    return single


def _spaced(nodes: list[Node], *, at_end: bool) -> list[Node]:
    """Take the space off the start of a branch, and put one at its end where one is wanted."""
    inside = nodes[1:] if nodes and _is_space(nodes[0]) else list(nodes)
    if at_end and inside and not _is_space(inside[-1]):
        inside.append({"t": "Space"})
    return inside


def _is_space(node: Node | None) -> bool:
    return node is not None and node["t"] in ("Space", "SoftBreak")


def _belongs(before: list[Node], after: list[Node]) -> bool:
    if not (before and after and before[0]["t"] == "Str" and _BEFORE.search(before[0]["c"])):
        return False
    follows = after[0]["c"] if after[0]["t"] == "Str" else "x" if after[0]["t"] == "Field" else ""
    return any(left.search(before[0]["c"]) and right.match(follows) for left, right in _KEEP)


def _joined(nodes: Sequence[Node]) -> list[Node]:
    """Join words and the spaces between them; a space before or after anything else stays a node of its own."""
    shorter: list[Node] = []
    words: list[str] = []
    spaces: list[Node] = []
    for node in nodes:
        if node["t"] == "Str":
            words += (" ", node["c"]) if spaces else (node["c"],)
            spaces.clear()
        elif node["t"] == "Space" and words and not spaces:
            spaces.append(node)
        else:
            shorter += (*_as_text(words), *spaces, node)
            words.clear()
            spaces.clear()
    return [*shorter, *_as_text(words), *spaces]


def _as_text(words: Sequence[str]) -> list[Node]:
    return [text("".join(words))] if words else []
