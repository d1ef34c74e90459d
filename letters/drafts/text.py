"""Reads the text of a DOCX into paragraphs of atoms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lxml import etree

from letters.drafts.atoms import Paragraph, fingerprint, keys, texts_of
from letters.drafts.cleaning import clean
from letters.drafts.gathering import Reader
from letters.drafts.opening import DOCUMENT, FOOTNOTES
from letters.formats.ooxml import Relations, parse, serialize, w

_ALIASES = {"text body": "body text", "footnote": "footnote text"}
"""What LibreOffice calls Word's styles."""


@dataclass(slots=True)
class Document:
    """A DOCX with its text read; the elements belong to `body` and `notes`, which may be changed and written back."""

    parts: dict[str, bytes]
    body: etree._Element
    notes: etree._Element | None
    style_names: Mapping[str, str]
    """Names in small letters, by id."""
    paragraphs: list[Paragraph] = field(default_factory=list)

    @property
    def texts(self) -> list[str]:
        """The words, a line for each paragraph that has any, notes behind the paragraph they are called in."""
        return [text for paragraph in self.paragraphs for text in texts_of(paragraph) if text]

    def fingerprint(self) -> list[tuple[object, ...]]:
        """Tell what a change of words or emphasis changes, and saving by another program does not."""
        found: list[tuple[object, ...]] = []
        for paragraph in self.paragraphs:
            found += [fingerprint(paragraph)] * bool(keys(paragraph.atoms))
            found += [("end of a section",)] * paragraph.ends_section
        return found

    def to_parts(self) -> dict[str, bytes]:
        """Write the body and the notes back into the parts."""
        parts = {**self.parts, DOCUMENT: serialize(self.body)}
        return parts | ({FOOTNOTES: serialize(self.notes)} if self.notes is not None else {})


def read(parts: dict[str, bytes]) -> Document:
    """Read the text of a DOCX that was opened."""
    body = parse(parts[DOCUMENT])
    notes = parse(parts[FOOTNOTES]) if FOOTNOTES in parts else None
    names = style_names(parts)
    clean(body)
    reader = Reader(names, links(parts, DOCUMENT), {})
    if notes is not None:
        clean(notes)
        inner = Reader(names, links(parts, FOOTNOTES), {})
        reader.notes = {str(note.get(w("id"))): tuple(inner.paragraphs(note)) for note in notes.iter(w("footnote"))}
    return Document(parts, body, notes, names, list(reader.paragraphs(body)))


def style_names(parts: Mapping[str, bytes]) -> dict[str, str]:
    """List the names of styles by id, in small letters, as Word calls them."""
    if "word/styles.xml" not in parts:
        return {}
    found = {}
    for style in parse(parts["word/styles.xml"]).iter(w("style")):
        name = style.find(w("name"))
        if name is not None:
            lower = str(name.get(w("val"))).lower()
            found[str(style.get(w("styleId")))] = _ALIASES.get(lower, lower)
    return found


def links(parts: Mapping[str, bytes], name: str) -> dict[str, str]:
    """List where the links of a part go, by id."""
    relations = parts.get(name.replace("word/", "word/_rels/") + ".rels")
    return Relations(relations).hyperlinks() if relations else {}
