"""Shows a mailing: what was prepared, and which letters are left out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.text import Text

from letters.build.build import count_reasons
from letters.cli.screen import new_console
from letters.mail.pieces import LeftOut, Piece
from letters.mail.prepare import Prepared

_SHOWN = 6


def print_left_out(left_out: Sequence[LeftOut]) -> None:
    """Print which letters are not in the mailing and why; equal reasons are counted where there are many."""
    console = new_console(stderr=True)
    if len(left_out) <= _SHOWN:
        for each in left_out:
            console.print(Text(f"left out: {each.recipient}: {each.why}"))
        return
    counted = count_reasons(each.why for each in left_out)
    for why, number in counted[:_SHOWN]:
        console.print(Text(f"left out: {number:,}: {why}"))
    if others := sum(number for _, number in counted[_SHOWN:]):
        console.print(Text(f"left out: {others:,} for other reasons: letters status lists them"))


def print_without_copies(pieces: Sequence[Piece], copies: int) -> None:
    """Print how many pieces go without the copies that the campaign names."""
    if number := sum(len(piece.documents) <= copies for piece in pieces):
        console = new_console(stderr=True)
        console.print(Text(f"without their copies: {number:,}: run letters build --copies, then this again"))


def print_prepared(prepared: Prepared, folder: Path) -> None:
    """Print how much there is to print and to post, where it is, and what to do next."""
    totals = prepared.totals
    console = new_console(stderr=True)
    console.print(Text(f"{totals.pieces:,} pieces, {totals.sheets:,} sheets, {totals.pounds:,.1f} pounds of paper"))
    console.print(Text(f"in {folder}/: {', '.join([*(file.name for file in totals.files), *prepared.files])}"))
    if prepared.warning:
        console.print(Text(f"warning: {prepared.warning}", style="yellow"))
    console.print("Next: print cover-sheet.pdf, which tells the rest; when all is posted: letters mail posted")
