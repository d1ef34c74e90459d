"""Compares what the engines make with the plain way: PDFs as readers meet them, DOCX member by member."""

from __future__ import annotations

import hashlib
import io
import math
import re
from collections.abc import Iterable, Iterator
from typing import Any

import pikepdf
import pypdfium2

from letters.formats.ooxml import read_package

_DOTS = 100 / 72
"""100 dots per inch."""
_KEYS = ("/S", "/Alt", "/ActualText", "/E", "/Lang", "/A", "/ID")
"""What a tag says besides its place and content (ISO 32000-2, table 355)."""
_CATALOG = ("/Lang", "/MarkInfo", "/ViewerPreferences", "/PageLabels")
_FEWEST = 3
"""Letters that are proved, however small the share is."""


def pdf_differences(plain: bytes, other: bytes) -> tuple[str, ...]:
    """Return how a PDF differs from another; file sizes, object numbers and unused objects do not count."""
    return (*_visible_differences(plain, other), *structural_differences(plain, other))


def _visible_differences(plain: bytes, other: bytes) -> Iterator[str]:
    """Yield how the pixels and the texts of the pages differ."""
    first, second = pypdfium2.PdfDocument(plain), pypdfium2.PdfDocument(other)
    if len(first) != len(second):
        yield f"{len(second)} pages instead of {len(first)}"
        return
    for number, (one, two) in enumerate(zip(first, second, strict=True), start=1):
        if one.get_size() != two.get_size() or _pixels(one) != _pixels(two):
            yield f"page {number} looks different"
        if _text(one) != _text(two):
            yield f"page {number} has other text"


def _pixels(page: Any) -> bytes:
    return bytes(page.render(scale=_DOTS).buffer)


def _text(page: Any) -> str:
    return str(page.get_textpage().get_text_range())


def structural_differences(plain: bytes, other: bytes) -> Iterator[str]:
    """Yield how tags, bookmarks, links and metadata differ."""
    with pikepdf.open(io.BytesIO(plain)) as first, pikepdf.open(io.BytesIO(other)) as second:
        for name, read in (("tags", _tags), ("bookmarks", _bookmarks), ("properties", _properties)):
            if read(first) != read(second):
                yield f"{name} differ"
        for number, (one, two) in enumerate(zip(first.pages, second.pages, strict=False), start=1):
            if _links(first, one) != _links(second, two):
                yield f"page {number} has other links"


def _tags(pdf: pikepdf.Pdf) -> list[object]:
    """Return the tag tree as nested lists, with the text operators in place of the numbers that lead to them."""
    contents = [_marked(page) for page in pdf.pages]
    pages = {page.obj.objgen: number for number, page in enumerate(pdf.pages)}
    root = pdf.Root.StructTreeRoot
    parents = {int(key): value for key, value in pikepdf.NumberTree(root.ParentTree).items()}

    def tag(element: Any) -> list[object]:
        page = pages.get(element.Pg.objgen, -1) if "/Pg" in element else -1
        said = [element[key].unparse() for key in _KEYS if key in element]
        return [*said, page, [kid(each, element, page) for each in _kids(element)]]

    def kid(each: Any, element: Any, page: int) -> object:
        # Content on another page than that of its element is named by a dictionary (ISO 32000-2, 14.7.5.2).
        if not isinstance(each, int) and each.get("/Type") == "/MCR":
            page, each = pages.get(each.Pg.objgen, -1), int(each.MCID)
        if isinstance(each, int):
            leads_back = parents[int(pdf.pages[page].obj.StructParents)][each].objgen == element.objgen
            # A number says nothing by itself, since both files count in their own way: what matters is the text there,
            # and that the parent tree leads back from it.
            return (contents[page].get(each), leads_back)
        if each.get("/Type") == "/OBJR":
            return "link" if parents[int(each.Obj.StructParent)].objgen == element.objgen else "stray link"
        return tag(each)

    return [tag(each) for each in _kids(root)]


def _kids(element: Any) -> list[Any]:
    kids = element.get("/K", [])
    return list(kids) if isinstance(kids, pikepdf.Array) else [kids]


def _marked(page: pikepdf.Page) -> dict[int, tuple[object, ...]]:
    """Return the text operators of each piece of marked content, by its number, but for those that place it."""
    found: dict[int, list[object]] = {}
    open_tags: list[int | None] = []
    for instruction in pikepdf.parse_content_stream(page):
        operands, name = instruction.operands, str(instruction.operator)
        if name in ("BDC", "BMC"):
            properties: Any = operands[1] if name == "BDC" else {}
            number = int(properties["/MCID"]) if "/MCID" in properties else None
            open_tags.append(number)
            if number is not None:
                found[number] = [str(operands[0])]
        elif name == "EMC":
            open_tags.pop()
        elif open_tags and open_tags[-1] is not None and name == "TJ":
            shown = pikepdf.Array(list(operands[0])).unparse()
            found[open_tags[-1]].append(shown)
    return {number: tuple(shown) for number, shown in found.items()}


def _bookmarks(pdf: pikepdf.Pdf) -> list[object]:
    pages = {page.obj.objgen: number for number, page in enumerate(pdf.pages)}

    def entries(items: Any) -> list[object]:
        return [(item.title, item.is_closed, _place(item.destination, pages), entries(item.children)) for item in items]

    with pdf.open_outline() as outline:
        return entries(outline.root)


def _place(destination: Any, pages: dict[Any, int]) -> object:
    if not isinstance(destination, pikepdf.Array):
        return str(destination)
    return [pages.get(destination[0].objgen), *(str(each) for each in list(destination)[1:])]


def _links(pdf: pikepdf.Pdf, page: pikepdf.Page) -> list[object]:
    """Return the links of a page with their rectangles and targets."""
    pages = {each.obj.objgen: number for number, each in enumerate(pdf.pages)}
    found: list[object] = []
    for each in page.obj.get("/Annots", []):
        target = _place(each.Dest, pages) if "/Dest" in each else str(each.A.get("/URI", "")) if "/A" in each else ""
        rectangle = [round(float(number), 2) for number in each.Rect]
        found.append((str(each.Subtype), rectangle, target, str(each.get("/Contents", ""))))
    return found


def _properties(pdf: pikepdf.Pdf) -> list[object]:
    """Return what a document says of itself: information and XMP metadata, language, how it is to be shown."""
    information = {key: str(value) for key, value in pdf.docinfo.items()}
    catalog = (pdf.Root[key].to_json(dereference=True) if key in pdf.Root else None for key in _CATALOG)
    return [information, _about(pdf), *catalog]


def _about(pdf: pikepdf.Pdf) -> bytes:
    """Return the XMP metadata without what programs write one way or the other: its wrapper, and white space."""
    written = pdf.Root.Metadata.read_bytes() if "/Metadata" in pdf.Root else b""
    found = re.search(rb"<x:xmpmeta.*</x:xmpmeta>", written, re.DOTALL)
    return re.sub(rb"\s+(?=/>)", b"", re.sub(rb"\s+", b" ", found[0] if found else written))


def choose(ids: Iterable[str], percent: float, template: str) -> frozenset[str]:
    """Choose a share of letters, others for each template, but the same ones in each run."""
    # Not by chance, or a second run would prove other letters; not by the list either, or the last would never be
    # proved.
    ranked = sorted(set(ids), key=lambda identifier: hashlib.sha256(f"{template} {identifier}".encode()).digest())
    return frozenset(ranked[: max(_FEWEST, math.ceil(len(ranked) * percent / 100))])


def docx_differences(plain: bytes, fast: bytes) -> tuple[str, ...]:
    """Compare two DOCX of a letter: their members, byte for byte."""
    one, other = read_package(plain), read_package(fast)
    names: Any = dict.fromkeys((*one, *other))
    return tuple(f"{name} differs" for name in names if one.get(name) != other.get(name))
