"""Cover sheets: a page before each letter that holds the address where a window shows it, and nothing else there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from letters.mail.addresses import Addressee, Fit, Ruler, fit, too_large
from letters.mail.sheets import write_block, write_sheets
from letters.mail.windows import address_view, look_through
from letters.model.postal import Box, WindowProfile
from letters.model.problems import Problem

_SIZES = (11.0, 8.0)
_SENDER_SIZES = (9.0, 6.5)
_MARGIN = 0.03
"""Inches that the ink of a line may reach beyond its own height, accents for instance."""


def write_covers(
    addressees: Sequence[Addressee], profile: WindowProfile, sender: Sequence[str], ruler: Ruler, language: str
) -> tuple[str, list[Problem]]:
    """Write a cover sheet for each piece as one HTML page, and tell which addresses no window would show whole."""
    room = _inner(address_view(profile).always)
    corner = _sender_block(profile, sender, ruler)
    pages, problems = [], []
    for addressee in addressees:
        set_in = fit(addressee.lines, room, _SIZES, ruler)
        if set_in is None:
            name = f"the window {profile.name} on a cover sheet"
            problems.append(too_large(addressee, room, _SIZES[1], ruler, name))
            continue
        pages.append(corner + write_block(set_in, room.left, room.top))
    title = f"Cover sheets for the window {profile.name}"
    return write_sheets(pages, profile.page_width, profile.page_height, title, language), problems


def wrapped(addressee: Addressee, profile: WindowProfile, ruler: Ruler) -> Addressee:
    """Return an addressee with the lines of the address as they stand on the cover sheet."""
    set_in = fit(addressee.lines, _inner(address_view(profile).always), _SIZES, ruler)
    return replace(addressee, lines=set_in.lines) if set_in else addressee


def _sender_block(profile: WindowProfile, sender: Sequence[str], ruler: Ruler) -> str:
    """Write the return address into its window; nothing where the envelope has none or it does not fit."""
    if profile.sender is None:
        return ""
    room = _inner(look_through(profile.sender, profile).always)
    set_in: Fit | None = fit(sender, room, _SENDER_SIZES, ruler)
    return write_block(set_in, room.left, room.top) if set_in else ""


def _inner(box: Box) -> Box:
    return Box(box.left + _MARGIN, box.top + _MARGIN, box.right - _MARGIN, box.bottom - _MARGIN)
