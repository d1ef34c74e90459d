"""Envelopes, drawn: the return address at the upper left, the address in its room, the barcode above it."""

from __future__ import annotations

import pytest

from letters.mail.barcode import encode
from letters.mail.envelopes import write_envelopes
from letters.mail.page_words import bounds, read_words
from letters.mail.ruler import Ruler
from letters.postal import Products
from tests.mail.conftest import ADRIAN, HEIT, SENDER, addressee, set_page
from tests.mail.drawn import drawn

BARS = encode("00270123456000000007", "49022")


def test_an_envelope_has_the_return_address_and_the_address_in_their_places(products: Products, ruler: Ruler) -> None:
    html, problems = write_envelopes([HEIT], products.envelopes["10"], SENDER, ruler, "en-US")
    assert not problems
    assert drawn(set_page(html)) == [
        "......................................",
        "..#####...............................",
        "..#####...............................",
        "..#######.............................",
        "......................................",
        "......................................",
        "......................................",
        "................########..............",
        "................########..............",
        "................###########...........",
        "................########..............",
        "................########..............",
        "......................................",
        "......................................",
        "......................................",
        "......................................",
    ]


@pytest.mark.parametrize("name", ["10", "9", "DL", "C5", "9x12"])
def test_the_address_lies_in_its_room_on_every_envelope(name: str, products: Products, ruler: Ruler) -> None:
    envelope = products.envelopes[name]
    html, _ = write_envelopes([HEIT, ADRIAN], envelope, SENDER, ruler, "en-US")
    words = read_words(set_page(html))
    for page, first in enumerate(("The", "Chief")):
        start = next(n for n, word in enumerate(words) if word.page == page and word.text == first)
        address = [word for word in words[start:] if word.page == page]
        assert envelope.room.holds(bounds(address), 0.01)
        assert bounds(address).bottom < envelope.height - 0.625  # the post office prints its barcode below


def test_the_barcode_stands_above_the_address(products: Products, ruler: Ruler) -> None:
    plain, barred = (
        set_page(write_envelopes([addressee("X", barcode=bars)], products.envelopes["10"], (), ruler, "en-US")[0])
        for bars in ("", BARS)
    )
    (mark,) = (word for word in read_words(barred) if word.text == "X")
    (before,) = (word for word in read_words(plain) if word.text == "X")
    assert mark.box.top == pytest.approx(before.box.top + 0.245, abs=0.01)
    rows = drawn(barred, squares=16)
    bars = [row for row in rows[: int(mark.box.top * 16)] if "#" in row]
    assert len(bars) in (3, 4)
    assert (bars[0].index("#") / 16, bars[0].rindex("#") / 16) == pytest.approx((4.0, 6.9), abs=0.1)
