"""Finds the texts of a campaign by name, and keeps what is read inside its own folder.

Texts of the edition come first. Links that lead out, pipes and devices are refused by name: whoever makes letters from
a folder that somebody else sent must not print or send files of their own with them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from letters.model.problems import CannotGoOn, Exit, did_you_mean

_MOST_FILES = 100_000
"""In the folder of the letters, with its fonts, clauses and editions."""
CAMPAIGN = Path("campaign.toml")
LETTERS, FRAMES, ENCLOSURES, CLAUSES, EDITIONS = "", "frames", "enclosures", "clauses", "editions"
"""The folders inside templates/; letters are in templates/ itself."""
# It stands in front matter and tags, which may come from somebody else: nothing that begins a path.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_OTHER_FORMATS = (
    *(".doc", ".docm", ".dot", ".dotm", ".dotx", ".odt", ".rtf", ".txt", ".html", ".htm", ".pdf", ".pages"),
    *(".wpd", ".gdoc"),
)
_LOOKS = "letterhead"
"""The Word file that holds the looks, and no letter."""


def campaign_file(campaign: Path) -> Path:
    """Return the file of a campaign, given it or its folder; raises CannotGoOn where there is none."""
    path = campaign / CAMPAIGN if campaign.is_dir() else campaign
    if not path.is_file():
        hint = "go to the folder of the campaign, or name it: --campaign PATH; or begin one: letters init DIR"
        if near := _near(path):
            hint = f"campaigns are in {', '.join(near)}: go there, or name one: --campaign {near[0]}"
        raise CannotGoOn(Exit.PROBLEMS, f'there is no "{path}" here', hint)
    return path


def _near(path: Path) -> list[str]:
    """Return the folders beside a missing file, and the one above, that hold a campaign, at most three."""
    try:
        inside = sorted(each.parent.as_posix() for each in path.parent.glob(f"*/{CAMPAIGN}"))
        above = [".."] if (path.parent / ".." / CAMPAIGN).is_file() else []
    except OSError:
        return []
    return [*inside, *above][:3]


def check_folder(folder: Path, *inside: Path) -> None:
    """Check files and folders that a campaign reads, by their paths from its folder, with all that is in them.

    Raises CannotGoOn for the first that lies elsewhere by its real path, or is neither a file nor a folder.
    """
    root = os.path.realpath(folder)
    for path in inside:
        try:
            _check(root, folder / path, path)
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", "") or "no file has such a name"
            raise CannotGoOn(Exit.PROBLEMS, f'"{path.as_posix()[:200]}" cannot be read: {why}') from None


def _check(root: str, path: Path, shown: Path) -> None:
    _check_real(root, path, shown, is_link=path.is_symlink())
    waiting = [shown] if path.is_dir() else []
    # One look when a campaign is loaded: a pipe or /dev/zero among the fonts hung, or took 6 GB.
    left = _MOST_FILES
    while waiting:
        inner = waiting.pop()
        with os.scandir(path / inner.relative_to(shown)) as entries:
            for entry in entries:
                left -= 1
                if left < 0:
                    message = f'"{shown.as_posix()}" holds more than {_MOST_FILES:,} files'
                    raise CannotGoOn(Exit.PROBLEMS, message, "is it the right folder?")
                # What a folder holds lies in it, but for links; one that leads to a folder is looked into there.
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(inner / entry.name)
                elif not entry.is_file(follow_symlinks=False):
                    _check_real(root, Path(entry.path), inner / entry.name, is_link=entry.is_symlink())


def _check_real(root: str, path: Path, shown: Path, *, is_link: bool) -> None:
    """Refuse a path that leads out, or to something that cannot be read to its end; a missing file is named later."""
    real = Path(os.path.realpath(path))  # not Path.resolve, for which a link to itself is an error of the program
    what, hint = "", "put the file itself there: what a link leads to could be anything on this computer"
    if not real.is_relative_to(root):
        what = f"{'is a link that leads out of' if is_link else 'is outside of'} the campaign's folder"
    elif not real.exists():
        what = "is a link that leads to nothing" if is_link else ""
    elif not real.is_file() and not real.is_dir():
        what, hint = "cannot be read: it is a pipe or a device", "put a file there"
    if what:
        raise CannotGoOn(Exit.PROBLEMS, f'"{shown.as_posix()}" {what}', hint)


class Shelf(NamedTuple):
    """The folders in which a name is looked for, in this order, each with how it is shown to the user."""

    folders: tuple[tuple[Path, str], ...]

    def find(self, kind: str, name: str) -> tuple[Path, str] | None:
        """Return the file of a name, which is never a path, and its name for messages; None where there is none."""
        for folder, shown in self.folders:
            path = folder / kind / f"{name}.md"
            if _NAME.fullmatch(name) and path.is_file():
                return path, f"{_joined(shown, kind)}/{name}.md"
        return None

    def names(self, kind: str) -> list[str]:
        """Return the names that exist, in alphabetical order."""
        return sorted({path.stem for folder, _ in self.folders for path in (folder / kind).glob("*.md")})

    def not_found(self, kind: str, name: str, also: Sequence[str] = ()) -> tuple[str, str]:
        """Return what is wrong with a name that `find` does not find, and what to do; `also` are further names.

        A file that may be meant is named: under another spelling, or in a format that no text has.
        """
        if name in self.names(kind):
            plain = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-._") or "text"
            what = f'"{name}.md" in {self.shown(kind)}/ has a name that a text cannot have'
            return what, f"rename it {plain}.md: letters a to z, digits, -, _ and ."
        suffixes = (".md", ".docx") if kind == LETTERS else (".md",)
        for file in self._alike(kind, name):
            stem, suffix = file.stem, file.suffix
            if suffix in suffixes:
                return f'no text in {self.shown(kind)}/ is called "{name}"', f'write "{stem}", for {file.name}'
            if suffix.lower() in suffixes:
                what = f'"{file.name}" in {self.shown(kind)}/ is not found by its ending in capitals'
                return what, f"rename it {stem}{suffix.lower()}"
            if suffix.lower() in _OTHER_FORMATS:
                kinds = "Markdown (.md), or a Word file (.docx)" if kind == LETTERS else "Markdown (.md)"
                what = f'"{file.name}" in {self.shown(kind)}/ cannot be read: a text is {kinds}'
                as_word = 'open it in Word or LibreOffice, and save it as "Word document (.docx)"'
                return what, as_word if kind == LETTERS else "copy its words into a file of that kind"
        words = (path.stem for folder, _ in self.folders for path in (folder / kind).glob("*.docx"))
        known = {*self.names(kind), *also, *(words if kind == LETTERS else ())} - {_LOOKS}
        return f'there is no "{name}.md" in {self.shown(kind)}/', did_you_mean(name, known)

    def _alike(self, kind: str, name: str) -> list[Path]:
        """Return the files that have a name but for folder, ending, capitals and blanks."""
        # People write "x.docx" or "templates\x" where the name alone is asked for.
        bare = PurePosixPath(name.replace("\\", "/")).name
        wanted = {_folded(bare), _folded(bare.removesuffix(PurePosixPath(bare).suffix))}
        files = (path for folder, _ in self.folders for path in sorted((folder / kind).glob("*")) if path.is_file())
        return [path for path in files if _folded(path.stem) in wanted and path.stem != _LOOKS]

    def shown(self, kind: str) -> str:
        """Return the name for messages of the folder in which texts of a kind are kept."""
        return _joined(self.folders[-1][1], kind)


def shelf(templates: Path, shown: str, edition: str = "") -> Shelf:
    """Return the shelf of a folder of templates, on which an edition's own texts come first.

    Raises CannotGoOn when there is no such edition.
    """
    here = (templates, shown)
    if not edition:
        return Shelf((here,))
    if not _NAME.fullmatch(edition) or not (templates / EDITIONS / edition).is_dir():
        message = f'there is no edition "{edition}" in {shown}/{EDITIONS}/'
        hint = did_you_mean(edition, _folders(templates / EDITIONS))
        keep = f"keep the earlier text there: {shown}/{EDITIONS}/{edition}/NAME.md"
        raise CannotGoOn(Exit.PROBLEMS, message, hint or keep)
    return Shelf(((templates / EDITIONS / edition, f"{shown}/{EDITIONS}/{edition}"), here))


def earlier_editions(name: str, templates: Path) -> list[str]:
    """Return the earlier editions of a letter that the campaign has, sorted by name."""
    return sorted(
        folder for folder in _folders(templates / EDITIONS) if (templates / EDITIONS / folder / f"{name}.md").is_file()
    )


def _joined(shown: str, kind: str) -> str:
    return f"{shown}/{kind}" if kind else shown


def _folded(name: str) -> str:
    return re.sub(r"[\s_-]+", "-", name.casefold().strip())


def _folders(path: Path) -> Iterator[str]:
    return (folder.name for folder in path.glob("*") if folder.is_dir())
