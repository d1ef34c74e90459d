"""Addresses in one cell are split, anchored on the places that a ZIP code has."""

from __future__ import annotations

import csv

import pytest

from letters.recipients.addresses import box_and_street, split_last_line, split_one_line, with_zero
from tests.desk import ROOT

FORMS = (
    "{address1}, {city}, {state} {zip}",
    "{address1} {city} {state} {zip}",
    "{address1}\n{city}, {state} {zip}",
    "{address1}, {city}, Michigan {zip}",
    "{agency}, {address1}, {city}, {state} {zip}",
)


def test_the_sample_list_is_split_in_five_forms() -> None:
    with (ROOT / "recipients.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["zip"]]
    wrong = []
    for row in rows:
        for form in FORMS:
            found = split_one_line(form.format(**row))
            parts = found and (found.street, found.last.city, found.last.state, found.last.zip)
            if parts != (row["address1"], row["city"], row["state"], row["zip"]):
                wrong.append((form.format(**row), found))
    assert len(wrong) <= len(rows) * len(FORMS) // 100, wrong[:20]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Roseland NJ  7068", ("Roseland", "NJ", "07068", True)),
        ("Newark, New Jersey 07102-1234", ("Newark", "NJ", "07102-1234", True)),
        ("Lansing, Mich.", ("Lansing", "MI", "", True)),
        ("Detroit, MI 48933", ("Detroit", "MI", "48933", False)),
        ("Washington, D.C. 20001", ("Washington", "DC", "20001", True)),
        ("Fargo 31631", ("Fargo", "GA", "31631", True)),
        ("newark nj 07102", ("newark", "NJ", "07102", True)),
    ],
)
def test_a_last_line_is_split(text: str, parts: tuple[object, ...]) -> None:
    found = split_last_line(text)
    assert found is not None
    assert found[:4] == parts


@pytest.mark.parametrize("text", ["Newark", "12 Main Street", "NJ 07102", "", "letter sent in 2024", "Box 31631"])
def test_what_is_no_last_line_is_left(text: str) -> None:
    assert split_last_line(text) is None


def test_a_zero_is_only_given_back_where_the_state_has_the_code() -> None:
    assert with_zero("7068", "NJ") == "07068"
    assert with_zero("7068", "TX") == "7068"
    assert with_zero("70681234", "NJ") == "07068-1234"
    assert with_zero("482261234", "MI") == "48226-1234"


@pytest.mark.parametrize(
    ("text", "both"),
    [
        ("PO Box 100, 15 Harrison Avenue", ("PO Box 100", "15 Harrison Avenue")),
        ("15 Harrison Avenue, P.O. Box 100", ("PO Box 100", "15 Harrison Avenue")),
        ("P O Box 12", None),
        ("12 Box Elder Road", None),
        ("One Main Street", None),
    ],
)
def test_a_box_beside_a_street_is_seen(text: str, both: tuple[str, str] | None) -> None:
    assert box_and_street(text) == both


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("6 Staudt Street\nBoerne, TX", ("6 Staudt Street", "", "Boerne", "TX", True)),
        ("6 Staudt Street Boerne, TX", ("6 Staudt Street", "", "Boerne", "TX", True)),
        ("100 North State Line Avenue, Texarkana, Texas", ("100 North State Line Avenue", "", "Texarkana", "TX", True)),
        ("100 Main St, Suite 4\nSan Antonio, Tex.", ("100 Main St", "Suite 4", "San Antonio", "TX", True)),
        ("County Courthouse, Vernon, TX", ("County Courthouse", "", "Vernon", "TX", True)),
        ("PO Box 12, Marfa, TX", ("PO Box 12", "", "Marfa", "TX", True)),
        ("1 Main {x} Street, Nowhere {y}, TX", ("1 Main {x} Street", "", "Nowhere {y}", "TX", False)),
        ("2601 20th Avenue West Seattle, WA", ("2601 20th Avenue", "", "West Seattle", "WA", False)),
        ("136 Community Building Road, Leechburg, PA", ("136 Community Building Road", "", "Leechburg", "PA", True)),
    ],
)
def test_an_address_without_a_zip_code_is_split_by_the_cities_of_its_state(
    text: str, parts: tuple[object, ...]
) -> None:
    found = split_one_line(text)
    assert found is not None
    assert (found.street, found.unit, found.last.city, found.last.state, found.last.sure) == parts
    assert found.last.zip == ""


@pytest.mark.parametrize(
    "text", ["12 Old Manchester Ct", "400 Roma Lincoln NE", "14 Maple, CT", "500 Elm Street, Dallas"]
)
def test_a_court_or_a_quarter_of_a_town_is_no_state(text: str) -> None:
    assert split_one_line(text) is None


@pytest.mark.parametrize(
    ("text", "before", "street"),
    [
        ("RR 1 Box 5, Marfa, TX 79843", "", "RR 1 Box 5"),
        ("HC 61 Box 10 Alpine TX 79830", "", "HC 61 Box 10"),
        ("PSC 3 Box 100, APO AE 09021", "", "PSC 3 Box 100"),
        ("FM 1960 West, Humble, TX 77338", "", "FM 1960 West"),
        ("US 31 South, Alanson, MI 49706", "", "US 31 South"),
        ("1 Main Street; Austin; TX; 78701", "", "1 Main Street"),
        ("City Hall 1 Main Street | Austin, TX 78701", "City Hall", "1 Main Street"),
    ],
)
def test_the_number_of_a_route_is_none_of_a_house(text: str, before: str, street: str) -> None:
    found = split_one_line(text)
    assert found is not None
    assert (found.before, found.street, found.last.sure) == (before, street, True)


def test_suite_and_agency_are_told_from_the_street() -> None:
    found = split_one_line("Taylor Police Department, 23515 Goddard Road, Suite 4, Taylor, MI 48180")
    assert found is not None
    assert (found.before, found.street, found.unit) == ("Taylor Police Department", "23515 Goddard Road", "Suite 4")


@pytest.mark.parametrize(
    "text",
    [
        "525 East Superior Street, Alma 48801",
        "525 East Superior Street / Alma / MI / 48801",
        "525 East Superior Street - Alma - MI 48801",
        "525 East Superior Street, Alma, MI 48801, US",
    ],
)
def test_an_address_is_split_at_any_sign_and_by_its_zip_code_alone(text: str) -> None:
    found = split_one_line(text)
    assert found is not None
    assert (found.street, *found.last[:3]) == ("525 East Superior Street", "Alma", "MI", "48801")


def test_a_dash_in_the_name_of_an_agency_before_its_address_stays() -> None:
    found = split_one_line("Gratiot County Sheriff - Annex, 525 East Superior Street, Alma, MI 48801")
    assert found is not None
    assert (found.before, found.street) == ("Gratiot County Sheriff - Annex", "525 East Superior Street")
