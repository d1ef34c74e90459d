"""Writes the differences of two or three versions of a DOCX as native tracked changes, inside notes too.

Clause numbers are those of ECMA-376 part 1.
"""

from __future__ import annotations

import copy
import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lxml import etree

from letters.drafts.transfer import DocxImporter, ensure_notes
from letters.formats import text_diff
from letters.formats.docx.atoms import NOTE, Atom, DocxParagraph, MergedAtom, MergeSide, merge
from letters.formats.docx.text import DocxText, contents_texts, is_contents
from letters.formats.ooxml import w

_ID = re.compile(rb' w:id="\d+"')
_FIRST_ID = 90_000
"""First id of our tracked changes, above all ids of any letter: ids are unique in a document (17.13.5)."""


@dataclass(frozen=True, slots=True)
class Authors:
    """The authors of the changes of both sides, and the date of all changes (ISO 8601)."""

    mine: str
    theirs: str
    date: str

    def of(self, side: MergeSide) -> str:
        """Return the author of a side, or of what both took out in favour of different words."""
        if side is MergeSide.BOTH:
            return f"{self.mine} and {self.theirs}"
        return self.mine if side is MergeSide.MINE else self.theirs


def redline(old: DocxText, new: DocxText, author: str, date: str) -> dict[str, bytes]:
    """Return the parts of the new document with all changes since the old one as tracked changes of one author."""
    return write_merged(old, new, old, Authors(author, author, date))


def write_merged(base: DocxText, mine: DocxText, theirs: DocxText, authors: Authors) -> dict[str, bytes]:
    """Return the parts of the merge of two versions of one document, the changes of both sides as tracked changes.

    The result is `mine`, which is changed in place, with everything that a person put into it besides text. Changes
    that both sides made alike are not marked. `mine` should hold no tracked changes of its own.
    """
    ensure_notes(mine)
    writer = _TrackedWriter(authors, DocxImporter(base, mine), DocxImporter(theirs, mine))
    versions = [each.after(base) for each in (base, mine, theirs)]
    # Contents that a program made stay as they are; once somebody wrote into them, they are text like any other.
    typed = any(map(contents_texts, versions))
    old, my, their = (each.paragraphs if typed else each.without_contents() for each in versions)
    writer.paragraphs(old, my, their, mine.body)
    return mine.to_parts()


@dataclass(slots=True)
class _TrackedWriter:
    authors: Authors
    from_base: DocxImporter
    from_theirs: DocxImporter
    number: int = _FIRST_ID

    def paragraphs(
        self,
        base: Sequence[DocxParagraph],
        mine: Sequence[DocxParagraph],
        theirs: Sequence[DocxParagraph],
        root: etree._Element,
    ) -> None:
        """Merge the paragraphs of the body or of one note, under `root`."""
        # Both versions are paired with the base, paragraph by paragraph; within a pair atoms are merged.
        old = [p.text for p in base]
        my_pairs, pairs = (list(text_diff.pairs(old, [p.text for p in version])) for version in (mine, theirs))
        my = {i: j for i, j in my_pairs if i is not None and j is not None}
        their = {i: j for i, j in pairs if i is not None and j is not None}
        # What both took out is settled, unless one of them wrote something else in its place.
        replaced = {i for each in (my_pairs, pairs) for i in _replaced(each)}
        anchors: dict[int, etree._Element] = {}
        last: etree._Element | None = None
        for i, paragraph in enumerate(base):
            version = theirs[their[i]] if i in their else None
            if i in my:
                last = self._changed(paragraph, mine[my[i]], version)
            elif version is not None:
                last = self._deleted_by_me(paragraph, merge(paragraph.atoms, (), version.atoms), last, root)
            elif i in replaced:
                gone = [MergedAtom(atom, deleted=True, base=atom) for atom in paragraph.atoms]
                last = self._deleted_by_me(paragraph, gone, last, root)
            if last is not None:
                anchors[i] = last
        for j in sorted(set(range(len(mine))) - set(my.values())):
            self._inserted_by_me(mine[j])
        self._inserted_by_them(pairs, theirs, anchors, root)

    def _changed(self, base: DocxParagraph, mine: DocxParagraph, theirs: DocxParagraph | None) -> etree._Element:
        pieces = merge(base.atoms, mine.atoms, theirs.atoms if theirs else ())
        if any(
            piece.deleted or piece.side is not MergeSide.BOTH or piece.new_look is not MergeSide.BOTH
            for piece in pieces
        ):
            self._rewrite(mine.element, pieces, mine.after)
        else:  # the runs stay as they are, with all that was not read as atoms
            self._notes(pieces)
        self._looks(base, mine, theirs)
        # A paragraph that ends a section keeps its mark: without it an enclosure would run into the letter.
        if theirs is None and base.atoms and not mine.ends_section and not _leaves_words(pieces):
            self._mark(mine.element, "del", MergeSide.THEIRS)
        return mine.element

    def _looks(self, base: DocxParagraph, mine: DocxParagraph, theirs: DocxParagraph | None) -> None:
        """Track a change of style or list: mine, or if I made none theirs, which is then applied."""
        if is_contents(base.style) and not base.atoms:
            return  # lines without words are paired by chance
        if _look(mine) != _look(base):
            self._remember(mine.element, self.from_base.properties(base), MergeSide.MINE)
        elif theirs is not None and _look(theirs) != _look(base):
            before = mine.element.find(w("pPr"))
            remembered = copy.deepcopy(before) if before is not None else etree.Element(w("pPr"))
            new = self.from_theirs.properties(theirs)
            # The section is no property of the paragraph: it stays mine, and is not part of the record.
            for kept in remembered.findall(w("sectPr")):
                new.append(copy.deepcopy(kept))
                remembered.remove(kept)
            if before is not None:
                mine.element.remove(before)
            mine.element.insert(0, new)
            self._remember(mine.element, remembered, MergeSide.THEIRS)

    def _remember(self, paragraph: etree._Element, before: etree._Element, side: MergeSide) -> None:
        """Record the former properties of a paragraph at the end of its present ones (17.13.5.29)."""
        for child in [child for child in before if child.tag in (w("rPr"), w("sectPr"), w("pPrChange"))]:
            before.remove(child)
        properties = _properties_of(paragraph)
        # Order of the children of pPr: …, rPr, sectPr, pPrChange (17.3.1.26).
        change = etree.SubElement(properties, w("pPrChange"), self._attributes(side))
        change.append(before)

    def _deleted_by_me(
        self, base: DocxParagraph, pieces: Sequence[MergedAtom], last: etree._Element | None, root: etree._Element
    ) -> etree._Element | None:
        if not base.atoms:
            return last  # an empty paragraph: nothing to show as deleted
        element = self.from_base.paragraph(base)
        self._place(element, last, root, base)
        self._rewrite(element, pieces, ())
        if not _leaves_words(pieces):
            is_mine = any(piece.side is MergeSide.MINE for piece in pieces)
            self._mark(element, "del", MergeSide.MINE if is_mine else MergeSide.BOTH)
        return element

    def _inserted_by_me(self, mine: DocxParagraph) -> None:
        if mine.atoms:
            self._rewrite(mine.element, [MergedAtom(atom, MergeSide.MINE) for atom in mine.atoms], mine.after)
            if not mine.ends_section:
                self._mark(mine.element, "ins", MergeSide.MINE)

    def _inserted_by_them(
        self,
        pairs: Sequence[tuple[int | None, int | None]],
        theirs: Sequence[DocxParagraph],
        anchors: dict[int, etree._Element],
        root: etree._Element,
    ) -> None:
        last: etree._Element | None = None
        for i, j in pairs:
            if i is not None:  # what they inserted follows what it followed in their version
                last = anchors.get(i, last)
            elif j is not None and theirs[j].atoms:
                element = self.from_theirs.paragraph(theirs[j])
                self._place(element, last, root, theirs[j])
                self._rewrite(element, [MergedAtom(atom, MergeSide.THEIRS) for atom in theirs[j].atoms], ())
                self._mark(element, "ins", MergeSide.THEIRS)
                last = element

    def _place(
        self, element: etree._Element, last: etree._Element | None, root: etree._Element, like: DocxParagraph
    ) -> None:
        """Insert a new paragraph behind the last one; behind the table of the last one, unless it is of a cell, too."""
        if last is None:  # the new paragraph is the first
            first = next(root.iter(w("p")))
            (_outermost(first) if not like.in_table else first).addprevious(element)
            return
        (last if like.in_table else _outermost(last)).addnext(element)

    def _rewrite(self, element: etree._Element, pieces: Sequence[MergedAtom], after: Sequence[etree._Element]) -> None:
        """Replace the content of a paragraph by merged atoms."""
        for child in [child for child in element if child.tag != w("pPr")]:
            element.remove(child)
        for (side, deleted, link), group in _grouped(pieces):
            for silent in group[0].atom.before:
                self._silent(element, silent, _is_mine(group[0]))
            # Tracked changes hold runs, no hyperlinks (17.13.5.18), so the hyperlink is around them.
            parent = self.from_base.link(element, link) if link else element
            is_settled = side is MergeSide.BOTH and not deleted
            if not is_settled:
                parent = etree.SubElement(parent, w("del" if deleted else "ins"), self._attributes(side))
            parent.extend(self._runs(group, side, deleted=deleted))
        for silent in after:
            self._silent(element, silent, not pieces or _is_mine(pieces[-1]))

    def _silent(self, element: etree._Element, silent: etree._Element, is_mine: bool) -> None:
        """Copy an element that shows nothing; from another document only the mark of a note's number (17.11.13)."""
        if is_mine:
            element.append(copy.deepcopy(silent))
        elif silent.find(w("footnoteRef")) is not None:
            element.append(self.from_base.run(silent))

    def _runs(self, group: Sequence[MergedAtom], side: MergeSide, *, deleted: bool) -> Iterator[etree._Element]:
        """Yield the runs of adjacent atoms, texts with the same formatting in one run."""
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

    def _own(self, piece: MergedAtom, side: MergeSide, *, deleted: bool) -> list[etree._Element]:
        """Return the runs of an atom for the merged document: its own as they are, others imported."""
        atom = piece.atom
        if _is_mine(piece):
            runs = [self._with_looks(copy.deepcopy(run), piece) for run in atom.runs]
            if atom.key == NOTE:
                self._note_of_mine(piece, side, deleted=deleted)
            return runs
        # A deleted atom comes from the base: the importer of my side copies from it.
        source = self.from_base if deleted else self.from_theirs
        runs = [source.run(run) for run in atom.runs]
        if atom.key == NOTE:
            changed = piece.theirs.note if deleted and piece.theirs else ()
            self._imported_note(source, atom, runs, side, changed, deleted=deleted)
        return runs

    def _with_looks(self, run: etree._Element, piece: MergedAtom) -> etree._Element:
        """Record a change of formatting in a run of mine, with the former one (17.13.5.31); theirs is applied first."""
        side = piece.new_look
        if side is MergeSide.BOTH or piece.base is None:
            return run
        before = _looks_of(self.from_base.run(piece.base.runs[0]))
        now = run.find(w("rPr"))
        if side is MergeSide.THEIRS and piece.theirs is not None:
            if now is not None:
                before = now
                run.remove(now)
            now = _looks_of(self.from_theirs.run(piece.theirs.runs[0]))
            run.insert(0, now)
        elif now is None:
            now = etree.Element(w("rPr"))
            run.insert(0, now)
        etree.SubElement(now, w("rPrChange"), self._attributes(side)).append(before)
        return run

    def _notes(self, pieces: Sequence[MergedAtom]) -> None:
        """Merge the notes of a paragraph whose own text nobody changed."""
        for piece in pieces:
            if piece.atom.key == NOTE:
                self._note_of_mine(piece, MergeSide.BOTH, deleted=False)

    def _note_of_mine(self, piece: MergedAtom, side: MergeSide, *, deleted: bool) -> None:
        """Merge a note of my document: kept by both, inserted by me, or deleted by them."""
        mine = piece.atom.note
        if not mine:
            return
        root = next(mine[0].element.iterancestors(w("footnote")))
        # A note that both kept is merged like the body, with a redline of its own.
        if side is MergeSide.BOTH and piece.base and piece.theirs:
            self.paragraphs(piece.base.note, mine, piece.theirs.note, root)
        elif side is not MergeSide.BOTH:
            # In a note that they deleted, what I put in is still mine.
            former = piece.base.note if deleted and piece.base else ()
            for number, paragraph in enumerate(mine):
                pieces = [MergedAtom(atom, side, deleted=deleted) for atom in paragraph.atoms]
                if len(former) == len(mine):
                    pieces = merge(former[number].atoms, paragraph.atoms, ())
                self._rewrite(paragraph.element, pieces, paragraph.after)

    def _imported_note(
        self,
        source: DocxImporter,
        atom: Atom,
        runs: Sequence[etree._Element],
        side: MergeSide,
        changed: Sequence[DocxParagraph],
        *,
        deleted: bool,
    ) -> None:
        """Write a note of another document: put in by them, or deleted by me, with what they had made of it."""
        note = source.note(atom.note_id)
        if note is None:
            return
        for run in runs:
            for reference in run.iter(w("footnoteReference")):
                reference.set(w("id"), str(note.get(w("id"))))
        for number, (element, paragraph) in enumerate(zip(note.iter(w("p")), atom.note, strict=False)):
            pieces = [MergedAtom(each, side, deleted=deleted) for each in paragraph.atoms]
            if len(changed) == len(atom.note):
                pieces = merge(paragraph.atoms, (), changed[number].atoms)
            self._rewrite(element, pieces, paragraph.after)

    def _mark(self, paragraph: etree._Element, kind: str, side: MergeSide) -> None:
        """Mark the end of a paragraph as inserted or deleted, first in the properties of its mark (17.3.1.29)."""
        properties = _properties_of(paragraph)
        of_mark = properties.find(w("rPr"))
        if of_mark is None:
            of_mark = etree.Element(w("rPr"))
            # The properties of the mark come before the section and the record of a change (17.3.1.26).
            place = next((n for n, each in enumerate(properties) if each.tag in (w("sectPr"), w("pPrChange"))), None)
            properties.insert(len(properties) if place is None else place, of_mark)
        of_mark.insert(0, etree.Element(w(kind), self._attributes(side)))

    def _attributes(self, side: MergeSide) -> dict[str, str]:
        self.number += 1  # each change has an id of its own
        return {w("id"): str(self.number), w("author"): self.authors.of(side), w("date"): self.authors.date}


def _replaced(pairs: Sequence[tuple[int | None, int | None]]) -> Iterator[int]:
    """Yield the paragraphs of the base in whose place a version has others, which are not like them."""
    for is_kept, group in itertools.groupby(pairs, key=lambda pair: None not in pair):
        changed = list(group)
        if not is_kept and any(i is None for i, _ in changed):
            yield from (i for i, _ in changed if i is not None)


def _leaves_words(pieces: Sequence[MergedAtom]) -> bool:
    """Return whether one side wrote words into a paragraph that the other took out: its end stays with them."""
    return any(not piece.deleted and not piece.atom.is_space for piece in pieces)


def _looks_of(run: etree._Element) -> etree._Element:
    """Return a copy of the formatting of a run, without records of its changes; empty where it has none."""
    own = run.find(w("rPr"))
    looks = copy.deepcopy(own) if own is not None else etree.Element(w("rPr"))
    for change in looks.findall(w("rPrChange")):
        looks.remove(change)
    return looks


def _look(paragraph: DocxParagraph) -> tuple[str, int]:
    return paragraph.style, paragraph.level


def _is_mine(piece: MergedAtom) -> bool:
    """Return whether an atom is in my document: it is kept, inserted by me, or deleted by them."""
    if piece.side is MergeSide.BOTH:
        return not piece.deleted
    return (piece.side is MergeSide.MINE) != piece.deleted


def _outermost(element: etree._Element) -> etree._Element:
    """Return the outermost table around an element, or the element itself."""
    return next(reversed(list(element.iterancestors(w("tbl")))), element)


def _grouped(pieces: Sequence[MergedAtom]) -> Iterator[tuple[tuple[MergeSide, bool, str], list[MergedAtom]]]:
    group: list[MergedAtom] = []
    for piece in pieces:
        # An element that shows nothing, such as the start of a comment, keeps its place between two groups.
        if group and (_kind(group[-1]) != _kind(piece) or piece.atom.before):
            yield _kind(group[0]), group
            group = []
        group.append(piece)
    if group:
        yield _kind(group[0]), group


def _kind(piece: MergedAtom) -> tuple[MergeSide, bool, str]:
    return piece.side, piece.deleted, piece.atom.link


def _as_deleted(run: etree._Element) -> None:
    """Rename texts and field codes as a deletion needs them (17.3.3.7, 17.16.13)."""
    for plain, deleted in (("t", "delText"), ("instrText", "delInstrText")):
        for element in list(run.iter(w(plain))):
            element.tag = w(deleted)


def _joins(first: etree._Element, second: etree._Element) -> bool:
    """Return whether the text of the second run can be appended to the first."""
    texts = (w("t"), w("delText"))
    if not (len(first) and len(second)) or first[-1].tag not in texts or second[-1].tag != first[-1].tag:
        return False
    if len(first.findall(first[-1].tag)) != 1 or len(second.findall(second[-1].tag)) != 1:
        return False
    # Formatting is compared as XML: both runs were cut from runs of one file, or copied by one importer.
    looks = [b"".join(etree.tostring(each) for each in run.findall(w("rPr"))) for run in (first, second)]
    # The same change of formatting may be recorded word by word; its id is then that of the first word.
    return _ID.sub(b"", looks[0]) == _ID.sub(b"", looks[1])


def _properties_of(paragraph: etree._Element) -> etree._Element:
    """Return the properties of a paragraph, made at its beginning where it has none (17.3.1.26)."""
    properties = paragraph.find(w("pPr"))
    if properties is None:
        properties = etree.Element(w("pPr"))
        paragraph.insert(0, properties)
    return properties
