"""What is written about people is their owner's alone."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from letters.campaign.ledger import Ledger
from letters.formats.files import make_folder, write_whole
from tests.desk import set_up

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps no such modes")


@pytest.fixture(autouse=True)
def open_to_all() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_files_and_the_folders_made_for_them_are_their_owners_alone(tmp_path: Path) -> None:
    write_whole(tmp_path / "out" / "letter" / "pdf" / "one.pdf", b"%PDF")
    made = [tmp_path / "out", *(tmp_path / "out").rglob("*")]
    assert {path.name: oct(mode(path)) for path in made} == {
        "out": "0o700",
        "letter": "0o700",
        "pdf": "0o700",
        "one.pdf": "0o600",
    }


def test_the_text_of_a_letter_may_be_read_by_all_who_could_read_it_before(tmp_path: Path) -> None:
    (tmp_path / "letter.md").write_text("words", "utf-8")
    (tmp_path / "letter.md").chmod(0o664)
    write_whole(tmp_path / "letter.md", b"other words", private=False)
    assert mode(tmp_path / "letter.md") == 0o664


def test_the_ledger_closes_the_folders_of_an_earlier_version(tmp_path: Path) -> None:
    folder = tmp_path / "out" / "letter"
    folder.mkdir(parents=True, mode=0o777)
    (folder / "ledger.sqlite").touch(mode=0o666)
    Ledger(folder / "ledger.sqlite").__exit__(None, None, None)
    assert (mode(folder), mode(folder.parent), mode(folder / "ledger.sqlite")) == (0o700, 0o700, 0o600)


def test_a_folder_that_is_there_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "desktop").mkdir(mode=0o755)
    make_folder(tmp_path / "desktop" / "letters")
    assert (mode(tmp_path / "desktop"), mode(tmp_path / "desktop" / "letters")) == (0o755, 0o700)


def test_all_that_a_campaign_makes_is_its_owners_alone(tmp_path: Path) -> None:
    desk = set_up(folder=tmp_path / "desk", more='status = "final"')
    desk.run("build", "--jobs", "1")
    desk.run("mail", "prepare", "--wet", "--mail-house", "--labels", "5160")
    desk.run("mail", "posted", "1")
    desk.run("audit")
    made = [desk.folder / "out", *(desk.folder / "out").rglob("*")]
    assert len(made) > 20
    assert {path.name: oct(mode(path)) for path in made if mode(path) & 0o077} == {}
