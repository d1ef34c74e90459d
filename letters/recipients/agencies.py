"""Makes of an agency's name what a letter needs besides: its office, its jurisdiction in a sentence, its id."""

from __future__ import annotations

import functools
import gzip
import itertools
import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import NamedTuple

from letters.read import zips
from letters.read.sense import reserved_id, understood_office
from letters.recipients.addresses import AGENCY_WORDS
from letters.recipients.names import cased_word

_MUNICIPALITIES = Path(__file__).with_name("municipalities.txt.gz")
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
_ABBREVIATED = (
    (r"\bTwp\b\.?", "Township"),
    (r"\bBoro\b\.?", "Borough"),
    (r"\bS\.?O\b\.?$", "Sheriff’s Office"),
    (r"\bCo\b\.?(?=\s+Sheriff)", "County"),
    (r"\bC(?:nty|ty)\b\.?", "County"),
    (r"\bPol\b\.?(?=\s+(?:Dep|Div))", "Police"),
    (r"^(.+), ((?:City|Village|Borough|Town|Township|County) of)$", r"\2 \1"),
    (r"\bDept\b\.?", "Department"),
    (r"\bP\.?D\b\.?$", "Police Department"),
    (r"\bD\.?P\.?S\b\.?$", "Department of Public Safety"),
    (r"\bSheriffs\b(?=\s+(?:Office|Department|Dept))", "Sheriff’s"),
    (r"\bSheriff\b(?=\s+(?:Office|Department)\b)", "Sheriff’s"),
)
_KIND_BEFORE = re.compile(
    r"^(?:the\s+)?(?P<kind>City|Village|Borough|Town|Township|Charter Township|County|Municipality) of (?P<name>.+)$",
    re.I,
)
_KIND_BEHIND = re.compile(
    r"^(?P<name>.+?) (?P<kind>Charter Township|Township|Borough|Village|County|Parish|Town|City)$", re.I
)
_ENDING = re.compile(
    r"[\s,-]+(?:Police(?: Department| Dept\.?| Force| Division| Bureau| Services)?|"
    r"(?:Department|Dept\.?|Bureau|Division|Office) of (?:Police|Public Safety|Law Enforcement)(?: Services)?|"
    r"Public Safety(?: Department| Dept\.?| Division| Services)?|"
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
_WITHOUT_ARTICLE = re.compile(
    r"the |(?!(?:University|College|School) )(?!.*\bof\b).*\b(?:University|College|School)\b", re.IGNORECASE
)
"""Rutgers University, and the University of Vermont."""
_NO_NAME = re.compile(
    rf"{AGENCY_WORDS.pattern}|\b(?:Departments|Division|Bureau|Commission|Board|Center|Centre|System|State|Federal|"
    r"National|Coroner|Coroners|Fire|Station|Precinct|Substation|Unit|Services?|Polic[ií]a|Marshals|Constables|Hall)\b",
    re.IGNORECASE,
)
"""Words of agencies, which no place is named after; a municipality that is, as College Station, is in the table."""
_PRECINCT = re.compile(
    r"(?P<before>.+?) County Constable\b.*?\b(?:Precinct|Pct\.?) #?(?P<number>\d+)$"
    r"|Constable(?:[’']?s?,? Office)?,? (?:Precinct|Pct\.?) #?(?P<n>\d+),? (?P<behind>.+) County$",
    re.IGNORECASE,
)
"""The precinct of a constable: "Bell County Constable - Precinct 3"."""
_METRO = re.compile(r"\b(?:Metro|Metropolitan)\b", re.IGNORECASE)
_OF_STATE = re.compile(r"\bState (?:Police|Patrol|Troopers)\b|\bHighway Patrol\b", re.IGNORECASE)
_PART = re.compile(r"\s+[-–]\s+")
"""What parts an agency from its station, precinct or troop."""
BESIDES = re.compile(r"\s+/\s+[^/]*\b(?:Jail|Detention|Corrections|Correctional)\b[^/]*$", re.IGNORECASE)
"""A jail behind the name of an agency, as federal tables have it: "… County Sheriff's Office / … County Jail"."""


def municipalities_of(state: str) -> list[dict[str, str]]:
    """Return name, kind and county of every municipality of a state."""
    return [{"name": name, "kind": kind, "county": county} for name, kind, county in _rows().get(state, ())]


@functools.cache
def _rows() -> Mapping[str, list[tuple[str, str, str]]]:
    found: defaultdict[str, list[tuple[str, str, str]]] = defaultdict(list)
    for line in gzip.decompress(_MUNICIPALITIES.read_bytes()).decode().splitlines():
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


def _kinds_of(state: str, name: str, county: str) -> list[str]:
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
    # Cities of Virginia that are in no county stand among the counties as "Norton city".
    counties = {name.removesuffix(" city") for name in zips.counties_of(state).values()}
    names = counties | {name for name, _, _ in _rows().get(state, ())}
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


class Jurisdiction(NamedTuple):
    """A jurisdiction as it stands in a sentence, and what is doubtful of it."""

    text: str
    sure: bool
    why: str


@functools.lru_cache(2**15)
def tidy_agency(name: str, state: str = "") -> str:
    """Return an agency's name as a letter has it: not in capitals, words spelt out, typographic apostrophes."""
    text = " ".join(name.split())
    if text.isupper() or text.islower():
        text = cased(text, state)
    for pattern, written in _ABBREVIATED:
        text = re.sub(pattern, written, text)
    return re.sub(r"(?<=\w)'(?=\w)", "’", text)


def office_of(agency: str, kind: str, title: str, offices: Collection[str]) -> tuple[str, str]:
    """Return the office at an agency by its title, its kind or its name, and why; empty where nothing says it."""
    for said, why in ((title, "by the title"), (kind, "by the kind of agency")):
        bare = re.sub(r"^(?:interim|acting)\s+", "", said, flags=re.IGNORECASE)
        # A police commissioner is a commissioner; the deputy of one is not.
        for named in (bare, re.sub(r"^police\s+(?=commissioner)", "", bare, flags=re.IGNORECASE)):
            if named and (office := understood_office(named, offices)):
                return office, f'{why} "{said}"'
    words = agency.casefold()
    if "sheriff" in words or "sheriff" in kind.casefold():
        return ("sheriff" if "sheriff" in offices else ""), "by the agency’s name"
    police = r"\b(?:police|polic[ií]a|marshals?|public safety|law enforcement|constables?)\b"
    if re.search(police, f"{words} {kind.casefold()}"):
        return ("police_chief" if "police_chief" in offices else ""), "by the agency’s name"
    return "", ""


def jurisdiction_of(agency: str, office: str, county: str, state: str) -> Jurisdiction:
    """Return the jurisdiction of an agency as it stands in a sentence: "the Borough of Raritan", "Leoni Township"."""
    state_name = zips.STATE_NAMES.get(state, "")
    alone = re.sub(rf",\s*(?:{state}|{state_name})$", "", agency) if state_name else agency
    place = _ENDING.sub("", _BEGINNING.sub("", BESIDES.sub("", alone))).strip(" ,-").removesuffix(" Municipal")
    if office == "sheriff":
        return _of_sheriff(place, county, state)
    if part := _PART.search(place) if not _PRECINCT.match(alone) else None:
        whole = jurisdiction_of(place[: part.start()], office, county, state)
        return Jurisdiction(whole.text if whole.sure else place, False, "it is a station or another part of an agency")
    if larger := _larger_than_a_place(alone, place, state, state_name):
        return larger
    if found := _KIND_BEFORE.match(place):
        kind, name = found["kind"].title(), found["name"]
        return _by_name(name, kind, county, state)
    kinds = _kinds_of(state, place, county)
    # A township's department calls itself so where a city or village has the same name.
    towns = kinds if len(kinds) == 1 else [kind for kind in kinds if not kind.endswith("township")]
    if len(towns) == 1 and not towns[0].endswith("township"):
        return Jurisdiction(_as_kind(place, towns[0], state), True, "by the table of municipalities")
    behind = _KIND_BEHIND.match(place)
    # Parks Township of Pennsylvania is no department of parks: the table knows it.
    is_known = behind and _kinds_of(state, behind["name"], county)
    if not is_known and _NO_PLACE.search(place):
        article = "" if _WITHOUT_ARTICLE.match(place) else "the "
        return Jurisdiction(f"{article}{place}", False, "its name is no municipality’s")
    if behind:
        return _of_kind_behind(place, behind["name"], behind["kind"].title(), county, state)
    if len(towns) == 1:
        return Jurisdiction(_as_kind(place, towns[0], state), True, "by the table of municipalities")
    if "-" in place and not kinds:
        return Jurisdiction(place, False, "it may be the police of two places")
    if _NO_NAME.search(place) or (state and not kinds and not zips.zips_of_city(place, state)):
        return Jurisdiction(place, False, "its name is no municipality’s")
    return Jurisdiction(place, True, "the agency’s name does not tell city, borough or township")


def _larger_than_a_place(agency: str, place: str, state: str, state_name: str) -> Jurisdiction | None:
    """Return the precinct, the county or the state that an agency serves by its name; None for other agencies."""
    if precinct := _PRECINCT.match(agency):
        name = precinct["before"] or precinct["behind"]
        text = f"Precinct {precinct['number'] or precinct['n']} of {name} County"
        return Jurisdiction(text, _is_county(name, state), "a constable serves the precinct")
    if (named := re.fullmatch(r"(?!.*\bof\b)([^,]*) (?:County|Parish)", place)) and _is_county(named[1], state):
        return Jurisdiction(place, True, "by the agency’s name")
    if state_name and _OF_STATE.search(agency):
        return Jurisdiction(state_name, False, "it serves the state")
    city = " ".join(_METRO.sub(" ", place).split())
    if city != place and (kinds := [kind for kind in _kinds_of(state, city, "") if not kind.endswith("township")]):
        return Jurisdiction(_as_kind(city, kinds[0], state), False, "it may serve more than the city")
    return None


def _is_county(name: str, state: str) -> bool:
    """Return whether a state has a county of a name, or a city and a county have joined: "Athens-Clarke"."""
    known = zips.counties_of(state)
    return not known or any(zips.bare_county(each) in known for each in (name, *name.split("-")))


def _of_sheriff(place: str, county: str, state: str) -> Jurisdiction:
    """Return the county of a sheriff, or in a few states the city; it is sure where the state has one so named."""
    why, kind = "a sheriff serves the county", "Parish" if state == "LA" else "County"
    known = zips.counties_of(state)
    named = re.sub(r"\s+(?:County|Parish|Co\.?)$", "", place) or county
    city = re.fullmatch(r"(?:the )?City of (?P<of>.+)|(?P<behind>.+) City", named, re.IGNORECASE)
    is_county = zips.bare_county(named) in known
    # Cities of Virginia are in no county, and have sheriffs of their own.
    name = city["of"] or city["behind"] if city else named if state == "VA" and not is_county else ""
    if named == place and "city" in _kinds_of(state, name, ""):
        return Jurisdiction(f"the City of {name}", True, "a sheriff of a city")
    if named == place and city and city["behind"] and is_county:
        return Jurisdiction(named, True, "a sheriff of a city")
    if is_county or (not known and not re.search(r"\s[-–/]\s|[(),;]", named)):
        return Jurisdiction(f"{named} {kind}", True, why)
    # A substation or a jail in the name: the county's own name is in its column, or nobody can be sure.
    return Jurisdiction(f"{county or named} {kind}", zips.bare_county(county) in known, why)


def _of_kind_behind(place: str, name: str, kind: str, county: str, state: str) -> Jurisdiction:
    """Return the jurisdiction of "NAME Township", "NAME Village" or "NAME City", by the table where it knows better."""
    kinds = _kinds_of(state, name, county)
    if kind == "City":
        towns = [each for each in kinds if not each.endswith("township")]
        known = "city" if "city" in towns else towns[0] if len(towns) == 1 else ""
        why = "by the table of municipalities" if known else "its name is no municipality’s"
        return Jurisdiction(_as_kind(name, known or "city", state), bool(known), why)
    if kind == "Township" and {each for each in kinds if each.endswith("township")} == {"charter township"}:
        return Jurisdiction(f"{name} Charter Township", True, "by the table of municipalities")
    if "-" in name and not kinds:
        return Jurisdiction(place, False, "it may be the police of two places")
    if _NO_NAME.search(name):
        return Jurisdiction(place, False, "its name is no municipality’s")
    return _by_name(name, kind, county, state)


def _by_name(name: str, kind: str, county: str, state: str) -> Jurisdiction:
    """Return a jurisdiction that an agency's name says; it is sure where the state has a place of that name.

    "City of Dickson Park Ranger Division" names a city, and is no city's name.
    """
    is_known = (
        not state or bool(_kinds_of(state, name, county) or _kinds_of(state, name, "")) or zips.is_place(name, state)
    )
    why = "by the agency’s name" if is_known else "its name is no municipality’s"
    return Jurisdiction(_as_kind(name, kind, state), is_known, why)


def _as_kind(name: str, kind: str, state: str) -> str:
    behind = kind.casefold().endswith(("township", "county", "parish")) or (state == "AK" and kind == "Borough")
    return f"{name} {kind.title()}" if behind else f"the {kind.title()} of {name}"


def make_id(agency: str, office: str, county: str, city: str, taken: Collection[str]) -> str:
    """Return an id for an agency that is not taken: "raritan-police", with county, city or a number where needed."""
    name = agency.replace("Police Department", "Police").replace("Department of Public Safety", "Public Safety")
    if office == "sheriff":
        name = re.sub(r"Sheriff[’']?s? (?:Office|Department)$", "Sheriff", name)
    base = slug(name)[:60].strip("-") or "row"
    for candidate in (base, f"{base}-{slug(county)}", f"{base}-{slug(city)}"):
        if candidate not in taken and not reserved_id(candidate) and not candidate.endswith("-"):
            return candidate
    return numbered(base, taken)


def numbered(name: str, taken: Collection[str], joint: str = "-") -> str:
    """Return a name with the first number behind it, from 2, with which it is not taken."""
    return next(each for number in itertools.count(2) if (each := f"{name}{joint}{number}") not in taken)


def slug(text: str) -> str:
    """Return a text as letters a to z, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", re.sub(r"[’'.]", "", text)).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")
