"""Sets lines that differ from one before them in nothing but their words: where all else stands is known then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isclose
from typing import Any

from weasyprint.formatting_structure import boxes
from weasyprint.text.ffi import FROM_UNITS

from letters.render.pdf.blocks import Line, Place, Run, Text, line_of, with_parents
from letters.render.pdf.breaks import HAIR, first_line
from letters.render.pdf.line_cache import Memory
from letters.render.pdf.words import Words

_EDGES = ("margin_left", "margin_right", "padding_left", "padding_right", "border_left_width", "border_right_width")


@dataclass(frozen=True, slots=True)
class _Piece:
    """A text in a line, as it was set."""

    text: str
    run: Run
    width: float
    words: Words | None
    """The words of its style; None where it must be the same text in all lines, and at the same place."""
    is_nested: bool
    """Whether it stands alone in an inline box."""

    def end(self, x: float, width: float) -> float:
        """Tell where it would end, added up as WeasyPrint does."""
        return x + ((x + width) - x) if self.is_nested else x + width


@dataclass(frozen=True, slots=True)
class _Look:
    """A line, as it was set."""

    pieces: tuple[_Piece, ...]
    is_last: bool
    """Whether the paragraph ends with it."""
    right: float
    """Where its measure ends."""
    shape: object


class Looks:
    """How lines look: those that begin in the same text of the same paragraph, by the text in which they end."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._known: dict[object, dict[tuple[int, bool], _Look]] = {}
        self._ended: dict[object, tuple[Sequence[Text], tuple[Line, Place | None]]] = {}
        """Lines that end with a line break, with all their texts."""

    def learn(self, key: object, piece: Any, texts: Sequence[Text], after: Place | None, line: Line) -> None:
        """Learn from a line that WeasyPrint has set from texts, and from where the next begins."""
        texts = [each for each in texts if each[2]]
        if after is not None and (after[:-1], 0, "\n") in texts:
            ended = texts[: texts.index((after[:-1], 0, "\n")) + 1]
            self._ended[key] = (ended, (line, after))
        drawn = list(with_parents(piece))
        first = self._memory.first
        expected = [each for each in texts if after is None or each[0] <= after[:-1]]
        if not drawn or not texts or len(drawn) != len(expected) or not first or first[0] != texts[0][2]:
            return
        if after is not None and expected[-1][0] != after[:-1]:
            return
        pieces = tuple(self._piece(box, parents, run) for (box, parents), run in zip(drawn, line.runs, strict=True))
        whole = zip(pieces if after is None else pieces[:-1], texts, strict=False)
        if _begins_at_start(piece.style) and all(piece.text == text for piece, (_, _, text) in whole):
            look = _Look(pieces, after is None, pieces[0].run.x + first[1], line.shape)
            self._known.setdefault(key, {})[len(pieces), after is None] = look

    def _piece(self, box: Any, parents: tuple[Any, ...], run: Run) -> _Piece:
        is_nested = len(parents) == 1 and type(parents[0]) is boxes.InlineBox and len(parents[0].children) == 1
        is_bare = not parents or (is_nested and not any(getattr(parents[0], edge) for edge in _EDGES))
        words = self._memory.words_of(box.style) if is_bare else None
        size = (box.height, box.baseline - box.margin_top)
        if words and not all(map(isclose, size, words.text_size)):
            words = None
        return _Piece(box.pango_layout.text, run, box.width, words, is_nested)

    def set_line(self, key: object, texts: Sequence[Text]) -> tuple[Line, Place | None] | None:
        """Set the line with which texts begin, and tell where the next one begins.

        None where it may look unlike those before it.
        """
        looks = self._known.get(key)
        texts = [each for each in texts if each[2]]
        ended, line = self._ended.get(key, (None, None))
        if ended and ended == texts[: len(ended)]:
            return line
        if looks is None or not texts or texts[0][2][0] == " ":
            return None
        found = (self._set_like(look, texts) for look in looks.values())
        return next((line for line in found if line), None)

    def _set_like(self, look: _Look, texts: Sequence[Text]) -> tuple[Line, Place | None] | None:
        count = len(look.pieces)
        if len(texts) < count or (look.is_last and len(texts) > count):
            return None
        runs: list[Run] = []
        is_alike, x = True, 0.0
        for piece, (path, begin, text) in zip(look.pieces, texts, strict=False):
            x = piece.run.x if is_alike else x
            breaks = len(runs) == count - 1 and not look.is_last
            is_alike = is_alike and text == piece.text and not breaks
            words, found = piece.words, None
            if words is None and not is_alike:
                return None
            if words is None or (text == piece.text and not breaks):
                runs.append(Run(x, piece.run.y, piece.run.body, piece.run.glyphs))
                x = piece.end(x, piece.width)
            else:
                found = first_line(words, text, look.right - x) if breaks else words.set_all(text)
                if found is None:
                    return None
                runs.append(Run(x, piece.run.y, *words.write(found)))
                x = piece.end(x, found.width())
            if breaks and found:
                return line_of(look.shape, tuple(runs)), (*path, begin + found.length + 1)
            if x > look.right - HAIR * FROM_UNITS:
                return None
        return line_of(look.shape, tuple(runs)), None


def _begins_at_start(style: Any) -> bool:
    """Tell whether the text of a line begins where the line does, however wide it is."""
    return bool(
        style["direction"] == "ltr"
        and style["text_align_all"] in ("start", "left")
        and style["text_align_last"] in ("auto", "start", "left")
        and style["white_space"] == "normal"
    )
