"""Reads a letter that somebody made in Word, with fields and conditions typed into it, as a source like any other.

The DOCX stays the template of the DOCX letters; its words become Markdown, from which checks and the PDF are made. Word
splits what is typed into runs and curls quotation marks: inside tags both are mended.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree

from letters import pandoc
from letters.model import Source, Stretch
from letters.package import parse, serialize, w, write_package
from letters.problems import Place, Problem
from letters.tokens import OPENER, TOKEN, end_of_tag, token, token_number

_BODY = "word/document.xml"
_NOTES = "word/footnotes.xml"
_PARTS = re.compile(r"word/(document|footnotes|header\d*|footer\d*)\.xml")
_STRAIGHT = str.maketrans({"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "\u00a0": " ", "\u2003": " "})
_MARK = re.compile("\ue002(\\d+)\ue003")
_SPECIAL = re.compile(r"(\{[{%])(p|tr|tc|r)\s")
"""Tags of docxtpl that stand for a whole paragraph, row, cell or run."""
_WHAT = {"tr": "rows of a table", "tc": "cells of a table", "r": "runs of rich text"}
_NO_COLUMN = 1_000_000
"""Set in so far, every column is the first: columns of the Markdown mean nothing in Word."""


@dataclass(frozen=True, slots=True)
class WordLetter:
    """A letter made in Word."""

    body: Source
    template: dict[str, bytes]
    """The parts of the DOCX, each tag in one run and with straight quotation marks."""


def read(parts: Mapping[str, bytes], shown: str, styles: Collection[str]) -> tuple[WordLetter, list[Problem]]:
    """Read a letter from the parts of its DOCX; lines of the source count the paragraphs of the document.

    `styles` are the names of the styles that the letterhead knows; paragraphs of others are set as plain text.
    """
    template = dict(parts)
    marked = dict(parts)
    tags: list[str] = []
    problems: list[Problem] = []
    callers = _callers(parts)
    for name in sorted(parts, key=lambda name: (name != _BODY, name)):
        if not _PARTS.fullmatch(name):
            continue
        root = parse(parts[name])
        for paragraph in root.iter(w("p")):
            _join_tags(paragraph)
        template[name] = serialize(root)
        if name in (_BODY, _NOTES):
            problems += _mark(root, name, tags, callers, shown)
            marked[name] = serialize(root)
    text = pandoc.write_markdown(_plain_styles(pandoc.read_docx(write_package(marked)), styles))
    return WordLetter(_source(text, tags, shown), template), problems


def _callers(parts: Mapping[str, bytes]) -> dict[str, int]:
    """Tell for each note the number of the paragraph that calls it."""
    return {
        str(call.get(w("id"))): number
        for number, paragraph in enumerate(parse(parts[_BODY]).iter(w("p")), start=1)
        for call in paragraph.iter(w("footnoteReference"))
    }


def _join_tags(paragraph: etree._Element) -> None:
    """Put each tag of a paragraph into the run that it begins in, with straight quotation marks."""
    pieces = [piece for piece in paragraph.iter(w("t")) if _paragraph_of(piece) is paragraph]
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


def _paragraph_of(element: etree._Element) -> etree._Element | None:
    return next((each for each in element.iterancestors() if each.tag == w("p")), None)


def _mark(root: etree._Element, name: str, tags: list[str], callers: Mapping[str, int], shown: str) -> list[Problem]:
    """Put tokens in the place of tags, and the number of each paragraph at its beginning."""
    problems = []
    for count, paragraph in enumerate(root.iter(w("p")), start=1):
        note = next((each for each in paragraph.iterancestors() if each.tag == w("footnote")), None)
        number = count if name == _BODY else callers.get(str(note.get(w("id"))) if note is not None else "", 1)
        texts = [piece for piece in paragraph.iter(w("t")) if _paragraph_of(piece) is paragraph]
        for piece in texts:
            piece.text, found = _tokens(piece.text or "", tags)
            problems += [problem for tag in found if (problem := _unprintable(tag, Place(shown, number)))]
        if texts and name == _BODY:
            texts[0].text = f"\ue002{number}\ue003{texts[0].text}"
    return problems


def _tokens(text: str, tags: list[str]) -> tuple[str, list[str]]:
    pieces, found, position = [], [], 0
    while opener := OPENER.search(text, position):
        end = end_of_tag(text, opener) or opener.end()
        pieces += [text[position : opener.start()], token(len(tags))]
        tags.append(text[opener.start() : end])
        found.append(tags[-1])
        position = end
    return "".join([*pieces, text[position:]]), found


def _unprintable(tag: str, place: Place) -> Problem | None:
    special = _SPECIAL.match(tag)
    if not special or special[2] == "p":
        return None
    hint = "write the rows out, with a condition in each cell where one is needed"
    return Problem(place, f'"{tag}" repeats {_WHAT[special[2]]}, which the PDF cannot follow', hint)


def _plain_styles(value: Any, styles: Collection[str]) -> Any:
    """Turn Word's styles into classes where the letterhead has them, and drop the others."""
    if isinstance(value, list):
        result: list[Any] = []
        for item in value:
            new = _plain_styles(item, styles)
            style = _style_of(item)
            if style is None or (style in styles and style == _titled(style)):
                result.append(new)
            else:
                result += new["c"][1]
        return result
    if not isinstance(value, dict):
        return value
    new = {key: _plain_styles(item, styles) for key, item in value.items()}
    style = _style_of(value)
    if style is not None:
        new["c"] = [["", [style.lower().replace(" ", "-")], []], new["c"][1]]
    return new


def _titled(style: str) -> str:
    """Write a style as its class reads: "footnote text" is no class of ours, Inside Address is."""
    return style.replace("-", " ").title()


def _style_of(node: Any) -> str | None:
    """Tell the style that a Div or Span of pandoc's tree stands for; None where the node is something else."""
    if not (isinstance(node, dict) and node.get("t") in ("Div", "Span")):
        return None
    return next((str(value) for key, value in node["c"][0][2] if key == "custom-style"), "")


def _source(text: str, tags: list[str], shown: str) -> Source:
    """Make the source: brackets as they were typed, tags in their places, each line with its paragraph's number."""
    lines = text.replace("\\[", "[").replace("\\]", "]").split("\n")
    stretches = []
    calls: dict[str, int] = {}
    for index, line in enumerate(lines):
        number = int(mark[1]) if (mark := _MARK.search(line)) else 0
        note = re.match(r"\[\^(\d+)\]:", line)
        if note:
            number = calls.get(note[1], 1)
        calls |= dict.fromkeys(re.findall(r"\[\^(\d+)\]", line), number)
        if number:
            stretches.append(Stretch(index, shown, number, _NO_COLUMN))
    body = _MARK.sub("", "\n".join(lines))
    body = TOKEN.sub(lambda match: _SPECIAL.sub(r"\1 ", tags[token_number(match)]), body)
    return Source(shown, body, 1, tuple(stretches))
