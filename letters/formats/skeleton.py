"""Letters of one shape as what they have in common, kept once, and the values that each fills into it."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple

Slot = tuple[int, int]
"""A place for a value: its number, and the number of the way to write it."""
_TEXT_ENTITIES = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"))
STYLES = (
    _TEXT_ENTITIES,
    (*_TEXT_ENTITIES, ("'", "&#39;"), ('"', "&#34;")),
    (*_TEXT_ENTITIES, ('"', "&quot;")),
)
"""The ways to write a value: as lxml does in an element, as Jinja does, as lxml does in an attribute."""


class Filling(NamedTuple):
    """What a letter fills into a skeleton."""

    skeleton: str
    """The hash of the skeleton."""
    values: tuple[str, ...]
    text: bytes = b""
    """The skeleton itself, when it is told for the first time."""


@functools.lru_cache(256)  # a letter prints the same few values again and again
def escaped(value: str, style: int) -> bytes:
    """Write a value in one of the ways."""
    for character, entity in STYLES[style]:
        if character in value:
            value = value.replace(character, entity)
    return value.encode()


def write_skeleton(parts: Mapping[str, Sequence[bytes | Slot]]) -> bytes:
    """Write down the XML parts of a shape, cut at their slots."""
    texts = {
        name: [piece.decode() if isinstance(piece, bytes) else piece for piece in pieces]
        for name, pieces in parts.items()
    }
    return json.dumps(texts, ensure_ascii=False).encode()


def read_skeleton(skeleton: bytes) -> dict[str, list[bytes | Slot]]:
    """Read the XML parts of a shape, cut at their slots."""
    parts: dict[str, list[str | list[int]]] = json.loads(skeleton)
    return {
        name: [piece.encode() if isinstance(piece, str) else (piece[0], piece[1]) for piece in pieces]
        for name, pieces in parts.items()
    }


def fill(skeleton: bytes, values: Sequence[str]) -> dict[str, bytes]:
    """Return the parts of the letter that fills in these values."""
    return {
        name: b"".join(piece if isinstance(piece, bytes) else escaped(values[piece[0]], piece[1]) for piece in pieces)
        for name, pieces in read_skeleton(skeleton).items()
    }
