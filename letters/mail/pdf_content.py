"""Reads what draws a page, and cuts it into pieces that many pages share."""

from __future__ import annotations

import re
import zlib
from collections.abc import Container
from typing import Any

_BOUNDARY = re.compile(rb"(?<=EMC\n)")
_CUT = 5
"""One in so many marked runs ends a piece of content; what is the same in many letters is cut at the same places."""
_LONGEST = 1 << 14
_MARKED = re.compile(rb"/\w+\s*<<\s*/MCID (\d+)\s*>>\s*BDC")


def content_of(page: Any) -> bytes:
    """Read what draws a page, unpacked."""
    import pikepdf

    contents = page.get("/Contents")
    if contents is None:
        return b""
    streams = contents if isinstance(contents, pikepdf.Array) else [contents]
    return b"\n".join(bytes(stream.read_bytes()) for stream in streams)


def without_strays(content: bytes, owned: Container[int]) -> bytes:
    """Make content that no element of the structure tree owns, such as a running head, an artifact."""
    return _MARKED.sub(lambda match: match[0] if int(match[1]) in owned else b"/Artifact BMC", content)


def cut(content: bytes) -> list[bytes]:
    """Cut content at the end of marked runs, by what stands there: equal stretches give equal pieces.

    A page may have its content in several streams (ISO 32000-1, 7.8.2).
    """
    pieces, piece = [], b""
    for run in _BOUNDARY.split(content):
        piece += run
        if zlib.crc32(run) % _CUT == 0 or len(piece) > _LONGEST:
            pieces.append(piece)
            piece = b""
    return [*pieces, piece] if piece else pieces
