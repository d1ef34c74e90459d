"""Finds what is no agency and no jurisdiction in the columns for them."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

from letters.model.problems import Place, Problem, nearest, warning
from letters.model.records import Recipient
from letters.read.sense import means_nothing

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
_STREET = re.compile(
    r"\d+\s+\w.*\b(?:street|st|avenue|ave|road|rd|drive|dr|boulevard|blvd|lane|ln|highway|hwy|court|ct|parkway)\b\.?",
    re.IGNORECASE,
)
_SPELT = ("department", "police", "sheriff", "sheriffs", "township")
_LIKE = 0.8
_PLACE = re.compile(rf"(?:the )?(?:{_KINDS}) of (?P<name>.+)", re.IGNORECASE)
_WITHOUT_ARTICLE = re.compile(rf"(?:{_KINDS}) of \w|The (?:{_KINDS}) of \w")


def agency_problems(recipient: Recipient) -> Iterator[Problem]:
    """Yield a problem for an agency that names none, and for a jurisdiction that does not stand in a sentence."""
    agency = recipient["agency"]
    if agency and not means_nothing(agency):
        yield from _agency_problems(recipient, recipient.place._replace(field="agency"), agency)
    if jurisdiction := recipient["jurisdiction"]:
        yield from _jurisdiction_problems(recipient, recipient.place._replace(field="jurisdiction"), jurisdiction)


def _agency_problems(recipient: Recipient, place: Place, agency: str) -> Iterator[Problem]:
    words = re.findall(r"[^\W\d_]+", agency.casefold())
    person = f"{recipient['first_name']} {recipient['last_name']}".strip()
    if words and _OF_NOBODY.issuperset(words):
        yield warning(place, f'"{agency}" names no place', "the agency with its place, as it stands in an address")
    elif person and agency.casefold() == person.casefold():
        yield Problem(place, f'"{agency}" is the person', "are the cells of the row shifted?")
    elif agency[0].isdigit() and _STREET.fullmatch(agency):
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
    near = nearest(word, _SPELT, _LIKE)
    # "Departments" and "Policing" are words of their own, and Sheridan is a place.
    return bool(near) and abs(len(near) - len(word)) <= 1 and word[-1] == near[-1] and not word.startswith(near)


def _jurisdiction_problems(recipient: Recipient, place: Place, jurisdiction: str) -> Iterator[Problem]:
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
