"""Certified mail: numbers from a file, the worksheet."""

from __future__ import annotations

from pathlib import Path

import pypdfium2
import pytest

from letters.mail.certified import Article, Receipt, as_table, read_article_numbers, write_worksheet
from letters.mail.certify import number_pieces
from letters.model.problems import CannotGoOn
from tests.desk import Desk, set_up
from tests.mail.test_pieces import numbered, piece

FIRST, SECOND, THIRD = ("9407 1111 0895 3650 0000 17", "9407111108953650000024", "94071111089536500000 31")
PIECES = numbered([piece("a"), piece("b")], 1)


def numbers_in(folder: Path, *lines: str) -> Path:
    path = folder / "numbers.csv"
    path.write_text("\n".join(lines), "utf-8")
    return path


def digits(number: str) -> str:
    return number.replace(" ", "")


def test_numbers_are_given_in_order(tmp_path: Path) -> None:
    assert number_pieces(PIECES, numbers_in(tmp_path, FIRST, SECOND, THIRD)) == {"a": digits(FIRST), "b": SECOND}


def test_numbers_may_say_whose_they_are(tmp_path: Path) -> None:
    assert number_pieces(PIECES, numbers_in(tmp_path, "id,number", f"b,{FIRST}")) == {"b": digits(FIRST)}


def test_every_mistake_in_the_numbers_is_told_with_its_line(tmp_path: Path) -> None:
    _, problems = read_article_numbers(numbers_in(tmp_path, SECOND, "9.40711E+21", SECOND), "numbers.csv")
    assert [str(problem).splitlines()[0] for problem in problems] == [
        'numbers.csv:2: "9.40711E+21" is not an article number',
        f'numbers.csv:3: "{SECOND}" is there twice',
    ]


def test_too_few_numbers_stop_the_mailing(tmp_path: Path) -> None:
    with pytest.raises(CannotGoOn, match="1 article numbers for 2 pieces"):
        number_pieces(PIECES, numbers_in(tmp_path, FIRST))


def test_a_number_for_somebody_else_stops_the_mailing(tmp_path: Path) -> None:
    with pytest.raises(CannotGoOn, match='"c" is not in this mailing'):
        number_pieces(PIECES, numbers_in(tmp_path, f"c,{FIRST}"))


def test_articles_are_listed_in_the_order_of_their_numbers() -> None:
    articles = [Article(SECOND, PIECES[0], 1.0), Article(digits(FIRST), PIECES[1], 1.0)]
    assert [row[0] for row in as_table(articles, Receipt.CARD, 2)[1:]] == [digits(FIRST), SECOND]


def test_unused_lines_are_struck_through() -> None:
    page = write_worksheet([Article(SECOND, PIECES[0], 1.0)], Receipt.NONE, ["Sender"], 1, "en-US")
    assert page.count("<hr>") == 14
    assert "only with the postmaster’s approval in writing" in page


def test_a_mailing_of_certified_letters_has_the_worksheet_and_the_numbers(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    desk: Desk = set_up(folder=tmp_path_factory.mktemp("certified") / "desk", more='status = "final"')
    desk.run("build", "--no-docx")
    numbers_in(desk.folder, FIRST, SECOND)
    desk.run("mail", "prepare", "--certified", "numbers.csv", "--return-receipt", "card", "--envelopes", "none")
    document = pypdfium2.PdfDocument(desk.out("mail/certified-worksheet.pdf"))
    text = " ".join(document[0].get_textpage().get_text_range().split())
    document.close()
    assert "WORKSHEET, NOT A POSTAL FORM" in text
    assert "9407 1111 0895 3650 0000 24 Chief of Police, Adrian Police Department" in text
    assert text.count("Certified, return receipt (PS 3811)") == 2
    assert desk.out("mail/manifest.csv").read_text("utf-8-sig").splitlines()[2].endswith(SECOND)
    assert len(desk.out("mail/certified.csv").read_text("utf-8-sig").splitlines()) == 3
