"""Sheets of labels: addresses in the order of the pieces, or the same return address all over."""

from __future__ import annotations

from collections.abc import Sequence

from letters.mail.addresses import Addressee, fit, too_large
from letters.mail.envelopes import barcode_too_wide
from letters.mail.ruler import Ruler
from letters.mail.sheets import BARCODE_ROOM, room_under_barcode, write_barcode, write_block, write_sheets
from letters.model.postal import Box, LabelSheet
from letters.model.problems import Problem


def write_labels(
    addressees: Sequence[Addressee], product: LabelSheet, ruler: Ruler, language: str, *, start_at: int = 1
) -> tuple[str, list[Problem]]:
    """Write labels as one HTML page, beginning with a label of the first sheet that is counted from 1.

    The problems tell which addresses do not fit.
    """
    sheets: list[list[str]] = []
    problems: list[Problem] = []
    for number, addressee in enumerate(addressees, start=start_at - 1):
        sheet, position = divmod(number, product.count)
        while len(sheets) <= sheet:
            sheets.append([])
        label, problem = _write_label(addressee, product, product.box(position), ruler)
        sheets[sheet].append(label)
        problems += [problem] if problem else []
    pages = ["".join(sheet) for sheet in sheets]
    html = write_sheets(pages, product.page_width, product.page_height, f"Labels {product.name}", language)
    return html, problems


def room_of(label: Box, padding: float) -> Box:
    """Tell where on a label text may stand; above and below half as much stays free as at the sides."""
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
    return bars + write_block(addressee.lines, room.left, top, set_in), None
