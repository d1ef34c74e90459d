"""Jinja tags as they stand in a text: where they end, the tokens that stand for them, which of them stand apart."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

STATEMENTS = ("if", "elif", "else", "endif", "for", "endfor")
CLOSERS = {"{{": "}}", "{%": "%}", "{#": "#}"}
OPENER = re.compile(r"\{[{%#]")
SPECIAL = re.compile(r"(\{[{%]|\{#(?=p|tr|tc))(p|tr|tc|r)\s")
"""Begins a tag of docxtpl that stands for a whole paragraph, row, cell or run of a Word file."""
_QUOTED = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'", re.DOTALL)

_FIRST, _LAST, _DIGITS = "\ue000", "\ue001", "\ue010"
TOKEN = re.compile(f"{_FIRST}([\ue010-\ue019]+){_LAST}")
"""A token is a number in characters of the Private Use Area: no letter, no mark-up, no white space."""
PRIVATE = re.compile("[\ue000-\ue01f]")
_MARKER = r"[-*+] |\(?(?:\d{1,9}|[a-zA-Z]|[ivxlcdm]{2,6}|[IVXLCDM]{2,6}|#)[.)] "
_PROSE = re.compile(rf"(?!\s*(?:$|{_MARKER}|:::|#|\||\[\^[^\]]+\]:))")
"""A line of a paragraph: not blank, no list item, fence, heading, table row or beginning of a note."""


def without_reach(text: str) -> str:
    """Write the tags of docxtpl that stand for a whole paragraph, row, cell or run as Jinja knows them."""
    return SPECIAL.sub(r"\1 ", text)


def token(number: int) -> str:
    """Write the token that stands for tag `number`."""
    return _FIRST + private_digits(number) + _LAST


def private_digits(number: int) -> str:
    """Write a number in characters of the Private Use Area."""
    return "".join(chr(ord(_DIGITS) + int(digit)) for digit in str(number))


def token_number(match: re.Match[str]) -> int:
    """Read the number of a matched token, or of anything whose first group is a number in private characters."""
    return int("".join(str(ord(character) - ord(_DIGITS)) for character in match[1]))


def end_of_tag(text: str, opener: re.Match[str]) -> int | None:
    """Find where a tag ends, which is not inside a quoted text nor behind the next opener."""
    closer = CLOSERS[opener[0]]
    if opener[0] == "{#":
        found = text.find(closer, opener.end())
        return found + 2 if found >= 0 else None
    position = opener.end()
    while position < len(text):
        if quoted := _QUOTED.match(text, position):
            position = quoted.end()
        elif text.startswith(closer, position):
            return position + 2
        elif OPENER.match(text, position) or text.startswith("\n\n", position):
            return None
        else:
            position += 1
    return None


def lines_apart(lines: Sequence[str], kinds: Mapping[int, str]) -> set[int]:
    """Find the lines of statements that are not part of a paragraph, given the kind of each token's tag.

    A condition stands inside a paragraph where there is prose directly above and below its first or its last line.
    """
    alone = {number: found for number, line in enumerate(lines) if (found := _statements_alone(line, kinds))}
    inside = _inside_paragraphs(lines, alone, kinds)
    return {number for number, found in alone.items() if not inside.intersection(found)}


def _statements_alone(line: str, kinds: Mapping[int, str]) -> list[int]:
    found = [token_number(match) for match in TOKEN.finditer(line)]
    only = bool(found) and not TOKEN.sub("", line).strip()
    return found if only and all(kinds.get(n) in STATEMENTS for n in found) else []


def _inside_paragraphs(lines: Sequence[str], alone: Mapping[int, Sequence[int]], kinds: Mapping[int, str]) -> set[int]:
    """Find the statements whose condition is part of a paragraph, by the number of their token."""

    def prose(number: int) -> bool:
        return 0 <= number < len(lines) and number not in alone and bool(_PROSE.match(lines[number]))

    line_of = {n: number for number, found in alone.items() for n in found}
    inside: set[int] = set()
    open_groups: list[list[int]] = []
    for n, kind in kinds.items():
        if kind in ("if", "for"):
            open_groups.append([])
        if kind in STATEMENTS and open_groups:
            open_groups[-1].append(n)
        if kind in ("endif", "endfor") and open_groups:
            group = open_groups.pop()
            edges = [line_of[m] for m in (group[0], group[-1]) if m in line_of]
            if any(prose(edge - 1) and prose(edge + 1) for edge in edges):
                inside.update(group)
    return inside
