"""Settles what the texts of a campaign's letter leave open: fills in the [brackets] that stand in them.

Everything else in the texts stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from itertools import chain
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


def settle_everywhere(path: Path, said: Sequence[tuple[str, str]]) -> list[FilledFile]:
    """Settle places of a campaign, each with its value, and where they are [brackets], of the texts of its letter.

    Return the files that were changed. Raises CannotGoOn where there is no such place, and where a value cannot stand
    there; nothing is changed then.
    """
    said = [(what, " ".join(value.split())) for what, value in said]
    is_bracket = [not (what in SETTINGS or NAMED.fullmatch(what)) for what, _ in said]
    texts = texts_with_brackets(path) if any(is_bracket) else {}
    there = brackets(decode(path.read_bytes(), path.name)[0])
    own = [(what, value) for what, value in said if what not in texts or not value or what in there]
    filled = [FilledFile(path, settle(path, own, also_known=texts))] if own else []
    for text in dict.fromkeys(chain.from_iterable(texts.get(what, ()) for what, _ in said)):
        words = decode(text.read_bytes(), text.name)[0]
        if places := sum(len(_spans(words, what)) for what, _ in said):
            write_whole(text, rewritten(text, partial(_filled, said=said)), private=False)
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


def _filled(text: str, said: Sequence[tuple[str, str]]) -> str:
    """Return a text in Markdown with brackets filled in."""
    for bracket, value in said:
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
