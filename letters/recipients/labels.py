"""Parts cells that hold several lines: address labels, one for each recipient, and columns such as "Contact"."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from letters.read.people import is_title
from letters.recipients.addresses import AGENCY_WORDS, split_last_line, split_one_line
from letters.recipients.headings import FULL_NAME, LAST_LINE, LOOKS

# Somebody or an agency, a street and a last line, at least.
_FEWEST_LINES, _MOST_LINES = 3, 7
"""Lines of an address label."""
_MOST_ARE = 0.8
_SAMPLE = 50
"""Rows of a table that are looked at for labels."""
_FEW_CELLS = 3
"""Cells of a row that is one line of a label: "100 Main Street, Suite 4, Rear"."""
_OFTEN = 0.6
"""The share of the filled cells of a column that have several lines, or a kind of line."""
LABEL = (FULL_NAME, "agency", "county", "address1", "address2", LAST_LINE, "phone", "email")
"""The columns of a label."""
_CONTACT = re.compile(
    r"(?:\+?1[\s.-]*)?\(?\b\d{3}\)?[\s./-]*\d{3}[\s.-]*\d{4}\b(?:\s*(?:x|ext\.?)\s*\d+)?|[^@\s,;<>:]+@[^@\s,;<>]+\.[A-Za-z]{2,}|"
    r"(?:https?://|www\.)\S+",
    re.IGNORECASE,
)
_AROUND_CONTACT = re.compile(
    r"\b(?:(?:tele)?phone|tel|fax|facsimile|e-?mail|web|site|website|office|main|cell|mobile|business|non|emergency|"
    r"dispatch|toll|free|direct|number|no|p|t|f|e|o|c|w|ph|fx|and|or)\b",
    re.IGNORECASE,
)
"""A telephone, an e-mail address or a website, and the words that stand around them on a line of their own."""
_LONGEST_CONTACT = 300
"""Characters of a line of telephones and addresses; one of e-mail has 254 at the most (RFC 5321, 4.5.3.1.3)."""
_STREET_START = re.compile(r"\d|[NSEW]\d|P\.?\s*O\b|One\s|Post Office", re.IGNORECASE)


class SourceRow(NamedTuple):
    """One row of the file with its line, cells as text."""

    line: int
    cells: tuple[str, ...]


class Labels(NamedTuple):
    """Labels as rows with the columns of LABEL, and the lines of those without an address."""

    rows: list[SourceRow]
    left: list[int]


def address_labels(rows: Sequence[SourceRow]) -> Labels | None:
    """Return address labels, each in one cell with line breaks, or on lines of its own; None for another table.

    A sheet of labels may have them in several columns side by side.
    """
    if across := _labels_across(rows):
        return across
    if sum(sum(map(bool, row.cells)) <= _FEW_CELLS for row in rows) < _MOST_ARE * len(rows):
        return None
    count = max((len(row.cells) for row in rows), default=0)
    columns = [[(row.line, row.cells[n]) for row in rows if n < len(row.cells) and row.cells[n]] for n in range(count)]
    each: list[Labels] = []
    for column in filter(None, columns):
        if (labels := _labels_of(column)) is None:
            each = []
            break  # a long table is told by its first column
        each.append(labels)
    if each:
        labelled = sorted((row for labels in each for row in labels.rows), key=lambda row: row.line)
        return Labels(_with_lines_of_their_own(labelled), sorted(line for labels in each for line in labels.left))
    if any(sum(map(_is_last_line, row.cells)) > 1 for row in rows):
        return None
    # A text file of labels is cut at the comma of "Alma, MI 48801" when it is read as a table.
    return _labels_of([(row.line, ", ".join(filter(None, row.cells))) for row in rows], of_rows=True)


def _labels_across(rows: Sequence[SourceRow]) -> Labels | None:
    """Return labels whose lines are the cells of a row, of which some have a line more than others; None for a table.

    What ends them all in one column is a table, whose headings tell more.
    """
    labels = []
    columns: set[int] = set()
    for number, row in enumerate(rows):
        if number == _SAMPLE and len(columns) < 2:
            return None  # a long table is told by its first rows
        filled = [n for n, cell in enumerate(row.cells) if cell and not _is_contact(cell)]
        cells = [cell for cell in row.cells if cell]
        if len(cells) > 1 and not _is_last_line(row.cells[filled[-1]] if filled else ""):
            cells[-2:] = [f"{cells[-2]}, {cells[-1]}"]  # cut at the comma of "Alma, MI 48801"
        if label := _label(cells):
            labels.append(SourceRow(row.line, label))
            columns.add(filled[-1])
    if len(columns) < 2 or len(labels) < max(2, _MOST_ARE * (len(rows) - 1)):
        return None
    good = {label.line for label in labels}
    return Labels(labels, [row.line for row in rows if row.line not in good])


def _with_lines_of_their_own(rows: Sequence[SourceRow]) -> list[SourceRow]:
    """Return rows with the next free line where one stands beside another: a row is known by its line."""
    made: list[SourceRow] = []
    for row in rows:
        made.append(row._replace(line=max(row.line, made[-1].line + 1 if made else 0)))
    return made


def _labels_of(lines: Sequence[tuple[int, str]], *, of_rows: bool = False) -> Labels | None:
    """Return the labels of the cells of one column, which have their lines; None where most of it is something else.

    The cells of a row, joined, are no label on one line: agency, holder and whole address are a table of three columns.
    """
    in_cells = [(line, cell.splitlines() if "\n" in cell else [] if of_rows else _in_one(cell)) for line, cell in lines]
    in_cells = [(line, block) for line, block in in_cells if block]
    stacked = (_stacked(lines, gaps=gaps) for gaps in (True, False))
    for blocks in (in_cells,) if 2 * len(in_cells) >= len(lines) else stacked:
        labels = [(line, _label(block)) for line, block in blocks]
        good = [SourceRow(line, cells) for line, cells in labels if cells]
        # Fewer lines than a label has are a title, or a remark.
        long = sum(len(block) >= _FEWEST_LINES for _, block in blocks)
        if len(good) >= max(2, _MOST_ARE * long, len(blocks) / 2):
            return Labels(good, [line for line, cells in labels if not cells])
    return None


def _in_one(cell: str) -> list[str]:
    """Return the lines of a label on one line, with commas; none where nobody is named before its street."""
    whole = split_one_line(cell)
    if whole is None or not whole.before or not whole.last.sure:
        return []
    last = f"{whole.last.city}, {whole.last.state} {whole.last.zip}".strip()
    return [*filter(None, (*re.split(r"\s*,\s*", whole.before), whole.street, whole.unit)), last]


def parted_cells(
    headings: tuple[str, ...], rows: list[SourceRow]
) -> tuple[tuple[str, ...], list[SourceRow], list[str]]:
    """Part columns whose cells hold lines of several kinds, such as an agency and its address, a name and a telephone.

    Return headings and rows with the parts as further columns, and what was told. What is not understood stays.
    """
    remarks = []
    for number, heading in enumerate(headings):
        cells = [row.cells[number] for row in rows]
        filled = sum(map(bool, cells))
        if sum("\n" in cell for cell in cells) < max(2, _OFTEN * filled):
            continue
        parted = [_parts(cell) for cell in cells]
        counted = Counter(name for parts, _ in parted for name in parts)
        found = [name for name in LABEL if counted[name] and name not in headings]
        kinds = {name for name in found if counted[name] >= _OFTEN * filled}
        if len(kinds) < 2 or not kinds - {"address1", "address2", LAST_LINE}:
            continue  # an address on two lines is split as any other
        rows = [
            SourceRow(
                row.line,
                (*row.cells[:number], rest, *row.cells[number + 1 :], *(parts.get(name, "") for name in found)),
            )
            for row, (parts, rest) in zip(rows, parted, strict=True)
        ]
        left = heading if any(rest for _, rest in parted) else ""
        headings = (*headings[:number], left, *headings[number + 1 :], *found)
        named = f'"{heading}"' if heading else f"{number + 1}"
        remarks.append(f"the lines of the cells of column {named} are told apart: {', '.join(found)}")
    return headings, rows, remarks


def _parts(cell: str) -> tuple[Mapping[str, str], str]:
    """Return the lines of a cell by what they are, and those that are nothing known, joined by commas."""
    parts: dict[str, str] = {}
    above: list[str] = []
    rest: list[str] = []
    lines, contact = _without_contact([line.strip(" ,\t") for line in cell.splitlines()])
    parts |= {name: value for name, value in contact.items() if value}
    for line in lines:
        if _is_last_line(line) and LAST_LINE not in parts:
            parts[LAST_LINE] = line
        else:
            above.append(line)
    if LAST_LINE in parts and (label := _label([*above, parts[LAST_LINE]])):
        parts = {name: value for name, value in zip(LABEL, label, strict=True) if value} | parts
        return parts, ""
    for line in above:
        if kind := next((name for name in (FULL_NAME, "agency") if name not in parts and LOOKS[name](line)), ""):
            parts[kind] = line
        else:
            rest.append(line)
    return parts, ", ".join(rest)


def label_lines(rows: Sequence[Sequence[str]]) -> int:
    """Return the number of cells that are, or that end, an address label."""
    cells = [cell for row in rows for cell in row if cell]
    return sum(_is_last_line(cell.splitlines()[-1]) for cell in cells if cell.strip())


def _stacked(lines: Sequence[tuple[int, str]], *, gaps: bool) -> list[tuple[int, list[str]]]:
    """Return the blocks of lines that end in the last line of an address, or, with `gaps`, before an empty line."""
    blocks: list[tuple[int, list[str]]] = []
    block: list[str] = []
    first = before = 0
    for line, text in lines:
        if block and gaps and line != before + 1:
            blocks.append((first, block))
            block = []
        first, before = first if block else line, line
        if not block and blocks and _is_contact(text):
            blocks[-1][1].append(text)  # below the last line of its address
            continue
        block.append(text)
        if _is_last_line(text) or len(block) > _MOST_LINES:
            blocks.append((first, block))
            block = []
    return [*blocks, (first, block)] if block else blocks


def _is_last_line(text: str) -> bool:
    found = split_last_line(text)
    return found is not None and bool(found.zip)


def _is_contact(line: str) -> bool:
    """Return whether a line holds telephones, e-mail addresses or websites, and nothing else."""
    # Each character of a longer one would be looked at again from each before it, for an address that has no end.
    found = len(line) <= _LONGEST_CONTACT and _CONTACT.search(line) is not None
    return found and not re.search(r"[^\W_]", _AROUND_CONTACT.sub("", _CONTACT.sub("", line)))


def _without_contact(lines: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """Return lines without those that tell a telephone or an e-mail address, and the first of each; no fax."""
    contact = {"phone": "", "email": ""}
    kept = []
    for line in lines:
        if not _is_contact(line):
            kept += [line] if line else []
            continue
        for found in _CONTACT.finditer(line):
            # A website has points and no digit in front; a telephone may have points between its digits.
            kind = "email" if "@" in found[0] else "" if "." in found[0] and not found[0][0].isdigit() else "phone"
            is_fax = re.search(r"\b(?:fax|facsimile|fx|f)\b[\s.:]*$", line[: found.start()], re.IGNORECASE)
            is_web = re.match(r"(?:https?:|www\.)", found[0], re.IGNORECASE)
            if kind and not (is_fax or is_web or contact[kind]):
                contact[kind] = found[0]
    return kept, contact


def _label(lines: Sequence[str]) -> tuple[str, ...] | None:
    """Return person, agency, county, street, second line, last line, telephone and e-mail of a label; else None."""
    lines, contact = _without_contact([line.strip(" ,") for line in lines])
    if not _FEWEST_LINES <= len(lines) <= _MOST_LINES or not _is_last_line(lines[-1]):
        return None
    above = lines[:-1]
    # "751 Public Safety Drive" is a street, though its words are those of an agency.
    streets = [
        n
        for n, line in enumerate(above)
        if LOOKS["address1"](line) and (_STREET_START.match(line) or not AGENCY_WORDS.search(line))
    ]
    # "Anne St. John" is like a street without a number: one with a number or a box comes first.
    streets.sort(key=lambda n: not _STREET_START.match(above[n]))
    if not streets:
        return None
    street, *further = above[streets[0] :]
    person, agency, county = "", "", ""
    for line in above[: streets[0]]:
        if re.fullmatch(r"[^,]+ (?:County|Parish)", line, re.IGNORECASE) and LOOKS["county"](line):
            county = line
        elif LOOKS["agency"](line) and not (person == "" and LOOKS["full_name"](line)) and not is_title(line):
            agency = f"{agency}, {line}" if agency else line
        else:
            person = f"{person}, {line}" if person else line
    return person, agency, county, street, ", ".join(further), lines[-1], contact["phone"], contact["email"]
