"""Writes who writes and who signs into the text of campaign.toml; every other line of it stays, remarks too."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from letters.campaign.init import organization_table, quoted, signer_table
from letters.formats.files import cannot_write
from letters.formats.pictures import SUFFIXES, UnusablePicture, check_picture
from letters.model.problems import CannotGoOn, Exit, did_you_mean
from letters.model.records import Organization, Signer
from letters.read.toml import TomlFile, parse_toml

NAMED = re.compile(r"(?P<table>organizations|signers)\.(?P<number>[1-9]\d?)\.(?P<key>\w+)")
"""How a value of a table is named: organizations.1.phone."""
_KEYS = {
    "organizations": ("name", "address", "phone", "email", "web", "logo"),
    "signers": ("name", "title", "organization"),
}
_WRITE: Mapping[str, Callable[[str], str]] = {
    "organizations": lambda name: organization_table(Organization(name=name)),
    "signers": lambda name: signer_table(Signer(name=name)),
}
_STRING = r"(?:\"(?:[^\"\\\n]|\\.)*\"|'[^'\n]*')"
_VALUE = re.compile(rf"(?P<value>{_STRING}|\[(?:[\s,]|#[^\n]*\n|{_STRING})*\])[^\S\n]*(?:#[^\n]*)?(?:\n|$)")
_REMARKS = re.compile(r"(?:[^\S\n]*#(?!\s*\[\[)[^\n]*(?:\n|$))*")
"""Lines of remarks, but for those that hold a table which is left out."""
_UNSAFE = re.compile(r"[^\w.()+-]+")


def with_value(text: str, what: str, value: str, shown: str) -> str:
    """Return the text of a campaign with a value of one of its tables set, such as organizations.1.phone.

    Lines of an address are set apart by semicolons. The number after the last one begins a table, by its name; an empty
    name takes a table away, another empty value its key. Who signs for an organization goes on to do so under its new
    name. Raises CannotGoOn where there is no such place, or it is written in a way that only an editor can change.
    """
    named = NAMED.fullmatch(what)
    assert named
    table, number, key = named["table"], int(named["number"]) - 1, named["key"]
    if key not in _KEYS[table]:
        raise CannotGoOn(Exit.WRONG_CALL, f'"{key}" is not a key of {table}', did_you_mean(key, _KEYS[table]))
    file = parse_toml(text, shown)
    there = file.table.get(table, [])
    if not isinstance(there, list) or number > len(there) or (number == len(there) and (key != "name" or not value)):
        hint = f"they are numbered from 1 to {len(there)}; the next one begins with its name"
        raise CannotGoOn(Exit.WRONG_CALL, f'there is no "{what}"', hint)
    if number == len(there):
        new = _with_table(text, file, table, value)
    elif key == "name" and not value and len(there) == 1:
        raise CannotGoOn(Exit.WRONG_CALL, f"{table}: at least one has to stay", "give it another name")
    elif key == "name" and not value:
        new = _without_table(text, file, table, number)
    else:
        new = _with_key(text, file, (table, number), key, _written(key, value))
        if table == "organizations" and key == "name":
            new = _renamed(new, str(there[number].get("name", "")), value, shown)
    return new


def _written(key: str, value: str) -> str:
    """Return a value as TOML; empty for none."""
    if key != "address":
        return quoted(value) if value else ""
    lines = [line.strip() for line in value.split(";") if line.strip()]
    return f"[{', '.join(map(quoted, lines))}]" if lines else ""


def _with_table(text: str, file: TomlFile, table: str, name: str) -> str:
    """Return the text with another table behind the last one of its kind."""
    new = _WRITE[table](name)
    count = len(file.table.get(table, []))
    if not count:
        return f"{text.rstrip()}\n{new}"
    end = _end(text, file, (table, count - 1))
    tail = _REMARKS.match(text, end)  # those behind its last key belong to the table before
    at = tail.end() if tail else end
    return text[:at] + ("" if text[:at].endswith("\n") else "\n") + new + text[at:]


def _without_table(text: str, file: TomlFile, table: str, number: int) -> str:
    """Return the text without a table, and without the remarks and the empty line right behind its last key."""
    start = _start(text, file.lines[table, number])
    end = _end(text, file, (table, number))
    tail = re.compile(rf"{_REMARKS.pattern}(?:[^\S\n]*\n)?").match(text, end)
    return text[:start] + text[tail.end() if tail else end :]


def _with_key(text: str, file: TomlFile, at: tuple[str, int], key: str, written: str) -> str:
    """Return the text with one key of a table set, or without it; the remark behind the value stays."""
    if (*at, key) in file.lines:
        start = _start(text, file.lines[*at, key])
        found = _value_at(text, start, file.shown)
        if written:
            return text[: found.start("value")] + written + text[found.end("value") :]
        return text[:start] + text[found.end() :]
    if not written:
        return text
    before = [each for each in _KEYS[at[0]][: _KEYS[at[0]].index(key)] if (*at, each) in file.lines]
    end = _value_at(text, _start(text, file.lines[*at, before[-1]]), file.shown).end() if before else None
    where = end if end is not None else _start(text, file.lines[at] + 1)
    return text[:where] + ("" if text[:where].endswith("\n") else "\n") + f"{key} = {written}\n" + text[where:]


def _value_at(text: str, start: int, shown: str) -> re.Match[str]:
    """Return the value of the key on a line, to the end of the line; raises CannotGoOn for one of another kind."""
    equals = text.index("=", start) + 1
    found = _VALUE.match(text, equals + len(text[equals:]) - len(text[equals:].lstrip(" \t")))
    if not found:
        line = text.count("\n", 0, start) + 1
        raise CannotGoOn(Exit.PROBLEMS, f"{shown}:{line}: this value cannot be changed here", "change it in an editor")
    return found


def _end(text: str, file: TomlFile, at: tuple[str, int]) -> int:
    """Return where the last key of a table ends."""
    last = max(line for path, line in file.lines.items() if path[:2] == at)
    return _value_at(text, _start(text, last), file.shown).end() if last != file.lines[at] else _start(text, last + 1)


def _start(text: str, line: int) -> int:
    """Return where a line begins, counted from 1."""
    return len("".join(text.splitlines(keepends=True)[: line - 1]))


def _renamed(text: str, old: str, new: str, shown: str) -> str:
    """Return the text with an organization's new name wherever somebody signs or approves for it."""
    file = parse_toml(text, shown)
    for number, signer in enumerate(file.table.get("signers", [])):
        if old and isinstance(signer, dict) and signer.get("organization") == old:
            text = _with_key(text, parse_toml(text, shown), ("signers", number), "organization", quoted(new))
    if old in file.table.get("approvals", []):
        start = _start(text, parse_toml(text, shown).lines["approvals",])
        found = _value_at(text, start, shown)
        names = re.sub(_STRING, lambda each: quoted(new) if _meant(each[0]) == old else each[0], found["value"])
        text = text[: found.start("value")] + names + text[found.end("value") :]
    return text


def _meant(string: str) -> str:
    return str(json.loads(string)) if string.startswith('"') else string[1:-1]


def changed_elsewhere(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Return whether two campaigns differ in anything but who writes, who signs and who approves."""
    own = (*_KEYS, "approvals")
    return {k: v for k, v in before.items() if k not in own} != {k: v for k, v in after.items() if k not in own}


def take_logo(campaign: Path, logo: Path, templates: str) -> Path:
    """Copy a picture into the templates of a campaign, unless it lies in its folder; return its name from there.

    Raises CannotGoOn for what is no picture, or one that a letterhead cannot show.
    """
    try:
        if logo.suffix.lower() not in SUFFIXES:
            raise UnusablePicture("it is neither SVG, PNG nor JPEG", "save it as .png, .jpg or .svg")
        check_picture(logo)
        content = logo.read_bytes()
    except UnusablePicture as error:
        raise CannotGoOn(Exit.PROBLEMS, f'"{logo.name}" cannot be placed: {error.what}', error.hint) from None
    except OSError as error:
        raise CannotGoOn(Exit.PROBLEMS, f'"{logo}" cannot be read: {error.strerror}') from None
    folder = campaign.parent.resolve()
    if logo.resolve().is_relative_to(folder):
        return logo.resolve().relative_to(folder)
    name = _UNSAFE.sub("-", logo.stem).strip("-.") or "logo"
    for number in range(1, 1000):
        there = Path(templates, f"{name}{f'-{number}' if number > 1 else ''}{logo.suffix.lower()}")
        if not (folder / there).exists():
            try:
                shutil.copyfile(logo, folder / there)
            except OSError as error:
                raise cannot_write(folder / there, error) from None
            return there
        if (folder / there).read_bytes() == content:
            return there
    raise CannotGoOn(Exit.CANNOT_WRITE, f'too many files are called "{logo.name}"', "give it another name")
