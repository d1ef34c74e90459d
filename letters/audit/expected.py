"""What a letter was meant to say, from its template and its recipient: every character, and where a style may vary.

White space does not count, since lines break where they may. Private characters stand for what a style sheet puts in: a
bullet, the dots and page number of a contents entry, the hyphen at a soft one; and for where an item of a list begins,
whose number is drawn after the text of its page.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from lxml import html

from letters.formats import text_diff
from letters.formats.tree import ITEM_NUMBER, PAGE_CLASS

_START, _KIND = re.compile(r"counter-reset:\s*list-item\s+(-?\d+)"), re.compile(r"list-style-type:\s*([\w-]+)")
_OWN, _NO_MARKER = re.compile(r"list-style-type:\s*'((?:[^'\\]|\\.)*)'"), "list-style-type: none"
BULLET, LEADER, SOFT, ITEM = "\ue020", "\ue021", "\ue022", "\ue023"
_UNSEEN = frozenset("\u2060\u200b\u200c\u200d\u200e\u200f\ufeff\r\n\x02\ufffe")
_COPY_LINE = "copy-line"
"""The class of the line that says that it is a copy (campaign/copies.py)."""
_HUNDREDS = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"))
_ROMAN = (*_HUNDREDS, (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))


class _Squeezed(dict[int, str]):
    """What becomes of each character, worked out when it is met first."""

    def __missing__(self, number: int) -> str:
        character = chr(number)
        gone = character.isspace() or character in _UNSEEN
        self[number] = "" if gone else SOFT if character == "\u00ad" else unicodedata.normalize("NFKD", character)
        return self[number]


_SQUEEZED = _Squeezed()


class PartWords(NamedTuple):
    """What the letter itself, or an enclosure, says."""

    body: str
    markers: tuple[str, ...]
    """The number or bullet of each item of a list, in order."""
    notes: str
    """Of all notes, each beginning with its number."""
    heads: tuple[str, ...]
    """What may stand in the running heads besides the words of the style sheet."""
    line: str
    """What stands once above the text, out of its order: the line that says that it is a copy."""
    repeated: tuple[str, ...]
    """The heads of tables, which stand once more on each page that a table goes on to."""
    written_body: str
    written_notes: str
    """Both as they are written, with their spaces, for messages."""
    unseen: str
    """The invisible characters in it, which nothing is meant to have."""
    letterhead: str
    """The words of the letterhead, with their spaces, which a letter made in Word has in its own way or not at all."""
    docx: str
    """The text of the DOCX, each paragraph followed by its notes; letterhead and numbers are no text there."""


def squeezed(text: str) -> str:
    """Return a text without white space and invisible characters, each character decomposed."""
    return text.translate(_SQUEEZED)


def unsqueezed(text: str, first: int, last: int) -> tuple[int, int]:
    """Return where characters that are counted in the squeezed text stand in the text itself."""
    places: list[int] = []
    for place, character in enumerate(text):
        places += [place] * len(squeezed(character))
        if len(places) > last:
            break
    end = min(last, len(places))
    return (places[first], places[end - 1] + 1) if first < end else (0, 0)


@functools.lru_cache(maxsize=64)  # The enclosures of most letters are the same.
def part_words(page: str) -> PartWords:
    """Return what a page of HTML says, once it is filled for a recipient."""
    document: Any = html.document_fromstring(page)
    body = document.body
    line = ""
    for element in body.find_class(_COPY_LINE):
        line += squeezed(str(element.text_content()))
        element.drop_tree()
    reading = _Reading()
    reading.inside(body)
    heading = _Reading()
    for element in body.iter("header"):
        heading.inside(element)
    heads = [body.get(f"data-{name}") or "" for name in ("name", "date", "title")]
    return PartWords(
        body=squeezed("".join(reading.body)),
        markers=tuple(map(squeezed, reading.markers)),
        notes=squeezed("".join(reading.notes)),
        heads=tuple(filter(None, map(squeezed, (*heads, line)))),
        line=line,
        repeated=tuple(squeezed("".join(map(str, head.itertext()))) for head in body.iter("thead")),
        written_body="".join(reading.body),
        written_notes="".join(reading.notes),
        unseen="".join(sorted(_UNSEEN.intersection("".join((*reading.body, *reading.notes))) - set("\r\n"))),
        letterhead="".join(heading.body),
        docx=squeezed("".join(text_diff.of_page(_as_in_word(document)))).replace(SOFT, ""),
    )


def _as_in_word(document: Any) -> str:
    """Return a page without what is no text in Word: letterhead (a header), contents (a field), numbers of items."""
    for element in (*document.iter("header"), *document.iter("nav"), *document.find_class(ITEM_NUMBER)):
        element.drop_tree()
    return str(html.tostring(document, encoding="unicode"))


_INLINE = frozenset(("a", "b", "code", "em", "i", "s", "span", "strong", "sub", "sup", "u"))
"""Elements that words go on through; all others end a word."""


@dataclass(slots=True)
class _Reading:
    body: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    markers: list[str] = field(default_factory=list)
    in_note: bool = False

    def say(self, text: str | None) -> None:
        """Add words to the text or to the note that is being read."""
        (self.notes if self.in_note else self.body).append(text or "")

    def inside(self, element: html.HtmlElement) -> None:
        """Read what is in an element."""
        self.say(element.text)
        number = _first_number(element)
        for child in element:
            if isinstance(child.tag, str):
                if child.tag == "li":
                    own = _own_marker(child)
                    if marker := _marker(element, number) if own is None else own:
                        self.markers.append(marker)
                        self.say(ITEM)
                    number += 1
                self._element(child)
            self.say(child.tail)

    def _element(self, element: html.HtmlElement) -> None:
        classes = (element.get("class") or "").split()
        if "note" in classes:
            number = element.get("data-number") or ""
            self.say(f" {number} ")
            self.in_note = True
            self.say(f" {number} ")
            self.inside(element)
            self.in_note = False
            return
        gap = "" if element.tag in _INLINE and "note-paragraph" not in classes else " "
        self.say(gap)
        self.inside(element)
        self.say(gap)
        if not {"contents-entry", PAGE_CLASS}.isdisjoint(classes):
            self.say(LEADER)


def _first_number(element: html.HtmlElement) -> int:
    # The attribute "start" changes nothing in a PDF; the counter does (CSS Lists 3, 4.6).
    found = _START.search(element.get("style") or "")
    return int(found[1]) + 1 if found else 1


def _own_marker(item: html.HtmlElement) -> str | None:
    """Return the number that an item made in Word has of itself, "" for none; None where its list counts."""
    style = item.get("style") or ""
    if _NO_MARKER in style:
        return ""
    found = _OWN.search(style)
    return re.sub(r"\\(.)", r"\1", found[1]).strip() if found else None


def _marker(element: html.HtmlElement, number: int) -> str:
    """Return the number or bullet of an item of a list."""
    if element.tag != "ol":
        return BULLET
    found = _KIND.search(element.get("style") or "")
    style = found[1] if found else "decimal"
    brackets, _, kind = style.rpartition("paren-") if "paren-" in style else style.rpartition("parens-")
    written = _written(number, kind)
    if style.startswith("two-parens"):
        return f"({written})"
    return f"{written})" if brackets else f"{written}."


def _written(number: int, kind: str) -> str:
    if kind.endswith("alpha"):
        letters = ""
        while number > 0:
            number, rest = divmod(number - 1, 26)
            letters = chr(ord("a") + rest) + letters
        return letters.upper() if kind.startswith("upper") else letters
    if kind.endswith("roman"):
        roman = "".join(_roman(number))
        return roman.upper() if kind.startswith("upper") else roman
    return str(number)


def _roman(number: int) -> Iterator[str]:
    for value, letters in _ROMAN:
        while number >= value:
            yield letters
            number -= value
