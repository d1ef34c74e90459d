"""Files are whole or not there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from letters.formats.files import (
    alone_in,
    part_of,
    put_in_place,
    remove_temporary,
    write_part,
    write_whole,
    writing_whole,
)
from letters.model.problems import CannotGoOn, Exit


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_written_with_its_folder(tmp_path: Path) -> None:
    write_whole(tmp_path / "new" / "a", b"content")
    assert (tmp_path / "new" / "a").read_bytes() == b"content"
    assert names(tmp_path / "new") == ["a"]


def test_a_file_is_seen_when_it_is_whole(tmp_path: Path) -> None:
    with writing_whole(tmp_path / "a") as file:
        file.write(b"half ")
        assert not (tmp_path / "a").exists()
        file.write(b"and half")
    assert (tmp_path / "a").read_bytes() == b"half and half"


def give_up(path: Path) -> None:
    with writing_whole(path) as file:
        file.write(b"half")
        raise KeyboardInterrupt


def test_nothing_is_left_of_a_file_that_was_given_up(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        give_up(tmp_path / "a")
    assert names(tmp_path) == []


def test_long_names_that_begin_alike_do_not_meet(tmp_path: Path) -> None:
    paths = [tmp_path / f"{'long' * 20}-{n}" for n in range(8)]
    parts = [write_part(path, path.name.encode(), 1) for path in paths]
    for part, path in zip(parts, paths, strict=True):
        put_in_place(part, path)
    assert [path.read_bytes() for path in paths] == [path.name.encode() for path in paths]


def test_a_worker_writes_over_what_one_that_died_has_left_and_two_runs_do_not_meet(tmp_path: Path) -> None:
    path = tmp_path / "a"
    part_of(path, 1).write_bytes(b"half of a longer one")
    assert write_part(path, b"whole", 1).read_bytes() == b"whole"
    write_part(path, b"of another run", 2)
    assert put_in_place(part_of(path, 1), path).st_size == len(b"whole")
    assert path.read_bytes() == b"whole"


def test_a_file_that_cannot_be_put_in_place_is_named_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    with pytest.raises(CannotGoOn, match='b" cannot be written') as raised:
        write_whole(tmp_path / "b", b"x")
    assert raised.value.code is Exit.CANNOT_WRITE
    assert names(tmp_path) == ["b"]


def test_a_file_that_is_not_private_gets_the_permissions_of_any_new_file(tmp_path: Path) -> None:
    write_whole(tmp_path / "ours", b"", private=False)
    (tmp_path / "theirs").touch()
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "theirs").stat().st_mode


def test_what_a_killed_run_left_is_removed(tmp_path: Path) -> None:
    (tmp_path / ".letter.pdf.7-0.part").write_bytes(b"half")
    (tmp_path / "letter.pdf").write_bytes(b"whole")
    remove_temporary(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.pdf"]


def test_a_run_removes_its_own_temporary_files_only(tmp_path: Path) -> None:
    mine, other = (write_part(tmp_path / "a", b"", run) for run in (1, 21))
    remove_temporary(tmp_path, 1)
    assert not mine.exists()
    assert other.exists()


def test_a_pipe_in_the_place_of_the_lock_is_told_in_plain_words(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / ".running")
    with pytest.raises(CannotGoOn, match='running" cannot be written'), alone_in(tmp_path, "build"):
        pass
