"""Draws pages as pictures and reads their words and where they stand; PDFium is asked by one thread at a time."""

from __future__ import annotations

import functools
import io
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from letters.formats.pdf_text import PdfText

_DOTS = 120
"""To the inch: sharp at the size in which a page is shown, and quick to draw."""
_QUICK = 3
"""How hard a picture is compressed."""
_pdfium = threading.Lock()


@dataclass(frozen=True, slots=True)
class Mark:
    """A numbered outline on a page, in points from the upper left corner."""

    number: int
    left: float
    top: float
    width: float
    height: float
    words: str


@dataclass(frozen=True, slots=True)
class ShownPage:
    """A page as the desk shows it: a picture, its size in points, its words."""

    digest: str
    number: int
    width: float
    height: float
    text: str
    marks: tuple[Mark, ...] = ()
    called: int = 0
    """The number of the page in its letter, where this is the picture of that page alone."""

    @property
    def label(self) -> int:
        """The number that it is shown under."""
        return self.called or self.number

    @property
    def paragraphs(self) -> list[str]:
        """The words of the page, line by line, for people who do not see the picture."""
        return [line.strip() for line in self.text.replace("\r", "\n").split("\n") if line.strip()]


def picture_of(content: bytes, number: int) -> bytes | None:
    """Return a page of a PDF, counted from 1, as a PNG; None where it has no such page."""
    with _pdfium, PdfText(content) as pdf:
        if not 1 <= number <= pdf.count:
            return None
        picture = pdf.picture(number - 1, _DOTS)
    out = io.BytesIO()
    picture.save(out, "PNG", compress_level=_QUICK)
    return out.getvalue()


def shown_pages(digest: str, content: bytes, found: Iterable[tuple[int, str, str]] = ()) -> list[ShownPage]:
    """Return the pages of a PDF; `found` are numbers, words to be outlined where they stand, and what is said there."""
    pages = _pages(digest, content)
    wanted = list(found)
    marks: dict[int, list[Mark]] = {page.number: [] for page in pages}
    if wanted:
        with _pdfium, PdfText(content) as pdf:
            for number, words, said in wanted:
                for page in pages:
                    at = page.text.find(words)
                    box = pdf.box_of(page.number - 1, at, at + len(words)) if at >= 0 else None
                    if box:
                        left, bottom, right, top = box
                        width, height = right - left + 4, top - bottom + 4
                        marks[page.number].append(Mark(number, left - 2, page.height - top - 2, width, height, said))
                        break
    return [
        ShownPage(page.digest, page.number, page.width, page.height, page.text, tuple(marks[page.number]))
        for page in pages
    ]


@functools.lru_cache(16)
def _pages(digest: str, content: bytes) -> Sequence[ShownPage]:
    with _pdfium, PdfText(content) as pdf:
        return tuple(
            ShownPage(digest, number, *page.size, page.text) for number, page in enumerate(pdf.pages(), start=1)
        )


def words_at(content: bytes, page: int, x: float, y: float) -> str:
    """Return the words around a point of a page, given in points from its upper left corner."""
    with _pdfium, PdfText(content) as pdf:
        return pdf.words_near(page - 1, x, y) if 1 <= page <= pdf.count else ""
