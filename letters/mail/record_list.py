"""Reads which pieces a list names: the manifest without the rows that were not posted, or a list of what came back."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import NamedTuple

from letters.model.problems import CannotGoOn, Exit, Place, Problem, did_you_mean

_NUMBER = re.compile(r"number|no\.?|piece|#", re.IGNORECASE)
_REASON = re.compile(r"reason|why|remark|note|comment", re.IGNORECASE)


class RecordList(NamedTuple):
    """A file that names pieces, as it was read: its name, and its rows with their lines, headings too."""

    name: str
    rows: Sequence[tuple[int, Sequence[str]]]


class NamedPiece(NamedTuple):
    """A piece that a row of a list names, and why it came back, where the list says so."""

    place: Place
    word: str
    reason: str


def named_pieces(listed: RecordList, known: Collection[str]) -> list[NamedPiece]:
    """Return the pieces that a list names, in one of its columns, by number or id.

    `known` are the numbers and ids that there are. A column headed "reason" says why a piece came back. Raises
    CannotGoOn with each row that names no piece.
    """
    rows = [(line, [cell.strip() for cell in cells]) for line, cells in listed.rows]
    column = _column([cells for _, cells in rows], known)
    if column is None:
        raise CannotGoOn(Exit.PROBLEMS, f'"{listed.name}" names no piece', "one column holds its number, or its id")
    # What stands above the first piece are titles and headings.
    first = next(at for at, (_, cells) in enumerate(rows) if _word(cells, column, known))
    reasons = _reasons([cells for _, cells in rows[:first]])
    are_numbers = any(_NUMBER.fullmatch(cells[column]) for _, cells in rows[:first] if column < len(cells))
    found, problems = [], []
    for line, cells in rows[first:]:
        word = _word(cells, column, known)
        if word:
            why = cells[reasons] if reasons is not None and reasons < len(cells) else ""
            # A number that begins with 0 is never taken for the id of another piece.
            is_number = word.isdecimal() and (are_numbers or word != cells[column])
            found.append(NamedPiece(Place(listed.name, line), f"0{word}" if is_number else word, why))
        elif any(cells):
            said = cells[column] if column < len(cells) else ""
            hint = did_you_mean(said, known) or "correct the row, or take it out"
            problems.append(Problem(Place(listed.name, line), f'"{said}" is the number or id of no such piece', hint))
    if problems:
        raise CannotGoOn(Exit.PROBLEMS, "nothing was recorded\n" + "\n".join(map(str, problems)))
    return found


def _column(rows: Sequence[Sequence[str]], known: Collection[str]) -> int | None:
    """Return the column in which most cells name a piece; None where none does."""
    counts = {
        column: sum(bool(_word(cells, column, known)) for cells in rows)
        for column in range(max(map(len, rows), default=0))
    }
    best = max(counts, key=lambda column: (counts[column], -column), default=None)
    return best if best is not None and counts[best] else None


def _word(cells: Sequence[str], column: int, known: Collection[str]) -> str:
    said = cells[column] if column < len(cells) else ""
    return next((word for word in (said, said.lstrip("0")) if word and word in known), "")


def _reasons(headings: Sequence[Sequence[str]]) -> int | None:
    return next((at for cells in headings for at, cell in enumerate(cells) if _REASON.search(cell)), None)
