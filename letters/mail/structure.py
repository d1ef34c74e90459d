"""The structure tree (tags) of a print file: a Part for each document, which holds the document's own elements.

Elements are pruned in the document's own file and then copied. A Span or NonStruct that says nothing but "here is
content" is left out, and its content belongs to its parent (ISO 32000-1, 14.8.4): that takes away three quarters of
the elements that WeasyPrint writes, and changes nothing that a screen reader says.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from pikepdf import Array, Dictionary, Name, NameTree, Object, Pdf, String

ObjectId = tuple[int, int]
"""Number and generation of an indirect object."""
_BASICS = frozenset(("/K", "/P", "/Pg", "/S", "/Type"))
"""The entries of an element that say only what it is and where it stands."""
_WRAPPERS = frozenset(("/Span", "/NonStruct"))
_HOLDS_CONTENT = frozenset(
    f"/{role}"
    for role in (
        *("P", "H", "H1", "H2", "H3", "H4", "H5", "H6", "LBody", "Lbl", "Span", "Link", "Note"),
        *("NonStruct", "Reference", "TD", "TH", "Caption", "Quote", "Code", "Em", "Strong", "BibEntry"),
    )
)
"""Roles of elements that may hold text themselves, so that a wrapper inside them can go."""
_LEAF = 64
"""Entries in a leaf of the tree of owners."""
_CELLS = frozenset(("/TD", "/TH"))
"""Kept even where they are empty: a row has a cell for each column."""


@dataclass(slots=True)
class PrunedTags:
    """The elements of one document that are left, and what they own, by the object ids of the document's file."""

    elements: list[Object] = field(default_factory=list)
    """The topmost ones."""
    content: dict[ObjectId, dict[int, Object]] = field(default_factory=dict)
    """The owners of the marked content of each page, by its number (MCID)."""
    annotations: dict[ObjectId, Object] = field(default_factory=dict)
    """The owners of annotations."""
    ids: list[Object] = field(default_factory=list)
    """The elements that have an ID."""


def prune(pdf: Pdf, pages: Mapping[ObjectId, Object], annotations: Collection[ObjectId], prefix: str) -> PrunedTags:
    """Reduce the structure tree of a document, in place, to what stands on some pages, without empty wrappers.

    `prefix` is put before all IDs and all references to them, which keeps them apart from those of other documents.
    """
    pruning = _Pruning(pdf, pages, annotations, prefix)
    root = pdf.Root.get("/StructTreeRoot")
    for element in elements_below(root) if root is not None else ():
        read = _read(pdf, element)
        if read and pruning.prune(read)[0]:
            # A copy takes along what it refers to: by its parent that would be the whole tree as it was.
            del element["/P"]
            pruning.tags.elements.append(element)
    return pruning.tags


def elements_below(element: Object) -> Iterator[Object]:
    """List the structure elements right below one, or below the root of the tree."""
    return (kid for kid in _kids_of(element) if not isinstance(kid, int) and "/S" in kid)


def marks_below(element: Object, page: ObjectId) -> set[int]:
    """Return the numbers of the marked content on a page that an element or those below it own."""
    marks = set()
    for kid in _kids_of(element):
        if isinstance(kid, int):
            marks |= {kid} if _page_of(element) == page else set()
        elif "/S" in kid:
            marks |= marks_below(kid, page)
        elif "/MCID" in kid and (_page_of(kid) or _page_of(element)) == page:
            marks.add(int(kid.MCID))
    return marks


def _kids_of(element: Object) -> list[Any]:
    """Return the kids of an element: a single one may stand there by itself."""
    return _listed(element.get("/K")) if "/K" in element else []


def _listed(value: Any) -> list[Any]:
    return list(value.as_list()) if isinstance(value, Array) else [value]


def _page_of(thing: Object) -> ObjectId | None:
    """Return the page that an element, or a reference to content, names as its own."""
    return thing.get("/Pg").objgen if "/Pg" in thing else None  # type: ignore[union-attr]


class _MarkedContent(NamedTuple):
    """Marked content: its page and number."""

    page: ObjectId
    mark: int


@dataclass(slots=True)
class _Element:
    """A structure element as it was read, and what is left of its kids."""

    thing: Object
    role: str
    page: ObjectId | None
    before: list[Any]
    says_more: bool
    """Whether it has entries besides those that say what it is and where it stands."""
    kids: list[Any] = field(default_factory=list)
    changed: bool = False


# A letter has 1,200 elements, and nearly all are of the simplest kind. In pikepdf each question to an object takes
# longer than matching all of its text, as qpdf writes it.
_SIMPLE = re.compile(
    rb"<< /K (?:\[ ((?:\d+ (?:\d+ R )?)*)\]|(\d+(?: \d+ R)?)) (?:/P \d+ \d+ R )?(?:/Pg (\d+) (\d+) R )?/S (/\w+) "
    rb"(?:/Type /StructElem )?>>"
)
_KID = re.compile(rb"(\d+)(?: (\d+) R)?")


def _read(pdf: Pdf, thing: Object) -> _Element | None:
    """Read a structure element; None for a reference to content."""
    simple = _SIMPLE.fullmatch(thing.unparse(resolved=True))
    if not simple:
        if "/S" not in thing:
            return None
        says_more = not thing.keys() <= _BASICS
        return _Element(thing, str(thing.get("/S")), _page_of(thing), _kids_of(thing), says_more)
    several, one, number, generation, role = simple.groups()
    kids = several or one or b""
    before: list[Any] = (
        [int(kids)]
        if kids.strip().isdigit()
        else [pdf.get_object(int(kid), int(of)) if of else int(kid) for kid, of in _KID.findall(kids)]
    )
    page = (int(number), int(generation)) if number else None
    return _Element(thing, role.decode(), page, before, False)


@dataclass(frozen=True, slots=True)
class _Pruning:
    pdf: Pdf
    pages: Mapping[ObjectId, Object]
    annotations: Collection[ObjectId]
    prefix: str
    tags: PrunedTags = field(default_factory=PrunedTags)

    def prune(self, element: _Element) -> tuple[bool, bool]:
        """Prune an element; return whether it stays, and whether it or anything below it has content."""
        has_content = self._collect(element, element)
        if not has_content and (element.before or not (element.says_more or element.role in _CELLS)):
            return False, False
        if element.changed or len(element.kids) != len(element.before):
            self._set_kids(element)
        if element.says_more:
            self._rename(element.thing)
        return True, has_content

    def _collect(self, element: _Element, owner: _Element) -> bool:
        """Append what is left of the kids of an element to those of their owner; return whether any has content.

        The owner is the element itself or, if the element is a wrapper, the one around it; its kids are then moved.
        """
        moved = element is not owner
        has_content = False
        for kid in element.before:
            if isinstance(kid, int):
                has_content |= self._own(element.page, kid, owner)
                continue
            below = _read(self.pdf, kid)
            if below is None:
                has_content |= self._refer(kid, element.page, owner)
            elif owner.role in _HOLDS_CONTENT and below.role in _WRAPPERS and not below.says_more:
                owner.changed = True
                has_content |= self._collect(below, owner)
            else:
                stays, has = self.prune(below)
                has_content |= has
                if stays:
                    owner.kids.append(kid)
                    if moved:
                        kid.P = owner.thing
        return has_content

    def _refer(self, kid: Object, page: ObjectId | None, owner: _Element) -> bool:
        """Append what a reference to content (MCR) or to an annotation (OBJR) leads to; return whether it stays."""
        if "/MCID" in kid:
            return self._own(_page_of(kid) or page, int(kid.MCID), owner)
        if kid.Obj.objgen not in self.annotations:
            return False
        self.tags.annotations[kid.Obj.objgen] = owner.thing
        owner.kids.append(kid)
        return True

    def _own(self, page: ObjectId | None, mark: int, owner: _Element) -> bool:
        """Append marked content to the kids of its owner if its page is in the print file; return whether it is."""
        if page is None or page not in self.pages:
            return False
        self.tags.content.setdefault(page, {})[mark] = owner.thing
        owner.kids.append(_MarkedContent(page, mark))
        return True

    def _set_kids(self, element: _Element) -> None:
        """Set the kids of an element: content is a bare number on the element's own page, a reference on another."""
        page = next((kid.page for kid in element.kids if isinstance(kid, _MarkedContent)), element.page)
        if page is not None and page != element.page:
            element.thing["/Pg"] = self.pages[page]
        element.thing["/K"] = Array([self._kid(kid, page) for kid in element.kids])

    def _kid(self, kid: Any, page: ObjectId | None) -> Object | int:
        if not isinstance(kid, _MarkedContent):
            return kid  # type: ignore[no-any-return]
        if kid.page == page:
            return kid.mark
        return Dictionary(Type=Name.MCR, Pg=self.pages[kid.page], MCID=kid.mark)

    def _rename(self, thing: Object) -> None:
        """Put the prefix before the ID of an element, and before those of the headers that a cell names."""
        if "/ID" in thing:
            thing.ID = String(self.prefix + str(thing.ID))
            self.tags.ids.append(thing)
        attributes = _listed(thing.get("/A")) if "/A" in thing else []
        for number, each in enumerate(attributes):
            if isinstance(each, Dictionary) and "/Headers" in each:
                # A copy, since elements may share their attributes.
                attributes[number] = copy.copy(each)
                attributes[number].Headers = Array([String(self.prefix + str(name)) for name in each.Headers])
        if attributes:
            thing.A = Array(attributes) if len(attributes) > 1 else attributes[0]


class StructureTree:
    """The structure tree of a print file that is being assembled."""

    def __init__(self, target: Pdf) -> None:
        self._target = target
        self._top = target.make_indirect(Dictionary(Type=Name.StructElem, S=Name.Document))
        self._parts: list[Object] = []
        self._parents: list[Object] = []
        self._waiting: list[Object] = []
        """Owners in the document that is being copied."""
        self._ids = NameTree.new(target)
        self._tables = {"/RoleMap": Dictionary(), "/ClassMap": Dictionary()}

    def add(self, pdf: Pdf, tags: PrunedTags, title: str) -> None:
        """Copy the pruned elements of a document; their pages must have been copied before."""
        part = self._target.make_indirect(Dictionary(Type=Name.StructElem, S=Name.Part, P=self._top, T=title))
        copied = [self._target.copy_foreign(element) for element in tags.elements]
        for element in copied:
            element.P = part
        part.K = Array(copied)
        self._parts.append(part)
        # All at once: to copy each by itself takes three times as long.
        self._parents += list(self._target.copy_foreign(pdf.make_indirect(Array(self._waiting))))
        self._waiting = []
        for element in tags.ids:
            self._ids[str(element.ID)] = self._target.copy_foreign(element)
        for name, table in self._tables.items():
            own = pdf.Root.StructTreeRoot.get(name) if "/StructTreeRoot" in pdf.Root else None
            own = Dictionary() if own is None else own
            for key in own.keys() - table.keys():
                table[key] = self._target.copy_foreign(pdf.make_indirect(own[key]))

    def add_page(self, pdf: Pdf, owners: Mapping[int, Object]) -> int:
        """Record the owners of a page's marked content; return its key in the parent tree (/StructParents)."""
        marks = range(max(owners, default=-1) + 1)
        return self._add_parent(pdf.make_indirect(Array([owners.get(mark) for mark in marks])))

    def add_annotation(self, owner: Object) -> int:
        """Record the owner of an annotation; return its key in the parent tree (/StructParent)."""
        return self._add_parent(owner)

    def _add_parent(self, value: Object) -> int:
        self._waiting.append(value)
        return len(self._parents) + len(self._waiting) - 1

    def _parent_tree(self) -> Object:
        """Return the owners of all content and annotations by their keys, as a number tree of two levels."""
        leaves = []
        for first in range(0, len(self._parents), _LEAF):
            values = self._parents[first : first + _LEAF]
            numbers = Array([each for pair in enumerate(values, start=first) for each in pair])
            leaf = Dictionary(Limits=Array([first, first + len(values) - 1]), Nums=numbers)
            leaves.append(self._target.make_indirect(leaf))
        return self._target.make_indirect(Dictionary(Kids=Array(leaves)) if leaves else Dictionary(Nums=Array()))

    def finish(self) -> Object:
        """Return the root of the tree, /StructTreeRoot."""
        root = Dictionary(Type=Name.StructTreeRoot, K=Array([self._top]), ParentTree=self._parent_tree())
        root.ParentTreeNextKey = len(self._parents)
        if len(self._ids):
            root.IDTree = self._ids.obj
        for name, table in self._tables.items():
            if table.keys():
                root[name] = table
        self._top.K = Array(self._parts)
        top = self._target.make_indirect(root)
        self._top.P = top
        return top
