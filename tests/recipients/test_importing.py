"""An import shows all that it will do, does exactly that, and loses nothing that a person has done."""

from __future__ import annotations

import csv
import random
from pathlib import Path

import pytest

from letters.model.problems import CannotGoOn
from letters.recipients import history
from letters.recipients.history import FILE, Decisions, read_decisions, write_decisions
from letters.recipients.importing import apply_plan, plan_import
from tests.conftest import MakeDesk
from tests.desk import CHIEF, Desk
from tests.recipients.world import HEADINGS, MESSY, OFFICES, brought_in, messy, rows_of, write_csv

CHIEF_ROW = ("Taylor Police Department", "Jane Roe", "23515 Goddard Road", "Taylor", "MI", "48180")


def test_a_messy_workbook_comes_out_with_every_name_address_and_salutation_right(tmp_path: Path) -> None:
    rows = rows_of(brought_in(messy(tmp_path / "list.xlsx")))
    got = [
        tuple(row[c] for c in ("id", "title", "first_name", "last_name", "address1", "city", "zip", "jurisdiction"))
        for row in rows
    ]
    assert got == [
        (
            "borough-of-roseland-police",
            "",
            "José",
            "St. John",
            "15 Harrison Avenue",
            "Roseland",
            "07068",
            "the Borough of Roseland",
        ),
        (
            "ocean-township-police",
            "",
            "Louis",
            "de la Cruz",
            "50 Railroad Avenue",
            "Waretown",
            "08758",
            "Ocean Township",
        ),
        (
            "ocean-township-police-monmouth",
            "",
            "Pat",
            "Roe",
            "399 Monmouth Road",
            "Oakhurst",
            "07755",
            "Ocean Township",
        ),
        (
            "northvale-police",
            "Captain",
            "Susan",
            "O’Neil",
            "116 Paris Avenue",
            "Northvale",
            "07647",
            "the Borough of Northvale",
        ),
        ("glen-ridge-police", "", "", "", "PO Box 9", "Glen Ridge", "07028", "the Borough of Glen Ridge"),
    ]
    assert {row["hold"] for row in rows} == {""}
    assert {row["office"] for row in rows} == {"police_chief"}
    assert rows[0]["agency"] == "Borough of Roseland Police Department"


def test_at_most_a_few_questions_are_asked_each_for_all_rows(tmp_path: Path) -> None:
    plan = plan_import(messy(tmp_path / "list.xlsx"), None, (), OFFICES, Decisions())
    assert [question.rows for question in plan.questions] == [1, 1]
    assert plan.repeated == (9,)


def test_a_plan_follows_the_proposals_until_somebody_says_otherwise(tmp_path: Path) -> None:
    path = messy(tmp_path / "list.xlsx")
    accepted = brought_in(path)
    assert accepted.decisions.answers
    assert accepted == plan_import(path, None, (), OFFICES, accepted.decisions)


def test_every_repair_tells_its_row_column_and_reason(tmp_path: Path) -> None:
    repairs = brought_in(messy(tmp_path / "list.xlsx")).repairs
    zips = [repair for repair in repairs if repair.column == "zip"]
    assert (zips[0].line, zips[0].was, zips[0].now) == (4, "Roseland NJ 7068", "07068")
    assert all(repair.rule and repair.was != repair.now for repair in repairs)


def test_what_is_doubtful_holds_its_row(tmp_path: Path) -> None:
    more = [("Alpine Police Department", "Jane Doe/John Smith", "100 Church Street", "Alpine, NJ 48933", "Bergen")]
    (row,) = [row for row in rows_of(brought_in(messy(tmp_path / "list.xlsx", more))) if row["id"] == "alpine-police"]
    assert "two people in one cell" in row["hold"]
    assert "48933 is not known as Alpine" in row["hold"]
    assert (row["first_name"], row["last_name"], row["name_as_given"]) == ("", "", "Jane Doe/John Smith")


def run(desk: Desk, file: Path, *options: str) -> str:
    return desk.run("recipients", "import", str(file), "--yes", *options).stderr


@pytest.fixture
def desk(make_desk: MakeDesk) -> Desk:
    made = make_desk()
    (made.folder / "recipients.csv").unlink()
    return made


def listed(desk: Desk) -> dict[str, dict[str, str]]:
    return history.parse_list((desk.folder / "recipients.csv").read_bytes())[1]


def edit(desk: Desk, identifier: str, **cells: str) -> None:
    """Change cells of the list by hand."""
    rows = listed(desk)
    rows[identifier] |= cells
    (desk.folder / "recipients.csv").write_bytes(history.list_bytes(rows.values()))


def test_the_same_file_again_changes_nothing_and_asks_nothing(desk: Desk, tmp_path: Path) -> None:
    file = messy(tmp_path / "list.xlsx")
    run(desk, file)
    before = (desk.folder / "recipients.csv").read_bytes()
    said = desk.run("recipients", "import", str(file)).stderr
    assert "Questions" not in said
    assert "0 new · 0 changed · 5 same · 0 gone" in said
    assert (desk.folder / "recipients.csv").read_bytes() == before


def test_a_dry_run_writes_nothing_and_without_a_yes_open_questions_stop(desk: Desk, tmp_path: Path) -> None:
    before = sorted(desk.folder.rglob("*"))
    file = messy(tmp_path / "list.xlsx")
    assert "5 new" in desk.run("recipients", "import", str(file), "--dry-run").stderr
    assert "2 questions open" in desk.run("recipients", "import", str(file), code=1).stderr
    assert [path for path in sorted(desk.folder.rglob("*")) if path not in before and path != file] == []


def test_each_cell_is_compared_three_ways(desk: Desk, tmp_path: Path) -> None:
    run(desk, messy(tmp_path / "list.xlsx"))
    edit(desk, "northvale-police", address1="118 Paris Avenue", hold="on leave")
    edit(desk, "ocean-township-police", last_name="Cruz")
    newer = [list(row) for row in MESSY]
    newer[0][1] = "Chief Jane Roe"  # in the file only
    newer[1][1] = "Chief Kim Poe"  # in the file and by hand
    del newer[4]
    newer.append(["Alpine Police Department", "Pat Doe", "100 Church Street", "Alpine, NJ 07620", "Bergen"])
    said = run(desk, write_csv(tmp_path / "october.csv", [HEADINGS, *newer]))
    rows = listed(desk)
    assert "1 new · 3 changed · 2 same · 1 gone" in said
    assert (rows["borough-of-roseland-police"]["first_name"], rows["borough-of-roseland-police"]["last_name"]) == (
        "Jane",
        "Roe",
    )
    assert (rows["northvale-police"]["address1"], rows["northvale-police"]["hold"]) == ("118 Paris Avenue", "on leave")
    assert rows["ocean-township-police"]["last_name"] == "Cruz"
    assert rows["glen-ridge-police"]["hold"] == "not in october.csv"
    assert rows["alpine-police"]["zip"] == "07620"


def test_undo_brings_back_the_former_list_but_loses_no_change(desk: Desk, tmp_path: Path) -> None:
    run(desk, messy(tmp_path / "list.xlsx"))
    before = (desk.folder / "recipients.csv").read_bytes()
    run(
        desk,
        write_csv(
            tmp_path / "more.csv",
            [HEADINGS, *MESSY, ("Alpine Police Department", "", "1 Main Street", "Alpine, NJ 07620")],
        ),
    )
    desk.run("recipients", "undo")
    assert (desk.folder / "recipients.csv").read_bytes() == before
    run(desk, tmp_path / "more.csv")
    edit(desk, "alpine-police", address1="2 Main Street")
    assert "would lose the changes" in desk.run("recipients", "undo", code=1).stderr
    desk.run("recipients", "undo", "--yes")
    assert (desk.folder / "recipients.csv").read_bytes() == before


def test_a_plan_is_bound_to_the_file_and_to_the_list(desk: Desk, tmp_path: Path) -> None:
    file, target = messy(tmp_path / "list.xlsx"), desk.folder / "recipients.csv"
    plan = brought_in(file)
    target.write_text("id\nx\n", "utf-8")
    with pytest.raises(CannotGoOn, match="was changed after the plan was made"):
        apply_plan(plan, file, desk.folder, target, plan.decisions)
    target.unlink()
    messy(file, [("Alpine Police Department", "", "", "", "")])
    with pytest.raises(CannotGoOn, match="was changed after the plan was made"):
        apply_plan(plan, file, desk.folder, target, plan.decisions)


def test_hold_survives_every_import(tmp_path: Path) -> None:
    chance = random.Random(287)  # noqa: S311 - the same on every run
    plan = brought_in(messy(tmp_path / "list.xlsx"))
    ours, last = plan.content, history.parse_list(plan.imported)[1]
    rows = history.parse_list(ours)[1]
    for identifier in rows:
        rows[identifier]["hold"] = f"reason of {identifier}"
    ours = history.list_bytes(rows.values())
    for number in range(60):
        table = [[chance.choice((cell, cell, "", "N/A", cell.upper(), f"{cell} x")) for cell in row] for row in MESSY]
        chance.shuffle(table)
        extra = chance.choice(([], ["Hold"]))
        path = write_csv(
            tmp_path / f"{number}.csv", [[*HEADINGS[:5], *extra], *([*row, *["no"] * len(extra)] for row in table)]
        )
        try:
            after = history.parse_list(brought_in(path, ours, last).content)[1]
        except CannotGoOn:
            continue
        assert {key: row["hold"] for key, row in after.items() if key in rows} == {
            key: row["hold"] for key, row in rows.items()
        }


def test_formulas_come_in_as_text_and_go_out_harmless(tmp_path: Path) -> None:
    more = [('=HYPERLINK("x") Police Department', "Pat Doe", "100 Church Street", "Alpine, NJ 07620", "Bergen")]
    plan = brought_in(write_csv(tmp_path / "list.csv", [HEADINGS, *MESSY, *more]))
    cells = [cell for row in csv.reader(plan.content.decode("utf-8").splitlines()) for cell in row]
    assert [cell for cell in cells if cell.startswith(("=", "+", "@"))] == []


def test_a_list_that_cannot_be_understood_is_refused_with_its_headings(desk: Desk, tmp_path: Path) -> None:
    file = write_csv(tmp_path / "x.csv", [("Foo", "Bar"), ("1", "2"), ("3", "4")])
    said = desk.run("recipients", "import", str(file), code=1).stderr
    assert "no column" in said
    assert "--map HEADING=FIELD" in said


def test_a_column_can_be_named(desk: Desk, tmp_path: Path) -> None:
    file = write_csv(
        tmp_path / "x.csv",
        [("Foo", "Bar", "Zip"), ("Troy", "1 Main Street", "48084"), ("Novi", "2 Main Street", "48375")],
    )
    run(desk, file, "--map", "Foo=agency", "--map", "Bar=address1")
    assert [row["agency"] for row in listed(desk).values()] == ["Troy", "Novi"]
    assert "not a column of a list" in desk.run("recipients", "import", str(file), "--map", "Foo=agancy", code=2).stderr


def test_remarks_beside_answers_stay(tmp_path: Path) -> None:
    plan = brought_in(messy(tmp_path / "list.xlsx"))
    write_decisions(tmp_path, plan.decisions)
    text = (tmp_path / FILE).read_text("utf-8")
    assert read_decisions(tmp_path) == plan.decisions
    remarked = text.replace(" = true\n", " = false # says Jane\n", 1)
    (tmp_path / FILE).write_text(remarked, "utf-8")
    write_decisions(tmp_path, read_decisions(tmp_path))
    assert (tmp_path / FILE).read_text("utf-8") == remarked


def test_a_remark_that_came_since_the_last_import_is_told_of_a_row_that_is_there(desk: Desk, tmp_path: Path) -> None:
    row = ("Alma Police Department", "Jane Roe", "525 E Superior St, Alma, MI 48801")
    path = write_csv(tmp_path / "list.csv", [("Agency", "Chief", "Address", "Notes"), (*row, "")])
    desk.run("recipients", "import", str(path), "--yes")
    path = write_csv(tmp_path / "list.csv", [("Agency", "Chief", "Address", "Notes"), (*row, "do not send")])
    said = desk.run("recipients", "import", str(path), "--yes").stderr
    assert 'alma-police: notes: the column notes says "do not send"' in said
    assert "the column notes says" not in desk.run("recipients", "import", str(path), "--yes").stderr


def names_of(*places: tuple[str, str, str], kind: str) -> list[tuple[str, str, str]]:
    rows = [(f"{place} {kind}", f"1 Main Street, {city}, MI {code}", f"Jane {place}") for place, city, code in places]
    return [("Agency", "Address", "Name"), *rows]


ALCONA, ALGER = ("Alcona County", "Harrisville", "48740"), ("Alger County", "Munising", "49862")
ALMA, ADRIAN = ("Alma", "Alma", "48801"), ("Adrian", "Adrian", "49221")


def test_a_second_list_comes_beside_the_first_and_each_is_renewed_by_its_own(
    make_desk: MakeDesk, tmp_path: Path
) -> None:
    desk = make_desk(rows=[])
    run(desk, write_csv(tmp_path / "sheriffs.csv", names_of(ALCONA, ALGER, kind="Sheriff's Office")))
    edit(desk, "alcona-county-sheriff", address1="2 Main Street")
    said = run(desk, write_csv(tmp_path / "chiefs.csv", names_of(ALMA, ADRIAN, kind="Police Department")))
    assert "none of the rows of the list: do those stay" in said
    assert "2 new · 0 changed · 0 same · 0 gone" in said
    said = run(desk, write_csv(tmp_path / "sheriffs-may.csv", names_of(ALCONA, kind="Sheriff's Office")))
    rows = listed(desk)
    assert {name: row["hold"] for name, row in rows.items()} == {
        "alcona-county-sheriff": "",
        "alger-county-sheriff": "not in sheriffs-may.csv",
        "alma-police": "",
        "adrian-police": "",
    }
    assert rows["alcona-county-sheriff"]["address1"] == "2 Main Street"


def test_the_list_that_came_with_the_campaign_is_held_where_another_state_is_brought_in(
    make_desk: MakeDesk, tmp_path: Path
) -> None:
    desk = make_desk(rows=[CHIEF])
    texas = [("Agency", "Address"), ("Alto Police Department", "1 Main Street, Alto, TX 75925")]
    said = run(desk, write_csv(tmp_path / "texas.csv", texas))
    assert "do those stay, and get letters, too? “no” holds them  [no]" in said
    assert {name: row["hold"] for name, row in listed(desk).items()} == {
        "adrian-police": "not in texas.csv",
        "alto-police": "",
    }


def test_a_file_without_counties_has_the_rows_of_a_list_that_names_them(make_desk: MakeDesk, tmp_path: Path) -> None:
    desk = make_desk(rows=[CHIEF])
    rows = [("Agency", "Address"), (CHIEF["agency"], f"{CHIEF['address1']}, {CHIEF['city']}, MI {CHIEF['zip']}")]
    said = run(desk, write_csv(tmp_path / "chiefs.csv", rows))
    assert "the same agency as" not in said
    assert "0 new" in said


def test_what_the_next_file_no_longer_says_of_a_holder_or_an_address_is_emptied(tmp_path: Path) -> None:
    head = ("Agency", "Chief", "Address", "City", "State", "Zip")
    was = ("Interim Chief Dale Roe Jr.", "335 West 3rd Street, Suite 2")
    place = ("Dayton", "OH", "45402")
    first = brought_in(write_csv(tmp_path / "1.csv", [head, ("Dayton Police Department", *was, *place)]))
    last = {row["id"]: row for row in first.imported_rows}
    for chief, holder in (("Chief Kim Loe", ("Kim", "Loe")), ("", ("", ""))):
        path = write_csv(tmp_path / "2.csv", [head, ("Dayton Police Department", chief, "335 West 3rd Street", *place)])
        row = rows_of(brought_in(path, first.content, last))[0]
        assert (row["first_name"], row["last_name"]) == holder
        assert (row["title"], row["suffix"], row["address2"]) == ("", "", "")


def test_numbers_of_rows_that_were_given_anew_move_no_letter_to_another_office(tmp_path: Path) -> None:
    head = ("id", "Agency", "Chief", "Address", "City", "State", "Zip")
    alma = ("Alma Police Department", "Pat Doe", "525 East Superior Street", "Alma", "MI", "48801")
    first = brought_in(write_csv(tmp_path / "1.csv", [head, ("101", *CHIEF_ROW), ("102", *alma)]))
    last = {row["id"]: row for row in first.imported_rows}
    adrian = ("Adrian Police Department", "Sam Poe", "155 East Maumee Street", "Adrian", "MI", "49221")
    table = [head, ("101", *adrian), ("102", *CHIEF_ROW), ("103", *alma)]
    plan = brought_in(write_csv(tmp_path / "2.csv", table), first.content, last)
    assert {row["id"]: row["city"] for row in rows_of(plan)} == {"101": "Taylor", "102": "Alma", "101-2": "Adrian"}
    assert plan.changed == ()


def test_a_new_row_that_is_held_is_named_by_the_id_that_it_gets(tmp_path: Path) -> None:
    head = ("id", "Agency", "Chief", "Address", "City", "State", "Zip", "Remarks")
    first = brought_in(write_csv(tmp_path / "1.csv", [head, ("101", *CHIEF_ROW, "")]))
    last = {row["id"]: row for row in first.imported_rows}
    adrian = ("Adrian Police Department", "Sam Poe", "155 East Maumee Street", "Adrian", "MI", "49221", "do not send")
    table = [head, ("101", *adrian), ("102", *CHIEF_ROW, "")]
    plan = brought_in(write_csv(tmp_path / "2.csv", table), first.content, last)
    assert [identifier for identifier, _ in plan.held] == ["101-2"]
