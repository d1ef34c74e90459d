"""The XML members that letters of one shape have in common, cut where values stand, and the values of each letter."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple

Slot = tuple[int, int]
"""A place for a value: its number, and the number of the way to write it."""
Pieces = Sequence[bytes | Slot]
"""A member: texts and slots by turns, a text at either end."""
_TEXT_ENTITIES = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"))
STYLES = (
    _TEXT_ENTITIES,
    (*_TEXT_ENTITIES, ("'", "&#39;"), ('"', "&#34;")),
    (*_TEXT_ENTITIES, ('"', "&quot;")),
)
"""The ways to write a value: as lxml does in an element, as Jinja does, as lxml does in an attribute."""


class Filling(NamedTuple):
    """What a letter was spliced from."""

    skeleton: str
    """The SHA-256 of the members with slots, as `write_skeleton` writes them."""
    values: tuple[str, ...]
    text: bytes = b""
    """The skeleton itself, with the first letter of a shape that a process makes: it is long, and the same for all."""


@functools.lru_cache(256)  # a letter prints the same few values again and again
def escaped(value: str, style: int) -> bytes:
    """Return a value as it is written in one of the styles."""
    for character, entity in STYLES[style]:
        if character in value:
            value = value.replace(character, entity)
    return value.encode()


def write_skeleton(parts: Mapping[str, Pieces]) -> bytes:
    """Return the cut XML members of a shape as JSON."""
    texts = {
        name: [piece.decode() if isinstance(piece, bytes) else piece for piece in pieces]
        for name, pieces in parts.items()
    }
    return json.dumps(texts, ensure_ascii=False).encode()


def read_skeleton(skeleton: bytes) -> dict[str, Pieces]:
    """Return the cut XML members of a shape, given as JSON."""
    parts: dict[str, list[str | list[int]]] = json.loads(skeleton)
    return {
        name: [piece.encode() if isinstance(piece, str) else (piece[0], piece[1]) for piece in pieces]
        for name, pieces in parts.items()
    }


def fill_pieces(parts: Mapping[str, Pieces], values: Sequence[str]) -> dict[str, bytes]:
    """Return cut members with these values in their slots."""
    return {
        name: b"".join([piece if isinstance(piece, bytes) else escaped(values[piece[0]], piece[1]) for piece in pieces])
        for name, pieces in parts.items()
    }


def fill(skeleton: bytes, values: Sequence[str]) -> dict[str, bytes]:
    """Return the XML members of the letter that fills these values into a skeleton."""
    return fill_pieces(read_skeleton(skeleton), values)
