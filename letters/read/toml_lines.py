"""Finds the line of a key in a TOML text, which the standard parser does not tell."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

_Path = tuple[str | int, ...]
_TABLE = re.compile(r"^\s*\[([^\[\]]+)\]\s*(#.*)?$")
_ARRAY_OF_TABLES = re.compile(r"^\s*\[\[([^\[\]]+)\]\]\s*(#.*)?$")
_KEY = re.compile(r"""^\s*([A-Za-z0-9_-]+|"[^"]*"|'[^']*')\s*=""")
_LONG_STRING = re.compile(r'"""|' + r"'''")


def key_lines(text: str) -> Mapping[_Path, int]:
    """Map the path of every table and key, such as ("signers", 0, "name"), to its line, from 1."""
    lines: dict[_Path, int] = {}
    table: _Path = ()
    tables_of_array: Counter[str] = Counter()
    inside_string = False
    for number, line in enumerate(text.split("\n"), start=1):
        if not inside_string:
            if match := _ARRAY_OF_TABLES.match(line):
                name = match[1].strip()
                table = (name, tables_of_array[name])
                tables_of_array[name] += 1
                lines[table] = number
            elif match := _TABLE.match(line):
                table = tuple(part.strip() for part in match[1].split("."))
                lines[table] = number
            elif match := _KEY.match(line):
                lines.setdefault((*table, match[1].strip("\"'")), number)
        inside_string ^= len(_LONG_STRING.findall(line)) % 2 == 1
    return lines


def line_of(path: Sequence[str | int], lines: Mapping[_Path, int]) -> int:
    """Tell the line of a key, or of the nearest table around it; 0 where nothing is known."""
    for length in range(len(path), 0, -1):
        part = tuple(path[:length])
        if found := lines.get(part) or lines.get((*part, 0)):
            return found
    return 0
