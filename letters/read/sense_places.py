"""Finds what is no agency, no jurisdiction and no address in the columns for them."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

from letters.model.problems import Place, Problem, nearest, warning
from letters.model.records import Recipient
from letters.read import zips
from letters.read.sense import means_nothing, wrong_letters

_MORE_THAN_A_CITY = re.compile(r"[,\d/;()\[\]&]")
_BOX = re.compile(r"\b(?:P\.? ?O\.? ?(?:Box|Drawer|B)|Post Office Box)\b\.? ?#?\w+", re.IGNORECASE)
_BOX_SIGN = re.compile(r"box|drawer|\bp\.? ?o", re.IGNORECASE)
_STREET = re.compile(r"\d+ \w")
_UNIT = re.compile(r"\b(?:floor|fl|suite|ste|room|rm|unit|building|bldg)\b", re.IGNORECASE)
_IN_CARE = re.compile(r"(?:c/o|care of|attn|attention)\b", re.IGNORECASE)
_NO_NUMBER = re.compile(r"(?:P\.? ?O\.? ?(?:Box|Drawer)|Post Office Box|Box)[\s#:_.]*", re.IGNORECASE)
_BROKEN_OFF = re.compile(
    r"(?:suite|ste|room|rm|unit|apt|floor|bldg|building|attn|attention|c/o|care of)[\s.:#_]*", re.IGNORECASE
)
_WEB = re.compile(r"(?:https?://\S+|www\.\S+)", re.IGNORECASE)
_SHORT = {
    "street": "st",
    "avenue": "ave",
    "road": "rd",
    "drive": "dr",
    "boulevard": "blvd",
    "lane": "ln",
    "highway": "hwy",
    "court": "ct",
    "place": "pl",
    "north": "n",
    "south": "s",
    "east": "e",
    "west": "w",
}
_ENDS = frozenset(("st", "ave", "rd", "dr", "blvd", "ln", "hwy", "ct", "pl", "way", "pkwy", "parkway", "square"))
_NUMBERED = frozenset(("st", "ave", "rd", "dr", "blvd", "ln", "pkwy"))
"""Kinds of streets whose houses have numbers; a square or a plaza may be an address of its own."""
# "One Woodward Avenue" has a number in words.
_NUMBERS = frozenset(("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"))
_PRINTED = ("agency", "jurisdiction", "address1", "address2", "city")
_STATE_BEHIND = re.compile(r",\s*(?:[A-Z]{2}|[A-Z][a-z]+)\.?$|[.;]$")
_FEWEST_LETTERS = 4
_MISSPELT = 0.8
"""How like its right spelling a misspelt word is, 0 to 1."""
_KIND_ALONE = frozenset(("the", "county", "city", "township", "village", "borough", "town", "the county", "the city"))
_KINDS = "City|Village|Borough|Town|Township|County|Parish|Municipality"
_OF_NOBODY = frozenset(
    (
        *("police", "department", "dept", "sheriff", "sheriffs", "s", "office", "agency", "name", "public", "safety"),
        *("the", "of", "bureau", "division", "law", "enforcement", "department's", "organization", "address"),
    )
)
"""Words that are no agency's own: "Police Department" is that of any place."""
_FOOTNOTE = re.compile(r"\s*(?:\[\d{1,2}\]|\(\d{1,2}\)|[\u00b9\u00b2\u00b3\u2070-\u2079]+)$")
_TWICE = re.compile(r"(.{6,}?)[\s,/-]+\1", re.IGNORECASE)
_STREET_LINE = re.compile(
    r"\d+\s+\w.*\b(?:street|st|avenue|ave|road|rd|drive|dr|boulevard|blvd|lane|ln|highway|hwy|court|ct|parkway)\b\.?",
    re.IGNORECASE,
)
_SPELT = ("department", "police", "sheriff", "sheriffs", "township")
_PLACE = re.compile(rf"(?:the )?(?:{_KINDS}) of (?P<name>.+)", re.IGNORECASE)
_WITHOUT_ARTICLE = re.compile(rf"(?:{_KINDS}) of \w|The (?:{_KINDS}) of \w")


def place_problems(recipient: Recipient) -> Iterator[Problem]:
    """Yield a problem for each cell of an address, or of an agency's name, that cannot be printed or posted."""
    yield from _street_problems(recipient)
    yield from _written_oddly(recipient)
    city, state, zip_code = recipient["city"], recipient["state"], recipient["zip"]
    if _holds_more(city, state, zip_code):
        hint = "the city alone; state and ZIP have columns of their own"
        yield Problem(recipient.at("city"), f'"{city}" is more than a city', hint)
        city = ""
    if zips.ZIP_CODE.fullmatch(zip_code) and state in zips.STATE_NAMES:
        found = list(_zip_problems(recipient.at("zip"), zip_code, state, city))
        yield from found or _county_problems(recipient, zip_code, state)


def _holds_more(city: str, state: str, zip_code: str) -> bool:
    if _MORE_THAN_A_CITY.search(city) or (state and f" {city}".rstrip(".").endswith(f" {state}")):
        return True
    name = zips.STATE_NAMES.get(state, "").casefold()
    ends = name and f" {city.casefold()}".endswith(f" {name}")
    return bool(ends) and not zips.is_city_of(zip_code, city) and not zips.zips_of_city(city, state)


def _street_problems(recipient: Recipient) -> Iterator[Problem]:
    first, second = recipient["address1"], recipient["address2"]
    if not first:
        return
    at_first, at_second = recipient.at("address1"), recipient.at("address2")
    # Most streets have neither word: the longer pattern is spared them.
    without_box, boxes = _BOX.subn("", first) if _BOX_SIGN.search(first) else (first, 0)
    if boxes and _STREET.search(without_box):
        what = f'a PO box and a street on one line: "{first}"'
        yield Problem(at_first, what, "keep the one where mail is received (USPS Publication 28)")
    elif (boxes and _STREET.match(second) and not _BOX.search(second)) or (
        not boxes and _STREET.search(first) and _BOX.search(second)
    ):
        what = f'a PO box and a street: "{first}" and "{second}"'
        hint = "mail goes to the line right above the city; keep the one where it is received (USPS Publication 28)"
        yield warning(at_second, what, hint)
    elif _STREET.match(second) and not _UNIT.search(second) and _is_above_a_street(first):
        # A building or a person in the place of the street: lists have them in the order in which they are said.
        hint = "exchange address1 and address2: mail goes to the line right above the city (USPS Publication 28)"
        yield warning(at_first, f'"{first}" is printed below the street, "{second}"', hint)
    elif _IN_CARE.match(first) and not _BROKEN_OFF.fullmatch(first):
        yield warning(at_first, f'"{first}" is no street', "mail goes to the line right above the city")
    elif second and _folded_street(first) == _folded_street(second):
        yield warning(at_second, f'"{second}" is the street of address1 once more', "leave the cell empty")
    if first and not means_nothing(first) and not wrong_letters(first):
        yield from _unfinished(at_first, first) or _no_street(recipient, at_first, first)
    if second and not means_nothing(second):
        yield from _no_second_line(recipient, at_second, second)


def _unfinished(place: Place, line: str) -> list[Problem]:
    """Return a problem for a line of an address that breaks off, or that is for another part of a letter."""
    if _NO_NUMBER.fullmatch(line):
        return [Problem(place, f'"{line}" has no number', "which one is it?")]
    if _BROKEN_OFF.fullmatch(line):
        return [Problem(place, f'"{line}" breaks off', "write all of it, or leave the cell empty")]
    if _WEB.fullmatch(line):
        return [Problem(place, f'"{line}" is a website', "are the cells of the row shifted?")]
    if ";" in line:
        return [warning(place, f'"{line}" may be two addresses: it holds ";"', "keep the one where mail is received")]
    return []


def _no_second_line(recipient: Recipient, place: Place, line: str) -> Iterator[Problem]:
    city, state, zip_code = recipient["city"], recipient["state"], recipient["zip"][:5]
    hint = "city, state and ZIP have columns of their own"
    if found := _unfinished(place, line):
        yield from found
    elif (zip_code and line.rstrip(" .").endswith(zip_code) and not _STREET.match(line)) or (
        city and state and _ends_in(f" {line}", city, state)
    ):
        yield Problem(place, f'"{line}" is the last line of the address', hint)
    elif (state and zips.state_code(line) == state) or zips.ZIP_CODE.fullmatch(line):
        yield Problem(place, f'"{line}" is a part of the last line', hint)


def _is_above_a_street(line: str) -> bool:
    """Return whether a line of an address is a person, a building or a part of one, which stands above a street."""
    is_part = _UNIT.search(line) and not _STREET.match(line)
    return bool(_IN_CARE.match(line) or is_part or not re.search(r"\d", line))


@functools.lru_cache(2**12)
def _folded_street(text: str) -> str:
    return " ".join(_SHORT.get(word, word) for word in re.findall(r"[^\W_]+", text.casefold()))


def _no_street(recipient: Recipient, place: Place, street: str) -> Iterator[Problem]:
    city, state, zip_code = recipient["city"], recipient["state"], recipient["zip"][:5]
    folded, words = zips.fold(street.replace(",", " ")), _folded_street(street).split()
    own = len(zips.fold(city).split())
    hint = "the street alone; city, state and ZIP have columns of their own"
    if (zip_code and f" {zip_code}" in street) or (city and state and _ends_in(street, city, state)):
        yield Problem(place, f'"{street}" holds the last line of the address', hint)
    elif city and folded == zips.fold(city):
        yield warning(place, f'"{street}" is the city, not a street', "where is the office?")
    elif recipient["agency"] and street.casefold() == recipient["agency"].casefold():
        yield warning(place, f'"{street}" is the agency, not a street', "where is the office?")
    elif city and folded.endswith(f" {zips.fold(city)}") and words[-own - 1 : -own] and words[-own - 1] in _ENDS:
        yield warning(place, f'"{street}" ends in the city, which would be printed twice', hint)
    elif words[-1:] and words[-1] in _NUMBERED and not re.search(r"\d", street) and words[0] not in _NUMBERS:
        yield warning(place, f'"{street}" has no house number', "is it in another column?")
    elif re.fullmatch(r"\d{1,6}", street):
        yield warning(place, f'"{street}" is a number without a street', "is the rest of it in another column?")
    elif len(street) <= 2:
        yield warning(place, f'"{street}" is too short for a street', "where is the office?")


def _ends_in(street: str, city: str, state: str) -> bool:
    """Return whether a street ends in its city and state."""
    head = street.casefold().removesuffix(f" {state.casefold()}")
    return head != street.casefold() and head.rstrip(" ,").endswith((f" {city.casefold()}", f",{city.casefold()}"))


def _written_oddly(recipient: Recipient) -> Iterator[Problem]:
    """Yield a warning for what is all in capitals or all in small letters, and for a place without its name."""
    for column in _PRINTED:
        value = recipient[column]
        if not (value.isupper() or value.islower()):
            continue
        letters = sum(map(str.isalpha, value))
        # One word is told of elsewhere: "TRUE" is no agency, and an e-mail address no street.
        if (
            letters < _FEWEST_LETTERS
            or (column not in ("city", "jurisdiction") and " " not in value)
            or means_nothing(value)
            or wrong_letters(value)
            or value.startswith("=")
            or value in ("TRUE", "FALSE")
        ):
            continue
        place = recipient.at(column)
        if value.isupper():
            hint = "letters recipients import writes it as names are written"
            yield warning(place, f'"{value}" is in capitals and will be printed so', hint)
        elif column != "address2":
            yield warning(place, f'"{value}" is in small letters and will be printed so', "are there capitals in it?")
    if not (jurisdiction := recipient["jurisdiction"]):
        return
    at = recipient.at("jurisdiction")
    if jurisdiction.casefold() in _KIND_ALONE:
        yield warning(at, f'"{jurisdiction}" names no place', 'as it stands in a sentence: "the City of Taylor"')
    elif found := _STATE_BEHIND.search(jurisdiction):
        yield warning(at, f'"{jurisdiction}" holds "{found[0].strip(", ")}" besides', "as it stands in a sentence")


def _zip_problems(at_zip: Place, zip_code: str, state: str, city: str) -> Iterator[Problem]:
    """Yield a problem where ZIP, city and state do not belong together; a doubt about the city alone is a warning."""
    states, known = zips.states_of_zip(zip_code), zips.of_zip(zip_code)
    if state not in states:
        there = f"{known.cities[0]}, {known.state}" if known else " or ".join(states)
        it_is = f"it is {there}" if there else "no place has it"
        yield Problem(at_zip, f'"{zip_code}" is no ZIP code of {state}', f"{it_is}: check ZIP, city and state")
    elif not known:
        hint = "it is not in the table of ZIP codes; compare it with the agency's own site"
        yield warning(at_zip, f'no place is known to have the ZIP code "{zip_code}"', hint)
    elif city and not zips.is_city_of(zip_code, city):
        own = zips.zips_of_city(city, state)
        codes = f"{', '.join(own[:4])}{' and others' if len(own) > 4 else ''}"
        hint = f"{city} has {codes}" if own else "check the spelling"
        yield warning(at_zip, f'"{zip_code}" is {" or ".join(known.cities[:3])}, {state}, not "{city}"', hint)
    # Programs fill in zeros where they know no last four digits (ZIP+4).
    if zip_code.endswith("-0000"):
        yield warning(at_zip, f'"{zip_code}": no address has 0000', "the five digits do")


def _county_problems(recipient: Recipient, zip_code: str, state: str) -> Iterator[Problem]:
    """Yield a warning for a county that the state does not have but one like it, or that is far from the ZIP code."""
    county, known = recipient["county"], zips.of_zip(zip_code)
    if not county or known is None or (bare := zips.bare_county(county)) == (own := zips.bare_county(known.county)):
        return
    if means_nothing(county) or wrong_letters(county):
        return
    counties, place = zips.counties_of(state), recipient.at("county")
    if bare not in counties:
        if re.search(r"[\d,;]|^(?:the )?(?:county|parish)$", county, re.IGNORECASE):
            yield warning(place, f'"{county}" is no county of {state}', "the name of the county alone")
        elif near := nearest(bare, counties, _MISSPELT):
            yield warning(place, f'"{county}" is no county of {state}', f"is it {counties[near]}?")
    # A ZIP code has one county in the table, and may reach into the next: a neighbour says nothing.
    elif own in counties and bare not in zips.counties_near(zip_code):
        what = f'"{county}", but the ZIP code {zip_code} is in {known.county}'
        yield warning(place, what, "which of them is right?")


def agency_problems(recipient: Recipient) -> Iterator[Problem]:
    """Yield a problem for an agency that names none, and for a jurisdiction that does not stand in a sentence."""
    agency = recipient["agency"]
    if agency and not means_nothing(agency):
        yield from _agency_problems(recipient, agency)
    if jurisdiction := recipient["jurisdiction"]:
        yield from _jurisdiction_problems(recipient, jurisdiction)


def _agency_problems(recipient: Recipient, agency: str) -> Iterator[Problem]:
    place = recipient.at("agency")
    words = re.findall(r"[^\W\d_]+", agency.casefold())
    person = f"{recipient['first_name']} {recipient['last_name']}".strip()
    if words and _OF_NOBODY.issuperset(words):
        yield warning(place, f'"{agency}" names no place', "the agency with its place, as it stands in an address")
    elif person and agency.casefold() == person.casefold():
        yield Problem(place, f'"{agency}" is the person', "are the cells of the row shifted?")
    elif agency[0].isdigit() and _STREET_LINE.fullmatch(agency):
        yield Problem(place, f'"{agency}" is a street', "are the cells of the row shifted?")
    elif not agency[-1].isalpha() and (found := _FOOTNOTE.search(agency)):
        yield warning(place, f'"{agency}" has a mark of a footnote ("{found[0].strip()}")', "write the name alone")
    elif len(set(words)) < len(words) and (found := _TWICE.fullmatch(agency)):
        yield warning(place, f'"{agency}" says "{found[1]}" twice', "once is enough")
    elif wrong := next((word for word in words if _is_misspelt(word)), ""):
        yield warning(place, f'"{agency}" has "{wrong}" for "{nearest(wrong, _SPELT)}"', "is it misspelt?")


@functools.cache
def _is_misspelt(word: str) -> bool:
    """Return whether a word is almost one of those that most agencies have."""
    if word in _SPELT or word[:1] not in "dpst" or not 5 <= len(word) <= 12:
        return False
    near = nearest(word, _SPELT, _MISSPELT)
    # "Departments" and "Policing" are words of their own, and Sheridan is a place.
    return bool(near) and abs(len(near) - len(word)) <= 1 and word[-1] == near[-1] and not word.startswith(near)


def _jurisdiction_problems(recipient: Recipient, jurisdiction: str) -> Iterator[Problem]:
    place = recipient.at("jurisdiction")
    if _WITHOUT_ARTICLE.match(jurisdiction):
        meant = re.sub(r"^The", "the", jurisdiction) if jurisdiction.startswith("The") else f"the {jurisdiction}"
        yield warning(place, f'"{jurisdiction}" does not stand in a sentence', f'is it "{meant}"?')
        return
    if re.search(r"\b(?:of|the)$", jurisdiction, re.IGNORECASE):
        yield warning(place, f'"{jurisdiction}" names no place', 'as it stands in a sentence: "the City of Taylor"')
        return
    if not (found := _PLACE.fullmatch(jurisdiction)):
        return
    own = set(re.findall(r"[^\W_]{3,}", found["name"].casefold()))
    said = " ".join(recipient[column] for column in ("agency", "city", "county")).casefold()
    if own and own.isdisjoint(re.findall(r"[^\W_]{3,}", said)):
        what = f'"{jurisdiction}" is nowhere in "{recipient["agency"]}"'
        yield warning(place, what, "is it the place that this agency serves?")
