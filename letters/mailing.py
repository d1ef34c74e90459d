"""The story of a mailing: take the letters that are ready, put them in order, say what is left out and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from letters.files import sha256_of, write_whole
from letters.ledger import Entry, Ledger
from letters.mail.manifest import Row, write_csv, write_left_out
from letters.mail.paper import ounces
from letters.mail.pdfs import parts_of
from letters.mail.pieces import Document, LeftOut, Order, Piece, in_order, numbered
from letters.mail.register import Event, Register, Registered, What
from letters.model import DOCX, PDF, MergedLetter, Paper
from letters.pipeline import plan_build
from letters.plan import path_of
from letters.problems import Problem
from letters.project import Project


@dataclass(frozen=True, slots=True)
class Gathered:
    """The pieces of a mailing in order, and the letters that are not in it."""

    pieces: tuple[Piece, ...]
    left_out: tuple[LeftOut, ...]


def gather(
    project: Project, problems: Sequence[Problem], out: Path, order: Order = Order.ZIP, *, again: bool = False
) -> Gathered:
    """Take every letter whose PDF is finished and says what the campaign says today, in order and numbered.

    Letters that were posted are left out, unless they came back, or `again` asks for all. Numbers begin above those of
    pieces that were posted.
    """
    with Ledger(out / "ledger.sqlite") as ledger:
        plan = plan_build(project, ledger, out, (PDF, DOCX))
    with Register(out / "ledger.sqlite", out) as register:
        standing, first = register.standing(), register.next_number()
    why = _reasons(project, problems, plan.steps, plan.edited, {} if again else standing)
    finished = {entry.id: entry for entry in plan.current if entry.medium == PDF}
    letters = {letter.recipient.id: letter for letter in project.letters}
    pieces = []
    for identifier, letter in letters.items():
        entry = finished.get(identifier)
        if identifier in why or entry is None:
            continue
        if sha256_of(path_of(out, identifier, PDF)) != entry.sha256:
            why[identifier] = f"{path_of(out, identifier, PDF)} is not the file that was made: run letters build"
            continue
        returned = identifier in standing and standing[identifier].what is What.RETURNED
        pieces.append(_piece(project, letter, entry, out, returned=returned))
    left_out = tuple(
        LeftOut(recipient.id, recipient["agency"], why[recipient.id])
        for recipient in project.recipients
        if recipient.id in why
    )
    return Gathered(tuple(numbered(in_order(pieces, order), first)), left_out)


def _reasons(
    project: Project,
    problems: Sequence[Problem],
    steps: Sequence[Any],
    edited: Sequence[tuple[str, str]],
    standing: Mapping[str, Event],
) -> dict[str, str]:
    """Tell why letters are left out."""
    why = {}
    for event in standing.values():
        if event.what is What.POSTED:
            why[event.recipient] = f"posted on {event.detail} as number {event.number}"
    for step in steps:
        if step.medium == PDF:
            why[step.letter.recipient.id] = f"the PDF is not made or out of date ({step.why}): run letters build"
    for identifier, medium in edited:
        if medium == PDF:
            why[identifier] = "the PDF was changed after it was made: move it away and run letters build"
        else:
            why[identifier] = "its draft was edited in Word, and the PDF does not say what the draft says"
    return {**why, **project.held_reasons(problems)}


def _piece(project: Project, letter: MergedLetter, entry: Entry, out: Path, *, returned: bool) -> Piece:
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
        documents=(Document(pdf=path, sha256=entry.sha256, parts=parts_of(path)),),
        enclosures=tuple(part.title for part in project.template.parts[1:]),
        edition=str(about["edition"]),
        resent=returned,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """How a mailing is to be prepared."""

    folder: Path
    """Where its files go."""
    duplex: bool = True
    paper: Paper = Paper.LETTER
    pounds: int = 20
    """The basis weight of the paper."""
    record: bool = True
    """Whether the register hears of it; a trial is not recorded."""
    now: str


def prepare(gathered: Gathered, out: Path, wanted: Wanted) -> list[Row]:
    """Write the manifest of a mailing and who is left out, and record its pieces."""
    rows = [
        Row(
            piece=piece,
            sheets=(sheets := piece.sheets(duplex=wanted.duplex)),
            ounces=ounces(sheets, wanted.paper, wanted.pounds),
        )
        for piece in gathered.pieces
    ]
    write_whole(wanted.folder / "manifest.csv", write_csv(rows))
    write_whole(wanted.folder / "left-out.csv", write_left_out(gathered.left_out))
    if wanted.record:
        with Register(out / "ledger.sqlite", out) as register:
            register.prepare((Registered(row.piece) for row in rows), wanted.now, {"duplex": wanted.duplex})
    return rows
