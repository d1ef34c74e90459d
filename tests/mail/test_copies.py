"""Copies in a mailing: pieces of their own, with an address of their own, or kept apart for the sender's file."""

from __future__ import annotations

from pathlib import Path

import pikepdf
import pytest

from tests.desk import CHIEF, SHERIFF, Desk, set_up
from tests.mail.tags import audit
from tests.mail.test_mail_prepare import read, rows_of, texts

CHAIR = """
status = "final"

[[copies]]
name = "Chair of the Board"
address = ["3 Capitol Square", "Lansing, MI 48933"]

[[copies]]
name = "Legal department"
file = true

[[copies]]
name = "Second folder"
file = true

"""


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    desk = set_up(folder=tmp_path_factory.mktemp("copies") / "desk", more=CHAIR)
    desk.run("build", "--no-docx", "--copies")
    desk.run("mail", "prepare", "--labels", "5160")
    return desk


def test_a_copy_is_a_piece_with_its_own_address(prepared: Desk) -> None:
    rows = [(row["number"], row["id"], row["kind"], row["address"].split(" | ")[1]) for row in rows_of(prepared)]
    assert rows == [
        ("001", "adrian-police.copy-1", "copy", "3 Capitol Square"),
        ("002", "berrien-county-sheriff.copy-1", "copy", "3 Capitol Square"),
        ("003", "berrien-county-sheriff", "letter", "Sheriff"),
        ("004", "adrian-police", "letter", "Adrian Police Department"),
    ]


def pages_of(desk: Desk, row: dict[str, str]) -> str:
    return " ".join(texts(desk.out(f"mail/{row['file']}"))[int(row["first_side"]) - 1 : int(row["last_side"])])


def test_a_piece_holds_nothing_but_its_letter_or_copy(prepared: Desk) -> None:
    for row in rows_of(prepared):
        text = pages_of(prepared, row)
        assert text.count("Dear ") == 1
        assert ("COPY · Chair of the Board" in text) == (row["kind"] == "copy")
        assert "COPY FOR THE FILE" not in text


def test_envelopes_and_labels_of_copies_are_in_the_order_of_the_pieces(prepared: Desk) -> None:
    streets = ["3 Capitol Square", "3 Capitol Square", SHERIFF["address1"], CHIEF["address1"]]
    envelopes = texts(prepared.out("mail/envelopes-10.pdf"))
    assert [street in text for street, text in zip(streets, envelopes, strict=True)] == [True] * 4
    (labels,) = texts(prepared.out("mail/labels-5160.pdf"))
    assert labels.count("3 Capitol Square") == 2


def test_labels_of_a_trial_have_the_copies_too(tmp_path: Path) -> None:
    desk = set_up(folder=tmp_path / "desk", more=CHAIR.replace("final", "draft"))
    desk.run("build", "--no-docx", "--copies")
    desk.run("mail", "labels", "--product", "5160", "--draft")
    (labels,) = texts(desk.out("mail/draft/labels-5160.pdf"))
    assert labels.count("3 Capitol Square") == 2


def test_copies_for_the_file_have_a_print_file_of_their_own(prepared: Desk) -> None:
    pages = [text for text in texts(prepared.out("mail/file-copies-01.pdf")) if text]
    assert [("Chuck Heit" in text, "Legal department" in text) for text in pages] == [
        (True, True),
        (True, False),
        (False, True),
        (False, False),
    ]
    with pikepdf.open(prepared.out("mail/file-copies-01.pdf")) as pdf:
        assert [page.label for page in pdf.pages][::2] == ["003-1", "003-1", "004-1", "004-1"]
        assert audit(pdf) == pdf.check_pdf_syntax() == []
    cover = " ".join(texts(prepared.out("mail/cover-sheet.pdf")))
    assert "file-copies-01.pdf 4 copies for your own file, 4 sheets: not to be posted" in cover


def test_copies_can_be_left_out(prepared: Desk, tmp_path: Path) -> None:
    desk = prepared.copy(tmp_path / "desk")
    desk.run("mail", "prepare", "--no-copies")
    assert [row["kind"] for row in rows_of(desk)] == ["letter", "letter"]
    assert not list(desk.out("mail").glob("file-copies-*"))


def test_a_copy_is_posted_once(prepared: Desk, tmp_path: Path) -> None:
    desk = prepared.copy(tmp_path / "desk")
    desk.run("mail", "posted", "berrien-county-sheriff.copy-1", "--date", "2025-09-19")
    done = desk.run("mail", "prepare")
    assert "left out: berrien-county-sheriff.copy-1: posted on 2025-09-19 as number 2" in done.stderr
    assert [row["id"] for row in rows_of(desk)] == [
        "adrian-police.copy-1",
        "berrien-county-sheriff",
        "adrian-police",
    ]


def test_a_copy_that_came_back_stays_until_its_address_is_another(prepared: Desk, tmp_path: Path) -> None:
    desk = prepared.copy(tmp_path / "desk")
    name = "berrien-county-sheriff.copy-1"
    desk.run("mail", "posted", name, "--date", "2025-09-19")
    desk.run("mail", "returned", name, "--reason", "moved")
    prepare = ("mail", "prepare", "--no-audit", "--envelopes", "none")
    assert f"left out: {name}: came back (moved) and was not changed since" in desk.run(*prepare).stderr
    campaign = desk.folder / "campaign.toml"
    campaign.write_text(campaign.read_text("utf-8").replace("3 Capitol Square", "5 Capitol Square"), "utf-8")
    assert "left out" not in desk.run(*prepare).stderr
    assert name in [row["id"] for row in rows_of(desk)]


def test_a_copy_without_an_address_is_left_out_and_named(tmp_path: Path) -> None:
    desk = set_up(folder=tmp_path / "desk", more='status = "final"\ncopies = ["Chair"]')
    desk.run("build", "--no-docx", "--copies")
    done = desk.run("mail", "prepare")
    assert "left out: adrian-police.copy-1: no address for the copy to Chair: fill in address" in done.stderr
    assert [row["kind"] for row in rows_of(desk)] == ["letter", "letter"]
    assert len(read(desk.out("mail/left-out.csv"))) == 2


COLUMN = """
status = "final"

[[copies]]
name = "Chair of the Board"
address_column = "board"
letters = ["letter"]

[[copies]]
name = "Somebody else"
letters = ["other"]

"""


def test_addresses_of_copies_may_stand_in_a_column_and_copies_belong_to_letters(tmp_path: Path) -> None:
    rows = [{**SHERIFF, "board": "701 Main Street | St. Joseph, MI 49085"}, {**CHIEF, "board": "somewhere"}]
    desk = set_up(folder=tmp_path / "desk", more=COLUMN, rows=rows)
    desk.write("templates/other.md", "Another letter.\n")
    desk.run("build", "--no-docx", "--copies")
    assert sorted(path.stem for path in desk.out("pdf").glob("*.copy-*")) == [
        "adrian-police.copy-1",
        "berrien-county-sheriff.copy-1",
    ]
    done = desk.run("mail", "prepare")
    assert "adrian-police.copy-1: the address of the copy to Chair of the Board does not end with a ZIP" in done.stderr
    assert [row["address"] for row in rows_of(desk) if row["kind"] == "copy"] == [
        "Chair of the Board | 701 Main Street | St. Joseph, MI 49085"
    ]
    assert "Somebody else" not in " ".join(texts(desk.out("pdf/adrian-police.pdf")))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ('address = ["3 Capitol Square"]', '"3 Capitol Square" does not end with a ZIP code'),
        ('address_column = "bord"', 'the list has no column "bord"'),
        ('letters = ["lettre"]', 'there is no letter "lettre"'),
        ('file = true\naddress = ["x", "Lansing, MI 48933"]', "a copy for the file is not posted"),
    ],
)
def test_mistakes_in_the_table_of_a_copy_are_named(wrong: str, said: str, tmp_path: Path) -> None:
    desk = set_up(folder=tmp_path / "desk", more=f'[[copies]]\nname = "Chair"\n{wrong}\n')
    assert said in desk.run("check", code=None).stdout


BARCODE = """
status = "final"
copies = [{ name = "Chair", address = ["3 Capitol Square", "Lansing, MI 48933"] }]

[barcode]
service_type = "270"
mailer_id = "123456"

"""


def test_a_piece_without_a_barcode_is_left_out_with_its_copy_and_the_others_have_one(tmp_path: Path) -> None:
    rows = [SHERIFF, {**CHIEF, "delivery_point": "7"}]
    desk = set_up(folder=tmp_path / "desk", more=BARCODE, rows=rows)
    desk.run("build", "--no-docx", "--copies")
    done = desk.run("mail", "prepare", "--barcode")
    assert 'left out: adrian-police: recipients.csv:3: "492217" has 6 digits' in done.stderr
    assert [row["id"] for row in rows_of(desk)] == ["berrien-county-sheriff.copy-1", "berrien-county-sheriff"]
    with pikepdf.open(desk.out("mail/envelopes-10.pdf")) as pdf:
        figures = [each for each in pdf.objects if isinstance(each, pikepdf.Dictionary) and each.get("/S") == "/Figure"]
        assert len(figures) == 2
