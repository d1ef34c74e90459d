"""Reads the front matter of a letter: a few YAML keys between two lines of three hyphens."""

from __future__ import annotations

import re
from typing import NamedTuple

import yaml

from letters.model.problems import Place, Problem, did_you_mean

_LONGEST = 20_000
_FENCE = re.compile(r"\A---[ \t]*\n(.*?\n)?(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
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
    values, lines, problems = _load(fence[1] or "", shown)
    return FrontMatter(values, lines, text[fence.end() :], body_line), problems


def _load(text: str, shown: str) -> tuple[dict[str, object], dict[str, int], list[Problem]]:
    """Return the keys of a YAML text with their values and lines, and its problems."""
    values: dict[str, object] = {}
    lines: dict[str, int] = {}
    line = 1
    if len(text) > _LONGEST:
        return {}, {}, [_not_yaml(f"it has more than {_LONGEST:,} characters, too many for a few keys", 1, shown)]
    try:
        for token in yaml.scan(text, yaml.SafeLoader):
            # Lists of aliases of lists of aliases become a text without end when they are shown.
            if isinstance(token, yaml.AliasToken):
                line = token.start_mark.line + 2
                what = f'"*{token.value}" stands for another value, and nothing in a letter needs that'
                return {}, {}, [_not_yaml(what, line, shown)]
        loader = yaml.SafeLoader(text)
        node = loader.get_single_node()
        if node is not None and not isinstance(node, yaml.MappingNode):
            raise yaml.MarkedYAMLError(problem="it has no keys", problem_mark=node.start_mark)
        for key, value in node.value if node else ():
            # Keys are taken as they are written: YAML 1.1 would make True of "on".
            name, line = str(key.value), key.start_mark.line + 2
            lines[name], values[name] = line, loader.construct_object(value, deep=True)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 2 if error.problem_mark else 1
        return {}, {}, [_not_yaml(str(error.problem), line, shown)]
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 2
        return {}, {}, [_not_yaml(f"U+{ord(text[error.position]):04X} is not allowed", line, shown)]
    except RecursionError:
        return {}, {}, [_not_yaml("lists or keys are nested too deep", 1, shown)]
    except ValueError as error:  # a date that no calendar has
        return {}, {}, [_not_yaml(str(error), line, shown)]
    return values, lines, []


def _not_yaml(what: str, line: int, shown: str) -> Problem:
    hint = "write one key: value on a line; a value with a colon in quotes"
    return Problem(Place(shown, line), f"the front matter is not YAML: {what}", hint)


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
