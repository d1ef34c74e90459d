"""Reads and edits the content streams of the pages of a document that goes into a print file."""

from __future__ import annotations

import re
import zlib
from collections.abc import Collection, Container, Iterable

from pikepdf import Array, Object, Pdf

from letters.mail.structure import elements_below, marks_below

_END = b"EMC\n"
_CUT = 5
"""One in so many marked runs ends a piece of content; what is the same in many letters is cut at the same places."""
_LONGEST = 1 << 14
_PIXEL = 0.75
"""Points of a pixel of CSS, in which WeasyPrint draws."""
_MARKED = re.compile(rb"/\w+\s*<<\s*/MCID (\d+)\s*>>\s*BDC")
_RUN = re.compile(rb"/\w+\s*<<\s*/MCID (\d+)\s*>>\s*BDC\b.*?\bEMC\b", re.DOTALL)
_ARTIFACT = re.compile(rb"/Artifact\s+BMC\b.*?\bEMC\b", re.DOTALL)
_SHOWN = re.compile(rb"\bBT\b.*?\bET\b|/\w+ Do\b", re.DOTALL)
_PAINTED = re.compile(rb"^(?:f\*?|F|S|s|B\*?|b\*?)[ \t]*$", re.MULTILINE)
_BASELINE = re.compile(rb"1 0 0 -1 [-.\d]+ ([-.\d]+) Tm\s+/\S+ ([.\d]+) Tf")
_RECTANGLE = re.compile(rb"[-.\d]+ ([-.\d]+) [-.\d]+ ([-.\d]+) re\b")
_POINT = re.compile(rb"[-.\d]+ ([-.\d]+) [ml]\b")


def content_of(page: Object) -> bytes:
    """Return the operators that draw a page, unpacked."""
    contents = page.get("/Contents")
    if contents is None:
        return b""
    return b"\n".join(stream.read_bytes() for stream in (contents if isinstance(contents, Array) else [contents]))


def without_strays(content: bytes, owned: Container[int]) -> bytes:
    """Make an artifact of content that no element of the structure tree owns, such as a running head."""
    if all(int(mark) in owned for mark in _MARKED.findall(content)):
        return content
    return _MARKED.sub(lambda match: match[0] if int(match[1]) in owned else b"/Artifact BMC", content)


def cut(content: bytes) -> list[bytes]:
    """Cut content at the end of marked runs, by a hash of what stands there: equal stretches give equal pieces.

    A page may have its content in several streams (ISO 32000-1, 7.8.2). Every page of a letter has something of its
    own, so that only parts of pages can be shared; what a change moves is at most two pieces.
    """
    *runs, rest = content.split(_END)
    pieces, piece = [], b""
    for run in (*(run + _END for run in runs), rest):
        piece += run
        if zlib.crc32(run) % _CUT == 0 or len(piece) > _LONGEST:
            pieces.append(piece)
            piece = b""
    return [*pieces, piece] if piece else pieces


class NoLetterhead(Exception):  # noqa: N818 - reads as a statement
    """Raised where a letter has no letterhead that could be taken off."""


def letterhead_marks(pdf: Pdf, page: Object) -> set[int]:
    """Return the numbers of the marked content of the letterhead on the first page; raises NoLetterhead if it has none.

    The letterhead is what comes before the text of the letter, as a header of its own.
    """
    root = pdf.Root.get("/StructTreeRoot")
    documents = elements_below(root) if root is not None else ()
    top = [kid for document in documents for kid in elements_below(document)]
    roles = [str(kid.S) for kid in top]
    # WeasyPrint makes a NonStruct of <header>, and a Part of the <section> of the letter's text.
    if "/NonStruct" not in roles or "/Part" not in roles or roles.index("/NonStruct") > roles.index("/Part"):
        raise NoLetterhead
    marks = marks_below(top[roles.index("/NonStruct")], page.objgen)
    if not marks:
        raise NoLetterhead
    return marks


def without_letterhead(content: bytes, marks: Collection[int]) -> bytes:
    """Take what the letterhead shows out of a page's content: its words, logos, and the lines above the text.

    The page keeps everything else to the dot, since nothing is laid out again. The marked content of the letterhead
    stays, empty, so that the structure tree needs no change.
    """
    end = _end_of_letterhead(content, marks)

    def empty(run: re.Match[bytes]) -> bytes:
        return _SHOWN.sub(b"", run[0]) if int(run[1]) in marks else run[0]

    def unpainted(artifact: re.Match[bytes]) -> bytes:
        heights = list(_heights(artifact[0]))
        return _PAINTED.sub(b"n", artifact[0]) if heights and max(heights) <= end else artifact[0]

    return _ARTIFACT.sub(unpainted, _RUN.sub(empty, content))


def end_of_letterhead(pdf: Pdf, page: Object) -> float:
    """Return where the text below the letterhead begins, in points from the upper edge of a page; 0 without one."""
    try:
        marks = letterhead_marks(pdf, page)
    except NoLetterhead:
        return 0.0
    return _end_of_letterhead(content_of(page), marks) * _PIXEL


def _end_of_letterhead(content: bytes, marks: Collection[int]) -> float:
    """Return where the text below the letterhead begins, downwards in the units of the page's content."""
    inside: list[float] = []
    tops: list[tuple[float, float]] = []
    for run in _RUN.finditer(content):
        for baseline, size in _BASELINE.findall(run[0]):
            if int(run[1]) in marks:
                inside.append(float(baseline))
            else:
                tops.append((float(baseline), float(size)))
    last = max(inside, default=0.0)
    return min((baseline - size for baseline, size in tops if baseline > last), default=last)


def _heights(artifact: bytes) -> Iterable[float]:
    """List the heights that the lines and rectangles of an artifact reach down to."""
    for top, height in _RECTANGLE.findall(artifact):
        yield max(float(top), float(top) + float(height))
    for height in _POINT.findall(artifact):
        yield float(height)
