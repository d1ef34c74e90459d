"""Knows columns by their headings and by what stands in them: the evidence for what each column of a list is."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from letters.read import zips
from letters.read.people import is_rank, is_title, split_title, split_title_behind, words_of
from letters.read.recipients import agreement_model, agreement_models
from letters.read.sense import likely_date, means_nothing
from letters.read.text import tidied_cell
from letters.read.toml import parse_toml
from letters.read.zips import state_code
from letters.recipients.addresses import AGENCY_WORDS, split_last_line, split_one_line
from letters.recipients.names import ATTENTION

MISSING, SOUGHT, RELEASE = "what is missing", "where to look", "release"
"""Headings of the worksheet of held rows: two that are read past, and one in which "yes" releases the row."""
IGNORED = "ignored"
FULL_NAME, LAST_LINE, ONE_LINE, KIND = "full_name", "last_line", "one_line", "agency_type"
"""What a column may hold besides: a person, "City, ST ZIP", a whole address, which are split; a kind of agency."""
MIDDLE, BOX, PLUS4, HOUSE, LINE3 = "middle_name", "po_box", "zip4", "house_number", "address3"
"""What is put together with others: a middle name, a box, a number or third line of a street, the end of a ZIP code."""
FURTHER = (FULL_NAME, ONE_LINE, LAST_LINE, KIND, MIDDLE, BOX, PLUS4, HOUSE, LINE3)
"""What a column may be named besides the columns of the list."""
_SYNONYMS = parse_toml(Path(__file__).with_name("headings.toml").read_text("utf-8"), "headings.toml").table
HEADINGS: Mapping[str, str] = {
    **{name: target for target, names in _SYNONYMS.items() for name in names},
    MISSING: IGNORED,
    SOUGHT: IGNORED,
    RELEASE: RELEASE,
}
"""The headings that people give to a column, and what the column is."""
_BY_VALUE = ("zip", "state", "email", "phone", LAST_LINE, ONE_LINE, "address1", FULL_NAME, "agency", "city", "county")
"""What can be known by its values alone, the plainest first."""
_ALTERNATIVES: Mapping[str, tuple[str, ...]] = {
    "address1": (ONE_LINE, LAST_LINE, FULL_NAME, "agency"),
    "city": (LAST_LINE,),
    LAST_LINE: ("city",),
    FULL_NAME: ("agency", "last_name"),
    "agency": (FULL_NAME,),
    "title": (FULL_NAME,),
    "address2": (LAST_LINE, "address1", "agency"),
    PLUS4: ("zip",),
    MIDDLE: ("state",),
    "office": ("title", FULL_NAME, "agency"),
    "jurisdiction": ("city",),
    "zip": (LAST_LINE,),
    "state": (LAST_LINE,),
    ONE_LINE: ("address1",),
    "email": ("address1",),
    KIND: ("agreement_287g",),
    "agreement_signed": ("agreement_287g",),
    "agreement_287g": ("agreement_signed",),
}
"""What a column may be when its values do not fit its heading: "Address" often holds all of an address."""
_OF = ("of", "for")
_COURTESY = re.compile(r"(?:(?:the\s+)?hon(?:orable)?|mr|mrs|ms|miss|mx)\.?", re.IGNORECASE)
_SAID, _BY_HEADING = "you said so", "by its heading"
_COURTESIES = "courtesy titles, which the form of address writes"
_HEADER_LINES = 30
# Names and addresses are taken apart word by word, again and again: a page of text took minutes.
LONGEST_VALUE = 1_000
"""Characters of a name or an address."""
_LOOKED_AT = 600
"""Values of a column that are looked at."""
_ROWS_LOOKED_AT = 3000
"""Rows that are looked at, from all over a long list."""
_CLEARLY = 0.8
_HARDLY = 0.1
_ENOUGH = 0.6
"""The share of values that must fit a heading's meaning; a lower one makes the proposal a question."""


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


class Proposal(NamedTuple):
    """What a column of the file is taken for, with the evidence."""

    number: int
    heading: str
    target: str
    """A column of the list, or one that is split further; empty for a column that is kept as it is."""
    share: float
    """How many of its values look like that, 0 to 1."""
    samples: tuple[str, ...]
    misfits: tuple[str, ...]
    sure: bool
    why: str = ""


def folded(heading: str) -> str:
    """Return a heading as headings are compared: "Zip_Code " and "zip code" are one."""
    # "ChiefName" of a database, "House #" of a form, "Dirección" of a Spanish list.
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", heading.strip()).replace("#", " number ")
    spaced = unicodedata.normalize("NFKD", spaced).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", " ", spaced.lower()).strip()


def named_by(heading: str) -> str:
    """Return the column that a heading names, wholly or by its end, as "Physical City" does; empty for none."""
    words = folded(heading).split()
    return next(filter(None, (HEADINGS.get(" ".join(words[start:]), "") for start in range(len(words)))), "")


def width(rows: Sequence[Sequence[str]]) -> int:
    """Return how many cells most rows have."""
    counts = Counter(sum(map(bool, row)) for row in rows)
    return max(counts.items(), key=lambda item: (item[1], item[0]), default=(0, 0))[0]


def find_header(rows: Sequence[Sequence[str]]) -> int | None:
    """Return which row is the header; None where the table begins at once with what it lists."""
    first = rows[:_HEADER_LINES]
    usual = width(rows)
    scores = []
    for number, row in enumerate(first):
        known = sum(_is_heading(cell) for cell in row if cell)
        filled = sum(map(bool, row))
        data = sum(_is_data(cell) for cell in row)
        if (known >= 2 and known > data and 2 * known >= filled - 4) or (
            filled >= max(2, usual - 2) and not data and known and all(len(cell) < 40 for cell in row)
        ):
            scores.append((known, number))
    # Two tables of a sheet have a header each: the first of them, not the longer one, so that no row is lost.
    most = max(scores, default=(0, 0))[0]
    return next((number for known, number in scores if 2 * known >= most), None)


def _is_heading(cell: str) -> bool:
    """Return whether a cell is a known heading, or some of them, as "Agency / Address"."""
    return all(folded(part) in HEADINGS for part in re.split(r"\s*(?:[/&,+]|\band\b)\s*", cell)) or (
        folded(cell) in HEADINGS
    )


def _is_data(cell: str) -> bool:
    # "Address 1 - Street" is a heading that looks like a street without a number.
    return any(LOOKS[kind](cell) for kind in ("zip", "email", "phone", LAST_LINE, ONE_LINE)) or bool(
        (re.match(r"(?:\d|P\.?\s?O\b)", cell) and LOOKS["address1"](cell))
        or re.search(r"\d{3}", re.sub(r"287\s*\(?g\)?", "", cell, flags=re.IGNORECASE))
    )


def propose(headings: Sequence[str], rows: Sequence[Sequence[str]], given: Mapping[str, str]) -> list[Proposal]:
    """Return a proposal for each column; `given` has targets by heading that a person has chosen.

    A target is given out once. Where two columns are equally likely for one, neither proposal is sure.
    """
    looked_at = rows[:: max(1, len(rows) // _ROWS_LOOKED_AT)]
    columns = [[_plain(row[number]) for row in looked_at] for number in range(len(headings))]
    chosen = [_first_guess(heading, values, given) for heading, values in zip(headings, columns, strict=True)]
    chosen = _once(headings, columns, _beside_last_name(headings, chosen))
    taken = {target for target, _, _ in chosen}
    proposals: list[Proposal] = []
    for number, (heading, values) in enumerate(zip(headings, columns, strict=True)):
        target, sure, why = chosen[number]
        if not target and any(values) and why != _COURTESIES:
            target, why = _by_values(values, taken, heading)
            known = {each: columns[n] for n, (each, _, _) in enumerate(chosen)}
            known |= {each.target: columns[each.number] for each in proposals}
            if heading and target == "zip" and not _are_zips(values, known.get("state")):
                target, why = "", ""
            sure = bool(target) and not heading
            taken.add(target)
        share, misfits = _fit(target, values)
        filled = list(dict.fromkeys(filter(None, values)))
        proposals.append(Proposal(number, heading, target, share, tuple(filled[:3]), misfits, sure, why))
    return _with_city(proposals, columns)


def _beside_last_name(headings: Sequence[str], chosen: list[tuple[str, bool, str]]) -> list[tuple[str, bool, str]]:
    """Return the guesses with "Name" beside "Surname" taken for the first name: its values are no whole names."""
    meant = [named_by(heading) for heading in headings]
    targets = [target for target, _, _ in chosen]
    if ("last_name", "last_name") not in zip(meant, targets, strict=True) or "first_name" in targets:
        return chosen
    return [
        ("first_name", True, "beside a last name") if (name, each[0]) == (FULL_NAME, "last_name") else each
        for name, each in zip(meant, chosen, strict=True)
    ]


def _are_zips(values: Sequence[str], states: Sequence[str] | None) -> bool:
    """Return whether values that look like ZIP codes are some, and of the states of their rows.

    Numbers of records look like ZIP codes, too.
    """
    pairs = [(value[:5].zfill(5), state) for value, state in zip(values, states or values, strict=True) if value]
    fits = [
        place is not None and (states is None or place.state == state_code(state))
        for place, state in ((zips.of_zip(code), state) for code, state in pairs)
    ]
    if any(re.fullmatch(r"\d{8,}", value) for value in values):
        return False
    return sum(fits) >= _ENOUGH * len(fits)


def _plain(cell: str) -> str:
    """Return a cell as it will be once it is cleaned, empty where it is a word for nothing."""
    tidy = tidied_cell(cell)
    return "" if means_nothing(tidy) else tidy.removeprefix("'")


def _with_city(proposals: list[Proposal], columns: Sequence[Sequence[str]]) -> list[Proposal]:
    """Return the proposals with "Town" taken for the city, where no other column is and its ZIP codes are of it."""
    numbers = {proposal.target: proposal.number for proposal in proposals if proposal.target}
    at = numbers.get("jurisdiction")
    if at is None or "zip" not in numbers or "agency" not in numbers or numbers.keys() & {"city", LAST_LINE, ONE_LINE}:
        return proposals
    pairs = [(place, code.zfill(5)) for place, code in zip(columns[at], columns[numbers["zip"]], strict=True) if place]
    share = sum(zips.is_city_of(code, place) for place, code in pairs) / max(1, len(pairs))
    if share < _ENOUGH:
        return proposals
    why = "no other column has cities"
    city = proposals[at]._replace(target="city", share=share, misfits=(), sure=False, why=why)
    return [*proposals[:at], city, *proposals[at + 1 :]]


def _first_guess(heading: str, values: Sequence[str], given: Mapping[str, str]) -> tuple[str, bool, str]:
    if heading in given:
        return given[heading], True, _SAID
    name = folded(heading)
    target = HEADINGS.get(name, "")
    if not target and name:
        target = _by_a_part(name, values)
    if not target or not any(values):
        return target, bool(target), _BY_HEADING
    if target == "title" and all(_COURTESY.fullmatch(value) for value in values if value):
        return "", True, _COURTESIES
    return _corrected(target, values)


def _by_a_part(name: str, values: Sequence[str]) -> str:
    """Return what the end of a heading names, else what its beginning does; empty where no part is known.

    "Chief's email address" is an email address, and "phone (office)" a phone. What follows a beginning often turns it
    into something else, such as "name confidence": it counts only where the values look like it.
    """
    words = name.split()
    begins = [HEADINGS.get(" ".join(words[:end]), "") for end in range(len(words) - 1, 0, -1) if words[end] not in _OF]
    named = named_by(name)
    if not named or _fit(named, values)[0] < _ENOUGH:
        fits = (each for each in begins if each in LOOKS and _fit(each, values)[0] >= _CLEARLY)
        # "Left office" with ticks is no office.
        return next(fits, named if not named or _fit(named, values)[0] >= _HARDLY else "")
    return named


def _corrected(target: str, values: Sequence[str]) -> tuple[str, bool, str]:
    share, _ = _fit(target, values)
    better = [(other, _fit(other, values)[0]) for other in _ALTERNATIVES.get(target, ()) if other in LOOKS]
    best, best_share = max(better, key=lambda item: item[1], default=("", 0.0))
    if best_share > max(share, 0.8 if target == "address1" else 0.7) and best_share - share > 0.25:
        return best, True, f"its heading says {target}, its values {best}"
    return target, share >= _ENOUGH, _BY_HEADING


def _fit(target: str, values: Sequence[str]) -> tuple[float, tuple[str, ...]]:
    """Return the share of filled values that look like a target, and up to three that do not."""
    filled = [value for value in values if value]
    look = LOOKS.get(target)
    if not filled or look is None:
        return 1.0, ()
    # Of a long column so many from all over it tell its share.
    filled = filled[:: max(1, len(filled) // _LOOKED_AT)]
    misfits = [value for value in filled if len(value) > LONGEST_VALUE or not look(value)]
    return 1 - len(misfits) / len(filled), tuple(dict.fromkeys(misfits))[:3]


def _by_values(values: Sequence[str], taken: set[str], heading: str) -> tuple[str, str]:
    """Return what a column with an unknown heading, or none, is by its values; empty where nothing fits well."""
    needed = 0.95 if heading else 0.8
    for target in _BY_VALUE:
        if target in taken or (heading and target in ("city", "county", FULL_NAME)):
            continue
        # City and last line look alike, and a list has one of them.
        if target == "city" and LAST_LINE in taken:
            continue
        if target in (LAST_LINE, ONE_LINE) and {"city", "zip"} <= taken:
            continue
        if _fit(target, values)[0] >= needed:
            return target, "by its values"
    return "", ""


def _once(
    headings: Sequence[str], columns: Sequence[Sequence[str]], chosen: list[tuple[str, bool, str]]
) -> list[tuple[str, bool, str]]:
    """Give each target to one column: to the one whose heading names it best, else the fullest."""
    result = list(chosen)
    for target, count in Counter(target for target, _, _ in chosen if target).items():
        if count == 1:
            continue
        ranks = {
            number: _rank(target, headings[number], columns[number], each)
            for number, each in enumerate(chosen)
            if each[0] == target
        }
        first, second, *others = sorted(ranks, key=lambda number: (-ranks[number], number))
        for number in (second, *others):
            result[number] = ("", True, f'"{headings[first]}" is taken for {target}')
        if target == "address1" and folded(headings[first]) == folded(headings[second]) != "":
            # Of two columns called "Address" the second has the suite.
            further = "" if "address2" in {each for each, _, _ in chosen} else "address2"
            result[max(first, second)], result[min(first, second)] = (further, True, _BY_HEADING), chosen[first]
        elif ranks[first] == ranks[second]:
            result[first] = (target, False, f'"{headings[second]}" looks like it, too')
    return result


def _rank(target: str, heading: str, values: Sequence[str], chosen: tuple[str, bool, str]) -> float:
    name = folded(heading)
    if chosen[2] == _SAID:
        return 10.0
    exact = 2.0 * (name == target.replace("_", " ")) + (name.startswith("mail") or name == "zip code")
    share, _ = _fit(target, values)
    filled = sum(map(bool, values)) / max(1, len(values))
    # "287(g)" with Y and N is not the model of an agreement that stands beside it.
    return round(exact + (name in HEADINGS) + share + filled + 2.0 * (share >= _ENOUGH), 1)


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
    FULL_NAME: _is_person,
    "agency": lambda value: bool(AGENCY_WORDS.search(value)) and not re.match(r"\d", value),
    "address1": lambda value: bool(_STREET.match(value)) and split_one_line(value) is None,
    "address2": lambda value: not AGENCY_WORDS.search(value) and split_last_line(value) is None,
    LINE3: lambda value: not AGENCY_WORDS.search(value),
    "city": _is_city,
    MIDDLE: _is_word,
    BOX: lambda value: bool(_BOX.fullmatch(value)) and bool(re.search(r"\d|Box", value)),
    HOUSE: lambda value: bool(re.fullmatch(r"\d{1,6}[A-Za-z]?(?:[-/]\d+)?|[NSEW]\d+", value)),
    PLUS4: lambda value: bool(re.fullmatch(r"\d{1,4}", value)),
    "state": lambda value: bool(state_code(value)),
    "zip": lambda value: bool(_ZIP.fullmatch(value)),
    LAST_LINE: _is_last_line,
    ONE_LINE: lambda value: split_one_line(value) is not None,
    "email": lambda value: bool(_EMAIL.fullmatch(re.sub(r"^[^<>]*<\s*|\s*>$|^mailto:", "", value))),
    "phone": lambda value: bool(_PHONE.fullmatch(value)),
    "county": lambda value: zips.bare_county(value) in _counties() or bool(_COUNTY.fullmatch(value)),
    "agreement_287g": lambda value: bool(agreement_model(value) or agreement_models(value)) or means_nothing(value),
    "agreement_signed": lambda value: bool(likely_date(value)),
    KIND: lambda value: bool(re.fullmatch(r"[A-Za-z][A-Za-z /_'’-]{2,40}", value)) and not agreement_models(value),
}
"""A test for what each column may hold."""
