"""Writes the variables of letterhead.css from the looks, in one marked block, and reads them back."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from letters.model.looks import HEADER_END, PAPER_POINTS, Align, PageLooks, TypeSize
from letters.model.postal import Points

_BLOCK = re.compile(r"(/\* letters looks: begin \*/\s*:root \{\n)(.*?)(\}\n/\* letters looks: end \*/)", re.DOTALL)
_VARIABLE = re.compile(r"^\s*(--[\w-]+):\s*(.*?);\s*$", re.MULTILINE)
_FALLBACK_FONT = "DejaVu Sans"
"""For signs that the font of the letters has not."""
_FOLD_MARK: Points = 10
_FOR_COPIES = ("--margin-top",)
"""What the line at the top of copies needs, and no rule of the style sheet."""


def css_values(looks: PageLooks) -> dict[str, str]:
    """Return the variables of the style sheet, by name."""
    fonts = dict.fromkeys((looks.font, _FALLBACK_FONT))
    values = {
        "paper": looks.paper.value,
        "paper-width": _points(PAPER_POINTS[looks.paper][0]),
        "paper-height": _points(PAPER_POINTS[looks.paper][1]),
        "margins": " ".join(map(_inches, looks.margins)),
        "margin-top": _inches(looks.margins.top),
        "margin-right": _inches(looks.margins.right),
        "margin-bottom": _inches(looks.margins.bottom),
        "margin-left": _inches(looks.margins.left),
        "date-drop": _points(max(0.0, looks.margins.top - HEADER_END)),
        "measure": _inches(looks.measure),
        "font": ", ".join(map(_string, fonts)),
        **_type("", looks.body),
        "align": "justify" if looks.align is Align.JUSTIFIED else "left",
        "color": looks.color,
        **_type("address-", looks.address),
        **_type("heading-", looks.heading),
        **_type("title-", looks.title),
        **_type("headline-", looks.headline),
        **_type("contents-", looks.contents),
        **_type("small-", looks.small),
        **_type("source-", looks.source),
        **_type("note-", looks.note),
        "mark-size": _points(looks.mark_size),
        "mark-rise": _points(looks.mark_rise),
        **_type("name-", looks.name),
        **_type("contact-", looks.contact),
        "name-case": "uppercase" if looks.letterhead_caps else "none",
        "letterhead-color": looks.letterhead_color,
        "letterhead-rule": _points(looks.letterhead_rule),
        "draft-mark": _string(looks.draft_mark),
        "draft-color": looks.draft_color,
        "fold-mark": _points(_FOLD_MARK if looks.fold_marks else 0),
    }
    return {f"--{name}": value for name, value in values.items()}


def read_block(sheet: str) -> dict[str, str] | None:
    """Return the variables in the marked block of a style sheet; None where it has no such block."""
    found = _BLOCK.search(sheet)
    return dict(_VARIABLE.findall(found[2])) if found else None


def with_block(sheet: str, values: Mapping[str, str]) -> str:
    """Return the style sheet with these variables in its block, and those of others that were there behind them."""
    kept = {**values, **{name: value for name, value in (read_block(sheet) or {}).items() if name not in values}}
    lines = "".join(f"  {name}: {value};\n" for name, value in kept.items())
    return _BLOCK.sub(lambda found: found[1] + lines + found[3], sheet, count=1)


def without_block(sheet: str) -> str:
    """Return the rules of a style sheet that are not written from looks.toml."""
    return _BLOCK.sub(lambda found: found[1] + found[3], sheet, count=1)


def unused_values(sheet: str, values: Mapping[str, str]) -> list[str]:
    """List the variables that no rule of a style sheet uses, so that they change nothing in the PDF."""
    rules = without_block(sheet)
    return [name for name in values if name not in _FOR_COPIES and not re.search(rf"var\(\s*{name}\s*[,)]", rules)]


def _type(prefix: str, type_: TypeSize) -> dict[str, str]:
    return {f"{prefix}size": _points(type_.size), f"{prefix}leading": _points(type_.leading)}


def _points(points: Points) -> str:
    return f"{points:g}pt"


def _inches(points: Points) -> str:
    return f"{round(points / 72, 4):g}in"


def _string(text: str) -> str:
    """Write a text as a string of CSS (CSS Syntax, 4.3.5); backslashes and quotes are written as in JSON."""
    return json.dumps(text, ensure_ascii=False)
