"""Reads authorities.toml: every source that letters may cite, and who has read it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from letters.model.problems import Place, Problem, Severity
from letters.model.settings import UNREAD, Authorities, Authority
from letters.read.toml import TomlFile, validate

AUTHORITIES = "authorities.toml"
_TABLE = re.compile(r"\[\s*(?:\"([^\"]+)\"|'([^']+)'|([A-Za-z0-9_-]+))\s*\]\s*(?:#.*)?")


def read_authorities(file: TomlFile) -> tuple[Authorities | None, list[Problem]]:
    """Return the authorities of a campaign, and their problems; None where a key is there twice."""
    lines, twice = _keys(file)
    if twice:  # also a mistake in the syntax, but the parser tells only the first
        return None, [*(problem for problem in file.problems if not problem.stops), *twice]
    problems = list(file.problems)
    authorities: dict[str, Authority] = {}
    places: dict[str, Place] = {}
    for key, entry in file.table.items():
        places[key] = Place(file.shown, lines.get(key, 0), field=key)
        if not isinstance(entry, dict):
            hint = 'write it as a table: [printz], and below it full = "…"'
            problems.append(Problem(places[key], f'"{key}" is not an authority', hint))
            continue
        authority, more = validate(Authority, entry, file, (key,))
        problems += more
        if authority:
            authorities[key] = authority
            problems += _tag_problems(authority, places[key])
            problems += _reading_problems(authority, places[key])
    return Authorities(authorities, places), [*problems, *_same_cites(authorities, places)]


def _keys(file: TomlFile) -> tuple[dict[str, int], list[Problem]]:
    """Return the line of each key, and a problem for each key that is there twice."""
    lines: dict[str, int] = {}
    problems = []
    for number, line in enumerate(file.text.split("\n"), start=1):
        if not (match := _TABLE.fullmatch(line.strip())):
            continue
        key = match[1] or match[2] or match[3]
        if key in lines:
            hint = f"line {lines[key]} has it already; remove one, or give it a key of its own"
            problems.append(
                Problem(Place(file.shown, number, field=key), f'the authority "{key}" is there twice', hint)
            )
        lines.setdefault(key, number)
    return lines, problems


def _tag_problems(authority: Authority, place: Place) -> Iterator[Problem]:
    """Yield a problem where a citation holds a tag: it is printed as it is, and nothing in it is computed."""
    for text in (authority.full, authority.short, authority.name, authority.michigan, authority.says, authority.pin):
        if tag := re.search(r"\{[{%#]", text):
            yield Problem(place, f'"{tag[0]}" in a citation', "write it as it is printed, without fields")


def _reading_problems(authority: Authority, place: Place) -> Iterator[Problem]:
    name = authority.read_by.strip()
    if name.lower() != UNREAD and name and not name.startswith("[") and not authority.read_on:
        what = f'read by "{name}", but not when'
        yield Problem(place, what, "add read_on = year-month-day, such as 2025-09-01", Severity.WARNING)
    if name.lower() in ("", UNREAD) and authority.read_on:
        what = f"read on {authority.read_on}, but not by whom"
        yield Problem(place, what, 'add read_by = "…" with a name', Severity.WARNING)


def _same_cites(authorities: dict[str, Authority], places: dict[str, Place]) -> Iterator[Problem]:
    first: dict[str, str] = {}
    for key, authority in authorities.items():
        cite = " ".join(authority.full.split())
        if cite in first:
            what = f'the same citation as "{first[cite]}" of line {places[first[cite]].line}'
            yield Problem(places[key], what, "remove one of the two")
        first.setdefault(cite, key)
