"""Finds the texts of a campaign by name: letters, frames, enclosures and clauses, those of an earlier edition first."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from letters.model.problems import CannotGoOn, Exit, did_you_mean

LETTERS, FRAMES, ENCLOSURES, CLAUSES, EDITIONS = "", "frames", "enclosures", "clauses", "editions"
"""The folders inside templates/; the letters stand in templates/ itself."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class Shelf(NamedTuple):
    """The folders in which a name is looked for, in this order, each with how it is shown to the user."""

    folders: tuple[tuple[Path, str], ...]

    def find(self, kind: str, name: str) -> tuple[Path, str] | None:
        """Find the file of a name, which is never a path, and how it is shown; None where there is none."""
        for folder, shown in self.folders:
            path = folder / kind / f"{name}.md"
            if _NAME.fullmatch(name) and path.is_file():
                return path, f"{self._joined(shown, kind)}/{name}.md"
        return None

    def names(self, kind: str) -> list[str]:
        """List the names there are, in alphabetical order."""
        return sorted({path.stem for folder, _ in self.folders for path in (folder / kind).glob("*.md")})

    def shown(self, kind: str) -> str:
        """Tell how the folder is shown in which a text of a kind is kept."""
        return self._joined(self.folders[-1][1], kind)

    @staticmethod
    def _joined(shown: str, kind: str) -> str:
        return f"{shown}/{kind}" if kind else shown


def shelf(templates: Path, shown: str, edition: str = "") -> Shelf:
    """Make the shelf of a folder of templates; an edition's own texts, where it has any, come first."""
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
    """List the earlier editions of a letter that the campaign holds, the oldest name first."""
    return sorted(
        folder for folder in _folders(templates / EDITIONS) if (templates / EDITIONS / folder / f"{name}.md").is_file()
    )


def _folders(path: Path) -> Iterator[str]:
    return (folder.name for folder in path.glob("*") if folder.is_dir())
