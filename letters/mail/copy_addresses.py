"""Finds where copies go: the address of each is in campaign.toml, or in a column of the list."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from letters.campaign.load import Project
from letters.mail.addresses import Addressee
from letters.model.problems import Place, Problem, warning
from letters.model.records import Copy, Recipient, zip_of
from letters.read import zips

_BARS = re.compile(r"\s*[|\n]\s*")
"""Between the lines of an address in one cell."""
_ONE_LINE = re.compile(r"(?P<head>.+?),? (?P<end>[A-Z]{2},? (?P<zip>\d{5}(?:-\d{4})?))")
_LONGEST_CITY = 5
"""Words."""


def address_of(copy: Copy, recipient: Recipient) -> tuple[str, ...]:
    """Return the address that a copy of one recipient's letter goes to, without the name; none where there is none."""
    cell = recipient[copy.address_column] if copy.address_column else ""
    return lines_of(cell) if cell else copy.address


def lines_of(cell: str) -> tuple[str, ...]:
    """Return the lines of an address in a cell: between bars, or else the street, and city, state and ZIP code.

    The line breaks of a cell are blanks when the list has been read, so that the city is found by the ZIP code.
    """
    lines = tuple(filter(None, (line.strip() for line in _BARS.split(cell))))
    found = _ONE_LINE.fullmatch(lines[0]) if len(lines) == 1 else None
    if not found:
        return lines
    words = found["head"].split(" ")
    for count in range(min(_LONGEST_CITY, len(words) - 1), 0, -1):
        city = " ".join(words[-count:])
        if zips.is_city_of(found["zip"], city):
            return " ".join(words[:-count]).rstrip(","), f"{city}, {found['end']}"
    return lines


def why_not_posted(copy: Copy, address: Sequence[str]) -> str:
    """Return why a copy cannot be posted; empty where it can."""
    if not address:
        where = f'the column {copy.address_column}, or address = ["…"]' if copy.address_column else 'address = ["…"]'
        return f"no address for the copy to {copy.name}: fill in {where} in its [[copies]] table, or add --no-copies"
    if not zip_of(address):
        return f'the address of the copy to {copy.name} does not end with a ZIP code: "{address[-1]}"'
    if len(address) == 1 and copy.address_column:
        return f'the address of the copy to {copy.name} is one line: "{address[0]}"'
    return ""


_HINT = "its lines with bars between them: 1 Court Street | Adrian, MI 49221; else the copy is not posted"


def check_copies(project: Project) -> Iterator[Problem]:
    """Yield a warning for each cell from which no copy's address can be taken."""
    for copy in project.campaign.copies:
        if copy.file or not copy.address_column:
            continue
        for letter in project.letters:
            row = letter.recipient
            if why := why_not_posted(copy, address_of(copy, row)):
                what = why if row[copy.address_column] else f"no address for the copy to {copy.name}"
                yield warning(row.place._replace(field=copy.address_column), what, _HINT)


def addressees_of_copies(project: Project) -> Iterator[Addressee]:
    """Yield the address of each copy that is posted; one that stands in campaign.toml once for all letters."""
    for copy in project.campaign.copies:
        if copy.file:
            continue
        if copy.address and not copy.address_column:
            place = Place("campaign.toml", field="copies.address")
            yield Addressee(id="", lines=(copy.name, *copy.address), place=place)
        for letter in project.letters if copy.address_column else ():
            row, address = letter.recipient, address_of(copy, letter.recipient)
            if not why_not_posted(copy, address):
                place = row.place._replace(field=copy.address_column)
                yield Addressee(id=row.id, lines=(copy.name, *address), place=place)
