"""letters mail prepare: which letters are in the mailing, in which order, and what is written down."""

from __future__ import annotations

import csv
import datetime
import io
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from PIL import Image

from letters.mail.manifest import PICTURE, FileTotal, Sheet, Totals, cover_sheets
from letters.mail.pieces import Document, Piece
from letters.render.pdf.plain import render_first_that_fits
from tests.conftest import MakeDesk
from tests.desk import CHIEF, ROOT, SHERIFF, Desk, set_up

FINAL = 'status = "final"'


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    desk = set_up(folder=tmp_path_factory.mktemp("built") / "desk", more=FINAL)
    desk.run("build", "--no-docx")
    return desk


@pytest.fixture
def desk(built: Desk, tmp_path: Path) -> Desk:
    return built.copy(tmp_path / "desk")


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
def prepared(built: Desk, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    desk = built.copy(tmp_path_factory.mktemp("prepare") / "desk")
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
    assert letters == envelopes == streets
    assert labels.index(streets[0]) < labels.index(streets[1])
    assert [street in row["address"] for street, row in zip(streets, rows_of(prepared), strict=True)] == [True, True]


def rows_of(desk: Desk) -> list[dict[str, str]]:
    return read(desk.out("mail/manifest.csv"))


def test_the_cover_sheet_tells_what_to_print_and_shows_it(prepared: Desk) -> None:
    text = " ".join(texts(prepared.out("mail/cover-sheet.pdf")))
    for words in (
        "2 pieces (1 police chief, 1 sheriff), 2 sheets of 20 lb paper",
        "print-01.pdf 001 to 002 2 2 4 plain paper",
        "Berrien 1 Lenawee 1",
        "490 1 492 1",
    ):
        assert words in text
    with pikepdf.open(prepared.out("mail/cover-sheet.pdf")) as pdf:
        assert [each.Width for each in pdf.objects if isinstance(each, pikepdf.Stream) and "/Width" in each]


def test_the_cover_sheet_names_all_that_was_written(prepared: Desk, tmp_path: Path) -> None:
    desk = prepared.copy(tmp_path / "desk")
    said = desk.run("mail", "prepare", "--wet", "--labels", "5160", "--mail-house").stderr
    text = " ".join(texts(desk.out("mail/cover-sheet.pdf")))
    for path in desk.out("mail").iterdir():
        assert path.name in said
        assert path.name in f"{text} cover-sheet.pdf"


def test_the_cover_sheet_is_one_page_however_many_counties_there_are() -> None:
    counts = tuple((f"County {number}", number) for number in range(83))
    files = tuple(FileTotal(f"print-{n:02}.pdf", n * 100 + 1, n * 100 + 100, 100, 200, 100) for n in range(40))
    totals = Totals(4000, 8000, 4000, 640.0, files, counts[:20], counts, (("sheriff", 83), ("copy to Chair", 2)))
    document = Document(pdf=Path(), sha256="", parts=(1,))
    first = Piece(
        recipient="x", number=1, name="X", agency="X", county="", address=("X",), zip="", documents=(document,)
    )
    others = tuple((f"file-{number}.pdf", "something") for number in range(8))
    sheet = Sheet(
        title="Guidance", date="today", duplex=True, trays=False, preprinted=False, paper="Letter", pounds=20,
        order="of ZIP codes", first=first, others=others, status="",
    )  # fmt: skip
    picture = io.BytesIO()
    Image.new("RGB", (850, 1100)).save(picture, "JPEG")
    pages = cover_sheets(sheet, totals, 3, "en-US")
    date = datetime.date(2025, 9, 17)
    made = render_first_that_fits(pages, ROOT / "templates", date, {PICTURE: picture.getvalue()})
    assert made.pages == 1


def test_preparing_again_gives_the_same_bytes(prepared: Desk) -> None:
    before = {path.name: path.read_bytes() for path in prepared.out("mail").iterdir()}
    prepared.run("mail", "prepare", "--labels", "5160")
    assert {path.name: path.read_bytes() for path in prepared.out("mail").iterdir()} == before


def test_files_of_an_earlier_preparation_do_not_stay(desk: Desk) -> None:
    desk.run("mail", "prepare", "--per-file", "1")
    desk.run("mail", "prepare", "--envelopes", "none")
    assert [path.name for path in sorted(desk.out("mail").glob("*.pdf"))] == ["cover-sheet.pdf", "print-01.pdf"]


def test_a_trial_is_not_recorded(make_desk: MakeDesk) -> None:
    desk = make_desk()
    desk.run("build", "--no-docx")
    desk.run("mail", "prepare", "--draft")
    assert desk.out("mail/draft/print-01.pdf").is_file()
    assert "no pieces are prepared" in desk.run("mail", "posted", code=1).stderr


LONG = "\n\n".join(
    f"{{% if recipient.office == 'sheriff' %}}\nParagraph {number}: {'words and more words ' * 60}\n{{% endif %}}"
    for number in range(40)
)


@pytest.fixture(scope="module")
def thick(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    folder = tmp_path_factory.mktemp("thick") / "desk"
    desk = set_up(folder=folder, more=FINAL, letter=f"To all.\n\n{LONG}\n")
    desk.run("build", "--no-docx")
    desk.run("mail", "prepare")
    return desk


def test_thin_pieces_get_small_envelopes_and_thick_ones_large_ones(thick: Desk, tmp_path: Path) -> None:
    desk = thick.copy(tmp_path / "desk")
    assert [(row["id"], int(row["sheets"]) > 6, row["envelope"]) for row in rows_of(desk)] == [
        ("berrien-county-sheriff", True, "9x12"),
        ("adrian-police", False, "10"),
    ]
    assert SHERIFF["address1"] in texts(desk.out("mail/envelopes-9x12.pdf"))[0]
    assert [CHIEF["address1"] in text for text in texts(desk.out("mail/envelopes-10.pdf"))] == [True]
    assert "1 piece has more than 6 sheets" in desk.run("mail", "prepare", "--envelopes", "10").stderr


def test_envelopes_on_a4_are_dl_and_c4(make_desk: MakeDesk) -> None:
    desk = make_desk(more=f'{FINAL}\npaper = "A4"', letter=f"To all.\n\n{LONG}\n")
    desk.run("build", "--no-docx")
    desk.run("mail", "prepare")
    assert [row["envelope"] for row in rows_of(desk)] == ["C4", "DL"]


AVENUE = {
    **CHIEF,
    "id": "avenue-police",
    "agency": "Avenue Police",
    "address1": "123456789 North Saint Bartholomew Martin Luther King Junior Memorial Boulevard, Suite 12345",
}
"""The unit of the street goes above it on an envelope."""
ENDLESS = {**CHIEF, "id": "endless-police", "agency": "W" * 90, "address1": "3 Endless Street", "zip": "49000"}


def test_a_piece_whose_address_fits_nowhere_is_left_out_and_named(make_desk: MakeDesk) -> None:
    desk = make_desk(more=FINAL, rows=[SHERIFF, CHIEF, ENDLESS, AVENUE])
    checked = desk.run("check").stdout
    assert "recipients.csv:4: warning: " in checked
    assert "long even in type of 8 pt; an envelope 10 has room for 5.00 in." in checked
    desk.run("build", "--no-docx")
    done = desk.run("mail", "prepare")
    assert "left out: endless-police: recipients.csv:4: " in done.stderr
    assert [(row["number"], row["id"]) for row in rows_of(desk)] == [
        ("001", "berrien-county-sheriff"),
        ("002", "adrian-police"),
        ("003", "avenue-police"),
    ]
    assert [row["id"] for row in read(desk.out("mail/left-out.csv"))] == ["endless-police"]
    envelope = " ".join(texts(desk.out("mail/envelopes-10.pdf"))[2].split())
    assert "Suite 12345 123456789 North Saint Bartholomew Martin Luther King Junior Memorial Boulevard Adr" in envelope


def test_a_label_that_does_not_fit_leaves_the_others(make_desk: MakeDesk) -> None:
    desk = make_desk(more=FINAL, rows=[SHERIFF, CHIEF, {**ENDLESS, "agency": "W" * 30}])
    desk.run("build", "--no-docx")
    desk.run("mail", "prepare", "--envelopes", "none")
    done = desk.run("mail", "labels", "--product", "5160", code=1)
    assert "recipients.csv:4: " in done.stderr
    assert "2 labels in out/letter/mail/labels-5160.pdf; 1 left out" in done.stdout
    (labels,) = texts(desk.out("mail/labels-5160.pdf"))
    assert SHERIFF["address1"] in labels
    assert CHIEF["address1"] in labels


def test_an_address_that_needs_a_second_line_is_named_by_check(make_desk: MakeDesk) -> None:
    agency = "Metropolitan Joint Public Safety and Emergency Services Authority of the Eastern Counties"
    desk = make_desk(more=FINAL, rows=[SHERIFF, {**CHIEF, "agency": agency}])
    words = f'recipients.csv:3: warning: "{agency}" is too long for one line of an envelope 10: it goes on in the next'
    assert words in desk.run("check").stdout


def test_an_address_that_is_too_long_for_small_labels_is_named_by_check_with_those_that_have_room(
    make_desk: MakeDesk,
) -> None:
    said = make_desk(rows=[SHERIFF, {**CHIEF, "agency": "W" * 30}]).run("check").stdout
    (line,) = [line for line in said.splitlines() if "does not fit on labels" in line]
    assert line.startswith(f'recipients.csv:3: warning: "{"W" * 30}" does not fit on labels 5160')
    assert "5163, 5164 have room; envelopes have" in said


def test_pieces_without_their_copies_are_counted(make_desk: MakeDesk) -> None:
    desk = make_desk(more=f'{FINAL}\ncopies = ["Chair"]')
    desk.run("build", "--no-docx")
    assert "without their copies: 2: run letters build --copies" in desk.run("mail", "prepare").stderr


def test_a_run_that_is_stopped_leaves_no_list_of_other_files(desk: Desk) -> None:
    desk.run("mail", "prepare")
    in_the_way = desk.out("mail/print-02.pdf")
    in_the_way.mkdir()
    assert "print-02.pdf" in desk.run("mail", "prepare", "--per-file", "1", code=4).stderr
    assert not desk.out("mail/manifest.csv").exists()
    in_the_way.rmdir()
    desk.run("mail", "prepare", "--per-file", "1")
    assert [row["file"] for row in read(desk.out("mail/manifest.csv"))] == ["print-01.pdf", "print-02.pdf"]


PRICES = """
date = 2025-07-13
[[rate]]
shape = "letter"
ounces = 1
price = 0.10
[[rate]]
shape = "flat"
ounces = 1
price = 1.50
[[rate]]
shape = "flat"
ounces = 2
price = 2.25
"""


def test_postage_is_reckoned_by_the_table_of_the_user(thick: Desk, tmp_path: Path) -> None:
    desk = thick.copy(tmp_path / "desk")
    postal = desk.folder / "templates" / "postal"
    assert [row["postage"] for row in rows_of(desk)] == ["", ""]
    (postal / "postage.toml").write_text(PRICES, "utf-8")
    desk.run("mail", "prepare", "--envelopes", "none")
    assert [(row["ounces"], row["postage"]) for row in rows_of(desk)] == [("1.44", "2.25"), ("0.16", "0.10")]
    cover = " ".join(texts(desk.out("mail/cover-sheet.pdf")))
    assert "Postage $2.35 by the prices of July 13, 2025, without extra services." in cover
    done = desk.run("mail", "prepare", "--pounds", "32")
    assert [row["postage"] for row in rows_of(desk)] == ["", "0.10"]
    assert "postage $0.10 by the prices of July 13, 2025; 1 piece without a price" in " ".join(done.stderr.split())
    assert "1 piece without a price" in " ".join(texts(desk.out("mail/cover-sheet.pdf")))
