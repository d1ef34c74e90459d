"""Files are whole or not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from letters.files import remove_temporary, write_together, write_whole
from letters.problems import CannotGoOn, Exit


def test_files_written_together_are_all_in_place(tmp_path: Path) -> None:
    files = [(tmp_path / "new" / f"{n}.txt", f"{n}".encode()) for n in range(20)]
    assert [number for number, _ in write_together(files)] == list(range(20))
    assert [path.read_bytes() for path, _ in files] == [content for _, content in files]
    assert len(list((tmp_path / "new").iterdir())) == 20


def test_long_names_that_begin_alike_do_not_meet(tmp_path: Path) -> None:
    files = [(tmp_path / f"{'long' * 20}-{n}", f"{n}".encode()) for n in range(8)]
    assert [path.read_bytes() for path, _ in files if list(write_together(files))] == [c for _, c in files]


def test_one_that_cannot_be_written_stops_no_other(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    with pytest.raises(CannotGoOn, match="cannot be written") as raised:
        list(write_together([(tmp_path / name, b"x") for name in "abc"]))
    assert raised.value.code is Exit.CANNOT_WRITE
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b", "c"]
    assert (tmp_path / "c").read_bytes() == b"x"


def test_what_somebody_wrote_meanwhile_is_left_alone(tmp_path: Path) -> None:
    """The last look is right before a file is put in place, when all are on the disk."""
    theirs = tmp_path / "b"
    looked: list[tuple[int, int]] = []

    def may_be_put(number: int) -> bool:
        if number == 0:
            theirs.write_text("saved by a person")
        looked.append((number, len(list(tmp_path.glob(".*.part")))))
        return not (tmp_path / "abc"[number]).exists()

    assert [number for number, _ in write_together([(tmp_path / name, b"x") for name in "abc"], may_be_put)] == [0, 2]
    assert looked == [(0, 3), (1, 2), (2, 2)]
    assert theirs.read_text() == "saved by a person"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b", "c"]


def test_a_file_gets_the_permissions_of_any_new_file(tmp_path: Path) -> None:
    write_whole(tmp_path / "ours", b"")
    (tmp_path / "theirs").touch()
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "theirs").stat().st_mode


def test_what_a_killed_run_left_is_removed(tmp_path: Path) -> None:
    (tmp_path / ".letter.pdf.7-0.part").write_bytes(b"half")
    (tmp_path / "letter.pdf").write_bytes(b"whole")
    remove_temporary(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.pdf"]
