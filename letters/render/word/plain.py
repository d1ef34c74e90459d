"""The one door to docxtpl: a Word template and values become a DOCX, each letter on its own.

This is the plain way: it says what a letter is. `letters.render.word.batch` makes the same letters faster.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from jinja2 import Environment

from letters.formats import jinja
from letters.formats.ooxml import write_package
from letters.model.records import Values
from letters.render import RenderError
from letters.render.word.docxtpl_internals import MakesTemplates, WordTemplate

_GUARD = "\ue01f"
"""A private character that keeps docxtpl from reading "{_{" in a value as an escaped brace; taken out again."""
_ESCAPED = re.compile(r"([{%])_(?=[{%])|([}%])_(?=\})")
_ILLEGAL = re.compile("[\x00-\x06\x08\x0b\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML 1.0 cannot hold (2.2, Char) and docxtpl does not turn into mark-up, as it does a bell and a form feed."""


class DocxRenderer:
    """A Word template, ready to be filled for one recipient after the other."""

    def __init__(self, template: bytes) -> None:
        self._template = template
        self._environment = jinja.environment(finalize=guarded)
        self._properties = properties_environment()

    def render(
        self, context: Mapping[str, object], notes: Sequence[Values], pages: Sequence[Mapping[int, int]] = ()
    ) -> bytes:
        """Fill one letter; raises RenderError, and what Jinja raises.

        `pages` are those of the headings that the contents of each part list; without them, Word has to look them up.
        """
        values = {**context, "notes": list(notes), "pages": list(pages)}
        members = fill(self._template, values, self._environment, self._properties)
        return write_package(members)


def properties_environment() -> Environment:
    """Return an environment for the core properties, which are plain text."""
    made = jinja.environment()
    made.autoescape = False
    return made


def fill(
    template: bytes, context: dict[str, Any], environment: MakesTemplates, properties: MakesTemplates
) -> dict[str, bytes]:
    """Let docxtpl fill a template; return the members of the DOCX by name."""
    members = WordTemplate(template, environment, properties).fill(context)
    return {name: _unguarded(content) if name.endswith(".xml") else content for name, content in members.items()}


def _unguarded(member: bytes) -> bytes:
    return member.replace(_GUARD.encode(), b"")


def guarded(value: object) -> object:
    """Return a value for docxtpl, with its braces kept from being read as escapes; raises RenderError."""
    if not isinstance(value, str):
        return value
    if illegal := _ILLEGAL.search(value):
        raise RenderError(f'"{value}" holds the character U+{ord(illegal[0]):04X}, which a DOCX cannot hold')
    return _ESCAPED.sub(lambda m: f"{m[1] or m[2]}{_GUARD}_", value)
