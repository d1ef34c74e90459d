"""Reads the list of recipients and checks every row: what a letter needs, and what the post office needs."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from letters.model.problems import Place, Problem, Severity, did_you_mean, nearest, warning
from letters.model.records import Recipient
from letters.read.people import name_problems, understood_title
from letters.read.sense import (
    likely_date,
    means_nothing,
    not_a_recipient,
    reserved_id,
    sense_problems,
    understood_office,
)
from letters.read.sense_places import agency_problems, place_problems
from letters.read.text import TableRow, header_line, read_table, read_text
from letters.read.zips import STATE_NAMES, ZIP_CODE, state_code

REQUIRED = ("id", "office", "agency", "address1", "city", "state", "zip")
"""Columns that no letter can be posted without."""
OPTIONAL = [
    *("title", "first_name", "last_name", "suffix", "jurisdiction", "county", "address2", "email", "phone"),
    *("agreement_287g", "agreement_signed", "agreement_list", "hold"),
]
ON_REQUEST = ("thank_you",)
"""Columns that some letters ask for, and that a list has where somebody adds them: yes, or nothing."""
AGREEMENTS = ("task_force", "warrant_service", "jail_enforcement")
"""The models of agreement under 8 U.S.C. § 1357(g) that Immigration and Customs Enforcement names."""
REACH = ("task_force", "jail_enforcement", "warrant_service")
"""The models, the one that reaches furthest first."""
_MODELS = {
    "task_force": re.compile(r"\btask[\W_]*force|\btfm?\b", re.IGNORECASE),
    "warrant_service": re.compile(r"\bwarrant[\W_]*service|\bwso\b", re.IGNORECASE),
    "jail_enforcement": re.compile(r"\bjail[\W_]*(?:enforcement|model)|\bjem\b", re.IGNORECASE),
}
"""What names a model of agreement, in words or as the agency's own lists shorten it: "Yes - JEM"."""
_NOT_IN_FORCE = re.compile(
    r"\?|\b(?:no|not|never|pending|applied|appl(?:ies|ying|ication)|requested|proposed|planned|considering|former(?:ly)?|was|were|"
    r"had|ended|expired|terminated|rescinded|withdr[ae]wn?|withdrew|revoked|cancell?ed|suspended|declined|denied|rejected|"
    r"maybe|may|might|possibl[ey]|likely|probably|unconfirmed|unsure|unclear|unknown|inactive|until|stopped|left|old|prior|"
    r"previous(?:ly)?|rumou?r(?:ed)?|check|verify|confirm|ask)\b",
    re.IGNORECASE,
)
"""Words beside the name of a model that leave open whether there is an agreement."""
DATES = ("agreement_signed", "agreement_list")
"""Columns that hold year-month-day."""
_YES = "yes"
NO_AGREEMENT = "none"
"""In the column agreement_287g: a list was looked at, whose date agreement_list has. Empty means that nobody knows."""

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,79}")
"""What an id may be: it names files."""
_LOST_ZERO = re.compile(r"[0-9]{4}(-[0-9]{4})?")
_NO_REASON = frozenset(("no", "yes", "false", "true", "0", "x", "ok", "go", "send", "release", "mail", "n"))
"""What does not tell why a letter is kept back, besides words for nothing."""
_NOT_A_WORD = re.compile(r"[^a-z]+")
_NONE = re.compile(
    r"(?:none|no|n|(?:has |have |there is )?no (?:such )?(?:287\(?g\)? ?)?(?:agreements?)?|no 287\(?g\)?)\.?"
    r"(?:[\s,;:(–—-]+[^?]*?(\d{4}-\d\d-\d\d)[^?]*)?",
    re.IGNORECASE,
)
"""None, also with the date of the list: "none, by ICE's list of 2025-09-17". "No answer" is none of that."""
_ANOTHER_HEADER = 2
"""Columns that may be missing from a header that is meant as ours."""
_NEXT_TO_NOTHING = 3
"""Cells: a row without an id that has no more is a total or a remark."""
# Excel takes 07102 for a number. The digit tells whether the state has such codes, which a mistyped one has not.
_ZERO_STATES = {"MA": "12", "RI": "2", "NH": "3", "ME": "34", "VT": "5", "CT": "6", "NJ": "78", "PR": "0", "VI": "0"}
"""States whose ZIP codes begin with 0, and the second digits they use: a four-digit ZIP there lost its zero."""
HISTORY = "list-history"
"""The folder in which each import of the list is kept."""
INDEX = "imports.json"
_LAST_LINE = 'recipient.city ~ ", " ~ recipient.state ~ " " ~ recipient.zip'
_PRINTED_FOR = {
    "full_name": "recipient.name",
    "one_line": (
        f'recipient.address1 ~ (", " ~ recipient.address2 if recipient.address2 else "") ~ ", " ~ {_LAST_LINE}'
    ),
    "last_line": _LAST_LINE,
    **{column: f"recipient.{column} | long_date" for column in DATES},
}
"""What is printed for a column that was split, or whose dates were written as year-month-day."""
_WITHOUT_FIELD = ("middle_name", "po_box", "zip4", "house_number", "address3", "agency_type", "ignored", "release")
"""Columns of which no field of its own is left."""


@dataclass(slots=True)
class FormerRows:
    """What was read of the rows of a list the last time: those that are as they were are not read again."""

    about: tuple[object, ...] = ()
    """All else that they were read with."""
    rows: dict[tuple[object, ...], tuple[Recipient, list[Problem]]] = field(default_factory=dict)


def read_recipients(
    path: Path, shown: str, offices: Collection[str], former: FormerRows | None = None
) -> tuple[list[Recipient], tuple[str, ...], list[Problem]]:
    """Read the list: its recipients, its column names, and every problem.

    A row with an error is still returned, so that nobody is forgotten; the problem carries its id. `offices` are the
    offices we know a form of address for, `former` keeps what is read. Raises CannotGoOn when the file is missing or no
    text.
    """
    text, problems = read_text(path, shown)
    columns, rows, more = read_table(text, shown, REQUIRED)
    problems += more
    if problems_of_header := _missing_columns(columns, shown, header_line(text, REQUIRED)) if columns else []:
        return [], columns, problems_of_header
    if columns and not rows:
        problems.append(Problem(Place(shown, 2), "no recipients", "add a row for each under the header"))
    recipients: list[Recipient] = []
    seen: dict[tuple[str, ...], int] = {}
    about = shown, columns, tuple(offices)
    known = former.rows if former and former.about == about else {}
    read: dict[tuple[object, ...], tuple[Recipient, list[Problem]]] = {}
    for row in rows:
        # A row that was copied twice is one official, and says so once.
        cells = tuple(row.cells.values())
        if (first := seen.setdefault(cells, row.line)) != row.line:
            what = f"says exactly what line {first} says, and is left out"
            problems.append(warning(Place(shown, row.line), what, "remove it"))
            continue
        key = row.line, cells, row.problems
        recipient, of_row = read[key] = known.get(key) or _recipient(row, shown, offices)
        recipients.append(recipient)
        problems += of_row
    if former:
        former.about, former.rows = about, read
    return recipients, columns, [*problems, *_repeated(recipients)]


def _missing_columns(columns: tuple[str, ...], shown: str, line: int) -> list[Problem]:
    spare = set(columns) - set(REQUIRED) - set(OPTIONAL)
    missing = [name for name in REQUIRED if name not in columns]
    # A list with other headings was as many messages as it lacks columns.
    if len(missing) > _ANOTHER_HEADER:
        named = ", ".join(f'"{name}"' for name in columns[:8])
        what = f"the header does not name {', '.join(missing)}; it names {named}{' …' if len(columns) > 8 else ''}"
        hint = "letters recipients import FILE reads a list with other headings, and writes one that has these columns"
        return [Problem(Place(shown, line), what, hint)]
    problems = []
    for name in REQUIRED:
        if name not in columns:
            near = next((column for column in sorted(spare) if name in column.split("_")), "") or nearest(name, spare)
            hint = f"is it the column {near}?" if near else "add it to the header"
            problems.append(Problem(Place(shown, 1, field=name), f'the column "{name}" is missing', hint))
    return problems


def _recipient(row: TableRow, shown: str, offices: Collection[str]) -> tuple[Recipient, list[Problem]]:
    cells, repaired = _with_zero(row, shown)
    cells, understood = _understood(
        {**cells, **{name: "" for name in (*OPTIONAL, *ON_REQUEST) if name not in cells}}, row, shown, offices
    )
    place = Place(shown, row.line)
    # A row without an id is known by its line, so that its mistakes stop no other letter.
    recipient = Recipient(cells.get("id", "") or f"row-{row.line}", cells, place, cells.get("hold", ""))
    if row.is_broken:
        return recipient, [problem._replace(recipient=recipient.id) for problem in row.problems]
    filled = sum(map(bool, row.cells.values()))
    is_somewhere = any(cells.get(column) for column in ("agency", "address1", "city", "zip"))
    if filled <= _NEXT_TO_NOTHING and not (cells.get("id") and (cells.get("hold") or is_somewhere)):
        return recipient, [not_a_recipient(recipient)._replace(recipient=recipient.id)]
    if shifted := _shifted(row):
        what = f"the cells are shifted: {shifted}"
        hint = "is a cell missing in front of it, or one too many? A text with a comma in it stands in quotation marks"
        return recipient, [Problem(place, what, hint, recipient=recipient.id)]
    found = [*row.problems, *repaired, *_id_problems(recipient)]
    if not recipient.hold:
        found += understood
        found += [*_cell_problems(recipient, offices), *sense_problems(recipient)]
        found += [*name_problems(recipient), *agency_problems(recipient), *place_problems(recipient)]
    # People take the column for a switch: "no" was meant to let the letter go.
    elif recipient.hold.casefold() in _NO_REASON or means_nothing(recipient.hold):
        what = f'"{recipient.hold}" keeps the letter back: anything written here does'
        found.append(warning(recipient.at("hold"), what, "empty the cell to let the letter go, or write the reason"))
    return recipient, [
        problem._replace(recipient=recipient.id)
        for problem in (_first_of_each_cell(found) if len(found) > 1 else found)
    ]


def _first_of_each_cell(found: Sequence[Problem]) -> Iterator[Problem]:
    """Yield problems but for others of a cell that one refuses: a word for nothing is no ZIP code, besides."""
    refused: dict[str, Problem] = {}
    for problem in sorted(found, key=lambda problem: not problem.what.endswith(" is a word for nothing")):
        if problem.stops and problem.place.field:
            refused.setdefault(problem.place.field, problem)
    yield from (problem for problem in found if refused.get(problem.place.field, problem) is problem)


def _shifted(row: TableRow) -> str:
    """Return what stands in the wrong column of a row whose state and ZIP code have moved together; else empty."""
    names, values = list(row.cells), list(row.cells.values())
    at = names.index("state")
    for step in (-1, 1):
        moved = values[at + step : at + step + 2] if at + step >= 0 else []
        if names[at : at + 2] == ["state", "zip"] and len(moved) == 2 and values[at : at + 2] != moved:
            state, zip_code = moved
            if state in STATE_NAMES and ZIP_CODE.fullmatch(zip_code) and values[at] not in STATE_NAMES:
                return f'"{state}" stands under {names[at + step]}, "{zip_code}" under {names[at + step + 1]}'
    return ""


def _with_zero(row: TableRow, shown: str) -> tuple[dict[str, str], list[Problem]]:
    """Return the cells with the leading zero that a spreadsheet took from the ZIP, and a warning that says so.

    The zero is only added where the state has such ZIP codes.
    """
    zip_code = row.cells.get("zip", "")
    second_digits = _ZERO_STATES.get(row.cells.get("state", ""), "")
    if not (_LOST_ZERO.fullmatch(zip_code) and zip_code[0] in second_digits):
        return row.cells, []
    what = f'"{zip_code}" lost its leading zero; read as "0{zip_code}"'
    note = warning(Place(shown, row.line, field="zip"), what, "format the column as text in the spreadsheet")
    return {**row.cells, "zip": "0" + zip_code}, [note]


def _understood(
    cells: dict[str, str], row: TableRow, shown: str, offices: Collection[str]
) -> tuple[dict[str, str], list[Problem]]:
    """Return the cells with office and agreement as letters ask for them, and a warning where the list differs."""
    notes = []
    state = state_code(cells.get("state", ""))
    read = {
        "office": (office := understood_office(cells.get("office", ""), offices)),
        "title": understood_title(cells["title"], office),
        "agreement_287g": agreement_model(cells["agreement_287g"]),
        "state": state,
        "zip": _understood_zip(cells.get("zip", ""), state),
        # A spreadsheet writes dates in its own way when it saves the list.
        **{column: likely_date(cells[column]) for column in DATES if cells[column]},
    }
    for column, meant in read.items():
        said = cells.get(column, "")
        if meant and meant != said and not _NONE.fullmatch(said):
            hint = f"write {meant} to be spared this message"
            notes.append(warning(Place(shown, row.line, field=column), f'"{said}" is read as {meant}', hint))
    changed = {column: meant for column, meant in read.items() if meant}
    changed |= {column: cells[column].lower() for column in ON_REQUEST if cells[column].lower() in (_YES, "no")}
    if (none := _NONE.fullmatch(cells["agreement_287g"])) and none[1] and not cells["agreement_list"]:
        changed["agreement_list"] = none[1]
    return {**cells, **changed}, notes


def _understood_zip(said: str, state: str) -> str:
    """Return the ZIP code that a cell means: "MI 48933", "489331234", "48933.0"; empty where it may be another one."""
    if ZIP_CODE.fullmatch(said):
        return said
    # Digits of other scripts and other hyphens come with what was copied from a web page or a PDF.
    digits = "".join(str(unicodedata.digit(each)) if each.isdigit() else each for each in said)
    digits = re.sub(r"[\u2010-\u2015\u2212]", "-", digits)
    plain = re.sub(rf"^{state}[\s,.]*|\.0$|[\s-]+$" if state else r"\.0$|[\s-]+$", "", digits, flags=re.I)
    found = re.fullmatch(r"(\d{5})(?:\s?-?\s?(\d{4}))?", plain)
    return "-".join(filter(None, found.groups())) if found else ""


def agreement_model(said: str) -> str:
    """Return the model of agreement that a cell means: "Task Force Model" is task_force.

    Empty where it means none that is known, where it names two, and where it is open whether one is in force.
    """
    if _NONE.fullmatch(said):
        return NO_AGREEMENT
    named = agreement_models(said)
    return named[0] if len(named) == 1 else ""


def agreement_models(said: str) -> list[str]:
    """Return the models of agreement that a cell says are in force; none where it leaves that open."""
    return [] if _NOT_IN_FORCE.search(said) else [model for model, form in _MODELS.items() if form.search(said)]


def _id_problems(recipient: Recipient) -> Iterator[Problem]:
    if not recipient["id"]:
        hint = "every row needs an id of its own, such as berrien-county-sheriff"
        yield Problem(recipient.at("id"), "empty", hint)
    elif means_nothing(recipient.id):
        yield Problem(recipient.at("id"), f'"{recipient.id}" is a word for nothing', "give the row an id of its own")
    # CON.pdf cannot be made there, and the build would end at it.
    elif reserved_id(recipient.id):
        what = f'"{recipient.id}" cannot be an id: Windows keeps the name for a device'
        yield Problem(recipient.at("id"), what, "add a word, such as the kind of agency")
    elif not ID.fullmatch(recipient.id):
        hint = "the id names files: letters a to z, digits, - and _, at most 80"
        yield Problem(recipient.at("id"), f'"{recipient.id[:100]}" cannot be an id', hint)


def _cell_problems(recipient: Recipient, offices: Collection[str]) -> Iterator[Problem]:
    at = recipient.at
    for column in REQUIRED[1:]:
        if not recipient[column]:
            hint = "fill it in, or write a reason in the column hold to keep this letter back"
            yield Problem(at(column), "empty", hint)
    if recipient["office"] and recipient["office"] not in offices:
        what = f'no form of address is known for the office "{recipient["office"]}"'
        yield Problem(at("office"), what, did_you_mean(_NOT_A_WORD.sub("_", recipient["office"].lower()), offices))
    if recipient["state"] and recipient["state"] not in STATE_NAMES:
        what = f'"{recipient["state"]}" is not a postal state code'
        yield Problem(at("state"), what, "two capital letters, such as MI")
    if recipient["zip"] and not ZIP_CODE.fullmatch(recipient["zip"]):
        yield Problem(at("zip"), f'"{recipient["zip"]}" is not a ZIP code', _zip_hint(recipient["zip"]))
    if recipient["last_name"] and not recipient["first_name"]:
        yield Problem(at("first_name"), "empty, but there is a last name", "give both names or neither")
    if recipient["first_name"] and not recipient["last_name"]:
        yield Problem(at("last_name"), "empty, but there is a first name", "give both names or neither")
    for column in ON_REQUEST:
        if recipient[column] not in ("", _YES, "no"):
            yield Problem(at(column), f'"{recipient[column]}" is neither yes nor no', "write yes, or leave it empty")
    yield from _agreement_problems(recipient)


def _agreement_problems(recipient: Recipient) -> Iterator[Problem]:
    model, signed = recipient["agreement_287g"], recipient["agreement_signed"]
    if model and model not in (*AGREEMENTS, NO_AGREEMENT):
        hint = did_you_mean(model, (*AGREEMENTS, NO_AGREEMENT))
        if any(form.search(model) for form in _MODELS.values()):
            hint = f"write the one model that is in force, {', '.join(AGREEMENTS)}; or nothing where nobody knows"
        yield Problem(recipient.at("agreement_287g"), f'"{model}" is not a model of agreement', hint)
    if model == NO_AGREEMENT and not recipient["agreement_list"]:
        hint = "letters recipients join-287g looks it up in ICE's list, whose date it writes; or empty agreement_287g"
        yield Problem(recipient.at("agreement_list"), 'empty, but "none" is true by a list of some date only', hint)
    if signed and model == NO_AGREEMENT:
        yield Problem(recipient.at("agreement_signed"), f'"{signed}", but the agreement is none', "which is right?")
    if signed and not model:
        hint = f"one of {', '.join(AGREEMENTS)}"
        yield Problem(recipient.at("agreement_287g"), "empty, but the agreement has a date", hint)
    for column in DATES:
        if (said := recipient[column]) and likely_date(said) != said:
            yield Problem(recipient.at(column), f'"{said}" is not a date', "write year-month-day, such as 2025-03-19")


def _zip_hint(zip_code: str) -> str:
    for letter, digit in (("O", "0"), ("o", "0"), ("l", "1"), ("I", "1")):
        if letter in zip_code:
            nth = ("first", "second", "third", "fourth", "fifth", *["later"] * 20)[zip_code.index(letter)]
            return f"the {nth} character is the letter {letter}, not the digit {digit}"
    return "five digits, or nine as 48226-1234"


def _repeated(recipients: list[Recipient]) -> Iterator[Problem]:
    """Yield problems for ids used twice, which stop both letters, and for officials who would get two letters."""
    by_id: dict[str, Recipient] = {}
    by_official: dict[tuple[str, ...], Recipient] = {}
    for recipient in recipients:
        # Windows and macOS take ALMA.pdf and alma.pdf for one file.
        first = by_id.setdefault(recipient.id.lower(), recipient)
        if first is not recipient and recipient.id:
            yield _repeated_id(first, recipient)
            yield _repeated_id(recipient, first)
        if recipient.hold or not recipient["agency"]:
            continue
        columns = ("office", "title", "first_name", "last_name", "agency", "city", "zip")
        who = tuple(recipient[column].casefold() for column in columns)
        twin = by_official.setdefault(who, recipient)
        if twin is not recipient and twin.id != recipient.id:
            what = f"the same official as line {twin.place.line}, who would get two letters"
            hint = "remove one row, or write a reason in its column hold"
            yield Problem(recipient.place, what, hint, recipient=recipient.id)


def _repeated_id(recipient: Recipient, other: Recipient) -> Problem:
    what = f'"{recipient.id}" is also the id of line {other.place.line}'
    hint = "give each row an id of its own, capitals apart; until then neither letter is made"
    return Problem(recipient.at("id"), what, hint, recipient=recipient.id)


def held_notes(recipients: list[Recipient]) -> list[Problem]:
    """Return a note for each row that is held back on purpose."""
    return [
        Problem(r.at("hold"), f"{r.id} is kept back: {r.hold}", severity=Severity.NOTE) for r in recipients if r.hold
    ]


def imported_headings(folder: Path) -> dict[str, str]:
    """Return an expression for each heading of the lists that were imported into a campaign, the last one's first.

    Nothing for an index that cannot be read: the next import tells of that.
    """
    found: dict[str, str] = {}
    # A Word letter is written for the columns of its own office: «Mailing_address», a whole address there, was filled
    # with the street alone.
    for heading, target in _imported_columns(folder / HISTORY / INDEX):
        if target and target not in _WITHOUT_FIELD:
            found.setdefault(heading, _PRINTED_FOR.get(target, f"recipient.{target}"))
    return found


def _imported_columns(index: Path) -> Iterator[tuple[str, str]]:
    try:
        records = json.loads(index.read_text("utf-8"))
        for record in reversed(records):
            if not record.get("undone"):
                for heading, target in record.get("columns", ()):
                    yield str(heading), str(target)
    except (OSError, ValueError, TypeError, AttributeError):
        return
