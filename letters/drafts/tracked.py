"""Writes the differences of two or three versions of a DOCX as native tracked changes, inside notes too."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lxml import etree

from letters import words
from letters.drafts.atoms import NOTE, Atom, Paragraph
from letters.drafts.foreign import Importer, ensure_notes
from letters.drafts.text import Document
from letters.drafts.threeway import Piece, Side, merge
from letters.formats.ooxml import w

_FIRST_ID = 90_000
"""Ids of our tracked changes begin here, far above those of any letter."""


@dataclass(frozen=True, slots=True)
class Authors:
    """Whose names stand at the changes, and when they are said to be made (ISO 8601)."""

    mine: str
    theirs: str
    date: str

    def of(self, side: Side) -> str:
        """Name the author of a side."""
        return self.mine if side is Side.MINE else self.theirs


def redline(old: Document, new: Document, author: str, date: str) -> dict[str, bytes]:
    """Write the new document with all that changed since the old one as tracked changes of one author."""
    return write_merged(old, new, old, Authors(author, author, date))


def write_merged(base: Document, mine: Document, theirs: Document, authors: Authors) -> dict[str, bytes]:
    """Write what two sides made of one document: both sides' changes stand in it as tracked changes.

    The result is `mine`, which is changed in place, with everything that a person put into it beside the words.
    Changes that both sides made alike are not marked. `mine` should hold no tracked changes of its own.
    """
    ensure_notes(mine)
    writer = _Writer(
        authors, {Side.MINE: Importer(base, mine), Side.THEIRS: Importer(theirs, mine)}, Importer(base, mine)
    )
    writer.paragraphs(base.paragraphs, mine.paragraphs, theirs.paragraphs, mine.body)
    return writer.importer.finish()


@dataclass(slots=True)
class _Writer:
    authors: Authors
    sources: dict[Side, Importer]
    importer: Importer
    number: int = _FIRST_ID

    def paragraphs(
        self,
        base: Sequence[Paragraph],
        mine: Sequence[Paragraph],
        theirs: Sequence[Paragraph],
        root: etree._Element,
    ) -> None:
        """Merge a run of paragraphs: of the body, or of one note."""
        old = [p.text for p in base]
        my = {i: j for i, j in words.pairs(old, [p.text for p in mine]) if i is not None and j is not None}
        pairs = list(words.pairs(old, [p.text for p in theirs]))
        their = {i: j for i, j in pairs if i is not None and j is not None}
        anchors: dict[int, etree._Element] = {}
        last: etree._Element | None = None
        for i, paragraph in enumerate(base):
            version = theirs[their[i]] if i in their else None
            if i in my:
                last = self._changed(paragraph, mine[my[i]], version)
            elif version is not None:
                last = self._taken_out_by_me(paragraph, version, last, root)
            if last is not None:
                anchors[i] = last
        for j in sorted(set(range(len(mine))) - set(my.values())):
            self._put_in_by_me(mine[j])
        self._put_in_by_them(pairs, theirs, anchors, root)

    def _changed(self, base: Paragraph, mine: Paragraph, theirs: Paragraph | None) -> etree._Element:
        pieces = merge(base.atoms, mine.atoms, theirs.atoms if theirs else ())
        if any(piece.side is not Side.BOTH for piece in pieces):
            self._rewrite(mine.element, pieces, mine.after)
        else:
            self._notes(pieces)
        self._looks(base, mine, theirs)
        if theirs is None and base.atoms and not mine.ends_section:
            self._mark(mine.element, "del", Side.THEIRS)
        return mine.element

    def _looks(self, base: Paragraph, mine: Paragraph, theirs: Paragraph | None) -> None:
        """Track a change of style or list: mine, or where I made none, theirs, which is then taken over."""
        if _look(mine) != _look(base):
            self._remember(mine.element, self.importer.properties(base), Side.MINE)
        elif theirs is not None and _look(theirs) != _look(base):
            before = mine.element.find(w("pPr"))
            remembered = copy.deepcopy(before) if before is not None else etree.Element(w("pPr"))
            new = self.sources[Side.THEIRS].properties(theirs)
            for kept in remembered.findall(w("sectPr")):
                new.append(copy.deepcopy(kept))
                remembered.remove(kept)
            if before is not None:
                mine.element.remove(before)
            mine.element.insert(0, new)
            self._remember(mine.element, remembered, Side.THEIRS)

    def _remember(self, paragraph: etree._Element, before: etree._Element, side: Side) -> None:
        """Write down what the properties of a paragraph were, at the end of what they are (17.13.5.29)."""
        for child in [child for child in before if child.tag in (w("rPr"), w("sectPr"), w("pPrChange"))]:
            before.remove(child)
        properties = paragraph.find(w("pPr"))
        if properties is None:
            properties = etree.Element(w("pPr"))
            paragraph.insert(0, properties)
        change = etree.SubElement(properties, w("pPrChange"), self._attributes(side))
        change.append(before)

    def _taken_out_by_me(
        self, base: Paragraph, theirs: Paragraph, last: etree._Element | None, root: etree._Element
    ) -> etree._Element | None:
        if not base.atoms:
            return last
        element = self.importer.paragraph(base)
        self._place(element, last, root, base)
        self._rewrite(element, merge(base.atoms, (), theirs.atoms), ())
        self._mark(element, "del", Side.MINE)
        return element

    def _put_in_by_me(self, mine: Paragraph) -> None:
        if mine.atoms:
            self._rewrite(mine.element, [Piece(atom, Side.MINE) for atom in mine.atoms], mine.after)
            if not mine.ends_section:
                self._mark(mine.element, "ins", Side.MINE)

    def _put_in_by_them(
        self,
        pairs: Sequence[tuple[int | None, int | None]],
        theirs: Sequence[Paragraph],
        anchors: dict[int, etree._Element],
        root: etree._Element,
    ) -> None:
        last: etree._Element | None = None
        for i, j in pairs:
            if i is not None:
                last = anchors.get(i, last)
            elif j is not None and theirs[j].atoms:
                element = self.sources[Side.THEIRS].paragraph(theirs[j])
                self._place(element, last, root, theirs[j])
                self._rewrite(element, [Piece(atom, Side.THEIRS) for atom in theirs[j].atoms], ())
                self._mark(element, "ins", Side.THEIRS)
                last = element

    def _place(
        self, element: etree._Element, last: etree._Element | None, root: etree._Element, like: Paragraph
    ) -> None:
        """Put a new paragraph behind the last one, outside of the table that this one stands in unless it does too."""
        if last is None:
            first = next(root.iter(w("p")))
            (_outermost(first) if not like.in_table else first).addprevious(element)
            return
        (last if like.in_table else _outermost(last)).addnext(element)

    def _rewrite(self, element: etree._Element, pieces: Sequence[Piece], after: Sequence[etree._Element]) -> None:
        """Write the content of a paragraph anew from merged pieces."""
        for child in [child for child in element if child.tag != w("pPr")]:
            element.remove(child)
        for (side, deleted, link), group in _grouped(pieces):
            for silent in group[0].atom.before:
                self._silent(element, silent, _is_mine(group[0]))
            parent = self.importer.link(element, link) if link else element
            container = parent if side is Side.BOTH else self._revision(parent, "del" if deleted else "ins", side)
            for run in self._runs(group, side, deleted=deleted):
                container.append(run)
        for silent in after:
            self._silent(element, silent, not pieces or _is_mine(pieces[-1]))

    def _silent(self, element: etree._Element, silent: etree._Element, is_mine: bool) -> None:
        """Copy a silent element; of another document's only the number at the beginning of a note."""
        if is_mine:
            element.append(copy.deepcopy(silent))
        elif silent.find(w("footnoteRef")) is not None:
            element.append(self.importer.run(silent))

    def _runs(self, group: Sequence[Piece], side: Side, *, deleted: bool) -> Iterator[etree._Element]:
        """Write the runs of neighbouring pieces, texts of the same looks in one run."""
        last: etree._Element | None = None
        for piece in group:
            for original in self._own(piece, side, deleted=deleted):
                run = original
                if deleted:
                    _as_deleted(run)
                if last is not None and _joins(last, run):
                    last[-1].text = (last[-1].text or "") + (run[-1].text or "")
                    continue
                if last is not None:
                    yield last
                last = run
        if last is not None:
            yield last

    def _own(self, piece: Piece, side: Side, *, deleted: bool) -> list[etree._Element]:
        """Copy the runs of a piece as the merged document wants them: its own as they are, others imported."""
        atom = piece.atom
        if _is_mine(piece):
            runs = [copy.deepcopy(run) for run in atom.runs]
            if atom.key == NOTE:
                self._note_of_mine(piece, side, deleted=deleted)
            return runs
        source = self.sources[Side.MINE if deleted else Side.THEIRS]
        runs = [source.run(run) for run in atom.runs]
        if atom.key == NOTE:
            self._imported_note(source, atom, runs, side, deleted=deleted)
        return runs

    def _notes(self, pieces: Sequence[Piece]) -> None:
        """Merge the notes of a paragraph whose own words nobody changed."""
        for piece in pieces:
            if piece.atom.key == NOTE:
                self._note_of_mine(piece, Side.BOTH, deleted=False)

    def _note_of_mine(self, piece: Piece, side: Side, *, deleted: bool) -> None:
        """Merge a note that stands in my document: kept by both, put in by me, or taken out by them."""
        mine = piece.atom.note
        if not mine:
            return
        root = next(mine[0].element.iterancestors(w("footnote")))
        if side is Side.BOTH and piece.base and piece.theirs:
            self.paragraphs(piece.base.note, mine, piece.theirs.note, root)
        elif side is not Side.BOTH:
            for paragraph in mine:
                pieces = [Piece(atom, side, deleted=deleted) for atom in paragraph.atoms]
                self._rewrite(paragraph.element, pieces, paragraph.after)

    def _imported_note(
        self, source: Importer, atom: Atom, runs: Sequence[etree._Element], side: Side, *, deleted: bool
    ) -> None:
        note = source.note(atom.note_id)
        if note is None:
            return
        for run in runs:
            for reference in run.iter(w("footnoteReference")):
                reference.set(w("id"), str(note.get(w("id"))))
        for element, paragraph in zip(note.iter(w("p")), atom.note, strict=False):
            self._rewrite(element, [Piece(each, side, deleted=deleted) for each in paragraph.atoms], paragraph.after)

    def _revision(self, parent: etree._Element, kind: str, side: Side) -> etree._Element:
        return etree.SubElement(parent, w(kind), self._attributes(side))

    def _mark(self, paragraph: etree._Element, kind: str, side: Side) -> None:
        """Mark the end of a paragraph as put in or taken out; this comes first in its properties (17.3.1.29)."""
        properties = paragraph.find(w("pPr"))
        if properties is None:
            properties = etree.Element(w("pPr"))
            paragraph.insert(0, properties)
        of_mark = properties.find(w("rPr"))
        if of_mark is None:
            of_mark = etree.Element(w("rPr"))
            place = next((n for n, each in enumerate(properties) if each.tag in (w("sectPr"), w("pPrChange"))), None)
            properties.insert(len(properties) if place is None else place, of_mark)
        of_mark.insert(0, etree.Element(w(kind), self._attributes(side)))

    def _attributes(self, side: Side) -> dict[str, str]:
        self.number += 1
        return {w("id"): str(self.number), w("author"): self.authors.of(side), w("date"): self.authors.date}


def _look(paragraph: Paragraph) -> tuple[str, int]:
    return paragraph.style, paragraph.level


def _is_mine(piece: Piece) -> bool:
    """Tell whether an atom stands in my document: it is kept, put in by me, or taken out by them."""
    return piece.side is Side.BOTH or (piece.side is Side.MINE) != piece.deleted


def _outermost(element: etree._Element) -> etree._Element:
    """Find the outermost table around an element, or the element itself."""
    return next(reversed(list(element.iterancestors(w("tbl")))), element)


def _grouped(pieces: Sequence[Piece]) -> Iterator[tuple[tuple[Side, bool, str], list[Piece]]]:
    group: list[Piece] = []
    for piece in pieces:
        if group and (_kind(group[-1]) != _kind(piece) or piece.atom.before):
            yield _kind(group[0]), group
            group = []
        group.append(piece)
    if group:
        yield _kind(group[0]), group


def _kind(piece: Piece) -> tuple[Side, bool, str]:
    return piece.side, piece.deleted, piece.atom.link


def _as_deleted(run: etree._Element) -> None:
    for plain, deleted in (("t", "delText"), ("instrText", "delInstrText")):
        for element in list(run.iter(w(plain))):
            element.tag = w(deleted)


def _joins(first: etree._Element, second: etree._Element) -> bool:
    """Tell whether the text of a run can go on in the one before."""
    texts = (w("t"), w("delText"))
    if not (len(first) and len(second)) or first[-1].tag not in texts or second[-1].tag != first[-1].tag:
        return False
    if len(first.findall(first[-1].tag)) != 1 or len(second.findall(second[-1].tag)) != 1:
        return False
    looks = [b"".join(etree.tostring(each) for each in run.findall(w("rPr"))) for run in (first, second)]
    return looks[0] == looks[1]
