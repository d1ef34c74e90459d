"""letters mail prepare: which letters are in the mailing, in which order, and what is written down."""

from __future__ import annotations

import csv
from pathlib import Path

import pikepdf
import pypdfium2
import pytest

from tests.conftest import MakeDesk
from tests.desk import CHIEF, SHERIFF, Desk, set_up

FINAL = 'status = "final"'


@pytest.fixture
def desk(make_desk: MakeDesk) -> Desk:
    desk = make_desk(more=FINAL)
    desk.run("build", "--no-docx")
    return desk


def read(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text("utf-8-sig").splitlines()))


def test_the_manifest_lists_the_pieces_in_postal_order(desk: Desk) -> None:
    desk.run("mail", "prepare")
    rows = read(desk.out("mail/manifest.csv"))
    assert [(row["number"], row["id"], row["zip"]) for row in rows] == [
        ("001", "berrien-county-sheriff", "49022"),
        ("002", "adrian-police", "49221"),
    ]


def test_a_letter_that_is_out_of_date_is_left_out_and_named(desk: Desk) -> None:
    desk.list_recipients(SHERIFF, {**CHIEF, "agency": "Adrian Public Safety"})
    done = desk.run("mail", "prepare")
    assert "left out: adrian-police: the recipient's data changed: run letters build" in done.stderr
    assert [row["id"] for row in read(desk.out("mail/left-out.csv"))] == ["adrian-police"]
    assert [row["id"] for row in read(desk.out("mail/manifest.csv"))] == ["berrien-county-sheriff"]


def test_a_draft_campaign_is_refused(make_desk: MakeDesk) -> None:
    done = make_desk().run("mail", "prepare", code=1)
    assert "the letters still carry the DRAFT mark" in done.stderr


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    desk = set_up(folder=tmp_path_factory.mktemp("prepare") / "desk", more=f'{FINAL}\ncopies = ["Chair"]')
    desk.run("build", "--no-docx", "--copies")
    desk.run("mail", "prepare", "--labels", "5160")
    return desk


def texts(path: Path) -> list[str]:
    document = pypdfium2.PdfDocument(path)
    found = [" ".join(page.get_textpage().get_text_range().split()) for page in document]
    document.close()
    return found


def test_everything_for_the_post_is_there(prepared: Desk) -> None:
    assert sorted(path.name for path in prepared.out("mail").iterdir()) == [
        "cover-sheet.pdf",
        "envelopes-10.pdf",
        "labels-5160.pdf",
        "left-out.csv",
        "manifest.csv",
        "manifest.xlsx",
        "print-01.pdf",
    ]


def test_letters_envelopes_labels_and_manifest_are_in_the_same_order(prepared: Desk) -> None:
    streets = [SHERIFF["address1"], CHIEF["address1"]]
    letters = [street for text in texts(prepared.out("mail/print-01.pdf")) for street in streets if street in text]
    envelopes = [
        street for text in texts(prepared.out("mail/envelopes-10.pdf")) for street in streets if street in text
    ]
    (labels,) = texts(prepared.out("mail/labels-5160.pdf"))
    assert letters == [street for street in streets for _ in ("letter", "copy")]
    assert envelopes == streets
    assert labels.index(streets[0]) < labels.index(streets[1])
    assert [street in row["address"] for street, row in zip(streets, rows_of(prepared), strict=True)] == [True, True]


def rows_of(desk: Desk) -> list[dict[str, str]]:
    return read(desk.out("mail/manifest.csv"))


def test_a_copy_is_printed_behind_its_letter(prepared: Desk) -> None:
    with pikepdf.open(prepared.out("mail/print-01.pdf")) as pdf, pdf.open_outline() as outline:
        assert [item.title[-8:] for item in outline.root] == ["partment", "(copy 1)", "partment", "(copy 1)"]
        assert [page.label for page in pdf.pages][:4] == ["001-1", "001-blank", "001-2", "001-blank"]


def test_the_cover_sheet_tells_what_to_print_and_shows_it(prepared: Desk) -> None:
    text = " ".join(texts(prepared.out("mail/cover-sheet.pdf")))
    for words in ("2 pieces, 4 sheets of 20 lb paper", "print-01.pdf 001 to 002 2 4 8 plain paper", "490 1", "492 1"):
        assert words in text
    with pikepdf.open(prepared.out("mail/cover-sheet.pdf")) as pdf:
        assert [each.Width for each in pdf.objects if isinstance(each, pikepdf.Stream) and "/Width" in each]


def test_preparing_again_gives_the_same_bytes(prepared: Desk) -> None:
    before = {path.name: path.read_bytes() for path in prepared.out("mail").iterdir()}
    prepared.run("mail", "prepare", "--labels", "5160")
    assert {path.name: path.read_bytes() for path in prepared.out("mail").iterdir()} == before


def test_files_of_an_earlier_preparation_do_not_stay(make_desk: MakeDesk) -> None:
    desk = make_desk(more=FINAL)
    desk.run("build", "--no-docx")
    desk.run("mail", "prepare", "--per-file", "1")
    desk.run("mail", "prepare", "--envelopes", "none")
    assert [path.name for path in sorted(desk.out("mail").glob("*.pdf"))] == ["cover-sheet.pdf", "print-01.pdf"]


def test_a_trial_is_not_recorded(make_desk: MakeDesk) -> None:
    desk = make_desk()
    desk.run("build", "--no-docx")
    desk.run("mail", "prepare", "--draft")
    assert desk.out("mail/draft/print-01.pdf").is_file()
    assert "no pieces are prepared" in desk.run("mail", "posted", code=1).stderr


def test_pieces_too_thick_for_their_envelope_are_counted(make_desk: MakeDesk) -> None:
    pages = "\n\n".join(f"Paragraph {number}: {'words and more words ' * 60}" for number in range(40))
    desk = make_desk(more=FINAL, letter=pages, rows=[SHERIFF])
    desk.run("build", "--no-docx")
    assert "1 piece has more than 6 sheets" in desk.run("mail", "prepare").stderr
    assert "more than 6 sheets" not in desk.run("mail", "prepare", "--envelopes", "9x12").stderr


def test_pieces_without_their_copies_are_counted(make_desk: MakeDesk) -> None:
    desk = make_desk(more=f'{FINAL}\ncopies = ["Chair"]')
    desk.run("build", "--no-docx")
    assert "without their copies: 2: run letters build --copies" in desk.run("mail", "prepare").stderr


def test_a_run_that_is_stopped_leaves_no_list_of_other_files(make_desk: MakeDesk) -> None:
    desk = make_desk(more=FINAL)
    desk.run("build", "--no-docx")
    desk.run("mail", "prepare")
    in_the_way = desk.out("mail/print-02.pdf")
    in_the_way.mkdir()
    assert "print-02.pdf" in desk.run("mail", "prepare", "--per-file", "1", code=4).stderr
    assert not desk.out("mail/manifest.csv").exists()
    in_the_way.rmdir()
    desk.run("mail", "prepare", "--per-file", "1")
    assert [row["file"] for row in read(desk.out("mail/manifest.csv"))] == ["print-01.pdf", "print-02.pdf"]
