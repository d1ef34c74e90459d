"""Changes TOML files as people keep them: what a change leaves alone stays as it was, remarks and line ends too."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping, MutableMapping
from itertools import dropwhile
from typing import Any

import tomlkit
from tomlkit.container import Container
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT, Array, Comment, InlineTable, Item, Table, Whitespace

from letters.model.problems import CannotGoOn, Exit

Document = tomlkit.TOMLDocument
"""A TOML file as it is written: a table of its keys that knows its remarks."""
_LINE_END = re.compile(r"(?<!\r)\n")


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


def put_in_table(document: Document, name: str, key: str, value: Any) -> None:
    """Set a key of a table of a document, which is made where there is none."""
    if name not in document:
        document[name] = tomlkit.table()
    table = document[name]
    assert isinstance(table, MutableMapping)
    put(table, key, value)


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
