"""A cache returns what was stored, or nothing; what cannot prove itself is nothing."""

from __future__ import annotations

import os
import shutil
import stat
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from letters.formats import cache
from letters.formats.cache import Cache


def entry(folder: Path) -> Path:
    (path,) = folder.iterdir()
    return path


def test_what_was_stored_is_found_under_its_key_only(tmp_path: Path) -> None:
    Cache(tmp_path).put("one", b"content")
    assert Cache(tmp_path).get("one") == b"content"
    assert Cache(tmp_path).get("two") is None


@pytest.mark.parametrize("damage", [b"", b"nothing", b"\0" * 200])
def test_a_damaged_file_is_absent_and_replaced(tmp_path: Path, damage: bytes) -> None:
    cache = Cache(tmp_path)
    cache.put("one", b"content")
    entry(tmp_path).write_bytes(damage)
    assert cache.get("one") is None
    cache.put("one", b"content")
    assert cache.get("one") == b"content"


def test_one_changed_byte_is_noticed(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    cache.put("one", b"content")
    entry(tmp_path).write_bytes(entry(tmp_path).read_bytes()[:-1] + b"T")
    assert cache.get("one") is None


def test_the_entry_of_another_key_is_not_believed(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    cache.put("one", b"1")
    one = entry(tmp_path)
    cache.put("two", b"2")
    (two,) = set(tmp_path.iterdir()) - {one}
    shutil.copy(one, two)
    assert cache.get("two") is None


@pytest.mark.skipif(os.name != "posix", reason="other systems have other permissions")
def test_only_the_owner_may_read_and_write(tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    cache = Cache(folder)
    cache.put("one", b"1")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(entry(folder).stat().st_mode) == 0o600
    entry(folder).chmod(0o666)
    assert cache.get("one") is None, "somebody else may have written it"


@pytest.mark.skipif(os.name != "posix", reason="links need rights elsewhere")
def test_a_link_is_not_followed(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache")
    cache.put("one", b"1")
    path = entry(tmp_path / "cache")
    path.symlink_to(path.rename(tmp_path / "elsewhere"))
    assert cache.get("one") is None


@pytest.mark.skipif(os.name != "posix", reason="there are no pipes of this kind elsewhere")
def test_what_has_no_end_is_not_read(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache")
    cache.put("one", b"1")
    path = entry(tmp_path / "cache")
    with path.open("r+b") as file:
        file.truncate(2**36)
    assert cache.get("one") is None
    path.unlink()
    os.mkfifo(path, 0o600)
    assert cache.get("one") is None


@pytest.mark.skipif(os.name != "posix", reason="whether a process is there is not asked elsewhere")
def test_what_a_killed_process_left_is_removed_by_the_next(tmp_path: Path) -> None:
    left, other = tmp_path / ".999999999.abcdefgh.part", tmp_path / f".{os.getppid()}.abcdefgh.part"
    left.touch()
    other.touch()
    Cache(tmp_path).put("one", b"1")
    assert (left.exists(), other.exists()) == (False, True)


def test_the_least_recently_used_are_evicted(tmp_path: Path) -> None:
    cache = Cache(tmp_path, limit=15_990)
    for number in range(10):
        cache.put(str(number), bytes(1_000))
    for number, path in enumerate(sorted(tmp_path.iterdir(), key=lambda path: path.stat().st_mtime_ns)):
        os.utime(path, ns=(number, number))
    assert cache.get("0"), "it is used, and so the most recent"
    for number in range(10, 24):
        cache.put(str(number), bytes(1_000))
    assert [number for number in range(24) if cache.get(str(number))] == [0, *range(10, 24)]


def test_what_a_killed_process_left_half_written_goes_in_time(tmp_path: Path) -> None:
    part = tmp_path / ".half.part"
    part.write_bytes(bytes(1_000))
    os.utime(part, ns=(0, 0))
    Cache(tmp_path, limit=1_500).put("one", bytes(1_000))
    assert not part.exists()


def test_nothing_is_written_where_nothing_may_be(tmp_path: Path) -> None:
    Cache(tmp_path / "cache", read_only=True).put("one", b"1")
    assert not (tmp_path / "cache").exists()


def test_a_folder_that_cannot_be_written_is_no_mistake(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    cache = Cache(tmp_path / "file")
    cache.put("one", b"1")
    assert cache.get("one") is None


def use(folder: Path) -> list[bool]:
    """Store and look for the same few entries, more than there is room for; return whether each was right."""
    cache = Cache(folder, limit=20_000)
    right = []
    for number in [*range(40)] * 3:
        cache.put(str(number), bytes([number]) * 1_000)
        right.append(cache.get(str(number)) in (None, bytes([number]) * 1_000))
    return right


def test_several_processes_may_share_it(tmp_path: Path) -> None:
    with ProcessPoolExecutor(3, mp_context=get_context("spawn")) as executor:
        assert all(all(right) for right in executor.map(use, [tmp_path] * 3))
    assert list(tmp_path.glob(".*")) == []


def test_an_entry_that_somebody_else_made_is_not_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def user(home: str) -> Cache:
        monkeypatch.setenv("LOCALAPPDATA" if os.name == "nt" else "XDG_CACHE_HOME", str(tmp_path / home))
        cache._user_key.cache_clear()
        return Cache(tmp_path / "cache")

    user("theirs").put("key", b"content")
    assert user("ours").get("key") is None
    assert user("theirs").get("key") == b"content"
    monkeypatch.undo()
    cache._user_key.cache_clear()


def test_a_link_in_the_place_of_the_folder_is_not_written_through(tmp_path: Path) -> None:
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    (tmp_path / "cache").symlink_to(theirs)
    Cache(tmp_path / "cache", limit=1).put("key", b"content")
    assert list(theirs.iterdir()) == []


def test_files_of_others_in_the_folder_are_never_evicted(tmp_path: Path) -> None:
    (tmp_path / "thesis.docx").write_bytes(b"x" * 100)
    folder = Cache(tmp_path, limit=10)
    for number in range(5):
        folder.put(f"key {number}", b"content")
    assert (tmp_path / "thesis.docx").exists()
