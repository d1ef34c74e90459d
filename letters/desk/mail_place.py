"""The place Print & post: a mailing is prepared, its files are there to be printed, what was posted is recorded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from starlette.responses import FileResponse, HTMLResponse, Response

from letters.audit.mailing import audit_letters, audit_prepared, faults_of
from letters.desk.opened import OpenCampaign
from letters.desk.running import Progress
from letters.desk.visit import Visit, go, missing, uploaded
from letters.formats.files import alone_in
from letters.mail.addressed import Writing
from letters.mail.gather import gather, why_not
from letters.mail.log import (
    RecordList,
    came_back,
    named_in,
    post,
    posting_day,
    read_record,
    take_back,
    to_be_posted,
    too_early,
)
from letters.mail.log import reprint as write_reprint
from letters.mail.log import undo as undo_record
from letters.mail.pieces import AUTO, PER_FILE, AddressStyle, Order, mail_folder, refuse_draft
from letters.mail.prepare import Wanted, addressable, withdraw
from letters.mail.prepare import prepare as prepare_mailing
from letters.mail.products import products_of
from letters.mail.register import PostalEvent, Registered, What
from letters.model.problems import CannotGoOn, Exit, many
from letters.model.records import PDF
from letters.model.settings import Status
from letters.recipients.source import read_source

ON_PAGE, _REASONS = 100, 12
"""Pieces, and reasons for leaving letters out, that a page lists."""
_ABOUT = {
    "cover-sheet.pdf": "print this first: it tells the rest",
    "manifest.xlsx": "every piece: address, pages, sheets, weight, where it is",
    "manifest.csv": "the same, as text",
    "left-out.csv": "who is not in this mailing, and why",
}
_ORDERS = {"zip": "ZIP code", "county": "county", "name": "agency", "list": "the list"}
_TICKED = "piece-"
"""How the name of the box before a piece begins; its number follows."""


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
    states = opened.standings()
    registered, events = read_record(opened.out)
    last_events = {event.recipient: event for event in events}
    waits = [why_not(state, last_events.get(id_), draft=is_draft, unsettled=False) for id_, state in states.items()]
    left_out = Counter(filter(None, waits))
    products = products_of(project)
    sheets = products.labels
    shown, last = visit.page_number(len(registered), ON_PAGE)
    return visit.page(
        "mail.html",
        "Print & post",
        is_draft=is_draft,
        pieces=len(waits) - left_out.total(),
        left_out=left_out.most_common(_REASONS),
        left_out_number=left_out.total(),
        files=_files(opened),
        folder=mail_folder(opened.out, draft=is_draft),
        registered=registered[(shown - 1) * ON_PAGE : shown * ON_PAGE],
        registered_number=len(registered),
        number=shown,
        last=last,
        recorded=len(events),
        states={event.number: event for event in events},
        to_post=_to_post(registered, events),
        orders=_ORDERS,
        envelopes={name: goods.title for name, goods in products.envelopes.items()},
        labels={name: goods.title for name, goods in sheets.items()},
        sheet=sheets.get(visit.query.get("sheet", "")) or next(iter(sheets.values()), None),
        windows={name: goods.title for name, goods in products.windows.items()},
        per_file=PER_FILE,
        today=opened.now().astimezone().date().isoformat(),
        is_running=opened.is_busy,
    )


def _to_post(registered: Sequence[Registered], events: Sequence[PostalEvent]) -> int:
    posted = {event.number for event in events if event.what is What.POSTED}
    return sum(each.piece.number not in posted for each in registered)


def sheets(visit: Visit) -> Response:
    """Answer with how much paper what is ready takes; the pages of many thousand letters are counted for seconds."""
    opened = visit.opened
    project, problems, states = opened.view().loaded, opened.view().problems, opened.standings()
    counted, number = opened.sheets
    if counted is not states:
        is_draft = project.campaign.status is Status.DRAFT
        pieces = gather(project, problems, opened.out, draft=is_draft).pieces  # without the lock: nobody waits for it
        number = sum(piece.sheets(duplex=True) for piece in pieces)
        opened.sheets = states, number
    return HTMLResponse(f"<span>{many(number, 'sheet')} of paper on both sides</span>")


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


def _words(visit: Visit) -> list[str]:
    """Return the pieces that are named or ticked, by number, range or id."""
    # With a zero before it, a number is not taken for the id of another piece.
    ticked = [f"0{name.removeprefix(_TICKED)}" for name in visit.form if name.startswith(_TICKED)]
    return [*visit.form.get("pieces", "").replace(",", " ").split(), *ticked]


def _listed(visit: Visit) -> RecordList | None:
    path = uploaded(visit)
    # A bare column of numbers has no headings.
    return RecordList(path.name, [(row.line, row.cells) for row in read_source(path, header=0).rows]) if path else None


def posted(visit: Visit) -> Response:
    """Record that pieces were handed to the post office: all, those that are named or ticked, or those of a list."""
    opened = visit.opened
    words, listed = _words(visit), _listed(visit)
    if not words and not listed and visit.form.get("all") != "yes":
        raise CannotGoOn(Exit.WRONG_CALL, "no piece is named", "tick pieces, name them by number or id, or tick “all”")
    day = posting_day(visit.form.get("date", ""), opened.now().astimezone().date())
    with opened.lock, alone_in(opened.out, "mail posted"):
        words += [each.word for each in named_in(opened.out, listed)]
        pieces = to_be_posted(opened.out, words, 0)
        if early := too_early(opened.out, pieces, day, opened.view().loaded.campaign.date):
            hint = "correct the day; nothing was recorded. If it is right: letters mail posted --yes, in the terminal"
            raise CannotGoOn(Exit.WRONG_CALL, early, hint)
        post(opened.out, pieces, day, opened.now().isoformat(timespec="seconds"))
    opened.tell(f"{many(len(pieces), 'piece')} recorded as posted on {day}.")
    return go("/mail")


def returned(visit: Visit) -> Response:
    """Record that a piece came back, or those of a list."""
    opened = visit.opened
    piece, reason = visit.form.get("piece", "").strip(), visit.form.get("reason", "").strip()
    with opened.lock, alone_in(opened.out, "mail returned"):
        which = came_back(opened.out, piece, reason, _listed(visit))
        events = take_back(opened.out, which, opened.now().isoformat(timespec="seconds"))
    if len(events) > 1:
        opened.tell(f"{many(len(events), 'piece')} recorded as returned. Correct their addresses, then build again.")
        return go("/mail")
    (event,) = events
    opened.tell(
        f"Number {event.number}, {event.recipient}: recorded as returned. Correct its address, then build again."
    )
    return go(f"/list/row/{event.recipient}")


def undo(visit: Visit) -> Response:
    """Take back what was last recorded as posted or returned: of the pieces that are ticked, else all of one go."""
    opened = visit.opened
    with opened.lock, alone_in(opened.out, "mail undo"):
        events = undo_record(opened.out, _words(visit), opened.now().isoformat(timespec="seconds"))
    said = "; ".join(f"number {each.number}, {each.recipient}: {each.what} {each.detail}" for each in events[:5])
    opened.tell(f"Taken back for {many(len(events), 'piece')}: {said}{' …' if len(events) > 5 else ''}")
    return go("/mail")


def reprint(visit: Visit) -> Response:
    """Write a print file of a few pieces, under the numbers they have."""
    opened, words = visit.opened, _words(visit)
    if not words:
        raise CannotGoOn(Exit.WRONG_CALL, "no piece is named", "tick them, or name them by number or id")
    with opened.lock, opened.laying_out(), alone_in(opened.out, "mail reprint"):
        paths = write_reprint(opened.view().loaded, opened.out, words, opened.now().isoformat(timespec="seconds"))
    opened.tell(f"Written: {', '.join(path.name for path in paths)}.")
    return go("/mail")
