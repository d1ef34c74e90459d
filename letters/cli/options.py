"""The options that the commands share."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from letters.model.problems import CannotGoOn, Exit

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
SheetOption = Annotated[str, typer.Option("--sheet", help="The sheet of a workbook, by name or number.", metavar="N")]
HeaderOption = Annotated[
    int | None, typer.Option("--header", help="The row of the headings; 0 where there are none.", metavar="ROW")
]
MapOption = Annotated[
    list[str] | None,
    typer.Option("--map", help="What a column is: HEADING=FIELD. May be repeated.", metavar="COL=FIELD"),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the result as JSON, for programs.")]


def read_columns(maps: Sequence[str]) -> dict[str, str]:
    """Return what --map says of the columns of a list: the field of each heading.

    Raises CannotGoOn where one of them does not say it.
    """
    columns = {}
    for each in maps:
        heading, equals, target = each.rpartition("=")
        if not equals:
            raise CannotGoOn(Exit.WRONG_CALL, f'"{each}" does not say what the column is', "such as --map Dept=agency")
        columns[heading.strip()] = target.strip()
    return columns
