"""Finds fonts that a style sheet names and a campaign has not, and characters that none of its fonts has."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from letters.formats.pictures import fonts_of_drawing
from letters.model.problems import Place, Problem, nearest
from letters.model.records import MergedLetter, Source
from letters.read.cells import all_wrong_letters
from letters.read.resources import FONT_SUFFIXES, FontFile, font_files, without_comments

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
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\u202a-\u202e\u2066-\u2069]")
"""Characters that XML 1.0 (clause 2.2), and so a DOCX, cannot hold, DEL, and those that turn round what follows."""
_UNSEEN = re.compile(
    "[\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028\u2029\u2061-\u2064\u206a-\u206f\u2800\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff]|\u2060(?![0-9])"
)
"""Characters that show nothing, and that a search does not find: they come from web pages, with a word that was copied.

A joiner before a digit is our own, of the number of a note. A soft hyphen shows at the end of a line.
"""
_MARKS = re.compile("[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{5,}")
"""More marks over and under one letter than any language writes."""
_ALWAYS = frozenset((*range(0x20, 0x7F), *range(0xA0, 0x180), *range(0x2010, 0x2027), 0x2032, 0x2033))
"""Characters so common that every font has them: no font is opened for these alone."""


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


def unset_words(drawing: Path, logo: str, place: Place, folder: Path, shown: str) -> Iterator[Problem]:
    """Yield a problem for a logo whose words would be drawn in another font: one that is not there, or none is named.

    `logo` is its name, `place` where campaign.toml names it, and `shown` the folder of fonts, for messages.
    """
    sheet, has_words = fonts_of_drawing(drawing)
    hint = f"turn its text into outlines in the drawing program, or put the font's .ttf or .otf files into {shown}/"
    named = [name for name, _ in _families(without_comments(sheet))]
    there = {each.casefold() for each in families_in(folder)}
    wanted = [name for name in dict.fromkeys(named) if name.casefold() not in there]
    if has_words and (wanted or not named):
        font = f'the font "{wanted[0][:60]}", which is not in {shown}/' if wanted else "no font that it names"
        yield Problem(place, f'"{logo}" cannot be placed: words in it are set in {font}', hint)


def damaged_fonts(folder: Path, shown: str) -> Iterator[Problem]:
    """Yield a problem for each file of a folder of fonts that cannot be read; letters would be set in another face."""
    for file in font_files(folder):
        if not _can_be_read(file):
            hint = "copy it again from where it came from, or remove it"
            yield Problem(Place(f"{shown}/{file.path.name}"), "it is not a font that can be read", hint)


def families_in(folder: Path) -> list[str]:
    """List the families of the fonts in a folder; a file that is no font has none."""
    return list(dict.fromkeys(name for file in font_files(folder) for name in _families_of(file)))


@functools.lru_cache(64)
def _can_be_read(file: FontFile) -> bool:
    from fontTools.ttLib import TTFont

    try:
        with file.path.open("rb") as content, TTFont(content, lazy=True, fontNumber=0) as font:
            _ = font["name"].names, font["OS/2"].fsSelection, font["head"].unitsPerEm, font.getBestCmap().items()
    except Exception:  # noqa: BLE001 - what fontTools raises for a spoilt table may be anything
        return False
    return True


@functools.lru_cache(64)
def _families_of(file: FontFile) -> tuple[str, ...]:
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


def unshown_in_words(words: str, sources: Sequence[Source], fonts: Path, shown: str) -> Iterator[Problem]:
    """Yield a problem for each character that cannot be printed, of the words that are the same for all letters.

    `sources` are the files that the words come from.
    """

    def place_of(what: str, otherwise: str) -> Place:
        found = (source.place(source.text.index(what)) for source in sources if what in source.text)
        return next(found, Place(f"{shown}/{otherwise}"))

    for character in sorted(set(_CONTROLS.findall(words))):
        said = f"a control character, U+{ord(character):04X}, which no letter can hold"
        yield Problem(place_of(character, ""), said, "remove it, or type the word again")
    for unseen in sorted({*_UNSEEN.findall(words), *_MARKS.findall(words)}):
        yield Problem(place_of(unseen, ""), _said_of(unseen), "delete the word, and type it again")
    for wrong in sorted(all_wrong_letters(words)):
        name = f'"{wrong}"' if wrong.isprintable() else f"U+{ord(wrong[0]):04X}"
        said = f"{name} stands where letters were read in the wrong encoding"
        yield Problem(place_of(wrong, ""), said, "type them again, or save the file as UTF-8 where it comes from")
    for character in sorted(missing_characters(words, fonts)):
        yield _problem(character, place_of(character, "fonts"), shown)


def _said_of(found: str) -> str:
    if len(found) > 1:
        return f"{len(found):,} marks stand over one letter, which would cover other lines"
    return f"an invisible character, U+{ord(found):04X}, which searches and screen readers stumble over"


def unshown_in_letters(
    letters: Sequence[MergedLetter], characters: Iterable[str], fonts: Path, shown: str
) -> Iterator[Problem]:
    """Yield a problem for each letter that prints a character that no font has, placed at one cell of its row.

    `characters` are all that they print.
    """
    missing = missing_characters(characters, fonts)
    for letter in letters if missing else ():
        if found := sorted(missing.intersection("".join(letter.texts))):
            recipient = letter.recipient
            cells = (name for name, cell in recipient.columns.items() if found[0] in cell)
            place = recipient.place._replace(field=next(cells, ""))
            yield _problem(found[0], place, shown)._replace(recipient=recipient.id)


def _problem(character: str, place: Place, shown: str) -> Problem:
    hint = f"put a font that has it into {shown}/fonts/, or spell the word without it"
    return Problem(place, f'no font has "{character}" (U+{ord(character):04X})', hint)


def missing_characters(characters: Iterable[str], fonts: Path) -> set[str]:
    """Return the characters that no font of the folder has, and that a PDF would show as an empty box."""
    rare = {c for c in set(characters) if ord(c) not in _ALWAYS and not _invisible(c)}
    if not rare:
        return set()
    from fontTools.ttLib import TTFont

    for path in sorted(fonts.glob("*")):
        if rare and path.suffix.lower() in FONT_SUFFIXES:
            with TTFont(path, lazy=True, fontNumber=0) as font:
                rare -= {chr(point) for point in font.getBestCmap()}
    return rare


def _invisible(character: str) -> bool:
    """Return whether a character draws nothing of its own: joiners, direction marks, variation selectors."""
    import unicodedata

    return unicodedata.category(character) in ("Cc", "Cf", "Zs") or "\ufe00" <= character <= "\ufe0f"
