"""Pages with their margins serve for several letters, whose running heads are set apart."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from letters.render.pdf.box_tree import OPTIONS, Forme, Laid
from letters.render.pdf.drawing import DrawnPage
from letters.render.pdf.line_cache import Faces
from letters.render.pdf.plain import PdfRenderer
from letters.render.pdf.running_heads import Names
from tests.desk import ROOT

STYLE = """
@page { size: 300pt 200pt; margin: 40pt 20pt; background: #eee }
@page { @top-center { content: HEAD; width: 200pt } @bottom-center { content: "of " counter(pages) } }
body { font: 10pt/12pt serif; margin: 0; string-set: name attr(data-name) }
p { margin: 0; white-space: pre-line; break-inside: avoid; color: rgb(0 0 0 / 0.5) }
"""
WHOLE = "<p>a\nb\nc\nd</p>"
"""Two of them stand on a page of ten lines."""


@pytest.fixture(scope="module")
def plain() -> PdfRenderer:
    return PdfRenderer([], {"campaign": ROOT, "templates": ROOT / "templates"}, datetime.date(2026, 1, 5))


def forme(plain: PdfRenderer, head: str = "string(name)") -> Forme:
    import weasyprint

    style = weasyprint.CSS(string=STYLE.replace("HEAD", head), font_config=plain.fonts)
    html = f'<html lang="en"><title>x</title><body data-name=""><p data-slot="1">one</p>{WHOLE * 5}'
    return Forme(plain.read(html), style, plain.fonts)


def lay(text: Forme, name: str, lines: int = 1) -> Laid:
    """Lay out a letter to someone; names with as many words are taken to be set alike."""
    needs = {1: (lines, ["\n".join("1" * lines)])}
    text.fill({1: needs[1][1]}, {"data-name": name})
    laid = text.lay_out(needs, Names(0, {0: name}, lambda _, shown: len(shown.split())))
    laid.keep(needs)
    return laid


def shown(page: Any) -> list[str]:
    from weasyprint.formatting_structure.boxes import TextBox

    return [box.text for box in page._page_box.descendants() if isinstance(box, TextBox)]


def test_pages_serve_for_letters_whose_names_are_set_alike(plain: PdfRenderer) -> None:
    text = forme(plain)
    assert lay(text, "Ann").folios.known == {}
    laid = lay(text, "Bob")
    assert [*laid.folios.known] == [1, 2, 3]
    assert [head.attribute for heads in laid.heads.values() for head in heads] == [0, 0, 0]


def test_a_name_that_is_set_otherwise_has_its_own_pages(plain: PdfRenderer) -> None:
    text = forme(plain)
    lay(text, "Ann")
    laid = lay(text, "Bob Jones")
    assert laid.folios.known == {}
    assert all("Bob Jones" in shown(page) for page in laid.document.pages)


MORE = ('"To " string(name)', "string(name) counter(page)", "string(name); text-transform: uppercase")


@pytest.mark.parametrize("head", MORE)
def test_a_head_that_shows_more_than_a_name_is_that_of_its_letter(plain: PdfRenderer, head: str) -> None:
    text = forme(plain, head)
    lay(text, "Ann")
    laid = lay(text, "Bob")
    assert laid.folios.known == {}
    assert laid.known == {1, 2, 3}
    assert not any("ann" in word.lower() for page in laid.document.pages for word in shown(page))


def test_a_page_says_how_many_pages_its_letter_has(plain: PdfRenderer) -> None:
    text = forme(plain)
    lay(text, "Ann")
    laid = lay(text, "Bob", lines=8)
    assert [shown(page)[-1] for page in laid.document.pages] == ["of 4"] * 4


def drawn(plain: PdfRenderer, page: DrawnPage) -> list[bytes]:
    """Draw a page in a file of its own; return the objects of the file."""
    from weasyprint.document import Document
    from weasyprint.pdf import generate_pdf
    from weasyprint.pdf.metadata import DocumentMetadata

    document = Document([page], DocumentMetadata(title="x", lang="en"), None, plain.fonts, {}, None)
    pdf = generate_pdf(document, None, 1, **OPTIONS)
    return [each.data for each in pdf.objects[1:]]


def test_a_page_is_drawn_again_as_it_was(plain: PdfRenderer) -> None:
    page = lay(forme(plain), "Ann").document.pages[0]
    page.faces = Faces()
    first, records, places = drawn(plain, page), page.records, page.boxes
    assert b"/ca 0.5" in b"".join(first)
    assert drawn(plain, page) == first
    assert page.records is records
    assert page.boxes is places
