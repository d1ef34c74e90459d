"""Reads a letter or an enclosure: its front matter, its body with its clauses, and the frame around it."""

from __future__ import annotations

from pathlib import Path

from letters.model.problems import CannotGoOn, Exit, Place, Problem, did_you_mean
from letters.model.records import Campaign, Letter, Source, Tag
from letters.read.clauses import include_clauses
from letters.read.front_matter import FrontMatter, key_problems, split_front_matter
from letters.read.shelf import ENCLOSURES, FRAMES, LETTERS, Shelf, earlier_editions, shelf
from letters.read.text import read_text
from letters.read.toml import TomlFile

_FOR = "for"
_LONGEST = 250_000
"""Characters of a letter: some 100 pages."""
_MOST_ENCLOSURES = 30
_KEYS: dict[str, type] = {
    "title": str,
    "subject": str,
    "frame": str,
    "edition": str,
    "enclosures": list,
    "running_head": str,
    "contents": bool,
    _FOR: str,
}
_PRINTED = ("title", "subject", "running_head")
_AT = "@"
"""Stands between the name of a letter and its edition: guidance-letter@2017-01."""
_DEFAULT_FRAME, _NO_FRAME = "letter", "none"


def read_letter(name: str, templates: Path, shown: str) -> tuple[Letter, list[Problem]]:
    """Read templates/NAME.md, or for NAME@EDITION that edition; `shown` is the folder's name for messages.

    An edition is the letter itself where its front matter says so, else templates/editions/EDITION/NAME.md, which finds
    frames and clauses in its own folder first. Raises CannotGoOn when there is no such letter, listing those there are.
    """
    plain, _, edition = name.partition(_AT)
    letter, problems = _read(plain, LETTERS, shelf(templates, shown), _DEFAULT_FRAME)
    if edition in ("", letter.edition):
        return letter, problems
    earlier = earlier_editions(plain, templates)
    if edition not in earlier:
        known = [f"{plain}{_AT}{there}" for there in (*earlier, letter.edition) if there]
        message = f'there is no edition "{edition}" of {plain}'
        hint = did_you_mean(name, known) or f"it would be {shown}/editions/{edition}/{plain}.md"
        raise CannotGoOn(Exit.PROBLEMS, message, hint)
    return _read(plain, LETTERS, shelf(templates, shown, edition), _DEFAULT_FRAME, edition)


def read_enclosure(name: str, letter: Letter, templates: Path, shown: str) -> tuple[Letter, list[Problem]]:
    """Read templates/enclosures/NAME.md, or the one of the letter's edition where that has its own.

    Raises CannotGoOn when there is none of that name.
    """
    _, _, edition = letter.name.partition(_AT)
    return _read(name, ENCLOSURES, shelf(templates, shown, edition), _NO_FRAME)


def read_enclosures(
    letter: Letter, campaign: Campaign, settings: TomlFile, templates: Path, shown: str
) -> tuple[list[Letter], list[Problem]]:
    """Read the enclosures that the campaign names, or else the letter."""
    names = letter.enclosures if campaign.enclosures is None else campaign.enclosures
    if letter.word is not None and names:
        hint = "a letter made in Word holds its enclosures itself: enclosures = []"
        what = f'"{letter.body.path}" cannot have enclosures of its own'
        return [], [Problem(Place(settings.shown, field="enclosures"), what, hint)]
    place = letter.enclosures_place
    if campaign.enclosures is not None:
        place = settings.place("enclosures", field="enclosures")
    enclosures: list[Letter] = []
    problems: list[Problem] = []
    if len(names) > _MOST_ENCLOSURES:
        what = f"{len(names)} enclosures are too many for a letter: {_MOST_ENCLOSURES} is the limit"
        return [], [Problem(place, what, "send them as a file of their own")]
    for name in names:
        try:
            enclosure, more = read_enclosure(name, letter, templates, shown)
        except CannotGoOn as error:
            problems.append(Problem(place, error.message, error.hint))
            continue
        problems += more
        enclosures.append(enclosure)
    return enclosures, problems


def _read(name: str, kind: str, where: Shelf, default_frame: str, edition: str = "") -> tuple[Letter, list[Problem]]:
    found = where.find(kind, name)
    if not found:
        raise CannotGoOn(Exit.PROBLEMS, *where.not_found(kind, name))
    path, shown = found
    text, problems = read_text(path, shown)
    if len(text) > _LONGEST:
        message = f"{shown} is too long for a letter: {len(text):,} characters, and {_LONGEST:,} is the limit"
        raise CannotGoOn(Exit.PROBLEMS, message, "is it the right file?")
    matter, more = split_front_matter(text, shown)
    problems += more + key_problems(matter, _KEYS, shown)
    problems += _edition_problems(matter, edition, shown)
    frame, more = _read_frame(matter, where, shown, default_frame)
    problems += more
    if not matter.body.strip():
        problems.append(
            Problem(Place(shown, matter.body_line), "there is no text", "write the letter below the front matter")
        )
    body, more = include_clauses(Source(shown, matter.body, matter.body_line), where)
    letter = Letter(
        name=f"{name}{_AT}{edition}" if edition else name,
        body=body,
        frame=frame,
        title=str(matter.values.get("title") or name.replace("-", " ").capitalize()),
        subject=str(matter.values.get("subject") or ""),
        edition=edition or str(matter.values.get("edition") or ""),
        enclosures=_names(matter),
        enclosures_place=Place(shown, matter.lines.get("enclosures", 1), field="enclosures"),
        front=_printed(matter, shown),
        running_head=_running_head(matter, shown),
        contents=matter.values.get("contents") is True,
        meant_for=_condition(matter, shown),
    )
    return letter, problems + more


def _edition_problems(matter: FrontMatter, edition: str, shown: str) -> list[Problem]:
    """Return a problem where an earlier edition calls itself by another name than that of its folder."""
    said = matter.values.get("edition")
    if not edition or said is None or said == edition:
        return []
    place = Place(shown, matter.lines["edition"], field="edition")
    return [Problem(place, f'"{said}", but it stands in the folder of "{edition}"', "rename one of the two")]


def _printed(matter: FrontMatter, shown: str) -> tuple[tuple[str, Source], ...]:
    return tuple(
        (key, Source(shown, text, matter.lines[key]))
        for key in _PRINTED
        if isinstance(text := matter.values.get(key), str)
    )


def _names(matter: FrontMatter) -> tuple[str, ...]:
    listed = matter.values.get("enclosures")
    return tuple(str(name) for name in listed) if isinstance(listed, list) else ()


def _running_head(matter: FrontMatter, shown: str) -> Source | None:
    text = matter.values.get("running_head")
    return Source(shown, text, matter.lines["running_head"]) if isinstance(text, str) and text.strip() else None


def _condition(matter: FrontMatter, shown: str) -> Tag | None:
    expression = matter.values.get(_FOR)
    if not isinstance(expression, str):
        return None
    return Tag("if", expression, Place(shown, matter.lines[_FOR], field=_FOR))


def _read_frame(matter: FrontMatter, where: Shelf, shown: str, default: str) -> tuple[Source | None, list[Problem]]:
    name = str(matter.values.get("frame", default))
    if name == _NO_FRAME:
        return None, []
    found = where.find(FRAMES, name)
    if not found:
        place = Place(shown, matter.lines.get("frame", 1), field="frame")
        return None, [Problem(place, *where.not_found(FRAMES, name, [_NO_FRAME]))]
    path, shown_frame = found
    text, problems = read_text(path, shown_frame)
    frame, more = include_clauses(Source(shown_frame, text), where)
    return frame, problems + more
