"""Draws on finished pages: what a window shows, which words are at fault, where to fold; in inches from the top.

Everything drawn is an artifact for readers of tagged PDFs: it says nothing that belongs to the letter.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import Any

from letters.mail.windows import Sight, View
from letters.model.postal import Box, Inches, Window, WindowProfile

_GREEN, _BLUE, _RED = "0.1 0.55 0.25", "0.1 0.3 0.75", "0.8 0.05 0.05"
_GREY, _DARK = "0.45 0.45 0.45", "0.2 0.2 0.2"
_DASHED, _SOLID = "[4 3] 0", "[] 0"
_MARK_AT: tuple[Inches, Inches] = (0.2, 0.35)
"""From where to where a fold mark runs, from the left edge: printers leave 0.17 in. free."""


def write_overlay(letters: Iterable[tuple[str, bytes, Sight]], profile: WindowProfile, view: View) -> bytes:
    """Draw the first page of each letter with the window over it; every page has a bookmark with the recipient's id.

    Green is what is always seen, blue the window at both ends of the letter's way, red the words at fault, grey the
    folds.
    """
    import pikepdf

    overlay = pikepdf.Pdf.new()
    with overlay.open_outline() as outline:
        for identifier, content, sight in letters:
            with pikepdf.Pdf.open(io.BytesIO(content)) as letter:
                overlay.pages.append(letter.pages[0])
            page = overlay.pages[-1]
            height = float(page.mediabox[3]) / 72
            _draw(overlay, page, _overlay(profile, view, sight, height))
            outline.root.append(pikepdf.OutlineItem(identifier, len(overlay.pages) - 1))
    out = io.BytesIO()
    overlay.save(out, deterministic_id=True)
    return out.getvalue()


def _overlay(profile: WindowProfile, view: View, sight: Sight, height: Inches) -> str:
    drawn = [_filled(word.box, _RED, height) for word in sight.faults]
    drawn += [_framed(box, _BLUE, _SOLID, height) for box in _windows(profile, view)]
    drawn.append(_framed(view.always, _GREEN, _SOLID, height, 1.5))
    drawn += [_line(0, profile.page_width, fold, _GREY, _DASHED, height) for fold in profile.folds]
    return "\n".join(drawn)


def _windows(profile: WindowProfile, view: View) -> Iterable[Box]:
    """List where each window lies on the page at both ends of the letter's way."""
    if profile.address is None:
        yield view.ever
    for window in filter(None, (profile.address, profile.sender)):
        yield from _ends(window, profile)


def _ends(window: Window, profile: WindowProfile) -> Iterable[Box]:
    panel = profile.folds[0] if profile.folds else profile.page_height
    top = panel - window.bottom - window.height
    low = Box(window.left, top, window.left + window.width, top + window.height)
    return low, low.moved(profile.page_width - profile.width, profile.height - panel)


def fold_marks(folds: Sequence[Inches], height: Inches) -> bytes:
    """Write the operators of short marks at the left edge of a page where the sheet is to be folded."""
    marks = "\n".join(_line(*_MARK_AT, fold, _DARK, _SOLID, height) for fold in folds)
    return f"/Artifact BMC\nq\n{marks}\nQ\nEMC\n".encode()


def _draw(pdf: Any, page: Any, stream: str) -> None:
    """Add drawing operators over a page, whatever state its own operators leave; areas cover it half."""
    from pikepdf import Dictionary, Name

    half = pdf.make_indirect(Dictionary(Type=Name.ExtGState, ca=0.4))
    page.add_resource(half, Name.ExtGState, Name("/HalfCovering"))
    page.contents_add(b"q\n", prepend=True)
    page.contents_add(f"Q\n/Artifact BMC\nq\n/HalfCovering gs\n{stream}\nQ\nEMC\n".encode())


def _corners(box: Box, height: Inches) -> str:
    return f"{box.left * 72:.2f} {(height - box.bottom) * 72:.2f} {box.width * 72:.2f} {box.height * 72:.2f} re"


def _filled(box: Box, color: str, height: Inches) -> str:
    return f"{color} rg {_corners(box, height)} f"


def _framed(box: Box, color: str, dash: str, height: Inches, points: float = 0.75) -> str:
    return f"{color} RG {points} w {dash} d {_corners(box, height)} S"


def _line(left: Inches, right: Inches, top: Inches, color: str, dash: str, height: Inches) -> str:
    y = (height - top) * 72
    return f"{color} RG 0.75 w {dash} d {left * 72:.2f} {y:.2f} m {right * 72:.2f} {y:.2f} l S"
