"""Finds, before anything is made, addresses that cannot be used: of copies those that are missing, and those too long.

Where a copy goes stands in campaign.toml, or in a column of the list.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from letters.campaign.load import Project
from letters.mail.addresses import Addressee, Ruler, fit, too_large
from letters.mail.products import BY_SHEETS, choose, products_of, room_of, ruler_of
from letters.model.postal import LabelSheet
from letters.model.problems import CannotGoOn, Place, Problem, Severity, warning
from letters.model.records import MergedLetter, Recipient
from letters.model.settings import Copy, zip_of
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
                problem = warning(row.place._replace(field=copy.address_column), what, _HINT)
                yield problem._replace(recipient=row.id)


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


_MANY_LINES, _LONG_LINE = 6, 30
"""No six lines in type of 12 points are too many for 1.4 inches, and hardly a character is wider than its height."""
_LOWEST = 0.75
"""Inches; makers sell labels of an inch for addresses, and of half an inch for the sender's."""
_MANY_ON_A_LABEL, _LONG_ON_A_LABEL = 4, 24
"""The same of the smallest labels: an inch has room for more than four lines of its smallest type."""


def check_addresses(project: Project) -> Iterator[Problem]:
    """Yield a warning for each address that is too long for one line of a letter envelope, or fits on no product.

    Copies that are posted have addresses, too; one that has none is named.
    """
    yield from check_copies(project)
    addresses = [*map(_addressee, project.letters), *addressees_of_copies(project)]
    for_labels = [each for each in addresses if _may_be_long(each.lines, _MANY_ON_A_LABEL, _LONG_ON_A_LABEL)]
    if not for_labels:
        return
    try:
        products = products_of(project)
        envelope = choose(products.envelopes, BY_SHEETS[project.campaign.paper][0], "envelope")
    except CannotGoOn as error:
        yield warning(Place(), f"addresses were not measured: {error.message}", error.hint)
        return
    ruler = ruler_of(project)
    sheets = [sheet for sheet in products.labels.values() if _is_for_addressees(sheet)]
    for addressee in for_labels:
        lines = addressee.lines
        if _may_be_long(lines, _MANY_LINES, _LONG_LINE):
            set_in = fit(lines, envelope.room, (envelope.size, envelope.smallest), ruler)
            if set_in is None:
                problem = too_large(addressee, envelope.room, envelope.smallest, ruler, f"an envelope {envelope.name}")
                hint = f"letters mail prepare leaves it out; {problem.hint}"
                yield problem._replace(hint=hint, severity=Severity.WARNING)
                continue
            if len(set_in.lines) > len(lines):
                longest = max(lines, key=ruler.width)
                what = (
                    f'"{longest}" is too long for one line of an envelope {envelope.name}: it goes on in the next one'
                )
                yield Problem(addressee.place, what, "shorten it, or leave it", Severity.WARNING, addressee.id)
        yield from _on_labels(addressee, sheets, ruler)


def _on_labels(addressee: Addressee, sheets: Sequence[LabelSheet], ruler: Ruler) -> Iterator[Problem]:
    """Yield one warning that names every sheet of labels on which an address does not fit."""
    small = [
        sheet.name
        for sheet in sheets
        if fit(addressee.lines, room_of(sheet.box(0), sheet.padding), (sheet.smallest, sheet.smallest), ruler) is None
    ]
    if small:
        longest = max(addressee.lines, key=ruler.width)
        others = [sheet.name for sheet in sheets if sheet.name not in small]
        what = f'"{longest}" does not fit on labels {", ".join(small)}'
        hint = f"labels {', '.join(others)} have room" if others else "shorten it in the list"
        yield Problem(addressee.place, what, f"{hint}; envelopes have", Severity.WARNING, addressee.id)


def _is_for_addressees(sheet: LabelSheet) -> bool:
    """Return whether labels are high enough for an addressee; smaller ones are for the sender's address."""
    return sheet.height >= _LOWEST


def _addressee(letter: MergedLetter) -> Addressee:
    values: Any = letter.context["recipient"]
    lines = tuple(str(line) for line in values["inside_address"])
    return Addressee(id=letter.recipient.id, lines=lines, place=letter.recipient.place)


def _may_be_long(lines: Sequence[str], many: int, long: int) -> bool:
    """Return whether lines may be too long or too many: to measure them takes time that few need."""
    return len(lines) > many or any(len(line) > long for line in lines)
