"""The story of a mailing, second half: pieces become print files, envelopes and lists, all that one needs to post."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from letters.campaign.load import Project
from letters.formats import jinja
from letters.formats.files import cannot_write, csv_bytes, make_folder, remove_temporary, write_whole, writing_whole
from letters.formats.pdf_text import draw_page
from letters.mail import manifest
from letters.mail.addressed import Writing, envelopes_for, make_envelopes, make_labels, unfit
from letters.mail.barcode import without_bars
from letters.mail.certified import LIST, WORKSHEET, certified_files, number_pieces, used_articles, used_up
from letters.mail.gather import Gathered
from letters.mail.manifest import (
    PICTURE,
    ManifestRow,
    Sheet,
    Totals,
    cover_sheets,
    ounces,
    pack,
    read_me,
    total,
    write_workbook,
)
from letters.mail.pdf_vt_file import PressProfile, make_reusable, write_all_as_pdf_vt
from letters.mail.pieces import AUTO, PER_FILE, Order, Piece, Receipt, split
from letters.mail.print_file import PlacedPiece, Printing, printing_on, write_batch
from letters.mail.products import choose, most_sheets, postage_of, products_of
from letters.mail.register import Register, Registered
from letters.mail.typeset import about_print_files
from letters.model.postal import Inches, Postage
from letters.model.problems import CannotGoOn, Exit, many

# The picture is two inches wide on the sheet: enough to hold a printed page against it.
_PICTURE_DOTS = 110
"""Dots to the inch of the picture on the cover sheet."""
_ORDERS = {
    Order.ZIP: "of ZIP codes",
    Order.COUNTY: "of counties",
    Order.NAME: "of agencies’ names",
    Order.LIST: "of the list",
}
PACKAGE = "mail-house.zip"
# What says who is in which file: it is the first to go, so that a run that is stopped leaves none that is wrong.
_TELLING = ("cover-sheet.pdf", "manifest.csv", "manifest.xlsx", "left-out.csv", PACKAGE, WORKSHEET, LIST)
# Patterns of what a preparation writes and may remove. Files that a person lays into the folder, such as a scan of the
# receipt, match none of them.
_OURS = (
    *("print-*.pdf", "pdfvt-*.pdf", "file-copies-*.pdf", "reprint-*.pdf", "envelopes-*.pdf", "labels-*.pdf"),
    *("cover-sheets-*.pdf", "to-sign.*"),
    WORKSHEET,
    LIST,
    PACKAGE,
)
_TRIAL = "DRAFT: a trial. Print to look at; nothing of it may be posted."


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """How a mailing is to be prepared."""

    folder: Path
    """Where its files go."""
    order: Order = Order.ZIP
    duplex: bool = True
    trays: bool = False
    preprinted: bool = False
    """Whether first sheets are letterhead paper."""
    per_file: int = PER_FILE
    """Pieces in a print file; 0 for any number."""
    sheets_per_file: int = 0
    """Sheets of paper in a print file; 0 for any number."""
    pounds: int = 20
    """The basis weight of the paper."""
    folds: tuple[Inches, ...] = ()
    """Where the first sheet of each piece is marked for folding, from its top edge."""
    envelopes: str = AUTO
    """A size of envelopes, or AUTO for one that suits the sheets of each piece; empty for none."""
    labels: str = ""
    """A product of labels; empty for none."""
    writing: Writing
    """How addresses are written on them."""
    certified: Path | None = None
    """The file of the article numbers of certified mail."""
    receipt: Receipt = Receipt.NONE
    mail_house: bool = False
    """Whether to pack everything for a mail house."""
    marked: bool = False
    """Whether each front has a mark for an inserting machine."""
    press: PressProfile | None = None
    """The profile of the press for which the print files are written as PDF/VT-1, too."""
    reusable: bool = False
    """Whether what pieces have in common is drawn by forms that a press may keep and use again."""
    also: Mapping[str, str] = field(default_factory=dict)
    """Further files in the folder that belong to it, with what is in each."""

    @property
    def trial(self) -> bool:
        """Whether the letters carry the DRAFT mark; the register does not hear of it."""
        return self.writing.trial


@dataclass(slots=True)
class Prepared:
    """The files of a mailing that was prepared, and its totals."""

    totals: Totals
    files: list[str] = field(default_factory=list)
    """All files but the print files, in the order in which they were written."""
    warning: str = ""
    """What will not work as asked."""
    priced: str = ""
    """The day of the prices that postage was reckoned by; empty where there are none."""


def prepare(project: Project, gathered: Gathered, out: Path, wanted: Wanted) -> Prepared:
    """Write everything a mailing needs, and record its pieces.

    What may not fit, such as an address on an envelope, is tried first, so that a mistake stops it all before a print
    file is written. Raises CannotGoOn for such a mistake, and when something cannot be written. Files of an earlier
    preparation that are not written anew are removed, so that no stale file is printed by mistake.
    """
    try:
        make_folder(wanted.folder)
    except OSError as error:
        raise cannot_write(wanted.folder, error) from None
    # A run that was killed leaves parts of files under other names; only one command at a time is in this folder.
    remove_temporary(wanted.folder)
    articles = number_pieces(gathered.pieces, wanted.certified, used_articles(out))
    if wanted.receipt is not Receipt.NONE and not articles:
        message = f"--return-receipt {wanted.receipt}: no piece has an article number"
        raise CannotGoOn(Exit.WRONG_CALL, message, "fill in the column certified_number, or add --certified FILE")
    sizes = _sizes(project, gathered.pieces, wanted)
    # Envelopes first: an address that fits on none, or a barcode without a number, is found before a page is written.
    files = _around(project, gathered.pieces, sizes, out, wanted)
    postage = postage_of(project)
    price = _prices(project, postage, gathered.pieces, wanted)
    # From here on the files of the last preparation are replaced, and its record and lists would tell of others.
    withdraw(out, wanted)
    size_of = {piece.recipient: size for size, pieces in sizes.items() for piece in pieces}
    rows, registered = [], []
    for batch, placed in _write_print_files(project, gathered.pieces, wanted):
        piece = placed.piece
        sheets = piece.sheets(duplex=wanted.duplex)
        row = ManifestRow(
            piece=piece,
            sheets=sheets,
            ounces=ounces(sheets, project.campaign.paper, wanted.pounds),
            spans=placed.spans,
            article=articles.get(piece.recipient, ""),
            envelope=size_of.get(piece.recipient, ""),
        )
        rows.append(replace(row, postage=price(row)))
        registered.append(Registered(piece, batch, row.article))
    # Copies for the sender’s own file have no piece: nobody may take their print file to the post office by mistake.
    kept = _write_file_copies(project, gathered.file_copies, wanted)
    if not wanted.trial:
        # The lists come after the record: where there is a manifest, the record knows its pieces.
        with Register(out) as register:
            register.prepare(registered, wanted.writing.now, _settings(wanted))
    totals = total(rows, duplex=wanted.duplex)
    files |= _lists(project, gathered, rows, totals)
    if articles:
        files |= certified_files(project, rows, wanted.receipt, wanted.writing.sender)
    warnings = [_too_thick(project, rows, wanted.envelopes), _without_bars(project, gathered)]
    told = _told(files, sizes, kept, wanted)
    for_press: list[str] = []
    if wanted.press:
        moment = about_print_files(project, duplex=wanted.duplex).moment
        for_press, unfit_for_press = write_all_as_pdf_vt(wanted.folder, rows, wanted.press, moment)
        warnings.append(unfit_for_press)
    if wanted.reusable:
        make_reusable(wanted.folder, rows)
    if for_press:
        told[" to ".join(dict.fromkeys((for_press[0], for_press[-1])))] = "the print files as PDF/VT-1, for a press"
    warning = " ".join(filter(None, warnings))
    priced = jinja.long_date(postage.date) if postage else ""
    files["cover-sheet.pdf"] = _cover_sheet(project, gathered, totals, told, wanted, warning, priced)
    for name, content in files.items():
        write_whole(wanted.folder / name, content)
    names = [*kept, *for_press, *wanted.also, *files]
    if wanted.mail_house:
        names.append(PACKAGE)
        _pack(project, rows, totals, wanted, for_press)
    # Last: a run that is killed before this leaves older print files, and no list that tells of them.
    _remove_others(wanted.folder, {*names, *(file.name for file in totals.files)})
    return Prepared(totals, names, warning, priced)


def addressable(project: Project, gathered: Gathered, out: Path, wanted: Wanted) -> Gathered:
    """Return a mailing without the pieces that cannot be posted as wanted: these are left out and named.

    They are those with an address that fits nowhere, or with an article number that was used already.
    """
    sizes = _sizes(project, gathered.pieces, wanted)
    used = used_up(project, gathered.pieces, used_articles(out))
    return gathered.without(unfit(project, gathered.pieces, sizes, wanted.labels, wanted.writing) | used)


def _sizes(project: Project, pieces: Sequence[Piece], wanted: Wanted) -> dict[str, list[Piece]]:
    """Return which pieces go into which size of envelope."""
    return envelopes_for(project, pieces, wanted.envelopes, duplex=wanted.duplex) if wanted.envelopes else {}


def withdraw(out: Path, wanted: Wanted) -> None:
    """Remove what tells of print files and of who is in them, and forget its pieces.

    A run that is stopped then leaves no list of other files, and nothing is posted that is not as its list says.
    """
    for name in _TELLING:
        (wanted.folder / name).unlink(missing_ok=True)
    if not wanted.trial:
        with Register(out) as register:
            register.withdraw()


def _write_print_files(project: Project, pieces: Sequence[Piece], wanted: Wanted) -> Iterator[tuple[int, PlacedPiece]]:
    """Write the print files of pieces, telling piece by piece the batch and where it is."""
    batches = split(pieces, per_file=wanted.per_file, sheets_per_file=wanted.sheets_per_file, duplex=wanted.duplex)
    printing = printing_of(project, pieces, wanted)
    about = about_print_files(project, duplex=wanted.duplex)
    for number, batch in enumerate(batches, start=1):
        for placed in write_batch(batch, f"print-{number:02}", wanted.folder, about, printing):
            yield number, placed


def printing_of(project: Project, pieces: Sequence[Piece], wanted: Wanted) -> Printing:
    """Return how the sheets of a mailing are printed."""
    return printing_on(
        project.campaign,
        pieces[-1].number if pieces else 0,
        folds=wanted.folds,
        marked=wanted.marked,
        duplex=wanted.duplex,
        trays=wanted.trays,
        preprinted=wanted.preprinted,
    )


def _write_file_copies(project: Project, copies: Sequence[Piece], wanted: Wanted) -> dict[str, str]:
    """Write the copies for the sender's own file, apart from all that is posted; return what is in each file."""
    batches = split(copies, per_file=wanted.per_file, sheets_per_file=wanted.sheets_per_file, duplex=wanted.duplex)
    printing = Printing(duplex=wanted.duplex, last=copies[-1].number if copies else 0)
    about = about_print_files(project, duplex=wanted.duplex)
    written = {}
    for number, batch in enumerate(batches, start=1):
        stem = f"file-copies-{number:02}"
        # It writes while one goes through it.
        list(write_batch(batch, stem, wanted.folder, about, printing))
        sheets = many(sum(piece.sheets(duplex=wanted.duplex) for piece in batch), "sheet")
        copied = many(len(batch), "copy", "copies")
        written[f"{stem}.pdf"] = f"{copied} for your own file, {sheets}: not to be posted"
    return written


def _pack(
    project: Project, rows: Sequence[ManifestRow], totals: Totals, wanted: Wanted, for_press: Sequence[str]
) -> None:
    """Write the package for a mail house."""
    title = project.template.parts[0].title + (f". {_TRIAL}" if wanted.trial else "")
    about = read_me(title, totals, duplex=wanted.duplex, marked=wanted.marked)
    with writing_whole(wanted.folder / PACKAGE) as file:
        pack(file, wanted.folder, manifest.as_table(rows), totals, about, for_press)


def _around(
    project: Project, pieces: Sequence[Piece], sizes: Mapping[str, Sequence[Piece]], out: Path, wanted: Wanted
) -> dict[str, bytes]:
    """Make the envelopes and labels, in the order of the letters."""
    files = {}
    for size, some in sizes.items():
        files[f"envelopes-{size}.pdf"] = make_envelopes(project, some, size, wanted.writing, out).content
    if wanted.labels:
        files[f"labels-{wanted.labels}.pdf"] = make_labels(project, pieces, wanted.labels, wanted.writing, out).content
    return files


def _told(
    files: Iterable[str], sizes: Mapping[str, Sequence[Piece]], kept: Mapping[str, str], wanted: Wanted
) -> dict[str, str]:
    """Return what the cover sheet says of each further file."""
    known = {}
    for size, pieces in sizes.items():
        which = "each piece" if len(sizes) == 1 else f"each of {many(len(pieces), 'piece')} (column envelope)"
        known[f"envelopes-{size}.pdf"] = f"one envelope for {which}, in the order of the pieces"
    # Named also where there are none; only what was written is told below.
    known[f"labels-{wanted.labels}.pdf"] = "one label for each piece, in the same order"
    known[WORKSHEET] = "for the counter: check, complete, have it approved or copied to the form"
    known[LIST] = "the pieces of certified mail"
    known["manifest.csv"] = "every piece: address, pages, sheets, weight, where it is; manifest.xlsx for Excel"
    known["left-out.csv"] = "who is not in this mailing, and why"
    of_house = {PACKAGE: "all of it for a mail house"} if wanted.mail_house else {}
    return {**{name: words for name, words in known.items() if name in files}, **kept, **wanted.also, **of_house}


def _prices(
    project: Project, postage: Postage | None, pieces: Sequence[Piece], wanted: Wanted
) -> Callable[[ManifestRow], Decimal | None]:
    """Return what a piece costs by the user's table, in its envelope; None where the table does not tell."""
    if postage is None:
        return lambda _: None
    envelopes = products_of(project).envelopes
    # Where no envelopes are asked for, the pieces still go into some, and these decide between letter and flat.
    sizes = envelopes_for(project, pieces, AUTO, duplex=wanted.duplex)
    by_sheets = {piece.recipient: size for size, some in sizes.items() for piece in some}

    def price(row: ManifestRow) -> Decimal | None:
        envelope = envelopes[row.envelope or by_sheets[row.piece.recipient]]
        return postage.price(envelope.shape, row.ounces + envelope.ounces)

    return price


def _lists(project: Project, gathered: Gathered, rows: Sequence[ManifestRow], totals: Totals) -> dict[str, bytes]:
    """Make the manifest, as CSV and as a workbook, and the list of who is left out."""
    sheets: dict[str, Sequence[Sequence[object]]] = {
        "Pieces": manifest.as_table(rows),
        "Files": [("file", "first", "last", "pieces", "sheets", "sides")]
        + [(each.name, each.first, each.last, each.pieces, each.sheets, each.sides) for each in totals.files],
        "ZIP counts": [("zip3", "pieces"), *totals.zips, ("all", totals.pieces)],
        "Counties": [("county", "pieces"), *totals.counties, ("all", totals.pieces)],
        "Kinds": [("kind", "pieces"), *totals.kinds, ("all", totals.pieces)],
        "Left out": [("id", "agency", "why"), *((each.recipient, each.agency, each.why) for each in gathered.left_out)],
    }
    return {
        "manifest.csv": csv_bytes(sheets["Pieces"], for_excel=True),
        "manifest.xlsx": write_workbook(sheets, project.campaign.date),
        "left-out.csv": csv_bytes(sheets["Left out"], for_excel=True),
    }


def _cover_sheet(
    project: Project,
    gathered: Gathered,
    totals: Totals,
    told: Mapping[str, str],
    wanted: Wanted,
    warning: str,
    priced: str,
) -> bytes:
    from letters.render.pdf.plain import render_first_that_fits

    campaign = project.campaign
    sheet = Sheet(
        title=project.template.parts[0].title,
        date=jinja.long_date(campaign.date),
        status=_TRIAL if wanted.trial else "",
        duplex=wanted.duplex,
        trays=wanted.trays,
        preprinted=wanted.preprinted,
        paper=campaign.paper,
        pounds=wanted.pounds,
        order=_ORDERS[wanted.order],
        first=gathered.pieces[0],
        warning=warning,
        priced=priced,
        others=tuple(told.items()),
    )
    picture = draw_page((wanted.folder / totals.files[0].name).read_bytes(), 0, _PICTURE_DOTS, for_pdf=True)
    pages = cover_sheets(sheet, totals, len(gathered.left_out), campaign.language)
    return render_first_that_fits(pages, project.templates, campaign.date, {PICTURE: picture}).content


def _too_thick(project: Project, rows: Sequence[ManifestRow], size: str) -> str:
    """Return how many pieces have too many sheets for the envelope that was asked for; empty where all fit."""
    if size in ("", AUTO):
        return ""
    most = most_sheets(choose(products_of(project).envelopes, size, "envelope"), project.campaign.paper)
    thick = sum(row.sheets > most for row in rows) if most else 0
    if not thick:
        return ""
    have = "piece has" if thick == 1 else "pieces have"
    return f"{thick:,} {have} more than {most} sheets, too many for an envelope {size}: leave --envelopes away."


def _without_bars(project: Project, gathered: Gathered) -> str:
    """Return how many letters have no room for the barcode of their number; empty where it is not printed."""
    names = without_bars(gathered.pieces) if project.campaign.certified.barcode else []
    if not names:
        return ""
    have = "certified letter has" if len(names) == 1 else "certified letters have"
    return f"{len(names):,} {have} no barcode beside the number, which other words leave no room for: {names[0]}."


def _remove_others(folder: Path, files: set[str]) -> None:
    """Remove what an earlier preparation wrote and this one did not."""
    # A print file of a former order or batch would else be printed together with the new ones.
    for pattern in _OURS:
        for path in folder.glob(pattern):
            if path.name not in files:
                path.unlink()


def _settings(wanted: Wanted) -> Mapping[str, Any]:
    """Return what a reprint must know to be like the first print."""
    # Names of fields, under which `printed_last` asks for them again: a reprint looks like the sheet that jammed.
    kept = {name: getattr(wanted, name) for name in ("duplex", "trays", "preprinted", "pounds", "marked")}
    return {**kept, "folds": list(wanted.folds)}
