"""Work that would not end is stopped, wherever it is."""

from __future__ import annotations

import pytest

from letters.formats.deadline import TooSlowError, limited


def work_without_end() -> None:
    with limited(0.05):
        while True:
            pass


def test_work_without_end_is_stopped() -> None:
    with pytest.raises(TooSlowError, match="without end"):
        work_without_end()


def test_what_is_done_in_time_is_not_stopped_afterwards() -> None:
    with limited(0.05):
        pass
    assert sum(range(3_000_000)) > 0


def test_whoever_tries_again_after_any_fault_is_stopped_too() -> None:
    def work() -> None:
        try:
            work_without_end()
        except Exception:  # noqa: BLE001 - what the engines do
            work_without_end()

    with pytest.raises(TooSlowError):
        work()


def test_of_two_limits_the_one_that_ends_sooner_counts() -> None:
    def work() -> None:
        with limited(0.05), limited(20):
            while True:
                pass

    with pytest.raises(TooSlowError, match="more than 0 seconds"):
        work()


def test_a_limit_goes_on_after_one_inside_of_it() -> None:
    def work() -> None:
        with limited(0.3):
            with limited(0.05):
                pass
            while True:
                pass

    with pytest.raises(TooSlowError, match="more than 0 seconds"):
        work()
