"""Makes rows of the list from rows of a file: splits, cleans and completes them, and records each repair."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from letters.read import zips
from letters.read.recipients import OPTIONAL, REQUIRED
from letters.read.sense import means_nothing
from letters.read.table import tidied_cell
from letters.read.wrong_letters import repaired_text
from letters.read.zips import state_code
from letters.recipients.addresses import (
    box_and_street,
    split_last_line,
    split_one_line,
    split_unit,
    with_zero,
)
from letters.recipients.agencies import cased, jurisdiction_of, make_id, office_of, tidy_agency
from letters.recipients.headings import FULL_NAME, IGNORED, KIND, LAST_LINE, ONE_LINE, Proposal, folded
from letters.recipients.names import PersonName, split_name
from letters.recipients.source import ListSource, SourceRow

COLUMNS = (
    "id",
    "office",
    "title",
    "first_name",
    "last_name",
    "suffix",
    "agency",
    "jurisdiction",
    "county",
    "address1",
    "address2",
    "city",
    "state",
    "zip",
    "email",
    "phone",
    "agreement_287g",
    "agreement_signed",
    "agreement_list",
    "hold",
)
"""The columns of the list in the order in which they are written."""
assert set(COLUMNS) == {*REQUIRED, *OPTIONAL}


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


Accepts = Callable[[str], bool]
"""Whether a person accepts what a likely rule does."""
TAKE_BOX = "a PO box and a street: mail goes to the box, the street is kept in the column street"
AGENCY_BEFORE = "what stands before the street is taken for the agency"
CASE = "capitals or small letters only: written as names are"
NO_KIND = "the place served is named without city, borough or township, as its agency is"


def make_rows(
    source: ListSource, proposals: Sequence[Proposal], offices: Collection[str], accepts: Accepts
) -> list[ListRow]:
    """Return the rows of a file as rows of the list; exact repetitions of a row are left out."""
    names = _column_names(proposals)
    made, seen = [], {}
    state = _only_state(source, proposals)
    for each in source.rows:
        content = tuple(cell.casefold() for cell in each.cells)
        if content in seen:
            continue
        seen[content] = each.line
        made.append(_row(each, names, offices, accepts, state))
    _give_ids(made)
    return made


def repeated_lines(source: ListSource) -> list[int]:
    """Return the lines of rows that say exactly what an earlier one says."""
    seen: set[tuple[str, ...]] = set()
    found = []
    for row in source.rows:
        content = tuple(cell.casefold() for cell in row.cells)
        if content in seen:
            found.append(row.line)
        seen.add(content)
    return found


def _column_names(proposals: Sequence[Proposal]) -> dict[int, str]:
    """Return for each column of the file its name in the list; one that is not understood keeps its own."""
    names: dict[int, str] = {}
    for proposal in proposals:
        if proposal.target == IGNORED:
            continue
        if proposal.target:
            names[proposal.number] = proposal.target
            continue
        name = re.sub(r"[^a-z0-9]+", "_", folded(proposal.heading)) or f"column_{proposal.number + 1}"
        taken = {*names.values(), *COLUMNS, FULL_NAME, LAST_LINE, ONE_LINE, KIND}
        names[proposal.number] = next(n for k in range(1, 99) if (n := name if k == 1 else f"{name}_{k}") not in taken)
    return names


def _only_state(source: ListSource, proposals: Sequence[Proposal]) -> str:
    """Return the state of all rows where the list has it in no column, but its ZIP codes agree on one."""
    targets = {proposal.target: proposal.number for proposal in proposals}
    if "state" in targets or LAST_LINE in targets or ONE_LINE in targets or "zip" not in targets:
        return ""
    found = {zips.states_of_zip(cell.zfill(5)) for row in source.rows if (cell := row.cells[targets["zip"]])}
    return next(iter(found))[0] if len(found) == 1 and all(len(states) == 1 for states in found) else ""


def _row(
    source: SourceRow,
    names: Mapping[int, str],
    offices: Collection[str],
    accepts: Accepts,
    state: str,
) -> ListRow:
    row = ListRow(source.line, {})
    for number, name in names.items():
        _clean(row, name, source.cells[number])
    _whole_address(row, accepts)
    _last_line(row)
    _state_and_zip(row, state)
    _streets(row, accepts)
    _agency(row, accepts)
    _person(row, accepts)
    _office(row, offices)
    _jurisdiction(row)
    for column in ("phone", "county", "email"):
        _plain(row, column)
    return row


def _clean(row: ListRow, name: str, raw: str) -> None:
    """Take a cell over without invisible characters, wrong letters and words for nothing."""
    if not raw:
        row.cells[name] = ""
        return
    tidy = tidied_cell(raw)
    if tidy != raw and tidy != " ".join(raw.split()):
        row.repairs.append(Repair(row.line, name, raw, tidy, "invisible characters are left out"))
    if (meant := repaired_text(tidy)) != tidy:
        row.repairs.append(Repair(row.line, name, tidy, meant, "letters that were read in the wrong encoding"))
        tidy = meant
    if means_nothing(tidy) and name not in ("hold", "agreement_287g", "state", "last_name"):
        row.repairs.append(Repair(row.line, name, tidy, "", "a word for nothing is left out"))
        tidy = ""
    row.cells[name] = tidy


def _whole_address(row: ListRow, accepts: Accepts) -> None:
    text = row.cells.pop(ONE_LINE, "")
    if not text:
        return
    whole = split_one_line(text)
    if whole is None:
        row.cells["address1"] = text
        row.doubts.append(("address1", f'"{text}" could not be split into street, city, state and ZIP code'))
        return
    rule = "a whole address is split, by the cities of its ZIP code"
    for column, value in (
        ("address1", whole.street),
        ("address2", whole.unit),
        ("city", whole.last.city),
        ("state", whole.last.state),
        ("zip", whole.last.zip),
    ):
        if value:
            row.put(column, value, text, rule)
    if whole.before and not row.cells.get("agency") and accepts(AGENCY_BEFORE):
        row.put("agency", whole.before, text, AGENCY_BEFORE, Sureness.LIKELY)
    if not whole.last.sure:
        row.doubts.append(("city", whole.last.why))


def _last_line(row: ListRow) -> None:
    text = row.cells.pop(LAST_LINE, "")
    if not text:
        return
    last = split_last_line(text)
    if last is None:
        row.cells.setdefault("city", text)
        row.doubts.append(("city", f'"{text}" could not be split into city, state and ZIP code'))
        return
    rule = "city, state and ZIP code are split"
    for column, value in (("city", last.city), ("state", last.state), ("zip", last.zip)):
        if value and not row.cells.get(column):
            row.put(column, value, text, rule)
    if not last.sure and last.zip:
        row.doubts.append(("zip", last.why))


def _state_and_zip(row: ListRow, only: str) -> None:
    city = row.cells.get("city", "")
    if city and split_last_line(city) and not (row.cells.get("state") and row.cells.get("zip")):
        row.cells["city"] = ""
        row.cells[LAST_LINE] = city
        _last_line(row)
    state = row.cells.get("state", "")
    if state and (code := state_code(state)):
        row.put("state", code, state, "states are written as postal codes")
    elif not state and only:
        row.put("state", only, "", f"all ZIP codes of the list are in {only}")
    zip_code = row.cells.get("zip", "")
    if zip_code and (meant := with_zero(zip_code, row.cells.get("state", ""))) != zip_code:
        row.put("zip", meant, zip_code, "a ZIP code has its leading zero back")
    city = row.cells.get("city", "")
    if city.isupper() and len(city) > 2:
        row.put("city", cased(city), city, CASE)


def _streets(row: ListRow, accepts: Accepts) -> None:
    street = row.cells.get("address1", "")
    if street and (both := box_and_street(street)) and accepts(TAKE_BOX):
        row.put("address1", both[0], street, TAKE_BOX, Sureness.LIKELY)
        row.cells["street"] = both[1]
        street = both[0]
    elif street and not row.cells.get("address2"):
        alone, unit = split_unit(street)
        if unit:
            row.put("address1", alone, street, "suite, room or floor goes to address2")
            row.put("address2", unit, "", "suite, room or floor goes to address2")
            street = alone
    if street.isupper() and re.search(r"[A-Z]{3}", street):
        row.put("address1", cased(street), street, CASE)
    if row.cells.get("address2", "").casefold() == row.cells.get("address1", "").casefold() and row.cells.get(
        "address2"
    ):
        row.put("address2", "", row.cells["address2"], "the street stood twice")


def _agency(row: ListRow, accepts: Accepts) -> None:
    name = row.cells.get("agency", "")
    tidy = tidy_agency(name)
    if name.isupper() and len(name) > 3:
        if accepts(CASE):
            row.put("agency", tidy, name, CASE, Sureness.LIKELY)
    else:
        row.put("agency", tidy, name, "agencies are spelt out, with typographic apostrophes")


def _person(row: ListRow, accepts: Accepts) -> None:
    text = row.cells.pop(FULL_NAME, "")
    named = bool(row.cells.get("first_name") or row.cells.get("last_name"))
    if text and not named:
        parts = split_name(text)
        if not parts.last_name and not parts.doubt:
            return
        _put_person(row, parts, text, accepts)
    elif named:
        first, last = row.cells.get("first_name", ""), row.cells.get("last_name", "")
        joined = " ".join(filter(None, (first, last, row.cells.get("suffix", ""))))
        if means_nothing(first) or means_nothing(last):
            row.put("first_name", "", first, "a word for nothing is left out")
            row.put("last_name", "", last, "a word for nothing is left out")
            return
        parts = split_name(f"{last}, {first}" if first and last and not re.search(r"[,(]", first + last) else joined)
        if parts.doubt or (parts.first_name, parts.last_name) != (first, last):
            _put_person(row, parts, joined, accepts)


def _put_person(row: ListRow, parts: PersonName, was: str, accepts: Accepts) -> None:
    if parts.doubt:
        row.doubts.append(("last_name", parts.doubt))
        if not parts.last_name:
            row.cells |= {"first_name": "", "last_name": "", "name_as_given": was}
            return
    shouted = (
        was.isupper()
        or was.islower()
        or (parts.last_name.upper() in was and parts.last_name.upper() != parts.last_name)
    )
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
        value = re.sub(r"(?<=\w)'(?=\w)", "’", value)
        if value or column in row.cells:
            row.put(column, value, was if column != "title" or value != rank else rank, rule, sureness)


_STATUS_ALONE = {
    ("Interim", "sheriff"): "Interim Sheriff",
    ("Acting", "sheriff"): "Acting Sheriff",
    ("Interim", "police_chief"): "Interim Chief",
    ("Acting", "police_chief"): "Acting Chief",
}
_USUAL = {"police_chief": ("chief", "police chief")}


def _office(row: ListRow, offices: Collection[str]) -> None:
    kind = row.cells.get(KIND, "")
    said, title = row.cells.get("office", ""), row.cells.get("title", "")
    office, why = office_of(row.cells.get("agency", ""), kind, said or title, offices)
    if said and not office:
        row.doubts.append(("office", f'no form of address is known for "{said}"'))
        return
    if office:
        row.put("office", office, said, f"the office is known {why}")
    elif row.cells.get("agency"):
        row.doubts.append(("office", "nothing says which office it is"))
    if alone := _STATUS_ALONE.get((title, office)):
        row.put("title", alone, title, "the status of the holder goes with the office")
    elif title.casefold() in _USUAL.get(office, ()):
        row.put("title", "", title, "the usual title of the office is written by the form of address")


def _jurisdiction(row: ListRow) -> None:
    if row.cells.get("jurisdiction") or not row.cells.get("agency"):
        return
    county = re.sub(r"\s+County$", "", row.cells.get("county", ""))
    found = jurisdiction_of(row.cells["agency"], row.cells.get("office", ""), county, row.cells.get("state", ""))
    row.put("jurisdiction", found.text, "", NO_KIND if "does not tell" in found.why else f"jurisdiction {found.why}")
    if not found.sure:
        row.doubts.append(("jurisdiction", f'is it "{found.text}" in a sentence? {found.why}'))


def _plain(row: ListRow, column: str) -> None:
    value = row.cells.get(column, "")
    if column == "phone" and (digits := re.fullmatch(r"\+?1?(\d{10})", re.sub(r"[^\d+]", "", value))):
        number = digits[1]
        row.put("phone", f"{number[:3]}-{number[3:6]}-{number[6:]}", value, "telephone numbers have one form")
    elif column == "county" and value:
        bare = re.sub(r"\s+(?:County|Co\.?)$", "", value, flags=re.IGNORECASE)
        row.put("county", cased(bare) if bare.isupper() else bare, value, "counties are written without the word")
    elif column == "email" and value:
        row.put("email", re.sub(r"^mailto:", "", value, flags=re.IGNORECASE), value, "e-mail addresses stand alone")


def _give_ids(rows: Iterable[ListRow]) -> None:
    rows = list(rows)
    taken = {row.cells["id"] for row in rows if row.cells.get("id")}
    for row in rows:
        if not row.cells.get("id"):
            cells = row.cells
            made = make_id(
                cells.get("agency", ""), cells.get("office", ""), cells.get("county", ""), cells.get("city", ""), taken
            )
            taken.add(made)
            row.put("id", made, "", "each row has an id of its own, made of the agency’s name")
