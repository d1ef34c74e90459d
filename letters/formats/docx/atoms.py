"""Records of the text of a DOCX, paragraphs of atoms, which are compared, and merged three ways atom by atom."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

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


class MergeSide(Enum):
    """Who made a change; BOTH if nobody or both did."""

    BOTH = "both"
    MINE = "mine"
    THEIRS = "theirs"


@dataclass(frozen=True, slots=True)
class MergedAtom:
    """An atom of the merged paragraph: kept, inserted by one side, or deleted by one side or by both."""

    atom: Atom
    side: MergeSide = MergeSide.BOTH
    deleted: bool = False
    base: Atom | None = None
    """The atom of the base, if it is kept."""
    theirs: Atom | None = None
    """The atom of the template's version, if it has one."""

    @property
    def new_look(self) -> MergeSide:
        """Who gave an atom of the base other formatting: I, before the template; BOTH if nobody did."""
        if self.base is None or (self.deleted and self.side is MergeSide.MINE):
            return MergeSide.BOTH
        if self.atom.emphasis != self.base.emphasis:
            return MergeSide.MINE
        is_theirs = self.theirs is not None and self.theirs.emphasis != self.base.emphasis
        return MergeSide.THEIRS if is_theirs else MergeSide.BOTH


@dataclass(frozen=True, slots=True)
class _SideEdit:
    """The changes of one side to a paragraph."""

    kept: dict[int, Atom]
    """The new versions of the atoms that were kept, by index in the base."""
    added: dict[int, list[Atom]]
    """The atoms that were inserted before an atom, by its index in the base."""
    instead: dict[int, list[Atom]]
    """What stands in the place of an atom that was taken out, by its index in the base."""


def merge(base: Sequence[Atom], mine: Sequence[Atom], theirs: Sequence[Atom]) -> list[MergedAtom]:
    """Return the merge of two changed versions of a text; nothing that either side wrote or kept is left out."""
    left, right = _edit(base, mine), _edit(base, theirs)
    merged: list[MergedAtom] = []
    for place in range(len(base) + 1):
        merged += _added(left.added.get(place, []), right.added.get(place, []), theirs)
        if place == len(base):
            break
        atom, my, their = base[place], left.kept.get(place), right.kept.get(place)
        # "my" is what stays in the document, so that what I wrote beside the words stays, too.
        if my and their:
            merged.append(MergedAtom(my, base=atom, theirs=their))
        elif my:
            merged.append(MergedAtom(my, MergeSide.THEIRS, deleted=True, base=atom))
        elif their:
            merged.append(MergedAtom(atom, MergeSide.MINE, deleted=True, base=atom, theirs=their))
        elif keys(left.instead[place]) != keys(right.instead[place]):
            # Each side put something else there: whoever rejects all has the former words again.
            merged.append(MergedAtom(atom, deleted=True, base=atom))
    return merged


def _added(mine: list[Atom], theirs: list[Atom], version: Sequence[Atom]) -> list[MergedAtom]:
    if mine and keys(mine) == keys(theirs):  # both made the same change: nobody has to settle it
        return [MergedAtom(atom) for atom in mine]
    blank = next((atom for atom in version if atom.is_space), None)
    if mine and theirs and blank and mine[-1].text[-1:].isalnum() and theirs[0].text[:1].isalnum():
        theirs = [blank, *theirs]  # the words of one do not run into those of the other
    return [MergedAtom(atom, MergeSide.MINE) for atom in mine] + [MergedAtom(atom, MergeSide.THEIRS) for atom in theirs]


def _edit(base: Sequence[Atom], changed: Sequence[Atom]) -> _SideEdit:
    edit = _SideEdit({}, {}, {})
    # Words that only look otherwise are kept: their formatting is a change of its own.
    old, new = ([(atom.plain, atom.link) for atom in atoms] for atoms in (base, changed))
    # autojunk would ignore frequent atoms, such as spaces, in long paragraphs.
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for kind, a, b, c, d in _coarse(matcher.get_opcodes(), base):
        if kind == "equal":
            edit.kept.update(zip(range(a, b), changed[c:d], strict=True))
        else:
            edit.instead.update((number, list(changed[c:d])) for number in range(a, b))
            if d > c:
                edit.added[b] = list(changed[c:d])
    return edit


def _coarse(
    codes: Sequence[tuple[str, int, int, int, int]], base: Sequence[Atom]
) -> list[tuple[str, int, int, int, int]]:
    """Join changes with only a space between them: one changed phrase is easier to read than its pieces."""
    joined: list[tuple[str, int, int, int, int]] = []
    for number, code in enumerate(codes):
        kind, a, b, c, d = code
        is_gap = kind == "equal" and 0 < number < len(codes) - 1 and all(atom.is_space for atom in base[a:b])
        changed = is_gap or kind != "equal"
        if changed and joined and joined[-1][0] == "replace":
            _, first, _, start, _ = joined[-1]
            joined[-1] = ("replace", first, b, start, d)
        else:
            joined.append(("replace" if changed else "equal", a, b, c, d))
    return joined
