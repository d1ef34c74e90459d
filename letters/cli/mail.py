"""The commands of the mailing: prepare it, and keep the record of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from letters.cli.loading import HERE, load_ready, make_options
from letters.cli.mail_options import BarcodeOption, SenderOption, StyleOption, mail_folder, refuse_draft
from letters.cli.options import CampaignOption, LetterOption, OutOption
from letters.mail.addresses import AddressStyle
from letters.mail.certified import Receipt
from letters.mail.pieces import PER_FILE, Order
from letters.problems import CannotGoOn, Exit

_NONE = "none"
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
    duplex: Annotated[bool, typer.Option("--duplex/--simplex", help="Print on both sides, or on one.")] = True,
    per_file: Annotated[int, typer.Option(help="Pieces in a print file; 0 for all in one.", min=0)] = PER_FILE,
    sheets_per_file: Annotated[int, typer.Option(help="Sheets in a print file; 0 for any number.", min=0)] = 0,
    trays: Annotated[
        bool, typer.Option("--trays", help="First sheets and the others in files of their own, for two trays.")
    ] = False,
    preprinted: Annotated[
        bool, typer.Option("--preprinted", help="For letterhead paper: leave the letterhead out.")
    ] = False,
    pounds: Annotated[int, typer.Option(help="The weight of the paper: 20 or 24 lb bond.", min=16, max=32)] = 20,
    sign: Annotated[
        bool, typer.Option("--sign", help="Put the pictured signatures on letters whose signers allowed it.")
    ] = False,
    wet: Annotated[
        bool, typer.Option("--wet", help="List the pages to sign by hand, and write their sheets apart.")
    ] = False,
    folds: Annotated[
        str, typer.Option("--fold-marks", help="Mark the folds for this window of templates/postal/.", metavar="NAME")
    ] = "",
    envelopes: Annotated[
        str, typer.Option("--envelopes", help="The envelopes: 10, 9, DL, C5, 9x12, or none.", metavar="SIZE")
    ] = "10",
    labels: Annotated[
        str, typer.Option("--labels", help="Labels, too, such as 5160 (letters mail products).", metavar="NAME")
    ] = "",
    style: StyleOption = AddressStyle.AS_WRITTEN,
    barcode: BarcodeOption = False,
    sender: SenderOption = "",
    certified: Annotated[
        Path | None,
        typer.Option(
            "--certified", help="Article numbers for certified mail: one a line, or id,number.", metavar="FILE"
        ),
    ] = None,
    receipt: Annotated[Receipt, typer.Option("--return-receipt", help="The return receipt asked for.")] = Receipt.NONE,
    mail_house: Annotated[
        bool, typer.Option("--mail-house", help="Pack print files and records for a mail house, as mail-house.zip.")
    ] = False,
    marked: Annotated[
        bool, typer.Option("--mark", help="A Data Matrix on each front, for the mail house's inserting machine.")
    ] = False,
    again: Annotated[bool, typer.Option("--again", help="Take letters that were posted already, too.")] = False,
    draft: Annotated[
        bool, typer.Option("--draft", help="A trial with letters that still carry the DRAFT mark.")
    ] = False,
) -> None:
    """Put the final letters in postal order, and write everything that is needed to post them.

    Letters that are held back, not made, out of date, not yet approved or posted already are left out, and listed with
    the reason. A campaign that is a draft is refused; with --draft the files go to mail/draft/ instead, and nothing is
    recorded, so that they cannot be posted by mistake.

    Every letter, enclosure and copy begins on a front side; backs that stay empty are pages of the print file. Each
    page has a label, "017-3" for the third page of piece 17, and each letter a bookmark.

    Beside the print files there are envelopes, labels on request, the manifest as CSV and for Excel, a list of who is
    left out, and a cover sheet for the person who prints.

    With --certified the pieces get the article numbers of a file, never made-up ones, and there is a worksheet in the
    shape of PS Form 3877, which is not that form: a facsimile needs the postmaster's approval.

    With --sign, pictures of signatures go on the letters that their signers allowed (letters sign authorize), and on
    nothing else; a letter that may not be signed is left out. With --wet the room above the names stays free, and the
    sheets to sign are listed and written apart, in order, as to-sign.csv and to-sign.pdf.

    Example: letters mail prepare --per-file 50 --envelopes none
    """
    from letters.cli import mail_screen
    from letters.mailing import gather
    from letters.model import PDF
    from letters.posting import Writing, choose_window
    from letters.preparing import Wanted
    from letters.preparing import prepare as run
    from letters.signing import sign_gathered
    from letters.signing_by_hand import write_sheets

    project, problems = load_ready(campaign, letter)
    options = make_options(project, out, (PDF,), [], 1)
    refuse_draft(project.campaign.status, draft=draft)
    gathered = gather(project, problems, options.out, order, again=again, draft=draft)
    if sign and (wet or draft):
        other = "--wet" if wet else "--draft"
        hint = "drafts are never signed; with --wet the letters are signed on paper"
        raise CannotGoOn(Exit.WRONG_CALL, f"--sign and {other} exclude each other", hint)
    if sign:
        gathered = sign_gathered(project, problems, gathered, options.out, options.now)
    mail_screen.print_left_out(gathered.left_out)
    if not gathered.pieces:
        raise CannotGoOn(Exit.PROBLEMS, "no letter is ready to be posted", "letters status tells what each waits for")
    mail_screen.print_without_copies(gathered.pieces, len(project.campaign.copies))
    wanted = Wanted(
        folder=mail_folder(options.out, draft=draft),
        order=order,
        duplex=duplex,
        trays=trays,
        preprinted=preprinted,
        per_file=per_file,
        sheets_per_file=sheets_per_file,
        pounds=pounds,
        folds=choose_window(project, folds).folds if folds else (),
        envelopes="" if envelopes == _NONE else envelopes,
        labels=labels,
        writing=Writing(style=style, barcode=barcode, sender=sender, now=options.now, trial=draft),
        certified=certified,
        receipt=receipt,
        mail_house=mail_house,
        marked=marked,
        trial=draft,
        now=options.now,
    )
    mail_screen.print_prepared(run(project, gathered, options.out, wanted), wanted.folder)
    if wet:
        mail_screen.print_left_out(write_sheets(project, gathered.pieces, wanted.folder, duplex=duplex))
