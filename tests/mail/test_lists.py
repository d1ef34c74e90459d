"""What a mailing adds up to: totals, weights, tables."""

from __future__ import annotations

import datetime
import io

import openpyxl
import pytest

from letters.formats.files import csv_bytes
from letters.mail.manifest import FileTotal, ManifestRow, as_table, ounces, total, write_workbook
from letters.mail.print_file import Span
from letters.model.settings import Paper
from tests.mail.test_pieces import numbered, piece

DAY = datetime.date(2025, 9, 17)


def rows() -> list[ManifestRow]:
    pieces = numbered([piece("a", zip_code="49022"), piece("b", zip_code="49221"), piece("c", zip_code="48001")], 1)
    spans = [(Span("print-01.pdf", 1, 4),), (Span("print-01.pdf", 5, 8),), (Span("print-02.pdf", 1, 4),)]
    return [
        ManifestRow(piece=each, sheets=2, ounces=0.32, spans=where) for each, where in zip(pieces, spans, strict=True)
    ]


@pytest.mark.parametrize(
    ("sheets", "paper", "pounds", "expected"),
    [(1, Paper.LETTER, 20, 0.16), (6, Paper.LETTER, 20, 0.96), (6, Paper.LETTER, 24, 1.15), (500, Paper.A4, 20, 82.72)],
)
def test_paper_weighs_what_its_wrapper_says(sheets: int, paper: Paper, pounds: int, expected: float) -> None:
    assert ounces(sheets, paper, pounds) == pytest.approx(expected, abs=0.01)


def test_totals_add_up_files_sheets_and_zip_prefixes() -> None:
    sums = total(rows(), duplex=True)
    assert (sums.pieces, sums.pages, sums.sheets, sums.ounces) == (3, 12, 6, 0.96)
    assert sums.files == (FileTotal("print-01.pdf", 1, 2, 2, 8, 4), FileTotal("print-02.pdf", 3, 3, 1, 4, 2))
    assert sums.zips == (("480", 1), ("490", 1), ("492", 1))


def test_a_workbook_keeps_leading_zeros_and_runs_no_formula() -> None:
    content = write_workbook({"Pieces": [("number", "zip", "name"), ("001", "02134", "=1+1")]}, DAY)
    sheet = openpyxl.load_workbook(io.BytesIO(content))["Pieces"]
    assert [[cell.value for cell in row] for row in sheet.rows] == [["number", "zip", "name"], ["001", "02134", "=1+1"]]
    assert {cell.data_type for row in sheet.rows for cell in row} == {"s"}


def test_a_workbook_does_not_know_the_hour() -> None:
    content = write_workbook({"A": [("x",), (1,)]}, DAY)
    assert openpyxl.load_workbook(io.BytesIO(content)).properties.modified == datetime.datetime(2025, 9, 17)  # noqa: DTZ001
    assert content == write_workbook({"A": [("x",), (1,)]}, DAY)


def test_a_csv_cell_that_looks_like_a_formula_is_text() -> None:
    assert csv_bytes([("name",), ("=1+1",), (-1,)], for_excel=True) == "\ufeffname\r\n'=1+1\r\n-1\r\n".encode()


def test_the_manifest_tells_where_a_piece_is_in_each_tray() -> None:
    (row, *_) = rows()
    both = ManifestRow(piece=row.piece, sheets=2, ounces=0.32, spans=(Span("first.pdf", 1, 2), Span("rest.pdf", 1, 2)))
    header, cells = as_table([both])
    told = dict(zip(header, cells, strict=True))
    assert [told[name] for name in ("file", "first_side", "rest_file", "rest_last_side")] == [
        "first.pdf",
        1,
        "rest.pdf",
        2,
    ]
