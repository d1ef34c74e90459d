"""Reads TOML files as records, every mistake a problem with its line, and changes them as people keep them."""

from __future__ import annotations

import datetime
import functools
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass, fields, is_dataclass
from itertools import dropwhile
from pathlib import Path
from typing import Any, TypeVar, get_args, get_type_hints

import tomlkit
from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails
from tomlkit.container import Container
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT, Array, Comment, InlineTable, Item, Table, Whitespace

from letters.model.problems import CannotGoOn, Exit, Place, Problem, did_you_mean, nearest
from letters.read.text import read_text

_Record = TypeVar("_Record")
KeyPath = tuple[str | int, ...]
"""The place of a key in a TOML file: names of tables and keys, numbers of list items from 0."""
_TABLE = re.compile(r"^\s*\[([^\[\]]+)\]\s*(#.*)?$")
_ARRAY_OF_TABLES = re.compile(r"^\s*\[\[([^\[\]]+)\]\]\s*(#.*)?$")
_KEY = re.compile(r"""^\s*([A-Za-z0-9_-]+|"[^"]*"|'[^']*')\s*=""")
# tomllib keeps every beginning of a key: one of 20,000 parts filled the memory.
_LONG_KEY = re.compile(r"(?:[\w\"'-]+[ \t]*\.[ \t]*){50}")
_DEEPEST = 10
# A table of 200,000 unknown keys was as many messages.
_MOST_TOLD = 100
"""Mistakes of one table that are listed."""
_LONG_STRING = re.compile(r'"""|' + r"'''")
_KINDS = (
    ("string", 'text: write it in quotes, "…"'),
    ("date", "a date: write it without quotes as year-month-day, 2025-09-17"),
    ("tuple", 'a list: write it in brackets, ["…", "…"]'),
    ("dataclass", 'a table of keys, such as {name = "…"}'),
    ("bool", "true or false"),
    ("path", "the name of a file"),
    ("dict", 'a table of keys and values: {First_Name = "…"}'),
    ("mapping", 'a table of keys and values: {First_Name = "…"}'),
)
"""Beginnings of pydantic's error types, and what is said for each."""
Document = tomlkit.TOMLDocument
"""A TOML file as it is written: a table of its keys that knows its remarks."""
# tomlkit ends the lines that it adds by a line feed, in files of Windows, too.
_LINE_END = re.compile(r"(?<!\r)\n")


@dataclass(frozen=True, slots=True)
class TomlFile:
    """A TOML file, read and parsed."""

    shown: str
    """Its name for messages."""
    text: str
    table: Mapping[str, Any]
    """Its content; empty where it is no TOML."""
    lines: Mapping[KeyPath, int]
    """The line of every table and key."""
    problems: tuple[Problem, ...] = ()
    """Mistakes of its encoding and its syntax."""
    is_toml: bool = True

    def place(self, *path: str | int, field: str = "") -> Place:
        """Return the place of a key, or of the nearest table around it."""
        return Place(self.shown, _line_of(path, self.lines), field=field)


def read_toml(path: Path, shown: str) -> TomlFile:
    """Read a TOML file; `shown` is its name for messages.

    Raises CannotGoOn when the file is missing, not readable or no text.
    """
    text, problems = read_text(path, shown)
    return parse_toml(text, shown, tuple(problems))


@functools.lru_cache(16)  # the desk reads the files of a campaign again for each key that somebody types
def parse_toml(text: str, shown: str, problems: tuple[Problem, ...] = ()) -> TomlFile:
    """Read the text of a TOML file; `problems` are those of its encoding."""
    try:
        if _LONG_KEY.search(text):
            raise RecursionError
        table = tomllib.loads(text)
        if _is_deep(table):
            raise RecursionError
        return TomlFile(shown, text, table, _key_lines(text), problems)
    except tomllib.TOMLDecodeError as error:
        syntax = _syntax_problem(str(error), text, shown)
        return TomlFile(shown, text, {}, {}, (*problems, syntax), is_toml=False)
    except (RecursionError, ValueError) as error:  # a number of thousands of digits is a ValueError
        what = "lists or tables are nested too deep" if isinstance(error, RecursionError) else "a number is too long"
        problem = Problem(Place(shown), f"it cannot be read: {what}", "nothing here needs that: write it plainly")
        return TomlFile(shown, text, {}, {}, (*problems, problem), is_toml=False)


def _is_deep(table: Mapping[str, Any]) -> bool:
    """Return whether tables or lists stand in one another deeper than any file of ours needs: a.b.c.d.… = 1."""
    level: list[Any] = [table]
    for _ in range(_DEEPEST):
        inside = (list(each.values()) if isinstance(each, dict) else each for each in level)
        level = [value for values in inside for value in values if isinstance(value, dict | list)]
    return bool(level)


def _syntax_problem(message: str, text: str, shown: str) -> Problem:
    found = re.search(r"^(.*) \(at line (\d+), column (\d+)\)$", message)
    # "at end of document" has no line: something is open to the end of the text.
    if not found:
        return Problem(Place(shown, text.count("\n") + 1), message, "is a quote or bracket left open?")
    line = int(found[2])
    hint = 'text stands in quotes: name = "…"; a date does not: date = 2025-09-17'
    written = text.splitlines()[line - 1].strip()
    if found[1].startswith(("Cannot overwrite", "Cannot declare")):
        hint = "it is there twice; remove one of them"
    elif any(mark in written for mark in "“”„‘’"):
        hint = 'quotation marks around a text are straight: "…"'
    # Backslashes of Windows begin escapes in TOML (1.0.0, String).
    elif "\\" in written:
        hint = r'in the name of a file write / for \: "lists/chiefs.csv"'
    return Problem(Place(shown, line, int(found[3])), f"{found[1]}: {written}", hint)


def validate(
    record: type[_Record], table: Mapping[str, Any], file: TomlFile, at: KeyPath = ()
) -> tuple[_Record | None, list[Problem]]:
    """Return the record of a table, or None and its problems; `at` is the path of the table in its file."""
    adapter: TypeAdapter[_Record] = _adapter(record)  # type: ignore[arg-type]
    try:
        return adapter.validate_python(table), []
    except ValidationError as error:
        details = _told_once(error.errors())
        problems = [_problem(record, detail, file, at) for detail in details[:_MOST_TOLD]]
        if len(details) > _MOST_TOLD:
            what = f"{len(details) - _MOST_TOLD:,} more keys or values are wrong"
            problems.append(Problem(file.place(*at), what, "is it the right file?"))
        return None, problems


@functools.cache
def _adapter(record: type) -> TypeAdapter[Any]:
    return TypeAdapter(record)


def _told_once(details: list[ErrorDetails]) -> list[ErrorDetails]:
    """Return the errors without a missing key where a misspelt one beside it says the same."""
    unknown = [detail["loc"] for detail in details if detail["type"] == "unexpected_keyword_argument"]

    def misspelt(detail: ErrorDetails) -> bool:
        *table, name = detail["loc"]
        beside = (loc for loc in unknown if list(loc[:-1]) == table)
        return detail["type"].startswith("missing") and any(nearest(str(loc[-1]), [str(name)]) for loc in beside)

    return [detail for detail in details if not misspelt(detail)]


def _problem(record: type, detail: ErrorDetails, file: TomlFile, at: KeyPath) -> Problem:
    path = (*at, *detail["loc"])
    key = ".".join(str(part + 1) if isinstance(part, int) else part for part in path)
    what, hint = _words(record, detail)
    return Problem(file.place(*path, field=key), what, hint)


def _words(record: type, detail: ErrorDetails) -> tuple[str, str]:
    path, kind = detail["loc"], detail["type"]
    name = str(path[-1])
    if kind == "unexpected_keyword_argument":
        owner = _record_at(record, path[:-1])
        return f'"{name}" is not a key of this table', did_you_mean(name, [f.name for f in fields(owner)])
    if kind in ("missing", "missing_argument"):
        is_table = _record_at(record, path) is not _record_at(record, path[:-1])
        return "missing", f"add a [[{name}]] table with a name" if is_table else f"add {name} = …"
    if kind == "enum":
        choices = re.findall(r"'([^']+)'", str(detail.get("ctx", {}).get("expected", "")))
        # The keys of a table such as pdf = {letter = "word"} are names of the user's own.
        kind_of_value = f"is not a {name}" if len(path) == 1 else f"is none for {path[0]}"
        return f'"{detail["input"]}" {kind_of_value}', did_you_mean(str(detail["input"]), choices)
    if kind.startswith("tuple") and isinstance(detail["input"], dict):
        return f"[{name}] is one table, and there may be several", f"write [[{name}]], with two brackets on each side"
    if words := next((words for beginning, words in _KINDS if kind.startswith(beginning)), ""):
        return f"{_shown(detail['input'])} is not {words}", ""
    return f"{_shown(detail['input'])}: {detail['msg'].lower()}", ""


def _record_at(record: type, path: KeyPath) -> type:
    """Return the type of the record that a path such as ("signers", 0) leads to."""
    for part in path:
        if isinstance(part, str):
            hint = get_type_hints(record)[part]
            record = next((arg for arg in (hint, *get_args(hint)) if is_dataclass(arg)), record)  # type: ignore[assignment]
    return record


def _shown(value: object) -> str:
    """Return a value as TOML has it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, int | float):
        return str(value)
    return f'"{value}"' if isinstance(value, str) else "a table" if isinstance(value, dict) else "a list"


def _key_lines(text: str) -> Mapping[KeyPath, int]:
    """Map the path of every table and key, such as ("signers", 0, "name"), to its line, from 1.

    tomllib does not report lines of keys.
    """
    lines: dict[KeyPath, int] = {}
    table: KeyPath = ()
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
        # A text of several lines, between three quotation marks, may hold lines that look like keys.
        inside_string ^= len(_LONG_STRING.findall(line)) % 2 == 1
    return lines


def _line_of(path: KeyPath, lines: Mapping[KeyPath, int]) -> int:
    """Return the line of a key, or of the nearest table around it; 0 where nothing is known."""
    for length in range(len(path), 0, -1):
        part = path[:length]
        if found := lines.get(part) or lines.get((*part, 0)):
            return found
    return 0


def edited(text: str, shown: str, change: Callable[[Document], None]) -> str:
    """Return the text of a TOML file after a change to its document; `shown` is its name for messages.

    Raises CannotGoOn where the text is no TOML, and where it is written in a way that the change would spoil.
    """
    try:
        document = tomlkit.parse(text)
    except (TOMLKitError, RecursionError):
        hint = "correct it in an editor; letters check names the line"
        raise CannotGoOn(Exit.PROBLEMS, f'"{shown}" has a mistake', hint) from None
    change(document)
    new = tomlkit.dumps(document)
    new = _LINE_END.sub("\r\n", new) if "\r\n" in text else new
    # Some ways to write tables are spoilt by tomlkit: what it made must be what was meant.
    try:
        is_meant = tomllib.loads(new) == document.unwrap()
    except tomllib.TOMLDecodeError:
        is_meant = False
    if not is_meant:
        raise CannotGoOn(Exit.PROBLEMS, f'"{shown}" cannot be changed here', "change it in an editor")
    return new


def put(table: MutableMapping[str, Any], key: str, value: Any) -> None:
    """Set a key of a table; the remark behind its value stays in its column."""
    items = table.value if isinstance(table, (Table, InlineTable)) else table
    if not isinstance(items, Container):  # a table in several parts
        table[key] = value
        return
    old = items.item(key) if key in items else None
    table[key] = value
    new = items.item(key)
    if isinstance(old, Item) and isinstance(new, Item) and new.trivia.comment:
        room = len(old.as_string()) + len(old.trivia.comment_ws)
        new.trivia.comment_ws = " " * max(1, room - len(new.as_string()))


def with_tables(text: str, shown: str, tables: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the text of a TOML file with other values of some keys, by table; every other character stays.

    A table is made where there is none. `shown` is the file's name for messages; raises CannotGoOn as `edited` does.
    """

    def change(document: Document) -> None:
        for name, values in tables.items():
            for key, value in values.items():
                table = document.setdefault(name, tomlkit.table())
                assert isinstance(table, MutableMapping)
                put(table, key, value)

    return edited(text, shown, change)


def value_of(written: str) -> Any:
    """Return a value as TOML writes it."""
    return tomlkit.value(written)


def add_table(document: Document, name: str, values: Mapping[str, str]) -> None:
    """Add a table behind the last [[name]], set apart by an empty line; or to the list of that name in brackets."""
    tables = document.setdefault(name, tomlkit.aot())
    if not isinstance(tables, AoT):
        tables.append(dict(values))
        return
    table = tomlkit.table()
    table.update(values)
    if tables and not isinstance(tables[-1].value.body[-1][1], Whitespace):
        tables[-1].add(tomlkit.nl())
    if list(document)[-1] != name:
        table.add(tomlkit.nl())
    tables.append(table)


def remove_table(document: Document, name: str, number: int) -> None:
    """Remove a [[name]], by its number from 0, with the remarks right behind its last key.

    What stands behind an empty line there, or holds another table, is no part of it, and goes to the table before it,
    or else to the one after it.
    """
    tables = document[name]
    assert isinstance(tables, (AoT, Array))
    if isinstance(tables, AoT) and len(tables) > 1:
        body = tables[number].value.body
        last = max(at for at, (key, _) in enumerate(body) if key is not None)
        behind = list(dropwhile(_is_remark, (item for _, item in body[last + 1 :])))
        for item in behind[isinstance(next(iter(behind), None), Whitespace) :]:
            if isinstance(item, Comment | Whitespace):
                tables[number - 1 if number else 1].add(item)
    del tables[number]


def _is_remark(item: Item) -> bool:
    """Return whether an item is a remark, and none that holds a table which is left out."""
    return isinstance(item, Comment) and not re.match(r"\s*#\s*\[\[", item.as_string())
