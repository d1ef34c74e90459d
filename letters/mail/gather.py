"""The story of a mailing, first half: letters that are final become pieces in order, and what is left out is told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from letters.campaign.ledger import Entry, Ledger, path_of
from letters.campaign.load import Project
from letters.mail.page_words import parts_of
from letters.mail.pieces import Document, DocumentKind, LeftOut, Order, Piece, in_order, numbered
from letters.mail.register import PostalEvent, Register, What
from letters.model.problems import Problem
from letters.model.records import PDF, MergedLetter
from letters.review.status import DRAFT_CAMPAIGN, Standing, current_copies, standing

LEDGER = "ledger.sqlite"


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
    unsettled: bool = False,
) -> Gathered:
    """Take every letter that is final, in order and numbered; a trial takes those of a draft campaign, too.

    `unsettled` takes all that are made and up to date, whatever they wait for: to look at, not to post.

    Letters that were posted are left out, unless they came back, or `again` asks for all. Numbers begin above those of
    pieces that were posted.
    """
    with Ledger(out / LEDGER) as ledger:
        states = standing(project, problems, ledger, out)
        copies = current_copies(project, ledger, out)
    with Register(out / LEDGER, out) as register:
        posted, first = register.standing(), register.next_number()
    letters = {letter.recipient.id: letter for letter in project.letters}
    pieces, left_out = [], []
    for recipient in project.recipients:
        state, event = states[recipient.id], posted.get(recipient.id)
        if why := _why_not(state, None if again else event, draft=draft, unsettled=unsettled):
            left_out.append(LeftOut(recipient.id, recipient["agency"], why))
        else:
            returned = event is not None and event.what is What.RETURNED
            piece = _piece(project, letters[recipient.id], state, out, returned=returned)
            pieces.append(replace(piece, documents=(*piece.documents, *_copies(copies.get(recipient.id, ()), out))))
    return Gathered(tuple(numbered(in_order(pieces, order), first)), tuple(left_out))


def _why_not(state: Standing, event: PostalEvent | None, *, draft: bool, unsettled: bool) -> str:
    """Return why a letter is not posted; empty where it is."""
    if event and event.what is What.POSTED:
        return f"posted on {event.detail} as number {event.number}"
    if event and event.sha256 == state.pdf_sha256:
        return f"came back ({event.detail}) and was not changed since: correct it, or add --again"
    accepted = (draft and state.waits_for == DRAFT_CAMPAIGN) or (unsettled and state.pdf_sha256)
    if state.waits_for and not accepted:
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
        final=state.pdf_sha256,
        enclosures=tuple(part.title for part in project.template.parts[1:]),
        edition=str(about["edition"]),
        approvals=state.approved_by,
        resent=returned,
    )


def _copies(entries: Sequence[Entry], out: Path) -> Iterator[Document]:
    """Take the copies of a letter that are made and up to date."""
    for entry in sorted(entries, key=lambda entry: entry.id):
        path = path_of(out, entry.id, PDF)
        yield Document(pdf=path, sha256=entry.sha256, parts=parts_of(path), kind=DocumentKind.COPY)
