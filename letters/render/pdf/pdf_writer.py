"""Writes letters as PDF files from a page template: shared objects once, then pages, fonts and title of each letter."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

import pydyf

from letters.formats import pdf_ua
from letters.render.pdf.fonts import FontSubsets, GlyphTexts
from letters.render.pdf.paragraph import SetParagraph, TextRun
from letters.render.pdf.tag_tree import link_rectangle, object_number

_HEADER = b"%PDF-1.7\n%\xf0\x9f\x96\xa4\n"
_ROW = 7
"""Bytes of a row of the cross-reference stream: fields of 1, 4 and 2 bytes (ISO 32000-2, 7.5.8.2)."""
_LEVEL = 2
"""The level of compression of pages: 6 takes as much again as the rest of a letter, to make it 2 % smaller."""
_KEPT_PLACES = 10_000
"""Places on a page, and areas of links, as they are written."""
TITLE = "\ue010title\ue010"
"""What stands in the place of the title: private characters, which no letter may have."""


class Gap(NamedTuple):
    """Where a run of a letter goes."""

    paragraph: int
    run: int
    top: float
    """The top of its line."""
    order: int
    """Its place among all that is drawn."""


class TemplatePage(NamedTuple):
    """The content of a page: what all letters share, with a gap between each two pieces."""

    number: int
    """The number of the object in the file."""
    pieces: tuple[bytes, ...]
    gaps: tuple[Gap, ...]


class LinkGap(NamedTuple):
    """A link on a number in a run of a letter: its annotation, which has another area in each letter."""

    number: int
    """The number of the object in the file."""
    paragraph: int
    run: int
    top: float
    """The top of the line."""
    size: float
    """The size of its font, in CSS pixels."""
    page_height: float
    begin: bytes
    end: bytes
    """What stands before the area of the link and after it."""

    def write(self, run: TextRun) -> bytes:
        """Return the annotation of a letter with this run."""
        return self.begin + _write_area(run.x, self.top + run.y, run.width, self.size, self.page_height) + self.end


@lru_cache(_KEPT_PLACES)
def _write_area(x: float, y: float, width: float, size: float, page_height: float) -> bytes:
    """Write the area of a link as an array; most numbers of notes stand at one place in all letters."""
    return bytes(pydyf.Array(link_rectangle(x, y, width, size, page_height)).data)


class PageTemplate(NamedTuple):
    """The pages of all letters that are laid out alike: what these share, as it stands in a file, and the gaps.

    All are plain values, which can be kept on disk.
    """

    start: bytes
    """The beginning of each file: the objects that all letters share."""
    rows: bytes
    """The rows of the cross-reference stream; those of a letter's own objects are empty."""
    root: bytes
    """The reference to the catalog."""
    metadata: int
    """The number of the object."""
    font_list: int
    """The number of the object."""
    object_stream: int
    """The number of the object; those of the title and of the fonts come after it."""
    info: list[tuple[str, str]]
    xmp: bytes
    title: str
    text: str
    """The text that all these letters show, folded."""
    page_count: int
    contents: tuple[dict[int, int], ...]
    """See Pdf."""
    glyphs: dict[str, dict[int, tuple[str, int]]]
    """The glyphs that all these letters show: the text of each and where it is drawn first."""
    widths: dict[str, dict[int, int]]
    """How wide these are."""
    links: list[tuple[Any, ...]]
    """The links on numbers of notes in runs of a letter, see LinkGap."""
    pages: list[tuple[int, tuple[bytes, ...], list[tuple[Any, ...]]]]
    """The pages with gaps, see TemplatePage."""
    not_accessible: tuple[str, ...] = ()
    """Why its letters do not say that they are PDF/UA."""

    def without_claim(self, failures: tuple[str, ...]) -> PageTemplate:
        """Return the template of letters that do not say that they are PDF/UA, given why."""
        return self._replace(xmp=pdf_ua.without_claim(self.xmp), not_accessible=failures)


def pack_template(pdf: Any, pages: Sequence[TemplatePage], links: Sequence[LinkGap], **shared: Any) -> PageTemplate:
    """Return a page template with what all letters share as it stands in a file."""
    first = pdf.objects[pdf.pages["Kids"][0]]
    # All pages of a PDF of WeasyPrint have one dictionary of resources, with all fonts.
    font_list = object_number(pdf.objects[object_number(first["Resources"])]["Font"])
    metadata = object_number(pdf.catalog["Metadata"])
    own = {font_list, metadata, *(page.number for page in pages), *(link.number for link in links)}
    start, rows = _write_shared(pdf.objects, own)
    return PageTemplate(
        start,
        rows,
        root=pdf.catalog.reference,
        metadata=metadata,
        font_list=font_list,
        object_stream=len(pdf.objects),
        info=[(key, value.string) for key, value in pdf.info.items()],
        xmp=bytes(pdf.objects[metadata].stream[0]),
        links=[tuple(link) for link in links],
        pages=[(page.number, page.pieces, [tuple(gap) for gap in page.gaps]) for page in pages],
        **shared,
    )


class LetterWriter:
    """Writes the letters of one page template."""

    def __init__(self, template: PageTemplate, subsets: FontSubsets) -> None:
        self.template = template
        self._subsets = subsets
        subsets.learn_widths(template.widths)
        self._texts = {font: {g: text for g, (text, _) in glyphs.items()} for font, glyphs in template.glyphs.items()}
        self._pages = [
            TemplatePage(number, pieces, tuple(Gap(*gap) for gap in gaps)) for number, pieces, gaps in template.pages
        ]
        self._links = [LinkGap(*link) for link in template.links]
        self._info = {key: pydyf.String(value) for key, value in template.info}

    def write(self, title: str | None, paragraphs: Sequence[SetParagraph]) -> bytes:
        """Return one letter, with the title of the template if it has none of its own."""
        # Parts of a letter have titles of their own; that of the first is the title of the file.
        template = self.template
        title = template.title if title is None else title
        parts = [template.start]
        rows = bytearray(template.rows)
        position = len(template.start)

        def add(number: int, data: bytes) -> None:
            nonlocal position
            parts.append(data)
            rows[number * _ROW : (number + 1) * _ROW] = b"\x01" + position.to_bytes(4, "big") + b"\0\0"
            position += len(data)

        for page in self._pages:
            add(page.number, _stream(page.number, _fill(page, paragraphs)))
        for link in self._links:
            annotation = link.write(paragraphs[link.paragraph].runs[link.run])
            add(link.number, b"%d 0 obj\n%b\nendobj\n" % (link.number, annotation))
        number = template.object_stream + 1
        add(number, b"%d 0 obj\n%b\nendobj\n" % (number, _info(self._info, title)))
        references = []
        for name, texts in sorted(self._all_glyphs(paragraphs).items()):
            reference, *objects = self._subsets.subset(name, texts, number + 1)
            references.append(b"/%b %b" % (name.encode(), reference))
            for data in objects:
                number += 1
                add(number, data)
        add(template.font_list, b"%d 0 obj\n<<%b>>\nendobj\n" % (template.font_list, b" ".join(references)))
        # XMP is XML; the title in the information dictionary is a string of PDF.
        xmp = template.xmp.replace(TITLE.encode(), escape(title).encode())
        add(template.metadata, _stream(template.metadata, xmp, b"/Type /Metadata/Subtype /XML"))
        number += 1
        # The cross-reference stream is an object, too, and has a row for itself.
        add(number, b"")
        extra = b"/Type /XRef/Index [0 %d]/W [1 4 2]/Size %d/Root %b/Info %d 0 R" % (
            number + 1,
            number + 1,
            template.root,
            template.object_stream + 1,
        )
        return b"".join((*parts, _stream(number, bytes(rows), extra), b"startxref\n%d\n%%%%EOF\n" % position))

    def _all_glyphs(self, paragraphs: Sequence[SetParagraph]) -> GlyphTexts:
        """Return the glyphs of a letter, and the text that each stands for: that of its first use, as in WeasyPrint."""
        joined = {font: dict(texts) for font, texts in self._texts.items()}
        is_disputed = False
        for paragraph in paragraphs:
            for glyphs in paragraph.glyphs:
                for font, texts in glyphs.items():
                    known = joined.setdefault(font, {})
                    if not texts.items() <= known.items():
                        # A text that is known already stays; whether it is that of the first use is found out below.
                        known |= {**texts, **known}
                        is_disputed |= not texts.items() <= known.items()
        return self._by_first_use(joined, paragraphs) if is_disputed else joined

    def _by_first_use(self, joined: GlyphTexts, paragraphs: Sequence[SetParagraph]) -> GlyphTexts:
        """Go through all uses in their order, since some glyph stands for different texts."""
        first = {(font, glyph): use for font, glyphs in self.template.glyphs.items() for glyph, use in glyphs.items()}
        for gap in (gap for page in self._pages for gap in page.gaps):
            for font, texts in paragraphs[gap.paragraph].runs[gap.run].glyphs.items():
                for glyph, text in texts.items():
                    if (font, glyph) not in first or first[font, glyph][1] > gap.order:
                        first[font, glyph] = (text, gap.order)
        return {font: {glyph: first[font, glyph][0] for glyph in texts} for font, texts in joined.items()}


def _write_shared(objects: Sequence[Any], own: set[int]) -> tuple[bytes, bytes]:
    """Return the objects that all letters share, and the rows of the cross-reference stream.

    Rows of the objects in `own`, which each letter has for itself, are left empty. What can be in an object stream is
    in one (ISO 32000-2, 7.5.7), which is compressed once for all letters.
    """
    # Fonts and pages of each letter follow after these objects, so positions here are the same in all files.
    parts, position = [_HEADER], len(_HEADER)
    object_stream = len(objects)
    # Object 0 is the head of the list of free objects (ISO 32000-2, 7.5.4).
    rows = [b"\0\0\0\0\0\xff\xff"]
    inside: list[bytes] = []
    index = []
    length = 0
    for number, each in enumerate(objects[1:], start=1):
        if number in own:
            rows.append(bytes(_ROW))
        elif each.compressible:
            rows.append(b"\x02" + object_stream.to_bytes(4, "big") + len(inside).to_bytes(2, "big"))
            index.append(b"%d %d" % (number, length))
            inside.append(each.data)
            length += len(inside[-1]) + 1
        else:
            data = each.indirect + b"\n"
            rows.append(b"\x01" + position.to_bytes(4, "big") + b"\0\0")
            parts.append(data)
            position += len(data)
    numbers = b" ".join(index)
    extra = b"/Type /ObjStm/N %d/First %d" % (len(inside), len(numbers) + 1)
    parts.append(_stream(object_stream, b"\n".join((numbers, *inside)), extra))
    rows.append(b"\x01" + position.to_bytes(4, "big") + b"\0\0")
    return b"".join(parts), b"".join(rows)


def _fill(page: TemplatePage, paragraphs: Sequence[SetParagraph]) -> bytes:
    """Return the content of a page with the runs of a letter in its gaps."""
    content = []
    for piece, gap in zip(page.pieces, page.gaps, strict=False):
        run = paragraphs[gap.paragraph].runs[gap.run]
        content.append(piece)
        if run.operators:
            content += (_text_matrix(run.x, gap.top + run.y), run.operators)
    return b"\n".join((*content, page.pieces[-1]))


@lru_cache(_KEPT_PLACES)
def _text_matrix(x: float, y: float) -> bytes:
    return b"1 0 0 -1 %b %b Tm" % (_decimal(x), _decimal(y))


def _decimal(number: float) -> bytes:
    """Return a number as pydyf writes it; a style sheet without margins gives whole ones."""
    return b"%d" % number if number % 1 == 0 else (b"%f" % number).rstrip(b"0")


def _stream(number: int, content: bytes, extra: bytes = b"") -> bytes:
    data = zlib.compress(content, _LEVEL)
    return b"%d 0 obj\n<<%b/Filter /FlateDecode/Length %d>>\nstream\n%b\nendstream\nendobj\n" % (
        number,
        extra,
        len(data),
        data,
    )


def _info(info: Mapping[str, Any], title: str) -> bytes:
    values: dict[str, Any] = {**info, "Title": pydyf.String(title)}
    return bytes(pydyf.Dictionary(values).data)
