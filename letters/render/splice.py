"""Writes ZIP archives of which most is known beforehand: compressed once, with the values spliced in between.

A compressed member is a row of blocks (RFC 1951). What is known is compressed into blocks of its own that end on a
whole byte, which is what a "sync flush" does; a value goes between them into a block that is stored as it is. The
members that hold no value come first and are one piece of bytes for all archives.
"""

from __future__ import annotations

import functools
import hashlib
import struct
import zlib
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from letters.formats.skeleton import Filling, Slot

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_STORED = struct.Struct("<BHH")
_LONGEST_STORED = 0xFFFF
_VERSION, _UNIX, _DEFLATED = 20, 3 << 8, 8
_DATE = 1 << 5 | 1
"""January 1, 1980: the earliest a ZIP can hold, and the same whenever the archive is written."""
_MODE = 0o600 << 16
_WORTH_A_BLOCK = 1000
"""Bytes of known text between two values that are worth a compressed block; fewer are stored with the values.

With 200 a letter of 140 KB would be 4 KB smaller, and a third of the time to splice it dearer.
"""


class Spliced(NamedTuple):
    """An archive and its SHA-256."""

    content: bytes
    sha256: str
    filling: Filling | None = None
    """What it is spliced from, where that is known."""


class _Stretch(NamedTuple):
    """Some values with the short texts between them, and then a long text that is compressed already."""

    loose: bytes
    """The texts, with %b where a value stands."""
    slots: tuple[Slot, ...]
    """The places for them, in order."""
    known: bytes
    compressed: bytes


class Member:
    """A member of an archive that holds values."""

    def __init__(self, name: str, pieces: Sequence[bytes | Slot]) -> None:
        self.name = name.encode()
        self._stretches = _stretches(pieces)
        self.slots = tuple(slot for stretch in self._stretches for slot in stretch.slots)
        """The places for values, in order."""

    def write(self, values: tuple[bytes, ...]) -> tuple[bytes, int, int]:
        """Write the compressed content; return it with its CRC and the length of what it holds."""
        out: list[bytes] = []
        texts: list[bytes] = []
        end = 0
        for loose, slots, known, packed in self._stretches:
            if loose:
                start, end = end, end + len(slots)
                text = loose % values[start:end]
                texts += (text, known)
                out += (*_stored(text), packed)
            else:
                texts.append(known)
                out.append(packed)
        whole = b"".join(texts)
        return b"".join(out), zlib.crc32(whole), len(whole)


def _stretches(pieces: Sequence[bytes | Slot]) -> list[_Stretch]:
    """Divide a member; its last block says that it is the last, and so it always ends in a compressed one."""
    stretches: list[_Stretch] = []
    loose: list[bytes | Slot] = []
    for piece in pieces[:-1]:
        if isinstance(piece, bytes) and len(piece) >= _WORTH_A_BLOCK:
            stretches.append(_stretch(loose, piece, deflated(piece, last=False)))
            loose = []
        else:
            loose.append(piece)
    end = pieces[-1] if pieces and isinstance(pieces[-1], bytes) else b""
    loose += [piece for piece in pieces[-1:] if not isinstance(piece, bytes)]
    return [*stretches, _stretch(loose, end, deflated(end))]


def _stretch(loose: Sequence[bytes | Slot], known: bytes, compressed: bytes) -> _Stretch:
    texts = [piece.replace(b"%", b"%%") if isinstance(piece, bytes) else b"%b" for piece in loose]
    slots = tuple(piece for piece in loose if not isinstance(piece, bytes))
    return _Stretch(b"".join(texts), slots, known, compressed)


@functools.lru_cache(1024)  # two shapes have most of their texts in common
def deflated(content: bytes, *, last: bool = True) -> bytes:
    """Compress into raw blocks that end on a whole byte."""
    compressor = zlib.compressobj(zlib.Z_DEFAULT_COMPRESSION, zlib.DEFLATED, -zlib.MAX_WBITS)
    return compressor.compress(content) + compressor.flush(zlib.Z_FINISH if last else zlib.Z_SYNC_FLUSH)


def _stored(content: bytes) -> tuple[bytes, ...]:
    """Write stored blocks, none of them the last (RFC 1951, 3.2.4)."""
    if len(content) <= _LONGEST_STORED:
        return _STORED.pack(0, len(content), len(content) ^ _LONGEST_STORED), content
    head, tail = content[:_LONGEST_STORED], content[_LONGEST_STORED:]
    return (*_stored(head), *_stored(tail))


class Archive:
    """A ZIP archive: members that are the same in all of them, given compressed, then members that hold values."""

    def __init__(self, known: Mapping[str, Compressed], members: Sequence[Member]) -> None:
        local, central = [], []
        offset = 0
        for name, each in known.items():
            head = _local(name.encode(), each.crc, len(each.content), each.length)
            central.append(_entry(name.encode(), each.crc, len(each.content), each.length, offset))
            local += [head, each.content]
            offset += len(head) + len(each.content)
        self._start = b"".join(local)
        self._hash = hashlib.sha256(self._start)
        self._central = b"".join(central)
        self._count = len(known) + len(members)
        self._members = members
        self.slots = tuple(slot for member in members for slot in member.slots)
        """The places for values, in order."""

    def write(self, values: tuple[bytes, ...], filling: Filling | None = None) -> Spliced:
        """Write the archive with its values, one for each slot; `filling` is what to tell of them."""
        tail, central = [], [self._central]
        offset = len(self._start)
        stop = 0
        for member in self._members:
            start, stop = stop, stop + len(member.slots)
            content, crc, length = member.write(values[start:stop])
            head = _local(member.name, crc, len(content), length)
            central.append(_entry(member.name, crc, len(content), length, offset))
            tail += [head, content]
            offset += len(head) + len(content)
        directory = b"".join(central)
        end = _END.pack(b"PK\5\6", 0, 0, self._count, self._count, len(directory), offset, 0)
        rest = b"".join([*tail, directory, end])
        hashed = self._hash.copy()
        hashed.update(rest)
        return Spliced(self._start + rest, hashed.hexdigest(), filling)


class Compressed(NamedTuple):
    """The content of a member, compressed, with what its headers say of it."""

    content: bytes
    crc: int
    length: int


def compressed(content: bytes) -> Compressed:
    """Compress a whole member."""
    return Compressed(deflated(content), zlib.crc32(content), len(content))


def _local(name: bytes, crc: int, size: int, length: int) -> bytes:
    return _LOCAL.pack(b"PK\3\4", _VERSION, 0, _DEFLATED, 0, _DATE, crc, size, length, len(name), 0) + name


def _entry(name: bytes, crc: int, size: int, length: int, offset: int) -> bytes:
    head = _CENTRAL.pack(
        b"PK\1\2",
        _UNIX | _VERSION,
        _VERSION,
        0,
        _DEFLATED,
        0,
        _DATE,
        crc,
        size,
        length,
        len(name),
        0,
        0,
        0,
        0,
        _MODE,
        offset,
    )
    return head + name
