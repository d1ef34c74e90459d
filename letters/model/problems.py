"""Problems, which a person should fix, as values; and the errors that end a run, with their exit codes."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import NamedTuple

_SHOWN = 20
"""Names that a hint lists."""


class Exit(IntEnum):
    """The exit codes of every command; a contract with scripts that call us."""

    DONE = 0
    PROBLEMS = 1
    WRONG_CALL = 2
    MISSING_ON_MACHINE = 3
    CANNOT_WRITE = 4
    KEPT_EDITED = 5
    INTERRUPTED = 130


class Severity(IntEnum):
    """The severity of a problem: errors stop the letters they touch, warnings and notes stop nothing."""

    ERROR = 0
    WARNING = 1
    NOTE = 2


class Place(NamedTuple):
    """A place in a user's file; lines and columns count from 1, 0 means unknown."""

    path: str = ""
    line: int = 0
    column: int = 0
    field: str = ""
    """The name of a CSV column or a TOML key."""

    def __str__(self) -> str:
        numbers = [str(n) for n in (self.line, self.column if self.line else 0) if n]
        return ": ".join(filter(None, [":".join([self.path, *numbers]), self.field]))


class Problem(NamedTuple):
    """One thing that a person should fix: where it is, what it is, and how to fix it."""

    place: Place
    what: str
    hint: str = ""
    severity: Severity = Severity.ERROR
    recipient: str = ""
    """The id of the only recipient whose letter it stops; empty where it touches all."""

    def __str__(self) -> str:
        kind = "" if self.severity is Severity.ERROR else f"{self.severity.name.lower()}: "
        where = f"{self.place}: " if self.place.path else ""
        return f"{where}{kind}{self.what}" + (f"\n    hint: {self.hint}" if self.hint else "")

    @property
    def stops(self) -> bool:
        """Return whether it keeps a letter from being made."""
        return self.severity is Severity.ERROR


class CannotGoOn(Exception):
    """Ends the run with an exit code and a message that says what to do; never a bug of ours."""

    def __init__(self, code: Exit, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return self.message + (f"\n    hint: {self.hint}" if self.hint else "")

    def __reduce__(self) -> tuple[type, tuple[Exit, str, str]]:
        return type(self), (self.code, self.message, self.hint)


def warning(place: Place, what: str, hint: str = "") -> Problem:
    """Return a problem that stops nothing but should be looked at."""
    return Problem(place, what, hint, Severity.WARNING)


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """Return problems in the order of the files they are in, without repeats."""
    unique = dict.fromkeys(problems)
    return sorted(unique, key=lambda p: (p.place.path, p.place.line, p.place.column))


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return the hint for a misspelt word, or for an unknown one the list of what is known."""
    choices = sorted(known)
    if near := nearest(word, choices):
        return f"did you mean {near}?"
    more = f", and {len(choices) - _SHOWN:,} more" if len(choices) > _SHOWN else ""
    return f"known here: {', '.join(choices[:_SHOWN])}{more}" if choices else ""


def nearest(word: str, known: Iterable[str], likeness: float = 0.6) -> str:
    """Return the known word that a misspelt one is most like; empty where none is so much like it, 0 to 1."""
    import difflib  # hardly any campaign has a misspelt word

    return next(iter(difflib.get_close_matches(word, sorted(known), n=1, cutoff=likeness)), "")
