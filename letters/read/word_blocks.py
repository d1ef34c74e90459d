"""Keeps what a letter made in Word has and Markdown has not: tables, styles of the letterhead, references to headings.

Tables become Div nodes (letters.formats.tree), among which conditions and loops can stand as among paragraphs.
Markdown's own tables are drawn with characters, so a tag in the place of its token would shift their columns, and they
have no rows that are repeated.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from lxml import etree

from letters.formats.docx.normalize import show_page
from letters.formats.docx.numbering import Numbering
from letters.formats.docx.opening import DOCUMENT, FOOTNOTES
from letters.formats.docx.word_fields import RENEW, old_references
from letters.formats.jinja import TOKEN, token_number
from letters.formats.ooxml import parse, serialize, w
from letters.formats.tree import (
    ITEM_NUMBER,
    WORD_CELL,
    WORD_HEAD,
    WORD_ROW,
    WORD_SHADE,
    WORD_TABLE,
    Node,
    classes,
    paragraph,
    text,
)
from letters.model.problems import Place, Problem, warning
from letters.read.word_tags import CELL, ROW, cell_word, reach_of

_MERGED = {"hm": "colspan", "vm": "rowspan"}
"""The words of docxtpl that merge the cells of a loop, with the span that the merged cell has."""
HEADING_ID = "heading-"
"""Prefix of the ids of headings that links lead to."""


class TableDivider:
    """Turns tables into Div nodes; `add_tag` keeps a tag and returns the token that stands for it."""

    def __init__(self, tags: list[str], add_tag: Callable[[str], str]) -> None:
        self.tags = tags
        self.add_tag = add_tag

    def divided(self, value: Any) -> Any:
        """Return a copy of a tree of pandoc, or of a part of it, with its tables turned into Div nodes."""
        if isinstance(value, dict):
            inside = {key: self.divided(item) for key, item in value.items()}
            return self._table(inside) if value.get("t") == "Table" else inside
        return [self.divided(item) for item in value] if isinstance(value, list) else value

    def _table(self, table: Node) -> Node:
        _, _, columns, head, bodies, foot = table["c"]
        rows = [row for body in bodies for row in (*body[2], *body[3])] + list(foot[1])
        inside = [*self._rows(head[1], is_head=True), *self._rows(rows, is_head=False)]
        widths = [width.get("c") for _, width in columns]
        # With a loop over columns nobody knows yet how many there are, so fixed widths would be those of others.
        fixed = all(widths) and not any(self._reaching(cells, CELL) for _, cells in (*head[1], *rows))
        attributes = [["widths", " ".join(f"{width:.4g}" for width in widths)]] if fixed else []
        return _division([WORD_TABLE], inside, attributes)

    def _rows(self, rows: list[Any], *, is_head: bool) -> Iterator[Node]:
        for _, cells in rows:
            if tag := self._reaching(cells, ROW):
                yield paragraph([text(tag)])
            else:
                names = [WORD_ROW, WORD_HEAD] if is_head else [WORD_ROW]
                yield _division(names, [node for cell in cells for node in self._cell(cell)])

    def _cell(self, cell: Any) -> list[Node]:
        _, _, rows, columns, blocks = cell
        if tag := self._reaching(blocks, CELL):
            return [paragraph([text(tag)])]
        spans = [[name, str(count)] for name, count in (("colspan", columns), ("rowspan", rows)) if count > 1]
        words = dict(cell_word(tag) for tag in self._tags_in(blocks))
        computed = {"colspan": words["colspan"]} if words.get("colspan") else {}
        computed |= {span: "loop.length" for word, span in _MERGED.items() if word in words}
        leads = [self._span(name, f"{{{{ {expression} }}}}") for name, expression in computed.items()]
        if "cellbg" in words:
            leads.append(self._span(WORD_SHADE, f"{{{{ {words['cellbg']} }}}}"))
        made = _division([WORD_CELL], [*([paragraph(leads)] if leads else []), *self._without_words(blocks)], spans)
        if _MERGED.keys().isdisjoint(words):
            return [made]
        # Of cells that a loop merges, only the first is written; it spans as many as the loop has turns.
        first, end = (paragraph([text(self.add_tag(tag))]) for tag in ("{% if loop.first %}", "{% endif %}"))
        return [first, made, end]

    def _span(self, name: str, tag: str) -> Node:
        return {"t": "Span", "c": [["", [name], []], [text(self.add_tag(tag))]]}

    def _tags_in(self, value: Any) -> Iterator[str]:
        for string in _strings(value):
            for match in TOKEN.finditer(string):
                yield self.tags[token_number(match)]

    def _reaching(self, value: Any, reach: str) -> str:
        """Return the text with the token of the tag that stands for a whole row or cell; empty where there is none."""
        for string in _strings(value):
            if any(reach_of(self.tags[token_number(match)]) == reach for match in TOKEN.finditer(string)):
                return string
        return ""

    def _without_words(self, value: Any) -> Any:
        """Return a copy of blocks without the tags that change their cell."""
        if isinstance(value, dict):
            new = {key: self._without_words(item) for key, item in value.items()}
            if value.get("t") == "Str":
                new["c"] = TOKEN.sub(self._unless_word, value["c"])
            return new
        return [self._without_words(item) for item in value] if isinstance(value, list) else value

    def _unless_word(self, match: Any) -> str:
        return "" if cell_word(self.tags[token_number(match)])[0] else str(match[0])


def _strings(value: Any) -> Iterator[str]:
    """Yield the texts in a part of a tree, but not those in the tables inside of it."""
    if isinstance(value, dict):
        if value.get("t") == "Str":
            yield value["c"]
        elif value.get("t") != "Div" or WORD_TABLE not in value["c"][0][1]:
            yield from _strings(value.get("c"))
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)


def _division(names: list[str], blocks: list[Node], attributes: Sequence[list[str]] = ()) -> Node:
    return {"t": "Div", "c": [["", names, list(attributes)], blocks]}


def old_reference_problems(
    roots: Mapping[str, etree._Element],
    numbering: Numbering,
    places_of: Mapping[str, Callable[[etree._Element], Place]],
) -> Iterator[Problem]:
    """Name the cross-references whose number is an old one."""
    texts = {name: parse(serialize(roots[name])) for name in (DOCUMENT, FOOTNOTES) if name in roots}
    # The copies are of the same shape, so a paragraph is found by its place among all.
    originals = {name: list(roots[name].iter(w("p"))) for name in texts}
    copies = {each: (name, number) for name, root in texts.items() for number, each in enumerate(root.iter(w("p")))}
    labels = {element: label.text for element, label in numbering.labels(texts[DOCUMENT]).items()}
    for each in old_references(list(texts.values()), labels, with_notes=True):
        name, number = copies[each.paragraph]
        yield warning(places_of[name](originals[name][number]), str(each), RENEW)


def _nodes(value: Any) -> Iterator[Node]:
    """Yield the nodes of a tree as pandoc writes it."""
    # Raw, as pandoc gives it: rows, items and definitions are lists of lists, which letters.formats.tree does not know.
    if isinstance(value, dict) and "t" in value:
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _nodes(inner)


def name_headings(tree: Sequence[Node]) -> None:
    """Give the headings that links lead to ids of their own, the others none, and none of them classes.

    Pandoc makes ids of the words, our marks among them, and classes of the names of styles such as "TOC Heading".
    Links to the top of the document become plain words: Word knows the place without a bookmark.
    """
    nodes = list(_nodes(tree))
    for node in nodes:
        if node["t"] == "Link" and node["c"][2][0] == "#_top":
            node["t"], node["c"] = "Span", [["", [], []], node["c"][1]]
    links = [node["c"][2] for node in nodes if node["t"] == "Link"]
    targets = {str(address).removeprefix("#") for address, _ in links}
    headings = [node["c"][1] for node in nodes if node["t"] == "Header"]
    wanted = [heading[0] for heading in headings if heading[0] in targets]
    names = {identifier: f"{HEADING_ID}{number}" for number, identifier in enumerate(wanted)}
    for heading in headings:
        heading[:] = [names.get(heading[0], ""), [], []]
    for link in links:
        if (name := names.get(str(link[0]).removeprefix("#"))) is not None:
            link[0] = f"#{name}"


def show_pages(root: etree._Element, bookmarks: Collection[str]) -> None:
    """Write a mark for the page into the fields that show the page of a bookmark (17.16.5.44): the PDF has its own."""
    for code in root.iter(w("instrText")):
        words = (code.text or "").split()
        if words[:1] == ["PAGEREF"] and words[1:2] and words[1] in bookmarks:
            show_page(code, words[1])


def plain_styles(value: Any, styles: Collection[str]) -> Any:
    """Copy a part of pandoc's tree: styles that the letterhead has become classes, other styles and pictures go."""
    if isinstance(value, list):
        # A style may hold several nodes, which take its place: so lists are copied, and not nodes.
        result: list[Any] = []
        for item in value:
            if isinstance(item, dict) and item.get("t") == "Image":
                continue
            new = plain_styles(item, styles)
            style = _style_of(item)
            if style is None or _is_kept(item) or (style in styles and style == _titled(style)):
                result.append(new)
            else:
                result += new["c"][1]
        return result
    if not isinstance(value, dict):
        return value
    new = {key: plain_styles(item, styles) for key, item in value.items()}
    style = _style_of(value)
    if value.get("t") == "Header":
        # Pandoc makes a class of a style of the office's own, and an id of words that a number may be put before.
        new["c"][1] = [value["c"][1][0] if value["c"][1][0].startswith(HEADING_ID) else "", [], []]
    elif _is_kept(value):
        new["c"] = [[value["c"][0][0], [each for each in value["c"][0][1] if each == ITEM_NUMBER], []], new["c"][1]]
    elif style is not None:
        new["c"] = [["", [style.lower().replace(" ", "-")], []], new["c"][1]]
    return new


def _is_kept(node: Any) -> bool:
    """Return whether a node of pandoc's tree is an item's own number, or a bookmark, which a link may lead to."""
    if not (isinstance(node, dict) and node.get("t") == "Span"):
        return False
    return bool(node["c"][0][0]) or ITEM_NUMBER in classes(node)


def _titled(style: str) -> str:
    """Return a style in the spelling of its class: "Inside Address" is one of ours, Word's "footnote text" is not."""
    return style.replace("-", " ").title()


def _style_of(node: Any) -> str | None:
    """Return the style of a Div or Span of pandoc's tree, empty for one without; None where the node is no such."""
    if not (isinstance(node, dict) and node.get("t") in ("Div", "Span")):
        return None
    return next((str(value) for key, value in node["c"][0][2] if key == "custom-style"), "")


def without_formulas(value: Any) -> Any:
    """Return a copy of a tree of pandoc without its formulas, which are named, and which Markdown would spell out."""
    if isinstance(value, dict):
        return {key: without_formulas(item) for key, item in value.items()}
    if isinstance(value, list):
        return [without_formulas(each) for each in value if not (isinstance(each, dict) and each.get("t") == "Math")]
    return value
