"""The package for a mail house, and the mark for its inserting machine."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path

import pikepdf
import pypdfium2
import pytest

from letters.mail.barcode import MARK_BOTTOM, MARK_LEFT, MARK_MODULE, corner, draw_mark, encode_matrix, mark_text
from letters.mail.windows import read_words
from tests.desk import Desk, set_up


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    desk: Desk = set_up(folder=tmp_path_factory.mktemp("house") / "desk", more='status = "final"')
    desk.run("build", "--no-docx")
    desk.run("mail", "prepare", "--mail-house", "--mark", "--envelopes", "none")
    return zipfile.ZipFile(desk.out("mail/mail-house.zip"))


def table(package: zipfile.ZipFile, name: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(package.read(name).decode("utf-8-sig"))))


def test_the_package_has_print_files_records_layout_counts_and_a_sample(package: zipfile.ZipFile) -> None:
    assert package.namelist() == [
        "README.txt",
        "counts.csv",
        "record-layout.csv",
        "records.csv",
        "sample-record.csv",
        "print-01.pdf",
    ]
    assert package.testzip() is None


def test_the_layout_names_the_fields_of_the_records(package: zipfile.ZipFile) -> None:
    layout, (header, *records) = table(package, "record-layout.csv"), table(package, "records.csv")
    assert [row[1] for row in layout[1:]] == header
    for position, row in enumerate(layout[1:]):
        assert int(row[3]) == max(len(record[position]) for record in records)


def test_the_sample_is_the_first_record(package: zipfile.ZipFile) -> None:
    header, first, *_ = table(package, "records.csv")
    assert table(package, "sample-record.csv")[1:] == [list(pair) for pair in zip(header, first, strict=True)]


def test_counts_agree_with_the_records(package: zipfile.ZipFile) -> None:
    counted = {(row[0], row[1]): row[2:] for row in table(package, "counts.csv")[1:]}
    assert counted["all", ""] == ["2", "2", "4"]
    assert counted["file", "print-01.pdf"] == ["2", "2", "4"]
    assert [counted["zip3", prefix][0] for prefix in ("490", "492")] == ["1", "1"]


def test_the_mark_says_piece_sheet_and_sheets() -> None:
    assert mark_text("017", 2, 7) == "017,2,7"
    assert draw_mark("017", 2, 7) != draw_mark("017", 3, 7)


def test_the_mark_is_square_however_long_its_label_is() -> None:
    rows = encode_matrix(mark_text("100017", 112, 117))
    assert len(rows) == len(rows[0]) <= 18


def test_the_mark_has_the_borders_by_which_a_camera_finds_it() -> None:
    rows = encode_matrix(mark_text("017", 2, 7))
    assert all(row[0] for row in rows)
    assert all(rows[-1])
    assert [row[-1] for row in rows] == [number % 2 == 1 for number in range(len(rows))]


def test_the_mark_is_printed_in_its_corner_as_it_was_encoded(package: zipfile.ZipFile) -> None:
    document = pypdfium2.PdfDocument(package.read("print-01.pdf"))
    picture = document[2].render(scale=4, grayscale=True).to_pil()
    document.close()
    scale = picture.width / 8.5
    rows = encode_matrix(mark_text("002", 1, 1))
    for row, modules in enumerate(rows):
        for column, black in enumerate(modules):
            x = (MARK_LEFT + (column + 0.5) * MARK_MODULE) * scale
            y = (11 - MARK_BOTTOM - (len(rows) - row - 0.5) * MARK_MODULE) * scale
            assert (picture.getpixel((int(x), int(y))) < 128) == black


def test_no_word_stands_in_the_corner_of_the_mark(package: zipfile.ZipFile, tmp_path: Path) -> None:
    content = package.read("print-01.pdf")
    place = corner(11)
    for word in read_words(content):
        apart = word.box.right < place.left or word.box.left > place.right
        assert apart or word.box.bottom < place.top or word.box.top > place.bottom


def test_the_mark_is_an_artifact(package: zipfile.ZipFile) -> None:
    with pikepdf.open(io.BytesIO(package.read("print-01.pdf"))) as pdf:
        assert pdf.pages[0].Contents[0].read_bytes().startswith(b"/Artifact BMC")
