"""What the commands of the mailing share: options for addresses, where the files go, and that drafts are not posted."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from letters.mail.addresses import AddressStyle
from letters.problems import CannotGoOn, Exit

StyleOption = Annotated[
    AddressStyle, typer.Option("--style", help="How addresses are written: as in the letter, or in capitals.")
]
BarcodeOption = Annotated[bool, typer.Option("--barcode", help="Print an Intelligent Mail barcode above each address.")]
SenderOption = Annotated[
    str, typer.Option("--sender", help="Whose return address. [default: the first organization]", metavar="NAME")
]


def mail_folder(out: Path, *, draft: bool) -> Path:
    """Tell where the files of a mailing go, in the output folder of its letter."""
    return out / "mail" / "draft" if draft else out / "mail"


def refuse_draft(status: str, *, draft: bool) -> None:
    """Stop where letters with the DRAFT mark would be posted."""
    if status == "draft" and not draft:
        hint = (
            'set status = "final" in campaign.toml and run letters build; or make a trial: letters mail prepare --draft'
        )
        raise CannotGoOn(Exit.PROBLEMS, "the letters still carry the DRAFT mark", hint)
