"""Blocks in the same place are laid out once, and pages come out as if they had been laid out anew."""

from __future__ import annotations

import datetime

import pytest

from letters.render.compose_folios import Names
from letters.render.compose_formes import Forme, Laid
from letters.render.compose_stock import Stock
from letters.render.pdf import PdfRenderer
from tests.desk import ROOT

STYLE = """
@page { size: 300pt 200pt; margin: 20pt }
body { font: 10pt/12pt serif; margin: 0 }
p { margin: 0 0 6pt; white-space: pre-line; orphans: 2; widows: 2 }
h1 { font-size: 12pt; margin: 8pt 0 4pt; break-after: avoid }
.side { display: flex }
span { float: footnote }
"""
BODY = "".join(
    f"<h1>Part {number}</h1><p>one\ntwo<span>a note of part {number}</span>\nthree</p><p>four\nfive</p>"
    for number in range(6)
)


@pytest.fixture(scope="module")
def plain() -> PdfRenderer:
    return PdfRenderer([], {"campaign": ROOT, "templates": ROOT / "templates"}, datetime.date(2026, 1, 5))


def forme(plain: PdfRenderer, stock: Stock, more: str = "") -> Forme:
    import weasyprint

    marked = f'<div class="side"><div>left</div><div>right</div></div><p data-slot="1">marked</p>{more}'
    html = f'<html lang="en"><title>x</title><body>{marked}{BODY}'
    return Forme(plain.read(html), weasyprint.CSS(string=STYLE, font_config=plain.fonts), plain.fonts, stock)


def lay(text: Forme, lines: str) -> Laid:
    text.fill({1: [lines]}, {})
    return text.lay_out({1: (None, (lines,))}, Names(0, {}, lambda *_: None))


def places(laid: Laid) -> list[list[tuple[str, float, float]]]:
    from weasyprint.formatting_structure.boxes import TextBox

    pages = [page._page_box.descendants() for page in laid.document.pages]
    return [
        [(each.text, each.position_x, each.position_y) for each in page if isinstance(each, TextBox)] for page in pages
    ]


def test_blocks_in_the_same_place_are_not_laid_out_again(plain: PdfRenderer) -> None:
    stock = Stock()
    text = forme(plain, stock)
    lay(text, "a")
    before = len(stock.laid)
    lay(text, "b")
    assert len(stock.laid) == before + 1


@pytest.mark.parametrize("more", ["", "<p>more</p>", "<p>more<span>and a note</span></p>"])
def test_pages_are_those_that_would_be_laid_out_anew(plain: PdfRenderer, more: str) -> None:
    stock = Stock()
    texts = [forme(plain, stock), forme(plain, stock, more)]
    for lines in ("a", "b", "a\nb\nc", "c", "a\n" * 9, "a"):
        for text, added in zip(texts, ("", more), strict=True):
            assert places(lay(text, lines)) == places(lay(forme(plain, Stock(), added), lines))
