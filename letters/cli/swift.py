"""Understands the plainest calls of the commands of every day without Typer, which takes as long as 200 letters do.

Whatever is not plainly understood is left to Typer, which knows every option, explains them and says what is wrong.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from letters.cli import everyday
from letters.problems import Exit

_COMMON: Mapping[str, type] = {"--campaign": Path, "--letter": str, "--out": Path}
_VALUES: Mapping[str, Mapping[str, type]] = {
    "check": _COMMON,
    "build": {**_COMMON, "--only": tuple, "--jobs": int},
    "status": _COMMON,
}
"""The options that take a value, by command, with what it is; a tuple is of one that may be repeated."""
_FLAGS = {
    "check": ("--json",),
    "build": ("--pdf", "--docx", "--no-pdf", "--no-docx", "--copies", "--dry-run", "--strict", "--prove", "--plain"),
    "status": ("--json",),
}
_COMMANDS: Mapping[str, Callable[..., Exit]] = {
    "check": everyday.check,
    "build": everyday.build,
    "status": everyday.status,
}
_MOST_DIGITS = 4


def understood(words: Sequence[str]) -> Callable[[], Exit] | None:
    """Return what a call asks for, ready to be done; None where Typer has to look."""
    command = words[0] if words else ""
    if command not in _COMMANDS or os.name == "nt":  # there Typer makes names of files out of patterns
        return None
    given = arguments(command, words[1:])
    return None if given is None else functools.partial(_COMMANDS[command], **given)


def arguments(command: str, words: Sequence[str]) -> dict[str, object] | None:
    """Read the options of a command; None where one is not plain."""
    given: dict[str, object] = {}
    left = iter(words)
    for word in left:
        name = word.removeprefix("--").replace("-", "_")
        if word in _FLAGS[command]:
            given[name.removeprefix("no_")] = not name.startswith("no_")
        elif word in _VALUES[command] and not (value := next(left, "-")).startswith("-"):
            kind = _VALUES[command][word]
            if kind is tuple:
                given[name] = (*given.get(name, ()), value)  # type: ignore[misc]
            elif kind is not int:
                given[name] = kind(value)
            elif value.isascii() and value.isdecimal() and len(value) <= _MOST_DIGITS:
                given[name] = int(value)
            else:
                return None
        else:
            return None
    return given
