"""Says by a hash whether objects and pages of two PDFs are equal, whatever numbers their objects have there."""

from __future__ import annotations

import hashlib
import re
from typing import Any

_REFERENCE = re.compile(rb"\((?:[^()\\]|\\.)*\)|(\d+) (\d+) R\b", re.DOTALL)
"""A reference as qpdf writes it; strings, which may look like anything, are stepped over."""
_MARKED = re.compile(rb"/\w+\s*<<\s*/MCID \d+\s*>>\s*BDC|/Artifact\s+BMC")
_PACKING = frozenset(("/Filter", "/DecodeParms", "/Length"))
"""The entries of a stream that tell how it is compressed."""
_SHAPE = ("/MediaBox", "/CropBox", "/Rotate", "/UserUnit", "/Group")
"""The entries of a page that change how its content is shown."""


def untagged(content: bytes) -> bytes:
    """Return operators that draw, without which element of the tags they belong to."""
    return _MARKED.sub(b"BMC", content)


def digest(pdf: Any, thing: Any, *, unpacked: bool = False) -> bytes:
    """Hash an indirect object with all that it refers to: its references by the order in which they are met.

    Equal objects of two documents have equal hashes, whatever numbers they have there; `unpacked`, however streams are
    compressed, too.
    """
    import pikepdf

    met = {thing.objgen: b"0"}
    waiting = [thing]
    parts: list[bytes] = []

    def rename(reference: re.Match[bytes]) -> bytes:
        if not reference[1]:
            return reference[0]
        objgen = int(reference[1]), int(reference[2])
        if objgen not in met:
            met[objgen] = b"%d" % len(met)
            waiting.append(pdf.get_object(objgen))
        return met[objgen] + b" R"

    for each in waiting:  # It grows meanwhile.
        if isinstance(each, pikepdf.Stream):
            entries, content = _unpacked(each) if unpacked else (each.stream_dict, each.read_raw_bytes())
            parts += [_REFERENCE.sub(rename, entries.unparse()), content]
        else:
            parts.append(_REFERENCE.sub(rename, each.unparse(resolved=True)))
    return short_hash(b"\n".join(parts))


def _unpacked(stream: Any) -> tuple[Any, bytes]:
    """Return the entries of a stream and what it holds; of pictures in formats of their own, as they are."""
    import pikepdf

    try:
        content = stream.read_bytes()
    except pikepdf.PdfError:
        return stream.stream_dict, stream.read_raw_bytes()
    entries = {name: value for name, value in stream.stream_dict.items() if name not in _PACKING}
    return pikepdf.Dictionary(entries), content


def short_hash(content: bytes) -> bytes:
    """Return a hash of 16 bytes."""
    return hashlib.blake2b(content, digest_size=16).digest()


class Drawings:
    """What is drawn on the pages of an open PDF: operators without their tags, and a hash of what they draw with."""

    def __init__(self, pdf: Any) -> None:
        self._pdf = pdf
        self._streams: dict[tuple[int, int], bytes] = {}
        self._resources: dict[tuple[int, int], bytes] = {}
        self._things: dict[tuple[int, int], bytes] = {}
        self._is_plain = "/OCProperties" not in pdf.Root and "/AcroForm" not in pdf.Root

    def page(self, number: int) -> tuple[bytes, bytes] | None:
        """Return the operators of a page, counted from 0, and a hash of its shape and resources.

        None where more is shown than these tell: layers, fields, and annotations other than links.
        """
        page = self._pdf.pages[number].obj
        shape = self.shape(number)
        return (
            None if shape is None else (self._operators(page), short_hash(shape + self._used(page.get("/Resources"))))
        )

    def shape(self, number: int) -> bytes | None:
        """Return what tells the size and place of a page, counted from 0; None as `page` does."""
        page = self._pdf.pages[number].obj
        if not self._is_plain or not all(map(_is_unseen, page.get("/Annots", ()))):
            return None
        return repr([(name, page[name].unparse()) for name in _SHAPE if name in page]).encode()

    def _operators(self, page: Any) -> bytes:
        import pikepdf

        contents = page.get("/Contents")
        streams = [] if contents is None else contents if isinstance(contents, pikepdf.Array) else [contents]
        return untagged(b"".join(map(self._stream, streams)))

    def _stream(self, stream: Any) -> bytes:
        """Return what a stream of operators holds; what ends in one goes on in the next one behind white space."""
        found = self._streams.get(stream.objgen)
        if found is None:
            content = stream.read_bytes()
            found = content if content.endswith(b"\n") else content + b"\n"
            self._streams[stream.objgen] = found
        return found

    def _used(self, resources: Any) -> bytes:
        if resources is None:
            return b""
        found = self._resources.get(resources.objgen) if resources.is_indirect else None
        if found is None:
            found = short_hash(repr(self._named(resources)).encode())
            if resources.is_indirect:
                self._resources[resources.objgen] = found
        return found

    def _named(self, resources: Any) -> list[tuple[str, list[tuple[str, bytes]]]]:
        import pikepdf

        return sorted(
            (kind, sorted((name, self._thing(each)) for name, each in entries.items()))
            if isinstance(entries, pikepdf.Dictionary)
            else (kind, [("", entries.unparse(resolved=True))])
            for kind, entries in resources.items()
            if len(entries)
        )

    def _thing(self, thing: Any) -> bytes:
        """Hash a font, a picture and so on."""
        thing = thing if thing.is_indirect else self._pdf.make_indirect(thing)
        if thing.objgen not in self._things:
            self._things[thing.objgen] = digest(self._pdf, thing)
        return self._things[thing.objgen]


def _is_unseen(annotation: Any) -> bool:
    """Return whether an annotation is a link without a look of its own."""
    return str(annotation.get("/Subtype")) == "/Link" and "/AP" not in annotation
