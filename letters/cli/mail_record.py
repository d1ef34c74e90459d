"""The commands that keep the record of a mailing: reprint, posted, returned, undo."""

from __future__ import annotations

import datetime
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from letters.cli.options import HERE, RECORD, CampaignOption, LetterOption, OutOption, load_ready, make_options
from letters.model.problems import CannotGoOn, Exit, many

if TYPE_CHECKING:
    from letters.mail.log import RecordList

_PIECES = "Pieces by number, range of numbers, or id of the recipient."
ListOption = Annotated[
    Path | None,
    typer.Option("--list", help="A spreadsheet or CSV file that names them, by number or id.", metavar="FILE"),
]


def add_to(mail_app: typer.Typer) -> None:
    """Add these commands to the family letters mail."""
    for command in (reprint, posted, returned, undo):
        mail_app.command(rich_help_panel=RECORD)(command)


def reprint(
    pieces: Annotated[list[str], typer.Argument(help=_PIECES, metavar="PIECE...")],
    campaign: CampaignOption = HERE,
    letter: LetterOption = "",
    out: OutOption = None,
) -> None:
    """Write a print file of a few pieces that jammed or were spoiled, under the numbers they have.

    Name them by number, by the id of the recipient, or by the pages of a print file that were spoiled, as the viewer
    counts them: print-02.pdf:33-40.

    The pieces are those of the last letters mail prepare, printed the same way. A letter that was made anew since then
    is refused, because it would no longer be what the manifest says.

    Example: letters mail reprint 17 42-44 taylor-police print-02.pdf:33-40
    """
    from letters.formats.files import alone_in
    from letters.mail.log import reprint as run

    project, _ = load_ready(campaign, letter)
    options = make_options(project, out, (), [], 1)
    with alone_in(options.out, "mail reprint"):
        for path in run(project, options.out, pieces, options.now):
            print(path)


def posted(
    pieces: Annotated[
        list[str] | None, typer.Argument(help=f"{_PIECES} [default: all that are prepared]", metavar="[PIECE]...")
    ] = None,
    date: Annotated[
        str, typer.Option("--date", help="The day they were posted on. [default: today]", metavar="YYYY-MM-DD")
    ] = "",
    listed: ListOption = None,
    batch: Annotated[
        int, typer.Option("--batch", help="Only the pieces of this print file.", metavar="N", min=0, show_default="all")
    ] = 0,
    yes: Annotated[
        bool, typer.Option("--yes", help="Record a day before the approval or the date of a letter without a question.")
    ] = False,
    campaign: CampaignOption = HERE,
    letter: LetterOption = "",
    out: OutOption = None,
) -> None:
    """Record that pieces were handed to the post office.

    They are left out of the next letters mail prepare, keep their numbers for good, and letters status shows them. A
    day before a letter was approved, or before its date, is probably a mistake: you are asked, and where nobody can be
    asked, nothing is recorded. A list that names the pieces may be the manifest without the rows that stayed behind.

    Example: letters mail posted --batch 1 --date 2025-09-19

    Example: letters mail posted --list handed-in.xlsx
    """
    from letters.formats.files import alone_in
    from letters.mail.log import named_in, post, posting_day, to_be_posted, too_early

    project, _ = load_ready(campaign, letter)
    options = make_options(project, out, (), [], 1)
    with alone_in(options.out, "mail posted"):
        # The day is today's where people are.
        day = posting_day(date, datetime.datetime.now(datetime.UTC).astimezone().date())
        words = [*(pieces or []), *(each.word for each in named_in(options.out, _read(listed)))]
        recorded = to_be_posted(options.out, words, batch)
        if not yes:
            _ask_if_early(too_early(options.out, recorded, day, project.campaign.date))
        post(options.out, recorded, day, options.now)
    print(f"{many(len(recorded), 'piece')} recorded as posted" + ("" if recorded else "; these were recorded before"))


def _read(path: Path | None) -> RecordList | None:
    from letters.mail.log import RecordList
    from letters.recipients.source import read_source

    # A bare column of numbers has no headings.
    return RecordList(path.name, [(row.line, row.cells) for row in read_source(path, header=0).rows]) if path else None


def _ask_if_early(message: str) -> None:
    """Ask whether letters were really posted on an early day, given why it is one; raises CannotGoOn where not."""
    if not message:
        return
    if not sys.stdin.isatty():
        raise CannotGoOn(Exit.WRONG_CALL, message, "correct --date, or add --yes; nothing was recorded")
    if not typer.confirm(f"{message}. Record it all the same?", err=True):
        raise CannotGoOn(Exit.WRONG_CALL, "nothing was recorded", "correct --date")


def returned(
    piece: Annotated[
        str, typer.Argument(help="The recipient, by id, or the number of the piece.", metavar="ID", show_default=False)
    ] = "",
    reason: Annotated[str, typer.Option("--reason", help="What the post office wrote on it.", metavar="TEXT")] = "",
    listed: ListOption = None,
    campaign: CampaignOption = HERE,
    letter: LetterOption = "",
    out: OutOption = None,
) -> None:
    """Record that a piece came back, or all that a list names.

    A column "reason" of the list says what the post office wrote on each; --reason counts where it says nothing.
    Correct the addresses and run letters build: the next letters mail prepare takes the letters in again, as new
    pieces with numbers of their own.

    Example: letters mail returned taylor-police --reason "moved, left no address"
    """
    from letters.formats.files import alone_in
    from letters.mail.log import came_back, take_back

    project, _ = load_ready(campaign, letter)
    options = make_options(project, out, (), [], 1)
    with alone_in(options.out, "mail returned"):
        events = take_back(options.out, came_back(options.out, piece, reason, _read(listed)), options.now)
    for event in events:
        print(f"number {event.number}, {event.recipient}: recorded as returned")
    rows = events[0].recipient if len(events) == 1 else "these"
    print(f"Next: correct {rows} in {project.campaign.recipients}, run letters build, letters mail prepare")


def undo(
    pieces: Annotated[
        list[str] | None, typer.Argument(help="Pieces by number or id. [default: all of the last record]")
    ] = None,
    campaign: CampaignOption = HERE,
    letter: LetterOption = "",
    out: OutOption = None,
) -> None:
    """Take back what was last recorded as posted or as returned, where that was a mistake.

    The record keeps both: what was recorded, and that it was undone. Pieces that were not posted after all may be
    recorded again, or prepared anew; they then have other numbers.

    Example: letters mail undo 17 taylor-police
    """
    from letters.formats.files import alone_in
    from letters.mail.log import undo as run

    project, _ = load_ready(campaign, letter)
    options = make_options(project, out, (), [], 1)
    with alone_in(options.out, "mail undo"):
        for event in run(options.out, pieces or [], options.now):
            print(f"number {event.number}, {event.recipient}: no longer recorded as {event.what} {event.detail}")
