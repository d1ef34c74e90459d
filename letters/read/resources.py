"""Reads what the PDF is set with (style sheet, fonts, logos), and finds fonts and characters that are not there."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from letters.formats.files import LARGEST_FILE, read_up_to
from letters.formats.pictures import fonts_of_drawing
from letters.model.problems import CannotGoOn, Exit, Place, Problem, nearest
from letters.model.records import MergedLetter, Source
from letters.read.sense import all_wrong_letters, named

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
# Each of these was found by its time or its memory: a repeating gradient took 1.9 GB.
_TOO_LARGE = (
    (re.compile(r"\"[^\"\n]{2000}|'[^'\n]{2000}"), "a text has more than 2,000 characters, too many for a style sheet"),
    (re.compile(r"(?<![#\w.+])\d{6,}"), "a number has more than five digits, too many for a style sheet"),
    (re.compile(r"repeating-[a-z]+-gradient", re.IGNORECASE), "a gradient repeats, which can fill the memory"),
)
_VARIABLE = re.compile(r"(--[\w-]+)\s*:([^;{}]*)")
_USE = re.compile(r"var\(\s*(--[\w-]+)")
_BARE_USE = re.compile(r"var\(\s*(--[\w-]+)\s*\)")
"""A variable that nothing stands in for where it has no value."""
_BRACKETS = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|[(\[{]|[)\]}]")
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
UNSEEN = re.compile(
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


def _without_comments(sheet: str) -> str:
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
        # A byte order mark is no part of the first rule (CSS Syntax 3, 3.2).
        text = _without_comments(files[name].decode("utf-8-sig"))
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
        # WeasyPrint reads file: by itself, and a style sheet may come from somebody else.
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
            place = Place(shown, text.count("\n", 0, use.start()) + 1)
            what = f"var({use[1]}) is used, and no rule gives {use[1]} a value"
            yield Problem(place, what, "copy its line from the toolkit's file")
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


def missing_fonts(sheet: str, place: Place, folder: Path, shown: str) -> Iterator[Problem]:
    """Yield a problem for each family that a style sheet names and no file of the folder has.

    `place` is the style sheet's, and `shown` the folder of fonts, for messages.
    """
    sheet = _without_comments(sheet)
    # Another font was taken without a word where one was not found.
    there: list[str] = []
    # Backwards, so that of a family that is named often the first place is the one that stays.
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
    named = [name for name, _ in _families(_without_comments(sheet))]
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
        # What WeasyPrint and the writer of PDF read of a font: a spoilt table is met there, in the middle of a build.
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
    # What stands within @font-face defines a family, and does not ask for one (CSS Fonts 4, 4.2).
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
    for unseen in sorted(set(UNSEEN.findall(words))):
        said = f"an invisible character, U+{ord(unseen):04X}, which searches and screen readers stumble over"
        yield Problem(place_of(unseen, ""), said, "delete the word, and type it again")
    for marks in sorted(set(_MARKS.findall(words))):
        said = f"{len(marks):,} marks stand over one letter, which would cover other lines"
        yield Problem(place_of(marks, ""), said, "delete the word, and type it again")
    for wrong in sorted(all_wrong_letters(words)):
        said = f"{named(wrong)} stands where letters were read in the wrong encoding"
        yield Problem(place_of(wrong, ""), said, "type them again, or save the file as UTF-8 where it comes from")
    for character in sorted(missing_characters(words, fonts)):
        yield _problem(character, place_of(character, "fonts"), shown)


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
            place = recipient.at(next(cells, ""))
            yield _problem(found[0], place, shown)._replace(recipient=recipient.id)


def _problem(character: str, place: Place, shown: str) -> Problem:
    hint = f"put a font that has it into {shown}/fonts/, or spell the word without it"
    return Problem(place, f'no font has "{character}" (U+{ord(character):04X})', hint)


def missing_characters(characters: Iterable[str], fonts: Path) -> set[str]:
    """Return the characters that no font of the folder has, and that a PDF would show as an empty box."""
    # Joiners, direction marks and variation selectors draw nothing of their own.
    rare = {
        each
        for each in set(characters)
        if ord(each) not in _ALWAYS
        and unicodedata.category(each) not in ("Cc", "Cf", "Zs")
        and not "\ufe00" <= each <= "\ufe0f"
    }
    if rare:
        from fontTools.ttLib import TTFont  # most letters have no such character, and it takes long to load

        for file in font_files(fonts):
            with TTFont(file.path, lazy=True, fontNumber=0) as font:
                rare -= {chr(point) for point in font.getBestCmap()}
            if not rare:
                break
    return rare
