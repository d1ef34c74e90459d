"""Computes the number or bullet that Word shows before each paragraph, and carries it through pandoc.

Clause numbers are those of ECMA-376 part 1; counters, restarts and overrides are 17.9.

Before pandoc reads a part, each numbered paragraph gets a mark; afterwards the marks become the start and style of
their list, or an item's own number where a list cannot say it, such as "1.1" or "Article IV".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from letters.formats.docx.shown import Styles, is_set, value_of
from letters.formats.ooxml import first_place, parse, text_in, w
from letters.formats.tree import ITEM_NUMBER, Node, text

_BULLET = "bullet"
_LEVELS = 9
_ZEROS = re.compile("custom (0+1),")
"""A format of its own that Word writes for numbers with zeros before them (17.9.17): "001, 002, 003, ..."."""
_WORDS = re.compile(r"[^\W\d_]{2}")
_PLACE = re.compile(r"%([1-9])")
"""The place of a level's number in the text of a label (17.9.11)."""
_ROMAN = (
    *((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl")),
    *((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")),
)
_FIRST_ORDINALS = {1: "st", 2: "nd", 3: "rd"}
_ONES = (
    *("", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_ODD_ORDINALS = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}
_HUNDRED = 100
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


@dataclass(frozen=True, slots=True)
class Label:
    """What Word shows before a paragraph: "3.", "(c)", "1.1", "•"; `text` is empty for a level without a number."""

    text: str
    level: int
    """From 0."""
    kind: str
    """The number format (17.18.59), such as "decimal" or "bullet"."""
    number: int
    """The number of this level, whatever its format."""
    list_id: str
    """The definition whose counters the paragraph shares with others."""


@dataclass(frozen=True, slots=True)
class _Level:
    kind: str
    text: str
    start: int
    restart: int
    """The level, counted from 1, after which this one begins anew; 0 for never, -1 for any higher level (17.9.10)."""
    is_legal: bool
    """Whether higher levels show as decimal numbers in its label (17.9.4)."""
    style: str
    is_hidden: bool
    """Whether Word hides its label, which counts all the same."""


@dataclass(slots=True)
class _List:
    """An instance of a list (17.9.15): its definition's levels, with its own overrides."""

    definition: str
    levels: dict[int, _Level]
    starts: dict[int, int] = field(default_factory=dict)
    """Numbers at which levels begin anew where the instance is first used (17.9.26)."""


class Numbering:
    """The lists of a package, and the style of each paragraph as far as it numbers it."""

    def __init__(self, parts: Mapping[str, bytes]) -> None:
        self.styles = Styles(parts)
        root = parse(parts["word/numbering.xml"]) if "word/numbering.xml" in parts else etree.Element(w("numbering"))
        self.definitions = {str(each.get(w("abstractNumId"))): each for each in root.iter(w("abstractNum"))}
        self.lists = {str(each.get(w("numId"))): self._list(each) for each in root.findall(w("num"))}

    def _list(self, element: etree._Element) -> _List:
        identifier = value_of(element, "abstractNumId")
        definition = self._followed(identifier, root=element.getparent())
        levels = _levels(self.definitions.get(definition))
        starts = {}
        for override in element.findall(w("lvlOverride")):
            level = int(override.get(w("ilvl"), "0"))
            for inner in override.findall(w("lvl")):
                levels[level] = _level(inner)
            if (start := override.find(w("startOverride"))) is not None:
                starts[level] = int(start.get(w("val"), "0"))
        return _List(definition, levels, starts)

    def _followed(self, identifier: str, root: etree._Element | None) -> str:
        """Return the definition that one stands for: it may name a style of lists that has its own (17.9.21)."""
        definition = self.definitions.get(identifier)
        link = value_of(definition, "numStyleLink")
        if not link or root is None:
            return identifier
        number = value_of(self.styles.by_id.get(link), "pPr/numPr/numId")
        target = next((each for each in root.findall(w("num")) if each.get(w("numId")) == number), None)
        return value_of(target, "abstractNumId") if target is not None else identifier

    def of_paragraph(self, paragraph: etree._Element) -> tuple[_List, int] | None:
        """Return the list and the level of a paragraph, by its own properties or by its style's; None outside lists."""
        identifier, level = (value_of(paragraph, f"pPr/numPr/{name}") for name in ("numId", "ilvl"))
        if not identifier:
            identifier, level = self._of_style(value_of(paragraph, "pPr/pStyle") or self.styles.usual, level)
        found = self.lists.get(identifier)
        if found is None or identifier == "0":  # 0 takes the list of the style away (17.9.18)
            return None
        at = min(int(level or "0"), _LEVELS - 1)
        return (found, at) if at in found.levels else None

    def _of_style(self, name: str, level: str) -> tuple[str, str]:
        """Return the list and the level that a style or its nearest ancestor gives."""
        for style in self.styles.chain(name):
            if identifier := value_of(style, "pPr/numPr/numId"):
                linked = self.lists.get(identifier)
                # The level that names the style is the style's level (17.9.23).
                own = next((str(n) for n, each in (linked.levels if linked else {}).items() if each.style == name), "")
                return identifier, level or own or value_of(style, "pPr/numPr/ilvl")
            level = level or value_of(style, "pPr/numPr/ilvl")
        return "", ""

    def labels(self, root: etree._Element) -> dict[etree._Element, Label]:
        """Return the label of each numbered paragraph of a part, in document order.

        Text boxes count as they stand; a paragraph whose mark is a tracked deletion should be gone already.
        """
        counters: dict[str, dict[int, int]] = {}
        begun: set[tuple[int, int]] = set()
        found = {}
        for paragraph in root.iter(w("p")):
            placed = self.of_paragraph(paragraph)
            if placed is not None:
                found[paragraph] = _next_label(*placed, counters, begun)
        return found


def _next_label(numbered: _List, level: int, counters: dict[str, dict[int, int]], begun: set[tuple[int, int]]) -> Label:
    """Count one paragraph and return its label."""
    # Instances of one definition count on from each other (17.9.15).
    counts = counters.setdefault(numbered.definition, {})
    own = numbered.levels[level]
    if level in numbered.starts and (id(numbered), level) not in begun:
        counts[level] = numbered.starts[level]
    else:
        counts[level] = counts[level] + 1 if level in counts else own.start
    begun.add((id(numbered), level))
    # A higher level begins the lower ones anew, unless these say otherwise (17.9.10).
    for deeper in [each for each in counts if each > level]:
        restart = numbered.levels[deeper].restart if deeper in numbered.levels else -1
        if restart == -1 or (restart > 0 and level < restart):
            del counts[deeper]
    for higher in range(level):  # a level that was skipped shows the number that it begins with
        if higher in numbered.levels:
            counts.setdefault(higher, numbered.levels[higher].start)
    said, kind = ("", "none") if own.is_hidden else (_text(numbered, level, counts), own.kind)
    if kind == _BULLET and _WORDS.search(own.text):  # such as "Note:"
        said, kind = own.text, "none"
    return Label(said, level, kind, counts[level], numbered.definition)


def _text(numbered: _List, level: int, counts: Mapping[int, int]) -> str:
    own = numbered.levels[level]
    if own.kind == _BULLET:
        return "•" if own.text else ""

    def place(match: re.Match[str]) -> str:
        at = int(match[1]) - 1
        if at not in counts or at not in numbered.levels:
            return ""
        kind = numbered.levels[at].kind
        return spelled(counts[at], "decimal" if own.is_legal and at != level and kind != "none" else kind)

    return _PLACE.sub(place, own.text)


def spelled(number: int, kind: str) -> str:
    """Return a number in a format of 17.18.59; decimal in one that is not known here."""
    write = _FORMATS.get(kind)
    zeros = _ZEROS.match(kind)
    return write(number) if write else str(number).zfill(len(zeros[1]) if zeros else 0)


def _letters(number: int) -> str:
    # 27 is "aa" and 28 "bb" in Word: the letter comes again, it is no number of base 26.
    return chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1) if number > 0 else str(number)


def _roman(number: int) -> str:
    if number <= 0:
        return str(number)
    said = ""
    for value, letters in _ROMAN:
        said += letters * (number // value)
        number %= value
    return said


def _ordinal(number: int) -> str:
    # 11th, 12th and 13th, but 21st.
    end = "th" if number // 10 % 10 == 1 else _FIRST_ORDINALS.get(number % 10, "th")
    return f"{number}{end}"


def _cardinal(number: int) -> str:
    """Return a number in words, as Word writes it in English: "One", "Twenty-one"."""
    if not 0 < number < _HUNDRED:
        return str(number)
    tens, ones = divmod(number, 10)
    said = _ONES[number] if number < len(_ONES) else "-".join(filter(None, (_TENS[tens], _ONES[ones])))
    return said.capitalize()


def _ordinal_words(number: int) -> str:
    """Return a number as an ordinal in words: "First", "Twenty-first"."""
    if not 0 < number < _HUNDRED:
        return _ordinal(number)
    before, dash, last = _cardinal(number).lower().rpartition("-")
    ordinal = _ODD_ORDINALS.get(last) or (f"{last[:-1]}ieth" if last.endswith("y") else f"{last}th")
    return f"{before}{dash}{ordinal}".capitalize()


def _chicago(number: int) -> str:
    # With each further round the sign stands once more.
    return "*†‡§"[(number - 1) % 4] * ((number - 1) // 4 + 1) if number > 0 else str(number)


_FORMATS: Mapping[str, Callable[[int], str]] = {
    "decimal": str,
    "decimalZero": lambda number: f"{number:02}",
    "lowerLetter": _letters,
    "upperLetter": lambda number: _letters(number).upper(),
    "lowerRoman": _roman,
    "upperRoman": lambda number: _roman(number).upper(),
    "ordinal": _ordinal,
    "cardinalText": _cardinal,
    "ordinalText": _ordinal_words,
    "chicago": _chicago,
    "numberInDash": lambda number: f"- {number} -",
    "none": lambda _: "",
}


def is_known(kind: str) -> bool:
    """Return whether numbers of a format are written as Word writes them."""
    return kind in _FORMATS or kind == _BULLET or _ZEROS.match(kind) is not None


def _levels(definition: etree._Element | None) -> dict[int, _Level]:
    if definition is None:
        return {}
    return {int(each.get(w("ilvl"), "0")): _level(each) for each in definition.findall(w("lvl"))}


def _level(element: etree._Element) -> _Level:
    restart = value_of(element, "lvlRestart")
    # Word writes a format of its own into one of two alternatives (part 3, 7.6), of which it takes the first.
    form = next(element.iter(w("numFmt")), None)
    kind = "decimal" if form is None else f"{form.get(w('val'))} {form.get(w('format'), '')}".rstrip()
    return _Level(
        kind=kind,
        text=value_of(element, "lvlText"),
        start=int(value_of(element, "start") or "0"),
        restart=int(restart) if restart else -1,
        is_legal=is_set(element, "isLgl") is True,
        style=value_of(element, "pStyle"),
        is_hidden=is_set(element.find(w("rPr")), "vanish") is True,
    )


def mark_labels(root: etree._Element, numbering: Numbering, labels: list[Label]) -> None:
    """Put a mark into each numbered paragraph of a part, in place, and add its label to those that the marks count."""
    for paragraph, label in numbering.labels(root).items():
        # A bullet has no number that pandoc could lose.
        if label.kind != _BULLET:
            run = etree.Element(w("r"))
            etree.SubElement(run, w("t")).text = f"\ue024{len(labels)}\ue025"
            paragraph.insert(first_place(paragraph), run)
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
        said = text_in(paragraph)
        change = tags(said)
        label = labels.get(paragraph)
        if label is None or label.kind == _BULLET:
            behind_text = behind_text or (not change and bool(said.strip()))
        else:
            goes_on = behind_text and label.number > 1 and before is not None
            if label.list_id in conditional and (goes_on or _attributes([label]) is None):
                yield paragraph
            if depth > 0 or change:
                conditional.add(label.list_id)
            before, behind_text = label, False
        depth += change


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
    # A paragraph with a named style comes from pandoc in a division.
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
