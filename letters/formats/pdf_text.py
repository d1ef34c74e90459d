"""Reads and pictures a finished PDF as it is drawn: the text of each page, where lines and pictures lie."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

_HYPHEN_AT_END = "\ufffe"
"""What PDFium writes for a hyphen at the end of a line, since it may be there for the line only."""
Box = tuple[float, float, float, float]
"""Left, bottom, right and top, in points from the lower left corner of the page."""
_DESK, _GAP, _DOTS = "#d9d6cf", 16, 90
"""What pages lie on, pixels between them, and dots per inch."""
_POINTS = 72.0
_AROUND = 60
"""Characters on either side of a point that are its words."""
_QUALITY = 85
"""Of a JPEG: with less, grey dots show around letters."""


@dataclass(frozen=True, slots=True)
class PageText:
    """What is drawn on a page."""

    text: str
    lines: tuple[Box, ...]
    """The stretches of text in one style; a line has one or more."""
    pictures: tuple[Box, ...]
    size: tuple[float, float]
    """Width and height in points."""


class PdfText:
    """A PDF that is open for reading; use it as a context manager. Raises ValueError for what is no PDF."""

    def __init__(self, content: bytes) -> None:
        import pypdfium2

        try:
            self._document = pypdfium2.PdfDocument(content)
        except pypdfium2.PdfiumError as error:
            raise ValueError(str(error)) from None

    def __enter__(self) -> PdfText:
        return self

    def __exit__(self, *_: object) -> None:
        self._document.close()

    def pages(self) -> Iterator[PageText]:
        """Yield the pages in order."""
        for page in self._document:
            yield self._read(page)

    def _read(self, page: Any) -> PageText:
        text = page.get_textpage()
        lines = tuple(text.get_rect(number) for number in range(text.count_rects()))
        read = PageText(_characters(text), lines, _pictures(page), page.get_size())
        # PDFium keeps what it has read of a page until that is closed.
        text.close()
        page.close()
        return read

    def box_of(self, number: int, first: int, last: int) -> Box | None:
        """Return the box around characters of a page, counted from 0; None where nothing of them is drawn."""
        page = self._document[number]
        text = page.get_textpage()
        boxes = [text.get_charbox(index) for index in range(first, min(last, text.count_chars()))]
        drawn = [box for box in boxes if box[2] > box[0]]
        if not drawn:
            return None
        lefts, bottoms, rights, tops = zip(*drawn, strict=True)
        return min(lefts), min(bottoms), max(rights), max(tops)

    def page(self, number: int) -> PageText:
        """Return one page, counted from 0."""
        return self._read(self._document[number])

    def size(self, number: int) -> tuple[float, float]:
        """Return the width and height of a page in points."""
        width, height = self._document.get_page_size(number)
        return width, height

    def __len__(self) -> int:
        """Return the number of pages."""
        return len(self._document)

    def label(self, number: int) -> str:
        """Return the label of a page, such as "017-3"."""
        return str(self._document.get_page_label(number))

    def images(self, number: int) -> list[tuple[Box, bytes]]:
        """Return the pictures of a page with their places, as the bytes of their dots."""
        from pypdfium2.raw import FPDF_PAGEOBJ_IMAGE

        page = self._document[number]
        return [
            (each.get_bounds(), bytes(each.get_data(decode_simple=True)))
            for each in page.get_objects(filter=[FPDF_PAGEOBJ_IMAGE])
        ]

    def painted(self, number: int) -> Iterator[tuple[Box, bool, bool]]:
        """Yield for each thing that is drawn on a page its box, whether it is text, and whether it is plain black."""
        # pypdfium2 has no words of its own for colours and ways of rendering.
        from ctypes import byref, c_uint

        from pypdfium2 import raw

        for each in self._document[number].get_objects():
            is_text = each.type == raw.FPDF_PAGEOBJ_TEXT
            color = [c_uint() for _ in "rgba"]
            has_color = bool(raw.FPDFPageObj_GetFillColor(each.raw, *map(byref, color)))
            is_filled = not is_text or raw.FPDFTextObj_GetTextRenderMode(each.raw) == raw.FPDF_TEXTRENDERMODE_FILL
            is_black = has_color and [part.value for part in color] == [0, 0, 0, 255]
            yield each.get_bounds(), is_text, is_black and is_filled

    def is_blank(self, number: int) -> bool:
        """Return whether nothing is drawn on a page."""
        return next(iter(self._document[number].get_objects()), None) is None

    @property
    def count(self) -> int:
        """How many pages there are."""
        return len(self._document)

    def words_near(self, number: int, left: float, top: float) -> str:
        """Return the text around a point of a page, counted from 0; the point is given from the upper left corner."""
        page = self._document[number]
        text = page.get_textpage()
        height = page.get_size()[1]
        # Whoever clicks up to a line beside a word means it: the last two are tolerances in points.
        index = text.get_index(left, height - top, 12, 12)
        if index is None:
            return ""
        first = max(0, index - _AROUND)
        return str(text.get_text_range(first, min(2 * _AROUND, text.count_chars() - first)))

    def picture(self, number: int, dots_per_inch: float) -> Any:
        """Return a page, counted from 0, as a picture of Pillow."""
        return self._document[number].render(scale=dots_per_inch / _POINTS).to_pil()


def _pictures(page: Any) -> tuple[Box, ...]:
    """Return where the pictures of a page are."""
    from pypdfium2 import raw

    # Most pages have none, and a hundred lines of text: to make an object of each takes longer than to read the words.
    count = raw.FPDFPage_CountObjects(page)
    kinds = {raw.FPDFPageObj_GetType(raw.FPDFPage_GetObject(page, number)) for number in range(count)}
    if not kinds & {raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_FORM}:
        return ()
    return tuple(each.get_bounds() for each in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE]))


def _characters(text: Any) -> str:
    """Return the text of a page, one character for each that PDFium counts, hyphens at the ends of lines included."""
    count = text.count_chars()
    characters: str = text.get_text_range()
    if len(characters) != count:
        characters = "".join((text.get_text_range(index, 1) or " ")[:1] for index in range(count))
    return characters.replace(_HYPHEN_AT_END, "-")


def draw_page(content: bytes, page: int, dots_per_inch: float, *, for_pdf: bool = False) -> bytes:
    """Draw a page of a PDF, counted from 0: as a small PNG of few colours, or as a JPEG for another PDF."""
    with PdfText(content) as pdf:
        picture = pdf.picture(page, dots_per_inch)
    out = io.BytesIO()
    if for_pdf:
        # WeasyPrint writes a JPEG as it is; a PNG it unpacks and packs again, which takes as long as all else.
        picture.convert("RGB").save(out, "JPEG", quality=_QUALITY)
    else:
        picture.quantize(64).save(out, "PNG", optimize=True)
    return out.getvalue()


def draw_side_by_side(contents: Sequence[bytes], pages: int) -> bytes:
    """Draw the first pages of PDFs as one PNG: a column for each PDF, a row for each page."""
    from PIL import Image

    columns = []
    for content in contents:
        with PdfText(content) as pdf:
            shown = range(min(pages, len(pdf)))
            columns.append([pdf.picture(number, _DOTS).convert("RGB") for number in shown])
    width = max(page.width for column in columns for page in column) + _GAP
    height = max(page.height for column in columns for page in column) + _GAP
    size = (width * len(columns) + _GAP, height * max(map(len, columns)) + _GAP)
    desk = Image.new("RGB", size, _DESK)
    for column, drawn in enumerate(columns):
        for row, page in enumerate(drawn):
            desk.paste(page, (column * width + _GAP, row * height + _GAP))
    out = io.BytesIO()
    desk.quantize(128).save(out, "PNG", optimize=True)
    return out.getvalue()
