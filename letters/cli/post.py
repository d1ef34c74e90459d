"""The commands for what goes around the letters: envelopes, labels, the look through the window, e-mails."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from letters.cli import screen
from letters.cli.options import (
    HERE,
    LOOK,
    MAKE,
    BarcodeOption,
    CampaignOption,
    LetterOption,
    OutOption,
    SenderOption,
    StyleOption,
    WhereOption,
    load_ready,
    make_options,
)
from letters.mail.pieces import AUTO, AddressStyle, mail_folder, refuse_draft
from letters.model.problems import CannotGoOn, Exit, many

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from letters.campaign.load import Project
    from letters.mail.addressed import Around, Writing
    from letters.mail.pieces import Piece

TrialOption = Annotated[
    bool, typer.Option("--draft", help="A trial with letters that still carry the DRAFT mark; nothing is recorded.")
]
SomeArgument = Annotated[
    list[str] | None,
    typer.Argument(help="Numbers, ranges or ids of recipients. [default: all pieces]", metavar="[PIECE]..."),
]
DuplexOption = Annotated[
    bool | None,
    typer.Option(
        "--duplex/--simplex",
        help="How the letters are printed: it tells how thick they are.",
        show_default="as letters mail prepare did",
    ),
]
_HOUSE = "house-10"


def add_to(mail_app: typer.Typer) -> None:
    """Add these commands to the family letters mail."""
    for command in (envelopes, labels, eml):
        mail_app.command(rich_help_panel=MAKE)(command)
    for other in (check, products):
        mail_app.command(rich_help_panel=LOOK)(other)


def envelopes(
    some: SomeArgument = None,
    size: Annotated[
        str, typer.Option("--size", help="The envelope: 10, 9, DL, C5, C4, 9x12, or auto.", metavar="NAME")
    ] = AUTO,
    duplex: DuplexOption = None,
    style: StyleOption = AddressStyle.AS_WRITTEN,
    barcode: BarcodeOption = False,
    sender: SenderOption = "",
    campaign: CampaignOption = HERE,
    letter: LetterOption = "",
    out: OutOption = None,
    draft: TrialOption = False,
) -> None:
    """Write mail/envelopes-SIZE.pdf: one envelope for each piece, in the order of the letters.

    The pieces are those of the last letters mail prepare, or some of them, which go to mail/reprint-envelopes-SIZE.pdf.
    With auto, pieces of up to six sheets get #10 envelopes and thicker ones 9 x 12, in two files. A long address goes
    on in a second line, then it is set smaller, down to 8 points; a piece whose address still does not fit is named
    and has no envelope. Other sizes are data: templates/postal/.

    Example: letters mail envelopes 17 42-44 --size 9 --style publication-28
    """
    from letters.mail.addressed import envelopes_for, make_envelopes
    from letters.mail.log import is_duplex

    project, pieces, folder, writing = _begin(campaign, letter, out, some or [], style, barcode, sender, draft=draft)
    missing, letters = False, _out_of(folder, draft=draft)
    for name, chosen in envelopes_for(project, pieces, size, duplex=is_duplex(letters, duplex)).items():
        made = make_envelopes(project, chosen, name, writing, letters)
        missing |= _write(folder / f"{'reprint-' if some else ''}envelopes-{name}.pdf", made, "envelope")
    raise typer.Exit(Exit.PROBLEMS if missing else Exit.DONE)


def labels(
    some: SomeArgument = None,
    product: Annotated[str, typer.Option("--product", help="The sheet of labels.", metavar="NAME")] = "5160",
    start_at: Annotated[
        int, typer.Option("--start-at", help="The first free label of a used sheet, counted row by row.", metavar="N")
    ] = 1,
    returns: Annotated[
        bool, typer.Option("--return", help="The return address on every label, in place of the addresses.")
    ] = False,
    count: Annotated[
        int,
        typer.Option(
            "--count",
            help="How many return labels. [default: to the end of the sheet]",
            metavar="N",
            min=0,
            max=10_000,
            show_default=False,
        ),
    ] = 0,
    style: StyleOption = AddressStyle.AS_WRITTEN,
    barcode: BarcodeOption = False,
    sender: SenderOption = "",
    campaign: CampaignOption = HERE,
    letter: LetterOption = "",
    out: OutOption = None,
    draft: TrialOption = False,
) -> None:
    """Write mail/labels-PRODUCT.pdf: a label for each piece, in the order of the letters.

    Some of the pieces, named by number or id, go to mail/reprint-labels-PRODUCT.pdf. Print at 100 %, not "fit to page".
    Try a sheet of plain paper first and hold it against the labels.

    Example: letters mail labels --product 5160 --start-at 7
    """
    from letters.mail.addressed import Writing, make_labels, make_return_labels

    if returns:
        project, _ = load_ready(campaign, letter)
        options = make_options(project, out, (), [], 1)
        writing = Writing(style=style, sender=sender, now=options.now)
        made = make_return_labels(project, product, writing, count, start_at=start_at)
        _write(options.out / "mail" / f"return-labels-{product}.pdf", made, "return label")
        return
    project, pieces, folder, writing = _begin(campaign, letter, out, some or [], style, barcode, sender, draft=draft)
    made = make_labels(project, pieces, product, writing, _out_of(folder, draft=draft), start_at=start_at)
    missing = _write(folder / f"{'reprint-' if some else ''}labels-{product}.pdf", made, "label")
    raise typer.Exit(Exit.PROBLEMS if missing else Exit.DONE)


def check(
    window: Annotated[str, typer.Option("--window", help="The window profile.", metavar="NAME")] = _HOUSE,
    cover_sheet: Annotated[
        bool, typer.Option("--cover-sheet", help="Put the addresses on cover sheets, and check these.")
    ] = False,
    duplex: DuplexOption = None,
    draw_all: Annotated[bool, typer.Option("--draw-all", help="Draw every letter, not only those at fault.")] = False,
    style: StyleOption = AddressStyle.AS_WRITTEN,
    sender: SenderOption = "",
    where: WhereOption = "",
    campaign: CampaignOption = HERE,
    letter: LetterOption = "",
    out: OutOption = None,
) -> None:
    """Look at every finished letter through the window of its envelope.

    The address is measured as it is printed. All of it must be seen wherever the folded letter slides in the envelope,
    and nothing else may come into view. The file mail/window-NAME.pdf shows the letters at fault: in green what is
    always seen, in blue the window, in red the words that are hidden or should not be seen, in grey the folds. With
    --cover-sheet the addresses go to mail/cover-sheets-NAME.pdf, a page to be laid before each letter, in the order of
    the last letters mail prepare.

    Letters of more sheets than can be folded into that envelope are counted and not looked at: they go into flat ones.

    Example: letters mail check --window double-10
    """
    from letters.campaign.project import narrowed_to
    from letters.cli.options import print_left_out
    from letters.mail.addressed import Writing, draw, look, make_covers
    from letters.mail.gather import gather
    from letters.mail.log import is_duplex
    from letters.mail.products import choose_window, most_sheets

    project, problems = load_ready(campaign, letter)
    project = narrowed_to(project, where)
    options = make_options(project, out, (), [], 1)
    profile = choose_window(project, window)
    gathered = gather(project, problems, options.out, again=True, unsettled=True)
    print_left_out(gathered.left_out)
    if not gathered.pieces:
        raise CannotGoOn(Exit.PROBLEMS, "no finished letter is there to be looked at", "run: letters build")
    if cover_sheet:
        pieces = _prepared(options.out) or gathered.pieces
        writing = Writing(style=style, sender=sender, now=options.now)
        made = make_covers(project, pieces, profile, writing, options.out)
        folder = mail_folder(options.out, draft=project.campaign.status == "draft")
        missing = _write(folder / f"cover-sheets-{window}.pdf", made, "cover sheet")
        raise typer.Exit(Exit.PROBLEMS if missing else Exit.DONE)
    most = most_sheets(profile, project.campaign.paper)
    both_sides = is_duplex(options.out, duplex)
    folded = [piece for piece in gathered.pieces if not most or piece.sheets(duplex=both_sides) <= most]
    if flat := len(gathered.pieces) - len(folded):
        print(f"{many(flat, 'letter')} of more than {most} sheets cannot be folded for the window {window}")
        if not folded:
            return
    seen = look(project, folded, profile)
    found = [problem for _, sight in seen for problem in sight.problems]
    screen.print_plain_problems(found)
    at_fault = [each for each in seen if each[1].problems]
    path = options.out / "mail" / f"window-{window}.pdf"
    draw(seen if draw_all else at_fault or seen[:1], profile, path)
    stopped = {problem.recipient for problem in found if problem.stops}
    print(f"{len(seen) - len(stopped):,} of {len(seen):,} letters fit the window {window}; drawn in {path}")
    raise typer.Exit(Exit.PROBLEMS if stopped else Exit.DONE)


def products(campaign: CampaignOption = HERE, letter: LetterOption = "") -> None:
    """List the envelopes, sheets of labels and windows that are known.

    They are data: tables in templates/postal/, to which others may be added.

    Example: letters mail products
    """
    from letters.mail.products import products_of

    project, _ = load_ready(campaign, letter)
    known = products_of(project)
    for option, goods in (("--size", known.envelopes), ("--product", known.labels), ("--window", known.windows)):
        for name, each in goods.items():
            print(f"{option} {name:<16} {each.title}")


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
    from letters.cli.options import print_left_out
    from letters.mail.email import FOLDER, write_emails
    from letters.mail.gather import gather
    from letters.sign.sign import latest_signed

    project, problems = load_ready(campaign, letter)
    project = narrowed_to(project, where)
    options = make_options(project, out, (), [], 1)
    refuse_draft(project.campaign.status, draft=False)
    gathered = gather(project, problems, options.out, again=True)
    if audited:
        gathered = gathered.without(faults_of(audit_letters(project, options, gathered.every)))
    emails = write_emails(project, gathered.pieces, options.out, template, latest_signed, sender)
    print_left_out((*gathered.left_out, *emails.left_out))
    if not emails.written:
        raise CannotGoOn(Exit.PROBLEMS, "no letter can be sent by e-mail", "fill in the column email of the list")
    written = many(len(emails.written), "e-mail")
    print(f"{written}, {emails.signed:,} of them signed, in {options.out / 'mail' / FOLDER}/")


def _begin(
    campaign: Path,
    letter: str,
    out: Path | None,
    some: Sequence[str],
    style: AddressStyle,
    barcode: bool,
    sender: str,
    *,
    draft: bool,
) -> tuple[Project, Sequence[Piece], Path, Writing]:
    """Return what envelopes and labels are made of: pieces of the last preparation, or of a trial, all or some."""
    from letters.mail.addressed import Writing
    from letters.mail.gather import LEDGER, gather
    from letters.mail.log import choose, prepared_pieces
    from letters.mail.register import Register, Registered

    project, problems = load_ready(campaign, letter)
    options = make_options(project, out, (), [], 1)
    refuse_draft(project.campaign.status, draft=draft)
    if draft:
        gathered = gather(project, problems, options.out, draft=True, copies=True)
        registered = [Registered(piece) for piece in gathered.pieces]
        if not registered:
            raise CannotGoOn(Exit.PROBLEMS, "no letter is made", "run: letters build")
    else:
        with Register(options.out / LEDGER, options.out) as register:
            registered = prepared_pieces(register)
    chosen = choose(registered, some) if some else registered
    folder = mail_folder(options.out, draft=draft)
    writing = Writing(style=style, barcode=barcode, sender=sender, now=options.now, trial=draft)
    return project, [each.piece for each in chosen], folder, writing


def _prepared(out: Path) -> list[Piece]:
    """Return the pieces of the last preparation; none where there is none."""
    from letters.mail.gather import LEDGER
    from letters.mail.register import Register

    with Register(out / LEDGER, out) as register:
        return [each.piece for each in register.pieces()]


def _out_of(folder: Path, *, draft: bool) -> Path:
    return folder.parent.parent if draft else folder.parent


def _write(path: Path, made: Around, noun: str) -> bool:
    """Write a file and print what is in it; return whether some pieces are missing, which are named."""
    from letters.formats.files import write_whole

    write_whole(path, made.content)
    screen.print_plain_problems(made.problems)
    left_out = f"; {len(made.problems):,} left out" if made.problems else ""
    print(f"{many(made.count, noun)} in {path}{left_out}")
    return bool(made.problems)
