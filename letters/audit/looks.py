"""Compares a finished PDF with what would be made now: what was moved, clipped, covered or recoloured is found there.

Equal bytes look alike. Others are compared as they are drawn: a letter made the plain way has other bytes than one that
shares its pages, and looks the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from letters.audit.findings import Finding
from letters.formats.files import sha256
from letters.formats.pdf_text import Box, PageText, PdfText
from letters.mail.barcode import corner
from letters.model import postal
from letters.model.records import PDF
from letters.render.proof import structural_differences

_DOTS = 100
"""Dots per inch at which pages are compared: a hair line is then a grey one."""
_STEPS = 16
"""Of 256 by which a dot may differ: two ways to write a place may round it otherwise."""
_FOLD_MARKS = 0.4
"""Inches from the left edge in which folds are marked."""
_NEAR = 1.0
"""Points by which a line may be drawn elsewhere before it was moved."""


def compare_looks(identifier: str, content: bytes, anew: bytes) -> Iterator[Finding]:
    """Yield where a PDF looks unlike the same letter made anew, or has other tags, links or properties."""
    if sha256(content) == sha256(anew):
        return
    with PdfText(content) as found, PdfText(anew) as wanted:
        pages, others = list(found.pages()), list(wanted.pages())
        if len(pages) != len(others):
            yield Finding(identifier, PDF, "pages", f"it has {len(pages)} pages, and should have {len(others)}")
            return
        for number, (page, other) in enumerate(zip(pages, others, strict=True), start=1):
            if page.size != other.size:
                what = f"the page is {_size(page)} points large, and should be {_size(other)}"
                yield Finding(identifier, PDF, "looks", what, number)
            elif (box := _differs(found, wanted, number - 1, page.size[1])) is not None:
                what = _moved(page, other) or "it looks other than it should at this place"
                yield Finding(identifier, PDF, "looks", what, number, box)
    try:
        for what in structural_differences(anew, content):
            yield Finding(identifier, PDF, "structure", f"{what} from those of the letter made anew")
    except (LookupError, AttributeError, TypeError, ValueError) as error:
        yield Finding(identifier, PDF, "structure", f"its tags are not whole ({error})")


def _size(page: PageText) -> str:
    return " by ".join(f"{length:.0f}" for length in page.size)


def _differs(found: PdfText, wanted: PdfText, number: int, height: float) -> Box | None:
    return _difference(_picture(found, number), _picture(wanted, number), height)


def _picture(pdf: PdfText, number: int) -> Any:
    """Return a page as a picture of its own, in colours; most are, and a conversion would copy them."""
    drawn = pdf.picture(number, _DOTS)
    return drawn if drawn.mode == "RGB" else drawn.convert("RGB")


def unlike(
    found: PdfText, side: int, wanted: PdfText, page: int, *, below: float = 0, bars: postal.Box | None = None
) -> Box | None:
    """Return the box around all that looks unlike a page of another PDF, in points; None where nothing does.

    The marks at the edge that folders and machines read do not count, nor the bars of an article number, nor what is
    not so many points below the top.
    """
    size = found.page(side).size
    one, other = _picture(found, side), _picture(wanted, page)
    if one.size != other.size:
        return (0.0, 0.0, *size)
    mark = corner(one.height / _DOTS)
    marks = (0.0, 0.0, _FOLD_MARKS, one.height / _DOTS), (mark.left, mark.top, mark.right, mark.bottom)
    also = [(bars.left, bars.top, bars.right, bars.bottom)] if bars else []
    for box in (*marks, *also, (0.0, 0.0, one.width / _DOTS, below / 72)):
        for picture in (one, other):
            picture.paste((255, 255, 255), tuple(round(edge * _DOTS) for edge in box))
    return _difference(one, other, size[1])


def lacks_letterhead(found: PageText, whole: PageText) -> bool:
    """Return whether a page has all the words of another but those of its letterhead, in one piece."""
    one, other = ("".join(page.text.split()) for page in (whole, found))
    start = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(other))
    return len(other) < len(one) and one.endswith(other[start:]) and other.startswith(one[:start])


def _difference(one: Any, other: Any, height: float) -> Box | None:
    """Return the box around all dots in which two pictures of a page differ, in points; None where none do."""
    from PIL import ImageChops

    red, green, blue = ImageChops.difference(one, other).split()
    most = ImageChops.lighter(red, ImageChops.lighter(green, blue))
    edges = most.point(lambda step: 255 if step > _STEPS else 0).getbbox()
    if edges is None:
        return None
    left, top, right, bottom = (edge * 72 / _DOTS for edge in edges)
    return left, height - bottom, right, height - top


def _moved(page: PageText, other: PageText) -> str:
    """Return by how much the first line that was moved was; empty where none was."""
    strange = [line for line in page.lines if not any(_are_one(line, each) for each in other.lines)]
    missing = [line for line in other.lines if not any(_are_one(line, each) for each in page.lines)]
    for here in strange:
        alike = [each for each in missing if abs(_width(each) - _width(here)) < _NEAR]
        if not alike:
            continue
        there = min(alike, key=lambda each: abs(each[0] - here[0]) + abs(each[1] - here[1]))
        across, up = here[0] - there[0], here[1] - there[1]
        side, height = "right" if across > 0 else "left", "high" if up > 0 else "low"
        ways = [f"{abs(across):.1f} points too far to the {side}"] if abs(across) > _NEAR else []
        ways += [f"{abs(up):.1f} points too {height}"] if abs(up) > _NEAR else []
        if ways:
            return f"a line stands {' and '.join(ways)}"
    return ""


def _are_one(one: Box, other: Box) -> bool:
    return max(abs(edge - there) for edge, there in zip(one, other, strict=True)) <= _NEAR


def _width(box: Box) -> float:
    return box[2] - box[0]


def print_of(page: PageText) -> str:
    """Return a hash of the words of a page and of where they and its pictures are; blank pages of one size have one."""
    places = (tuple(round(edge, 1) for edge in box) for box in (*page.lines, *page.pictures))
    said = repr((" ".join(page.text.split()), [round(length) for length in page.size], list(places)))
    return hashlib.blake2b(said.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
