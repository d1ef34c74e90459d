"""Draws pages of PDFs as pictures, by pypdfium2."""

from __future__ import annotations

import io

_POINTS = 72.0


def draw_page(content: bytes, page: int, dots_per_inch: float) -> bytes:
    """Draw a page of a PDF, counted from 0, as a PNG of few colours."""
    import pypdfium2  # type: ignore[import-untyped]

    document = pypdfium2.PdfDocument(content)
    try:
        picture = document[page].render(scale=dots_per_inch / _POINTS).to_pil()
    finally:
        document.close()
    out = io.BytesIO()
    picture.quantize(64).save(out, "PNG", optimize=True)
    return out.getvalue()
