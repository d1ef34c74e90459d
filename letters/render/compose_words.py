"""Sets ordinary words in one style from what is known of each: how wide it is, and how it is drawn.

A line is broken here only where it is sure to be broken so by WeasyPrint, and Pango draws all words that were not seen
side by side before: the letters of a word may look otherwise beside others.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

from weasyprint.text.ffi import FROM_UNITS, TO_UNITS, ffi, pango
from weasyprint.text.line_break import Layout, line_size

from letters.render.compose_glyphs import Face, Pen, Spelled

HAIR = 4
"""Units of Pango that a line must leave free, or a word must lack, because measures are rounded to such units."""
_FAR = 2 * TO_UNITS
"""By what a width that is added up from words may be wrong where they are set closer together: two CSS pixels."""
_ORDINARY = re.compile(r"[ -~\u00a0-\u00ac\u00ae-\u017f‘’“”–—…•·]*")
"""Text whose letters change neither shape nor direction by what follows further on."""
_LETTER = re.compile(r"[A-Za-z]")
"""What tells Pango that a text is Latin; it need not draw digits alone as it does beside letters."""
_SOFT_HYPHEN = "\u00ad"
_CLOSING = "\"'’”»)]}!?/-–—…"
"""After these, a line may end or not by what follows the space (Unicode Standard Annex 14, LB14 to LB17)."""
_KEPT = 2_000
"""Words that are kept in memory for each style, less than 1 kB each."""
_KEPT_PAIRS = 5_000
_RATIO = 4
"""WeasyPrint first looks at so many times as many letters as fit on a line if each is as wide as high."""
_PLAIN = {
    "white_space": ("normal",),
    "direction": ("ltr",),
    "letter_spacing": ("normal",),
    "word_spacing": (0,),
    "hyphens": ("none", "manual"),
    "word_break": ("normal",),
    "text_decoration_line": ("none",),
}
"""The values of properties with which a line is its words, side by side."""


class Drawn(NamedTuple):
    """Words side by side."""

    length: int
    """How many bytes their text has."""
    units: int
    """How wide they are, in units of Pango."""
    string: str
    """What is shown, as written in a PDF."""
    glyphs: dict[int, str]

    def width(self) -> float:
        """Tell how wide they are in CSS pixels."""
        return float(self.units * FROM_UNITS)


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    length: int
    """How many bytes its text has."""
    width: int
    head: int
    """The width of what comes before the first place inside it where a line may end."""
    begins: bool
    """Whether a line may begin with it."""
    ends: bool
    """Whether a line may end with it, where a letter follows the space."""
    written: str
    glyphs: dict[int, str]


_NOTHING = _Word("", 0, 0, 0, False, False, "", {})
"""What stands before a space at the beginning of a text, and after one at the end."""

_Pair = tuple[str | None, str | None]
"""Words that look the same beside each other as alone; None for the edge of a text."""


class _Known(dict[str, _Word | None]):
    """The words of a style; None for one that is out of the ordinary."""

    def __init__(self, words: Words) -> None:
        super().__init__({"": _NOTHING})
        self._words = words

    def __missing__(self, text: str) -> _Word | None:
        if len(self) >= _KEPT:
            self.clear()
            self[""] = _NOTHING
        if word := self._words.learn(text):
            self[text] = word
        return word


def find_words(style: Any, pen: Pen, stream: Any) -> Words | None:
    """Return the words of a style; None where a line is more than its words side by side."""
    layout = Layout(style)
    layout.set_text("a a")
    face = pen.face(stream, layout)
    letters = pen.spell(face, layout) if face else None
    fits = letters and all(style[name] in values for name, values in _PLAIN.items())
    return Words(layout, pen, face, letters) if face and letters and fits else None


class Words:
    """The words of one style."""

    def __init__(self, sample: Layout, pen: Pen, face: Face, letters: Spelled) -> None:
        """Prepare from how two letters with a space between them were set."""
        self._sample, self._pen, self._face = sample, pen, face
        self.font, self.size = face.font.hash, face.size
        self._layout = Layout(sample.style)
        pango.pango_layout_set_single_paragraph_mode(self._layout.layout, True)
        self._letters_in_a_pixel = _RATIO / sample.style["font_size"]
        self._space = _Word(" ", 1, letters.widths[1], 0, False, False, letters.written[1], letters.texts(1, 2))
        self._known = _Known(self)
        self._pairs: set[_Pair] = set()
        line, _ = sample.get_first_line()
        baseline = pango.pango_layout_get_baseline(sample.layout) * FROM_UNITS
        self.text_size = (line_size(line, sample.style)[1], baseline)
        """How high its letters are, and how high their baseline is."""

    def _spell(self, text: str) -> Spelled | None:
        self._layout.set_text(text)
        return self._pen.spell(self._face, self._layout)

    def learn(self, text: str) -> _Word | None:
        """Ask Pango what a word looks like; None for one that is out of the ordinary."""
        spelled = self._spell(f"a {text} a") if _ORDINARY.fullmatch(text) else None
        first, last = 2, 2 + len(text.encode())
        if spelled is None or not {first, last} <= set(spelled.starts):
            return None
        begin, end = spelled.starts.index(first), spelled.starts.index(last)
        glyphs = spelled.texts(begin, end)
        if not glyphs.keys().isdisjoint(self._space.glyphs):
            return None
        marks = pango.pango_layout_get_log_attrs_readonly(self._layout.layout, ffi.NULL)
        inside = next((place for place in range(1, len(text)) if marks[2 + place].is_line_break), len(text))
        head = spelled.starts.index(2 + len(text[:inside].encode()))
        return _Word(
            text,
            last - first,
            sum(spelled.widths[begin:end]),
            sum(spelled.widths[begin:head]),
            bool(marks[2].is_line_break),
            bool(marks[3 + len(text)].is_line_break),
            "".join(spelled.written[begin:end]),
            glyphs,
        )

    def set_all(self, text: str) -> Drawn | None:
        """Set a text without breaking it; None where WeasyPrint must be asked."""
        words = [word for each in text.split(" ") if (word := self._known[each])]
        return self._draw(words) if text.strip() and len(words) == text.count(" ") + 1 else None

    def set_first(self, text: str, room: float) -> Drawn | None:
        """Set as much of a text as has room on a line; None where WeasyPrint must be asked, or all of it has."""
        if _SOFT_HYPHEN in text:
            return None
        most = int(room * self._letters_in_a_pixel)
        texts = text[:most].split(" ")
        if most < len(text):
            del texts[-1]
        units = int(room * TO_UNITS)
        words: list[_Word] = []
        width = 0
        for each in texts:
            word = self._known[each]
            if word is None:
                return None
            if width + word.width > units - HAIR:
                line = self._draw(words) if words and _may_part(words[-1], word) else None
                return line if line and self._ends(line, units, words, word) else None
            words.append(word)
            width += word.width + self._space.width
        return None

    def _ends(self, line: Drawn, units: int, words: Sequence[_Word], word: _Word) -> bool:
        """Tell whether a line of words surely ends before another word."""
        free, lack = units - line.units, line.units + self._space.width + word.head - units
        if free > _FAR and lack > _FAR:
            return True
        if min(free, lack) <= HAIR or line.units != self._side_by_side(words).units:
            return False
        longer = [*words, word]
        return lack > _FAR or (word.head == word.width and self._by_pango(longer) == self._side_by_side(longer))

    def _draw(self, words: Sequence[_Word]) -> Drawn | None:
        """Draw words; as Pango does where two of them were not yet seen side by side."""
        drawn = self._side_by_side(words)
        names = [None, *(word.text for word in words), None]
        pairs = list(pairwise(names))
        new = [place for place, pair in enumerate(pairs) if pair not in self._pairs]
        if not new and _has_letters(words):
            return drawn
        if new and self._learn_pairs(words[max(new[0] - 1, 0) : new[-1] + 1]):
            return drawn
        by_pango = self._by_pango(words)
        return by_pango if by_pango and abs(by_pango.units - drawn.units) * 2 <= _FAR else None

    def _learn_pairs(self, words: Sequence[_Word]) -> bool:
        """Find out from Pango whether words look the same side by side as alone."""
        if not _has_letters(words) or self._by_pango(words) != self._side_by_side(words):
            return False
        if len(self._pairs) > _KEPT_PAIRS:
            self._pairs.clear()
        self._pairs.update(pairwise([None, *(word.text for word in words), None]))
        return True

    def _side_by_side(self, words: Sequence[_Word]) -> Drawn:
        glyphs = dict(self._space.glyphs) if len(words) > 1 else {}
        length = units = 0
        for word in reversed(words):
            glyphs.update(word.glyphs)
            length += word.length + 1
            units += word.width
        units += self._space.width * (len(words) - 1)
        return Drawn(length - 1, units, self._space.written.join([word.written for word in words]), glyphs)

    def _by_pango(self, words: Sequence[_Word]) -> Drawn | None:
        spelled = self._spell(" ".join([word.text for word in words]))
        if spelled is None:
            return None
        glyphs = spelled.texts(0, len(spelled.glyphs))
        return Drawn(len(spelled.text), sum(spelled.widths), "".join(spelled.written), glyphs)


def _has_letters(words: Sequence[_Word]) -> bool:
    return any(_LETTER.search(word.text) for word in words)


def _may_part(last: _Word, following: _Word) -> bool:
    """Tell whether a line may surely end between two words."""
    return last.ends and following.begins and (last.text[-1] not in _CLOSING or following.text[0].isalnum())
