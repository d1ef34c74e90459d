"""Takes the structure tree of a letter into that of a print file: the same tags, without empty wrappers.

A Span or NonStruct that says nothing but "here is content" is left out, and its content belongs to its parent (ISO
32000-1, 14.8.4): that halves what the tags of a mailing weigh and changes nothing a reader hears.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from letters.mail.pdf_objects import body_of, number_of

if TYPE_CHECKING:
    from letters.mail.pdf_copy import Copier
    from letters.mail.pdf_writer import PdfWriter

_COMMON = re.compile(rb"<< /K \[ ([0-9R ]*)\] /P \d+ 0 R(?: /Pg (\d+) 0 R)? /S (/\w+)(?: /Type /StructElem)? >>")
"""An element as WeasyPrint writes most of them, nothing but its kind, page and kids."""
_KID = re.compile(rb"(\d+) 0 R|(\d+)")
_APART = frozenset(("/K", "/P", "/Pg", "/S", "/Type", "/ID"))
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
_STRING = rb"\((?:[^()\\]|\\.)*\)"
_HEADERS = re.compile(rb"/Headers \[ (?:" + _STRING + rb" )*\]", re.DOTALL)
_STRINGS = re.compile(_STRING, re.DOTALL)


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
    says_more = any(key not in _APART or key == "/ID" for key in thing.keys())  # noqa: SIM118 - not a Mapping
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


class TagWriter:
    """The structure tree of a PDF that is being written."""

    def __init__(self, writer: PdfWriter) -> None:
        self._writer = writer
        self.top = writer.reserve()
        """The element that holds all letters."""
        self._parts: list[int] = []
        self._parents = NumberTree(writer)
        self._ids = NumberTree(writer, b"/Names")
        self._roles: dict[str, bytes] = {}
        self._classes: dict[str, bytes] = {}

    def key(self) -> int:
        """Take the next key of the parent tree, for a page or an annotation."""
        return self._parents.reserve()

    def add(self, elements: Iterable[Element], copier: Copier, title: bytes, prefix: str) -> Parents:
        """Write the elements of a letter as a part of the whole; `prefix` keeps its ids apart from those of others."""
        parents = Parents()
        part = self._writer.reserve()
        self._parts.append(part)
        kids = list(elements)
        for element in walk(kids):
            copier.numbers[element.number] = self._writer.reserve()
        for element in kids:
            self._write(element, part, copier, parents, prefix)
        body = b" ".join(b"%d 0 R" % copier.numbers[element.number] for element in kids)
        self._writer.put(part, b"<</S/Part/P %d 0 R/T%s/K[%s]>>" % (self.top, title, body))
        for name, number in sorted(parents.ids):
            self._ids.put(name, b"%d 0 R" % number)
        self._take_names(copier)
        return parents

    def set_parents(self, key: int, value: bytes) -> None:
        """Tell which elements the content of a page, or an annotation, belongs to."""
        self._parents.put(b"%d" % key, value)

    def finish(self) -> int:
        """Write the root of the tree and return its number."""
        root = self._writer.reserve()
        kids = b" ".join(b"%d 0 R" % number for number in self._parts)
        self._writer.put(self.top, b"<</S/Document/P %d 0 R/K[%s]>>" % (root, kids))
        body = b"<</Type/StructTreeRoot/K[%d 0 R]/ParentTree %d 0 R/ParentTreeNextKey %d" % (
            self.top,
            self._parents.finish(),
            self._parents.next,
        )
        for name, table in ((b"/RoleMap", self._roles), (b"/ClassMap", self._classes)):
            if table:
                body += name + b"<<%s>>" % b"".join(key.encode() + b" " + value for key, value in sorted(table.items()))
        if self._ids.next:
            body += b"/IDTree %d 0 R" % self._ids.finish()
        self._writer.put(root, body + b">>")
        return root

    def _write(self, element: Element, parent: int, copier: Copier, parents: Parents, prefix: str) -> None:
        number = copier.numbers[element.number]
        page = next((kid.page for kid in element.kids if isinstance(kid, Content)), 0)
        body = b"<</S%s/P %d 0 R" % (element.role, parent)
        if page:
            body += b"/Pg %d 0 R" % copier.numbers[page]
        kids = b" ".join(self._kid(kid, page, copier) for kid in element.kids)
        body += b"/K[%s]" % kids if kids else b""
        if element.thing is not None:
            body += self._rest(element, copier, parents, prefix)
        self._writer.put(number, body + b">>")
        for kid in element.kids:
            if isinstance(kid, Element):
                self._write(kid, number, copier, parents, prefix)
            elif isinstance(kid, Content):
                parents.content.setdefault(kid.page, {})[kid.mark] = number
            else:
                parents.annotations[kid.number] = number

    def _kid(self, kid: Element | Content | Annotation, page: int, copier: Copier) -> bytes:
        if isinstance(kid, Element):
            return b"%d 0 R" % copier.numbers[kid.number]
        if isinstance(kid, Annotation):
            return b"<</Type/OBJR/Obj %d 0 R>>" % copier.numbers[kid.number]
        if kid.page == page:
            return b"%d" % kid.mark
        return b"<</Type/MCR/Pg %d 0 R/MCID %d>>" % (copier.numbers[kid.page], kid.mark)

    def _rest(self, element: Element, copier: Copier, parents: Parents, prefix: str) -> bytes:
        from pikepdf import String

        rest = copier.entries(element.thing, _APART)
        rest = _HEADERS.sub(
            lambda names: _STRINGS.sub(lambda name: b"(" + prefix.encode() + name[0][1:], names[0]), rest
        )
        if "/ID" in element.thing:
            name = bytes(String(prefix + str(element.thing.ID)).unparse())
            parents.ids.append((name, copier.numbers[element.number]))
            rest += b"/ID" + name
        return rest

    def _take_names(self, copier: Copier) -> None:
        """Take over what the letter says its own kinds and classes of elements are."""
        root = copier.pdf.Root.get("/StructTreeRoot", {})
        for name, table in (("/RoleMap", self._roles), ("/ClassMap", self._classes)):
            for key in root[name].keys() if name in root else ():
                table.setdefault(key, copier.value(root[name][key]))


@dataclass(slots=True)
class Parents:
    """Which element of the new file everything belongs to, by the numbers of the letter's file."""

    content: dict[int, dict[int, int]] = field(default_factory=dict)
    annotations: dict[int, int] = field(default_factory=dict)
    ids: list[tuple[bytes, int]] = field(default_factory=list)

    def of_page(self, page: int) -> bytes:
        """Write the entry of a page in the parent tree."""
        return parent_array(self.content.get(page, {}))


def parent_array(owners: Mapping[int, int]) -> bytes:
    """Write which elements own the marked content of a page, by its number."""
    marks = range(max(owners, default=-1) + 1)
    return b"[%s]" % b" ".join(b"%d 0 R" % owners[mark] if mark in owners else b"null" for mark in marks)


def walk(elements: Iterable[Element]) -> Iterator[Element]:
    """Go through elements and all below them, each before what it holds."""
    for element in elements:
        yield element
        yield from walk(kid for kid in element.kids if isinstance(kid, Element))


class NumberTree:
    """A number or name tree (ISO 32000-1, 7.9.6, 7.9.7) whose leaves are written as they fill up; keys must ascend."""

    _LEAF = 256

    def __init__(self, writer: PdfWriter, kind: bytes = b"/Nums") -> None:
        self._writer = writer
        self._kind = kind
        self._leaves: list[tuple[bytes, bytes, int]] = []
        self._waiting: list[tuple[bytes, bytes]] = []
        self.next = 0

    def reserve(self) -> int:
        """Take the next number as a key."""
        self.next += 1
        return self.next - 1

    def put(self, key: bytes, value: bytes) -> None:
        """Write the value of a key."""
        self.next = max(self.next, 1)
        self._waiting.append((key, value))
        if len(self._waiting) == self._LEAF:
            self._flush()

    def finish(self) -> int:
        """Write the root and return its number."""
        if self._waiting:
            self._flush()
        kids = b" ".join(b"%d 0 R" % number for _, _, number in self._leaves)
        return self._writer.add(b"<</Kids[%s]>>" % kids)

    def _flush(self) -> None:
        first, last = self._waiting[0][0], self._waiting[-1][0]
        pairs = b" ".join(key + b" " + value for key, value in self._waiting)
        number = self._writer.add(b"<</Limits[%s %s]%s[%s]>>" % (first, last, self._kind, pairs))
        self._leaves.append((first, last, number))
        self._waiting = []
