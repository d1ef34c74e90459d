"""Writes what changed between versions of a letter as tracked changes, and merges, settles and undoes edited drafts.

Whatever a command replaces is first copied to kept/, so that nothing a person wrote is ever lost.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import NamedTuple

from letters.build.placing import set_aside
from letters.build.plan import Plan, digests_of, plan_build
from letters.campaign.ledger import Entry, Ledger, LedgerEvent, path_of
from letters.campaign.load import Project, load
from letters.drafts.box import REDLINES, Draft, DraftBox, parts_to_keep
from letters.drafts.tracked import Authors, redline, write_merged
from letters.drafts.transfer import with_new_headers
from letters.formats import text_diff
from letters.formats.docx import revisions
from letters.formats.docx.opening import DOCUMENT, ENDNOTES, FOOTNOTES, Refused, open_docx, open_in_word, read_word_file
from letters.formats.docx.text import DocxText, read
from letters.formats.files import read_up_to, sha256, write_whole
from letters.formats.ooxml import changing, parse, serialize, write_package
from letters.formats.text_diff import Change
from letters.model.problems import CannotGoOn, Exit
from letters.model.records import DOCX, MergedLetter, count_open_points
from letters.read.letter import split_front_matter
from letters.wording import round_trip, to_word
from letters.wording.chunks import cut
from letters.wording.round_trip import CampaignFolders

_STYLE = (
    "body{font:11pt/1.5 Georgia,serif;max-width:40em;margin:3em auto;padding:0 1em;color:#1a1a1a}"
    "ins{color:#14532d;background:#dcfce7}del{color:#7f1d1d;background:#fee2e2}.same{color:#777}"
)
_TEMPLATE = "template"
"""The author of the changes that come from the letter and the list."""
_SOMEBODY = "editor"
_NOTHING_DONE = "nothing was changed"


@dataclass(frozen=True, slots=True)
class Settings:
    """Options of redlines."""

    folder: Path
    author: str
    date: str
    """ISO 8601, in UTC, such as "2025-09-17T12:00:00Z"."""
    accept: bool = False
    """Whether tracked changes that a file has already are accepted first."""


@dataclass(frozen=True, slots=True)
class Redline:
    """A redline that was written."""

    path: Path
    """Of the Word file; the web page is beside it."""
    is_empty: bool
    """Whether both versions say the same in the same way."""


def of_texts(desk: CampaignFolders, old: str, new: str, settings: Settings) -> Redline:
    """Write the redline of two letters, editions or files."""
    before, after = (_document(desk, side, settings) for side in (old, new))
    return _write(before, after, f"{Path(new).stem}", f"{old} and {new}", settings)


def of_recipients(
    campaign: Path, old: str, new: str, identifiers: tuple[str, ...], settings: Settings
) -> Iterator[Redline]:
    """Write the redlines of what recipients would get of two letters; without ids, of all who would get both."""
    before, after = _project(campaign, old), _project(campaign, new)
    if identifiers:
        before, after = before.narrowed(identifiers), after.narrowed(identifiers)
    drafts = [_drafts(project) for project in (before, after)]
    # In the order of the list; whoever would not get both letters has nothing to compare.
    both = [identifier for identifier in drafts[1] if identifier in drafts[0]]
    if missing := [identifier for identifier in identifiers if identifier not in both]:
        message = f"not compared, since one of the two letters cannot be made: {', '.join(missing)}"
        raise CannotGoOn(Exit.PROBLEMS, message, "letters check lists why")
    for identifier in both:
        earlier, later = (_opened(each[identifier](), identifier, settings) for each in drafts)
        yield _write(earlier, later, identifier, f"{old} and {new}, {identifier}", settings)


def _project(campaign: Path, letter: str) -> Project:
    project, problems = load(campaign, letter)
    stopping = [problem for problem in problems if problem.stops and not problem.recipient]
    if project is None or stopping:
        listed = "\n".join(map(str, stopping))
        raise CannotGoOn(Exit.PROBLEMS, f'"{letter}" cannot be made:\n{listed}')
    return project


def _drafts(project: Project) -> dict[str, Callable[[], bytes]]:
    from letters.render.word.docxtpl_internals import DocxRenderer

    # Rendered when their turn comes: a list may be long.
    renderer = DocxRenderer(project.template.word)
    return {
        letter.recipient.id: functools.partial(renderer.render, letter.context, letter.notes)
        for letter in project.letters
    }


def _document(desk: CampaignFolders, side: str, settings: Settings) -> DocxText:
    path = round_trip.made_in_word(desk, side) or Path(side)
    # Word files are compared as they are; texts are first written as a Word file with our styles.
    if path.suffix.lower() == ".docx":
        return _opened(read_word_file(path), side, settings)
    reference = desk.templates / "letterhead.docx"
    if path.suffix.lower() == ".md":
        text = _read_markdown(path)
        outline = cut(side, text, split_front_matter(text, side)[0].body_line, lambda _: None)
    elif path.is_file():
        message = f'"{side}" is neither a Word file (.docx) nor Markdown (.md)'
        raise CannotGoOn(Exit.WRONG_CALL, message, "save it in Word or LibreOffice as .docx")
    else:
        outline = round_trip.outline_of(desk, side)
    cites = round_trip.cites_of(desk, outline)
    return _opened(to_word.write(outline, reference, "", side, cites), side, settings)


def _read_markdown(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace")
    except FileNotFoundError:
        raise CannotGoOn(Exit.WRONG_CALL, f'there is no file "{path}"') from None
    except OSError as error:
        raise CannotGoOn(Exit.WRONG_CALL, f'"{path}" cannot be read: {error.strerror}') from None


def _opened(content: bytes, name: str, settings: Settings) -> DocxText:
    try:
        parts = open_docx(content)
    except Refused as error:
        raise CannotGoOn(Exit.PROBLEMS, f'"{name}" is not read: {error.what}', error.hint) from None
    for part in (DOCUMENT, FOOTNOTES):
        root = parse(parts[part]) if part in parts else None
        if root is None or next(revisions.changes(root), None) is None:
            continue
        # Changes of earlier authors would be shown as if they were made between the two versions.
        if not settings.accept:
            hint = "settle them in Word, or take them all in with --accept-changes"
            raise CannotGoOn(Exit.PROBLEMS, f'"{name}" holds tracked changes that nobody has settled', hint)
        revisions.accept(root)
        parts[part] = serialize(root)
    return read(parts)


def _write(old: DocxText, new: DocxText, name: str, title: str, settings: Settings) -> Redline:
    page = _page(old.texts, new.texts, title)
    # Their words may be the same and emphasis, numbers or lists not.
    is_empty = old.fingerprint() == new.fingerprint()
    path = settings.folder / f"{name}.docx"
    write_whole(path, write_package(redline(old, new, settings.author, settings.date)))
    write_whole(path.with_suffix(".html"), page.encode())
    return Redline(path, is_empty)


def _page(old: list[str], new: list[str], title: str) -> str:
    """Return what changed as a web page of one file."""
    body = []
    for before, after in text_diff.paired(old, new):
        changes = text_diff.compare(before, after)
        said = "".join(_change(change) for change in changes)
        body.append(f'<p class="same">{said}</p>' if all(c.is_equal for c in changes) else f"<p>{said}</p>")
    head = f'<meta charset="utf-8"><title>{escape(title)}</title><style>{_STYLE}</style>'
    text = "\n".join(body)
    heading = f"<h1>{escape(title)}</h1>"
    return f'<!DOCTYPE html>\n<html lang="en"><head>{head}</head>\n<body>\n{heading}\n{text}\n</body></html>\n'


def _change(change: text_diff.Change) -> str:
    if change.is_equal:
        return escape(change.new)
    deleted = f"<del>{escape(change.old)}</del>" if change.old else ""
    return deleted + (f"<ins>{escape(change.new)}</ins>" if change.new else "")


class WaitingDraft(NamedTuple):
    """Something about a draft that only a person can decide."""

    id: str
    what: str
    way_out: str = ""
    """The command for it; empty where the file itself has to be seen to."""
    since: str = ""
    """What changed in the letter or the list since the draft was made."""
    editor: str = ""


@dataclass(slots=True)
class EditedDrafts:
    """The edited drafts of a letter, for the commands that work on them."""

    project: Project
    ledger: Ledger
    out: Path
    now: str
    """The time in ISO 8601, as the command line passed it in."""

    def plan(self) -> Plan:
        """Plan a build of the Word files, which finds the drafts that are edited and those that wait for a person."""
        return plan_build(self.project, self.ledger, self.out, (DOCX,))

    def drafts(self, identifiers: Sequence[str] = ()) -> list[Draft]:
        """Return the edited drafts of these recipients, or of all; raises CannotGoOn for a recipient without one."""
        plan = self.plan()
        if unsettled := [f"{each}: {plan.stuck[each]}" for each in identifiers if each in plan.stuck]:
            raise CannotGoOn(Exit.PROBLEMS, "; ".join(unsettled), _NOTHING_DONE)
        if unedited := [each for each in identifiers if each not in plan.drafts]:
            message = f"nobody edited the draft of {', '.join(unedited)}"
            raise CannotGoOn(Exit.PROBLEMS, message, "letters status lists the drafts that are edited")
        return [draft for identifier, draft in plan.drafts.items() if not identifiers or identifier in identifiers]

    def waiting(self, plan: Plan, identifiers: Collection[str]) -> list[WaitingDraft]:
        """Return what only a person can decide about the drafts of these recipients, in the order of the list."""
        found = []
        for identifier in (recipient.id for recipient in self.project.recipients if recipient.id in identifiers):
            draft = plan.drafts.get(identifier)
            if why := plan.stuck.get(identifier):
                found.append(WaitingDraft(identifier, why))
            if draft and draft.conflict:
                what = f"{draft.conflict} after the draft was edited"
                way_out = f"letters draft merge {identifier}, or letters draft discard {identifier}"
                found.append(WaitingDraft(identifier, what, way_out, draft.since, draft.verdict.editor))
            if draft and draft.verdict.open_points:
                what = count_open_points(draft.verdict.open_points)
                way_out = f"letters draft check {identifier}"
                found.append(WaitingDraft(identifier, what, way_out, editor=draft.verdict.editor))
        return found

    def changes(self, draft: Draft) -> list[list[Change]]:
        """Return the paragraphs that a person changed in a draft, each as a comparison word by word."""
        old, new = self._base(draft).texts, read(open_docx(read_up_to(draft.path))).texts
        return [text_diff.compare(*pair) for pair in text_diff.paired(old, new) if pair[0] != pair[1]]

    def write_redline(self, draft: Draft) -> Path:
        """Write a DOCX that shows what a person changed as tracked changes, and return its path."""
        mine = read(open_docx(read_up_to(draft.path)))
        for root in mine.roots:
            revisions.accept(root)
        settled = read(mine.to_parts())  # again: accepting changed the elements, not the paragraphs that were read
        parts = redline(self._base(draft), settled, draft.verdict.editor or _SOMEBODY, _date(self.now))
        path = self.out / REDLINES / f"{draft.id}.docx"
        write_whole(path, write_package(parts))
        return path

    def accept_changes(self, draft: Draft) -> Path:
        """Accept the tracked changes of a draft, and return the path of the draft as it was."""
        parts = open_docx(self._untouched(draft))
        for name in (DOCUMENT, FOOTNOTES, ENDNOTES):
            if name in parts:
                with changing(parts, name) as root:
                    revisions.accept(root)
        kept = self._replace(draft, write_package(parts))
        self.ledger.append([LedgerEvent(self.now, draft.id, "took in the tracked changes", remark=kept.name)])
        return kept

    def merge(self, draft: Draft) -> Path:
        """Merge a draft with what changed since, and return the path of the draft as it was.

        From then on the draft counts as made from the letter of today. Raises CannotGoOn if nothing changed, or if the
        draft has tracked changes of its own: those could not be told from the merged ones.
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
        # Kept before the draft is replaced: if a run is killed in between, the base of the merged draft is known.
        self.ledger.keep_bases([(sha256(generated), parts_to_keep(generated))])
        authors = Authors(draft.verdict.editor or _SOMEBODY, _TEMPLATE, _date(self.now))
        theirs = read(open_docx(generated))
        merged = with_new_headers(write_merged(base, mine, theirs, authors), base.parts, theirs.parts)
        kept = self._replace(draft, write_package(merged))
        self.ledger.record([self._entry(letter, sha256(generated))])
        self.ledger.append([LedgerEvent(self.now, draft.id, "merged", draft.verdict.editor, remark=kept.name)])
        return kept

    def discard(self, draft: Draft) -> Path:
        """Replace a draft by the generated text, and return the path of the draft as it was."""
        letter = self._letter(draft.id)
        generated = self._box().docx(letter)
        self._untouched(draft)  # raises before anything is written
        kept = set_aside(draft.path, self.out)
        # Announced before it is written, so that the file is never taken for an edited one.
        self.ledger.announce([(draft.id, DOCX, sha256(generated))])
        self.ledger.keep_bases([(sha256(generated), parts_to_keep(generated))])
        path = path_of(self.out, draft.id, DOCX)
        write_whole(path, generated)
        if draft.path != path:  # the draft was elsewhere in the output, under another name
            draft.path.unlink()
        self.ledger.record([self._entry(letter, sha256(generated), path)])
        self.ledger.append([LedgerEvent(self.now, draft.id, "discarded", draft.verdict.editor, remark=kept.name)])
        return kept

    def _replace(self, draft: Draft, content: bytes) -> Path:
        """Replace a draft, and return the path of the copy that is kept."""
        kept = set_aside(draft.path, self.out)  # first the copy: a kill in between loses nothing
        write_whole(draft.path, content)
        return kept

    def _untouched(self, draft: Draft) -> bytes:
        """Return the content of a draft; raises CannotGoOn if it is open in Word or was saved since it was judged."""
        if open_in_word(draft.path):
            raise CannotGoOn(Exit.PROBLEMS, f"somebody has {draft.path.name} open", "close it in Word first")
        content = read_up_to(draft.path)
        if sha256(content) != draft.sha256:
            raise CannotGoOn(Exit.PROBLEMS, f"{draft.path.name} was saved just now", "run the same command again")
        return content

    def _box(self) -> DraftBox:
        return DraftBox(self.project, self.ledger, self.out)

    def _letter(self, identifier: str) -> MergedLetter:
        return next(letter for letter in self.project.letters if letter.recipient.id == identifier)

    def _base(self, draft: Draft) -> DocxText:
        return self._box().base(self._letter(draft.id), self.ledger.entry(draft.id, DOCX))

    def _entry(self, letter: MergedLetter, digest: str, path: Path | None = None) -> Entry:
        """Return the ledger's entry of a draft; without a path, of one that is not as we wrote it."""
        sources = digests_of(self.project, DOCX)
        # With no size and time of its own, an edited draft counts as touched, and is judged by every build.
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
    """Return a time as Word writes it: UTC, to the second."""
    return f"{now[:19]}Z"
