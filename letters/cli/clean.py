"""The command that removes what was made."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from letters.cli import screen
from letters.cli.loading import HERE, load_ready, make_options
from letters.cli.options import CampaignOption, LetterOption, OutOption

_SHOWN = 6
_MB = 1_000_000


def add_to(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command()(clean)


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
        more = f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
        screen.say(f"kept ({why}): {', '.join(names[:_SHOWN])}{more}")
    verb = "would be removed" if dry_run else "removed"
    print(f"{verb}: {screen.plural(len(done.removed), 'file')}, {done.size / _MB:,.1f} MB, from {options.out}/")
