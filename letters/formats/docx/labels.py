"""Carries the numbers that Word computes through pandoc, which begins most lists with 1 and numbers no heading.

Before pandoc reads a part, each numbered paragraph gets a mark; afterwards the marks become the start and style of
their list, or an item's own number where a list cannot say it, such as "1.1" or "Article IV".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from lxml import etree

from letters.formats.docx.numbering import BULLET, Label, Numbering, spelled
from letters.formats.grid import ITEM_NUMBER
from letters.formats.ooxml import w
from letters.formats.tree import Node, text

_MARK = re.compile("\ue024(\\d+)\ue025")
"""A mark: private characters around the place of the label."""
_STYLES = {
    "decimal": "Decimal",
    "lowerLetter": "LowerAlpha",
    "upperLetter": "UpperAlpha",
    "lowerRoman": "LowerRoman",
    "upperRoman": "UpperRoman",
}
"""Pandoc's names of number formats."""
_LETTERS = 26
_DELIMITERS = {("", "."): "Period", ("", ")"): "OneParen", ("(", ")"): "TwoParens"}
"""Pandoc's names of what stands around a number."""
NUMBER_FORMATS = {pandoc: form for form, pandoc in _STYLES.items()}
DELIMITERS = {pandoc: around for around, pandoc in _DELIMITERS.items()}
"""The same the other way around, by pandoc's names."""


def mark_labels(root: etree._Element, numbering: Numbering, labels: list[Label]) -> None:
    """Put a mark into each numbered paragraph of a part, in place, and add its label to those that the marks count."""
    for paragraph, label in numbering.labels(root).items():
        if label.kind != BULLET:
            run = etree.Element(w("r"))
            etree.SubElement(run, w("t")).text = f"\ue024{len(labels)}\ue025"
            paragraph.insert(1 if paragraph.find(w("pPr")) is not None else 0, run)
            labels.append(label)


def settle_labels(blocks: Sequence[Node], labels: Sequence[Label]) -> list[Node]:
    """Return pandoc's blocks with the marks turned into numbers of lists; outside of lists they become text."""
    if not labels:
        return list(blocks)
    settled: list[Node] = _settled(list(blocks), labels)
    return settled


def depend_on_conditions(
    root: etree._Element, numbering: Numbering, tags: Callable[[str], int]
) -> Iterator[etree._Element]:
    """Yield the paragraphs of a part with tags whose numbers are other ones in some letters, and no list says it.

    `tags` returns by how much a text opens or closes conditions and loops. The items of one list may be under
    conditions: both media count them anew. A list that goes on behind other text, or numbers such as "1.1", cannot.
    """
    depth, behind_text = 0, False
    conditional: set[str] = set()
    before: Label | None = None
    labels = numbering.labels(root)
    for paragraph in root.iter(w("p")):
        said = "".join(piece.text or "" for piece in paragraph.iter(w("t")))
        change = tags(said)
        label = labels.get(paragraph)
        if label is None or label.kind == BULLET:
            behind_text = behind_text or (not change and bool(said.strip()))
        else:
            goes_on = behind_text and label.number > 1 and before is not None
            if label.list_id in conditional and (goes_on or not _is_simple(label)):
                yield paragraph
            if depth > 0 or change:
                conditional.add(label.list_id)
            before, behind_text = label, False
        depth += change


def _is_simple(label: Label) -> bool:
    return _attributes([label]) is not None


def _settled(value: Any, labels: Sequence[Label]) -> Any:
    if isinstance(value, list):
        return [new for item in value for new in _text_of(_settled(item, labels), labels)]
    if not isinstance(value, dict):
        return value
    kind = value.get("t")
    if kind in ("BulletList", "OrderedList"):
        items = value["c"] if kind == "BulletList" else value["c"][1]
        taken = [_taken(item, labels) for item in items]
        inside = [_settled(blocks, labels) for blocks, _ in taken]
        found = [label for _, label in taken]
        if any(label is not None for label in found):
            return _numbered(inside, found)
        return {**value, "c": inside if kind == "BulletList" else [value["c"][0], inside]}
    return {key: _settled(item, labels) for key, item in value.items()}


def _text_of(value: Any, labels: Sequence[Label]) -> list[Any]:
    """Write a mark that no list has taken as text of its own, followed by a space."""
    if not (isinstance(value, dict) and value.get("t") == "Str" and (mark := _MARK.match(value["c"]))):
        return [value]
    label, rest = labels[int(mark[1])].text, value["c"][mark.end() :]
    number: Node = {"t": "Span", "c": [["", [ITEM_NUMBER], []], [text(label)]]}
    lead = [number, {"t": "Space"}] if label else []
    return [*lead, *([text(rest)] if rest else [])]


def _taken(blocks: list[Node], labels: Sequence[Label]) -> tuple[list[Node], Label | None]:
    """Take the mark out of an item's first paragraph; return the item without it, and the label."""
    first = blocks[0] if blocks else None
    if first is None:
        return blocks, None
    if first["t"] == "Div":
        inside, label = _taken(first["c"][1], labels)
        return ([{**first, "c": [first["c"][0], inside]}, *blocks[1:]], label) if label else (blocks, None)
    if first["t"] not in ("Para", "Plain") or not first["c"] or first["c"][0]["t"] != "Str":
        return blocks, None
    mark = _MARK.match(first["c"][0]["c"])
    if mark is None:
        return blocks, None
    rest = first["c"][0]["c"][mark.end() :]
    inlines = [*([text(rest)] if rest else []), *first["c"][1:]]
    return [{**first, "c": inlines}, *blocks[1:]], labels[int(mark[1])]


def _numbered(items: list[list[Node]], labels: list[Label | None]) -> Node:
    """Return a list with the numbers of Word: by a start and a style where that says them all, else one by one."""
    attributes = _attributes(labels)
    if attributes is not None:
        return {"t": "OrderedList", "c": [attributes, items]}
    own = [_with_number(blocks, label.text) if label else blocks for blocks, label in zip(items, labels, strict=True)]
    return {"t": "OrderedList", "c": [[1, {"t": "Decimal"}, {"t": "Period"}], own]}


def _attributes(labels: Sequence[Label | None]) -> list[Any] | None:
    """Return pandoc's attributes of a list that has exactly these numbers; None where no attributes can say them."""
    first = labels[0]
    if first is None or first.kind not in _STYLES or first.number < 0:
        return None
    if first.kind.endswith("Letter") and first.number + len(labels) - 1 > _LETTERS:
        return None  # 27 is "aa" everywhere, but 28 is "bb" in Word alone
    before, found, after = first.text.partition(spelled(first.number, first.kind))
    delimiter = _DELIMITERS.get((before, after))
    if not found or delimiter is None:
        return None
    for number, label in enumerate(labels, start=first.number):
        if label is None or label.text != f"{before}{spelled(number, first.kind)}{after}":
            return None
    return [first.number, {"t": _STYLES[first.kind]}, {"t": delimiter}]


def _with_number(blocks: list[Node], number: str) -> list[Node]:
    """Put a number before the first words of an item, as a Span of the class ITEM_NUMBER."""
    span: Node = {"t": "Span", "c": [["", [ITEM_NUMBER], []], [text(number)] if number else []]}
    first = blocks[0] if blocks else None
    if first is not None and first["t"] in ("Para", "Plain"):
        return [{**first, "c": [span, *first["c"]]}, *blocks[1:]]
    return [{"t": "Para", "c": [span]}, *blocks]
