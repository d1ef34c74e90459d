"""Reads an edited draft through pandoc into the letter tree, so that its PDF is rendered like any other letter's."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from letters.formats import pandoc
from letters.formats.docx.normalize import PART_END, RULE, TAB, normalized
from letters.formats.docx.numbering import settle_labels
from letters.formats.docx.text import DocxText, is_contents, made_anew
from letters.formats.tree import (
    ITEM_NUMBER,
    SAFE_LINK,
    Node,
    child_lists,
    content_of,
    settle_anchors,
    text,
    with_children,
)

_PLAIN_STYLES = frozenset(
    [
        *("body text", "body text 2", "body text 3", "first paragraph", "compact", "normal", "normal (web)"),
        *("no spacing", "text body", "table text", "list paragraph", "list bullet", "list number", "footnote text"),
    ]
)
"""Paragraph styles of plain text, which become no division."""
# What is a class in HTML, CSS and pandoc's Markdown without being escaped.
_KEPT_CLASS = re.compile(r"[a-z][a-z0-9-]*")
_SIGNATURE = "signature"
# One division in the letter, and in Word a paragraph for each line.
_GROUPED = frozenset(("inside-address", "enclosures", "copies", "memo-head", "press-contacts", "press-head"))


@dataclass(frozen=True, slots=True)
class PartText:
    """One part of a draft, the letter or an enclosure: its blocks, and the names of its notes in order."""

    blocks: list[Node]
    notes: tuple[str, ...]
    has_contents: bool = False
    """Whether it holds a table of contents; the PDF's is generated from the headings."""


def read_parts(document: DocxText, count: int) -> list[PartText]:
    """Return the `count` parts of a draft, as if its tracked changes were accepted.

    The document is changed on the way and of no further use. Raises Unclear where the parts cannot be told apart.
    """
    names = frozenset(document.style_names.values())
    content, labels = normalized(document, count)
    blocks: list[list[Node]] = [[]]
    for block in settle_labels(pandoc.read_docx(content), labels):
        if _said(block) == PART_END:
            blocks.append([])
        else:
            blocks[-1].append(block)
    # Marks that a person copied make more parts than there are: what is behind the last one is the last part's.
    kept = [*blocks[: count - 1], [block for part in blocks[count - 1 :] for block in part]]
    is_passed = made_anew(document.style_names)
    parts = [_converted(each, number, is_passed) for number, each in enumerate(kept)]
    return [_raised(parts[0]), *parts[1:]] if _OLDER & names and _NEWER not in names else parts


_OLDER, _NEWER = frozenset(("letterhead name",)), "enclosure title"
"""Styles of our template, and of the one since which a letter begins with Heading 1; before that it was Heading 2."""


def _raised(part: PartText) -> PartText:
    """Return the letter of a draft from before with its headings a level higher, if none is of the first."""
    if any(node["t"] == "Header" and node["c"][0] == 1 for node in part.blocks):
        return part
    blocks = [
        {**node, "c": [node["c"][0] - 1, *node["c"][1:]]} if node["t"] == "Header" else node for node in part.blocks
    ]
    return replace(part, blocks=blocks)


def read_words(document: DocxText) -> list[Node]:
    """Return the letter tree of all of a draft, to compare its words: without the numbers of lists, and undivided.

    The document is changed on the way and of no further use.
    """
    return _converted(pandoc.read_docx(normalized(document, 1)[0]), 0, made_anew(document.style_names)).blocks


def _converted(blocks: Sequence[Node], part: int, is_passed: Callable[[str], bool]) -> PartText:
    converter = _Converter(part, is_passed)
    tree = settle_anchors(_without_tabs(converter.blocks(blocks)), f"to-{part}-").blocks
    return PartText(tree, tuple(converter.notes), converter.has_contents)


class _Converter:
    """Converts pandoc's tree of a DOCX into the letter tree of one part."""

    def __init__(self, part: int, is_passed: Callable[[str], bool]) -> None:
        self.part = part
        self.is_passed = is_passed
        """Tells the styles of contents that the PDF makes anew."""
        self.notes: list[str] = []
        self.has_contents = False

    def blocks(self, nodes: Sequence[Node]) -> list[Node]:
        return _grouped([converted for node in nodes for converted in self._block(node)])

    def _block(self, node: Node) -> list[Node]:
        kind, content = node["t"], content_of(node)
        if _said(node) == RULE:
            return [{"t": "HorizontalRule"}]
        if kind == "Div":
            return self._division(content)
        if kind == "Header":
            return [{"t": "Header", "c": [content[0], [content[1][0], [], []], self.inlines(content[2])]}]
        if kind in ("BulletList", "OrderedList"):
            return [self._list(node)]
        if kind == "Table":
            return [self._table(node)]
        if kind == "BlockQuote":
            return [{"t": "BlockQuote", "c": self.blocks(content)}]
        if kind == "CodeBlock":  # the style "Source Code"; a letter has none
            return [{"t": "Para", "c": [text(content[1])]}]
        if kind in ("Para", "Plain"):
            inlines = self.inlines(content)
            return [{"t": kind, "c": inlines}] if inlines else []
        return self.blocks([child for group in child_lists(node) for child in group])

    def _division(self, content: Any) -> list[Node]:
        style = _style(content[0])
        if self.is_passed(style):
            self.has_contents = True
            return []
        inside = self.blocks(content[1])
        # Named styles are divisions of the letter, such as "inside address"; names that no class can have are dropped.
        name = style.replace(" ", "-")
        if not inside or not style or style in _PLAIN_STYLES or is_contents(style) or not _KEPT_CLASS.fullmatch(name):
            return inside
        return [{"t": "Div", "c": [["", [name], []], [_with_label(block) for block in inside]]}]

    def _list(self, node: Node) -> Node:
        items = node["c"] if node["t"] == "BulletList" else node["c"][1]
        converted = [{"t": "Item", "c": self.blocks(item)} for item in items]
        if node["t"] == "BulletList":
            return {"t": "BulletList", "c": converted}
        return {"t": "OrderedList", "c": [node["c"][0], converted]}

    def _table(self, node: Node) -> Node:
        """Convert a table; the table that a Word letter lays signatures out in becomes their division again."""
        # Cells are lists of blocks, which cannot be keys; they live as long as the node does.
        cells = {id(cell): self.blocks(cell) for cell in child_lists(node)}
        filled = [cell for cell in cells.values() if cell]
        if filled and all(_is_signature(cell) for cell in filled):
            return {"t": "Div", "c": [["", ["signatures"], []], [block for cell in filled for block in cell]]}
        return _with_whole_width(with_children(node, lambda cell: _flat(cells[id(cell)])))

    def inlines(self, nodes: Sequence[Node]) -> list[Node]:
        return [converted for node in nodes for converted in self._inline(node)]

    def _inline(self, node: Node) -> list[Node]:
        kind, content = node["t"], content_of(node)
        if kind == "Note":
            return [self._note(content)]
        if kind == "Span":
            inside = self.inlines(content[1])
            if ITEM_NUMBER in content[0][1] or (content[0][0] and not inside):  # an empty one is a bookmark
                return [{**node, "c": [content[0], inside]}]
            name = _style(content[0]).replace(" ", "-")
            return inside if not name or not inside else self._styled(name, inside)
        if kind in ("Image", "Math", "RawInline", "Cite"):
            return []  # named as lost when the draft was judged
        if kind == "Code":
            return [text(content[1])]
        if kind == "Link" and not SAFE_LINK.match(content[2][0]):  # named when the draft was judged
            return self.inlines(content[1])
        return [with_children(node, self.inlines)] if child_lists(node) else [node]

    def _styled(self, name: str, inside: list[Node]) -> list[Node]:
        # The style around the call of a note, as Word and LibreOffice name it; a typed number in it is dropped.
        if name in ("footnote-reference", "footnote-characters", "footnote-anchor"):
            return [node for node in inside if node["t"] == "Note"]
        if name in ("strong", "emphasis"):
            return [{"t": "Strong" if name == "strong" else "Emph", "c": inside}]
        return inside

    def _note(self, blocks: Sequence[Node]) -> Node:
        name = f"note {len(self.notes) + 1}"
        self.notes.append(name)
        inside = [_without_lead(block) for block in self.blocks(blocks)] or [{"t": "Para", "c": []}]
        return {"t": "Note", "name": name, "c": inside}


def _with_whole_width(table: Node) -> Node:
    """Scale the widths of the columns to a sum of 1: pandoc gives them as fractions of the page."""
    # ColWidthDefault has no content.
    widths = [width.get("c") or 0 for _, width in table["c"][2]]
    if not all(widths):
        return table
    columns = [
        [align, {"t": "ColWidth", "c": width / sum(widths)}]
        for (align, _), width in zip(table["c"][2], widths, strict=True)
    ]
    return {**table, "c": [*table["c"][:2], columns, *table["c"][3:]]}


def _without_lead(block: Node) -> Node:
    """Remove the space between the number of a note and its text."""
    inlines = block["c"] if block["t"] in ("Para", "Plain") else []
    return {**block, "c": inlines[1:]} if inlines and _is_blank(inlines[0]) else block


def _is_blank(node: Node) -> bool:
    return node["t"] in ("Space", "SoftBreak") or (node["t"] == "Str" and node["c"] == TAB)


def _style(attributes: Any) -> str:
    found = next((value for key, value in attributes[2] if key == "custom-style"), "")
    return str(found).lower()


def _said(node: Node) -> str:
    """Return the text of a paragraph of one word; empty for anything else."""
    # A paragraph with a named style comes in a division.
    while node["t"] == "Div" and len(node["c"][1]) == 1:
        node = node["c"][1][0]
    inlines = node.get("c") if node["t"] in ("Para", "Plain") else None
    return str(inlines[0]["c"]) if inlines and len(inlines) == 1 and inlines[0]["t"] == "Str" else ""


def _is_signature(cell: Sequence[Node]) -> bool:
    return all(block["t"] == "Div" and block["c"][0][1] == [_SIGNATURE] for block in cell)


def _flat(cell: list[Node]) -> list[Node]:
    """Make the only paragraph of a cell plain, without space around it."""
    alone = len(cell) == 1 and cell[0]["t"] == "Para"
    return [{**cell[0], "t": "Plain"}] if alone else cell


def _grouped(blocks: Sequence[Node]) -> list[Node]:
    """Join adjacent divisions that are one block of the letterhead, such as the lines of an address."""
    joined: list[Node] = []
    for block in blocks:
        last = joined[-1] if joined else None
        is_same = last is not None and block["t"] == last["t"] == "Div" and block["c"][0] == last["c"][0]
        if last and is_same and _GROUPED.intersection(block["c"][0][1][:1]):
            joined[-1] = {"t": "Div", "c": [last["c"][0], [*last["c"][1], *block["c"][1]]]}
        else:
            joined.append(block)
    return joined


def _with_label(block: Node) -> Node:
    """Make what is before the first tab a label, such as the "Re:" of a reference line."""
    if block["t"] not in ("Para", "Plain"):
        return block
    pieces = _split_tabs(block["c"])
    place = next((n for n, node in enumerate(pieces) if node["t"] == "Str" and node["c"] == TAB), None)
    if place is None:
        return block
    label = {"t": "Span", "c": [["", ["label"], []], pieces[:place]]}
    rest = pieces[place + 1 :]
    return {**block, "c": [label, *([] if rest and _is_blank(rest[0]) else [{"t": "Space"}]), *rest]}


def _split_tabs(inlines: Sequence[Node]) -> list[Node]:
    pieces: list[Node] = []
    for node in inlines:
        if node["t"] == "Str" and TAB in node["c"]:
            pieces += [text(part) for part in re.split(f"({TAB})", node["c"]) if part]
        else:
            pieces.append(node)
    return pieces


def _without_tabs(nodes: list[Node]) -> list[Node]:
    """Replace the remaining tabs, which have no meaning in a letter tree, by spaces."""
    pieces = _split_tabs(nodes)
    return [{"t": "Space"} if each == text(TAB) else with_children(each, _without_tabs) for each in pieces]
