"""The options and questions that commands share, and what loads a campaign by them."""

from __future__ import annotations

import datetime
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from letters.cli import screen
from letters.mail.pieces import AddressStyle, LeftOut
from letters.model.problems import CannotGoOn, Exit, Problem, Severity

if TYPE_CHECKING:
    from letters.build.build import Options
    from letters.campaign.load import Project

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
OUT = "out"
HERE = Path("campaign.toml")
"""The default of --campaign."""
_SHOWN, _REASONS, _NAMED = 6, 12, 3
"""Letters that are named one by one, reasons that are listed, and ids that stand beside a reason."""
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


def read_columns(maps: Sequence[str]) -> dict[str, str]:
    """Return what --map says of the columns of a list: the field of each heading.

    Raises CannotGoOn where one of them does not say it.
    """
    columns = {}
    for each in maps:
        # The last one: a heading may have an equals sign, a field has none.
        heading, equals, target = each.rpartition("=")
        if not equals:
            raise CannotGoOn(Exit.WRONG_CALL, f'"{each}" does not say what the column is', "such as --map Dept=agency")
        columns[heading.strip()] = target.strip()
    return columns


def load_campaign(
    campaign: Path, letter: str, *, makes: bool = False, as_draft: bool = False
) -> tuple[Project | None, list[Problem]]:
    """Load a campaign, given its file or its folder; raises CannotGoOn where there is none."""
    from letters.build.beginning import open_campaign

    return open_campaign(campaign, letter, makes=makes, as_draft=as_draft)


def load_ready(
    campaign: Path, letter: str, *, strict: bool = False, as_draft: bool = False
) -> tuple[Project, list[Problem]]:
    """Load a campaign; print its problems and end the program where nothing can be made of it.

    That is so for a mistake in the campaign or the letter and, if strict, for any warning. With `as_draft` nothing that
    only a final campaign may not have counts as one.
    """
    project, problems = load_campaign(campaign, letter, makes=True, as_draft=as_draft)
    # A mistake in one row stops that letter alone.
    general = any(problem.stops and not problem.recipient for problem in problems)
    warned = strict and any(problem.severity is not Severity.NOTE for problem in problems)
    if project is None or general or warned:
        screen.print_problems(project, problems, to_stderr=True)
        sys.exit(Exit.PROBLEMS)
    return project, problems


def exit_code(problems: Sequence[Problem]) -> Exit:
    """Return the exit code of a command that met these problems."""
    return Exit.PROBLEMS if any(problem.stops for problem in problems) else Exit.DONE


def make_options(
    project: Project,
    out: Path | None,
    media: tuple[str, ...] = (),
    only: Sequence[str] = (),
    jobs: int = 1,
    scheduler: str = "",
) -> Options:
    """Return the options of a build; commands that make no letters need their folder and their moment."""
    from letters.build.beginning import options_at

    return options_at(moment(), project, out, media, only, jobs, scheduler)


def moment() -> str:
    """Return the moment in ISO 8601; here and in `today` the command line asks the clock."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


def today() -> datetime.date:
    """Return today's date where people are: an evening in Michigan is the next day in UTC."""
    return datetime.datetime.now().astimezone().date()


def print_left_out(left_out: Sequence[LeftOut]) -> None:
    """Print which letters are not in the mailing and why; equal reasons are counted where there are many."""
    if len(left_out) <= _SHOWN:
        for each in left_out:
            screen.say(f"left out: {each.recipient}: {each.why}")
        return
    # Of 600 letters most wait for the same: what matters would be scrolled away.
    ordered = screen.group_reasons((each.recipient, each.why) for each in left_out)
    for why, names in ordered[:_REASONS]:
        named = ", ".join(names) if len(names) <= _NAMED else f"{len(names):,}"
        screen.say(f"left out: {named}: {why}")
    if others := sum(len(names) for _, names in ordered[_REASONS:]):
        screen.say(f"left out: {others:,} for other reasons")


def print_without_copies(number: int) -> None:
    """Print how many letters go without the copies that the campaign names."""
    if number:
        screen.say(f"without their copies: {number:,}: run letters build --copies, then this again")
