"""Breaks lines of words where WeasyPrint is sure to break them."""

from __future__ import annotations

from collections.abc import Sequence

from weasyprint.text.ffi import TO_UNITS

from letters.render.pdf.words import FAR, RATIO, Drawn, Word, Words

HAIR = 4
"""Units of Pango that a line must leave free, or a word must lack, because measures are rounded to such units."""
_SOFT_HYPHEN = "\u00ad"
_CLOSING = "\"'’”»)]}!?/-–—…"
"""After these, a line may end or not by what follows the space (Unicode Standard Annex 14, LB14 to LB17)."""


def first_line(words: Words, text: str, room: float) -> Drawn | None:
    """Set as much of a text as has room on a line; None where WeasyPrint must be asked, or all of it has."""
    if _SOFT_HYPHEN in text:
        return None
    most = int(room * RATIO / words.font_size)
    texts = text[:most].split(" ")
    if most < len(text):
        del texts[-1]
    units = int(room * TO_UNITS)
    line: list[Word] = []
    width = 0
    for each in texts:
        word = words.known[each]
        if word is None:
            return None
        if width + word.width > units - HAIR:
            drawn = words.draw(line) if line and _may_part(line[-1], word) else None
            return drawn if drawn and _ends(words, line, drawn, word, units) else None
        line.append(word)
        width += word.width + words.space.width
    return None


def _may_part(last: Word, following: Word) -> bool:
    """Tell whether a line may surely end between two words."""
    return last.ends and following.begins and (last.text[-1] not in _CLOSING or following.text[0].isalnum())


def _ends(words: Words, line: Sequence[Word], drawn: Drawn, following: Word, units: int) -> bool:
    """Tell whether a line surely ends before another word if it may be so many units wide."""
    free, lack = units - drawn.units, drawn.units + words.space.width + following.head - units
    if free > FAR and lack > FAR:
        return True
    if min(free, lack) <= HAIR or drawn.units != words.side_by_side(line).units:
        return False
    longer = [*line, following]
    return lack > FAR or (following.head == following.width and words.by_pango(longer) == words.side_by_side(longer))
