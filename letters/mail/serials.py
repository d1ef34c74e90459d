"""The serial numbers of Intelligent Mail barcodes: none is used for two pieces within 45 days (SQLite)."""

from __future__ import annotations

import datetime
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

from letters.formats.files import cannot_write
from letters.model.problems import CannotGoOn, Exit
from letters.model.records import Mailer

DAYS = 45
"""How long a serial number must not come again (USPS Publication 197)."""
_SCHEMA = """
CREATE TABLE IF NOT EXISTS serial (
    mailer_id TEXT NOT NULL, serial INTEGER NOT NULL, piece TEXT NOT NULL, used_on TEXT NOT NULL,
    PRIMARY KEY (mailer_id, serial)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS serial_of_piece ON serial (mailer_id, piece);
"""


def take_serials(path: Path, mailer: Mailer, pieces: Sequence[str], today: datetime.date) -> dict[str, int]:
    """Take a serial number for each piece, recorded in a file that all letters of a campaign share.

    A piece that is printed again within the 45 days keeps its number, since one of the two prints is posted, and its
    days are counted anew. Raises CannotGoOn when the numbers are used up or the file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        db = sqlite3.connect(path, isolation_level=None)
    except (OSError, sqlite3.Error) as error:
        raise cannot_write(path, error if isinstance(error, OSError) else OSError(str(error))) from None
    try:
        db.executescript(_SCHEMA)
        with db:
            db.execute("BEGIN IMMEDIATE")
            return _take(db, mailer, pieces, today)
    except sqlite3.DatabaseError as error:
        hint = "another run may be writing it; without this file no serial number is safe to use for 45 days"
        raise CannotGoOn(Exit.CANNOT_WRITE, f'"{path}" cannot be used: {error}', hint) from None
    finally:
        db.close()


def _take(db: sqlite3.Connection, mailer: Mailer, pieces: Sequence[str], today: datetime.date) -> dict[str, int]:
    since = (today - datetime.timedelta(days=DAYS)).isoformat()
    rows = db.execute("SELECT piece, serial FROM serial WHERE mailer_id = ? AND used_on > ?", (mailer.mailer_id, since))
    in_use = list(rows)
    known = dict(in_use)
    taken = {serial for _, serial in in_use}
    latest = "SELECT serial FROM serial WHERE mailer_id = ? ORDER BY used_on DESC, serial DESC LIMIT 1"
    row = db.execute(latest, (mailer.mailer_id,)).fetchone()
    free = _free_numbers(row[0] + 1 if row else 0, mailer.serials, taken)
    for piece in pieces:
        serial = known[piece] if piece in known else next(free, None)
        if serial is None:
            what = (
                f"all {mailer.serials:,} serial numbers of the mailer ID {mailer.mailer_id} are used within {DAYS} days"
            )
            raise CannotGoOn(Exit.PROBLEMS, what, "leave out --barcode for this mailing, or ask for another mailer ID")
        known[piece] = serial
        values = (mailer.mailer_id, serial, piece, today.isoformat())
        db.execute("INSERT OR REPLACE INTO serial VALUES (?, ?, ?, ?)", values)
    return {piece: known[piece] for piece in pieces}


def _free_numbers(first: int, count: int, taken: set[int]) -> Iterator[int]:
    """Count up from a number, around past the last one, leaving out what is taken."""
    return (number % count for number in range(first, first + count) if number % count not in taken)
