"""Texts share the blocks that they have in common, and each shows its own words in them."""

from __future__ import annotations

import datetime

import pytest

from letters.render.compose_folios import Names
from letters.render.compose_formes import Forme, Laid
from letters.render.compose_stock import Stock
from letters.render.pdf import PdfRenderer
from tests.desk import ROOT

STYLE = "p { margin: 0 } p + p { text-indent: 1em } .loud { color: red } q::before { content: open-quote }"
NOTE = '<span style="float: footnote">a note</span>'


@pytest.fixture(scope="module")
def plain() -> PdfRenderer:
    return PdfRenderer([], {"campaign": ROOT, "templates": ROOT / "templates"}, datetime.date(2026, 1, 5))


def forme(plain: PdfRenderer, stock: Stock, *body: str) -> Forme:
    import weasyprint

    html = f'<html lang="en"><title>x</title><body>{"".join(body)}'
    return Forme(plain.read(html), weasyprint.CSS(string=STYLE, font_config=plain.fonts), plain.fonts, stock)


def shared(one: Forme, other: Forme) -> list[str | None]:
    """List the words of the blocks that two texts have in common."""
    own = {id(box) for box in one._root.children[0].children}
    return ["".join(box.element.itertext()) for box in other._root.children[0].children if id(box) in own]


def words(laid: Laid) -> list[str]:
    from weasyprint.formatting_structure.boxes import TextBox

    return [
        box.text for page in laid.document.pages for box in page._page_box.descendants() if isinstance(box, TextBox)
    ]


def lay(text: Forme, number: int, word: str) -> list[str]:
    """Lay out a letter with a word in its marked paragraph."""
    text.fill({number: [word]}, {})
    return words(text.lay_out({number: (1, (word,))}, Names(0, {}, lambda *_: None)))


def test_equal_blocks_are_shared_and_others_are_not(plain: PdfRenderer) -> None:
    stock = Stock()
    one = forme(plain, stock, f"<p>a</p><p>b{NOTE}</p><p>c</p><p title='t'>d</p><p>e</p>")
    other = forme(plain, stock, f"<p>a</p><p>b{NOTE}</p><p class='loud'>c</p><p>d</p><h1>x</h1><p>e</p>")
    assert shared(one, other) == ["a", "ba note"]


def test_a_block_that_stands_twice_is_two(plain: PdfRenderer) -> None:
    stock = Stock()
    forme(plain, stock, "<p>a</p><h1>x</h1>", "<p>a</p><h1>x</h1>")
    other = forme(plain, stock, "<p>a</p><h1>x</h1>" * 3)
    assert len({id(box) for box in other._root.children[0].children}) == 6


def test_each_text_shows_its_own_words_in_blocks_that_it_shares(plain: PdfRenderer) -> None:
    stock = Stock()
    one = forme(plain, stock, '<p data-slot="1">one</p><p data-slot="2">fixed</p><p>end</p>')
    other = forme(plain, stock, '<p data-slot="3">three</p><p data-slot="4">words</p><h1>x</h1><p>end</p>')
    assert shared(one, other) == ["one", "fixed"]
    assert lay(one, 1, "Ann") == ["Ann", "fixed", "end"]
    assert lay(other, 3, "Bob") == ["Bob", "words", "x", "end"]
    assert lay(one, 1, "Cem") == ["Cem", "fixed", "end"]


def test_notes_of_shared_blocks_stand_on_the_pages_of_every_text(plain: PdfRenderer) -> None:
    stock = Stock()
    for more in ("", "<h1>x</h1>"):
        laid = lay(forme(plain, stock, f'<p>a{NOTE}</p>{more}<p data-slot="1">b</p>'), 1, "c")
        assert laid.count("a note") == 1
