"""Reads what the PDF is set with: the style sheet, the files it names, the fonts, the logos."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from letters.formats.files import LARGEST_FILE, read_up_to
from letters.model.problems import CannotGoOn, Exit, Place, Problem

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_ADDRESS = re.compile(r"""url\(\s*["']?([^"')]*)["']?\s*\)|@import\s+["']([^"']+)["']""")
FONT_SUFFIXES = (".ttf", ".otf", ".ttc")
_LONGEST_SHEET = 500_000
"""Characters."""
_LONGEST_VALUE = 20_000
"""Characters of a property of CSS after its variables were put in."""
_MOST_VARIABLES = 500
_DEEPEST = 30
"""Brackets in brackets."""
_TOO_LARGE = (
    (re.compile(r"\"[^\"\n]{2000}|'[^'\n]{2000}"), "a text has more than 2,000 characters, too many for a style sheet"),
    (re.compile(r"(?<![#\w.+])\d{6,}"), "a number has more than five digits, too many for a style sheet"),
    (
        re.compile(r"repeating-[a-z]+-gradient", re.IGNORECASE),
        "a gradient repeats, which can fill the memory",
    ),
)
_VARIABLE = re.compile(r"(--[\w-]+)\s*:([^;{}]*)")
_USE = re.compile(r"var\(\s*(--[\w-]+)")
_BARE_USE = re.compile(r"var\(\s*(--[\w-]+)\s*\)")
"""A variable that nothing stands in for where it has no value."""
_BRACKETS = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|[(\[{]|[)\]}]")


def without_comments(sheet: str) -> str:
    """Return a style sheet with spaces in the place of its comments."""
    return _COMMENT.sub(lambda comment: re.sub(r"[^\n]", " ", comment[0]), sheet)


def read_resources(templates: Path, shown: str, logos: Iterable[Path]) -> tuple[dict[str, bytes], list[Problem]]:
    """Read every file a PDF depends on, by name; style sheets may name files of the letters' folder only."""
    sheet = templates / "letterhead.css"
    if not sheet.is_file():
        raise CannotGoOn(Exit.PROBLEMS, f'there is no "letterhead.css" in {shown}/', "copy it from the toolkit")
    files: dict[str, bytes] = {}
    problems = list(_read_sheet(sheet, templates, shown, files))
    for font in font_files(templates / "fonts"):
        if font.path.is_file():
            name = f"fonts/{font.path.name}"
            files[name] = _content_of(font)
            problems += _too_large(files[name], name, Place(f"{shown}/{name}"))
    files |= {f"logo {n} {logo.name}": read_up_to(logo) for n, logo in enumerate(logos) if logo.is_file()}
    if not any(name.startswith("fonts/") for name in files):
        problems.append(Problem(Place(f"{shown}/fonts"), "there are no fonts", "copy the folder from the toolkit"))
    return files, problems


@dataclass(frozen=True, slots=True)
class FontFile:
    """A file in its present state, by which what was read from it is kept."""

    state: tuple[object, ...]
    path: Path = field(compare=False)


def font_files(folder: Path) -> list[FontFile]:
    """Return the fonts in a folder, by their names."""
    paths = (path for path in sorted(folder.glob("*")) if path.suffix.lower() in FONT_SUFFIXES)
    return [FontFile(_state(path), path) for path in paths]


def _state(path: Path) -> tuple[object, ...]:
    try:
        status = path.stat()
    except OSError:
        return (path,)
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


# Megabytes that stay the same, while the desk reads the campaign again with each change of its letter.
@functools.lru_cache(8)
def _content_of(font: FontFile) -> bytes:
    return read_up_to(font.path)


def _read_sheet(sheet: Path, templates: Path, shown: str, files: dict[str, bytes]) -> Iterator[Problem]:
    """Read a style sheet and all that it names into `files`, and yield what is wrong with them."""
    name = sheet.relative_to(templates).as_posix()
    files[name] = read_up_to(sheet)
    if too_large := list(_too_large(files[name], name, Place(f"{shown}/{name}"))):
        yield from too_large
        return
    try:
        text = without_comments(files[name].decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = files[name].count(b"\n", 0, error.start) + 1
        hint = "save the style sheet as UTF-8: a PDF would be set with other characters"
        yield Problem(Place(f"{shown}/{name}", line), "it is not UTF-8", hint)
        return
    yield from _excess_of(text, f"{shown}/{name}")
    for match in _ADDRESS.finditer(text):
        address = match[1] or match[2] or ""
        place = Place(f"{shown}/{name}", text.count("\n", 0, match.start()) + 1)
        file = (sheet.parent / address).resolve()
        if ":" in address or address.startswith("/") or not file.is_relative_to(templates.resolve()):
            hint = "nothing outside the folder is read, and nothing from the network; copy the file there"
            yield Problem(place, f'"{address}" is outside {shown}/', hint)
        elif not file.is_file():
            yield Problem(place, f'"{address}" does not exist', "")
        else:
            yield from _read_named(file, place, templates, shown, files)


def _read_named(file: Path, place: Place, templates: Path, shown: str, files: dict[str, bytes]) -> Iterator[Problem]:
    name = file.relative_to(templates.resolve()).as_posix()
    if file.suffix.lower() != ".css":
        files[name] = read_up_to(file)
        yield from _too_large(files[name], name, place)
    elif name in files:
        yield Problem(place, f'"{name}" is imported twice, or imports itself', "import each style sheet once")
    else:
        yield from _read_sheet(templates / name, templates, shown, files)


def _too_large(content: bytes, name: str, place: Place) -> Iterator[Problem]:
    if len(content) > LARGEST_FILE:
        yield Problem(place, f'"{name}" is too large: more than {LARGEST_FILE:,} bytes', "is it the right file?")


@functools.lru_cache(4)
def _excess_of(text: str, shown: str) -> tuple[Problem, ...]:
    """Return what `_excess` yields; a style sheet changes less often than the letter that is read with it."""
    return tuple(_excess(text, shown))


def _excess(text: str, shown: str) -> Iterator[Problem]:
    """Yield what is too long, nested too deep or multiplied without end in a style sheet."""
    if len(text) > _LONGEST_SHEET:
        what = f"the style sheet is too long: {len(text):,} characters, and {_LONGEST_SHEET:,} is the limit"
        yield Problem(Place(shown), what, "is it the right file?")
        return
    depth = 0
    for match in _BRACKETS.finditer(text):
        depth += (match[0] in "([{") - (match[0] in ")]}")
        if depth > _DEEPEST:
            line = text.count("\n", 0, match.start()) + 1
            yield Problem(Place(shown, line), f"brackets are nested more than {_DEEPEST} deep", "take them apart")
            return
    for pattern, what in _TOO_LARGE:
        if found := pattern.search(text):
            yield Problem(Place(shown, text.count("\n", 0, found.start()) + 1), what, "no letter needs that")
    yield from _variables(text, shown)


def _variables(text: str, shown: str) -> Iterator[Problem]:
    """Yield the first variable that becomes too long once the variables in it are put in."""
    values: dict[str, list[str]] = {}
    lines: dict[str, int] = {}
    for match in _VARIABLE.finditer(text):
        values.setdefault(match[1], []).append(match[2])
        lines.setdefault(match[1], text.count("\n", 0, match.start()) + 1)
    for use in _BARE_USE.finditer(text):
        if use[1] not in values:
            what = f"var({use[1]}) is used, and no rule gives {use[1]} a value"
            yield Problem(
                Place(shown, text.count("\n", 0, use.start()) + 1), what, "copy its line from the toolkit's file"
            )
            return
    if len(values) > _MOST_VARIABLES:
        what = f"there are too many variables: {len(values):,}, and {_MOST_VARIABLES:,} is the limit"
        yield Problem(Place(shown), what, "is it the right file?")
        return
    lengths = dict.fromkeys(values, 0)
    # Each round puts in one level of variables; those that refer to one another in a circle grow without end.
    for _ in range(len(values) + 1):
        longer = {
            name: max(len(value) + sum(lengths.get(use, 0) for use in _USE.findall(value)) for value in given)
            for name, given in values.items()
        }
        for name, length in longer.items():
            if length > _LONGEST_VALUE:
                what = f"{name} is too long once its variables are put in: more than {_LONGEST_VALUE:,} characters"
                yield Problem(Place(shown, lines[name]), what, "write the value itself")
                return
        if longer == lengths:
            return
        lengths = longer
    circle = max(lengths, key=lambda name: lengths[name])
    what = f"{circle} refers to itself through other variables"
    yield Problem(Place(shown, lines[circle]), what, "write the value itself")
