"""A PDF that was damaged after it was made: found by the next build, and made again."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import MakeDesk
from tests.desk import CHIEF, SHERIFF, Desk


def flip_a_bit(path: Path) -> None:
    """Change a byte as a failing disk does: size and time stay."""
    status, content = path.stat(), bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:5000])


def empty(path: Path) -> None:
    path.write_bytes(b"")


@pytest.fixture
def desk(make_desk: MakeDesk) -> Desk:
    desk = make_desk(more='status = "final"')
    desk.run("build", "--no-docx")
    return desk


@pytest.mark.parametrize("damage", [flip_a_bit, cut_short, empty])
def test_a_damaged_pdf_is_made_again(desk: Desk, damage: Callable[[Path], None]) -> None:
    path = desk.out("pdf/adrian-police.pdf")
    whole = path.read_bytes()
    damage(path)
    damaged = path.read_bytes()
    assert "adrian-police: the file is damaged: run letters build" in desk.run("mail", "prepare").stderr
    assert "1 document to make: the file is damaged" in desk.run("build", "--no-docx").stderr
    assert path.read_bytes() == whole
    assert [each.read_bytes() for each in desk.out("kept").iterdir()] == [damaged]
    desk.run("mail", "prepare")
    assert "adrian-police" in desk.out("mail/manifest.csv").read_text("utf-8-sig")


def test_a_pdf_that_somebody_saved_is_not_taken_for_a_damaged_one(desk: Desk) -> None:
    path = desk.out("pdf/adrian-police.pdf")
    path.write_bytes(path.read_bytes() + b"% note\n")
    saved = path.read_bytes()
    desk.run("build", "--no-docx", code=5)
    assert path.read_bytes() == saved


def test_pdfs_that_were_swapped_are_kept_with_a_way_out_that_works(desk: Desk) -> None:
    """The way out was to build again, which kept them for ever."""
    one, other = (desk.out(f"pdf/{row['id']}.pdf") for row in (CHIEF, SHERIFF))
    first, second = one.read_bytes(), other.read_bytes()
    one.write_bytes(second)
    other.write_bytes(first)
    said = " ".join(desk.run("build", "--no-docx", code=5).stderr.split())
    assert "move others out of pdf/): berrien-county-sheriff, adrian-police" in said
    assert "move it out of pdf/ and build again" in " ".join(desk.run("status").stdout.split())
    one.rename(desk.folder / "one.pdf")
    other.rename(desk.folder / "other.pdf")
    desk.run("build", "--no-docx")
    assert (one.read_bytes(), other.read_bytes()) == (first, second)
