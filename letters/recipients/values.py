"""Knows what cells look like: a ZIP code, a street, a person, an agency."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping

from letters.read import zips
from letters.read.cells import likely_date
from letters.read.recipients import agreement_model
from letters.read.sense import means_nothing
from letters.read.zips import state_code
from letters.recipients.addresses import AGENCY_WORDS, split_last_line, split_one_line
from letters.recipients.names import ATTENTION

_EMAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[A-Za-z]{2,}")
_PHONE = re.compile(r"\+?1?[\s.-]*\(?\d{3}\)?[\s./-]*\d{3}[\s.-]*\d{4}(?:\s*(?:x|ext\.?)\s*\d+)?", re.IGNORECASE)
_ZIP = re.compile(r"\d{4,5}(?:\s?-\s?\d{4})?|\d{8,9}")
_STREET = re.compile(
    r"(?:\d+[A-Z]?(?:[-/]\d+)?|[NSEW]\d+)[\s,]+\S|P\.?\s*O\.?\s*(?:Box|Drawer)\b|(?:Post Office )?Box \d|"
    r"(?:One|Two) \w|"
    r"(?:US|M|Rt|Route|Hwy|State|County)[\s.-]+\S|.*\b(?:Street|St|Avenue|Ave|Road|Rd|Drive|Dr|Lane|Ln|Blvd|Plaza|"
    r"Square|Court|Ct|Highway|Hwy|Way|Place|Parkway|Building|Hall|Center|Complex)\b",
    re.IGNORECASE,
)
_SLUG = re.compile(r"[A-Za-z0-9]+(?:[-_][A-Za-z0-9]+)+|[A-Za-z]{0,4}\d{1,9}")
_TITLE = re.compile(
    r"\b(?:chief|sheriff|director|commissioner|marshal|constable|superintendent|captain|capt|lieutenant|lt|sergeant|"
    r"sgt|major|colonel|col|officer|interim|acting|mr|mrs|ms|dr|hon|honorable|president|deputy)\b",
    re.IGNORECASE,
)
_OFFICE_WORDS = frozenset(
    (
        *("sheriff", "sheriffs", "chief", "police", "of", "public", "safety", "director", "commissioner", "marshal"),
        *("constable", "interim", "acting", "office", "department", "superintendent", "the", "county", "captain"),
        *("head", "officer", "in", "charge", "deputy", "colonel", "executive"),
    )
)
"""Words of which the names of offices are made; the name of an agency has others."""
_LEADING_TITLE = re.compile(
    r"^(?:(?:the|interim|acting)\s+)*(?:county\s+)?sheriff\s+(?=[A-Z][^\W\d_]*[.\s])(?!office|dep)", re.I
)
"""A title that is a word for an agency, too."""
_BOX = re.compile(r"(?:P\.?\s*O\.?\s*)?(?:Box|Drawer)?\s*#?\s*\w{1,6}", re.IGNORECASE)
_COUNTY = re.compile(r"[^\W\d_][\w.'’ -]+ (?:County|Parish|Borough|Co\.?|Cnty\.?)", re.IGNORECASE)
_SUFFIX = re.compile(r"(?:jr|sr|ii|iii|iv|v|esq|phd|md|jd)\.?", re.IGNORECASE)


@functools.cache
def _is_person(value: str) -> bool:
    """Return whether a text may be a person's name, with titles or a remark in brackets."""
    bare = _LEADING_TITLE.sub("", ATTENTION.sub("", re.sub(r"\([^)]*\)|[\"“”]", "", value)))
    words = [word for word in re.split(r"[\s,]+", bare) if word]
    return (
        2 <= len(words) <= 7
        and not re.search(r"\d|@|/", bare)
        and not AGENCY_WORDS.search(
            re.sub(r"\b(?:Public Safety|Police) (?:Director|Chief)|of (?:Police|Public Safety)", "", bare)
        )
        and not re.search(r"\b(?:County|Township|City of|Village|Borough|Street|Avenue)\b", bare, re.IGNORECASE)
        and all(re.match(r"[^\W\d_]", word) for word in words)
    )


def _is_word(value: str) -> bool:
    return bool(re.fullmatch(r"[^\W\d_][\w.'’\- ]{0,40}(?:,\s*\w+\.?)?", value))


@functools.cache
def _is_city(value: str) -> bool:
    known = any(zips.zips_of_city(value, state) for state in zips.STATE_NAMES)
    return known and _is_word(value) and not AGENCY_WORDS.search(value)


@functools.cache
def _counties() -> frozenset[str]:
    return frozenset(county for state in zips.STATE_NAMES for county in zips.counties_of(state))


def _is_last_line(value: str) -> bool:
    """Return whether a text is a city with its state, and no whole address, which ends in them."""
    found = split_last_line(value)
    return found is not None and (found.sure or (bool(found.zip) and split_one_line(value) is None))


LOOKS: Mapping[str, Callable[[str], bool]] = {
    "office": lambda value: set(re.findall(r"\w{2,}", value.casefold())) <= _OFFICE_WORDS,
    "id": lambda value: bool(_SLUG.fullmatch(value)),
    "title": lambda value: bool(_TITLE.search(value)) and len(value.split()) <= 5,
    "first_name": _is_word,
    "last_name": _is_word,
    "suffix": lambda value: bool(_SUFFIX.fullmatch(value)),
    "full_name": _is_person,
    "agency": lambda value: bool(AGENCY_WORDS.search(value)) and not re.match(r"\d", value),
    "address1": lambda value: bool(_STREET.match(value)) and split_one_line(value) is None,
    "address2": lambda value: not AGENCY_WORDS.search(value) and split_last_line(value) is None,
    "city": _is_city,
    "middle_name": _is_word,
    "po_box": lambda value: bool(_BOX.fullmatch(value)) and bool(re.search(r"\d|Box", value)),
    "house_number": lambda value: bool(re.fullmatch(r"\d{1,6}[A-Za-z]?(?:[-/]\d+)?|[NSEW]\d+", value)),
    "zip4": lambda value: bool(re.fullmatch(r"\d{1,4}", value)),
    "state": lambda value: bool(state_code(value)),
    "zip": lambda value: bool(_ZIP.fullmatch(value)),
    "last_line": _is_last_line,
    "one_line": lambda value: split_one_line(value) is not None,
    "email": lambda value: bool(_EMAIL.fullmatch(re.sub(r"^[^<>]*<\s*|\s*>$|^mailto:", "", value))),
    "phone": lambda value: bool(_PHONE.fullmatch(value)),
    "county": lambda value: zips.bare_county(value) in _counties() or bool(_COUNTY.fullmatch(value)),
    "agreement_287g": lambda value: bool(agreement_model(value)) or means_nothing(value),
    "agreement_signed": lambda value: bool(likely_date(value)),
    "agency_type": lambda value: bool(re.fullmatch(r"[A-Za-z][A-Za-z /_'’-]{2,40}", value)),
}
"""A test for what each column may hold."""
