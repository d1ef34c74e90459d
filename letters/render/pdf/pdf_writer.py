"""Writes letters as PDF files from a plate: shared objects once, then pages, fonts and title of each."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from functools import lru_cache
from typing import Any
from xml.sax.saxutils import escape

import pydyf  # type: ignore[import-untyped]

from letters.render.pdf.blocks import Block
from letters.render.pdf.fonts import FontCase
from letters.render.pdf.glyphs import Glyphs
from letters.render.pdf.line_cache import Faces
from letters.render.pdf.page_template import Hole, Plate, PlatePage
from letters.render.pdf.plain import VARIANT

_HEADER = b"%PDF-1.7\n%\xf0\x9f\x96\xa4\n"
_ROW = (1, 4, 2)
"""The widths of the fields in the cross-reference stream (ISO 32000-1, 7.5.8)."""
_TITLE = "\ue010title\ue010"
_LEVEL = 2
"""How hard pages are compressed: at 6, as much again of the time of a letter makes it 2 % smaller."""
_KEPT_PLACES = 10_000
"""Places on a page as they are written."""


def engrave(plate: Plate, faces: Faces) -> dict[str, Any]:
    """Write a plate as plain values: what all its letters share as it stands in a file, and the places of the rest."""
    objects = plate.pdf.objects
    pages = [page for page in plate.pages if page.holes]
    first = objects[plate.pdf.pages["Kids"][0]]
    fonts = _number(objects[_number(first["Resources"])]["Font"])
    metadata = _number(plate.pdf.catalog["Metadata"])
    start, rows = _write_shared(objects, {fonts, metadata, *(page.number for page in pages)}, len(objects))
    return {
        "start": start,
        "rows": rows,
        "fonts": fonts,
        "metadata": metadata,
        "packed": len(objects),
        "root": plate.pdf.catalog.reference,
        "info": [(key, value.string) for key, value in plate.pdf.info.items()],
        "xmp": _xmp(plate.metadata),
        "title": plate.metadata.title,
        "text": plate.text,
        "count": len(plate.pages),
        "glyphs": plate.glyphs,
        "widths": {font: {g: faces.by_name[font].widths[g] for g in glyphs} for font, glyphs in plate.glyphs.items()},
        "pages": [(page.number, page.pieces, [_values(hole) for hole in page.holes]) for page in pages],
    }


def _values(hole: Hole) -> tuple[int, int, float, int]:
    return (hole.block, hole.run, hole.top, hole.order)


class Press:
    """A plate made ready, from what `engrave` wrote."""

    def __init__(self, plate: dict[str, Any], case: FontCase) -> None:
        self._case = case
        case.learn(plate["widths"])
        self.glyphs = plate["glyphs"]
        """The glyphs that all letters show: the text of each and where it is drawn first."""
        self._texts = {font: {g: text for g, (text, _) in glyphs.items()} for font, glyphs in self.glyphs.items()}
        self._pages = [
            PlatePage(number, tuple(pieces), tuple(Hole(*hole) for hole in holes))
            for number, pieces, holes in plate["pages"]
        ]
        self._fonts, self._metadata, self._root = plate["fonts"], plate["metadata"], plate["root"]
        self._packed = plate["packed"]
        """The number of the object stream; those of the title and of the fonts come after it."""
        self._start, self._rows = plate["start"], plate["rows"]
        self._info = {key: pydyf.String(value) for key, value in plate["info"]}
        self._xmp, self._title = plate["xmp"], plate["title"]
        self.text = plate["text"]
        """The text that all letters show, folded."""
        self.pages = plate["count"]

    def print(self, title: str | None, blocks: Sequence[Block]) -> bytes:
        """Print one letter."""
        title = self._title if title is None else title
        parts = [self._start]
        rows = bytearray(self._rows)
        position = len(self._start)

        def add(number: int, data: bytes) -> None:
            nonlocal position
            parts.append(data)
            rows[number * 7 : number * 7 + 7] = b"\x01" + position.to_bytes(4, "big") + b"\0\0"
            position += len(data)

        for page in self._pages:
            add(page.number, _stream(page.number, _fill(page, blocks)))
        number = self._packed + 1
        add(number, b"%d 0 obj\n%b\nendobj\n" % (number, _info(self._info, title)))
        references = []
        for name, texts in sorted(self._glyphs(blocks).items()):
            reference, *objects = self._case.subset(name, texts, number + 1)
            references.append(b"/%b %b" % (name.encode(), reference))
            for data in objects:
                number += 1
                add(number, data)
        add(self._fonts, b"%d 0 obj\n<<%b>>\nendobj\n" % (self._fonts, b" ".join(references)))
        xmp = self._xmp.replace(_TITLE.encode(), escape(title).encode())
        add(self._metadata, _stream(self._metadata, xmp, b"/Type /Metadata/Subtype /XML"))
        number += 1
        add(number, b"")
        extra = b"/Type /XRef/Index [0 %d]/W [1 4 2]/Size %d/Root %b/Info %d 0 R" % (
            number + 1,
            number + 1,
            self._root,
            self._packed + 1,
        )
        return b"".join((*parts, _stream(number, bytes(rows), extra), b"startxref\n%d\n%%%%EOF\n" % position))

    def _glyphs(self, blocks: Sequence[Block]) -> Glyphs:
        """Tell which glyphs a letter shows and what text each stands for: that of its first use, as WeasyPrint does."""
        joined = {font: dict(texts) for font, texts in self._texts.items()}
        disputed = False
        for block in blocks:
            for glyphs in block.glyphs:
                for font, texts in glyphs.items():
                    known = joined.setdefault(font, {})
                    if not texts.items() <= known.items():
                        known |= {**texts, **known}
                        disputed |= not texts.items() <= known.items()
        return self._settled(joined, blocks) if disputed else joined

    def _settled(self, joined: Glyphs, blocks: Sequence[Block]) -> Glyphs:
        """Go through all uses in their order, for glyphs that stand for different texts."""
        first = {(font, glyph): use for font, glyphs in self.glyphs.items() for glyph, use in glyphs.items()}
        for hole in (hole for page in self._pages for hole in page.holes):
            for font, texts in blocks[hole.block].runs[hole.run].glyphs.items():
                for glyph, text in texts.items():
                    if (font, glyph) not in first or first[font, glyph][1] > hole.order:
                        first[font, glyph] = (text, hole.order)
        return {font: {glyph: first[font, glyph][0] for glyph in texts} for font, texts in joined.items()}


def _number(reference: bytes) -> int:
    return int(reference.split()[0])


def _write_shared(objects: Sequence[Any], own: set[int], packed: int) -> tuple[bytes, bytes]:
    """Write the objects that all letters share, and their rows of the cross-reference stream."""
    parts, position = [_HEADER], len(_HEADER)
    rows = [b"\0\0\0\0\0\xff\xff"]
    inside: list[bytes] = []
    index = []
    length = 0
    for number, each in enumerate(objects[1:], start=1):
        if number in own:
            rows.append(bytes(7))
        elif each.compressible:
            rows.append(b"\x02" + packed.to_bytes(4, "big") + len(inside).to_bytes(2, "big"))
            index.append(b"%d %d" % (number, length))
            inside.append(each.data)
            length += len(inside[-1]) + 1
        else:
            data = each.indirect + b"\n"
            rows.append(b"\x01" + position.to_bytes(4, "big") + b"\0\0")
            parts.append(data)
            position += len(data)
    numbers = b" ".join(index)
    extra = b"/Type /ObjStm/N %d/First %d" % (len(inside), len(numbers) + 1)
    parts.append(_stream(packed, b"\n".join((numbers, *inside)), extra))
    rows.append(b"\x01" + position.to_bytes(4, "big") + b"\0\0")
    return b"".join(parts), b"".join(rows)


def _fill(page: PlatePage, blocks: Sequence[Block]) -> bytes:
    """Put the runs of a letter into the holes of a page."""
    content = []
    for piece, hole in zip(page.pieces, page.holes, strict=False):
        run = blocks[hole.block].runs[hole.run]
        content.append(piece)
        if run.body:
            content += (_place(run.x, hole.top + run.y), run.body)
    return b"\n".join((*content, page.pieces[-1]))


@lru_cache(_KEPT_PLACES)
def _place(x: float, y: float) -> bytes:
    return b"1 0 0 -1 %b %b Tm" % (_decimal(x), _decimal(y))


def _decimal(number: float) -> bytes:
    return b"%d" % number if number.is_integer() else (b"%f" % number).rstrip(b"0")


def _stream(number: int, content: bytes, extra: bytes = b"") -> bytes:
    data = zlib.compress(content, _LEVEL)
    return b"%d 0 obj\n<<%b/Filter /FlateDecode/Length %d>>\nstream\n%b\nendstream\nendobj\n" % (
        number,
        extra,
        len(data),
        data,
    )


def _info(info: dict[str, Any], title: str) -> bytes:
    values: dict[str, Any] = {**info, "Title": pydyf.String(title)}
    return bytes(pydyf.Dictionary(values).data)


def _xmp(metadata: Any) -> bytes:
    """Write the metadata of the document with a place for the title."""
    own, metadata.title = metadata.title, _TITLE
    pdf = pydyf.PDF()
    metadata.include_in_pdf(pdf, "ua", 1, conformance=None, compress=False)
    metadata.title = own
    assert VARIANT == "pdf/ua-1"
    return bytes(pdf.objects[-1].stream[0])
