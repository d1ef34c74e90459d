"""What a letter was meant to say, every character of it, and a comparison of that with the pages of a PDF.

White space does not count, since lines break where they may. Private characters stand for what a style sheet puts in: a
bullet, the dots and page number of a contents entry, the hyphen at a soft one; and for where an item of a list begins,
whose number is drawn after the text of its page.

A page is drawn in this order: text, notes, running heads. The text and the notes go on from page to page; what is left
on a page then has to be its running heads.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from lxml import html

from letters.formats import text_diff
from letters.formats.docx.numbering import spelled
from letters.formats.tree import ITEM_NUMBER, PAGE_CLASS

# As the compiler writes the styles of lists (compile/html.py); other styles are not in its pages.
_START, _KIND = re.compile(r"counter-reset:\s*list-item\s+(-?\d+)"), re.compile(r"list-style-type:\s*([\w-]+)")
_OWN, _NO_MARKER = re.compile(r"list-style-type:\s*'((?:[^'\\]|\\.)*)'"), "list-style-type: none"
BULLET, LEADER, SOFT, ITEM = "\ue020", "\ue021", "\ue022", "\ue023"
# What PDFium leaves out or puts in at the end of lines: 0x02 and U+FFFE are hyphens that break a word there.
_UNSEEN = frozenset("\u2060\u200b\u200c\u200d\u200e\u200f\ufeff\r\n\x02\ufffe")
_COPY_LINE = "copy-line"
"""The class of the line that says that it is a copy (campaign/project.py)."""
_INLINE = frozenset(("a", "b", "code", "em", "i", "s", "span", "strong", "sub", "sup", "u"))
"""Elements that words go on through; all others end a word."""
_FLEXIBLE = re.compile(f"[{BULLET}{LEADER}{SOFT}{ITEM}]")
_FITS = {
    BULLET: re.compile(r"\W"),
    LEADER: re.compile(r"[.…]*(\d+)"),
    SOFT: re.compile("-?"),
    ITEM: re.compile(""),
}
# The running foot as letterhead.css writes it, squeezed.
_PAGE = re.compile(r"Page(\d+)of(\d+)")
_SHOWN = 40
"""Characters of what is and of what should be that a message shows."""
_AHEAD = 12
_MOST_MARKERS = 2
"""Numbers of items that may stand in one line: an item may begin with another."""
_BACK = 80
"""Characters that the text of a page may seem to go on into its notes."""


class _Squeezed(dict[int, str]):
    """What becomes of each character, worked out when it is met first."""

    def __missing__(self, number: int) -> str:
        character = chr(number)
        gone = character.isspace() or character in _UNSEEN
        # NFKD takes ligatures apart, as a font may draw "ffi" with one glyph; a soft hyphen may be drawn or not.
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
    # It lies above the text but is drawn behind it, so it is looked for by itself.
    for element in body.find_class(_COPY_LINE):
        line += squeezed(str(element.text_content()))
        element.drop_tree()
    reading = _Reading()
    reading.inside(body)
    heading = _Reading()
    for element in body.iter("header"):
        heading.inside(element)
    # What the style sheet takes into running heads by attr() and string-set.
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
    # Word makes the contents of the headings and counts items itself: neither is in the text of a DOCX.
    for element in (*document.iter("header"), *document.iter("nav"), *document.find_class(ITEM_NUMBER)):
        element.drop_tree()
    return str(html.tostring(document, encoding="unicode"))


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
                    # An item made in Word brings the number that Word shows, such as "1.1": nested lists would count 1.
                    # and 1.
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
            # The number stands twice: where the note is called, and before the note itself, at the foot of the page.
            self.in_note = True
            self.say(f" {number} ")
            self.inside(element)
            self.in_note = False
            return
        # Two blocks are two words though no space stands between their tags.
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
    # Styles as compile/html.py names them: "one-paren-lower-alpha" is a), "two-parens-decimal" is (1).
    brackets, _, kind = style.rpartition("paren-") if "paren-" in style else style.rpartition("parens-")
    written = _written(number, kind)
    if style.startswith("two-parens"):
        return f"({written})"
    return f"{written})" if brackets else f"{written}."


def _written(number: int, kind: str) -> str:
    if kind.endswith("alpha"):
        # In CSS 27 is "aa" and 28 "ab" (CSS Counter Styles 3, 6.2); in Word it would be "bb".
        letters = ""
        while number > 0:
            number, rest = divmod(number - 1, 26)
            letters = chr(ord("a") + rest) + letters
        return letters.upper() if kind.startswith("upper") else letters
    if kind.endswith("roman"):
        return spelled(number, "upperRoman" if kind.startswith("upper") else "lowerRoman")
    return str(number)


class Misfit(NamedTuple):
    """A place where a page shows something else than it should."""

    page: int
    """Among the pages of its part, from 0."""
    first: int
    last: int
    """The characters, counted without white space."""
    what: str


class _Places(NamedTuple):
    """How far the pages have gone on in what a part says."""

    body: int = 0
    markers: int = 0
    notes: int = 0


def compare(pages: Sequence[str], words: PartWords, style_words: Sequence[str]) -> Iterator[Misfit]:
    """Yield the first misfit in the text of a part, and each in its running heads.

    `pages` are the texts of its pages; `style_words` what the style sheet may put into running heads.
    """
    places = _Places()
    if words.line and squeezed(pages[0] if pages else "").count(words.line) != 1:
        yield Misfit(0, 0, 0, f'the line "{words.line}" is missing above it, or there twice')
    # The line lies above the text and is drawn behind it, before or after the numbers of items.
    pages = [_without(words.line, page) if not number else page for number, page in enumerate(pages)]
    # Longest first: a name that holds another one is taken away whole.
    allowed = sorted({*words.heads, *map(squeezed, style_words)}, key=len, reverse=True)
    for number, page in enumerate(map(squeezed, pages)):
        # The head of a table is printed again on each page that the table goes on to, and is in the letter once.
        start = _repeated(page, words, places.body) if number else 0
        # A number is drawn after its page, but PDFium reads it in its line where the text ends there: both are tried.
        tries = (_with_markers(words, places, count) for count in range(_MOST_MARKERS + 1))
        fits = ((each, _fit(page, start, each, places, allowed, len(pages))) for each in tries)
        words, fitted = next((fit for fit in fits if fit[1] is not None), (words, None))
        if fitted is None:
            yield _misfit(number, pages, start, words, places)
            return
        places, end = fitted
        yield from _heads(number, page, end, len(pages))
    body = _readable(words.written_body, places.body) if places.body < len(words.body) else ""
    notes = _readable(words.written_notes, places.notes) if places.notes < len(words.notes) else ""
    left = (body, "".join(words.markers[places.markers :]), notes)
    for said, kind in zip(left, ("words are missing", "items are missing", "notes are missing"), strict=True):
        if said:
            yield Misfit(len(pages) - 1, 0, 0, f'{kind}: "{_shown(said[:_SHOWN])}"')
            return


def _with_markers(words: PartWords, places: _Places, count: int) -> PartWords:
    """Return the words of a part with the next few numbers of items before their text.

    They are drawn after the text of their page, but read there where the text ends in the line of the first of them.
    """
    for marker in words.markers[places.markers : places.markers + count]:
        markers = [*words.markers]
        del markers[places.markers]
        before, _, behind = words.body[places.body :].partition(ITEM)
        body = words.body[: places.body] + before + marker + behind
        words = words._replace(body=body, markers=tuple(markers))
    return words


def _without(line: str, page: str) -> str:
    """Return the text of a page without a line that is given squeezed."""
    place = squeezed(page).find(line) if line else -1
    if place < 0:
        return page
    first, last = unsqueezed(page, place, place + len(line))
    return page[:first] + page[last:]


def _repeated(page: str, words: PartWords, body: int) -> int:
    """Return where the text of a page begins, behind the head of a table that goes on from the page before."""
    known = (head for head in words.repeated if head and page.startswith(head))
    return len(next((head for head in known if not words.body.startswith(head, body)), ""))


def _fit(
    page: str, start: int, words: PartWords, places: _Places, allowed: Sequence[str], pages: int
) -> tuple[_Places, int] | None:
    """Return how far a part goes on on this page, and where its running heads begin; None where nothing fits."""
    body, end = _follow(words.body, places.body, page, start, pages)
    # The text may seem to go on into the notes, where these begin with the same characters as the next page.
    for back in range(_BACK):
        if body - back < places.body or end - back < start:
            break
        count = words.body.count(ITEM, places.body, body - back)
        markers = "".join(words.markers[places.markers : places.markers + count])
        followed, foot = _follow(markers, 0, page, end - back)
        if followed < len(markers):
            continue
        notes, foot = _follow(words.notes, places.notes, page, foot)
        # Body, numbers, notes: whatever then is left must be running heads, or the cut was at the wrong place.
        if _are_heads(page[foot:], allowed):
            return _Places(body - back, places.markers + count, notes), foot
    return None


def _follow(said: str, place: int, page: str, start: int, pages: int = 0) -> tuple[int, int]:
    """Return how far a text goes on in a page from a place on: the place in the text, and that in the page."""
    first = place
    while place < len(said):
        special = _FLEXIBLE.search(said, place)
        stop = special.start() if special else len(said)
        common = _common(said, place, stop, page, start)
        place, start = place + common, start + common
        if place < stop or special is None:
            break
        if (fits := _FITS[special[0]].match(page, start)) is None:
            break
        place, start = place + 1, _end_of(fits, said, place + 1, page, pages)
    # A mark for an item has no width: it belongs to the page that shows its number.
    while place > first and said[place - 1] == ITEM:  # it begins on the next page
        place -= 1
    return place, start


def _end_of(fits: re.Match[str], said: str, place: int, page: str, pages: int) -> int:
    """Return where something flexible ends: of "22. Next" the number of a page may be the first digit only."""
    if not fits.re.groups:
        return fits.end()
    # In "22. Next" of the contents the number of the page may be 2 and the next entry begin with "2."
    following = _FLEXIBLE.split(said[place : place + _AHEAD])[0]
    begin = fits.start(1)
    numbers = [end for end in range(begin + 1, fits.end() + 1) if int(page[begin:end]) <= pages]
    ends = [end for end in numbers if page.startswith(following, end)]
    return (ends if following and ends else numbers or [fits.end()])[-1]


def _common(one: str, place: int, stop: int, other: str, start: int) -> int:
    """Return how many characters two texts have in common from two places on."""
    length = min(stop - place, len(other) - start)
    if one[place : place + length] == other[start : start + length]:
        return length
    # Halving compares slices, which Python does in C: a letter has 30,000 characters.
    low, high = 0, length
    while high - low > 1:
        middle = (low + high) // 2
        if one[place : place + middle] == other[start : start + middle]:
            low = middle
        else:
            high = middle
    return low


def _are_heads(rest: str, allowed: Sequence[str]) -> bool:
    rest = _PAGE.sub("", rest)
    for each in allowed:
        rest = rest.replace(each, "")
    # Between the parts of a running head stand signs of the style sheet.
    return not rest.strip("·.,:;–-|")


def _heads(number: int, page: str, end: int, count: int) -> Iterator[Misfit]:
    """Yield a misfit where the number of the page is wrong."""
    for match in _PAGE.finditer(page, end):
        if (int(match[1]), int(match[2])) != (number + 1, count):
            what = f"it says that it is page {match[1]} of {match[2]}, and is page {number + 1} of {count}"
            yield Misfit(number, match.start(), match.end(), what)


def _misfit(number: int, texts: Sequence[str], start: int, words: PartWords, places: _Places) -> Misfit:
    """Return where a page ceases to say what it should: where its text, its numbers of items or its notes go wrong."""
    page = squeezed(texts[number])
    body, end = _follow(words.body, places.body, page, start, len(texts))
    count = words.body.count(ITEM, places.body, body)
    markers = "".join(words.markers[places.markers : places.markers + count])
    followed, foot = _follow(markers, 0, page, end)
    if followed < len(markers):
        wanted = markers[followed:] if followed else _readable(words.written_body, body) or markers
    else:
        notes, below = _follow(words.notes, places.notes, page, foot)
        wanted = _readable(words.written_notes, notes) if below > foot else _readable(words.written_body, body)
        foot = below
    found = _readable(texts[number], foot)
    what = f'"{found}" stands where "{wanted}" should'
    if not found:
        what = f'words are missing: "{wanted}"'
    elif not wanted:
        what = f'"{found}" stands there, and should not'
    return Misfit(number, foot, min(foot + _SHOWN, len(page)), what)


def _readable(text: str, place: int) -> str:
    """Return what a text says from a place in its squeezed form on, as a message shows it."""
    first, last = unsqueezed(text, place, place + _SHOWN)
    return " ".join(_shown(text[first:last]).split())


def _shown(text: str) -> str:
    return _FLEXIBLE.sub("", text)
