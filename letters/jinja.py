"""The one door to Jinja: a sandbox in which a missing value is an error and data is never mark-up."""

from __future__ import annotations

import datetime
import functools
from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import Environment, StrictUndefined, TemplateError, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.environment import TemplateExpression
from jinja2.sandbox import ImmutableSandboxedEnvironment

from letters import jinja_trees
from letters.model import Values

COMPUTING = (TemplateError, TypeError, ValueError, ArithmeticError, LookupError)
"""What can go wrong when an expression meets its values."""
_FILTERS = [
    "abs",
    "capitalize",
    "count",
    "d",
    "default",
    "first",
    "int",
    "join",
    "last",
    "length",
    "list",
    "lower",
    "replace",
    "reverse",
    "round",
    "sort",
    "title",
    "trim",
    "unique",
    "upper",
]
"""The filters of Jinja that change words and numbers; others make mark-up of data ("safe") or are left to chance."""


class _Sandbox(ImmutableSandboxedEnvironment):
    """A sandbox that takes our own values as they are, and inspects everything else."""

    quick = False
    """Whether plain templates are put together without Jinja's parser."""

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        plain = jinja_trees.template(source, parse_expression) if self.quick else None
        return plain or super()._parse(source, name, filename)

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Look up a part of a value."""
        if type(obj) is Values and attribute in obj._values:
            return obj._values[attribute]
        return super().getattr(obj, attribute)


class _Unescaped(CodeGenerator):
    """Writes programs that give values as they are, where nobody reads the text that comes out."""

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:  # noqa: ARG002
        self.write(finalize.src or "")

    def _output_child_post(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:  # noqa: ARG002
        self.write(")" if finalize.src else "")


def environment(finalize: Callable[..., Any] | None = None, *, quick: bool = False) -> Environment:
    """Make the environment that every template of ours is rendered in.

    A quick one reads templates several times as fast; the frames of an error do not know their lines there.
    """
    made = _Sandbox(
        undefined=StrictUndefined,
        autoescape=True,
        keep_trailing_newline=True,
        finalize=finalize,
        optimized=False,  # to look for what can be computed beforehand, which a letter has little of, takes longer
    )
    made.quick = quick
    made.globals = {}
    kept = {name: made.filters[name] for name in _FILTERS}
    made.filters = {**kept, "long_date": long_date, "capfirst": capfirst}
    return made


def reporting(finalize: Callable[..., Any] | None = None) -> Environment:
    """Make an environment for templates that report what they come to; what they print has to be text already."""
    made = environment(finalize, quick=True)
    made.code_generator_class = _Unescaped
    return made


@functools.cache
def shared() -> Environment:
    """Return an environment for parsing and for expressions, made once."""
    return environment()


def long_date(value: datetime.date | str) -> str:
    """Write a date as a letter does: "September 17, 2025", with a space that does not break after the month."""
    if not value:
        return ""
    date = value if isinstance(value, datetime.date) else datetime.date.fromisoformat(value)
    months = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ]
    return f"{months[date.month - 1]}\u00a0{date.day}, {date.year}"


def capfirst(value: str) -> str:
    """Write the first letter of a phrase as a capital: "The City of Taylor"."""
    return value[:1].upper() + value[1:]


@functools.cache
def parse_expression(expression: str) -> nodes.Expr:
    """Parse one expression, to be looked at and not changed; raises jinja2.TemplateSyntaxError."""
    if plain := jinja_trees.look_up(expression):
        return plain
    output = shared().parse("{{ (" + expression + "\n) }}").body[0]
    assert isinstance(output, nodes.Output)
    return output.nodes[0]


def evaluate(expression: str, values: Mapping[str, object]) -> Any:
    """Compute an expression; an undefined result is returned as it is, a StrictUndefined."""
    plain = jinja_trees.looked_up(expression)
    if not plain:
        return _compiled(expression)(**values)
    name, parts = plain
    value = values[name] if name in values else shared().undefined(name=name)
    for part in parts:
        value = shared().getitem(value, part) if isinstance(part, int) else shared().getattr(value, part)
    return value


@functools.cache
def _compiled(expression: str) -> TemplateExpression:
    return shared().compile_expression(expression, undefined_to_none=False)


@functools.cache
def roots(expression: str) -> frozenset[str]:
    """List the names that an expression begins its look-ups with."""
    parsed = parse_expression(expression)
    return frozenset(node.name for node in (parsed, *parsed.find_all(nodes.Name)) if isinstance(node, nodes.Name))


def with_name_replaced(expression: str, name: str, replacement: str) -> str:
    """Replace a variable by another expression; attributes of the same name and quoted texts stay."""
    before = ""
    pieces = []
    for _, kind, value in shared().lex("{{" + expression + "}}"):
        pieces.append(replacement if kind == "name" and value == name and before != "." else value)
        before = value if kind != "whitespace" else before
    return "".join(pieces)[2:-2]
