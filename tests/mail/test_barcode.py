"""Intelligent Mail barcodes: the post office's own examples, and digits that make none."""

from __future__ import annotations

import pytest

from letters.mail.barcode import WIDTH, BarcodeError, draw, encode, routing_code
from letters.model.records import Mailer

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
