"""Makes rows of the list of the rows of a file: each cell cleaned, split and completed, each repair recorded.

Rows of which the list itself says that no letter should go out ("do not send", "retired", a tick) are held."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from letters.read import zips
from letters.read.recipients import DATES, ID, NO_AGREEMENT, REACH, agreement_model, agreement_models
from letters.read.sense import likely_date, means_nothing, repaired_text, reserved_id
from letters.read.text import tidied_cell
from letters.read.zips import state_code
from letters.recipients.addresses import one_line
from letters.recipients.agencies import cased, make_id, numbered, slug
from letters.recipients.headings import (
    FULL_NAME,
    FURTHER,
    IGNORED,
    LAST_LINE,
    LONGEST_VALUE,
    ONE_LINE,
    Proposal,
    folded,
    named_by,
)
from letters.recipients.history import COLUMNS, NOTHING, Accepts, ListRow, Repair, Sureness
from letters.recipients.labels import SourceRow
from letters.recipients.names import on_one_line
from letters.recipients.row_address import settle_address
from letters.recipients.row_person import settle_holder
from letters.recipients.source import ListSource

_NOT_SENT = "the list says that nothing is to be sent"
YES = frozenset(("yes", "y", "x", "true", "1", "✓", "✔", "☑", "ja", "hold", "held"))
"""What ticks a box of a list."""
_NO = frozenset(("no", "n", "false", "0", "☐", "send", "ok", "ok to send"))
_SENDING = re.compile(r"(?:to_?)?(?:send|include|mail_this|send_letter|include_in_mailing|letter|mail_letter)(?:_y_n)?")
"""Names of columns in which "no" says that nothing is sent."""
# "Do not send" in a column of remarks went out. Verbs that may be innocent count only at the beginning of a remark.
_SEND_NOTHING = re.compile(
    r"\b(?:do not|don['’]?t|never|not to|must not|should not|cannot|can['’]?t)\s+(?:be\s+)?"
    r"(?:send|sent|mail|mailed|contact|contacted|write|include|included|post|use)\b"
    r"|\b(?:dnc|dns)\b|\bno (?:letter|mailing|contact)\b"
    r"|^\W*inactive\W*$|^\W*(?:on hold|opt(?:ed)? out|unsubscribed?|duplicate|dup)\b"
    r"|^\W*(?:remove|delete|exclude|skip|omit|suppress|hold)(?:\W*$|\W+(?:this|these|him|her|it|them|row|letter|from|until|"
    r"off|back|for|per|till|because|-)(?:\W|$))",
    re.IGNORECASE,
)
_NO_LONGER_TRUE = re.compile(
    r"\b(?:deceased|died|passed away|retire[sd]|retiring|resign(?:s|ed)|no longer|left office|replaced by|"
    r"stepped down|fired|terminated|on leave|suspended|lost (?:re-?)?election|undeliverable|returned mail|"
    r"return(?:ed)? to sender|(?:bad|wrong|old|outdated) (?:address|name|chief|sheriff|title)|"
    r"(?:was|been|is) (?:disbanded|dissolved|closed)|new (?:chief|sheriff|address))\b"
    r"|^\W*(?:[A-Z]{1,3}\d+: )?(?:closed|disbanded|dissolved)\b",
    re.IGNORECASE,
)
"""What tells that a name or an address of the row is out of date."""
_LONGEST = 80
"""Characters of a remark that are repeated."""
OTHER_ADDRESS = "there is no mailing address: the other one of the row is taken"
_ADDRESS = ("address1", "address2", ONE_LINE, LAST_LINE, "city", "state", "zip")
_MAKES: Mapping[str, Sequence[str]] = {
    FULL_NAME: ("first_name", "last_name", "suffix", "title"),
    "last_name": ("suffix",),
    "address1": ("address2",),
    ONE_LINE: ("address1", "address2", "city", "state", "zip"),
    LAST_LINE: ("city", "state", "zip"),
}
"""Columns that are made of one of the file: where it says nothing, they are empty, so that an update empties them."""
_MARKED = re.compile(r"'(?:[0-9(+]|[A-Z][^']*$)")
"""An apostrophe by which a spreadsheet is told that what follows is text; "'t Hooft" is a name."""
_FORMULA_OF_TEXT = re.compile(r'="([^"]*)"')
_DATE = re.compile(r"\b(?:\d{4}-\d\d-\d\d|\d{1,2}/\d{1,2}/\d{2,4})\b")


def settle_holds(row: ListRow) -> None:
    """Hold a row back where a tick or a remark in it says so, and let it go where its column of holds says "no"."""
    said = row.cells.get("hold", "")
    if said.casefold().strip(" .!") in _NO:
        row.put("hold", "", said, "“no” in the column of those who get nothing lets the letter go")
    elif said.casefold().strip(" .!") in YES:
        row.put("hold", _NOT_SENT, said, "a tick in the column of those who get nothing holds the letter back")
    for name, value in row.cells.items():
        if not value or name in COLUMNS or name in FURTHER:
            continue
        bare = value.casefold().strip(" .!")
        not_sent = _SENDING.fullmatch(name) and bare in _NO - {"send", "ok"}
        ticked = bare in YES and _is_against(name.replace("_", " "))
        if not_sent or ticked or _is_against(value):
            shown = value if len(value) <= _LONGEST else f"{value[:_LONGEST]}…"
            row.doubts.append((name, f'the column {name} says "{shown}"'))


def _is_against(text: str) -> bool:
    """Return whether a remark, or the name of a column that is ticked, says that no letter should go out as it is."""
    return bool(_SEND_NOTHING.search(text) or _NO_LONGER_TRUE.search(text))


def make_rows(
    source: ListSource, proposals: Sequence[Proposal], offices: Collection[str], accepts: Accepts
) -> list[ListRow]:
    """Return the rows of a file as rows of the list; exact repetitions of a row are left out."""
    names, others = _column_names(proposals), _other_address(proposals)
    state, office_told = _only_state(source, proposals), _office_told(source, proposals)
    unlike: dict[tuple[str, ...], SourceRow] = {}
    for each in source.rows:
        unlike.setdefault(tuple(cell.casefold() for cell in each.cells), each)
    made = [_row(each, names, others, offices, accepts, state, office_told) for each in unlike.values()]
    _give_ids(made)
    return made


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
        taken = {*names.values(), *COLUMNS, *FURTHER}
        names[proposal.number] = numbered(name, taken, joint="_") if name in taken else name
    return names


def _other_address(proposals: Sequence[Proposal]) -> dict[int, str]:
    """Return the columns of a second address, such as the physical one beside the mailing one, by their numbers."""
    found: dict[int, str] = {}
    for proposal in proposals:
        meant = "" if proposal.target else named_by(proposal.heading)
        if meant in _ADDRESS and meant not in found.values():
            found[proposal.number] = meant
    return found if "address1" in found.values() else {}


def _take_other_address(row: ListRow, other: Mapping[str, str], accepts: Accepts) -> None:
    """Take the second address of a row that says nothing of the first."""
    if any(row.cells.get(column) for column in _ADDRESS) or not other.get("address1") or not accepts(OTHER_ADDRESS):
        return
    for column, raw in other.items():
        _clean(row, column, raw)
        if row.cells[column]:
            row.put(column, row.cells[column], "", OTHER_ADDRESS, Sureness.LIKELY)


def _office_told(source: ListSource, proposals: Sequence[Proposal]) -> str:
    """Return which office the column of names tells by its heading, else the sheet or the file by its name.

    It is "sheriff", "chief", "both" for a column that holds both, or nothing: "Sheriffs 2025.xlsx" lists sheriffs.
    """
    headings = [each.heading for each in proposals if each.target in (FULL_NAME, "last_name", "first_name")]
    for names in (headings, [source.sheet], [Path(source.name).stem]):
        words = {word.removesuffix("s") for name in names for word in folded(name).split()}
        if said := words & {"sheriff", "chief"}:
            return said.pop() if len(said) == 1 else "both"
    return ""


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
    others: Mapping[int, str],
    offices: Collection[str],
    accepts: Accepts,
    state: str,
    office_told: str,
) -> ListRow:
    row = ListRow(source.line, {})
    for number, name in names.items():
        _clean(row, name, source.cells[number])
    _take_other_address(row, {column: source.cells[number] for number, column in others.items()}, accepts)
    shifted = _shifted(row.cells)
    # The address comes first: the agency may stand before its street, and its state tells spellings and counties.
    settle_address(row, state, accepts)
    _plain(row, "county")
    settle_holder(row, offices, office_told, accepts)
    _agreement(row)
    _plain(row, "phone")
    _plain(row, "email")
    settle_holds(row)
    if shifted:
        row.doubts = [("state", shifted)]  # all else that is doubtful of the row follows from it
    for column in (made for name in names.values() for made in _MAKES.get(name, ())):
        row.cells.setdefault(column, "")
    return row


def _shifted(cells: Mapping[str, str]) -> str:
    """Return what stands in the wrong column of a row whose cells have moved to the left or the right; else empty."""
    state = cells.get("state", "")
    if state and not state_code(state):
        for column in ("city", "zip"):
            if state_code(cells.get(column, "")):
                what = f'"{cells[column]}" stands under {column}, "{state}" under state'
                return f"the cells are shifted: {what}; is a comma in a cell without quotation marks?"
    return ""


def _clean(row: ListRow, name: str, raw: str) -> None:
    """Take a cell over without invisible characters, wrong letters and words for nothing."""
    if not raw:
        row.cells[name] = ""
        return
    if len(raw) > LONGEST_VALUE and name in {*COLUMNS, *FURTHER} - {"hold"}:
        row.cells |= {name: "", f"{name}_as_given": " ".join(raw.split())}
        row.doubts.append((name, f"a text of {len(raw):,} characters; is that the right column?"))
        return
    # Half of a letter that was read in the wrong encoding may be an invisible character: it is put right first.
    if (meant := repaired_text(raw)) != raw:
        row.repairs.append(Repair(row.line, name, raw, meant, "letters that were read in the wrong encoding"))
    if name in (ONE_LINE, LAST_LINE, "address1"):
        meant = one_line(meant)
    if name == FULL_NAME and "\n" in meant:
        meant = on_one_line(meant)
    tidy = tidied_cell(meant)
    if tidy != meant and tidy != " ".join(meant.split()):
        row.repairs.append(Repair(row.line, name, meant, tidy, "invisible characters are left out"))
    if _MARKED.match(tidy):
        row.repairs.append(Repair(row.line, name, tidy, tidy[1:], "the apostrophe that marks a cell as text"))
        tidy = tidy[1:]
    elif found := _FORMULA_OF_TEXT.fullmatch(tidy):
        row.repairs.append(Repair(row.line, name, tidy, found[1], "the formula that keeps a number as text"))
        tidy = found[1]
    if means_nothing(tidy) and name not in ("hold", "agreement_287g", "state", "last_name"):
        row.repairs.append(Repair(row.line, name, tidy, "", NOTHING))
        tidy = ""
    row.cells[name] = tidy


def _agreement(row: ListRow) -> None:
    """Write the model of an agreement and its date as letters ask for them."""
    said = row.cells.get("agreement_287g", "")
    if not said:
        ticked = [name for name, cell in row.cells.items() if cell.casefold() in YES and name not in COLUMNS]
        ticks = {model for name in ticked if (model := agreement_model(name.replace("_", " ")))} - {NO_AGREEMENT}
        if len(ticks) == 1:
            row.put("agreement_287g", ticks.pop(), "", "the column of its model is ticked")
    if len(models := agreement_models(said)) > 1:
        row.put("agreement_287g", min(models, key=REACH.index), said, "of several agreements the furthest counts")
        row.cells["agreements"] = "; ".join(models)
    elif said and means_nothing(said) and said.casefold() != NO_AGREEMENT:
        row.put("agreement_287g", "", said, "an agreement that nobody knows of is left empty")
    elif said and (model := agreement_model(said)) and model != NO_AGREEMENT:
        row.put("agreement_287g", model, said, "the model of an agreement has one spelling")
        signed = _DATE.search(said)
        if signed and not row.cells.get("agreement_signed"):
            row.put("agreement_signed", signed[0], said, "the date is taken from beside the model of the agreement")
    for column in DATES:
        said = row.cells.get(column, "")
        if said and (date := likely_date(said)):
            row.put(column, date, said, "dates are written as year-month-day")


def _plain(row: ListRow, column: str) -> None:
    value = row.cells.get(column, "")
    if column == "phone" and (digits := re.fullmatch(r"\+?1?(\d{10})", re.sub(r"[^\d+]", "", value))):
        number = digits[1]
        row.put("phone", f"{number[:3]}-{number[3:6]}-{number[6:]}", value, "telephone numbers have one form")
    elif column == "county" and value.isdecimal():
        row.put("county", "", value, "a number is no county; it is kept in the column county_code")
        row.cells["county_code"] = value
    elif column == "county" and value:
        bare = re.sub(r"\s+(?:County|Parish|Co\.?|Cnty\.?|Cty\.?)$|^County of\s+", "", value, flags=re.IGNORECASE)
        written = cased(bare, row.cells.get("state", "")) if bare.isupper() else bare
        row.put("county", written, value, "counties are written without the word")
    elif column == "email" and value:
        named = re.fullmatch(r"[^<>]*<\s*([^<>\s]+@[^<>\s]+)\s*>", value)
        alone = named[1] if named else re.sub(r"^mailto:", "", value, flags=re.IGNORECASE)
        row.put("email", alone, value, "e-mail addresses stand alone")


def _give_ids(rows: Sequence[ListRow]) -> None:
    taken: set[str] = set()
    # First those of the file, so that no id that is made takes one of them.
    for row in rows:
        if said := row.cells.get("id"):
            _settle_id(row, said, taken)
    for row in rows:
        if not row.cells.get("id"):
            agency, office, county, city = (row.cells.get(name, "") for name in ("agency", "office", "county", "city"))
            made = make_id(agency, office, county, city, taken)
            taken.add(made)
            row.put("id", made, "", "each row has an id of its own, made of the agency’s name")


def _settle_id(row: ListRow, said: str, taken: set[str]) -> None:
    """Take the id of the file where it can name files and no row has it yet; else one is made."""
    meant = said if ID.fullmatch(said) else slug(said)[:80].strip("-")
    if not meant or reserved_id(meant) or means_nothing(meant) or meant.casefold() in taken:
        row.put("id", "", said, "an id that cannot name files, or that another row has, is made anew")
        return
    row.put("id", meant, said, "an id names files: letters a to z, digits, - and _")
    taken.add(meant.casefold())
