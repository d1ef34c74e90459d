"""The commands that keep the record of a mailing: reprint, posted, returned."""

from __future__ import annotations

import datetime
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from letters.cli.loading import HERE, load_ready, make_options
from letters.cli.mail_screen import RECORD
from letters.cli.options import CampaignOption, LetterOption, OutOption
from letters.cli.screen import plural
from letters.model.problems import CannotGoOn, Exit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from letters.mail.pieces import Piece

_PIECES = "Pieces by number, range of numbers, or id of the recipient."


def add_to(mail_app: typer.Typer) -> None:
    """Add these commands to the family letters mail."""
    for command in (reprint, posted, returned):
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
    batch: Annotated[
        int, typer.Option("--batch", help="Only the pieces of this print file.", metavar="N", min=0, show_default="all")
    ] = 0,
    yes: Annotated[
        bool, typer.Option("--yes", help="Record a day before the approval of a letter without a question.")
    ] = False,
    campaign: CampaignOption = HERE,
    letter: LetterOption = "",
    out: OutOption = None,
) -> None:
    """Record that pieces were handed to the post office.

    They are left out of the next letters mail prepare, keep their numbers for good, and letters status shows them. A
    day before a letter was approved is probably a mistake: you are asked, and where nobody can be asked, nothing is
    recorded.

    Example: letters mail posted --batch 1 --date 2025-09-19
    """
    from letters.formats.files import alone_in
    from letters.mail.log import approved_at, post, to_be_posted

    project, _ = load_ready(campaign, letter)
    options = make_options(project, out, (), [], 1)
    with alone_in(options.out, "mail posted"):
        day = _day(date)
        recorded = to_be_posted(options.out, pieces or [], batch)
        if not yes:
            _ask_if_early(recorded, approved_at(options.out, recorded), day)
        post(options.out, recorded, day, options.now)
    print(f"{plural(len(recorded), 'piece')} recorded as posted" + ("" if recorded else "; these were recorded before"))


def _ask_if_early(pieces: Sequence[Piece], approved: Mapping[str, str], day: datetime.date) -> None:
    """Ask whether letters were really posted before they were approved; raises CannotGoOn where they were not."""
    days = {name: datetime.datetime.fromisoformat(at).astimezone().date() for name, at in approved.items()}
    early = [piece for piece in pieces if day < days.get(piece.recipient, day)]
    if not early:
        return
    first = early[0]
    message = (
        f"{plural(len(early), 'piece')} would be posted on {day}, before the approval: number {first.number}, "
        f"{first.recipient}, was approved on {days[first.recipient]}"
    )
    if not sys.stdin.isatty():
        raise CannotGoOn(Exit.WRONG_CALL, message, "correct --date, or add --yes; nothing was recorded")
    if not typer.confirm(f"{message}. Record it all the same?", err=True):
        raise CannotGoOn(Exit.WRONG_CALL, "nothing was recorded", "correct --date")


def _day(date: str) -> datetime.date:
    """Return the day of posting: today, where people are, if none is given."""
    today = datetime.datetime.now(datetime.UTC).astimezone().date()
    try:
        day = datetime.date.fromisoformat(date) if date else today
    except ValueError:
        raise CannotGoOn(Exit.WRONG_CALL, f'"{date}" is not a date', "write it as 2025-09-19") from None
    if day > today:
        raise CannotGoOn(Exit.WRONG_CALL, f"{day} is yet to come", "record pieces when they were posted")
    return day


def returned(
    piece: Annotated[str, typer.Argument(help="The recipient, by id, or the number of the piece.", metavar="ID")],
    reason: Annotated[str, typer.Option("--reason", help="What the post office wrote on it.", metavar="TEXT")],
    campaign: CampaignOption = HERE,
    letter: LetterOption = "",
    out: OutOption = None,
) -> None:
    """Record that a piece came back.

    Correct the address in the list and run letters build: the next letters mail prepare takes the letter in again, as
    a new piece with a number of its own.

    Example: letters mail returned taylor-police --reason "moved, left no address"
    """
    from letters.formats.files import alone_in
    from letters.mail.log import take_back

    project, _ = load_ready(campaign, letter)
    if not reason.strip():
        raise CannotGoOn(Exit.WRONG_CALL, "--reason is empty", "say what the post office wrote on it")
    options = make_options(project, out, (), [], 1)
    with alone_in(options.out, "mail returned"):
        event = take_back(options.out, piece, reason.strip(), options.now)
    print(f"number {event.number}, {event.recipient}: recorded as returned")
    print(f"Next: correct {event.recipient} in {project.campaign.recipients}, run letters build, letters mail prepare")
