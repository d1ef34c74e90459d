"""Makes HTML by the desk's own templates; every value is text, whatever it looks like."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from letters.formats.jinja import long_date
from letters.review.status import CURRENT, EDITED, MISSING, OUTDATED

PAGES = Path(__file__).parent / "pages"
STATIC = Path(__file__).parent / "static"
_STATES = {MISSING: "not made", OUTDATED: "out of date", CURRENT: "made", EDITED: "PDF changed by hand"}


@functools.cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(PAGES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made.filters["number"] = lambda value: f"{value:,}"
    made.filters["long_date"] = long_date
    made.filters["many"] = many
    made.filters["state_words"] = state_words
    return made


def many(count: int, noun: str, nouns: str = "") -> str:
    """Return a number with its noun, such as "1 letter" and "1,200 letters"."""
    return f"{count:,} {noun if count == 1 else nouns or noun + 's'}"


def state_words(state: str) -> str:
    """Return the state of a PDF as a person says it."""
    return _STATES.get(state, state)


def render(template: str, /, **values: Any) -> str:
    """Return a template of the desk filled in."""
    return _environment().get_template(template).render(**values)
