"""The structure tree (tags) of a print file: a Part for each document, which holds the document's own elements.

The tree of a letter that says it is accessible, and goes into the print file with all its pages, is copied as it is.
Others are pruned in their own file before: what stands on no page of the print file goes, and so does a Span or
NonStruct that says nothing but "here is content"; its content then belongs to its parent (ISO 32000-1, 14.8.4).
"""

from __future__ import annotations

import copy
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from pikepdf import Array, Dictionary, Name, Object, Pdf, String

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
# Readers look through the limits of the leaves, so that a tree of one large leaf is no tree.
_LEAF = 64
"""Entries in a leaf of the tree of IDs."""
_CELLS = frozenset(("/TD", "/TH"))
"""Kept even where they are empty: a row has a cell for each column."""


@dataclass(slots=True)
class Tags:
    """The elements of one document that go into a print file, by the object ids of the document's own file."""

    elements: list[Object] = field(default_factory=list)
    """The topmost ones."""
    parents: list[Object] = field(default_factory=list)
    """The values of the parent tree: owners of the content of each page, and of each annotation, by their keys."""
    ids: list[Object] = field(default_factory=list)
    """The elements that have an ID."""
    owned: dict[ObjectId, Collection[int]] | None = None
    """The numbers of the marked content of each page (MCID) that elements own; None where they own all of it."""


def take_whole(pdf: Pdf, prefix: str, first_key: int) -> Tags | None:
    """Take the structure tree of a document as it is; None where that cannot be done so simply.

    Its parent tree and its IDs are in one node each, and all pages and annotations have keys in the former.

    In place, `prefix` is put before all IDs, and `first_key` is added to the keys of the parent tree, which keeps them
    apart from those of other documents. Only for a document whose tree was checked.
    """
    root = pdf.Root.get("/StructTreeRoot", Dictionary())
    ids, parents = root.get("/IDTree", Dictionary(Names=Array())), root.get("/ParentTree", Dictionary())
    pages = [page.obj for page in pdf.pages]
    annotations = [each for page in pages for each in page.get("/Annots", ())]
    has_keys = all("/StructParents" in page for page in pages) and all("/StructParent" in each for each in annotations)
    # WeasyPrint writes one node each; programs that split large trees (PDF 32000-2, 7.9.7) are pruned the long way.
    if "/Nums" not in parents or "/Names" not in ids or not has_keys:
        return None
    numbers = list(parents.Nums)
    # Keys without a gap: each then only moves by the first key that is free.
    if numbers[::2] != list(range(len(numbers) // 2)):
        return None
    tags = Tags(list(elements_below(root)), numbers[1::2], list(ids.Names)[1::2])
    for element in tags.elements:
        del element["/P"]  # It would take along the tree as it was, by way of the root.
    tables = {}
    for element in tags.ids:
        _rename(element, prefix)
        if element.S == Name.TH:
            # Cells of its table name a header cell by its ID, also those that have none themselves (PDF 32000-2,
            # 14.8.5.7).
            table = _table_around(element)
            tables[table.objgen] = table
    for table in tables.values():
        for cell in _cells_below(table):
            if "/ID" not in cell:
                _rename(cell, prefix)
    for page in pages:
        page.StructParents = first_key + int(page.StructParents)
    for annotation in annotations:
        annotation.StructParent = first_key + int(annotation.StructParent)
    return tags


def _table_around(cell: Object) -> Object:
    """Return the table that a cell belongs to."""
    table = cell.P
    while Name.Table != table.S and "/P" in table:
        table = table.P
    return table


def _cells_below(element: Object) -> Iterator[Object]:
    for kid in elements_below(element):
        if str(kid.S) in _CELLS:
            yield kid
        yield from _cells_below(kid)


def prune(
    pdf: Pdf, pages: Mapping[ObjectId, Object], annotations: Collection[ObjectId], prefix: str, first_key: int
) -> Tags:
    """Reduce the structure tree of a document, in place, to what stands on some pages, without empty wrappers.

    See take_whole for the prefix and the first key.
    """
    pruning = _Pruning(pdf, pages, annotations, prefix)
    root = pdf.Root.get("/StructTreeRoot")
    tags = pruning.tags
    for element in elements_below(root) if root is not None else ():
        read = _read(pdf, element)
        if read and pruning.prune(read)[0]:
            # A copy takes along what it refers to: by its parent that would be the whole tree as it was.
            del element["/P"]
            tags.elements.append(element)
    tags.owned = {number: owners.keys() for number, owners in pruning.content.items()}
    for number, page in pages.items():
        owners = pruning.content.get(number, {})
        page.StructParents = first_key + len(tags.parents)
        tags.parents.append(pdf.make_indirect(Array([owners.get(mark) for mark in range(max(owners, default=-1) + 1)])))
    for number, owner in pruning.owners.items():
        pdf.get_object(number).StructParent = first_key + len(tags.parents)
        tags.parents.append(owner)
    return tags


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


# A letter has 600 elements, and nearly all are of the simplest kind. In pikepdf each question to an object takes
# longer than matching all of its text, as qpdf writes it.
_SIMPLE = re.compile(
    rb"<< /K (?:\[ ((?:\d+ (?:\d+ R )?)*)\]|(\d+(?: \d+ R)?)) (?:/P \d+ \d+ R )?(?:/Pg (\d+) (\d+) R )?/S (/\w+) "
    rb"(?:/Type /StructElem )?>>"
)
_KID = re.compile(rb"(\d+)(?: (\d+) R)?")


def _read(pdf: Pdf, thing: Object) -> _Element | None:
    """Read a structure element; None for a reference to content."""
    # qpdf writes the keys of a dictionary in alphabetical order, and one space between all.
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
    tags: Tags = field(default_factory=Tags)
    content: dict[ObjectId, dict[int, Object]] = field(default_factory=dict)
    """The owners of the marked content of each page, by its number (MCID)."""
    owners: dict[ObjectId, Object] = field(default_factory=dict)
    """The owners of annotations."""

    def prune(self, element: _Element) -> tuple[bool, bool]:
        """Prune an element; return whether it stays, and whether it or anything below it has content."""
        has_content = self._collect(element, element)
        if not has_content and (element.before or not (element.says_more or element.role in _CELLS)):
            return False, False
        if element.changed or len(element.kids) != len(element.before):
            self._set_kids(element)
        if element.says_more:
            _rename(element.thing, self.prefix)
            if "/ID" in element.thing:
                self.tags.ids.append(element.thing)
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
        self.owners[kid.Obj.objgen] = owner.thing
        owner.kids.append(kid)
        return True

    def _own(self, page: ObjectId | None, mark: int, owner: _Element) -> bool:
        """Append marked content to the kids of its owner if its page is in the print file; return whether it is."""
        if page is None or page not in self.pages:
            return False
        self.content.setdefault(page, {})[mark] = owner.thing
        owner.kids.append(_MarkedContent(page, mark))
        return True

    def _set_kids(self, element: _Element) -> None:
        """Set the kids of an element: content is a bare number on the element's own page, a reference on another."""
        # The element’s own page is that of its first content: what is on it needs no dictionary.
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


def _rename(thing: Object, prefix: str) -> None:
    """Put the prefix before the ID of an element, and before those of the headers that a cell names."""
    if "/ID" in thing:
        thing.ID = String(prefix + str(thing.ID))
    attributes = _listed(thing.get("/A")) if "/A" in thing else []
    for number, each in enumerate(attributes):
        if isinstance(each, Dictionary) and "/Headers" in each:
            # A copy, since elements may share their attributes.
            attributes[number] = copy.copy(each)
            attributes[number].Headers = Array([String(prefix + str(name)) for name in each.Headers])
    if attributes:
        thing.A = Array(attributes) if len(attributes) > 1 else attributes[0]


class StructureTree:
    """The structure tree of a print file that is being assembled."""

    def __init__(self, target: Pdf) -> None:
        self._target = target
        self._top = target.make_indirect(Dictionary(Type=Name.StructElem, S=Name.Document))
        self._parts: list[Object] = []
        self._parents: list[Object] = []
        """Leaves of the parent tree, one for each document."""
        self._ids: list[tuple[str, Object]] = []
        self._tables = {"/RoleMap": Dictionary(), "/ClassMap": Dictionary()}
        self.next_key = 0
        """The first key of the parent tree that is free."""

    def add(self, pdf: Pdf, tags: Tags, title: str) -> None:
        """Copy the elements of a document; its pages must have been copied before."""
        part = self._target.make_indirect(Dictionary(Type=Name.StructElem, S=Name.Part, P=self._top, T=title))
        # All at once: to copy each by itself takes three times as long.
        copied = self._target.copy_foreign(
            pdf.make_indirect(Array([Array(tags.elements), Array(tags.parents), Array(tags.ids)]))
        )
        elements, parents, ids = copied
        for element in elements:
            element.P = part
        part.K = elements
        self._parts.append(part)
        if tags.parents:
            last = self.next_key + len(tags.parents) - 1
            numbers = Array([each for pair in enumerate(parents, start=self.next_key) for each in pair])
            leaf = Dictionary(Limits=Array([self.next_key, last]), Nums=numbers)
            self._parents.append(self._target.make_indirect(leaf))
            self.next_key = last + 1
        self._ids += [(str(element.ID), element) for element in ids]
        for name, table in self._tables.items():
            own = pdf.Root.StructTreeRoot.get(name) if "/StructTreeRoot" in pdf.Root else None
            own = Dictionary() if own is None else own
            # Letters of a campaign map the same roles; where two would differ, the first counts.
            for key in own.keys() - table.keys():
                table[key] = self._target.copy_foreign(pdf.make_indirect(own[key]))

    def _id_tree(self) -> Object:
        """Return the elements that have an ID by their IDs, as a name tree of two levels."""
        # A name tree is searched by its order (PDF 32000-2, 7.9.6).
        pairs = sorted(self._ids, key=lambda pair: pair[0])
        leaves = []
        for first in range(0, len(pairs), _LEAF):
            own = pairs[first : first + _LEAF]
            names = Array([each for name, element in own for each in (String(name), element)])
            leaf = Dictionary(Limits=Array([String(own[0][0]), String(own[-1][0])]), Names=names)
            leaves.append(self._target.make_indirect(leaf))
        return self._target.make_indirect(Dictionary(Kids=Array(leaves)))

    def finish(self) -> Object:
        """Return the root of the tree, /StructTreeRoot."""
        # A number tree without a leaf has an empty list of numbers (ISO 32000-1, 7.9.7).
        parents = Dictionary(Kids=Array(self._parents)) if self._parents else Dictionary(Nums=Array())
        root = Dictionary(
            Type=Name.StructTreeRoot, K=Array([self._top]), ParentTree=self._target.make_indirect(parents)
        )
        root.ParentTreeNextKey = self.next_key
        if self._ids:
            root.IDTree = self._id_tree()
        for name, table in self._tables.items():
            if table.keys():
                root[name] = table
        self._top.K = Array(self._parts)
        top = self._target.make_indirect(root)
        self._top.P = top
        return top
