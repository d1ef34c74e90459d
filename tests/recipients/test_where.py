"""Rows are chosen by a small expression, and a wrong one is answered in words."""

from __future__ import annotations

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
