"""The record of people is sealed: what another program did to it shows, stops signing, and can be accepted."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from letters.campaign.ledger import Ledger, LedgerEvent
from letters.mail.register import Register
from tests.desk import CHIEF, SHERIFF, Desk, set_up
from tests.mail.conftest import run

FINAL = 'status = "final"\n'
WAY_OUT = "letters log --accept"


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """Have two letters approved, allowed to be signed, and one of them posted."""
    desk = set_up(folder=tmp_path_factory.mktemp("chain") / "desk", rows=(SHERIFF, CHIEF), more=FINAL)
    run(desk, "build", "--no-docx")
    run(desk, "approve", "--all", "--by", "Counsel")
    run(desk, "sign", "authorize", "--by", "First Signer", "--for", "all", "--until", "2999-12-31")
    run(desk, "mail", "prepare", "--no-audit", "--envelopes", "none")
    run(desk, "mail", "posted", "1")
    return desk


@pytest.fixture
def desk(recorded: Desk, tmp_path: Path) -> Desk:
    return recorded.copy(tmp_path / "desk")


def by_hand(desk: Desk, *statements: str) -> None:
    """Do something to the ledger with another program, which drops what is in its way."""
    with closing(sqlite3.connect(desk.out("ledger.sqlite"))) as db, db:
        for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            db.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            db.execute(statement)


def test_a_record_that_nobody_touched_is_whole(recorded: Desk) -> None:
    done = run(recorded, "log")
    assert "entries of all letters: 8, none changed; the last seal is " in done.stderr


INSERT = (
    "INSERT INTO events (at, id, kind, person, organization, words, pdf, remark) "
    "SELECT at, id, 'approved', 'Somebody', '', words, pdf, '' FROM events LIMIT 1"
)
CHANGES: dict[str, tuple[str, str]] = {
    "an approval inserted": (INSERT, "was not written by this program"),
    "a name changed": (
        "UPDATE events SET person = 'Somebody' WHERE number = 2",
        "adrian-police: approved, was changed",
    ),
    "a hash changed": ("UPDATE events SET pdf = 'x' WHERE number = 1", "approved, was changed"),
    "a day changed": ("UPDATE events SET remark = 'until 3000-01-01' WHERE number = 3", "may be signed, was changed"),
    "an entry removed": ("DELETE FROM events WHERE number = 2", "entry 2 was removed"),
    "the last entry removed": ("DELETE FROM events WHERE number = (SELECT max(number) FROM events)", "was removed"),
    "a number changed": ("UPDATE events SET number = 99 WHERE number = 2", "entry 2 was removed"),
    "a mailing changed": ("UPDATE mail_event SET detail = '2025-01-01' WHERE what = 'posted'", "posted, was changed"),
    "a mailing removed": ("DELETE FROM mail_event WHERE what = 'posted'", "was removed"),
    "a mailing inserted": (
        "INSERT INTO mail_event (at, what, number, recipient, sha256, detail) "
        "VALUES ('2025-09-01', 'posted', 2, 'adrian-police', 'x', '2025-09-01')",
        "adrian-police: posted, was not written by this program",
    ),
    "a seal changed": ("UPDATE seals SET seal = 'x' WHERE position = 3", "was changed, or what stood before it"),
    "a seal removed": ("DELETE FROM seals WHERE position = 3", "entry 3 was removed"),
    "all seals removed": ("DELETE FROM seals", "entries 1 to 8 were removed"),
    "the last seal changed": ("UPDATE last_seal SET seal = 'x'", "the last seal is not that of the last entry"),
}


@pytest.mark.parametrize("kind", CHANGES)
def test_what_another_program_did_shows_and_stops_signing(desk: Desk, kind: str) -> None:
    statement, said = CHANGES[kind]
    by_hand(desk, statement)
    shown = run(desk, "log", code=1).stderr
    assert said in shown
    done = run(desk, "sign", "authorize", "--by", "First Signer", "--for", "all", "--until", "2999-12-31", code=1)
    assert "nothing is signed, since the record of who allowed what was changed" in done.stderr
    assert WAY_OUT in done.stderr


def test_a_mailing_after_a_change_is_warned_of(desk: Desk) -> None:
    by_hand(desk, INSERT)
    said = run(desk, "mail", "prepare", "--no-audit", "--envelopes", "none").stderr
    assert "warning: the record of approvals and mailings was changed with another program" in said


def test_an_entry_removed_with_its_seal_shows(desk: Desk) -> None:
    by_hand(desk, "DELETE FROM events WHERE number = 4", "DELETE FROM seals WHERE record = 'events' AND number = 4")
    assert "entry 4 was removed" in run(desk, "log", code=1).stderr


def test_any_cell_of_any_entry_that_is_changed_shows(recorded: Desk, tmp_path: Path) -> None:
    chance = random.Random(20)  # noqa: S311 - chooses what to spoil
    tables = {"events": ("number", ["at", "id", "kind", "person", "organization", "words", "pdf", "remark"]),
              "mail_event": ("event", ["at", "what", "number", "recipient", "sha256", "detail"])}  # fmt: skip
    with closing(sqlite3.connect(recorded.out("ledger.sqlite"))) as db:
        numbers = {
            table: [n for (n,) in db.execute(f"SELECT {key} FROM {table}")] for table, (key, _) in tables.items()
        }
    for turn in range(12):
        path = tmp_path / f"{turn}.sqlite"
        with closing(sqlite3.connect(recorded.out("ledger.sqlite"))) as db, closing(sqlite3.connect(path)) as copy:
            db.backup(copy)
            table = chance.choice(list(tables))
            key, columns = tables[table]
            column, number = chance.choice(columns), chance.choice(numbers[table])
            for name in ("events_are_not_changed", "mail_events_are_not_changed"):
                copy.execute(f"DROP TRIGGER {name}")
            value = 77 if column == "number" else "approved" if column == "kind" else "other"
            copy.execute(f"UPDATE {table} SET {column} = ? WHERE {key} = ?", (value, number))
            copy.commit()
            changed = copy.total_changes
        with Ledger(path) as ledger:
            is_same = table == "events" and column == "kind" and number in (1, 2)
            assert changed
            assert bool(ledger.faults()) is not is_same, (table, column, number)


def test_a_changed_record_is_accepted_by_somebody_who_says_why(desk: Desk) -> None:
    by_hand(desk, INSERT)
    assert "who accepts the record, and why?" in run(desk, "log", "--accept", "restored", code=2).stderr
    done = run(desk, "log", "--accept", "restored from a copy", "--by", "Counsel")
    assert "accepted the changed record by Counsel" in done.stdout
    assert "(restored from a copy; found were: " in done.stdout
    assert "was not written by this program" in done.stdout
    run(desk, "sign", "authorize", "--by", "First Signer", "--for", "all", "--until", "2999-12-31")
    assert "there is nothing to accept" in run(desk, "log", "--accept", "again", "--by", "Counsel", code=2).stderr


def older(desk: Desk) -> None:
    """Make the ledger what a version without seals has left."""
    by_hand(desk, "DROP TABLE seals", "DROP TABLE last_seal", "PRAGMA user_version = 1")


@pytest.mark.parametrize("opened", [lambda path: Ledger(path), lambda path: Register(path.parent)])
def test_a_ledger_of_an_older_version_is_sealed_when_it_is_opened(
    desk: Desk, opened: Callable[[Path], Ledger | Register]
) -> None:
    older(desk)
    opened(desk.out("ledger.sqlite")).__exit__(None, None, None)
    done = run(desk, "log")
    assert "entries of all letters: 8, none changed; 8 are older than the seals" in done.stderr
    run(desk, "approve", "--all", "--by", "Second Counsel")
    assert "entries of all letters: 10, none changed; 8 are older than the seals" in run(desk, "log").stderr


def test_entries_that_are_not_written_are_not_sealed(tmp_path: Path) -> None:
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        event = LedgerEvent("2025-09-17", "adrian-police", "approved", "Counsel")
        with pytest.raises(sqlite3.IntegrityError):
            ledger.append([event, event._replace(person=None)])  # type: ignore[arg-type]
        assert (ledger.events(), ledger.seal().entries, ledger.faults()) == ([], 0, [])
