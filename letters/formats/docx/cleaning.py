"""Removes what Word and LibreOffice write beside the words: marks of proofing and saving, wrappers, comments.

What is removed is described in ECMA-376 part 1 (proofErr 17.13.8, rsids 17.15.1.70, sdt 17.5.2, smartTag 17.5.1.9,
bookmarks 17.13.6, permissions 17.13.7, lastRenderedPageBreak 17.3.3.13).
"""

from __future__ import annotations

from collections.abc import Collection

from lxml import etree

from letters.formats.ooxml import W, w

OURS = ("_Note", "_Toc", "part_end_")
"""Prefixes of the names of our own bookmarks."""
_NOISE = tuple(map(w, ("proofErr", "lastRenderedPageBreak", "permStart", "permEnd", "noProof", "lang", "webHidden")))
_RANGES = tuple(
    w(f"{kind}{end}")
    for kind in ("moveFromRange", "moveToRange", "customXmlInsRange", "customXmlDelRange", "customXmlMoveFromRange")
    for end in ("Start", "End")
)
_WRAPPERS = tuple(map(w, ("sdt", "sdtContent", "smartTag", "customXml", "dir", "bdo")))
_WRAPPER_PROPERTIES = tuple(map(w, ("sdtPr", "sdtEndPr", "smartTagPr", "customXmlPr")))


def clean(root: etree._Element, referred: Collection[str] = ()) -> None:
    """Remove noise from a part in place; no word, note, comment or tracked change is touched.

    Bookmarks go, but our own and those that something refers to.
    """
    for element in list(root.iter(*_NOISE, *_RANGES)):
        remove(element)
    unwrap_all(root)
    _drop_bookmarks(root, referred)
    for element in root.iter(f"{{{W}}}*"):
        for name in [name for name in element.attrib if _is_mark_of_saving(str(name))]:
            del element.attrib[name]


def _is_mark_of_saving(name: str) -> bool:
    local = name.rpartition("}")[2]
    return local.startswith("rsid") or local in ("paraId", "textId")


def unwrap_all(root: etree._Element) -> None:
    """Replace the wrappers around words (content controls, smart tags, custom XML, directions) by what is in them."""
    for properties in list(root.iter(*_WRAPPER_PROPERTIES)):
        remove(properties)
    for wrapper in list(root.iter(*_WRAPPERS)):
        unwrap(wrapper)


def _drop_bookmarks(root: etree._Element, referred: Collection[str]) -> None:
    kept = set()
    for start in list(root.iter(w("bookmarkStart"))):
        if str(start.get(w("name"))).startswith(OURS) or start.get(w("name")) in referred:
            kept.add(start.get(w("id")))  # the end of a bookmark has its id, not its name (17.13.6.1)
        else:
            remove(start)
    for end in list(root.iter(w("bookmarkEnd"))):
        if end.get(w("id")) not in kept:
            remove(end)


def unwrap(element: etree._Element) -> None:
    """Replace an element by its children."""
    parent = element.getparent()
    if parent is None:
        return
    place = parent.index(element)
    for child in list(element):
        parent.insert(place, child)
        place += 1
    parent.remove(element)


def remove(element: etree._Element) -> None:
    """Remove an element with its tail: white space between elements has no meaning in these parts."""
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def strip_comments(root: etree._Element) -> None:
    """Remove the anchors of comments (17.13.4) in place; their texts are in a part of their own."""
    for name in ("commentRangeStart", "commentRangeEnd", "commentReference", "annotationRef"):
        for element in list(root.iter(w(name))):
            remove(element)
