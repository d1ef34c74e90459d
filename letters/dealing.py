"""Deals letters out to workers: those of one kind to as few of them as it takes to keep all busy.

What a worker learns for the first letter of a kind serves the others: the fewer kinds it has, the less is learnt twice.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Iterable
from typing import Generic, TypeVar

T = TypeVar("T")


def _alike(_: object) -> int:
    return 0


class Dealer(Generic[T]):
    """Piles of what there is to do, one for each kind, in the order of `size` where one is given."""

    def __init__(self, things: Iterable[T], kind: Callable[[T], Hashable], size: Callable[[T], int] = _alike) -> None:
        piles: dict[Hashable, list[T]] = {}
        for thing in things:
            piles.setdefault(kind(thing), []).append(thing)
        self._untouched = [deque(sorted(pile, key=size)) for pile in sorted(piles.values(), key=len)]
        self._begun: list[deque[T]] = []
        self._places: dict[int, tuple[deque[T], bool]] = {}

    def deal(self, worker: int, most: int) -> list[T]:
        """Deal a worker the next few; none when there are no more."""
        pile, at_end = self._place(worker)
        return [pile.pop() if at_end else pile.popleft() for _ in range(min(most, len(pile)))]

    def _place(self, worker: int) -> tuple[deque[T], bool]:
        """Tell from which pile a worker takes, and whether from its end, since another worker takes from its front.

        It stays with a pile to the end, then begins the largest that is untouched, then helps where most is left.
        """
        if not self._places.get(worker, ((), False))[0]:
            if self._untouched:
                self._begun.append(self._untouched.pop())
                self._places[worker] = self._begun[-1], False
            else:
                self._places[worker] = max(self._begun, key=len, default=deque()), True
        return self._places[worker]
