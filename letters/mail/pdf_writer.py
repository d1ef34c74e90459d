"""Writes a PDF object by object, so that memory does not grow with the file (ISO 32000-1, 7.5.7 and 7.5.8)."""

from __future__ import annotations

import hashlib
import zlib
from array import array
from typing import BinaryIO

_HEADER = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
_OBJECTS = 200
"""Objects in one object stream: enough for good compression, few enough for a viewer to unpack one quickly."""
_REMEMBERED = 1 << 15
"""How many shared objects are looked for; those not met for long are forgotten, and written again if they come back."""
_ROWS = 4096
_FREE, _PLAIN, _PACKED = range(3)
_LEVEL = 7
"""How hard streams are compressed."""


class PdfWriter:
    """A PDF that is being written to a file, one object after the other."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._position = 0
        self._kinds, self._places, self._indexes = array("B", [_FREE]), array("Q", [0]), array("H", [0xFFFF])
        self._packed: list[tuple[int, bytes]] = []
        self._young: dict[bytes, int] = {}
        self._old: dict[bytes, int] = {}
        self._put_raw(_HEADER)

    def reserve(self) -> int:
        """Take a number for an object that is written later."""
        self._kinds.append(_FREE)
        self._places.append(0)
        self._indexes.append(0)
        return len(self._kinds) - 1

    def put(self, number: int, body: bytes) -> None:
        """Write an object under a reserved number."""
        self._packed.append((number, body))
        if len(self._packed) == _OBJECTS:
            self._flush()

    def add(self, body: bytes) -> int:
        """Write an object and return its number."""
        number = self.reserve()
        self.put(number, body)
        return number

    def put_stream(self, number: int, entries: bytes, data: bytes) -> None:
        """Write a stream under a reserved number: the entries of its dictionary but its length, and its data."""
        self._kinds[number], self._places[number] = _PLAIN, self._position
        self._put_raw(b"%d 0 obj\n<<%s/Length %d>>stream\n" % (number, entries, len(data)))
        self._put_raw(data)
        self._put_raw(b"\nendstream\nendobj\n")

    def add_stream(self, entries: bytes, data: bytes) -> int:
        """Write a stream and return its number."""
        number = self.reserve()
        self.put_stream(number, entries, data)
        return number

    def add_compressed(self, data: bytes, entries: bytes = b"") -> int:
        """Write plain data as a compressed stream."""
        return self.add_stream(b"/Filter/FlateDecode" + entries, zlib.compress(data, _LEVEL))

    def share(self, body: bytes) -> int:
        """Write an object, unless the same one was written before."""
        key = hashlib.blake2b(body, digest_size=16).digest()
        return self._seen(key) or self._remember(key, self.add(body))

    def share_stream(self, entries: bytes, data: bytes) -> int:
        """Write a stream, unless the same one was written before."""
        key = hashlib.blake2b(data, digest_size=16, key=hashlib.sha256(entries).digest()).digest()
        return self._seen(key) or self._remember(key, self.add_stream(entries, data))

    def share_compressed(self, data: bytes) -> int:
        """Write plain data as a compressed stream, unless the same was written before."""
        key = hashlib.blake2b(data, digest_size=16, person=b"plain").digest()
        return self._seen(key) or self._remember(key, self.add_compressed(data))

    def finish(self, root: int, about: int, identity: bytes) -> None:
        """Write the cross-reference stream: everything that was reserved must have been written."""
        if self._packed:
            self._flush()
        number = self.reserve()
        start = self._position
        self._kinds[number], self._places[number] = _PLAIN, start
        assert self._kinds.count(_FREE) == 1, "an object was reserved and never written"
        width = max(4, (start.bit_length() + 7) // 8)
        rows = self._rows(width)
        size = len(self._kinds)
        entries = b"/Type/XRef/Size %d/W[1 %d 2]/Root %d 0 R/Info %d 0 R/ID[<%s><%s>]" % (
            size, width, root, about, identity.hex().encode(), identity.hex().encode(),
        )  # fmt: skip
        self._put_raw(b"%d 0 obj\n<<%s/Filter/FlateDecode/Length %d>>stream\n" % (number, entries, len(rows)))
        self._put_raw(rows)
        self._put_raw(b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % start)

    def _rows(self, width: int) -> bytes:
        """Write where every object is, a few thousand at a time: a country's letters have millions."""
        compressor = zlib.compressobj(_LEVEL)
        rows = b""
        for start in range(0, len(self._kinds), _ROWS):
            part = slice(start, start + _ROWS)
            entries = zip(self._kinds[part], self._places[part], self._indexes[part], strict=True)
            rows += compressor.compress(
                b"".join(
                    kind.to_bytes(1, "big") + place.to_bytes(width, "big") + index.to_bytes(2, "big")
                    for kind, place, index in entries
                )
            )
        return rows + compressor.flush()

    def _flush(self) -> None:
        """Write the waiting objects as one object stream."""
        number = self.reserve()
        heads, offset = [], 0
        for index, (packed, body) in enumerate(self._packed):
            heads.append(b"%d %d" % (packed, offset))
            offset += len(body) + 1
            self._kinds[packed], self._places[packed], self._indexes[packed] = _PACKED, number, index
        head = b" ".join(heads) + b"\n"
        data = zlib.compress(head + b"\n".join(body for _, body in self._packed), _LEVEL)
        entries = b"/Type/ObjStm/N %d/First %d/Filter/FlateDecode" % (len(self._packed), len(head))
        self._packed = []
        self.put_stream(number, entries, data)

    def _seen(self, key: bytes) -> int:
        number = self._young.get(key, 0)
        if not number and (number := self._old.pop(key, 0)):
            self._remember(key, number)
        return number

    def _remember(self, key: bytes, number: int) -> int:
        if len(self._young) >= _REMEMBERED:
            self._old, self._young = self._young, {}
        self._young[key] = number
        return number

    def _put_raw(self, data: bytes) -> None:
        self._file.write(data)
        self._position += len(data)
