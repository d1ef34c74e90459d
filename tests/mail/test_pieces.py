"""The order, numbers and batches of a mailing."""

from __future__ import annotations

from pathlib import Path

import pytest

from letters.mail.pieces import Document, Order, Piece, in_order, label, numbered, numbers_in, split


def piece(recipient: str, *, zip_code: str = "49022", county: str = "", parts: tuple[int, ...] = (4,)) -> Piece:
    document = Document(pdf=Path(f"{recipient}.pdf"), sha256="", parts=parts)
    return Piece(
        recipient=recipient,
        name=recipient,
        agency=recipient,
        county=county,
        address=(recipient, "1 Main Street", f"Town, MI {zip_code}"),
        zip=zip_code,
        documents=(document,),
    )


def ids(pieces: list[Piece]) -> str:
    return " ".join(each.recipient for each in pieces)


PIECES = [
    piece("b", zip_code="49022", county="Wayne"),
    piece("c", zip_code="48001", county="Alger"),
    piece("a", zip_code="49022", county="Kent"),
]


@pytest.mark.parametrize(
    ("order", "expected"), [(Order.ZIP, "c a b"), (Order.COUNTY, "c a b"), (Order.NAME, "a b c"), (Order.LIST, "b c a")]
)
def test_pieces_are_sorted(order: Order, expected: str) -> None:
    assert ids(in_order(PIECES, order)) == expected


def test_numbers_go_on_from_where_the_last_mailing_ended() -> None:
    assert [each.number for each in numbered(PIECES, 7)] == [7, 8, 9]


def test_labels_have_as_many_digits_as_the_last_number_but_three_at_least() -> None:
    assert [label(17, 83), label(17, 18000)] == ["017", "00017"]


def test_an_enclosure_begins_on_a_sheet_of_its_own() -> None:
    both = piece("a", parts=(3, 1))
    assert (both.sheets(duplex=True), both.sheets(duplex=False)) == (3, 4)


def test_batches_hold_a_number_of_pieces() -> None:
    assert [ids(batch) for batch in split(PIECES, per_file=2, sheets_per_file=0, duplex=True)] == ["b c", "a"]


def test_batches_hold_a_number_of_sheets_and_never_split_a_piece() -> None:
    pieces = [piece("a", parts=(2,)), piece("b", parts=(2,)), piece("c", parts=(8,)), piece("d", parts=(2,))]
    assert [ids(batch) for batch in split(pieces, per_file=0, sheets_per_file=2, duplex=True)] == ["a b", "c", "d"]


def test_pieces_are_named_by_number_or_range() -> None:
    words = ("17", "42-44", "taylor-police", "84", "4-", "0", "3-2")
    assert [numbers_in(word, 83) for word in words] == [{17}, {42, 43, 44}, *[set()] * 5]
