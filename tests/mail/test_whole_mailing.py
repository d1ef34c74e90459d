"""The whole Michigan list: every address once in letters, envelopes, labels and manifest, in the same order."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

import pikepdf
import pytest

from letters.mail.windows import Word, read_words
from letters.model.postal import Products
from tests.desk import Desk, set_up
from tests.mail.conftest import run
from tests.mail.tags import audit
from tests.sample import recipients

pytestmark = pytest.mark.slow
Rows = Sequence[Mapping[str, str]]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    desk = set_up(
        folder=tmp_path_factory.mktemp("whole") / "desk", rows=recipients().values(), more='status = "final"\n'
    )
    run(desk, "build", "--no-docx", code=None)
    run(desk, "mail", "prepare", "--per-file", "50", "--labels", "5161")
    return desk


@pytest.fixture(scope="module")
def rows(desk: Desk) -> Rows:
    """The manifest: nearly four hundred pieces, each with its address."""
    listed = list(csv.DictReader(desk.out("mail/manifest.csv").read_text("utf-8-sig").splitlines()))
    assert len(listed) > 390
    assert len({row["id"] for row in listed}) == len(listed)
    return listed


def words_of(address: str) -> list[str]:
    """Split an address of the manifest into its words."""
    return [word for line in address.split(" | ") for word in line.split()]


def by_page(path: Path) -> dict[int, list[Word]]:
    """Read a file's words, page by page."""
    pages: dict[int, list[Word]] = {}
    for word in read_words(path.read_bytes()):
        pages.setdefault(word.page, []).append(word)
    return pages


def test_every_envelope_has_the_address_of_its_piece_in_its_room(desk: Desk, rows: Rows, products: Products) -> None:
    room = products.envelopes["10"].room
    pages = by_page(desk.out("mail/envelopes-10.pdf"))
    addresses = [[word.text for word in pages[page] if room.holds(word.box, 0.01)] for page in sorted(pages)]
    assert addresses == [words_of(row["address"]) for row in rows]


def test_every_label_has_the_address_of_its_piece(desk: Desk, rows: Rows, products: Products) -> None:
    sheet = products.labels["5161"]
    pages = by_page(desk.out("mail/labels-5161.pdf"))
    boxes = [sheet.box(number) for number in range(sheet.count)]
    labels = [[w.text for w in pages[page] if box.holds(w.box)] for page in sorted(pages) for box in boxes]
    assert [words for words in labels if words] == [words_of(row["address"]) for row in rows]
    assert not any(labels[len(rows) :])


def test_every_letter_begins_on_a_front_with_the_address_of_its_piece(desk: Desk, rows: Rows) -> None:
    for name in sorted({row["file"] for row in rows}):
        own = [row for row in rows if row["file"] == name]
        pages = by_page(desk.out(f"mail/{name}"))
        for row in own:
            first = int(row["first_side"])
            assert first % 2 == 1
            assert " ".join(words_of(row["address"])) in " ".join(word.text for word in pages[first - 1])


def test_every_bookmark_and_page_label_is_that_of_its_piece(desk: Desk, rows: Rows) -> None:
    for name in sorted({row["file"] for row in rows}):
        own = [row for row in rows if row["file"] == name]
        with pikepdf.open(desk.out(f"mail/{name}")) as pdf, pdf.open_outline() as outline:
            assert [item.title for item in outline.root] == [f"{row['number']} {row['name']}" for row in own]
            labels = [pdf.pages[int(row["first_side"]) - 1].label for row in own]
        assert labels == [f"{row['number']}-1" for row in own]


def test_pieces_are_in_the_order_of_zip_codes(rows: Rows) -> None:
    assert [row["zip"] for row in rows] == sorted(row["zip"] for row in rows)


def test_every_address_of_five_lines_fits_the_usual_window(desk: Desk, rows: Rows) -> None:
    done = run(desk, "mail", "check", code=None)
    longer = [row for row in rows if row["address"].count(" | ") > 4]
    assert f"{len(rows) - len(longer)} of {len(rows)} letters fit the window house-10" in done.stdout
    named = [line for line in done.stderr.splitlines() if "would not always be seen" in line]
    assert [row["zip"] in line for row, line in zip(longer, named, strict=True)] == [True] * len(longer)


def test_the_tags_of_every_print_file_are_whole(desk: Desk, rows: Rows) -> None:
    for name in sorted({row["file"] for row in rows}):
        with pikepdf.open(desk.out(f"mail/{name}")) as pdf:
            assert pdf.check_pdf_syntax() == audit(pdf) == []
