"""Reads the structure tree of a letter, without empty wrappers.

A Span or NonStruct that says nothing but "here is content" is left out, and its content belongs to its parent (ISO
32000-1, 14.8.4): that halves what the tags of a mailing weigh and changes nothing a reader hears.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from letters.mail.pdf_objects import body_of, number_of

_COMMON = re.compile(rb"<< /K \[ ([0-9R ]*)\] /P \d+ 0 R(?: /Pg (\d+) 0 R)? /S (/\w+)(?: /Type /StructElem)? >>")
"""An element as WeasyPrint writes most of them, nothing but its kind, page and kids."""
_KID = re.compile(rb"(\d+) 0 R|(\d+)")
APART = frozenset(("/K", "/P", "/Pg", "/S", "/Type", "/ID"))
"""What is written anew; everything else an element says is copied."""
_WRAPPERS = frozenset((b"/Span", b"/NonStruct"))
_HOLDS_CONTENT = frozenset(
    b"/" + name
    for name in (
        *(b"P", b"H", b"H1", b"H2", b"H3", b"H4", b"H5", b"H6", b"LBody", b"Lbl", b"Span", b"Link", b"Note"),
        *(b"NonStruct", b"Reference", b"TD", b"TH", b"Caption", b"Quote", b"Code", b"Em", b"Strong", b"BibEntry"),
    )
)
"""Elements that may hold text themselves, so that a wrapper inside them can go."""
_CELLS = frozenset((b"/TD", b"/TH"))


@dataclass(frozen=True, slots=True)
class Content:
    """Marked content on a page, both by the numbers of the letter's file."""

    page: int
    mark: int


@dataclass(frozen=True, slots=True)
class Annotation:
    """A link or another annotation, by its number in the letter's file."""

    number: int


@dataclass(slots=True)
class Element:
    """A structure element of a letter."""

    number: int
    """In the letter's file."""
    role: bytes
    kids: list[Element | Content | Annotation] = field(default_factory=list)
    thing: Any = None
    """The object itself, where it says more than its kind and kids."""


def read_elements(pdf: Any) -> list[Element]:
    """Read the structure tree of a letter; none where it is not tagged."""
    root = pdf.Root.get("/StructTreeRoot")
    if root is None or "/K" not in root:
        return []
    found = (_read(pdf, number_of(kid), 0) for kid in _listed(root.K))
    return [each for each in found if isinstance(each, Element)]


def _read(pdf: Any, number: int, page: int) -> Element | Content | Annotation:
    """Read what a kid's reference leads to; `page` is that of the element it belongs to."""
    thing = pdf.get_object(number, 0)
    common = _COMMON.fullmatch(body_of(thing))
    if not common:
        return _read_rarer(pdf, thing, page)
    own = int(common[2] or 0)
    kids: list[Element | Content | Annotation] = [
        _read(pdf, int(kid), own) if kid else Content(own, int(mark)) for kid, mark in _KID.findall(common[1])
    ]
    return Element(number, common[3], kids)


def _read_rarer(pdf: Any, thing: Any, page: int) -> Element | Content | Annotation:
    if thing.get("/Type") == "/OBJR":
        return Annotation(number_of(thing.Obj))
    if thing.get("/Type") == "/MCR":
        return Content(number_of(thing.Pg) if "/Pg" in thing else page, int(thing.MCID))
    says_more = any(key not in APART or key == "/ID" for key in thing.keys())  # noqa: SIM118 - not a Mapping
    element = Element(number_of(thing), bytes(thing.S.unparse()), [], thing if says_more else None)
    own = number_of(thing.Pg) if "/Pg" in thing else 0
    for kid in _listed(thing.K) if "/K" in thing else ():
        if isinstance(kid, int):
            element.kids.append(Content(own, kid))
        else:
            number = number_of(kid)
            element.kids.append(_read(pdf, number, own) if number else _read_rarer(pdf, kid, own))
    return element


def _listed(thing: Any) -> list[Any]:
    import pikepdf

    return list(thing) if isinstance(thing, pikepdf.Array) else [thing]


def narrowed(element: Element, pages: Collection[int], annotations: Collection[int]) -> Element | None:
    """Narrow an element to what stands on some pages; None where nothing of it does."""
    kept, found = _narrowed(element, pages, annotations)
    return kept if found else None


def _narrowed(element: Element, pages: Collection[int], annotations: Collection[int]) -> tuple[Element | None, bool]:
    kids: list[Element | Content | Annotation] = []
    found = False
    for kid in element.kids:
        if isinstance(kid, Element):
            below, has = _narrowed(kid, pages, annotations)
            found = found or has
            kids += _unwrapped(below, element.role) if below else ()
        elif kid.page in pages if isinstance(kid, Content) else kid.number in annotations:
            kids.append(kid)
            found = True
    if not found and (element.kids or not (element.thing or element.role in _CELLS)):
        return None, False
    return Element(element.number, element.role, kids, element.thing), found


def _unwrapped(kid: Element | Content | Annotation, around: bytes) -> list[Element | Content | Annotation]:
    """Put the content of a wrapper, and of wrappers in it, in its place."""
    if isinstance(kid, Element) and kid.role in _WRAPPERS and kid.thing is None and around in _HOLDS_CONTENT:
        return [inner for below in kid.kids for inner in _unwrapped(below, around)]
    return [kid]


def walk(elements: Iterable[Element]) -> Iterator[Element]:
    """Go through elements and all below them, each before what it holds."""
    for element in elements:
        yield element
        yield from walk(kid for kid in element.kids if isinstance(kid, Element))
