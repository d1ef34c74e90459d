"""What the cache notes of the files that a build made, which an audit believes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from letters.build.build import CACHE
from letters.build.placing import is_as_made
from letters.build.plan import digests_of
from letters.campaign.load import load
from letters.formats.cache import Cache
from letters.formats.files import sha256_of
from letters.model.records import PDF
from tests.desk import CHIEF, SHERIFF, Desk, set_up


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    desk = set_up(folder=tmp_path_factory.mktemp("noted") / "desk", rows=(SHERIFF, CHIEF))
    desk.run("build", "--no-docx", "--jobs", "1")
    return desk


def as_made(desk: Desk, content: Path) -> list[bool]:
    """Ask of each letter whether a file is what the build made of it."""
    project, _ = load(desk.folder / "campaign.toml")
    assert project is not None
    cache, digests = Cache(desk.out(CACHE)), digests_of(project, PDF)
    return [is_as_made(cache, letter, PDF, digests, sha256_of(content)) for letter in project.letters]


def test_a_file_is_as_made_for_its_own_letter_only(built: Desk) -> None:
    assert as_made(built, built.out("pdf/berrien-county-sheriff.pdf")) == [True, False]
    assert as_made(built, built.out("pdf/adrian-police.pdf")) == [False, True]


def test_a_file_that_was_changed_is_not_as_made(built: Desk, tmp_path: Path) -> None:
    changed = tmp_path / "changed.pdf"
    changed.write_bytes(built.out("pdf/adrian-police.pdf").read_bytes() + b"\n")
    assert as_made(built, changed) == [False, False]


def test_nothing_is_as_made_once_the_letter_says_something_else(built: Desk, tmp_path: Path) -> None:
    desk = built.copy(tmp_path / "desk")
    letter = desk.folder / "templates" / "letter.md"
    letter.write_text(letter.read_text("utf-8") + "\n\nOne more paragraph.\n", "utf-8")
    assert as_made(desk, desk.out("pdf/adrian-police.pdf")) == [False, False]


def test_nothing_is_as_made_without_the_cache(built: Desk, tmp_path: Path) -> None:
    desk = built.copy(tmp_path / "desk")
    shutil.rmtree(desk.out(CACHE))
    assert as_made(desk, desk.out("pdf/adrian-police.pdf")) == [False, False]
