"""The options that the commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

CampaignOption = Annotated[
    Path,
    typer.Option("--campaign", help="The campaign file, or the folder it is in.", metavar="PATH", show_default=True),
]
LetterOption = Annotated[
    str,
    typer.Option(
        "--letter",
        help="Another letter of the campaign: a name in templates/, without .md; NAME@EDITION for an edition.",
        metavar="NAME",
    ),
]
OutOption = Annotated[
    Path | None, typer.Option("--out", help="Where letters go. [default: out beside the campaign file]", metavar="DIR")
]
WhereOption = Annotated[
    str,
    typer.Option(
        "--where",
        help="Only recipients for which this is true, such as 'office == \"sheriff\"'.",
        metavar="EXPR",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the result as JSON, for programs.")]
