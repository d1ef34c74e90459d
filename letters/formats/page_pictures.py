"""Draws pages of PDFs as pictures, by pypdfium2 and Pillow."""

from __future__ import annotations

import io
from collections.abc import Sequence

_DESK, _GAP, _DOTS = "#d9d6cf", 16, 90
"""What pages lie on, pixels between them, and dots per inch."""
_POINTS = 72.0


def draw_page(content: bytes, page: int, dots_per_inch: float, *, is_kept: bool = True) -> bytes:
    """Draw a page of a PDF, counted from 0, as a PNG: a small one of few colours, or a quick one that is not kept."""
    import pypdfium2

    document = pypdfium2.PdfDocument(content)
    try:
        picture = document[page].render(scale=dots_per_inch / _POINTS).to_pil()
    finally:
        document.close()
    out = io.BytesIO()
    if is_kept:
        picture.quantize(64).save(out, "PNG", optimize=True)
    else:
        picture.save(out, "PNG", compress_level=1)
    return out.getvalue()


def draw_side_by_side(contents: Sequence[bytes], pages: int) -> bytes:
    """Draw the first pages of PDFs as one PNG: a column for each PDF, a row for each page."""
    import pypdfium2
    from PIL import Image

    columns = []
    for content in contents:
        document = pypdfium2.PdfDocument(content)
        try:
            shown = range(min(pages, len(document)))
            columns.append([document[number].render(scale=_DOTS / _POINTS).to_pil().convert("RGB") for number in shown])
        finally:
            document.close()
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
