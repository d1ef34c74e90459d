"""What can be done with an edited draft: show it, settle it, merge it, go back to the generated text.

Whatever a command replaces is first kept aside under kept/, so that nothing a person wrote is ever lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from letters import words
from letters.drafting import REDLINES, DraftBox, parts_to_keep
from letters.drafts import revisions
from letters.drafts.heads import with_new_heads
from letters.drafts.opening import DOCUMENT, FOOTNOTES, open_docx
from letters.drafts.text import Document, read
from letters.drafts.tracked import Authors, redline, write_merged
from letters.files import sha256, write_whole
from letters.ledger import Entry, Event, Ledger
from letters.model import DOCX, MergedLetter
from letters.package import parse, serialize, write_package
from letters.pipeline import digests_of, plan_build
from letters.placing import set_aside
from letters.plan import Draft, path_of
from letters.problems import CannotGoOn, Exit
from letters.project import Project
from letters.word_files import open_in_word
from letters.words import Change

TEMPLATE = "template"
"""The author of the changes that the letter and the list made."""
_SOMEBODY = "editor"
_NOTHING_DONE = "nothing was changed"


@dataclass(slots=True)
class Desk:
    """The drafts of a letter on which commands work."""

    project: Project
    ledger: Ledger
    out: Path
    now: str

    def drafts(self, identifiers: Sequence[str] = ()) -> list[Draft]:
        """List the edited drafts of these recipients, or of all; raises CannotGoOn where one is named that is none."""
        plan = plan_build(self.project, self.ledger, self.out, (DOCX,))
        if unsettled := [f"{each}: {plan.stuck[each]}" for each in identifiers if each in plan.stuck]:
            raise CannotGoOn(Exit.PROBLEMS, "; ".join(unsettled), _NOTHING_DONE)
        if unedited := [each for each in identifiers if each not in plan.drafts]:
            message = f"nobody edited the draft of {', '.join(unedited)}"
            raise CannotGoOn(Exit.PROBLEMS, message, "letters status lists the drafts that are edited")
        return [draft for identifier, draft in plan.drafts.items() if not identifiers or identifier in identifiers]

    def changes(self, draft: Draft) -> list[list[Change]]:
        """Compare a draft with what we wrote: the paragraphs that changed, word by word."""
        old, new = self._base(draft).texts, read(open_docx(draft.path.read_bytes())).texts
        found = []
        for i, j in words.pairs(old, new):
            before, after = old[i] if i is not None else "", new[j] if j is not None else ""
            if before != after:
                found.append(words.compare(before, after))
        return found

    def write_redline(self, draft: Draft) -> Path:
        """Write a DOCX that shows what a person changed as tracked changes, beside the drafts."""
        mine = read(open_docx(draft.path.read_bytes()))
        for root in (mine.body, mine.notes):
            if root is not None:
                revisions.accept(root)
        settled = read(mine.to_parts())
        parts = redline(self._base(draft), settled, draft.verdict.editor or _SOMEBODY, _date(self.now))
        path = self.out / REDLINES / f"{draft.id}.docx"
        write_whole(path, write_package(parts))
        return path

    def accept_changes(self, draft: Draft) -> Path:
        """Take the tracked changes of a draft in; tells where the draft is kept as it was."""
        parts = open_docx(self._untouched(draft))
        for name in (DOCUMENT, FOOTNOTES):
            if name in parts:
                root = parse(parts[name])
                revisions.accept(root)
                parts[name] = serialize(root)
        kept = self._replace(draft, write_package(parts))
        self.ledger.append([Event(self.now, draft.id, "took in the tracked changes", remark=kept.name)])
        return kept

    def merge(self, draft: Draft) -> Path:
        """Bring a draft and what changed since together in one DOCX; tells where the draft is kept as it was.

        From then on the draft counts as made from the letter of today; the changes in it wait to be settled in Word.
        """
        if not draft.conflict:
            message = f"nothing changed in the letter or the list since the draft of {draft.id} was edited"
            raise CannotGoOn(Exit.PROBLEMS, message, "there is nothing to merge")
        if any("tracked change" in point.kind for point in draft.verdict.open_points):
            hint = f"settle them in Word, or run: letters draft check {draft.id} --accept-changes"
            raise CannotGoOn(Exit.PROBLEMS, f"the draft of {draft.id} has tracked changes of its own", hint)
        mine = read(open_docx(self._untouched(draft)))
        box, letter = self._box(), self._letter(draft.id)
        generated = box.docx(letter)
        base = self._base(draft)
        self.ledger.keep_bases([(sha256(generated), parts_to_keep(generated))])
        authors = Authors(draft.verdict.editor or _SOMEBODY, TEMPLATE, _date(self.now))
        theirs = read(open_docx(generated))
        merged = with_new_heads(write_merged(base, mine, theirs, authors), base.parts, theirs.parts)
        kept = self._replace(draft, write_package(merged))
        self.ledger.record([self._entry(letter, sha256(generated))])
        self.ledger.append([Event(self.now, draft.id, "merged", draft.verdict.editor, remark=kept.name)])
        return kept

    def discard(self, draft: Draft) -> Path:
        """Go back to the generated text; tells where the draft is kept."""
        letter = self._letter(draft.id)
        generated = self._box().docx(letter)
        self._untouched(draft)
        kept = set_aside(draft.path, self.out)
        self.ledger.announce([(draft.id, DOCX, sha256(generated))])
        self.ledger.keep_bases([(sha256(generated), parts_to_keep(generated))])
        path = path_of(self.out, draft.id, DOCX)
        write_whole(path, generated)
        if draft.path != path:
            draft.path.unlink()
        self.ledger.record([self._entry(letter, sha256(generated), path)])
        self.ledger.append([Event(self.now, draft.id, "discarded", draft.verdict.editor, remark=kept.name)])
        return kept

    def _replace(self, draft: Draft, content: bytes) -> Path:
        """Put a new version in the place of a draft, which is kept aside."""
        kept = set_aside(draft.path, self.out)
        write_whole(draft.path, content)
        return kept

    def _untouched(self, draft: Draft) -> bytes:
        """Read a draft that nobody has open, as it was when it was looked at."""
        if open_in_word(draft.path):
            raise CannotGoOn(Exit.PROBLEMS, f"somebody has {draft.path.name} open", "close it in Word first")
        content = draft.path.read_bytes()
        if sha256(content) != draft.sha256:
            raise CannotGoOn(Exit.PROBLEMS, f"{draft.path.name} was saved just now", "run the same command again")
        return content

    def _box(self) -> DraftBox:
        return DraftBox(self.project, self.ledger, self.out)

    def _letter(self, identifier: str) -> MergedLetter:
        return next(letter for letter in self.project.letters if letter.recipient.id == identifier)

    def _base(self, draft: Draft) -> Document:
        return self._box().base(self._letter(draft.id), self.ledger.entry(draft.id, DOCX))

    def _entry(self, letter: MergedLetter, digest: str, path: Path | None = None) -> Entry:
        """Describe what a draft was made from; without a path, of one that is not as we wrote it."""
        sources = digests_of(self.project, DOCX)
        size, modified = (path.stat().st_size, path.stat().st_mtime_ns) if path else (0, 0)
        return Entry(
            letter.recipient.id,
            DOCX,
            sources.template,
            sources.tools,
            letter.digest,
            digest,
            size,
            0,
            modified,
            self.now,
        )


def _date(now: str) -> str:
    """Write a moment as Word does, in UTC to the second."""
    return f"{now[:19]}Z"


def all_settled(drafts: Iterable[Draft]) -> bool:
    """Tell whether nothing is open in any of the drafts."""
    return not any(draft.verdict.open_points for draft in drafts)
