"""Pages drawn as text, one letter for a square of paper: # where there is ink."""

from __future__ import annotations

import pypdfium2


def drawn(content: bytes, page: int = 0, squares: int = 4) -> list[str]:
    """Draw a page with so many squares to the inch; a square with any ink in it is #."""
    document = pypdfium2.PdfDocument(content)
    fine = 12
    image = document[page].render(scale=squares * fine / 72, grayscale=True).to_pil()
    document.close()
    rows = []
    for top in range(0, image.height - fine // 2, fine):
        row = ""
        for left in range(0, image.width - fine // 2, fine):
            darkest = image.crop((left, top, left + fine, top + fine)).getextrema()[0]
            row += "#" if darkest < 128 else "."
        rows.append(row)
    return rows


def ink_between(row: str) -> tuple[int, int] | None:
    """Tell the first and the last square with ink of a drawn row; None for an empty row."""
    return (row.index("#"), row.rindex("#")) if "#" in row else None
