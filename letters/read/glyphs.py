"""Finds characters that no font of the campaign has: a PDF would show an empty box for each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from letters.model.problems import Place, Problem
from letters.model.records import MergedLetter, Source
from letters.read.resources import FONT_SUFFIXES

_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\u202a-\u202e\u2066-\u2069]")
"""Characters that XML 1.0 (clause 2.2), and so a DOCX, cannot hold, DEL, and those that turn round what follows."""
_ALWAYS = frozenset((*range(0x20, 0x7F), *range(0xA0, 0x180), *range(0x2010, 0x2027), 0x2032, 0x2033))
"""Characters so common that every font has them: no font is opened for these alone."""


def in_words(words: str, sources: Sequence[Source], fonts: Path, shown: str) -> Iterator[Problem]:
    """Yield a problem for each character that no font has, of the words that are the same for all letters.

    `sources` are the files that the words come from.
    """
    for character in sorted(set(_CONTROLS.findall(words))):
        found = (source.place(source.text.index(character)) for source in sources if character in source.text)
        what = f"a control character, U+{ord(character):04X}, which no letter can hold"
        yield Problem(next(found, Place(f"{shown}/")), what, "remove it, or type the word again")
    for character in sorted(missing_characters(words, fonts)):
        found = (source.place(source.text.index(character)) for source in sources if character in source.text)
        yield _problem(character, next(found, Place(f"{shown}/fonts")), shown)


def in_letters(
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
