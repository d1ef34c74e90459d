"""Rows are chosen by a small expression, and a wrong one is answered in words."""

from __future__ import annotations

import csv
import json

import pytest

from tests.conftest import MakeDesk
from tests.desk import CHIEF, SHERIFF, Desk


@pytest.fixture
def desk(make_desk: MakeDesk) -> Desk:
    none = {**CHIEF, "agreement_287g": "none", "agreement_list": "2025-09-17"}
    return make_desk(rows=[SHERIFF, none, {**CHIEF, "id": "x", "agency": "Alma Police Department", "hold": "later"}])


@pytest.mark.parametrize(
    ("where", "ids"),
    [
        ("", ["berrien-county-sheriff", "adrian-police", "x"]),
        ('office == "sheriff" and agreement_287g', ["berrien-county-sheriff"]),
        ("not agreement_287g", ["adrian-police", "x"]),
        ("hold", ["x"]),
        ('county in ("Lenawee", "Wayne") and not hold', ["adrian-police"]),
    ],
)
def test_rows_are_chosen(desk: Desk, where: str, ids: list[str]) -> None:
    done = desk.run("recipients", "list", "--where", where)
    assert [name for name in ("berrien-county-sheriff", "adrian-police", "x ") if f"\n{name}" in done.stdout] == [
        name if name != "x" else "x " for name in ids
    ]
    assert f"{len(ids)} of 3 recipients" in done.stderr


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("offce", '"offce" is not a field'),
        ('office = "sheriff"', "cannot be read"),
        ("agency.upper()", "calls a function"),
        ("zip > 4", "cannot be computed"),
    ],
)
def test_a_wrong_expression_is_answered(desk: Desk, where: str, said: str) -> None:
    assert said in desk.run("recipients", "list", "--where", where, code=2).stderr


def test_letters_are_made_for_the_rows_that_are_chosen_and_for_no_other(desk: Desk) -> None:
    desk.run("build", "--where", 'office != "sheriff"')
    assert [path.stem for path in desk.out("docx").iterdir()] == ["adrian-police"]


def test_a_choice_within_ids_takes_what_both_name(desk: Desk) -> None:
    said = desk.run("build", "--only", "adrian-police", "--where", 'office == "sheriff"', code=2).stderr
    assert "true for none of 1 recipients" in said


def test_status_shows_the_rows_that_are_chosen(desk: Desk) -> None:
    done = desk.run("status", "--json", "--where", "hold")
    assert [row["id"] for row in json.loads(done.stdout)] == ["x"]


def test_a_mailing_takes_the_rows_that_are_chosen(desk: Desk) -> None:
    desk.run("build", "--no-docx")
    desk.run("mail", "prepare", "--draft", "--where", "agreement_287g")
    with desk.out("mail/draft/manifest.csv").open(encoding="utf-8-sig", newline="") as manifest:
        assert [row["id"] for row in csv.DictReader(manifest)] == ["berrien-county-sheriff"]
