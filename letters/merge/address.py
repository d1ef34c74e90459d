"""Writes the inside address and the salutation of a recipient: the one place where officials are addressed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from letters.model.postal import article_digits, spaced_article
from letters.model.records import Recipient
from letters.model.settings import FormOfAddress

_ROOM = 60
"""Characters of 9-point type in 65 % of a line of 5.8 inches, which is that of A4."""


class Address(NamedTuple):
    """How one recipient is addressed."""

    name: str
    """First name, last name and suffix; empty where nobody is known to hold the office."""
    title: str
    addressee: str
    """The first line of the inside address."""
    running_name: str
    """How the recipient is named at the top of continuation pages."""
    inside_address: tuple[str, ...]
    """Lines in USPS order: recipient, unit above the delivery line, delivery line, last line (Publication 28, 211)."""
    salutation: str


class NoFormError(LookupError):
    """Raised for a recipient whom no form of address fits."""


def address(recipient: Recipient, forms: Sequence[FormOfAddress]) -> Address:
    """Address a recipient by the first form that fits its office and title.

    Raises NoFormError where none fits.
    """
    fitting = (
        f
        for f in forms
        if f.office == recipient["office"] and recipient["title"] in (f.titles or (recipient["title"],))
    )
    form = next(fitting, None)
    if form is None:
        raise NoFormError(f'no form of address is for the office "{recipient["office"]}" with this title')
    name = recipient.full_name
    title = recipient["title"] or form.title
    known = {"name": name, "title": title, "first_name": recipient["first_name"], "last_name": recipient["last_name"]}
    lines = [_fill(line, known) for line in (form.addressee if name else form.unnamed_addressee)]
    last_line = f"{recipient['city']}, {recipient['state']} {recipient['zip']}"
    return Address(
        name=name,
        title=title,
        addressee=lines[0],
        running_name=_running_name(lines[0], f"{title} {name}" if name else "", recipient["agency"]),
        inside_address=tuple(
            filter(None, (*lines, recipient["agency"], recipient["address2"], recipient["address1"], last_line))
        ),
        salutation=_fill(form.salutation if name else form.unnamed_salutation, known),
    )


def delivery(recipient: Recipient, usual: str) -> str:
    """Return the delivery line of a letter: that of the row, or else the usual one; with its certified mail number."""
    number = article_digits(recipient["certified_number"])
    line = recipient["delivery"] or ("Via Certified Mail" if number else usual)
    return f"{line}, No. {spaced_article(number)}" if number else line


def _running_name(addressee: str, short: str, agency: str) -> str:
    """Return how a recipient is named beside date and page on one line: with the agency, where there is room for it.

    `short` is the title with the name, empty where nobody is known to hold the office.
    """
    forms = [f"{addressee}, {agency}", f"{short}, {agency}", short] if short else [f"{addressee}, {agency}", agency]
    return next((form for form in forms if len(form) <= _ROOM), forms[-1])


def _fill(text: str, known: dict[str, str]) -> str:
    """Put the values into a form, in one pass: braces in a value are never read as a place."""
    pieces = text.split("{")
    filled = pieces[0]
    for piece in pieces[1:]:
        key, _, rest = piece.partition("}")
        filled += known.get(key, "") + rest
    return filled
