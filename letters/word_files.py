"""Reads the Word files that people name on the command line, and tells whether somebody has one open."""

from __future__ import annotations

from pathlib import Path

from letters.problems import CannotGoOn, Exit, nearest

_LOCKS = ("~$", ".~lock.")
"""How the names of the files begin that Word and LibreOffice put beside a file that is open."""


def open_in_word(path: Path) -> bool:
    """Tell whether somebody has a file open: Word and LibreOffice put a lock file beside it."""
    shortened = (f"~${path.name}", f"~${path.name[2:]}")
    return any((path.parent / name).exists() for name in (*shortened, f".~lock.{path.name}#"))


def read_word_file(path: Path) -> bytes:
    """Read a file that should be a DOCX; raises CannotGoOn where there is none, or where it is open in Word."""
    if path.name.startswith(_LOCKS):
        hint = "name the file itself, once it is saved and closed"
        raise CannotGoOn(Exit.WRONG_CALL, f'"{path}" only marks that somebody has a file open', hint)
    if path.is_dir():
        raise CannotGoOn(Exit.WRONG_CALL, f'"{path}" is a folder', "name the Word file in it")
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise CannotGoOn(Exit.WRONG_CALL, f'there is no file "{path}"', _instead(path)) from None
    except OSError as error:
        raise CannotGoOn(Exit.WRONG_CALL, f'"{path}" cannot be read: {error.strerror}') from None
    if open_in_word(path):
        hint = "save and close it there, and run this again"
        raise CannotGoOn(Exit.PROBLEMS, f'somebody has "{path}" open, and may not have saved it yet', hint)
    return content


def _instead(path: Path) -> str:
    """Name the file of the folder that is most likely meant."""
    others = [each.name for each in path.parent.glob("*.docx") if not each.name.startswith(_LOCKS)]
    meant = nearest(path.name, others) or (others[0] if len(others) == 1 else "")
    return f'did you mean "{path.parent / meant}"?' if meant else ""
