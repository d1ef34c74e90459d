"""What goes around the letters, drawn: the address in the window of an envelope, and labels on a used sheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.responses import Response

from letters.desk.opened import OpenCampaign
from letters.desk.running import Progress
from letters.desk.visit import Visit, go
from letters.formats.files import alone_in, write_whole
from letters.mail.addressed import Writing, look, make_labels
from letters.mail.gather import gather
from letters.mail.log import read_record
from letters.mail.pieces import AddressStyle, DocumentKind, Piece, mail_folder
from letters.mail.products import choose_window, most_sheets, products_of
from letters.mail.windows import address_view, write_overlay
from letters.model.postal import Box, WindowProfile
from letters.model.problems import CannotGoOn, Exit, many
from letters.model.settings import Status

_SHOWN = 100
"""Letters at fault that are listed."""


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
    opened, form = visit.opened, visit.form
    project = opened.view().loaded
    draft = project.campaign.status is Status.DRAFT
    start = form.get("start_at", "1")
    product = form.get("product", "")
    with opened.lock, opened.laying_out(), alone_in(opened.out, "mail labels"):
        registered, _ = read_record(opened.out)
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
    said = f"{many(made.count, 'label')} in labels-{product}.pdf, from label {at} on."
    if made.problems:
        said += f" {len(made.problems):,} have no room for their address: {made.problems[0]}"
    opened.tell(said, "bad" if made.problems else "good")
    return go("/mail")
