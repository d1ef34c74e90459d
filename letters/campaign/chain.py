"""Seals the record of people: each entry with a hash of itself and of the seal before it (a hash chain).

An entry that was inserted, changed or removed with another program no longer fits its seal. That is a seal and not a
lock: whoever writes all seals anew leaves no trace, so the last one is shown, to be noted down elsewhere.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any, NamedTuple, Protocol

SCHEMA = """
CREATE TABLE IF NOT EXISTS seals (
    position INTEGER PRIMARY KEY, record TEXT NOT NULL, number INTEGER NOT NULL, seal TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS last_seal (
    one INTEGER PRIMARY KEY CHECK (one = 1), count INTEGER NOT NULL, seal TEXT NOT NULL, older INTEGER NOT NULL
);
"""
_RECORDS = {
    "events": ("number", "at, id, kind, person, organization, words, pdf, remark"),
    "mail_event": ("event", "at, what, number, recipient, sha256, detail"),
}
"""The tables that are sealed, with the column of their numbers, and the others."""
_ABOUT = {"events": (0, 1, 2), "mail_event": (0, 3, 1)}
"""Where in a row the time, the recipient and the kind stand."""


class Database(Protocol):
    """A connection to a database."""

    def execute(self, statement: str, values: Any = (), /) -> Any:
        """Run a statement."""


class Seal(NamedTuple):
    """The last seal of a record."""

    entries: int
    """How many are sealed."""
    seal: str
    older: int
    """How many of them were there before entries were sealed."""


def begin(db: Database) -> None:
    """Seal what an earlier version has written, once; call it in no transaction."""
    # Looked at once more within the transaction: another command may have done it meanwhile.
    if last(db) is not None:
        return
    db.execute("BEGIN IMMEDIATE")
    try:
        if last(db) is None:
            db.execute("INSERT INTO last_seal VALUES (1, 0, '', 0)")
            for record, number in _numbers(db):
                add(db, record, number)
            db.execute("UPDATE last_seal SET older = count")
    except BaseException:
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")


def last(db: Database) -> Seal | None:
    """Return the last seal; None where nothing was ever sealed."""
    row = db.execute("SELECT count, seal, older FROM last_seal").fetchone()
    return Seal(*row) if row else None


def add(db: Database, record: str, number: int) -> None:
    """Seal an entry that was just written, in the same transaction."""
    count, before, _ = last(db) or Seal(0, "", 0)
    seal = _seal(before, record, number, _row(db, record, number))
    db.execute("INSERT INTO seals VALUES (?, ?, ?, ?)", (count + 1, record, number, seal))
    db.execute("UPDATE last_seal SET count = ?, seal = ?", (count + 1, seal))


def faults(db: Database) -> list[str]:
    """List what was inserted, changed or removed since it was sealed, in the order of the record."""
    found = list(_faults(db))
    sealed = set(db.execute("SELECT record, number FROM seals"))
    for record, number in _numbers(db):
        if (record, number) not in sealed:
            found.append(f"{_about(record, _row(db, record, number))} was not written by this program")
    return found


def seal_anew(db: Database) -> None:
    """Seal all entries as they are, in the transaction of the entry that tells why; what was older stays so."""
    order = {(record, number): position for position, record, number, _ in db.execute("SELECT * FROM seals")}
    entries = sorted(_numbers(db), key=lambda each: (order.get(each, len(order) + 1), each))
    # Entries that were removed meanwhile may have been older ones.
    older = min((last(db) or Seal(0, "", 0)).older, len(entries))
    db.execute("DELETE FROM seals")
    db.execute("INSERT OR REPLACE INTO last_seal VALUES (1, 0, '', ?)", (older,))
    for record, number in entries:
        add(db, record, number)


def _faults(db: Database) -> Iterator[str]:
    before, expected = "", 1
    for position, record, number, seal in db.execute("SELECT * FROM seals ORDER BY position").fetchall():
        if position != expected:
            yield _removed(expected, position - 1)
        row = _row(db, record, number) if record in _RECORDS else None
        if row is None:
            yield _removed(position, position)
        elif seal != _seal(before, record, number, row):
            # Where an entry before it is gone with its seal, this one may be as it was.
            yield f"{_about(record, row)} was changed, or what stood before it"
        before, expected = seal, position + 1
    end = last(db)
    if end is None or (end.entries, end.seal) != (expected - 1, before):
        gone = end.entries - expected + 1 if end else 0
        yield _removed(expected, end.entries) if end and gone > 0 else "the last seal is not that of the last entry"


def _removed(first: int, last: int) -> str:
    return f"entry {first} was removed" if first == last else f"entries {first} to {last} were removed"


def _numbers(db: Database) -> list[tuple[str, int]]:
    """List all entries there are, table by table."""
    there = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    return [
        (record, number)
        for record, (key, _) in _RECORDS.items()
        if record in there
        for (number,) in db.execute(f"SELECT {key} FROM {record} ORDER BY {key}").fetchall()
    ]


def _row(db: Database, record: str, number: int) -> tuple[Any, ...] | None:
    key, columns = _RECORDS[record]
    row = db.execute(f"SELECT {columns} FROM {record} WHERE {key} = ?", (number,)).fetchone()
    return None if row is None else tuple(row)


def _seal(before: str, record: str, number: int, row: tuple[Any, ...] | None) -> str:
    # ASCII with escapes, so that the bytes are the same whatever wrote the text.
    said = json.dumps([before, record, number, row], ensure_ascii=True, default=repr)
    return hashlib.sha256(said.encode()).hexdigest()


def _about(record: str, row: tuple[Any, ...] | None) -> str:
    at, identifier, kind = (row[place] for place in _ABOUT[record]) if row else ("", "", "")
    return f"the entry of {at}, {identifier}: {kind},"
