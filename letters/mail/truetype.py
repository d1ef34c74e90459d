"""Joins subsets of one TrueType font that keep its glyph numbers, so that one font serves many letters.

A subset made with the font's own glyph numbers holds empty outlines for what it leaves out (OpenType 1.9, "glyf" and
"loca"): the union of several subsets takes each outline from whichever has it.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise

_COMMON = ("cvt ", "fpgm", "prep")
"""Hinting, which all subsets of one font have in common."""
_KEPT = (*_COMMON, "head", "hhea", "maxp", "post")
"""What a PDF needs besides outlines and metrics (ISO 32000-1, 9.9)."""
_LONG_OFFSETS = 1


class NotMergeable(Exception):  # noqa: N818 - reads as a statement
    """Tells that a font program is not a TrueType subset that can be joined with another."""


@dataclass(frozen=True, slots=True)
class Subset:
    """What one subset holds."""

    tables: Mapping[str, bytes]
    glyphs: Mapping[int, bytes]
    """The outlines that are not empty, by glyph number."""
    metrics: tuple[bytes, ...]
    """Advance width and left side bearing of every glyph, four bytes each."""

    @property
    def family(self) -> tuple[bytes, ...]:
        """What all subsets of one font have in common: its revision, flags, units and hinting."""
        head = self.tables["head"]
        return (head[4:8], head[16:20], *(self.tables.get(tag, b"") for tag in _COMMON))


def read_subset(program: bytes) -> Subset:
    """Read a font program; raises NotMergeable where it has no TrueType outlines."""
    try:
        (count,) = struct.unpack_from(">H", program, 4)
        tables = {}
        for entry in range(12, 12 + 16 * count, 16):
            tag, _, offset, length = struct.unpack_from(">4sLLL", program, entry)
            tables[tag.decode("latin-1")] = program[offset : offset + length]
        (is_long,) = struct.unpack_from(">h", tables["head"], 50)
        (number,) = struct.unpack_from(">H", tables["maxp"], 4)
        offsets = _offsets(tables["loca"], number, is_long=bool(is_long))
        glyphs = {
            glyph: tables["glyf"][start:end] for glyph, (start, end) in enumerate(pairwise(offsets)) if end > start
        }
        return Subset(tables, glyphs, _metrics(tables, number))
    except (struct.error, KeyError) as error:
        raise NotMergeable(str(error)) from None


def _offsets(loca: bytes, number: int, *, is_long: bool) -> tuple[int, ...]:
    if is_long:
        return struct.unpack_from(f">{number + 1}L", loca)
    return tuple(2 * offset for offset in struct.unpack_from(f">{number + 1}H", loca))


def _metrics(tables: Mapping[str, bytes], number: int) -> tuple[bytes, ...]:
    (full,) = struct.unpack_from(">H", tables["hhea"], 34)
    hmtx = tables["hmtx"]
    entries = [hmtx[4 * glyph : 4 * glyph + 4] for glyph in range(min(full, number))]
    advance = entries[-1][:2] if entries else b"\0\0"
    bearings = hmtx[4 * full :]
    entries += [advance + bearings[2 * n : 2 * n + 2] for n in range(number - len(entries))]
    return tuple(entry.ljust(4, b"\0") for entry in entries)


@dataclass(slots=True)
class Union:
    """The subsets of one font joined so far."""

    first: Subset
    glyphs: dict[int, bytes] = field(default_factory=dict)
    metrics: list[bytes] = field(default_factory=list)
    limits: list[int] = field(default_factory=list)
    """The largest of each number in "maxp" from the sixth byte on."""

    def takes(self, subset: Subset) -> bool:
        """Tell whether a subset is one of the same font."""
        return subset.family == self.first.family and all(
            self.glyphs.get(glyph, outline) == outline for glyph, outline in subset.glyphs.items()
        )

    def add(self, subset: Subset) -> None:
        """Join one more subset."""
        self.glyphs.update(subset.glyphs)
        self.metrics += [b"\0\0\0\0"] * (len(subset.metrics) - len(self.metrics))
        for glyph, entry in enumerate(subset.metrics):
            if entry != b"\0\0\0\0" and (glyph in subset.glyphs or glyph not in self.glyphs):
                self.metrics[glyph] = entry
        maxp = subset.tables["maxp"]
        limits = struct.unpack_from(f">{len(maxp) // 2 - 3}H", maxp, 6)
        self.limits = [max(pair) for pair in zip(self.limits or limits, limits, strict=True)]

    def program(self) -> bytes:
        """Write the font program."""
        from fontTools.ttLib.sfnt import SFNTWriter

        number = len(self.metrics)
        tables = {tag: self.first.tables[tag] for tag in _KEPT if tag in self.first.tables}
        outlines = [self.glyphs.get(glyph, b"") for glyph in range(number)]
        padded = [outline + bytes(-len(outline) % 4) for outline in outlines]
        offsets = [0]
        for outline in padded:
            offsets.append(offsets[-1] + len(outline))
        tables["glyf"] = b"".join(padded)
        tables["loca"] = struct.pack(f">{number + 1}L", *offsets)
        tables["hmtx"] = b"".join(self.metrics)
        tables["hhea"] = tables["hhea"][:34] + struct.pack(">H", number)
        tables["head"] = tables["head"][:50] + struct.pack(">h", _LONG_OFFSETS) + tables["head"][52:]
        tables["maxp"] = tables["maxp"][:4] + struct.pack(f">{len(self.limits) + 1}H", number, *self.limits)
        file = io.BytesIO()
        writer = SFNTWriter(file, len(tables))
        for tag in sorted(tables):
            writer[tag] = tables[tag]
        writer.close()
        return file.getvalue()
