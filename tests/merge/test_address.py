"""Officials are addressed as the forms of address say."""

from __future__ import annotations

import pytest

from letters.merge.merge import address
from letters.model.problems import Place
from letters.model.records import Recipient
from letters.model.settings import FormOfAddress
from letters.read.campaign import read_forms
from letters.read.toml import read_toml
from tests.desk import CHIEF, ROOT, SHERIFF

FORMS: tuple[FormOfAddress, ...] = read_forms(read_toml(ROOT / "templates" / "forms-of-address.toml", "forms"))[0]
BLANK = dict.fromkeys(SHERIFF, "")
NAMED = {"first_name": "Chuck", "last_name": "Heit"}


def addressed(row: dict[str, str]) -> tuple[str, ...]:
    made = address(Recipient(row["id"], row, Place("list.csv", 2)), FORMS)
    return (*made.inside_address, made.salutation)


def test_an_elected_sheriff_is_honorable() -> None:
    assert addressed({**BLANK, **SHERIFF}) == (
        "The Honorable Chuck Heit",
        "Sheriff",
        "Berrien County Sheriff’s Department",
        "2100 East Empire Avenue",
        "Benton Harbor, MI 49022",
        "Dear Sheriff Heit:",
    )


@pytest.mark.parametrize(
    ("change", "first", "salutation"),
    [
        ({}, "Chief of Police", "Dear Chief:"),
        (NAMED, "Chief Chuck Heit", "Dear Chief Heit:"),
        ({**NAMED, "title": "Interim Chief"}, "Interim Chief Chuck Heit", "Dear Chief Heit:"),
        ({"office": "public_safety_director"}, "Director of Public Safety", "Dear Director:"),
        ({**NAMED, "office": "commissioner"}, "Commissioner Chuck Heit", "Dear Commissioner Heit:"),
        ({**NAMED, "title": "Town Marshal"}, "Town Marshal Chuck Heit", "Dear Marshal Heit:"),
        ({**NAMED, "title": "Superintendent"}, "Superintendent Chuck Heit", "Dear Superintendent Heit:"),
        ({**NAMED, "title": "Interim Director"}, "Interim Director Chuck Heit", "Dear Director Heit:"),
        ({**NAMED, "office": "sheriff", "title": "Undersheriff"}, "Undersheriff Chuck Heit", "Dear Undersheriff Heit:"),
        ({"office": "sheriff"}, "Sheriff", "Dear Sheriff:"),
        ({**NAMED, "office": "sheriff", "title": "Acting Sheriff"}, "Acting Sheriff Chuck Heit", "Dear Sheriff Heit:"),
        ({**NAMED, "office": "sheriff", "suffix": "III"}, "The Honorable Chuck Heit III", "Dear Sheriff Heit:"),
        ({"first_name": "{title}", "last_name": "{name}"}, "Chief {title} {name}", "Dear Chief {name}:"),
    ],
)
def test_each_office_has_its_form(change: dict[str, str], first: str, salutation: str) -> None:
    lines = addressed({**BLANK, **CHIEF, **change})
    assert (lines[0], lines[-1]) == (first, salutation)


@pytest.mark.parametrize(
    ("row", "change", "running_name"),
    [
        (SHERIFF, {"agency": "Berrien County Sheriff"}, "The Honorable Chuck Heit, Berrien County Sheriff"),
        (SHERIFF, {}, "Sheriff Chuck Heit, Berrien County Sheriff’s Department"),
        (SHERIFF, {"agency": "Berrien County Sheriff’s Department, North Shore"}, "Sheriff Chuck Heit"),
        (CHIEF, {}, "Chief of Police, Adrian Police Department"),
        (CHIEF, {"agency": "Berrien Springs-Oronoko Township Police Department"}, None),
    ],
)
def test_the_running_head_names_the_recipient_on_one_line(
    row: dict[str, str], change: dict[str, str], running_name: str | None
) -> None:
    full = {**BLANK, **row, **change}
    made = address(Recipient(row["id"], full, Place("list.csv", 2)), FORMS)
    assert made.running_name == (running_name or full["agency"])
    assert len(made.running_name) <= 60


def test_a_second_line_stands_above_the_delivery_line() -> None:
    lines = addressed({**BLANK, **CHIEF, "address2": "Suite 2"})
    assert lines[2:4] == ("Suite 2", "100 East Church Street")
