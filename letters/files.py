"""Writes files that are whole or not there: a temporary file, flushed to the disk, then renamed."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import BinaryIO

from letters.problems import CannotGoOn, Exit

_TEMPORARY = ".part"
_NO_LINKS, _BINARY = getattr(os, "O_NOFOLLOW", 0), getattr(os, "O_BINARY", 0)
_WAITING = 4
"""Files that are waited for at once; more gain nothing."""
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
    part = _Part(path)
    try:
        try:
            part.open()
            with os.fdopen(part.descriptor, "wb", closefd=False) as file:
                yield file
            part.wait()
            part.put()
        finally:
            part.end()
    except OSError as error:
        raise cannot_write(path, error) from None


def write_together(
    files: Sequence[tuple[Path, bytes]], may_be_put: Callable[[int], bool] = lambda _: True
) -> Iterator[tuple[int, int]]:
    """Write several files, each whole or not at all, and yield the number and the time of each as it is in place.

    All are on their way to the disk before the first is waited for. `may_be_put` is asked at the last moment whether a
    file, given by its number, may take the place of what is there. Raises CannotGoOn, after all that could be written
    are in place.
    """
    parts = [_Part(path, number) for number, (path, _) in enumerate(files)]
    for folder in {part.folder for part in parts}:
        _make_folder(Path(folder))
    try:
        for part, (_, content) in zip(parts, files, strict=True):
            part.attempt(part.open)
            part.attempt(partial(part.write, content))
        for part in parts:
            part.attempt(part.begin)
        _wait(parts)
        for number, part in enumerate(parts):
            if part.error or not may_be_put(number):
                continue
            part.attempt(part.put)
            if not part.error:
                yield number, os.stat(part.path).st_mtime_ns  # noqa: PTH116 - asked for every letter
    finally:
        for part in parts:
            part.end()
    for part in parts:
        if part.error:
            raise cannot_write(part.path, part.error)


def _wait(parts: Sequence[_Part]) -> None:
    """Wait until files are on the disk, by threads where there are several; they compute nothing."""

    def wait(first: int) -> None:
        for part in parts[first::_WAITING]:
            part.attempt(part.wait)

    if len(parts) < _WAITING:
        wait(0)
        return
    with ThreadPoolExecutor(_WAITING) as threads:
        for _ in threads.map(wait, range(_WAITING)):
            pass


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot_write(folder, error) from None


class _Part:
    """A file under a temporary name, which is put in place when it is whole; what fails leaves nothing."""

    def __init__(self, path: Path, number: int = 0) -> None:
        """Name it; two files that one process writes at a time have two numbers or two paths."""
        self.path = path
        self.folder, name = os.path.split(path)
        self.descriptor = -1
        self.error: OSError | None = None
        self._name = os.path.join(self.folder, f".{name[:40]}.{os.getpid()}-{number}{_TEMPORARY}")  # noqa: PTH118
        self._is_there = False

    def attempt(self, step: Callable[[], None]) -> None:
        """Take a step, unless an earlier one failed; remember why one does."""
        try:
            if not self.error:
                step()
        except OSError as error:
            self.error = error

    def open(self) -> None:
        """Begin with nothing."""
        self.descriptor = os.open(self._name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | _NO_LINKS | _BINARY, 0o666)
        self._is_there = True

    def write(self, content: bytes) -> None:
        """Write all of it."""
        left = memoryview(content)
        while left:
            left = left[os.write(self.descriptor, left) :]

    def begin(self) -> None:
        """Have the system begin to write it to the disk, where that can be asked for."""
        _let_go(self.descriptor)

    def wait(self) -> None:
        """Wait until it is on the disk."""
        os.fsync(self.descriptor)

    def put(self) -> None:
        """Give it its final name."""
        _let_go(self.descriptor)
        self._close()
        os.replace(self._name, self.path)  # noqa: PTH105
        self._is_there = False

    def end(self) -> None:
        """Leave nothing behind of a file that was not put in place."""
        self._close()
        if self._is_there:
            Path(self._name).unlink(missing_ok=True)

    def _close(self) -> None:
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1


def _let_go(descriptor: int) -> None:
    """Tell the system that a file is not needed in memory, so that hundreds of letters drive nothing else out of it.

    Linux then begins to write what is not yet on the disk, and frees what is.
    """
    if hasattr(os, "posix_fadvise"):
        with suppress(OSError):  # some file systems do not know of it
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)


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
        return sha256(path.read_bytes()) if os.path.exists(path) else ""  # noqa: PTH110 - asked for every letter
    except FileNotFoundError:
        return ""
