"""Writes files that are whole or not there: a temporary file, flushed to the disk, then renamed."""

from __future__ import annotations

import errno
import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from letters.problems import CannotGoOn, Exit

_TEMPORARY = ".part"
_REASONS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "your share of the disk is full",
    errno.EACCES: "you may not write there",
    errno.EROFS: "the disk is read-only",
    errno.EFBIG: "the file would be too large for this disk",
}


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that nobody ever sees half of it; raises CannotGoOn when it cannot be written."""
    with writing_whole(path) as file:
        file.write(content)


@contextmanager
def writing_whole(path: Path) -> Iterator[BinaryIO]:
    """Open a file to be written piece by piece, which nobody sees before it is whole.

    Raises CannotGoOn when it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name[:40]}.", suffix=_TEMPORARY, dir=path.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            Path(name).chmod(0o666 & ~_umask())
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise cannot_write(path, error) from None


def cannot_write(path: Path, error: OSError) -> CannotGoOn:
    """Make the error that says why a file cannot be written."""
    why = _REASONS.get(error.errno or 0, error.strerror or str(error))
    hint = (
        "letters that are finished are kept; make room or choose another folder with --out, then run the same command"
    )
    return CannotGoOn(Exit.CANNOT_WRITE, f'"{path}" cannot be written: {why}', hint)


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current


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
