"""Follows Jinja templates without writing their text: which way each goes for given values, and what it prints.

Two letters that go the same way differ in their values only: this is how layouts are found rather than declared.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from jinja2 import Environment, Template, nodes, pass_context
from jinja2.runtime import Context

from letters.formats import jinja

_TEXT, _VALUE, _BLANK = "\ue200", "\ue201", "\ue202"
"""What a way is written with: a text of the template, a value, a blank value. Values themselves never stand in it."""
_BUFFERED = (nodes.Macro, nodes.CallBlock, nodes.FilterBlock, nodes.AssignBlock, nodes.Include, nodes.Block)
"""Statements whose text may be changed after it was printed: a template that has one cannot be followed."""
_IMPORTS = (nodes.Import, nodes.FromImport, nodes.Extends)


class NotFollowedError(Exception):
    """Tells that what a template prints is more than text: a picture, rich text, another document."""


class Source(NamedTuple):
    """A template as docxtpl hands it to Jinja."""

    text: str
    escaped: bool
    """Whether values are escaped for XML."""


class Way(NamedTuple):
    """The way the templates went for one letter."""

    steps: tuple[str, ...]
    """One for each template, equal where two letters went the same way."""
    values: tuple[tuple[str, ...], ...]
    """What each template printed, blank values left out."""


def plain_text(value: object) -> str:
    """Return a value as text; raises NotFollowedError where it brings mark-up of its own."""
    if hasattr(value, "__html__"):
        raise NotFollowedError
    return str(value)


class Tracer:
    """Templates, ready to be followed."""

    def __init__(self, sources: Iterable[Source] = ()) -> None:
        self.sources: list[Source] = []
        self.texts: list[str] = []
        self._printed: list[str] = []
        self._templates: list[Template] = []
        self._environments = {escaped: self._environment(escaped=escaped) for escaped in (True, False)}
        for source in sources:
            self.add(source)

    def add(self, source: Source) -> None:
        """Add a template; raises NotFollowedError where it uses what cannot be followed."""
        self._templates.append(self._compile(source))
        self.sources.append(source)

    def _compile(self, source: Source) -> Template:
        environment = self._environments[source.escaped]
        tree = environment.parse(source.text)
        for node in tree.find_all((*_BUFFERED, *_IMPORTS, nodes.TemplateData)):
            if not isinstance(node, nodes.TemplateData):
                raise NotFollowedError
            self.texts.append(node.data)
            node.data = f"{_TEXT}{len(self.texts) - 1}"
        return _from_tree(environment, tree)

    def _environment(self, *, escaped: bool) -> Environment:
        @pass_context  # with a context, Jinja computes nothing beforehand, not even what is always the same
        def finalize(_: object, value: object) -> str:
            text = value if type(value) is str else plain_text(value)
            if not text or text.isspace():  # a parser of XML may treat white space unlike other text
                return f"{_BLANK}{text}"
            self._printed.append(text)
            return _VALUE

        return jinja.environment(finalize, autoescape=escaped)

    def follow(self, context: Mapping[str, object]) -> Way:
        """Follow all templates; raises what Jinja raises, and NotFollowedError for a value that is more than text."""
        steps, values = [], []
        filled: dict[bool, Context] = {}
        for number, source in enumerate(self.sources):
            if source.escaped not in filled:
                filled[source.escaped] = self._templates[number].new_context({**context}, shared=True)
            step, printed = self._follow(number, filled[source.escaped])
            steps.append(step)
            values.append(printed)
            if filled[source.escaped].vars:  # what a template sets is for itself
                del filled[source.escaped]
        return Way(tuple(steps), tuple(values))

    def follow_one(self, number: int, context: Mapping[str, object]) -> tuple[str, tuple[str, ...]]:
        """Follow one template; return its step and what it printed, and raise what `follow` does."""
        return self._follow(number, self._templates[number].new_context({**context}, shared=True))

    def _follow(self, number: int, context: Context) -> tuple[str, tuple[str, ...]]:
        self._printed.clear()
        step = "".join(self._templates[number].root_render_func(context))
        return step, tuple(self._printed)

    def written(self, step: str, values: Sequence[str]) -> list[tuple[str, bool]]:
        """Write out one template's text in pieces, each with whether it is a value."""
        pieces: list[tuple[str, bool]] = []
        left = iter(values)
        kind = ""
        for piece in _pieces(step):
            kind, rest = piece[0], piece[1:]
            if kind == _TEXT:
                pieces.append((self.texts[int(rest)], False))
            else:
                pieces.append((next(left) if kind == _VALUE else rest, True))
        return pieces


def _pieces(step: str) -> list[str]:
    marked = step
    for mark in (_TEXT, _VALUE, _BLANK):
        marked = marked.replace(mark, f"\0{mark}")
    return marked.split("\0")[1:]


def _from_tree(environment: Environment, tree: nodes.Template) -> Template:
    code = environment.compile(tree)
    return environment.template_class.from_code(environment, code, {}, None)
