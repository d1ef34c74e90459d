"""The ledger: what each letter was made from, and every file that we ever wrote (SQLite)."""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from sys import intern
from types import TracebackType
from typing import Any, NamedTuple, Self

from letters.campaign import chain
from letters.formats.files import cannot_write, keep_to_owner, make_folder, sha256
from letters.formats.ooxml import Filling, fill
from letters.model.problems import CannotGoOn, Exit

LEDGER = "ledger.sqlite"
"""The file of the ledger in the output folder of a letter; the register of the mailing is in it, too."""
EVENTS_SCHEMA = """
CREATE TABLE IF NOT EXISTS events (
    number INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, id TEXT NOT NULL, kind TEXT NOT NULL,
    person TEXT NOT NULL, organization TEXT NOT NULL, words TEXT NOT NULL, pdf TEXT NOT NULL, remark TEXT NOT NULL
);
CREATE TRIGGER IF NOT EXISTS events_are_not_changed BEFORE UPDATE ON events
BEGIN SELECT RAISE(ABORT, 'the record is only ever added to'); END;
CREATE TRIGGER IF NOT EXISTS events_are_not_deleted BEFORE DELETE ON events
BEGIN SELECT RAISE(ABORT, 'the record is only ever added to'); END;
"""
"""What people did: the mailing writes into the same table."""
_SCHEMA = """
CREATE TABLE IF NOT EXISTS made (
    id TEXT NOT NULL, medium TEXT NOT NULL, template TEXT NOT NULL, tools TEXT NOT NULL, used TEXT NOT NULL,
    sha256 TEXT NOT NULL, size INTEGER NOT NULL, pages INTEGER NOT NULL, modified INTEGER NOT NULL,
    made_at TEXT NOT NULL,
    PRIMARY KEY (id, medium)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS written (
    id TEXT NOT NULL, medium TEXT NOT NULL, sha256 TEXT NOT NULL, PRIMARY KEY (id, medium, sha256)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS bases (
    docx TEXT NOT NULL, part TEXT NOT NULL, sha256 TEXT NOT NULL, PRIMARY KEY (docx, part)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS fillings (
    docx TEXT PRIMARY KEY, skeleton TEXT NOT NULL, filled TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS judged (question TEXT PRIMARY KEY, answer TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS texts (sha256 TEXT PRIMARY KEY, content BLOB NOT NULL);
"""
"""Long rows stand in the order in which they come, with an index (sqlite.org/withoutrowid.html): sorted by their hashes
they would cost four times as much, and three times the room."""
_VERSION = 2
"""Since 2 the record of people is sealed; an older program would add entries without seals."""
_PAGES_IN_LOG = 10_000
"""Pages of 4 kB that SQLite writes to its log before it puts them in their places; most pages are written often."""
_QUICK = 1
"""How hard texts are compressed: a fifth larger than at best, in a third of the time."""


class Entry(NamedTuple):
    """The record of one file: what it was made from, its hash, size and time."""

    id: str
    medium: str
    """"pdf" or "docx"."""
    template: str
    """Hash of the letter, its enclosures and its looks."""
    tools: str
    """Hash of the versions of this toolkit and the libraries that set type."""
    used: str
    """Hash of the values the letter prints and the conditions they decide."""
    sha256: str
    size: int
    """Bytes."""
    pages: int
    modified: int
    """Nanoseconds, as the file system tells it: a cheap way to see that a file was not touched."""
    made_at: str
    """When, in ISO 8601, as the command line passed it in."""


class LedgerEvent(NamedTuple):
    """Something that a person did with a letter, for the record."""

    at: str
    """When, in ISO 8601, as the command line passed it in."""
    id: str
    kind: str
    """One word or two: "approved", "discarded"."""
    person: str = ""
    organization: str = ""
    words: str = ""
    """Hash of the words of the letter at that moment; `Ledger.text` has the words."""
    pdf: str = ""
    """Hash of its PDF at that moment."""
    remark: str = ""


class RecordFile:
    """The SQLite file of what was made of one letter and what people did; use it as a context manager.

    Raises CannotGoOn when it cannot be written or read.
    """

    def __init__(self, path: Path, folders: Sequence[Path] = ()) -> None:
        self._path = path
        try:
            make_folder(path.parent)
            if not path.exists():
                path.touch(mode=0o600)
            keep_to_owner(path, *folders)
            with ExitStack() as opened:
                # Closed where anything below fails: Windows keeps an open file locked.
                self._db = opened.enter_context(closing(sqlite3.connect(path, isolation_level=None)))
                # Readers do not wait for a writer (sqlite.org/wal.html): people look at the status during a mailing.
                self._db.execute("PRAGMA journal_mode = WAL")
                self._make_tables()
                chain.begin(self._db)
                opened.pop_all()
        except OSError as error:
            raise cannot_write(path, error) from None
        except sqlite3.DatabaseError as error:
            raise_damage(path, error)

    def _make_tables(self) -> None:
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._db.close()
        raise_damage(self._path, error)


class Ledger(RecordFile):
    """The ledger of one letter; use it as a context manager."""

    def __init__(self, path: Path) -> None:
        outer = path.parent.parent
        super().__init__(path, [path.parent, *([outer] if outer.name == "out" else [])])

    def _make_tables(self) -> None:
        # In WAL mode this loses the last entries only, and if the power fails: those letters are made anew.
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.execute(f"PRAGMA wal_autocheckpoint = {_PAGES_IN_LOG}")
        version = self._db.execute("PRAGMA user_version").fetchone()[0]
        if version > _VERSION:
            what = f'"{self._path}" was written by a newer version of this toolkit'
            raise CannotGoOn(Exit.CANNOT_WRITE, what, "update it")
        schema = f"{EVENTS_SCHEMA}{_SCHEMA}{chain.SCHEMA}"
        # Who only reads needs no turn at writing: another command may be in the middle of it.
        if version < _VERSION:
            self._db.executescript(f"BEGIN IMMEDIATE;{schema}PRAGMA user_version = {_VERSION};COMMIT;")
        else:
            self._db.executescript(f"BEGIN;{schema}COMMIT;")

    def entries(self, medium: str) -> dict[str, Entry]:
        """List what was made in a medium, by id of the recipient."""
        rows = self._db.execute("SELECT * FROM made WHERE medium = ?", (medium,))
        return {row[0]: _entry(row) for row in rows}

    def entry(self, identifier: str, medium: str) -> Entry | None:
        """Return what was made for one recipient in a medium; None where nothing was."""
        row = self._db.execute("SELECT * FROM made WHERE id = ? AND medium = ?", (identifier, medium)).fetchone()
        return _entry(row) if row else None

    def ours(self, identifier: str, medium: str, sha256: str) -> bool:
        """Return whether a file is byte for byte one that we wrote for this letter."""
        query = "SELECT 1 FROM written WHERE id = ? AND medium = ? AND sha256 = ?"
        return self._db.execute(query, (identifier, medium, sha256)).fetchone() is not None

    def announce(self, files: Iterable[tuple[str, str, str]]) -> None:
        """Record id, medium and hash of files before they are put in place.

        A run that is killed in between leaves files that are known as ours and not mistaken for edited ones.
        """
        self._run("INSERT OR IGNORE INTO written VALUES (?, ?, ?)", files)

    def record(self, entries: Iterable[Entry]) -> None:
        """Record files that are in place."""
        self._run("INSERT OR REPLACE INTO made VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", entries)

    def append(self, events: Iterable[LedgerEvent]) -> None:
        """Add to the record of what people did, each entry sealed; nothing in it is ever changed or deleted."""
        with self._writing():
            append(self._db, events)

    def seal(self) -> chain.Seal:
        """Return the last seal of the record of people."""
        return chain.last(self._db) or chain.Seal(0, "", 0)

    def faults(self) -> list[str]:
        """List which entries of the record of people were inserted, changed or removed with another program."""
        # Somebody may have put anything into the table with another program.
        try:
            return chain.faults(self._db)
        except (TypeError, ValueError):
            raise sqlite3.DatabaseError("a seal in it is spoilt") from None

    def accept(self, event: LedgerEvent) -> None:
        """Take the record of people as it is now, with an entry that says who did so and why."""
        with self._writing():
            chain.seal_anew(self._db)
            append(self._db, [event])

    def events(self, identifier: str = "", kind: str = "") -> list[LedgerEvent]:
        """List what people did, the oldest first: with one letter or all, of one kind or all."""
        query = (
            "SELECT at, id, kind, person, organization, words, pdf, remark FROM events "
            "WHERE ? IN ('', id) AND ? IN ('', kind) ORDER BY number"
        )
        return [LedgerEvent(*row) for row in self._db.execute(query, (identifier, kind))]

    def keep_texts(self, texts: Iterable[bytes]) -> None:
        """Keep contents under their hashes, compressed."""
        rows = ((sha256(text), zlib.compress(text, _QUICK)) for text in texts)
        self._run("INSERT OR IGNORE INTO texts VALUES (?, ?)", rows)

    def text(self, digest: str) -> bytes | None:
        """Return a content that was kept under its hash."""
        row = self._db.execute("SELECT content FROM texts WHERE sha256 = ?", (digest,)).fetchone()
        return zlib.decompress(row[0]) if row else None

    def keep_bases(self, packages: Iterable[tuple[str, Mapping[str, bytes]]]) -> None:
        """Keep the parts of DOCX files that we write, by the file's hash: what was in a draft before it was edited."""
        rows, texts = [], {}
        for digest, parts in packages:
            for name, content in parts.items():
                rows.append((digest, name, sha256(content)))
                texts[rows[-1][2]] = content
        # Most parts of a DOCX are those of all others: they are compressed once.
        known = {digest for digest in texts if self._has_text(digest)}
        self.keep_texts(content for digest, content in texts.items() if digest not in known)
        self._run("INSERT OR IGNORE INTO bases VALUES (?, ?, ?)", rows)

    def keep_fillings(self, fillings: Sequence[tuple[str, Filling | None]]) -> set[str]:
        """Keep what DOCX files were spliced from, by hash of the file; return those that have to be kept whole."""
        told = {filling.skeleton: filling.text for _, filling in fillings if filling and filling.text}
        self.keep_texts(told.values())
        used = {filling.skeleton for _, filling in fillings if filling}
        known = {digest for digest in used if digest in told or self._has_text(digest)}
        rows = [
            (docx, each.skeleton, json.dumps(each.values)) for docx, each in fillings if each and each.skeleton in known
        ]
        self._run("INSERT OR IGNORE INTO fillings VALUES (?, ?, ?)", rows)
        return {docx for docx, _ in fillings} - {docx for docx, _, _ in rows}

    def base(self, docx: str) -> dict[str, bytes]:
        """Return the parts of a DOCX that we wrote; none where they were not kept."""
        query = "SELECT content, filled FROM fillings JOIN texts ON sha256 = skeleton WHERE docx = ?"
        if row := self._db.execute(query, (docx,)).fetchone():
            return fill(zlib.decompress(row[0]), json.loads(row[1]))
        query = "SELECT part, content FROM bases JOIN texts USING (sha256) WHERE docx = ?"
        return {name: zlib.decompress(content) for name, content in self._db.execute(query, (docx,))}

    def _has_text(self, digest: str) -> bool:
        return self._db.execute("SELECT 1 FROM texts WHERE sha256 = ?", (digest,)).fetchone() is not None

    def remember(self, question: str, answer: str) -> None:
        """Remember the answer to a question that always has the same one, such as a comparison of two files."""
        self._run("INSERT OR REPLACE INTO judged VALUES (?, ?)", [(question, answer)])

    def remembered(self, question: str) -> str:
        """Return a remembered answer; empty where there is none."""
        row = self._db.execute("SELECT answer FROM judged WHERE question = ?", (question,)).fetchone()
        return str(row[0]) if row else ""

    def was_written(self, medium: str, digest: str) -> bool:
        """Return whether a file is byte for byte one that we wrote for any letter."""
        query = "SELECT 1 FROM written WHERE medium = ? AND sha256 = ?"
        return self._db.execute(query, (medium, digest)).fetchone() is not None

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Keep other programs from writing meanwhile; all is written, or nothing."""
        try:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")
        except sqlite3.OperationalError as error:
            raise CannotGoOn(Exit.CANNOT_WRITE, f"the ledger cannot be written: {error}", "is the disk full?") from None

    def _run(self, statement: str, rows: Iterable[tuple[object, ...]]) -> None:
        # What the rows are made from may ask the ledger itself: they are complete before others have to wait.
        if listed := list(rows):
            with self._writing():
                self._db.executemany(statement, listed)


def append(db: chain.Database, events: Iterable[LedgerEvent]) -> None:
    """Add to the record of what people did, in a transaction of a database that has it; each entry is sealed."""
    columns = "at, id, kind, person, organization, words, pdf, remark"
    for event in events:
        done = db.execute(f"INSERT INTO events ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", event)
        chain.add(db, "events", done.lastrowid or 0)


def raise_damage(path: Path, error: BaseException | None) -> None:
    """Raise CannotGoOn for an error of SQLite while a file of records was used: its pages are spoilt, or the disk."""
    if isinstance(error, sqlite3.DatabaseError):
        name = getattr(error, "sqlite_errorname", "")
        hint = "put back a copy of the file from before, or move it away: letters are then compared and kept"
        if name.startswith(("SQLITE_IOERR", "SQLITE_FULL")):
            hint = "is the disk full? make room, then run the same command"
        elif name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")):
            hint = "you may not write there: ask whoever owns the folder, and leave the file where it is"
        elif name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            hint = "another command is writing to it: wait until it has ended, then run this one again"
        raise CannotGoOn(Exit.CANNOT_WRITE, f'"{path}" cannot be used: {error}', hint) from None


def path_of(out: Path, identifier: str, medium: str) -> Path:
    """Return the path of a document in the output folder of its letter."""
    return out / medium / f"{identifier}.{medium}"


def is_touched(path: Path, entry: Entry | None) -> bool:
    """Return whether a file may have changed since it was made, judged by its size and time only."""
    if entry is None:
        return True
    try:
        status = path.stat()
    except FileNotFoundError:
        return True
    return (status.st_size, status.st_mtime_ns) != (entry.size, entry.modified)


def _entry(row: Sequence[Any]) -> Entry:
    """Make an entry of a row; what most rows say alike is kept once."""
    identifier, medium, template, tools, used, digest, size, pages, modified, made_at = row
    texts = (identifier, medium, template, tools, used, digest, made_at)
    if not all(isinstance(each, str) for each in texts) or not isinstance(pages, int):
        raise sqlite3.DatabaseError("an entry in it is spoilt")
    # Thousands of rows have the same few: one string each in memory.
    template, tools, made_at = map(intern, (template, tools, made_at))
    return Entry(identifier, intern(medium), template, tools, used, digest, size, pages, modified, made_at)
