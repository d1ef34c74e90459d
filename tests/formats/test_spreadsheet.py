"""No cell of a CSV that we write is run by a spreadsheet."""

from __future__ import annotations

import csv
import io

import pytest

from letters.formats.files import csv_bytes, harmless


@pytest.mark.parametrize("beginning", ["=", "+", "-", "@", "\t", "\r"])
def test_a_text_that_begins_like_a_formula_has_an_apostrophe_before_it(beginning: str) -> None:
    assert harmless(f'{beginning}HYPERLINK("x")') == f'\'{beginning}HYPERLINK("x")'


@pytest.mark.parametrize("cell", ["O'Neil", "a=b", "", 7, -1.5])
def test_other_cells_stay_as_they_are(cell: object) -> None:
    assert harmless(cell) == cell


def test_a_table_is_read_back_cell_by_cell() -> None:
    table = [["id", "agency"], ["a", 'Sheriff’s "Office", Ñ\nline']]
    assert list(csv.reader(io.StringIO(csv_bytes(table).decode()))) == table
    assert csv_bytes(table, for_excel=True).startswith(b"\xef\xbb\xbf")
