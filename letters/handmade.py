"""Letters made by hand in Word: opened with care, read as a source, annotated where they have mistakes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from letters.drafts import revisions
from letters.drafts.findings import open_points
from letters.drafts.losses import content_losses
from letters.drafts.opening import DOCUMENT, FOOTNOTES, Refused, open_docx
from letters.drafts.text import read
from letters.files import write_whole
from letters.formats.ooxml import parse, write_package
from letters.model import Letter
from letters.problems import CannotGoOn, Exit, Place, Problem, warning
from letters.wording import by_hand
from letters.wording.annotate import annotate

_LOOKS = "letterhead.docx"
_CARRIED = {"a text box": "is set below its paragraph", "an endnote": "is a footnote"}
"""What drafts lose and letters made in Word do not."""


def is_handmade(path: Path, templates: Path) -> bool:
    """Tell whether a path is that of a letter made in Word, in the folder of the letters."""
    return path.is_file() and path.parent == templates and path.name != _LOOKS and not path.name.startswith("~$")


def read_handmade(path: Path, shown: str, styles: Collection[str]) -> tuple[Letter, list[Problem]]:
    """Read a letter made in Word; raises CannotGoOn for a file that is no harmless DOCX."""
    parts = _open(path, shown)
    word, problems = by_hand.read(parts, shown, styles)
    if any(next(revisions.changes(parse(parts[part])), None) is not None for part in _texts(parts)):
        what = "it holds tracked changes that nobody has settled"
        problems.append(Problem(Place(shown, 1), what, "accept or reject them in Word"))
    problems += _warnings(parts, shown)
    name = path.stem
    title = name.replace("-", " ").capitalize()
    return Letter(name=name, body=word.body, frame=None, title=title, word=word.template), problems


def _warnings(parts: dict[str, bytes], shown: str) -> list[Problem]:
    """Name what the PDFs cannot show, and what would go out with every Word letter."""
    document = read(parts)
    found = [warning(Place(shown), *_told(loss)) for loss in content_losses(document)]
    for point in open_points(document, lambda _: iter(()), frozenset()):
        if point.kind.startswith("a comment"):
            found.append(warning(Place(shown), f"{point} stands in every Word letter", "delete it in Word"))
    return sorted(found, key=str)


def _told(loss: str) -> tuple[str, str]:
    """Say what becomes of something in the PDFs, and the way out."""
    for thing, becomes in _CARRIED.items():
        if loss.startswith(thing):
            return f"{loss} {becomes} in the PDFs", ""
    return (
        f"in the Word letters only: {loss}",
        "the PDFs are set on the letterhead; write it into the text",
    )


def annotated(problems: Sequence[Problem], folder: Path, target: Path) -> list[Path]:
    """Write a copy of each Word file that has problems, with a comment at each; return where the copies are."""
    written = []
    for shown in dict.fromkeys(problem.place.path for problem in problems):
        source = folder / shown
        if source.suffix.lower() != ".docx" or not source.is_file() or source.name == _LOOKS:
            continue
        own = [problem for problem in problems if problem.place.path == shown]
        copy = target / source.name
        write_whole(copy, write_package(annotate(_open(source, shown), own)))
        written.append(copy)
    return written


def _open(path: Path, shown: str) -> dict[str, bytes]:
    try:
        return open_docx(path.read_bytes())
    except Refused as error:
        raise CannotGoOn(Exit.PROBLEMS, f"{shown} is not read: {error.what}", error.hint) from None


def _texts(parts: Collection[str]) -> list[str]:
    return [part for part in (DOCUMENT, FOOTNOTES) if part in parts]
