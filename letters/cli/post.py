"""The commands around a mailing: envelopes, labels, the look through the window, and the record of what was posted."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from letters.cli import screen
from letters.cli.options import (
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
    today,
)
from letters.formats.files import alone_in, write_whole
from letters.mail.pieces import AUTO, AddressStyle, mail_folder, refuse_draft
from letters.model.problems import CannotGoOn, Exit, many

if TYPE_CHECKING:
    from letters.campaign.load import Project
    from letters.mail.addressed import Around
    from letters.mail.log import RecordList
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
ListOption = Annotated[
    Path | None,
    typer.Option("--list", help="A spreadsheet or CSV file that names them, by number or id.", metavar="FILE"),
]
_PIECES = "Pieces by number, range of numbers, or id of the recipient."
_HOUSE = "house-10"


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
    from letters.mail.addressed import Writing, envelopes_for, make_envelopes
    from letters.mail.log import is_duplex

    project, pieces, made_in, now = _begin(campaign, letter, out, some or [], draft=draft)
    writing = Writing(style=style, barcode=barcode, sender=sender, now=now, trial=draft)
    missing = False
    for name, chosen in envelopes_for(project, pieces, size, duplex=is_duplex(made_in, duplex)).items():
        made = make_envelopes(project, chosen, name, writing, made_in)
        file = f"{'reprint-' if some else ''}envelopes-{name}.pdf"
        missing |= _write(mail_folder(made_in, draft=draft) / file, made, "envelope")
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
        options = make_options(project, out)
        writing = Writing(style=style, sender=sender, now=options.now)
        made = make_return_labels(project, product, writing, count, start_at=start_at)
        _write(options.out / "mail" / f"return-labels-{product}.pdf", made, "return label")
        return
    project, pieces, made_in, now = _begin(campaign, letter, out, some or [], draft=draft)
    writing = Writing(style=style, barcode=barcode, sender=sender, now=now, trial=draft)
    made = make_labels(project, pieces, product, writing, made_in, start_at=start_at)
    file = f"{'reprint-' if some else ''}labels-{product}.pdf"
    missing = _write(mail_folder(made_in, draft=draft) / file, made, "label")
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
    from letters.mail.addressed import Writing, draw, look, make_covers
    from letters.mail.gather import gather
    from letters.mail.log import is_duplex, read_record
    from letters.mail.products import choose_window, most_sheets

    project, problems = load_ready(campaign, letter)
    project = narrowed_to(project, where)
    options = make_options(project, out)
    profile = choose_window(project, window)
    gathered = gather(project, problems, options.out, again=True, unsettled=True)
    print_left_out(gathered.left_out)
    if not gathered.pieces:
        raise CannotGoOn(Exit.PROBLEMS, "no finished letter is there to be looked at", "run: letters build")
    if cover_sheet:
        registered, _ = read_record(options.out)
        pieces = [each.piece for each in registered] or gathered.pieces
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


def _begin(
    campaign: Path, letter: str, out: Path | None, some: Sequence[str], *, draft: bool
) -> tuple[Project, list[Piece], Path, str]:
    """Return what envelopes and labels are made of: pieces of the last preparation, or of a trial, all or some.

    With them come the campaign, the output folder of the letter, and the moment.
    """
    from letters.mail.gather import gather
    from letters.mail.log import choose, prepared_pieces
    from letters.mail.register import Register, Registered

    project, problems = load_ready(campaign, letter)
    options = make_options(project, out)
    refuse_draft(project.campaign.status, draft=draft)
    if draft:
        gathered = gather(project, problems, options.out, draft=True, copies=True)
        registered = [Registered(piece) for piece in gathered.pieces]
        if not registered:
            raise CannotGoOn(Exit.PROBLEMS, "no letter is made", "run: letters build")
    else:
        with Register(options.out) as register:
            registered = prepared_pieces(register)
    chosen = choose(registered, some) if some else registered
    return project, [each.piece for each in chosen], options.out, options.now


def _write(path: Path, made: Around, noun: str) -> bool:
    """Write a file and print what is in it; return whether some pieces are missing, which are named."""
    write_whole(path, made.content)
    screen.print_plain_problems(made.problems)
    left_out = f"; {len(made.problems):,} left out" if made.problems else ""
    print(f"{many(made.count, noun)} in {path}{left_out}")
    return bool(made.problems)


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
    from letters.mail.log import reprint as run

    project, _ = load_ready(campaign, letter)
    options = make_options(project, out)
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
    from letters.mail.log import named_in, post, posting_day, to_be_posted, too_early

    project, _ = load_ready(campaign, letter)
    options = make_options(project, out)
    with alone_in(options.out, "mail posted"):
        day = posting_day(date, today())
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
    # A script must say --yes: a day that is probably wrong is not recorded by itself.
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
    from letters.mail.log import came_back, take_back

    project, _ = load_ready(campaign, letter)
    options = make_options(project, out)
    with alone_in(options.out, "mail returned"):
        events = take_back(options.out, came_back(options.out, piece, reason, _read(listed)), options.now)
    for event in events:
        print(f"number {event.number}, {event.recipient}: recorded as returned")
    # The list is corrected, and not the envelope: the next letter takes its address from there.
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
    from letters.mail.log import undo as run

    project, _ = load_ready(campaign, letter)
    options = make_options(project, out)
    with alone_in(options.out, "mail undo"):
        for event in run(options.out, pieces or [], options.now):
            print(f"number {event.number}, {event.recipient}: no longer recorded as {event.what} {event.detail}")
