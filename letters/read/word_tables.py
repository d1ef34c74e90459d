"""Writes the tables of a Word file as Div nodes, among which conditions and loops can stand as among paragraphs.

Markdown's own tables are drawn with characters, so a tag in the place of its token would shift their columns, and they
have no rows that are repeated. letters.formats.grid has the classes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from letters.formats import grid
from letters.formats.tags import TOKEN, token_number
from letters.formats.tree import Node, paragraph, text
from letters.read.word_tags import CELL, ROW, cell_word, reach_of

_MERGED = {"hm": "colspan", "vm": "rowspan"}
"""The words of docxtpl that merge the cells of a loop, with the span that the merged cell has."""


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
        return _division([grid.TABLE], inside, attributes)

    def _rows(self, rows: list[Any], *, is_head: bool) -> Iterator[Node]:
        for _, cells in rows:
            if tag := self._reaching(cells, ROW):
                yield paragraph([text(tag)])
            else:
                names = [grid.ROW, *([grid.HEAD] if is_head else [])]
                yield _division(names, [node for cell in cells for node in self._cell(cell)], [])

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
            leads.append(self._span(grid.SHADE, f"{{{{ {words['cellbg']} }}}}"))
        blocks = self._without_words(blocks)
        made = _division([grid.CELL], [*([paragraph(leads)] if leads else []), *blocks], spans)
        if not any(word in words for word in _MERGED):
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
        elif value.get("t") != "Div" or grid.TABLE not in value["c"][0][1]:
            yield from _strings(value.get("c"))
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)


def _division(names: list[str], blocks: list[Node], attributes: list[list[str]]) -> Node:
    return {"t": "Div", "c": [["", names, attributes], blocks]}
