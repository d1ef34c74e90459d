"""Every row of the list is checked for what a letter and the post office need, and every problem says where."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from letters.model.problems import Problem
from letters.model.records import Recipient
from letters.read.recipients import read_recipients
from tests.desk import CHIEF, COLUMNS, SHERIFF

OFFICES = ("sheriff", "police_chief")


def read(*rows: dict[str, str], folder: Path) -> tuple[list[Recipient], list[Problem]]:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), restval="")
    writer.writeheader()
    writer.writerows(rows)
    path = folder / "list.csv"
    path.write_text(out.getvalue(), "utf-8")
    recipients, _, problems = read_recipients(path, "list.csv", OFFICES)
    return recipients, problems


def told(row: dict[str, str], folder: Path) -> list[str]:
    _, problems = read(row, folder=folder)
    return [str(problem) for problem in problems]


def test_a_good_row_is_a_recipient_without_problems(tmp_path: Path) -> None:
    (sheriff,), problems = read(SHERIFF, folder=tmp_path)
    assert problems == []
    assert (sheriff.id, sheriff["agency"], sheriff.place.line) == (SHERIFF["id"], SHERIFF["agency"], 2)


@pytest.mark.parametrize("column", ["id", "office", "agency", "address1", "city", "state", "zip"])
def test_a_required_field_that_is_empty_stops_its_row_only(tmp_path: Path, column: str) -> None:
    recipients, (problem,) = read(
        {**SHERIFF, "agency": SHERIFF["agency"], column: ""},
        CHIEF | dict.fromkeys(set(SHERIFF) - set(CHIEF), ""),
        folder=tmp_path,
    )
    assert (problem.place.line, problem.place.field, problem.what) == (2, column, "empty")
    assert problem.hint
    assert problem.stops
    assert len(recipients) == 2


@pytest.mark.parametrize("column", ["id", "office", "agency", "address1", "city", "state", "zip"])
def test_a_required_column_that_is_missing_is_told_once(tmp_path: Path, column: str) -> None:
    (told_once,) = told({name: value for name, value in SHERIFF.items() if name != column}, tmp_path)
    assert told_once.startswith(f'list.csv:1: {column}: the column "{column}" is missing\n    hint: ')


def test_a_missing_column_with_a_like_name_is_guessed(tmp_path: Path) -> None:
    row = {("zip_code" if name == "zip" else name): value for name, value in SHERIFF.items()}
    assert told(row, tmp_path) == ['list.csv:1: zip: the column "zip" is missing\n    hint: is it the column zip_code?']


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"id": "../../etc/passwd"}, 'id: "../../etc/passwd" cannot be an id\n    hint: the id names files'),
        ({"id": "a b"}, 'id: "a b" cannot be an id'),
        (
            {"office": "sherif"},
            'office: no form of address is known for the office "sherif"\n    hint: did you mean sheriff?',
        ),
        (
            {"state": "Michgan"},
            'state: "Michgan" is not a postal state code\n    hint: two capital letters, such as MI',
        ),
        ({"zip": "4902"}, 'zip: "4902" is not a ZIP code\n    hint: five digits, or nine as 48226-1234'),
        (
            {"zip": "4O022"},
            'zip: "4O022" is not a ZIP code\n    hint: the second character is the letter O, not the digit 0',
        ),
        ({"address1": "PO Box 12, 2100 Empire Avenue"}, "address1: a PO box and a street on one line"),
        ({"first_name": ""}, "first_name: empty, but there is a last name"),
        ({"last_name": ""}, "last_name: empty, but there is a first name"),
        (
            {"agreement_287g": "tusk force"},
            'agreement_287g: "tusk force" is not a model of agreement\n    hint: did you mean task_force?',
        ),
        (
            {"agreement_signed": "5/6/2025"},
            'agreement_signed: warning: "5/6/2025" is read as 2025-05-06\n    hint: write 2025-05-06 to be spared',
        ),
        (
            {"agreement_signed": "last May"},
            'agreement_signed: "last May" is not a date\n    hint: write year-month-day, such as 2025-03-19',
        ),
        ({"agreement_287g": ""}, "agreement_287g: empty, but the agreement has a date"),
    ],
)
def test_a_cell_that_cannot_be_right_is_told(tmp_path: Path, change: dict[str, str], message: str) -> None:
    (only,) = told({**SHERIFF, **change}, tmp_path)
    assert only.startswith(f"list.csv:2: {message}")


def test_a_zip_that_lost_its_zero_is_repaired_where_the_state_agrees(tmp_path: Path) -> None:
    boston = {**SHERIFF, "county": "Suffolk", "state": "MA", "city": "Boston", "zip": "2108"}
    (recipient,), (problem,) = read(boston, folder=tmp_path)
    assert recipient["zip"] == "02108"
    assert not problem.stops
    assert problem.what == '"2108" lost its leading zero; read as "02108"'


@pytest.mark.parametrize(
    ("column", "said", "meant"),
    [
        ("state", "Mich.", "MI"),
        ("state", "michigan", "MI"),
        ("state", "mi", "MI"),
        ("zip", "MI 49022", "49022"),
        ("zip", "490221234", "49022-1234"),
        ("zip", "49022\u20131234", "49022-1234"),
        ("zip", "49022-", "49022"),
        ("zip", "49022.0", "49022"),
        ("zip", "\uff14\uff19\uff10\uff12\uff12", "49022"),
    ],
)
def test_a_state_or_a_zip_in_another_form_is_read_as_what_it_means(
    tmp_path: Path, column: str, said: str, meant: str
) -> None:
    (recipient,), (problem,) = read({**SHERIFF, column: said}, folder=tmp_path)
    assert recipient[column] == meant
    assert (problem.place.field, problem.what, problem.stops) == (column, f'"{said}" is read as {meant}', False)


def test_a_hold_that_tells_no_reason_is_asked_about(tmp_path: Path) -> None:
    (recipient,), (problem,) = read({**SHERIFF, "hold": "no"}, folder=tmp_path)
    assert recipient.hold == "no"
    assert 'hold: warning: "no" keeps the letter back' in str(problem)


def test_a_repeated_id_stops_all_its_rows(tmp_path: Path) -> None:
    other = {**CHIEF, "id": SHERIFF["id"].upper()}
    recipients, problems = read(SHERIFF, other, folder=tmp_path)
    assert [(problem.place.line, problem.recipient, problem.what) for problem in problems] == [
        (2, "berrien-county-sheriff", '"berrien-county-sheriff" is also the id of line 3'),
        (3, "BERRIEN-COUNTY-SHERIFF", '"BERRIEN-COUNTY-SHERIFF" is also the id of line 2'),
    ]
    assert all(problem.stops for problem in problems)
    assert len(recipients) == 2


def test_one_official_in_two_rows_is_told(tmp_path: Path) -> None:
    _, (problem,) = read(SHERIFF, {**SHERIFF, "id": "berrien-again"}, folder=tmp_path)
    assert (problem.place.line, problem.what) == (3, "the same official as line 2, who would get two letters")


def test_a_row_that_says_exactly_what_another_says_is_left_out(tmp_path: Path) -> None:
    (recipient,), (problem,) = read(SHERIFF, SHERIFF, folder=tmp_path)
    assert recipient.id == SHERIFF["id"]
    assert str(problem).startswith("list.csv:3: warning: says exactly what line 2 says, and is left out")


def test_cells_that_are_shifted_are_one_problem_of_their_row(tmp_path: Path) -> None:
    cells = [CHIEF.get(column, "") for column in COLUMNS]
    for moved in (["", *cells[:-1]], [*cells[:5], *cells[6:], ""]):
        whole = dict.fromkeys(COLUMNS, "") | SHERIFF
        _, problems = read(whole, dict(zip(COLUMNS, moved, strict=True)), folder=tmp_path)
        (problem,) = problems
        assert 'the cells are shifted: "MI" stands under' in str(problem)
        assert (problem.place.line, problem.stops) == (3, True)


def test_a_remark_in_the_column_of_ids_is_one_problem_and_no_recipient(tmp_path: Path) -> None:
    remarks = [{"id": "Wayne County"}, {"id": "Source: the state", "office": "2025"}]
    _, problems = read(SHERIFF, *remarks, folder=tmp_path)
    assert [problem.what for problem in problems] == [
        'no recipient, but a row with "Wayne County"',
        'no recipient, but a row with "Source: the state", "2025"',
    ]


def test_a_row_held_on_purpose_is_not_checked_further(tmp_path: Path) -> None:
    (recipient,), problems = read({**SHERIFF, "zip": "", "hold": "ZIP code not known"}, folder=tmp_path)
    assert problems == []
    assert recipient.hold == "ZIP code not known"


def test_a_row_asks_for_thanks_with_yes_and_with_nothing_else(tmp_path: Path) -> None:
    (asked,), problems = read({**SHERIFF, "thank_you": "Yes"}, folder=tmp_path)
    assert (asked["thank_you"], problems) == ("yes", [])
    assert read(SHERIFF, folder=tmp_path)[0][0]["thank_you"] == ""
    assert told({**SHERIFF, "thank_you": "perhaps"}, tmp_path) == [
        'list.csv:2: thank_you: "perhaps" is neither yes nor no\n    hint: write yes, or leave it empty'
    ]


@pytest.mark.parametrize(
    ("row", "said", "meant"),
    [
        (SHERIFF, "Interim", "Interim Sheriff"),
        (CHIEF, "Lt. Col.", "Lieutenant Colonel"),
        (CHIEF, "CHIEF OF POLICE", "Chief of Police"),
        (CHIEF, "Chief of Police (Acting)", "Acting Chief"),
    ],
)
def test_a_title_is_read_as_the_forms_of_address_know_it(
    tmp_path: Path, row: dict[str, str], said: str, meant: str
) -> None:
    (recipient,), (problem,) = read({**row, "title": said}, folder=tmp_path)
    assert recipient["title"] == meant
    assert problem.what == f'"{said}" is read as {meant}'


@pytest.mark.parametrize("column", ["city", "state", "zip"])
def test_a_cell_that_is_refused_is_refused_once(tmp_path: Path, column: str) -> None:
    (problem,) = told({**SHERIFF, column: "N/A"}, tmp_path)
    assert '"N/A" is a word for nothing' in problem
