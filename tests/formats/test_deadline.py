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
