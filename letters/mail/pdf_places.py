"""Takes links and the places they lead to into a print file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from letters.mail.pdf_objects import number_of

if TYPE_CHECKING:
    from letters.mail.pdf_copy import Copier
    from letters.mail.pdf_writer import PdfWriter

Places = dict[str, Any]
"""The named places of a letter: arrays of a page and a position on it."""
_ANNOTATION_APART = frozenset(("/P", "/StructParent", "/Dest", "/A", "/Parent", "/Popup"))


def named_places(pdf: Any) -> Places:
    """List the named places of a letter, of either kind there is (ISO 32000-1, 12.3.2.3)."""
    import pikepdf

    places: Places = {}
    if "/Names" in pdf.Root and "/Dests" in pdf.Root.Names:
        places.update((str(name), target) for name, target in pikepdf.NameTree(pdf.Root.Names.Dests).items())
    if "/Dests" in pdf.Root:
        places.update((key, pdf.Root.Dests[key]) for key in pdf.Root.Dests.keys())  # noqa: SIM118 - not a Mapping
    return {name: target.D if isinstance(target, pikepdf.Dictionary) else target for name, target in places.items()}


@dataclass(frozen=True, slots=True)
class Links:
    """The annotations of one document: links to other places and to the web."""

    copier: Copier
    places: Places
    numbers: dict[int, int]

    def write(self, old: int, new: int, key: int | None, writer: PdfWriter) -> None:
        """Write an annotation; a link to a named place becomes one to the place itself."""
        thing = self.copier.pdf.get_object(old, 0)
        body = self.copier.entries(thing, _ANNOTATION_APART)
        if key is not None:
            body += b"/StructParent %d" % key
        if "/P" in thing:
            body += b"/P " + self.copier.value(thing.P)
        action = thing.get("/A")
        target = thing.get("/Dest", action.get("/D") if action is not None and action.get("/S") == "/GoTo" else None)
        if target is not None:
            body += b"/Dest " + place(target, self.copier, self.places)
        elif action is not None:
            body += b"/A " + self.copier.value(action)
        writer.put(new, b"<<%s>>" % body)


def annotations_of(pages: Iterable[Any]) -> list[int]:
    """List the numbers of the annotations on some pages."""
    return [number_of(each) for page in pages for each in page.get("/Annots", ())]


def place(target: Any, copier: Copier, places: Places) -> bytes:
    """Write a destination: a page with a position; null where the page is not in the file."""
    import pikepdf

    found = target if isinstance(target, pikepdf.Array) else places.get(str(target))
    if found is None or not copier.numbers.get(number_of(found[0])):
        return b"null"
    return copier.value(found)
