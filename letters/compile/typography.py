"""Keeps together what belongs together: the small spaces of legal type, and the last lines above a closing."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

from letters.formats.tree import (
    LEAVES,
    WORD_TABLE,
    Node,
    child_lists,
    children,
    classes,
    table_rows,
    text,
    with_children,
)

NBSP = "\u00a0"
# Of the courts, codes and statutes that the letters of the pack cite.
_REPORTER = r"(?:U\.S\.(?:C\.)?|F\.(?:2d|3d|4th)?|C\.F\.R\.|S\.|Fed\.|Mass\.|Mich\.|Stat\.|WL)"
_MONTH = "(?:January|February|March|April|May|June|July|August|September|October|November|December)"
_NUMBERED = "(?:Nos?|art|amend|cl|ch|pp?|nn?|at|[Nn]otes?|Sections?|Parts?|Bills?|Forms?|MCL|Chapter|Title|Article)"
_KEEP = tuple(
    (re.compile(rf"(?:^|[(\[“‘\s{NBSP}—–]){before}$"), re.compile(after))
    for before, after in (
        (r"(?:§§?|¶¶?)", r"[\dA-Z]"),
        (r"\d+", _REPORTER),
        (rf"{_REPORTER}(?:,)?", r"[\d§]"),
        (r"(?:Supp\.|Cir\.|[23]d|4th)", r"(?:\d|Cir\.)"),
        (rf"{_NUMBERED}\.?", r"[\d§]"),
        (r"Form", r"[A-Z]-"),
        (r"(?:Mr|Ms|Mrs|Dr|Hon|St|Ste)\.", r"\w"),
        (r"vs?\.", r"\S"),
        (r"[TU]", r"[a-z]"),  # the visas
        (_MONTH, r"\d"),
    )
)
"""What stands before and what stands after a space that never breaks."""
# Few words stand before a space that may have to be kept: one pattern leaves all others out at once.
_BEFORE = re.compile("|".join(f"(?:{left.pattern})" for left, _ in _KEEP))
_FIELD = ("x", "1")
"""What may stand in the place of a field: a word or a number."""
_INSIDE = frozenset(("Emph", "Strong", "SmallCaps", "Underline", "Strikeout", "Quoted", "Span", "Link"))
"""Inline nodes whose words stand in the line as they are."""
# A last line of one short word looks like a mistake of the type.
_SHORT_WORD = 10
"""Characters of a last word, with its full stop, that is not left alone on the last line."""
_FIELD_LENGTH = 15
_LONG_PARAGRAPH = 60
"""Characters of a paragraph that has two lines or more."""
KEPT = "kept"
"""The key of a marked block or item, and its class in the page."""
STYLE = (
    f".{KEPT} {{ break-after: avoid; widows: 4 }}\n"
    f"table.{KEPT} tbody tr:nth-last-child(-n + 3) {{ break-before: avoid }}\n"
)
"""The rules of that class. They go before those of letterhead.css, which may be older than the class."""
LINES, LINE = 4, 88
"""Lines that stand above the closing at least; characters of a line, or somewhat more, so as not to count too many."""


def set_spaces(nodes: list[Node]) -> list[Node]:
    """Turn spaces into non-breaking ones in "§ 1357(g)", "567 U.S. 387", "September 17" and their like.

    Words and the spaces between them are joined into one text each.
    """
    # Spaces are settled before either medium is written, so that PDF and Word break alike.
    changed = []
    nodes = _single_spaces(nodes)
    for number, node in enumerate(nodes):
        if node["t"] == "Str":
            changed.append(node)
        elif _is_space(node) and _belongs(nodes[number - 1 : number], nodes[number + 1 : number + 2]):
            changed.append(text(NBSP))
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
            # Noted on the condition, and taken off when the space behind it has been left out.
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
    said = _edge(before, -1)
    if not _may_keep(said):
        return False
    follows = _FIELD if _edge(after, 0) == _FIELD[0] and _is_field(after) else (_edge(after, 0),)
    return any(left.search(said) and any(map(right.match, follows)) for left, right in _KEEP)


@functools.lru_cache(10_000)  # a letter has a few hundred words, each many times
def _may_keep(said: str) -> bool:
    """Return whether a space may belong to the text before it."""
    return _BEFORE.search(said) is not None


def _edge(nodes: Sequence[Node], at: int) -> str:
    """Return the text that nodes begin (0) or end with (-1); empty where that is none, a letter for a field."""
    if not nodes:
        return ""
    node = nodes[at]
    if node["t"] == "Str":
        return str(node["c"])
    if node["t"] == "Field":
        return _FIELD[0] if at == 0 else ""
    if node["t"] in _INSIDE or (node["t"] == "If" and at == 0):
        return _edge(children(node), at)
    return ""


def _is_field(nodes: Sequence[Node]) -> bool:
    return nodes[0]["t"] == "Field" or (nodes[0]["t"] in _INSIDE and _is_field(children(nodes[0])))


def keep_ends(blocks: list[Node]) -> list[Node]:
    """Bind the last two words of each paragraph where the last is short: it is no line by itself.

    Cells of tables stay as they are; their lines are short.
    """
    return [_with_end_kept(block) for block in blocks]


def _with_end_kept(node: Node) -> Node:
    if node["t"] in LEAVES or node["t"] == "Table":
        return node
    node = with_children(node, keep_ends)
    if node["t"] in ("Para", "Plain") and _length([node]) > _LONG_PARAGRAPH:
        return with_children(node, lambda inlines: _bound(inlines, 0)[0])
    return node


def _length(nodes: Sequence[Node]) -> int:
    """Return about how many characters nodes have; notes stand elsewhere."""
    length = 0
    for node in nodes:
        if node["t"] == "Str":
            length += len(node["c"])
        elif node["t"] == "Field":
            length += _FIELD_LENGTH
        elif node["t"] != "Note":
            length += _length(children(node))
    return length


def _bound(nodes: list[Node], length: int) -> tuple[list[Node], int | None]:
    """Bind the last word of nodes to the one before it, given how much of the word stands behind these nodes.

    Return the nodes, and how long the word is where it goes on before them; None where it is settled.
    """
    for position in range(len(nodes) - 1, -1, -1):
        node, kind = nodes[position], nodes[position]["t"]
        if kind == "Note":
            continue
        if kind == "If" and not length:
            branches = [[test, _bound(inside, 0)[0]] for test, inside in node["c"]]
            return [*nodes[:position], {**node, "c": branches}, *nodes[position + 1 :]], None
        if kind in _INSIDE:
            new, more = _bound(children(node), length)
            nodes = [*nodes[:position], holding(node, new), *nodes[position + 1 :]]
            if more is None:
                return nodes, None
            length = more
            continue
        if kind == "Str":
            before, space, word = node["c"].rpartition(" ")
            length += len(word)
            if length > _SHORT_WORD:
                return nodes, None
            if space:
                bound = text(f"{before}{NBSP}{word}") if before and length else node
                return [*nodes[:position], bound, *nodes[position + 1 :]], None
            continue
        if _is_space(node) and length > 0 and position:
            return [*nodes[:position], text(NBSP), *nodes[position + 1 :]], None
        return nodes, None
    return nodes, length


def holding(node: Node, inside: list[Node]) -> Node:
    """Return a node with other nodes in the place of all that it holds."""
    return with_children(node, lambda _: inside)


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


def keep_end(blocks: Sequence[Node]) -> list[Node]:
    """Return the blocks of a letter, with those marked that stay with the closing, if it has one.

    No page shall hold a closing and next to nothing of the letter. The last blocks are walked backwards until they are
    sure to have four lines. Each is marked: no page ends between it and what stands below. The block that reaches the
    four lines may be broken, but four of its lines come to the next page. A block in a condition is marked, and counts
    only as far as every branch has its lines.
    """
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
            count += _FIELD_LENGTH
        elif node["t"] in ("Space", "SoftBreak"):
            count += 1
        elif node["t"] == "If":
            branches: list[Any] = node["c"]
            shortest = min(_least_length(inside) for _, inside in branches)
            count += shortest if any(test is None for test, _ in branches) else 0
        elif node["t"] != "Note":
            count += sum(map(_least_length, child_lists(node)))
    return count
