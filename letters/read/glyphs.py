"""Finds characters that no font of the campaign has: a PDF would show an empty box for each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from letters.model.problems import Place, Problem
from letters.model.records import MergedLetter, Source
from letters.read.resources import FONT_SUFFIXES
from letters.read.wrong_letters import all_wrong_letters

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


def in_words(words: str, sources: Sequence[Source], fonts: Path, shown: str) -> Iterator[Problem]:
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
