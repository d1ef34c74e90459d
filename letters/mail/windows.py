"""Reads the words of a page as it is drawn, each with its place, and checks what of a folded letter a window shows."""

from __future__ import annotations

import functools
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from letters.model.postal import Box, Inches, Window, WindowProfile
from letters.model.problems import Place, Problem, Severity

_POINTS = 72.0
_FIRST_PAGE = re.compile(r"(?<!\d)1$")
"""Ends the label of a first page: "1", or "Enclosure 2-1"."""
_SLACK: Inches = 0.01
"""What no eye and no printer can tell apart."""
_GREEN, _BLUE, _RED = "0.1 0.55 0.25", "0.1 0.3 0.75", "0.8 0.05 0.05"
_GREY, _DARK = "0.45 0.45 0.45", "0.2 0.2 0.2"
_DASHED, _SOLID = "[4 3] 0", "[] 0"
_MARK_AT: tuple[Inches, Inches] = (0.2, 0.35)
"""From where to where a fold mark runs, from the left edge: printers leave 0.17 in. free."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word on a page, and the box that its ink fills."""

    text: str
    box: Box
    page: int = 0
    """Counted from 0."""


def read_words(content: bytes, pages: Sequence[int] | None = None, *, ink: bool = True) -> list[Word]:
    """Read the words of a PDF, or of some of its pages counted from 0, in the order in which they are drawn.

    With `ink` off the boxes are those of the type, from the point where a letter is set: the same for "a" and "A".
    """
    import pypdfium2

    words: list[Word] = []
    document = pypdfium2.PdfDocument(content)
    try:
        for number in pages if pages is not None else range(len(document)):
            page = document[number]
            text = page.get_textpage()
            words += _words(text, page.get_height(), number, loose=not ink)
            text.close()
            page.close()
    finally:
        document.close()
    return words


def _words(text: Any, height: float, number: int, *, loose: bool) -> Iterator[Word]:
    count = text.count_chars()
    letters: Sequence[str] = text.get_text_range()
    if len(letters) != count:  # a character that Python counts otherwise than PDFium
        letters = [text.get_text_range(index, 1) for index in range(count)]
    word, box = "", None
    for index, letter in enumerate(letters):
        if letter.isspace() or not letter:
            if box:
                yield Word(word, box, number)
            word, box = "", None
            continue
        # PDF counts from the lower edge; windows and folds are measured from the upper one.
        left, bottom, right, top = (each / _POINTS for each in text.get_charbox(index, loose=loose))
        here = Box(left, height / _POINTS - top, right, height / _POINTS - bottom)
        word, box = word + letter, box.around(here) if box else here
    if box:
        yield Word(word, box, number)


def find(words: Sequence[Word], wanted: Sequence[str]) -> tuple[int, int] | None:
    """Find where words stand in a row that read as wanted; None where they do not.

    Returned are the first index and the index after the last.
    """
    texts = [word.text for word in words]
    length = len(wanted)
    for start in range(len(texts) - length + 1):
        if texts[start : start + length] == list(wanted):
            return start, start + length
    return None


def bounds(words: Sequence[Word]) -> Box:
    """Make the box around words, of which there is at least one."""
    return functools.reduce(Box.around, (word.box for word in words))


def parts_of(path: Path) -> tuple[int, ...]:
    """Count the pages of the letter and of each enclosure in a finished PDF.

    Page labels count from 1 in each of them; a PDF without labels is one part.
    """
    import pypdfium2

    document = pypdfium2.PdfDocument(path)
    try:
        labels = [document.get_page_label(page) for page in range(len(document))]
    finally:
        document.close()
    starts = [page for page, label in enumerate(labels) if not page or _FIRST_PAGE.search(label)]
    return tuple(end - start for start, end in zip(starts, [*starts[1:], len(labels)], strict=True))


@dataclass(frozen=True, slots=True)
class View:
    """What a window shows of the page, in places of the page."""

    always: Box
    """Seen wherever the letter slides; it has no area where the letter slides more than the window is high or wide."""
    ever: Box
    """Seen somewhere on the letter's way."""


@dataclass(frozen=True, slots=True)
class Sight:
    """One letter seen through a window: where its address is, and which words are at fault."""

    address: Box | None
    faults: tuple[Word, ...]
    problems: tuple[Problem, ...]


def look_through(window: Window, profile: WindowProfile) -> View:
    """Return what a window shows of a letter that slides through the whole of its envelope (the tap test)."""
    low, far = _ends(window, profile)
    return View(always=low.within(far), ever=low.around(far))


def _ends(window: Window, profile: WindowProfile) -> tuple[Box, Box]:
    """Return where a window lies on the page at both ends of the letter's way."""
    panel = profile.folds[0] if profile.folds else profile.page_height
    across, along = max(0.0, profile.width - profile.page_width), max(0.0, profile.height - panel)
    # The letter's lower left corner is in the envelope's: the panel's top is `panel` above the bottom edge.
    top = panel - window.bottom - window.height
    low = Box(window.left, top, window.left + window.width, top + window.height)
    return low, low.moved(-across, along)


def address_view(profile: WindowProfile) -> View:
    """Return what the window for the address shows, or what the mailing house says."""
    if profile.visible and profile.clear:
        return View(profile.visible.box, profile.clear.box)
    assert profile.address is not None
    return look_through(profile.address, profile)


def check_page(words: Sequence[Word], address: Sequence[str], profile: WindowProfile, place: Place, id_: str) -> Sight:
    """Check the first page of a letter: all of the address seen, and nothing else.

    `place` is where the address comes from, for messages.
    """
    at = find(words, [word for line in address for word in line.split()])
    if at is None:
        hint = "it may be missing from the letter's frame; envelopes without a window can still be printed"
        return Sight(None, (), (Problem(place, "the address was not found on the first page", hint, recipient=id_),))
    view = address_view(profile)
    own, others = words[at[0] : at[1]], [*words[: at[0]], *words[at[1] :]]
    hidden = [word for word in own if not view.always.holds(word.box, _SLACK)]
    strange = [word for word in others if view.ever.touches(word.box)]
    problems = [*_hidden(hidden, bounds(own), view, profile, place, id_), *_strange(strange, profile, place, id_)]
    problems += _cut_sender(others, profile, place, id_)
    return Sight(bounds(own), (*hidden, *strange), tuple(problems))


def _hidden(
    words: Sequence[Word], address: Box, view: View, profile: WindowProfile, place: Place, id_: str
) -> Iterable[Problem]:
    if words:
        what = (
            f'"{_quote(words)}" would not always be seen through the window {profile.name}: the address lies '
            f"{_span(address)}, what is always seen is {_span(view.always)}"
        )
        hint = "shorten the address, use --cover-sheet, or choose another --window; letters mail check draws it"
        yield Problem(place, what, hint, recipient=id_)


def _strange(words: Sequence[Word], profile: WindowProfile, place: Place, id_: str) -> Iterable[Problem]:
    if words:
        what = f'"{_quote(words)}" may be seen through the window {profile.name} beside the address'
        hint = "move it in letterhead.css, use --cover-sheet, or choose another --window"
        yield Problem(place, what, hint, recipient=id_)


def _cut_sender(words: Sequence[Word], profile: WindowProfile, place: Place, id_: str) -> Iterable[Problem]:
    """Warn of words that the window for the return address may show only a part of."""
    if profile.sender is None:
        return
    view = look_through(profile.sender, profile)
    cut = [word for word in words if view.ever.touches(word.box) and not view.always.holds(word.box, _SLACK)]
    if cut:
        what = f'"{_quote(cut)}" may be seen in part through the window for the return address of {profile.name}'
        hint = "nothing private stands there, but look at the overlay"
        yield Problem(place, what, hint, Severity.WARNING, id_)


def _quote(words: Sequence[Word]) -> str:
    text = " ".join(word.text for word in words)
    # The first words tell which ones are meant.
    return text if len(text) <= 60 else text[:57] + "…"


def _span(box: Box) -> str:
    if box.width <= 0 or box.height <= 0:
        return "nothing at all"
    return f"{box.left:.2f} to {box.right:.2f} in. from the left and {box.top:.2f} to {box.bottom:.2f} in. from the top"


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
                # Only the first page faces the window.
                overlay.pages.append(letter.pages[0])
            page = overlay.pages[-1]
            height = float(page.mediabox[3]) / 72
            _draw(overlay, page, _overlay(profile, view, sight, height))
            outline.root.append(pikepdf.OutlineItem(identifier, len(overlay.pages) - 1))
    out = io.BytesIO()
    overlay.save(out, deterministic_id=True)
    return out.getvalue()


def _overlay(profile: WindowProfile, view: View, sight: Sight, height: Inches) -> str:
    drawn = [f"{_RED} rg {_corners(word.box, height)} f" for word in sight.faults]
    windows = [box for window in (profile.address, profile.sender) if window for box in _ends(window, profile)]
    drawn += [_framed(box, _BLUE, _SOLID, height) for box in (windows if profile.address else [view.ever, *windows])]
    drawn.append(_framed(view.always, _GREEN, _SOLID, height, 1.5))
    drawn += [_line(0, profile.page_width, fold, _GREY, _DASHED, height) for fold in profile.folds]
    return "\n".join(drawn)


def fold_marks(folds: Sequence[Inches], height: Inches) -> bytes:
    """Write the operators of short marks at the left edge of a page where the sheet is to be folded."""
    marks = "\n".join(_line(*_MARK_AT, fold, _DARK, _SOLID, height) for fold in folds)
    return f"/Artifact BMC\nq\n{marks}\nQ\nEMC\n".encode()


def _draw(pdf: Any, page: Any, stream: str) -> None:
    """Add drawing operators over a page, whatever state its own operators leave; areas cover it half."""
    from pikepdf import Dictionary, Name

    # Constant alpha for areas (PDF 32000-2, 11.6.4.4): the words below stay legible.
    half = pdf.make_indirect(Dictionary(Type=Name.ExtGState, ca=0.4))
    page.add_resource(half, Name.ExtGState, Name("/HalfCovering"))
    page.contents_add(b"q\n", prepend=True)
    page.contents_add(f"Q\n/Artifact BMC\nq\n/HalfCovering gs\n{stream}\nQ\nEMC\n".encode())


def _corners(box: Box, height: Inches) -> str:
    return f"{box.left * 72:.2f} {(height - box.bottom) * 72:.2f} {box.width * 72:.2f} {box.height * 72:.2f} re"


def _framed(box: Box, color: str, dash: str, height: Inches, points: float = 0.75) -> str:
    return f"{color} RG {points} w {dash} d {_corners(box, height)} S"


def _line(left: Inches, right: Inches, top: Inches, color: str, dash: str, height: Inches) -> str:
    y = (height - top) * 72
    return f"{color} RG 0.75 w {dash} d {left * 72:.2f} {y:.2f} m {right * 72:.2f} {y:.2f} l S"
