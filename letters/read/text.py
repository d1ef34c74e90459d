"""Reads text files in whatever encoding an office program saved them."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from pathlib import Path

from letters.formats.files import leads_out
from letters.model.problems import CannotGoOn, Exit, Place, Problem, warning

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_LARGEST = 256 * 2**20
"""Bytes; more than the mailing list of a whole country."""


def read_text(path: Path, shown: str) -> tuple[str, list[Problem]]:
    """Read a text file, with a warning where its encoding had to be guessed.

    `shown` is the name for messages. Raises CannotGoOn when the file is missing, not readable or no text.
    """
    return decode(_read_bytes(path, shown), shown)


def rewritten(path: Path, change: Callable[[str], str]) -> bytes:
    """Return the content of a text file after a change of its text; line ends and a byte-order mark stay as they are.

    What is not UTF-8 is UTF-8 then. Raises CannotGoOn where the file is no text.
    """
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text, _ = decode(content, path.name)
    return (codecs.BOM_UTF8 if content.startswith(codecs.BOM_UTF8) else b"") + change(text).encode()


def encoded_like(before: bytes, text: str) -> bytes:
    """Return a text as the content of a file that had another: with its line ends, and a byte-order mark if it had one.

    Line ends of the text are those that `read_text` returns.
    """
    content = text.encode()
    if b"\r\n" in before:
        content = content.replace(b"\n", b"\r\n")
    return (codecs.BOM_UTF8 if before.startswith(codecs.BOM_UTF8) else b"") + content


def _read_bytes(path: Path, shown: str) -> bytes:
    if leads_out(path):
        hint = "put the file itself there: what a link leads to could be anything on this computer"
        raise CannotGoOn(Exit.PROBLEMS, f'"{shown}" is a link that leads out of its folder', hint)
    try:
        if path.exists() and not path.is_file():
            raise CannotGoOn(
                Exit.PROBLEMS, f'"{shown}" cannot be read: it is a folder, a pipe or a device', "put a file there"
            )
        if path.stat().st_size > _LARGEST:
            raise CannotGoOn(Exit.PROBLEMS, f'"{shown}" is larger than 256 MB', "is it the right file?")
        return path.read_bytes()
    except FileNotFoundError:
        raise CannotGoOn(Exit.PROBLEMS, f'"{shown}" does not exist', "check the name and the folder") from None
    except OSError as error:
        raise CannotGoOn(Exit.PROBLEMS, f'"{shown}" cannot be read: {error.strerror}') from None


def decode(content: bytes, shown: str) -> tuple[str, list[Problem]]:
    """Decode UTF-8, UTF-16 with a byte-order mark, or else Windows-1252 with a warning."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _decode_as(content[len(mark) :], encoding, shown), []
    if b"\0" in content:
        raise CannotGoOn(Exit.PROBLEMS, f'"{shown}" is not a text file', _save_as(shown))
    try:
        return _lines(content.decode("utf-8")), []
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        text = _decode_as(content, "cp1252", shown)
        sample = text.splitlines()[line - 1].strip()[:60]
        what = f'not UTF-8; read as Windows-1252: "{sample}"'
        return text, [warning(Place(shown, line), what, f"check the accents there, or {_save_as(shown)}")]


def _save_as(shown: str) -> str:
    """Return how a file of this name is saved so that it is read rightly."""
    if shown.lower().endswith((".csv", ".tsv", ".txt")):
        return 'in Excel choose "Save as", "CSV UTF-8 (comma delimited)"'
    return "in the editor choose UTF-8 for the encoding when you save it"


def _decode_as(content: bytes, encoding: str, shown: str) -> str:
    try:
        return _lines(content.decode(encoding))
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise CannotGoOn(
            Exit.PROBLEMS, f"{shown}:{line}: neither UTF-8 nor Windows-1252", "save the file as UTF-8"
        ) from None


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
