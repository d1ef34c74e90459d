"""The place Print & post: a mailing is prepared, its files are there to be printed, what was posted is recorded."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from starlette.responses import FileResponse, Response

from letters.audit.outgoing import audit_letters, audit_prepared, faults_of
from letters.desk.opened import OpenCampaign
from letters.desk.render import many
from letters.desk.running import Progress
from letters.desk.visit import Visit, go, missing
from letters.formats.files import alone_in, write_whole
from letters.mail.addressed import Writing, make_labels, products_of
from letters.mail.addresses import AddressStyle
from letters.mail.folders import mail_folder, refuse_draft
from letters.mail.gather import LEDGER, gather
from letters.mail.log import approved_at, post, take_back, to_be_posted
from letters.mail.log import reprint as write_reprint
from letters.mail.pieces import AUTO, PER_FILE, LeftOut, Order
from letters.mail.prepare import Wanted, addressable, withdraw
from letters.mail.prepare import prepare as prepare_mailing
from letters.mail.register import PostalEvent, Register, Registered, What
from letters.model.problems import CannotGoOn, Exit
from letters.model.records import PDF, Status

_SHOWN = 400
"""Pieces that a page lists."""
_ABOUT = {
    "cover-sheet.pdf": "print this first: it tells the rest",
    "manifest.xlsx": "every piece: address, pages, sheets, weight, where it is",
    "manifest.csv": "the same, as text",
    "left-out.csv": "who is not in this mailing, and why",
}
_ORDERS = {"zip": "ZIP code", "county": "county", "name": "agency", "list": "the list"}


@dataclass(frozen=True, slots=True)
class MailFile:
    """A file of the mailing."""

    number: int
    name: str
    kilobytes: int
    about: str


def mail(visit: Visit) -> Response:
    """Answer with what may be posted, what is prepared, and what became of it."""
    opened = visit.opened
    project = opened.view().loaded
    is_draft = project.campaign.status is Status.DRAFT
    with opened.lock:
        gathered = gather(project, opened.view().problems, opened.out, draft=is_draft)
        registered, events = _register(opened.out)
    products = products_of(project)
    return visit.page(
        "mail.html",
        "Print & post",
        is_draft=is_draft,
        pieces=len(gathered.pieces),
        sheets=sum(piece.sheets(duplex=True) for piece in gathered.pieces),
        left_out=_counted(gathered.left_out),
        left_out_number=len(gathered.left_out),
        files=_files(opened),
        folder=mail_folder(opened.out, draft=is_draft),
        registered=registered[:_SHOWN],
        registered_number=len(registered),
        events=events,
        states={event.number: event for event in events},
        to_post=_to_post(registered, events),
        orders=_ORDERS,
        envelopes={name: goods.title for name, goods in products.envelopes.items()},
        labels={name: goods.title for name, goods in products.labels.items()},
        per_file=PER_FILE,
        today=opened.now().astimezone().date().isoformat(),
        is_running=opened.is_busy,
    )


def _register(out: Path) -> tuple[list[Registered], list[PostalEvent]]:
    with Register(out / LEDGER, out) as register:
        return register.pieces(), [e for e in register.events() if e.what in (What.POSTED, What.RETURNED)]


def _to_post(registered: Sequence[Registered], events: Sequence[PostalEvent]) -> int:
    posted = {event.number for event in events if event.what is What.POSTED}
    return sum(each.piece.number not in posted for each in registered)


def _counted(left_out: Sequence[LeftOut]) -> list[tuple[str, int]]:
    """Return why letters are left out, the most frequent reason first."""
    counts: dict[str, int] = {}
    for each in left_out:
        counts[each.why] = counts.get(each.why, 0) + 1
    return sorted(counts.items(), key=lambda item: -item[1])[:12]


def _files(opened: OpenCampaign) -> list[MailFile]:
    """Return the files of the mailing, the cover sheet first, print files next."""
    project = opened.view().loaded
    folder = mail_folder(opened.out, draft=project.campaign.status is Status.DRAFT)
    if not folder.is_dir():
        return []
    paths = [path for path in folder.iterdir() if path.is_file() and not path.name.startswith(".")]
    paths.sort(key=lambda path: (path.name != "cover-sheet.pdf", not path.name.startswith("print-"), path.name))
    return [
        MailFile(number, path.name, max(1, path.stat().st_size // 1024), _ABOUT.get(path.name, ""))
        for number, path in enumerate(paths, start=1)
    ]


def file(visit: Visit) -> Response:
    """Answer with a file of the mailing, by its number in the list."""
    opened = visit.opened
    folder = mail_folder(opened.out, draft=opened.view().loaded.campaign.status is Status.DRAFT)
    number = int(visit.path["number"])
    found = next(
        (each for each in _files(opened) if each.number == number and each.name == visit.query.get("name")), None
    )
    if found is None:
        raise missing("The mailing has no such file any more.")
    return FileResponse(folder / found.name, filename=found.name, content_disposition_type="inline")


def prepare(visit: Visit) -> Response:
    """Begin to write the print files of a mailing and all that goes with it."""
    opened, form = visit.opened, visit.form
    wanted, order = _wanted(opened, form.get("order", ""), form)
    opened.begin("Preparing the mailing", lambda progress: _prepare(opened, wanted, order, progress))
    return go("/mail")


def _wanted(opened: OpenCampaign, order: str, form: object) -> tuple[Wanted, Order]:
    assert hasattr(form, "get")
    project = opened.view().loaded
    draft = project.campaign.status is Status.DRAFT
    refuse_draft(project.campaign.status, draft=draft)
    if order not in tuple(Order):
        order = Order.ZIP
    products = products_of(project)
    envelopes, labels = form.get("envelopes", AUTO), form.get("labels", "")
    per_file = form.get("per_file", "")
    now = opened.now().isoformat(timespec="seconds")
    wanted = Wanted(
        folder=mail_folder(opened.out, draft=draft),
        order=Order(order),
        duplex=form.get("sides", "both") == "both",
        per_file=int(per_file) if per_file.isascii() and per_file.isdigit() and len(per_file) < 6 else PER_FILE,
        envelopes=envelopes if envelopes in products.envelopes or envelopes == AUTO else "",
        labels=labels if labels in products.labels else "",
        writing=Writing(style=AddressStyle.AS_WRITTEN, now=now, trial=draft),
        trial=draft,
        now=now,
    )
    return wanted, Order(order)


def _prepare(opened: OpenCampaign, wanted: Wanted, order: Order, progress: Progress) -> str:
    """Prepare a mailing as the command line does; return in words what there is to print."""
    view = opened.view()
    project = view.loaded
    with alone_in(opened.out, "mail prepare"):
        gathered = gather(project, view.problems, opened.out, order, draft=wanted.trial, copies=True)
        gathered = addressable(project, gathered, opened.out, wanted)
        if not gathered.pieces:
            raise CannotGoOn(Exit.PROBLEMS, "no letter is ready to be posted", "Review tells what each waits for")
        progress.total = 2 * len(gathered.pieces)
        progress.check()
        options = opened.options((PDF,), (), 0)
        read = audit_letters(project, options, gathered.every)
        progress.done = len(gathered.pieces)
        gathered = gathered.without(faults_of(read))
        if not gathered.pieces:
            raise CannotGoOn(Exit.PROBLEMS, "the audit found something in every letter", "run: letters audit")
        progress.check()
        prepared = prepare_mailing(project, gathered, opened.out, wanted)
        end = partial(withdraw, opened.out, wanted)
        audited = audit_prepared(project, opened.out, wanted.folder, gathered.pieces, read, end)
        progress.done = progress.total
    totals = prepared.totals
    said = [f"{many(totals.pieces, 'piece')}, {many(totals.sheets, 'sheet')}, {totals.weight} of paper; {audited}."]
    said += [f"Left out: {len(faults_of(read)):,} in which the audit found something."] if read.findings else []
    if prepared.warning:
        said.append(prepared.warning)
    if gathered.without_copies:
        said.append(f"{gathered.without_copies:,} go without their copies: tick “copies” at Build, then prepare again.")
    return "\n".join(said)


def labels(visit: Visit) -> Response:
    """Write labels for the pieces that are prepared, from a label of a used sheet on."""
    opened, form = visit.opened, visit.form
    project = opened.view().loaded
    draft = project.campaign.status is Status.DRAFT
    start = form.get("start_at", "1")
    product = form.get("product", "")
    with opened.lock, opened.laying_out(), alone_in(opened.out, "mail labels"):
        registered, _ = _register(opened.out)
        pieces = [each.piece for each in registered]
        if draft:
            pieces = list(gather(project, opened.view().problems, opened.out, draft=True, copies=True).pieces)
        if not pieces:
            raise CannotGoOn(Exit.PROBLEMS, "no pieces are prepared", "prepare the mailing first")
        now = opened.now().isoformat(timespec="seconds")
        writing = Writing(style=AddressStyle.AS_WRITTEN, now=now, trial=draft)
        at = int(start) if start.isascii() and start.isdigit() and len(start) < 4 else 1
        made = make_labels(project, pieces, product, writing, opened.out, start_at=at)
        write_whole(mail_folder(opened.out, draft=draft) / f"labels-{product}.pdf", made.content)
    opened.tell(f"{many(made.count, 'label')} in labels-{product}.pdf, from label {at} on.")
    return go("/mail")


def posted(visit: Visit) -> Response:
    """Record that pieces were handed to the post office: all, or those that are named."""
    opened = visit.opened
    words = visit.form.get("pieces", "").replace(",", " ").split()
    if not words and visit.form.get("all") != "yes":
        raise CannotGoOn(Exit.WRONG_CALL, "no piece is named", "name them by number or id, or tick “all”")
    day = _day(opened, visit.form.get("date", ""))
    with opened.lock, alone_in(opened.out, "mail posted"):
        pieces = to_be_posted(opened.out, words, 0)
        moments = approved_at(opened.out, pieces)
        early = [
            piece.recipient
            for piece in pieces
            if (at := moments.get(piece.recipient)) and day < datetime.datetime.fromisoformat(at).astimezone().date()
        ]
        if early and visit.form.get("early") != "yes":
            message = (
                f"{many(len(early), 'piece')} would be posted on {day}, before the approval: {', '.join(early[:5])}"
            )
            raise CannotGoOn(Exit.WRONG_CALL, message, "correct the day; nothing was recorded")
        post(opened.out, pieces, day, opened.now().isoformat(timespec="seconds"))
    opened.tell(f"{many(len(pieces), 'piece')} recorded as posted on {day}.")
    return go("/mail")


def _day(opened: OpenCampaign, said: str) -> datetime.date:
    today = opened.now().astimezone().date()
    try:
        day = datetime.date.fromisoformat(said) if said else today
    except ValueError:
        raise CannotGoOn(Exit.WRONG_CALL, f'"{said}" is not a date', "write it as 2025-09-19") from None
    if day > today:
        raise CannotGoOn(Exit.WRONG_CALL, f"{day} is yet to come", "record pieces when they were posted")
    return day


def returned(visit: Visit) -> Response:
    """Record that a piece came back."""
    opened = visit.opened
    piece, reason = visit.form.get("piece", "").strip(), visit.form.get("reason", "").strip()
    if not piece or not reason:
        raise CannotGoOn(Exit.WRONG_CALL, "say which piece, and what the post office wrote on it")
    with opened.lock, alone_in(opened.out, "mail returned"):
        event = take_back(opened.out, piece, reason, opened.now().isoformat(timespec="seconds"))
    opened.tell(
        f"Number {event.number}, {event.recipient}: recorded as returned. Correct its address, then build again."
    )
    return go(f"/list/row/{event.recipient}")


def reprint(visit: Visit) -> Response:
    """Write a print file of a few pieces, under the numbers they have."""
    opened = visit.opened
    words = visit.form.get("pieces", "").replace(",", " ").split()
    if not words:
        raise CannotGoOn(Exit.WRONG_CALL, "no piece is named", "name them by number or id")
    with opened.lock, opened.laying_out(), alone_in(opened.out, "mail reprint"):
        paths = write_reprint(opened.view().loaded, opened.out, words, opened.now().isoformat(timespec="seconds"))
    opened.tell(f"Written: {', '.join(path.name for path in paths)}.")
    return go("/mail")
