"""Takes objects of a finished PDF as text, as qpdf writes them, which is fast where there are thousands."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

_REFERENCE = re.compile(rb"\((?:[^()\\]|\\.)*\)|(\d+) 0 R\b", re.DOTALL)
"""A reference as qpdf writes it; strings, which may look like anything, are stepped over."""


def map_references(body: bytes, replacement: Callable[[int], bytes]) -> bytes:
    """Put something in the place of every reference of an object that qpdf wrote."""
    return _REFERENCE.sub(lambda match: replacement(int(match[1])) if match[1] else match[0], body)


def body_of(thing: Any) -> bytes:
    """Write the content of an object that is not a stream."""
    return bytes(thing.unparse(resolved=True))


def number_of(thing: Any) -> int:
    """Tell the number of an indirect object; 0 for a direct one."""
    return int(thing.objgen[0])


def plain(thing: Any) -> bytes:
    """Write a value that pikepdf hands out as a Python one."""
    if thing is None:
        return b"null"
    if isinstance(thing, bool):
        return b"true" if thing else b"false"
    return str(thing).encode()
