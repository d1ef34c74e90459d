"""Reads authorities.toml: every source that letters may cite, and who has read it."""

from __future__ import annotations

import datetime
import json
import re
import tomllib
from collections.abc import Iterator, Mapping

from letters.model.problems import CannotGoOn, Exit, Place, Problem, Severity
from letters.model.records import UNREAD, Authorities, Authority
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


def with_readings(text: str, readings: Mapping[str, Mapping[str, str | datetime.date]]) -> str:
    """Return the text of the file with other values of some keys, by authority; every other character stays.

    Raises CannotGoOn where a table is written in a way that a line cannot be changed in.
    """
    lines = text.split("\n")
    readings = {key: {name: _plain(value) for name, value in values.items()} for key, values in readings.items()}
    for key, values in readings.items():
        start = next(
            (n for n, line in enumerate(lines) if (head := _TABLE.fullmatch(line.strip())) and _named(head, key)), -1
        )
        heads = (n for n, line in enumerate(lines) if n > start and line.lstrip().startswith("["))
        end = next(heads, len(lines))
        for name, value in values.items() if start >= 0 else ():
            written = f"{name} = {json.dumps(value, ensure_ascii=False) if isinstance(value, str) else value}"
            at = next((n for n in range(start + 1, end) if re.match(rf"\s*{name}\s*=", lines[n])), -1)
            if at >= 0:
                lines[at] = written
                continue
            filled = max(n for n in range(start, end) if lines[n].strip() and not lines[n].lstrip().startswith("#"))
            lines.insert(filled + 1, written)
            end += 1
    changed = "\n".join(lines)
    if not _says(changed, text, readings):
        message = f"{AUTHORITIES} cannot be changed line by line"
        raise CannotGoOn(Exit.PROBLEMS, message, "write each authority as a table, and each of its keys on one line")
    return changed


def _named(head: re.Match[str], key: str) -> bool:
    return key in (head[1], head[2], head[3])


def _plain(value: str | datetime.date) -> str | datetime.date:
    """Return a text without control characters, which a string of TOML cannot hold as one of JSON does."""
    return re.sub(r"[\x00-\x1f\x7f]", " ", value) if isinstance(value, str) else value


def _says(changed: str, text: str, readings: Mapping[str, Mapping[str, str | datetime.date]]) -> bool:
    """Return whether a changed file says the new values, and all else as before."""
    try:
        new, old = tomllib.loads(changed), tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    wanted = {
        key: {**table, **readings.get(key, {})} if isinstance(table, dict) else table for key, table in old.items()
    }
    return new == wanted


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
