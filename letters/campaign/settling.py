"""Settles what a campaign leaves open: fills in [brackets], sets the date, the status and other plain texts.

Everything else in the files stays as it is, remarks too: of campaign.toml only the words between two quotation marks
are changed, of the texts only the brackets.
"""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from letters.campaign.load import read_sources
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
_FRONT_MATTER = re.compile(r"---[ \t]*\n.*?\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_BRACKETS = re.compile(r"\[[^\]]*\]")
_MARKDOWN = re.compile(r"[\\`*_\[\]<>^~$|@{}#]")
"""What would be markup in a text, and is meant as it stands."""


def brackets(text: str) -> list[str]:
    """List the places of a campaign's text that are to be filled in, each once, in the order of the file."""
    return list(
        dict.fromkeys(f"[{words}]" for _, _, string in _strings(text) for _, words in placeholders.in_text(string))
    )


class FilledFile(NamedTuple):
    """A file in which places were filled in or set."""

    path: Path
    places: int


def texts_with_brackets(path: Path) -> dict[str, list[Path]]:
    """Map the [brackets] of a campaign's letter, and of its enclosures, to the texts in which they stand.

    Other letters of the campaign may mean somebody else by the same words, and are left alone.
    """
    found: dict[str, list[Path]] = {}
    for source in read_sources(path):
        for offset, words in placeholders.in_text(placeholders.without_tags(source.text)):
            text = path.parent / source.place(offset).path
            if text.suffix == ".md" and text not in (texts := found.setdefault(f"[{words}]", [])):
                texts.append(text)
    return found


def settle(path: Path, what: str, value: str, texts: Mapping[str, Sequence[Path]] | None = None) -> list[FilledFile]:
    """Fill in a [bracket] of a campaign wherever it stands, and of texts that have it, or set a key of the campaign.

    Return the files that were changed. Raises CannotGoOn where there is no such place, and where the value cannot
    stand there; nothing is changed then.
    """
    text, _ = decode(path.read_bytes(), path.name)
    value = " ".join(value.split())
    written = []
    if what in SETTINGS:
        new, count = _with_setting(text, what, value), 1
    else:
        known, texts = brackets(text), texts or {}
        if what not in known and what not in texts:
            hint = did_you_mean(what, [*known, *texts])
            raise CannotGoOn(Exit.WRONG_CALL, f'"{what}" is nowhere in the campaign and its letter', hint)
        if not value:
            raise CannotGoOn(Exit.WRONG_CALL, f'nothing was said for "{what}"', "write what stands in its place")
        new, count = _filled(text, what, value)
        for each in texts.get(what, ()):
            words, places = _filled_text(decode(each.read_bytes(), each.name)[0], what, value)
            written += [(each, words, places)] if places else []
    _check(text, new, what, path.name)
    if count:
        written.insert(0, (path, new, count))
    for each, words, _ in written:
        write_whole(each, words.encode(), private=False)
    return [FilledFile(each, places) for each, _, places in written]


def _body(text: str) -> str:
    """Return a text with spaces for its tags and its front matter, in which a value would need other escapes."""
    front = _FRONT_MATTER.match(text)
    blank = re.sub(r"[^\n]", " ", front[0]) if front else ""
    return placeholders.without_tags(blank + text[len(blank) :])


def _filled_text(text: str, bracket: str, value: str) -> tuple[str, int]:
    """Return a text in Markdown with a bracket filled in, and in how many places."""
    spans = [
        (offset, match.end())
        for offset, words in placeholders.in_text(_body(text))
        if f"[{words}]" == bracket and (match := _BRACKETS.match(text, offset))
    ]
    written = _MARKDOWN.sub(r"\\\g<0>", value)
    for start, end in reversed(spans):
        text = text[:start] + written + text[end:]
    return text, len(spans)


def _filled(text: str, bracket: str, value: str) -> tuple[str, int]:
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
