"""Lets functions of ours stand in for those of a library, for a while."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def standing_in(function: Callable[..., Any], name: str, *modules: Any) -> Iterator[None]:
    """Let a function stand under a name in some modules; afterwards all is as it was."""
    before = [getattr(module, name) for module in modules]
    for module in modules:
        setattr(module, name, function)
    try:
        yield
    finally:
        for module, own in zip(modules, before, strict=True):
            setattr(module, name, own)
