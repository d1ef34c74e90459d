"""The plain way, and the only door to WeasyPrint: HTML pages become one tagged PDF.

The engine (batch.py) is judged by what `PdfRenderer` makes. Nothing is read but files of the campaign and our
templates, and every warning of WeasyPrint is an error. `Measurer` returns where things stand on a page, and keeps none.
"""

from __future__ import annotations

import datetime
import functools
import logging
import mimetypes
import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote, urlsplit

from letters.formats import jinja, pdf_ua
from letters.formats.programs import use_fonts_of
from letters.model.postal import Points
from letters.model.records import PartTemplate, Values
from letters.render import RenderError

if TYPE_CHECKING:
    from jinja2 import Template

VARIANT = "pdf/ua-1"
"""Accessible PDF: ISO 14289-1."""
HEADING = "part-"
"""What the anchor of a heading begins with that the contents list; its number follows."""
_ROOT = "file:///"
_READS = re.compile(r"@(?!(?:page|media|footnote)\b|(?:top|right|bottom|left)-)")
"""A rule of a style sheet that may read a file while it is parsed, as @import and @font-face do.

The address of a picture is only read once a page shows it.
"""
_POINTS: Points = 0.75
"""A CSS pixel (CSS Values 4, 6.2)."""


class UnfitError(Exception):
    """Raised for a letter that the engine leaves to the plain way; its message is the reason that is reported."""


@dataclass(frozen=True, slots=True)
class Pdf:
    """A rendered PDF."""

    content: bytes
    pages: int
    fallback: str = ""
    """Why the engine left it to the plain way; empty where it did not."""
    contents: tuple[Mapping[int, int], ...] = ()
    """The pages of the headings that the contents of each part list, by their numbers."""
    unexpected: bool = False
    """Whether that was a fault of the engine, and not a letter that it is not made for."""
    not_accessible: tuple[str, ...] = ()
    """Why it does not say that it is PDF/UA, by our own checks; empty where it does."""


class PdfRenderer:
    """Renders a letter with its enclosures for one recipient after the other, each from nothing.

    `roots` maps the two places that files may be read from, "campaign" and "templates", to folders. Raises CannotGoOn
    when WeasyPrint or the libraries it needs are missing on this machine.
    """

    def __init__(self, parts: Sequence[PartTemplate], roots: Mapping[str, Path], date: datetime.date) -> None:
        use_fonts_of(roots["templates"] / "fonts")
        weasyprint = load()
        from weasyprint.text.fonts import FontConfiguration

        self._parts = parts
        self._fetcher = _make_fetcher(roots)
        self.fonts = FontConfiguration()
        self._html = weasyprint.HTML
        self.moment = f"{date.isoformat()}T00:00:00Z"
        text = (roots["templates"] / "letterhead.css").read_text("utf-8")
        with warnings_as_errors():
            self.style = _parse_sheet(text, self._fetcher, self.fonts) if _READS.search(text) else _kept_sheet(text)

    @functools.cached_property
    def _templates(self) -> list[Template]:
        environment = jinja.environment()
        return [environment.from_string(part.html) for part in self._parts]

    def render(self, context: Mapping[str, object], notes: Sequence[Values]) -> Pdf:
        """Return one letter as PDF; raises RenderError for anything that WeasyPrint warns of."""
        with warnings_as_errors():
            documents = []
            for template, numbers in zip(self._templates, notes, strict=True):
                document = self.lay_out(template.render({**context, "note": numbers}))
                documents.append(check_notes(document, numbers))
            return self.join(documents)

    def join(self, documents: Sequence[Any]) -> Pdf:
        """Return the parts of a letter, each laid out, as one PDF."""
        first = documents[0]
        first.metadata.created = first.metadata.modified = self.moment
        # Each part is laid out by itself, so that its pages count from 1.
        pages = [page for document in documents for page in document.pages]
        counts = [len(document.pages) for document in documents]
        made = write_checked(first.copy(pages), lambda pdf: label_pages(pdf, counts))
        return replace(made, contents=tuple(map(pages_of_headings, documents)))

    def lay_out(self, page: str) -> Any:
        """Return an HTML page, laid out; what WeasyPrint warns of is for the caller."""
        return self.read(page).render(stylesheets=[self.style], font_config=self.fonts, pdf_variant=VARIANT)

    def read(self, page: str) -> Any:
        """Return an HTML page, parsed."""
        return self._html(string=page, base_url=f"{_ROOT}templates/", url_fetcher=self._fetcher)


@functools.lru_cache(8)  # the letterhead, the sample page and the letters of a campaign have the same
def _kept_sheet(text: str) -> Any:
    """Return a style sheet that reads no file, parsed; raises RenderError for anything that WeasyPrint warns of."""
    with warnings_as_errors():
        return _parse_sheet(text, _make_fetcher({}), None)


def _parse_sheet(text: str, fetcher: Any, fonts: Any) -> Any:
    sheet = load().CSS
    return sheet(string=text, base_url=f"{_ROOT}templates/", url_fetcher=fetcher, font_config=fonts)


def pages_of_headings(document: Any) -> dict[int, int]:
    """Return on which page of a part each heading stands that its contents list, by their numbers."""
    return {
        int(anchor.removeprefix(HEADING)): number
        for number, page in enumerate(document.pages, start=1)
        for anchor in page.anchors
        if anchor.removeprefix(HEADING).isdecimal() and anchor.startswith(HEADING)
    }


def check_notes(document: Any, notes: Values) -> Any:
    """Return the document; raises RenderError where a note of it is on no page, or reaches above the text."""
    from letters.render.pdf.footnotes import count_notes, overfull_page

    wanted, there = len(list(notes)), count_notes(document)
    if there != wanted:
        raise RenderError(f"only {there} of its {wanted} notes found a place on a page; shorten the notes")
    if page := overfull_page(document):
        raise RenderError(f"the notes of page {page} are longer than a page; shorten them, or move some into the text")
    return document


def render_page(html: str, templates: Path, date: datetime.date, pictures: Mapping[str, bytes] | None = None) -> Pdf:
    """Return one HTML page that brings its own style as PDF: envelopes, labels, a worksheet.

    No file is read but fonts. The page names a picture by "pictures/" and its name. Raises RenderError for anything
    that WeasyPrint warns of.
    """
    return render_first_that_fits([html], templates, date, pictures)


def render_first_that_fits(
    pages: Sequence[str], templates: Path, date: datetime.date, pictures: Mapping[str, bytes] | None = None
) -> Pdf:
    """Return the first of some HTML pages that is one page long as PDF, or the last; only that one is drawn.

    Each has to be shorter than the one before it. See render_page.
    """
    use_fonts_of(templates / "fonts")
    weasyprint = load()
    from weasyprint.text.fonts import FontConfiguration

    fetcher = _make_fetcher({}, pictures or {})
    with warnings_as_errors():
        fonts = FontConfiguration()

        @functools.cache
        def laid_out(number: int) -> Any:
            page = weasyprint.HTML(string=pages[number], base_url=_ROOT, url_fetcher=fetcher)
            return page.render(font_config=fonts, pdf_variant=VARIANT)

        last = len(pages) - 1
        document = laid_out(bisect_left(range(last), True, key=lambda number: len(laid_out(number).pages) == 1))
        # The date of the letter, not of today: the same inputs give the same bytes.
        document.metadata.created = document.metadata.modified = f"{date.isoformat()}T00:00:00Z"
        return write_checked(document, lambda _: None)


def write_checked(document: Any, finish: Callable[[Any], None]) -> Pdf:
    """Return a document that was laid out as PDF; it says that it is PDF/UA only if it meets our checks of that."""

    def write(finish: Callable[[Any], None]) -> bytes:
        content = document.write_pdf(pdf_variant=VARIANT, pdf_identifier=b"", finisher=lambda _, pdf: finish(pdf))
        assert isinstance(content, bytes)
        return content

    def finish_without_claim(pdf: Any) -> None:
        finish(pdf)
        metadata = pdf.objects[int(pdf.catalog["Metadata"].split()[0])]
        metadata.stream = [pdf_ua.without_claim(b"".join(metadata.stream))]

    content = write(finish)
    failures = tuple(map(str, pdf_ua.failures(content)))
    return Pdf(write(finish_without_claim) if failures else content, len(document.pages), not_accessible=failures)


def label_pages(pdf: Any, counts: Sequence[int]) -> None:
    """Label the pages of a PDF that is being written: those of the letter "1", "2", of an enclosure "Enclosure 1-1".

    `counts` are the pages of the letter and of each enclosure; printing has each of them begin on a sheet of its own.
    """
    import pydyf

    numbers = pydyf.Array()
    for number in range(len(counts)):
        label = pydyf.Dictionary({"S": "/D"})
        if number:
            label["P"] = pydyf.String(f"Enclosure {number}-")
        numbers.extend([sum(counts[:number]), label])
    pdf.catalog["PageLabels"] = pydyf.Dictionary({"Nums": numbers})


def load() -> Any:
    """Import WeasyPrint, which takes 0.3 to 0.8 s, apply our patches to it, and return it.

    Raises CannotGoOn where WeasyPrint, or a library it needs, is missing.
    """
    from letters.render.pdf.fonts import patch_font_features
    from letters.render.pdf.footnotes import patch_footnotes
    from letters.render.pdf.tagging import patch_tags

    patch_font_features()
    patch_footnotes()
    patch_tags()
    import weasyprint

    return weasyprint


def _make_fetcher(roots: Mapping[str, Path], pictures: Mapping[str, bytes] | None = None) -> Any:
    """Return a fetcher that reads files under the roots and the pictures, and refuses everything else."""
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

    class CampaignFetcher(URLFetcher):  # type: ignore[misc]
        def fetch(self, url: str, headers: Any = None) -> Any:  # noqa: ARG002
            parts = urlsplit(url)
            root, _, name = unquote(parts.path).lstrip("/").partition("/")
            if parts.scheme == "file" and root == "pictures" and pictures and name in pictures:
                return URLFetcherResponse(url, pictures[name], {"Content-Type": mimetypes.guess_type(name)[0] or ""})
            folder = roots.get(root) if parts.scheme == "file" and not parts.netloc else None
            file = (folder / name).resolve() if folder else None
            # A link out of the folder, ".." or a symbolic one, is refused as well.
            if folder is None or file is None or not file.is_relative_to(folder.resolve()):
                raise FatalURLFetchingError(
                    f'"{url.removeprefix(_ROOT)}" is not a file of the campaign; nothing else is read'
                )
            if not file.is_file():
                raise FatalURLFetchingError(f'"{root}/{name}" does not exist')
            kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
            return URLFetcherResponse(url, file.read_bytes(), {"Content-Type": kind})

    return CampaignFetcher()


class _WarningList(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


@contextmanager
def warnings_as_errors() -> Iterator[Callable[[], None]]:
    """Raise RenderError for every warning that WeasyPrint logs, and for every file that the fetcher refuses.

    Yields a function that does so at once: what a warning is about must not be kept for other letters.
    """
    from weasyprint.urls import FatalURLFetchingError

    logger = logging.getLogger("weasyprint")
    warnings = _WarningList()

    def check() -> None:
        if warnings.messages:
            raise RenderError("; ".join(warnings.messages))

    # WeasyPrint logs what it leaves out, such as a property it does not know or a letter without a glyph, and goes on.
    logger.addHandler(warnings)
    # Else each warning would be printed on the terminal, too.
    propagate, logger.propagate = logger.propagate, False
    try:
        yield check
    except FatalURLFetchingError as error:
        raise RenderError(str(error)) from None
    finally:
        logger.removeHandler(warnings)
        logger.propagate = propagate
    check()


class MeasuredLine(NamedTuple):
    """A line of text as it was laid out: its ink from the left to the right, its leading from top to bottom."""

    text: str
    left: Points
    right: Points
    top: Points
    bottom: Points


class MeasuredBox(NamedTuple):
    """The content box of an element, in points from the corner of its page."""

    classes: tuple[str, ...]
    left: Points
    top: Points
    width: Points
    height: Points
    size: Points
    """The size of its type."""
    lines: tuple[MeasuredLine, ...]

    @property
    def bottom(self) -> Points:
        """Where it ends."""
        return self.top + self.height

    @property
    def widest(self) -> Points:
        """How long its longest line is."""
        return max((line.right - line.left for line in self.lines), default=0)


class Measurer:
    """Lays out pages with the style sheet of a campaign; see PdfRenderer."""

    def __init__(self, roots: Mapping[str, Path]) -> None:
        self._renderer = PdfRenderer((), roots, datetime.date(2000, 1, 1))  # no page is written

    def measure(self, page: str) -> list[MeasuredBox]:
        """Return the boxes of the elements with a class, in their order; raises RenderError as PdfRenderer does."""
        from letters.render.pdf.weasyprint_internals import page_box

        with warnings_as_errors():
            document = self._renderer.lay_out(page)
        return [box for page in document.pages for box in _boxes(page_box(page))]


def _boxes(root: object) -> Iterator[MeasuredBox]:
    """Yield the box of each element with a class; parts of one that is anonymous belong to the element around it."""
    from letters.render.pdf.weasyprint_internals import LayoutBox, boxes

    def is_named(box: LayoutBox) -> bool:
        named = box.element is not None and box.element_tag == box.element.tag and box.element.get("class")
        return bool(named) and not isinstance(box, boxes.LineBox | boxes.TextBox)

    def lines(box: LayoutBox) -> Iterator[MeasuredLine]:
        for child in getattr(box, "children", ()):
            if isinstance(child, boxes.LineBox):
                yield from _line(child)
            elif not is_named(child):
                yield from lines(child)

    def walk(box: LayoutBox) -> Iterator[MeasuredBox]:
        if is_named(box):
            yield MeasuredBox(
                tuple(box.element.get("class").split()),
                box.content_box_x() * _POINTS,
                box.content_box_y() * _POINTS,
                box.width * _POINTS,
                box.height * _POINTS,
                box.style["font_size"] * _POINTS,
                tuple(lines(box)),
            )
        for child in getattr(box, "children", ()):
            yield from walk(child)

    yield from walk(root)  # type: ignore[arg-type]


def _line(box: object) -> Iterator[MeasuredLine]:
    from letters.render.pdf.weasyprint_internals import boxes

    texts = [each for each in box.descendants() if isinstance(each, boxes.TextBox)]  # type: ignore[attr-defined]
    if texts:
        left = min(each.position_x for each in texts)
        right = max(each.position_x + each.width for each in texts)
        top, height = box.position_y, box.height  # type: ignore[attr-defined]
        text = "".join(each.text for each in texts).strip()
        yield MeasuredLine(text, left * _POINTS, right * _POINTS, top * _POINTS, (top + height) * _POINTS)
