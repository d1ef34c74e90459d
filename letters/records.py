"""Makes records of plain data, such as TOML and JSON hold, where each value is exactly what its record wants.

Whoever reads what people write asks pydantic about everything else: it takes a tenth of a second to get ready.
"""

from __future__ import annotations

import base64
import datetime
import functools
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import EnumType
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

STRICT_KEYS = {"extra": "forbid", "str_strip_whitespace": True}
"""What a record of a settings file asks of pydantic, and of us: no unknown key, no white space around a text."""
_Record = TypeVar("_Record")
_PLAIN = (str, bool, int, float, datetime.date, NoneType)
"""Types whose values are taken as they are, if they are of just that type."""


class InexactError(Exception):
    """Tells that a value is not exactly what its record wants."""


def record_of(record: type[_Record], table: object) -> _Record:
    """Make a record of a table; raises InexactError where a value is missing, unknown, or of another type.

    So it does where a text has white space around it that the record does not want. A named tuple is made of the list
    of its values, as JSON has it.
    """
    hints, trimmed = _known(record)  # type: ignore[arg-type]
    if isinstance(table, list) and issubclass(record, tuple) and len(table) == len(hints):
        table = dict(zip(hints, table, strict=True))
    if not isinstance(table, dict) or not table.keys() <= hints.keys():
        raise InexactError
    values = {name: _value(hints[name], given, trimmed) for name, given in table.items()}
    try:
        return record(**values)
    except TypeError:
        raise InexactError from None


@functools.cache
def _known(record: type) -> tuple[Mapping[str, Any], bool]:
    """Tell the types of a record's values, and whether its texts are trimmed."""
    hints = get_type_hints(record)
    trimmed = bool(getattr(record, "__pydantic_config__", {}).get("str_strip_whitespace"))
    names = getattr(record, "_fields", None) or [field.name for field in fields(record)]
    return {name: hints[name] for name in names}, trimmed


def _value(hint: Any, given: object, trimmed: bool) -> object:
    if isinstance(given, str) and trimmed and given != given.strip():
        raise InexactError
    if type(given) is hint and hint in _PLAIN:
        return given
    if get_origin(hint) is UnionType:
        return _first(get_args(hint), given, trimmed)
    if is_dataclass(hint) or hasattr(hint, "_fields"):
        return record_of(hint, given)
    if isinstance(given, list) and get_origin(hint) is tuple:
        return tuple([_value(get_args(hint)[0], item, trimmed) for item in given])
    try:
        if hint is Path and isinstance(given, str):
            return Path(given)
        if hint is bytes and isinstance(given, str):
            return base64.b64decode(given, validate=True)
        if isinstance(hint, EnumType):
            return hint(given)
    except ValueError:
        raise InexactError from None
    raise InexactError


def _first(hints: tuple[Any, ...], given: object, trimmed: bool) -> object:
    """Make the first of several types that a value can be."""
    for hint in hints:
        try:
            return _value(hint, given, trimmed)
        except InexactError:
            continue
    raise InexactError
