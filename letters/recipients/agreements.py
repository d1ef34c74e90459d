"""Joins ICE's list of 287(g) agreements to the list: sure matches, questions, and "none, by the list of a date"."""

from __future__ import annotations

import datetime
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from rapidfuzz import fuzz

from letters.formats.files import write_whole
from letters.model.problems import CannotGoOn, Exit
from letters.read.recipients import AGREEMENTS, NO_AGREEMENT, REACH, agreement_model
from letters.read.sense import likely_date
from letters.read.zips import STATE_NAMES, fold, is_place, state_code
from letters.recipients import history
from letters.recipients.history import Decisions, ImportRecord, Rows, read_decisions, write_decisions
from letters.recipients.importing import CellChange, Question
from letters.recipients.matching import agency_key, agency_words, marks, own_words
from letters.recipients.source import read_source

_WANTED = ("state", "law enforcement agency", "county", "support type", "signed")
"""The columns of ICE's list."""
_SURE, _NEAR = 95, 80
# As ICE writes them in its column SUPPORT TYPE, each with a word behind it: "Task Force Model".
_MODELS = {"task force": "task_force", "warrant service": "warrant_service", "jail enforcement": "jail_enforcement"}
_ORDER = (*REACH, "")
_BESIDES = re.compile(r"\s+/\s.*$|\s+-\s+(?:Headquarters|Main (?:Office|Station))$", re.IGNORECASE)
"""What lists put behind the name of an agency: "Berrien County Sheriff's Office / Berrien County Jail"."""


class Agreement(NamedTuple):
    """One line of ICE's list."""

    state: str
    agency: str
    county: str
    model: str
    signed: str


class JoinMatch(NamedTuple):
    """A row of the list and the agency of ICE's that it is."""

    identifier: str
    listed: str
    model: str
    signed: str
    score: float
    all_agreements: str


@dataclass(frozen=True, slots=True)
class Joined:
    """What a join finds, and the list as it will be."""

    date: str
    agreements: int
    in_states: int
    states: tuple[str, ...]
    matched: tuple[JoinMatch, ...]
    questions: tuple[Question, ...]
    unmatched: tuple[str, ...]
    uncovered: int
    none: int
    changes: tuple[CellChange, ...]
    changed_ids: tuple[str, ...]
    content: bytes
    before: bytes
    file: str
    sha256: str
    decisions: Decisions = field(default_factory=Decisions)


def list_date(said: str, name: str, today: datetime.date) -> datetime.date:
    """Return the date of ICE's list: as said, else as in the name of its file, participatingAgencies09172025pm.xlsx.

    Raises CannotGoOn where neither tells it, or it is later than today.
    """
    found = re.search(r"(20\d\d)-?(\d\d)-?(\d\d)", said or name)
    parts = found.groups() if found else ()
    if not parts and not said and (found := re.search(r"(\d\d)(\d\d)(20\d\d)", name)):
        parts = (found[3], found[1], found[2])
    try:
        date = datetime.date(*map(int, parts))
    except (TypeError, ValueError):
        hint = "say it, such as 2025-09-17; in the terminal by --as-of 2025-09-17"
        raise CannotGoOn(Exit.WRONG_CALL, f'the date of "{said or name}" is not known', hint) from None
    if date > today:
        raise CannotGoOn(Exit.WRONG_CALL, f"{date} is in the future", "the date is that of ICE's list")
    return date


def read_agreements(path: Path) -> tuple[list[Agreement], str]:
    """Read ICE's workbook or CSV as published; return its agreements and the hash of the file.

    Raises CannotGoOn where the columns are not those of ICE's list.
    """
    source = read_source(path)
    heads = [re.sub(r"[^a-z]+", " ", heading.lower()).strip() for heading in source.headings]
    if missing := [name.upper() for name in _WANTED if name not in heads]:
        hint = "name the workbook of participating agencies, as ICE publishes it"
        raise CannotGoOn(Exit.PROBLEMS, f'"{path.name}" has no column {", ".join(missing)}', hint)
    columns, found = [heads.index(name) for name in _WANTED], []
    for row in source.rows:
        said, agency, county, kind, signed = (" ".join(row.cells[number].split()) for number in columns)
        model = next((model for words, model in _MODELS.items() if kind.casefold().startswith(words)), "")
        if agency and (state := state_code(said)):
            # An agency without a county has an error of the spreadsheet in its cell.
            county = re.sub(r"\s+(?:County|Parish)$", "", "" if "#" in county else county, flags=re.IGNORECASE)
            found.append(Agreement(state, agency.replace("'", "’"), county, model, likely_date(signed)))
    return found, source.sha256


def join_agreements(
    path: Path,
    listed: Path,
    folder: Path,
    date: str,
    *,
    accept_all: bool = False,
    answers: Mapping[str, bool] | None = None,
) -> Joined:
    """Plan a join; a match that is not sure is a question, and is taken only where it is accepted or was before."""
    agreements, digest = read_agreements(path)
    before = listed.read_bytes()
    former, rows = history.parse_list(before)
    decisions = read_decisions(folder)
    decided = {**decisions.answers, **(answers or {})}
    states = sorted({row.get("state", "") for row in rows.values()} & set(STATE_NAMES))
    in_states = [each for each in agreements if each.state in states]
    found = _found(in_states, rows, decided, accept_all=accept_all)
    if accept_all:
        decided |= {question.key: True for question in found.questions if question.proposal}
    by_id = _one_each(found.matched)
    unsaid = found.open_rows - by_id.keys()
    covered = {key for key, row in rows.items() if row.get("state") in states and key not in unsaid}
    changes = [
        change for key, row in rows.items() for change in _changes(key, row, by_id.get(key), date, key in covered)
    ]
    facts = [each for each in changes if _says_otherwise(each)]
    # That most rows have none is told by their number.
    told = [each for each in facts if each.was or each.now != NO_AGREEMENT]
    for change in changes:
        rows[change.id][change.column] = change.now
    return Joined(
        date,
        len(agreements),
        len(in_states),
        tuple(states),
        tuple(found.matched),
        tuple(found.questions),
        tuple(found.unmatched),
        len(rows.keys() - covered - by_id.keys()),
        sum(row.get("agreement_287g") == NO_AGREEMENT for row in rows.values()),
        tuple(told),
        tuple(dict.fromkeys(change.id for change in facts)),
        history.list_bytes(rows.values(), former) if changes else before,
        before,
        path.name,
        digest,
        Decisions(decisions.columns, decided),
    )


class _Found(NamedTuple):
    """What is known of ICE's agencies: the rows that they are, what is asked, and which rows an open question is of."""

    matched: list[JoinMatch]
    questions: list[Question]
    unmatched: list[str]
    open_rows: set[str]


def _found(agreements: Sequence[Agreement], rows: Rows, decided: Mapping[str, bool], *, accept_all: bool) -> _Found:
    matched, questions, unmatched, open_rows = found = _Found([], [], [], set())
    by_agency: defaultdict[tuple[str, str], list[Agreement]] = defaultdict(list)
    for agreement in agreements:
        by_agency[agreement.state, f"{agency_key(agreement.agency)}|{fold(agreement.county)}"].append(agreement)
    for (state, _), each in by_agency.items():
        ranked = _ranked(each[0], rows)
        sure = [one for one in ranked if one.score >= _SURE]
        # Two rows that are as sure may be an office and its double: a person says which.
        if len(sure) == 1:
            matched.append(_match(sure[0].identifier, each, sure[0].score))
            continue
        name = f"{each[0].agency} ({each[0].county or 'no county'}, {state})"
        taken = is_open = False
        for one in ranked[:3]:
            key = f"{each[0].agency}, {state} is {one.identifier}"
            proposal = len(ranked) == 1 and one.in_its_county
            if key not in decided:
                agency = rows[one.identifier].get("agency", "")
                text = f"is {name} the {agency} ({one.identifier}; {one.score:.0f} % alike)?"
                questions.append(Question(key, text, 1, proposal))
                # Nobody has said yes or no of it: the row is neither one with an agreement nor one without.
                is_open = is_open or not (accept_all and proposal)
            if decided.get(key) or (accept_all and key not in decided and proposal):
                matched.append(_match(one.identifier, each, one.score))
                taken = True
                break
        if not (taken or is_open):
            unmatched.append(name + (": not taken" if ranked else ""))
        if is_open and not taken:
            open_rows |= {one.identifier for one in ranked}
    return found


class _Candidate(NamedTuple):
    """A row that may be an agency of ICE's list: how alike they are, 0 to 100, and whether both name one county."""

    score: float
    identifier: str
    in_its_county: bool


def _ranked(agreement: Agreement, rows: Rows) -> list[_Candidate]:
    """Return the rows of the state that may be an agency of ICE's list, the best first."""
    scored = []
    is_sheriff = "sheriff" in agreement.agency.casefold()
    told, key = marks(agreement.agency), agency_key(agreement.agency)
    for identifier, row in rows.items():
        agency = _BESIDES.sub("", row.get("agency", ""))
        if row.get("state") != agreement.state or ("sheriff" in agency.casefold()) != is_sheriff:
            continue
        both = bool(agreement.county and row.get("county"))
        alike = both and _alike_county(agreement.county, row["county"])
        if marks(agency) != told and not (is_sheriff and alike):
            continue
        score = 100.0 if agency_key(agency) == key else _likeness(agreement, agency)
        if both and not alike:
            score = min(score, 90.0) if score == 100.0 else 0.0
        elif score < 100.0 and is_sheriff and alike:
            # One sheriff a county: a misspelt name in its own county is that sheriff, any other is asked.
            score = max(score, 96.0) if score >= _NEAR else float(_NEAR)
        if score >= _NEAR:
            scored.append(_Candidate(score, identifier, alike))
    return sorted(scored, key=lambda one: (-one.score, one.identifier))


def _likeness(agreement: Agreement, agency: str) -> float:
    """Return how alike two names of agencies are, 0 to 100, by all their words and by those that are their own.

    "Nixon Police Department" and "Denton Police Department" share most of their letters; so do Alto and Alton, which
    are two places of Texas, and no misspelling.
    """
    theirs, ours = own_words(agreement.agency), own_words(agency)
    if theirs != ours and is_place(theirs, agreement.state) and is_place(ours, agreement.state):
        return 0.0
    whole = fuzz.token_sort_ratio(" ".join(agency_words(agreement.agency)), " ".join(agency_words(agency)))
    return min(whole, fuzz.token_sort_ratio(theirs, ours)) if theirs and ours else whole


def _alike_county(one: str, other: str) -> bool:
    one, other = (re.sub(r"\s+(?:county|parish)$", "", fold(each)) for each in (one, other))
    return one == other or fuzz.ratio(one, other) >= 85


def _match(identifier: str, agreements: Sequence[Agreement], score: float) -> JoinMatch:
    """Return a match with the agreement that reaches furthest: task force, then jail, then warrant service."""
    first = min(agreements, key=lambda each: (_ORDER.index(each.model), each.signed))
    every = "; ".join(
        f"{each.model} {each.signed}".strip() for each in sorted(agreements, key=lambda each: each.signed)
    )
    return JoinMatch(identifier, first.agency, first.model, first.signed, score, every)


def _one_each(matched: Sequence[JoinMatch]) -> dict[str, JoinMatch]:
    """Return one match for each row: ICE writes some agencies in two ways, with an agreement under each."""
    found: dict[str, JoinMatch] = {}
    for match in sorted(matched, key=lambda match: (_ORDER.index(match.model), match.signed)):
        if first := found.get(match.identifier):
            every = f"{first.all_agreements}; {match.all_agreements}"
            found[match.identifier] = first._replace(all_agreements=every)
        else:
            found[match.identifier] = match
    return found


def _changes(
    identifier: str, row: Mapping[str, str], match: JoinMatch | None, date: str, covered: bool
) -> list[CellChange]:
    """Return the cells of a row that a join changes; `covered` is whether ICE's list tells that it has none."""
    cells = {"agreement_287g": "", "agreement_signed": "", "agreement_list": ""}
    if match and match.model in AGREEMENTS:
        cells = {"agreement_287g": match.model, "agreement_signed": match.signed, "agreement_list": date}
    elif covered:
        cells = {"agreement_287g": NO_AGREEMENT, "agreement_signed": "", "agreement_list": date}
    if match and ";" in match.all_agreements:
        cells["agreements"] = match.all_agreements
    elif row.get("agreements"):
        cells["agreements"] = ""
    return [
        CellChange(identifier, name, row.get(name, ""), now) for name, now in cells.items() if row.get(name, "") != now
    ]


def _says_otherwise(change: CellChange) -> bool:
    """Return whether a changed cell says something else than before: "No" says what "none" says."""
    if change.column == "agreement_287g":
        return agreement_model(change.was) != change.now
    return change.column != "agreement_list"


def write_joined(joined: Joined, listed: Path, folder: Path) -> None:
    """Write the list as joined, and keep the former one; raises CannotGoOn where the list was changed meanwhile."""
    if listed.read_bytes() != joined.before:
        raise CannotGoOn(Exit.PROBLEMS, f'"{listed.name}" was changed meanwhile', "run the command again")
    write_decisions(folder, joined.decisions)
    if joined.content == joined.before:
        return
    done = history.imports(folder)
    # The join is no import: the next file is compared with what the last one said, so that is kept once more.
    last = history.last_imported(folder)
    before, after = history.hash_of(joined.before), history.hash_of(joined.content)
    history.keep(folder, ImportRecord(len(done) + 1, joined.file, joined.sha256, before, after), joined.before, last)
    write_whole(listed, joined.content)
