"""Computes the number or bullet that Word shows before each paragraph of a list and before each numbered heading.

Clause numbers are those of ECMA-376 part 1; counters, restarts and overrides are 17.9.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from lxml import etree

from letters.formats.docx.styles import Styles, is_set, value_of
from letters.formats.ooxml import parse, w

BULLET = "bullet"
_LEVELS = 9
_ZEROS = re.compile("custom (0+1),")
"""A format of its own that Word writes for numbers with zeros before them (17.9.17): "001, 002, 003, ..."."""
_WORDS = re.compile(r"[^\W\d_]{2}")
_PLACE = re.compile(r"%([1-9])")
"""The place of a level's number in the text of a label (17.9.11)."""
_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"))
_ROMAN_REST = ((50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))
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
    counts = counters.setdefault(numbered.definition, {})
    own = numbered.levels[level]
    if level in numbered.starts and (id(numbered), level) not in begun:
        counts[level] = numbered.starts[level]
    else:
        counts[level] = counts[level] + 1 if level in counts else own.start
    begun.add((id(numbered), level))
    for deeper in [each for each in counts if each > level]:
        restart = numbered.levels[deeper].restart if deeper in numbered.levels else -1
        if restart == -1 or (restart > 0 and level < restart):
            del counts[deeper]
    for higher in range(level):  # a level that was skipped shows the number that it begins with
        if higher in numbered.levels:
            counts.setdefault(higher, numbered.levels[higher].start)
    said, kind = ("", "none") if own.is_hidden else (_text(numbered, level, counts), own.kind)
    if kind == BULLET and _WORDS.search(own.text):  # such as "Note:"
        said, kind = own.text, "none"
    return Label(said, level, kind, counts[level], numbered.definition)


def _text(numbered: _List, level: int, counts: Mapping[int, int]) -> str:
    own = numbered.levels[level]
    if own.kind == BULLET:
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
    for value, letters in (*_ROMAN, *_ROMAN_REST):
        said += letters * (number // value)
        number %= value
    return said


def _ordinal(number: int) -> str:
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
    return kind in _FORMATS or kind == BULLET or _ZEROS.match(kind) is not None


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
