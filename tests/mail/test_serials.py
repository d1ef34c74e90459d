"""Serial numbers: none comes twice within 45 days."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from letters.mail.barcode import take_serials
from letters.model.problems import CannotGoOn
from letters.model.settings import Mailer

MAILER = Mailer(service_type="270", mailer_id="123456")
DAY = datetime.date(2025, 9, 17)
LATER = DAY + datetime.timedelta(days=44)
LATE = DAY + datetime.timedelta(days=45)


class FewSerials(Mailer):
    """A mailer with three serial numbers."""

    @property
    def serials(self) -> int:
        return 3


def test_two_letters_of_a_campaign_never_share_a_number(tmp_path: Path) -> None:
    first = take_serials(tmp_path / "s", MAILER, ["one/a", "one/b"], DAY)
    second = take_serials(tmp_path / "s", MAILER, ["two/a", "two/b"], LATER)
    assert len({*first.values(), *second.values()}) == 4


def test_a_piece_that_is_printed_again_keeps_its_number(tmp_path: Path) -> None:
    assert take_serials(tmp_path / "s", MAILER, ["a"], DAY) == take_serials(tmp_path / "s", MAILER, ["a"], LATER)


def test_numbers_are_free_again_after_45_days(tmp_path: Path) -> None:
    few = FewSerials(service_type="270", mailer_id="123456")
    first = take_serials(tmp_path / "s", few, ["a", "b", "c"], DAY)
    assert set(take_serials(tmp_path / "s", few, ["d", "e", "f"], LATE).values()) == set(first.values())


def test_it_stops_when_the_numbers_are_used_up(tmp_path: Path) -> None:
    few = FewSerials(service_type="270", mailer_id="123456")
    take_serials(tmp_path / "s", few, ["a", "b", "c"], DAY)
    with pytest.raises(CannotGoOn, match="all 3 serial numbers"):
        take_serials(tmp_path / "s", few, ["d"], LATER)


def test_printing_again_counts_the_days_anew(tmp_path: Path) -> None:
    few = FewSerials(service_type="270", mailer_id="123456")
    kept = take_serials(tmp_path / "s", few, ["a", "b", "c"], DAY)["a"]
    take_serials(tmp_path / "s", few, ["a"], LATER)
    assert kept not in take_serials(tmp_path / "s", few, ["d", "e"], LATE).values()
