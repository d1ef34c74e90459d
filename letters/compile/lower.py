"""Lowers the letter tree to what pandoc can write as DOCX, with a token in the place of everything it does not know.

Three sorts of tokens: text that becomes a Jinja tag inside a run; a paragraph of one statement, which becomes a tag
between paragraphs; and marks of structure (a table for the signatures, the end of a part).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from letters.compile.fields import referred_note
from letters.compile.settle import ANCHOR, Settled, tags_and_nodes
from letters.compile.word_body import CELL, HOIST, PART_END, TABLE, TABLE_END, Snippets
from letters.formats.tree import Node, classes, content_of, text, with_children


@dataclass(slots=True)
class Guards:
    """The conditions around the notes of a document, as the tags that stand before each note and at the end."""

    before: list[str] = field(default_factory=list)
    pending: str = ""

    def tag(self, statement: str) -> None:
        """Record a tag that the text has come to."""
        self.pending += statement

    def note(self) -> None:
        """Record the conditions around a note that the text has come to."""
        self.before.append(self.pending)
        self.pending = ""


# The ids of bookmarks must differ all over a document (17.13.6.2); those that pandoc gives are small.
_NOTE_BOOKMARKS, _CONTENTS_BOOKMARKS = 7000, 8000
"""Ids from here on are those of notes, and those of the headings that the contents list."""


def lower(settled: Settled, part: int, snippets: Snippets, guards: Guards) -> list[Node]:
    """Lower the tree of a part, given its number; adds to the snippets and to the guards of the notes."""
    return _Lowerer(settled, part, snippets, guards).blocks(settled.blocks)


def part_end(snippets: Snippets) -> Node:
    """Return the mark that ends a part's section."""
    return _mark(snippets, PART_END)


def _mark(snippets: Snippets, snippet: str) -> Node:
    """Return a paragraph of one token: a tag between paragraphs, or a mark of structure."""
    return {"t": "Para", "c": [text(snippets.token(snippet))]}


class _Lowerer:
    def __init__(self, settled: Settled, part: int, snippets: Snippets, guards: Guards) -> None:
        self.settled = settled
        self.part = part
        self.snippets = snippets
        self.guards = guards
        self.referred = {name for use in settled.fields if (name := referred_note(use.expression))}

    def blocks(self, nodes: Sequence[Node]) -> list[Node]:
        return [lowered for node in nodes for lowered in self._block(node)]

    def _block(self, node: Node) -> list[Node]:
        kind = node["t"]
        if kind in ("If", "For"):
            return self._around(node, lambda tag: [self._mark(tag)], self.blocks)
        if kind == "Div":
            return self._division(node)
        if kind in ("BulletList", "OrderedList"):
            return [self._list(node)]
        if kind == "Header":
            return [self._header(node)]
        if kind == "Contents":
            return self._contents(node)
        if kind == "Entry":
            return [_styled("toc 1", [{"t": "Para", "c": self._entry(*node["c"])}])]
        if kind in ("Para", "Plain", "LineBlock"):
            return [with_children({"t": kind, "c": node["c"]}, self.inlines)]
        return [with_children(node, self.blocks)]

    def _header(self, node: Node) -> Node:
        """Write a heading, with the bookmark that the contents refer to."""
        level, (identifier, _, _), inlines = node["c"]
        lowered = self.inlines(inlines)
        if ANCHOR in node:
            bookmark = f'w:id="{_CONTENTS_BOOKMARKS + 100 * self.part + node[ANCHOR]}"'
            start = f'<w:bookmarkStart {bookmark} w:name="{self._heading(node[ANCHOR])}"/>'
            lowered = [_raw(start), *lowered, _raw(f"<w:bookmarkEnd {bookmark}/>")]
        return {"t": "Header", "c": [level, [identifier, [], []], lowered]}

    def _contents(self, node: Node) -> list[Node]:
        """Write the contents as Word's own field (17.16.5.68), with the pages of the PDF until Word looks them up.

        The field begins and ends in thin paragraphs, so that it stays whole whichever entries a recipient gets.
        """
        # Word looks through the whole document: headings of enclosures have a style of their own, so that each list
        # finds its own.
        levels = '\\t "Enclosure Heading,1"' if self.part else '\\o "1-1"'
        begin = [*_field_begin(f"TOC {levels} \\h \\z"), _FIELD_SEPARATE]
        return [
            _styled("Contents Title", [{"t": "Para", "c": [text("Contents")]}]),
            _styled("Contents Edge", [{"t": "Para", "c": begin}]),
            *self.blocks(node["c"]),
            _styled("Contents Edge", [{"t": "Para", "c": [_FIELD_END]}]),
        ]

    def _entry(self, number: int, inlines: list[Node]) -> list[Node]:
        heading = self._heading(number)
        link = _field_begin(f'HYPERLINK \\l "{heading}"')
        # Without the PDF of the letter nobody knows its pages: Word looks them up.
        page = text(self.snippets.token(f'{{{{ pages[{self.part}][{number}] if pages else "" }}}}'))
        reference = [*_field_begin(f"PAGEREF {heading} \\h"), _FIELD_SEPARATE, page, _FIELD_END]
        return [*link, _FIELD_SEPARATE, *self.inlines(inlines), _TAB, *reference, _FIELD_END]

    def _heading(self, number: int) -> str:
        return f"_Toc{self.part}_{number}"

    def inlines(self, nodes: Sequence[Node]) -> list[Node]:
        lowered: list[Node] = []
        for before, node in zip([None, *nodes], nodes, strict=False):
            # A tab stands between the label and what follows it, as in "Re:".
            if not (node["t"] == "Space" and before and _is_label(before)):
                lowered += self._inline(node)
        return lowered

    def _inline(self, node: Node) -> list[Node]:
        kind, content = node["t"], content_of(node)
        if kind == "Field":
            return self._field(self.settled.fields[content].expression)
        if kind in ("If", "For"):
            return self._around(node, lambda tag: [text(self.snippets.token(tag))], self.inlines)
        if kind == "Str":
            return [text(self._literal(content))]
        if kind == "SoftBreak":
            return [{"t": "Space"}]
        if kind == "Code":
            return [{"t": "Code", "c": [content[0], self._literal(content[1])]}]
        if kind == "Note":
            return self._note(node)
        if _is_label(node):
            return [*self.inlines(content[1]), _TAB]
        if kind == "Span":
            attributes = [content[0][0], [], _style(classes(node))]
            return [with_children({**node, "c": [attributes, content[1]]}, self.inlines)]
        return [with_children(node, self.inlines)]

    def _literal(self, string: str) -> str:
        """Keep braces that a person typed from being read as a tag."""
        return string.replace("{", self.snippets.token('{{ "{" }}')) if "{" in string else string

    def _field(self, expression: str) -> list[Node]:
        name = referred_note(expression)
        if not name:
            return [text(self.snippets.token(f"{{{{ {expression} }}}}"))]
        value = text(self.snippets.token(f"{{{{ notes[{self.part}][{name!r}] }}}}"))
        return [*_field_begin(f"NOTEREF {self._bookmark(name)} \\h"), _FIELD_SEPARATE, value, _FIELD_END]

    def _note(self, node: Node) -> list[Node]:
        self.guards.note()
        note: Node = {"t": "Note", "c": self.blocks(node["c"])}
        if node["name"] not in self.referred:
            return [note]
        # Notes are counted over all parts of the document.
        number = len(self.guards.before)
        bookmark = f'w:id="{_NOTE_BOOKMARKS + number}"'
        start = f'<w:bookmarkStart {bookmark} w:name="{self._bookmark(node["name"])}"/>'
        return [_raw(start), note, _raw(f"<w:bookmarkEnd {bookmark}/>")]

    def _bookmark(self, note: str) -> str:
        """Name the hidden bookmark of a note; by its place in the text, since Word takes no more than 40 characters."""
        return f"_Note{self.part}_{self.settled.notes.index(note) + 1}"

    def _around(self, node: Node, write_tag: Any, write: Any) -> list[Node]:
        """Write the tags of a condition or loop around what is inside, and repeat them around the notes there."""
        lowered: list[Node] = []
        for tag, nodes in tags_and_nodes(node):
            self.guards.tag(tag)
            lowered += [*write_tag(tag), *write(nodes)]
        return lowered

    def _mark(self, snippet: str) -> Node:
        return _mark(self.snippets, snippet)

    def _division(self, node: Node) -> list[Node]:
        names = classes(node)
        if "signatures" in names:
            cells = (lowered for child in node["c"][1] for lowered in (self._mark(CELL), *self.blocks([child])))
            return [self._mark(TABLE), *cells, self._mark(TABLE_END)]
        attributes = ["", [], _style(names)]
        return [{"t": "Div", "c": [attributes, self.blocks(node["c"][1])]}]

    def _list(self, node: Node) -> Node:
        if node["t"] == "BulletList":
            return {"t": "BulletList", "c": self._items(node["c"], "")}
        return {"t": "OrderedList", "c": [node["c"][0], self._items(node["c"][1], "")]}

    def _items(self, nodes: Sequence[Node], before: str) -> list[list[Node]]:
        """Write items; tags between them go to the start of the next one's text, or to the end of the last one."""
        items: list[list[Node]] = []
        for node in nodes:
            if node["t"] == "Item":
                blocks = self.blocks(node["c"])
                items.append(self._with_tags_before(before, blocks) if before else blocks)
                before = ""
                continue
            for tag, inside in tags_and_nodes(node):
                self.guards.tag(tag)
                if inside:
                    items += self._items(inside, before + tag)
                    before = ""
                elif tag.startswith("{% end") and items:
                    items[-1].append(self._mark(before + tag))
                    before = ""
                else:
                    before += tag
        return items

    def _with_tags_before(self, tags: str, blocks: list[Node]) -> list[Node]:
        first = blocks[0]
        hoisted = text(self.snippets.token(HOIST + tags))
        return [with_children(first, lambda inlines: [hoisted, *inlines]), *blocks[1:]]


def _is_label(node: Node) -> bool:
    """Return whether a span stands before a tab, such as the "Re:" of a reference line."""
    return node["t"] == "Span" and "label" in classes(node)


def _style(names: Sequence[str]) -> list[list[str]]:
    return [["custom-style", style_name(names[0])]] if names else []


def style_name(css_class: str) -> str:
    """Return the Word style of a class: inside-address is "Inside Address"."""
    return css_class.replace("-", " ").title()


def _raw(openxml: str) -> Node:
    return {"t": "RawInline", "c": ["openxml", openxml]}


def _field_begin(instruction: str) -> list[Node]:
    """Begin a field that Word computes (17.16.18); what is cached stands between _FIELD_SEPARATE and _FIELD_END."""
    return [
        _raw('<w:r><w:fldChar w:fldCharType="begin"/></w:r>'),
        _raw(f'<w:r><w:instrText xml:space="preserve"> {instruction} </w:instrText></w:r>'),
    ]


_TAB = _raw("<w:r><w:tab/></w:r>")
_FIELD_SEPARATE = _raw('<w:r><w:fldChar w:fldCharType="separate"/></w:r>')
_FIELD_END = _raw('<w:r><w:fldChar w:fldCharType="end"/></w:r>')


def _styled(style: str, blocks: list[Node]) -> Node:
    return {"t": "Div", "c": [["", [], [["custom-style", style]]], blocks]}
