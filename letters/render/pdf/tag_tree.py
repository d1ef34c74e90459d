"""The elements of a structure tree while it is set right, and the leaving out of those that say nothing.

A Span or NonStruct that says no more than "here is content" is left out, and its content belongs to its parent (ISO
32000-1, 14.8.4): WeasyPrint writes one for each line of text, three quarters of all elements. Nothing that is heard
changes; a letter is an eighth smaller, and print files take over its tree as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import pydyf

POINTS = 0.75
"""Points in a CSS pixel."""
_TALL, _DEEP = 1.0, 0.3
"""How far the area of a link to or from a note reaches above and below its baseline, in sizes of its font."""
_WRAPPERS = frozenset(("/Span", "/NonStruct"))
_BASICS = frozenset(("K", "P", "Pg", "S", "Type"))
"""The entries of an element that say only what it is and where it stands."""
_HOLDS_CONTENT = frozenset(
    f"/{role}"
    for role in (
        *("P", "H", "H1", "H2", "H3", "H4", "H5", "H6", "LBody", "Lbl", "Span", "Link", "Note"),
        *("NonStruct", "Reference", "TD", "TH", "Caption", "Quote", "Code", "Em", "Strong", "BibEntry"),
    )
)
"""Roles of elements that may hold text themselves, so that a wrapper inside them can go."""
_REFERENCE = re.compile(rb"(\d+) 0 R")


class MarkedContent(NamedTuple):
    """Marked content: the reference to its page, and its number there (MCID)."""

    page: bytes
    mark: int


@dataclass(slots=True, eq=False)
class Node:
    """An element of the structure tree."""

    element: Any
    box: Any
    """What it was made of; None for elements that were put in."""
    kids: list[Any]
    """Elements, marked content, numbers of marked content on the element's page, and references to annotations."""

    @property
    def role(self) -> str:
        """What it is, such as "/P"."""
        return str(self.element["S"])

    @role.setter
    def role(self, role: str) -> None:
        self.element["S"] = role

    def below(self) -> Iterator[Node]:
        """Yield this element and all below it."""
        yield self
        for kid in self.kids:
            if isinstance(kid, Node):
                yield from kid.below()

    @property
    def is_wrapper(self) -> bool:
        """Whether it says nothing but that its kids are content."""
        return self.role in _WRAPPERS and self.element.keys() <= _BASICS

    def prune(self) -> None:
        """Leave out the wrappers below it that hold nothing, or whose content may belong to their parents."""
        kids: list[Any] = []
        for kid in self.kids:
            if isinstance(kid, int):
                kids.append(MarkedContent(self.element["Pg"], kid))
            elif not isinstance(kid, Node):
                kids.append(kid)
            else:
                kid.prune()
                if not kid.is_wrapper or (kid.kids and self.role not in _HOLDS_CONTENT):
                    kids.append(kid)
                else:
                    kids += kid.kids
        self.kids = kids

    def write_kids(self) -> None:
        """Write its kids into it, and it into them as their parent.

        Content is a bare number on the page that the element names, which is that of its first content.
        """
        element = self.element
        first = next((kid for kid in self.kids if isinstance(kid, MarkedContent)), None)
        if first is not None:
            # Its page may be another by now, since elements that go on over pages were joined.
            element["Pg"] = first.page
        element["K"] = pydyf.Array([self._written(kid) for kid in self.kids])

    def _written(self, kid: Any) -> Any:
        if isinstance(kid, Node):
            kid.element["P"] = self.element.reference
            return kid.element.reference
        if isinstance(kid, MarkedContent):
            if kid.page == self.element["Pg"]:
                return kid.mark
            return pydyf.Dictionary({"Type": "/MCR", "Pg": kid.page, "MCID": kid.mark})
        return kid


def drop_unused(pdf: Any, first: int) -> None:
    """Drop the objects from number `first` on that nothing leads to, and give the others numbers without gaps.

    They are led to by the catalog, the pages, and one another.
    """
    holders = [pdf.catalog, *(pdf.objects[number] for number in pdf.pages["Kids"][::3])]
    found, met = list(holders), set[bytes]()
    for each in found:  # It grows meanwhile.
        for reference in _references(each):
            number = object_number(reference)
            if number >= first and reference not in met:
                met.add(reference)
                found.append(pdf.objects[number])
    kept = found[len(holders) :]
    before = [each.reference for each in kept]
    for number, each in enumerate(kept, start=first):
        each.number = number
    renamed = {old: each.reference for old, each in zip(before, kept, strict=True)}
    for each in found:
        _rename(each, renamed)
    pdf.objects[first:] = kept


def object_number(reference: bytes) -> int:
    """Return the number in a reference such as "5 0 R"."""
    return int(reference.split()[0])


def _references(value: Any) -> Iterator[bytes]:
    """Yield the references in an object."""
    if isinstance(value, bytes):
        if _REFERENCE.fullmatch(value):
            yield value
    elif isinstance(value, (dict, list)):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _references(each)


def _rename(value: Any, renamed: dict[bytes, bytes]) -> None:
    """Replace references in an object, in place."""
    for key, each in list(value.items() if isinstance(value, dict) else enumerate(value)):
        if isinstance(each, bytes):
            value[key] = renamed.get(each, each)
        elif isinstance(each, (dict, list)):
            _rename(each, renamed)


@dataclass(frozen=True, slots=True)
class NoteLink:
    """A link from a note's number in the text to the note, or back: where it is follows from where the number is."""

    annotation: Any
    box: Any
    """The text box of the number."""
    page_height: float
    """In CSS pixels."""

    def rectangle(self) -> list[float]:
        """Return the area of the link, in points from the lower left (ISO 32000-1, 12.5.2)."""
        baseline = self.box.position_y + self.box.baseline
        size = self.box.style["font_size"]
        return link_rectangle(self.box.position_x, baseline, self.box.width, size, self.page_height)


def link_rectangle(x: float, baseline: float, width: float, size: float, page_height: float) -> list[float]:
    """Return the area of a link on a number, in points; what is given is in CSS pixels from the top."""
    edges = (x, page_height - baseline - _DEEP * size, x + width, page_height - baseline + _TALL * size)
    return [round(edge * POINTS, 2) for edge in edges]


def take_marker(note: Node) -> Node | None:
    """Return the number of a note, as its first kid: of several paragraphs, the first has it; None if it has none."""
    for parent in note.below():
        for kid in parent.kids:
            if isinstance(kid, Node) and kid.box is not None and kid.box.element_tag == "span::footnote-marker":
                parent.kids.remove(kid)
                note.kids.insert(0, kid)
                return kid
    return None
