"""Reads the signature images, and checks that nobody else can."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from letters.model.postal import Inches
from letters.model.problems import Place, Problem, did_you_mean
from letters.model.settings import STRICT_KEYS, Signer
from letters.read.toml import read_toml, validate

FOLDER = "signatures"
"""Beside campaign.toml, outside version control."""
INDEX = "signatures.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture of somebody's signature, and how it is set on the line."""

    __pydantic_config__: ClassVar[dict[str, object]] = STRICT_KEYS
    name: str
    """The signer, as in campaign.toml."""
    image: Path
    """A PNG or JPEG file in the same folder."""
    height: Inches = 0.5
    """Of the whole picture."""
    below: float = 0.2
    """Which share of the height hangs below the line, as the tail of a "y" does."""


_SHOWN = f"{FOLDER}/{INDEX}"
_HIGHEST = 0.6
"""Inches: the room above a name in the signature block."""


def read_signatures(campaign: Path, signers: Sequence[Signer]) -> tuple[dict[str, Picture], list[Problem]]:
    """Return who has a signature image, by name; `campaign` is the campaign's folder.

    Raises CannotGoOn when there is no list of them.
    """
    folder = campaign / FOLDER
    file = read_toml(folder / INDEX, _SHOWN)
    problems = [*file.problems, *_privacy_problems(campaign)]
    names = [signer.name for signer in signers]
    pictures: dict[str, Picture] = {}
    for number, each in enumerate(file.table.get("signature", [])):
        picture, more = validate(Picture, each, file, ("signature", number))
        problems += more
        if picture:
            place = file.place("signature", number)
            problems += _picture_problems(picture, folder, names, place)
            pictures[picture.name] = picture
    missing = [name for name in names if name not in pictures]
    if missing and not problems:
        what = f'"{missing[0]}" signs this campaign, but no picture of that signature is listed'
        hint = "add a [[signature]] table with name and image, or have the letters signed by hand: --wet"
        problems.append(Problem(Place(_SHOWN), what, hint))
    return pictures, problems


def _picture_problems(picture: Picture, folder: Path, names: Sequence[str], place: Place) -> Iterable[Problem]:
    if picture.name not in names:
        what = f'"{picture.name}" does not sign this campaign'
        yield Problem(place, what, did_you_mean(picture.name, names))
    file = (folder / picture.image).resolve()
    if not file.is_relative_to(folder.resolve()):
        yield Problem(place, f'"{picture.image}" is outside {FOLDER}/', "copy it into the folder")
    elif file.suffix.lower() not in (".png", ".jpg", ".jpeg"):
        yield Problem(place, f'"{picture.image}" is not a picture we can place', "save it as .png or .jpg")
    elif not file.is_file():
        yield Problem(place, f'"{picture.image}" does not exist', "correct the name of the file")
    if not 0 < picture.height <= _HIGHEST:
        hint = f"more than 0 and at most {_HIGHEST}"
        yield Problem(place, f"a height of {picture.height:g} in. does not fit above the name", hint)
    if not 0 <= picture.below < 1:
        yield Problem(place, f"{picture.below:g} is not a share of the height", "0 or more and less than 1")


def _privacy_problems(campaign: Path) -> Iterable[Problem]:
    """Yield a problem for each file that others on this machine may read, and for a folder under version control."""
    folder = campaign / FOLDER
    open_ones = [path for path in (folder, *sorted(folder.iterdir())) if _is_open(path)]
    for path in open_ones:
        hint = f"run: chmod go-rwx {FOLDER} {FOLDER}/*"
        place = Place(path.relative_to(campaign).as_posix())
        yield Problem(place, "others who use this machine may read or change it", hint)
    repository = next((each for each in (campaign, *campaign.resolve().parents) if (each / ".git").exists()), None)
    if repository and not _is_ignored(campaign, repository):
        hint = f'add the line "{FOLDER}/" to .gitignore, and make sure that no earlier version holds a signature'
        yield Problem(Place(FOLDER), "version control would take in this folder", hint)


def _is_open(path: Path) -> bool:
    return os.name == "posix" and bool(stat.S_IMODE(path.stat().st_mode) & (stat.S_IRWXG | stat.S_IRWXO))


def _is_ignored(campaign: Path, repository: Path) -> bool:
    """Return whether a .gitignore names the folder; patterns other than its plain name are not understood."""
    ignored = [path for path in {campaign / ".gitignore", repository / ".gitignore"} if path.is_file()]
    lines = [line.strip().strip("/") for path in ignored for line in path.read_text("utf-8").splitlines()]
    return FOLDER in lines
