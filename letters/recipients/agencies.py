"""Makes of an agency's name what a letter needs besides: its office, its jurisdiction in a sentence, its id."""

from __future__ import annotations

import functools
import gzip
import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import NamedTuple

from letters.read.offices import understood_office
from letters.read.sense import reserved_id
from letters.recipients.names import cased_word

_MUNICIPALITIES = Path(__file__).with_name("municipalities.txt.gz")
"""State, name, kind and county of municipalities, made by scripts/make_municipalities.py (US Census Bureau, 2025)."""
_SMALL = frozenset(("of", "and", "the", "for", "in", "at", "on", "de", "la", "du", "to"))
_CAPITALS = frozenset(
    ("PD", "SO", "DPS", "US", "NE", "NW", "SE", "SW", "II", "III", "IV", "CSX", "SUNY", "UC", "LLC", "USA")
)
_ABBREVIATED = (
    (r"\bTwp\b\.?", "Township"),
    (r"\bBoro\b\.?", "Borough"),
    (r"\bCo\b\.?(?=\s+Sheriff)", "County"),
    (r"\bCnty\b\.?", "County"),
    (r"\bDept\b\.?", "Department"),
    (r"\bP\.?D\b\.?$", "Police Department"),
    (r"\bS\.?O\b\.?$", "Sheriff’s Office"),
    (r"\bD\.?P\.?S\b\.?$", "Department of Public Safety"),
    (r"\bSheriffs\b(?=\s+(?:Office|Department|Dept))", "Sheriff’s"),
    (r"\bSheriff\b(?=\s+(?:Office|Department)\b)", "Sheriff’s"),
)
_KIND_BEFORE = re.compile(
    r"^(?:the\s+)?(?P<kind>City|Village|Borough|Town|Township|Charter Township|County|Municipality) of (?P<name>.+)$",
    re.I,
)
_KIND_BEHIND = re.compile(
    r"^(?P<name>.+?) (?P<kind>Charter Township|Township|Borough|Village|County|Parish|Town)$", re.I
)
_ENDING = re.compile(
    r"[\s,-]+(?:Police(?: Department| Dept\.?| Force| Division| Bureau)?|Department of Police|Dept\.? of Police|"
    r"Public Safety(?: Department| Dept\.?)?|Department of Public Safety|"
    r"Sheriff(?:[’']?s)?(?: Office| Department| Dept\.?)?|"
    r"Marshal(?:[’']?s)?(?: Office)?|Constable(?:[’']?s)?(?: Office)?)(?:[\s-]+Headquarters)?$",
    re.IGNORECASE,
)
_BEGINNING = re.compile(
    r"^(?:Police Department|Department of Police|Department of Public Safety|Sheriff[’']?s Office|Police)"
    r"[\s,]+(?:of|for|-)[\s]+",
    re.IGNORECASE,
)
_NO_PLACE = re.compile(
    r"\b(?:University|College|School|Airport|State Police|Highway Patrol|Railroad|Railway|Tribal|Tribe|Parks|"
    r"State Park|Authority|Hospital|Transit|Port Authority|District|Regional|Campus|Housing|Metropolitan|Metro)\b",
    re.IGNORECASE,
)


BESIDES = re.compile(r"\s+/\s+[^/]*\b(?:Jail|Detention|Corrections|Correctional)\b[^/]*$", re.IGNORECASE)
"""A jail behind the name of an agency, as federal tables have it: "… County Sheriff's Office / … County Jail"."""


class Jurisdiction(NamedTuple):
    """A jurisdiction as it stands in a sentence, and what is doubtful of it."""

    text: str
    sure: bool
    why: str


@functools.lru_cache(2**15)
def tidy_agency(name: str) -> str:
    """Return an agency's name as a letter has it: not in capitals, words spelt out, typographic apostrophes."""
    text = " ".join(name.split())
    if text.isupper() or text.islower():
        text = cased(text)
    for pattern, written in _ABBREVIATED:
        text = re.sub(pattern, written, text)
    return re.sub(r"(?<=\w)'(?=\w)", "’", text)


def cased(text: str) -> str:
    """Return a text that is all in capitals, or all small, as a name or an address is written."""
    words = text.split()
    return " ".join(_cased_word(word, number == 0) for number, word in enumerate(words))


def _cased_word(word: str, first: bool) -> str:
    bare = word.strip(".,()")
    if bare.upper() in _CAPITALS or re.fullmatch(r"(?:[A-Z]\.)+[A-Z]?|[A-Z]?\d+[A-Z]?", bare.upper()):
        lowered = re.fullmatch(r"(\d+)(ST|ND|RD|TH)([.,]?)", word.upper())
        return lowered[1] + lowered[2].lower() + lowered[3] if lowered else word.upper()
    if not first and bare.casefold() in _SMALL:
        return word.casefold()
    lead = len(word) - len(word.lstrip("("))
    return word[:lead] + cased_word(word[lead:])


def office_of(agency: str, kind: str, title: str, offices: Collection[str]) -> tuple[str, str]:
    """Return the office at an agency by its title, its kind or its name, and why; empty where nothing says it."""
    for said, why in ((title, "by the title"), (kind, "by the kind of agency")):
        bare = re.sub(r"^(?:interim|acting)\s+", "", said, flags=re.IGNORECASE)
        if bare and (office := understood_office(bare, offices)):
            return office, f'{why} "{said}"'
    words = agency.casefold()
    if "sheriff" in words or "sheriff" in kind.casefold():
        return ("sheriff" if "sheriff" in offices else ""), "by the agency’s name"
    if re.search(r"\b(?:police|marshal|public safety|law enforcement|constable)\b", f"{words} {kind.casefold()}"):
        return ("police_chief" if "police_chief" in offices else ""), "by the agency’s name"
    return "", ""


def jurisdiction_of(agency: str, office: str, county: str, state: str) -> Jurisdiction:
    """Return the jurisdiction of an agency as it stands in a sentence: "the Borough of Raritan", "Leoni Township"."""
    place = _ENDING.sub("", _BEGINNING.sub("", BESIDES.sub("", agency))).strip(" ,-")
    if office == "sheriff" and re.search(r"\s[-–/]\s|[(),;]", place):
        # A substation or a jail in the name: the county's own name is in its column, or nobody can be sure.
        kind = "Parish" if state == "LA" else "County"
        return Jurisdiction(f"{county or place} {kind}", bool(county), "a sheriff serves the county")
    if office == "sheriff" or re.fullmatch(r"(?!.*\bof\b).* County", place):
        named = re.sub(r"\s+(?:County|Parish|Co\.?)$", "", place)
        kind = "Parish" if state == "LA" else "County"
        return Jurisdiction(f"{named or county} {kind}", bool(named or county), "a sheriff serves the county")
    if _NO_PLACE.search(place):
        return Jurisdiction(f"the {place}", False, "its name is no municipality’s")
    if found := _KIND_BEFORE.match(place):
        kind, name = found["kind"].title(), found["name"]
        text = f"{name} {kind}" if kind in ("Township", "Charter Township", "County") else f"the {kind} of {name}"
        return Jurisdiction(text, True, "by the agency’s name")
    if len(kinds := _kinds(state, place, county)) == 1 and not kinds[0].endswith("township"):
        return Jurisdiction(_as_kind(place, kinds[0]), True, "by the table of municipalities")
    if found := _KIND_BEHIND.match(place):
        name, kind = found["name"], found["kind"].title()
        if kind == "Township" and _township(state, name, county) == "charter township":
            return Jurisdiction(f"{name} Charter Township", True, "by the table of municipalities")
        if "-" in name and not _kinds(state, name, county):
            return Jurisdiction(place, False, "it may be the police of two places")
        text = f"{name} {kind}" if kind.endswith(("Township", "County", "Parish")) else f"the {kind} of {name}"
        return Jurisdiction(text, True, "by the agency’s name")
    if len(kinds) > 1:
        # A township's department calls itself so where a city or village has the same name.
        kinds = [kind for kind in kinds if "township" not in kind]
    if len(kinds) == 1:
        return Jurisdiction(_as_kind(place, kinds[0]), True, "by the table of municipalities")
    if "-" in place and not kinds:
        return Jurisdiction(place, False, "it may be the police of two places")
    return Jurisdiction(place, True, "the agency’s name does not tell city, borough or township")


def _township(state: str, name: str, county: str) -> str:
    """Return which kind of township has a name: "township" or "charter township"; empty where both or none has."""
    found = {kind for kind in _kinds(state, name, county) if kind.endswith("township")}
    return found.pop() if len(found) == 1 else ""


def _as_kind(name: str, kind: str) -> str:
    return f"{name} {kind.title()}" if kind.endswith("township") else f"the {kind.title()} of {name}"


def _kinds(state: str, name: str, county: str) -> list[str]:
    """Return the kinds of municipality that have a name, in a county where the table tells it."""
    found = _municipalities().get((state, _folded(name)), {})
    if county and (here := found.get(_folded(county))):
        return [*here, *found.get("", ())]
    if county and set(found) - {""}:
        return list(found.get("", ()))
    return [kind for kinds in found.values() for kind in kinds] if len(found) == 1 else []


def _folded(name: str) -> str:
    return re.sub(r"\bsaint\b", "st.", name.casefold().replace("’", "'"))


def municipalities_of(state: str) -> list[dict[str, str]]:
    """Return name, kind and county of every municipality of a state."""
    table = gzip.decompress(_MUNICIPALITIES.read_bytes()).decode().splitlines()
    rows = (line.split("|") for line in table if line.startswith(f"{state}|"))
    return [{"name": name, "kind": kind, "county": county} for _, name, kind, county in rows]


@functools.cache
def _municipalities() -> Mapping[tuple[str, str], dict[str, list[str]]]:
    """Map state and name to the kinds of municipality of that name, by county."""
    made: defaultdict[tuple[str, str], dict[str, list[str]]] = defaultdict(dict)
    for line in gzip.decompress(_MUNICIPALITIES.read_bytes()).decode().splitlines():
        state, name, kind, county = line.split("|")
        made[state, _folded(name)].setdefault(_folded(county), []).append(kind)
    return made


def make_id(agency: str, office: str, county: str, city: str, taken: Collection[str]) -> str:
    """Return an id for an agency that is not taken: "raritan-police", with county, city or a number where needed."""
    name = agency.replace("Police Department", "Police").replace("Department of Public Safety", "Public Safety")
    if office == "sheriff":
        name = re.sub(r"Sheriff[’']?s? (?:Office|Department)$", "Sheriff", name)
    base = slug(name)[:60].strip("-") or "row"
    for candidate in (base, f"{base}-{slug(county)}", f"{base}-{slug(city)}"):
        if (
            candidate.strip("-")
            and candidate not in taken
            and not reserved_id(candidate)
            and not candidate.endswith("-")
        ):
            return candidate
    return next(each for n in range(2, len(taken) + 4) if (each := f"{base}-{n}") not in taken)


def slug(text: str) -> str:
    """Return a text as letters a to z, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", re.sub(r"[’'.]", "", text)).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")
