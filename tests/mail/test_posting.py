"""letters mail envelopes and labels: the pieces of the preparation, in its order, and what stops them."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pikepdf
import pytest

from letters.mail.windows import read_words
from tests.desk import CHIEF, SHERIFF, Desk, set_up
from tests.mail.conftest import run
from tests.mail.tags import audit

FINAL = 'status = "final"\n'
BARCODE = FINAL + 'barcode = { service_type = "270", mailer_id = "123456" }\n'


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    desk = set_up(folder=tmp_path_factory.mktemp("post") / "desk", rows=(CHIEF, SHERIFF), more=BARCODE)
    run(desk, "build", "--no-docx")
    run(desk, "mail", "prepare")
    return desk


def last_words(desk: Desk, name: str) -> list[str]:
    """Read the ZIP codes of a file, in its order."""
    return [word.text for word in read_words(desk.out(f"mail/{name}").read_bytes()) if word.text in ("49221", "49022")]


def test_envelopes_come_in_the_order_of_the_letters(desk: Desk) -> None:
    run(desk, "mail", "envelopes", "--size", "9")
    assert last_words(desk, "envelopes-9.pdf") == ["49022", "49221"]


def test_envelopes_are_tagged_and_not_scaled_by_the_printer(desk: Desk) -> None:
    run(desk, "mail", "envelopes", "--size", "9", "--barcode")
    with pikepdf.open(desk.out("mail/envelopes-9.pdf")) as pdf:
        assert audit(pdf) == []
        assert pdf.Root.ViewerPreferences.PrintScaling == "/None"
        assert [float(edge) for edge in pdf.pages[0].mediabox] == [0, 0, 639, 279]


def test_labels_come_in_the_order_of_the_letters(desk: Desk) -> None:
    run(desk, "mail", "labels", "--product", "5163", "--start-at", "7", "--style", "publication-28")
    assert last_words(desk, "labels-5163.pdf") == ["49022", "49221"]
    texts = [word.text for word in read_words(desk.out("mail/labels-5163.pdf").read_bytes())]
    assert texts[:4] == ["THE", "HONORABLE", "CHUCK", "HEIT"]


def test_some_envelopes_are_printed_again_beside_the_others(desk: Desk) -> None:
    run(desk, "mail", "envelopes", "2", "--size", "DL")
    assert last_words(desk, "reprint-envelopes-DL.pdf") == ["49221"]
    done = run(desk, "mail", "envelopes", "3", code=2)
    assert '"3" is neither a number from 1 to 2 nor a recipient in it' in done.stderr


def test_return_labels_fill_the_sheet(desk: Desk) -> None:
    run(desk, "mail", "labels", "--return", "--product", "5167", "--start-at", "7")
    words = read_words(desk.out("mail/return-labels-5167.pdf").read_bytes())
    assert sum(word.text == "First" for word in words) == 74


def test_a_label_that_the_sheet_does_not_have_is_refused(desk: Desk) -> None:
    done = run(desk, "mail", "labels", "--start-at", "31", code=2)
    assert "a sheet 5160 has the labels 1 to 30" in done.stderr


def test_an_unknown_size_is_refused_with_the_known_ones(desk: Desk) -> None:
    done = run(desk, "mail", "envelopes", "--size", "11", code=2)
    assert 'there is no envelope "11" in templates/postal/' in done.stderr


def test_an_unknown_sender_is_refused(desk: Desk) -> None:
    done = run(desk, "mail", "envelopes", "--sender", "Frist Organization", code=2)
    assert "did you mean First Organization?" in done.stderr
    done = run(desk, "mail", "envelopes", "--sender", "Second Organization", code=2)
    assert 'the organization "Second Organization" has no address' in done.stderr


def test_barcodes_take_serial_numbers_once_for_a_piece(desk: Desk) -> None:
    run(desk, "mail", "envelopes", "--barcode")
    first = desk.out("mail/envelopes-10.pdf").read_bytes()
    run(desk, "mail", "envelopes", "--barcode")
    assert desk.out("mail/envelopes-10.pdf").read_bytes() == first
    with closing(sqlite3.connect(desk.folder / "out" / "serials.sqlite")) as db:
        rows = db.execute("SELECT mailer_id, serial, piece FROM serial ORDER BY serial").fetchall()
    assert [(mailer, serial) for mailer, serial, _ in rows] == [("123456", 0), ("123456", 1)]
    assert rows[0][2].startswith("letter/berrien-county-sheriff/0/")


def test_envelopes_need_a_preparation(tmp_path_factory: pytest.TempPathFactory) -> None:
    other = set_up(folder=tmp_path_factory.mktemp("post") / "desk", more=FINAL)
    done = run(other, "mail", "envelopes", code=1)
    assert "no pieces are prepared\n    hint: run: letters mail prepare" in done.stderr


def test_a_mailer_id_of_the_wrong_length_is_told_with_its_place(tmp_path_factory: pytest.TempPathFactory) -> None:
    more = '[barcode]\nservice_type = "270"\nmailer_id = "1234567"\n'
    other = set_up(folder=tmp_path_factory.mktemp("post") / "desk", more=more)
    done = run(other, "check", code=1)
    assert 'campaign.toml:7: mailer_id: "1234567" is not a mailer ID' in done.stdout + done.stderr


def test_barcodes_are_never_made_up(tmp_path_factory: pytest.TempPathFactory) -> None:
    other = set_up(folder=tmp_path_factory.mktemp("post") / "desk")
    run(other, "build", "--no-docx", "--only", "adrian-police")
    done = run(other, "mail", "envelopes", "--barcode", "--draft", code=1)
    assert "campaign.toml does not tell what a barcode needs" in done.stderr
