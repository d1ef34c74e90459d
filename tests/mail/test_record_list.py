"""Lists of pieces whose ids are numbers: a number of the record is never taken for the id of another piece."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from pathlib import Path

import pytest

from letters.mail.log import RecordList, named_pieces, post, take_back, undo
from letters.mail.register import Register, Registered
from letters.model.problems import CannotGoOn
from tests.mail.test_register import in_folder

KNOWN = {"1", "2", "3", "b"}
NOW = "2025-09-20T00:00:00+00:00"


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([("number", "id"), ("001", "3"), ("002", "b")], ["01", "02"]),
        ([("No.",), ("1",), ("2",)], ["01", "02"]),
        ([("001",), ("2",)], ["01", "2"]),
        ([("id",), ("3",), ("b",)], ["3", "b"]),
    ],
)
def test_numbers_of_a_list_begin_with_a_zero(rows: Sequence[Sequence[str]], words: list[str]) -> None:
    listed = RecordList("list.csv", list(enumerate(rows, start=1)))
    assert [each.word for each in named_pieces(listed, KNOWN)] == words


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Post three pieces, of which the second has the id "3"."""
    pieces = in_folder(tmp_path, "b", "3", "1")
    with Register(tmp_path) as register:
        register.prepare([Registered(each) for each in pieces], NOW, {})
    post(tmp_path, pieces, datetime.date(2025, 9, 19), NOW)
    return tmp_path


def test_a_number_that_is_the_id_of_another_piece_is_a_question(out: Path) -> None:
    said = '"3" may be a number, and it is the id of number 2'
    with pytest.raises(CannotGoOn, match=said) as raised:
        take_back(out, [("3", "moved")], NOW)
    assert raised.value.hint == 'the piece of this id: "02"; the number: "03"'
    with pytest.raises(CannotGoOn, match=said):
        undo(out, ["3"], NOW)


def test_with_a_zero_it_is_the_number(out: Path) -> None:
    assert [event.recipient for event in take_back(out, [("03", "moved"), ("02", "moved")], NOW)] == ["1", "3"]
    assert [event.number for event in undo(out, ["b"], NOW)] == [1]
