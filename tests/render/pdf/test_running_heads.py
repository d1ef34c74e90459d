"""Pages with their margins serve for several letters, whose running heads are set apart."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from letters.render.pdf.fonts import FontRegistry
from letters.render.pdf.letter_parts import BoxTree, LaidOutPart
from letters.render.pdf.plain import VARIANT, PdfRenderer
from letters.render.pdf.running_heads import DrawnPage, HeadValues
from letters.render.pdf.weasyprint_internals import boxes, page_box
from letters.render.store import Limits
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


def tree(plain: PdfRenderer, head: str = "string(name)") -> BoxTree:
    import weasyprint

    style = weasyprint.CSS(string=STYLE.replace("HEAD", head), font_config=plain.fonts)
    html = f'<html lang="en"><title>x</title><body data-name=""><p data-slot="1">one</p>{WHOLE * 5}'
    return BoxTree(plain.read(html), style, plain.fonts, Limits())


def lay(text: BoxTree, name: str, lines: int = 1) -> LaidOutPart:
    """Lay out a letter to someone; names with as many words are taken to be set alike."""
    needs = {1: (lines, ["\n".join("1" * lines)])}
    text.fill({1: needs[1][1]}, {"data-name": name})
    laid = text.lay_out(needs, HeadValues(0, {0: name}, lambda _, shown: len(shown.split())))
    laid.keep(needs)
    return laid


def shown(page: Any) -> list[str]:
    return [box.text for box in page_box(page).descendants() if isinstance(box, boxes.TextBox)]


def test_pages_serve_for_letters_whose_names_are_set_alike(plain: PdfRenderer) -> None:
    text = tree(plain)
    assert lay(text, "Ann").finished.known == {}
    laid = lay(text, "Bob")
    assert [*laid.finished.known] == [1, 2, 3]
    assert [head.attribute for heads in laid.heads.values() for head in heads] == [0, 0, 0]


def test_a_name_that_is_set_otherwise_has_its_own_pages(plain: PdfRenderer) -> None:
    text = tree(plain)
    lay(text, "Ann")
    laid = lay(text, "Bob Jones")
    assert laid.finished.known == {}
    assert all("Bob Jones" in shown(page) for page in laid.document.pages)


MORE = ('"To " string(name)', "string(name) counter(page)", "string(name); text-transform: uppercase")


@pytest.mark.parametrize("head", MORE)
def test_a_head_that_shows_more_than_a_name_is_that_of_its_letter(plain: PdfRenderer, head: str) -> None:
    text = tree(plain, head)
    lay(text, "Ann")
    laid = lay(text, "Bob")
    assert laid.finished.known == {}
    assert laid.known == {1, 2, 3}
    assert not any("ann" in word.lower() for page in laid.document.pages for word in shown(page))


def test_a_page_says_how_many_pages_its_letter_has(plain: PdfRenderer) -> None:
    text = tree(plain)
    lay(text, "Ann")
    laid = lay(text, "Bob", lines=8)
    assert [shown(page)[-1] for page in laid.document.pages] == ["of 4"] * 4


def drawn(document: Any, page: DrawnPage) -> list[bytes]:
    """Draw a page in a file of its own; return the objects of the file."""
    objects: list[bytes] = []

    def finish(_: Any, pdf: Any) -> None:
        objects.extend(each.data for each in pdf.objects[1:])

    document.copy([page]).write_pdf(pdf_variant=VARIANT, pdf_identifier=b"", finisher=finish)
    return objects


def test_a_page_is_drawn_again_as_it_was(plain: PdfRenderer) -> None:
    document = lay(tree(plain), "Ann").document
    page = document.pages[0]
    page.fonts = FontRegistry()
    first, records, places = drawn(document, page), page.records, page.boxes
    assert b"/ca 0.5" in b"".join(first)
    assert drawn(document, page) == first
    assert page.records is records
    assert page.boxes is places
