from __future__ import annotations

import datetime
from pathlib import Path

import openpyxl
import pytest

from letters.cite.take import take_sheet
from letters.model.problems import CannotGoOn
from letters.read.campaign import read_authorities
from letters.read.toml import read_toml, with_tables
from tests.conftest import MakeDesk
from tests.desk import Desk

TODAY = datetime.date(2025, 9, 30)
FILE = """# What we cite.

[printz]
full = "*Printz v. United States*, 521 U.S. 898 (1997)"  # read it first
pin = "935"
read_by = "unread"

[g]
full = "8 U.S.C. § 1357(g)"
note = "Two lines."
read_by = "Second Reader"
read_on = 2025-09-10

[galarza]
full = "*Galarza v. Szalczyk*, 745 F.3d 634 (3d Cir. 2014)"
pin = "640"
"""
LETTER = """
One.[^one] Two.[^two] Three.[^three]

[^one]: {{ cite.printz }}.

[^two]: {{ cite.g }}; {{ cite.printz.full("936") }}.

[^three]: {{ cite.galarza }}.
"""
HEAD = ("Citation", "Authority", "Checked by", "Checked on", "Remarks")


def authorities(folder: Path):  # type: ignore[no-untyped-def]
    (folder / "authorities.toml").write_text(FILE, "utf-8")
    read, _ = read_authorities(read_toml(folder / "authorities.toml", "authorities.toml"))
    assert read
    return read


def taken(folder: Path, *rows: tuple[str, ...]):  # type: ignore[no-untyped-def]
    table = [(1, ("Cite-check",)), (3, HEAD), *((number, row) for number, row in enumerate(rows, start=4))]
    return take_sheet(table, "sheet.xlsx", authorities(folder), TODAY)


PRINTZ = "Printz v. United States, 521 U.S. 898, 935 (1997)"


def test_who_read_what_and_when_is_taken_from_any_row_of_an_authority(tmp_path: Path) -> None:
    sheet = taken(
        tmp_path,
        (PRINTZ, "printz", "First Reader", "2025-09-20", "page right"),
        (PRINTZ, "printz", "", "", "see also 936"),
        (PRINTZ, "printz", "First Reader", "9/20/2025", "page right"),
        ("8 U.S.C. § 1357(g)", "g", "", "", ""),
    )
    assert sheet.problems == []
    assert sheet.open_rows == 1
    assert {key: each[:3] for key, each in sheet.readings.items()} == {
        "printz": ("First Reader", datetime.date(2025, 9, 20), "page right; see also 936")
    }


def test_what_the_file_says_already_changes_nothing(tmp_path: Path) -> None:
    sheet = taken(tmp_path, ("8 U.S.C. § 1357(g)", "g", "Second Reader", "2025-09-10", ""))
    assert (sheet.readings, sheet.known, sheet.problems) == ({}, 1, [])


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ((PRINTZ, "printz", "A", "", ""), 'sheet.xlsx:4: Checked on: read by "A", but not when'),
        ((PRINTZ, "printz", "", "2025-09-20", ""), "sheet.xlsx:4: Checked by: a day, but nobody's name"),
        ((PRINTZ, "printz", "A", "last week", ""), 'sheet.xlsx:4: Checked on: "last week" is not a date'),
        ((PRINTZ, "printz", "A", "2025-13-01", ""), 'sheet.xlsx:4: Checked on: "2025-13-01" is not a date'),
        ((PRINTZ, "printz", "A", "2026-09-20", ""), 'sheet.xlsx:4: Checked on: "2026-09-20" is yet to come'),
        ((PRINTZ, "printz", "[counsel]", "2025-09-20", ""), 'sheet.xlsx:4: Checked by: "[counsel]" is not a name'),
        ((PRINTZ, "printz", "Unread", "2025-09-20", ""), 'sheet.xlsx:4: Checked by: "Unread" is not a name'),
        ((PRINTZ, "prinz", "A", "2025-09-20", ""), 'sheet.xlsx:4: Authority: there is no authority "prinz" in'),
        ((PRINTZ, "", "A", "2025-09-20", ""), f'sheet.xlsx:4: Authority: "{PRINTZ}" has no authority'),
        (
            ("Printz v. United States, 512 U.S. 898 (1997)", "printz", "A", "2025-09-20", ""),
            'sheet.xlsx:4: Citation: the sheet has "Printz v. United States, 512 U.S. 898 (1997)", the authorities',
        ),
        ((PRINTZ, "galarza", "A", "2025-09-20", ""), f'sheet.xlsx:4: Citation: the sheet has "{PRINTZ}", the auth'),
        (
            ("8 U.S.C. § 1357(g)", "g", "A", "2025-09-01", ""),
            'sheet.xlsx:4: Checked on: "g" was read by "Second Reader" on 2025-09-10, later than here',
        ),
        ((PRINTZ, "printz", "A", "2025-09-20", "x" * 2001), "sheet.xlsx:4: Remarks: 2,001 characters"),
    ],
)
def test_each_mistake_of_a_row_is_told_with_the_row(tmp_path: Path, row: tuple[str, ...], problem: str) -> None:
    sheet = taken(tmp_path, row)
    assert sheet.readings == {}
    assert [str(each)[: len(problem)] for each in sheet.problems] == [problem]


def test_a_final_campaign_that_nobody_has_read_for_gets_its_sheet_and_takes_it_back(make_desk: MakeDesk) -> None:
    final = make_desk(letter=LETTER.lstrip(), more='status = "final"')
    final.write("templates/authorities.toml", FILE)
    assert "2 errors" in final.run("check", code=1).stdout
    final.run("cites", "--no-pages")
    filled = fill_in(final, {"Checked by": "First Reader", "Checked on": datetime.date(2025, 9, 20)})
    assert "1 authority changed" in final.run("cites", "--take", str(filled)).stderr
    assert "1 error" in final.run("check", code=1).stdout


def test_one_day_may_be_given_for_all_rows_that_have_none(desk: Desk) -> None:
    filled = fill_in(desk, {"Checked by": "First Reader"})
    desk.run("cites", "--take", str(filled), "--on", "2025-09-21")
    assert "read_on = 2025-09-21" in (desk.folder / "templates/authorities.toml").read_text("utf-8")


def test_two_readers_of_one_authority_are_told(tmp_path: Path) -> None:
    rows = [(PRINTZ, "printz", name, "2025-09-20", "") for name in ("A", "B")]
    (problem,) = taken(tmp_path, *rows).problems
    assert str(problem.place) == "sheet.xlsx:5: Checked by"
    assert "otherwise in row 4" in problem.what


@pytest.mark.parametrize("head", [("Citation", "Authority", "Checked by", "Remarks"), ("Name", "City")])
def test_a_table_that_is_no_such_sheet_is_refused(tmp_path: Path, head: tuple[str, ...]) -> None:
    with pytest.raises(CannotGoOn, match=r"lacks the column|is no cite-check sheet"):
        take_sheet([(1, head)], "sheet.xlsx", authorities(tmp_path), TODAY)


def test_only_the_lines_of_a_reading_change_in_the_file() -> None:
    values = {"read_by": 'First "R" Reader', "read_on": datetime.date(2025, 9, 20), "remarks": "a\nb"}
    changed = with_tables(FILE, "authorities.toml", {"printz": values, "galarza": {"remarks": "good"}})
    new = ['read_by = "First \\"R\\" Reader"', "read_on = 2025-09-20", 'remarks = "a\\nb"', 'remarks = "good"']
    assert [line for line in changed.split("\n") if line not in FILE.split("\n")] == new
    assert [line for line in FILE.split("\n") if line not in changed.split("\n")] == ['read_by = "unread"']


def test_an_authority_on_one_line_takes_its_reading_there() -> None:
    changed = with_tables('printz = {full = "Printz"} # read\n', "authorities.toml", {"printz": {"read_by": "B"}})
    assert changed.replace(" ", "") == 'printz={full="Printz",read_by="B"}#read\n'
    with pytest.raises(CannotGoOn, match="has a mistake"):
        with_tables("printz = {\n", "authorities.toml", {"printz": {"read_by": "B"}})


def fill_in(desk: Desk, cells: dict[str, object], row: int = 4) -> Path:
    """Fill in cells of a row of the sheet, by their headings, as a person at a spreadsheet does."""
    path = desk.out("cite-check.xlsx")
    book = openpyxl.load_workbook(path)
    sheet = book.active
    assert sheet is not None
    columns = {str(cell.value): cell.column for cell in sheet[3]}
    for heading, value in cells.items():
        sheet.cell(row, columns[heading]).value = value  # type: ignore[union-attr]
    filled = desk.folder / "filled in.xlsx"
    book.save(filled)
    return filled


@pytest.fixture
def desk(make_desk: MakeDesk) -> Desk:
    made = make_desk(letter=LETTER.lstrip())
    made.write("templates/authorities.toml", FILE)
    done = made.run("cites", "--no-pages")
    assert "still missing: 2 parenthetical" in done.stderr
    return made


def test_a_sheet_that_was_filled_in_is_taken_back(desk: Desk) -> None:
    file = desk.folder / "templates/authorities.toml"
    filled = fill_in(desk, {"Checked by": "First Reader", "Checked on": datetime.date(2025, 9, 20), "Remarks": "good"})
    dry = desk.run("cites", "--take", str(filled), "--dry-run")
    assert "printz: read by First Reader on 2025-09-20; good" in dry.stderr
    assert "1 authority would change, already known: 0, rows that are not filled in: 3" in dry.stderr
    assert file.read_text("utf-8") == FILE
    done = desk.run("cites", "--take", str(filled))
    assert done.stdout.strip().endswith("templates/authorities.toml")
    changed = file.read_text("utf-8")
    assert 'read_by = "First Reader"\nread_on = 2025-09-20\nremarks = "good"' in changed
    assert "# read it first" in changed
    (kept,) = (desk.folder / "out/kept").rglob("authorities.toml")
    assert kept.read_text("utf-8") == FILE
    again = desk.run("cites", "--take", str(filled))
    assert "0 authorities changed, already known: 1" in again.stderr
    sheet = desk.run("cites", "--no-pages")
    assert "3 read" in sheet.stderr


def test_a_remark_that_is_a_formula_is_told_and_not_taken_for_words(desk: Desk) -> None:
    filled = fill_in(desk, {"Checked by": "First Reader", "Checked on": datetime.date(2025, 9, 20), "Remarks": "=1+1"})
    done = desk.run("cites", "--take", str(filled), "--dry-run")
    assert "note: 1 formulas have no stored value and are read as empty: M4" in done.stderr


def test_a_row_with_a_mistake_keeps_all_of_it_from_being_written(desk: Desk) -> None:
    filled = fill_in(desk, {"Checked by": "First Reader"})
    done = desk.run("cites", "--take", str(filled), code=1)
    assert 'filled in.xlsx:4: Checked on: read by "First Reader", but not when' in done.stderr
    assert "1 row cannot be taken; nothing was written" in done.stderr
    assert (desk.folder / "templates/authorities.toml").read_text("utf-8") == FILE


def test_a_dry_run_of_nothing_is_a_wrong_call(desk: Desk) -> None:
    assert "--dry-run is for --take" in desk.run("cites", "--dry-run", code=2).stderr
    assert "does not exist" in desk.run("cites", "--take", "no.xlsx", code=1).stderr
