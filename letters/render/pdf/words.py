"""The words of a style: each is measured and shaped once, and lines are broken and drawn by putting words together.

Pango shapes all words that were not seen side by side before, since glyphs may look otherwise beside others (kerning,
ligatures). Where the end of a line is not certain, or a text is out of the ordinary, WeasyPrint is asked.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import pydyf

from letters.render.pdf.fonts import GlyphTexts, GlyphWriter, ShapedText, SizedFont
from letters.render.pdf.weasyprint_internals import FROM_UNITS, TO_UNITS, Layout, ffi, pango, split_first_line
from letters.render.store import Limits

KERNING = 2 * TO_UNITS
"""By what the sum of the widths of words may differ from their width where spaces are kerned: two CSS pixels."""
ROUNDING = 4
"""Units of Pango that a line must leave free, or a word must lack, because measures are rounded to such units."""
EXCERPT = 4
"""split_first_line first looks at so many times as many letters as fit on a line if each is as wide as high."""
_ORDINARY = re.compile(r"[ -~\u00a0-\u00ac\u00ae-\u017f‘’“”–—…•·]*")
"""Text whose letters change neither shape nor direction by what follows further on."""
_LETTER = re.compile(r"[A-Za-z]")
"""What tells Pango that a text is Latin; it need not draw digits alone as it does beside letters."""
_SOFT_HYPHEN = "\u00ad"
_CLOSING = "\"'’”»)]}!?/-–—…"
"""After these, a line may end or not by what follows the space (Unicode Standard Annex 14, LB14 to LB17)."""
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


class DrawnWords(NamedTuple):
    """Words side by side."""

    length: int
    """How many bytes their text has."""
    units: int
    """How wide they are, in units of Pango."""
    string: str
    """What is shown, as the inside of hexadecimal strings with kernings (ISO 32000-2, 9.4.3, TJ)."""
    glyphs: dict[int, str]

    def width(self) -> float:
        """Return how wide they are in CSS pixels."""
        return float(self.units * FROM_UNITS)


@dataclass(frozen=True, slots=True)
class MeasuredWord:
    """A word, or a space; widths are in units of Pango."""

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


_NOTHING = MeasuredWord("", 0, 0, 0, False, False, "", {})
"""What stands before a space at the beginning of a text, and after one at the end."""

_Pair = tuple[str | None, str | None]
"""Words that look the same beside each other as alone; None for the edge of a text."""


class _KnownWords(dict[str, MeasuredWord | None]):
    """The words of a style; None for one that is out of the ordinary."""

    def __init__(self, words: StyleWords, most: int) -> None:
        super().__init__({"": _NOTHING})
        self._words = words
        self._most = most

    def __missing__(self, text: str) -> MeasuredWord | None:
        if len(self) >= self._most:
            self.clear()
            self[""] = _NOTHING
        if word := self._words.measure(text):
            self[text] = word
        return word


def words_of_style(style: Any, writer: GlyphWriter, stream: Any, limits: Limits) -> StyleWords | None:
    """Return the words of a style; None where a line is more than its words side by side."""
    layout = Layout(style)
    layout.set_text("a a")
    font = writer.font_of(stream, layout)
    letters = writer.shape(font, layout) if font else None
    fits = letters and all(style[name] in values for name, values in _PLAIN.items())
    return StyleWords(style, writer, font, letters, limits) if font and letters and fits else None


class StyleWords:
    """The words of one style."""

    def __init__(self, style: Any, writer: GlyphWriter, font: SizedFont, letters: ShapedText, limits: Limits) -> None:
        """Prepare; `letters` are two letters with a space between them."""
        self._writer, self._font = writer, font
        stream = pydyf.Stream()
        stream.set_font_size(font.font.hash, font.size)
        stream.show_text("<>")
        self._before, _, self._after = b"\n".join(stream.stream).partition(b"<>")
        self._layout = Layout(style)
        pango.pango_layout_set_single_paragraph_mode(self._layout.layout, True)
        self.font_size = style["font_size"]
        self.space = MeasuredWord(" ", 1, letters.widths[1], 0, False, False, letters.written[1], letters.texts(1, 2))
        self.known = _KnownWords(self, limits.words)
        self._pairs: set[_Pair] = set()
        self._most_pairs = limits.pairs
        *_, height, baseline = split_first_line("a a", style, None, None, 0)
        self.text_size = (height, baseline)
        """How high its letters are, and how high their baseline is, in CSS pixels."""

    def _shape(self, text: str) -> ShapedText | None:
        self._layout.set_text(text)
        return self._writer.shape(self._font, self._layout)

    def measure(self, text: str) -> MeasuredWord | None:
        """Return a word as Pango shapes it between two others; None for one that is out of the ordinary."""
        shaped = self._shape(f"a {text} a") if _ORDINARY.fullmatch(text) else None
        first, last = 2, 2 + len(text.encode())
        # A glyph that begins elsewhere is a ligature with a space.
        if shaped is None or not {first, last} <= set(shaped.starts):
            return None
        begin, end = shaped.starts.index(first), shaped.starts.index(last)
        glyphs = shaped.texts(begin, end)
        # A word with a glyph for a space in it, such as a no-break space, has another text for that glyph.
        if not glyphs.keys().isdisjoint(self.space.glyphs):
            return None
        breaks = pango.pango_layout_get_log_attrs_readonly(self._layout.layout, ffi.NULL)
        # A line may end inside a word, after a hyphen or a slash.
        inside = next((place for place in range(1, len(text)) if breaks[2 + place].is_line_break), len(text))
        head = shaped.starts.index(2 + len(text[:inside].encode()))
        return MeasuredWord(
            text,
            last - first,
            sum(shaped.widths[begin:end]),
            sum(shaped.widths[begin:head]),
            bool(breaks[2].is_line_break),
            bool(breaks[3 + len(text)].is_line_break),
            "".join(shaped.written[begin:end]),
            glyphs,
        )

    def draw_unbroken(self, text: str) -> DrawnWords | None:
        """Draw all of a text; None where WeasyPrint must be asked."""
        words = [word for each in text.split(" ") if (word := self.known[each])]
        return self.draw(words) if text.strip() and len(words) == text.count(" ") + 1 else None

    def write(self, drawn: DrawnWords) -> tuple[bytes, GlyphTexts]:
        """Return words as they are drawn: the operators after the text matrix, and the glyphs."""
        # After a kerning at the end, an empty string is open.
        shown = f"<{drawn.string}>" if drawn.string[-1] != "<" else f"<{drawn.string[:-1]}"
        return self._before + shown.encode() + self._after, {self._font.font.hash: drawn.glyphs}

    def draw(self, words: Sequence[MeasuredWord]) -> DrawnWords | None:
        """Draw words side by side, or by Pango where that is another thing; None where WeasyPrint must be asked."""
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
        return by_pango if by_pango and abs(by_pango.units - drawn.units) * 2 <= KERNING else None

    def _learn_pairs(self, words: Sequence[MeasuredWord]) -> bool:
        """Find out from Pango whether words look the same side by side as alone; return it."""
        if not _has_letters(words) or self.by_pango(words) != self.side_by_side(words):
            return False
        if len(self._pairs) > self._most_pairs:
            self._pairs.clear()
        self._pairs.update(_pairs_of(words))
        return True

    def side_by_side(self, words: Sequence[MeasuredWord]) -> DrawnWords:
        """Return words put together from what is known of each."""
        glyphs = dict(self.space.glyphs) if len(words) > 1 else {}
        length = units = 0
        # From the last to the first, since the first use of a glyph has its text.
        for word in reversed(words):
            glyphs.update(word.glyphs)
            length += word.length + 1
            units += word.width
        units += self.space.width * (len(words) - 1)
        return DrawnWords(length - 1, units, self.space.written.join([word.written for word in words]), glyphs)

    def by_pango(self, words: Sequence[MeasuredWord]) -> DrawnWords | None:
        """Return words as Pango shapes them together; None where that is out of the ordinary."""
        shaped = self._shape(" ".join([word.text for word in words]))
        if shaped is None:
            return None
        glyphs = shaped.texts(0, len(shaped.glyphs))
        return DrawnWords(len(shaped.text), sum(shaped.widths), "".join(shaped.written), glyphs)

    def draw_line(self, text: str, room: float) -> DrawnWords | None:
        """Draw as much of a text as has room on a line, in CSS pixels.

        None where WeasyPrint must be asked, or where all of it has room.
        """
        if _SOFT_HYPHEN in text:
            return None
        # split_first_line looks at no more than this if a line ends in it.
        most = int(room * EXCERPT / self.font_size)
        texts = text[:most].split(" ")
        if most < len(text):
            del texts[-1]  # it may be cut
        units = int(room * TO_UNITS)
        line: list[MeasuredWord] = []
        width = 0
        for each in texts:
            word = self.known[each]
            if word is None:
                return None
            if width + word.width > units - ROUNDING:
                drawn = self.draw(line) if line and _may_part(line[-1], word) else None
                return drawn if drawn and self._ends(line, drawn, word, units) else None
            line.append(word)
            width += word.width + self.space.width
        return None

    def _ends(self, line: Sequence[MeasuredWord], drawn: DrawnWords, following: MeasuredWord, units: int) -> bool:
        """Return whether a line surely ends before another word if it may be so many units wide."""
        free, lack = units - drawn.units, drawn.units + self.space.width + following.head - units
        if free > KERNING and lack > KERNING:
            return True
        # Pango takes the last word as it looks before a space, so with kerning at spaces the sums are not the measure.
        if min(free, lack) <= ROUNDING or drawn.units != self.side_by_side(line).units:
            return False
        longer = [*line, following]
        return lack > KERNING or (
            following.head == following.width and self.by_pango(longer) == self.side_by_side(longer)
        )


def _may_part(last: MeasuredWord, following: MeasuredWord) -> bool:
    """Return whether a line may surely end between two words."""
    return last.ends and following.begins and (last.text[-1] not in _CLOSING or following.text[0].isalnum())


def _pairs_of(words: Sequence[MeasuredWord]) -> list[_Pair]:
    return list(pairwise([None, *[word.text for word in words], None]))


def _has_letters(words: Sequence[MeasuredWord]) -> bool:
    return any(_LETTER.search(word.text) for word in words)
