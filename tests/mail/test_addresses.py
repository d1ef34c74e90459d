"""Addresses on paper: their style, and that what does not fit is told before it is printed."""

from __future__ import annotations

import pytest

from letters.mail.addresses import AddressStyle, Ruler, fit, write_lines
from letters.mail.barcode import encode
from letters.mail.envelopes import write_envelopes, write_labels
from letters.mail.page_words import read_words
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


def test_a_barcode_too_wide_for_a_label_is_a_problem(products: Products, ruler: Ruler) -> None:
    _, (problem,) = write_labels([addressee("A", barcode=BARS)], products.labels["5160"], ruler, "en-US")
    assert problem.what == "the barcode is 2.93 in. wide; label 5160 has room for 2.38 in."
