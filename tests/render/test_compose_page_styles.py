"""A text that is laid out again stands on the same pages, whatever these are called."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from letters.render.compose_folios import Names
from letters.render.compose_formes import Forme
from letters.render.compose_stock import Stock
from letters.render.pdf import PdfRenderer
from tests.desk import ROOT

STYLE = """
@page { size: 300pt 200pt; margin: 20pt; @bottom-center { content: counter(page) } }
@page wide { size: 600pt 200pt }
body { font: 10pt/12pt serif; margin: 0; page: NAME }
.wide { page: wide }
"""
BODY = '<p data-slot="1">one</p><p>two</p><div class="CLASS"><p>three</p></div><p>four</p>'


@pytest.fixture(scope="module")
def plain() -> PdfRenderer:
    return PdfRenderer([], {"campaign": ROOT, "templates": ROOT / "templates"}, datetime.date(2026, 1, 5))


def shown(document: Any) -> list[tuple[float, list[str]]]:
    """List the width of each page and the words on it."""
    from weasyprint.formatting_structure.boxes import TextBox

    pages = [(page.width, page._page_box.descendants()) for page in document.pages]
    return [(width, [box.text for box in page if isinstance(box, TextBox)]) for width, page in pages]


@pytest.mark.parametrize("kind", ["wide", "narrow"])
@pytest.mark.parametrize("name", ["auto", "wide"])
def test_pages_of_all_names_are_those_of_the_plain_way(plain: PdfRenderer, kind: str, name: str) -> None:
    import weasyprint

    style = weasyprint.CSS(string=STYLE.replace("NAME", name), font_config=plain.fonts)
    html = f'<html lang="en"><title>x</title><body>{BODY.replace("CLASS", kind)}'
    whole = plain.read(html).render(stylesheets=[style], font_config=plain.fonts)
    text = Forme(plain.read(html), style, plain.fonts, Stock())
    for _ in range(2):
        laid = text.lay_out({1: (None, ("one",))}, Names(0, {}, lambda *_: None))
        assert shown(laid.document) == shown(whole)
    assert (len(whole.pages) > 1) == ((kind, name) == ("wide", "auto"))
