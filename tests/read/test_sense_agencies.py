"""What names no agency, and what does not stand in a sentence, is told."""

from __future__ import annotations

import pytest

from letters.model.problems import Place
from letters.model.records import Recipient
from letters.read.sense_places import agency_problems
from tests.desk import CHIEF


def told(**changes: str) -> list[str]:
    row = {**dict.fromkeys(("first_name", "last_name", "county", "jurisdiction"), ""), **CHIEF, **changes}
    return [problem.what for problem in agency_problems(Recipient("x", row, Place("list.csv", 2)))]


@pytest.mark.parametrize(
    ("agency", "said"),
    [
        ("Police Department", "names no place"),
        ("Agency Name", "names no place"),
        ("100 East Church Street", "is a street"),
        ("Adrian Police Department [1]", 'mark of a footnote ("[1]")'),
        ("Adrian Police Department³", 'mark of a footnote ("³")'),
        ("Adrian Police Department Adrian Police Department", 'says "Adrian Police Department" twice'),
        ("Adrian Police Departmnet", '"departmnet" for "department"'),
        ("Lenawee County Sherrif's Office", '"sherrif" for "sheriff"'),
    ],
)
def test_what_is_no_agency_is_told(agency: str, said: str) -> None:
    (problem,) = told(agency=agency, jurisdiction="")
    assert said in problem


@pytest.mark.parametrize(
    "agency", ["Sheridan Police Department", "21st Century Police Department", "State Police", "Policeville Marshal"]
)
def test_an_agency_is_one(agency: str) -> None:
    assert told(agency=agency, jurisdiction="") == []


def test_an_agency_that_is_the_person_is_told() -> None:
    assert told(first_name="Jane", last_name="Roe", agency="Jane Roe") == ['"Jane Roe" is the person']


@pytest.mark.parametrize(
    ("jurisdiction", "said"),
    [
        ("City of Adrian", ['"City of Adrian" does not stand in a sentence']),
        ("The City of Adrian", ['"The City of Adrian" does not stand in a sentence']),
        ("the City of", ['"the City of" names no place']),
        ("the City of Dearborn", ['"the City of Dearborn" is nowhere in "Adrian Police Department"']),
        ("the City of Adrian", []),
        ("Adrian Township", []),
    ],
)
def test_a_jurisdiction_stands_in_a_sentence_and_is_the_agencys(jurisdiction: str, said: list[str]) -> None:
    assert told(agency="Adrian Police Department", jurisdiction=jurisdiction) == said
