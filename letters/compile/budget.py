"""Finds what would take a letter without end to read or to set, before anything reads it.

Every limit is far above any letter, and so low that what is within all of them is made in seconds. The message names
the place, since whoever wrote it there has to take it out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from letters.formats.jinja import OPENER
from letters.formats.tree import Node
from letters.model.problems import Problem
from letters.model.records import Source, Tag

MOST_CHARACTERS = 250_000
"""Of a letter or an enclosure with its clauses: some 100 pages."""
_LONGEST_PARAGRAPH = 40_000
_LONGEST_WORD = 1_000
_MOST_NOTES = 300
_MOST_HEADINGS, _MOST_CELLS = 500, 5_000
_MOST_ITEMS, _MOST_PARAGRAPHS, _MOST_BREAKS = 2_000, 4_000, 2_000
_MOST_TAGS = 2_000
_DEEPEST_TAGS, _DEEPEST_LOOPS = 20, 3
"""Conditions in conditions, and loops in loops."""
# Pandoc takes twice as long for each pair of brackets in another: 12 take a second, 18 a minute.
_DEEPEST_BRACKETS, _DEEPEST_QUOTES, _DEEPEST_LIST, _DEEPEST_FENCES = 12, 10, 10, 20
_DEEPEST_TREE = 200
"""Values in one another, in the JSON of a tree; an element takes three or four."""
_WORD = re.compile(rf"[^\s{{}}]{{{_LONGEST_WORD + 1},}}")
_NOTE = re.compile(r"^ {0,3}\[\^[^\]\s]+\]:|\^\[", re.MULTILINE)
_QUOTE = re.compile(r"^(?:[ \t]*>)+", re.MULTILINE)
_LIST = re.compile(r"^([ \t>]*)(?:[-*+]|\(?[\w#]{1,9}[.)])(?=[ \t])", re.MULTILINE)
_FENCE = re.compile(r"^ {0,3}(:{3,}) *(\S?)", re.MULTILINE)
_MARKERS = re.compile(rf"(?:[-*+][ \t]+){{{_DEEPEST_LIST + 1},}}(?=[^-*+\s])|[*_^~`\[(]{{300,}}")
_HEADING, _CELL = re.compile(r"^#{1,6}[ \t]|^(?:=+|-+)[ \t]*$", re.MULTILINE), re.compile(r"\|")
_BLANK_LINES = re.compile(r"\n[ \t]*\n(?=[ \t]*\S)")
_BREAK = re.compile(r"(?:\\|  )\n|^\|[ \t]", re.MULTILINE)
"""At the end of a line; lines that begin with a bar are broken as they stand."""
_INDENT = 4


def source_problems(source: Source) -> Iterator[Problem]:
    """Yield the first thing in a source that is too long, too many or nested too deep."""
    yield from _first(_size_problems(source), _depth_problems(source))


def _first(*problems: Iterator[Problem]) -> Iterator[Problem]:
    """Yield one problem of several kinds at most: what is far too long breaks many limits."""
    yield from next(([found] for each in problems if (found := next(each, None))), [])


def _size_problems(source: Source) -> Iterator[Problem]:
    text = source.text
    if len(text) > MOST_CHARACTERS:
        what = f"the text is too long: {len(text):,} characters, and {MOST_CHARACTERS:,} is the limit"
        yield Problem(source.place(0), what, "send the rest as an enclosure, or as a file of its own")
        return
    if word := _WORD.search(text):
        what = (
            f'a word is too long: "{word[0][:20]}…" has {len(word[0]):,} characters, and {_LONGEST_WORD:,} is the limit'
        )
        yield Problem(source.place(word.start()), what, "put spaces into it")
    position = 0
    for paragraph in text.split("\n\n"):
        if len(paragraph) > _LONGEST_PARAGRAPH:
            what = f"a paragraph is too long: {len(paragraph):,} characters, and {_LONGEST_PARAGRAPH:,} is the limit"
            yield Problem(source.place(position), what, "break it up with blank lines")
        position += len(paragraph) + 2
    counted = (
        ("notes", _NOTE, _MOST_NOTES),
        ("tags", OPENER, _MOST_TAGS),
        ("headings", _HEADING, _MOST_HEADINGS),
        ("cells of tables", _CELL, _MOST_CELLS),
        ("items of lists", _LIST, _MOST_ITEMS),
        ("paragraphs", _BLANK_LINES, _MOST_PARAGRAPHS),
        ("line breaks", _BREAK, _MOST_BREAKS),
    )
    for kind, pattern, most in counted:
        found = [match.start() for match in pattern.finditer(text)]
        if len(found) > most:
            what = f"there are too many {kind}: {len(found):,}, and {most:,} is the limit"
            yield Problem(source.place(found[most]), what, "a letter of this size is better sent as several")


def _depth_problems(source: Source) -> Iterator[Problem]:
    text = source.text
    for match in _QUOTE.finditer(text):
        if match[0].count(">") > _DEEPEST_QUOTES:
            yield _too_deep(source, match.start(), "quotations", _DEEPEST_QUOTES)
    for match in _LIST.finditer(text):
        if len(match[1].expandtabs(_INDENT)) >= _INDENT * _DEEPEST_LIST:
            yield _too_deep(source, match.start(), "lists", _DEEPEST_LIST)
    if markers := _MARKERS.search(text):
        yield _too_deep(source, markers.start(), "marks of Markdown", _DEEPEST_LIST)
    depth = 0
    for match in _FENCE.finditer(text):
        depth = depth + 1 if match[2] else max(0, depth - 1)
        if depth > _DEEPEST_FENCES:
            yield _too_deep(source, match.start(), "divisions (:::)", _DEEPEST_FENCES)
    depth = 0
    for match in re.finditer(r"[\[\]]|\n\n", text):
        depth = depth + 1 if match[0] == "[" else max(0, depth - 1) if match[0] == "]" else 0
        if depth > _DEEPEST_BRACKETS:
            yield _too_deep(source, match.start(), "brackets", _DEEPEST_BRACKETS)


def _too_deep(source: Source, position: int, what: str, most: int) -> Problem:
    return Problem(
        source.place(position), f"{what} are nested too deep: more than {most} in one another", "take them apart"
    )


def tag_problems(tags: Sequence[Tag]) -> Iterator[Problem]:
    """Yield the first condition or loop that stands in too many others."""
    open_tags: list[str] = []
    for tag in tags:
        if tag.kind in ("if", "for"):
            open_tags.append(tag.kind)
            if len(open_tags) > _DEEPEST_TAGS:
                what = f"conditions are nested too deep: more than {_DEEPEST_TAGS} in one another"
                yield Problem(tag.place, what, "join them with and, or write {% elif %}")
                return
            if open_tags.count("for") > _DEEPEST_LOOPS:
                what = f"loops are nested too deep: more than {_DEEPEST_LOOPS} in one another"
                yield Problem(tag.place, what, "a letter needs one, to list things")
                return
        elif tag.kind in ("endif", "endfor") and open_tags:
            open_tags.pop()


def is_too_deep(blocks: Sequence[Node]) -> bool:
    """Return whether elements of a tree, as pandoc writes it, stand in one another deeper than they can be set."""
    level: list[Any] = [blocks]
    for _ in range(_DEEPEST_TREE):
        inside = (list(each.values()) if isinstance(each, dict) else each for each in level)
        level = [value for values in inside for value in values if isinstance(value, dict | list)]
        if not level:
            return False
    return True
