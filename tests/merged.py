"""Letters with values that no list gave them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from letters.model.records import MergedLetter, Recipient


@dataclass(frozen=True)
class _Given:
    """A merging that only says what it was given."""

    values: Mapping[str, object]

    def context(self, _: Recipient) -> Mapping[str, object]:
        return self.values

    def texts(self, _: Recipient) -> tuple[str, ...]:
        return ()


def with_context(letter: MergedLetter, **values: object) -> MergedLetter:
    """Return a letter with other values in its context."""
    return replace(letter, merging=_Given({**letter.context, **values}))
