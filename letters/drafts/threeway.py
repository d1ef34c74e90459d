"""Merges three versions of a paragraph atom by atom: the base, a person's version, and the template's."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from letters.formats.docx.atoms import Atom, keys


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
