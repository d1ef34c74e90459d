"""The ledger is one file that several commands may have open."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from letters.campaign.ledger import Ledger, LedgerEvent


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
