"""ZIP codes are known with their states, counties and places."""

from __future__ import annotations

import csv

import pytest

from letters.read.zips import ZipPlaces, is_city_of, of_zip, states_of_zip, zips_of_city
from tests.desk import ROOT


def test_a_zip_code_is_known_with_its_place() -> None:
    known = of_zip("48933-1234")
    assert known is not None
    assert (known.state, known.county, known.cities) == ("MI", "Ingham", ("Lansing",))
    assert of_zip("00000") is None
    assert (states_of_zip("48999"), states_of_zip("00000")) == (("MI",), ())


@pytest.mark.parametrize(
    ("zip_code", "city"),
    [
        ("48080", "St. Clair Shores"),
        ("48080", "SAINT CLAIR SHORES"),
        ("11375", "Queens"),
        ("49783", "Sault Sainte Marie"),
        ("81212", "Cañon City"),
        ("96910", "Hagåtña"),
    ],
)
def test_spellings_of_a_place_are_one(zip_code: str, city: str) -> None:
    assert is_city_of(zip_code, city)


def test_military_post_offices_are_written_in_capitals() -> None:
    assert of_zip("09204") == ZipPlaces("AE", "", ("FPO",), ())


def test_another_place_is_another() -> None:
    assert not is_city_of("48933", "Detroit")
    assert "48226" in zips_of_city("Detroit", "MI")
    assert zips_of_city("Detroit", "NJ") == ()


def test_every_address_of_the_sample_list_belongs_together() -> None:
    with (ROOT / "recipients.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["zip"]]
    assert [row["id"] for row in rows if not is_city_of(row["zip"], row["city"])] == []
