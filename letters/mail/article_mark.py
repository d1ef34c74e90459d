"""Draws the barcode of a certified mail number on the letter that prints the number, beside or below it.

It is for whoever files the letter and the receipts that come back: the label of the post office, with the barcode that
carriers read, is on the envelope (USPS Publication 199).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from letters.mail.barcode import encode_article
from letters.mail.page_words import Word, bounds, find, read_words
from letters.mail.pieces import Piece
from letters.model.postal import Box, Inches, spaced_article

MODULE: Inches = 0.0125
"""The width of the narrowest bar."""
HEIGHT: Inches = 0.3
QUIET = 10
"""Modules that stay white at each side (ISO/IEC 15417)."""
_APART: Inches = 0.04
_POINTS = 72


def article_box(content: bytes, article: str) -> Box | None:
    """Return where the bars go on the first page of a letter, in inches from its upper left.

    They end at the right margin, at the height of the number or else below it; None where the letter does not print the
    number, or other words are in the way.
    """
    words = read_words(content, [0])
    place = find(words, spaced_article(article).split())
    if place is None:
        return None
    number = bounds(words[slice(*place)])
    right = _width(content) - min(word.box.left for word in words)
    width = len(encode_article(article)) * MODULE
    for top in (number.top, number.bottom + _APART):
        box = Box(right - width, top, right, top + HEIGHT)
        if _is_free(box, words):
            return box
    return None


def _is_free(box: Box, words: Sequence[Word]) -> bool:
    around = Box(box.left - QUIET * MODULE, box.top - _APART / 2, box.right, box.bottom + _APART / 2)
    return not any(around.touches(word.box) for word in words)


def _width(content: bytes) -> Inches:
    import pypdfium2

    document = pypdfium2.PdfDocument(content)
    try:
        width: Any = document.get_page_size(0)[0]
    finally:
        document.close()
    return float(width) / _POINTS


def draw_article_mark(content: bytes, article: str, height: Inches) -> bytes:
    """Draw the bars on a page of this height as page content, an artifact to those who listen; nothing without room."""
    box = article_box(content, article)
    if box is None:
        return b""
    bars = []
    left = box.left
    for is_black, run in groupby(encode_article(article)):
        width = len(list(run)) * MODULE
        if is_black:
            edges = (left, height - box.bottom, width, HEIGHT)
            bars.append(b"%.3f %.3f %.3f %.3f re " % tuple(edge * _POINTS for edge in edges))
        left += width
    return b"/Artifact BMC q 0 g " + b"".join(bars) + b"f Q EMC\n"


def without_bars(pieces: Iterable[Piece]) -> list[str]:
    """Return the ids of the certified letters that have no room for the bars."""
    return [
        piece.recipient
        for piece in pieces
        if piece.article and article_box(piece.letter.pdf.read_bytes(), piece.article) is None
    ]
