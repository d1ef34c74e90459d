"""Understands cells as people write them: offices, dates, and text that was read in the wrong encoding."""

from __future__ import annotations

import datetime
import functools
import html
import re
from collections.abc import Collection, Mapping

_FILLERS = frozenset(
    (
        "of",
        "the",
        "for",
        "s",
        "office",
        "department",
        "dept",
        "county",
        "city",
        "township",
        "village",
        "town",
        "borough",
    )
)
_WORD = re.compile(r"[a-z]+")
_SYNONYMS = {"pd": "police", "so": "sheriff", "sheriffs": "sheriff", "chiefs": "chief", "dps": "public safety director"}
_READ_AS = ("cp1252", "latin-1", "mac_roman", "cp437", "cp850")
"""How programs of Windows, of old Macs and of DOS read UTF-8 by mistake."""
_HIGH = range(0x80, 0x100)
_REPLACED = "\ufffd"
_ENTITY = re.compile(r"&(?:#\d{1,6}|#x[0-9a-f]{1,5}|[a-z]{2,8});", re.IGNORECASE)
_MAC_APOSTROPHE = re.compile(r"(?<=[a-z])Õ(?=s\b)|(?<=\b[DOL])Õ(?=[A-Z])")
"""An apostrophe of an old Mac read as Windows-1252: "SheriffÕs"."""
_MOST_TIMES = 3
"""Texts that were read wrongly twice are met, and three times is the most that was seen."""
_DAY_ZERO = datetime.date(1899, 12, 30)
"""From which Excel counts days (ECMA-376, part 1, 18.17.4.1)."""
_SERIAL = re.compile(r"([34]\d{4})(?:\.0)?")
"""Days that Excel counts: those of 1982 to 2036."""
_TIME = re.compile(r"(?:\s+|T)\d{1,2}:\d\d(?::\d\d)?(?:\s?[AP]M)?$", re.IGNORECASE)
_FORMS = (
    *("%Y-%m-%d", "%m/%d/%Y", "%m-%d-%Y", "%m/%d/%y", "%B %d %Y", "%b %d %Y", "%d %B %Y", "%d %b %Y", "%d-%b-%Y"),
    *("%d-%b-%y", "%Y/%m/%d", "%Y%m%d"),
)
"""The month stands first, as in the United States. The form of the list comes first, since most cells have it."""


def understood_office(said: str, offices: Collection[str]) -> str:
    """Return the office that a text means; empty where it means none of those known, or more than one.

    Words count, not their order or case; words for an agency or a place are passed over. A status such as "Interim"
    is never passed over: it would be lost.
    """
    return said if said in offices else _understood(said, tuple(offices))


@functools.lru_cache(4096)
def _understood(said: str, offices: tuple[str, ...]) -> str:
    words = _words(said)
    known = {office: frozenset(office.split("_")) for office in offices}
    same = [office for office, own in known.items() if own == words]
    part = [office for office, own in known.items() if words and words < own]
    for found in (same, part):
        if len(found) == 1:
            return found[0]
    return ""


def _words(said: str) -> frozenset[str]:
    found = _WORD.findall(said.casefold().replace("’", "'"))
    spelt = " ".join(_SYNONYMS.get(word, word) for word in found).split()
    return frozenset(word for word in spelt if word not in _FILLERS)


@functools.cache
def _meanings() -> Mapping[str, str]:
    """Map what UTF-8 looks like when it is read in another encoding to what was meant."""
    windows = {code: _windows(bytes([code])) for code in _HIGH}
    characters = {*map(chr, range(0xA0, 0x180)), *windows.values(), "\u2011", "\u2032", "\ufeff"}
    made: dict[str, str] = {}
    for character in sorted(characters):
        content = character.encode()
        if len(content) > 1:
            made |= {_read(content, encoding): character for encoding in _READ_AS}
    # C1 controls stand for nothing in a list: they are Windows-1252 read as Latin-1.
    made |= {chr(code): meant for code, meant in windows.items() if code < 0xA0 and meant != chr(code)}
    return made


def _read(content: bytes, encoding: str) -> str:
    return _windows(content) if encoding == "cp1252" else content.decode(encoding)


def _windows(content: bytes) -> str:
    """Return bytes as Windows reads them, which takes the five that Windows-1252 does not have for controls."""
    return "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in content)


@functools.cache
def _pattern() -> re.Pattern[str]:
    longest_first = sorted(_meanings(), key=len, reverse=True)
    anything = "|".join([*map(re.escape, longest_first), _REPLACED, "[\u0080-\u009f]"])
    # The hundreds of alternatives are tried only where one can begin, which is hardly anywhere in a letter.
    begins = "".join(sorted({re.escape(wrong[0]) for wrong in longest_first}))
    return re.compile(f"(?=[{begins}{_REPLACED}\u0080-\u009f])(?:{anything})")


@functools.cache
def _first_letters() -> frozenset[str]:
    """Return the letters with which wrong letters begin: a text without one, as most are, is told at once."""
    return frozenset((*(wrong[0] for wrong in _meanings()), _REPLACED, *map(chr, range(0x80, 0xA0)), "Õ", "&"))


def wrong_letters(text: str) -> str:
    """Return the first wrong letters of a text; empty where there are none."""
    if text.isascii():
        found = _ENTITY.search(text) if "&" in text else None
        return found[0] if found and html.unescape(found[0]) != found[0] else ""
    if _first_letters().isdisjoint(text):
        return ""
    found = _pattern().search(text) or _MAC_APOSTROPHE.search(text) or _ENTITY.search(text)
    return found[0] if found else ""


def all_wrong_letters(text: str) -> set[str]:
    """Return all wrong letters of a text in which entities are markup, as in a letter."""
    return set() if _first_letters().isdisjoint(text) else set(_pattern().findall(text))


def repaired_text(text: str) -> str:
    """Return a text with the letters that were meant; the text as it is where that is not sure."""
    if (text.isascii() and "&" not in text) or not wrong_letters(text):
        return text
    meant = text
    for _ in range(_MOST_TIMES):
        meant = _pattern().sub(lambda found: _meanings().get(found[0], found[0]), meant)
        meant = _MAC_APOSTROPHE.sub("’", meant)
    meant = _ENTITY.sub(lambda found: html.unescape(found[0]), meant)
    return text if wrong_letters(meant) else meant


def likely_date(text: str) -> str:
    """Return the date that a cell probably means, as 2025-03-19; empty where it means none.

    Known are "3/19/2025", "March 19, 2025", "19-Mar-25", dates with a time, and the number that Excel keeps for a day.
    """
    if found := _SERIAL.fullmatch(text):
        return (_DAY_ZERO + datetime.timedelta(days=int(found[1]))).isoformat()
    day = _TIME.sub("", text.strip())
    spaced = " ".join(re.sub(r"(?<=\d)(?:st|nd|rd|th)\b|[,.]", " ", day).split())
    for form in _FORMS:
        try:
            return datetime.datetime.strptime(spaced, form).date().isoformat()  # noqa: DTZ007 - a day has no time zone
        except ValueError:
            continue
    return ""
