"""Plans a build: which documents are missing or out of date and why, and which people edited and are kept."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from letters import __version__
from letters.campaign.ledger import Entry, Ledger, is_touched, path_of
from letters.campaign.load import Project
from letters.drafts.box import Draft, DraftBox, used_as_word
from letters.formats import pandoc, programs
from letters.formats.docx.opening import is_locked, locks_in, open_in_word
from letters.formats.files import is_whole_pdf, sha256, sha256_of
from letters.model.records import DOCX, PDF, MergedLetter
from letters.render.store import PROGRAMS, lists_pages

_ARCHIVE = " for the archive"
"""Behind the hash of the template in the entry of a PDF that was made for the archive."""
_FOR_ARCHIVE = "it is to be one for the archive"


class Digests(NamedTuple):
    """What a document in a medium is made from, besides the values."""

    template: str
    tools: str

    def template_of(self, *, archive: bool) -> str:
        """Return the template's hash as it is in the entry of a document."""
        return f"{self.template}{_ARCHIVE}" if archive else self.template


class Step(NamedTuple):
    """A document to be made, and why."""

    letter: MergedLetter
    medium: str
    why: str
    draft: Draft | None = None
    """The edited draft that a PDF is made from."""
    keep: Draft | None = None
    """A draft that was only saved again, to be kept aside before it is replaced."""
    archive: bool = False
    """Whether a PDF is to be one for the archive."""


@dataclass(slots=True)
class Plan:
    """The steps of a build, and what it leaves alone."""

    steps: list[Step] = field(default_factory=list)
    current: list[Entry] = field(default_factory=list)
    """Documents that are up to date."""
    edited: list[tuple[str, str]] = field(default_factory=list)
    """Id and medium of documents that a person changed; they are never overwritten."""
    drafts: dict[str, Draft] = field(default_factory=dict)
    """The edited drafts, by id of the recipient."""
    resaved: list[str] = field(default_factory=list)
    """Ids of drafts that were saved by another program without a change of words."""
    stuck: dict[str, str] = field(default_factory=dict)
    """Why nothing is done about a letter before a person has decided something, by id."""


def plan_build(
    project: Project,
    ledger: Ledger,
    out: Path,
    media: Iterable[str],
    originals: Plan | None = None,
    *,
    as_word: bool = False,
    archive: bool = False,
) -> Plan:
    """Plan what a build of a project has to do; for a project of copies, given the plan of the originals.

    Compared is what should be with what is; the drafts are looked at even where only PDFs are made. With `as_word`, the
    PDFs of edited drafts should be those that LibreOffice makes, and with `archive` all PDFs those for the archive, as
    where campaign.toml says so; else either sort will do.
    """
    digests = {medium: digests_of(project, medium) for medium in (PDF, DOCX)}
    archive = archive or project.campaign.archive
    planner = _Planner(Plan(), digests, ledger, out, DraftBox(project, ledger, out), tuple(media), archive)
    if originals is None:
        planner.as_word = as_word or looks_as_word(project)
        planner.place_letters(project.letters)
    else:
        planner.place_copies(project.letters, originals)
    return planner.plan


def looks_as_word(project: Project) -> bool:
    """Return whether LibreOffice makes the PDFs of the letter, by campaign.toml."""
    return project.campaign.looks_as_word(project.template.name)


def digests_of(project: Project, medium: str) -> Digests:
    """Hash all that a document in a medium is made from but the values."""
    hashed = hashlib.sha256()
    if medium == DOCX:
        hashed.update(project.template.word)
    # The DOCX of a letter with contents names the pages of its PDF, so all that moves a page changes it, too.
    if medium == PDF or lists_pages(project.template):
        for part in project.template.parts:
            hashed.update(part.html.encode() + b"\0")
        # Names and contents with something between them: else a byte that moves from one to the other changes nothing.
        for name, content in project.resources:
            hashed.update(name.encode() + b"\0" + _digest(content))
    if medium == PDF and looks_as_word(project):
        hashed.update(b"as Word" + project.template.word)
        return Digests(hashed.hexdigest(), sha256(f"{_tools(DOCX)} {programs.libreoffice_version()}".encode()))
    return Digests(hashed.hexdigest(), _tools(medium))


@functools.lru_cache(100)  # a build asks three times for those of its fonts
def _digest(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


@functools.cache
def _tools(medium: str) -> str:
    """Hash the versions of what makes a document in a medium."""
    tools = [
        f"letters {__version__}",
        f"pandoc {pandoc.version()}",
        # Another version may set a line or write a member otherwise, and the ledger would call the old file current.
        *(f"{name} {version(name)}" for name in PROGRAMS[medium]),
    ]
    return sha256("\n".join(tools).encode())


@dataclass(slots=True)
class _Planner:
    plan: Plan
    digests: Mapping[str, Digests]
    ledger: Ledger
    out: Path
    drafts: DraftBox
    media: tuple[str, ...]
    archive: bool
    as_word: bool = False
    locks: frozenset[str] = frozenset()
    """The lock files in the folder of the drafts."""

    def place_letters(self, letters: Sequence[MergedLetter]) -> None:
        self.locks = locks_in(self.out / DOCX)
        strays = self.drafts.strays()
        drafts, pdfs = self.ledger.entries(DOCX), self.ledger.entries(PDF)
        for letter in letters:
            identifier = letter.recipient.id
            self.place_draft(letter, drafts.get(identifier), strays.get(identifier, ()))
        for letter in letters:
            if PDF in self.media and letter.recipient.id not in self.plan.stuck:
                self.place_pdf(letter, pdfs.get(letter.recipient.id))

    def place_copies(self, letters: Sequence[MergedLetter], originals: Plan) -> None:
        """Plan copies: those of an edited letter are made from its draft, as the letter is."""
        entries = self.ledger.entries(PDF)
        for letter in letters:
            identifier, original = letter.recipient.id, self.drafts.original(letter)
            if original in originals.stuck:
                continue
            if original in originals.drafts:
                self.plan.drafts[identifier] = self.drafts.for_copy(letter, originals.drafts[original])
            self.place_pdf(letter, entries.get(identifier))
        # They are those of the letters, which have reported them.
        self.plan.drafts.clear()

    def place_draft(self, letter: MergedLetter, entry: Entry | None, strays: Sequence[Path]) -> None:
        identifier = letter.recipient.id
        path = path_of(self.out, identifier, DOCX)
        is_there = path.exists()
        why = _why(letter, entry, self.digests[DOCX])
        changed = path.is_file() and self._is_changed(path, entry, identifier, DOCX, why)
        candidates = [*([path] if changed else []), *strays]
        if is_there and not path.is_file():
            self.plan.stuck[identifier] = _no_file(path)
        elif len(candidates) > 1 or (strays and is_there):
            self.plan.stuck[identifier] = _question([path, *strays] if is_there else strays)
        elif candidates and open_in_word(candidates[0]):
            self.plan.stuck[identifier] = _is_open(candidates[0])
        elif candidates:
            self._edited(letter, candidates[0], entry, why)
        # Word on Windows does not let go of an open file: it could not be replaced.
        elif why and is_locked(self.locks, path.name):
            self.plan.stuck[identifier] = _is_open(path)
        elif DOCX in self.media:
            self._unchanged(letter, DOCX, path if is_there else None, entry, why)

    def _is_changed(self, path: Path, entry: Entry | None, identifier: str, medium: str, why: str) -> bool:
        """Return whether a file that is there is none of those that we wrote for this letter."""
        touched = is_touched(path, entry)
        if touched and not why and entry and sha256_of(path) == entry.sha256:
            return False
        # A file that has still the size and the time which we gave it is not read.
        return bool(why or touched) and not self.ledger.ours(identifier, medium, sha256_of(path))

    def _edited(self, letter: MergedLetter, path: Path, entry: Entry | None, why: str) -> None:
        draft = self.drafts.look(letter, path, entry, why)
        if draft.verdict.refused:
            self.plan.stuck[draft.id] = f"{path.name} is not read: {draft.verdict.refused}"
            self.plan.edited.append((draft.id, DOCX))
        elif not draft.verdict.same_words:
            self.plan.drafts[draft.id] = draft
            self.plan.edited.append((draft.id, DOCX))
        elif why and entry and DOCX in self.media:
            self.plan.steps.append(Step(letter, DOCX, why, keep=draft))
        else:
            self.plan.resaved.append(draft.id)
            if entry and DOCX in self.media:
                self.plan.current.append(entry)

    def _unchanged(self, letter: MergedLetter, medium: str, path: Path | None, entry: Entry | None, why: str) -> None:
        """Plan for a file that is ours, or missing."""
        if not path:
            self._make(letter, medium, why if not entry else "the file is gone")
        elif why or (is_touched(path, entry) and (entry is None or sha256_of(path) != entry.sha256)):
            self._make(letter, medium, why or "a run was interrupted")
        elif entry:
            self.plan.current.append(entry)

    def _make(self, letter: MergedLetter, medium: str, why: str, draft: Draft | None = None) -> None:
        self.plan.steps.append(Step(letter, medium, why, draft, archive=self.archive and medium == PDF))

    def place_pdf(self, letter: MergedLetter, entry: Entry | None) -> None:
        identifier = letter.recipient.id
        path = path_of(self.out, identifier, PDF)
        is_there = path.exists()
        if is_there and not path.is_file():
            self.plan.stuck[identifier] = _no_file(path)
            return
        draft = self.plan.drafts.get(identifier)
        why = (
            self._why_of_draft(draft, entry) if draft else _why(letter, entry, self.digests[PDF], archive=self.archive)
        )
        # Before anything else: bytes that changed by themselves would pass for an edit, and be kept for ever.
        if is_there and is_damaged(path, entry, self.ledger):
            self._make(letter, PDF, why or "the file is damaged", draft)
        elif is_there and self._is_changed(path, entry, identifier, PDF, why):
            self.plan.edited.append((identifier, PDF))
        elif draft is None:
            self._unchanged(letter, PDF, path if is_there else None, entry, why)
        elif why or not is_there or is_touched(path, entry):
            self._make(letter, PDF, why or "the file is gone", draft)
        elif entry:
            self.plan.current.append(entry)

    def _why_of_draft(self, draft: Draft, entry: Entry | None) -> str:
        if entry is None:
            return "new"
        # Either way of making its PDF will do, unless one is asked for.
        if entry.used not in (draft.used, used_as_word(draft)):
            return "the draft was edited"
        if self.as_word and entry.used != used_as_word(draft):
            return "it is to look as in Word"
        if entry.template.removesuffix(_ARCHIVE) != self.drafts.template():
            return "the letterhead changed"
        if self.archive and not is_for_archive(entry):
            return _FOR_ARCHIVE
        return "the toolkit changed" if entry.tools != self.digests[PDF].tools else ""


def is_damaged(path: Path, entry: Entry | None, ledger: Ledger) -> bool:
    """Return whether a PDF that we wrote has other bytes now though nobody saved it, or is no longer a whole PDF.

    Its size and time are then as they were, or it was cut short. A disk, a cable or a program that copies folders does
    that. To hash what is there takes 0.2 ms a letter.
    """
    if entry is None:
        return False
    digest = sha256_of(path)
    if not is_touched(path, entry):
        return digest != entry.sha256
    return not is_whole_pdf(path) and not ledger.ours(entry.id, PDF, digest)


def _no_file(path: Path) -> str:
    return f"{path.name} is no file: move it out of the folder {path.parent.name}/"


def _is_open(path: Path) -> str:
    return f"somebody has {path.name} open: close it in Word first"


def _question(paths: Sequence[Path]) -> str:
    names = " and ".join(path.name for path in paths)
    return f"which draft counts, {names}? Move the others out of the folder"


def is_for_archive(entry: Entry) -> bool:
    """Return whether a PDF was made to be one for the archive."""
    return entry.template.endswith(_ARCHIVE)


def _why(letter: MergedLetter, entry: Entry | None, digests: Digests, *, archive: bool = False) -> str:
    """Return why a document has to be made again; empty where it is up to date."""
    if entry is None:
        return "new"
    if entry.template.removesuffix(_ARCHIVE) != digests.template:
        return "the letter or its looks changed"
    if entry.used != letter.digest:
        return "the recipient's data changed"
    if entry.tools != digests.tools:
        return "the toolkit changed"
    return _FOR_ARCHIVE if archive and not is_for_archive(entry) else ""
