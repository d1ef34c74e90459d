"""The texts that are edited at the desk: read, tried out beside the campaign, saved without losing anybody's change."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from letters.desk.opened import OpenCampaign
from letters.formats.files import sha256, write_whole
from letters.read.text import decode, encoded_like
from letters.wording.merging import Clash, Side, body_line, merge


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
    before = path.read_bytes() if path.exists() else b""
    write_whole(path, encoded_like(before, text), private=False)
