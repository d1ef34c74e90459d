"""Reads a letter that came back from Word as Word shows it, and names what is not taken over into the Markdown."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from letters.formats import pandoc
from letters.formats.docx.inventory import draft_differences
from letters.formats.docx.losses import brief, content_losses
from letters.formats.docx.normalize import as_shown, remove_pictures
from letters.formats.docx.open_points import BLANK, HIDDEN, PROMPT, UNSEEN, open_points
from letters.formats.docx.opening import DOCUMENT, ENDNOTES, FOOTNOTES
from letters.formats.docx.shown import Formats, style_formats
from letters.formats.docx.text import read
from letters.formats.ooxml import parse, serialize, write_package
from letters.formats.tree import Node
from letters.model.records import OpenPoint
from letters.wording.to_markdown import Refusal

_BOX, _ENDNOTE = "a text box", "an endnote"
_PLAIN = "write them as plain text in Word, or undo that change"


class FromWord(NamedTuple):
    """What a Word file says, as far as it can be taken over, and what cannot."""

    tree: list[Node]
    refusals: tuple[Refusal, ...]
    """Words that would be lost, or that are none of the letter."""
    questions: tuple[str, ...]
    """What is left out, and what a reader of the Word file does not see."""


def read_words(parts: Mapping[str, bytes], before: Callable[[], dict[str, bytes]]) -> FromWord:
    """Return the words of a Word file, tracked changes taken in; `before` makes the parts that it was exported with."""
    formats = _without_capitals(style_formats(parts))
    shown = dict(parts)
    for name in (DOCUMENT, FOOTNOTES, ENDNOTES):
        if name in parts:
            root = parse(parts[name])
            as_shown(root, formats)
            remove_pictures(root)
            shown[name] = serialize(root)
    tree = pandoc.read_docx(write_package(shown, level=0))
    document = read(dict(parts))
    more = content_losses(document)
    more = more and more - content_losses(read(before()))  # to export a letter takes a moment
    lost = sorted(brief(each) for each in more if not each.startswith(_ENDNOTE))  # that one is a note like others
    points = open_points(document, lambda _: iter(()), frozenset())
    refusals = [Refusal(f"{each} is not taken over", _PLAIN) for each in lost if each.startswith(_BOX)]
    for each in draft_differences(parts, tree, formats, boxes=False):
        if each.element is not None:
            refusals.append(Refusal(f'the words "{each.words}" cannot be read', _PLAIN))
    for point in points:
        if point.kind in (PROMPT, BLANK):
            refusals.append(Refusal(str(point), "fill it in, or delete it in Word"))
    left_out = [f"{each} is not taken over" for each in lost if not each.startswith(_BOX)]
    return FromWord(tree, tuple(refusals), (*_unseen(points), *left_out))


def _without_capitals(formats: Formats) -> Formats:
    """Return the formats of styles without capitals: those are looks of the letterhead, which the words do not have."""
    return {name: each - {"caps"} for name, each in formats.items()}


def _unseen(points: list[OpenPoint]) -> Iterator[str]:
    for point in points:
        if point.kind == HIDDEN:
            yield f"{point} is left out"
        elif point.kind == UNSEEN:
            yield f"{point} is taken over like all text"
