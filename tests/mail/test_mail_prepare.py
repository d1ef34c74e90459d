"""letters mail prepare: which letters are in the mailing, in which order, and what is written down."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.conftest import MakeDesk
from tests.desk import CHIEF, SHERIFF, Desk

FINAL = 'status = "final"'


@pytest.fixture
def desk(make_desk: MakeDesk) -> Desk:
    desk = make_desk(more=FINAL)
    desk.run("build", "--no-docx")
    return desk


def read(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text("utf-8-sig").splitlines()))


def test_the_manifest_lists_the_pieces_in_postal_order(desk: Desk) -> None:
    desk.run("mail", "prepare")
    rows = read(desk.out("mail/manifest.csv"))
    assert [(row["number"], row["id"], row["zip"]) for row in rows] == [
        ("001", "berrien-county-sheriff", "49022"),
        ("002", "adrian-police", "49221"),
    ]


def test_a_letter_that_is_out_of_date_is_left_out_and_named(desk: Desk) -> None:
    desk.list_recipients(SHERIFF, {**CHIEF, "agency": "Adrian Public Safety"})
    done = desk.run("mail", "prepare")
    assert "left out: adrian-police: the recipient's data changed: run letters build" in done.stderr
    assert [row["id"] for row in read(desk.out("mail/left-out.csv"))] == ["adrian-police"]
    assert [row["id"] for row in read(desk.out("mail/manifest.csv"))] == ["berrien-county-sheriff"]


def test_a_draft_campaign_is_refused(make_desk: MakeDesk) -> None:
    done = make_desk().run("mail", "prepare", code=1)
    assert "the letters still carry the DRAFT mark" in done.stderr
