"""Takes the words of a letter to Word and back: export for counsel, import of what counsel wrote."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from letters import exported, pandoc
from letters.drafts.opening import Refused, open_docx
from letters.drafts.verdict import core_property
from letters.files import write_whole
from letters.formats.ooxml import parse
from letters.formats.word_files import read_word_file
from letters.model import Campaign
from letters.problems import CannotGoOn, Exit, Problem, did_you_mean
from letters.read.front_matter import split_front_matter
from letters.read.shelf import CLAUSES, ENCLOSURES, FRAMES, LETTERS, Shelf, shelf
from letters.read.text import read_text
from letters.read.word_letter import is_word_letter
from letters.wording import back, shown
from letters.wording.chunks import Outline, cut
from letters.wording.comments import comments
from letters.wording.merging import Clash, Merged, Side, merge
from letters.wording.paragraphs import read

_AT = "@"
_MARK = re.compile(r"wording (\S+) ([0-9a-f]{64})")
_KINDS = (LETTERS, ENCLOSURES, CLAUSES, FRAMES)


@dataclass(frozen=True, slots=True)
class Desk:
    """Where the words of a campaign are, and where their Word files go."""

    folder: Path
    campaign: Campaign
    out: Path
    """The output folder of the campaign."""

    @property
    def templates(self) -> Path:
        """The folder of the letters."""
        return self.folder / self.campaign.templates

    @property
    def wording(self) -> Path:
        """The folder of the Word files of letters, and of the words they began with."""
        return self.out / exported.WORDING


@dataclass(frozen=True, slots=True)
class Returned:
    """What came back from Word, not yet written."""

    name: str
    paths: tuple[str, ...]
    """The names of the files, as shown, by their number."""
    brought: back.Brought
    files: Mapping[str, str]
    """The new text of each file that changes, by its name as shown."""
    clashes: tuple[Clash, ...]
    """What was changed in the Markdown, too, since the export, and otherwise."""
    homeless: Mapping[str, str]
    """The new text of files that the letter no longer includes."""
    comments: tuple[str, ...]

    @property
    def questions(self) -> tuple[str, ...]:
        """What a person should look at."""
        return (*self.brought.questions, *self.comments)


def outline_of(desk: Desk, name: str) -> Outline:
    """Cut a letter, an enclosure, a clause or a frame; raises CannotGoOn where there is none of that name.

    The name may tell its folder, as frames/letter does.
    """
    whole, _, edition = name.partition(_AT)
    folder, _, plain = whole.rpartition("/")
    where = shelf(desk.templates, desk.campaign.templates.as_posix(), edition)
    kinds = [kind for kind in _KINDS if folder in ("", kind)]
    for kind in kinds:
        found = where.find(kind, plain)
        if found:
            return cut(found[1], *_text(*found), lambda clause: _clause(where, clause))
    if word_letter := made_in_word(desk, whole):
        shown_path = word_letter.relative_to(desk.folder).as_posix()
        message = f'"{shown_path}" is a Word file from the start'
        raise CannotGoOn(Exit.WRONG_CALL, message, "edit it as it is; letters check --annotate shows its mistakes")
    known = {known for kind in kinds for known in where.names(kind)}
    message = f'there is no letter, enclosure, clause or frame "{whole}" in {desk.campaign.templates.as_posix()}/'
    raise CannotGoOn(Exit.PROBLEMS, message, did_you_mean(plain, known))


def made_in_word(desk: Desk, name: str) -> Path | None:
    """Find the file of a letter that somebody made in Word; None where there is none of that name."""
    path = desk.templates / f"{name}.docx"
    return path if "/" not in name and is_word_letter(path, desk.templates) else None


def _clause(where: Shelf, name: str) -> tuple[str, str, int] | None:
    found = where.find(CLAUSES, name)
    return (found[1], *_text(*found)) if found else None


def _text(path: Path, shown_path: str) -> tuple[str, int]:
    text, problems = read_text(path, shown_path)
    matter, more = split_front_matter(text, shown_path)
    if stopping := [problem for problem in (*problems, *more) if problem.stops]:
        raise CannotGoOn(Exit.PROBLEMS, str(stopping[0]))
    return text, matter.body_line


def _texts(outline: Outline) -> dict[str, str]:
    return {path: outline.text_of(number) for number, (path, _) in enumerate(outline.files)}


def export(desk: Desk, name: str, to: Path | None) -> Path:
    """Write a letter as a DOCX for counsel, and keep the words it began with.

    Raises CannotGoOn where a file of that name is there: counsel may have worked in it.
    """
    outline = outline_of(desk, name)
    texts = _texts(outline)
    digest = exported.digest(texts)
    content = shown.write(outline, desk.templates / "letterhead.docx", f"wording {name} {digest}", name)
    path = to or desk.wording / f"{name}.docx"
    if path.suffix.lower() != ".docx":
        raise CannotGoOn(Exit.WRONG_CALL, f'"{path}" is no name of a Word file', "let it end in .docx")
    if path.exists() and path.read_bytes() != content:
        hint = f'bring it back with: letters draft import "{path}", move it away, or name another file with --to'
        raise CannotGoOn(Exit.KEPT_EDITED, f'"{path}" is there already and may hold somebody\'s work', hint)
    exported.keep(desk.out, texts)
    write_whole(path, content)
    return path


def bring_back(desk: Desk, file: Path, prefer: Side | None = None) -> Returned:
    """Read what counsel wrote; nothing is written. Raises CannotGoOn for a file that is not one of ours.

    What was changed in the Markdown since the export stays; `prefer` settles what both sides changed.
    """
    content = read_word_file(file)
    try:
        parts = open_docx(content)
    except Refused as error:
        raise CannotGoOn(Exit.PROBLEMS, f'"{file}" is not read: {error.what}', error.hint) from None
    name, digest = _mark_in(parts, file)
    outline = outline_of(desk, name)
    now = _texts(outline)
    began = outline if digest == exported.digest(now) else exported.outline(exported.find(desk.out, digest, now))
    brought = back.bring_back(began, shown.paragraphs(began), read(pandoc.read_docx(content)))
    old = _texts(began)
    paths = tuple(path for path, _ in began.files)
    new = {path: text for path, text in zip(paths, brought.texts, strict=True) if text != old[path]}
    merged = {path: _merged(path, (old[path], text, now[path]), prefer) for path, text in new.items() if path in now}
    return Returned(
        name,
        paths,
        replace(brought, changes=tuple(_moved(change, paths, merged) for change in brought.changes)),
        {path: each.text for path, each in merged.items() if each.text != now[path]},
        tuple(clash for each in merged.values() for clash in each.clashes),
        {path: text for path, text in new.items() if path not in now},
        tuple(comments(pandoc.read_docx(content, "all"))),
    )


def _merged(path: str, texts: tuple[str, str, str], prefer: Side | None) -> Merged:
    """Merge what a file was, what Word made of it and what it is now; as it was, Word has changed it alone."""
    base, word, now = texts
    if base == now:
        return Merged(word, (), {})
    return merge(path, *texts, [exported.body_line(path, text) for text in texts], prefer)


def _moved(change: back.Change, paths: Sequence[str], merged: Mapping[str, Merged]) -> back.Change:
    """Tell where the paragraph of a change stands now."""
    lines = merged[paths[change.file]].lines if paths[change.file] in merged else {}
    return replace(change, line=lines.get(change.line, change.line))


def _mark_in(parts: dict[str, bytes], file: Path) -> tuple[str, str]:
    """Tell which letter a file is, and the hash of the words it began with."""
    core = parts.get("docProps/core.xml")
    said = " ".join(str(text) for text in parse(core).itertext()) if core else ""
    if match := _MARK.search(said):
        return match[1], match[2]
    message = f'"{file}" does not say which letter it is'
    hint = 'only files that "letters draft export" made, and copies of them, can be brought back'
    if "/" in (draft := core_property(parts, "identifier")):
        message = f'"{file}" is the letter to one recipient, {draft.rpartition("/")[2]}'
        hint = "edit it where it is, and run letters build; letters draft export writes the letter itself"
    raise CannotGoOn(Exit.PROBLEMS, message, hint)


def write(desk: Desk, returned: Returned, now: str, problems_now: Sequence[Problem], check: Any) -> list[Problem]:
    """Write the new words, the old ones being kept beside; if the letter no longer reads, everything is put back.

    `check` lists the problems of the campaign as it then is; those that are new and stop a letter are returned.
    """
    kept = desk.out / exported.KEPT / f"wording {now.replace(':', '.')}"
    paths = {shown_path: desk.folder / shown_path for shown_path in returned.files}
    old = {shown_path: path.read_bytes() for shown_path, path in paths.items()}
    for shown_path, content in old.items():
        write_whole(kept / shown_path, content)
    for shown_path, text in returned.files.items():
        write_whole(paths[shown_path], text.encode())
    had = {(problem.place.path, problem.what) for problem in problems_now}
    new = [each for each in check() if each.stops and (each.place.path, each.what) not in had]
    if new:
        for shown_path, content in old.items():
            write_whole(paths[shown_path], content)
    for shown_path, text in returned.homeless.items():
        write_whole(desk.wording / "from-word" / shown_path, text.encode())
    return new
