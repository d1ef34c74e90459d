"""What a paragraph is once it is set: lines, and in them runs of text in one style."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from weasyprint.formatting_structure import boxes

from letters.render.pdf.glyphs import Glyphs

Place = tuple[int, ...]
"""Where something is among the boxes of a paragraph: the numbers of the boxes, then of bytes in a text."""
Text = tuple[Place, int, str]
"""The box of a text, how many bytes there precede it, and the text."""


class Run(NamedTuple):
    """A piece of a line in one style: where its baseline begins, how it is drawn, and with which glyphs."""

    x: float
    y: float
    """Below the top of the line."""
    body: bytes
    """The operators between the text matrix and the end of the text object."""
    glyphs: Glyphs


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph or note, set."""

    shape: tuple[object, ...]
    """Whatever the page depends on: for each line its height, how it is built, and which notes it calls."""
    runs: tuple[Run, ...]
    glyphs: tuple[Glyphs, ...]
    """Those of each line; where its runs disagree about the text of a glyph, the first counts."""


class Line(NamedTuple):
    """One line, set."""

    shape: object
    """Its height, how it is built, and which of its boxes call notes."""
    runs: tuple[Run, ...]
    glyphs: Glyphs


def line_of(shape: object, runs: tuple[Run, ...]) -> Line:
    """Make a line of its runs; the first to show a glyph tells its text."""
    glyphs: Glyphs = runs[0].glyphs if runs else {}
    for run in runs[1:]:
        glyphs = {**glyphs, **{font: {**texts, **glyphs.get(font, {})} for font, texts in run.glyphs.items()}}
    return Line(shape, runs, glyphs)


def text_boxes(line: Any) -> Iterator[Any]:
    """List the boxes of text in a line that was laid out."""
    return (box for box, _ in with_parents(line))


def with_parents(box: Any, parents: tuple[Any, ...] = ()) -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """List the boxes of text in a line that was laid out, each with the boxes around it."""
    for child in box.children:
        if isinstance(child, boxes.TextBox):
            yield child, parents
        else:
            yield from with_parents(child, (*parents, child))
