"""Options and messages that the commands of the mailing share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.text import Text

from letters.cli.screen import group_reasons, new_console
from letters.mail.addresses import AddressStyle
from letters.mail.pieces import LeftOut

_SHOWN, _REASONS = 6, 12
_NAMED = 3
MAKE, LOOK, RECORD = "Make what is posted", "Look before you print", "Keep the record"
"""The panels of commands in the help page of the family."""
ADDRESSES = "Envelopes and labels"
"""A panel of options in the help pages."""

StyleOption = Annotated[
    AddressStyle,
    typer.Option(
        "--style", help="How addresses are written: as in the letter, or in capitals.", rich_help_panel=ADDRESSES
    ),
]
BarcodeOption = Annotated[
    bool,
    typer.Option("--barcode", help="Print an Intelligent Mail barcode above each address.", rich_help_panel=ADDRESSES),
]
SenderOption = Annotated[
    str,
    typer.Option(
        "--sender",
        help="Whose return address. [default: the first organization that has one]",
        metavar="NAME",
        rich_help_panel=ADDRESSES,
    ),
]


def print_left_out(left_out: Sequence[LeftOut]) -> None:
    """Print which letters are not in the mailing and why; equal reasons are counted where there are many."""
    console = new_console(stderr=True)
    if len(left_out) <= _SHOWN:
        for each in left_out:
            console.print(Text(f"left out: {each.recipient}: {each.why}"))
        return
    ordered = group_reasons((each.recipient, each.why) for each in left_out)
    for why, names in ordered[:_REASONS]:
        console.print(Text(f"left out: {_named(names)}: {why}"))
    if others := sum(len(names) for _, names in ordered[_REASONS:]):
        console.print(Text(f"left out: {others:,} for other reasons"))


def _named(names: Sequence[str]) -> str:
    """Return the ids of a few letters, or the number of many."""
    return ", ".join(names) if len(names) <= _NAMED else f"{len(names):,}"


def print_without_copies(number: int) -> None:
    """Print how many letters go without the copies that the campaign names."""
    if number:
        console = new_console(stderr=True)
        console.print(Text(f"without their copies: {number:,}: run letters build --copies, then this again"))
