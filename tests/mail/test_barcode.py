"""Intelligent Mail barcodes: the post office's own examples, and digits that make none; article numbers as bars."""

from __future__ import annotations

import pytest

from letters.mail.barcode import WIDTH, BarcodeError, draw, draw_article, encode, encode_article, routing_code
from letters.model.settings import Mailer

TRACKING = "01234567094987654321"
# USPS-B-3200 prints the bars of this tracking code with every length of routing code.
PUBLISHED = {
    "": "ATTFATTDTTADTAATTDTDTATTDAFDDFADFDFTFFFFFTATFAAAATDFFTDAADFTFDTDT",
    "01234": "DTTAFADDTTFTDTFTFDTDDADADAFADFATDDFTAAAFDTTADFAAATDFDTDFADDDTDFFT",
    "012345678": "ADFTTAFDTTTTFATTADTAAATFTFTATDAAAFDDADATATDTDTTDFDTDATADADTDFFTFA",
    "01234567891": "AADTFFDFTDADTAADAATFDTDDAAADDTDTTDAFADADDDTFFFDDTTTADFAAADFTDAADA",
}


@pytest.mark.parametrize("routing", PUBLISHED)
def test_the_published_bars_come_out(routing: str) -> None:
    assert encode(TRACKING, routing) == PUBLISHED[routing]


@pytest.mark.parametrize("routing", ["1234", "123456", "1234567890", "123456789012", "7O102", "٤٩٠٢٢"])
def test_a_routing_code_of_another_length_or_with_letters_is_refused(routing: str) -> None:
    with pytest.raises(BarcodeError):
        encode(TRACKING, routing)


@pytest.mark.parametrize("tracking", ["", "0123456709498765432", "012345670949876543210", "0123456709498765432X"])
def test_a_tracking_code_that_is_not_twenty_digits_is_refused(tracking: str) -> None:
    with pytest.raises(BarcodeError, match="is not a tracking code of 20 digits"):
        encode(tracking)


def test_a_tracking_code_whose_second_digit_is_above_four_is_refused() -> None:
    with pytest.raises(BarcodeError, match="the second digit"):
        encode("05234567094987654321")


def test_a_routing_code_is_the_zip_code_without_its_hyphen_and_the_delivery_point() -> None:
    assert routing_code("49022-1234", "56") == "49022123456"


def test_every_bar_is_drawn() -> None:
    assert draw(PUBLISHED["01234"]).count("h-0.02z") == 65
    assert 2.69 < WIDTH < 3.23  # 65 bars at 20 to 24 bars to the inch


def test_a_tracking_code_is_the_mailers_digits_and_the_serial_number() -> None:
    assert Mailer(service_type="270", mailer_id="123456").tracking(7) == "00270123456000000007"
    assert Mailer(service_type="270", mailer_id="123456789").tracking(7) == "00270123456789000007"


def test_what_a_mailer_cannot_be_is_told() -> None:
    faults = Mailer(service_type="27", mailer_id="1234567", barcode_id="09").faults()
    assert [name for name, _, _ in faults] == ["service_type", "mailer_id", "barcode_id"]


def modules(number: str) -> str:
    return "".join("1" if black else "0" for black in encode_article(number))


START_C, FNC1, STOP = "11010011100", "11110101110", "1100011101011"
PAIRS = {"00": "11011001100", "11": "11000100100", "07": "10011000100", "94": "10001011110"}
"""Patterns of Code C (ISO/IEC 15417, table 1)."""


def test_an_article_number_is_a_gs1_128_symbol_of_its_pairs_of_digits() -> None:
    bars = modules("9407111108953650000011")
    assert len(bars) == 11 * (1 + 1 + 11 + 1) + 13
    assert bars.startswith(START_C + FNC1 + PAIRS["94"] + PAIRS["07"] + PAIRS["11"] + PAIRS["11"])
    assert bars[-(13 + 11 + 33) : -(13 + 11)] == PAIRS["00"] + PAIRS["00"] + PAIRS["11"]
    assert bars.endswith(STOP)


def test_an_article_number_of_twenty_digits_is_plain_code_128() -> None:
    bars = modules("70190140000012345678")
    assert bars.startswith(START_C)
    assert FNC1 not in [bars[start : start + 11] for start in range(0, 22, 11)]
    assert len(bars) == 11 * (1 + 10 + 1) + 13


def test_the_bars_are_drawn_with_white_at_their_sides() -> None:
    drawn = draw_article("9407111108953650000011", 1.6, 0.2)
    assert 'viewBox="0 0 187 1"' in drawn
    assert "M10 0h1" in drawn
    assert "M9 0" not in drawn
