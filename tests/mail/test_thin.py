"""What would make a thick piece thin enough to be folded."""

from __future__ import annotations

from pathlib import Path

from letters.mail.pieces import Document, Piece
from letters.mail.products import advise
from tests.conftest import MakeDesk


def piece(*parts: int, enclosures: tuple[str, ...] = ()) -> Piece:
    document = Document(pdf=Path(), sha256="", parts=parts)
    return Piece(
        recipient="x", name="X", agency="X", county="", address=("X",), zip="", documents=(document,),
        enclosures=enclosures,
    )  # fmt: skip


TITLES = ("Model policy", "Fact sheet")


def test_a_thin_piece_needs_no_advice() -> None:
    assert advise([piece(10, 1, 1, enclosures=TITLES)], 7, duplex=True) == []


def test_both_sides_are_advised_where_one_is_printed() -> None:
    assert advise([piece(8), piece(20)], 6, duplex=False)[:2] == [
        "2 pieces of 8 to 20 sheets, more than the 6 that can be folded",
        "on both sides of the paper (--duplex): 1 of them would fit",
    ]


def test_a_page_less_of_an_odd_part_saves_a_sheet() -> None:
    said = advise([piece(11, 2, enclosures=TITLES[:1])], 6, duplex=True)
    assert "with a page less in the letter itself, of an odd number of pages: all of them would fit" in said


def test_enclosures_to_leave_out_are_named_alone_or_together() -> None:
    assert advise([piece(10, 2, 4, enclosures=TITLES)], 6, duplex=True)[1:] == [
        "without “Fact sheet”: all of them would fit"
    ]
    assert advise([piece(12, 2, 2, enclosures=TITLES)], 6, duplex=True)[1:] == [
        "without “Model policy” and “Fact sheet”: all of them would fit"
    ]


def test_a_letter_that_is_too_long_by_itself_is_told_so() -> None:
    assert "shorten the letter" in advise([piece(30)], 6, duplex=True)[-1]


def test_prepare_says_it_and_writes_nothing(make_desk: MakeDesk) -> None:
    desk = make_desk(more='status = "final"')
    desk.run("build", "--no-docx")
    assert "all have at most 6 sheets: they can be folded" in desk.run("mail", "prepare", "--thin").stdout
    assert not desk.out("mail").exists()
