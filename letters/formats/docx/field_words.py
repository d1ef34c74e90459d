"""Returns what the fields of a Word file show of which the file stores no result (ECMA-376 part 1, 17.16)."""

from __future__ import annotations

import itertools
import re

from lxml import etree

from letters.formats.ooxml import w

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
_ARGUMENT = re.compile(r'"([^"]*)"|([^\s"]+)')
_OFF = ("0", "false", "off")


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
        return _symbol([first or second for first, second in _ARGUMENT.findall(code)][1:])
    # A text box of a form, and a link, may be empty.
    return "" if kind in ("FORMTEXT", "HYPERLINK", "MERGEFIELD", "REF", "QUOTE", "IF") else None


def form_state(mark: etree._Element | None) -> str:
    """Return what a check box or a list of a form shows: a box, or the entry that was chosen (17.16.7, 17.16.9)."""
    form = mark.find(w("ffData")) if mark is not None else None
    if form is None:
        return ""
    if (box := form.find(w("checkBox"))) is not None:
        said = next((each for each in (box.find(w("checked")), box.find(w("default"))) if each is not None), None)
        return _BOXES[said is not None and said.get(w("val"), "1") not in _OFF]
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
        return chr(number) if 0x20 <= number < 0xD800 else None
    return bytes([number]).decode("cp1252", "replace") if 0x20 <= number <= 0xFF else None


def is_for_symbols(font: str) -> bool:
    """Return whether a font shows pictures in the place of letters."""
    return _FOR_SYMBOLS.search(font) is not None
