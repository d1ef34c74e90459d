"""letters adopt: a lost ledger is written again from letters that are what would be made now."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.desk import Desk, edit, set_up

COPIES = 'copies = ["Chair"]\n'


@pytest.fixture
def lost(tmp_path: Path) -> Desk:
    """Build two letters and their copies, edit one draft, and lose the ledger."""
    desk = set_up(folder=tmp_path / "desk", more=COPIES)
    desk.run("build", "--copies")
    edit(desk.out("docx/adrian-police.docx"))
    for path in desk.out().glob("ledger.sqlite*"):
        path.unlink()
    return desk


def states(desk: Desk) -> dict[str, Any]:
    return {row["id"]: (row["pdf"], row["docx"]) for row in json.loads(desk.run("status", "--json").stdout)}


def test_letters_that_are_what_would_be_made_are_taken_as_made(lost: Desk) -> None:
    before = {path: path.read_bytes() for path in lost.out().rglob("*.[pd]*") if path.suffix in (".pdf", ".docx")}
    assert states(lost)["berrien-county-sheriff"][0] == "edited"
    done = lost.run("adopt", code=5)
    assert "5 files taken as made, 1 left as they are" in done.stdout
    assert "docx/adrian-police.docx is not what would be made now: it stays as it is" in done.stderr
    assert states(lost)["berrien-county-sheriff"] == ("current", "generated")
    assert {path: path.read_bytes() for path in before} == before


def test_after_that_a_build_goes_on_as_before(lost: Desk) -> None:
    lost.run("adopt", code=5)
    lost.run("build", "--copies", code=5)
    assert states(lost)["adrian-police"] == ("current", "edited")
    assert "wrote" in lost.run("draft", "show", "adrian-police").stdout
