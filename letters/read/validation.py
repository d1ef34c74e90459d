"""Reads TOML into records by pydantic; every mistake becomes a problem with its line and a way to fix it."""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any, TypeVar, get_args, get_type_hints

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from letters.model.problems import Place, Problem, did_you_mean, nearest
from letters.read.toml_lines import key_lines, line_of

_Record = TypeVar("_Record")
_KINDS = (
    ("string", 'text: write it in quotes, "…"'),
    ("date", "a date: write it without quotes as year-month-day, 2025-09-17"),
    ("tuple", 'a list: write it in brackets, ["…", "…"]'),
    ("dataclass", 'a table of keys, such as {name = "…"}'),
    ("bool", "true or false"),
    ("path", "the name of a file"),
)
"""How pydantic's error types begin, and what we say instead."""


def load_toml(text: str, shown: str) -> tuple[dict[str, Any], list[Problem]]:
    """Parse a TOML text; `shown` is the file's name for messages."""
    try:
        return tomllib.loads(text), []
    except tomllib.TOMLDecodeError as error:
        return {}, [_syntax_problem(str(error), text, shown)]


def _syntax_problem(message: str, text: str, shown: str) -> Problem:
    found = re.search(r"^(.*) \(at line (\d+), column (\d+)\)$", message)
    if not found:
        return Problem(Place(shown, text.count("\n") + 1), message, "is a quote or bracket left open?")
    line = int(found[2])
    hint = 'text stands in quotes: name = "…"; a date does not: date = 2025-09-17'
    if found[1].startswith(("Cannot overwrite", "Cannot declare")):
        hint = "it is there twice; remove one of them"
    return Problem(Place(shown, line, int(found[3])), f"{found[1]}: {text.splitlines()[line - 1].strip()}", hint)


def validate(
    record: type[_Record], table: Mapping[str, Any], text: str, shown: str, at: tuple[str | int, ...] = ()
) -> tuple[_Record | None, list[Problem]]:
    """Return the record of a table, or None and its problems; `at` is the path of the table in the text."""
    adapter: TypeAdapter[_Record] = _adapter(record)  # type: ignore[arg-type]
    try:
        return adapter.validate_python(table), []
    except ValidationError as error:
        lines = key_lines(text)
        return None, [_problem(record, detail, lines, shown, at) for detail in _told_once(error.errors())]


@functools.cache
def _adapter(record: type) -> TypeAdapter[Any]:
    return TypeAdapter(record)


def _told_once(details: list[ErrorDetails]) -> list[ErrorDetails]:
    """Leave out a missing key where a misspelt one is told, too."""
    unknown = [detail["loc"] for detail in details if detail["type"] == "unexpected_keyword_argument"]

    def misspelt(detail: ErrorDetails) -> bool:
        *table, name = detail["loc"]
        beside = (loc for loc in unknown if list(loc[:-1]) == table)
        return detail["type"].startswith("missing") and any(nearest(str(loc[-1]), [str(name)]) for loc in beside)

    return [detail for detail in details if not misspelt(detail)]


def _problem(
    record: type,
    detail: ErrorDetails,
    lines: Mapping[tuple[str | int, ...], int],
    shown: str,
    at: tuple[str | int, ...],
) -> Problem:
    path = (*at, *detail["loc"])
    key = ".".join(str(part + 1) if isinstance(part, int) else part for part in path)
    what, hint = _words(record, detail)
    return Problem(Place(shown, line_of(path, lines), field=key), what, hint)


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
        return f'"{detail["input"]}" is not a {name}', did_you_mean(str(detail["input"]), choices)
    if words := next((words for beginning, words in _KINDS if kind.startswith(beginning)), ""):
        return f"{_shown(detail['input'])} is not {words}", ""
    return f"{_shown(detail['input'])}: {detail['msg'].lower()}", ""


def _record_at(record: type, path: tuple[str | int, ...]) -> type:
    """Find the record that a path such as ("signers", 0) leads to."""
    for part in path:
        if isinstance(part, str):
            hint = get_type_hints(record)[part]
            record = next((arg for arg in (hint, *get_args(hint)) if is_dataclass(arg)), record)  # type: ignore[assignment]
    return record


def _shown(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else repr(value)
