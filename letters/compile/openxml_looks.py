"""What pandoc takes from a letterhead for the text that it writes: ids of styles, and numbers that are taken."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from lxml import etree

from letters.formats.ooxml import Relations, parse, read_package, w

_PARTS = 8
"""Parts that pandoc gives every document; they are numbered before the notes, and after headers and footers."""
_OTHER_PARTS = frozenset(("styles", "settings", "webSettings", "fontTable", "theme"))
"""Parts of a letterhead that pandoc numbers anew."""
_MADE_ANEW = frozenset(("word/numbering.xml", "word/footnotes.xml"))
"""Members that pandoc does not write anew where the letterhead has them."""


class NotWrittenError(Exception):
    """Tells that only pandoc knows how to write a tree."""


class Looks(NamedTuple):
    """A letterhead, as far as the text needs it."""

    paragraphs: Mapping[str, str]
    """The ids of the styles of paragraphs, by name in small letters."""
    runs: Mapping[str, str]
    last_number: int
    """The last number that is taken before that of the first note."""

    def paragraph(self, style: str) -> str:
        """Tell the id of a style of paragraphs."""
        return self.paragraphs.get(style.lower()) or style.replace(" ", "")

    def run(self, style: str) -> str:
        """Tell the id of a style of runs."""
        return self.runs.get(style.lower()) or style.replace(" ", "")


def read_looks(letterhead: Path) -> Looks:
    """Read a letterhead; raises NotWrittenError where pandoc makes something of it that we do not know."""
    package = read_package(letterhead.read_bytes())
    if not _MADE_ANEW.isdisjoint(package):
        raise NotWrittenError
    styles = parse(package["word/styles.xml"]).findall(w("style"))
    numbered = _last_number(Relations(package["word/_rels/document.xml.rels"])) + _PARTS
    return Looks(_styles(styles, "paragraph"), _styles(styles, "character"), numbered)


def _last_number(relations: Relations) -> int:
    """Tell the last number that a header or footer of the letterhead has."""
    last = 0
    for each in relations.root:
        kind, number = str(each.get("Type")).rpartition("/")[2], str(each.get("Id")).removeprefix("rId")
        if kind in ("header", "footer") and number.isdecimal():
            last = max(last, int(number))
        elif kind not in _OTHER_PARTS:
            raise NotWrittenError
    return last


def _styles(styles: Iterable[etree._Element], kind: str) -> Mapping[str, str]:
    """List the ids of the styles of a kind by name, in small letters."""
    named = ((style, style.find(w("name"))) for style in styles if style.get(w("type")) == kind)
    return {str(name.get(w("val"))).lower(): str(style.get(w("styleId"))) for style, name in named if name is not None}
