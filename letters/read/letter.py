"""Reads a letter or an enclosure: its front matter, its body, and the frame that stands around it."""

from __future__ import annotations

import re
from pathlib import Path

from letters.model import Letter, Source
from letters.problems import CannotGoOn, Exit, Place, Problem, did_you_mean
from letters.read.front_matter import FrontMatter, key_problems, split_front_matter
from letters.read.text import read_text

_KEYS: dict[str, type] = {"title": str, "subject": str, "frame": str, "edition": str, "enclosures": list}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_NO_FRAME = "none"


def read_letter(name: str, templates: Path, shown: str, default_frame: str = "letter") -> tuple[Letter, list[Problem]]:
    """Read templates/NAME.md; `shown` is the folder's name for messages.

    Raises CannotGoOn when there is no letter of that name, listing those there are.
    """
    path = _find(name, templates, shown)
    shown_path = f"{shown}/{name}.md"
    text, problems = read_text(path, shown_path)
    matter, more = split_front_matter(text, shown_path)
    problems += more + key_problems(matter, _KEYS, shown_path)
    frame, more = _read_frame(matter, templates, shown, shown_path, default_frame)
    if not matter.body.strip():
        problems.append(
            Problem(Place(shown_path, matter.body_line), "there is no text", "write the letter below the front matter")
        )
    letter = Letter(
        name=name,
        body=Source(shown_path, matter.body, matter.body_line),
        frame=frame,
        title=str(matter.values.get("title") or name.replace("-", " ").capitalize()),
        subject=str(matter.values.get("subject") or ""),
        edition=str(matter.values.get("edition") or ""),
        enclosures=_names(matter),
    )
    return letter, problems + more


def _names(matter: FrontMatter) -> tuple[str, ...]:
    listed = matter.values.get("enclosures")
    return tuple(str(name) for name in listed) if isinstance(listed, list) else ()


def _find(name: str, templates: Path, shown: str) -> Path:
    """Find a letter by name, which is never a path."""
    path = templates / f"{name}.md"
    if _NAME.fullmatch(name) and path.is_file():
        return path
    there = sorted(p.stem for p in templates.glob("*.md"))
    raise CannotGoOn(Exit.PROBLEMS, f'there is no "{name}.md" in {shown}/', did_you_mean(name, there))


def _read_frame(
    matter: FrontMatter, templates: Path, shown: str, shown_path: str, default: str
) -> tuple[Source | None, list[Problem]]:
    name = str(matter.values.get("frame", default))
    if name == _NO_FRAME:
        return None, []
    path = templates / "frames" / f"{name}.md"
    if not (_NAME.fullmatch(name) and path.is_file()):
        place = Place(shown_path, matter.lines.get("frame", 1), field="frame")
        there = [p.stem for p in (templates / "frames").glob("*.md")]
        return None, [
            Problem(place, f'there is no "{name}.md" in {shown}/frames/', did_you_mean(name, [*there, _NO_FRAME]))
        ]
    shown_frame = f"{shown}/frames/{name}.md"
    text, problems = read_text(path, shown_frame)
    return Source(shown_frame, text), problems
