"""Writes what changed between two versions of a letter, as a Word file with tracked changes and as a web page."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path

from letters.campaign.load import Project, load
from letters.drafts.tracked import redline
from letters.formats import text_diff
from letters.formats.docx import revisions
from letters.formats.docx.opening import DOCUMENT, FOOTNOTES, Refused, open_docx, read_word_file
from letters.formats.docx.text import DocxText, read
from letters.formats.files import write_whole
from letters.formats.ooxml import parse, serialize, write_package
from letters.model.problems import CannotGoOn, Exit
from letters.read.letter import split_front_matter
from letters.wording import round_trip, to_word
from letters.wording.chunks import cut
from letters.wording.round_trip import CampaignFolders

_STYLE = (
    "body{font:11pt/1.5 Georgia,serif;max-width:40em;margin:3em auto;padding:0 1em;color:#1a1a1a}"
    "ins{color:#14532d;background:#dcfce7}del{color:#7f1d1d;background:#fee2e2}.same{color:#777}"
)


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
    is_empty = old.fingerprint() == new.fingerprint()
    path = settings.folder / f"{name}.docx"
    write_whole(path, write_package(redline(old, new, settings.author, settings.date)))
    write_whole(path.with_suffix(".html"), page.encode())
    return Redline(path, is_empty)


def _page(old: list[str], new: list[str], title: str) -> str:
    """Return what changed as a web page of one file."""
    body = []
    for i, j in text_diff.pairs(old, new):
        changes = text_diff.compare(old[i] if i is not None else "", new[j] if j is not None else "")
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
