"""letters clean removes what can be made again, and says what it keeps."""

from __future__ import annotations

import datetime
import os
import sys
from pathlib import Path

import pytest

from letters.mail.barcode import take_serials
from letters.mail.register import Register
from letters.model.settings import Mailer
from tests.desk import CHIEF, SHERIFF, Desk, edit, set_up

FINAL = 'status = "final"'
TAYLOR = {**CHIEF, "id": "taylor-police", "agency": "Taylor Police Department", "city": "Taylor", "zip": "48180"}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    desk = set_up(folder=tmp_path_factory.mktemp("clean") / "desk", rows=(SHERIFF, CHIEF, TAYLOR), more=FINAL)
    desk.run("build", "--jobs", "1")
    desk.run("mail", "prepare", "--no-audit")
    return desk


@pytest.fixture
def desk(built: Desk, tmp_path: Path) -> Desk:
    return built.copy(tmp_path / "desk")


def files(desk: Desk) -> set[str]:
    there = (path for path in desk.out().rglob("*") if path.is_file())
    return {path.relative_to(desk.out()).as_posix() for path in there} - {".running"}


RECORD = {"ledger.sqlite"}


def test_what_was_made_is_removed_and_made_again_with_the_same_bytes(desk: Desk) -> None:
    before = {name: desk.out(name).read_bytes() for name in files(desk) if name.startswith(("pdf/", "docx/", "mail/"))}
    done = desk.run("clean")
    assert done.stdout.startswith("removed: ")
    assert "kept (the record): ledger.sqlite" in done.stderr
    assert files(desk) == RECORD
    assert not desk.out("pdf").exists()
    desk.run("build", "--jobs", "1")
    desk.run("mail", "prepare", "--no-audit")
    assert {name: desk.out(name).read_bytes() for name in before} == before


def test_a_dry_run_removes_nothing(desk: Desk) -> None:
    before = files(desk)
    assert "would be removed: " in desk.run("clean", "--dry-run").stdout
    assert files(desk) == before


def test_what_people_edited_or_put_there_is_kept(desk: Desk) -> None:
    edit(desk.out("docx/adrian-police.docx"))
    for name in ("notes.txt", "pdf/notes.txt", "mail/receipt.pdf"):
        desk.out(name).write_text("by hand", "utf-8")
    desk.out("pdf/taylor-police.pdf").write_bytes(b"%PDF-1.7 of somebody else\n%%EOF\n")
    done = desk.run("clean")
    kept = {"docx/adrian-police.docx", "pdf/taylor-police.pdf"}
    assert files(desk) == RECORD | kept | {"notes.txt", "pdf/notes.txt", "mail/receipt.pdf"}
    assert "kept (somebody edited it): docx/adrian-police.docx, pdf/taylor-police.pdf" in done.stderr


def test_what_was_signed_or_posted_is_kept(desk: Desk) -> None:
    signed = desk.out("signed/adrian-police.pdf")
    signed.parent.mkdir()
    signed.write_bytes(b"%PDF-1.7\n%%EOF\n")
    desk.run("mail", "posted", "taylor-police")
    mailing = {name for name in files(desk) if name.startswith("mail/")}
    done = desk.run("clean")
    assert files(desk) == RECORD | mailing | {"pdf/taylor-police.pdf", "signed/adrian-police.pdf"}
    assert "kept (posted): " in done.stderr
    assert "kept (signed): signed/adrian-police.pdf" in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="Windows makes links for administrators only")
def test_a_link_is_not_followed(desk: Desk, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "print-01.pdf").write_bytes(b"%PDF-1.7\n%%EOF\n")
    for path in desk.out("mail").iterdir():
        path.unlink()
    desk.out("mail").rmdir()
    desk.out("mail").symlink_to(outside)
    assert "kept (a link, which is not followed): mail" in desk.run("clean").stderr
    assert (outside / "print-01.pdf").is_file()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps no such modes")
def test_files_of_the_record_are_their_owners_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        Register(tmp_path / "out").__exit__(None, None, None)
        mailer = Mailer(service_type="300", mailer_id="123456789")
        take_serials(tmp_path / "serials" / "serials.sqlite", mailer, ["one"], datetime.date(2025, 9, 17))
    finally:
        os.umask(before)
    made = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {oct(path.stat().st_mode & 0o777) for path in made} == {"0o600"}
    assert {path.stat().st_mode & 0o777 for path in tmp_path.rglob("*") if path.is_dir()} == {0o700}
