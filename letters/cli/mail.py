"""The commands of the mailing: prepare it, and keep the record of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from letters.cli.options import HERE, CampaignOption, LetterOption, OutOption, load_ready, make_options
from letters.mail.pieces import Order
from letters.problems import CannotGoOn, Exit

if TYPE_CHECKING:
    from pathlib import Path

mail_app = typer.Typer(
    help="Make finished letters ready to print, sign, fold and post, and keep the record of it.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


def add_to(app: typer.Typer) -> None:
    """Add these commands to the program, as a family of their own: letters mail COMMAND."""
    for command in (prepare,):
        mail_app.command()(command)
    app.add_typer(mail_app, name="mail")


def prepare(
    campaign: CampaignOption = HERE,
    letter: LetterOption = "",
    out: OutOption = None,
    order: Annotated[Order, typer.Option(help="The order of the pieces.")] = Order.ZIP,
    again: Annotated[bool, typer.Option("--again", help="Take letters that were posted already, too.")] = False,
    draft: Annotated[
        bool, typer.Option("--draft", help="A trial with letters that still carry the DRAFT mark.")
    ] = False,
) -> None:
    """Put the finished letters in postal order, and write everything that is needed to post them.

    Letters that are held back, unfinished, out of date or posted already are left out, and listed with the reason. A
    campaign that is a draft is refused; with --draft the files go to mail/draft/ instead, and nothing is recorded, so
    that they cannot be posted by mistake.

    Example: letters mail prepare --order county
    """
    from letters.cli import mail_screen
    from letters.mailing import Wanted, gather
    from letters.mailing import prepare as run
    from letters.model import PDF

    project, problems = load_ready(campaign, letter)
    options = make_options(project, out, (PDF,), [], 1)
    refuse_draft(project.campaign.status, draft=draft)
    gathered = gather(project, problems, options.out, order, again=again)
    mail_screen.print_left_out(gathered.left_out)
    if not gathered.pieces:
        raise CannotGoOn(Exit.PROBLEMS, "no letter is ready to be posted", "run: letters build")
    folder = mail_folder(options.out, draft=draft)
    rows = run(
        gathered, options.out, Wanted(folder=folder, paper=project.campaign.paper, record=not draft, now=options.now)
    )
    mail_screen.print_prepared(rows, folder)


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
