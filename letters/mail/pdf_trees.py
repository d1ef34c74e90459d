"""Number and name trees of a PDF that is being written."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from letters.mail.pdf_writer import PdfWriter


class NumberTree:
    """A number or name tree (ISO 32000-1, 7.9.6, 7.9.7) whose leaves are written as they fill up; keys must ascend."""

    _LEAF = 256

    def __init__(self, writer: PdfWriter, kind: bytes = b"/Nums") -> None:
        self._writer = writer
        self._kind = kind
        self._leaves: list[tuple[bytes, bytes, int]] = []
        self._waiting: list[tuple[bytes, bytes]] = []
        self.next = 0

    def reserve(self) -> int:
        """Take the next number as a key."""
        self.next += 1
        return self.next - 1

    def put(self, key: bytes, value: bytes) -> None:
        """Write the value of a key."""
        self.next = max(self.next, 1)
        self._waiting.append((key, value))
        if len(self._waiting) == self._LEAF:
            self._flush()

    def finish(self) -> int:
        """Write the root and return its number."""
        if self._waiting:
            self._flush()
        kids = b" ".join(b"%d 0 R" % number for _, _, number in self._leaves)
        return self._writer.add(b"<</Kids[%s]>>" % kids)

    def _flush(self) -> None:
        first, last = self._waiting[0][0], self._waiting[-1][0]
        pairs = b" ".join(key + b" " + value for key, value in self._waiting)
        number = self._writer.add(b"<</Limits[%s %s]%s[%s]>>" % (first, last, self._kind, pairs))
        self._leaves.append((first, last, number))
        self._waiting = []
