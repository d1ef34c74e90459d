"""The story of a mailing: take the letters that are final, put them in order, write all that is needed to post them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from letters.files import remove_temporary, write_whole
from letters.ledger import Ledger
from letters.mail import manifest
from letters.mail.drawing import fold_marks
from letters.mail.manifest import Row
from letters.mail.paper import ounces
from letters.mail.pdf_merge import About
from letters.mail.pdfs import parts_of
from letters.mail.pieces import PER_FILE, Document, LeftOut, Order, Piece, in_order, numbered, split
from letters.mail.print_file import Mark, Placed, Printing, write_batch
from letters.mail.register import Event, Register, Registered, What
from letters.model import PDF, MergedLetter, Paper
from letters.plan import path_of
from letters.postal import Inches
from letters.problems import Problem
from letters.project import Project
from letters.standing import DRAFT_CAMPAIGN, Standing, standing

LEDGER = "ledger.sqlite"
_HEIGHTS: dict[Paper, Inches] = {Paper.LETTER: 11, Paper.A4: 297 / 25.4}


@dataclass(frozen=True, slots=True)
class Gathered:
    """The pieces of a mailing in order, and the letters that are not in it."""

    pieces: tuple[Piece, ...]
    left_out: tuple[LeftOut, ...]


def gather(
    project: Project,
    problems: Sequence[Problem],
    out: Path,
    order: Order = Order.ZIP,
    *,
    again: bool = False,
    draft: bool = False,
) -> Gathered:
    """Take every letter that is final, in order and numbered; a trial takes those of a draft campaign, too.

    Letters that were posted are left out, unless they came back, or `again` asks for all. Numbers begin above those of
    pieces that were posted.
    """
    with Ledger(out / LEDGER) as ledger:
        states = standing(project, problems, ledger, out)
    with Register(out / LEDGER, out) as register:
        posted, first = register.standing(), register.next_number()
    letters = {letter.recipient.id: letter for letter in project.letters}
    pieces, left_out = [], []
    for recipient in project.recipients:
        state, event = states[recipient.id], posted.get(recipient.id)
        if why := _why_not(state, None if again else event, draft=draft):
            left_out.append(LeftOut(recipient.id, recipient["agency"], why))
        else:
            returned = event is not None and event.what is What.RETURNED
            pieces.append(_piece(project, letters[recipient.id], state, out, returned=returned))
    return Gathered(tuple(numbered(in_order(pieces, order), first)), tuple(left_out))


def _why_not(state: Standing, event: Event | None, *, draft: bool) -> str:
    """Tell why a letter is not posted; empty where it is."""
    if event and event.what is What.POSTED:
        return f"posted on {event.detail} as number {event.number}"
    if event and event.sha256 == state.pdf_sha256:
        return f"came back ({event.detail}) and was not changed since: correct it, or add --again"
    if state.waits_for and not (draft and state.waits_for == DRAFT_CAMPAIGN):
        return state.waits_for
    return ""


def _piece(project: Project, letter: MergedLetter, state: Standing, out: Path, *, returned: bool) -> Piece:
    recipient = letter.recipient
    values: Any = letter.context["recipient"]
    about: Any = letter.context["letter"]
    path = path_of(out, recipient.id, PDF)
    return Piece(
        recipient=recipient.id,
        name=str(values["running_name"]),
        agency=recipient["agency"],
        county=recipient["county"],
        address=tuple(str(line) for line in values["inside_address"]),
        zip=recipient["zip"],
        email=recipient["email"],
        documents=(Document(pdf=path, sha256=state.pdf_sha256, parts=parts_of(path)),),
        enclosures=tuple(part.title for part in project.template.parts[1:]),
        edition=str(about["edition"]),
        approvals=state.approved_by,
        resent=returned,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """How a mailing is to be prepared."""

    folder: Path
    """Where its files go."""
    duplex: bool = True
    trays: bool = False
    per_file: int = PER_FILE
    """Pieces in a print file; 0 for any number."""
    sheets_per_file: int = 0
    """Sheets of paper in a print file; 0 for any number."""
    pounds: int = 20
    """The basis weight of the paper."""
    folds: tuple[Inches, ...] = ()
    """Where the first sheet of each piece is marked for folding, from its top edge."""
    record: bool = True
    """Whether the register hears of it; a trial is not recorded."""
    now: str


@dataclass(slots=True)
class Prepared:
    """What was prepared."""

    rows: list[Row] = field(default_factory=list)
    files: list[str] = field(default_factory=list)


def prepare(project: Project, gathered: Gathered, out: Path, wanted: Wanted) -> Prepared:
    """Write the print files, the manifest and who is left out, and record the pieces.

    Raises CannotGoOn when something cannot be written; files of an earlier preparation that are not written anew are
    removed last, so that no stale file can be printed by mistake.
    """
    wanted.folder.mkdir(parents=True, exist_ok=True)
    remove_temporary(wanted.folder)
    prepared = Prepared()
    registered = []
    for batch, each in write_print_files(project, gathered.pieces, wanted):
        registered.append(Registered(each.piece, batch))
        prepared.rows.append(_row(project, each, wanted))
    prepared.files = sorted({span.file for row in prepared.rows for span in row.spans})
    write_whole(wanted.folder / "manifest.csv", manifest.write_csv(prepared.rows))
    write_whole(wanted.folder / "left-out.csv", manifest.write_left_out(gathered.left_out))
    for path in wanted.folder.glob("print-*.pdf"):
        if path.name not in prepared.files:
            path.unlink()
    if wanted.record:
        with Register(out / LEDGER, out) as register:
            register.prepare(registered, wanted.now, _settings(wanted))
    return prepared


def write_print_files(project: Project, pieces: Sequence[Piece], wanted: Wanted) -> Iterator[tuple[int, Placed]]:
    """Write the print files of pieces, telling piece by piece the batch and where it is."""
    batches = split(pieces, per_file=wanted.per_file, sheets_per_file=wanted.sheets_per_file, duplex=wanted.duplex)
    last = pieces[-1].number if pieces else 0
    mark = _fold_marks(wanted.folds, project.campaign.paper) if wanted.folds else None
    printing = Printing(duplex=wanted.duplex, trays=wanted.trays, last=last, mark=mark)
    about = about_print_files(project, duplex=wanted.duplex)
    for number, batch in enumerate(batches, start=1):
        for placed in write_batch(batch, f"print-{number:02}", wanted.folder, about, printing):
            yield number, placed


def _fold_marks(folds: Sequence[Inches], paper: Paper) -> Mark:
    """Draw fold marks on the first sheet of a piece; the others are folded with it."""
    marks = fold_marks(folds, _HEIGHTS[paper])
    return lambda _, sheet, __: marks if sheet == 1 else b""


def about_print_files(project: Project, *, duplex: bool) -> About:
    """Tell what the print files of a campaign say of themselves."""
    campaign = project.campaign
    return About(
        title=project.template.parts[0].title,
        author="; ".join(organization.name for organization in campaign.organizations),
        language=campaign.language,
        moment=f"{campaign.date.isoformat()}T00:00:00Z",
        duplex=duplex,
    )


def _row(project: Project, placed: Placed, wanted: Wanted) -> Row:
    sheets = placed.piece.sheets(duplex=wanted.duplex)
    weight = ounces(sheets, project.campaign.paper, wanted.pounds)
    return Row(piece=placed.piece, sheets=sheets, ounces=weight, spans=placed.spans)


def _settings(wanted: Wanted) -> Mapping[str, Any]:
    return {"duplex": wanted.duplex, "trays": wanted.trays, "pounds": wanted.pounds, "folds": list(wanted.folds)}
