"""Knows the states, and every ZIP code of the United States: its state, county, and the places written with it."""

from __future__ import annotations

import functools
import gzip
import re
import tomllib
import unicodedata
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

_TABLE = Path(__file__).with_name("zips.txt.gz")
"""Made by scripts/make_zips.py from the table of the package zipcodes (USPS ZIP Locale Detail, GeoNames)."""
_STATES = tomllib.loads(Path(__file__).with_name("states.toml").read_text("utf-8"))
STATE_NAMES: Mapping[str, str] = _STATES["names"]
"""The names of states by postal code."""
STATE_SPELLINGS = {name.casefold(): code for code, name in STATE_NAMES.items()} | _STATES["spellings"]
"""Names of states as people write them, in lower case."""
STATUTES: Mapping[str, str] = _STATES["statutes"]
"""Patterns of the citations of each state's statutes and constitution."""
# Not \d, which takes digits of every script.
ZIP_CODE = re.compile(r"([0-9]{5})(-[0-9]{4})?")
_ABBREVIATED = {
    "st": "saint",
    "ste": "sainte",
    "mt": "mount",
    "mtn": "mountain",
    "ft": "fort",
    "pt": "point",
    "hts": "heights",
    "twp": "township",
    "hls": "hills",
    "spgs": "springs",
    "jct": "junction",
    "n": "north",
    "s": "south",
    "e": "east",
    "w": "west",
    "vly": "valley",
    "vlg": "village",
    "ctr": "center",
    "lk": "lake",
    "hbr": "harbor",
    "centre": "center",
    "is": "island",
    "bch": "beach",
    "pk": "park",
    "cty": "city",
    "gdns": "gardens",
}
_KINDS = frozenset(("township", "charter", "borough", "village", "city", "town", "of", "the"))
_COUNTY = re.compile(
    r"\s+(?:county|co\.?|cnty\.?|cty\.?|parish|borough|census area|municipality|municipio)$", re.IGNORECASE
)
"""What a county is called in the states: parish in Louisiana, borough in Alaska, municipio in Puerto Rico."""
_MILITARY = frozenset(("AA", "AE", "AP"))
_STATE = slice(6, 8)
"""Where the state stands in a line of the table, behind the ZIP code and a bar."""


class ZipPlaces(NamedTuple):
    """What is known of one ZIP code."""

    state: str
    county: str
    cities: tuple[str, ...]
    """The post office's own name for the place, and others that it accepts."""
    tolerated: tuple[str, ...]
    """Names that it does not like, but delivers to."""

    @property
    def all_cities(self) -> tuple[str, ...]:
        """Return every name that may stand before the ZIP code."""
        return self.cities + self.tolerated


@functools.cache
def _lines() -> Mapping[str, str]:
    text = gzip.decompress(_TABLE.read_bytes()).decode()
    return {line[:5]: line for line in text.splitlines()}


@functools.cache
def _lines_by_state() -> Mapping[str, Sequence[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for line in _lines().values():
        found[line[_STATE]].append(line)
    return found


@functools.cache
def of_zip(zip_code: str) -> ZipPlaces | None:
    """Return what is known of a ZIP code of five or nine digits; None where no place has it."""
    line = _lines().get(zip_code[:5])
    if line is None:
        return None
    _, state, county, cities, tolerated = line.split("|")
    # APO, FPO and DPO are no names of cities, which the table writes with capital initials.
    cities = cities.upper() if state in _MILITARY else cities
    return ZipPlaces(state, county, tuple(cities.split(";")), tuple(filter(None, tolerated.split(";"))))


@functools.cache
def states_of_zip(zip_code: str) -> tuple[str, ...]:
    """Return the states of a ZIP code, or where it is not in the table those that share its first three digits."""
    if known := of_zip(zip_code):
        return (known.state,)
    # A new ZIP code has the first three digits of its sorting center, which serves one state, or two.
    return tuple(sorted({line[_STATE] for line in _lines_like(zip_code[:3])}))


def _lines_like(prefix: str) -> Sequence[str]:
    """Return the lines of the ZIP codes that begin with some digits."""
    codes = _codes()
    # The colon is the character after "9".
    return [_lines()[code] for code in codes[bisect_left(codes, prefix) : bisect_left(codes, f"{prefix}:")]]


@functools.cache
def _codes() -> Sequence[str]:
    return sorted(_lines())


@functools.cache
def counties_of(state: str) -> Mapping[str, str]:
    """Map the folded name of each county of a state to the name."""
    found = (line.split("|")[2] for line in _lines_by_state().get(state, ()))
    return {bare_county(name): name for name in found if name}


@functools.cache
def counties_near(zip_code: str) -> frozenset[str]:
    """Return the folded counties of the ZIP codes that share three digits with one, and of those of its places.

    A ZIP code has one county in the table, and may reach into the next one.
    """
    known = of_zip(zip_code)
    others = [own for city in known.all_cities for own in zips_of_city(city, known.state)] if known else []
    near = (found.county for code in others if (found := of_zip(code)))
    counties = (line.split("|")[2] for line in _lines_like(zip_code[:3]))
    return frozenset(map(bare_county, (*counties, *near)))


@functools.lru_cache(2**13)
def bare_county(name: str) -> str:
    """Return the name of a county as names are compared, without the word for what it is."""
    # Without blanks: "De Kalb" and "DeKalb", "La Salle" and "LaSalle" are written in both ways.
    return fold(_COUNTY.sub("", name.strip())).replace(" ", "")


def state_code(text: str) -> str:
    """Return the code of a state by its code or name: "Mich.", "N.J." and "michigan"; empty where it is none."""
    bare = text.strip(" .,")
    code = re.sub(r"[.\s]", "", bare).upper()
    return code if code in STATE_NAMES else STATE_SPELLINGS.get(bare.casefold(), "")


@functools.cache
def _zips_by_city(state: str) -> Mapping[str, tuple[str, ...]]:
    """Map the folded name of every place of a state to its ZIP codes."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for line in _lines_by_state().get(state, ()):
        zip_code, _, _, cities, tolerated = line.split("|")
        for city in f"{cities};{tolerated}".split(";"):
            if city:
                found[fold(city)].append(zip_code)
    return {place: tuple(dict.fromkeys(zips)) for place, zips in found.items()}


def zips_of_city(city: str, state: str) -> tuple[str, ...]:
    """Return the ZIP codes that a place of this name has in a state."""
    return _zips_by_city(state).get(fold(city), ())


def is_place(name: str, state: str) -> bool:
    """Return whether a place with a post office, or a county, of a state has this name."""
    return bool(zips_of_city(name, state)) or bare_county(name) in counties_of(state)


@functools.cache
def fold(city: str) -> str:
    """Return the name of a place as names are compared: "St. Clair Shores" and "Saint Clair Shores" are one.

    So are "Cañon City" and "Canon City": the post office writes no accents.
    """
    plain = "".join(each for each in unicodedata.normalize("NFD", city) if not unicodedata.combining(each))
    words = re.sub(r"['’`.]", "", plain.casefold()).replace("-", " ").split()
    return " ".join(_ABBREVIATED.get(word, word) for word in words)


def is_city_of(zip_code: str, city: str) -> bool:
    """Return whether a place may be written with a ZIP code, spellings and words for its kind aside."""
    known = of_zip(zip_code)
    if known is None:
        return False
    names = {fold(name) for name in known.all_cities}
    folded = fold(city)
    return folded in names or _bare(folded) in {_bare(name) for name in names}


def _bare(folded: str) -> str:
    """Return a name without the words for the kind of place, and without blanks."""
    return "".join(word for word in folded.split() if word not in _KINDS) or folded
