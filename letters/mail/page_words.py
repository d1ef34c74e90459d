"""Reads the words of a page as it is drawn, each with its place; pictures of pages are in formats/pdf_text.py."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from letters.model.postal import Box

_POINTS = 72.0
_FIRST = re.compile(r"(?<!\d)1$")
"""Ends the label of a first page: "1", or "Enclosure 2-1"."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word on a page, and the box that its ink fills."""

    text: str
    box: Box
    page: int = 0
    """Counted from 0."""


def read_words(content: bytes, pages: Sequence[int] | None = None, *, ink: bool = True) -> list[Word]:
    """Read the words of a PDF, or of some of its pages counted from 0, in the order in which they are drawn.

    With `ink` off the boxes are those of the type, from the point where a letter is set: the same for "a" and "A".
    """
    import pypdfium2

    words: list[Word] = []
    document = pypdfium2.PdfDocument(content)
    try:
        for number in pages if pages is not None else range(len(document)):
            page = document[number]
            text = page.get_textpage()
            words += _words(text, page.get_height(), number, loose=not ink)
            text.close()
            page.close()
    finally:
        document.close()
    return words


def _words(text: Any, height: float, number: int, *, loose: bool) -> Iterator[Word]:
    count = text.count_chars()
    letters: Sequence[str] = text.get_text_range()
    if len(letters) != count:  # a character that Python counts otherwise than PDFium
        letters = [text.get_text_range(index, 1) for index in range(count)]
    word, box = "", None
    for index, letter in enumerate(letters):
        if letter.isspace() or not letter:
            if box:
                yield Word(word, box, number)
            word, box = "", None
            continue
        left, bottom, right, top = (each / _POINTS for each in text.get_charbox(index, loose=loose))
        here = Box(left, height / _POINTS - top, right, height / _POINTS - bottom)
        word, box = word + letter, box.around(here) if box else here
    if box:
        yield Word(word, box, number)


def find(words: Sequence[Word], wanted: Sequence[str]) -> tuple[int, int] | None:
    """Find where words stand in a row that read as wanted; None where they do not.

    Returned are the first index and the index after the last.
    """
    texts = [word.text for word in words]
    length = len(wanted)
    for start in range(len(texts) - length + 1):
        if texts[start : start + length] == list(wanted):
            return start, start + length
    return None


def bounds(words: Sequence[Word]) -> Box:
    """Make the box around words, of which there is at least one."""
    box = words[0].box
    for word in words[1:]:
        box = box.around(word.box)
    return box


def parts_of(path: Path) -> tuple[int, ...]:
    """Count the pages of the letter and of each enclosure in a finished PDF.

    Page labels count from 1 in each of them; a PDF without labels is one part.
    """
    import pypdfium2

    document = pypdfium2.PdfDocument(path)
    try:
        labels = [document.get_page_label(page) for page in range(len(document))]
    finally:
        document.close()
    starts = [page for page, label in enumerate(labels) if not page or _FIRST.search(label)]
    return tuple(end - start for start, end in zip(starts, [*starts[1:], len(labels)], strict=True))
