"""letters mail posted, returned, reprint: the record of a mailing, told as one story of three letters."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from tests.desk import CHIEF, SHERIFF, Desk, set_up

TAYLOR = {**CHIEF, "id": "taylor-police", "agency": "Taylor Police Department", "city": "Taylor", "zip": "48180"}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """Post three letters in two print files; the second came back."""
    folder = tmp_path_factory.mktemp("keeping") / "desk"
    desk = set_up(folder=folder, rows=(SHERIFF, CHIEF, TAYLOR), more='status = "final"')
    desk.run("build", "--no-docx")
    desk.run("mail", "prepare", "--per-file", "2")
    return desk


@pytest.fixture(scope="module")
def reprinted(desk: Desk) -> Path:
    return desk.folder / desk.run("mail", "reprint", "3", "taylor-police").stdout.strip()


@pytest.fixture(scope="module")
def posted(desk: Desk, reprinted: Path) -> Desk:
    desk.run("mail", "posted", "--date", "2025-09-19", "--batch", "1")
    desk.run("mail", "returned", "taylor-police", "--reason", "moved, left no address")
    return desk


def status(desk: Desk) -> dict[str, Any]:
    return {row["id"]: row for row in json.loads(desk.run("status", "--json").stdout)}


def prepared(desk: Desk) -> list[str]:
    lines = desk.out("mail/manifest.csv").read_text("utf-8-sig").splitlines()
    return [" ".join(line.split(",")[:2]) for line in lines[1:]]


def test_reprinted_pieces_keep_their_numbers(reprinted: Path) -> None:
    assert reprinted.name == "reprint-001_003.pdf"
    with pikepdf.open(reprinted) as pdf:
        assert [page.label for page in pdf.pages] == ["001-1", "001-blank", "003-1", "003-blank"]


@pytest.mark.parametrize(
    ("pages", "numbers"), [("print-01.pdf:2-3", [1, 2]), ("print-01:3", [2]), ("print-02.pdf:1", [3])]
)
def test_pieces_are_named_by_the_pages_of_a_print_file(
    desk: Desk, pages: str, numbers: list[int], tmp_path: Path
) -> None:
    desk = desk.copy(tmp_path / "desk")
    written = desk.folder / desk.run("mail", "reprint", pages).stdout.strip()
    with pikepdf.open(written) as pdf:
        assert [page.label for page in pdf.pages][::2] == [f"00{number}-1" for number in numbers]


def test_pages_that_are_not_there_are_named(desk: Desk) -> None:
    assert "print-01.pdf has the pages 1 to 4" in desk.run("mail", "reprint", "print-01.pdf:4-5", code=2).stderr
    done = desk.run("mail", "reprint", "print-03.pdf:1", code=2)
    assert "there is no print file print-03.pdf" in done.stderr


def test_a_day_before_the_approval_is_a_question(tmp_path: Path) -> None:
    desk = set_up(folder=tmp_path / "desk", rows=(SHERIFF, CHIEF), more='status = "final"')
    desk.run("build", "--no-docx")
    desk.run("approve", "adrian-police", "--by", "Counsel")
    desk.run("mail", "prepare")
    done = desk.run("mail", "posted", "--date", "2025-09-18", code=2)
    assert "1 piece would be posted on 2025-09-18, before the approval: number 2, adrian-police" in done.stderr
    assert all(not row["mail"] for row in status(desk).values())
    desk.run("mail", "posted", "1", "--date", "2025-09-18")
    desk.run("mail", "posted", "--date", "2025-09-18", "--yes")
    assert all(row["mail"] for row in status(desk).values())


def test_a_day_before_the_date_on_the_letters_is_a_question(desk: Desk, tmp_path: Path) -> None:
    desk = desk.copy(tmp_path / "desk")
    done = desk.run("mail", "posted", "1-2", "--date", "2024-09-19", code=2)
    assert "2 pieces would be posted on 2024-09-19, before 2025-09-17, the date on the letters" in done.stderr
    assert "2 pieces recorded" in desk.run("mail", "posted", "1-2", "--date", "2024-09-19", "--yes").stdout


def test_an_unknown_piece_is_named(desk: Desk) -> None:
    done = desk.run("mail", "reprint", "taylor-polcie", code=2)
    assert '"taylor-polcie" is neither a number from 1 to 3 nor a recipient in it' in done.stderr
    assert "did you mean taylor-police?" in done.stderr


def test_status_shows_what_was_posted_and_what_came_back(posted: Desk) -> None:
    rows = status(posted)
    assert rows["taylor-police"]["mail"] == "returned moved, left no address (1)"
    assert rows["berrien-county-sheriff"]["mail"] == "posted 2025-09-19 (2)"
    assert rows["adrian-police"]["mail"] == ""


def test_the_log_has_it_all(posted: Desk) -> None:
    log = posted.run("log", "taylor-police").stdout
    assert [line.split(": ", 1)[1].partition("  ")[0] for line in log.splitlines()] == [
        "reprinted",
        "posted",
        "returned",
    ]


def test_a_piece_comes_back_once(posted: Desk) -> None:
    done = posted.run("mail", "returned", "1", "--reason", "again", code=2)
    assert "number 1 came back already: moved, left no address" in done.stderr


def test_nothing_comes_back_that_was_not_posted(posted: Desk) -> None:
    done = posted.run("mail", "returned", "adrian-police", "--reason", "moved", code=2)
    assert 'nothing was posted under "adrian-police"' in done.stderr


def test_a_day_to_come_is_refused(posted: Desk) -> None:
    assert "2999-01-01 is yet to come" in posted.run("mail", "posted", "--date", "2999-01-01", code=2).stderr


def test_a_returned_letter_goes_out_again_once_it_is_corrected(posted: Desk, tmp_path: Path) -> None:
    posted = posted.copy(tmp_path / "desk")
    done = posted.run("mail", "prepare")
    assert "taylor-police: came back (moved, left no address) and was not changed since" in done.stderr
    assert "berrien-county-sheriff: posted on 2025-09-19 as number 2" in done.stderr
    assert prepared(posted) == ["003 adrian-police"]
    posted.list_recipients(SHERIFF, CHIEF, {**TAYLOR, "address1": "23515 Goddard Road"})
    posted.run("build", "--no-docx")
    posted.run("mail", "prepare")
    assert prepared(posted) == ["003 taylor-police", "004 adrian-police"]


def test_what_was_recorded_by_mistake_is_undone_and_both_stay_in_the_record(posted: Desk, tmp_path: Path) -> None:
    desk = posted.copy(tmp_path / "desk")
    assert desk.run("mail", "undo").stdout.endswith("no longer recorded as returned moved, left no address\n")
    assert "posted" in status(desk)["taylor-police"]["mail"]
    assert desk.run("mail", "undo", "taylor-police").stdout.endswith("no longer recorded as posted 2025-09-19\n")
    assert status(desk)["taylor-police"]["mail"] == ""
    kinds = [line.split(": ", 1)[1].partition("  ")[0] for line in desk.run("log", "taylor-police").stdout.splitlines()]
    assert kinds[-4:] == ["posted", "returned", "undone", "undone"]
    assert "nothing was posted" in desk.run("mail", "undo", "taylor-police", code=2).stderr


def test_a_piece_that_was_not_posted_after_all_is_prepared_under_another_number(posted: Desk, tmp_path: Path) -> None:
    desk = posted.copy(tmp_path / "desk")
    desk.run("mail", "undo", "2")
    desk.run("mail", "prepare")
    assert prepared(desk) == ["003 berrien-county-sheriff", "004 adrian-police"]


def test_a_list_says_what_was_posted_and_why_pieces_came_back(posted: Desk, tmp_path: Path) -> None:
    desk = posted.copy(tmp_path / "desk")
    desk.write("handed-in.csv", "Number,Agency\n002,Berrien\n3,Adrian\n")
    assert desk.run("mail", "posted", "--list", "handed-in.csv").stdout == "1 piece recorded as posted\n"
    desk.write("back.csv", "recipient,reason\nadrian-police,vacant\nberrien-county-sheriff,\n")
    refused = desk.run("mail", "returned", "--list", "back.csv", code=2).stderr
    assert "why did berrien-county-sheriff come back?" in refused
    desk.run("mail", "returned", "--list", "back.csv", "--reason", "moved")
    rows = status(desk)
    assert "vacant" in rows["adrian-police"]["mail"]
    assert "moved" in rows["berrien-county-sheriff"]["mail"]


def test_a_row_of_a_list_that_names_no_piece_is_told_and_nothing_is_recorded(posted: Desk, tmp_path: Path) -> None:
    desk = posted.copy(tmp_path / "desk")
    desk.write("handed-in.csv", "id\nadrian-police\nadrain-police\n")
    done = desk.run("mail", "posted", "--list", "handed-in.csv", code=1)
    assert 'handed-in.csv:3: "adrain-police" is the number or id of no such piece' in done.stderr
    assert "adrian-police" in done.stderr
    assert status(desk)["adrian-police"]["mail"] == ""
