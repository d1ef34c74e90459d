"""Officials who may be in a list twice are found, others are left; the worksheet comes back as it was mended."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import load_workbook

from letters.model.problems import Place
from letters.model.records import Recipient
from letters.recipients import history
from letters.recipients.matching import near_doubles
from tests.conftest import MakeDesk
from tests.desk import CHIEF, SHERIFF, Desk


def recipient(number: int, agency: str, **cells: str) -> Recipient:
    return Recipient(f"r{number}", {**CHIEF, "agency": agency, **cells}, Place("list.csv", number))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Berrien Springs Police Department", "Berrien Springs Police Dept."),
        ("City of Adrian Police Department", "Adrian Police Department"),
        ("Adrian Police Department", "ADRIAN POLICE DEPARTMENT"),
        ("St. Joseph Police Department", "Saint Joseph Police Department"),
        ("Adrian Police Department", "Adrain Police Department"),
        ("Adrian Police Department", "Adrian PD"),
        ("Berrien Springs-Oronoko Township Police", "Berrien Springs Oronoko Twp Police Department"),
    ],
)
def test_a_double_is_found(one: str, other: str) -> None:
    assert len(near_doubles([recipient(2, one), recipient(3, other)])) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Adrian Police Department", "Adrian Township Police Department"),
        ("Richland Village Police Department", "Richland Township Police Department"),
        ("Police Department District 1", "Police Department District 2"),
        ("North Muskegon Police Department", "Muskegon Police Department"),
        ("Lansing Police Department", "East Lansing Police Department"),
        ("Adrian Police Department", "Albion Police Department"),
    ],
)
def test_two_offices_in_one_place_are_left(one: str, other: str) -> None:
    assert near_doubles([recipient(2, one, address1="1 A Street"), recipient(3, other, address1="2 B Street")]) == []


def test_a_pair_is_told_until_somebody_says_that_it_is_two(make_desk: MakeDesk) -> None:
    rows = [CHIEF, {**CHIEF, "id": "adrain", "agency": "Adrain Police Department"}]
    desk = make_desk(rows=rows)
    said = desk.run("recipients", "check").stdout
    assert 'almost "Adrian Police Department" of line 2' in said
    desk.write("list-decisions.toml", '[answers]\n"adrian-police and adrain are one" = false\n')
    assert "almost" not in desk.run("recipients", "check").stdout


@pytest.fixture
def desk(make_desk: MakeDesk) -> Desk:
    held = {**CHIEF, "id": "alma-police", "agency": "Alma Police Department", "zip": "", "hold": "ZIP code not known"}
    return make_desk(rows=[{**SHERIFF, "agency": "N/A"}, CHIEF, held])


def rows_of(desk: Desk) -> dict[str, dict[str, str]]:
    return history.parse_list((desk.folder / "recipients.csv").read_bytes())[1]


def test_the_worksheet_marks_what_is_wrong_and_comes_back_as_it_was_mended(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "to-do.xlsx"
    desk.run("recipients", "check", "--xlsx", str(path), code=1)
    book = load_workbook(path)
    sheet = book["list"]
    heads = [cell.value for cell in sheet[1]]
    cell = sheet.cell(2, heads.index("agency") + 1)
    assert cell.comment is not None
    assert "word for nothing" in cell.comment.text
    cell.value = "Berrien County Sheriff’s Office"
    book.save(path)
    said = desk.run("recipients", "import", str(path), "--yes").stderr
    assert "0 new · 2 changed · 1 same · 0 gone" in said, "a city with one ZIP code has it now"
    assert rows_of(desk)["berrien-county-sheriff"]["agency"] == "Berrien County Sheriff’s Office"


def test_held_rows_are_released_in_their_worksheet(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "held.xlsx"
    desk.run("recipients", "check", "--xlsx", str(path), "--held", code=1)
    book = load_workbook(path)
    sheet = book["held rows"]
    heads = [cell.value for cell in sheet[1]]
    assert [sheet.cell(2, heads.index(name) + 1).value for name in ("id", "what is missing")] == ["alma-police", "zip"]
    assert sheet.max_row == 2
    sheet.cell(2, heads.index("zip") + 1).value = "48801"
    sheet.cell(2, heads.index("city") + 1).value = "Alma"
    sheet.cell(2, heads.index("release") + 1).value = "yes"
    book.save(path)
    desk.run("recipients", "import", str(path), "--yes")
    alma = rows_of(desk)["alma-police"]
    assert (alma["zip"], alma["city"], alma["hold"]) == ("48801", "Alma", "")
    assert set(alma) == set(rows_of(desk)["adrian-police"])
    assert "where to look" not in alma
