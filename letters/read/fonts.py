"""Finds fonts that a style sheet names and that are not in the campaign's folder of fonts."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from letters.model.problems import Place, Problem, nearest
from letters.read.resources import FONT_SUFFIXES, without_comments

_FACE = re.compile(r"@font-face\s*\{([^}]*)\}", re.IGNORECASE)
_DECLARATION = re.compile(r"(?<![\w-])(font|font-family|--[\w-]*font[\w-]*)\s*:\s*([^;}]*)", re.IGNORECASE)
_SIZE = re.compile(
    r"(?:^|\s)(?:[\d.]+(?:%|[a-z]+)|(?:var|calc)\([^()]*(?:\([^()]*\)[^()]*)*\)|(?:xx?-)?(?:small|large)|xxx-large"
    r"|medium|smaller|larger)(?:\s*/\s*(?:[\d.]+(?:%|[a-z]*)|normal|(?:var|calc)\([^()]*(?:\([^()]*\)[^()]*)*\)))?\s+(.*)",
    re.IGNORECASE | re.DOTALL,
)
"""In the short form, families stand behind the size and the height of lines (CSS Fonts 4, 2.8)."""
_FAMILY = re.compile(r"""\s*(?:"([^"]*)"|'([^']*)'|([^,"']*))\s*(?:,|$)""")
_NOT_NAMES = frozenset(("inherit", "initial", "unset", "revert", "revert-layer", ""))
_GENERIC = frozenset(("serif", "sans-serif", "monospace", "cursive", "fantasy", "system-ui", "math"))
"""Names for whatever there is, which are as good as none behind the name of a font."""
_FAMILY_NAMES = (1, 16)
"""Name records of a family, and of the larger family that it belongs to (OpenType, name table)."""


def missing_fonts(sheet: str, place: Place, folder: Path, shown: str) -> Iterator[Problem]:
    """Yield a problem for each family that a style sheet names and no file of the folder has.

    `place` is the style sheet's, and `shown` the folder of fonts, for messages.
    """
    sheet = without_comments(sheet)
    there: list[str] = []
    for family, position in dict(reversed(list(_families(sheet)))).items():
        there = there or [*families_in(folder), *(name for face in _FACE.findall(sheet) for name, _ in _families(face))]
        if family.casefold() not in {each.casefold() for each in there}:
            listed = ", ".join(f'"{each}"' for each in dict.fromkeys(there)) or "none"
            what = f'there is no font "{family}" in {shown}/; there are {listed}'
            near = nearest(family, there)
            hint = f"did you mean {near}?" if near else "to add a font, put its .ttf or .otf files there"
            yield Problem(place._replace(line=sheet.count("\n", 0, position) + 1), what, hint)


def damaged_fonts(folder: Path, shown: str) -> Iterator[Problem]:
    """Yield a problem for each file of a folder of fonts that cannot be read; letters would be set in another face."""
    for file in _font_files(folder):
        if not _can_be_read(file):
            hint = "copy it again from where it came from, or remove it"
            yield Problem(Place(f"{shown}/{file.path.name}"), "it is not a font that can be read", hint)


def families_in(folder: Path) -> list[str]:
    """List the families of the fonts in a folder; a file that is no font has none."""
    return list(dict.fromkeys(name for file in _font_files(folder) for name in _families_of(file)))


@dataclass(frozen=True, slots=True)
class _FontFile:
    """A file in its present state, by which what was read from it is kept."""

    state: tuple[object, ...]
    path: Path = field(compare=False)


def _font_files(folder: Path) -> list[_FontFile]:
    paths = (path for path in sorted(folder.glob("*")) if path.suffix.lower() in FONT_SUFFIXES)
    return [_FontFile(_state(path), path) for path in paths]


def _state(path: Path) -> tuple[object, ...]:
    try:
        status = path.stat()
    except OSError:
        return (path,)
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


@functools.lru_cache(64)
def _can_be_read(file: _FontFile) -> bool:
    from fontTools.ttLib import TTFont

    try:
        with file.path.open("rb") as content, TTFont(content, lazy=True, fontNumber=0) as font:
            _ = font["name"].names, font["OS/2"].fsSelection, font["head"].unitsPerEm, font.getBestCmap().items()
    except Exception:  # noqa: BLE001 - what fontTools raises for a spoilt table may be anything
        return False
    return True


@functools.lru_cache(64)
def _families_of(file: _FontFile) -> tuple[str, ...]:
    from fontTools.ttLib import TTFont, TTLibError

    try:
        with file.path.open("rb") as content, TTFont(content, lazy=True, fontNumber=0) as font:
            records = [each for each in font["name"].names if each.nameID in _FAMILY_NAMES]
            return tuple(str(each.toUnicode()) for each in records)
    except (TTLibError, OSError, ValueError, KeyError):
        return ()


def _families(sheet: str) -> Iterator[tuple[str, int]]:
    """Yield each family that is named outside of @font-face, with its place in the text."""
    faces = [match.span() for match in _FACE.finditer(sheet)]
    for match in _DECLARATION.finditer(sheet):
        if any(start <= match.start() < end for start, end in faces):
            continue
        value = match[2]
        if match[1].lower() == "font":
            short = _SIZE.search(value)
            value = short[1] if short else ""
        for name in _names(value):
            yield name, match.start()


def _names(value: str) -> Iterator[str]:
    for number, (quoted, single, bare) in enumerate(_FAMILY.findall(value.replace("!important", ""))):
        name = quoted or single or " ".join(bare.split())
        is_other = name.lower() in _NOT_NAMES or name.startswith("var(") or (number and name.lower() in _GENERIC)
        if not is_other:
            yield name
