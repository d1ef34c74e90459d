"""Letters made in Word, and what their documents say in both media."""

from __future__ import annotations

import io
from collections.abc import Sequence

import pypdfium2
from docx.document import Document

from letters.formats.ooxml import parse, read_package, w
from tests.desk import Desk
from tests.word_documents import empty_document


def word_letter(*paragraphs: str | tuple[str, ...]) -> Document:
    """Make a Word file; a tuple is a paragraph typed in several runs."""
    document = empty_document()
    for runs in paragraphs:
        paragraph = document.add_paragraph()
        for run in (runs,) if isinstance(runs, str) else runs:
            paragraph.add_run(run)
    return document


def with_table(document: Document, rows: Sequence[Sequence[str]]) -> Document:
    """Add a table to a Word file; the first row is its head."""
    table = document.add_table(rows=0, cols=max(map(len, rows)))
    for row in rows:
        for cell, text in zip(table.add_row().cells, row, strict=False):
            cell.text = text
    return document


def place(desk: Desk, document: Document) -> None:
    out = io.BytesIO()
    document.save(out)
    (desk.folder / "templates/byhand.docx").write_bytes(out.getvalue())


def pdf_text(desk: Desk, identifier: str) -> str:
    pages = pypdfium2.PdfDocument(desk.folder / f"out/byhand/pdf/{identifier}.pdf")
    return " ".join(" ".join(page.get_textpage().get_text_range() for page in pages).split())


def docx_text(desk: Desk, identifier: str) -> str:
    content = (desk.folder / f"out/byhand/docx/{identifier}.docx").read_bytes()
    texts = parse(read_package(content)["word/document.xml"]).iter(w("t"))
    return " ".join("".join(text.text or "" for text in texts).split())
