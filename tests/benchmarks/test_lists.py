"""The import and the checks keep their promises on real agencies, spoiled by seeded rules."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.lists import Trial, doubles, hold_survives, names, one_line_addresses, spoiled_rows

pytestmark = pytest.mark.slow


def fewer_than(share: float, results: list[Trial]) -> list[Trial]:
    return [result for result in results if result.share < share]


def test_whole_addresses_are_split_in_five_forms() -> None:
    results = list(one_line_addresses())
    assert [result.tried for result in results] == [1637] * 5
    assert fewer_than(0.99, results) == []


def test_names_are_split_or_asked() -> None:
    spellings, hard = names()
    assert (spellings.tried, hard.tried) == (83 * 13, 16)
    assert fewer_than(1, [spellings, hard]) == []


def test_doubles_are_found_and_others_are_left() -> None:
    *found, left = doubles()
    assert len(found) == 7
    assert fewer_than(0.97, found) == []
    assert fewer_than(0.99, [left]) == []


def test_spoiled_rows_are_told_and_others_are_left(tmp_path: Path) -> None:
    *found, left = spoiled_rows(tmp_path)
    assert len(found) >= 20
    assert all(result.tried >= 80 for result in found)
    assert fewer_than(0.99, found) == []
    assert fewer_than(1, [left]) == []


def test_a_hold_survives_a_thousand_random_imports(tmp_path: Path) -> None:
    assert hold_survives(tmp_path) == Trial("holds that survive a random import", 1000, 1000)
