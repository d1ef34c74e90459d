"""Reads what the columns of imported lists were taken for, which is what their names mean in a Word letter, too."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from letters.read.recipients import DATES

HISTORY = "list-history"
"""The folder in which each import of the list is kept."""
INDEX = "imports.json"
_LAST_LINE = 'recipient.city ~ ", " ~ recipient.state ~ " " ~ recipient.zip'
_MEANINGS = {
    "full_name": "recipient.name",
    "one_line": (
        f'recipient.address1 ~ (", " ~ recipient.address2 if recipient.address2 else "") ~ ", " ~ {_LAST_LINE}'
    ),
    "last_line": _LAST_LINE,
    **{column: f"recipient.{column} | long_date" for column in DATES},
}
"""What is printed for a column that was split, or whose dates were written as year-month-day."""
_SPLIT = ("middle_name", "po_box", "zip4", "house_number", "address3", "agency_type", "ignored", "release")
"""Columns of which no field of its own is left."""


def imported_headings(folder: Path) -> dict[str, str]:
    """Return an expression for each heading of the lists that were imported into a campaign, the last one's first.

    Nothing for an index that cannot be read: the next import tells of that.
    """
    found: dict[str, str] = {}
    for heading, target in _columns(folder / HISTORY / INDEX):
        if target and target not in _SPLIT:
            found.setdefault(heading, _MEANINGS.get(target, f"recipient.{target}"))
    return found


def _columns(index: Path) -> Iterator[tuple[str, str]]:
    try:
        records = json.loads(index.read_text("utf-8"))
        for record in reversed(records):
            if not record.get("undone"):
                for heading, target in record.get("columns", ()):
                    yield str(heading), str(target)
    except (OSError, ValueError, TypeError, AttributeError):
        return
