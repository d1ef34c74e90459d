"""Envelopes, labels and cover sheets: an address for each piece, in the order of the pieces."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from letters.mail.addresses import Addressee, Fit, Ruler, fit, too_large
from letters.mail.barcode import WIDTH
from letters.mail.products import room_of
from letters.mail.typeset import BARCODE_ROOM, room_under_barcode, write_barcode, write_block, write_sheets
from letters.mail.windows import address_view, look_through
from letters.model.postal import Box, Envelope, LabelSheet, WindowProfile
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
    assert room is not None, barcode_fault(envelope.room, name)
    set_in = fit(addressee.lines, room, (envelope.size, envelope.smallest), ruler)
    if set_in is None:
        return "", [too_large(addressee, room, envelope.smallest, ruler, name)]
    bars = write_barcode(addressee.barcode, room.left, envelope.room.top + 0.04) if addressee.barcode else ""
    return bars + write_block(set_in, room.left, room.top), ()


def barcode_fault(room: Box, product: str) -> str:
    """Return that a barcode is wider than the room for it; empty where it is not."""
    if room_under_barcode(room):
        return ""
    return f"the barcode is {WIDTH:.2f} in. wide; {product} has room for {room.width:.2f} in."


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


def _write_label(addressee: Addressee, product: LabelSheet, label: Box, ruler: Ruler) -> tuple[str, Problem | None]:
    name = f"label {product.name}"
    whole = room_of(label, product.padding)
    room = room_under_barcode(whole) if addressee.barcode else whole
    assert room is not None, barcode_fault(whole, name)
    set_in = fit(addressee.lines, room, (product.size, product.smallest), ruler)
    if set_in is None:
        return "", too_large(addressee, room, product.smallest, ruler, name)
    top = room.top + (room.height - set_in.height / 72) / 2
    bars = write_barcode(addressee.barcode, room.left, top - BARCODE_ROOM + 0.04) if addressee.barcode else ""
    return bars + write_block(set_in, room.left, top), None


_COVER_SIZES = (11.0, 8.0)
_COVER_SENDER_SIZES = (9.0, 6.5)
_COVER_MARGIN = 0.03
"""Inches that the ink of a line may reach beyond its own height, accents for instance."""


def write_covers(
    addressees: Sequence[Addressee], profile: WindowProfile, sender: Sequence[str], ruler: Ruler, language: str
) -> tuple[str, list[Problem]]:
    """Write a cover sheet for each piece as one HTML page, and tell which addresses no window would show whole."""
    room = _inner(address_view(profile).always)
    corner = _sender_block(profile, sender, ruler)
    pages, problems = [], []
    for addressee in addressees:
        set_in = fit(addressee.lines, room, _COVER_SIZES, ruler)
        if set_in is None:
            name = f"the window {profile.name} on a cover sheet"
            problems.append(too_large(addressee, room, _COVER_SIZES[1], ruler, name))
            continue
        pages.append(corner + write_block(set_in, room.left, room.top))
    title = f"Cover sheets for the window {profile.name}"
    return write_sheets(pages, profile.page_width, profile.page_height, title, language), problems


def wrapped(addressee: Addressee, profile: WindowProfile, ruler: Ruler) -> Addressee:
    """Return an addressee with the lines of the address as they stand on the cover sheet."""
    set_in = fit(addressee.lines, _inner(address_view(profile).always), _COVER_SIZES, ruler)
    return replace(addressee, lines=set_in.lines) if set_in else addressee


def _sender_block(profile: WindowProfile, sender: Sequence[str], ruler: Ruler) -> str:
    """Write the return address into its window; nothing where the envelope has none or it does not fit."""
    if profile.sender is None:
        return ""
    room = _inner(look_through(profile.sender, profile).always)
    set_in: Fit | None = fit(sender, room, _COVER_SENDER_SIZES, ruler)
    return write_block(set_in, room.left, room.top) if set_in else ""


def _inner(box: Box) -> Box:
    return Box(box.left + _COVER_MARGIN, box.top + _COVER_MARGIN, box.right - _COVER_MARGIN, box.bottom - _COVER_MARGIN)
