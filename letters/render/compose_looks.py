"""Sets lines that differ from one before them in nothing but their letters: where these begin is known then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from weasyprint.formatting_structure import boxes

from letters.render.compose_memory import Memory

_NARROWER = 0.001
"""By how much, in CSS pixels, a line must be narrower than its measure to be sure that nothing of it overflows."""


@dataclass(frozen=True, slots=True)
class _Look:
    """A line of one text, as it was set."""

    box: Any
    """The box of the text."""
    measure: float
    text_size: tuple[float, float]
    """How high its letters are, and how high their baseline is."""
    indent: float
    model: Any
    """The line."""


class Looks:
    """How lines of one text look: those that begin at the same box of the same paragraph."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._known: dict[object, _Look] = {}

    def learn(self, key: object, piece: Any, text: str, line: Any) -> None:
        """Learn from a line that WeasyPrint has set from a text, and what became of it."""
        first = self._memory.first
        only = piece.children[0] if len(piece.children) == 1 else None
        if isinstance(only, boxes.TextBox) and first and first[0] == text and _begins_at_start(piece.style):
            size = (only.height, only.baseline - only.margin_top)
            self._known[key] = _Look(only, first[1], size, piece.width - only.width, line)

    def set_text(self, key: object, text: str, *, is_last: bool) -> tuple[Any, int | None, float] | None:
        """Set the line with which a text begins: with where the next begins, and its width.

        None where it may look unlike those before it. `is_last` tells that nothing follows the text.
        """
        look = self._known.get(key)
        if look is None or text[:1] in ("", " "):
            return None
        style = look.box.style
        layout, length, resume, width, *size = self._memory.split(text, style, None, look.measure, 0)
        ends = is_last and text[-1] != " " if resume is None else not text.encode()[length:resume].strip(b" ")
        alike = tuple(size) == look.text_size and width < look.measure - _NARROWER
        if not (ends and alike and layout.text.strip() and layout.text[-1] != " "):
            return None
        box = look.box.copy_with_text(layout.text)
        box.pango_layout = layout
        body, glyphs = self._memory.draw(box)
        return look.model.with_text(body, glyphs), resume, width + look.indent if " " in layout.text.strip() else 0


def _begins_at_start(style: Any) -> bool:
    """Tell whether the text of a line begins where the line does, however wide it is."""
    return bool(
        style["direction"] == "ltr"
        and style["text_align_all"] in ("start", "left")
        and style["text_align_last"] in ("auto", "start", "left")
        and style["white_space"] == "normal"
    )
