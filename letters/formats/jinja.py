"""The one door to Jinja: a sandbox in which a missing value is an error, and the tags as they stand in a text.

Expressions have a budget: whatever one is made of, no text, list or number in it grows beyond what a letter could print
in one place, and nothing is called.
"""

from __future__ import annotations

import datetime
import functools
import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from jinja2 import (
    Environment,
    StrictUndefined,
    Template,
    TemplateError,
    TemplateRuntimeError,
    TemplateSyntaxError,
    nodes,
)
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

COMPUTING = (TemplateError, TypeError, ValueError, ArithmeticError, LookupError, RecursionError)
"""What can go wrong when an expression meets its values."""
_LONGEST = 20_000
"""Characters of a text, or items of a list, in an expression: ten times what a field may print."""
_LONGEST_EXPRESSION = 2_000
"""Characters."""
_MOST_BITS = 512
"""Of a whole number in an expression: about 150 digits."""
_FILTERS = [
    *("abs", "capitalize", "count", "d", "default", "first", "int", "join", "last", "length", "list", "lower"),
    *("replace", "reverse", "round", "sort", "title", "trim", "unique", "upper"),
]
"""The filters of Jinja that change words and numbers; others make mark-up of data ("safe") or are left to chance."""
STATEMENTS = ("if", "elif", "else", "endif", "for", "endfor")
CLOSERS = {"{{": "}}", "{%": "%}", "{#": "#}"}
OPENER = re.compile(r"\{[{%#]")
SPECIAL = re.compile(r"(\{[{%]|\{#(?=p|tr|tc))(p|tr|tc|r)\s")
"""Begins a tag of docxtpl that stands for a whole paragraph, row, cell or run of a Word file."""
_QUOTED = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'", re.DOTALL)
_FIRST, _LAST, _DIGITS = "\ue000", "\ue001", "\ue010"
TOKEN = re.compile(f"{_FIRST}([\ue010-\ue019]+){_LAST}")
"""A token is a number in characters of the Private Use Area: no letter, no mark-up, no white space."""
PRIVATE = re.compile("[\ue000-\ue01f]")
LIST_NUMBER = r"\(?(?:\d{1,9}|[a-zA-Z]|[ivxlcdm]{2,6}|[IVXLCDM]{2,6}|#)[.)]"
"""What stands before an item of a numbered list in pandoc's Markdown ("fancy_lists"), as a regular expression."""
_PROSE = re.compile(rf"(?!\s*(?:$|[-*+] |{LIST_NUMBER} |:::|#|\||\[\^[^\]]+\]:))")
"""A line of a paragraph: not blank, no list item, fence, heading, table row or beginning of a note."""


class TooMuchError(TemplateRuntimeError):
    """Raised for an expression that would make a text, a list or a number larger than any letter can print."""


class _BoundedEnvironment(ImmutableSandboxedEnvironment):
    """A sandbox in which nothing is called and no value grows without bounds."""

    # Jinja asks call_binop for these operators only; by itself it asks for none.
    intercepted_binops = frozenset(("+", "-", "*", "/", "//", "**", "%"))

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """Return the result of an operator; raises TooMuchError before anything large is made."""
        if operator == "%" and isinstance(left, str):
            # A width in a format makes a text of any length.
            raise TooMuchError("a text is not formatted with % in a letter")
        if operator == "*":
            _refuse_product(left, right)
        elif operator == "**":
            _refuse_power(left, right)
        elif operator == "+" and isinstance(left, str | list | tuple) and isinstance(right, str | list | tuple):
            _refuse_length(_size(left) + _size(right))
        made = super().call_binop(context, operator, left, right)
        if isinstance(made, complex) or (isinstance(made, float) and not math.isfinite(made)):
            raise TooMuchError("it makes no number that a letter can print")
        return made

    def is_safe_callable(self, obj: Any) -> bool:  # noqa: ARG002
        """Return that nothing may be called: a letter prints fields, and filters change them."""
        return False


def _refuse_length(length: int) -> None:
    if length > _LONGEST:
        raise TooMuchError(f"it makes a text or a list of {length:,}, and {_LONGEST:,} is the limit in a letter")


def _size(value: Any, most: int = _LONGEST) -> int:
    """Return the characters of a text, or the items of a list with all that is in them, counted to just above `most`.

    A short list may hold long ones, each of which holds the same long one: only what is in them tells its size.
    """
    if isinstance(value, str):
        return len(value)
    if not isinstance(value, list | tuple | dict):
        return 1
    size = len(value)
    for each in value.values() if isinstance(value, dict) else value:
        if size > most:
            break
        if isinstance(each, str | list | tuple | dict):
            size += _size(each, most - size)
    return size


def _refuse_product(left: Any, right: Any) -> None:
    for text, times in ((left, right), (right, left)):
        if isinstance(text, str | list | tuple) and isinstance(times, int):
            _refuse_length(_size(text) * times)
    # A product has at most the bits of both.
    if isinstance(left, int) and isinstance(right, int) and left.bit_length() + right.bit_length() > _MOST_BITS:
        raise TooMuchError("it makes a number too long for a letter")


def _refuse_power(base: Any, exponent: Any) -> None:
    # A power has at most the bits of its base for each time.
    if isinstance(base, int) and isinstance(exponent, int) and base.bit_length() * abs(exponent) > _MOST_BITS:
        raise TooMuchError("it makes a number too long for a letter")


def _bounded(name: str, filter_: Callable[..., Any]) -> Callable[..., Any]:
    """Return a filter that is given nothing too long, and makes nothing too long."""

    # Jinja tells by an attribute of a filter whether it wants the environment; wraps keeps it.
    @functools.wraps(filter_)
    def bounded(*arguments: Any, **named: Any) -> Any:
        for each in (*arguments, *named.values()):
            if isinstance(each, str | list | tuple | dict):
                _refuse_length(_size(each))
            # Jinja computes 10 ** places for the methods "ceil" and "floor".
            elif isinstance(each, int) and abs(each) > _MOST_BITS and name == "round":
                raise TooMuchError("it rounds to more places than a number has")
        if name == "replace":
            _refuse_replacement(*(each for each in arguments if isinstance(each, str)), **named)
        elif name == "join":
            _refuse_join(*(each for each in arguments if isinstance(each, str | list | tuple)), **named)
        made = filter_(*arguments, **named)
        if isinstance(made, str | list | tuple):
            _refuse_length(_size(made))
        return made

    return bounded


def _refuse_replacement(text: str = "", old: str = "", new: str = "", *_: Any, **__: Any) -> None:
    count = text.count(old) if old else len(text) + 1
    _refuse_length(len(text) + count * max(0, len(new) - len(old)))


# Named as Jinja names them, since a letter may do so, too: join(d=", ").
def _refuse_join(things: Any = (), d: Any = "", *_: Any, **__: Any) -> None:
    if not isinstance(things, str):
        _refuse_length(sum(len(str(each)) for each in things) + len(d) * len(things))
    else:
        _refuse_length(len(things) * (1 + len(d)))


def environment(finalize: Callable[..., Any] | None = None, *, autoescape: bool = True) -> Environment:
    """Return a new environment for the templates of letters.

    `finalize` is given every value that is printed. Without `autoescape` values are printed as they are, which is only
    for output that nobody reads, such as that of a probe.
    """
    made = _BoundedEnvironment(
        undefined=StrictUndefined,
        autoescape=autoescape,
        keep_trailing_newline=True,
        finalize=finalize,
    )
    # Jinja's own globals (range, lipsum, …) and most of its filters are no part of what a letter may use.
    made.globals = {}
    kept = {name: _bounded(name, made.filters[name]) for name in _FILTERS}
    made.filters = {**kept, "long_date": long_date, "capfirst": capfirst}
    return made


@functools.cache
def shared() -> Environment:
    """Return the environment for parsing and for expressions, the same one each time."""
    return environment()


def render_anew(text: str, values: Mapping[str, object]) -> str:
    """Return a template, rendered once; a template with the same tags and other words is not compiled again."""
    skeleton, words = "", list[str]()
    for _, kind, piece in shared().lex(text):
        if kind == "data":
            skeleton += f"{{{{ _words[{len(words)}] }}}}"
            words.append(Markup(piece))  # noqa: S704 - the words of the template itself, no values
        elif kind.startswith("raw"):
            return environment().from_string(text).render(values)  # a tag in the place of its words would be words
        else:
            skeleton += piece
    return _skeleton(skeleton).render({**values, "_words": words})


@functools.lru_cache(32)
def _skeleton(text: str) -> Template:
    return shared().from_string(text)


def long_date(value: datetime.date | str) -> str:
    """Write a date as a letter does: "September 17, 2025", with a space that does not break after the month."""
    if not value:
        return ""
    date = value if isinstance(value, datetime.date) else datetime.date.fromisoformat(value)
    months = [
        *("January", "February", "March", "April", "May", "June", "July", "August", "September", "October"),
        *("November", "December"),
    ]
    return f"{months[date.month - 1]}\u00a0{date.day}, {date.year}"


def capfirst(value: str) -> str:
    """Write the first letter of a phrase as a capital: "The City of Taylor"."""
    return value[:1].upper() + value[1:]


@functools.cache
def parse_expression(expression: str) -> nodes.Expr:
    """Return the tree of one expression, to be read and not changed; raises jinja2.TemplateSyntaxError."""
    # The line break ends a line comment; the brackets keep "a }} b" and "a if b" within one output.
    if len(expression) > _LONGEST_EXPRESSION:
        raise TemplateSyntaxError(f"it is longer than {_LONGEST_EXPRESSION:,} characters", 1)
    try:
        output = shared().parse("{{ (" + expression + "\n) }}").body[0]
    except RecursionError:
        raise TemplateSyntaxError("it is nested too deep", 1) from None
    except ValueError:  # Python reads no number of more than 4,300 digits
        raise TemplateSyntaxError("a number in it is too long", 1) from None
    assert isinstance(output, nodes.Output)
    if any(isinstance(each.value, float) and not math.isfinite(each.value) for each in output.find_all(nodes.Const)):
        raise TemplateSyntaxError("a number in it is too large", 1)
    return output.nodes[0]


def evaluate(expression: str, values: Mapping[str, object]) -> Any:
    """Return the value of an expression; an undefined one is returned as it is, a StrictUndefined."""
    return _compiled(expression)(**values)


@functools.cache
def _compiled(expression: str) -> Callable[..., Any]:
    # Otherwise Jinja returns None for what is undefined, and nobody could tell which name is unknown.
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


def without_reach(text: str) -> str:
    """Write the tags of docxtpl that stand for a whole paragraph, row, cell or run as Jinja knows them."""
    return SPECIAL.sub(r"\1 ", text)


def token(number: int) -> str:
    """Write the token that stands for tag `number`."""
    return _FIRST + "".join(chr(ord(_DIGITS) + int(digit)) for digit in str(number)) + _LAST


def token_number(match: re.Match[str]) -> int:
    """Read the number of a matched token, or of anything whose first group is a number in private characters."""
    return int("".join(str(ord(character) - ord(_DIGITS)) for character in match[1]))


def end_of_tag(text: str, opener: re.Match[str]) -> int | None:
    """Find where a tag ends, which is not inside a quoted text nor behind the next opener."""
    closer = CLOSERS[opener[0]]
    if opener[0] == "{#":
        found = text.find(closer, opener.end())
        return found + 2 if found >= 0 else None
    position = opener.end()
    while position < len(text):
        if quoted := _QUOTED.match(text, position):
            position = quoted.end()
        elif text.startswith(closer, position):
            return position + 2
        elif OPENER.match(text, position) or text.startswith("\n\n", position):
            return None
        else:
            position += 1
    return None


def lines_apart(lines: Sequence[str], kinds: Mapping[int, str]) -> set[int]:
    """Find the lines of statements that are not part of a paragraph, given the kind of each token's tag.

    A condition stands inside a paragraph where there is prose directly above and below its first or its last line.
    """
    alone = {number: found for number, line in enumerate(lines) if (found := _statements_alone(line, kinds))}
    inside = _inside_paragraphs(lines, alone, kinds)
    return {number for number, found in alone.items() if not inside.intersection(found)}


def _statements_alone(line: str, kinds: Mapping[int, str]) -> list[int]:
    found = [token_number(match) for match in TOKEN.finditer(line)]
    only = bool(found) and not TOKEN.sub("", line).strip()
    return found if only and all(kinds.get(n) in STATEMENTS for n in found) else []


def _inside_paragraphs(lines: Sequence[str], alone: Mapping[int, Sequence[int]], kinds: Mapping[int, str]) -> set[int]:
    """Find the statements whose condition is part of a paragraph, by the number of their token."""

    def prose(number: int) -> bool:
        return 0 <= number < len(lines) and number not in alone and bool(_PROSE.match(lines[number]))

    line_of = {n: number for number, found in alone.items() for n in found}
    inside: set[int] = set()
    open_groups: list[list[int]] = []
    for n, kind in kinds.items():
        if kind in ("if", "for"):
            open_groups.append([])
        if kind in STATEMENTS and open_groups:
            open_groups[-1].append(n)
        if kind in ("endif", "endfor") and open_groups:
            group = open_groups.pop()
            edges = [line_of[m] for m in (group[0], group[-1]) if m in line_of]
            if any(prose(edge - 1) and prose(edge + 1) for edge in edges):
                inside.update(group)
    return inside
