"""Keeps what a campaign reads inside its own folder: links that lead out, pipes and devices are refused by name.

Whoever makes letters from a folder that somebody else sent must not print or send files of their own with them.
"""

from __future__ import annotations

import os
from pathlib import Path

from letters.model.problems import CannotGoOn, Exit

_MOST_FILES = 100_000
"""In the folder of the letters, with its fonts, clauses and editions."""


CAMPAIGN = Path("campaign.toml")


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
