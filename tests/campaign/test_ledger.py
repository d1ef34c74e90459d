"""The ledger is one file that several commands may have open."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import pytest

from letters.campaign.ledger import Entry, Ledger, LedgerEvent, raise_damage
from letters.model.problems import CannotGoOn


def test_the_ledger_is_read_while_another_command_writes_to_it(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    with Ledger(path) as ledger:
        ledger.append([LedgerEvent("2025-09-17T00:00:00+00:00", "adrian-police", "approved")])
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    try:
        with Ledger(path) as ledger:
            assert [event.id for event in ledger.events()] == ["adrian-police"]
    finally:
        writer.close()


def test_looking_at_the_ledger_leaves_its_time_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    with Ledger(path):
        pass
    before = path.stat().st_mtime_ns
    with Ledger(path):
        pass
    assert path.stat().st_mtime_ns == before


def test_a_ledger_that_is_spoilt_in_the_middle_is_a_sentence_with_its_name(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    with Ledger(path) as ledger:
        ledger.append(LedgerEvent("2025-09-17T00:00:00+00:00", f"r{number}", "approved") for number in range(200))
    content = path.read_bytes()
    path.write_bytes(content[:4096] + bytes(range(256)) * ((len(content) - 4096) // 256))
    with pytest.raises(CannotGoOn, match=r'ledger\.sqlite" cannot be used: '), Ledger(path) as ledger:
        assert ledger.entries("pdf") == ledger.events() == ledger.faults()


def test_an_entry_with_values_of_another_kind_is_a_sentence_too(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    with Ledger(path) as ledger:
        ledger.record([Entry("r1", "pdf", "t", "o", "u", "s", 1, 1, 1, "now")])
    with contextlib.closing(sqlite3.connect(path)) as spoilt, spoilt:
        spoilt.execute("UPDATE made SET template = x'ff00'")
    with pytest.raises(CannotGoOn, match="an entry in it is spoilt"), Ledger(path) as ledger:
        ledger.entries("pdf")


def test_a_record_that_one_may_only_read_is_not_to_be_moved_away(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    with Ledger(path):
        pass
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    with contextlib.closing(db), pytest.raises(sqlite3.OperationalError) as refused:
        db.execute("CREATE TABLE more (a)")
    with pytest.raises(CannotGoOn) as stopped:
        raise_damage(path, refused.value)
    assert "leave the file where it is" in stopped.value.hint
