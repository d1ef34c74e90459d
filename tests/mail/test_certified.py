"""Certified mail: numbers from a file, the worksheet."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pypdfium2
import pytest

from letters.formats.ooxml import read_package
from letters.mail.certified import (
    as_table,
    number_pieces,
    read_article_numbers,
    used_articles,
    write_worksheet,
)
from letters.mail.manifest import ManifestRow
from letters.mail.pieces import Piece, Receipt
from letters.mail.register import Register, Registered, What
from letters.model.postal import article_fault
from letters.model.problems import CannotGoOn
from tests.desk import CHIEF, SHERIFF, Desk, set_up
from tests.mail.test_pieces import numbered, piece
from tests.mail.test_register import in_folder

FIRST, SECOND, THIRD = ("9407 1111 0895 3650 0000 11", "9407111108953650000028", "94071111089536500000 35")
PIECES = numbered([piece("a"), piece("b")], 1)


def numbers_in(folder: Path, *lines: str) -> Path:
    path = folder / "numbers.csv"
    path.write_text("\n".join(lines), "utf-8")
    return path


def row_of(article_of: Piece, number: str) -> ManifestRow:
    return ManifestRow(piece=article_of, sheets=1, ounces=1.0, spans=(), article=number)


def digits(number: str) -> str:
    return number.replace(" ", "")


def test_numbers_are_given_in_order(tmp_path: Path) -> None:
    assert number_pieces(PIECES, numbers_in(tmp_path, FIRST, SECOND, THIRD), {}) == {"a": digits(FIRST), "b": SECOND}


def test_numbers_may_say_whose_they_are(tmp_path: Path) -> None:
    assert number_pieces(PIECES, numbers_in(tmp_path, "id,number", f"b,{FIRST}"), {}) == {"b": digits(FIRST)}


def test_every_mistake_in_the_numbers_is_told_with_its_line(tmp_path: Path) -> None:
    _, problems = read_article_numbers(numbers_in(tmp_path, SECOND, "9.40711E+21", SECOND), "numbers.csv")
    assert [str(problem).splitlines()[0] for problem in problems] == [
        'numbers.csv:2: "9.40711E+21" is not an article number: they have 20 or 22 digits',
        f'numbers.csv:3: "{SECOND}" is there twice',
    ]


def test_too_few_numbers_stop_the_mailing(tmp_path: Path) -> None:
    with pytest.raises(CannotGoOn, match="1 article numbers for 2 pieces"):
        number_pieces(PIECES, numbers_in(tmp_path, FIRST), {})


def test_a_number_for_somebody_else_stops_the_mailing(tmp_path: Path) -> None:
    with pytest.raises(CannotGoOn, match='"c" is not in this mailing'):
        number_pieces(PIECES, numbers_in(tmp_path, f"c,{FIRST}"), {})


def test_a_number_that_another_letter_prints_stops_the_mailing(tmp_path: Path) -> None:
    printing = [replace(PIECES[0], article=digits(FIRST)), PIECES[1]]
    with pytest.raises(CannotGoOn, match="is the number that the letter to a prints"):
        number_pieces(printing, numbers_in(tmp_path, f"b,{FIRST}"), {})


def test_a_number_that_went_out_is_not_used_again(tmp_path: Path) -> None:
    used = {SECOND: "went out with number 7 on 2025-09-19"}
    with pytest.raises(CannotGoOn, match=f'numbers.csv:1: "{SECOND}" went out with number 7 on 2025-09-19'):
        number_pieces(PIECES, numbers_in(tmp_path, f"b,{SECOND}"), used)


def test_articles_are_listed_in_the_order_of_their_numbers() -> None:
    rows = [row_of(PIECES[0], SECOND), row_of(PIECES[1], digits(FIRST))]
    assert [row[0] for row in as_table(rows, Receipt.CARD, 2)[1:]] == [digits(FIRST), SECOND]


def test_unused_lines_are_struck_through() -> None:
    page = write_worksheet([row_of(PIECES[0], SECOND)], Receipt.NONE, ["Sender"], 1, "en-US")
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
    assert "9407 1111 0895 3650 0000 28 Chief of Police, Adrian Police Department" in text
    assert text.count("Certified, return receipt (PS 3811)") == 2
    assert desk.out("mail/manifest.csv").read_text("utf-8-sig").splitlines()[2].endswith(SECOND)
    assert len(desk.out("mail/certified.csv").read_text("utf-8-sig").splitlines()) == 3


# Numbers of 22 digits that carriers' documentation and shipping software give as examples of the check digit.
PUBLISHED = ("9505511069605048600624", "9400111201080805483016", "9405803699300124287899", "9361289878700317633795")


@pytest.mark.parametrize("number", PUBLISHED)
def test_the_check_digit_of_published_numbers_is_right(number: str) -> None:
    assert article_fault(number) == ""
    for place in range(21):
        mistyped = number[:place] + str((int(number[place]) + 1) % 10) + number[place + 1 :]
        assert "mistyped" in article_fault(mistyped)


def test_the_check_digit_of_old_labels_is_not_looked_at() -> None:
    assert article_fault("70123456789012345678") == ""


NUMBERED = {**SHERIFF, "certified_number": FIRST, "delivery": "Via Certified Mail, Return Receipt Requested"}


@pytest.fixture(scope="module")
def certified(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    rows = (
        NUMBERED,
        CHIEF,
        {**CHIEF, "id": "taylor-police", "agency": "Taylor Police", "address1": "2 Street", "delivery": "By hand"},
    )
    desk = set_up(
        folder=tmp_path_factory.mktemp("numbered") / "desk",
        more='status = "final"\ndelivery = "Via U.S. Mail"',
        rows=rows,
    )
    desk.run("build")
    return desk


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("berrien-county-sheriff", "Via Certified Mail, Return Receipt Requested, No. 9407 1111 0895 3650 0000 11"),
        ("adrian-police", "Via U.S. Mail"),
        ("taylor-police", "By hand"),
    ],
)
def test_each_letter_has_its_own_delivery_line(certified: Desk, name: str, line: str) -> None:
    document = pypdfium2.PdfDocument(certified.out(f"pdf/{name}.pdf"))
    assert line in " ".join(document[0].get_textpage().get_text_range().split())
    document.close()
    words = read_package(certified.out(f"docx/{name}.docx").read_bytes())["word/document.xml"].decode()
    assert line in "".join(re.findall(r"<w:t[^>]*>([^<]*)</w:t>", words))


def test_the_number_on_the_letter_is_that_of_the_piece(certified: Desk) -> None:
    certified.run("mail", "prepare", "--envelopes", "none")
    rows = certified.out("mail/manifest.csv").read_text("utf-8-sig").splitlines()
    assert [row.endswith(digits(FIRST)) for row in rows[1:]] == [True, False, False]
    assert certified.out("mail/certified-worksheet.pdf").is_file()
    numbers_in(certified.folder, f"berrien-county-sheriff,{SECOND}")
    done = certified.run("mail", "prepare", "--certified", "numbers.csv", code=1)
    assert f'numbers.csv:1: "{SECOND}": the letter to berrien-county-sheriff prints {digits(FIRST)}' in done.stderr


def test_a_letter_whose_number_went_out_is_left_out(certified: Desk, tmp_path: Path) -> None:
    desk = certified.copy(tmp_path / "desk")
    desk.run("mail", "prepare", "--envelopes", "none", "--no-audit")
    desk.run("mail", "posted", "berrien-county-sheriff")
    done = desk.run("mail", "prepare", "--envelopes", "none", "--no-audit", "--again")
    assert f'recipients.csv:2: certified_number: "{digits(FIRST)}" went out with number 1 on ' in done.stderr
    assert len(desk.out("mail/manifest.csv").read_text("utf-8-sig").splitlines()) == 3


def test_a_number_that_went_out_with_another_letter_of_the_campaign_is_used(tmp_path: Path) -> None:
    other = tmp_path / "other"
    pieces = in_folder(other, "berrien-county-sheriff")
    with Register(other) as register:
        register.prepare([Registered(pieces[0], article=SECOND)], "2025-09-19T00:00:00+00:00", {})
        register.log(What.POSTED, pieces, "2025-09-19T00:00:00+00:00", "2025-09-19")
    assert used_articles(tmp_path / "letter") == {SECOND: "went out with number 1 of other on 2025-09-19"}


def test_a_return_receipt_needs_an_article_number(certified: Desk, tmp_path: Path) -> None:
    done = certified.run("mail", "prepare", "--where", "office == 'police_chief'", "--return-receipt", "card", code=2)
    assert "--return-receipt card: no piece has an article number" in done.stderr


def test_a_mistyped_number_stops_its_letter_only(tmp_path: Path) -> None:
    wrong = {**NUMBERED, "certified_number": "9407 1111 0895 3650 0000 12"}
    desk = set_up(folder=tmp_path / "desk", rows=(wrong, CHIEF), more='delivery = "Via U.S. Mail"')
    said = desk.run("check", code=1).stdout
    assert 'recipients.csv:2: certified_number: "9407 1111 0895 3650 0000 12" is mistyped' in said
    assert "1 of 2 letters can be made" in said


def test_a_letter_that_says_certified_and_has_no_number_is_told(tmp_path: Path) -> None:
    desk = set_up(
        folder=tmp_path / "desk",
        rows=(NUMBERED, {**CHIEF, "delivery": "Via Certified Mail"}),
        more='delivery = "By hand"',
    )
    (line,) = [line for line in desk.run("check").stdout.splitlines() if "certified_number" in line]
    assert line == 'recipients.csv:3: certified_number: warning: empty, but the letter says "Via Certified Mail"'


def test_a_number_that_no_letter_would_print_is_told(tmp_path: Path) -> None:
    desk = set_up(folder=tmp_path / "desk", rows=(NUMBERED, CHIEF))
    assert "does not print the columns delivery and certified_number" in desk.run("check").stdout
