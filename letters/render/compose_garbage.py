"""Puts off Python's search for garbage while pages are laid out."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_MANY = 20_000
"""As many new objects as a layout makes."""
_TOO_MANY = 700_000
"""Objects among which garbage is looked for after all: those of some twenty layouts, up to 100 MB."""


class Garbage:
    """What was not searched yet. A layout makes boxes by the ten thousand, and most of them are kept."""

    def __init__(self) -> None:
        self._unsearched = 0

    @contextmanager
    def put_off(self) -> Iterator[None]:
        """Search for nothing meanwhile, and later not among what was made meanwhile; every so often among all."""
        searched = gc.isenabled()
        gc.disable()
        try:
            yield
        finally:
            if (made := gc.get_count()[0]) > _MANY:
                gc.freeze()
                self._unsearched += made
            if self._unsearched > _TOO_MANY:
                self._unsearched = 0
                gc.unfreeze()
                gc.collect()
            if searched:
                gc.enable()
