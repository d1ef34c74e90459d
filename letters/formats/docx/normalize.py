"""Normalizes a draft for pandoc: tracked changes are accepted, and what pandoc would drop is marked.

Clause numbers are those of ECMA-376 part 1.
"""

from __future__ import annotations

from lxml import etree

from letters.formats.docx import revisions
from letters.formats.docx.numbering import Label, Numbering, mark_labels
from letters.formats.docx.opening import COMMENTS, ENDNOTES
from letters.formats.docx.revisions import strip_comments
from letters.formats.docx.shown import (
    Formats,
    is_repeated,
    show,
    simplify,
    square_tables,
    style_formats,
    write_capitals,
)
from letters.formats.docx.text import DocxText
from letters.formats.docx.word_fields import flatten_nested, write_links, write_results
from letters.formats.ooxml import parse, remove, serialize, text_element, w, write_package
from letters.formats.tree import PAGE

TAB, PART_END, RULE = "\ue021", "\ue022", "\ue023"
"""Private-use characters that stand for what pandoc would drop."""
_BLIND = ("drawing", "pict", "object", "AlternateContent")
"""Elements that have no place in a letter tree."""


class Unclear(Exception):  # noqa: N818 - reads as a statement: raise Unclear
    """A draft cannot be read back into a letter; the message says why."""


def normalized(document: DocxText, count: int) -> tuple[bytes, list[Label]]:
    """Return a DOCX of what is printed, with marks for what pandoc would drop, and the labels of its lists.

    `count` is the number of parts: the letter and its enclosures. The document is changed on the way and of no further
    use. Raises Unclear where the parts cannot be told apart.
    """
    formats = style_formats(document.parts)
    endnotes = parse(document.parts[ENDNOTES]) if ENDNOTES in document.parts else None
    roots = [*document.roots, *([] if endnotes is None else [endnotes])]
    for root in roots:
        as_shown(root, formats)
        _strip(root)
        _mark_tabs(root)
    labels: list[Label] = []
    for root in roots:
        mark_labels(root, Numbering(document.parts), labels)
    _number_references(document, count)
    _mark_part_ends(document.body, count)
    parts = {name: content for name, content in document.to_parts().items() if _is_needed(name)}
    if endnotes is not None:
        parts[ENDNOTES] = serialize(endnotes)
    return write_package(parts, level=0), labels  # pandoc reads it at once


def as_shown(root: etree._Element, formats: Formats) -> None:
    """Rewrite a part in place so that pandoc reads what Word shows once its tracked changes are accepted."""
    # Tracked changes first: what they take out is neither hidden nor a field. Codes last, when fields have results.
    revisions.accept(root)
    show(root, formats)
    write_capitals(root, formats)
    write_results(root)
    simplify(root)
    square_tables(root)
    flatten_nested(root)
    write_links(root)


def _is_needed(name: str) -> bool:
    # Nothing of these is in the tree that pandoc makes.
    if name.startswith(("word/fonts/", "word/media/", "word/header", "word/footer", "docProps/", "customXml/")):
        return False
    return name != COMMENTS


def _strip(root: etree._Element) -> None:
    """Remove comments, pictures and boxes; a horizontal line (VML attribute o:hr) is marked."""
    for picture in list(root.iter(w("pict"))):  # pictures are removed below, so lines are marked first
        if any(str(key).endswith("}hr") for child in picture.iter() for key in child.attrib):
            picture.addprevious(text_element(RULE))
    strip_comments(root)
    unbox(root)


def unbox(root: etree._Element) -> None:
    """Move the paragraphs of each text box (20.4.2.38) below the one it is anchored in; delete boxes and pictures."""
    for box in list(root.iter(w("txbxContent"))):
        if not is_repeated(box):
            # The outermost paragraph: a box may be anchored inside another box.
            anchor = list(box.iterancestors(w("p")))[-1]
            for block in reversed(box):
                anchor.addnext(block)
    remove_pictures(root)


def remove_pictures(root: etree._Element) -> None:
    """Remove pictures and boxes: of a paragraph with a box in it pandoc reads no word."""
    for element in list(root.iter()):
        if isinstance(element.tag, str) and etree.QName(element).localname in _BLIND:
            remove(element)


def _mark_tabs(root: etree._Element) -> None:
    for tab in list(root.iter(w("tab"), w("ptab"))):
        parent = tab.getparent()
        # One in w:tabs is a tab stop (17.3.1.38).
        if parent is not None and parent.tag == w("r"):
            tab.addprevious(text_element(TAB))
            remove(tab)


def _mark_part_ends(body: etree._Element, count: int) -> None:
    for paragraph in part_ends(body, count):
        mark = etree.Element(w("p"))
        etree.SubElement(mark, w("r")).append(text_element(PART_END))
        paragraph.addnext(mark)
        properties = paragraph.find(w("pPr"))
        # The mark takes the place of the section break, of which pandoc says nothing.
        for section in properties.findall(w("sectPr")) if properties is not None else []:
            remove(section)


def part_ends(body: etree._Element, count: int) -> list[etree._Element]:
    """Return the last paragraph of each part except the last part; raises Unclear where they are not certain.

    Our bookmarks name them. Editing may have lost some; then the section breaks count (17.6.18).
    """
    if count <= 1:
        return []
    marked = {str(mark.get(w("name"))): mark for mark in body.iter(w("bookmarkStart"))}
    wanted = [f"part_end_{number}" for number in range(count - 1)]
    if all(name in marked for name in wanted):
        return [next(marked[name].iterancestors(w("p")), marked[name]) for name in wanted]
    ends = [p for p in body.iter(w("p")) if p.find(f"{w('pPr')}/{w('sectPr')}") is not None]
    if len(ends) != count - 1:
        raise Unclear(
            f"the section breaks before its enclosures are {'gone' if len(ends) < count - 1 else 'too many'}: "
            f"{len(ends)} where there were {count - 1}"
        )
    return ends


def _number_references(document: DocxText, count: int) -> None:
    """Write the present number of a note into the fields that refer to it (NOTEREF), and marks for pages (PAGEREF).

    Word updates such a field only when it is asked to, so the number that the file shows may be old. The notes of each
    part are numbered from 1.
    """
    numbers: dict[str, int] = {}
    ends, number, part = part_ends(document.body, count), 0, 0
    open_marks: dict[str, str] = {}
    # The part in which a bookmark, a field or the call of a note stands: a PDF has links and pages of its own part.
    marks: dict[str, int] = {}
    parts: dict[etree._Element, int] = {}
    of_notes: dict[str, int] = {}
    names = ("bookmarkStart", "bookmarkEnd", "footnoteReference", "endnoteReference", "instrText", "p")
    for element in document.body.iter(*map(w, names)):
        if element.tag == w("bookmarkStart"):
            open_marks[str(element.get(w("id")))] = str(element.get(w("name")))
            marks[str(element.get(w("name")))] = part
        elif element.tag == w("instrText"):
            parts[element] = part
        elif element.tag == w("bookmarkEnd"):
            open_marks.pop(str(element.get(w("id"))), None)
        elif element.tag in (w("footnoteReference"), w("endnoteReference")):  # an endnote becomes a footnote
            number += 1
            numbers |= dict.fromkeys(open_marks.values(), number)
            of_notes[element.tag + str(element.get(w("id")))] = part
        elif element.getprevious() is not None and element.getprevious() in ends:
            number, part = 0, part + 1  # the first paragraph of the next part
    for root in document.roots:
        for code in root.iter(w("instrText")):
            words = (code.text or "").split()
            if words[:1] == ["NOTEREF"] and len(words) > 1 and words[1] in numbers:
                set_result(code, str(numbers[words[1]]))
            elif words[:1] == ["PAGEREF"] and len(words) > 1 and words[1] in marks:
                note = next(code.iterancestors(w("footnote")), None)
                call = "" if note is None else w("footnoteReference") + str(note.get(w("id")))
                own = parts.get(code, 0) if note is None else of_notes.get(call, 0)
                if marks[words[1]] != own:
                    continue  # the page of another paper: what the file shows stays
                show_page(code, words[1])


def show_page(code: etree._Element, bookmark: str) -> None:
    """Write a mark for the page of a bookmark into the field that shows it: the PDF has pages of its own."""
    set_result(code, PAGE)
    # \h makes it a link, which pandoc reads; a line of contents is one already, and a link in a link is none.
    is_linked = next(code.iterancestors(w("hyperlink")), None) is not None
    code.text = f" PAGEREF {bookmark} " if is_linked else f" PAGEREF {bookmark} \\h "


def set_result(code: etree._Element, said: str) -> str:
    """Set the shown result of a field and return the former: the texts between "separate" and "end" (17.16.18)."""
    run = code.getparent()
    shown, former = False, ""
    for sibling in run.itersiblings() if run is not None else ():
        mark = sibling.find(w("fldChar"))
        kind = mark.get(w("fldCharType")) if mark is not None else ""
        if kind == "end":
            break
        shown = shown or kind == "separate"
        for piece in sibling.iter(w("t")) if shown else ():
            former += piece.text or ""
            piece.text, said = said, ""  # all of it into the first text; the others are emptied
    return former
