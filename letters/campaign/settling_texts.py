"""Settles what the texts of a campaign's letter leave open: fills in the [brackets] that stand in them.

Everything else in the texts stays as it is.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from letters.campaign.load import read_sources
from letters.campaign.settling import SETTINGS, brackets, settle
from letters.campaign.writers import NAMED
from letters.formats.files import write_whole
from letters.read import placeholders
from letters.read.text import decode, rewritten

_FRONT_MATTER = re.compile(r"---[ \t]*\r?\n.*?\n(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_BRACKETS = re.compile(r"\[[^\]]*\]")
_MARKDOWN = re.compile(r"[\\`*_\[\]<>^~$|@{}#]")
"""What would be markup in a text, and is meant as it stands."""


class FilledFile(NamedTuple):
    """A file in which places were filled in or set."""

    path: Path
    places: int


def settle_everywhere(path: Path, what: str, value: str) -> list[FilledFile]:
    """Settle a place of a campaign file, and where it is a [bracket], of the texts of its letter; return the files.

    Raises CannotGoOn where there is no such place, and where the value cannot stand there; nothing is changed then.
    """
    texts = {} if what in SETTINGS or NAMED.fullmatch(what) else texts_with_brackets(path)
    value = " ".join(value.split())
    filled = []
    if what not in texts or not value or what in brackets(decode(path.read_bytes(), path.name)[0]):
        filled.append(FilledFile(path, settle(path, [(what, value)], also_known=texts)))
    for text in texts.get(what, ()):
        places = len(_spans(decode(text.read_bytes(), text.name)[0], what))
        if places:
            write_whole(text, rewritten(text, lambda words: _filled(words, what, value)), private=False)
            filled.append(FilledFile(text, places))
    return filled


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


def _body(text: str) -> str:
    """Return a text with spaces for its tags and its front matter, in which a value would need other escapes."""
    front = _FRONT_MATTER.match(text)
    blank = re.sub(r"[^\n]", " ", front[0]) if front else ""
    return placeholders.without_tags(blank + text[len(blank) :])


def _filled(text: str, bracket: str, value: str) -> str:
    """Return a text in Markdown with a bracket filled in."""
    written = _MARKDOWN.sub(r"\\\g<0>", value)
    for start, end in reversed(_spans(text, bracket)):
        text = text[:start] + written + text[end:]
    return text


def _spans(text: str, bracket: str) -> list[tuple[int, int]]:
    """Return where a bracket stands in a text, from where to where."""
    return [
        (offset, match.end())
        for offset, words in placeholders.in_text(_body(text))
        if f"[{words}]" == bracket and (match := _BRACKETS.match(text, offset))
    ]
