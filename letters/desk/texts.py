"""The texts that are edited at the desk: read, tried out beside the campaign, saved without losing anybody's change."""

from __future__ import annotations

import csv
import io
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from letters.desk.opened import OpenCampaign
from letters.formats.files import sha256, write_whole
from letters.model.records import Source
from letters.read.text import decode
from letters.wording.exported import body_line
from letters.wording.merging import Clash, Side, merge

_MARK = b"\xef\xbb\xbf"
_LINE_END = b"\r\n"


def text_files(opened: OpenCampaign) -> dict[str, Path]:
    """Return the Markdown files that a letter is made of, by the name that messages use: the letter itself first."""
    project = opened.view().project
    if project is None:
        path = opened.folder / "templates" / f"{opened.letter}.md"
        return {f"templates/{path.name}": path} if opened.letter and path.is_file() else _all_letters(opened)
    names: dict[str, None] = {}
    for source in chain.from_iterable(project.sources):
        names |= dict.fromkeys([source.path, *(stretch.path for stretch in source.stretches)])
    found = {name: opened.folder / name for name in names if name.endswith(".md")}
    own = f"{project.campaign.templates.as_posix()}/{project.template.name}.md"
    return {name: found[name] for name in sorted(found, key=lambda name: (name != own, name)) if found[name].is_file()}


def _all_letters(opened: OpenCampaign) -> dict[str, Path]:
    return {f"templates/{path.name}": path for path in sorted((opened.folder / "templates").glob("*.md"))}


def read(path: Path) -> str:
    """Return a text as it is on disk, with plain line ends; raises CannotGoOn where it is none."""
    return decode(path.read_bytes(), path.name)[0]


@dataclass(frozen=True, slots=True)
class Saved:
    """The outcome of saving: what is on disk then, or where both sides changed the same words."""

    text: str
    merged: bool = False
    """Whether a change on disk was taken in."""
    clashes: tuple[Clash, ...] = ()
    """What must be decided; nothing was written where there are any."""


def save(opened: OpenCampaign, name: str, path: Path, mine: str, base: str, prefer: Side | None = None) -> Saved:
    """Save a text; `base` is the hash of the text that it was made from.

    Where the file changed meanwhile, both changes are kept; where they touch the same paragraph nothing is written
    before somebody prefers a side: "word" is what was typed here, "markdown" what is on disk.
    """
    with opened.lock:
        now = read(path)
        if sha256(now.encode()) == base or now == mine:
            _write(path, mine)
            return Saved(mine)
        before = opened.texts.get(base)
        if before is None:
            # What the person began with is not known any more: all that differs is a clash.
            before = now if prefer else ""
            if prefer is None:
                return Saved(mine, clashes=(Clash(name, 1, "", mine, now),))
            before = mine if prefer == "markdown" else now
        whole, clashes = _merged(name, before, mine, now, prefer)
        if clashes and prefer is None:
            return Saved(mine, clashes=clashes)
        _write(path, whole)
        return Saved(whole, merged=True)


def _merged(name: str, before: str, mine: str, now: str, prefer: Side | None) -> tuple[str, tuple[Clash, ...]]:
    """Return three texts merged: the keys above the letter as one piece, the letter by paragraph."""
    lines = [body_line(name, text) for text in (before, mine, now)]
    merged = merge(name, before, mine, now, lines, prefer)
    fronts = [_front(text, line) for text, line in zip((before, mine, now), lines, strict=True)]
    body = merged.text[len(fronts[2]) :] if merged.text.startswith(fronts[2]) else merged.text
    if fronts[1] in (fronts[0], fronts[2]):
        return merged.text, merged.clashes
    if fronts[2] == fronts[0] or prefer == "word":
        return fronts[1] + body, merged.clashes
    if prefer == "markdown":
        return merged.text, merged.clashes
    return merged.text, (Clash(name, 1, *fronts), *merged.clashes)


def _front(text: str, line: int) -> str:
    return "".join(text.splitlines(keepends=True)[: line - 1])


def _write(path: Path, text: str) -> None:
    """Write a text with the byte order mark and the line ends that the file had."""
    before = path.read_bytes() if path.exists() else b""
    content = text.encode()
    if _LINE_END in before:
        content = content.replace(b"\n", _LINE_END)
    write_whole(path, (_MARK if before.startswith(_MARK) else b"") + content, private=False)


class TriedOut(NamedTuple):
    """A campaign beside the one that is open, in which a text is tried out."""

    path: Path
    before: int
    """Pages of the other parts of the letter that come before those of the text, one for each."""
    after: int


def try_out(opened: OpenCampaign, name: str, text: str, identifier: str) -> TriedOut:
    """Make a campaign like the one that is open, with another text of one file and one recipient alone.

    The other parts of the letter, which do not depend on that text, are a word each: nobody looks at them meanwhile.
    It has the campaign's files under second names, and copies of what changes; the campaign stays as it is.
    """
    folder = opened.temporary / "try"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    project = opened.view().loaded
    templates = project.campaign.templates
    texts, before, after = _others_cut_short(opened, name)
    texts[name] = text
    # No symbolic links: what a campaign reads has to lie in its folder.
    inner = templates.parts[0]
    shutil.copytree(opened.folder / inner, folder / inner, copy_function=_second_name)
    shutil.copy(opened.path, folder / opened.path.name)
    logos = [opened.folder / each.logo for each in project.campaign.organizations if each.logo]
    for entry in [*opened.folder.iterdir(), *logos]:
        target = folder / entry.relative_to(opened.folder)
        if entry.is_file() and not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            _second_name(entry, target)
    listed = project.campaign.recipients
    row = _only((opened.folder / listed).read_bytes(), identifier)
    for path, content in [*((Path(each), text.encode()) for each, text in texts.items()), (listed, row)]:
        _put(folder / path, content)
    return TriedOut(folder / opened.path.name, before, after)


def _others_cut_short(opened: OpenCampaign, name: str) -> tuple[dict[str, str], int, int]:
    """Return the texts of the other parts of a letter without their bodies, and how many come before and after."""
    parts = opened.view().loaded.sources
    own = next((number for number, part in enumerate(parts) if _holds(part, name)), 0)
    texts = {}
    for number, part in enumerate(parts):
        path = part[-1].path
        if number != own and path.endswith(".md") and (opened.folder / path).is_file():
            whole = read(opened.folder / path)
            texts[path] = _front(whole, body_line(path, whole)) + "\n.\n"
    return texts, own, len(parts) - own - 1


def _holds(part: Sequence[Source], name: str) -> bool:
    return any(name in (source.path, *(stretch.path for stretch in source.stretches)) for source in part)


def _put(path: Path, content: bytes) -> None:
    """Write a file of its own: written into, a second name would change the campaign's file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.write_bytes(content)


def _second_name(source: str | Path, target: str | Path) -> None:
    """Make a hard link to a file; a copy where that is another disk, or one without links."""
    try:
        os.link(os.path.realpath(source), target)
    except OSError:
        shutil.copy(source, target)


def _only(content: bytes, identifier: str) -> bytes:
    """Return a list with its header and one row; all of it where the row is not found so simply."""
    text = content.decode("utf-8-sig", "replace")
    rows = list(csv.reader(io.StringIO(text, newline="")))
    header = next((number for number, row in enumerate(rows[:20]) if "id" in row), None)
    if header is None:
        return content
    at = rows[header].index("id")
    found = [row for row in rows[header + 1 :] if len(row) > at and row[at].strip() == identifier]
    if len(found) != 1:
        return content
    out = io.StringIO()
    csv.writer(out).writerows([rows[header], found[0]])
    return out.getvalue().encode()
