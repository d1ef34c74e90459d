"""Keeps compiled letters on disk, each under the hash of all that it was compiled from.

What is kept is data, checked as it is read; a file that cannot be read, written or understood is as good as none. The
folder may be deleted at any time.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from letters import __version__, pandoc
from letters.compile.scope import Vocabulary, statics
from letters.files import write_whole
from letters.model import Campaign, DocumentTemplate, Letter, PartTemplate, Tag
from letters.problems import CannotGoOn, Problem
from letters.records import InexactError, record_of

_MOST = 32
"""Files in the folder; the oldest are removed."""


class Shelf(NamedTuple):
    """A folder for compiled letters."""

    folder: Path
    may_write: bool
    """Whether new ones are put there, or it is only looked into."""


class _Kept(NamedTuple):
    """A compiled letter as it is kept: without the values that the campaign gives, which are at hand."""

    parts: tuple[PartTemplate, ...]
    word: bytes
    meant_for: Tag | None
    problems: tuple[Problem, ...]


def compile_once(
    letter: Letter,
    enclosures: Sequence[Letter],
    campaign: Campaign,
    vocabulary: Vocabulary,
    folder: Path,
    templates: Path,
    shelf: Shelf | None,
) -> tuple[DocumentTemplate | None, list[Problem]]:
    """Compile a letter, or take it from the shelf where nothing has changed since; see compile_letter."""
    sources = (letter, tuple(enclosures), campaign, vocabulary)
    path = shelf.folder / f"letter-{_hash(sources, folder, templates)[:32]}.json" if shelf else None
    if path and (kept := _read(path)):
        values = statics(campaign, letter, enclosures)
        there = DocumentTemplate(
            name=letter.name, parts=kept.parts, word=kept.word, statics=values, meant_for=kept.meant_for
        )
        return there, list(kept.problems)
    from letters.compile.compile import compile_letter  # not needed for a letter that is kept

    template, problems = compile_letter(letter, enclosures, campaign, vocabulary, folder, templates)
    if shelf and shelf.may_write and path and template:
        _write(path, _Kept(template.parts, template.word, template.meant_for, tuple(problems)))
    return template, problems


def _hash(sources: tuple[object, ...], folder: Path, templates: Path) -> str:
    """Hash the texts, the looks, the pictures that the campaign names, and the program that compiles."""
    campaign = sources[2]
    assert isinstance(campaign, Campaign)
    logos = [folder / organization.logo for organization in campaign.organizations if organization.logo]
    hashed = hashlib.sha256(repr((__version__, pandoc.version(), sources)).encode())
    for path in [templates / "letterhead.docx", *logos, *_modules()]:
        content = path.read_bytes() if path.is_file() else b""
        hashed.update(path.name.encode() + b"\0" + hashlib.sha256(content).digest())
    return hashed.hexdigest()


def _modules() -> list[Path]:
    package = Path(__file__).parents[1]
    folders = (package, package / "formats", package / "compile")
    return [path for folder in folders for path in sorted(folder.glob("*.py"))]


def _read(path: Path) -> _Kept | None:
    with suppress(OSError, ValueError, InexactError):
        return record_of(_Kept, json.loads(path.read_bytes()))
    return None


def _write(path: Path, kept: _Kept) -> None:
    with suppress(OSError, CannotGoOn):
        write_whole(path, json.dumps(kept, default=_text_of).encode())
        for old in sorted(path.parent.glob("letter-*.json"), key=lambda each: each.stat().st_mtime_ns)[:-_MOST]:
            old.unlink(missing_ok=True)


def _text_of(content: bytes) -> str:
    return base64.b64encode(content).decode()
