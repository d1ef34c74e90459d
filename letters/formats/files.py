"""Writes files that are whole or not there: to a temporary file beside the final place, flushed, then renamed.

CSV files are written so that no spreadsheet runs anything of them.

What is written is about people, so files and folders are their owner's alone, whatever the umask is.
"""

from __future__ import annotations

import csv
import errno
import functools
import hashlib
import io
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from letters.model.problems import CannotGoOn, Exit

_TEMPORARY = ".part"
# A link in the place of a temporary file is not followed; Windows would change line ends in files that are not binary.
_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
_OWN, _OWN_FOLDER, _OTHERS = 0o600, 0o700, 0o077
_REASONS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "your share of the disk is full",
    errno.EACCES: "you may not write there",
    errno.EROFS: "the disk is read-only",
    errno.EFBIG: "the file would be too large for this disk",
}
_LOCK = ".running"
_LOCKED_BYTE = 1 << 20
"""What is locked lies behind the words, which others may then read on Windows, too."""
_PDF_END = 1024
"""The last bytes of a PDF, among which its end is marked with %%EOF (ISO 32000-1, 7.5.5)."""
LARGEST_FILE = 40_000_000
"""Bytes of a font, a picture or a Word file that is read; far more than any letter needs."""
_BEGINS_FORMULA = frozenset(("=", "+", "-", "@", "\t", "\r"))
"""How a text begins that Excel, LibreOffice or Google Sheets would take for a formula (OWASP, CSV injection)."""


def write_whole(path: Path, content: bytes, *, private: bool = True) -> None:
    """Write a file so that nobody ever sees half of it; raises CannotGoOn when it cannot be written.

    What is not private, such as the text of a letter, may be read by all who could read it before, or by the umask.
    """
    with writing_whole(path, private=private) as file:
        file.write(content)


@contextmanager
def writing_whole(path: Path, *, private: bool = True) -> Iterator[BinaryIO]:
    """Open a file to be written piece by piece, which nobody sees before it is whole.

    Raises CannotGoOn when it cannot be written.
    """
    part = part_of(path, os.getpid())
    try:
        with _flushed(part, _OWN if private else _mode_of(path)) as file:
            yield file
    except OSError as error:
        raise cannot_write(path, error) from None
    # Behind the block that closes it: Windows renames no file that is open.
    put_in_place(part, path)


def write_part(path: Path, content: bytes, run: int) -> Path:
    """Write the temporary file of a run for a path, and flush it to the disk; return where it is.

    Raises CannotGoOn when it cannot be written; nothing is left of it then.
    """
    part = part_of(path, run)
    try:
        with _flushed(part) as file:
            file.write(content)
    except OSError as error:
        raise cannot_write(path, error) from None
    return part


def put_in_place(part: Path, path: Path) -> os.stat_result:
    """Give a temporary file its final name; return its size and times. Raises CannotGoOn when that cannot be done."""
    try:
        part.replace(path)
        return path.stat()
    except OSError as error:
        part.unlink(missing_ok=True)
        raise cannot_write(path, error) from None


def part_of(path: Path, run: int) -> Path:
    """Name the temporary file for a path.

    `run` is the number of the process whose run it is: two runs never write to one file, and a worker that does the
    work of one that died writes over what that left.
    """
    # The start of a name is for people, and names that begin alike differ by their hashes: 255 bytes are the limit.
    return path.with_name(f".{path.name[:40]}.{sha256(path.name.encode())[:8]}.{run}{_TEMPORARY}")


@contextmanager
def _flushed(part: Path, mode: int = _OWN) -> Iterator[BinaryIO]:
    """Open a temporary file for writing; it is on the disk at the end, and gone where anything fails."""
    make_folder(part.parent)
    try:
        with os.fdopen(os.open(part, _FLAGS, mode), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())  # else a power cut after the renaming can leave an empty file under the final name
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _mode_of(path: Path) -> int:
    """Return who may read and write a file, or a new one."""
    try:
        return path.stat().st_mode & 0o777
    except OSError:
        return 0o666


def make_folder(path: Path) -> None:
    """Make a folder, and those that it is in, where they are missing; what is made is its owner's alone."""
    # One by one: Path.mkdir and os.makedirs give their mode to the last folder only (since Python 3.7).
    missing = [each for each in (path, *path.parents) if not each.exists()]
    for folder in reversed(missing):
        folder.mkdir(mode=_OWN_FOLDER, exist_ok=True)
    path.mkdir(exist_ok=True)  # raises the error of a file in its place


def keep_to_owner(*paths: Path) -> None:
    """Take folders and files of ours from everybody but their owner, where the disk knows owners."""
    for path in paths:
        with suppress(OSError):
            mode = path.stat().st_mode
            if mode & _OTHERS:
                path.chmod(mode & 0o7777 & ~_OTHERS)


def cannot_write(path: Path, error: OSError) -> CannotGoOn:
    """Return the error that says why a file cannot be written."""
    why = _REASONS.get(error.errno or 0, error.strerror or str(error))
    hint = (
        "letters that are finished are kept; make room or choose another folder with --out, then run the same command"
    )
    return CannotGoOn(Exit.CANNOT_WRITE, f'"{path}" cannot be written: {why}', hint)


@contextmanager
def alone_in(folder: Path, command: str) -> Iterator[None]:
    """Keep other commands of ours from writing to a folder meanwhile; a command that was killed keeps none.

    Raises CannotGoOn at once where one is at work there, and where the folder cannot be written.
    """
    path = folder / _LOCK
    try:
        make_folder(folder)
        file = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
    except OSError as error:
        raise cannot_write(path, error) from None
    try:
        if not _lock(file):
            other = os.read(file, 200).decode("utf-8", "replace")
            message = f'another command is at work in "{folder}": {other}'
            raise CannotGoOn(Exit.CANNOT_WRITE, message, "wait until it has ended, then run this one again")
        try:
            os.ftruncate(file, 0)
            os.write(file, f"letters {command}, process {os.getpid()}".encode())
        except OSError as error:  # a full disk, or a pipe that somebody put there
            raise cannot_write(path, error) from None
        yield
    finally:
        os.close(file)


def _lock(file: int) -> bool:
    """Lock an open file for this process, not for its workers; return whether nobody else has it.

    A file system that has no locks is taken for one where nobody else is at work.
    """
    try:
        if sys.platform == "win32":
            import msvcrt

            # Windows locks from where the file stands, and nobody else can read what is locked.
            os.lseek(file, _LOCKED_BYTE, os.SEEK_SET)
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
            os.lseek(file, 0, os.SEEK_SET)
        else:
            import fcntl

            # A lock of its process alone: one of flock would be shared by the workers that are forked from it.
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, _LOCKED_BYTE)
    except OSError as error:
        # POSIX allows either of the first two for what another process has locked.
        return error.errno not in (errno.EACCES, errno.EAGAIN, errno.EDEADLK)
    return True


def remove_temporary(folder: Path, run: int | None = None) -> None:
    """Remove the temporary files of a run, or those that any killed run has left."""
    for path in folder.glob(f".*{_TEMPORARY}" if run is None else f".*.{run}{_TEMPORARY}"):
        path.unlink(missing_ok=True)


def is_whole_pdf(path: Path) -> bool:
    """Return whether a file begins and ends as a PDF does."""
    with path.open("rb") as file:
        begins = file.read(5) == b"%PDF-"
        file.seek(max(0, file.seek(0, os.SEEK_END) - _PDF_END))
        return begins and b"%%EOF" in file.read()


def leads_out(path: Path) -> bool:
    """Return whether a path is a link to somewhere outside of its folder, of which nothing is read."""
    # Not Path.resolve, for which a link to itself is an error of the program.
    return path.is_symlink() and not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(path.parent))


def read_up_to(path: Path) -> bytes:
    """Return the first bytes of a file; whoever gets more than may be refuses them, without a full memory."""
    with path.open("rb") as file:
        return file.read(LARGEST_FILE + 1)


def sha256(content: bytes) -> str:
    """Return the SHA-256 of a content in hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


@functools.lru_cache(16)
def sha256_of_same(content: bytes) -> str:
    """Return the SHA-256 of a content that is asked for again and again and kept by its reader, as fonts are."""
    return sha256(content)


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file; empty where there is none."""
    try:
        return sha256(path.read_bytes()) if os.path.exists(path) else ""  # noqa: PTH110 - asked for every letter
    except FileNotFoundError:
        return ""


def csv_bytes(table: Iterable[Iterable[object]], *, for_excel: bool = False) -> bytes:
    """Return a table as CSV in UTF-8, every text harmless.

    With `for_excel` it has a byte order mark, by which Excel reads accents, and line ends as Windows writes them.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n" if for_excel else "\n")
    writer.writerows([harmless(cell) for cell in row] for row in table)
    return text.getvalue().encode("utf-8-sig" if for_excel else "utf-8")


def harmless(cell: object) -> object:
    """Return a cell, a text with an apostrophe before it where it begins like a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in _BEGINS_FORMULA else cell
