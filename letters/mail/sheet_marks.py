"""What is drawn on sheets besides the pages: fold marks, and marks for an inserting machine."""

from __future__ import annotations

from collections.abc import Sequence

from letters.mail.barcode import draw_mark
from letters.mail.print_file import Mark
from letters.mail.windows import fold_marks
from letters.model.postal import Inches
from letters.model.records import Paper

_HEIGHTS: dict[Paper, Inches] = {Paper.LETTER: 11, Paper.A4: 297 / 25.4}


def marks(folds: Sequence[Inches], paper: Paper, *, marked: bool) -> Mark | None:
    """Draw fold marks on the first sheet of a piece, with which the others are folded, and marks for an inserter."""
    if not folds and not marked:
        return None
    folded = fold_marks(folds, _HEIGHTS[paper]) if folds else b""

    def draw(name: str, sheet: int, sheets: int) -> bytes:
        return (folded if sheet == 1 else b"") + (draw_mark(name, sheet, sheets) if marked else b"")

    return draw
