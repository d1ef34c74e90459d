"""The text of a DOCX as atoms: words and marks that are compared, with the runs they stand in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lxml import etree

from letters import words
from letters.formats.ooxml import w

NOTE, PICTURE, FIELD = "\ufffcnote", "\ufffcpicture", "\ufffcfield"
"""The keys of atoms that are not text."""
_BOLD = "b"


@dataclass(frozen=True, slots=True)
class Atom:
    """A word, a space, a mark, a note or a thing that is not text, with the runs it stands in."""

    key: str
    """What is compared: the text, quotation marks folded, and how it is emphasised."""
    text: str
    runs: tuple[etree._Element, ...]
    link: str = ""
    """Where the link goes that it stands in."""
    note: tuple[Paragraph, ...] = ()
    note_id: str = ""
    revision: str = ""
    """"ins" or "del" where it stands in somebody's tracked change."""
    before: tuple[etree._Element, ...] = ()
    """Silent elements in front of it, such as the beginning of a comment's range."""

    @property
    def is_space(self) -> bool:
        """Whether it is only white space."""
        return bool(self.text) and not self.text.strip()


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of the body, of a table cell or of a note."""

    element: etree._Element
    style: str
    """The name of its style, in small letters."""
    level: int
    """The level in a list, from 0; -1 outside of lists."""
    atoms: tuple[Atom, ...]
    after: tuple[etree._Element, ...] = ()
    """Silent elements behind the last atom."""

    @property
    def text(self) -> str:
        """The words, in one line, without those that are deleted by a tracked change."""
        return words.one_line("".join(atom.text for atom in self.atoms if atom.revision != "del"))

    @property
    def in_table(self) -> bool:
        """Whether it stands in a cell of a table."""
        return next(self.element.iterancestors(w("tc")), None) is not None

    @property
    def ends_section(self) -> bool:
        """Whether the set-up of a section hangs on it."""
        return self.element.find(f"{w('pPr')}/{w('sectPr')}") is not None


def texts_of(paragraph: Paragraph) -> Iterator[str]:
    """Yield the words of a paragraph, then those of its notes."""
    yield paragraph.text
    for atom in paragraph.atoms:
        if atom.revision != "del":
            for inner in atom.note:
                yield inner.text


def fingerprint(paragraph: Paragraph) -> tuple[object, ...]:
    """Tell what a change of words, emphasis, style or list changes in a paragraph."""
    found = keys(paragraph.atoms)
    if _heads_table(paragraph):
        found = [key.removeprefix(f"{_BOLD}|") if isinstance(key, str) else key for key in found]
    return (paragraph.style, paragraph.level, paragraph.in_table, *found)


def _heads_table(paragraph: Paragraph) -> bool:
    """Tell whether it stands in the first row of a table, whose words are bold; LibreOffice says so at each of them."""
    row = next(paragraph.element.iterancestors(w("tr")), None)
    return (
        row is not None
        and row.getprevious() is not None
        and next(row.itersiblings(w("tr"), preceding=True), None) is None
    )


def keys(atoms: Sequence[Atom]) -> list[object]:
    """List what atoms are compared by, with their tracked changes, notes and links; outer spaces do not count."""
    found: list[object] = []
    for atom in atoms:
        note = tuple(fingerprint(inner)[3:] for inner in atom.note)
        key: object = (atom.key, atom.revision, note) if note or atom.revision else atom.key
        key = (key, atom.link) if atom.link else key
        if key != " " or (found and found[-1] != " "):
            found.append(key)
    return found[:-1] if found and found[-1] == " " else found
