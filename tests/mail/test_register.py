"""The register of mailings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from letters.mail.log import choose, is_duplex
from letters.mail.pieces import Piece, numbered
from letters.mail.register import Register, Registered, What
from letters.model.problems import CannotGoOn
from tests.mail.test_pieces import piece

DAY = "2025-09-18"


@pytest.fixture
def register(tmp_path: Path) -> Iterator[Register]:
    with Register(tmp_path) as register:
        yield register


def in_folder(folder: Path, *names: str, first: int = 1) -> list[Piece]:
    pieces = numbered(map(piece, names), first)
    return [
        replace(each, documents=(replace(each.letter, pdf=folder / f"pdf/{each.recipient}.pdf"),)) for each in pieces
    ]


def test_pieces_come_back_as_they_were(register: Register, tmp_path: Path) -> None:
    pieces = in_folder(tmp_path, "a", "b")
    register.prepare([Registered(each, batch=2, article="9407") for each in pieces], DAY, {"duplex": True})
    assert register.pieces() == [Registered(each, 2, "9407") for each in pieces]
    assert register.settings() == {"duplex": True, "first": 1}


def test_numbers_are_free_again_until_a_piece_is_posted(register: Register, tmp_path: Path) -> None:
    pieces = in_folder(tmp_path, "a", "b")
    register.prepare(map(Registered, pieces), DAY, {})
    assert register.next_number() == 1
    register.log(What.POSTED, pieces[:1], DAY, DAY)
    assert register.next_number() == 2


def test_what_was_posted_is_not_among_the_next_pieces(register: Register, tmp_path: Path) -> None:
    pieces = in_folder(tmp_path, "a", "b")
    register.prepare(map(Registered, pieces), DAY, {})
    register.log(What.POSTED, pieces, DAY, DAY)
    register.prepare(map(Registered, in_folder(tmp_path, "c", first=3)), DAY, {})
    assert [each.piece.number for each in register.pieces()] == [3]


def test_the_last_of_posted_and_returned_counts(register: Register, tmp_path: Path) -> None:
    pieces = in_folder(tmp_path, "a", "b")
    register.log(What.POSTED, pieces, DAY, DAY)
    register.log(What.RETURNED, pieces[1:], DAY, "moved")
    standing = register.standing()
    assert {name: event.what for name, event in standing.items()} == {"a": What.POSTED, "b": What.RETURNED}
    assert standing["b"].detail == "moved"


def test_the_article_numbers_of_what_was_posted_are_known(register: Register, tmp_path: Path) -> None:
    pieces = in_folder(tmp_path, "a", "b")
    register.prepare([Registered(each, article=f"940{each.number}") for each in pieces], DAY, {})
    register.log(What.POSTED, pieces[1:], DAY, DAY)
    assert {article: event.recipient for article, event in register.posted_articles().items()} == {"9402": "b"}


def test_a_number_that_is_also_the_id_of_another_piece_is_a_question(tmp_path: Path) -> None:
    registered = list(map(Registered, in_folder(tmp_path, "3", "1", "2")))
    with pytest.raises(CannotGoOn, match='"3" may be a number, and it is the id of number 1'):
        choose(registered, ["3"])
    assert [each.piece.recipient for each in choose(registered, ["01"])] == ["3"]


def test_pieces_are_chosen_by_number_and_by_recipient(tmp_path: Path) -> None:
    registered = list(map(Registered, in_folder(tmp_path, "a", "b", "c")))
    assert [each.piece.recipient for each in choose(registered, ["3", "a"])] == ["a", "c"]


def test_letters_are_as_thick_as_they_were_prepared_to_be(tmp_path: Path) -> None:
    assert is_duplex(tmp_path, None)
    with Register(tmp_path) as register:
        register.prepare([], "2025-09-17T00:00:00+00:00", {"duplex": False})
    assert not is_duplex(tmp_path, None)
    assert is_duplex(tmp_path, asked=True)
