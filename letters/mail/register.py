"""The register of mailings: which pieces were prepared, printed again, posted, returned (in the ledger's SQLite file).

What happened is only ever added to. A piece keeps its number for good once it is posted; until then the next
preparation may number anew.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from letters.campaign import chain
from letters.campaign.ledger import EVENTS_SCHEMA, LEDGER, LedgerEvent, RecordFile, append
from letters.mail.pieces import Document, DocumentKind, Piece
from letters.model.problems import CannotGoOn, Exit

# Triggers and not only this program keep the record from being changed: others open SQLite files, too.
_SCHEMA = """
CREATE TABLE IF NOT EXISTS mail_piece (
    number INTEGER PRIMARY KEY, recipient TEXT NOT NULL, batch INTEGER NOT NULL, article TEXT NOT NULL,
    record TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS mail_event (
    event INTEGER PRIMARY KEY, at TEXT NOT NULL, what TEXT NOT NULL, number INTEGER NOT NULL, recipient TEXT NOT NULL,
    sha256 TEXT NOT NULL, detail TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS mail_event_recipient ON mail_event (recipient);
CREATE TRIGGER IF NOT EXISTS mail_events_are_not_changed BEFORE UPDATE ON mail_event
BEGIN SELECT RAISE(ABORT, 'the record is only ever added to'); END;
CREATE TRIGGER IF NOT EXISTS mail_events_are_not_deleted BEFORE DELETE ON mail_event
BEGIN SELECT RAISE(ABORT, 'the record is only ever added to'); END;
CREATE TABLE IF NOT EXISTS mail_setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""


class What(StrEnum):
    """The events in the life of a piece."""

    PREPARED = "prepared"
    REPRINTED = "reprinted"
    POSTED = "posted"
    RETURNED = "returned"
    UNDONE = "undone"
    """The last record of a piece as posted or returned was a mistake."""


@dataclass(frozen=True, slots=True)
class Registered:
    """A piece as the register knows it: with the print file it is in and its certified mail number, if it has one."""

    piece: Piece
    batch: int = 1
    article: str = ""


@dataclass(frozen=True, slots=True)
class PostalEvent:
    """Something that happened to a piece."""

    at: str
    """When, in ISO 8601."""
    what: What
    number: int
    recipient: str
    sha256: str
    """The hash of the final letter then."""
    detail: str = ""
    """The date it was posted on, or why it came back."""

    @property
    def words(self) -> str:
        """Return what happened, in a few words."""
        return f"{self.what} {self.detail} ({self.number})"


class Register(RecordFile):
    """The register of one letter's mailings, in its output folder; use it as a context manager.

    Paths are kept relative to that folder, which may be moved. Raises CannotGoOn when the file cannot be used.
    """

    def __init__(self, out: Path) -> None:
        self._out = out
        super().__init__(out / LEDGER)

    def _make_tables(self) -> None:
        # In one transaction: two commands that begin together would each find half of the tables.
        self._db.executescript(f"BEGIN;{EVENTS_SCHEMA}{_SCHEMA}{chain.SCHEMA}COMMIT;")

    def pieces(self) -> list[Registered]:
        """List the pieces of the latest preparation, in order; what was posted before it is not among them."""
        rows = self._db.execute(
            "SELECT record, batch, article FROM mail_piece WHERE number >= ? ORDER BY number", (self._first(),)
        )
        try:
            return [Registered(self._read(record), batch, article) for record, batch, article in rows]
        except (ValueError, TypeError, KeyError):
            raise sqlite3.DatabaseError("a piece in it is spoilt") from None

    def next_number(self) -> int:
        """Return the number of the first piece of the next preparation: one above every piece that was posted."""
        # Also above pieces whose posting was undone: their numbers may stand on paper in somebody’s hand.
        query = "SELECT coalesce(max(number), 0) + 1 FROM mail_event WHERE what = ?"
        return int(self._db.execute(query, (What.POSTED,)).fetchone()[0])

    def prepare(self, pieces: Iterable[Registered], at: str, settings: Mapping[str, Any]) -> None:
        """Put a new preparation in the place of the last one; pieces that were posted stay."""
        # Posted pieces stay for good; those that were only prepared give their numbers back.
        first = self.next_number()
        with self._transaction():
            self._db.execute("DELETE FROM mail_piece WHERE number >= ?", (first,))
            for each in pieces:
                piece = each.piece
                row = (piece.number, piece.recipient, each.batch, each.article, self._write(piece))
                self._db.execute("INSERT INTO mail_piece VALUES (?, ?, ?, ?, ?)", row)
                self._insert(at, What.PREPARED, piece.number, piece.recipient, _digest(piece), "")
            # Kept beside the pieces, so that a reprint looks like the first print, whatever the options are by then.
            for name, value in {**settings, "first": first}.items():
                self._db.execute("INSERT OR REPLACE INTO mail_setting VALUES (?, ?)", (name, json.dumps(value)))

    def withdraw(self) -> None:
        """Forget the pieces of the latest preparation that were not posted: their print files are written anew."""
        with self._transaction():
            self._db.execute("DELETE FROM mail_piece WHERE number >= ?", (self.next_number(),))

    def settings(self) -> dict[str, Any]:
        """Return how the latest preparation was made."""
        return {name: json.loads(value) for name, value in self._db.execute("SELECT * FROM mail_setting")}

    def log(self, what: What, pieces: Iterable[Piece], at: str, detail: str = "") -> None:
        """Add to what happened, and to what letters log prints: both, or neither."""
        with self._transaction():
            for piece in pieces:
                self._tell(PostalEvent(at, what, piece.number, piece.recipient, _digest(piece), detail), ", ")

    def log_again(self, what: What, told: Iterable[tuple[PostalEvent, str]], at: str) -> None:
        """Add something that happened to the pieces of earlier events, each with its detail, to both as well."""
        with self._transaction():
            for event, detail in told:
                self._tell(PostalEvent(at, what, event.number, event.recipient, event.sha256, detail), ": ")

    def _tell(self, event: PostalEvent, mark: str) -> None:
        self._insert(event.at, event.what, event.number, event.recipient, event.sha256, event.detail)
        remark = f"number {event.number}" + (f"{mark}{event.detail}" if event.detail else "")
        append(self._db, [LedgerEvent(event.at, event.recipient, event.what, pdf=event.sha256, remark=remark)])

    def events(self, recipient: str = "") -> list[PostalEvent]:
        """List what happened, to one recipient's pieces or to all, the oldest first, without what was undone."""
        where, values = ("WHERE recipient = ?", (recipient,)) if recipient else ("", ())
        query = f"SELECT at, what, number, recipient, sha256, detail FROM mail_event {where} ORDER BY event"
        events = [PostalEvent(at, What(what), *rest) for at, what, *rest in self._db.execute(query, values)]
        # Nearly always nothing was undone, and status asks for the events of every letter.
        return in_force(events) if any(event.what is What.UNDONE for event in events) else events

    def standing(self) -> dict[str, PostalEvent]:
        """Return for each recipient the last thing that happened to a piece, of being posted and being returned."""
        return {event.recipient: event for event in self.events() if event.what in (What.POSTED, What.RETURNED)}

    def address_of(self, number: int) -> tuple[str, ...]:
        """Return the address of a piece that was posted; empty where the record does not know it."""
        row = self._db.execute("SELECT record FROM mail_piece WHERE number = ?", (number,)).fetchone()
        return tuple(json.loads(row[0])["address"]) if row else ()

    def posted_articles(self) -> dict[str, PostalEvent]:
        """Return the article numbers of certified mail that were used up, with the piece that each went out with."""
        posted = {event.number: event for event in self.events() if event.what is What.POSTED}
        rows = self._db.execute("SELECT article, number FROM mail_piece WHERE article != ''")
        return {article: posted[number] for article, number in rows if number in posted}

    def _first(self) -> int:
        row = self._db.execute("SELECT value FROM mail_setting WHERE name = 'first'").fetchone()
        return int(json.loads(row[0])) if row else 1

    def _insert(self, *row: object) -> None:
        statement = "INSERT INTO mail_event (at, what, number, recipient, sha256, detail) VALUES (?, ?, ?, ?, ?, ?)"
        chain.add(self._db, "mail_event", self._db.execute(statement, row).lastrowid or 0)

    def _write(self, piece: Piece) -> str:
        record = asdict(piece)
        for document in record["documents"]:
            # The output folder may be moved, or mounted elsewhere, between preparation and posting.
            document["pdf"] = document["pdf"].relative_to(self._out).as_posix()
        return json.dumps(record, ensure_ascii=False)

    def _read(self, record: str) -> Piece:
        fields: dict[str, Any] = {
            # JSON knows no tuples, and records are compared with those that are made anew.
            name: tuple(value) if isinstance(value, list) else value
            for name, value in json.loads(record).items()
        }
        fields["documents"] = tuple(
            Document(
                pdf=self._out / each["pdf"],
                sha256=each["sha256"],
                parts=tuple(each["parts"]),
                kind=DocumentKind(each["kind"]),
            )
            for each in fields["documents"]
        )
        return Piece(**fields)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """Begin a transaction, whose error people understand when the disk is full or another command writes."""
        # IMMEDIATE takes the right to write at once: a command that has read first could no longer get it.
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException as error:
            self._db.execute("ROLLBACK")
            if not isinstance(error, sqlite3.OperationalError):
                raise
            message = f"the register of the mailing cannot be written: {error}"
            raise CannotGoOn(Exit.CANNOT_WRITE, message, "is the disk full, or another command running?") from None
        self._db.execute("COMMIT")


def _digest(piece: Piece) -> str:
    """Return the hash of the letter as it was approved, also where a signed one is printed."""
    return piece.final or piece.letter.sha256


def in_force(events: Iterable[PostalEvent]) -> list[PostalEvent]:
    """Return events without those that were undone: each undoing takes away the last of posted and returned."""
    kept: dict[int, PostalEvent] = {}
    last: dict[int, list[int]] = {}
    for at, event in enumerate(events):
        if event.what is What.UNDONE:
            if last.get(event.number):
                del kept[last[event.number].pop()]
            continue
        kept[at] = event
        if event.what in (What.POSTED, What.RETURNED):
            last.setdefault(event.number, []).append(at)
    return list(kept.values())
