"""The commands that send letters: the mailing with all that goes with it, and the e-mails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from letters.cli import screen
from letters.cli.options import (
    ADDRESSES,
    HERE,
    BarcodeOption,
    CampaignOption,
    LetterOption,
    OutOption,
    SenderOption,
    StyleOption,
    WhereOption,
    load_ready,
    make_options,
    print_left_out,
    print_without_copies,
)
from letters.formats.files import alone_in
from letters.mail.pieces import AUTO, PER_FILE, AddressStyle, Order, Receipt, mail_folder, refuse_draft
from letters.model.problems import CannotGoOn, Exit, Problem, many
from letters.model.records import PDF

if TYPE_CHECKING:
    from letters.build.build import Options
    from letters.campaign.load import Project
    from letters.mail.gather import Gathered
    from letters.mail.prepare import Prepared

_NONE = "none"
_WHICH = "Which letters"
_PRINTING = "Print files"
_SIGNING = "Signatures"
_CERTIFIED = "Certified mail"
_MAIL_HOUSE = "Mail house"
"""The panels of options in the help page."""


def prepare(
    campaign: CampaignOption = HERE,
    letter: LetterOption = "",
    out: OutOption = None,
    order: Annotated[Order, typer.Option(help="The order of the pieces.", rich_help_panel=_WHICH)] = Order.ZIP,
    where: WhereOption = "",
    again: Annotated[
        bool, typer.Option("--again", help="Take letters that were posted already, too.", rich_help_panel=_WHICH)
    ] = False,
    draft: Annotated[
        bool,
        typer.Option("--draft", help="A trial with letters that still carry the DRAFT mark.", rich_help_panel=_WHICH),
    ] = False,
    copies: Annotated[
        bool,
        typer.Option(
            "--copies/--no-copies",
            help="Take the copies of letters along, or leave them all out.",
            rich_help_panel=_WHICH,
        ),
    ] = True,
    audited: Annotated[
        bool,
        typer.Option(
            "--audit/--no-audit",
            help="Prove each letter and each page of the print files first, or not.",
            rich_help_panel=_WHICH,
        ),
    ] = True,
    duplex: Annotated[
        bool,
        typer.Option("--duplex/--simplex", help="Print on both sides, or on one.", rich_help_panel=_PRINTING),
    ] = True,
    per_file: Annotated[
        int, typer.Option(help="Pieces in a print file; 0 for all in one.", min=0, rich_help_panel=_PRINTING)
    ] = PER_FILE,
    sheets_per_file: Annotated[
        int, typer.Option(help="Sheets in a print file; 0 for any number.", min=0, rich_help_panel=_PRINTING)
    ] = 0,
    thin: Annotated[
        bool,
        typer.Option(
            "--thin",
            help="Say what would make thick pieces thin enough to be folded, and write nothing.",
            rich_help_panel=_PRINTING,
        ),
    ] = False,
    trays: Annotated[
        bool,
        typer.Option(
            "--trays",
            help="First sheets and the others in files of their own, for two trays.",
            rich_help_panel=_PRINTING,
        ),
    ] = False,
    preprinted: Annotated[
        bool,
        typer.Option("--preprinted", help="For letterhead paper: leave the letterhead out.", rich_help_panel=_PRINTING),
    ] = False,
    pounds: Annotated[
        int,
        typer.Option(help="The weight of the paper: 20 or 24 lb bond.", min=16, max=32, rich_help_panel=_PRINTING),
    ] = 20,
    folds: Annotated[
        str,
        typer.Option(
            "--fold-marks",
            help="Mark the folds for this window of templates/postal/.",
            metavar="NAME",
            rich_help_panel=_PRINTING,
        ),
    ] = "",
    sign: Annotated[
        bool,
        typer.Option(
            "--sign",
            help="Put the signature images on letters whose signers authorized it.",
            rich_help_panel=_SIGNING,
        ),
    ] = False,
    wet: Annotated[
        bool,
        typer.Option(
            "--wet",
            help="List the pages to sign by hand, and write their sheets apart.",
            rich_help_panel=_SIGNING,
        ),
    ] = False,
    envelopes: Annotated[
        str,
        typer.Option(
            "--envelopes",
            help="The envelopes: auto for a size that suits each piece, one of 10, 9, DL, C5, C4, 9x12, or none.",
            metavar="SIZE",
            rich_help_panel=ADDRESSES,
        ),
    ] = AUTO,
    labels: Annotated[
        str,
        typer.Option(
            "--labels",
            help="Labels, too, such as 5160 (letters mail products).",
            metavar="NAME",
            rich_help_panel=ADDRESSES,
        ),
    ] = "",
    style: StyleOption = AddressStyle.AS_WRITTEN,
    barcode: BarcodeOption = False,
    sender: SenderOption = "",
    certified: Annotated[
        Path | None,
        typer.Option(
            "--certified",
            help="Article numbers for certified mail: one a line, or id,number.",
            metavar="FILE",
            rich_help_panel=_CERTIFIED,
        ),
    ] = None,
    receipt: Annotated[
        Receipt,
        typer.Option("--return-receipt", help="The return receipt asked for.", rich_help_panel=_CERTIFIED),
    ] = Receipt.NONE,
    mail_house: Annotated[
        bool,
        typer.Option(
            "--mail-house",
            help="Pack print files and records for a mail house, as mail-house.zip.",
            rich_help_panel=_MAIL_HOUSE,
        ),
    ] = False,
    pdf_vt: Annotated[
        Path | None,
        typer.Option(
            "--pdf-vt",
            help="Write the print files as PDF/VT-1, too, for the press with this ICC profile.",
            metavar="PROFILE",
            rich_help_panel=_MAIL_HOUSE,
        ),
    ] = None,
    reusable: Annotated[
        bool,
        typer.Option(
            "--reusable",
            help="Draw what pieces have in common by form XObjects, for presses that keep these.",
            rich_help_panel=_MAIL_HOUSE,
        ),
    ] = False,
    marked: Annotated[
        bool,
        typer.Option(
            "--mark",
            help="A Data Matrix on each front, for the mail house's inserting machine.",
            rich_help_panel=_MAIL_HOUSE,
        ),
    ] = False,
) -> None:
    """Put the final letters in postal order, and write everything that is needed to post them.

    Letters that are held back, not made, out of date, not yet approved or posted already are left out, and listed with
    the reason. A campaign that is a draft is refused; with --draft the files go to mail/draft/ instead, and nothing is
    recorded, so that they cannot be posted by mistake.

    Every letter and every enclosure begins on a front side; backs that stay empty are pages of the print file. Each
    page has a label, "017-3" for the third page of piece 17, and each letter a bookmark.

    A copy that letters build --copies made is a piece of its own, with the address of its [[copies]] table; one without
    an address is left out and named. Copies for your own file go to file-copies-01.pdf, apart from all that is posted.

    Beside the print files there are envelopes, labels on request, the manifest as CSV and for Excel, a list of who is
    left out, and a cover sheet for the person who prints. Pieces of up to six sheets get #10 envelopes, thicker ones
    9 x 12, in two files (on A4 paper DL and C4). A long address goes on in a second line, then it is set smaller; a
    piece whose address still does not fit is left out and named. --thin says what would make thick pieces thin enough
    to be folded: both sides of the paper, a page less, an enclosure less.

    What goes out is audited, as by letters audit: a letter in which something is found is left out and named, and so
    are its copies. Then print files, envelopes and labels are compared with the manifest and with the letters, page by
    page; if one is not as it should be, the mailing is withdrawn. Letters that passed before as they are, are not read
    again. --no-audit leaves it out.

    With --certified the pieces get the article numbers of a file, never made-up ones, and there is a worksheet in the
    shape of PS Form 3877, which is not that form: a facsimile needs the postmaster's approval.

    With --sign, signature images go on the letters whose signers authorized it (letters sign authorize), and on
    nothing else; a letter that may not be signed is left out. With --wet the room above the names stays free, and the
    sheets to sign are listed and written apart, in order, as to-sign.csv and to-sign.pdf.

    Example: letters mail prepare --per-file 50 --envelopes none
    """
    from letters.audit.mailing import audit_letters, audit_prepared, faults_of
    from letters.campaign.project import narrowed_to
    from letters.mail.addressed import Writing
    from letters.mail.gather import gather
    from letters.mail.pdf_vt_file import read_profile
    from letters.mail.prepare import Wanted, addressable, printing_of, withdraw
    from letters.mail.prepare import prepare as run_prepare
    from letters.mail.products import choose_window
    from letters.sign.blocks import LISTED, SHEETS, write_sheets

    _check_signing(sign=sign, wet=wet, draft=draft)
    project, problems = load_ready(campaign, letter)
    project = narrowed_to(project, where)
    options = make_options(project, out, (PDF,), jobs=0)
    refuse_draft(project.campaign.status, draft=draft)
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
        press=read_profile(pdf_vt) if pdf_vt else None,
        reusable=reusable,
    )
    with alone_in(options.out, "mail prepare"):
        # A mailing goes on: letters are proved by themselves, and only signatures rest on the record.
        _warn_of_changes(options)
        gathered = gather(project, problems, options.out, order, again=again, draft=draft, copies=copies)
        if thin:
            _print_advice(project, gathered, duplex=duplex)
            return
        # Before the audit: a letter that cannot be posted need not be read.
        gathered = addressable(project, gathered, options.out, wanted)
        read = audit_letters(project, options, gathered.every) if audited else None
        gathered = gathered.without(faults_of(read)) if read else gathered
        # Signed after the audit, which reads what was approved; signed files are audited below.
        gathered = _to_be_posted(project, problems, options, gathered, sign=sign)
        # From the pieces as they will be printed, so that a sheet fits into its letter.
        if wet:
            printing = printing_of(project, gathered.pieces, wanted)
            print_left_out(write_sheets(project, gathered.pieces, wanted.folder, printing))
            wanted = replace(
                wanted, also={SHEETS: "the sheets to sign by hand", LISTED: "who signs which page of which letter"}
            )
        prepared = run_prepare(project, gathered, options.out, wanted)
        if read:
            end = partial(withdraw, options.out, wanted)
            screen.say(audit_prepared(project, options.out, wanted.folder, gathered.pieces, read, end))
        _print_prepared(prepared, wanted.folder)


def _print_advice(project: Project, gathered: Gathered, *, duplex: bool) -> None:
    """Print what would bring the pieces into envelopes for folded letters."""
    from letters.mail.products import advise, folded_envelope, most_sheets

    most = most_sheets(folded_envelope(project), project.campaign.paper)
    for line in advise(gathered.pieces, most, duplex=duplex) or [f"all have at most {most} sheets: they can be folded"]:
        print(line)


def _warn_of_changes(options: Options) -> None:
    """Print a warning where another program changed the record of who approved what."""
    from letters.campaign.ledger import LEDGER, Ledger

    with Ledger(options.out / LEDGER) as ledger:
        faults = ledger.faults()
    if faults:
        _warn(f"the record of approvals and mailings was changed with another program: {faults[0]}; letters log")


def _warn(what: str) -> None:
    screen.new_console(stderr=True).print(Text(f"warning: {what}", style="yellow"))


def _check_signing(*, sign: bool, wet: bool, draft: bool) -> None:
    """Raise CannotGoOn where --sign is asked for together with what it excludes."""
    if sign and (wet or draft):
        other = "--wet" if wet else "--draft"
        hint = "drafts are never signed; with --wet the letters are signed on paper"
        raise CannotGoOn(Exit.WRONG_CALL, f"--sign and {other} exclude each other", hint)


def _to_be_posted(
    project: Project, problems: Sequence[Problem], options: Options, gathered: Gathered, *, sign: bool
) -> Gathered:
    """Return the letters of a mailing, signed where that is asked for; print which are left out.

    Raises CannotGoOn where none is left.
    """
    from letters.sign.sign import sign_gathered

    if sign:
        gathered = sign_gathered(project, problems, gathered, options.out, options.now)
    print_left_out(gathered.left_out)
    if not gathered.pieces:
        raise CannotGoOn(Exit.PROBLEMS, "no letter is ready to be posted", "letters status tells what each waits for")
    print_without_copies(gathered.without_copies)
    return gathered


def _print_prepared(prepared: Prepared, folder: Path) -> None:
    """Print how much there is to print and to post, where it is, and what to do next."""
    totals = prepared.totals
    screen.say(f"{many(totals.pieces, 'piece')}, {many(totals.sheets, 'sheet')}, {totals.weight} of paper")
    if prepared.priced:
        without = f"; {many(totals.unpriced, 'piece')} without a price" if totals.unpriced else ""
        screen.say(f"postage ${totals.postage:,.2f} by the prices of {prepared.priced}{without}")
    screen.say(f"in {folder}/: {', '.join([*(file.name for file in totals.files), *prepared.files])}")
    if prepared.warning:
        _warn(prepared.warning)
    screen.say("Next: print cover-sheet.pdf, which tells the rest; when all is posted: letters mail posted")


def eml(
    template: Annotated[
        str, typer.Option("--template", help="The text: a name in templates/mail/, without .txt.", metavar="NAME")
    ] = "cover",
    sender: Annotated[
        str, typer.Option("--from", help="The sender. [default: email of the first organization]", metavar="ADDRESS")
    ] = "",
    where: WhereOption = "",
    audited: Annotated[bool, typer.Option("--audit/--no-audit", help="Prove each letter first, or not.")] = True,
    campaign: CampaignOption = HERE,
    letter: LetterOption = "",
    out: OutOption = None,
) -> None:
    """Write ready-to-send e-mails, mail/eml/ID.eml, with the letters attached; nothing is sent.

    A mail program opens such a file as a message that is not sent yet. Attached is the signed letter where there is one
    (letters sign, letters mail prepare --sign). Recipients without an address in the list are named, and so are those
    whose e-mail would have a blank, or in whose letter the audit finds something (letters audit).

    Example: letters mail eml --from "office@example.org"
    """
    from letters.audit.mailing import audit_letters, faults_of
    from letters.campaign.project import narrowed_to
    from letters.mail.email import FOLDER, write_emails
    from letters.mail.gather import gather
    from letters.sign.sign import latest_signed

    project, problems = load_ready(campaign, letter)
    project = narrowed_to(project, where)
    options = make_options(project, out)
    refuse_draft(project.campaign.status, draft=False)
    gathered = gather(project, problems, options.out, again=True)
    if audited:
        gathered = gathered.without(faults_of(audit_letters(project, options, gathered.every)))
    # With the signed letters where there are such; `latest_signed` is handed in, since mail/ stands below sign/.
    emails = write_emails(project, gathered.pieces, options.out, template, latest_signed, sender)
    print_left_out((*gathered.left_out, *emails.left_out))
    if not emails.written:
        raise CannotGoOn(Exit.PROBLEMS, "no letter can be sent by e-mail", "fill in the column email of the list")
    written = many(len(emails.written), "e-mail")
    print(f"{written}, {emails.signed:,} of them signed, in {options.out / 'mail' / FOLDER}/")
