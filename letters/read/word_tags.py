"""Rewrites the tags of docxtpl in a Word file: each in one run, notes under the conditions of their calls.

docxtpl has tags that stand for a whole paragraph, row, cell or run ({%p if … %}, {%tr for … %}), and four words that
change the cell they stand in ({% colspan … %}, {% cellbg … %}, {% hm %}, {% vm %}).
Clause numbers are those of ECMA-376 part 1.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Iterator, Sequence

from lxml import etree

from letters.formats.jinja import OPENER, SPECIAL, end_of_tag, without_reach
from letters.formats.ooxml import remove, w
from letters.formats.tree import NO, YES, Node, has_words
from letters.model.problems import Place, Problem, shortened, warning

ROW, CELL, PARAGRAPH = "tr", "tc", "p"
_CALLED = {ROW: "row", CELL: "cell", PARAGRAPH: "paragraph"}
_CELL_WORD = re.compile(r"\{%\s*(colspan|cellbg|hm|vm)\b\s*(.*?)\s*%\}", re.DOTALL)
"""The tags that change their cell."""
_DASH = re.compile(r"\{[{%#][-+]|[-+][}%#]\}")
"""A tag that controls the white space beside it; docxtpl takes {%- as an order to join paragraphs."""
_STRAIGHT = str.maketrans({"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "\u00a0": " ", "\u2003": " "})
"""What Word makes of typed quotation marks and spaces, and Jinja does not understand."""
INSERTED, _BEFORE = "inserted", "before"
"""The attribute of paragraphs that are put in here: tags, of which no letter keeps anything."""
FOLDED = "folded"
"""The attribute of a paragraph behind which some were taken away, with their number; no letter keeps it."""
_THINGS = tuple(map(w, ("footnoteReference", "endnoteReference", "drawing", "pict", "object", "sym")))
_SOMETHING: Node = {"t": "Field", "c": 0}
"""What stands for words in a tree that is made to ask for its conditions."""
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
"""Without it Word drops the blanks at both ends of a text (XML 1.0, 2.10)."""


def straight(text: str) -> str:
    """Return a text with the quotation marks and spaces that Jinja understands."""
    return text.translate(_STRAIGHT)


def join(paragraph: etree._Element) -> None:
    """Put each tag of a paragraph into the run that it begins in, with straight quotation marks.

    Word splits what is typed into runs wherever spelling, language or formatting changes.
    """
    pieces = texts_of(paragraph)
    characters = [(number, character) for number, piece in enumerate(pieces) for character in piece.text or ""]
    said = straight("".join(character for _, character in characters))
    position = 0
    while opener := OPENER.search(said, position):
        end = end_of_tag(said, opener) or opener.end()
        owner = characters[opener.start()][0]
        characters[opener.start() : end] = [(owner, character) for character in said[opener.start() : end]]
        position = end
    for number, piece in enumerate(pieces):
        piece.text = "".join(character for owner, character in characters if owner == number)
        piece.set(_SPACE, "preserve")


def replace_text(pieces: Sequence[etree._Element], start: int, end: int, text: str) -> None:
    """Put a text in the place of characters that may stand in several text elements, into the first of these."""
    position = 0
    for piece in pieces:
        own = piece.text or ""
        first, last = max(start - position, 0), min(end - position, len(own))
        if first < last:
            piece.text = own[:first] + text + own[last:]
            piece.set(_SPACE, "preserve")
            text = ""
        position += len(own)


def texts_of(paragraph: etree._Element) -> list[etree._Element]:
    """Return the text elements (17.3.3.31) of a paragraph, without those of a text box in it."""
    return [piece for piece in paragraph.iter(w("t")) if next(piece.iterancestors(w("p")), None) is paragraph]


def split(text: str) -> Iterator[tuple[str, bool]]:
    """Split a text into words and tags, each with whether it is a tag."""
    position = 0
    while opener := OPENER.search(text, position):
        end = end_of_tag(text, opener) or opener.end()
        yield text[position : opener.start()], False
        yield text[opener.start() : end], True
        position = end
    yield text[position:], False


def upper(text: str) -> str:
    """Return a text in capitals, with tags that print their values in capitals."""
    return "".join(_upper_tag(piece) if is_tag else piece.upper() for piece, is_tag in split(text))


def _upper_tag(tag: str) -> str:
    return f"{{{{ ({tag[2:-2].strip()}) | upper }}}}" if tag.startswith("{{") else tag


def reach_of(tag: str) -> str:
    """Return how far a tag reaches: "p", "tr", "tc" or "r"; empty for one that stands for itself."""
    special = SPECIAL.match(tag)
    return special[2] if special else ""


def cell_word(tag: str) -> tuple[str, str]:
    """Return how a tag changes its cell: the word and its expression, both empty for any other tag."""
    found = _CELL_WORD.fullmatch(tag)
    return (found[1], found[2]) if found else ("", "")


def settle_outputs(paragraph: etree._Element) -> None:
    """Rewrite {{r field}} and its like as {{ field }}: docxtpl would put their value in as XML, and data is text."""
    for piece in texts_of(paragraph):
        pieces = split(piece.text or "")
        piece.text = "".join(without_reach(text) if text.startswith("{{") else text for text, _ in pieces)


def problems(paragraph: etree._Element, tags: Sequence[str], place: Place) -> Iterator[Problem]:
    """Yield a problem for each tag of a paragraph that docxtpl would move, or that would delete words beside it."""
    for tag in tags:
        reach, (word, _) = reach_of(tag), cell_word(tag)
        if _DASH.match(tag) or _DASH.search(tag[-3:]):
            plain = re.sub(r"\A(..)[-+]|[-+](..)\Z", r"\1\2", tag)
            yield Problem(place, f'"{tag}" would join paragraphs in Word and take words away', f"write {plain}")
        if (reach in (ROW, CELL) or word) and next(paragraph.iterancestors(w("tc")), None) is None:
            hint = "put it into a table" + ("" if word else f", or write {{%p{without_reach(tag)[2:]}")
            yield Problem(place, f'"{tag}" stands outside of a table', hint)
        elif word == "vm" and _has_tab(paragraph):
            what = f'"{tag}" stands in a cell with a tab or another table, which would tear the table'
            yield Problem(place, what, "take the tab or the inner table out of the cell")
        elif word == "cellbg":
            hint = "the PDFs have the colours of letterhead.css"
            yield warning(place, f'"{tag}" colours a cell in the Word letters only', hint)
        elif reach in _CALLED and (lost := _beside(paragraph, tag, reach)):
            what = f'"{tag}" stands for its whole {_CALLED[reach]}, so "{lost}" beside it is lost'
            yield Problem(place, what, f"give the tag a {_CALLED[reach]} of its own")


def write_apart(piece: etree._Element, texts: Sequence[tuple[str, bool]]) -> None:
    """Write texts into the place of a text element, each with whether it gets a run without formatting.

    So a condition that begins in plain words and ends in bold ones stands beside both in the tree that pandoc reads.
    """
    # In bold, "{% if x %}" would stand within the Strong node of pandoc's tree, and its end outside of it.
    run = piece.getparent()
    looks = run.find(w("rPr")) if run is not None else None
    if run is None or looks is None or not any(is_bare for _, is_bare in texts):
        piece.text = "".join(text for text, _ in texts)
        return
    children = [child for child in run if child.tag != w("rPr")]
    at = children.index(piece)
    groups = [children[:at], *([_text_element(text)] for text, _ in texts), children[at + 1 :]]
    for group, is_bare in zip(groups, [False, *(is_bare for _, is_bare in texts), False], strict=True):
        if group:
            new = etree.Element(w("r"))
            if not is_bare:
                new.append(copy.deepcopy(looks))
            new.extend(group)
            run.addprevious(new)
    outer = run.getparent()
    if outer is not None:
        outer.remove(run)


def _text_element(text: str) -> etree._Element:
    element = etree.Element(w("t"))
    element.text = text
    element.set(_SPACE, "preserve")
    return element


def _has_tab(paragraph: etree._Element) -> bool:
    cell = next(paragraph.iterancestors(w("tc")))
    return next(cell.iter(w("tab"), w("tbl")), None) is not None


def stands_for_paragraph(paragraph: etree._Element, tags: Sequence[str]) -> bool:
    """Return whether a paragraph holds statements and nothing else, so that no letter shows it."""
    said = "".join(piece.text or "" for piece in texts_of(paragraph))
    for tag in tags:
        said = said.replace(tag, "", 1)
    return not said.strip() and all(tag.startswith("{%") and not cell_word(tag)[0] for tag in tags)


def _beside(paragraph: etree._Element, tag: str, reach: str) -> str:
    """Return the words that are lost when a tag stands for all of its paragraph, row or cell."""
    whole = paragraph if reach == PARAGRAPH else next(paragraph.iterancestors(w(reach)))
    said = " ".join("".join(piece.text or "" for piece in texts_of(each)) for each in whole.iter(w("p")))
    rest = said.replace(tag, "", 1)
    if not rest.strip() and next(whole.iter(w("footnoteReference")), None) is not None:
        return "a note"
    return shortened(rest)


def end_cell_tags(root: etree._Element) -> None:
    """Move {% vm %} behind the last words of its cell, since docxtpl repeats the words behind it in every row."""
    for cell in root.iter(w("tc")):
        pieces = [piece for piece in cell.iter(w("t")) if next(piece.iterancestors(w("tc"))) is cell]
        for piece in pieces:
            for text, is_tag in split(piece.text or ""):
                if is_tag and cell_word(text)[0] == "vm":
                    piece.text = (piece.text or "").replace(text, "")
                    pieces[-1].text = (pieces[-1].text or "") + text
                    _drop_empty(pieces[:-1])


def _drop_empty(pieces: Sequence[etree._Element]) -> None:
    """Remove texts without words: docxtpl would take the first of them, an element without an end, for the words."""
    for piece in pieces:
        run = piece.getparent()
        if not piece.text and run is not None:
            run.remove(piece)


def give_properties(root: etree._Element) -> None:
    """Add properties to each cell that a tag changes: docxtpl writes what it changes into them (17.4.69)."""
    for cell in root.iter(w("tc")):
        texts = [text for piece in cell.iter(w("t")) for text, _ in split(piece.text or "")]
        if any(cell_word(text)[0] for text in texts):
            own = cell.find(w("tcPr"))
            if own is None:
                own = etree.Element(w("tcPr"))
                cell.insert(0, own)
            if not len(own):
                etree.SubElement(own, w("tcW"), {w("w"): "0", w("type"): "auto"})


def guard_notes(document: etree._Element, notes: etree._Element) -> None:
    """Put each note under the conditions of its call, so that no letter holds a note that nothing calls.

    The notes are sorted as they are called and the statements of the body repeated between them as plain text, where
    docxtpl runs them; notes that nobody calls are deleted.
    """
    # Those with a type are the lines above the notes (17.18.33), which Word needs.
    own = {str(note.get(w("id"))): note for note in notes.iter(w("footnote")) if note.get(w("type")) is None}
    for note in own.values():
        notes.remove(note)
    pending = ""
    for tag, called in _statements_and_calls(document):
        pending += tag
        if called in own:
            _add_text(notes, pending)
            notes.append(own.pop(called))
            pending = ""
    _add_text(notes, pending)


def _statements_and_calls(document: etree._Element) -> Iterator[tuple[str, str]]:
    """Yield the statements of the body and the calls of notes in the order of the text; one of each pair is empty."""
    for element in document.iter(w("t"), w("footnoteReference")):
        if element.tag == w("footnoteReference"):
            yield "", str(element.get(w("id")))
            continue
        for text, is_tag in split(element.text or ""):
            if is_tag and text.startswith("{%") and not cell_word(text)[0]:
                yield without_reach(text), ""


def _add_text(parent: etree._Element, text: str) -> None:
    """Append text behind the last child of an element."""
    if not len(parent):
        parent.text = (parent.text or "") + text
    else:
        parent[-1].tail = (parent[-1].tail or "") + text


def put_around(paragraph: etree._Element, before: str, after: str) -> None:
    """Put paragraphs of tags before and behind a paragraph."""
    for text, side, add in ((before, _BEFORE, paragraph.addprevious), (after, "after", paragraph.addnext)):
        new = etree.Element(w("p"), {INSERTED: side})
        # A section that ends with the paragraph would end with each of its neighbours, too (17.6.18).
        properties = paragraph.find(w("pPr"))
        if properties is not None:
            new.append(copy.deepcopy(properties))
            for section in new.iter(w("sectPr")):
                remove(section)
        etree.SubElement(etree.SubElement(new, w("r")), w("t")).text = text
        add(new)


def numbered_paragraphs(root: etree._Element) -> Iterator[tuple[int, etree._Element]]:
    """Yield the paragraphs of a part with their numbers in Word, from 1; those put in have that of their neighbour."""
    number = 0
    for paragraph in root.iter(w("p")):
        number += paragraph.get(INSERTED) is None
        yield number + (paragraph.get(INSERTED) == _BEFORE), paragraph
        number += int(paragraph.get(FOLDED, "0"))


def leave_out_empty(paragraphs: Iterable[etree._Element]) -> None:
    """Put a condition around each of these paragraphs that has no words unless a condition in it holds.

    An empty item or heading would be left, with its number.
    """
    for paragraph in list(paragraphs):
        outer = paragraph.getparent()
        is_last = outer is None or (outer.tag == w("tc") and len(outer.findall(w("p"))) == 1)
        ends_section = paragraph.find(f"{w('pPr')}/{w('sectPr')}") is not None
        is_boxed = any(str(each.tag).endswith("}txbxContent") for each in paragraph.iterancestors())
        if not (is_last or ends_section or is_boxed) and (condition := _condition_of_words(paragraph)):
            put_around(paragraph, f"{{%p if {condition} %}}", "{%p endif %}")


def _condition_of_words(paragraph: etree._Element) -> str:
    """Return the condition under which a paragraph has words; empty where it always or never has, or loops."""
    branches: list[list[tuple[str | None, list[Node]]]] = [[(None, [])]]
    for element in paragraph.iter(w("t"), *_THINGS):
        if element.tag != w("t"):
            branches[-1][-1][1].append(_SOMETHING)
            continue
        for piece, is_tag in split(element.text or ""):
            word, _, test = piece[2:-2].strip().partition(" ") if is_tag and piece[1] == "%" else ("", "", "")
            if word == "if":
                branches.append([(test.strip(), [])])
            elif word in ("elif", "else") and len(branches) > 1:
                branches[-1].append((test.strip() or None, []))
            elif word == "endif" and len(branches) > 1:
                whole: Node = {"t": "If", "c": branches.pop()}
                branches[-1][-1][1].append(whole)
            elif word:
                return ""
            elif piece.strip() and not piece.startswith("{#"):
                branches[-1][-1][1].append(_SOMETHING)
    said = has_words(branches[0][0][1]) if len(branches) == 1 else NO
    return "" if said in (YES, NO) else said
