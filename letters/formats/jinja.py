"""The one door to Jinja: a sandbox in which a missing value is an error and data is never mark-up."""

from __future__ import annotations

import datetime
import functools
from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import Environment, StrictUndefined, TemplateError, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

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


def environment(finalize: Callable[..., Any] | None = None, *, autoescape: bool = True) -> Environment:
    """Return a new environment for the templates of letters.

    `finalize` is given every value that is printed. Without `autoescape` values are printed as they are, which is only
    for output that nobody reads, such as that of a probe.
    """
    made = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined,
        autoescape=autoescape,
        keep_trailing_newline=True,
        finalize=finalize,
    )
    # Jinja's own globals (range, lipsum, …) and most of its filters are no part of what a letter may use.
    made.globals = {}
    kept = {name: made.filters[name] for name in _FILTERS}
    made.filters = {**kept, "long_date": long_date, "capfirst": capfirst}
    return made


@functools.cache
def shared() -> Environment:
    """Return the environment for parsing and for expressions, the same one each time."""
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
    """Return the tree of one expression, to be read and not changed; raises jinja2.TemplateSyntaxError."""
    # The line break ends a line comment; the brackets keep "a }} b" and "a if b" within one output.
    try:
        output = shared().parse("{{ (" + expression + "\n) }}").body[0]
    except RecursionError:
        raise TemplateSyntaxError("it is nested too deep", 1) from None
    except ValueError:  # Python reads no number of more than 4,300 digits
        raise TemplateSyntaxError("a number in it is too long", 1) from None
    assert isinstance(output, nodes.Output)
    return output.nodes[0]


def evaluate(expression: str, values: Mapping[str, object]) -> Any:
    """Return the value of an expression; an undefined one is returned as it is, a StrictUndefined."""
    return _compiled(expression)(**values)


@functools.cache
def _compiled(expression: str) -> Callable[..., Any]:
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
