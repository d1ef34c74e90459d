"""Reads the Word files that people name on the command line, and finds out whether somebody has one open."""

from __future__ import annotations

import os
from pathlib import Path

from letters.formats.files import read_up_to
from letters.model.problems import CannotGoOn, Exit, nearest

_LOCKS = ("~$", ".~lock.")
"""The prefixes of the lock files that Word and LibreOffice put beside a file that is open."""


def open_in_word(path: Path) -> bool:
    """Return whether somebody has a file open, that is, whether a lock file of Word or LibreOffice is beside it."""
    return any((path.parent / name).exists() for name in _locks_of(path.name))


def locks_in(folder: Path) -> frozenset[str]:
    """Return the names of the lock files in a folder; with them, `is_locked` answers for many files after one scan."""
    if not folder.is_dir():
        return frozenset()
    return frozenset(entry.name for entry in os.scandir(folder) if entry.name.startswith(_LOCKS))


def is_locked(locks: frozenset[str], name: str) -> bool:
    """Return whether a file is open, given the lock files of its folder."""
    return not locks.isdisjoint(_locks_of(name))


def _locks_of(name: str) -> tuple[str, ...]:
    # Word replaces the first two characters of a long name, and puts its mark before a short one.
    return (f"~${name}", f"~${name[2:]}", f".~lock.{name}#")


def read_word_file(path: Path) -> bytes:
    """Return the bytes of a file that should be a DOCX; raises CannotGoOn where it is missing or open in Word."""
    if path.name.startswith(_LOCKS):
        hint = "name the file itself, once it is saved and closed"
        raise CannotGoOn(Exit.WRONG_CALL, f'"{path}" only marks that somebody has a file open', hint)
    if path.is_dir():
        raise CannotGoOn(Exit.WRONG_CALL, f'"{path}" is a folder', "name the Word file in it")
    try:
        content = read_up_to(path)
    except FileNotFoundError:
        raise CannotGoOn(Exit.WRONG_CALL, f'there is no file "{path}"', _instead(path)) from None
    except OSError as error:
        raise CannotGoOn(Exit.WRONG_CALL, f'"{path}" cannot be read: {error.strerror}') from None
    if open_in_word(path):
        hint = "save and close it there, and run this again"
        raise CannotGoOn(Exit.PROBLEMS, f'somebody has "{path}" open, and may not have saved it yet', hint)
    return content


def _instead(path: Path) -> str:
    """Return a hint with the file of the folder that is most likely meant; empty where none is."""
    others = [each.name for each in path.parent.glob("*.docx") if not each.name.startswith(_LOCKS)]
    meant = nearest(path.name, others) or (others[0] if len(others) == 1 else "")
    return f'did you mean "{path.parent / meant}"?' if meant else ""
