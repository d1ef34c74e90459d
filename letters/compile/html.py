"""Writes the letter tree as an HTML page with Jinja tags, for the PDF."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from html import escape, unescape
from typing import Any

from letters.compile.settle import ANCHOR, Settled, tags_and_nodes
from letters.compile.typography import KEPT, STYLE
from letters.formats.docx.numbering import DELIMITERS, NUMBER_FORMATS, spelled
from letters.formats.tree import (
    ITEM_NUMBER,
    PAGE_CLASS,
    WORD_CELL,
    WORD_ROW,
    WORD_TABLE,
    Node,
    child_lists,
    computed_spans,
    content_of,
    is_head_row,
    item_number,
    walk,
)

_INLINE = {
    "Emph": "em",
    "Strong": "strong",
    "Underline": "u",
    "Superscript": "sup",
    "Subscript": "sub",
    "Strikeout": "s",
}
_LIST_STYLES = {
    "LowerAlpha": "lower-alpha",
    "UpperAlpha": "upper-alpha",
    "LowerRoman": "lower-roman",
    "UpperRoman": "upper-roman",
}
# Rows and cells as this module writes them; no other HTML is read.
_ROW = re.compile(r"<tr>(.*?)</tr>", re.DOTALL)
_CELL = re.compile(r"<t[dh]\b[^>]*>(.*?)</t[dh]>", re.DOTALL)
_FIELD, _OTHER_TAG = re.compile(r"\{\{.*?\}\}", re.DOTALL), re.compile(r"<[^>]*>|\{%.*?%\}", re.DOTALL)
_MOST_TOGETHER, _MOST_LISTED = 4, 8
"""Signatures, and lines of a list behind the closing, in which no page ends.

They stay with the last lines of the letter; were more of them kept whole, all of a short letter would go with them to
the second page, and leave the letterhead by itself on the first.
"""
# Where a line may end within what has no space (Unicode Standard Annex 14).
_MAY_BREAK = re.compile(r"[\s/\u200b-]+|(?<=[–—])")
_ANY_WORD = "x" * 12
"""As long as the longest word of a field is, about; what it prints is not known yet."""
_CHARACTER, _BESIDE, _MEASURE = 4.6, 8.0, 418.0
"""Points: a character of a long word in a table, what is free beside a cell, and the width of the text."""
_DECIMAL = "decimal"
_BRACKETS = {"OneParen": ("one-paren", ""), "TwoParens": ("two-parens", "(")}
COUNTERS = "".join(
    f'@counter-style {name}-{style} {{ system: extends {style}; prefix: "{prefix}"; suffix: ") " }}\n'
    for name, prefix in _BRACKETS.values()
    for style in (_DECIMAL, *_LIST_STYLES.values())
)
"""The numbers (a) and a) of clauses: words of the letter rather than its looks, so they stand in every page."""
# The page number of a cross-reference: the PAGEREF field of a Word letter.
_PAGE_REFERENCE = f".{PAGE_CLASS}::before {{ content: target-counter(attr(href url), page) }}\n"
# A marker hangs to the left of the text, and a longer one would run into the margin.
_ROOM_FOR_NUMBER = 5
"""Characters of a number that fit between the margin and the text of an item (21.6 points in letterhead.css)."""
_TAG = re.compile(r"(\{[{%].*?[%}]\})", re.DOTALL)
_ALIGN = {"AlignLeft": "left", "AlignRight": "right", "AlignCenter": "center"}


def write_body(settled: Settled) -> str:
    """Write the blocks of a tree as HTML."""
    return _HtmlWriter(settled).blocks(settled.blocks)


def escape_text(string: str) -> str:
    """Write plain text so that neither HTML nor Jinja sees a tag in it."""
    return escape(string, quote=False).replace("{", '{{ "{" }}') if "{" in string else escape(string, quote=False)


def escape_around_tags(string: str) -> str:
    """Write a text that may hold Jinja tags for a quoted attribute."""
    pieces = _TAG.split(string)
    return "".join(piece if number % 2 else escape_attribute(piece) for number, piece in enumerate(pieces))


class _HtmlWriter:
    def __init__(self, settled: Settled) -> None:
        self.settled = settled
        self.cell = "td"
        # Pandoc gives every heading an id; only places that a link leads to need one.
        links = (node["c"][2][0] for node in walk(settled.blocks) if node["t"] == "Link")
        self.places = {address[1:] for address in links if address.startswith("#")}

    def blocks(self, nodes: Sequence[Node]) -> str:
        return "".join(self.block(node) for node in nodes)

    def inlines(self, nodes: Sequence[Node]) -> str:
        return "".join(self.inline(node) for node in nodes)

    def block(self, node: Node) -> str:
        kind, content = node["t"], content_of(node)
        if kind in ("If", "For"):
            return _around(node, self.blocks)
        if kind == "Para":
            return f"<p{_kept(node)}>{self.inlines(content)}</p>\n"
        if kind == "Plain":
            return self.inlines(content)
        if kind == "Header":
            # An element has one id: the heading has that of the contents, and places that links lead to have an element
            # of their own.
            anchor = f' id="part-{node[ANCHOR]}"' if ANCHOR in node else ""
            place = f"<span{self._id(content[1][0])}></span>" if content[1][0] in self.places else ""
            return f"<h{content[0]}{anchor}>{place}{self.inlines(content[2])}</h{content[0]}>\n"
        if kind == "Div":
            return self._division(content, _kept(node))
        if kind == "Item":
            return self._item(content, _kept(node))
        return self._rarer_block(node, kind, content)

    def _rarer_block(self, node: Node, kind: str, content: Any) -> str:
        if kind == "BulletList":
            return f"<ul>\n{self.blocks(content)}</ul>\n"
        if kind == "OrderedList":
            return f"<ol{_list_attributes(content[0])}>\n{self.blocks(content[1])}</ol>\n"
        if kind == "BlockQuote":
            return f"<blockquote>\n{self.blocks(content)}</blockquote>\n"
        if kind == "LineBlock":
            return f"<p{_kept(node)}>{'<br>'.join(self.inlines(line) for line in content)}</p>\n"
        if kind == "Table":
            return self._table(content, _kept(node))
        if kind == "Contents":
            return f'<nav class="contents">\n<p class="contents-title">Contents</p>\n{self.blocks(content)}</nav>\n'
        if kind == "Entry":
            return f'<p class="contents-entry"><a href="#part-{content[0]}">{self.inlines(content[1])}</a></p>\n'
        assert kind == "HorizontalRule", kind
        return "<hr>\n"

    def inline(self, node: Node) -> str:
        kind, content = node["t"], content_of(node)
        if kind == "Str":
            return escape_text(content)
        if kind in ("Space", "SoftBreak"):
            return " "
        if kind == "Field":
            return f"{{{{ {self.settled.fields[content].expression} }}}}"
        if kind in ("If", "For"):
            return _around(node, self.inlines)
        if kind in _INLINE:
            return f"<{_INLINE[kind]}>{self.inlines(content)}</{_INLINE[kind]}>"
        return self._rarer_inline(node, kind, content)

    def _rarer_inline(self, node: Node, kind: str, content: Any) -> str:
        if kind == "Note":
            return self._note(node)
        if kind == "Quoted":
            left, right = "‘’" if content[0]["t"] == "SingleQuote" else "“”"
            return left + self.inlines(content[1]) + right
        if kind == "SmallCaps":
            return f'<span class="small-caps">{self.inlines(content)}</span>'
        if kind == "Span":
            return f"<span{self._id(content[0][0])}{_class(content[0][1])}>{self.inlines(content[1])}</span>"
        if kind == "Link":
            page = _class([PAGE_CLASS]) if PAGE_CLASS in content[0][1] else ""
            return f'<a{page} href="{escape_attribute(content[2][0])}">{self.inlines(content[1])}</a>'
        if kind == "Code":
            return f"<code>{escape_text(content[1])}</code>"
        assert kind == "LineBreak", kind
        return "<br>"

    def _id(self, identifier: str) -> str:
        return f' id="{escape_attribute(identifier)}"' if identifier in self.places else ""

    def _item(self, blocks: list[Node], kept: str) -> str:
        """Write an item of a list; a number of its own that has no room before the text begins the text."""
        number, blocks = item_number(blocks)
        if number is None:
            return f"<li{kept}>{self.blocks(blocks)}</li>\n"
        if len(number) > _ROOM_FOR_NUMBER:
            return f'<li{kept} style="list-style-type: none">{_written_number(number)}{self.blocks(blocks)}</li>\n'
        marker = _css_string(f"{number} ") if number else "none"
        return f'<li{kept} style="list-style-type: {escape_attribute(marker)}">{self.blocks(blocks)}</li>\n'

    def _note(self, node: Node) -> str:
        """Write a note as an inline element, which is what CSS floats to the foot of the page."""
        first, *others = node["c"] or [{"t": "Plain", "c": []}]
        inside = self.inlines(first["c"]) if first["t"] in ("Para", "Plain") else self._note_block(first)
        inside += "".join(map(self._note_block, others))
        # The style sheet prints it: the numbers of notes are known for each recipient only.
        number = f"{{{{ note[{node['name']!r}] }}}}"
        return f'<span class="note" data-number="{number}">{inside}</span>'

    def _note_block(self, node: Node, lead: str = "") -> str:
        """Write a block of a note as inline elements: in the paragraph of its call, a list would tear it apart."""
        kind, content = node["t"], content_of(node)
        if kind in ("If", "For"):
            return _around(node, self._note_blocks)
        if kind in ("BulletList", "OrderedList"):
            return self._note_list(kind, content)
        if kind in ("Para", "Plain", "Header", "LineBlock"):
            lines = content if kind == "LineBlock" else [content[2] if kind == "Header" else content]
            return f'<span class="note-paragraph">{lead}{"<br>".join(map(self.inlines, lines))}</span>'
        inside = [child for group in child_lists(node) for child in group]
        return (self._note_block(inside[0], lead) if inside else "") + self._note_blocks(inside[1:])

    def _note_blocks(self, nodes: Sequence[Node]) -> str:
        return "".join(map(self._note_block, nodes))

    def _note_list(self, kind: str, content: Any) -> str:
        """Write the items of a list in a note as paragraphs that begin with their numbers or bullets."""
        if kind == "BulletList":
            return self._note_items(content, itertools.repeat("•"))
        start, style, delimiter = content[0]
        before, after = DELIMITERS.get(delimiter["t"], ("", "."))
        form = NUMBER_FORMATS.get(style["t"], "decimal")
        return self._note_items(content[1], (f"{before}{spelled(n, form)}{after}" for n in itertools.count(start)))

    def _note_items(self, nodes: Sequence[Node], numbers: Iterator[str]) -> str:
        text = ""
        for node in nodes:
            if node["t"] in ("If", "For"):
                text += _around(node, lambda inside: self._note_items(inside, numbers))
            else:
                own, blocks = item_number(node["c"])
                number = next(numbers) if own is None else own
                text += self._note_block({"t": "Div", "c": [["", [], []], blocks]}, _written_number(number))
        return text

    def _division(self, content: Any, kept: str) -> str:
        (identifier, names, attributes), blocks = content
        if WORD_TABLE in names:
            return self._word_table(dict(attributes), blocks, kept)
        if WORD_ROW in names:
            return f"<tr>{self.blocks(blocks)}</tr>\n"
        if WORD_CELL in names:
            return self._word_cell(attributes, blocks)
        # Kept whole, they took all of a short letter with them to the second page.
        if "signatures" in names and len(blocks) > _MOST_TOGETHER:
            pairs = [self.blocks(blocks[first : first + 2]) for first in range(0, len(blocks), 2)]
            return "".join(f'<div{_class(names)} style="break-after: auto">\n{pair}</div>\n' for pair in pairs)
        may_break = len(blocks) > _MOST_LISTED and {"copies", "enclosures"} & {*names}
        looks = ' style="break-inside: auto"' if may_break else ""
        return f"<div{self._id(identifier)}{_class(names)}{looks}>\n{self.blocks(blocks)}</div>\n"

    def _word_table(self, attributes: Mapping[str, str], rows: Sequence[Node], kept: str) -> str:
        """Write a table that was made in Word; a condition or a loop among its rows begins its body."""
        heads = list(itertools.takewhile(is_head_row, rows))
        columns = "".join(f'<col style="width:{100 * float(w):.4g}%">' for w in attributes.get("widths", "").split())
        self.cell = "th"
        head = f"<thead>\n{self.blocks(heads)}</thead>\n" if heads else ""
        self.cell = "td"
        body = self.blocks(rows[len(heads) :])
        looks = _looks_of_table(head + body)
        return f"<table{kept}{looks}>\n<colgroup>{columns}</colgroup>\n{head}<tbody>\n{body}</tbody>\n</table>\n"

    def _word_cell(self, attributes: Sequence[Sequence[str]], blocks: list[Node]) -> str:
        computed, blocks = computed_spans(blocks)
        spans = [*attributes, *((name, self.inlines(inlines)) for name, inlines in computed)]
        written = "".join(f' {name}="{value}"' for name, value in spans)
        alone = len(blocks) == 1 and blocks[0]["t"] == "Para"
        return f"<{self.cell}{written}>{self.inlines(blocks[0]['c']) if alone else self.blocks(blocks)}</{self.cell}>"

    def _table(self, content: Any, kept: str) -> str:
        _, caption, columns, head, bodies, foot = content
        widths = "".join(
            f'<col style="width:{width["c"] * 100:.4g}%">' if "c" in width else "<col>" for _, width in columns
        )
        align = [_ALIGN.get(how["t"], "") for how, _ in columns]
        title = f"<caption>{self.blocks(caption[1])}</caption>\n" if caption[1] else ""
        # The last row of a grid table may be set apart as its foot; at the end of the table it is read like any other.
        below = [*(row for body in bodies for row in body[2] + body[3]), *foot[1]]
        # What heads nothing, as where Word has a single row, is no heading: tags of a table need a row below one.
        above, below = (head[1], below) if below else ([], head[1])
        heads, rows = (
            "".join(self._row(row, align, tag) for row in some) for tag, some in (("th", above), ("td", below))
        )
        thead = f"<thead>\n{heads}</thead>\n" if heads else ""
        looks = _looks_of_table(heads + rows)
        return f"<table{kept}{looks}>\n{title}<colgroup>{widths}</colgroup>\n{thead}<tbody>\n{rows}</tbody>\n</table>\n"

    def _row(self, row: Any, align: Sequence[str], tag: str) -> str:
        cells, column = "", 0
        for _, _, rows, columns, blocks in row[1]:
            how = align[column] if column < len(align) else ""
            spans = (("class", how), ("rowspan", rows), ("colspan", columns))
            written = "".join(f' {name}="{value}"' for name, value in spans if value not in ("", 1))
            cells += f"<{tag}{written}>{self.blocks(blocks)}</{tag}>"
            column += columns
        return f"<tr>{cells}</tr>\n"


def _around(node: Node, write: Callable[[Sequence[Node]], str]) -> str:
    """Write a condition or a loop, with what stands in it."""
    return "".join(tag + write(nodes) for tag, nodes in tags_and_nodes(node))


def _kept(node: Node) -> str:
    """Return the class of what stays with the closing below it."""
    return _class([KEPT] if KEPT in node else [])


def _looks_of_table(rows: str) -> str:
    """Return a style that breaks words anywhere, for a table that would be wider than the text with its words whole.

    Others keep their words whole: a column may become so narrow that even short ones would be broken.
    """
    longest: dict[int, int] = {}
    for row in _ROW.findall(rows):
        for column, cell in enumerate(_CELL.findall(row)):
            said = unescape(_OTHER_TAG.sub("", _FIELD.sub(_ANY_WORD, cell)))
            longest[column] = max([longest.get(column, 0), *map(len, _MAY_BREAK.split(said))])
    width = sum(characters * _CHARACTER + _BESIDE for characters in longest.values())
    return ' style="overflow-wrap: anywhere"' if width > _MEASURE else ""


def _written_number(number: str) -> str:
    """Write the number of an item as text, for where the page cannot number it; in Word it is no text."""
    return f'<span class="{ITEM_NUMBER}">{escape_text(number)}</span>\u2002'


def _class(names: Sequence[str]) -> str:
    return f' class="{escape(" ".join(names))}"' if names else ""


def _list_attributes(attributes: Any) -> str:
    start, style, delimiter = attributes
    numbers = _LIST_STYLES.get(style["t"], _DECIMAL)
    if delimiter["t"] in _BRACKETS:
        numbers = f"{_BRACKETS[delimiter['t']][0]}-{numbers}"
    # The attribute "start" is a presentational hint, which WeasyPrint leaves out unless all of them are switched on.
    looks = [f"counter-reset: list-item {start - 1}"] if start != 1 else []
    looks += [f"list-style-type: {numbers}"] if numbers != _DECIMAL else []
    return f' style="{"; ".join(looks)}"' if looks else ""


def _css_string(string: str) -> str:
    """Write a text as a string of CSS, in single quotes (CSS Syntax, 4.3.5)."""
    escaped = string.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def write_page(
    *, body: str, title: str, author: str, language: str, status: str, attributes: str, letterhead: str, style: str
) -> str:
    """Write a whole page around a body; title, attributes and letterhead may hold Jinja tags.

    `style` is a style sheet of the campaign's own; letterhead.css is given to the renderer apart, to be read once.
    """
    return (
        f'<!DOCTYPE html>\n<html lang="{escape(language)}" class="{status}">\n<head>\n<meta charset="utf-8">\n'
        f'<title>{title}</title>\n<meta name="author" content="{escape_attribute(author)}">\n'
        f"<style>{COUNTERS}{_PAGE_REFERENCE}{STYLE}{style}</style>\n"
        f"</head>\n<body {attributes}>\n{letterhead}<main>\n{body}</main>\n</body>\n</html>\n"
    )


def escape_attribute(string: str) -> str:
    """Write plain text for a quoted attribute."""
    return escape_text(string).replace('"', "&quot;")
