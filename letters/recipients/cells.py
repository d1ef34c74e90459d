"""The rows of a list on their way from a file, and what their cells look like: a ZIP code, a street, a person."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from letters.read import zips
from letters.read.people import is_rank, is_title, split_title, split_title_behind, words_of
from letters.read.recipients import OPTIONAL, REQUIRED, agreement_model, agreement_models
from letters.read.sense import likely_date, means_nothing
from letters.read.zips import state_code
from letters.recipients.addresses import AGENCY_WORDS, split_last_line, split_one_line
from letters.recipients.names import ATTENTION

COLUMNS = (
    *("id", "office", "title", "first_name", "last_name", "suffix", "agency", "jurisdiction", "county", "address1"),
    *("address2", "city", "state", "zip", "email", "phone", "agreement_287g", "agreement_signed", "agreement_list"),
    "hold",
)
"""The columns of the list in the order in which they are written."""
# The list that is read and the list that is written have the same columns, in another order.
assert set(COLUMNS) == {*REQUIRED, *OPTIONAL}


Accepts = Callable[[str], bool]
"""Whether a person accepts what a likely rule does."""
CASE = "capitals or small letters only: written as names are"
NOTHING = "a word for nothing is left out"
_EMAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[A-Za-z]{2,}")
_PHONE = re.compile(r"\+?1?[\s.-]*\(?\d{3}\)?[\s./-]*\d{3}[\s.-]*\d{4}(?:\s*(?:x|ext\.?)\s*\d+)?", re.IGNORECASE)
# Also as spreadsheets leave them: 7102 for 07102, nine digits without a hyphen, eight without the zero.
_ZIP = re.compile(r"\d{4,5}(?:\s?-\s?\d{4})?|\d{8,9}")
_STREET = re.compile(
    r"(?:\d+[A-Z]?(?:[-/]\d+)?|[NSEW]\d+)[\s,]+\S|P\.?\s*O\.?\s*(?:Box|Drawer)\b|(?:Post Office )?Box \d|"
    r"(?:One|Two) \w|"
    r"(?:US|M|Rt|Route|Hwy|State|County)[\s.-]+\S|.*\b(?:Street|St|Avenue|Ave|Road|Rd|Drive|Dr|Lane|Ln|Blvd|Plaza|"
    r"Square|Court|Ct|Highway|Hwy|Way|Place|Parkway|Building|Hall|Center|Complex)\b",
    re.IGNORECASE,
)
_SLUG = re.compile(r"[A-Za-z0-9]+(?:[-_][A-Za-z0-9]+)+|[A-Za-z]{0,4}\d{1,9}")
_NO_PERSON = re.compile(r"\b(?:County|Township|City of|Village|Borough|Street|Avenue|Division|Bureau)\b", re.IGNORECASE)
_BOX = re.compile(r"(?:P\.?\s*O\.?\s*)?(?:Box|Drawer)?\s*#?\s*\w{1,6}", re.IGNORECASE)
_COUNTY = re.compile(r"[^\W\d_][\w.'’ -]+ (?:County|Parish|Borough|Co\.?|Cnty\.?)", re.IGNORECASE)
_SUFFIX = re.compile(r"(?:jr|sr|ii|iii|iv|v|esq|phd|md|jd)\.?", re.IGNORECASE)


class Sureness(StrEnum):
    """How sure a repair is: sure ones are made, likely ones asked once for all, doubtful ones hold their row."""

    SURE = "sure"
    LIKELY = "likely"
    DOUBTFUL = "doubtful"


@dataclass(frozen=True, slots=True)
class Repair:
    """One cell that is not as it was in the file."""

    line: int
    column: str
    was: str
    now: str
    rule: str
    """What was done, in words; likely repairs of one rule are one question."""
    sureness: Sureness = Sureness.SURE


@dataclass(slots=True)
class ListRow:
    """One row on its way from the file into the list."""

    line: int
    cells: dict[str, str]
    repairs: list[Repair] = field(default_factory=list)
    doubts: list[tuple[str, str]] = field(default_factory=list)
    """What a person must look at before the letter goes out: column and reason."""

    def put(self, column: str, value: str, was: str, rule: str, sureness: Sureness = Sureness.SURE) -> None:
        """Set a cell, and record the repair where it was something else."""
        self.cells[column] = value
        if value != was:
            self.repairs.append(Repair(self.line, column, was, value, rule, sureness))


@functools.cache
def _is_person(value: str) -> bool:
    """Return whether a text may be a person's name, with titles or a remark in brackets."""
    bare = ATTENTION.sub("", re.sub(r"\([^)]*\)|[\"“”]", "", value)).strip()
    name = split_title_behind(split_title(bare)[1])[0]
    words = [word for word in re.split(r"[\s,]+", bare) if word]
    return (
        2 <= len(words) <= 9
        and bool(name)
        and not re.search(r"\d|@|/", name)
        and not AGENCY_WORDS.search(name)
        and not _NO_PERSON.search(name)
        and all(re.match(r"[^\W\d_]", word) for word in name.replace(",", " ").split())
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
    "office": lambda value: is_title(value.replace("_", " ")),
    "id": lambda value: bool(_SLUG.fullmatch(value)),
    "title": lambda value: any(map(is_rank, words_of(value))) and len(value.split()) <= 5,
    "first_name": _is_word,
    "last_name": _is_word,
    "suffix": lambda value: bool(_SUFFIX.fullmatch(value)),
    "full_name": _is_person,
    "agency": lambda value: bool(AGENCY_WORDS.search(value)) and not re.match(r"\d", value),
    "address1": lambda value: bool(_STREET.match(value)) and split_one_line(value) is None,
    "address2": lambda value: not AGENCY_WORDS.search(value) and split_last_line(value) is None,
    "address3": lambda value: not AGENCY_WORDS.search(value),
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
    "agreement_287g": lambda value: bool(agreement_model(value) or agreement_models(value)) or means_nothing(value),
    "agreement_signed": lambda value: bool(likely_date(value)),
    "agency_type": lambda value: (
        bool(re.fullmatch(r"[A-Za-z][A-Za-z /_'’-]{2,40}", value)) and not agreement_models(value)
    ),
}
"""A test for what each column may hold."""
