"""Takes the letterhead off the first page of a finished letter, for paper on which it is printed already.

The page keeps everything else to the dot, since nothing is set anew: what the letterhead shows is taken out of the
content of the page, and its marked content stays, empty, in the structure tree.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence

from letters.mail.pdf_elements import Content, Element, walk

_HEADER = b"/NonStruct"
"""What WeasyPrint makes of <header>."""
_RUN = re.compile(rb"/\w+\s*<<\s*/MCID (\d+)\s*>>\s*BDC\b.*?\bEMC\b", re.DOTALL)
_ARTIFACT = re.compile(rb"/Artifact\s+BMC\b.*?\bEMC\b", re.DOTALL)
_SHOWN = re.compile(rb"\bBT\b.*?\bET\b|/\w+ Do\b", re.DOTALL)
_PAINTED = re.compile(rb"^(?:f\*?|F|S|s|B\*?|b\*?)[ \t]*$", re.MULTILINE)
_BASELINE = re.compile(rb"1 0 0 -1 [-.\d]+ ([-.\d]+) Tm\s+/\S+ ([.\d]+) Tf")
_RECTANGLE = re.compile(rb"[-.\d]+ ([-.\d]+) [-.\d]+ ([-.\d]+) re\b")
_POINT = re.compile(rb"[-.\d]+ ([-.\d]+) [ml]\b")


class NoLetterhead(Exception):  # noqa: N818 - reads as a statement
    """Tells that a letter has no letterhead that could be taken off."""


def letterhead_marks(elements: Sequence[Element], page: int) -> set[int]:
    """List the marked content of the letterhead on the first page; raises NoLetterhead if there is none.

    The letterhead is what comes before the text of the letter, as a header of its own.
    """
    top = [kid for element in elements for kid in element.kids if isinstance(kid, Element)]
    header = next((kid for kid in top if kid.role == _HEADER), None)
    text = next((kid for kid in top if kid.role == b"/Part"), None)
    if header is None or text is None or top.index(header) > top.index(text):
        raise NoLetterhead
    marks = {kid.mark for each in walk([header]) for kid in each.kids if isinstance(kid, Content) and kid.page == page}
    if not marks:
        raise NoLetterhead
    return marks


def without_letterhead(content: bytes, marks: Collection[int]) -> bytes:
    """Take what the letterhead shows out of a page's content: its words, logos, and the lines above the text."""
    end = _end_of_letterhead(content, marks)

    def empty(run: re.Match[bytes]) -> bytes:
        return _SHOWN.sub(b"", run[0]) if int(run[1]) in marks else run[0]

    def unpainted(artifact: re.Match[bytes]) -> bytes:
        heights = list(_heights(artifact[0]))
        return _PAINTED.sub(b"n", artifact[0]) if heights and max(heights) <= end else artifact[0]

    return _ARTIFACT.sub(unpainted, _RUN.sub(empty, content))


def _end_of_letterhead(content: bytes, marks: Collection[int]) -> float:
    """Tell where the text below the letterhead begins, downwards in the units of the page's content."""
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
    for top, height in _RECTANGLE.findall(artifact):
        yield max(float(top), float(top) + float(height))
    for height in _POINT.findall(artifact):
        yield float(height)
