"""A cell of the list is changed, and every other byte of the file stays as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from letters.model.problems import CannotGoOn
from letters.recipients.history import cells_of, set_cells
from tests.conftest import MakeDesk

HEAD = "id,office,agency,address1,city,state,zip\r\n"
ROWS = (
    'a,sheriff,"Sheriff, of A","1 ""Old"" Road",A,MI,49022\r\n'
    "b,sheriff,'=B,2 Road,B,MI,49023\r\n"
    'c,sheriff,"Two\r\nlines",3 Road,C,MI\r\n'
)


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    path = tmp_path / "list.csv"
    path.write_bytes(b"\xef\xbb\xbf" + (HEAD + ROWS).encode())
    return path


def test_only_the_record_is_written_anew(listed: Path) -> None:
    before = listed.read_bytes()
    assert set_cells(listed, "b", {"city": "Bee"}, {"city": "B"}) == ["city"]
    assert listed.read_bytes() == before.replace(b",B,MI", b",Bee,MI")


def test_a_row_beside_a_cell_of_any_length_is_changed(listed: Path) -> None:
    listed.write_bytes(listed.read_bytes().replace(b"3 Road", b"x" * 200_000))
    assert set_cells(listed, "b", {"city": "Bee"}, {}) == ["city"]


def test_a_value_with_commas_quotes_and_a_formula_comes_back_as_it_was_typed(listed: Path) -> None:
    for value in ('=HYPERLINK("x")', 'a, "b"', "–", "+1"):
        set_cells(listed, "a", {"agency": value}, {})
        assert cells_of(listed, "a")["agency"] == value
    assert b"'+1" in listed.read_bytes(), "a spreadsheet is not to compute it"


def test_a_short_record_gets_the_cells_it_lacks(listed: Path) -> None:
    set_cells(listed, "c", {"zip": "49024"}, {})
    assert cells_of(listed, "c")["zip"] == "49024"


def test_a_column_that_is_not_there_yet_is_added_for_all(listed: Path) -> None:
    set_cells(listed, "a", {"hold": "no sheriff at present"}, {})
    assert cells_of(listed, "a")["hold"] == "no sheriff at present"
    assert cells_of(listed, "b")["hold"] == ""
    assert cells_of(listed, "b")["agency"] == "=B"


def test_what_says_something_else_by_now_is_not_overwritten(listed: Path) -> None:
    before = listed.read_bytes()
    with pytest.raises(CannotGoOn, match="by now"):
        set_cells(listed, "a", {"city": "Mine"}, {"city": "What I saw"})
    assert listed.read_bytes() == before


@pytest.mark.parametrize(
    ("content", "identifier", "column"),
    [
        (HEAD + ROWS, "nobody", "city"),
        (HEAD + ROWS, "a", "nothing"),
        (HEAD + ROWS + ROWS, "a", "city"),
        ((HEAD + ROWS).replace(",", ";"), "a", "city"),
    ],
)
def test_what_is_not_one_cell_of_one_row_is_refused(listed: Path, content: str, identifier: str, column: str) -> None:
    listed.write_text(content, "utf-8")
    before = listed.read_bytes()
    with pytest.raises(CannotGoOn):
        set_cells(listed, identifier, {column: "x"}, {})
    assert listed.read_bytes() == before


def test_a_list_in_another_encoding_is_refused_and_the_way_on_is_told(listed: Path) -> None:
    listed.write_bytes((HEAD + ROWS).replace("Road", "Straße").encode("cp1252"))
    with pytest.raises(CannotGoOn, match="UTF-8") as caught:
        set_cells(listed, "a", {"city": "x"}, {})
    assert "recipients import" in caught.value.hint


def test_the_command_sets_cells_and_holds_a_row(make_desk: MakeDesk) -> None:
    desk = make_desk()
    said = desk.run("recipients", "set", "adrian-police", "city=Tecumseh", "hold=no chief at present").stdout
    assert said == "adrian-police: city, hold changed\n"
    assert "no chief at present" in desk.run("status").stdout
    assert desk.run("recipients", "set", "adrian-police", "city", code=2)
