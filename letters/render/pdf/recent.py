"""The size of the engine's memory: how much of each thing is kept, and a dictionary that forgets what is not used."""

from __future__ import annotations

from typing import Generic, NamedTuple, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class RecentCache(Generic[K, V]):
    """A dictionary that keeps the `most` values that were used last, and up to as many older ones."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._new: dict[K, V] = {}
        self._old: dict[K, V] = {}

    def __setitem__(self, key: K, value: V) -> None:
        if len(self._new) >= self._most:
            self._old, self._new = self._new, {}
        self._new[key] = value

    def __len__(self) -> int:
        return len(self._new) + len(self._old)

    def get(self, key: K) -> V | None:
        """Return a value; None where there is none, or none any more."""
        found = self._new.get(key)
        if found is None and (found := self._old.pop(key, None)) is not None:
            self[key] = found
        return found

    def values(self) -> list[V]:
        """Return the values."""
        return [*self._old.values(), *self._new.values()]


class Limits(NamedTuple):
    """How many of each thing a process keeps; changing them changes nothing but time and memory."""

    elements: int = 1_000
    """Marked elements that were set, a few kB each."""
    branches: int = 20
    """Template branches whose paragraph templates are kept, about half a MB each; those of others are on the disk."""
    kinds: int = 30
    """Kinds of layout whose page templates are kept, about 0.3 MB each; those of others are on the disk."""
    box_trees: int = 6
    """Box trees with their pages."""
    parts: int = 6
    """Enclosures that are kept laid out, with all their boxes."""
    pages: int = 24
    """Pages of each box tree, about 0.5 MB each."""
    paragraphs: int = 1_000
    """Paragraphs of each box tree whose lines are kept."""
    lines: int = 3_000
    """Lines that were broken or drawn, about 1 kB each."""
    words: int = 2_000
    """Words of each style, less than 1 kB each."""
    pairs: int = 5_000
    """Pairs of words that look the same side by side as alone, of each style."""
    fonts: int = 100
    """Subsets of fonts, about 30 kB each."""
