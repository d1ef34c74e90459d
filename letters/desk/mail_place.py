"""The place Print & post: a mailing is prepared, looked at through the window, printed, and its record is kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from starlette.responses import FileResponse, HTMLResponse, Response

from letters.audit.mailing import audit_letters, audit_prepared, faults_of
from letters.desk.opened import OpenCampaign
from letters.desk.running import Progress
from letters.desk.visit import Visit, go, missing, uploaded
from letters.formats.files import alone_in, write_whole
from letters.mail.addressed import Writing, look, make_labels
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
from letters.mail.pieces import AUTO, PER_FILE, DocumentKind, Order, Piece, mail_folder
from letters.mail.prepare import Wanted, addressable, withdraw
from letters.mail.prepare import prepare as prepare_mailing
from letters.mail.products import choose_window, most_sheets, products_of
from letters.mail.register import What
from letters.mail.windows import address_view, write_overlay
from letters.model.postal import Box, WindowProfile
from letters.model.problems import CannotGoOn, Exit, many
from letters.model.records import PDF
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
# In place of one field with many values: of those a form keeps the last.
_TICKED = "piece-"
"""How the name of the box before a piece begins; its number follows."""
_SHOWN = 100
"""Letters at fault that are listed."""


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
    project, is_draft = opened.view().loaded, opened.view().is_draft
    states = opened.standings()
    registered, events = read_record(opened.out)
    last_events = {event.recipient: event for event in events}
    # By the same rule as the preparation, but without opening a PDF.
    waits = [why_not(state, last_events.get(id_), draft=is_draft, unsettled=False) for id_, state in states.items()]
    # Equal reasons are counted: of 16,625 rows most wait for the same thing.
    left_out = Counter(filter(None, waits))
    posted = {event.number for event in events if event.what is What.POSTED}
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
        folder=_folder(opened),
        registered=registered[(shown - 1) * ON_PAGE : shown * ON_PAGE],
        registered_number=len(registered),
        number=shown,
        last=last,
        recorded=len(events),
        states={event.number: event for event in events},
        to_post=len({each.piece.number for each in registered} - posted),
        orders=_ORDERS,
        envelopes={name: goods.title for name, goods in products.envelopes.items()},
        labels={name: goods.title for name, goods in sheets.items()},
        sheet=sheets.get(visit.query.get("sheet", "")) or next(iter(sheets.values()), None),
        windows={name: goods.title for name, goods in products.windows.items()},
        per_file=PER_FILE,
        today=opened.today().isoformat(),
        is_running=opened.is_busy,
    )


def sheets(visit: Visit) -> Response:
    """Answer with how much paper what is ready takes; the pages of many thousand letters are counted for seconds."""
    opened = visit.opened
    view, states = opened.view(), opened.standings()
    counted, number = opened.sheets
    if counted is not states:
        # Without the lock: nobody waits for it.
        pieces = gather(view.loaded, view.problems, opened.out, draft=view.is_draft).pieces
        number = sum(piece.sheets(duplex=True) for piece in pieces)
        opened.sheets = states, number
    return HTMLResponse(f"<span>{many(number, 'sheet')} of paper on both sides</span>")


def _folder(opened: OpenCampaign) -> Path:
    """Return where the files of the mailing go: those of a draft campaign are a trial."""
    return mail_folder(opened.out, draft=opened.view().is_draft)


def _files(opened: OpenCampaign) -> list[MailFile]:
    """Return the files of the mailing, the cover sheet first, print files next."""
    folder = _folder(opened)
    if not folder.is_dir():
        return []
    # Names that begin with a point are parts of files that are being written.
    paths = [path for path in folder.iterdir() if path.is_file() and not path.name.startswith(".")]
    paths.sort(key=lambda path: (path.name != "cover-sheet.pdf", not path.name.startswith("print-"), path.name))
    return [
        MailFile(number, path.name, max(1, path.stat().st_size // 1024), _ABOUT.get(path.name, ""))
        for number, path in enumerate(paths, start=1)
    ]


def file(visit: Visit) -> Response:
    """Answer with a file of the mailing, by its number in the list."""
    # Number and name: files are numbered anew when one more is written.
    asked = int(visit.path["number"]), visit.query.get("name")
    name = next((each.name for each in _files(visit.opened) if (each.number, each.name) == asked), None)
    if name is None:
        raise missing("The mailing has no such file any more.")
    return FileResponse(_folder(visit.opened) / name, filename=name, content_disposition_type="inline")


def prepare(visit: Visit) -> Response:
    """Begin to write the print files of a mailing and all that goes with it."""
    opened, wanted = visit.opened, _wanted(visit)
    opened.begin("Preparing the mailing", lambda progress: _prepare(opened, wanted, progress))
    return go("/mail")


def _wanted(visit: Visit) -> Wanted:
    opened, form = visit.opened, visit.form
    products = products_of(opened.view().loaded)
    order, envelopes, labels = form.get("order", ""), form.get("envelopes", AUTO), form.get("labels", "")
    return Wanted(
        folder=_folder(opened),
        order=Order(order) if order in tuple(Order) else Order.ZIP,
        duplex=form.get("sides", "both") == "both",
        per_file=visit.number("per_file", PER_FILE),
        envelopes=envelopes if envelopes in products.envelopes or envelopes == AUTO else "",
        labels=labels if labels in products.labels else "",
        writing=Writing(now=opened.moment(), trial=opened.view().is_draft),
    )


def _prepare(opened: OpenCampaign, wanted: Wanted, progress: Progress) -> str:
    """Prepare a mailing as the command line does; return in words what there is to print."""
    view = opened.view()
    project = view.loaded
    with alone_in(opened.out, "mail prepare"):
        gathered = gather(project, view.problems, opened.out, wanted.order, draft=wanted.trial, copies=True)
        gathered = addressable(project, gathered, opened.out, wanted)
        if not gathered.pieces:
            raise CannotGoOn(Exit.PROBLEMS, "no letter is ready to be posted", "Review tells what each waits for")
        # Each piece is audited, and then laid into a print file.
        progress.total = 2 * len(gathered.pieces)
        progress.check()
        read = audit_letters(project, opened.options((PDF,), jobs=0), gathered.every)
        progress.done = len(gathered.pieces)
        gathered = gathered.without(faults_of(read))
        if not gathered.pieces:
            raise CannotGoOn(Exit.PROBLEMS, "the audit found something in every letter", "run: letters audit")
        progress.check()
        prepared = prepare_mailing(project, gathered, opened.out, wanted)
        # As the command does: what fails the audit is not left in the folder.
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
    day = posting_day(visit.form.get("date", ""), opened.today())
    with opened.lock, alone_in(opened.out, "mail posted"):
        words += [each.word for each in named_in(opened.out, listed)]
        pieces = to_be_posted(opened.out, words, 0)
        # The command asks; a form that was sent cannot be asked back.
        if early := too_early(opened.out, pieces, day, opened.view().loaded.campaign.date):
            hint = "correct the day; nothing was recorded. If it is right: letters mail posted --yes, in the terminal"
            raise CannotGoOn(Exit.WRONG_CALL, early, hint)
        post(opened.out, pieces, day, opened.moment())
    opened.tell(f"{many(len(pieces), 'piece')} recorded as posted on {day}.")
    return go("/mail")


def returned(visit: Visit) -> Response:
    """Record that a piece came back, or those of a list."""
    opened = visit.opened
    piece, reason = visit.form.get("piece", "").strip(), visit.form.get("reason", "").strip()
    with opened.lock, alone_in(opened.out, "mail returned"):
        which = came_back(opened.out, piece, reason, _listed(visit))
        events = take_back(opened.out, which, opened.moment())
    if len(events) > 1:
        opened.tell(f"{many(len(events), 'piece')} recorded as returned. Correct their addresses, then build again.")
        return go("/mail")
    (event,) = events
    which_one = f"Number {event.number}, {event.recipient}"
    opened.tell(f"{which_one}: recorded as returned. Correct its address, then build again.")
    return go(f"/list/row/{event.recipient}")


def undo(visit: Visit) -> Response:
    """Take back what was last recorded as posted or returned: of the pieces that are ticked, else all of one go."""
    opened = visit.opened
    with opened.lock, alone_in(opened.out, "mail undo"):
        events = undo_record(opened.out, _words(visit), opened.moment())
    said = "; ".join(f"number {each.number}, {each.recipient}: {each.what} {each.detail}" for each in events[:5])
    opened.tell(f"Taken back for {many(len(events), 'piece')}: {said}{' …' if len(events) > 5 else ''}")
    return go("/mail")


def reprint(visit: Visit) -> Response:
    """Write a print file of a few pieces, under the numbers they have."""
    opened, words = visit.opened, _words(visit)
    if not words:
        raise CannotGoOn(Exit.WRONG_CALL, "no piece is named", "tick them, or name them by number or id")
    with opened.lock, opened.laying_out(), alone_in(opened.out, "mail reprint"):
        paths = write_reprint(opened.view().loaded, opened.out, words, opened.moment())
    opened.tell(f"Written: {', '.join(path.name for path in paths)}.")
    return go("/mail")


@dataclass(frozen=True, slots=True)
class Seen:
    """An envelope with its letter in it, pushed to one end: everything in inches from the envelope's upper left."""

    title: str
    left: float
    """Of the page."""
    top: float
    panel: float
    """How much of the page, from its top, faces the window."""
    holes: Sequence[Box]


def window(visit: Visit) -> Response:
    """Answer with a letter's first page in the window of an envelope, drawn, and what the check says of it."""
    opened = visit.opened
    project = opened.view().loaded
    profiles = products_of(project).windows
    profile = choose_window(project, visit.query.get("window", "") or next(iter(profiles), ""))
    # Whoever asks for nobody sees the one that fits last.
    to = visit.query.get("to", "") or opened.kept("longest address", lambda: _longest(opened))
    piece = _letters(opened, *([to] if to else []))[0]
    ((_, sight),) = look(project, [piece], profile)
    content = piece.letter.pdf.read_bytes()
    overlay = write_overlay([(piece.recipient, content, sight)], profile, address_view(profile))
    most = most_sheets(profile, project.campaign.paper)
    return visit.page(
        "window.html",
        "Through the window",
        windows={name: goods.title for name, goods in profiles.items()},
        profile=profile,
        piece=piece,
        digest=opened.pdfs.keep(content),
        overlay=opened.pdfs.keep(overlay),
        seen=_seen(profile),
        problems=sight.problems,
        too_thick=bool(most) and piece.sheets(duplex=True) > most,
        at_fault=opened.at_fault.get(profile.name, [])[:_SHOWN],
        is_running=opened.is_busy,
        progress=opened.running.progress,
    )


def _letters(opened: OpenCampaign, *only: str) -> tuple[Piece, ...]:
    """Return every letter that is made and up to date, or some of them; raises CannotGoOn where there is none."""
    project = opened.view().loaded
    chosen = project.narrowed(only) if only else project
    found = gather(chosen, opened.view().problems, opened.out, again=True, unsettled=True, draft=True).pieces
    if not found:
        raise CannotGoOn(Exit.PROBLEMS, "no finished letter is there to be looked at", "build the letters first")
    return found


def _longest(opened: OpenCampaign) -> str:
    """Return who has the longest address of those whose letter is made, since that fits last; empty for nobody."""
    made = {identifier for identifier, state in opened.standings().items() if state.pdf_sha256}
    lines = {
        letter.recipient.id: letter.context["recipient"]["inside_address"]  # type: ignore[index]
        for letter in opened.view().loaded.letters
        if letter.recipient.id in made
    }
    return max(lines, key=lambda id_: (len(lines[id_]), max(map(len, map(str, lines[id_])), default=0)), default="")


def _seen(profile: WindowProfile) -> list[Seen]:
    """Return the envelope as it looks with the letter at both ends of its way; none where no window is known."""
    if profile.address is None:
        return []
    holes = [
        Box(each.left, profile.height - each.bottom - each.height, each.left + each.width, profile.height - each.bottom)
        for each in (profile.address, profile.sender)
        if each
    ]
    panel = profile.folds[0] if profile.folds else profile.page_height
    across, along = max(0.0, profile.width - profile.page_width), max(0.0, profile.height - panel)
    return [
        Seen("The letter slid to the lower left", 0, along, panel, holes),
        Seen("The letter slid to the upper right", across, 0, panel, holes),
    ]


def look_at_all(visit: Visit) -> Response:
    """Begin to look at every finished letter through a window, as letters mail check does."""
    opened = visit.opened
    project = opened.view().loaded
    profile = choose_window(project, visit.form.get("window", ""))
    most = most_sheets(profile, project.campaign.paper)

    def work(progress: Progress) -> str:
        pieces = [piece for piece in _letters(opened) if piece.kind is DocumentKind.LETTER]
        # As letters mail check: thicker ones go into flat envelopes.
        folded = [piece for piece in pieces if not most or piece.sheets(duplex=True) <= most]
        progress.total = len(folded)
        found: list[tuple[str, str]] = []
        for piece in folded:
            progress.check()
            ((_, sight),) = look(project, [piece], profile)
            found += [(piece.recipient, problem.what) for problem in sight.problems if problem.stops]
            progress.done += 1
        opened.at_fault[profile.name] = found
        stopped = {identifier for identifier, _ in found}
        progress.good = not stopped
        said = f"{len(folded) - len(stopped):,} of {many(len(folded), 'letter')} fit the window {profile.name}."
        if flat := len(pieces) - len(folded):
            said += f"\n{many(flat, 'letter')} of more than {most} sheets cannot be folded for it."
        return said

    opened.begin(f"Looking through the window {profile.name}", work)
    return go("/mail/window", window=profile.name)


def labels(visit: Visit) -> Response:
    """Write labels for the pieces that are prepared, from a label of a used sheet on."""
    opened, product, at = visit.opened, visit.form.get("product", ""), visit.number("start_at", 1)
    project, draft = opened.view().loaded, opened.view().is_draft
    with opened.lock, opened.laying_out(), alone_in(opened.out, "mail labels"):
        registered, _ = read_record(opened.out)
        pieces = [each.piece for each in registered]
        # A trial is in no record: its pieces are those that would be gathered now.
        if draft:
            pieces = list(gather(project, opened.view().problems, opened.out, draft=True, copies=True).pieces)
        if not pieces:
            raise CannotGoOn(Exit.PROBLEMS, "no pieces are prepared", "prepare the mailing first")
        writing = Writing(now=opened.moment(), trial=draft)
        made = make_labels(project, pieces, product, writing, opened.out, start_at=at)
        write_whole(_folder(opened) / f"labels-{product}.pdf", made.content)
    said = f"{many(made.count, 'label')} in labels-{product}.pdf, from label {at} on."
    if made.problems:
        said += f" {len(made.problems):,} have no room for their address: {made.problems[0]}"
    opened.tell(said, "bad" if made.problems else "good")
    return go("/mail")
