"""The rows of a list on their way from a file: their columns, their repairs, and the doubts that hold them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from letters.read.recipients import OPTIONAL, REQUIRED

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
CASE = "capitals or small letters only: written as names are"
NOTHING = "a word for nothing is left out"
