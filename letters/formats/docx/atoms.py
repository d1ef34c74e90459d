"""Records of the text of a DOCX: paragraphs of atoms, which are compared, with the runs that they come from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lxml import etree

from letters.formats import text_diff
from letters.formats.ooxml import w

NOTE, PICTURE, FIELD = "\ufffcnote", "\ufffcpicture", "\ufffcfield"
"""The keys of atoms that are not text."""
_BOLD = "b"
_OF_PARAGRAPH = 4
"""How much of a fingerprint is of the paragraph and not of its words: notes are compared by their words."""


@dataclass(frozen=True, slots=True)
class Atom:
    """A word, a space, a punctuation mark, a note or a thing that is not text, with its runs."""

    key: str
    """The value that is compared: the emphasis and the text, with quotation marks folded."""
    text: str
    runs: tuple[etree._Element, ...]
    link: str = ""
    """Target of the hyperlink around it."""
    note: tuple[DocxParagraph, ...] = ()
    note_id: str = ""
    revision: str = ""
    """"ins" or "del" inside a tracked change; else empty."""
    before: tuple[etree._Element, ...] = ()
    """Elements in front of it that show nothing, such as the start of the range of a comment."""
    emphasis: str = ""
    """The beginning of the key that tells its formatting, such as bold; empty for plain text."""

    @property
    def plain(self) -> str:
        """The key without the formatting: what is said, however it looks."""
        return self.key[len(self.emphasis) :]

    @property
    def is_space(self) -> bool:
        """Whether it is only white space."""
        return bool(self.text) and not self.text.strip()


@dataclass(frozen=True, slots=True)
class DocxParagraph:
    """A paragraph of the body, of a table cell or of a note."""

    element: etree._Element
    style: str
    """The name of its style, in lower case."""
    level: int
    """The level in a list, from 0; -1 outside of lists."""
    atoms: tuple[Atom, ...]
    after: tuple[etree._Element, ...] = ()
    """Elements behind the last atom that show nothing."""
    label: str = ""
    """The number or bullet that Word shows before it."""

    @property
    def text(self) -> str:
        """The text on one line, without what a tracked change deletes."""
        return text_diff.one_line("".join(atom.text for atom in self.atoms if atom.revision != "del"))

    @property
    def in_table(self) -> bool:
        """Whether it is in a cell of a table."""
        return next(self.element.iterancestors(w("tc")), None) is not None

    @property
    def ends_section(self) -> bool:
        """Whether it holds the properties of the section that it ends (17.6.18)."""
        return self.element.find(f"{w('pPr')}/{w('sectPr')}") is not None


def texts_of(paragraph: DocxParagraph) -> Iterator[str]:
    """Yield the text of a paragraph, then the texts of its notes."""
    yield paragraph.text
    for atom in paragraph.atoms:
        if atom.revision != "del":
            for inner in atom.note:
                yield inner.text


def fingerprint(paragraph: DocxParagraph) -> tuple[object, ...]:
    """Return a value that a change of words, emphasis, style, list or number changes."""
    found = keys(paragraph.atoms)
    if _heads_table(paragraph):
        found = [key.removeprefix(f"{_BOLD}|") if isinstance(key, str) else key for key in found]
    return (paragraph.style, paragraph.level, paragraph.label, paragraph.in_table, *found)


def _heads_table(paragraph: DocxParagraph) -> bool:
    """Return whether it is in the first row of a table.

    The table style sets such a row in bold; LibreOffice writes that to each of its runs.
    """
    row = next(paragraph.element.iterancestors(w("tr")), None)
    return (
        row is not None
        and row.getprevious() is not None
        and next(row.itersiblings(w("tr"), preceding=True), None) is None
    )


def keys(atoms: Sequence[Atom]) -> list[object]:
    """Return the values that atoms are compared by: keys, tracked changes, notes, links; outer spaces do not count."""
    found: list[object] = []
    for atom in atoms:
        note = tuple(fingerprint(inner)[_OF_PARAGRAPH:] for inner in atom.note)
        key: object = (atom.key, atom.revision, note) if note or atom.revision else atom.key
        key = (key, atom.link) if atom.link else key
        # Spaces at the ends, and one behind another, are not seen; programs drop them.
        if key != " " or (found and found[-1] != " "):
            found.append(key)
    return found[:-1] if found and found[-1] == " " else found
