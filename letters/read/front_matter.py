"""Reads the front matter of a letter: a few YAML keys between two lines of three hyphens."""

from __future__ import annotations

import re
from typing import NamedTuple

from letters.problems import Place, Problem, did_you_mean

_FENCE = re.compile(r"\A---[ \t]*\n(.*?\n)?(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_PLAIN_LINE = re.compile(r"""
    ([a-z][a-z_]*):[ ]
    (?: (true|false)
      | (\d{4}-\d\d | [A-Za-z][\w ().,'’–/-]*(?<![ ]))
      | "([^"\\\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\uffff]*)"
      | \[([A-Za-z][\w-]*(?:,[ ][A-Za-z][\w-]*)*)\]
    )\n""", re.VERBOSE)  # fmt: skip
"""A key with a truth, a text, a text in quotes, or a list of names."""
_NO_TEXTS = frozenset(("true", "false", "yes", "no", "on", "off", "null"))
"""Words that are no texts in YAML, however they are written."""
_WANTED = {list: "a list of names: [one, two]", bool: "true or false", str: 'text; put it in quotes: "…"'}


class FrontMatter(NamedTuple):
    """The keys of a letter with their lines, and the text that follows."""

    values: dict[str, object]
    lines: dict[str, int]
    body: str
    body_line: int
    """The line of the file on which the body begins, from 1."""


def split_front_matter(text: str, shown: str) -> tuple[FrontMatter, list[Problem]]:
    """Split a text into its front matter and its body; a text without front matter is all body."""
    fence = _FENCE.match(text)
    if not fence:
        return FrontMatter({}, {}, text, 1), []
    body_line = text.count("\n", 0, fence.end()) + 1
    values, lines, problems = _plain(fence[1] or "") or _load(fence[1] or "", shown)
    return FrontMatter(values, lines, text[fence.end() :], body_line), problems


_Loaded = tuple[dict[str, object], dict[str, int], list[Problem]]


def _plain(text: str) -> _Loaded | None:
    """Read keys of which each is plain, as YAML does, which takes as long to load as 40 letters; else None."""
    values: dict[str, object] = {}
    lines: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(keepends=True), start=2):
        match = _PLAIN_LINE.fullmatch(line)
        if not match or match[1] in values:
            return None
        key, truth, plain, quoted, names = match.groups()
        if any(word.lower() in _NO_TEXTS for word in (key, plain or "", *(names or "").split(", "))):
            return None
        lines[key] = number
        values[key] = truth == "true" if truth else names.split(", ") if names else plain or quoted
    return values, lines, []


def _load(text: str, shown: str) -> _Loaded:
    import yaml

    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        if node is None:
            return {}, {}, []
        if not isinstance(node, yaml.MappingNode):
            raise yaml.MarkedYAMLError(problem="it has no keys", problem_mark=node.start_mark)
        lines = {str(key.value): key.start_mark.line + 2 for key, _ in node.value}
        return {str(key): value for key, value in yaml.safe_load(text).items()}, lines, []
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 2 if error.problem_mark else 1
        what = f"the front matter is not YAML: {error.problem}"
        problem = Problem(Place(shown, line), what, "write one key: value on a line; a value with a colon in quotes")
        return {}, {}, [problem]


def key_problems(matter: FrontMatter, known: dict[str, type], shown: str) -> list[Problem]:
    """Check the keys against what is known and the values against their types."""
    problems = []
    for key, value in matter.values.items():
        place = Place(shown, matter.lines[key], field=key)
        if key not in known:
            problems.append(Problem(place, f'"{key}" is not a key of the front matter', did_you_mean(key, known)))
        elif not isinstance(value, known[key]) or not _all_text(value):
            problems.append(Problem(place, f'"{value}" is not {_WANTED[known[key]]}'))
    return problems


def _all_text(value: object) -> bool:
    return all(isinstance(item, str) for item in value) if isinstance(value, list) else True
