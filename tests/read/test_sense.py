"""Cells that look filled and must not be printed are problems of their row; real ones are not."""

from __future__ import annotations

import csv
import io

import pytest

from letters.model.problems import Place
from letters.model.records import Recipient
from letters.read.recipients import read_recipients
from letters.read.sense import reserved_id, sense_problems
from tests.desk import COLUMNS, ROOT, SHERIFF


def told(**changes: str) -> list[str]:
    return [str(problem) for problem in sense_problems(Recipient("x", {**SHERIFF, **changes}, Place("list.csv", 2)))]


@pytest.mark.parametrize("word", ["N/A", "None", "nan", "TBD", "vacant", "#REF!", "see notes", "--"])
@pytest.mark.parametrize("column", ["agency", "last_name", "address2"])
def test_a_word_for_nothing_is_told(word: str, column: str) -> None:
    assert told(**{column: word})[0].startswith(f'list.csv:2: {column}: "{word}" is a word for nothing')


@pytest.mark.parametrize("value", ["Sheriffâ€™s Office", "Sheriff\u0092s Office"])
def test_wrong_letters_are_told_with_what_was_meant(value: str) -> None:
    (problem,) = told(agency=value)
    assert "holds wrong letters" in problem
    assert 'is it "Sheriff’s Office"?' in problem


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"last_name": "Van (OIC)"}, 'it holds "("'),
        ({"last_name": "Doe/Smith"}, 'it holds "/"'),
        ({"last_name": "Kowalski, Jr."}, 'it holds ","'),
        ({"first_name": "Capt. Jane"}, 'a title or a rank ("capt")'),
        ({"last_name": "DOE"}, 'warning: "DOE" is in capitals'),
        ({"city": "Lansing, MI"}, '"Lansing, MI" is more than a city'),
        ({"city": "Lansing MI"}, '"Lansing MI" is more than a city'),
        ({"zip": "90210"}, '"90210" is no ZIP code of MI'),
        ({"zip": "00000"}, "no place has it"),
        ({"zip": "48999"}, 'no place is known to have the ZIP code "48999"'),
        ({"city": "Detroit"}, '"49022" is Benton Harbor'),
        ({"zip": "48933"}, '"48933" is Lansing, MI, not "Benton Harbor"\n    hint: Benton Harbor has 49022'),
    ],
)
def test_what_is_no_name_city_or_zip_is_told(change: dict[str, str], said: str) -> None:
    (problem,) = told(**change)
    assert said in problem


@pytest.mark.parametrize(
    "change",
    [
        {"last_name": "O’Neil"},
        {"last_name": "García Márquez"},
        {"first_name": "J.", "last_name": "van der Berg"},
        {"city": "St. Clair Shores", "zip": "48081"},
        {"address2": "Suite 4"},
        {"hold": "none"},
    ],
)
def test_what_is_right_is_left_alone(change: dict[str, str]) -> None:
    assert told(**change) == []


def test_the_sample_list_makes_no_false_alarm() -> None:
    _, _, problems = read_recipients(ROOT / "recipients.csv", "recipients.csv", ("sheriff", "police_chief"))
    assert [str(problem) for problem in problems] == []


@pytest.mark.parametrize(("name", "reserved"), [("CON", True), ("aux", True), ("lpt1", True), ("con-police", False)])
def test_names_of_devices_are_known(name: str, reserved: bool) -> None:
    assert reserved_id(name) is reserved


def test_a_row_without_an_id_and_a_total_stop_no_other_row(tmp_path) -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, restval="")
    writer.writeheader()
    writer.writerows([SHERIFF, {**SHERIFF, "id": "", "zip": "49023"}, {"agency": "Total", "county": "2"}])
    (tmp_path / "list.csv").write_text(text.getvalue(), "utf-8")
    recipients, _, problems = read_recipients(tmp_path / "list.csv", "list.csv", ("sheriff",))
    assert [each.id for each in recipients] == [SHERIFF["id"], "row-3", "row-4"]
    assert [(problem.recipient, problem.place.line) for problem in problems] == [("row-3", 3), ("row-4", 4)]
    assert 'no recipient, but a row with "Total", "2"' in problems[1].what
