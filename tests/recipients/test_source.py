"""Files are read in every encoding and shape that offices bring, or refused in words."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.comments import Comment
from openpyxl.styles import Font

from letters.model.problems import CannotGoOn
from letters.recipients.history import Decisions
from letters.recipients.importing import plan_import
from letters.recipients.source import read_source, without_struck
from letters.recipients.workbook import SHEETS, STRUCK_CELLS
from tests.recipients.world import HEADINGS, MESSY, OFFICES, messy, write_csv, write_workbook

ACCENTED = [
    ("Agency", "Chief", "City"),
    ("Peñasco Police Department", "José Núñez", "Peñasco"),
    *[("A Police", "B C", "D")] * 3,
]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "mac_roman"]
)
def test_every_encoding_and_delimiter_is_read_or_asked(tmp_path: Path, encoding: str, delimiter: str) -> None:
    source = read_source(write_csv(tmp_path / "list.csv", ACCENTED, encoding, delimiter))
    right = source.rows[0].cells == ACCENTED[1]
    assert right or any(key == "encoding" for key, _ in source.questions)
    assert source.headings == ACCENTED[0]


def test_a_stray_zero_is_no_utf_16(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_bytes(b"Agency,Chief,City\nA Police,Jane\0 Roe,B\n")
    assert read_source(tmp_path / "list.csv").rows[0].cells == ("A Police", "Jane Roe", "B")


def test_a_cell_that_no_spreadsheet_holds_is_named_with_its_line(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "list.csv", [("Agency", "Remark"), ("A Police", "b"), ("B Police", "x" * 40_000)])
    with pytest.raises(CannotGoOn, match="a cell of 40,000 characters in line 3; a spreadsheet holds 32,767"):
        read_source(path)


def test_a_remark_as_long_as_a_spreadsheet_holds_is_read(tmp_path: Path) -> None:
    rows = [("Agency", "City", "Remark"), *((f"{name} Police", "Alma", "x" * 32_000) for name in "ABC")]
    source = read_source(write_csv(tmp_path / "list.csv", rows))
    assert [len(row.cells[2]) for row in source.rows] == [32_000] * 3


@pytest.mark.parametrize("last", ["C Police,D E,F,48801", '"C Police",D E,F,48801'])
def test_a_quotation_mark_that_is_not_closed_is_named_with_its_line(tmp_path: Path, last: str) -> None:
    lines = ("Agency,Chief,City,ZIP", "A Police,B C,D,48801", '"B Police,C D,E,48801', last)
    (tmp_path / "list.csv").write_text("\n".join(lines), "utf-8")
    with pytest.raises(CannotGoOn, match="the quotation mark in line 3 is not closed"):
        read_source(tmp_path / "list.csv")


def test_cells_between_apostrophes_are_read_and_one_that_is_not_doubled_is_named(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    lines = ["'Agency','Chief','Street'", "'Wayne County Sheriff''s Office','Pat O\\'Roe','1 Main Street, Suite 2'"]
    path.write_text("\n".join(lines), "utf-8")
    assert read_source(path).rows[0].cells == ("Wayne County Sheriff's Office", "Pat O'Roe", "1 Main Street, Suite 2")
    path.write_text("\n".join([*lines, "'Kent County Sheriff's Office','Jane Roe','2 Main Street'"]), "utf-8")
    with pytest.raises(CannotGoOn, match="one within a cell of line 3 is not doubled"):
        read_source(path)


def test_the_line_that_excel_writes_first_is_obeyed(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("sep=;\nAgency;Chief\nA Police, B;C D\n", "utf-8")
    assert read_source(path).rows[0].cells == ("A Police, B", "C D")


def test_the_sheet_with_the_list_is_taken_and_what_stands_around_it_is_told(tmp_path: Path) -> None:
    source = read_source(messy(tmp_path / "list.xlsx"))
    assert (source.sheet, source.header_line, source.headings) == ("Chiefs", 3, HEADINGS)
    assert len(source.rows) == len(MESSY) + 1
    told = "\n".join(source.remarks)
    assert 'the sheet "Chiefs" is read, not "Read me"' in told
    assert 'above it stands "MAILING LIST (as of 9/12)"' in told
    assert '"Total: 6", is a total or a remark' in told


def test_two_sheets_that_are_lists_are_a_question_and_one_can_be_named(tmp_path: Path) -> None:
    table = [("Agency", "Chief", "City"), *[("A Police", "B C", "D")] * 4]
    path = write_workbook(tmp_path / "list.xlsx", {"2024": table, "2025": table})
    assert "looks like a list, too" in read_source(path).questions[0][1]
    assert read_source(path, "2").sheet == "2025"
    with pytest.raises(CannotGoOn, match='no sheet "2026"'):
        read_source(path, "2026")


def test_hidden_rows_formulas_and_zip_numbers_are_told(tmp_path: Path) -> None:
    table = [
        ("Agency", "Chief", "Zip"),
        ("A Police", "B C", 7094),
        ("B Police", "=1+1", 7095),
        ("C Police", "D E", 7096),
    ]
    path = write_workbook(tmp_path / "list.xlsx", {"list": table})
    book = load_workbook(path)
    sheet = book["list"]
    sheet.row_dimensions[4].hidden = True
    for line in (2, 3, 4):
        sheet.cell(line, 3).number_format = "00000"
    book.save(path)
    source = read_source(path)
    assert [row.cells[2] for row in source.rows] == ["07094", "07095", "07096"]
    assert source.rows[1].cells[1] == ""
    assert "1 formulas have no stored value and are read as empty: B3" in "\n".join(source.remarks)
    assert source.questions[0] == ("hidden rows", "1 row is hidden (lines 4): should they count?")


@pytest.mark.parametrize(("answer", "left"), [(True, ["B Police"]), (False, ["A Police", "B Police"])])
def test_a_row_that_is_struck_through_is_asked_about(tmp_path: Path, answer: bool, left: list[str]) -> None:
    table = [("Agency", "Chief", "Zip"), ("A Police", "B C", "07094"), ("B Police", "C D", "07095")]
    path = write_workbook(tmp_path / "list.xlsx", {"list": table})
    book = load_workbook(path)
    for cell in (*book["list"][2], book["list"]["A3"]):  # of the other row one cell only
        cell.font = Font(strike=True)
    book.save(path)
    key, question = read_source(path).questions[0]
    assert question == "1 row is struck through (lines 2): leave it out?"
    plan = plan_import(path, None, (), OFFICES, Decisions({}, {key: answer, STRUCK_CELLS: False}))
    assert [row.cells["agency"] for row in plan.rows] == left


def test_words_that_are_struck_through_are_asked_about_and_comments_kept(tmp_path: Path) -> None:
    struck = InlineFont(strike=True)
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (("Agency", "Chief", "ZIP"), ("Alma Police", "Jane Roe", "48801"), ("Taylor Police", "", "48180")):
        sheet.append(row)
    sheet["B2"].font = Font(strike=True)
    sheet["B3"] = CellRichText(TextBlock(struck, "Jane Roe"), " John Doe")
    sheet["A3"].comment = Comment("retires in June", "Pat")
    book.save(tmp_path / "list.xlsx")
    source = read_source(tmp_path / "list.xlsx")
    assert [key for key, _ in source.questions] == [STRUCK_CELLS]
    assert [row.cells[1] for row in source.rows] == ["Jane Roe", "Jane Roe John Doe"]
    assert [row.cells[1] for row in without_struck(source).rows] == ["", "John Doe"]
    assert (source.headings[-1], source.rows[1].cells[-1]) == ("Comments", "A3: retires in June")


def test_sheets_with_the_same_columns_and_no_row_in_common_are_one_list(tmp_path: Path) -> None:
    head = ("Agency", "Chief", "Street", "City", "ZIP")
    alma = ("Alma Police Department", "Jane Roe", "525 East Superior Street", "Alma", "48801")
    taylor = ("Taylor Police Department", "Pat Roe", "23515 Goddard Road", "Taylor", "48180")
    path = write_workbook(tmp_path / "1.xlsx", {"Gratiot": [head, alma], "Wayne": [head, taylor]})
    source = read_source(path)
    assert [key for key, _ in source.questions] == [SHEETS]
    assert [row.cells for row in source.rows] == [(*alma, "Gratiot"), (*taylor, "Wayne")]
    assert source.headings[-1] == "County"
    years = write_workbook(tmp_path / "2.xlsx", {"2024": [head, alma, taylor], "2025": [head, taylor, alma]})
    assert read_source(years).sheet == "2024"


def test_a_row_that_a_web_page_broke_within_a_cell_is_one(tmp_path: Path) -> None:
    lines = (
        "Name\tAddress\tPhone",
        "Jane Roe\t1 Main Street",
        "Alma, MI 48801\t989-555-0100",
        "Pat Doe\t2 Main Street",
    )
    (tmp_path / "list.txt").write_text("\n".join(lines), "utf-8")
    rows = read_source(tmp_path / "list.txt").rows
    assert [row.cells for row in rows] == [
        ("Jane Roe", "1 Main Street\nAlma, MI 48801", "989-555-0100"),
        ("Pat Doe", "2 Main Street", ""),
    ]


def test_error_cells_are_empty_and_told(tmp_path: Path) -> None:
    source = read_source(write_csv(tmp_path / "list.csv", [("Agency", "Chief", "City"), ("A Police", "#N/A", "B")]))
    assert source.rows[0].cells == ("A Police", "", "B")
    assert "error cells" in source.remarks[-1]


def test_a_password_a_damaged_and_a_huge_archive_are_answered(tmp_path: Path) -> None:
    locked = tmp_path / "locked.xlsx"
    locked.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"))
    with pytest.raises(CannotGoOn, match="protected by a password"):
        read_source(locked)
    whole = messy(tmp_path / "list.xlsx").read_bytes()
    half = tmp_path / "half.xlsx"
    half.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(CannotGoOn, match="is damaged"):
        read_source(half)


def test_a_cell_far_from_all_others_and_merges_without_end_are_answered(tmp_path: Path) -> None:
    whole = messy(tmp_path / "list.xlsx").read_bytes()
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"]
    far = b'<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c></row></sheetData>'
    below = far.replace(b"XFD", b"A")
    nowhere = far.replace(b"XFD1048576", b"ZZZZ99999999999")
    looks = b'<row r="1048576"><c r="XFD1048576" s="1"/></row></sheetData>'
    merges = b"</sheetData><mergeCells>" + b'<mergeCell ref="A1:XFD1048576"/>' * 2_000 + b"</mergeCells>"
    for name, ending in (("far", far), ("below", below), ("nowhere", nowhere), ("looks", looks), ("merges", merges)):
        with zipfile.ZipFile(tmp_path / f"{name}.xlsx", "w") as archive:
            for part, content in {**parts, "xl/worksheets/sheet1.xml": sheet.replace(b"</sheetData>", ending)}.items():
                archive.writestr(part, content)
    with pytest.raises(CannotGoOn, match="goes on to row 1,048,576 and column 16,384"):
        read_source(tmp_path / "far.xlsx")
    with pytest.raises(CannotGoOn, match="goes on to row 1,048,576"):
        read_source(tmp_path / "below.xlsx")
    with pytest.raises(CannotGoOn, match="has a cell outside of any sheet"):
        read_source(tmp_path / "nowhere.xlsx")
    with pytest.raises(CannotGoOn, match="merged cells, more than any list"):
        read_source(tmp_path / "merges.xlsx")
    assert read_source(tmp_path / "looks.xlsx").rows == read_source(tmp_path / "list.xlsx").rows


def test_rows_of_thousands_of_cells_are_answered_and_those_that_end_with_empty_ones_read(tmp_path: Path) -> None:
    wide, empty = tmp_path / "wide.csv", tmp_path / "empty.csv"
    wide.write_text("Agency,City\n" + "x," * 3_000 + "x\n", "utf-8")
    empty.write_text("Agency,City\nA Police,B" + "," * 16_000 + "\n", "utf-8")
    with pytest.raises(CannotGoOn, match="line 2 has 3,001 cells, and 2,000 is the most"):
        read_source(wide)
    assert read_source(empty).rows[0].cells[:2] == ("A Police", "B")


def test_text_under_the_name_of_a_workbook_is_read_and_told(tmp_path: Path) -> None:
    path = tmp_path / "list.xls"
    path.write_text("Agency,Chief,Zip\nA Police,B C,07094\n", "utf-8")
    source = read_source(path)
    assert [row.cells for row in source.rows] == [("A Police", "B C", "07094")]
    assert source.remarks == ("the file is no workbook, although it is named like one, but text",)
