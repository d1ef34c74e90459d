"""The commands for the machine and the output: what is missing here, and removing what was made."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from letters import __version__
from letters.cli import screen
from letters.cli.options import HERE, CampaignOption, JsonOption, LetterOption, OutOption, load_ready, make_options
from letters.model.problems import Exit, many

if TYPE_CHECKING:
    from letters.formats.programs import Need

_NAMES_SHOWN = 6
_MB = 1_000_000


def add_to(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.command()(doctor)
    app.command()(clean)


def doctor(json: JsonOption = False) -> None:
    """Say what is missing on this machine, what each is for, and the command to get it.

    Ends with 3 where something is missing without which no letter is made; all else is for those who want it.

    Example: letters doctor
    """
    from letters.formats.programs import needs

    found = needs()
    if json:
        screen.print_json([need._asdict() for need in found])
    else:
        columns = ("", "what", "for", "how to get it")
        rows = [(_state(need), need.name, need.use, "" if need.is_there else need.how) for need in found]
        screen.print_table(columns, rows)
    missing = [need for need in found if need.is_needed and not need.is_there]
    version = f"letters {__version__}, Python {sys.version.partition(' ')[0]}"
    if missing:
        screen.say(f"{version}: no letter can be made before {' and '.join(need.name for need in missing)} is there")
        raise typer.Exit(Exit.MISSING_ON_MACHINE)
    screen.say(f"{version}: letters can be made on this machine")


def _state(need: Need) -> str:
    if need.is_there:
        return "there"
    return "MISSING" if need.is_needed else "not there"


def clean(
    campaign: CampaignOption = HERE,
    letter: LetterOption = "",
    out: OutOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be removed, and remove nothing.")] = False,
) -> None:
    """Remove what was made of a letter and can be made again, and say what is kept.

    Removed are letters, drafts that nobody edited, print files, envelopes, labels, previews, reports and the cache.
    Kept are drafts and PDFs that somebody edited, signed letters, letters that were posted with the files of their
    mailing, the record (ledger.sqlite), and whatever this program did not make.

    Example: letters clean --dry-run
    """
    from letters.build.clean import clean as run
    from letters.formats.files import alone_in
    from letters.mail.gather import LEDGER
    from letters.mail.register import Register, What

    project, _ = load_ready(campaign, letter)
    options = make_options(project, out, (), [], 1)
    if not options.out.is_dir():
        print(f"nothing is in {options.out}/")
        sys.exit()
    with alone_in(options.out, "clean"):
        with Register(options.out / LEDGER, options.out) as register:
            events = [event for event in register.events() if event.what is What.POSTED]
            in_mail = {each.piece.number for each in register.pieces()}
        of_mailing = any(event.number in in_mail for event in events)
        posted = {event.sha256 for event in events}
        done = run(options.out, posted, mailing_posted=of_mailing, dry_run=dry_run)
    for why, paths in done.kept.items():
        names = [path.relative_to(options.out).as_posix() for path in paths]
        more = f" and {len(names) - _NAMES_SHOWN:,} more" if len(names) > _NAMES_SHOWN else ""
        screen.say(f"kept ({why}): {', '.join(names[:_NAMES_SHOWN])}{more}")
    verb = "would be removed" if dry_run else "removed"
    print(f"{verb}: {many(len(done.removed), 'file')}, {done.size / _MB:,.1f} MB, from {options.out}/")
