"""ICE's list is joined as published: sure matches are taken, others asked, and none is written with the list's date."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from letters.recipients import history
from tests.conftest import MakeDesk
from tests.desk import CHIEF, SHERIFF, Desk
from tests.recipients.world import write_csv, write_workbook

HEADS = ("STATE", "LAW ENFORCEMENT AGENCY", "TYPE", "COUNTY", "SUPPORT TYPE", "SIGNED", "MOA")
TASK, WARRANT, JAIL = "Task Force Model", "Warrant Service Officer", "Jail Enforcement Model"
BERRIEN = ("MICHIGAN", "Berrian County Sheriff's Office  ", "County", "Berrian County", WARRANT, "2025-05-06", "Link")
TAYLOR = ("MICHIGAN", "Taylor Police Department", "Municipality", "#N/A", TASK, "2025-04-28", "Link")
ELSEWHERE = ("OHIO", "Adrian Police Department", "Municipality", "X County", TASK, "2025-04-28", "Link")
ROWS = (
    {**SHERIFF, "agreement_287g": "", "agreement_signed": ""},
    CHIEF,
    {**CHIEF, "id": "taylor-police", "agency": "Taylor Police Department", "county": "Wayne", "city": "Taylor"},
    {**CHIEF, "id": "richfield", "agency": "Richfield Township Police Department", "county": "Genesee"},
)


@pytest.fixture
def desk(make_desk: MakeDesk) -> Desk:
    return make_desk(rows=ROWS)


def join(desk: Desk, path: Path, *options: str, code: int = 0) -> str:
    return desk.run("recipients", "join-287g", str(path), "--as-of", "2025-09-17", *options, code=code).stderr


def facts(desk: Desk) -> dict[str, tuple[str, str, str]]:
    rows = history.parse_list((desk.folder / "recipients.csv").read_bytes())[1]
    names = ("agreement_287g", "agreement_signed", "agreement_list")
    return {key: (row[names[0]], row[names[1]], row[names[2]]) for key, row in rows.items()}


def test_the_workbook_as_published_is_joined(desk: Desk, tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "participating.xlsx", {"Sheet1": [HEADS, BERRIEN, TAYLOR, ELSEWHERE]})
    said = join(desk, path)
    assert "3 agreements; 2 in the states of the list (MI)" in said
    assert facts(desk) == {
        "berrien-county-sheriff": ("warrant_service", "2025-05-06", "2025-09-17"),
        "adrian-police": ("none", "", "2025-09-17"),
        "taylor-police": ("task_force", "2025-04-28", "2025-09-17"),
        "richfield": ("none", "", "2025-09-17"),
    }
    assert "0 errors" in desk.run("check").stdout


def test_a_later_list_shows_what_changed(desk: Desk, tmp_path: Path) -> None:
    join(desk, write_csv(tmp_path / "a.csv", [HEADS, BERRIEN, TAYLOR]))
    said = desk.run(
        "recipients", "join-287g", str(write_csv(tmp_path / "b2026-05-18.csv", [HEADS, BERRIEN])), "--dry-run"
    ).stderr
    assert 'taylor-police: agreement_287g: "task_force" becomes "none"' in said
    assert facts(desk)["taylor-police"][0] == "task_force"


def test_equal_changes_are_one_line_and_a_no_that_becomes_none_is_no_change(
    make_desk: MakeDesk, tmp_path: Path
) -> None:
    places = ("Adrian", "Taylor", "Alma", "Ionia", "Novi")
    rows = [{**CHIEF, "id": each, "agency": f"{each} Police Department", "city": each} for each in places]
    said = [{"agreement_287g": "No"}, *[{"agreement_287g": "jail_enforcement"}] * 4]
    desk = make_desk(rows=[{**row, **cells} for row, cells in zip(rows, said, strict=True)])
    told = join(desk, write_csv(tmp_path / "a.csv", [HEADS, BERRIEN]))
    assert '4 rows: agreement_287g: "jail_enforcement" becomes "none" (Taylor, Alma, Ionia …)' in told
    assert '"No"' not in told
    assert facts(desk)["Adrian"] == ("none", "", "2025-09-17")


def test_several_agreements_of_one_agency_are_kept(desk: Desk, tmp_path: Path) -> None:
    second = (*BERRIEN[:4], JAIL, "2025-07-01", "Link")
    join(desk, write_csv(tmp_path / "a.csv", [HEADS, BERRIEN, second]))
    row = history.parse_list((desk.folder / "recipients.csv").read_bytes())[1]["berrien-county-sheriff"]
    assert (row["agreement_287g"], row["agreement_signed"]) == ("jail_enforcement", "2025-07-01")
    assert row["agreements"] == "warrant_service 2025-05-06; jail_enforcement 2025-07-01"


def test_what_is_not_sure_is_asked_and_stays_unknown_until_then(desk: Desk, tmp_path: Path) -> None:
    odd = ("MICHIGAN", "Adrien Police Department", "Municipality", "Lenawee County", TASK, "2025-04-28", "Link")
    path = write_csv(tmp_path / "a.csv", [HEADS, odd])
    said = join(desk, path, code=1)
    assert "is Adrien Police Department (Lenawee, MI) the Adrian Police Department (adrian-police;" in said
    assert "1 rows are left unknown" in said
    assert facts(desk)["adrian-police"] == ("", "", "")
    join(desk, path, "--yes")
    assert facts(desk)["adrian-police"] == ("task_force", "2025-04-28", "2025-09-17")
    assert "Adrien Police Department, MI is adrian-police" in (desk.folder / "list-decisions.toml").read_text("utf-8")


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("Nixon Police Department", {"agency": "Denton Police Department", "county": "Denton"}),
        ("Alto Police Department", {"agency": "Alton Police Department", "county": "Hidalgo"}),
        ("Clay County Sheriff's Office", {"agency": "Clark County Sheriff’s Office", "county": ""}),
    ],
)
def test_two_places_of_a_state_are_no_misspelling(
    make_desk: MakeDesk, tmp_path: Path, theirs: str, ours: dict[str, str]
) -> None:
    desk = make_desk(rows=[{**CHIEF, "id": "ours", "state": "TX", "zip": "76201", "city": "Denton", **ours}])
    path = write_csv(tmp_path / "a.csv", [HEADS, ("TEXAS", theirs, "Municipality", "#N/A", TASK, "2025-04-28", "Link")])
    assert "no row of the list is like" in join(desk, path, "--yes")
    assert facts(desk)["ours"][0] == "none"


def test_a_near_name_of_no_county_is_asked_and_never_taken_by_yes_alone(desk: Desk, tmp_path: Path) -> None:
    odd = ("MICHIGAN", "Adrien Police Department", "Municipality", "#N/A", TASK, "2025-04-28", "Link")
    said = join(desk, write_csv(tmp_path / "a.csv", [HEADS, odd]), "--yes")
    assert re.search(r"the Adrian Police Department \(adrian-police; \d\d % alike\)\?  \[no\]", said)
    assert facts(desk)["adrian-police"] == ("", "", "")


def test_a_city_is_not_taken_for_the_township_of_its_name(desk: Desk, tmp_path: Path) -> None:
    city = ("MICHIGAN", "Richfield Police Department", "Municipality", "Genesee County", TASK, "2025-04-28", "Link")
    assert "no row of the list is like Richfield Police Department" in join(
        desk, write_csv(tmp_path / "a.csv", [HEADS, city])
    )
    assert facts(desk)["richfield"][0] == "none"


def test_another_file_and_a_list_without_a_date_are_refused(desk: Desk, tmp_path: Path) -> None:
    assert "has no column SUPPORT TYPE" in join(desk, write_csv(tmp_path / "a.csv", [HEADS[:4], BERRIEN[:4]]), code=1)
    path = write_csv(tmp_path / "list.csv", [HEADS, BERRIEN])
    said = desk.run("recipients", "join-287g", str(path), code=2).stderr
    assert "the date" in said
    assert "--as-of 2025-09-17" in said
