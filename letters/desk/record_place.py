"""The record at the place Print & post: what was posted, came back, is printed again, or was recorded by mistake."""

from __future__ import annotations

from starlette.responses import Response

from letters.desk.render import many
from letters.desk.visit import Visit, go, uploaded
from letters.formats.files import alone_in
from letters.mail.log import RecordList, approved_later, came_back, named_in, post, posting_day, take_back, to_be_posted
from letters.mail.log import reprint as write_reprint
from letters.mail.log import undo as undo_record
from letters.model.problems import CannotGoOn, Exit
from letters.recipients.source import read_source

_TICKED = "piece-"
"""How the name of the box before a piece begins; its number follows."""


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
        early = [piece.recipient for piece, _ in approved_later(opened.out, pieces, day)]
        if early and visit.form.get("early") != "yes":
            message = (
                f"{many(len(early), 'piece')} would be posted on {day}, before the approval: {', '.join(early[:5])}"
            )
            raise CannotGoOn(Exit.WRONG_CALL, message, "correct the day; nothing was recorded")
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
