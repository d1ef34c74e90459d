"""The structure tree (tags) of a print file: a Part for each document, which holds the document's own elements.

Elements are pruned in the document's own file and then copied. A Span or NonStruct that says nothing but "here is
content" is left out, and its content belongs to its parent (ISO 32000-1, 14.8.4): that takes away three quarters of
the elements that WeasyPrint writes, and changes nothing that a screen reader says.
"""

from __future__ import annotations

import copy
import operator
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from pikepdf import Array, Dictionary, Name, NameTree, NumberTree, Object, Pdf, String

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
    pruning = _Pruning(pages, annotations, prefix)
    root = pdf.Root.get("/StructTreeRoot")
    for element in elements_below(root) if root is not None else ():
        if pruning.prune(element)[0]:
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


# A letter has 1,200 elements. In pikepdf, asking for an entry that is not there costs ten times as much as asking
# whether it is there, and `element.S` or `list(array)` eight times as much as `get` or `as_list`.


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


@dataclass(frozen=True, slots=True)
class _Pruning:
    pages: Mapping[ObjectId, Object]
    annotations: Collection[ObjectId]
    prefix: str
    tags: PrunedTags = field(default_factory=PrunedTags)

    def prune(self, element: Object) -> tuple[bool, bool]:
        """Prune an element; return whether it stays, and whether it or anything below it has content."""
        before = _kids_of(element)
        kids: list[Any] = []
        role, page = str(element.get("/S")), _page_of(element)
        has_content = self._collect(before, page, element, role, kids)
        says_more = not element.keys() <= _BASICS
        if not has_content and (before or not (says_more or role in _CELLS)):
            return False, False
        if len(kids) != len(before) or not all(map(operator.is_, kids, before)):
            self._set_kids(element, page, kids)
        if says_more:
            self._rename(element)
        return True, has_content

    def _collect(
        self,
        before: Iterable[Any],
        page: ObjectId | None,
        owner: Object,
        role: str,
        kids: list[Any],
        *,
        moved: bool = False,
    ) -> bool:
        """Append what is left of the kids of an element to those of their owner; return whether any has content.

        `page` is that of the element. The owner, of the given role, is the element itself or, if the element is a
        wrapper, the one around it; its kids are then moved.
        """
        has_content = False
        for kid in before:
            if isinstance(kid, int):
                has_content |= self._own(page, kid, owner, kids)
                continue
            if "/S" not in kid:
                has_content |= self._refer(kid, page, owner, kids)
            elif role in _HOLDS_CONTENT and str(kid.get("/S")) in _WRAPPERS and kid.keys() <= _BASICS:
                has_content |= self._collect(_kids_of(kid), _page_of(kid), owner, role, kids, moved=True)
            else:
                stays, has = self.prune(kid)
                has_content |= has
                if stays:
                    kids.append(kid)
                    if moved:
                        kid.P = owner
        return has_content

    def _refer(self, kid: Object, page: ObjectId | None, owner: Object, kids: list[Any]) -> bool:
        """Append what a reference to content (MCR) or to an annotation (OBJR) leads to; return whether it stays."""
        if "/MCID" in kid:
            return self._own(_page_of(kid) or page, int(kid.MCID), owner, kids)
        if kid.Obj.objgen not in self.annotations:
            return False
        self.tags.annotations[kid.Obj.objgen] = owner
        kids.append(kid)
        return True

    def _own(self, page: ObjectId | None, mark: int, owner: Object, kids: list[Any]) -> bool:
        """Append marked content to the kids of its owner if its page is in the print file; return whether it is."""
        if page is None or page not in self.pages:
            return False
        self.tags.content.setdefault(page, {})[mark] = owner
        kids.append(_MarkedContent(page, mark))
        return True

    def _set_kids(self, element: Object, own: ObjectId | None, kids: list[Any]) -> None:
        """Set the kids of an element: content is a bare number on the element's own page, a reference on another."""
        page = next((kid.page for kid in kids if isinstance(kid, _MarkedContent)), own)
        if page is not None and page != own:
            element.Pg = self.pages[page]
        element.K = Array([self._kid(kid, page) for kid in kids])

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
        self._parents = NumberTree.new(target)
        self._ids = NameTree.new(target)
        self._tables = {"/RoleMap": Dictionary(), "/ClassMap": Dictionary()}
        self._next = 0

    def add(self, pdf: Pdf, tags: PrunedTags, title: str) -> None:
        """Copy the pruned elements of a document; their pages must have been copied before."""
        part = self._target.make_indirect(Dictionary(Type=Name.StructElem, S=Name.Part, P=self._top, T=title))
        copied = [self._target.copy_foreign(element) for element in tags.elements]
        for element in copied:
            element.P = part
        part.K = Array(copied)
        self._parts.append(part)
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
        self._parents[self._next] = self._target.copy_foreign(value)
        self._next += 1
        return self._next - 1

    def finish(self) -> Object:
        """Return the root of the tree, /StructTreeRoot."""
        root = Dictionary(Type=Name.StructTreeRoot, K=Array([self._top]), ParentTree=self._parents.obj)
        root.ParentTreeNextKey = self._next
        if len(self._ids):
            root.IDTree = self._ids.obj
        for name, table in self._tables.items():
            if table.keys():
                root[name] = table
        self._top.K = Array(self._parts)
        top = self._target.make_indirect(root)
        self._top.P = top
        return top
