"""Takes the bookmarks of letters into a print file: one for each letter, with the letter's own below it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from letters.mail.pdf_objects import body_of
from letters.mail.pdf_places import Places, place

if TYPE_CHECKING:
    from letters.mail.pdf_copy import Copier
    from letters.mail.pdf_writer import PdfWriter


class Outline:
    """The bookmarks of a PDF that is being written."""

    def __init__(self, writer: PdfWriter) -> None:
        self._writer = writer
        self._root = writer.reserve()
        self._first = self._last = 0
        self._next = 0
        self._count = 0
        self._waiting = b""

    def add(self, title: bytes, page: int, pdf: Any, copier: Copier, places: Places) -> None:
        """Add the bookmark of a letter, closed, to its first page, with the letter's own below it."""
        number = self._next or self._writer.reserve()
        self._flush(number)
        below = self._items(pdf.Root.get("/Outlines"), number, copier, places)
        body = b"<</Title%s/Parent %d 0 R/Dest[%d 0 R/XYZ null null null]" % (title, self._root, page)
        if self._last:
            body += b"/Prev %d 0 R" % self._last
        if below:
            body += b"/First %d 0 R/Last %d 0 R/Count %d" % (below[0], below[-1], -len(below))
        self._waiting = body
        self._first = self._first or number
        self._last = number
        self._next = self._writer.reserve()
        self._count += 1

    def finish(self) -> int:
        """Write the root and return its number."""
        if self._last:
            self._writer.put(self._last, self._waiting + b">>")
            self._writer.put(self._next, b"null")
        ends = b"/First %d 0 R/Last %d 0 R" % (self._first, self._last) if self._last else b""
        self._writer.put(self._root, b"<</Type/Outlines/Count %d%s>>" % (self._count, ends))
        return self._root

    def _flush(self, following: int) -> None:
        """Write the bookmark before, which knows now what follows it."""
        if self._last:
            self._writer.put(self._last, self._waiting + b"/Next %d 0 R>>" % following)

    def _items(self, parent: Any, number: int, copier: Copier, places: Places) -> list[int]:
        """Write the bookmarks below one; those to pages that are not in the file are left out."""
        found = []
        item = parent.get("/First") if parent is not None else None
        while item is not None:
            where = place(item.get("/Dest", item.A.D if "/A" in item else None), copier, places)
            if where != b"null":
                found.append((item, where))
            item = item.get("/Next")
        numbers = [self._writer.reserve() for _ in found]
        for index, (item, where) in enumerate(found):
            below = self._items(item, numbers[index], copier, places)
            body = b"<</Title%s/Parent %d 0 R/Dest %s" % (body_of(item.Title), number, where)
            if index:
                body += b"/Prev %d 0 R" % numbers[index - 1]
            if index + 1 < len(found):
                body += b"/Next %d 0 R" % numbers[index + 1]
            if below:
                body += b"/First %d 0 R/Last %d 0 R/Count %d" % (below[0], below[-1], -len(below))
            self._writer.put(numbers[index], body + b">>")
        return numbers
