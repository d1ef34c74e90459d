"""Page templates: the pages of letters with the same layout, drawn once, with gaps for the lines of each letter.

Each piece of text has its number in the structure tree already (ISO 32000-2, 14.7.5), so that tags, bookmarks, links
and page labels are those of every letter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pydyf

from letters.render.pdf.fonts import FontRegistry, GlyphTexts
from letters.render.pdf.letter_parts import LaidOutPart, folded
from letters.render.pdf.paragraph import ParagraphTemplate, SetParagraph, text_boxes
from letters.render.pdf.pdf_writer import TITLE, Gap, LinkGap, PageTemplate, TemplatePage, pack_template
from letters.render.pdf.plain import VARIANT, UnfitError, label_pages, pages_of_headings
from letters.render.pdf.tag_tree import NoteLink, object_number
from letters.render.pdf.weasyprint_internals import boxes

_NEAR = 0.001
"""How far, in CSS pixels, two positions may differ that were added up in different orders."""


@dataclass(frozen=True, slots=True)
class OwnLines:
    """The paragraphs of a letter whose lines become gaps, those of its running heads last."""

    templates: Sequence[ParagraphTemplate]
    """With their lines on the pages."""
    paragraphs: Sequence[SetParagraph]
    """What was set apart from the pages, in the same order."""
    first_head: int
    """The number of the first running head."""


class _DrawnPdf(Exception):  # noqa: N818 - no error: it ends write_pdf
    """Carries a PDF out of write_pdf before it is written to bytes, which nobody would read."""

    def __init__(self, pdf: Any) -> None:
        super().__init__()
        self.pdf = pdf


def make_page_template(parts: Sequence[LaidOutPart], own: OwnLines, fonts: FontRegistry, moment: str) -> PageTemplate:
    """Return the page template of a letter; raises UnfitError.

    Before a gap is cut, what is drawn in it is compared with the run of the paragraph that would go there; for pages
    that were laid out for another letter this was done then, for their running heads if these are its, too.
    """
    title = parts[0].document.metadata.title
    if not title:
        raise UnfitError("the letter has no title")
    pages = [page for part in parts for page in part.document.pages]
    pdf = _draw(parts, pages, fonts, moment)
    if any(each.extra.get("Subtype") == "/Form" for each in pdf.objects if isinstance(each, pydyf.Stream)):
        raise UnfitError("something on a page is half transparent, or drawn apart for another reason")
    places = _places(own.templates)
    glyphs: dict[str, dict[int, tuple[str, int]]] = {}
    order = 0
    written = []
    compared_from = [number for part in parts for number in _compared_from(part, own)]
    # generate_pdf keeps references as the tokens "5", "0", "R".
    for number, page, first in zip(pdf.pages["Kids"][::3], pages, compared_from, strict=True):
        gaps = {}
        for identity, record in page.records:
            order += 1
            if identity in places:
                gaps[identity] = Gap(*places[identity], order)
            else:
                _keep_first(glyphs, record, order)
        cuts = {place: gaps[id(box)] for place, box in page.boxes.items() if id(box) in gaps}
        # The content stream of the page.
        stream = object_number(pdf.objects[number]["Contents"])
        written.append(_cut(stream, pdf.objects[stream].stream, cuts, own.paragraphs, first))
    found = {(gap.paragraph, gap.run) for page in written for gap in page.gaps}
    # No run of a paragraph may be left out.
    if found != {(number, run) for number, each in enumerate(own.paragraphs) for run in range(len(each.runs))}:
        raise UnfitError("lines of a paragraph are not on the page where they were expected")
    drawn = (box for page in pages for box in page.boxes.values() if isinstance(box, boxes.TextBox))
    return pack_template(
        pdf,
        [page for page in written if page.gaps],
        [_link_gap(link, places[id(link.box)]) for link in pdf.note_links if id(link.box) in places],
        title=title,
        text=folded("".join(box.text for box in drawn if id(box) not in places)),
        page_count=len(pages),
        contents=tuple(pages_of_headings(part.document) for part in parts),
        glyphs=glyphs,
        widths={name: {g: fonts.by_name[name].widths[g] for g in texts} for name, texts in glyphs.items()},
    )


def _link_gap(link: NoteLink, place: tuple[int, int, float]) -> LinkGap:
    annotation = link.annotation
    begin, _, end = bytes(annotation.data).partition(b"/Rect " + annotation["Rect"].data)
    return LinkGap(annotation.number, *place, link.box.style["font_size"], link.page_height, begin + b"/Rect ", end)


def _draw(parts: Sequence[LaidOutPart], pages: Sequence[Any], fonts: FontRegistry, moment: str) -> Any:
    """Return the pages as a PDF that is not written yet."""
    first = parts[0].document
    for page in pages:
        page.fonts = fonts
    metadata = first.metadata
    # The date of the letter, so that the same inputs give the same bytes.
    metadata.created = metadata.modified = moment
    title, metadata.title = metadata.title, TITLE

    def finish(_: Any, pdf: Any) -> None:
        label_pages(pdf, [len(part.document.pages) for part in parts])
        raise _DrawnPdf(pdf)

    try:
        first.copy(pages).write_pdf(pdf_variant=VARIANT, pdf_identifier=b"", finisher=finish)
    except _DrawnPdf as drawn:
        return drawn.pdf
    finally:
        metadata.title = title
    raise AssertionError("write_pdf has not called its finisher")


def _compared_from(part: LaidOutPart, own: OwnLines) -> list[int]:
    """Return for each page of a part the number of the first paragraph that has to be compared on it."""
    none, all_of_them = len(own.paragraphs), 0
    numbers = range(1, len(part.document.pages) + 1)
    return [
        none if number in part.finished.known else own.first_head if number in part.known else all_of_them
        for number in numbers
    ]


def _places(templates: Sequence[ParagraphTemplate]) -> dict[int, tuple[int, int, float]]:
    """Return for each text box in the lines of paragraphs its paragraph, its number there, and the top of its line."""
    places = {}
    for paragraph, template in enumerate(templates):
        in_lines = ((line, box) for line in template.lines for box in text_boxes(line))
        for run, (line, box) in enumerate(in_lines):
            places[id(box)] = (paragraph, run, line.position_y)
    return places


def _keep_first(glyphs: dict[str, dict[int, tuple[str, int]]], record: GlyphTexts, order: int) -> None:
    for font, texts in record.items():
        known = glyphs.setdefault(font, {})
        for glyph, text in texts.items():
            known.setdefault(glyph, (text, order))


def _cut(
    number: int, operators: list[Any], cuts: dict[int, Gap], paragraphs: Sequence[SetParagraph], first: int
) -> TemplatePage:
    """Cut the gaps into the content of a page, where each has its place among the operators.

    Paragraphs from number `first` on are compared with what is drawn.
    """
    pieces, gaps, start = [], [], 0
    for place, gap in sorted(cuts.items(), key=lambda cut: cut[0]):
        # A text box is drawn as: BDC, color, BT, Tm, font and text, ET, EMC. The gap begins after BT.
        end = operators.index(b"EMC", place)
        begin = operators.index(b"BT", place, end)
        if operators[end - 1] != b"ET":
            raise UnfitError("more than text is drawn in a line")
        if gap.paragraph >= first:
            _compare(operators[begin + 1 : end - 1], gap, paragraphs)
        pieces.append(_joined(operators[start : begin + 1]))
        gaps.append(gap)
        start = end - 1
    return TemplatePage(number, (*pieces, _joined(operators[start:])), tuple(gaps))


def _joined(operators: Sequence[Any]) -> bytes:
    """Return operators as pydyf writes them into a stream."""
    data: bytes = pydyf.Stream(list(operators)).data
    return data.partition(b"\nstream\n")[2].removesuffix(b"\nendstream")


def _compare(drawn: Sequence[Any], gap: Gap, paragraphs: Sequence[SetParagraph]) -> None:
    """Raise UnfitError unless a run that was set outside the page is what WeasyPrint has drawn on it."""
    runs = paragraphs[gap.paragraph].runs
    if gap.run >= len(runs):
        raise UnfitError("a line has more pieces on the page than outside it")
    run = runs[gap.run]
    if not drawn:
        if run.operators:
            raise UnfitError("a line is empty on the page and not outside it")
        return
    # The operands of Tm are a matrix, whose last two numbers are the place (ISO 32000-2, 9.4.2).
    x, y = (float(number) for number in drawn[0].split()[4:6])
    is_near = abs(x - run.x) < _NEAR and abs(y - gap.top - run.y) < _NEAR
    if not is_near or _joined(drawn[1:]) != run.operators:
        raise UnfitError("a line differs on the page and outside it")
