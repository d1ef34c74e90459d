"""Draws ordinary words in one style from what is known of each: how wide it is, and how it is drawn.

Pango draws all words that were not seen side by side before: the letters of a word may look otherwise beside others.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import pydyf  # type: ignore[import-untyped]
from weasyprint.text.ffi import FROM_UNITS, TO_UNITS, ffi, pango
from weasyprint.text.line_break import Layout, line_size

from letters.render.pdf.glyphs import Face, Glyphs, Pen, Spelled

FAR = 2 * TO_UNITS
"""By what a width that is added up from words may be wrong where they are set closer together: two CSS pixels."""
RATIO = 4
"""WeasyPrint first looks at so many times as many letters as fit on a line if each is as wide as high."""
_ORDINARY = re.compile(r"[ -~\u00a0-\u00ac\u00ae-\u017f‘’“”–—…•·]*")
"""Text whose letters change neither shape nor direction by what follows further on."""
_LETTER = re.compile(r"[A-Za-z]")
"""What tells Pango that a text is Latin; it need not draw digits alone as it does beside letters."""
_KEPT = 2_000
"""Words that are kept in memory for each style, less than 1 kB each."""
_KEPT_PAIRS = 5_000
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
class Word:
    """A word, or a space."""

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


_NOTHING = Word("", 0, 0, 0, False, False, "", {})
"""What stands before a space at the beginning of a text, and after one at the end."""

_Pair = tuple[str | None, str | None]
"""Words that look the same beside each other as alone; None for the edge of a text."""


class _Known(dict[str, Word | None]):
    """The words of a style; None for one that is out of the ordinary."""

    def __init__(self, words: Words) -> None:
        super().__init__({"": _NOTHING})
        self._words = words

    def __missing__(self, text: str) -> Word | None:
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
        stream = pydyf.Stream()
        stream.set_font_size(face.font.hash, face.size)
        stream.show_text("<>")
        self._before, _, self._after = b"\n".join(stream.stream).partition(b"<>")
        self._layout = Layout(sample.style)
        pango.pango_layout_set_single_paragraph_mode(self._layout.layout, True)
        self.font_size = sample.style["font_size"]
        self.space = Word(" ", 1, letters.widths[1], 0, False, False, letters.written[1], letters.texts(1, 2))
        self.known = _Known(self)
        self._pairs: set[_Pair] = set()
        line, _ = sample.get_first_line()
        baseline = pango.pango_layout_get_baseline(sample.layout) * FROM_UNITS
        self.text_size = (line_size(line, sample.style)[1], baseline)
        """How high its letters are, and how high their baseline is."""

    def _spell(self, text: str) -> Spelled | None:
        self._layout.set_text(text)
        return self._pen.spell(self._face, self._layout)

    def learn(self, text: str) -> Word | None:
        """Ask Pango what a word looks like; None for one that is out of the ordinary."""
        spelled = self._spell(f"a {text} a") if _ORDINARY.fullmatch(text) else None
        first, last = 2, 2 + len(text.encode())
        if spelled is None or not {first, last} <= set(spelled.starts):
            return None
        begin, end = spelled.starts.index(first), spelled.starts.index(last)
        glyphs = spelled.texts(begin, end)
        if not glyphs.keys().isdisjoint(self.space.glyphs):
            return None
        marks = pango.pango_layout_get_log_attrs_readonly(self._layout.layout, ffi.NULL)
        inside = next((place for place in range(1, len(text)) if marks[2 + place].is_line_break), len(text))
        head = spelled.starts.index(2 + len(text[:inside].encode()))
        return Word(
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
        words = [word for each in text.split(" ") if (word := self.known[each])]
        return self.draw(words) if text.strip() and len(words) == text.count(" ") + 1 else None

    def write(self, drawn: Drawn) -> tuple[bytes, Glyphs]:
        """Write words as they are drawn: the operators after the text matrix, and the glyphs."""
        shown = f"<{drawn.string}>" if drawn.string[-1] != "<" else f"<{drawn.string[:-1]}"
        return self._before + shown.encode() + self._after, {self._face.font.hash: drawn.glyphs}

    def draw(self, words: Sequence[Word]) -> Drawn | None:
        """Draw words; as Pango does where two of them were not yet seen side by side."""
        drawn = self.side_by_side(words)
        pairs = _pairs_of(words)
        if self._pairs.issuperset(pairs):
            if _has_letters(words):
                return drawn
        else:
            new = [place for place, pair in enumerate(pairs) if pair not in self._pairs]
            if self._learn_pairs(words[max(new[0] - 1, 0) : new[-1] + 1]):
                return drawn
        by_pango = self.by_pango(words)
        return by_pango if by_pango and abs(by_pango.units - drawn.units) * 2 <= FAR else None

    def _learn_pairs(self, words: Sequence[Word]) -> bool:
        """Find out from Pango whether words look the same side by side as alone."""
        if not _has_letters(words) or self.by_pango(words) != self.side_by_side(words):
            return False
        if len(self._pairs) > _KEPT_PAIRS:
            self._pairs.clear()
        self._pairs.update(_pairs_of(words))
        return True

    def side_by_side(self, words: Sequence[Word]) -> Drawn:
        """Put words together from what is known of each."""
        glyphs = dict(self.space.glyphs) if len(words) > 1 else {}
        length = units = 0
        for word in reversed(words):
            glyphs.update(word.glyphs)
            length += word.length + 1
            units += word.width
        units += self.space.width * (len(words) - 1)
        return Drawn(length - 1, units, self.space.written.join([word.written for word in words]), glyphs)

    def by_pango(self, words: Sequence[Word]) -> Drawn | None:
        """Ask Pango how words are drawn; None where it is out of the ordinary."""
        spelled = self._spell(" ".join([word.text for word in words]))
        if spelled is None:
            return None
        glyphs = spelled.texts(0, len(spelled.glyphs))
        return Drawn(len(spelled.text), sum(spelled.widths), "".join(spelled.written), glyphs)


def _pairs_of(words: Sequence[Word]) -> list[_Pair]:
    return list(pairwise([None, *[word.text for word in words], None]))


def _has_letters(words: Sequence[Word]) -> bool:
    return any(_LETTER.search(word.text) for word in words)
