"""The story of a mailing, first half: letters that are final become pieces in order, and what is left out is told."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from letters.campaign.ledger import LEDGER, Entry, Ledger, path_of
from letters.campaign.load import Project
from letters.mail.addresses import address_of, why_not_posted
from letters.mail.pieces import Document, DocumentKind, LeftOut, Order, Piece, in_order, numbered
from letters.mail.register import PostalEvent, Register, What
from letters.mail.windows import parts_of
from letters.model.postal import article_digits
from letters.model.problems import Problem
from letters.model.records import PDF, MergedLetter, Recipient, copy_number, original_of
from letters.model.settings import Copy, zip_of
from letters.review.status import DRAFT_CAMPAIGN, Standing, current_copies, standing


@dataclass(frozen=True, slots=True)
class Gathered:
    """The pieces of a mailing in order, and the letters that are not in it."""

    pieces: tuple[Piece, ...]
    """Letters and the copies that are posted, each with its own address."""
    left_out: tuple[LeftOut, ...]
    file_copies: tuple[Piece, ...] = ()
    """The copies for the sender's own file, under the numbers of the letters."""
    without_copies: int = 0
    """Letters whose copies are not all made."""

    def without(self, unfit: Mapping[str, str]) -> Gathered:
        """Return the mailing without some pieces, given by id with the reason, and without the copies of such letters.

        Numbers stay without a gap.
        """
        # A copy says for whom the letter was: it does not go out where the letter stays behind.
        reasons = {p.recipient: unfit.get(p.recipient) or unfit.get(original_of(p.recipient)) for p in self.every}
        left_out = [LeftOut(p.recipient, p.agency, why) for p in self.every if (why := reasons[p.recipient])]
        kept = numbered((p for p in self.pieces if not reasons[p.recipient]), self.first)
        # The sender’s own copy stays where a posted copy is unfit, and goes with its letter, by its number below.
        filed = tuple(p for p in self.file_copies if not unfit.get(p.recipient))
        others = replace(self, pieces=tuple(kept), left_out=(*self.left_out, *left_out), file_copies=filed)
        return others.with_files_numbered()

    @property
    def first(self) -> int:
        """The number of the first piece."""
        return self.pieces[0].number if self.pieces else 1

    @property
    def every(self) -> tuple[Piece, ...]:
        """All pieces, those that are only filed among them."""
        return (*self.pieces, *self.file_copies)

    def with_files_numbered(self) -> Gathered:
        """Return the mailing with the numbers of letters on their file copies; those of no letter in it are dropped."""
        numbers = {piece.recipient: piece.number for piece in self.pieces if piece.kind is DocumentKind.LETTER}
        # Filed copies are in the order of the letters, so that the two stacks can be compared from the top.
        own = ((numbers.get(original_of(copy.recipient), 0), copy) for copy in self.file_copies)
        kept = sorted(((number, copy) for number, copy in own if number), key=operator.itemgetter(0))
        return replace(self, file_copies=tuple(replace(copy, number=number) for number, copy in kept))


def gather(
    project: Project,
    problems: Sequence[Problem],
    out: Path,
    order: Order = Order.ZIP,
    *,
    again: bool = False,
    draft: bool = False,
    unsettled: bool = False,
    copies: bool = False,
) -> Gathered:
    """Take every letter that is final, in order and numbered; a trial takes those of a draft campaign, too.

    `unsettled` takes all that are made and up to date, whatever they wait for: to look at, not to post.

    With `copies`, the copies that are made go along: those for somebody under "cc" as pieces of their own, those for
    the file apart. What was posted is left out, unless it came back, or `again` asks for all. Numbers begin above
    those of pieces that were posted.
    """
    with Ledger(out / LEDGER) as ledger:
        states = standing(project, problems, ledger, out)
        made = current_copies(project, ledger, out) if copies else {}
    with Register(out) as register:
        # Numbers of pieces that were posted are never given again: they are on paper and in the record.
        posted, first = register.standing(), register.next_number()
        returned = {name: event.number for name, event in posted.items() if event.what is What.RETURNED}
        sent_to = {name: register.address_of(number) for name, number in returned.items()}
    letters = {letter.recipient.id: letter for letter in project.letters}
    pieces: list[Piece] = []
    left_out: list[LeftOut] = []
    # With --again nothing that happened counts, to letters as to copies.
    copied = _Copied(project, out, {} if again else posted, sent_to)
    for recipient in project.recipients:
        state, event = states[recipient.id], posted.get(recipient.id)
        if why := why_not(state, None if again else event, draft=draft, unsettled=unsettled):
            left_out.append(LeftOut(recipient.id, recipient["agency"], why))
        else:
            pieces.append(_piece(project, letters[recipient.id], state, out))
            copied.incomplete += copies and len(made.get(recipient.id, ())) < len(project.campaign.copies)
        # Also of a letter that was posted before: its copies may have been made, or given an address, since.
        if copies and _is_settled(state, draft=draft):
            copied.take(recipient, letters[recipient.id], made.get(recipient.id, ()))
    gathered = Gathered(
        tuple(numbered(in_order([*pieces, *copied.posted], order), first)),
        (*left_out, *copied.left_out),
        tuple(copied.kept),
        copied.incomplete,
    )
    return gathered.with_files_numbered()


def _is_settled(state: Standing, *, draft: bool) -> bool:
    """Return whether a letter may be posted, or was: copies may go out after it."""
    # In a trial only the status of the campaign is overlooked; every other reason keeps a letter out of it, too.
    return state.waits_for in ("", DRAFT_CAMPAIGN if draft else "")


def why_not(state: Standing, event: PostalEvent | None, *, draft: bool, unsettled: bool) -> str:
    """Return why a letter is not posted; empty where it is."""
    if event and event.what is What.POSTED:
        return _was_posted(event)
    # It would go to the address that it has just come back from.
    if event and event.sha256 == state.pdf_sha256:
        return _came_back(event)
    accepted = _is_settled(state, draft=draft) or (unsettled and state.pdf_sha256)
    if state.waits_for and not accepted:
        return state.waits_for
    return ""


def _was_posted(event: PostalEvent) -> str:
    return f"posted on {event.detail} as number {event.number}"


def _came_back(event: PostalEvent) -> str:
    return f"came back ({event.detail}) and was not changed since: correct it, or add --again"


def _piece(project: Project, letter: MergedLetter, state: Standing, out: Path) -> Piece:
    recipient = letter.recipient
    values: Any = letter.context["recipient"]
    about: Any = letter.context["letter"]
    path = path_of(out, recipient.id, PDF)
    return Piece(
        recipient=recipient.id,
        name=str(values["running_name"]),
        agency=recipient["agency"],
        county=recipient["county"],
        office=recipient["office"],
        address=tuple(str(line) for line in values["inside_address"]),
        zip=recipient["zip"],
        email=recipient["email"],
        documents=(Document(pdf=path, sha256=state.pdf_sha256, parts=parts_of(path)),),
        # Kept beside the hash of the document: once it is signed, that is another file, and approvals are of this one.
        final=state.pdf_sha256,
        enclosures=tuple(part.title for part in project.template.parts[1:]),
        edition=str(about["edition"]),
        approvals=state.approved_by,
        article=article_digits(recipient["certified_number"]),
    )


@dataclass(slots=True)
class _Copied:
    """The copies of a mailing, as they are taken in letter by letter."""

    project: Project
    out: Path
    events: Mapping[str, PostalEvent]
    """The last of what happened to each piece."""
    sent_to: Mapping[str, tuple[str, ...]]
    """The addresses that pieces came back from."""
    posted: list[Piece] = field(default_factory=list)
    """Those that are posted in this mailing."""
    kept: list[Piece] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    incomplete: int = 0
    """Letters whose copies are not all made."""

    def take(self, recipient: Recipient, letter: MergedLetter, made: Sequence[Entry]) -> None:
        """Take in the copies of one letter that are made and up to date."""
        # By number: as text, copy-10 stands before copy-2.
        for entry in sorted(made, key=lambda entry: copy_number(entry.id)):
            # Copies are numbered from 1 in the order of their tables.
            copy = self.project.campaign.copies[copy_number(entry.id) - 1]
            event = self.events.get(entry.id)
            piece = self._piece(entry, copy, recipient, letter)
            if copy.file:
                self.kept.append(piece)
            elif event and event.what is What.POSTED:
                self.left_out.append(LeftOut(entry.id, piece.agency, _was_posted(event)))
            elif event and event.sha256 == entry.sha256 and self.sent_to[entry.id] in ((), piece.address):
                # A copy shows the address of the letter: its own may be corrected without a change of the copy.
                self.left_out.append(LeftOut(entry.id, piece.agency, _came_back(event)))
            elif why := why_not_posted(copy, piece.address):
                self.left_out.append(LeftOut(entry.id, piece.agency, why))
            else:
                self.posted.append(piece)

    def _piece(self, entry: Entry, copy: Copy, recipient: Recipient, letter: MergedLetter) -> Piece:
        about: Any = letter.context["letter"]
        path = path_of(self.out, entry.id, PDF)
        kind = DocumentKind.FILE_COPY if copy.file else DocumentKind.COPY
        lines = address_of(copy, recipient)
        return Piece(
            recipient=entry.id,
            name=copy.name,
            agency=recipient["agency"],
            county=recipient["county"],
            address=(copy.name, *lines) if lines else (),
            zip=zip_of(lines),
            documents=(Document(pdf=path, sha256=entry.sha256, parts=parts_of(path), kind=kind),),
            final=entry.sha256,
            enclosures=tuple(part.title for part in self.project.template.parts[1:]) if copy.enclosures else (),
            edition=str(about["edition"]),
        )
