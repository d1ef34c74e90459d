"""Compares three versions of a paragraph atom by atom: what it was, what a person made of it, and the template."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from letters.drafts.atoms import Atom, keys


class Side(Enum):
    """Whose change something is; both where nobody, or everybody, changed it."""

    BOTH = "both"
    MINE = "mine"
    THEIRS = "theirs"


@dataclass(frozen=True, slots=True)
class Piece:
    """An atom of the merged paragraph: kept, put in by one side, or taken out by one side."""

    atom: Atom
    side: Side = Side.BOTH
    deleted: bool = False
    base: Atom | None = None
    """Where it is kept: the atom as it was."""
    theirs: Atom | None = None
    """Where it is kept: the atom in the template's version."""


@dataclass(frozen=True, slots=True)
class _Edit:
    """How one side changed a paragraph."""

    kept: dict[int, Atom]
    """What stands now in the place of the atoms of the base that are still there, by their number."""
    added: dict[int, list[Atom]]
    """What was put in before the atom of the base with this number."""


def merge(base: Sequence[Atom], mine: Sequence[Atom], theirs: Sequence[Atom]) -> list[Piece]:
    """Merge two changed versions of a text; nothing that either side wrote or kept is left out."""
    left, right = _edit(base, mine), _edit(base, theirs)
    merged: list[Piece] = []
    for place in range(len(base) + 1):
        merged += _added(left.added.get(place, []), right.added.get(place, []))
        if place == len(base):
            break
        atom, my, their = base[place], left.kept.get(place), right.kept.get(place)
        if my and their:
            merged.append(Piece(my, base=atom, theirs=their))
        elif my:
            merged.append(Piece(my, Side.THEIRS, deleted=True, base=atom))
        elif their:
            merged.append(Piece(atom, Side.MINE, deleted=True, base=atom))
    return merged


def _added(mine: list[Atom], theirs: list[Atom]) -> list[Piece]:
    if mine and keys(mine) == keys(theirs):
        return [Piece(atom) for atom in mine]
    return [Piece(atom, Side.MINE) for atom in mine] + [Piece(atom, Side.THEIRS) for atom in theirs]


def _edit(base: Sequence[Atom], changed: Sequence[Atom]) -> _Edit:
    edit = _Edit({}, {})
    old, new = ([(atom.key, atom.link) for atom in atoms] for atoms in (base, changed))
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for kind, a, b, c, d in _coarse(matcher.get_opcodes(), base):
        if kind == "equal":
            edit.kept.update(zip(range(a, b), changed[c:d], strict=True))
        elif d > c:
            edit.added[b] = list(changed[c:d])
    return edit


def _coarse(
    codes: Sequence[tuple[str, int, int, int, int]], base: Sequence[Atom]
) -> list[tuple[str, int, int, int, int]]:
    """Join changes that only a space keeps apart: nobody reads one changed phrase in pieces."""
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
