"""Options and messages that the commands of the mailing share."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from letters.cli.screen import count_reasons, new_console
from letters.mail.addresses import AddressStyle
from letters.mail.pieces import LeftOut
from letters.model.records import PDF, original_of

if TYPE_CHECKING:
    from letters.audit.audit import AuditReport
    from letters.build.build import Options
    from letters.campaign.load import Project
    from letters.mail.gather import Gathered

_SHOWN = 6
_NUMBER = re.compile(r" as number \d+$")
"""What differs in the reasons of letters that were posted together."""
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
        help="Whose return address. [default: the first organization]",
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
    counted = count_reasons(_NUMBER.sub("", each.why) for each in left_out)
    for why, number in counted[:_SHOWN]:
        console.print(Text(f"left out: {number:,}: {why}"))
    if others := sum(number for _, number in counted[_SHOWN:]):
        console.print(Text(f"left out: {others:,} for other reasons: letters status lists them"))


def print_without_copies(number: int) -> None:
    """Print how many letters go without the copies that the campaign names."""
    if number:
        console = new_console(stderr=True)
        console.print(Text(f"without their copies: {number:,}: run letters build --copies, then this again"))


def audit_letters(project: Project, options: Options, gathered: Gathered) -> AuditReport:
    """Audit the PDFs of the letters and copies that go out or are filed; what passed before is not read again."""
    from letters.audit.audit import AuditReport, audit

    ids = dict.fromkeys(original_of(piece.recipient) for piece in (*gathered.pieces, *gathered.file_copies))
    if not ids:
        return AuditReport()
    return audit(project, options._replace(only=tuple(ids), media=(PDF,)), again=False)


def faults_of(report: AuditReport) -> dict[str, str]:
    """Return what was found first in each letter that did not pass, by id."""
    found: dict[str, str] = {}
    for each in report.findings:
        where = f", page {each.page}" if each.page else ""
        found.setdefault(each.id, f"the audit found{where}: {each.kind}: {each.what}")
    return found
