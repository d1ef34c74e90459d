"""Puts together the trees of plain templates and expressions as Jinja parses them, several times as fast.

Jinja reads word by word; most tags of a letter come again and again, and most look up one value. What is not plain
here, and every mistake, is left to Jinja, which stays the judge: the tests compare the trees.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from jinja2 import TemplateSyntaxError, nodes

_TAG = re.compile(r"\{\{\s*([^{}%]+?)\s*\}\}|\{%\s*([^{}%]+?)\s*%\}")
_NOT_PLAIN = re.compile(r"\{[{%#]|\{\Z|\r")
"""What a text between two plain tags does not have: a tag that is not plain, a brace that goes with the next one."""
_STATEMENT = re.compile(r"(if|elif)\s+(.+)|(else|endif|endfor)|for\s+([a-z_]\w*)\s+in\s+(.+)", re.DOTALL | re.ASCII)
_NOT_IN_STATEMENTS = re.compile(r"\b(?:if|else|recursive)\b")
_CONSTANTS = frozenset(("true", "false", "none"))
_NUMBER = r"(?:0|[1-9]\d*)"
_NAME_OR_NUMBER = rf"(?:{_NUMBER}|'\w+')"
_REPORT = re.compile(
    rf"([a-z_]\w*) \| ([a-z_]\w*)\(({_NAME_OR_NUMBER}(?:, {_NAME_OR_NUMBER})*)(?:, \((.+)\))?\)", re.DOTALL | re.ASCII
)
"""A value that goes through a filter with numbers and names, and perhaps an expression: so a probe reports."""
_LOOK_UP = re.compile(rf"(?!(?:true|false|none|not)\b)[a-z_]\w*(?:\.[a-z_]\w*|\[{_NUMBER}\])*", re.ASCII)
_PART = re.compile(r"\w+")

Parse = Callable[[str], nodes.Expr]
"""Parses one expression; raises jinja2.TemplateSyntaxError."""


class _NotPlainError(Exception):
    """Tells that Jinja has to parse the template."""


class _Open(NamedTuple):
    """A statement that is not closed yet."""

    closer: str
    statement: nodes.If | nodes.For
    around: list[nodes.Node]
    """What the text goes on in behind it."""


def template(source: str, parse: Parse) -> nodes.Template | None:
    """Put together the tree of a plain template; None where Jinja has to parse it.

    Its nodes are those that Jinja makes, but all of line 1, and equal expressions are one node.
    """
    try:
        return _Assembly(parse).template(source)
    except (_NotPlainError, TemplateSyntaxError):
        return None


def looked_up(expression: str) -> tuple[str, list[str | int]] | None:
    """Tell the name that an expression looks up and the parts of it; None where it does more than that."""
    if not _LOOK_UP.fullmatch(expression):
        return None
    name, *parts = _PART.findall(expression)
    return name, [int(part) if part.isdecimal() else part for part in parts]


def look_up(expression: str) -> nodes.Expr | None:
    """Put together an expression that only looks up; None where it does more."""
    if not (read := looked_up(expression)):
        return None
    name, parts = read
    node: nodes.Expr = nodes.Name(name, "load", lineno=1)
    for part in parts:
        if isinstance(part, int):
            node = nodes.Getitem(node, nodes.Const(part, lineno=1), "load", lineno=1)
        else:
            node = nodes.Getattr(node, part, "load", lineno=1)
    return node


class _Assembly:
    def __init__(self, parse: Parse) -> None:
        self._parse = parse
        self._open: list[_Open] = []
        self._body: list[nodes.Node] = []
        self._printed: list[nodes.Expr] = []

    def template(self, source: str) -> nodes.Template:
        pieces = iter(_TAG.split(source))
        self._text(next(pieces))
        for printed, statement, text in zip(pieces, pieces, pieces, strict=True):
            if printed is not None:
                self._printed.append(self._expression(printed))
            else:
                self._flush()
                self._state(statement)
            self._text(text)
        self._flush()
        if self._open:
            raise _NotPlainError
        return nodes.Template(self._body, lineno=1)

    def _text(self, text: str) -> None:
        if _NOT_PLAIN.search(text):
            raise _NotPlainError
        if text:
            self._printed.append(nodes.TemplateData(text, lineno=1))

    def _flush(self) -> None:
        if self._printed:
            self._body.append(nodes.Output(self._printed, lineno=1))
            self._printed = []

    def _expression(self, expression: str) -> nodes.Expr:
        if expression.isspace() or expression[0] in "-+" or expression[-1] in "-+":  # which take white space away
            raise _NotPlainError
        if report := _REPORT.fullmatch(expression):
            return self._report(report)
        depth = 0
        for bracket in expression if "(" in expression or ")" in expression else "":
            depth += (bracket == "(") - (bracket == ")")
            if depth < 0:
                raise _NotPlainError
        return self._parse(expression)

    def _report(self, report: re.Match[str]) -> nodes.Expr:
        value, name, constants, expression = report.groups()
        if value in _CONSTANTS:
            raise _NotPlainError
        read = [word[1:-1] if word[0] == "'" else int(word) for word in constants.split(", ")]
        arguments: list[nodes.Expr] = [nodes.Const(constant, lineno=1) for constant in read]
        if expression:
            arguments.append(self._expression(expression))
        return nodes.Filter(nodes.Name(value, "load", lineno=1), name, arguments, [], None, None, lineno=1)

    def _state(self, statement: str) -> None:
        read = _STATEMENT.fullmatch(statement)
        if read is None:
            raise _NotPlainError
        condition, test, word, name, listed = read.groups()
        if condition:
            self._condition(condition, self._tested(test))
        elif name:
            self._loop(name, self._tested(listed))
        elif not self._open:
            raise _NotPlainError
        elif word == "else":
            self._body = self._else()
        elif word == self._open[-1].closer:
            self._body = self._open.pop().around
        else:
            raise _NotPlainError

    def _tested(self, expression: str) -> nodes.Expr:
        if _NOT_IN_STATEMENTS.search(expression):
            raise _NotPlainError
        return self._expression(expression)

    def _condition(self, word: str, test: nodes.Expr) -> None:
        made = nodes.If(test, [], [], [], lineno=1)
        if word == "if":
            self._body.append(made)
            self._open.append(_Open("endif", made, self._body))
        else:
            first = self._open[-1].statement if self._open else None
            if not isinstance(first, nodes.If) or self._body is first.else_:
                raise _NotPlainError
            first.elif_.append(made)
        self._body = made.body

    def _loop(self, name: str, listed: nodes.Expr) -> None:
        if name in _CONSTANTS:
            raise _NotPlainError
        made = nodes.For(nodes.Name(name, "store", lineno=1), listed, [], [], None, False, lineno=1)
        self._body.append(made)
        self._open.append(_Open("endfor", made, self._body))
        self._body = made.body

    def _else(self) -> list[nodes.Node]:
        statement = self._open[-1].statement
        if self._body is statement.else_:
            raise _NotPlainError
        return statement.else_
