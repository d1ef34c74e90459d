"""Marks the places of a template that print values, so that a filled letter splits into shared text and own values.

Marked are paragraphs, list items, cells and the like that hold a Jinja tag and no other block, and attributes of the
body's tag that hold a value of the recipient. The text between the marks is the same for all letters that took the
same branches of the template.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape

from jinja2 import Environment

START, END = "\x02", "\x03"
"""Control characters around a marked content; XML forbids both, so neither can stand in a letter (XML 1.0, 2.2)."""
# Blocks of the pages that html.py and letterhead.py write. After a tag of another block the content of a leaf is no
# longer one line of text.
_BLOCK_TAG = re.compile(
    r"<(/?)(p|h[1-6]|li|td|th|dt|dd|caption|title|div|ul|ol|dl|table|thead|tbody|tfoot|tr|blockquote|header|footer|main"
    r"|section|article|body|head|html|hr|img|style|figure)(?![\w-])"
)
_LEAVES = frozenset(["p", "h1", "h2", "h3", "h4", "h5", "h6", "li", "td", "th", "dt", "dd", "caption", "title"])
_TAG = re.compile(r"(<[^>]*>)")
_SPACES = re.compile(r"[ \t\n\r\f]+")
"""White space that shows as one space (CSS Text 3, 4.1.1)."""
_ODD_TEXT = re.compile(r"[\x00-\x1f\x85\u2028\u2029]|  ")
"""White space that is collapsed or kept in ways that only a layout of the whole text knows."""


@dataclass(frozen=True, slots=True)
class FilledTemplate:
    """A filled template, split at its marks."""

    branch: tuple[str, ...]
    """The text between the marked places: the same for all letters that took the same branches."""
    contents: tuple[str, ...]
    """Contents of elements begin with ">", the end of the tag that opens them; others are parts of attributes."""

    def opening(self) -> str:
        """Return the page up to the end of the last tag with a value in an attribute."""
        number = max(number for number, content in enumerate(self.contents) if content[:1] != ">")
        end = self.branch[number + 1].find(">") + 1
        branch = (*self.branch[: number + 1], self.branch[number + 1][:end])
        return FilledTemplate(branch, self.contents[: number + 1]).html()

    def html(self) -> str:
        """Return the whole page, with the number of each marked element as an attribute of it."""
        text = [self.branch[0]]
        for number, (content, after) in enumerate(zip(self.contents, self.branch[1:], strict=True)):
            text += [f' data-slot="{number}"' if content[:1] == ">" else "", content, after]
        return "".join(text)


def split_filled(text: str) -> FilledTemplate | None:
    """Split a filled template at its marks; None where a value holds one of the marks."""
    before, *pieces = text.split(START)
    branch, contents = [before], []
    for piece in pieces:
        content, end, after = piece.partition(END)
        if not end or END in after:
            return None
        contents.append(content)
        branch.append(after)
    return FilledTemplate(tuple(branch), tuple(contents)) if END not in before else None


def mark(html: str, environment: Environment) -> str:
    """Return a template with marks around the contents of elements that print values, and in the body's tag."""
    marker = _MarkWriter()
    for _, kind, value in environment.lex(html):
        if kind == "data":
            marker.data(value)
        else:
            marker.tag(kind, value)
    return "".join(marker.pieces)


@dataclass(slots=True)
class _MarkWriter:
    pieces: list[str] = field(default_factory=list)
    """The template; empty strings stand where a mark may be put once its element has turned out to hold a tag."""
    leaf: str = ""
    """The element that is open and may be marked."""
    place: int = 0
    """Where among the pieces its mark would stand."""
    prints: bool = False
    """Whether there is a Jinja tag in it."""
    in_body_tag: bool = False
    in_attribute: bool = False

    def data(self, text: str) -> None:
        if self.in_body_tag:
            attributes, bracket, text = text.partition(">")
            self._attributes(attributes)
            self.pieces.append(bracket)
            self.in_body_tag = not bracket
        start = 0
        for match in _BLOCK_TAG.finditer(text):
            closing, name = match.groups()
            # Any closing tag of a block ends the leaf, which is marked only if the tag is its own.
            if closing:
                self._close(name, text[start : match.start()])
                start = match.start()
                continue
            self.leaf = ""
            end = text.find(">", match.end())
            # A Jinja tag in the tag of the body: what follows is attributes until ">".
            if name == "body" and end < 0:
                self.in_body_tag = True
                self.pieces.append(text[start : match.end()])
                self._attributes(text[match.end() :])
                return
            if name in _LEAVES and end >= 0:
                self.pieces += [text[start:end], ""]
                self.leaf, self.place, self.prints = name, len(self.pieces) - 1, False
                start = end
        self.pieces.append(text[start:])

    def _attributes(self, text: str) -> None:
        """Take in a stretch of the body's tag: a value that holds anything of the recipient is marked as a whole."""
        before, *more = text.split('"')
        self.pieces.append(before)
        for piece in more:
            if self.in_attribute and self.prints:
                self.pieces[self.place] = START
                self.pieces.append(END)
            self.pieces += ['"', "", piece]
            self.place, self.prints = len(self.pieces) - 2, False
            self.in_attribute = not self.in_attribute

    def _close(self, name: str, before: str) -> None:
        self.pieces.append(before)
        if self.leaf == name and self.prints:
            self.pieces[self.place] = START
            self.pieces.append(END)
        self.leaf = ""

    def tag(self, kind: str, value: str) -> None:
        self.prints |= not self.in_body_tag or (kind == "name" and value == "recipient")
        self.pieces.append(value)


@dataclass(frozen=True, slots=True)
class InlineContent:
    """The content of a marked element: its texts, and its markup without them."""

    markup: str
    """The content with every text replaced by whether spaces stand at its ends."""
    texts: tuple[str, ...]


def read_inline(content: str) -> InlineContent | None:
    """Return the content of a marked element, split; None where its white space is out of the ordinary."""
    pieces = _TAG.split(content[1:])
    texts = []
    depth, odd = 0, False
    for place, piece in enumerate(pieces):
        if place % 2:
            depth = _depth_in_note(depth, piece)
        elif piece:
            text = unescape(piece) if "&" in piece else piece
            if is_odd(text):
                # build.process_whitespace of WeasyPrint does not reach notes, which are taken out of the text before.
                text = text if depth else _SPACES.sub(" ", text)
                odd = odd or is_odd(text)
            texts.append(text)
            # Whether a space at its end collapses depends on what stands beside it, so it is part of the markup.
            pieces[place] = f"\x01{text[0] == ' ':d}{text[-1] == ' ':d}"
    return None if odd else InlineContent("".join(pieces), tuple(texts))


def _depth_in_note(depth: int, tag: str) -> int:
    """Return how many spans are open after a tag, from that of a note on."""
    if tag.startswith("<span"):
        return depth + (depth > 0 or 'class="note"' in tag)
    return depth - (depth > 0 and tag == "</span>")


def is_odd(text: str) -> bool:
    """Return whether a text has white space that HTML would collapse, or keep in ways of its own."""
    return bool(_ODD_TEXT.search(text))
