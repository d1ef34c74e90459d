"""Settles what campaign.toml leaves open: fills in [brackets], sets date, status, who writes and who signs.

Everything else in the file stays as it is, remarks too.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from letters.campaign.writers import NAMED, set_value, take_logo
from letters.formats.files import write_whole
from letters.formats.toml_edit import Document, edited, put
from letters.model.problems import CannotGoOn, Exit, did_you_mean
from letters.model.records import Status
from letters.read import placeholders
from letters.read.text import rewritten
from letters.read.toml import parse_toml

SETTINGS = ("date", "status", "subject", "delivery", "closing", "letter")
"""The keys that may be set by name."""


def brackets(text: str) -> list[str]:
    """List the places of a campaign's text that are to be filled in, each once, in the order of the file."""
    strings = _strings(parse_toml(text, "campaign.toml").table)
    return list(dict.fromkeys(f"[{words}]" for string in strings for _, words in placeholders.in_text(string)))


def settle(path: Path, said: Sequence[tuple[str, str]], also_known: Iterable[str] = ()) -> int:
    """Settle places of a campaign file, each with its value, all or none; return how many were changed.

    A place is a [bracket], which is filled in wherever it stands, a key such as date, or a value of a table, such as
    organizations.1.phone. The value of a logo is the path of a picture, which is copied into the campaign.
    `also_known` are places elsewhere, which may have been meant. Raises CannotGoOn where there is no such place, and
    where the value cannot stand there.
    """
    count = 0

    def change(text: str) -> str:
        known = list(dict.fromkeys([*brackets(text), *also_known]))
        return edited(text, path.name, lambda document: settle_all(document, known))

    def settle_all(document: Document, known: Sequence[str]) -> None:
        nonlocal count
        for what, value in said:
            count += _settle(document, path, what, " ".join(value.split()), known)

    write_whole(path, rewritten(path, change), private=False)
    return count


def _settle(document: Document, path: Path, what: str, value: str, known: Sequence[str]) -> int:
    """Settle one place of a campaign; return how often it stood there."""
    if what in SETTINGS:
        put(document, what, _setting(what, value))
        return 1
    if NAMED.fullmatch(what):
        if what.endswith(".logo") and value:
            value = take_logo(path, Path(value).expanduser(), str(document.get("templates", "templates"))).as_posix()
        set_value(document, what, value)
        return 1
    if what not in known:
        hint = did_you_mean(what, known)
        raise CannotGoOn(Exit.WRONG_CALL, f'"{what}" is nowhere in the campaign and its letter', hint)
    if not value:
        raise CannotGoOn(Exit.WRONG_CALL, f'nothing was said for "{what}"', "write what stands in its place")
    return _fill_in(document, what, value)


def _setting(key: str, value: str) -> str | datetime.date:
    """Return the value of a key as it stands in the file; raises CannotGoOn where it cannot stand there."""
    if key == "status" and value not in tuple(Status):
        raise CannotGoOn(Exit.WRONG_CALL, f'"{value}" is no status', "draft or final")
    if key != "date":
        return value
    try:
        return datetime.date.fromisoformat(value)
    except ValueError:
        raise CannotGoOn(Exit.WRONG_CALL, f'"{value}" is not a date', "write it as 2025-09-17") from None


def _fill_in(container: Any, bracket: str, value: str) -> int:
    """Fill in a bracket in all strings of a table or a list, and of those inside; return how often it stood there."""
    count = 0
    for key, inside in list(container.items() if isinstance(container, dict) else enumerate(container)):
        if isinstance(inside, dict | list):
            count += _fill_in(inside, bracket, value)
        elif isinstance(inside, str) and bracket in inside:
            count += inside.count(bracket)
            filled = inside.replace(bracket, value)
            if isinstance(container, dict):
                put(container, key, filled)
            else:
                container[key] = filled
    return count


def _strings(value: object) -> Iterator[str]:
    """Yield every string of a value, in the order of the file."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inside in value.values() if isinstance(value, dict) else value:
            yield from _strings(inside)
