"""Files as people bring them, written anew for each test."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from openpyxl import Workbook

from letters.recipients.history import Decisions, Rows
from letters.recipients.importing import ImportPlan, answered, plan_import

OFFICES = ("sheriff", "police_chief", "public_safety_director", "commissioner")
HEADINGS = ("Agency Name", "Chief", "Mailing Address", "City/State/Zip", "County", "Tel", "Notes")
MESSY = (
    (
        "BOROUGH OF ROSELAND POLICE DEPARTMENT  ",
        "Chief José St. John",
        "15 Harrison Avenue",
        "Roseland NJ  7068",
        "Essex",
    ),
    ("Ocean Township Police Department", "de la Cruz, Louis", "50 Railroad Avenue", "Waretown, NJ 08758", "Ocean"),
    ("Ocean Township Police Department", "Pat Roe, Jr.", "399 Monmouth Road", "Oakhurst, NJ 7755", "Monmouth"),
    ("Northvale Police Department", "Capt. Susan O'Neil (OIC)", "116 Paris Avenue", "Northvale, NJ 7647", "Bergen"),
    ("Glen Ridge Police Department", "", "PO Box 9, 3 Herman Street", "Glen Ridge, NJ 07028", "Essex"),
)


def write_csv(path: Path, rows: Iterable[Sequence[str]], encoding: str = "utf-8", delimiter: str = ",") -> Path:
    """Write a text file of a table."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    path.write_bytes(out.getvalue().encode(encoding))
    return path


def write_workbook(path: Path, sheets: Mapping[str, Iterable[Sequence[object]]]) -> Path:
    """Write a workbook of several sheets."""
    book = Workbook()
    assert book.active is not None
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    book.save(path)
    return path


def messy(path: Path, more: Iterable[Sequence[str]] = ()) -> Path:
    """Write an office's workbook: a note first, a title, the header in row 3, a repetition and a total."""
    table = [("MAILING LIST (as of 9/12)",), (), HEADINGS, *MESSY, *more, MESSY[1], (), ("Total: 6",)]
    return write_workbook(path, {"Read me": [("This workbook holds the list.",)], "Chiefs": table})


def brought_in(path: Path, listed: bytes | None = None, last: Rows | None = None, **options: object) -> ImportPlan:
    """Plan an import with every proposal taken."""

    def planned(known: Decisions) -> ImportPlan:
        return plan_import(path, listed, [last] if last else (), OFFICES, known, **options)  # type: ignore[arg-type]

    return answered(planned(Decisions()), lambda question: question.proposal, planned)


def rows_of(plan: ImportPlan) -> list[dict[str, str]]:
    """Return the list as the plan would write it."""
    return list(csv.DictReader(io.StringIO(plan.content.decode("utf-8"))))
