"""Reads what the mailing needs to know of finished PDFs."""

from __future__ import annotations

from pathlib import Path


def parts_of(path: Path) -> tuple[int, ...]:
    """Count the pages of the letter and of each enclosure in a finished PDF.

    A range of page labels begins with each of them; a PDF without labels is one part.
    """
    import pikepdf

    with pikepdf.open(path) as pdf:
        pages = len(pdf.pages)
        labels = pdf.Root.get("/PageLabels")
        starts = sorted({0, *(int(number) for number in list(labels.Nums)[::2])}) if labels is not None else [0]
    inside = [start for start in starts if start < pages]
    return tuple(end - start for start, end in zip(inside, [*inside[1:], pages], strict=True))
