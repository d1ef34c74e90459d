"""Parses the fields of a Word file (ECMA-376 part 1, 17.16) into trees, and finds references that lead nowhere.

For fields of which the file stores no result, what Word would show is computed where the file alone says it.

Word renews the number of a cross-reference only when it is asked to (Ctrl+A, F9).
"""

from __future__ import annotations

import copy
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from lxml import etree

from letters.formats.docx.shown import is_on, split_runs
from letters.formats.ooxml import parent_of, remove, text_element, w

PAGES = frozenset(("PAGE", "NUMPAGES", "SECTION", "SECTIONPAGES", "PAGEREF"))
"""Fields that count pages, which are others in the PDF."""
RECOMPUTED = PAGES | {"NOTEREF", "TOC"}
"""Fields whose results programs write anew whenever they save a file: a new result is no edit."""
CHANGING = frozenset(("DATE", "TIME", "PRINTDATE", "SAVEDATE"))
"""Fields that Word changes whenever it opens, prints or saves a file."""
_SILENT = frozenset(("", "XE", "TC", "TA", "RD", "SET", "ADVANCE", "PRIVATE", "ASK", "NEXT", "NEXTIF", "SKIPIF"))
"""Fields that show nothing: entries of an index, values kept for later, orders to Word."""
_BOXES = {True: "\u2612", False: "\u2610"}
"""What a box of a form shows, ticked or not."""
_FOR_SYMBOLS = re.compile(r"symbol|wingdings|webdings|dingbats", re.IGNORECASE)
"""Fonts whose characters are not those of their codes."""
FONTS_OF_SYMBOLS = frozenset(("Symbol", "Wingdings", "Wingdings 2", "Wingdings 3", "Webdings"))
"""Those of them that pandoc reads, in exactly these names."""
_GREEK = str.maketrans(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", "ΑΒΧ∆ΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖαβχδεφγηιϕκλμνοπθρστυϖωξψζ"
)
"""What the font Symbol shows for letters, in the characters that pandoc writes."""
_PLAIN_ARGUMENT = re.compile(r'"([^"]*)"|([^\s"]+)')
_ARGUMENT = re.compile(r'"((?:[^"\\]|\\.)*)"|“([^”]*)”|(\\[*@#]|(?:(?!\\[*@#])[^\s"“])+)', re.DOTALL)
"""An argument of a field is a word, or a text in quotation marks, straight or as Word curls them (17.16.2).

A switch that formats needs no space on either side, and a backslash stands before a quotation mark that is meant.
"""
_ESCAPED = re.compile(r'\\(["\\])')
_BREAKS = {w("br"): "\n", w("cr"): "\n", w("tab"): "\t"}
"""Elements in the code of a field that are characters of its texts."""
_NO_TEXT = tuple(map(w, ("footnoteReference", "endnoteReference", "drawing", "pict", "object")))
_IN_FIELDS = (w("instrText"), w("t"), *_BREAKS, *_NO_TEXT)
_LINK_OF_PANDOC = re.compile(r'\s*HYPERLINK\s+(?:\\l\s+)?"')
"""The code of a link of which pandoc reads the address."""
NESTED = re.compile("\ue030(\\d+)\ue031")
"""The place of a nested field in a code: private characters around its number."""
RENEW = "renew it in Word: Ctrl+A, then F9"
_OF_PARAGRAPHS = frozenset(("\\r", "\\n", "\\w"))
"""The switches of REF that show the number of a paragraph, and not the words of the bookmark (17.16.5.51)."""
_ENDS = ". \u00a0"
"""What Word leaves out at the end of such a number."""


def kind_of(code: str) -> str:
    """Return the kind of a field in capitals, such as "PAGE"; empty for a field without a code."""
    return next(iter(code.split()), "").upper()


def words_of_code(code: str, form: etree._Element | None) -> str | None:
    """Return what a field without a stored result shows; None where only Word could say it.

    `form` is the mark at which it begins: it holds the state of a field of a form (17.16.17).
    """
    kind = kind_of(code)
    if kind in _SILENT:
        return ""
    if kind in ("FORMCHECKBOX", "FORMDROPDOWN"):
        return form_state(form)
    if kind in ("MACROBUTTON", "GOTOBUTTON"):  # the words to be clicked stand behind the name of the macro (17.16.5.32)
        return " ".join(code.split()[2:])
    if kind == "SYMBOL":
        return _symbol([first or second for first, second in _PLAIN_ARGUMENT.findall(code)][1:])
    # A text box of a form, and a link, may be empty.
    return "" if kind in ("FORMTEXT", "HYPERLINK", "MERGEFIELD", "REF", "QUOTE", "IF") else None


def form_state(mark: etree._Element | None) -> str:
    """Return what a check box or a list of a form shows: a box, or the entry that was chosen (17.16.7, 17.16.9)."""
    form = mark.find(w("ffData")) if mark is not None else None
    if form is None:
        return ""
    if (box := form.find(w("checkBox"))) is not None:
        said = next((each for each in (box.find(w("checked")), box.find(w("default"))) if each is not None), None)
        return _BOXES[said is not None and is_on(said)]
    if (choice := form.find(w("ddList"))) is not None:
        entries = [str(each.get(w("val"), "")) for each in choice.findall(w("listEntry"))]
        said = next((each for each in (choice.find(w("result")), choice.find(w("default"))) if each is not None), None)
        number = str(said.get(w("val"), "0")) if said is not None else "0"
        return entries[int(number)] if number.isdecimal() and int(number) < len(entries) else ""
    return ""


def _symbol(arguments: list[str]) -> str | None:
    """Return the character of a SYMBOL field (17.16.5.62); None where a font of pictures shows it."""
    font = next((font for switch, font in itertools.pairwise(arguments) if switch.lower() == "\\f"), "")
    if not arguments or _FOR_SYMBOLS.search(font):
        return None
    code = arguments[0]
    try:
        number = int(code, 16 if code.lower().startswith("0x") else 10)
    except ValueError:
        return code[:1]
    if "\\u" in (each.lower() for each in arguments):
        # From 0xD800 on are halves of characters, and behind them private ones.
        return chr(number) if 0x20 <= number < 0xD800 else None
    # Without \u or \j the code is one of the ANSI code page (17.16.5.62).
    return bytes([number]).decode("cp1252", "replace") if 0x20 <= number <= 0xFF else None


def is_for_symbols(font: str) -> bool:
    """Return whether a font shows pictures in the place of letters."""
    return _FOR_SYMBOLS.search(font) is not None


def in_symbols(run: etree._Element, said: str) -> str:
    """Return the letters that Word shows for a text of a run, which may be set in a font for symbols."""
    fonts = run.find(f"{w('rPr')}/{w('rFonts')}")
    font = "" if fonts is None else str(fonts.get(w("ascii")) or fonts.get(w("hAnsi")))
    if font not in FONTS_OF_SYMBOLS:
        return said
    # Of the others pandoc writes signs, and these are no words.
    return said.translate(_GREEK) if font == "Symbol" else re.sub(r"\w", " ", said)


@dataclass(slots=True)
class WordField:
    """A field: its code with the places of nested fields, and the elements that it consists of."""

    mark: etree._Element
    """The mark at which it begins, which holds the state of a field of a form; or the w:fldSimple."""
    code: str = ""
    nested: list[WordField] = field(default_factory=list)
    elements: list[etree._Element] = field(default_factory=list)
    """Runs from its beginning to its end, those of nested fields included; or one w:fldSimple."""
    result: list[etree._Element] = field(default_factory=list)
    """The runs that show its last result."""
    texts: list[etree._Element] = field(default_factory=list)
    """The texts of its last result."""
    in_result: bool = False
    is_inner: bool = False
    has_more: bool = False
    """Whether its code holds more than text: a note or a picture."""

    @property
    def arguments(self) -> list[str]:
        """The words of the code and the texts in quotation marks; the first is the kind of the field."""
        return [_ESCAPED.sub(r"\1", quoted) or curled or word for quoted, curled, word in _ARGUMENT.findall(self.code)]

    @property
    def target(self) -> tuple[str, str]:
        """The address and the bookmark that a link leads to, either of which may be empty."""
        options: dict[str, str] = {}
        arguments = iter(self.arguments[1:])
        for argument in arguments:
            # Behind the bookmark, the tip and the window stands a word; \m and \n have none (17.16.5.25).
            has_word = argument.lower() in ("\\l", "\\o", "\\t")
            # A folder on a server begins with a backslash, too.
            switch = argument.lower() if len(argument) == 2 and argument.startswith("\\") else ""
            options[switch] = next(arguments, "") if has_word else argument
        return options.get("", ""), options.get("\\l", "")

    @property
    def kind(self) -> str:
        """The kind in capitals, such as "MERGEFIELD"; empty for a field without code."""
        return next(iter(self.arguments), "").upper()

    @property
    def paragraph(self) -> etree._Element | None:
        """The paragraph in which it begins."""
        return next(self.elements[0].iterancestors(w("p")), None)

    @property
    def is_in_one_paragraph(self) -> bool:
        """Whether it ends in the paragraph that it begins in."""
        return all(next(each.iterancestors(w("p")), None) is self.paragraph for each in self.elements)

    def fold(self) -> int:
        """Take away the paragraphs over which only its result goes on; return how many, 0 where it cannot be done.

        What stands behind the field joins its paragraph, as when Word updates the field to a shorter result.
        """
        first, last = self.paragraph, next(self.elements[-1].iterancestors(w("p")), None)
        code = [each for each in self.elements if each not in self.result][:-1]
        if first is None or last is None or any(next(each.iterancestors(w("p")), None) is not first for each in code):
            return 0
        # Word saves an address block that it has previewed as several paragraphs.
        gone = []
        for sibling in first.itersiblings():
            gone.append(sibling)
            if sibling is last or sibling.tag != w("p"):
                break
        if gone[-1:] != [last]:
            return 0
        own = set(self.elements)
        for child in list(last):
            if child.tag != w("pPr") and child not in own:
                first.append(child)
        self.elements = [each for each in self.elements if each.getparent() is first]
        for paragraph in gone:
            remove(paragraph)
        return len(gone)

    def take(self, piece: etree._Element) -> None:
        """Add a piece of its code or of its result."""
        if self.in_result:
            self.texts += [piece] if piece.tag == w("t") else []
        elif piece.tag in _NO_TEXT:
            self.has_more = True
        else:
            self.code += _BREAKS.get(piece.tag, piece.text or "")

    def said(self) -> str:
        """Return the last result as text."""
        return "".join(piece.text or "" for piece in self.texts)

    def replace(self, text: str) -> etree._Element:
        """Put one run with a text in the place of the field, in the looks of its result; return the run."""
        looks = next((r.find(w("rPr")) for r in [*self.result, *self.elements] if r.find(w("rPr")) is not None), None)
        run = etree.Element(w("r"))
        if looks is not None:
            run.append(copy.deepcopy(looks))
        for words in re.split(r"(\n|\t)", text):
            if words in ("\n", "\t"):
                etree.SubElement(run, w("br" if words == "\n" else "tab"))
            elif words or not text:
                run.append(text_element(words))
        self.elements[0].addprevious(run)
        for element in self.elements:
            remove(element)
        return run

    def write_code(self, code: str) -> None:
        """Write another code in place of the one that it has."""
        if self.mark.tag == w("fldSimple"):
            self.mark.set(w("instr"), code)
            return
        texts = [each for element in self.elements for each in element.iter(w("instrText"))]
        for text in texts:
            text.text = code if text is texts[0] else ""


def outer_fields(root: etree._Element) -> list[WordField]:
    """Return the fields of a part that are in no other field, in document order.

    Runs that hold several marks of fields are split on the way.
    """
    split_runs(root)
    return [each for each in all_fields(root) if not each.is_inner]


def all_fields(root: etree._Element) -> list[WordField]:
    """Return the fields of a part, inner ones before those around them; a field that never ends is left out."""
    open_fields: list[WordField] = []
    found: list[WordField] = []
    short = {inside: each for each in root.iter(w("fldSimple")) for inside in each.iterdescendants()}
    for element in root.iter(w("r"), w("fldSimple"), w("fldChar"), *_IN_FIELDS):
        # What is in a short field is that one's, and no part of the code around it.
        current = open_fields[-1] if open_fields else None
        if current and short.get(current.mark) is not short.get(element):
            current = None
        kind = element.get(w("fldCharType")) if element.tag == w("fldChar") else None
        if element.tag == w("r"):
            for each in open_fields:
                each.elements.append(element)
            if current and current.in_result and element.find(w("fldChar")) is None:
                current.result.append(element)
        elif element.tag == w("fldSimple"):
            code, runs, texts = str(element.get(w("instr"), "")), element.iter(w("r")), element.iter(w("t"))
            simple = WordField(element, code, elements=[element], result=[*runs], texts=[*texts])
            for each in open_fields:
                each.elements.append(element)
            simple.is_inner = bool(open_fields) or element in short
            _close(simple, current, found)
        elif kind == "begin":
            open_fields.append(WordField(element, elements=[parent_of(element)]))
        elif current and kind == "separate":
            current.in_result = True
        elif current and kind == "end":
            open_fields.pop()
            outer = open_fields[-1] if open_fields else None
            current.is_inner = outer is not None or current.mark in short
            _close(current, outer if outer and short.get(outer.mark) is short.get(element) else None, found)
        elif current:
            current.take(element)
    return found


def _close(ended: WordField, outer: WordField | None, found: list[WordField]) -> None:
    """Put a field that has ended on record; inside another its place is in the code, or it is part of what is shown."""
    found.append(ended)
    if outer and outer.in_result:
        outer.result += ended.result
        outer.texts += ended.texts
    elif outer:
        outer.code += f"\ue030{len(outer.nested)}\ue031"
        outer.nested.append(ended)


def referred_bookmarks(root: etree._Element) -> set[str]:
    """Return the names of the bookmarks that links and fields of a part refer to (17.16.5.51, 17.16.5.44, 17.16.22)."""
    names = {str(link.get(w("anchor"))) for link in root.iter(w("hyperlink"))}
    return names.union(*(each.arguments for each in all_fields(root)))


def flatten_nested(root: etree._Element) -> None:
    """Leave only the results of fields whose codes hold other fields, which pandoc cannot read."""
    for each in outer_fields(root):
        if each.nested:
            kept = set(each.result)
            for element in each.elements:
                if element not in kept:
                    remove(element)


def write_links(root: etree._Element) -> None:
    """Write the codes of links as pandoc reads them, with the address first and the name of the field in capitals."""
    for each in outer_fields(root):
        if each.kind == "HYPERLINK" and not each.nested and not _LINK_OF_PANDOC.match(each.code):
            address, bookmark = each.target
            code = " ".join(filter(None, (address and f'"{address}"', bookmark and f'\\l "{bookmark}"')))
            if code:
                each.write_code(f" HYPERLINK {code} ")


def write_results(root: etree._Element) -> None:
    """Write what fields show whose results are not stored, such as the boxes of a form, in their place."""
    for each in outer_fields(root):
        if not each.said() and not each.nested and (words := words_of_code(each.code, each.mark)):
            each.replace(words)


class OldReference(NamedTuple):
    """A cross-reference whose number is no longer that of the paragraph or note that it leads to."""

    paragraph: etree._Element
    shown: str
    now: str
    """The present number; empty where the paragraph has none."""

    def __str__(self) -> str:
        now = f'is "{self.now}" now' if self.now else "has no number"
        return f'a cross-reference shows "{self.shown}", and what it leads to {now}'


def missing_bookmarks(roots: Sequence[etree._Element]) -> list[str]:
    """Return the names of bookmarks that links and fields of the parts refer to and that no part has."""
    there = {str(mark.get(w("name"))) for root in roots for mark in root.iter(w("bookmarkStart"))}
    wanted = {str(link.get(w("anchor"))) for root in roots for link in root.iter(w("hyperlink"))} - {"None"}
    for each in [each for root in roots for each in all_fields(root)]:
        named = [word for word in each.arguments[1:] if not word.startswith("\\")]
        if each.kind in ("REF", "PAGEREF", "NOTEREF") or (each.kind == "HYPERLINK" and "\\l" in each.arguments):
            wanted |= set(named[:1])
    return sorted(wanted - there)


def old_references(
    roots: Sequence[etree._Element], labels: Mapping[etree._Element, str], *, with_notes: bool
) -> Iterator[OldReference]:
    """Yield the cross-references of the parts that show another number than the one of today.

    The first part is the body; `labels` are the numbers of its paragraphs. Without `with_notes` those that show the
    number of a note are passed over.
    """
    paragraphs, notes = _bookmarked(roots[0])
    for reference in [each for root in roots for each in outer_fields(root)]:
        name, shown = next(iter(reference.arguments[1:]), ""), reference.said().strip()
        if reference.paragraph is None or not shown:
            continue
        if reference.kind == "REF" and name in paragraphs and _OF_PARAGRAPHS & set(reference.arguments):
            now = labels.get(paragraphs[name], "").strip(_ENDS)
            if not _shows(reference, now):
                yield OldReference(reference.paragraph, shown, now)
        elif (
            reference.kind == "NOTEREF"
            and with_notes
            and name in notes
            and reference.said().strip() != str(notes[name])
        ):
            yield OldReference(reference.paragraph, shown, str(notes[name]))


def _shows(field: WordField, now: str) -> bool:
    """Return whether a reference shows a number, which may stand behind those of the levels above it."""
    shown = field.said().strip(_ENDS)
    if not now:
        return shown in ("", "0")
    if "\\t" in field.arguments:  # without words such as "Section"
        now = now.split()[-1]
    return shown.replace("\u00a0", " ").endswith(now.replace("\u00a0", " "))


def _bookmarked(body: etree._Element) -> tuple[dict[str, etree._Element], dict[str, int]]:
    """Return by the name of each bookmark the paragraph that it begins in, and the number of the note that it holds."""
    paragraphs: dict[str, etree._Element] = {}
    notes: dict[str, int] = {}
    open_marks: dict[str, str] = {}
    numbers = itertools.count(1)
    for element in body.iter(*map(w, ("bookmarkStart", "bookmarkEnd", "footnoteReference"))):
        if element.tag == w("bookmarkStart"):
            name = str(element.get(w("name")))
            open_marks[str(element.get(w("id")))] = name
            # A bookmark between paragraphs begins in the next one.
            around = next(element.iterancestors(w("p")), None)
            paragraph = around if around is not None else next(element.itersiblings(w("p")), None)
            if paragraph is not None:
                paragraphs[name] = paragraph
        elif element.tag == w("bookmarkEnd"):
            open_marks.pop(str(element.get(w("id"))), None)
        elif not is_on(element, "customMarkFollows", "0"):
            notes |= dict.fromkeys(open_marks.values(), next(numbers))
    return paragraphs, notes
