"""Parses a source into the letter tree: pandoc reads the Markdown, then tokens become fields, conditions, loops.

Lists that conditions or loops have cut apart are joined, so that numbers run on and no list is empty.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple
from urllib.parse import unquote

from letters.compile.tags import is_too_deep, mark_tags, source_problems, tag_problems
from letters.compile.typography import holding, keep_ends, set_spaces
from letters.formats import pandoc
from letters.formats.jinja import STATEMENTS, TOKEN, token_number
from letters.formats.tree import (
    LEAVES,
    NO,
    SAFE_LINK,
    YES,
    Node,
    child_lists,
    children,
    has_words,
    text,
    walk,
    with_children,
)
from letters.model.problems import Place, Problem
from letters.model.records import Source, Tag

_LISTS = ("BulletList", "OrderedList")
_OPENERS = {"endif": "if", "endfor": "for"}
_BLANK = ("Space", "SoftBreak", "LineBreak")
# A hostile source had the whole time twice: to be read, and to find which of its paragraphs took it.
_SECONDS_FOR_THE_REST = 3
"""For what is read after something took too long; a letter of 100 pages takes one."""
_PARAGRAPH = re.compile(r"\S[^\n]*(?:\n[ \t]*\S[^\n]*)*")


def join_lists(blocks: Sequence[Node]) -> list[Node]:
    """Join neighbouring lists of one kind; conditions and loops around whole lists go inside, among the items."""
    joined: list[Node] = []
    for block in blocks:
        if joined and (merged := _merged(joined[-1], block)):
            joined[-1] = merged
        else:
            joined.append(block)
    return [_list_like(block, _items(block)) if block["t"] == "For" and _kind(block) else block for block in joined]


def _merged(first: Node, second: Node) -> Node | None:
    kind = _kind(first)
    # Where neither of two conditions holds, a list that they share would have no items.
    if kind is None or kind != _kind(second) or "If" == first["t"] == second["t"]:
        return None
    return _list_like(first, [*_items(first), *_items(second)])


def _kind(block: Node) -> tuple[str, str] | None:
    """Return the kind of list that a block is or wholly consists of: bullets, or the style of the numbers."""
    if block["t"] in _LISTS:
        return block["t"], str(block["c"][0][1:]) if block["t"] == "OrderedList" else ""
    if block["t"] in ("If", "For"):
        branches = [nodes for _, nodes in block["c"]] if block["t"] == "If" else [block["c"][2]]
        kinds = {_kind(nodes[0]) if len(nodes) == 1 else None for nodes in branches}
        return kinds.pop() if len(kinds) == 1 else None
    return None


def _items(block: Node) -> list[Node]:
    if block["t"] == "BulletList":
        return list(block["c"])
    if block["t"] == "OrderedList":
        return list(block["c"][1])
    if block["t"] == "For":
        name, expression, (only,) = block["c"]
        return [{**block, "c": [name, expression, _items(only)]}]
    return [{"t": "If", "c": [[test, _items(nodes[0])] for test, nodes in block["c"]]}]


def _list_like(block: Node, items: list[Node]) -> Node:
    """Make a list of the kind that a block is, or that is inside it."""
    if block["t"] in _LISTS:
        attributes = block["c"][:1] if block["t"] == "OrderedList" else []
        return {"t": block["t"], "c": [*attributes, items] if attributes else items}
    inner: Node = block["c"][0][1][0] if block["t"] == "If" else block["c"][2][0]
    return _list_like(inner, items)


class Parsed(NamedTuple):
    """A source as a tree, its tags still without meaning: fields name the slots of `tags`."""

    blocks: list[Node]
    tags: tuple[Tag, ...]


class Marked(NamedTuple):
    """A source with a token in the place of each tag, ready for pandoc."""

    source: Source
    text: str
    tags: Sequence[Tag]
    first_number: int
    problems: Sequence[Problem]

    @property
    def is_sound(self) -> bool:
        """Whether pandoc may read it."""
        return not any(problem.stops for problem in self.problems)


def mark(source: Source, first_number: int = 0) -> Marked:
    """Mark the tags of a source, which count from `first_number`."""
    if excess := list(source_problems(source)):
        return Marked(source, "", [], first_number, excess)
    text, tags, problems = mark_tags(source, first_number)
    return Marked(source, text, tags, first_number, [*problems, *balance_problems(tags), *tag_problems(tags)])


def parse(source: Source) -> tuple[Parsed, list[Problem]]:
    """Parse a source that stands by itself."""
    (parsed,) = parse_all([mark(source)])
    return parsed


def parse_all(sources: Sequence[Marked]) -> list[tuple[Parsed, list[Problem]]]:
    """Parse several sources, all read by one run of pandoc."""
    read = iter(_read_all([each for each in sources if each.is_sound]))
    return [
        _parse(each, next(read)) if each.is_sound else (Parsed([], tuple(each.tags)), list(each.problems))
        for each in sources
    ]


def _read_all(sources: Sequence[Marked], seconds: float = pandoc.SECONDS_TO_READ) -> list[list[Node] | None]:
    """Let pandoc read sources; None for one that it cannot read within its limits."""
    try:
        return list(pandoc.read_markdown_texts([each.text for each in sources], seconds))
    except pandoc.OutOfBoundsError as error:
        # Those behind it have less time, so that a letter with many enclosures of this sort ends soon, too.
        return [*error.read, None, *_read_all(sources[len(error.read) + 1 :], _SECONDS_FOR_THE_REST)]


def _parse(marked: Marked, read: list[Node] | None) -> tuple[Parsed, list[Problem]]:
    # All that is done with a tree goes down it by recursion.
    if read is None or is_too_deep(read):
        what = "it takes too long to read" if read is None else "something is nested too deep"
        place = _slow_paragraph(marked.source) if read is None else marked.source.place(0)
        hint = "write it with fewer quotation marks and marks of Markdown in one another"
        return Parsed([], tuple(marked.tags)), [Problem(place, what, hint)]
    # The items of pandoc's lists are bare lists, among which no condition could stand.
    blocks = [_as_nodes(block) for block in read]
    numbered = dict(enumerate(marked.tags, start=marked.first_number))
    problems = [*marked.problems, *_misplaced_problems(blocks, numbered, marked.source)]
    if problems:
        return Parsed([], tuple(marked.tags)), problems
    folder = _Folder(numbered, is_word=marked.source.path.endswith(".docx"))
    tree = keep_ends(set_spaces(folder.blocks(blocks)))
    return Parsed(tree, tuple(marked.tags)), folder.problems


def _slow_paragraph(source: Source) -> Place:
    """Return the place of the first paragraph that takes too long to read; that of the source where none does alone."""
    paragraphs = [(match.start(), match[0]) for match in _PARAGRAPH.finditer(source.text)]
    try:
        pandoc.read_markdown_texts([text for _, text in paragraphs], _SECONDS_FOR_THE_REST)
    except pandoc.OutOfBoundsError as error:
        return source.place(paragraphs[len(error.read)][0])
    return source.place(0)


def balance_problems(tags: Sequence[Tag]) -> Iterator[Problem]:
    """Find statements that are never closed, or close nothing."""
    open_tags: list[Tag] = []
    finished: list[Tag] = []
    for tag in tags:
        if tag.kind in ("if", "for"):
            open_tags.append(tag)
        elif tag.kind in ("elif", "else"):
            yield from _branch_problems(tag, open_tags, finished)
        elif tag.kind in _OPENERS:
            wanted = _OPENERS[tag.kind]
            if open_tags and open_tags[-1].kind == wanted:
                yield from _two_files(open_tags.pop(), tag)
            else:
                inner = (
                    f"; {{% {open_tags[-1].kind} %}} of line {open_tags[-1].place.line} is still open"
                    if open_tags
                    else ""
                )
                what = f"{{% {tag.kind} %}} closes no {{% {wanted} %}}{inner}"
                yield Problem(tag.place, what, "one too many, or in the wrong place")
    for tag in open_tags:
        what = f"{{% {tag.kind} {tag.expression} %}} is never closed"
        yield Problem(tag.place, what, f"add {{% end{tag.kind} %}} where it ends")


def _branch_problems(tag: Tag, open_tags: Sequence[Tag], finished: list[Tag]) -> Iterator[Problem]:
    """Find branches of no condition, or behind its {% else %}; `finished` are the conditions that have had theirs."""
    if not open_tags or open_tags[-1].kind != "if":
        yield Problem(tag.place, f"{{% {tag.kind} %}} without {{% if %}}", "is an {% if … %} missing above?")
    elif open_tags[-1] in finished:
        what = f"{{% {tag.kind} %}} behind the {{% else %}} of the {{% if %}} of line {open_tags[-1].place.line}"
        yield Problem(tag.place, what, "one condition has one {% else %}, as its last branch")
    elif tag.kind == "else":
        finished.append(open_tags[-1])


def _two_files(opener: Tag, closer: Tag) -> Iterator[Problem]:
    if opener.place.path != closer.place.path:
        what = f"{{% {closer.kind} %}} closes the {{% {opener.kind} %}} of {opener.place.path}:{opener.place.line}"
        yield Problem(closer.place, what, "open and close it in the same file")


def _misplaced_problems(blocks: list[Node], tags: dict[int, Tag], source: Source) -> Iterator[Problem]:
    """Find fields in the addresses of links, links to elsewhere than the web, and what no letter may hold: pictures."""
    for node in walk(blocks):
        if node["t"] in ("Link", "Image"):
            # Pandoc writes the private characters of a token percent-encoded into an address.
            address = unquote(node["c"][2][0])
            for match in TOKEN.finditer(address):
                hint = "data is never an address; print the field as text"
                yield Problem(tags[token_number(match)].place, "a field inside the address of a link", hint)
            if node["t"] == "Link" and not TOKEN.search(address):
                yield from _link_problems(node, address, source)
        if node["t"] == "Image":
            address = node["c"][2][0]
            place = source.place(max(0, source.text.find(address)))
            hint = "a letter holds no pictures; a logo is named in campaign.toml"
            yield Problem(place, f'a picture: "{address}"', hint)


def _link_problems(node: Node, address: str, source: Source) -> Iterator[Problem]:
    """Yield what is wrong with a link: that it leads into somebody's computer or network, or that nobody can see it."""
    place = source.place(max(0, source.text.find(f"({address}" if f"({address}" in source.text else address)))
    if not SAFE_LINK.match(address):
        hint = "write the whole address, https://…; a letter links to the web, to mail addresses and telephone numbers"
        if " " in address:
            hint = "a note is written [^1]: … and called by [^1]"
        yield Problem(place, f'a link leads to "{address[:80]}"', hint)
    elif not node["c"][1]:
        yield Problem(place, f'a link to "{address[:80]}" has no words', "write some between its square brackets")


def _as_nodes(node: Node) -> Node:
    """Turn the items of pandoc's lists into nodes, all the way down."""
    if node["t"] == "BulletList":
        node = {"t": "BulletList", "c": [{"t": "Item", "c": item} for item in node["c"]]}
    elif node["t"] == "OrderedList":
        attributes, items = node["c"]
        node = {"t": "OrderedList", "c": [attributes, [{"t": "Item", "c": item} for item in items]]}
    return with_children(node, lambda nodes: [child if child["t"] in LEAVES else _as_nodes(child) for child in nodes])


class _Folder:
    """Folds the flat statements of a tree into conditions and loops."""

    def __init__(self, tags: dict[int, Tag], *, is_word: bool = False) -> None:
        self.tags = tags
        self.is_word = is_word
        self.problems: list[Problem] = []
        self._in_table = False

    def blocks(self, nodes: list[Node], *, is_item: bool = False) -> list[Node]:
        """Fold a list of blocks, or of items, and all that is inside them."""
        flat: list[Node] = []
        for number, node in enumerate(nodes):
            if node["t"] in ("Para", "Plain"):
                # Word counts the first paragraph of an item: it stays one, with its conditions in it.
                flat += self._paragraph(node, stays=is_item and not number and not self.is_word)
            else:
                flat.append(self._with_condition_outside(self._inside(node)))
        return join_lists(self._fold(flat))

    def _with_condition_outside(self, node: Node) -> Node:
        """Put a condition around an item, a heading, a quotation or a paragraph that is empty without it.

        A bullet, a number or an entry of the contents without words would be left. A letter made in Word keeps its
        paragraphs, and so the numbers that Word counts.
        """
        if self.is_word or node["t"] not in ("Item", "Header", "BlockQuote", "Para"):
            return node
        if around := _only_condition_outside(node):
            return around
        said = has_words([node], marks_count=True)
        return node if said in (YES, NO) else {"t": "If", "c": [[said, [node]]]}

    def _inside(self, node: Node) -> Node:
        if node["t"] == "Item":
            return with_children(node, lambda nodes: self.blocks(nodes, is_item=True))
        if node["t"] == "Table":
            # For the hint only: the rows and cells of a table are no place for a condition around them.
            self._in_table = True
            folded = with_children(node, self.blocks)
            self._in_table = False
            return folded
        inline = node["t"] not in ("Div", "BlockQuote", "Note", "BulletList", "OrderedList")
        return with_children(node, self._inlines if inline else self.blocks)

    def _paragraph(self, node: Node, *, stays: bool) -> list[Node]:
        """Fold a paragraph; statements that are all of it, or stand around all of it, become blocks."""
        flat = self._split(node["c"])
        if all(child["t"] in ("Tag", *_BLANK) for child in flat) and any(child["t"] == "Tag" for child in flat):
            return [child for child in flat if child["t"] == "Tag"]
        folded = {**node, "c": self._finish(flat)}
        if stays:
            return [folded]
        return [_only_condition_outside(folded) or self._with_condition_outside(folded)]

    def _inlines(self, nodes: list[Node]) -> list[Node]:
        return self._finish(self._split(nodes))

    def _finish(self, flat: list[Node]) -> list[Node]:
        folded = self._fold(self._named_notes(flat))
        return [node if node["t"] in LEAVES else self._inside_folded(node) for node in folded]

    def _inside_folded(self, node: Node) -> Node:
        """Go on inside an inline node; the branches of a condition have been split already."""
        if node["t"] in ("If", "For"):
            return with_children(node, lambda nodes: [self._inside_folded(child) for child in nodes])
        return self._inside(node) if child_lists(node) else node

    def _split(self, nodes: list[Node]) -> list[Node]:
        """Split text at its tokens."""
        pieces: list[Node] = []
        for node in nodes:
            string = node["c"] if node["t"] == "Str" else node["c"][1] if node["t"] == "Code" else ""
            if TOKEN.search(string):
                pieces += self._pieces(node, string)
            else:
                pieces.append(node)
        return pieces

    def _pieces(self, node: Node, string: str) -> Iterator[Node]:
        rebuild: Callable[[str], Node] = (
            text if node["t"] == "Str" else lambda part: {"t": "Code", "c": [node["c"][0], part]}
        )
        position = 0
        for match in TOKEN.finditer(string):
            if match.start() > position:
                yield rebuild(string[position : match.start()])
            yield self._meaning(token_number(match))
            position = match.end()
        if position < len(string):
            yield rebuild(string[position:])

    def _meaning(self, number: int) -> Node:
        tag = self.tags[number]
        if tag.kind == "output":
            return {"t": "Field", "c": number}
        return {"t": "Tag" if tag.kind in STATEMENTS else "NoteName", "c": number}

    def _named_notes(self, nodes: list[Node]) -> list[Node]:
        """Give each note the name that stands behind it."""
        result: list[Node] = []
        for node in nodes:
            if node["t"] != "NoteName":
                result.append(node)
                continue
            tag = self.tags[node["c"]]
            if result and result[-1]["t"] == "Note":
                result[-1] = {**result[-1], "name": tag.expression}
            else:
                hint = f"call it in the text; inside a note refer to it with {{{{ note.{tag.expression} }}}}"
                self.problems.append(Problem(tag.place, f"the note [^{tag.expression}] is called inside a note", hint))
        return result

    def _fold(self, nodes: list[Node]) -> list[Node]:
        if not any(node["t"] == "Tag" for node in nodes):
            return nodes
        # What is open, each with the node that collects what stands in it; the first takes all the rest.
        stack: list[tuple[Tag | None, Node]] = [(None, {"t": "Root", "c": [[None, []]]})]
        for node in nodes:
            if node["t"] != "Tag":
                _branch(stack[-1][1]).append(node)
                continue
            tag = self.tags[node["c"]]
            opener = stack[-1][0]
            if tag.kind == "if":
                stack.append((tag, {"t": "If", "c": [[tag.expression, []]]}))
            elif tag.kind == "for":
                name, _, expression = tag.expression.partition(" in ")
                stack.append((tag, {"t": "For", "c": [name.strip(), expression.strip(), []], "tag": node["c"]}))
            elif opener is None or (tag.kind in ("elif", "else") and opener.kind == "for"):
                self._crossing(tag)
            elif tag.kind in ("elif", "else"):
                stack[-1][1]["c"].append([tag.expression or None, []])
            else:
                _, finished = stack.pop()
                _branch(stack[-1][1]).append(finished)
        for opener, _ in stack[1:]:
            if opener:
                self._crossing(opener)
        folded: list[Node] = stack[0][1]["c"][0][1]
        return folded

    def _crossing(self, tag: Tag) -> None:
        what = f"{{% {tag.kind} %}} begins in one paragraph or list and ends in another"
        hint = "put each of its tags on a line of its own, with a blank line above and below"
        if self._in_table:
            hint = "a condition stays in one cell; else write the table twice, with the condition around each"
        elif tag.place.path.endswith(".docx"):
            hint = "give each of its tags a paragraph of its own: {%p if … %} and {%p endif %}"
        self.problems.append(Problem(tag.place, what, hint))


def _only_condition_outside(node: Node) -> Node | None:
    """Return a node inside the condition that is all of it, or of its only paragraph, and has words in each branch."""
    inside = children(node)
    if len(inside) != 1:
        return None
    (only,) = inside
    if node["t"] == "Item" and only["t"] in ("Para", "Plain"):
        only = _only_condition_outside(only) or only
    if only["t"] != "If" or not all(nodes for _, nodes in only["c"]):
        return None
    return {"t": "If", "c": [[test, [holding(node, nodes)]] for test, nodes in only["c"]]}


def _branch(node: Node) -> list[Node]:
    nodes: list[Node] = node["c"][2] if node["t"] == "For" else node["c"][-1][1]
    return nodes
