"""Lays out the pages of one letter, and makes them a plate: pages with holes for the lines of other letters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pydyf  # type: ignore[import-untyped]
from weasyprint.formatting_structure import boxes
from weasyprint.pdf import generate_pdf

from letters.render.pdf.blocks import Block, text_boxes
from letters.render.pdf.box_tree import OPTIONS, Laid
from letters.render.pdf.glyphs import Glyphs
from letters.render.pdf.letter_parts import folded
from letters.render.pdf.line_cache import Faces, UnfitError
from letters.render.pdf.paragraph import Mould
from letters.render.pdf.plain import label_pages
from letters.render.pdf.weasyprint_internals import standing_in

_NEAR = 0.001
"""How far, in CSS pixels, two positions may differ that were added up in different orders."""


@dataclass(frozen=True, slots=True)
class Hole:
    """Where a run of a letter goes."""

    block: int
    run: int
    top: float
    order: int
    """Its place among all that is drawn."""


@dataclass(frozen=True, slots=True)
class PlatePage:
    """The content of a page: what all letters share, with a hole between each two pieces."""

    number: int
    """The number of the object in the file."""
    pieces: tuple[bytes, ...]
    holes: tuple[Hole, ...]


@dataclass(frozen=True, slots=True)
class Plate:
    """The pages of all letters that are laid out alike, as objects of a PDF."""

    pdf: Any
    metadata: Any
    pages: tuple[PlatePage, ...]
    glyphs: dict[str, dict[int, tuple[str, int]]]
    """The glyphs that all these letters show: the text of each and where it is drawn first."""
    text: str
    """The text that all these letters show, folded."""


def make_plate(
    parts: Sequence[Laid], moulds: Sequence[Mould], blocks: Sequence[Block], heads: int, faces: Faces, moment: str
) -> Plate:
    """Make a plate of the pages of a letter; raises UnfitError.

    `moulds` are those whose lines become holes, and `blocks` what the letter itself has there; running heads begin with
    number `heads`. Before a hole is cut, what is drawn in it is compared with the run of the block that would go there;
    for pages that were laid out for another letter this was done then, for their running heads if these are its, too.
    """
    first = parts[0].document
    first.metadata.created = first.metadata.modified = moment
    drawn = [page for part in parts for page in part.document.pages]
    for page in drawn:
        page.faces = faces
    with standing_in(_listed_once(), "page_references", pydyf.PDF):
        pdf = generate_pdf(first.copy(drawn), None, 1, **OPTIONS)
    label_pages(pdf, [len(part.document.pages) for part in parts])
    if any(each.extra.get("Subtype") == "/Form" for each in pdf.objects if isinstance(each, pydyf.Stream)):
        raise UnfitError("text may be drawn in a form")
    places = _places(moulds)
    pages, glyphs, order = [], dict[str, dict[int, tuple[str, int]]](), 0
    firsts = [
        len(blocks) if place in part.folios.known else heads if place in part.known else 0
        for part in parts
        for place in range(1, len(part.document.pages) + 1)
    ]
    for number, page, first_compared in zip(pdf.pages["Kids"][::3], drawn, firsts, strict=True):
        holes = {}
        for identity, record in page.records:
            order += 1
            if identity in places:
                holes[identity] = Hole(*places[identity], order)
            else:
                _keep_first(glyphs, record, order)
        stream = int(pdf.objects[number]["Contents"].split()[0])
        cuts = {place: holes[id(box)] for place, box in page.boxes.items() if id(box) in holes}
        pages.append(_cut(stream, pdf.objects[stream].stream, cuts, blocks, first_compared))
    found = {(hole.block, hole.run) for page in pages for hole in page.holes}
    if found != {(number, run) for number, block in enumerate(blocks) for run in range(len(block.runs))}:
        raise UnfitError("lines of a paragraph are not where they were expected")
    shown = [box.text for page in drawn for box in page.boxes.values() if _is_kept(box, places)]
    return Plate(pdf, first.metadata, tuple(pages), glyphs, folded("".join(shown)))


def _listed_once() -> Any:
    """Return what lists the pages of a PDF as PDF.page_references does, but not anew for each tag."""
    listed: dict[int, Any] = {}
    list_pages = pydyf.PDF.page_references.fget

    def page_references(pdf: Any) -> Any:
        many = len(pdf.pages["Kids"])
        if many not in listed:
            listed[many] = list_pages(pdf)
        return listed[many]

    return property(page_references)


def _is_kept(box: Any, places: dict[int, tuple[int, int, float]]) -> bool:
    return isinstance(box, boxes.TextBox) and id(box) not in places


def _places(moulds: Sequence[Mould]) -> dict[int, tuple[int, int, float]]:
    """Tell for each box of text in the lines of moulds its block, its number there, and the top of its line."""
    places = {}
    for block, mould in enumerate(moulds):
        in_lines = ((line, box) for line in mould.lines for box in text_boxes(line))
        for run, (line, box) in enumerate(in_lines):
            places[id(box)] = (block, run, line.position_y)
    return places


def _keep_first(glyphs: dict[str, dict[int, tuple[str, int]]], record: Glyphs, order: int) -> None:
    for font, texts in record.items():
        known = glyphs.setdefault(font, {})
        for glyph, text in texts.items():
            known.setdefault(glyph, (text, order))


def _cut(
    number: int, operators: list[Any], cuts: dict[int, Hole], blocks: Sequence[Block], first_compared: int
) -> PlatePage:
    """Cut the holes into the content of a page, where each has its place among the operators."""
    pieces, holes, start = [], [], 0
    for place, hole in sorted(cuts.items(), key=lambda cut: cut[0]):
        end = operators.index(b"EMC", place)
        begin = operators.index(b"BT", place, end)
        if operators[end - 1] != b"ET":
            raise UnfitError("more than text is drawn in a line")
        if hole.block >= first_compared:
            _compare(operators[begin + 1 : end - 1], hole, blocks)
        pieces.append(_joined(operators[start : begin + 1]))
        holes.append(hole)
        start = end - 1
    return PlatePage(number, (*pieces, _joined(operators[start:])), tuple(holes))


def _joined(operators: Sequence[Any]) -> bytes:
    return b"\n".join(pydyf._to_bytes(operator) for operator in operators)


def _compare(drawn: Sequence[Any], hole: Hole, blocks: Sequence[Block]) -> None:
    """Make sure that a run set apart is what WeasyPrint has drawn on the page."""
    runs = blocks[hole.block].runs
    if hole.run >= len(runs):
        raise UnfitError("a line has more runs on the page than apart from it")
    run = runs[hole.run]
    if not drawn:
        if run.body:
            raise UnfitError("a line is empty on the page and not apart from it")
        return
    x, y = (float(number) for number in drawn[0].split()[4:6])
    near = abs(x - run.x) < _NEAR and abs(y - hole.top - run.y) < _NEAR
    if not near or _joined(drawn[1:]) != run.body:
        raise UnfitError("a line differs on the page and apart from it")


def texts_of(laid: Laid) -> Iterator[Any]:
    """List the boxes of text of a part that was laid out."""
    for page in laid.document.pages:
        for box in page._page_box.descendants():
            if isinstance(box, boxes.TextBox) and box.style["font_size"]:
                yield box
