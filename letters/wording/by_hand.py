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
from letters.formats.ooxml import parse, serialize, w, write_package
from letters.model import Source, Stretch
from letters.problems import Place, Problem
from letters.tokens import OPENER, TOKEN, token, token_number, without_reach
from letters.wording import word_boxes, word_notes, word_tags
from letters.wording.word_tables import Divider

_BODY = "word/document.xml"
_NOTES = "word/footnotes.xml"
_FILLED = re.compile(r"word/(document|footnotes|header\d*|footer\d*)\.xml")
_UNFILLED = re.compile(r"word/(endnotes|comments)\.xml")
"""Parts in which docxtpl leaves tags as they are."""
_MARK = re.compile("\ue002(\\d+)\ue003")
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
    roots = {name: parse(content) for name, content in parts.items() if _FILLED.fullmatch(name)}
    for root in roots.values():
        _prepare(root)
    marker = _Marker(shown, _callers(roots[_BODY]))
    marked = dict(parts)
    for name in sorted(roots, key=lambda name: (name != _BODY, name)):
        content = marker.marked(roots[name], name)
        if name in (_BODY, _NOTES):
            marked[name] = content
    if _NOTES in roots:
        word_notes.guard(roots[_BODY], roots[_NOTES])
    template = {**parts, **{name: serialize(root) for name, root in roots.items()}}
    tree = _plain_styles(pandoc.read_docx(write_package(marked)), styles)
    text = pandoc.write_markdown(Divider(marker.tags, marker.token).divided(tree))
    problems = [*marker.problems, *_unfilled(parts, shown)]
    return WordLetter(_source(text, marker.tags, shown), template), problems


def _prepare(root: etree._Element) -> None:
    """Make the tags of a part such as docxtpl understands them."""
    for paragraph in root.iter(w("p")):
        word_tags.join(paragraph)
        word_tags.settle_outputs(paragraph)
    word_tags.end_cell_tags(root)
    word_tags.give_properties(root)


def _unfilled(parts: Mapping[str, bytes], shown: str) -> list[Problem]:
    """Find tags where none is ever filled in."""
    found = []
    for name in sorted(filter(_UNFILLED.fullmatch, parts)):
        said = "".join(piece.text or "" for piece in parse(parts[name]).iter(w("t")))
        if opener := OPENER.search(said):
            what = f'a tag in the {name[5:-4]}, where no field is filled in: "{said[opener.start() :][:40]}"'
            found.append(Problem(Place(shown, 1), what, "write it into the text, or into a footnote"))
    return found


def _callers(body: etree._Element) -> dict[str, int]:
    """Tell for each note the number of the paragraph that calls it."""
    return {
        str(call.get(w("id"))): number
        for number, paragraph in enumerate(body.iter(w("p")), start=1)
        for call in paragraph.iter(w("footnoteReference"))
    }


class _Marker:
    """Puts a token in the place of each tag, and the number of each paragraph at its beginning."""

    def __init__(self, shown: str, callers: Mapping[str, int]) -> None:
        self.shown = shown
        self.callers = callers
        self.tags: list[str] = []
        self.problems: list[Problem] = []

    def marked(self, root: etree._Element, name: str) -> bytes:
        """Write a part with its marks; the part itself stays as it is."""
        root = parse(serialize(root))
        found: list[tuple[etree._Element, str]] = []
        for count, paragraph in enumerate(root.iter(w("p")), start=1):
            if word_boxes.is_repeated(paragraph):
                continue
            number = count if name == _BODY else self._caller(paragraph)
            place = Place(self.shown, number) if name in (_BODY, _NOTES) else Place(self.shown, field=name[5:11])
            pieces = [(piece, list(word_tags.split(piece.text or ""))) for piece in word_tags.texts_of(paragraph)]
            tags = [text for _, texts in pieces for text, is_tag in texts if is_tag]
            self.problems += word_tags.problems(paragraph, tags, place)
            for index, (piece, texts) in enumerate(pieces):
                lead = f"\ue002{number}\ue003" if name == _BODY and index == 0 else ""
                found.append((piece, lead + "".join(self.token(t) if is_tag else t for t, is_tag in texts)))
        for piece, text in found:
            piece.text = text
        word_boxes.unbox(root)
        return serialize(root)

    def _caller(self, paragraph: etree._Element) -> int:
        note = next(paragraph.iterancestors(w("footnote")), None)
        return self.callers.get(str(note.get(w("id"))) if note is not None else "", 1)

    def token(self, tag: str) -> str:
        """Keep a tag, and tell the token that stands for it."""
        self.tags.append(tag)
        return token(len(self.tags) - 1)


def _plain_styles(value: Any, styles: Collection[str]) -> Any:
    """Turn Word's styles into classes where the letterhead has them, and drop the others, and pictures."""
    if isinstance(value, list):
        result: list[Any] = []
        for item in value:
            if isinstance(item, dict) and item.get("t") == "Image":
                continue
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
    body = TOKEN.sub(lambda match: without_reach(tags[token_number(match)]), body)
    return Source(shown, body, 1, tuple(stretches))
