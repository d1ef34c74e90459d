"""Draws the mark by which an inserting machine knows the piece, the sheet, and how many sheets belong together."""

from __future__ import annotations

from letters.mail.barcode import encode_matrix
from letters.model.postal import Box, Inches

LEFT: Inches = 0.35
BOTTOM: Inches = 0.35
"""The reserved corner of each front: lower left, inside what printers reach and outside the margins of the text."""
MODULE: Inches = 0.02
QUIET: Inches = 2 * MODULE
"""White around the mark; ISO/IEC 16022 asks for one module."""
_POINTS = 72


def mark_text(label: str, sheet: int, sheets: int) -> str:
    """Write what the mark says: piece, sheet, sheets of the piece."""
    return f"{label},{sheet},{sheets}"


def draw_mark(label: str, sheet: int, sheets: int) -> bytes:
    """Draw the mark as page content, an artifact to those who listen."""
    rows = encode_matrix(mark_text(label, sheet, sheets))
    size = MODULE * _POINTS
    squares = b"".join(
        b"%.2f %.2f %.2f %.2f re "
        % (LEFT * _POINTS + column * size, BOTTOM * _POINTS + (len(rows) - 1 - row) * size, size, size)
        for row, modules in enumerate(rows)
        for column, black in enumerate(modules)
        if black
    )
    return b"/Artifact BMC q 0 g " + squares + b"f Q EMC\n"


def corner(height: Inches, modules: int = 18) -> Box:
    """Tell the reserved corner on a sheet of a height, measured from its upper left, with the white around the mark."""
    side = modules * MODULE
    bottom = height - BOTTOM
    return Box(LEFT - QUIET, bottom - side - QUIET, LEFT + side + QUIET, bottom + QUIET)
