"""Envelopes, drawn: the return address at the upper left, the address in its room, the barcode above it."""

from __future__ import annotations

import io

import pikepdf
import pypdfium2
import pytest

from letters.campaign.load import load
from letters.mail.addresses import Ruler
from letters.mail.barcode import encode
from letters.mail.products import choose_envelope
from letters.mail.typeset import write_envelopes
from letters.mail.windows import bounds, read_words
from letters.model.postal import Products
from letters.model.problems import CannotGoOn
from tests.conftest import MakeDesk
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


def test_the_drawn_bars_read_as_the_letters_they_were_made_of(products: Products, ruler: Ruler) -> None:
    envelope = products.envelopes["10"]
    content = set_page(write_envelopes([addressee("X", barcode=BARS)], envelope, (), ruler, "en-US")[0])
    document = pypdfium2.PdfDocument(content)
    image = document[0].render(scale=600 / 72, grayscale=True).to_pil()
    document.close()
    top = envelope.address_top + 0.04
    letters = {(False, False): "T", (True, False): "A", (False, True): "D", (True, True): "F"}
    read = ""
    for bar in range(65):
        middle = round((envelope.address_left + bar / 22 + 0.01) * 600)
        ascends, descends = (image.getpixel((middle, round((top + y) * 600))) < 128 for y in (0.02, 0.125))
        assert image.getpixel((middle, round((top + 0.0725) * 600))) < 128
        read += letters[ascends, descends]
    assert read == BARS


def test_a_barcode_is_a_figure_that_says_what_it_is(products: Products, ruler: Ruler) -> None:
    envelope = products.envelopes["10"]
    content = set_page(write_envelopes([addressee("X", barcode=BARS)], envelope, SENDER, ruler, "en-US")[0])
    with pikepdf.open(io.BytesIO(content)) as pdf:
        figures = [
            thing for thing in pdf.objects if isinstance(thing, pikepdf.Dictionary) and thing.get("/S") == "/Figure"
        ]
        assert [str(figure.Alt) for figure in figures] == ["Intelligent Mail barcode"]


@pytest.mark.parametrize(("name", "fits"), [("9", False), ("10", True), ("DL", True), ("C5", True), ("9x12", True)])
def test_an_envelope_too_small_for_the_folded_paper_is_refused(make_desk: MakeDesk, name: str, fits: bool) -> None:
    """A4 folded in three is 99 mm high, and a #9 envelope 98.4."""
    project, _ = load(make_desk(more='paper = "A4"').folder / "campaign.toml")
    assert project
    if fits:
        assert choose_envelope(project, name).name == name
    else:
        with pytest.raises(CannotGoOn, match=r"on A4 do not fit into an envelope 9: 3\.90 x 8\.27 in\., folded"):
            choose_envelope(project, name)
