"""Takes out of a DOCX what Word and LibreOffice write beside the words, and lists, accepts and rejects tracked changes.

What is removed is described in ECMA-376 part 1 (proofErr 17.13.8, rsids 17.15.1.70, sdt 17.5.2, smartTag 17.5.1.9,
bookmarks 17.13.6, permissions 17.13.7, lastRenderedPageBreak 17.3.3.13).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from lxml import etree

from letters.formats.ooxml import W, first_place, remove, remove_all, w

_OURS = ("_Note", "_Toc", "part_end_")
"""Prefixes of the names of our own bookmarks."""
_NOISE = ("proofErr", "lastRenderedPageBreak", "permStart", "permEnd", "noProof", "lang", "webHidden")
_RANGES = tuple(
    f"{kind}{end}"
    for kind in ("moveFromRange", "moveToRange", "customXmlInsRange", "customXmlDelRange", "customXmlMoveFromRange")
    for end in ("Start", "End")
)
_WRAPPERS = tuple(map(w, ("sdt", "sdtContent", "smartTag", "customXml", "dir", "bdo")))
_IN, _OUT = tuple(map(w, ("ins", "moveTo"))), tuple(map(w, ("del", "moveFrom")))
_FORMATS = tuple(
    w(f"{kind}Change") for kind in ("rPr", "pPr", "sectPr", "tblPr", "tblPrEx", "tblGrid", "tcPr", "trPr", "numbering")
)
_CELLS_IN, _CELLS_OUT, _CELLS_JOINED = (w("cellIns"),), (w("cellDel"),), (w("cellMerge"),)
ALL = _IN + _OUT + _FORMATS + _CELLS_IN + _CELLS_OUT + _CELLS_JOINED
"""Every element that is a tracked change."""


def clean(root: etree._Element, referred: Collection[str] = ()) -> None:
    """Remove noise from a part in place; no word, note, comment or tracked change is touched.

    Bookmarks go, but our own and those that something refers to.
    """
    remove_all(root, *_NOISE, *_RANGES)
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
    remove_all(root, "sdtPr", "sdtEndPr", "smartTagPr", "customXmlPr")
    for wrapper in list(root.iter(*_WRAPPERS)):
        unwrap(wrapper)


def _drop_bookmarks(root: etree._Element, referred: Collection[str]) -> None:
    kept = set()
    for start in list(root.iter(w("bookmarkStart"))):
        if str(start.get(w("name"))).startswith(_OURS) or start.get(w("name")) in referred:
            kept.add(start.get(w("id")))  # the end of a bookmark has its id, not its name (17.13.6.1)
        else:
            remove(start)
    for end in list(root.iter(w("bookmarkEnd"))):
        if end.get(w("id")) not in kept:
            remove(end)


def unwrap(element: etree._Element) -> None:
    """Replace an element by its children."""
    parent = element.getparent()
    if parent is not None:
        place = parent.index(element)
        parent[place : place + 1] = list(element)


def strip_comments(root: etree._Element) -> None:
    """Remove the anchors of comments (17.13.4) in place; their texts are in a part of their own."""
    remove_all(root, "commentRangeStart", "commentRangeEnd", "commentReference", "annotationRef")


def accept(root: etree._Element, author: str = "") -> None:
    """Accept every tracked change of a part in place, or only those of one author."""
    _settle(root, _OUT, _IN, author)
    _remove_cells(root, _CELLS_OUT, author)
    for element in _of(root, (*_FORMATS, *_CELLS_IN, *_CELLS_JOINED), author):
        remove(element)


def reject(root: etree._Element, author: str = "") -> None:
    """Reject every tracked change of a part in place, or only those of one author."""
    _settle(root, _IN, _OUT, author)
    _remove_cells(root, _CELLS_IN, author)
    for element in _of(root, (*_CELLS_OUT, *_CELLS_JOINED), author):
        remove(element)
    for element in _of(root, _FORMATS, author):
        _restore(element)
    # What was deleted is text again; its element has another name than text has (17.3.3.7, 17.16.13).
    for name, plain in (("delText", "t"), ("delInstrText", "instrText")):
        for element in list(root.iter(w(name))):
            if not any(outer.tag in _OUT for outer in element.iterancestors()):
                element.tag = w(plain)


def _of(root: etree._Element, tags: tuple[str, ...], author: str) -> list[etree._Element]:
    return [element for element in root.iter(*tags) if author in ("", element.get(w("author")))]


def _settle(root: etree._Element, gone: tuple[str, ...], kept: tuple[str, ...], author: str) -> None:
    """Remove the elements `gone` and unwrap the elements `kept`.

    A row whose properties hold the mark goes, too (17.13.5.12), and a paragraph whose mark goes (17.13.5.15) is joined
    with the next one.
    """
    going = _of(root, gone, author)
    vanished = []
    for element in going:
        parent = element.getparent()
        if parent is not None and parent.tag == w("trPr"):
            remove(next(parent.iterancestors(w("tr"))))
        elif parent is not None and parent.tag == w("rPr"):
            vanished += list(parent.iterancestors(w("p")))[:1]
    # Rows go before the marks in them do, by which they are found.
    for table in list(root.iter(w("tbl"))):  # all rows of it may be gone
        if table.find(w("tr")) is None:
            remove(table)
    for element in going:
        remove(element)
    for element in _of(root, kept, author):
        unwrap(element)
    for paragraph in vanished:
        _join_with_next(paragraph)


def _remove_cells(root: etree._Element, gone: tuple[str, ...], author: str) -> None:
    """Remove the cells that hold one of these marks (17.13.5.1, 17.13.5.3), and rows of which nothing is left."""
    for element in _of(root, gone, author):
        cell = next(element.iterancestors(w("tc")), None)
        row = next(cell.iterancestors(w("tr")), None) if cell is not None else None
        if cell is not None and row is not None:
            remove(cell)
            table = next(row.iterancestors(w("tbl")))
            if next(row.iter(w("tc")), None) is None:
                remove(row)
            if table.find(w("tr")) is None:
                remove(table)


def _join_with_next(paragraph: etree._Element) -> None:
    """Move the content of a paragraph without its mark into the next paragraph, whose properties then hold for both."""
    parent, following = paragraph.getparent(), paragraph.getnext()
    if parent is None:
        return
    content = [child for child in paragraph if child.tag != w("pPr")]
    if following is not None and following.tag == w("p"):
        place = first_place(following)
        following[place:place] = content
        parent.remove(paragraph)
    # Before a table there is nothing to join with; the last paragraph of a cell or note has to stay.
    elif not content and len(parent.findall(w("p"))) > 1:
        parent.remove(paragraph)


def _restore(change: etree._Element) -> None:
    """Restore the properties that a change of formatting recorded.

    A record of paragraph properties holds neither the paragraph mark nor the section (17.13.5.29): these are kept.
    """
    now = change.getparent()
    if now is None:
        return
    remembered = next((child for child in change if child.tag == now.tag), None)
    section = now.find(w("sectPr"))
    mark = now.find(w("rPr")) if now.tag == w("pPr") else None
    for child in list(now):
        now.remove(child)
    for child in list(remembered) if remembered is not None else []:
        now.append(child)
    for kept in (mark, section):
        if kept is not None and now.find(kept.tag) is None:
            now.append(kept)


def changes(root: etree._Element) -> Iterator[etree._Element]:
    """Yield the tracked changes of a part in document order, without those inside of others."""
    for element in root.iter(*ALL):
        if not any(outer.tag in ALL for outer in element.iterancestors()):
            yield element
