"""Letters of one kind go to as few workers as it takes to keep all busy."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from letters.dealing import Dealer


def first(word: str) -> str:
    return word[0]


def play(words: Sequence[str], workers: Sequence[int], most: int = 1) -> dict[int, str]:
    """Deal words by their first letter, to workers that ask in this order; tell what each got."""
    dealer = Dealer(words, first, len)
    got: dict[int, list[str]] = {}
    for worker in workers:
        got.setdefault(worker, []).extend(dealer.deal(worker, most))
    return {worker: " ".join(dealt) for worker, dealt in got.items()}


def test_each_worker_gets_a_kind_of_its_own_the_largest_first() -> None:
    assert play(["b1", "a1", "a2", "a3", "b2"], [0, 1, 0, 1, 0]) == {0: "a1 a2 a3", 1: "b1 b2"}


def test_within_a_kind_the_small_come_first() -> None:
    assert play(["a333", "a22", "a1"], [0, 0, 0]) == {0: "a1 a22 a333"}


def test_an_idle_worker_helps_at_the_other_end_of_the_largest_pile() -> None:
    assert play(["a1", "a22", "a333", "a4444", "b1"], [0, 1, 1, 1, 0]) == {0: "a1 a22", 1: "b1 a4444 a333"}


def test_a_worker_that_lost_its_pile_to_a_helper_goes_on_elsewhere() -> None:
    assert play(["a1", "a22", "b1", "b22", "b333"], [0, 1, 1, 1, 1, 0]) == {0: "b1", 1: "a1 a22 b333 b22"}


def test_one_kind_is_shared_by_all_workers() -> None:
    assert play(["a1", "a2", "a3"], [0, 1, 0]) == {0: "a1 a2", 1: "a3"}


def test_nothing_is_dealt_when_there_is_nothing() -> None:
    assert play([], [0, 1]) == {0: "", 1: ""}


@given(st.lists(st.text("abc", min_size=1, max_size=4)), st.lists(st.integers(0, 3)), st.integers(1, 5))
def test_each_is_dealt_once_whoever_asks(words: list[str], workers: list[int], most: int) -> None:
    dealer = Dealer(words, first, len)
    dealt = [word for worker in workers for word in dealer.deal(worker, most)]
    while more := dealer.deal(0, most):
        dealt += more
    assert sorted(dealt) == sorted(words)
