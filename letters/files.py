"""Writes files that are whole or not there: a temporary file, flushed to the disk, then renamed."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from letters.problems import CannotGoOn, Exit

_TEMPORARY = ".part"
_NO_LINKS, _BINARY = getattr(os, "O_NOFOLLOW", 0), getattr(os, "O_BINARY", 0)
_WAITING = 4
"""Files that are flushed to the disk at once; more gain nothing."""
_REASONS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "your share of the disk is full",
    errno.EACCES: "you may not write there",
    errno.EROFS: "the disk is read-only",
    errno.EFBIG: "the file would be too large for this disk",
}


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that nobody ever sees half of it; raises CannotGoOn when it cannot be written."""
    for _ in write_together([(path, content)]):
        pass


@contextmanager
def writing_whole(path: Path) -> Iterator[BinaryIO]:
    """Open a file to be written piece by piece, which nobody sees before it is whole.

    Raises CannotGoOn when it cannot be written.
    """
    _make_folder(path.parent)
    try:
        name = _temporary(path, 0)
        with _written_down(name) as file:
            yield file
        if error := _put(name, path):
            raise error
    except OSError as error:
        raise cannot_write(path, error) from None


def write_together(files: Sequence[tuple[Path, bytes]]) -> Iterator[tuple[int, int]]:
    """Write several files, each whole or not at all, and yield the number and the time of each as it is in place.

    The disk is waited for once for several of them. Raises CannotGoOn, after all that could be written are in place.
    """
    for folder in {path.parent for path, _ in files}:
        _make_folder(folder)
    failed: CannotGoOn | None = None
    for number, ((path, _), name) in enumerate(zip(files, _write_temporaries(files), strict=True)):
        if error := name if isinstance(name, OSError) else _put(name, path):
            failed = failed or cannot_write(path, error)
        else:
            yield number, path.stat().st_mtime_ns
    if failed:
        raise failed


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot_write(folder, error) from None


def _write_temporaries(files: Sequence[tuple[Path, bytes]]) -> list[Path | OSError]:
    """Write files under temporary names by threads, which wait for the disk and compute nothing."""
    written: dict[int, Path | OSError] = {}

    def write_share(first: int) -> None:
        for number in range(first, len(files), _WAITING):
            written[number] = _write_temporary(number, *files[number])

    with ThreadPoolExecutor(_WAITING) as threads:
        for _ in threads.map(write_share, range(min(_WAITING, len(files)))):
            pass
    return [written[number] for number in range(len(files))]


def _write_temporary(number: int, path: Path, content: bytes) -> Path | OSError:
    """Write a file under a temporary name; return the name, or why it could not be written."""
    name = _temporary(path, number)
    try:
        with _written_down(name) as file:
            file.write(content)
    except OSError as error:
        return error
    return name


def _temporary(path: Path, number: int) -> Path:
    """Name a file that is being written; two files of one process have two numbers or two names."""
    return path.with_name(f".{path.name[:40]}.{os.getpid()}-{number}{_TEMPORARY}")


@contextmanager
def _written_down(name: Path) -> Iterator[BinaryIO]:
    """Open a new file, and see that it reaches the disk; nothing is left where that fails."""
    descriptor = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | _NO_LINKS | _BINARY, 0o666)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        name.unlink(missing_ok=True)
        raise


def _put(name: Path, path: Path) -> OSError | None:
    """Give a file its final name; return why it could not be."""
    try:
        name.replace(path)
    except OSError as error:
        name.unlink(missing_ok=True)
        return error
    return None


def cannot_write(path: Path, error: OSError) -> CannotGoOn:
    """Make the error that says why a file cannot be written."""
    why = _REASONS.get(error.errno or 0, error.strerror or str(error))
    hint = (
        "letters that are finished are kept; make room or choose another folder with --out, then run the same command"
    )
    return CannotGoOn(Exit.CANNOT_WRITE, f'"{path}" cannot be written: {why}', hint)


def remove_temporary(folder: Path) -> None:
    """Remove what a killed run left half written."""
    for path in folder.glob(f".*{_TEMPORARY}"):
        path.unlink(missing_ok=True)


def sha256(content: bytes) -> str:
    """Hash a content."""
    return hashlib.sha256(content).hexdigest()


def sha256_of(path: Path) -> str:
    """Hash the content of a file; empty where there is none."""
    try:
        return sha256(path.read_bytes())
    except FileNotFoundError:
        return ""
