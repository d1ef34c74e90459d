"""What people see of the mailing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

from letters.mail.pieces import LeftOut
from letters.mailing import Prepared
from letters.pipeline import count_reasons

_SHOWN = 10


def print_left_out(left_out: Sequence[LeftOut]) -> None:
    """Print which letters are not in the mailing and why; equal reasons are counted where there are many."""
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    if len(left_out) <= _SHOWN:
        for each in left_out:
            console.print(Text(f"left out: {each.recipient}: {each.why}"))
        return
    for why, number in count_reasons(each.why for each in left_out):
        console.print(Text(f"left out: {number:,} letters: {why}"))


def print_prepared(prepared: Prepared, folder: Path) -> None:
    """Print how much there is to print and to post, and where it is."""
    rows = prepared.rows
    sheets, weight = sum(row.sheets for row in rows), sum(row.ounces for row in rows)
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    console.print(Text(f"{len(rows):,} pieces, {sheets:,} sheets, {weight / 16:,.1f} pounds of paper"))
    console.print(Text(f"in {folder}/: {', '.join(prepared.files)}, manifest.csv, left-out.csv"))
