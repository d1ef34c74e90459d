"""Checks a list by itself, finds officials who may stand in it twice, and writes it as a workbook to be mended."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from rapidfuzz import fuzz
from rapidfuzz.distance import JaroWinkler

from letters.formats.files import harmless, write_whole
from letters.model.problems import Place, Problem, in_order, warning
from letters.model.records import Recipient
from letters.read.recipients import held_notes, read_recipients
from letters.read.zips import fold
from letters.recipients.headings import MISSING, RELEASE, SOUGHT
from letters.recipients.history import FILE, Decisions, Rows, read_decisions
from letters.recipients.matching import agency_words, marks
from letters.recipients.source import BASE_SHEET

_NEAR, _NEAR_AT_ONE_STREET = 90, 0.9
_MOST = 400
"""Rows of one place that are compared with each other; a city with more has other worries."""
_COLUMNS = ("agency", "title", "first_name", "last_name", "address1", "address2", "city", "state", "zip", "county")
"""What of two rows is shown side by side."""
_MARKED = "FFF2CC"
_WHERE_TO_LOOK = {
    "zip": "the agency's own site; the post office's ZIP code look-up, by street",
    "address1": "the agency's own site, the county's directory",
    "city": "the agency's own site",
    "agency": "the agency's own site, the state's list of agencies",
    "last_name": "the agency's own site, the association of sheriffs or chiefs",
    "jurisdiction": "the charter or the site of the municipality",
}


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
        key = double_key(one.id, other.id)
        if key not in decisions.answers:
            there = f'"{one["agency"]}" of line {one.place.line}'
            what = f"almost {there} ({pair.alike:.0f} % alike): would one official get two letters?"
            hint = f'remove or hold one; where they are two, write "{key}" = false under [answers] in {FILE}'
            yield warning(other.place._replace(field="agency"), what, hint)._replace(recipient=other.id)


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
    if (score := fuzz.token_sort_ratio(one, other, score_cutoff=_NEAR)) and _one_place(first, second):
        return score
    # A typo in a short name is much of it: the same street makes up for that.
    if first["address1"] and fold(first["address1"]) == fold(second["address1"]):
        close = JaroWinkler.similarity(one, other)
        return 100 * close if close >= _NEAR_AT_ONE_STREET else 0
    return 0


def _one_place(first: Recipient, second: Recipient) -> bool:
    return first["zip"][:5] == second["zip"][:5] or fold(first["city"]) == fold(second["city"])


def write_worksheet(
    path: Path, recipients: Sequence[Recipient], problems: Sequence[Problem], *, only_held: bool
) -> int:
    """Write the rows as a workbook: doubtful cells coloured, with a comment; return the number of rows.

    A hidden sheet keeps the rows as they were, by which an import knows what was changed in the workbook.
    """
    from openpyxl import Workbook

    rows = [recipient for recipient in recipients if recipient.hold or not only_held]
    columns = list(dict.fromkeys(name for recipient in rows for name in recipient.columns))
    book = Workbook()
    sheet, base = book.active, book.create_sheet(BASE_SHEET)
    assert sheet is not None
    sheet.title = "held rows" if only_held else "list"
    further = [MISSING, SOUGHT, RELEASE] if only_held else []
    sheet.append([*columns, *further])
    base.append(columns)
    base.sheet_state = "hidden"
    for recipient in rows:
        cells = [harmless(recipient[name]) for name in columns]
        sheet.append([*cells, *(_to_do(recipient) if only_held else ())])
        base.append(cells)
    _mark(sheet, rows, columns, problems)
    out = BytesIO()
    book.save(out)
    write_whole(path, out.getvalue())
    return len(rows)


def _to_do(recipient: Recipient) -> list[str]:
    """Return what is missing in a held row, where one would look, and an empty cell to release it in."""
    needed = ("agency", "address1", "city", "zip")
    missing = [name for name in needed if not recipient[name]] or [
        name for name in needed if name in recipient.hold.lower()
    ]
    sought = "; ".join(dict.fromkeys(_WHERE_TO_LOOK[name] for name in missing)) or "the agency's own site"
    return [", ".join(missing) or recipient.hold, sought, ""]


def _mark(sheet: object, rows: Sequence[Recipient], columns: Sequence[str], problems: Sequence[Problem]) -> None:
    from openpyxl.comments import Comment
    from openpyxl.styles import Font, PatternFill
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.worksheet import Worksheet

    assert isinstance(sheet, Worksheet)
    fill = PatternFill("solid", fgColor=_MARKED)
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    sheet.freeze_panes = "B2"
    for column in sheet.columns:
        letter = get_column_letter(column[0].column or 1)
        sheet.column_dimensions[letter].width = min(
            45, max(9, *(len(str(cell.value or "")) + 2 for cell in column[:200]))
        )
        for cell in column:
            cell.number_format = "@"  # text, so that no ZIP code loses its zero
    lines = {recipient.place.line: number for number, recipient in enumerate(rows, start=2)}
    said: defaultdict[tuple[int, int], list[str]] = defaultdict(list)
    for problem in problems:
        name = problem.place.field if problem.place.field in columns else columns[0]
        if problem.place.line in lines:
            said[lines[problem.place.line], columns.index(name) + 1].append(f"{problem.what}\n{problem.hint}".strip())
    for (row, number), texts in said.items():
        cell = sheet.cell(row, number)
        cell.fill = fill
        cell.comment = Comment("\n\n".join(texts), "letters check")
