"""Knows the municipalities of each state: which kind a place is, and how its name is written."""

from __future__ import annotations

import functools
import gzip
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

from letters.read import zips
from letters.recipients.names import cased_word

_TABLE = Path(__file__).with_name("municipalities.txt.gz")
"""State, name, kind and county of municipalities, made by scripts/make_municipalities.py (US Census Bureau, 2025)."""
_SMALL = frozenset(("of", "and", "the", "for", "in", "at", "on", "de", "la", "du", "to"))
_CAPITALS = frozenset(
    (
        *("PD", "SO", "DPS", "US", "NE", "NW", "SE", "SW", "II", "III", "IV", "CSX", "SUNY", "UC", "LLC", "USA"),
        # Of addresses, as the post office writes them (USPS Publication 28): boxes, routes, military mail.
        *("PO", "PMB", "RR", "HC", "FM", "CR", "SR", "APO", "FPO", "DPO", "PSC", "CMR"),
    )
)


_BEFORE_NAME = re.compile(r"[\w-]*\d[\w-]*|(?:North|South)?(?:East|West)?|[NS]?[EW]?\.?|[NSEW]\.?", re.IGNORECASE)
"""What stands before the name of a street: its number, a direction."""
_WHOLE_IN_CAPITALS = re.compile(r"(?:[A-Z]\.)+[A-Z]?|[A-Z]?\d+[A-Z]?|(?:[NSEW]\d+)+")
"""Initials, numbers with a letter, and house numbers of a grid, as Wisconsin has them: N63W24335."""


def municipalities_of(state: str) -> list[dict[str, str]]:
    """Return name, kind and county of every municipality of a state."""
    return [{"name": name, "kind": kind, "county": county} for name, kind, county in _rows().get(state, ())]


@functools.cache
def _rows() -> Mapping[str, list[tuple[str, str, str]]]:
    found: defaultdict[str, list[tuple[str, str, str]]] = defaultdict(list)
    for line in gzip.decompress(_TABLE.read_bytes()).decode().splitlines():
        state, name, kind, county = line.split("|")
        found[state].append((name, kind, county))
    return found


@functools.cache
def _kinds_by_name(state: str) -> Mapping[str, Mapping[str, list[str]]]:
    """Map the folded name of each place of a state to the kinds of municipality of that name, by county."""
    made: defaultdict[str, dict[str, list[str]]] = defaultdict(dict)
    for name, kind, county in _rows().get(state, ()):
        made[_folded(name)].setdefault(zips.bare_county(county), []).append(kind)
    # "De Kalb" and "DeKalb" are one place where no other is written so.
    for name in [name for name in made if " " in name]:
        made.setdefault(name.replace(" ", ""), made[name])
    return made


def _folded(name: str) -> str:
    # The name of a place is compared with its hyphens: "Baroda-Lake Township" is shared, "Baroda Lake" would not be.
    return "-".join(map(zips.fold, name.split("-")))


def kinds_of(state: str, name: str, county: str) -> list[str]:
    """Return the kinds of municipality that have a name, in a county where the table tells it."""
    known = _kinds_by_name(state)
    found = known.get(_folded(name)) or known.get(_folded(name).replace(" ", ""), {})
    own = zips.bare_county(county)
    if own and (here := found.get(own)):
        return [*here, *found.get("", ())]
    # The table knows Connecticut by planning regions: a county that it has not says nothing of its places.
    if own and own in _counties(state) and set(found) - {""}:
        return list(found.get("", ()))
    kinds = [kind for kinds in found.values() for kind in kinds]
    towns = {kind for kind in kinds if not kind.endswith("township")}
    # A city that lies in several counties is one, though townships of its name lie in others.
    return kinds if len(found) == 1 else sorted(towns) if len(towns) == 1 else []


@functools.cache
def _counties(state: str) -> frozenset[str]:
    return frozenset(zips.bare_county(county) for _, _, county in _rows().get(state, ()))


def cased(text: str, state: str = "") -> str:
    """Return a text that is all in capitals, or all small, as a name or an address is written.

    The places of its state are written as they write themselves: "DeKalb", "La Grande", "The Dalles".
    """
    words = text.split()
    # A particle that begins the name of a street is capital, after its number, too: 1601 South De Anza Boulevard.
    begins = next((number for number, word in enumerate(words) if not _BEFORE_NAME.fullmatch(word)), 0)
    plain = " ".join(_cased_word(word, number in (0, begins)) for number, word in enumerate(words))
    if state == "HI":
        # What looks like an apostrophe is an okina, a consonant within the word: Lihu'e.
        plain = re.sub(r"(?<=\w)['’ʻ‘]\w", lambda found: found[0].lower(), plain)
    spellings, pattern = _spellings(state)
    return pattern.sub(lambda found: spellings[found[0]], plain) if pattern else plain


def _cased_word(word: str, first: bool) -> str:
    bare = word.strip(".,()")
    if bare.upper() in _CAPITALS or _WHOLE_IN_CAPITALS.fullmatch(bare.upper()):
        lowered = re.fullmatch(r"(\d+)(ST|ND|RD|TH)([.,]?)", word.upper())
        return lowered[1] + lowered[2].lower() + lowered[3] if lowered else word.upper()
    if not first and bare.casefold() in _SMALL:
        return word.casefold()
    lead = len(word) - len(word.lstrip("("))
    written = cased_word(word[lead:])
    return word[:lead] + (written[:1].upper() + written[1:] if first else written)


@functools.cache
def _spellings(state: str) -> tuple[Mapping[str, str], re.Pattern[str] | None]:
    """Map the names of a state's places as plain rules would write them to their own spelling, with a pattern of them.

    A name that two places of the state spell in two ways is left to the rules.
    """
    names = set(_names(state))
    found: defaultdict[str, set[str]] = defaultdict(set)
    for name in names:
        words = name.upper().split()
        for first in (True, False):
            plain = " ".join(_cased_word(word, first and number == 0) for number, word in enumerate(words))
            if plain != name and plain not in names:
                found[plain].add(name)
    spellings = {plain: min(meant) for plain, meant in found.items() if len(meant) == 1}
    if not spellings:
        return {}, None
    longest_first = "|".join(map(re.escape, sorted(spellings, key=lambda name: (-len(name), name))))
    return spellings, re.compile(rf"(?<![\w-])(?:{longest_first})(?![\w-])")


def _names(state: str) -> Iterator[str]:
    yield from (name for name, _, _ in _rows().get(state, ()))
    # Cities of Virginia that are in no county stand among the counties as "Norton city".
    yield from (name.removesuffix(" city") for name in zips.counties_of(state).values())
