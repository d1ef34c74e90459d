"""The tags of docxtpl as they stand in a Word file: put into one run each, and told apart by how far they reach.

docxtpl knows tags that stand for a whole paragraph, row, cell or run ({%p if … %}, {%tr for … %}), and four words that
change the cell they stand in ({% colspan … %}, {% cellbg … %}, {% hm %}, {% vm %}).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from lxml import etree

from letters.formats.ooxml import w
from letters.problems import Place, Problem, warning
from letters.tokens import OPENER, SPECIAL, end_of_tag, without_reach

ROW, CELL, PARAGRAPH = "tr", "tc", "p"
_CALLED = {ROW: "row", CELL: "cell", PARAGRAPH: "paragraph"}
_CELL_WORD = re.compile(r"\{%\s*(colspan|cellbg|hm|vm)\b\s*(.*?)\s*%\}", re.DOTALL)
_DASH = re.compile(r"\{[{%#][-+]|[-+][}%#]\}")
_STRAIGHT = str.maketrans({"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "\u00a0": " ", "\u2003": " "})
_SHOWN = 60
"""Characters of lost words that a message shows."""


def join(paragraph: etree._Element) -> None:
    """Put each tag of a paragraph into the run that it begins in, with straight quotation marks."""
    pieces = texts_of(paragraph)
    characters = [(number, character) for number, piece in enumerate(pieces) for character in piece.text or ""]
    straight = "".join(character for _, character in characters).translate(_STRAIGHT)
    position = 0
    while opener := OPENER.search(straight, position):
        end = end_of_tag(straight, opener) or opener.end()
        owner = characters[opener.start()][0]
        characters[opener.start() : end] = [(owner, character) for character in straight[opener.start() : end]]
        position = end
    for number, piece in enumerate(pieces):
        piece.text = "".join(character for owner, character in characters if owner == number)
        piece.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")


def texts_of(paragraph: etree._Element) -> list[etree._Element]:
    """List the texts of a paragraph, without those of a text box in it."""
    return [piece for piece in paragraph.iter(w("t")) if next(piece.iterancestors(w("p")), None) is paragraph]


def split(text: str) -> Iterator[tuple[str, bool]]:
    """Split a text into words and tags; the tags are told by True."""
    position = 0
    while opener := OPENER.search(text, position):
        end = end_of_tag(text, opener) or opener.end()
        yield text[position : opener.start()], False
        yield text[opener.start() : end], True
        position = end
    yield text[position:], False


def reach_of(tag: str) -> str:
    """Tell how far a tag reaches: "p", "tr", "tc" or "r"; empty for one that stands for itself."""
    special = SPECIAL.match(tag)
    return special[2] if special else ""


def cell_word(tag: str) -> tuple[str, str]:
    """Tell how a tag changes the cell it stands in: the word and its expression, both empty for any other tag."""
    found = _CELL_WORD.fullmatch(tag)
    return (found[1], found[2]) if found else ("", "")


def settle_outputs(paragraph: etree._Element) -> None:
    """Let {{r field}} and its like print as {{ field }} does: data is text, never the mark-up that they expect."""
    for piece in texts_of(paragraph):
        pieces = split(piece.text or "")
        piece.text = "".join(without_reach(text) if text.startswith("{{") else text for text, _ in pieces)


def problems(paragraph: etree._Element, tags: Sequence[str], place: Place) -> Iterator[Problem]:
    """Find the tags of a paragraph that would take words away with them, or that docxtpl would put elsewhere."""
    for tag in tags:
        reach, (word, _) = reach_of(tag), cell_word(tag)
        if _DASH.match(tag) or _DASH.search(tag[-3:]):
            plain = re.sub(r"\A(..)[-+]|[-+](..)\Z", r"\1\2", tag)
            yield Problem(place, f'"{tag}" would join paragraphs in Word and take words away', f"write {plain}")
        if (reach in (ROW, CELL) or word) and next(paragraph.iterancestors(w("tc")), None) is None:
            hint = "put it into a table" + ("" if word else f", or write {{%p{without_reach(tag)[2:]}")
            yield Problem(place, f'"{tag}" stands outside of a table', hint)
        elif word == "cellbg":
            hint = "the PDFs have the colours of letterhead.css"
            yield warning(place, f'"{tag}" colours a cell in the Word letters only', hint)
        elif reach in _CALLED and (lost := _beside(paragraph, tag, reach)):
            what = f'"{tag}" stands for its whole {_CALLED[reach]}, so "{lost}" beside it is lost'
            yield Problem(place, what, f"give the tag a {_CALLED[reach]} of its own")


def _beside(paragraph: etree._Element, tag: str, reach: str) -> str:
    """Tell the words that go when a tag stands for all of its paragraph, row or cell."""
    whole = paragraph if reach == PARAGRAPH else next(paragraph.iterancestors(w(reach)))
    said = " ".join("".join(piece.text or "" for piece in texts_of(each)) for each in whole.iter(w("p")))
    rest = " ".join(said.replace(tag, "", 1).split())
    if not rest and next(whole.iter(w("footnoteReference")), None) is not None:
        return "a note"
    return rest if len(rest) <= _SHOWN else f"{rest[: _SHOWN - 1]}…"


def end_cell_tags(root: etree._Element) -> None:
    """Put {% vm %} behind the last words of its cell, since docxtpl repeats the words behind it in every row."""
    for cell in root.iter(w("tc")):
        pieces = [piece for piece in cell.iter(w("t")) if next(piece.iterancestors(w("tc"))) is cell]
        for piece in pieces:
            for text, is_tag in split(piece.text or ""):
                if is_tag and cell_word(text)[0] == "vm":
                    piece.text = (piece.text or "").replace(text, "")
                    pieces[-1].text = (pieces[-1].text or "") + text


def give_properties(root: etree._Element) -> None:
    """Give properties to each cell that a tag changes: docxtpl writes what it changes into them (17.4.69)."""
    for cell in root.iter(w("tc")):
        texts = [text for piece in cell.iter(w("t")) for text, _ in split(piece.text or "")]
        if any(cell_word(text)[0] for text in texts):
            own = cell.find(w("tcPr"))
            if own is None:
                own = etree.Element(w("tcPr"))
                cell.insert(0, own)
            if not len(own):
                etree.SubElement(own, w("tcW"), {w("w"): "0", w("type"): "auto"})
