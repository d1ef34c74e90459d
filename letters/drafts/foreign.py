"""Brings pieces of one DOCX into another: styles by their names; lists, links and notes under free ids."""

from __future__ import annotations

import copy

from lxml import etree

from letters.drafts.atoms import Paragraph
from letters.drafts.opening import DOCUMENT, FOOTNOTES
from letters.drafts.text import Document
from letters.formats.ooxml import R, Relations, W, add_content_type, parse, serialize, w

_NUMBERING = "word/numbering.xml"
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_LISTS, _LIST = w("abstractNum"), w("num")


class Importer:
    """Brings pieces of one document, the guest, into another, the host."""

    def __init__(self, guest: Document, host: Document) -> None:
        self._guest = guest
        self._host = host
        self._ids = {name: identifier for identifier, name in reversed(list(host.style_names.items()))}
        self._lists: dict[str, str] = {}

    def paragraph(self, paragraph: Paragraph) -> etree._Element:
        """Make an empty paragraph that looks as one of the guest's does."""
        made = etree.Element(w("p"))
        made.append(self.properties(paragraph))
        return made

    def properties(self, paragraph: Paragraph) -> etree._Element:
        """Copy the properties of one of the guest's paragraphs; those of its mark and of a section are left out."""
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
        """Copy a run of the guest."""
        made = copy.deepcopy(run)
        for style in list(made.iter(w("rStyle"))):
            self._rename_style(style)
        return made

    def _rename_style(self, style: etree._Element) -> None:
        """Call a style by the host's id of the same name; the host's plain text where it has none of that name."""
        name = self._guest.style_names.get(str(style.get(w("val"))), "")
        if name in self._ids:
            style.set(w("val"), self._ids[name])
        else:
            parent = style.getparent()
            if parent is not None:
                parent.remove(style)

    def _list(self, number: str) -> str:
        """Define a list of the guest in the host, once, and tell its number there."""
        if self._guest is self._host or number == "0":
            return number
        if number not in self._lists:
            self._lists[number] = _copy_list(self._guest.parts, self._host.parts, number)
        return self._lists[number]

    def note(self, identifier: str) -> etree._Element | None:
        """Copy a note of the guest to the host under a free id, without its words."""
        if self._guest.notes is None or self._host.notes is None:
            return None
        found = next((n for n in self._guest.notes.iter(w("footnote")) if n.get(w("id")) == identifier), None)
        if found is None:
            return None
        made = copy.deepcopy(found)
        taken = {int(n.get(w("id"), "0")) for n in self._host.notes.iter(w("footnote"))}
        made.set(w("id"), str(max(taken, default=0) + 1))
        for element in made.iter(w("p")):
            properties = element.find(w("pPr"))
            for child in list(element):
                element.remove(child)
            if properties is not None:
                element.append(self._properties(properties))
        self._host.notes.append(made)
        return made

    def link(self, parent: etree._Element, target: str) -> etree._Element:
        """Begin a link in a paragraph of the host."""
        made = etree.SubElement(parent, w("hyperlink"))
        if target.startswith("#"):
            made.set(w("anchor"), target[1:])
            return made
        name = FOOTNOTES if next(parent.iterancestors(w("footnote")), None) is not None else DOCUMENT
        path = name.replace("word/", "word/_rels/") + ".rels"
        relations = Relations(self._host.parts.get(path))
        known = {where: identifier for identifier, where in relations.hyperlinks().items()}
        made.set(f"{{{R}}}id", known.get(target) or relations.add("hyperlink", target, external=True))
        self._host.parts[path] = relations.to_bytes()
        return made

    def finish(self) -> dict[str, bytes]:
        """Write the host."""
        return self._host.to_parts()


def _copy_list(guest: dict[str, bytes], host: dict[str, bytes], number: str) -> str:
    if _NUMBERING not in guest or _NUMBERING not in host:
        return number
    source, target = parse(guest[_NUMBERING]), parse(host[_NUMBERING])
    instance = next((n for n in source.iter(_LIST) if n.get(w("numId")) == number), None)
    abstract_id = instance.find(w("abstractNumId")) if instance is not None else None
    wanted = abstract_id.get(w("val")) if abstract_id is not None else ""
    abstract = next((n for n in source.iter(_LISTS) if n.get(w("abstractNumId")) == wanted), None)
    if instance is None or abstract is None:
        return number
    instance, abstract = copy.deepcopy(instance), copy.deepcopy(abstract)
    new_abstract = str(max((int(n.get(w("abstractNumId"), "0")) for n in target.iter(_LISTS)), default=0) + 1)
    new_number = str(max((int(n.get(w("numId"), "0")) for n in target.iter(_LIST)), default=0) + 1)
    abstract.set(w("abstractNumId"), new_abstract)
    for identity in list(abstract.iter(w("nsid"))):
        abstract.remove(identity)
    instance.set(w("numId"), new_number)
    for reference in instance.iter(w("abstractNumId")):
        reference.set(w("val"), new_abstract)
    first = target.find(_LIST)
    if first is None:
        target.append(abstract)
    else:
        first.addprevious(abstract)
    target.append(instance)
    host[_NUMBERING] = serialize(target)
    return new_number


def ensure_notes(document: Document) -> None:
    """Give a document without notes the part for them, so that notes can be brought in."""
    if document.notes is None:
        raw = etree.Element(w("footnotes"), nsmap={"w": W})
        document.parts[FOOTNOTES] = serialize(raw)
        add_content_type(document.parts, FOOTNOTES, f"{_WORD}.footnotes+xml")
        relations = Relations(document.parts.get("word/_rels/document.xml.rels"))
        relations.add("footnotes", "footnotes.xml")
        document.parts["word/_rels/document.xml.rels"] = relations.to_bytes()
        document.notes = raw
