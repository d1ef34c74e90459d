"""Copies objects of one finished PDF into a PDF that is being written, sharing what is the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from letters.mail.pdf_objects import body_of, map_references, number_of, plain

if TYPE_CHECKING:
    from letters.mail.pdf_fonts import FontMerger
    from letters.mail.pdf_writer import PdfWriter


class Copier:
    """Copies from one PDF; what was written for other PDFs is used again where it is the same.

    Numbers that are known before their objects are written, as those of pages, are put into `numbers`; 0 leaves an
    object out.
    """

    def __init__(self, pdf: Any, writer: PdfWriter, fonts: FontMerger) -> None:
        self.pdf = pdf
        self.numbers: dict[int, int] = {}
        self._writer = writer
        self._fonts = fonts
        self._open: dict[int, int] = {}

    def value(self, thing: Any) -> bytes:
        """Write a value for a dictionary: a reference where it is an indirect object."""
        number = number_of(thing) if hasattr(thing, "objgen") else 0
        if number:
            return self.reference(number)
        if hasattr(thing, "unparse"):
            return map_references(bytes(thing.unparse()), self.reference)
        return plain(thing)

    def entries(self, dictionary: Any, leave_out: frozenset[str] = frozenset()) -> bytes:
        """Write the entries of a dictionary, but some."""
        from pikepdf import Name

        keys = sorted(key for key in dictionary.keys() if key not in leave_out)  # noqa: SIM118 - not a Mapping
        return b"".join(bytes(Name(key).unparse()) + b" " + self.value(dictionary[key]) for key in keys)

    def reference(self, number: int) -> bytes:
        """Write a reference to an object, which is copied or shared if it is not yet there."""
        if number not in self.numbers:
            self._copy(number)
        found = self.numbers[number] if number in self.numbers else self._open[number]
        return b"%d 0 R" % found if found else b"null"

    def _copy(self, number: int) -> None:
        """Share an object; only one that leads back to itself gets a number before its content is known."""
        import pikepdf

        if number in self._open:
            self._open[number] = self._open[number] or self._writer.reserve()
            return
        self._open[number] = 0
        thing = self.pdf.get_object(number, 0)
        if isinstance(thing, pikepdf.Dictionary) and thing.get("/Subtype") == pikepdf.Name.Type0:
            self.numbers[number] = self._fonts.add(thing, self)
            return
        if isinstance(thing, pikepdf.Stream):
            entries = self.entries(thing.stream_dict, frozenset(("/Length",)))
            data = bytes(thing.read_raw_bytes())
            if reserved := self._open.pop(number):
                self._writer.put_stream(reserved, entries, data)
            self.numbers[number] = reserved or self._writer.share_stream(entries, data)
            return
        body = map_references(body_of(thing), self.reference) if hasattr(thing, "unparse") else plain(thing)
        if reserved := self._open.pop(number):
            self._writer.put(reserved, body)
        self.numbers[number] = reserved or self._writer.share(body)
