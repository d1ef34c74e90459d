"""Takes the words of a letter to Word and back: exports it for counsel, imports what counsel wrote.

The story of the package: `export` writes a Word file, `bring_back` compares what came back, `write` puts it in place.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from letters.cite.find import read_phrase
from letters.cite.style import in_style, write_cites
from letters.formats import pandoc
from letters.formats.docx.losses import brief, content_losses, draft_differences
from letters.formats.docx.normalize import as_shown, remove_pictures
from letters.formats.docx.open_points import (
    BLANK,
    HIDDEN,
    HIGHLIGHTED,
    PROMPT,
    STRUCK,
    UNSEEN,
    coloured_texts,
    open_points,
)
from letters.formats.docx.opening import (
    DOCUMENT,
    ENDNOTES,
    FOOTNOTES,
    Refused,
    core_property,
    open_docx,
    read_word_file,
)
from letters.formats.docx.shown import Formats, style_formats
from letters.formats.docx.text import read as read_document
from letters.formats.files import sha256, write_whole
from letters.formats.ooxml import changing, parse, write_package
from letters.formats.tree import Node
from letters.model.problems import CannotGoOn, Exit, Problem, did_you_mean
from letters.model.records import OpenPoint, Source
from letters.model.settings import Campaign
from letters.read.campaign import AUTHORITIES, read_authorities
from letters.read.folder import CLAUSES, ENCLOSURES, FRAMES, LETTERS, Shelf, shelf
from letters.read.letter import split_front_matter
from letters.read.text import encoded_like, read_text
from letters.read.toml import read_toml
from letters.read.word_letter import is_word_letter
from letters.wording import to_markdown, to_word
from letters.wording.chunks import Clash, LetterOutline, Merged, Side, body_line, cut, merge
from letters.wording.paragraphs import citations_in, comments, folded, labels, read
from letters.wording.to_markdown import Refusal

_BOX, _ENDNOTE = "a text box", "an endnote"
_PLAIN = "write them as plain text in Word, or undo that change"
_AT = "@"
"""Separates the name of a letter from its edition: guidance-letter@2025-06."""
_MARK = re.compile(r"wording (\S+) ([0-9a-f]{64})")
"""The identifier in the properties of a Word file: the name of the letter, and the hash of its words."""
_KINDS = (LETTERS, ENCLOSURES, CLAUSES, FRAMES)
_WORDING, _KEPT = "wording", "kept"
"""Folders of the output: the Word files of letters, and the Markdown as it was before each import."""


class FromWord(NamedTuple):
    """What a Word file says, as far as it can be taken over, and what cannot."""

    tree: list[Node]
    refusals: tuple[Refusal, ...]
    """Words that would be lost, or that are none of the letter."""
    questions: tuple[str, ...]
    """What is left out, and what a reader of the Word file does not see."""


def _read_words(parts: Mapping[str, bytes], before: Callable[[], dict[str, bytes]]) -> FromWord:
    """Return the words of a Word file, tracked changes taken in; `before` makes the parts that it was exported with."""
    formats = _without_capitals(style_formats(parts))
    shown = dict(parts)
    for name in (DOCUMENT, FOOTNOTES, ENDNOTES):
        if name in parts:
            with changing(shown, name) as root:
                as_shown(root, formats)
                remove_pictures(root)
    tree = pandoc.read_docx(write_package(shown, level=0))
    document = read_document(dict(parts))
    more = content_losses(document)
    more = more and more - content_losses(read_document(before()))  # to export a letter takes a moment
    lost = sorted(brief(each) for each in more if not each.startswith(_ENDNOTE))  # that one is a note like others
    points = open_points(document, lambda _: iter(()), frozenset())
    refusals = [Refusal(f"{each} is not taken over", _PLAIN) for each in lost if each.startswith(_BOX)]
    for each in draft_differences(parts, tree, formats, boxes=False):
        if each.element is not None:
            refusals.append(Refusal(f'the words "{each.words}" cannot be read', _PLAIN))
    for point in points:
        if point.kind in (PROMPT, BLANK):
            refusals.append(Refusal(str(point), "fill it in, or delete it in Word"))
    marked = [f"{point} is taken over like all text" for point in coloured_texts(document)]
    left_out = [f"{each} is not taken over" for each in lost if not each.startswith(_BOX)]
    return FromWord(tree, tuple(refusals), (*_unseen(points), *marked, *left_out))


def _without_capitals(formats: Formats) -> Formats:
    """Return the formats of styles without capitals: those are looks of the letterhead, which the words do not have."""
    return {name: each - {"caps"} for name, each in formats.items()}


def _unseen(points: list[OpenPoint]) -> Iterator[str]:
    for point in points:
        if point.kind == HIDDEN:
            yield f"{point} is left out"
        elif point.kind in (UNSEEN, HIGHLIGHTED, STRUCK):
            yield f"{point} is taken over like all text"


@dataclass(frozen=True, slots=True)
class CampaignFolders:
    """The folders that the words of a campaign are in, and that their Word files go to."""

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
        """The folder of the Word files of letters and of the words they began with."""
        return self.out / _WORDING


@dataclass(frozen=True, slots=True)
class Returned:
    """A letter that came back from Word, not yet written."""

    name: str
    paths: tuple[str, ...]
    """The paths of the files as shown, by their number."""
    brought: to_markdown.Brought
    files: Mapping[str, str]
    """The new text of each file that changes, by its path as shown."""
    clashes: tuple[Clash, ...]
    """What was changed in the Markdown since the export, too, in another way."""
    homeless: Mapping[str, str]
    """The new text of files that the letter no longer includes."""
    comments: tuple[str, ...]

    @property
    def questions(self) -> tuple[str, ...]:
        """Sentences for a person to look at: lost fields, added notes, comments."""
        return (*self.brought.questions, *self.comments)


def outline_of(folders: CampaignFolders, name: str) -> LetterOutline:
    """Return the chunks of a letter, an enclosure, a clause or a frame by its name, which may begin with its folder.

    Raises CannotGoOn where there is none of that name.
    """
    whole, _, edition = name.partition(_AT)
    folder, _, plain = whole.rpartition("/")
    where = shelf(folders.templates, folders.campaign.templates.as_posix(), edition)
    kinds = [kind for kind in _KINDS if folder in ("", kind)]
    for kind in kinds:
        found = where.find(kind, plain)
        if found:
            return cut(found[1], *_text(*found), lambda clause: _clause(where, clause))
    if word_letter := made_in_word(folders, whole):
        shown_path = word_letter.relative_to(folders.folder).as_posix()
        message = f'"{shown_path}" is a Word file from the start'
        raise CannotGoOn(Exit.WRONG_CALL, message, "edit it as it is; letters check --annotate shows its mistakes")
    known = {known for kind in kinds for known in where.names(kind)}
    message = f'there is no letter, enclosure, clause or frame "{whole}" in {folders.campaign.templates.as_posix()}/'
    raise CannotGoOn(Exit.PROBLEMS, message, did_you_mean(plain, known))


def cites_of(folders: CampaignFolders, outline: LetterOutline) -> dict[str, str]:
    """Return the words of each citation that a letter takes from the authorities file, by its tag."""
    path = folders.templates / AUTHORITIES
    if not path.is_file():
        return {}
    authorities, _ = read_authorities(read_toml(path, AUTHORITIES))
    styled = authorities and in_style(authorities, folders.campaign.style)
    words = {}
    for tag in dict.fromkeys(outline.tags.values()):
        source, problems = write_cites(Source("", tag), styled, AUTHORITIES)
        if source.insertions and not problems:
            words[tag] = read_phrase(source.text).text.strip()
    return words


def _changed_citations(folders: CampaignFolders, outline: LetterOutline, tree: Sequence[Node]) -> Iterator[str]:
    """Yield a question for each label whose citation is not what the authorities file says now."""
    known = {folded(label): outline.tags[number] for number, label in labels(outline.tags).items()}
    words = cites_of(folders, outline)
    for label, said in citations_in(tree).items():
        now = words.get(known.get(folded(label), ""), "")
        if folded(said) != folded(now):
            yield f'{label} has "{said}", the authorities file "{now}": a citation is corrected there; which is right?'


def made_in_word(folders: CampaignFolders, name: str) -> Path | None:
    """Return the path of a letter that somebody made in Word; None where there is none of that name."""
    # What is in a folder is an enclosure, a clause or a frame, and these are Markdown.
    path = folders.templates / f"{name}.docx"
    return path if "/" not in name and is_word_letter(path, folders.templates) else None


def _clause(where: Shelf, name: str) -> tuple[str, str, int] | None:
    found = where.find(CLAUSES, name)
    return (found[1], *_text(*found)) if found else None


def _text(path: Path, shown_path: str) -> tuple[str, int]:
    text, problems = read_text(path, shown_path)
    matter, more = split_front_matter(text, shown_path)
    if stopping := [problem for problem in (*problems, *more) if problem.stops]:
        raise CannotGoOn(Exit.PROBLEMS, str(stopping[0]))
    return text, matter.body_line


def _texts(outline: LetterOutline) -> dict[str, str]:
    return {path: outline.text_of(number) for number, (path, _) in enumerate(outline.files)}


def export(folders: CampaignFolders, name: str, to: Path | None) -> Path:
    """Write a letter as a DOCX for counsel, store the words it began with, and return the path of the DOCX.

    Raises CannotGoOn where another file of that name is there: counsel may have worked in it.
    """
    outline = outline_of(folders, name)
    content = _as_word(folders, name, outline)
    path = to or folders.wording / f"{name}.docx"
    if path.suffix.lower() != ".docx":
        raise CannotGoOn(Exit.WRONG_CALL, f'"{path}" is no name of a Word file', "let it end in .docx")
    if path.exists() and path.read_bytes() != content:
        hint = f'bring it back with: letters draft import "{path}", move it away, or name another file with --to'
        raise CannotGoOn(Exit.KEPT_EDITED, f'"{path}" is there already and may hold somebody\'s work', hint)
    texts = _texts(outline)
    write_whole(_path_of(folders.out, _digest_of(texts)), _json(texts))
    write_whole(path, content)
    return path


def _as_word(folders: CampaignFolders, name: str, outline: LetterOutline) -> bytes:
    """Return a letter as a Word file for counsel."""
    mark = f"wording {name} {_digest_of(_texts(outline))}"
    return to_word.write(outline, folders.templates / "letterhead.docx", mark, name, cites_of(folders, outline))


def bring_back(folders: CampaignFolders, file: Path, prefer: Side | None = None) -> Returned:
    """Return what counsel wrote, merged with the Markdown of today; nothing is written.

    What was changed in the Markdown since the export stays; `prefer` decides what both sides changed. Raises CannotGoOn
    for a file that `export` did not make.
    """
    content = read_word_file(file)
    try:
        parts = open_docx(content)
    except Refused as error:
        raise CannotGoOn(Exit.PROBLEMS, f'"{file}" is not read: {error.what}', error.hint) from None
    name, digest = _mark_in(parts, file)
    outline = outline_of(folders, name)
    now = _texts(outline)
    # What Word changed is told by the words of the export, whatever became of the Markdown since.
    began = outline if digest == _digest_of(now) else _outline_from(_find_exported(folders.out, digest, now))
    returned = _read_words(parts, lambda: open_docx(_as_word(folders, name, began)))
    brought = to_markdown.bring_back(began, to_word.paragraphs(began), read(returned.tree))
    old = _texts(began)
    paths = tuple(path for path, _ in began.files)
    new = {path: text for path, text in zip(paths, brought.texts, strict=True) if text != old[path]}
    merged = {path: _merged(path, (old[path], text, now[path]), prefer) for path, text in new.items() if path in now}
    return Returned(
        name,
        paths,
        replace(
            brought,
            changes=tuple(_moved(change, paths, merged) for change in brought.changes),
            refusals=(*brought.refusals, *returned.refusals),
        ),
        {path: each.text for path, each in merged.items() if each.text != now[path]},
        tuple(clash for each in merged.values() for clash in each.clashes),
        {path: text for path, text in new.items() if path not in now},
        (
            *returned.questions,
            *comments(pandoc.read_docx(content, "all")),
            *_changed_citations(folders, began, returned.tree),
        ),
    )


def _merged(path: str, texts: tuple[str, str, str], prefer: Side | None) -> Merged:
    """Merge three versions of a file: as it was exported, as Word returned it, and as it is now."""
    base, word, now = texts
    # Only Word has changed it, and the lines of the changes are right already.
    if base == now:
        return Merged(word, (), {})
    return merge(path, *texts, [body_line(path, text) for text in texts], prefer)


def _moved(
    change: to_markdown.ChangedParagraph, paths: Sequence[str], merged: Mapping[str, Merged]
) -> to_markdown.ChangedParagraph:
    """Return a change with the line on which its paragraph begins now."""
    lines = merged[paths[change.file]].lines if paths[change.file] in merged else {}
    return replace(change, line=lines.get(change.line, change.line))


def _mark_in(parts: dict[str, bytes], file: Path) -> tuple[str, str]:
    """Return the name of the letter that a file is, and the hash of the words it began with."""
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


def write(
    folders: CampaignFolders,
    returned: Returned,
    now: str,
    problems_now: Sequence[Problem],
    check: Callable[[], Sequence[Problem]],
) -> list[Problem]:
    """Write the new words and keep the old ones; if the letter can no longer be read, put everything back.

    `check` returns the problems of the campaign as it then is; those that are new and stop a letter are returned. `now`
    is the moment in ISO 8601.
    """
    # A colon is not allowed in the names of files on Windows.
    kept = folders.out / _KEPT / f"wording {now.replace(':', '.')}"
    paths = {shown_path: folders.folder / shown_path for shown_path in returned.files}
    old = {shown_path: path.read_bytes() for shown_path, path in paths.items()}
    for shown_path, content in old.items():
        write_whole(kept / shown_path, content)
    for shown_path, text in returned.files.items():
        # In the encoding and with the line ends that the file has.
        write_whole(paths[shown_path], encoded_like(old[shown_path], text), private=False)
    # What was wrong before is no fault of what came back.
    had = {(problem.place.path, problem.what) for problem in problems_now}
    new = [each for each in check() if each.stops and (each.place.path, each.what) not in had]
    if new:
        for shown_path, content in old.items():
            write_whole(paths[shown_path], content, private=False)
    for shown_path, text in returned.homeless.items():
        write_whole(folders.wording / "from-word" / shown_path, text.encode())
    return new


def _digest_of(texts: Mapping[str, str]) -> str:
    """Return the hash of the texts of a letter and its clauses, by their paths as shown."""
    return sha256(_json(texts))


def _find_exported(out: Path, wanted: str, now: Mapping[str, str]) -> dict[str, str]:
    """Return the words of an export by their hash; raises CannotGoOn where they are gone.

    They are in the store, or, if somebody deleted it, among the files that imports since then have kept. `now` are the
    words of today.
    """
    path = _path_of(out, wanted)
    if path.is_file():
        return dict(json.loads(path.read_text("utf-8")))
    for kept in sorted((out / _KEPT).glob("wording *")):
        copies = {shown_path: kept / shown_path for shown_path in now}
        texts = {shown_path: read_text(copy, shown_path)[0] for shown_path, copy in copies.items() if copy.is_file()}
        if _digest_of({**now, **texts}) == wanted:
            return {**now, **texts}
    message = "the letter was changed after this Word file was made, and the words it began with are gone"
    hint = "letters redline shows where the two differ; or put the Markdown of that day back, and import again"
    raise CannotGoOn(Exit.PROBLEMS, message, hint)


def _path_of(out: Path, name: str) -> Path:
    return out / _WORDING / ".base" / f"{name}.json"


def _json(texts: Mapping[str, str]) -> bytes:
    return json.dumps(texts, ensure_ascii=False, indent=1).encode()


def _outline_from(texts: Mapping[str, str]) -> LetterOutline:
    """Return the words of an export as chunks; the first text is that of the letter itself."""
    first = next(iter(texts))

    def clause(name: str) -> tuple[str, str, int] | None:
        path = next((path for path in texts if path != first and path.endswith(f"/{CLAUSES}/{name}.md")), "")
        return (path, texts[path], body_line(path, texts[path])) if path else None

    return cut(first, texts[first], body_line(first, texts[first]), clause)
