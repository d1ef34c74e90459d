"""Pairs of rows that may be one office, of the list and of one that is about to come in."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from letters.desk.opened import OpenCampaign
from letters.model.problems import Place
from letters.model.records import Recipient
from letters.recipients.checking import double_key, near_doubles
from letters.recipients.history import Rows, read_decisions

_COLUMNS = ("agency", "title", "first_name", "last_name", "address1", "address2", "city", "state", "zip", "county")


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


def open_pairs(opened: OpenCampaign) -> list[Pair]:
    """Return the pairs of the list that may be one office, the most alike first, without those that were judged."""
    recipients = opened.view().loaded.recipients
    found = opened.kept_of_files("doubles", lambda: _pairs(recipients))
    judged = read_decisions(opened.folder).answers
    return [each for each in found if double_key(each.one.id, each.other.id) not in judged]


def new_pairs(rows: Rows, new: Collection[str]) -> list[Pair]:
    """Return the pairs of a planned list in which a row is new."""
    planned = [
        Recipient(identifier, cells, Place("", line), cells.get("hold", ""))
        for line, (identifier, cells) in enumerate(rows.items(), start=2)
    ]
    return [each for each in _pairs(planned) if {each.one.id, each.other.id} & set(new)] if new else []


def _pairs(recipients: Sequence[Recipient]) -> list[Pair]:
    return sorted((Pair(*found) for found in near_doubles(recipients)), key=lambda each: -each.alike)
