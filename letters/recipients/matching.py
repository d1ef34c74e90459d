"""Finds rows that are one office: a row of a file in the list, by id, place or near name, and two rows of the list."""

from __future__ import annotations

import functools
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from rapidfuzz import fuzz, process
from rapidfuzz.distance import JaroWinkler

from letters.model.problems import Place, Problem, in_order, warning
from letters.model.records import Recipient
from letters.read.recipients import held_notes, read_recipients
from letters.read.zips import fold
from letters.recipients.history import FILE, Decisions, ListRow, Rows, read_decisions

_MARKS = frozenset(
    (
        *("township", "village", "city", "borough", "charter", "county", "north", "south", "east", "west", "upper"),
        "lower",
        *("northern", "southern", "eastern", "western", "northeastern", "northwestern", "southeastern", "southwestern"),
        *("central", "downtown"),
        *("northeast", "northwest", "southeast", "southwest", "new", "old", "great", "little", "first", "second"),
        "third",
        *("fourth", "fifth", "district", "precinct", "jail", "airport", "university", "college", "school", "schools"),
        *("sheriff", "police", "safety", "heights", "park", "hills", "beach", "point", "harbor", "springs", "shores"),
    )
)
"""Words that part two offices whose names are otherwise alike, besides numbers."""
_FILLERS = frozenset(("department", "dept", "of", "the", "office", "s", "bureau", "headquarters", "division", "public"))
# Tried on 1,637 agencies of the nation (docs/benchmarks/lists.md): 699 of 700 seeded doubles are found, and 99.4 % of
# the agencies are nobody's double.
_NEAR = 88
Ask = Callable[[str, str, bool], bool]
"""Asks a question by its key, and with what is done where somebody accepts all proposals."""
_NEAR_IN_LIST, _NEAR_AT_ONE_STREET = 90, 0.9
_MOST = 400
"""Rows of one place that are compared with each other; a city with more has other worries."""
_COLUMNS = ("agency", "title", "first_name", "last_name", "address1", "address2", "city", "state", "zip", "county")
"""What of two rows is shown side by side."""


@functools.lru_cache(2**16)
def agency_words(name: str) -> tuple[str, ...]:
    """Return the words of an agency's name as names are compared."""
    spelt = re.sub(r"\bsheriffs\b", "sheriff", fold(re.sub(r"[’'](?=s\b)", "", name)).replace(",", " "))
    spelt = re.sub(r"\bcity of\b", " ", re.sub(r"\bpd\b", "police", spelt))
    return tuple(word for word in re.findall(r"[^\W_]+", spelt) if word not in _FILLERS)


def marks(name: str) -> frozenset[str]:
    """Return the words of a name that part two offices."""
    return frozenset(word for word in agency_words(name) if (word in _MARKS and word != "city") or word.isdigit())


def own_words(name: str) -> str:
    """Return the words of an agency's name that are its own: "nixon" of "Nixon Police Department"."""
    return " ".join(word for word in agency_words(name) if word not in _MARKS and not word.isdigit())


def agency_key(name: str) -> str:
    """Return an agency's name without fillers, in which "City of Alma Police" and "Alma Police Department" are one."""
    return " ".join(sorted(word for word in agency_words(name) if word != "city"))


def match_rows(rows: Sequence[ListRow], ours: Rows, last: Rows, ask: Ask, *, has_ids: bool) -> dict[int, str]:
    """Return for lines of the file the id of the row of the list that they are.

    `has_ids` tells whether the ids are the file's own: those that we made are only believed where the agency agrees.
    """
    matched: dict[int, str] = {}
    free = dict(ours)
    if not free:
        return matched
    for row in rows:
        identifier = row.cells.get("id", "")
        if identifier in free and (
            _one_agency(row.cells, free[identifier]) or (has_ids and _one_place(row.cells, free[identifier]))
        ):
            matched[row.line] = identifier
            del free[identifier]
    # A file without counties has the rows of a list that names them by their cities.
    # The last import has what the file said then; in the list, people may have changed it since.
    for place, source in product((_place, _place_by_city), (last, ours)):
        by_place: defaultdict[tuple[str, str, str], list[str]] = defaultdict(list)
        for key, cells in source.items():
            if key in free:
                by_place[place(cells)].append(key)
        for row in rows:
            if row.line in matched:
                continue
            found = [
                key
                for key in by_place.get(place(row.cells), ())
                if key in free and _counties_agree(row.cells, source[key])
            ]
            # Agencies of one name in one place are told apart by the rest of their address.
            if len(found) > 1:
                found = [key for key in found if _same(row.cells, source[key], ("zip", "address1", "county"))]
            if len(found) == 1:
                matched[row.line] = found[0]
                del free[found[0]]
    _near(rows, free, matched, ask)
    # Last, and only by asking: ids that are numbers of rows mean others once a list was sorted.
    if has_ids:
        _by_id(rows, free, matched, ask)
    return matched


def _one_place(theirs: Mapping[str, str], ours: Mapping[str, str]) -> bool:
    """Return whether a row with the id of another may be the same office, renamed: not all of its place is new."""
    columns = ("city", "zip", "address1", "county", "last_name")
    both = [(theirs.get(column, ""), ours.get(column, "")) for column in columns]
    filled = [(fold(one), fold(other)) for one, other in both if one and other]
    return not filled or any(one == other for one, other in filled)


def _by_id(rows: Sequence[ListRow], free: Rows, matched: dict[int, str], ask: Ask) -> None:
    """Ask about rows that have the id of another office: numbers of rows are given anew when a list is sorted."""
    for row in rows:
        identifier, name = row.cells.get("id", ""), row.cells.get("agency", "")
        if row.line in matched or identifier not in free:
            continue
        other = free[identifier].get("agency", "")
        key = f"{name}, {row.cells.get('city', '')} is {identifier}"
        text = f'line {row.line}: "{name}" has the id {identifier} of "{other}": is it the same office?'
        if ask(key, text, False):
            matched[row.line] = identifier
            del free[identifier]


def _one_agency(theirs: Mapping[str, str], ours: Mapping[str, str]) -> bool:
    same = agency_key(theirs.get("agency", "")) == agency_key(ours.get("agency", ""))
    return same and _same(theirs, ours, ("state",)) and (_place(theirs)[2] == _place(ours)[2] or not _place(ours)[2])


def _place(cells: Mapping[str, str]) -> tuple[str, str, str]:
    place = cells.get("county") or cells.get("city", "")
    return agency_key(cells.get("agency", "")), cells.get("state", ""), fold(place)


def _place_by_city(cells: Mapping[str, str]) -> tuple[str, str, str]:
    return agency_key(cells.get("agency", "")), cells.get("state", ""), fold(cells.get("city", ""))


def _counties_agree(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    counties = {fold(cells.get("county", "")) for cells in (one, other)} - {""}
    return len(counties) < 2


def _same(one: Mapping[str, str], other: Mapping[str, str], columns: Sequence[str]) -> bool:
    return all(one.get(column, "").casefold() == other.get(column, "").casefold() for column in columns)


def _near(rows: Sequence[ListRow], free: Rows, matched: dict[int, str], ask: Ask) -> None:
    """Ask about rows whose agency is almost one of the list, in the same state and with the same marks."""
    by_state: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for identifier, cells in free.items():
        by_state[cells.get("state", "")][identifier] = " ".join(agency_words(cells.get("agency", "")))
    for row in rows:
        name = row.cells.get("agency", "")
        if row.line in matched or not name:
            continue
        choices = by_state.get(row.cells.get("state", ""), {})
        words = " ".join(agency_words(name))
        found = process.extractOne(words, choices, scorer=fuzz.token_sort_ratio, score_cutoff=_NEAR)
        if not found or marks(name) != marks(free[found[2]].get("agency", "")):
            continue
        other = free[found[2]]
        nearby = _same(other, row.cells, ("city",)) or _same(other, row.cells, ("zip",))
        there = f'"{other.get("agency", "")}" of the list'
        key = f"{name}, {row.cells.get('city', '')} is {found[2]}"
        text = f'line {row.line}: is "{name}" the same agency as {there} ({found[1]:.0f} % alike)?'
        if nearby and ask(key, text, True):
            matched[row.line] = found[2]
            del free[found[2]]
            del choices[found[2]]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two rows that may be one, and how much they are alike, in percent."""

    one: Recipient
    other: Recipient
    alike: float

    @property
    def lines(self) -> list[tuple[str, str, str]]:
        """Return the columns in which one of them says something, with both cells."""
        found = ((column, self.one[column], self.other[column]) for column in _COLUMNS)
        return [line for line in found if line[1] or line[2]]


def check_list(path: Path, shown: str, offices: Collection[str]) -> tuple[list[Recipient], list[Problem]]:
    """Return the rows of a list and every problem of it, near doubles included."""
    recipients, _, problems = read_recipients(path, shown, offices)
    decisions = read_decisions(path.parent)
    problems += [*held_notes(recipients), *doubles(recipients, decisions)]
    return recipients, in_order(problems)


def doubles(recipients: Sequence[Recipient], decisions: Decisions) -> Iterator[Problem]:
    """Yield a warning for each pair of rows that may be one office; a pair that somebody has judged is passed over."""
    for pair in near_doubles(recipients):
        one, other = pair.one, pair.other
        if (key := double_key(one.id, other.id)) not in decisions.answers:
            alike = f'"{one["agency"]}" of line {one.place.line} ({pair.alike:.0f} % alike)'
            what = f"almost {alike}: would one official get two letters?"
            hint = f'remove or hold one; where they are two, write "{key}" = false under [answers] in {FILE}'
            yield warning(other.at("agency"), what, hint)._replace(recipient=other.id)


def double_key(one: str, other: str) -> str:
    """Return the key under which it is kept whether two rows are one office."""
    return f"{one} and {other} are one"


def new_pairs(rows: Rows, new: Collection[str]) -> list[Pair]:
    """Return the pairs of a planned list in which a row is new, the most alike first."""
    planned = [
        Recipient(identifier, cells, Place("", line), cells.get("hold", ""))
        for line, (identifier, cells) in enumerate(rows.items(), start=2)
    ]
    return [each for each in most_alike_first(planned) if {each.one.id, each.other.id} & set(new)] if new else []


def most_alike_first(recipients: Sequence[Recipient]) -> list[Pair]:
    """Return the pairs of rows that are almost alike, the most alike first."""
    return sorted(near_doubles(recipients), key=lambda pair: -pair.alike)


def near_doubles(recipients: Sequence[Recipient]) -> list[Pair]:
    """Return pairs of rows in one place that are almost alike.

    Offices whose names differ in a mark, such as Township, a number or a direction, are two.
    """
    ready = [recipient for recipient in recipients if not recipient.hold and recipient["agency"]]
    words = {id(r): " ".join(agency_words(r["agency"])) for r in ready}
    told = {id(r): marks(r["agency"]) for r in ready}
    found: dict[tuple[int, int], Pair] = {}
    for block in _blocks(ready):
        for number, one in enumerate(block):
            for other in block[:number]:
                if told[id(one)] != told[id(other)] or one["office"] != other["office"]:
                    continue
                first, second = sorted((one, other), key=lambda r: r.place.line)
                if alike := _alike(words[id(one)], words[id(other)], one, other):
                    found[first.place.line, second.place.line] = Pair(first, second, alike)
    return list(found.values())


def _blocks(ready: Sequence[Recipient]) -> Iterator[list[Recipient]]:
    blocks: defaultdict[tuple[str, ...], list[Recipient]] = defaultdict(list)
    for recipient in ready:
        state = recipient["state"]
        blocks["zip", recipient["zip"][:5]].append(recipient)
        blocks["city", state, fold(recipient["city"])].append(recipient)
        if recipient["county"]:
            blocks["county", state, fold(recipient["county"])].append(recipient)
    return (block for block in blocks.values() if 1 < len(block) <= _MOST)


def _alike(one: str, other: str, first: Recipient, second: Recipient) -> float:
    """Return how alike two names are, in percent; 0 where they are not alike enough."""
    in_one_place = first["zip"][:5] == second["zip"][:5] or fold(first["city"]) == fold(second["city"])
    if in_one_place and (score := fuzz.token_sort_ratio(one, other, score_cutoff=_NEAR_IN_LIST)):
        return score
    # A typo in a short name is much of it: the same street makes up for that.
    if first["address1"] and fold(first["address1"]) == fold(second["address1"]):
        close = JaroWinkler.similarity(one, other)
        return 100 * close if close >= _NEAR_AT_ONE_STREET else 0
    return 0
