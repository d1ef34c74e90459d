"""Plans a build: which documents are missing or out of date and why, and which were edited by hand and are kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from letters.files import sha256_of
from letters.ledger import Entry, Ledger
from letters.model import MergedLetter


@dataclass(frozen=True, slots=True)
class Digests:
    """What a document in a medium is made from, besides the values."""

    template: str
    tools: str


@dataclass(frozen=True, slots=True)
class Step:
    """A document to be made, and why."""

    letter: MergedLetter
    medium: str
    why: str


@dataclass(slots=True)
class Plan:
    """What a build has to do."""

    steps: list[Step] = field(default_factory=list)
    current: list[Entry] = field(default_factory=list)
    """Documents that are up to date."""
    edited: list[tuple[str, str]] = field(default_factory=list)
    """Id and medium of documents that a person changed; they are never overwritten."""


def path_of(out: Path, identifier: str, medium: str) -> Path:
    """Tell where a document is kept, in the output folder of its letter."""
    return out / medium / f"{identifier}.{medium}"


def make_plan(
    letters: Sequence[MergedLetter], media: Iterable[str], digests: Mapping[str, Digests], ledger: Ledger, out: Path
) -> Plan:
    """Compare what should be with what is."""
    plan = Plan()
    for medium in media:
        entries = ledger.entries(medium)
        for letter in letters:
            _place(plan, letter, medium, entries.get(letter.recipient.id), digests[medium], ledger, out)
    return plan


def _place(
    plan: Plan, letter: MergedLetter, medium: str, entry: Entry | None, digests: Digests, ledger: Ledger, out: Path
) -> None:
    path = path_of(out, letter.recipient.id, medium)
    why = _why(letter, entry, digests)
    touched = _touched(path, entry)
    if touched and not why and entry and sha256_of(path) == entry.sha256:
        touched = False
    if not path.exists():
        plan.steps.append(Step(letter, medium, why if not entry else "the file is gone"))
    elif (why or touched) and not ledger.ours(letter.recipient.id, medium, sha256_of(path)):
        plan.edited.append((letter.recipient.id, medium))
    elif why or touched:
        plan.steps.append(Step(letter, medium, why or "a run was interrupted"))
    elif entry:
        plan.current.append(entry)


def _why(letter: MergedLetter, entry: Entry | None, digests: Digests) -> str:
    """Tell why a document has to be made again; empty where it is up to date."""
    if entry is None:
        return "new"
    if entry.template != digests.template:
        return "the letter or its looks changed"
    if entry.used != letter.digest:
        return "the recipient's data changed"
    if entry.tools != digests.tools:
        return "the toolkit changed"
    return ""


def _touched(path: Path, entry: Entry | None) -> bool:
    """Tell whether a file may have changed since it was made, from its size and time only."""
    if entry is None:
        return True
    try:
        status = path.stat()
    except FileNotFoundError:
        return True
    return (status.st_size, status.st_mtime_ns) != (entry.size, entry.modified)
