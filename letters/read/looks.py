"""Reads looks.toml, and the KEY=VALUE of the command line: paper, type, letterhead."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import fields, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

from letters.formats.files import read_up_to
from letters.model.looks import Align, Arrangement, Margins, PageLooks
from letters.model.postal import Points
from letters.model.problems import Place, Problem, did_you_mean, warning
from letters.model.settings import Paper
from letters.read.toml import TomlFile, read_toml

LOOKS, WRITTEN = "looks.toml", "looks-written.json"
# A point of CSS and Word is a 72nd of an inch (CSS Values 4, 6.2).
_UNITS = {"pt": 1.0, "in": 72.0, '"': 72.0, "mm": 72 / 25.4, "cm": 72 / 2.54}
_LENGTH = re.compile(r"(\d+(?:\.\d+)?|\.\d+)\s*(pt|in|\"|mm|cm)?")
_COLOR = re.compile(r"#[0-9a-f]{6}")
_COLORS = {
    "black": "#000000",
    "gray": "#666666",
    "grey": "#666666",
    "red": "#a3261b",
    "blue": "#1f3a6e",
    "green": "#1d5c38",
}
# Words of CSS, of Word and of America, under which people know these choices.
_SPELLINGS = {
    "centered": "centred",
    "center": "centred",
    "columns": "side by side",
    "rows": "stacked",
    "justify": "justified",
}
_LONGEST = 80
"""Characters of the DRAFT mark, which stands on one line."""


class _Wrong(Exception):  # noqa: N818 - says what is wrong with a value, and is always caught
    def __init__(self, what: str, hint: str = "") -> None:
        super().__init__(what)
        self.what, self.hint = what, hint


class _KeyRule(NamedTuple):
    """How the value of a key is read, and how it is written."""

    read: Callable[[object], Any]
    write: Callable[[Any], str]


def _length(least: Points, most: Points, unit: str = "pt", step: Points = 0.5) -> _KeyRule:
    """Return the rule of a length; a number without a unit is points where the unit is "pt", and else not allowed."""

    def read(value: object) -> Points:
        points = _points(value, bare="pt" if unit == "pt" else "")
        if not least <= points <= most:
            shown = f"from {_shown_length(least, unit)} to {_shown_length(most, unit)}"
            raise _Wrong(f'"{value}" is too {"small" if points < least else "large"}', f"it may be {shown}")
        # Word keeps sizes in half points (ECMA-376 part 1, 17.3.2.38), which both media share.
        return points if unit == "in" else round(points / step) * step

    return _KeyRule(read, lambda points: _quoted(_shown_length(points, unit)))


def _points(value: object, bare: str) -> Points:
    match = _LENGTH.fullmatch(str(value).strip().lower()) if not isinstance(value, bool) else None
    unit = (match[2] or bare) if match else ""
    if match is None or not unit:
        raise _Wrong(f'"{value}" is not a length', 'a number with its unit: "1.2in", "11pt", "30mm", "3cm"')
    return round(float(match[1]) * _UNITS[unit], 2)


def _shown_length(points: Points, unit: str) -> str:
    return f"{round(points / _UNITS[unit], 3):g}{unit}"


def _margins(value: object) -> Margins:
    """Read one to four lengths in the order of CSS: top, right, bottom, left; those left out are as their opposites."""
    given = [_points(each, "") for each in str(value).replace(",", " ").split()]
    if not 1 <= len(given) <= 4:
        hint = 'such as "1in", or top, sides and bottom: "1.25in 1.2in 1in"'
        raise _Wrong(f'"{value}" is not one to four margins', hint)
    top, right = given[0], given[1] if len(given) > 1 else given[0]
    bottom, left = given[2] if len(given) > 2 else top, given[3] if len(given) > 3 else right
    margins = Margins(top, right, bottom, left)
    for name, points, least, most in (
        ("top", top, 64.8, 111.6),
        ("bottom", bottom, 54, 144),
        ("left", left, 54, 122.4),
        ("right", right, 36, 180),
    ):
        if not least <= points <= most:
            shown = f"from {_shown_length(least, 'in')} to {_shown_length(most, 'in')}"
            why = ", for running heads, and so that the address stays in its window" if name in ("top", "left") else ""
            what = f"the {name} margin is too {'small' if points < least else 'large'}"
            raise _Wrong(what, f"it may be {shown}{why}")
    return margins


def _write_margins(margins: Margins) -> str:
    top, right, bottom, left = (_shown_length(points, "in") for points in margins)
    given = (top, right, bottom, left) if right != left else (top, right, bottom) if top != bottom else (top, right)
    return _quoted(" ".join(given[:1] if len(set(given)) == 1 else given))


def _choice(kind: type[StrEnum]) -> _KeyRule:
    def read(value: object) -> StrEnum:
        said = str(value).strip().lower().replace("-", " ").replace("_", " ")
        said = _SPELLINGS.get(said, said)
        found = next((each for each in kind if each.value.lower() == said), None)
        if found is None:
            raise _Wrong(f'"{value}" is none of these', did_you_mean(str(value), [each.value for each in kind]))
        return found

    return _KeyRule(read, lambda value: _quoted(value.value))


def _color(value: object) -> str:
    said = str(value).strip().lower()
    said = _COLORS.get(said, said)
    if re.fullmatch(r"#[0-9a-f]{3}", said):
        said = "#" + "".join(2 * digit for digit in said[1:])
    if not _COLOR.fullmatch(said):
        names = ", ".join(sorted(set(_COLORS) - {"gray"}))
        raise _Wrong(f'"{value}" is not a color', f'six digits behind a "#", as in "#1f3a6e", or one of: {names}')
    return said


def _flag(value: object) -> bool:
    said = str(value).strip().lower()
    if said not in ("true", "false", "yes", "no", "on", "off"):
        raise _Wrong(f'"{value}" is neither true nor false', "write true or false")
    return said in ("true", "yes", "on")


def _words(value: object) -> str:
    said = " ".join(str(value).split())
    if not isinstance(value, str) or not said:
        raise _Wrong(f'"{value}" is not text', "a letter that is a draft has to say so")
    # Each of these would end the text, or the rule, that the style sheet has it in (CSS Syntax 3, 4.3.5).
    if len(said) > _LONGEST or re.search(r"[{}<>\\\"\x00-\x1f]", said):
        hint = f"at most {_LONGEST} characters, on one line, without quotes, braces, angle brackets, backslashes"
        raise _Wrong(f'"{said[:_LONGEST]}" cannot be the mark', hint)
    return said


def _font(value: object) -> str:
    said = str(value).strip().strip("\"'")
    if not isinstance(value, str) or not said or re.search(r"[,;{}<>\\\"\x00-\x1f]", said):
        raise _Wrong(f'"{value}" is not the name of one font', 'such as "Charis SIL"')
    return said


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


_KEYS: Mapping[str, _KeyRule] = {
    "paper": _choice(Paper),
    "margins": _KeyRule(_margins, _write_margins),
    "measure": _length(216, 540, "in"),
    "font": _KeyRule(_font, _quoted),
    "size": _length(9, 14),
    "leading": _length(11, 24),
    "align": _choice(Align),
    "heading_size": _length(9, 20),
    "note_size": _length(7, 12),
    "note_leading": _length(8, 18),
    "color": _KeyRule(_color, _quoted),
    "letterhead": _choice(Arrangement),
    "letterhead_caps": _KeyRule(_flag, lambda value: str(value).lower()),
    "letterhead_size": _length(9, 18),
    "letterhead_color": _KeyRule(_color, _quoted),
    "letterhead_rule": _length(0, 2, step=0.25),
    "logo_size": _length(12, 44),
    "draft_mark": _KeyRule(_words, _quoted),
    "draft_color": _KeyRule(_color, _quoted),
    "fold_marks": _KeyRule(_flag, lambda value: str(value).lower()),
}
"""The keys of looks.toml, which are the fields of PageLooks."""
_SIZES = (("size", "leading"), ("note_size", "note_leading"))
"""The keys of a size and of the distance of its lines."""
_TIGHTEST = 1.1
"""The least distance of lines, in sizes of the type: closer ones would touch."""


def read_looks(templates: Path, shown: str) -> tuple[TomlFile | None, PageLooks, list[Problem]]:
    """Return looks.toml and what it says; the looks of letters that have no such file are the usual ones.

    `shown` is the name of the folder, for messages.
    """
    if not (templates / LOOKS).is_file():
        return None, PageLooks(), []
    file = read_toml(templates / LOOKS, f"{shown}/{LOOKS}")
    looks, problems = with_values(PageLooks(), file.table, lambda key: file.place(key, field=key))
    return file, looks, [*file.problems, *problems]


def with_values(
    looks: PageLooks, values: Mapping[str, object], place: Callable[[str], Place], *, follow: bool = False
) -> tuple[PageLooks, list[Problem]]:
    """Return looks with values in the place of theirs; `place` tells where a key was given.

    With `follow`, what belongs to a size follows it, see followed.
    """
    problems: list[Problem] = []
    read: dict[str, Any] = {}
    for key, value in values.items():
        name = key_of(key)
        if name not in _KEYS:
            problems.append(Problem(place(key), f'"{key}" is not a key of {LOOKS}', did_you_mean(key, _KEYS)))
            continue
        try:
            read[name] = _KEYS[name].read(value)
        except _Wrong as wrong:
            problems.append(Problem(place(key), wrong.what, wrong.hint))
    given = list(map(key_of, values))
    changed = followed(replace(looks, **read), looks, given) if follow else replace(looks, **read)
    for size, leading in _SIZES:
        apart, type_ = getattr(changed, leading), getattr(changed, size)
        if apart < _TIGHTEST * type_:
            what = f"lines {apart:g} pt apart are too close for type of {type_:g} pt"
            hint = f"set {leading} to {type_ * 1.3:.3g}pt or so"
            problems.append(Problem(place(leading if leading in given else size), what, hint))
    return (looks if problems else changed), problems


def followed(looks: PageLooks, before: PageLooks, given: Collection[str]) -> PageLooks:
    """Return looks in which what belongs to a size has followed it, if it was not given itself.

    Headings of the size of the text keep it; the distance of lines keeps its proportion.
    """
    follows: dict[str, Points] = {}
    if "size" in given and before.heading_size == before.size:
        follows["heading_size"] = looks.size
    for size, leading in _SIZES:
        if size in given:
            follows[leading] = round(2 * getattr(before, leading) * getattr(looks, size) / getattr(before, size)) / 2
    return replace(looks, **{key: value for key, value in follows.items() if key not in given})  # type: ignore[arg-type]


def key_of(key: str) -> str:
    """Return a key as looks.toml writes it: "Heading size" is "heading_size"."""
    return re.sub(r"[\s-]+", "_", key.strip().lower())


def written(looks: PageLooks, key: str) -> str:
    """Return the value of a key as looks.toml writes it."""
    return _KEYS[key].write(getattr(looks, key))


def as_values(looks: PageLooks) -> dict[str, str]:
    """Return every key with its value as looks.toml writes it, for a record of what was written."""
    return {each.name: written(looks, each.name) for each in fields(looks)}


def read_record(templates: Path) -> dict[str, dict[str, str]]:
    """Return what was written last into each file; nothing where that is not known."""
    try:
        record = json.loads(read_up_to(templates / WRITTEN))
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(record, dict) or not all(isinstance(part, dict) for part in record.values()):
        return {}
    return record


def stale_problems(templates: Path, shown: str, looks: PageLooks) -> Iterator[Problem]:
    """Yield a warning where looks.toml was changed and not written into the other files since."""
    if not (templates / LOOKS).is_file():
        return
    recorded = read_record(templates).get(LOOKS)
    now = as_values(looks)
    if recorded is None or recorded == now:
        return
    keys = ", ".join(key for key in now if recorded.get(key) != now[key])
    what = f"{keys}: letterhead.css and letterhead.docx do not have this yet"
    yield warning(Place(f"{shown}/{LOOKS}"), what, "run: letters looks")
