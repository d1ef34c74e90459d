"""Draws pages as pictures, through pypdfium2."""

from __future__ import annotations

import io
from collections.abc import Sequence

_POINTS = 72


def draw_page(content: bytes, page: int, dots_per_inch: int) -> bytes:
    """Draw a page of a PDF, counted from 0, as a PNG."""
    import pypdfium2  # type: ignore[import-untyped]

    document = pypdfium2.PdfDocument(content)
    try:
        picture = document[page].render(scale=dots_per_inch / _POINTS).to_pil()
    finally:
        document.close()
    out = io.BytesIO()
    picture.quantize(64).save(out, "PNG", optimize=True)
    return out.getvalue()


def join_side_by_side(pictures: Sequence[bytes], gap: int) -> bytes:
    """Put PNGs beside each other on grey, as many dots apart as told."""
    from PIL import Image

    images = [Image.open(io.BytesIO(picture)).convert("RGB") for picture in pictures]
    width = sum(image.width for image in images) + gap * (len(images) + 1)
    canvas = Image.new("RGB", (width, max(image.height for image in images) + 2 * gap), (176, 176, 176))
    left = gap
    for image in images:
        canvas.paste(image, (left, gap))
        left += image.width + gap
    out = io.BytesIO()
    canvas.quantize(64).save(out, "PNG", optimize=True)
    return out.getvalue()
