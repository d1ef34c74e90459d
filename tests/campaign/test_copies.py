from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from pathlib import Path

import pypdfium2
import pytest

from letters.campaign.project import copy_line
from letters.formats.ooxml import read_package, write_package
from letters.model.settings import Copy
from tests.desk import SHERIFF, Desk, set_up

COPIES = """
enclosures = ["policy"]

[[copies]]
name = "The Board & {{ campaign.date }}"
enclosures = true

[[copies]]
name = "Corporation Counsel"

[[copies]]
name = "Legal department"
file = true

"""
ID = SHERIFF["id"]


@dataclass
class Built:
    """A campaign whose letter was built with its copies, and the text of every page of each PDF."""

    desk: Desk
    pages: dict[str, list[str]]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    desk = set_up(folder=tmp_path_factory.mktemp("copies"), rows=[SHERIFF], more=COPIES)
    desk.write(
        "templates/enclosures/policy.md", "# A policy\n\nFor the {{ recipient.agency }}.[^one]\n\n[^one]: Note.\n"
    )
    desk.run("build", "--copies", "--jobs", "1")
    found = sorted(desk.out("pdf").glob("*.pdf"), key=lambda path: path.stem)
    return Built(desk, {path.stem: pages_of(path) for path in found})


def pages_of(path: Path) -> list[str]:
    document = pypdfium2.PdfDocument(path)
    pages = [page.get_textpage().get_text_range().replace("\r\n", "\n") for page in document]
    document.close()
    return pages


def test_each_copy_is_a_pdf_of_its_own(built: Built) -> None:
    assert list(built.pages) == [ID, f"{ID}.copy-1", f"{ID}.copy-2", f"{ID}.copy-3"]
    assert [path.name for path in built.desk.out("docx").glob("*")] == [f"{ID}.docx"]


def test_a_copy_says_so_and_for_whom_on_its_first_page(built: Built) -> None:
    assert "COPY · The Board & {{ campaign.date }} · with enclosures" in built.pages[f"{ID}.copy-1"][0]
    assert "COPY · Corporation Counsel · without enclosures" in built.pages[f"{ID}.copy-2"][0]
    assert "COPY FOR THE FILE · Legal department · without enclosures" in built.pages[f"{ID}.copy-3"][0]
    assert "COPY" not in built.pages[ID][0]


def test_a_copy_has_the_enclosures_or_has_them_not(built: Built) -> None:
    assert [len(pages) for pages in built.pages.values()] == [2, 2, 1, 1]
    assert "COPY" in built.pages[f"{ID}.copy-1"][1]


def test_a_copy_has_the_words_and_the_lines_of_the_letter(built: Built) -> None:
    for number in (1, 2, 3):
        copy = built.pages[f"{ID}.copy-{number}"][0].split("\n")
        assert [line for line in copy if not line.startswith("COPY")] == built.pages[ID][0].split("\n")


def test_a_copy_for_the_file_is_not_listed_under_cc(built: Built) -> None:
    assert "Corporation Counsel" in built.pages[ID][0]
    assert "Legal department" not in built.pages[ID][0]


def test_the_manifest_lists_the_copies_that_were_made(built: Built) -> None:
    with built.desk.out("manifest.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [(row["id"], row["state"], row["reason"], row["pages"]) for row in rows] == [
        (ID, "made", "", "2"),
        (f"{ID}.copy-1", "copy", "for The Board & {{ campaign.date }}", "2"),
        (f"{ID}.copy-2", "copy", "for Corporation Counsel", "1"),
        (f"{ID}.copy-3", "copy", "for Legal department", "1"),
    ]


def test_status_counts_the_copies_that_are_up_to_date(built: Built) -> None:
    (row,) = json.loads(built.desk.run("status", "--json").stdout)
    assert row["copies"] == 3


def test_copies_that_are_up_to_date_are_left_alone(built: Built) -> None:
    before = {path: path.stat().st_mtime_ns for path in built.desk.out("pdf").iterdir()}
    done = built.desk.run("build", "--copies", "--no-docx")
    assert "0  letters made" in done.stderr
    assert {path: path.stat().st_mtime_ns for path in built.desk.out("pdf").iterdir()} == before


def test_copies_without_pdf_are_a_wrong_call(built: Built) -> None:
    assert "--no-pdf" in built.desk.run("build", "--copies", "--no-pdf", code=2).stderr


def test_a_copy_of_an_edited_letter_says_what_the_draft_says(tmp_path_factory: pytest.TempPathFactory) -> None:
    desk = set_up(folder=tmp_path_factory.mktemp("edited"), rows=[SHERIFF], more='copies = ["Somebody"]\n')
    desk.run("build", "--no-pdf", "--jobs", "1")
    draft = desk.out(f"docx/{ID}.docx")
    parts = read_package(draft.read_bytes())
    document = parts["word/document.xml"].replace(b"about policy", b"about practice")
    draft.write_bytes(write_package({**parts, "word/document.xml": document}))
    desk.run("build", "--copies", "--jobs", "1", code=5)
    (page,) = pages_of(desk.out(f"pdf/{ID}.copy-1.pdf"))
    assert "about practice" in page
    assert "COPY · Somebody" in page


def test_a_letter_without_enclosures_says_nothing_of_them() -> None:
    assert copy_line(Copy(name="Somebody"), enclosures=False) == "COPY · Somebody"
