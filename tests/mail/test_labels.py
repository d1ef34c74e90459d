"""Sheets of labels, measured against the makers' geometry and drawn."""

from __future__ import annotations

import pytest
from fontTools.ttLib import TTFont

from letters.mail.addresses import FACE, Ruler
from letters.mail.typeset import write_labels
from letters.mail.windows import read_words
from letters.model.postal import Products
from tests.desk import ROOT
from tests.mail.conftest import ADRIAN, HEIT, addressee, set_page
from tests.mail.drawn import drawn

# Left edges of the columns and top edges of the rows, in inches, as the maker's own templates have them.
PUBLISHED = {
    "5160": ([0.1875, 2.9375, 5.6875], [0.5 + row for row in range(10)], (2.625, 1.0)),
    "5161": ([0.15625, 4.34375], [0.5 + row for row in range(10)], (4.0, 1.0)),
    "5162": ([0.15625, 4.34375], [5 / 6 + row * 4 / 3 for row in range(7)], (4.0, 4 / 3)),
    "5163": ([0.15625, 4.34375], [0.5 + 2 * row for row in range(5)], (4.0, 2.0)),
    "5164": ([0.15625, 4.34375], [0.5 + row * 10 / 3 for row in range(3)], (4.0, 10 / 3)),
    "5167": ([0.28125 + 2.0625 * column for column in range(4)], [0.5 + row / 2 for row in range(20)], (1.75, 0.5)),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_every_label_lies_where_the_maker_says(name: str, products: Products, ruler: Ruler) -> None:
    """Each label holds one line: its left edge is a padding from the label's, its line is centred in the label."""
    product = products.labels[name]
    lefts, tops, size = PUBLISHED[name]
    html, problems = write_labels([addressee("HH")] * product.count, product, ruler, "en-US")
    content = set_page(html)
    assert not problems
    assert (product.width, product.height) == pytest.approx(size, abs=0.01)
    places = [(left, top) for top in tops for left in lefts]
    assert [word.box.left - product.padding for word in read_words(content, ink=False)] == pytest.approx(
        [left for left, _ in places], abs=0.01
    )
    middles = [word.box.bottom - baseline_below_middle(product.size) for word in read_words(content)]
    assert middles == pytest.approx([top + size[1] / 2 for _, top in places], abs=0.01)


def baseline_below_middle(points: float) -> float:
    """Tell how far below the middle of a line its letters stand, in inches."""
    with TTFont(ROOT / "templates" / "fonts" / FACE) as font:
        return float((font["hhea"].ascent + font["hhea"].descent) / 2 / font["head"].unitsPerEm * points / 72)


def test_a_used_sheet_begins_with_the_label_that_is_named(products: Products, ruler: Ruler) -> None:
    html, _ = write_labels([HEIT, ADRIAN], products.labels["5160"], ruler, "en-US", start_at=7)
    assert drawn(set_page(html), squares=4)[:16] == [
        "..................................",
        "..................................",
        "..................................",
        "..................................",
        "..................................",
        "..................................",
        "..................................",
        "..................................",
        "..................................",
        "..................................",
        ".#######..........................",
        ".#########..#######...............",
        ".#########..######................",
        ".#######....#####.................",
        "..................................",
        "..................................",
    ]


def test_a_full_sheet_is_followed_by_another(products: Products, ruler: Ruler) -> None:
    html, _ = write_labels([ADRIAN] * 31, products.labels["5160"], ruler, "en-US", start_at=30)
    words = read_words(set_page(html))
    assert [sum(word.text == "Chief" for word in words if word.page == page) for page in range(2)] == [1, 30]
