"""Puts the holder of an office into the columns of a row: agency, name, title, office and jurisdiction."""

from __future__ import annotations

import re
from collections.abc import Collection

from letters.read.people import (
    NOT_POLICE,
    STATUS,
    is_title,
    split_title,
    split_title_behind,
    understood_title,
    words_of,
    written,
)
from letters.read.sense import means_nothing
from letters.recipients.agencies import BESIDES, cased, jurisdiction_of, office_of, tidy_agency
from letters.recipients.headings import FULL_NAME, KIND, MIDDLE
from letters.recipients.history import CASE, NOTHING, Accepts, ListRow, Sureness
from letters.recipients.names import PersonName, split_name

NO_KIND = "the place served is named without city, borough or township, as its agency is"
JAIL = "the jail behind the name of an agency is left out"
OFFICE_MADE = "an agency that ends in “Sheriff’s” is the sheriff’s office"
_SHERIFFS = re.compile(r"\bsheriff(?:[’']s|s[’']?)$", re.IGNORECASE)
UNNAMED = "the title of an office names no person"
POLICE_MADE = "no agency is named: the police department of the place is taken"
SHERIFF_MADE = "no agency is named: the sheriff’s office of the county is taken"
_COUNTIES_NAMED_CITY = ("James City", "Charles City")
"""Counties of Virginia, unlike its cities."""
_APOSTROPHE = re.compile(r"(?<=\w)'(?=\w)")
_NAMED_AFTER = re.compile(r"\b(?P<title>constable|marshal)s?\b", re.IGNORECASE)
"""Agencies whose heads are called after them, and are no chiefs."""


def settle_holder(row: ListRow, offices: Collection[str], office_told: str, accepts: Accepts) -> None:
    """Put agency, person, office and jurisdiction of a row into their columns.

    `office_told` is "sheriff", "chief" or "both" where a heading, the sheet or the file says so, else empty.
    """
    # The name of the agency tells the office, and the office the jurisdiction: a sheriff has a county.
    _made_agency(row, office_told, accepts)
    _agency(row, accepts)
    _title(row)
    _person(row, accepts)
    _office(row, offices)
    _jurisdiction(row)


def _made_agency(row: ListRow, office_told: str, accepts: Accepts) -> None:
    """Make the agency of a list that names places or counties alone."""
    if row.cells.get("agency"):
        return
    said = " ".join(row.cells.get(column, "") for column in (KIND, "office", "title", FULL_NAME, "sheet")).casefold()
    county, state = row.cells.get("county", ""), row.cells.get("state", "")
    place = row.cells.get("jurisdiction", "")
    told = office_told == "sheriff" or (office_told == "both" and county and not place)
    if "sheriff" in said or (told and "chief" not in said):
        served = place if not county and re.search(r"\b(?:County|Parish)$", place) else _called(county, state)
        made, rule = f"{served} Sheriff’s Office" if served else "", SHERIFF_MADE
    else:
        made, rule = f"{place} Police Department" if place else "", POLICE_MADE
    if made and accepts(rule):
        row.put("agency", cased(made, state) if made.isupper() else made, "", rule, Sureness.LIKELY)
        # The jurisdiction is made of the agency's name, which tells a borough from a township.
        row.cells["jurisdiction"] = "" if place and not re.match(r"the\s", place) else place
    else:
        row.doubts.append(("agency", "no agency is named"))


def _called(county: str, state: str) -> str:
    """Return a county as it is called: parishes of Louisiana, and cities that are in no county, are no counties."""
    is_city = county.endswith(" City") and state in ("VA", "MD", "MO", "NV") and county not in _COUNTIES_NAMED_CITY
    return county if is_city or not county else f"{county} {'Parish' if state == 'LA' else 'County'}"


def _agency(row: ListRow, accepts: Accepts) -> None:
    name = row.cells.get("agency", "")
    if (alone := BESIDES.sub("", name)) != name and accepts(JAIL):
        row.put("agency", alone, name, JAIL, Sureness.LIKELY)
        name = alone
    if _SHERIFFS.search(name) and accepts(OFFICE_MADE):
        row.put("agency", f"{name} {'OFFICE' if name.isupper() else 'Office'}", name, OFFICE_MADE, Sureness.LIKELY)
        name = row.cells["agency"]
    tidy = tidy_agency(name, row.cells.get("state", ""))
    if name.isupper() and len(name) > 3:
        if accepts(CASE):
            row.put("agency", tidy, name, CASE, Sureness.LIKELY)
    else:
        row.put("agency", tidy, name, "agencies are spelt out, with typographic apostrophes")


def _title(row: ListRow) -> None:
    """Write a title as the forms of address know it: "Lt. Col." is Lieutenant Colonel."""
    said = row.cells.get("title", "")
    if gone := {"former", "retired", "ret"} & set(words_of(said)):
        row.doubts.append(("title", f'"{said}" is said to be {STATUS[min(gone)].lower()}'))
    # A title that the form of address writes by itself stays; a courtesy, which no letter prints, is left out.
    elif said not in ("Sheriff", "Chief", "Chief of Police", "Police Chief") and is_title(said):
        row.put("title", written([said]), said, "titles are spelt out")


def _person(row: ListRow, accepts: Accepts) -> None:
    text = row.cells.pop(FULL_NAME, "")
    if middle := row.cells.pop(MIDDLE, ""):
        first = row.cells.get("first_name", "")
        row.put("first_name", f"{first} {middle}".strip(), first, "the middle name is put behind the first")
    named = bool(row.cells.get("first_name") or row.cells.get("last_name"))
    if text and not named:
        parts = split_name(text)
        if not parts.last_name and not parts.doubt:
            _put_title_alone(row, parts, text)
            return
        _put_person(row, parts, text, accepts)
    elif named:
        first, last = row.cells.get("first_name", ""), row.cells.get("last_name", "")
        joined = " ".join(filter(None, (first, last, row.cells.get("suffix", ""))))
        if means_nothing(first) or means_nothing(last):
            row.put("first_name", "", first, NOTHING)
            row.put("last_name", "", last, NOTHING)
            return
        parts = split_name(_in_one(first, last, joined))
        if parts.last_name == last and (last.isupper() or not re.search(r"\b[A-Z]{2,}\b", last)):
            parts = parts._replace(doubt="")  # the columns tell which words are the last name
        if not parts.last_name and not parts.doubt:
            _put_title_alone(row, parts, joined)
            return
        if parts.doubt or (parts.first_name, parts.last_name) != (first, last):
            _put_person(row, parts, joined, accepts)
        else:
            for column, value in (("first_name", first), ("last_name", last)):
                row.put(column, re.sub(_APOSTROPHE, "’", value), value, "apostrophes are typographic")


def _in_one(first: str, last: str, joined: str) -> str:
    """Return the cells of a name as one text, in which the last name cannot be mistaken where both are plain."""
    title, alone = split_title(first)
    is_plain = first and last and not re.search(r"[,(–—]|\s-\s", first + last)
    if not is_plain or not alone or split_title_behind(joined)[1]:
        return joined
    return f"{title} {last}, {alone}".strip()


def _put_title_alone(row: ListRow, parts: PersonName, was: str) -> None:
    """Leave the name empty where a title stands in its place: "Interim", "Chief"."""
    row.put("first_name", "", was, UNNAMED)
    row.cells["last_name"] = ""
    if parts.title:
        row.put("title", parts.title, row.cells.get("title", ""), UNNAMED)


def _put_person(row: ListRow, parts: PersonName, was: str, accepts: Accepts) -> None:
    if parts.doubt:
        row.doubts.append(("last_name", parts.doubt))
        if not parts.last_name:
            row.cells |= {"first_name": "", "last_name": "", "name_as_given": was}
            return
    capitals = parts.last_name.upper()
    shouted = was.isupper() or was.islower() or (capitals in was and capitals != parts.last_name)
    sureness, rule = Sureness.SURE, "names are split, titles go to title"
    if shouted and accepts(CASE):
        sureness, rule = Sureness.LIKELY, CASE
    rank = row.cells.get("title", "")
    for column, value in (
        ("first_name", parts.first_name),
        ("last_name", parts.last_name),
        ("suffix", parts.suffix),
        ("title", parts.title or rank),
    ):
        value = re.sub(_APOSTROPHE, "’", value)
        if value or column in row.cells:
            row.put(column, value, was if column != "title" or value != rank else rank, rule, sureness)


def _office(row: ListRow, offices: Collection[str]) -> None:
    kind, agency = row.cells.get(KIND, ""), row.cells.get("agency", "")
    said, title = row.cells.get("office", ""), row.cells.get("title", "")
    if said and not title and is_title(said) and (title := written([said])):
        row.put("title", title, said, "the title goes with the office")
    office, why = office_of(agency, kind, said or title, offices)
    if said and not office and is_title(said):
        office, why = office_of(agency, kind, "", offices)
    if said and not office:
        row.doubts.append(("office", f'no form of address is known for "{said}"'))
        return
    if office:
        row.put("office", office, said, f"the office is known {why}")
    elif agency:
        row.doubts.append(("office", "nothing says which office it is"))
    if office == "police_chief" and not title and not said and (found := _NAMED_AFTER.search(agency)):
        row.put("title", found["title"].title(), title, "the holder is called after the agency")
    elif title and title.split()[-1] in NOT_POLICE:
        row.doubts.append(("title", f'is the "{title}" the head of the agency?'))
    elif title in ("Interim", "Acting") and (whole := understood_title(title, office)):
        row.put("title", whole, title, "the status of the holder goes with the office")
    elif office == "police_chief" and title.casefold() in ("chief", "police chief"):
        row.put("title", "", title, "the usual title of the office is written by the form of address")


def _jurisdiction(row: ListRow) -> None:
    if row.cells.get("jurisdiction") or not row.cells.get("agency"):
        return
    county = re.sub(r"\s+County$", "", row.cells.get("county", ""))
    found = jurisdiction_of(row.cells["agency"], row.cells.get("office", ""), county, row.cells.get("state", ""))
    rule = NO_KIND if "does not tell" in found.why else f"jurisdiction: {found.why}"
    row.put("jurisdiction", found.text, "", rule, Sureness.SURE if found.sure else Sureness.DOUBTFUL)
    if not found.sure:
        row.doubts.append(("jurisdiction", f'is it "{found.text}" in a sentence? {found.why}'))
