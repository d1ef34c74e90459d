"""Writes the structure tree of a print file: a part for each letter, with the letter's own tags."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from letters.mail.pdf_elements import APART, Annotation, Content, Element, walk
from letters.mail.pdf_trees import NumberTree

if TYPE_CHECKING:
    from letters.mail.pdf_copy import Copier
    from letters.mail.pdf_writer import PdfWriter

_STRING = rb"\((?:[^()\\]|\\.)*\)"
_HEADERS = re.compile(rb"/Headers \[ (?:" + _STRING + rb" )*\]", re.DOTALL)
_STRINGS = re.compile(_STRING, re.DOTALL)


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

        rest = copier.entries(element.thing, APART)
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
