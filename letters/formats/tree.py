"""The letter tree: pandoc's document tree as plain JSON values, with fields, conditions and loops as further nodes.

A node is {"t": kind, "c": content}. Kinds and contents are pandoc's (pandoc-types 1.23), except that

* Field has the number of a slot, see FieldUse;
* If has a list of branches [expression or None for else, nodes];
* For has [name, expression, nodes], and as read an additional "tag", the number of its statement;
* Note has an additional "name";
* Contents, a table of contents, has entries, and Entry has [number of its heading, nodes];
* the items of a list are nodes of kind Item, so that a condition or a loop can stand among them.

If and For stand among blocks, among inlines and among items; their nodes are of the same sort as their neighbours.
Links to a place in the same text are settled here: each finds its place, or becomes plain words.

Pandoc's own table node has no place for a condition or a loop between rows or cells; Div nodes have. A Div of class
WORD_TABLE holds Divs of class WORD_ROW (and WORD_HEAD, in the head of the table), which hold Divs of class WORD_CELL.
The attribute "widths" of the table has the widths of its columns as fractions of the whole. The attributes "colspan"
and "rowspan" of a cell say how many columns and rows it spans; where that is computed, a Span of that class at its
beginning does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import unquote

Node = dict[str, Any]

YES, NO = "true", "false"
"""Expressions of Jinja for what always, or never, has words."""
LEAVES = frozenset(("Str", "Space", "SoftBreak", "Field"))
"""Most nodes of a letter are one of these, which have nothing inside them."""
_BLOCK_PARENTS = frozenset(("Div", "BlockQuote", "Note", "Item", "Contents"))
_INLINE_PARENTS = frozenset(
    [
        *("Para", "Plain", "Header", "Entry", "Emph", "Strong", "SmallCaps", "Underline", "Superscript", "Subscript"),
        *("Strikeout", "Quoted", "Span", "Link"),
    ]
)
_CONTENT_AT = {"Div": 1, "Header": 2, "Entry": 1, "Span": 1, "Quoted": 1, "Link": 1}
"""Where the children stand in the content of a node; the other parents have nothing but children."""
SAFE_LINK = re.compile(r"(https?://\w|mailto:|tel:|#)", re.IGNORECASE)
"""Beginnings of what a letter may link to; other addresses lead into the computer or the network of its reader."""
_WITH_ID = {"Header": 1, "Span": 0, "Div": 0}
"""Nodes that have an id, and where their attributes stand in their content."""
PAGE = "\ue026"
"""Stands for the page number that a cross-reference shows, as the whole text of its link."""
PAGE_CLASS = "page-ref"
"""The class of a link that shows the page of its place."""
WORD_TABLE, WORD_ROW, WORD_HEAD, WORD_CELL = "word-table", "word-row", "word-head", "word-cell"
WORD_SHADE = "cellbg"
"""The class of a Span with the colour that a cell has in Word; the PDF has the colours of the letterhead."""
ITEM_NUMBER = "item-number"
"""The class of a Span before the words of an item of a list, whose number no start and style can say: "1.1"."""
_SPANS = ("colspan", "rowspan")
WORD_CLASSES = frozenset((WORD_TABLE, WORD_ROW, WORD_HEAD, WORD_CELL, WORD_SHADE, ITEM_NUMBER, *_SPANS))


def content_of(node: Node) -> Any:
    """Return the content of a node; spaces and breaks have none."""
    return node.get("c")


def children(node: Node) -> list[Node]:
    """List the nodes directly inside a node, the branches of a condition one after the other."""
    return [child for group in child_lists(node) for child in group]


def child_lists(node: Node) -> list[list[Node]]:
    """List the groups of nodes directly inside a node: one for most; one per branch, line or cell for others."""
    kind, content = node["t"], content_of(node)
    if kind in LEAVES:
        return []
    if kind == "If":
        return [nodes for _, nodes in content]
    if kind == "For":
        return [content[2]]
    if kind in _BLOCK_PARENTS or kind in _INLINE_PARENTS:
        return [content[_CONTENT_AT[kind]] if kind in _CONTENT_AT else content]
    if kind == "BulletList":
        return [content]
    if kind == "OrderedList":
        return [content[1]]
    if kind == "LineBlock":
        return list(content)
    if kind == "Table":
        caption = node["c"][1][1]
        return [*([caption] if caption else []), *(cell[4] for row in table_rows(node) for cell in row[1])]
    return []


def with_children(node: Node, change: Callable[[list[Node]], list[Node]]) -> Node:
    """Copy a node with every group of its children changed."""
    kind, content = node["t"], content_of(node)
    if kind in LEAVES:
        return node
    if kind == "If":
        return {**node, "c": [[test, change(nodes)] for test, nodes in content]}
    if kind == "For":
        return {**node, "c": [content[0], content[1], change(content[2])]}
    if kind in _CONTENT_AT:
        at = _CONTENT_AT[kind]
        return {**node, "c": [*content[:at], change(content[at]), *content[at + 1 :]]}
    if kind in _BLOCK_PARENTS or kind in _INLINE_PARENTS or kind == "BulletList":
        return {**node, "c": change(content)}
    if kind == "OrderedList":
        return {**node, "c": [content[0], change(content[1])]}
    if kind == "LineBlock":
        return {**node, "c": [change(line) for line in content]}
    if kind == "Table":
        return {**node, "c": _with_cells(content, change)}
    return node


def table_rows(table: Node) -> list[Any]:
    """List the rows of a table, head, bodies and foot: [attributes, cells]."""
    _, _, _, head, bodies, foot = table["c"]
    rows = list(head[1])
    for body in bodies:
        # Rows of a head of its own, then the others (pandoc-types, TableBody).
        rows += body[2] + body[3]
    return rows + list(foot[1])


def _with_cells(content: list[Any], change: Callable[[list[Node]], list[Node]]) -> list[Any]:
    def rows(old: list[Any]) -> list[Any]:
        # A cell has attributes, an alignment and two spans before its blocks.
        return [[attributes, [[*cell[:4], change(cell[4])] for cell in cells]] for attributes, cells in old]

    attributes, caption, columns, head, bodies, foot = content
    caption = [caption[0], change(caption[1])] if caption[1] else caption
    new_bodies = [[body[0], body[1], rows(body[2]), rows(body[3])] for body in bodies]
    return [attributes, caption, columns, [head[0], rows(head[1])], new_bodies, [foot[0], rows(foot[1])]]


def walk(nodes: Sequence[Node]) -> Iterator[Node]:
    """Yield every node in the order of the text, a node before what is inside it."""
    for node in nodes:
        yield node
        if node["t"] not in LEAVES:
            yield from walk(children(node))


def classes(node: Node) -> list[str]:
    """List the classes of a Div or Span."""
    attributes: list[Any] = node["c"][0]
    return list(attributes[1])


def text(string: str) -> Node:
    """Make a piece of text."""
    return {"t": "Str", "c": string}


def paragraph(inlines: list[Node]) -> Node:
    """Make a paragraph."""
    return {"t": "Para", "c": inlines}


def paragraph_texts(value: Any) -> Iterator[str]:
    """Yield the texts of the paragraphs in a tree of pandoc, those of notes as paragraphs of their own."""
    if isinstance(value, list):
        for item in value:
            yield from paragraph_texts(item)
    elif isinstance(value, dict):
        if value.get("t") in ("Para", "Plain", "Header"):
            notes: list[Any] = []
            yield _inline_text(value["c"][2] if value["t"] == "Header" else value["c"], notes)
            yield from paragraph_texts(notes)
        elif value.get("t") == "LineBlock":
            for line in value["c"]:
                yield from paragraph_texts({"t": "Para", "c": line})
        elif value.get("t") == "CodeBlock":
            yield value["c"][1]
        else:
            yield from paragraph_texts(value.get("c"))


def _inline_text(nodes: Sequence[Any], notes: list[Any]) -> str:
    said = ""
    for node in nodes:
        kind, content = node["t"], node.get("c")
        if kind == "Str":
            said += content.replace("\u00ad", "")
        elif kind in ("Space", "SoftBreak", "LineBreak"):
            said += " "
        elif kind == "Note":
            notes += content
        elif kind == "Code":
            said += content[1]
        elif isinstance(content, list) and kind not in ("Math", "RawInline"):  # formulas are named elsewhere
            said += _inline_text(_inside(content), notes)
    return said


def _inside(content: Sequence[Any]) -> list[Any]:
    """Return the inlines in the content of an inline node: all of it, or what stands beside attributes and targets."""
    if all(isinstance(each, dict) for each in content):
        # The kind of quotation marks is a node without a text.
        return [each for each in content if each["t"] not in ("SingleQuote", "DoubleQuote")]
    lists = [each for each in content if isinstance(each, list) and each and isinstance(each[0], dict)]
    return [node for each in lists for node in each if "t" in node]


class Anchored(NamedTuple):
    """Blocks whose links all have places."""

    blocks: list[Node]
    missing: tuple[str, ...]
    """The names of places that links led to and that are not there; these links are plain words now."""


def settle_anchors(blocks: Sequence[Node], prefix: str) -> Anchored:
    """Return blocks in which places keep an id, with a prefix, only where a link leads to them."""
    wanted = {target for node in walk(blocks) if node["t"] == "Link" and (target := _target(node))}
    there = {node["c"][_WITH_ID[node["t"]]][0] for node in walk(blocks) if node["t"] in _WITH_ID}
    # Each part has a prefix of its own: two enclosures may have a heading of one name, and a PDF is one document.
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
            for part in _at_pages(node):
                settled += [_link(part, names[target])] if target in names else _words(part)
            continue
        settled.append(node)
    return settled


def _at_pages(link: Node) -> list[Node]:
    """Return a link as several where a page stands among its words, as in a line of contents."""
    groups: list[list[Node]] = []
    for node in link["c"][1]:
        pieces = re.split(f"({PAGE})", node["c"]) if node["t"] == "Str" else [""]
        for inline in [text(piece) for piece in pieces if piece] or [node]:
            if not groups or text(PAGE) in (inline, groups[-1][-1]):
                groups.append([])
            groups[-1].append(inline)
    attributes, _, target = link["c"]
    return [{"t": "Link", "c": [attributes, group, target]} for group in groups]


def _link(node: Node, name: str) -> Node:
    (identifier, classes, pairs), inlines, (_, title) = node["c"]
    if inlines == [text(PAGE)]:
        classes, inlines = [*classes, PAGE_CLASS], []
    return {"t": "Link", "c": [[identifier, classes, pairs], inlines, [f"#{name}", title]]}


def _words(node: Node) -> list[Node]:
    """Return the words of a link without a place; a page that nobody can know becomes a question mark."""
    return [text("?")] if node["c"][1] == [text(PAGE)] else list(node["c"][1])


def has_words(nodes: Sequence[Node], *, marks_count: bool = False) -> str:
    """Return a Jinja expression that is true where nodes have words for a recipient: YES, NO, or made of conditions.

    A field counts as words: where it is empty, that is a problem of its own. Marks such as a full stop count if asked.
    """
    found = [said for node in nodes if (said := _has_words(node, marks_count=marks_count)) != NO]
    if YES in found:
        return YES
    if len(found) < 2:
        return found[0] if found else NO
    return f"({' or '.join(found)})"


def _has_words(node: Node, *, marks_count: bool) -> str:
    kind, content = node["t"], content_of(node)
    if kind == "Str":
        return YES if marks_count or any(map(str.isalnum, content)) else NO
    if kind in ("Code", "Field"):
        return YES
    if kind == "For":
        return NO if has_words(content[2], marks_count=marks_count) == NO else f"({content[1]})"
    if kind != "If":
        return has_words(children(node), marks_count=marks_count)
    said = NO
    for test, inside in reversed(content):
        branch = has_words(inside, marks_count=marks_count)
        if test is None or branch == said:
            said = branch
        else:
            said = f"({test})" if (branch, said) == (YES, NO) else f"({branch} if ({test}) else {said})"
    return said


def item_number(blocks: list[Node]) -> tuple[str | None, list[Node]]:
    """Split the blocks of an item: its own number, None where its list counts, and the blocks without it."""
    first = blocks[0] if blocks else None
    inlines = first["c"] if first and first["t"] in ("Para", "Plain") else []
    if not first or not inlines or inlines[0]["t"] != "Span" or ITEM_NUMBER not in classes(inlines[0]):
        return None, blocks
    number = "".join(node["c"] if node["t"] == "Str" else " " for node in inlines[0]["c"][1])
    rest = inlines[1:]
    return number, [*([{**first, "c": rest}] if rest else []), *blocks[1:]]


def is_head_row(node: Node) -> bool:
    """Return whether a node is a row of a table's head."""
    return node["t"] == "Div" and WORD_HEAD in classes(node)


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
    return node["t"] == "Span" and bool({WORD_SHADE, *_SPANS} & {*classes(node)})
