"""Copies pieces of one DOCX into another: styles by name; lists, links and notes under free ids; texts of headers.

Clause numbers are those of ECMA-376 part 1.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping

from lxml import etree

from letters.formats.docx.atoms import DocxParagraph
from letters.formats.docx.opening import DOCUMENT, FOOTNOTES
from letters.formats.docx.text import DocxText
from letters.formats.ooxml import R, Relations, W, add_content_type, changing, parse, relations_of, remove, serialize, w

_NUMBERING = "word/numbering.xml"
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_LISTS, _LIST = w("abstractNum"), w("num")
_HEADER = re.compile(r"word/(header|footer)\d*\.xml")
"""The parts of headers and footers."""


class DocxImporter:
    """Copies pieces of one document, the source, into another, the destination."""

    def __init__(self, source: DocxText, destination: DocxText) -> None:
        self._source = source
        self._destination = destination
        # Reversed, so that of several styles with one name the first counts.
        self._ids = {name: identifier for identifier, name in reversed(list(destination.style_names.items()))}
        self._lists: dict[str, str] = {}

    def paragraph(self, paragraph: DocxParagraph) -> etree._Element:
        """Return an empty paragraph with the properties of a paragraph of the source."""
        made = etree.Element(w("p"))
        made.append(self.properties(paragraph))
        return made

    def properties(self, paragraph: DocxParagraph) -> etree._Element:
        """Return a copy of the properties of a paragraph of the source, without those of its mark and of a section."""
        properties = paragraph.element.find(w("pPr"))
        return self._properties(properties) if properties is not None else etree.Element(w("pPr"))

    def _properties(self, properties: etree._Element) -> etree._Element:
        made = copy.deepcopy(properties)
        for child in [child for child in made if child.tag in (w("sectPr"), w("rPr"), w("pPrChange"))]:
            made.remove(child)
        for style in made.findall(w("pStyle")):
            self._rename_style(style)
        for number in made.iter(w("numId")):
            number.set(w("val"), self._list(number.get(w("val"), "0")))
        return made

    def run(self, run: etree._Element) -> etree._Element:
        """Return a copy of a run of the source."""
        made = copy.deepcopy(run)
        for style in list(made.iter(w("rStyle"))):
            self._rename_style(style)
        return made

    def _rename_style(self, style: etree._Element) -> None:
        """Refer to the destination's style of the same name; without one the reference is removed.

        Ids differ between programs and languages of Word; names do not (17.7.4.9).
        """
        name = self._source.style_names.get(str(style.get(w("val"))), "")
        if name in self._ids:
            style.set(w("val"), self._ids[name])
        else:
            remove(style)

    def _list(self, number: str) -> str:
        """Copy a list of the source, once, and return its new number; 0 means no list (17.9.18)."""
        if self._source is self._destination or number == "0":
            return number
        if number not in self._lists:
            self._lists[number] = _copy_list(self._source.parts, self._destination.parts, number)
        return self._lists[number]

    def note(self, identifier: str) -> etree._Element | None:
        """Add a copy of a note of the source, without its text, to the destination under a free id, and return it."""
        if self._source.notes is None or self._destination.notes is None:
            return None
        found = next((n for n in self._source.notes.iter(w("footnote")) if n.get(w("id")) == identifier), None)
        if found is None:
            return None
        made = copy.deepcopy(found)
        # Ids are unique among notes; the separators, which are notes as well, have some, too (17.11.10).
        taken = {int(n.get(w("id"), "0")) for n in self._destination.notes.iter(w("footnote"))}
        made.set(w("id"), str(max(taken, default=0) + 1))
        for element in made.iter(w("p")):
            properties = element.find(w("pPr"))
            # The caller writes the text as tracked changes.
            element[:] = [] if properties is None else [self._properties(properties)]
        self._destination.notes.append(made)
        return made

    def link(self, parent: etree._Element, target: str) -> etree._Element:
        """Add a hyperlink to a paragraph of the destination, and return it; "#name" is a target in the document."""
        made = etree.SubElement(parent, w("hyperlink"))
        if target.startswith("#"):
            made.set(w("anchor"), target[1:])
            return made
        # Relationships belong to a part: a link in a note is one of the footnotes part.
        name = FOOTNOTES if next(parent.iterancestors(w("footnote")), None) is not None else DOCUMENT
        path = relations_of(name)
        relations = Relations(self._destination.parts.get(path))
        known = {where: identifier for identifier, where in relations.hyperlinks().items()}
        made.set(f"{{{R}}}id", known.get(target) or relations.add("hyperlink", target, external=True))
        self._destination.parts[path] = relations.to_bytes()
        return made


def _copy_list(source: dict[str, bytes], destination: dict[str, bytes], number: str) -> str:
    """Copy an instance of a list and its definition (17.9) into the destination, and return the new number.

    Where the destination has that very list, its own number is returned: the item goes on counting with the others.
    """
    if _NUMBERING not in source or _NUMBERING not in destination:
        return number
    old, new = parse(source[_NUMBERING]), parse(destination[_NUMBERING])
    found, known = _list_of(old, number), _list_of(new, number)
    if not found or (known and list(map(_canonical, found)) == list(map(_canonical, known))):
        return number
    instance, abstract = map(copy.deepcopy, found)
    new_abstract = str(max((int(n.get(w("abstractNumId"), "0")) for n in new.iter(_LISTS)), default=0) + 1)
    new_number = str(max((int(n.get(w("numId"), "0")) for n in new.iter(_LIST)), default=0) + 1)
    abstract.set(w("abstractNumId"), new_abstract)
    # Word joins definitions with the same nsid; without one they stay apart (17.9.14).
    for identity in list(abstract.iter(w("nsid"))):
        abstract.remove(identity)
    instance.set(w("numId"), new_number)
    for reference in instance.iter(w("abstractNumId")):
        reference.set(w("val"), new_abstract)
    first = new.find(_LIST)  # all definitions are before all instances (17.9.16)
    if first is None:
        new.append(abstract)
    else:
        first.addprevious(abstract)
    new.append(instance)
    destination[_NUMBERING] = serialize(new)
    return new_number


def _list_of(numbering: etree._Element, number: str) -> tuple[etree._Element, etree._Element] | None:
    """Return the instance of a list by its number, and its definition; None where one of them is missing."""
    instance = next((n for n in numbering.iter(_LIST) if n.get(w("numId")) == number), None)
    abstract_id = instance.find(w("abstractNumId")) if instance is not None else None
    wanted = abstract_id.get(w("val")) if abstract_id is not None else ""
    abstract = next((n for n in numbering.iter(_LISTS) if n.get(w("abstractNumId")) == wanted), None)
    return (instance, abstract) if instance is not None and abstract is not None else None


def _canonical(element: etree._Element) -> bytes:
    return etree.tostring(element, method="c14n", exclusive=True, with_tail=False)


def ensure_notes(document: DocxText) -> None:
    """Add an empty part of footnotes to a document without one, so that notes can be copied into it."""
    if document.notes is None:
        raw = etree.Element(w("footnotes"), nsmap={"w": W})
        document.parts[FOOTNOTES] = serialize(raw)
        add_content_type(document.parts, FOOTNOTES, f"{_WORD}.footnotes+xml")
        relations = Relations(document.parts.get(relations_of(DOCUMENT)))
        relations.add("footnotes", "footnotes.xml")
        document.parts[relations_of(DOCUMENT)] = relations.to_bytes()
        document.notes = raw


def with_new_headers(
    mine: Mapping[str, bytes], base: Mapping[str, bytes], theirs: Mapping[str, bytes]
) -> dict[str, bytes]:
    """Return `mine` with the texts of headers and footers that changed from base to theirs.

    Headers belong to the letterhead; but a text that a person wrote there stays.
    """
    renewed = _renewed(base, theirs)
    made = dict(mine)
    for name in [name for name in mine if _HEADER.fullmatch(name)] if renewed else []:
        with changing(made, name) as root:
            for text in root.iter(w("t")):
                text.text = _replaced(text.text or "", renewed)
    return made


def _renewed(base: Mapping[str, bytes], theirs: Mapping[str, bytes]) -> dict[str, str]:
    """Return the texts of headers that changed, old to new; only headers of the same structure are compared."""
    renewed: dict[str, str] = {}
    for name in base:
        if _HEADER.fullmatch(name) and name in theirs:
            old, new = _texts(parse(base[name])), _texts(parse(theirs[name]))
            if len(old) == len(new):  # with another structure nobody can say which text became which
                renewed |= {before: after for before, after in zip(old, new, strict=True) if before != after}
    return {before: after for before, after in renewed.items() if before.strip()}


def _texts(root: etree._Element) -> list[str]:
    return [text.text or "" for text in root.iter(w("t"))]


def _replaced(text: str, renewed: Mapping[str, str]) -> str:
    for before, after in renewed.items():
        if text.strip() == before.strip():
            return text.replace(before.strip(), after.strip())
    return text
