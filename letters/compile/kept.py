"""Compiled letters in a cache on disk, each under the hash of all that it was compiled from."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from letters.compile.scope import Vocabulary, statics
from letters.formats import pandoc
from letters.formats.cache import Cache, program_hash
from letters.model.problems import Place, Problem, Severity
from letters.model.records import Campaign, DocumentTemplate, FieldUse, Letter, PartTemplate, Tag

_Compiled = tuple[DocumentTemplate, list[Problem]]


def compile_once(
    letter: Letter,
    enclosures: Sequence[Letter],
    campaign: Campaign,
    vocabulary: Vocabulary,
    folder: Path,
    templates: Path,
    cache: Cache | None,
) -> tuple[DocumentTemplate | None, list[Problem]]:
    """Compile a letter, or take it from the cache where nothing has changed since; see compile_letter."""
    key = _key((letter, tuple(enclosures), campaign, vocabulary), campaign, folder, templates) if cache else ""
    if cache and (content := cache.get(key)):
        return _read(content, letter.name, statics(campaign, letter, enclosures))
    from letters.compile.compile import compile_letter  # not needed for a letter that is in the cache

    template, problems = compile_letter(letter, enclosures, campaign, vocabulary, folder, templates)
    if cache and template:
        cache.put(key, _write(template, problems))
    return template, problems


def _key(sources: tuple[object, ...], campaign: Campaign, folder: Path, templates: Path) -> str:
    """Hash the texts, the looks, the pictures that the campaign names, and the program that compiles."""
    logos = [folder / organization.logo for organization in campaign.organizations if organization.logo]
    hashed = hashlib.sha256(repr((program_hash(), pandoc.version(), sources)).encode())
    for path in [templates / "letterhead.docx", *logos]:
        content = path.read_bytes() if path.is_file() else b""
        hashed.update(path.name.encode() + b"\0" + hashlib.sha256(content).digest())
    return f"compiled letter {hashed.hexdigest()}"


def _write(template: DocumentTemplate, problems: Sequence[Problem]) -> bytes:
    """Write a compiled letter as JSON, without the values of the campaign: these are read with it each time."""
    word = base64.b64encode(template.word).decode()
    return json.dumps([template.parts, word, template.meant_for, problems]).encode()


def _read(content: bytes, name: str, values: dict[str, object]) -> _Compiled:
    """Read a compiled letter; a content that the cache believes was written by this very program."""
    parts, word, meant_for, problems = json.loads(content)
    template = DocumentTemplate(
        name=name,
        parts=tuple(_part(*part) for part in parts),
        word=base64.b64decode(word),
        statics=values,
        meant_for=_tag(*meant_for) if meant_for else None,
    )
    return template, [_problem(*problem) for problem in problems]


def _part(name: str, title: str, probe: str, html: str, fields: list[Any]) -> PartTemplate:
    uses = tuple(FieldUse(expression, Place(*place)) for expression, place in fields)
    return PartTemplate(name, title, probe, html, uses)


def _tag(kind: str, expression: str, place: list[Any]) -> Tag:
    return Tag(kind, expression, Place(*place))


def _problem(place: list[Any], what: str, hint: str, severity: int, recipient: str) -> Problem:
    return Problem(Place(*place), what, hint, Severity(severity), recipient)
