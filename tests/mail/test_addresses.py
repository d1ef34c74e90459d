"""Addresses on paper: their style, and that what does not fit is told before it is printed."""

from __future__ import annotations

import pytest

from letters.mail.addresses import Ruler, fit, wrap, write_lines
from letters.mail.barcode import encode
from letters.mail.pieces import AddressStyle
from letters.mail.products import room_of
from letters.mail.typeset import barcode_fault, write_envelopes, write_labels
from letters.mail.windows import read_words
from letters.model.postal import Box, Products
from tests.mail.conftest import HEIT, SENDER, addressee, set_page

BARS = encode("00270123456000000007", "49022")


def test_addresses_stay_as_they_are_written() -> None:
    assert write_lines(HEIT.lines, AddressStyle.AS_WRITTEN) == HEIT.lines


def test_publication_28_wants_capitals_without_punctuation() -> None:
    lines = ("St. Clair County Sheriff’s Office", "1170 Michigan Rd., Ste. 39.5", "Port Huron, MI 48060-1234")
    assert write_lines(lines, AddressStyle.PUBLICATION_28) == (
        "ST CLAIR COUNTY SHERIFF'S OFFICE",
        "1170 MICHIGAN RD STE 39.5",
        "PORT HURON MI 48060-1234",
    )


def test_the_largest_type_is_taken_in_which_every_line_fits(ruler: Ruler) -> None:
    wide = ruler.width("Benton Harbor")
    assert fit(["Benton Harbor"], Box(0, 0, wide * 10.2 / 72, 1), (12, 8), ruler).size == 10  # type: ignore[union-attr]
    assert fit(["Benton Harbor"], Box(0, 0, wide * 7.9 / 72, 1), (12, 8), ruler) is None


BERRIEN = (
    "Chief of Police",
    "Berrien Springs-Oronoko Township Police Department",
    "4411 East Snow Road, Suite 4",
    "Berrien Springs, MI 49103",
)


def test_a_long_line_goes_on_in_the_next_one_in_even_parts(ruler: Ruler) -> None:
    widest = ruler.width("Berrien Springs-Oronoko Township Pol")
    assert wrap(BERRIEN, widest, ruler) == (
        BERRIEN[0],
        "Berrien Springs-Oronoko",
        "Township Police Department",
        *BERRIEN[2:],
    )


def test_the_unit_of_a_long_delivery_line_stands_above_it(ruler: Ruler) -> None:
    widest = ruler.width(BERRIEN[3]) + 0.1
    assert (wrap(BERRIEN, widest, ruler) or ())[-3:] == ("Suite 4", "4411 East Snow Road", BERRIEN[3])


@pytest.mark.parametrize("lines", [("Chief of Police", "1 Main Street", "A very long name of a city, MI 49103")])
def test_city_state_and_zip_code_stay_on_one_line(lines: tuple[str, ...], ruler: Ruler) -> None:
    assert wrap(lines, ruler.width("A very long name"), ruler) is None


def test_an_address_is_wrapped_before_it_is_set_smaller(ruler: Ruler) -> None:
    room = Box(0, 0, ruler.width(BERRIEN[1]) * 11 / 72, 2)
    set_in = fit(BERRIEN, room, (12, 8), ruler)
    assert set_in is not None
    assert (set_in.size, len(set_in.lines)) == (12, 5)


@pytest.mark.parametrize("line", ["Benton Harbor, MI 49022", "AVATAR To. Wy fi ffl", "Señora Dvořák ☎ 2nd “Ave.”"])
def test_lines_are_as_wide_on_paper_as_they_were_measured(line: str, products: Products, ruler: Ruler) -> None:
    html, _ = write_envelopes([addressee(line)], products.envelopes["10"], SENDER, ruler, "en-US")
    words = [word for word in read_words(set_page(html), ink=False) if word.box.top > 1.5]
    width = words[-1].box.right - words[0].box.left
    assert width == pytest.approx(ruler.width(line) * 12 / 72, abs=0.01)


def test_a_line_too_long_for_a_label_is_a_problem_and_not_cut(products: Products, ruler: Ruler) -> None:
    long = addressee("Chief of Police", "W" * 40, "Adrian, MI 49221")
    html, (problem,) = write_labels([long], products.labels["5160"], ruler, "en-US")
    assert str(problem).startswith('recipients.csv:3: "' + "W" * 40 + '" is ')
    assert "even in type of 7.5 pt; label 5160 has room for 2.38 in." in problem.what
    assert "WWW" not in html


def test_too_many_lines_for_a_label_are_a_problem(products: Products, ruler: Ruler) -> None:
    _, (problem,) = write_labels([addressee(*"abcdefgh")], products.labels["5160"], ruler, "en-US")
    assert problem.what == "the address has 8 lines, more than fit on label 5160"


@pytest.mark.parametrize(
    ("product", "fault"),
    [("5160", "the barcode is 2.93 in. wide; label 5160 has room for 2.38 in."), ("5163", "")],
)
def test_a_label_may_be_too_narrow_for_a_barcode(products: Products, product: str, fault: str) -> None:
    sheet = products.labels[product]
    assert barcode_fault(room_of(sheet.box(0), sheet.padding), f"label {product}") == fault
