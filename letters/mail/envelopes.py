"""Envelopes: one page for each piece, in the order of the pieces, with return address and barcode."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from letters.mail.addresses import Addressee, Fit, Ruler, fit, too_large
from letters.mail.barcode import WIDTH
from letters.mail.sheets import BARCODE_ROOM, room_under_barcode, write_barcode, write_block, write_sheets
from letters.model.postal import Box, Envelope, LabelSheet
from letters.model.problems import Place, Problem

_RETURN_SIZES = (10.0, 6.5)
_RETURN_HEIGHT = 1.1


def write_envelopes(
    addressees: Sequence[Addressee],
    envelope: Envelope,
    sender: Sequence[str],
    ruler: Ruler,
    language: str,
) -> tuple[str, list[Problem]]:
    """Write the envelopes as one HTML page, and tell which addresses do not fit; these have no envelope."""
    corner = Box(
        envelope.return_left,
        envelope.return_top,
        envelope.return_left + envelope.return_width,
        envelope.return_top + _RETURN_HEIGHT,
    )
    return_fit, problems = _fit_sender(sender, corner, ruler, envelope)
    pages = []
    for addressee in addressees:
        page, problem = _write_address(addressee, envelope, ruler)
        problems += problem
        if page:
            pages.append(write_block(return_fit, corner.left, corner.top) + page)
    html = write_sheets(pages, envelope.width, envelope.height, f"Envelopes {envelope.name}", language)
    return html, problems


def _fit_sender(sender: Sequence[str], corner: Box, ruler: Ruler, envelope: Envelope) -> tuple[Fit, list[Problem]]:
    found = fit(sender, corner, _RETURN_SIZES, ruler)
    if found:
        return found, []
    what = f"the return address does not fit on an envelope {envelope.name}"
    place = Place("campaign.toml", field="organizations")
    return Fit((), 1, 1, 1, 1), [Problem(place, what, "shorten the name or the address of the organization")]


def _write_address(addressee: Addressee, envelope: Envelope, ruler: Ruler) -> tuple[str, Iterable[Problem]]:
    name = f"an envelope {envelope.name}"
    room: Box | None = envelope.room
    if addressee.barcode:
        room = room_under_barcode(envelope.room)
        if room is None:
            return "", [barcode_too_wide(addressee, envelope.address_width, name)]
    assert room is not None
    set_in = fit(addressee.lines, room, (envelope.size, envelope.smallest), ruler)
    if set_in is None:
        return "", [too_large(addressee, room, envelope.smallest, ruler, name)]
    bars = write_barcode(addressee.barcode, room.left, envelope.room.top + 0.04) if addressee.barcode else ""
    return bars + write_block(set_in, room.left, room.top), ()


def barcode_too_wide(addressee: Addressee, width: float, product: str) -> Problem:
    """Return the problem of a barcode that is wider than the room for it."""
    what = f"the barcode is {WIDTH:.2f} in. wide; {product} has room for {width:.2f} in."
    return Problem(addressee.place, what, "leave out --barcode, or choose a wider product", recipient=addressee.id)


def write_labels(
    addressees: Sequence[Addressee], product: LabelSheet, ruler: Ruler, language: str, *, start_at: int = 1
) -> tuple[str, list[Problem]]:
    """Write labels as one HTML page, beginning with a label of the first sheet that is counted from 1.

    The problems tell which addresses do not fit; these have no label.
    """
    sheets: list[list[str]] = [[]]
    problems: list[Problem] = []
    number = start_at - 1
    for addressee in addressees:
        sheet, position = divmod(number, product.count)
        label, problem = _write_label(addressee, product, product.box(position), ruler)
        if problem:
            problems.append(problem)
            continue
        while len(sheets) <= sheet:
            sheets.append([])
        sheets[sheet].append(label)
        number += 1
    pages = ["".join(sheet) for sheet in sheets]
    html = write_sheets(pages, product.page_width, product.page_height, f"Labels {product.name}", language)
    return html, problems


def room_of(label: Box, padding: float) -> Box:
    """Return where on a label text may stand; above and below half as much stays free as at the sides."""
    return Box(label.left + padding, label.top + padding / 2, label.right - padding, label.bottom - padding / 2)


def _write_label(addressee: Addressee, product: LabelSheet, label: Box, ruler: Ruler) -> tuple[str, Problem | None]:
    name = f"label {product.name}"
    room: Box | None = room_of(label, product.padding)
    assert room is not None
    width = room.width
    if addressee.barcode:
        room = room_under_barcode(room)
        if room is None:
            return "", barcode_too_wide(addressee, width, name)
    set_in = fit(addressee.lines, room, (product.size, product.smallest), ruler)
    if set_in is None:
        return "", too_large(addressee, room, product.smallest, ruler, name)
    top = room.top + (room.height - set_in.height / 72) / 2
    bars = write_barcode(addressee.barcode, room.left, top - BARCODE_ROOM + 0.04) if addressee.barcode else ""
    return bars + write_block(set_in, room.left, top), None
