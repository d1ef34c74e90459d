"""Settles what campaign.toml leaves open: fills in [brackets], sets date, status, who writes and who signs.

Everything else in the file stays as it is, remarks too.
"""

from __future__ import annotations

import codecs
import datetime
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from letters.campaign.writers import NAMED, changed_elsewhere, take_logo, with_value
from letters.formats.files import write_whole
from letters.model.problems import CannotGoOn, Exit, did_you_mean
from letters.model.records import Status
from letters.read import placeholders
from letters.read.text import decode
from letters.read.toml import parse_toml

SETTINGS = ("date", "status", "subject", "delivery", "closing", "letter")
"""The keys that may be set by name."""
_STRING = re.compile(r'"(?:[^"\\\n]|\\.)*"')
_REMARK = re.compile(r"#.*")
_WINDOWS = b"\r\n"
"""How lines end in files of Windows; they stay so."""


def brackets(text: str) -> list[str]:
    """List the places of a campaign's text that are to be filled in, each once, in the order of the file."""
    return list(
        dict.fromkeys(f"[{words}]" for _, _, string in _strings(text) for _, words in placeholders.in_text(string))
    )


def settle(path: Path, said: Sequence[tuple[str, str]]) -> int:
    """Settle places of a campaign file, each with its value, all or none; return how many were changed.

    A place is a [bracket], which is filled in wherever it stands, a key such as date, or a value of a table, such as
    organizations.1.phone. The value of a logo is the path of a picture, which is copied into the campaign. Raises
    CannotGoOn where there is no such place, and where the value cannot stand there.
    """
    before = path.read_bytes()
    text, _ = decode(before, path.name)
    count = 0
    for what, value in said:
        new, changed = _settled(path, text, what, " ".join(value.split()))
        _check(text, new, what, path.name)
        text, count = new, count + changed
    content = text.encode()
    if _WINDOWS in before:
        content = content.replace(b"\n", _WINDOWS)
    write_whole(path, (codecs.BOM_UTF8 if before.startswith(codecs.BOM_UTF8) else b"") + content, private=False)
    return count


def _settled(path: Path, text: str, what: str, value: str) -> tuple[str, int]:
    if what in SETTINGS:
        return _with_setting(text, what, value), 1
    if not NAMED.fullmatch(what):
        return _filled(text, what, value)
    if what.endswith(".logo") and value:
        templates = str(parse_toml(text, path.name).table.get("templates", "templates"))
        value = take_logo(path, Path(value).expanduser(), templates).as_posix()
    new = with_value(text, what, value, path.name)
    before, after = parse_toml(text, path.name), parse_toml(new, path.name)
    if after.is_toml and changed_elsewhere(before.table, after.table):
        raise CannotGoOn(Exit.PROBLEMS, f'"{what}" cannot be changed here', "change it in an editor")
    return new, 1


def _filled(text: str, bracket: str, value: str) -> tuple[str, int]:
    known = brackets(text)
    if bracket not in known:
        raise CannotGoOn(Exit.WRONG_CALL, f'"{bracket}" is nowhere in the campaign', did_you_mean(bracket, known))
    if not value:
        raise CannotGoOn(Exit.WRONG_CALL, f'nothing was said for "{bracket}"', "write what stands in its place")
    pieces, end, count = [], 0, 0
    for start, stop, string in _strings(text):
        if bracket in string:
            count += string.count(bracket)
            pieces += [text[end:start], _quoted(string.replace(bracket, value))]
            end = stop
    return "".join([*pieces, text[end:]]), count


def _with_setting(text: str, key: str, value: str) -> str:
    """Return the text with a key of its first table set; the remark behind the value stays."""
    written = _quoted(value)
    if key == "date":
        try:
            written = datetime.date.fromisoformat(value).isoformat()
        except ValueError:
            raise CannotGoOn(Exit.WRONG_CALL, f'"{value}" is not a date', "write it as 2025-09-17") from None
    if key == "status" and value not in tuple(Status):
        raise CannotGoOn(Exit.WRONG_CALL, f'"{value}" is no status', "draft or final")
    first_table = re.search(r"^\s*\[", text, re.MULTILINE)
    head, rest = (text[: first_table.start()], text[first_table.start() :]) if first_table else (text, "")
    line = re.compile(rf"^(?P<key>{key}\s*=\s*)(?P<value>{_STRING.pattern}|[^\s#\"]+)", re.MULTILINE)
    if line.search(head):
        return line.sub(lambda match: match["key"] + written, head, count=1) + rest
    return f"{head.rstrip()}\n{key} = {written}\n\n{rest.lstrip()}"


def _strings(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield where each string of a TOML file begins and ends, and what it says; remarks hold none."""
    offset = 0
    while offset < len(text):
        if remark := _REMARK.match(text, offset):
            offset = remark.end()
        elif match := _STRING.match(text, offset):
            yield match.start(), match.end(), _meant(match[0])
            offset = match.end()
        else:
            offset += 1


def _meant(string: str) -> str:
    """Return what a string says; the escapes that TOML shares with JSON are the ones that people write."""
    try:
        return str(json.loads(string))
    except ValueError:
        return string[1:-1]


def _quoted(text: str) -> str:
    # A string of JSON is one of TOML, too, but for DEL.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _check(old: str, new: str, what: str, shown: str) -> None:
    """Raise CannotGoOn where the file would be no campaign any more, or more than that place would change."""
    before, after = parse_toml(old, shown), parse_toml(new, shown)
    if not before.is_toml:
        raise CannotGoOn(
            Exit.PROBLEMS, f'"{shown}" has a mistake', "correct it in an editor; letters check names the line"
        )
    kinds = {key: type(value) for key, value in before.table.items()}
    if kinds != {key: type(value) for key, value in after.table.items() if key in kinds}:
        raise CannotGoOn(Exit.PROBLEMS, f'"{what}" cannot be changed here', "change it in an editor")
