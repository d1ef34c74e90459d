"""Letters of one kind are rendered one after the other, but no kind waits for another to be laid out first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from letters.jobs import schedule
from letters.model import MergedLetter, Recipient
from letters.problems import Place


def scheduled(words: Sequence[str], size: int) -> list[str]:
    """Schedule words by their first letter and their length."""
    merged: Any = None  # nobody asks for the values
    letters = [
        MergedLetter(
            recipient=Recipient(word, {}, Place()),
            merging=merged,
            notes=(),
            digest="",
            kind=ord(word[0]),
            length=len(word),
        )
        for word in words
    ]
    return [" ".join(letter.recipient.id for letter in chunk) for chunk in schedule(letters, size)]


def test_the_first_chunk_of_each_kind_comes_first_the_largest_kind_before_all() -> None:
    assert scheduled(["b1", "a1", "a2", "a3", "b2", "a4"], 1) == ["a1", "b1", "a2", "a3", "a4", "b2"]


def test_within_a_kind_the_short_come_first() -> None:
    assert scheduled(["a333", "a22", "a1"], 2) == ["a1 a22", "a333"]


def test_a_chunk_holds_one_kind_only() -> None:
    assert scheduled(["a1", "b1", "a2", "b2", "a3"], 2) == ["a1 a2", "b1 b2", "a3"]


@given(st.lists(st.text("abc", min_size=1, max_size=4)), st.integers(1, 5))
def test_each_is_rendered_once(words: list[str], size: int) -> None:
    chunks = [chunk.split(" ") for chunk in scheduled(words, size)]
    assert sorted(word for chunk in chunks for word in chunk) == sorted(words)
    assert all(len(chunk) <= size for chunk in chunks)
