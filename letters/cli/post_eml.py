"""The command for letters that go out by e-mail."""

from __future__ import annotations

from typing import Annotated

import typer

from letters.cli.loading import HERE, load_ready, make_options
from letters.cli.mail_options import refuse_draft
from letters.cli.options import CampaignOption, LetterOption, OutOption
from letters.problems import CannotGoOn, Exit


def add_to(mail_app: typer.Typer) -> None:
    """Add this command to the family letters mail."""
    mail_app.command()(eml)


def eml(
    template: Annotated[
        str, typer.Option("--template", help="The text: a name in templates/mail/, without .txt.", metavar="NAME")
    ] = "cover",
    sender: Annotated[
        str, typer.Option("--from", help="The sender. [default: email of the first organization]", metavar="ADDRESS")
    ] = "",
    campaign: CampaignOption = HERE,
    letter: LetterOption = "",
    out: OutOption = None,
) -> None:
    """Write ready-to-send e-mails, mail/eml/ID.eml, with the letters attached; nothing is sent.

    A mail program opens such a file as a message that is not sent yet. Attached is the signed letter where there is one
    (letters sign, letters mail prepare --sign). Recipients without an address in the list are named.

    Example: letters mail eml --from "office@example.org"
    """
    from letters.cli import mail_screen
    from letters.emailing import FOLDER, write_emails
    from letters.mailing import gather

    project, problems = load_ready(campaign, letter)
    options = make_options(project, out, (), [], 1)
    refuse_draft(project.campaign.status, draft=False)
    gathered = gather(project, problems, options.out, again=True)
    emails = write_emails(project, gathered.pieces, options.out, template, sender)
    mail_screen.print_left_out((*gathered.left_out, *emails.left_out))
    if not emails.written:
        raise CannotGoOn(Exit.PROBLEMS, "no letter can be sent by e-mail", "fill in the column email of the list")
    print(f"{len(emails.written):,} e-mails, {emails.signed:,} of them signed, in {options.out / 'mail' / FOLDER}/")
