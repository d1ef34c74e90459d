"""Renders the Jinja templates of a Word letter with numbered marks in the place of its values.

Where the marked texts of two letters are equal, the letters differ in their values only: they have one *shape*. So
shapes are found, not declared.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from jinja2 import Environment, Template, nodes, pass_context

from letters.formats import jinja

PROBE = "'\"&<>é"
"""What every mark carries: all characters that XML may escape, so that docxtpl and lxml show how a value is written."""
MARK_START, MARK_MIDDLE, MARK_END = "\ue100", "\ue101", "\ue102"
"""Private characters: no tool between Jinja and the ZIP escapes, splits or normalizes them."""
MARK = re.compile(f"{MARK_START}([0-9]+){MARK_MIDDLE}[^{MARK_END}]*{MARK_END}")
_CHANGING = (nodes.Macro, nodes.CallBlock, nodes.FilterBlock, nodes.AssignBlock, nodes.Include, nodes.Block)
"""Statements that may change or read a text after it was printed, when a mark stands in it and not the value."""
_IMPORTS = (nodes.Import, nodes.FromImport, nodes.Extends)


class NotSplicedError(Exception):
    """Says why a letter is left to docxtpl."""


class JinjaSource(NamedTuple):
    """A template as docxtpl hands it to Jinja."""

    text: str
    escaped: bool
    """Whether values are escaped for XML; those of the core properties are not."""


class MarkedLetter(NamedTuple):
    """A letter with marks for values."""

    texts: tuple[str, ...]
    """What each template comes to."""
    values: tuple[str, ...]
    """What the marks stand for, by their numbers."""

    def shape(self) -> str:
        """Return the hash of the marked texts, equal for all letters of one shape."""
        return hashlib.sha256("\0".join(self.texts).encode()).hexdigest()


class Tracer:
    """The templates of a Word letter, in docxtpl's order."""

    def __init__(self, sources: Iterable[JinjaSource] = ()) -> None:
        self.sources: list[JinjaSource] = []
        self._templates: list[Template] = []
        self._texts: list[str] = []
        self._values: list[str] = []
        self._environments = {escaped: self._environment(escaped=escaped) for escaped in (True, False)}
        for source in sources:
            self.add(source)

    def add(self, source: JinjaSource) -> None:
        """Add a template; raises NotSplicedError where marks cannot stand in for the values that it prints."""
        environment = self._environments[source.escaped]
        tree = environment.parse(source.text)
        if found := next(tree.find_all((*_CHANGING, *_IMPORTS)), None):
            raise NotSplicedError(f"its template has a statement that may change printed text ({type(found).__name__})")
        self._templates.append(environment.from_string(tree))
        self.sources.append(source)

    def mark(self, context: Mapping[str, object]) -> MarkedLetter:
        """Render all templates; raises what Jinja raises, and NotSplicedError for a value that is more than text."""
        self._texts.clear()
        self._values.clear()
        for _ in self._templates:
            self.mark_next(context)
        return self.marked()

    def mark_next(self, context: Mapping[str, object]) -> str:
        """Render the next template of a letter; raises what `mark` does."""
        self._texts.append(self._templates[len(self._texts)].render(context))
        return self._texts[-1]

    def marked(self) -> MarkedLetter:
        """Return the letter whose templates have been rendered."""
        return MarkedLetter(tuple(self._texts), tuple(self._values))

    def _environment(self, *, escaped: bool) -> Environment:
        @pass_context  # without a context, Jinja would compute constants when it compiles, and mark them then
        def finalize(_: object, value: object) -> str:
            if hasattr(value, "__html__"):
                raise NotSplicedError("a value brings mark-up of its own")
            text = str(value)
            if not text or text.isspace():  # lxml may drop white space between elements: it belongs to the shape
                return text
            self._values.append(text)
            return f"{MARK_START}{len(self._values) - 1}{MARK_MIDDLE}{PROBE}{MARK_END}"

        made = jinja.environment(finalize)
        made.autoescape = escaped
        return made
