"""Tables are read as office programs write them, and every misshapen row is told with its line."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from letters.read.text import read_table


def rows(text: str) -> list[dict[str, str]]:
    _, found, problems = read_table(text, "list.csv")
    assert problems == []
    assert not any(row.problems for row in found)
    return [row.cells for row in found]


def told(text: str) -> list[str]:
    _, found, problems = read_table(text, "list.csv")
    return [str(problem) for problem in [*problems, *(problem for row in found for problem in row.problems)]]


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_commas_semicolons_and_tabs_part_cells(mark: str) -> None:
    assert rows(f"id{mark}agency\n1{mark}Adrian\n") == [{"id": "1", "agency": "Adrian"}]


def test_column_names_are_folded_to_what_a_letter_can_use() -> None:
    columns, _, _ = read_table("Id,Board chair,E-Mail (office)\n1,2,3\n", "list.csv")
    assert columns == ("id", "board_chair", "e_mail_office")


def test_white_space_is_trimmed_and_line_breaks_in_cells_become_spaces() -> None:
    assert rows('id,agency\n 1 ,"Adrian \n  Police"\n') == [{"id": "1", "agency": "Adrian Police"}]


def test_rows_know_their_line_behind_a_cell_of_two_lines() -> None:
    _, found, _ = read_table('id,agency\n1,"a\nb"\n\n2,c\n', "list.csv")
    assert [row.line for row in found] == [2, 5]


def test_empty_rows_and_empty_cells_at_the_end_are_nothing() -> None:
    assert rows("id,agency\n1,Adrian,,\n,,\n\n") == [{"id": "1", "agency": "Adrian"}]


def test_a_row_with_a_cell_too_many_is_told_with_its_counts() -> None:
    hint = "\n    hint: is a comma missing, or one too many? A text with a comma in it stands in quotation marks"
    assert told("id,agency\n2,b,c\n") == [f"list.csv:2: 3 cells, but the header has 2{hint}"]


def test_cells_that_are_left_out_at_the_end_of_a_row_are_empty() -> None:
    _, (row,), problems = read_table("id,agency,city\n1\n", "list.csv")
    assert (row.cells, problems) == ({"id": "1", "agency": "", "city": ""}, [])


@pytest.mark.parametrize("above", ["\n\n", "sep=,\n", '"sep=,"\n\n'])
def test_what_a_spreadsheet_writes_above_the_header_is_skipped(above: str) -> None:
    columns, (row,), problems = read_table(f"{above}id,agency\n1,a\n", "list.csv", ("id", "agency"))
    assert (columns, row.cells["agency"], problems) == (("id", "agency"), "a", [])


def test_a_title_above_the_header_is_told_and_lines_keep_their_numbers() -> None:
    columns, (row,), (problem,) = read_table("Our list,\n\nid,agency\n1,a\n", "list.csv", ("id", "agency"))
    assert (columns, row.line) == (("id", "agency"), 4)
    assert str(problem).startswith('list.csv:1: warning: "Our list" stands above the header')


@pytest.mark.parametrize(
    "cell", ["\u200b", "\u00ad", "\ufeff", "\u2800", "\u200c", "\ufe0f", "\u2060 \u200e", "\U000e0041"]
)
def test_a_cell_of_invisible_characters_is_empty(cell: str) -> None:
    _, (row,), _ = read_table(f"id,agency\n1,{cell}\n", "list.csv")
    assert row.cells["agency"] == ""


def test_invisible_characters_in_a_text_are_left_out_and_told() -> None:
    _, (row,), (problem,) = read_table("id,agency\n1,Adri\u00adan\n", "list.csv")
    assert row.cells["agency"] == "Adrian"
    assert "invisible characters (U+00AD) in 1 different cells were left out" in str(problem)


@pytest.mark.parametrize("line", ['1,"Adrian', '1,"Adrian" Police', '"1,Adrian'])
def test_a_stray_quotation_mark_stops_its_row_and_no_other(line: str) -> None:
    _, rows, problems = read_table(f'id,agency\n{line}\n2,b\n3,"c, d"\n', "list.csv")
    assert problems == []
    assert [(row.line, row.is_broken) for row in rows] == [(2, True), (3, False), (4, False)]
    assert [row.cells["agency"] for row in rows[1:]] == ["b", "c, d"]
    (problem,) = rows[0].problems
    assert str(problem).startswith("list.csv:2: a quotation mark is not closed, or stands within a cell")


def test_a_stray_quotation_mark_in_the_header_is_no_table() -> None:
    (problem,) = told('"id,agency\n1,Adrian\n2,b\n')
    assert problem.startswith("list.csv:1: not a table from here on")


def test_a_cell_that_no_spreadsheet_could_hold_stops_its_row_and_no_other() -> None:
    _, rows, problems = read_table(f"id,agency\n1,{'a' * 2_000_000}\n2,b\n", "list.csv")
    assert problems == []
    assert [[problem.what for problem in row.problems] for row in rows] == [
        ["a cell of 2,000,000 characters; a spreadsheet holds 32,767"],
        [],
    ]


def test_a_header_of_thousands_of_columns_is_not_read() -> None:
    header = ",".join(f"column{number}" for number in range(3_000))
    assert told(f"id,agency,{header}\n1,a\n") == [
        "list.csv:1: the header names 3,002 columns, and 2,000 is the most\n"
        "    hint: is it the right file? A list has some dozens"
    ]


def test_a_header_that_stands_again_is_not_read() -> None:
    _, rows, problems = read_table("id,agency\n1,a\nID,Agency\n2,b\n", "list.csv")
    assert [row.cells["id"] for row in rows] == ["1", "2"]
    assert [str(problem) for problem in problems] == [
        "list.csv:3: warning: the header stands here again\n    hint: it is not read"
    ]


def test_of_two_columns_with_one_name_the_first_counts() -> None:
    _, rows, problems = read_table("id,city,city\n1,Alma,x\n", "list.csv")
    assert rows[0].cells == {"id": "1", "city": "Alma"}
    assert problems[0].what == 'the column "city" is there twice'


@pytest.mark.parametrize("character", ["\0", "\x0b", "\x1b", "\ufffe"])
def test_characters_that_no_document_can_hold_are_told(character: str) -> None:
    (problem,) = told(f"id,agency\n1,a{character}b\n")
    assert problem.startswith(f"list.csv:2: agency: a control character, U+{ord(character):04X}")


@pytest.mark.parametrize("character", ["\u202e", "\u2066"])
def test_characters_that_turn_the_text_behind_them_round_are_told(character: str) -> None:
    (problem,) = told(f"id,agency\n1,a{character}b\n")
    assert problem.startswith(f"list.csv:2: agency: a control character, U+{ord(character):04X}")


def test_a_column_that_is_there_twice_is_told() -> None:
    assert told("id,ID\n1,2\n") == [
        'list.csv:1: id: the column "id" is there twice\n    hint: rename or remove one of them'
    ]


def test_an_empty_file_is_told() -> None:
    assert told(" \n") == ["list.csv:1: the file is empty\n    hint: the first line names the columns"]


SHOWS_NOTHING = "".join(
    map(
        chr,
        (0x34F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0, *range(0x180B, 0x1810), *range(0xFE00, 0xFE10)),
    )
)
"""Characters outside the category Cf that are left out of cells."""
CELL = st.text(
    st.characters(
        exclude_categories=["Cc", "Cs", "Cf"], exclude_characters=f"\ufffe\uffff{SHOWS_NOTHING}", max_codepoint=0xDFFFF
    )
).map(lambda text: " ".join(text.split()))


@given(st.lists(st.tuples(CELL, CELL).filter(any)))
def test_what_a_spreadsheet_writes_is_what_is_read(cells: list[tuple[str, str]]) -> None:
    out = io.StringIO()
    csv.writer(out).writerows([("id", "agency"), *cells])
    assert [tuple(row.values()) for row in rows(out.getvalue().replace("\r\n", "\n"))] == cells
