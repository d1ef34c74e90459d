"""Compares what the pages of a PDF show with what the letter was meant to say, character by character.

A page is drawn in this order: text, notes, running heads. The text and the notes go on from page to page; what is left
on a page then has to be its running heads.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from letters.audit.expected import BULLET, ITEM, LEADER, SOFT, PartWords, squeezed, unsqueezed

_FLEXIBLE = re.compile(f"[{BULLET}{LEADER}{SOFT}{ITEM}]")
_FITS = {
    BULLET: re.compile(r"\W"),
    LEADER: re.compile(r"[.…]*(\d+)"),
    SOFT: re.compile("-?"),
    ITEM: re.compile(""),
}
_PAGE = re.compile(r"Page(\d+)of(\d+)")
_SHOWN = 40
"""Characters of what is and of what should be that a message shows."""
_AHEAD = 12
_INLINE = 2
"""Numbers of items that may stand in one line: an item may begin with another."""
_BACK = 80
"""Characters that the text of a page may seem to go on into its notes."""


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
    allowed = sorted({*words.heads, *map(squeezed, style_words)}, key=len, reverse=True)
    for number, page in enumerate(map(squeezed, pages)):
        start = _repeated(page, words, places.body) if number else 0
        tries = (_with_markers(words, places, count) for count in range(_INLINE + 1))
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
    for back in range(_BACK):
        if body - back < places.body or end - back < start:
            break
        count = words.body.count(ITEM, places.body, body - back)
        markers = "".join(words.markers[places.markers : places.markers + count])
        followed, foot = _follow(markers, 0, page, end - back)
        if followed < len(markers):
            continue
        notes, foot = _follow(words.notes, places.notes, page, foot)
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
    while place > first and said[place - 1] == ITEM:  # it begins on the next page
        place -= 1
    return place, start


def _end_of(fits: re.Match[str], said: str, place: int, page: str, pages: int) -> int:
    """Return where something flexible ends: of "22. Next" the number of a page may be the first digit only."""
    if not fits.re.groups:
        return fits.end()
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
