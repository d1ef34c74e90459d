"""Problems, which a person should fix, as values and in groups; and the errors that end a run, with exit codes."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from enum import IntEnum
from typing import NamedTuple

# "Known here" once listed the ids of a whole list for one misspelt word.
_NAMES_IN_HINT = 20
"""Names that a hint lists."""
# Forty rows with one fault were forty messages; two are read as they stand.
_FEWEST = 3
"""Problems of one cause that are worth a message of their own."""
_ALL_LINES = 20
"""Rows that are listed one by one; more are listed as ranges."""
_RANGES = 12
_IDS = 5
_NAMES = 12
"""Entries of a file, or values, that are listed by name."""
_PLACES = 4
# Merging says where the letter asks: an empty cell that it asks for in three places was three messages.
_WHERE = re.compile(r" \((?P<place>[^()\s]+:\d+)\)")
"""The place in a letter that asks for a value."""
# What messages of one cause differ by: quoted values, counts and dates, the code points of characters.
_VALUE = re.compile(r'"[^"]*"|\d[\d,.]*|U\+[0-9A-F]+')


class Exit(IntEnum):
    """The exit codes of every command; a contract with scripts that call us."""

    DONE = 0
    PROBLEMS = 1
    WRONG_CALL = 2
    MISSING_ON_MACHINE = 3
    CANNOT_WRITE = 4
    KEPT_EDITED = 5
    # As shells report a program that Ctrl+C ended: 128 and the number of the signal, SIGINT.
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
        # path:line:column is where editors and terminals jump to.
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

    # An exception is pickled by its args, which hold the message alone: workers send all three to the parent.
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
    more = f", and {len(choices) - _NAMES_IN_HINT:,} more" if len(choices) > _NAMES_IN_HINT else ""
    return f"known here: {', '.join(choices[:_NAMES_IN_HINT])}{more}" if choices else ""


def nearest(word: str, known: Iterable[str], likeness: float = 0.6) -> str:
    """Return the known word that a misspelt one is most like; empty where none is so much like it, 0 to 1.

    One alone that has all of its parts is meant: "kent-sheriff" is like "lake-county-sheriff" by its letters, and means
    "kent-county-sheriff".
    """
    import difflib  # hardly any campaign has a misspelt word

    choices, parts = sorted(known), _parts(word)
    fuller = [each for each in choices if parts and parts <= _parts(each)]
    if len(fuller) == 1:
        return fuller[0]
    return next(iter(difflib.get_close_matches(word, choices, n=1, cutoff=likeness)), "")


def _parts(name: str) -> set[str]:
    return set(filter(None, re.split(r"[\W_]+", name.casefold())))


def grouped(problems: Iterable[Problem]) -> list[Problem]:
    """Return problems in their order, those with one cause as one, where the first of them was.

    Problems of several recipients have one cause when they say the same of the same column, or of the same place in a
    letter, but for the values that they quote; so have other problems of several places of a file, and those of named
    entries of a file when one hint is for all of them.
    """
    groups: defaultdict[tuple[object, ...], list[Problem]] = defaultdict(list)
    for number, problem in enumerate(problems):
        if problem.recipient:
            cause = _cause(problem)
        elif problem.place.field and problem.hint:
            cause = problem.place.path, problem.severity, problem.hint
        else:  # without a line there is only one place, and the number keeps it apart
            cause = (*_cause(problem), problem.hint, not problem.place.line and number)
        groups[cause].append(problem)
    return [each for group in groups.values() for each in (group if len(group) < _FEWEST else [_one_message(group)])]


def _one_message(group: Sequence[Problem]) -> Problem:
    if group[0].recipient:
        return _joined(group)
    first = group[0]
    if len({problem.what for problem in group}) == 1:
        return _repeated(group)
    others = dict.fromkeys(name for problem in group[1:] if (name := _named(problem)) != _named(first))
    more = f" and {len(others) - _NAMES:,} more" if len(others) > _NAMES else ""
    if not others:  # one field, in several lines
        lines = list_lines(sorted({problem.place.line for problem in group[1:]}))
        return first._replace(what=f"{first.what}; and {len(group) - 1:,} more like it in lines {lines}")
    return first._replace(
        what=f"{first.what}; and {len(group) - 1:,} more like it: {', '.join(list(others)[:_NAMES])}{more}"
    )


def _named(problem: Problem) -> str:
    """Return what tells a problem of a file from others of its cause: the entry, or the values and the line."""
    if problem.place.field:
        return problem.place.field
    return f"{', '.join(_VALUE.findall(problem.what))} (line {problem.place.line})"


def _repeated(group: Sequence[Problem]) -> Problem:
    """Return the first of several like problems of a file, with the other lines or paragraphs in which it is met."""
    first = group[0]
    further = sorted({problem.place.line for problem in group} - {first.place.line})
    if not further:
        return first._replace(what=f"{first.what} ({len(group)} times)")
    unit = "paragraph" if first.place.path.endswith(".docx") else "line"
    return first._replace(what=f"{first.what}; also in {unit}{'s' * (len(further) > 1)} {list_lines(further)}")


def _cause(problem: Problem) -> tuple[object, ...]:
    place = problem.place
    return place.path, place.field, problem.severity, _masked(problem.what, problem), _masked(problem.hint, problem)


def _masked(text: str, problem: Problem) -> str:
    """Return a text without what belongs to this recipient alone."""
    text = _WHERE.sub("", text)
    return _VALUE.sub("…", text.replace(problem.recipient, "…") if problem.recipient else text)


def _joined(group: Sequence[Problem]) -> Problem:
    first, lines = group[0], sorted({problem.place.line for problem in group})
    # A problem of a row points to the list, one of a letter's tag to the letter, where all have one place.
    if len(lines) > 1:
        count = len(lines)
        place, where = first.place._replace(line=0, column=0), f"in {count:,} rows (lines {list_lines(lines)}): "
    else:
        place, where, ids = first.place, "", list(dict.fromkeys(problem.recipient for problem in group))
        count = len(ids)
        more = f" and {count - _IDS:,} more" if count > _IDS else ""
        where = f"for {count:,} recipients ({', '.join(ids[:_IDS])}{more}): " if count > 1 else ""
    whats = list(dict.fromkeys(problem.what for problem in group))
    # A cell that is empty is met wherever the letter asks for it.
    asked = list(dict.fromkeys(found["place"] for what in whats if (found := _WHERE.search(what))))
    if len(asked) > 1:
        whats = list(dict.fromkeys(_WHERE.sub("", what) for what in whats))
    what = whats[0] if len(whats) == 1 else f"{whats[0]}; and {max(count, len(whats)) - 1:,} more like it"
    if len(asked) > 1:
        more = f" and {len(asked) - _PLACES:,} more places" if len(asked) > _PLACES else ""
        what += f" ({', '.join(asked[:_PLACES])}{more})"
    return first._replace(place=place, what=where + what)


def many(count: int, noun: str, nouns: str = "") -> str:
    """Return a number with its noun, such as "1 sheet" or "1,200 copies"."""
    return f"{count:,} {noun if count == 1 else nouns or noun + 's'}"


def shortened(words: str, most: int = 60) -> str:
    """Return words on one line, of so many characters at the most, for a message."""
    said = " ".join(words.split())
    return said if len(said) <= most else f"{said[: most - 1]}…"


def list_lines(lines: Sequence[int]) -> str:
    """Return the numbers of lines as a person writes them: "2, 3, 7", or for many "2–41, 50 and 12 more ranges"."""
    if len(lines) <= _ALL_LINES:
        return ", ".join(map(str, lines))
    ranges: list[list[int]] = []
    for line in lines:
        if ranges and ranges[-1][-1] == line - 1:
            ranges[-1][1:] = [line]
        else:
            ranges.append([line])
    shown = ", ".join("–".join(map(str, each)) for each in ranges[:_RANGES])
    return shown + (f" and {len(ranges) - _RANGES} more places" if len(ranges) > _RANGES else "")
