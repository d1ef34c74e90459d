"""Joins the fonts of many letters: each has a subset of its own, and a print file holds each font once."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from letters.mail.pdf_objects import body_of
from letters.mail.truetype import NotMergeable, Subset, Union, read_subset

if TYPE_CHECKING:
    from letters.mail.pdf_copy import Copier
    from letters.mail.pdf_writer import PdfWriter

_SECTION = re.compile(rb"begin(bfchar|bfrange)(.*?)end\1", re.DOTALL)
_CODE = re.compile(rb"<\s*([0-9A-Fa-f]+)\s*>")
_PER_SECTION = 100
"""Entries in one section of a CMap (Adobe Technical Note 5014)."""
_CMAP = b"""/CIDInit /ProcSet findresource begin 12 dict begin begincmap
/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def
/CMapName /Adobe-Identity-UCS def /CMapType 2 def
1 begincodespacerange <0000> <ffff> endcodespacerange
%s
endcmap CMapName currentdict /CMap defineresource pop end end
"""
_PROGRAMS = ("/FontFile", "/FontFile2", "/FontFile3")
_DESCENDANT_APART = frozenset(("/FontDescriptor", "/W", "/BaseFont"))
_DESCRIPTOR_APART = frozenset(("/FontFile2", "/FontBBox", "/CIDSet", "/FontName"))
_FONT_APART = frozenset(("/DescendantFonts", "/ToUnicode", "/BaseFont"))


@dataclass(frozen=True, slots=True)
class _Read:
    """A font of one letter, taken apart."""

    name: str
    """Its name without the tag of the subset."""
    subset: Subset
    widths: dict[int, bytes]
    unicodes: dict[int, bytes]
    box: tuple[float, ...]
    entries: tuple[bytes, bytes, bytes]
    """What else its three dictionaries hold."""


@dataclass(slots=True)
class _Joined:
    """A font that is joined from the subsets of several letters."""

    number: int
    first: _Read
    outlines: Union
    widths: dict[int, bytes] = field(default_factory=dict)
    unicodes: dict[int, bytes] = field(default_factory=dict)
    box: tuple[float, ...] = (0, 0, 0, 0)

    def takes(self, read: _Read) -> bool:
        """Tell whether a letter's font is this one: same name, no glyph with another outline, width or meaning."""
        return (
            self.first.name == read.name
            and _agree(self.widths, read.widths)
            and _agree(self.unicodes, read.unicodes)
            and self.outlines.takes(read.subset)
        )

    def add(self, read: _Read) -> None:
        """Join a letter's font."""
        self.outlines.add(read.subset)
        self.widths.update(read.widths)
        self.unicodes.update(read.unicodes)
        old, new = self.box, read.box
        self.box = (*map(min, old[:2], new[:2]), *map(max, old[2:], new[2:]))


class FontMerger:
    """The fonts of a PDF that is being written."""

    def __init__(self, writer: PdfWriter) -> None:
        self._writer = writer
        self._joined: list[_Joined] = []
        self._known: dict[bytes, int] = {}

    def add(self, font: Any, copier: Copier) -> int:
        """Take the font of a letter, a composite one (ISO 32000-1, 9.7); returns the number it will have."""
        key = _key(font)
        if key not in self._known:
            self._known[key] = self._join(font, copier)
        return self._known[key]

    def _join(self, font: Any, copier: Copier) -> int:
        try:
            read = _read(font, copier)
        except (NotMergeable, KeyError, AttributeError):
            return self._writer.share(b"<<%s>>" % copier.entries(font))
        joined = next((each for each in self._joined if each.takes(read)), None)
        if joined is None:
            joined = _Joined(self._writer.reserve(), read, Union(read.subset), box=read.box)
            self._joined.append(joined)
        joined.add(read)
        return joined.number

    def finish(self) -> None:
        """Write the joined fonts, each under the number it was given."""
        for joined in self._joined:
            self._write(joined)

    def _write(self, joined: _Joined) -> None:
        writer = self._writer
        descriptor, descendant, font = joined.first.entries
        program = joined.outlines.program()
        file = writer.add_compressed(program, b"/Length1 %d" % len(program))
        box = b" ".join(b"%g" % edge for edge in joined.box)
        # The tag of a subset tells it from others: six letters made of what it holds (ISO 32000-1, 9.6.4).
        digest = hashlib.sha256(program).digest()
        name = b"/%s+%s" % (bytes(65 + byte % 26 for byte in digest[:6]), joined.first.name.encode())
        described = writer.add(b"<<%s/FontName%s/FontFile2 %d 0 R/FontBBox[%s]>>" % (descriptor, name, file, box))
        widths = b" ".join(b"%d[%s]" % pair for pair in sorted(joined.widths.items()))
        below = writer.add(b"<<%s/BaseFont%s/FontDescriptor %d 0 R/W[%s]>>" % (descendant, name, described, widths))
        unicode = writer.add_compressed(_cmap(joined.unicodes))
        body = b"<<%s/BaseFont%s/DescendantFonts[%d 0 R]/ToUnicode %d 0 R>>" % (font, name, below, unicode)
        writer.put(joined.number, body)


def _agree(ours: dict[int, bytes], theirs: dict[int, bytes]) -> bool:
    return all(ours.get(glyph, value) == value for glyph, value in theirs.items())


def _key(font: Any) -> bytes:
    """Hash what tells one letter's font from another's."""
    below = font.DescendantFonts[0]
    hashed = hashlib.blake2b(body_of(font.BaseFont), digest_size=16)
    for stream in (font.get("/ToUnicode"), *(below.FontDescriptor.get(key) for key in _PROGRAMS)):
        hashed.update(b"-" if stream is None else hashlib.sha256(stream.read_raw_bytes()).digest())
    hashed.update(body_of(below.W) if "/W" in below else b"")
    return hashed.digest()


def _read(font: Any, copier: Copier) -> _Read:
    below = font.DescendantFonts[0]
    descriptor = below.FontDescriptor
    if str(below.CIDToGIDMap) != "/Identity" or str(font.Encoding) != "/Identity-H":
        raise NotMergeable("its characters have numbers of their own")
    return _Read(
        name=str(font.BaseFont).lstrip("/").rpartition("+")[2],
        subset=read_subset(bytes(descriptor.FontFile2.read_bytes())),
        widths=_widths(below.W),
        unicodes=_unicodes(bytes(font.ToUnicode.read_bytes())),
        box=tuple(float(edge) for edge in descriptor.FontBBox),
        entries=(
            copier.entries(descriptor, _DESCRIPTOR_APART),
            copier.entries(below, _DESCENDANT_APART),
            copier.entries(font, _FONT_APART),
        ),
    )


def _widths(array: Any) -> dict[int, bytes]:
    """Read the widths of glyphs: a first number with a list, or a range with one width (ISO 32000-1, 9.7.4.3)."""
    widths: dict[int, bytes] = {}
    items = list(array)
    while items:
        first, second, *items = items
        if hasattr(second, "unparse"):
            widths.update((int(first) + n, str(width).encode()) for n, width in enumerate(second))
        else:
            width, *items = items
            widths.update((glyph, str(width).encode()) for glyph in range(int(first), int(second) + 1))
    return widths


def _unicodes(cmap: bytes) -> dict[int, bytes]:
    """Read which characters glyphs stand for."""
    unicodes: dict[int, bytes] = {}
    for kind, entries in _SECTION.findall(cmap):
        codes = _CODE.findall(entries)
        if kind == b"bfrange":
            raise NotMergeable("its characters are given in ranges")
        unicodes.update((int(glyph, 16), text.lower()) for glyph, text in zip(codes[::2], codes[1::2], strict=True))
    return unicodes


def _cmap(unicodes: dict[int, bytes]) -> bytes:
    pairs = [b"<%04x> <%s>\n" % pair for pair in sorted(unicodes.items())]
    parts = [pairs[start : start + _PER_SECTION] for start in range(0, len(pairs), _PER_SECTION)]
    return _CMAP % b"".join(b"%d beginbfchar\n%sendbfchar\n" % (len(part), b"".join(part)) for part in parts)
