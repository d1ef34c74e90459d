"""Takes runs of plain words out of Markdown before pandoc reads it, and puts them back into the tree that it gives.

Pandoc takes its time for each word, and most words of a letter mean nothing to it. A run stands inside a line, between
words that stay, so that what pandoc looks at for its marks is all still there. It comes back as one text with spaces,
which is what words are joined into later anyway: none of these spaces is one that typography.py keeps from breaking,
and no word among them an abbreviation to pandoc.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from letters.formats.tags import private_digits, token_number

_FIRST, _LAST = "\ue005", "\ue006"
"""A mark is a number in characters of the Private Use Area between these two, which stand in no text."""
_MARK = re.compile(f"{_FIRST}([\ue010-\ue019]+){_LAST}")
_LETTERS = "A-Za-zÀ-ÖØ-öø-ÿ"
_WORD = rf"[{_LETTERS}]+(?:-[{_LETTERS}]+)*"
_RUN = re.compile(
    rf"(?:^{_WORD} |(?<=[{_LETTERS},;] ))(?:(?:{_WORD}[,;]?|[a-z]{{6,}}\.) ){{2,}}(?=[{_LETTERS}])", re.MULTILINE
)
"""Abbreviations that pandoc keeps with the next word have at most five letters, so longer words may end a sentence."""
_BLANK_LINES = re.compile(r"(\n[ \t]*\n\s*)")
_WITH_MARKS = re.compile(r"\[(?!\^)|[<{`|\r]|^[ \t>]*(?:#|[-=]+[ \t]*$)", re.MULTILINE)
"""What makes of words something else than words, such as an address, a name, or the cell of a table."""
_WITH_COLUMNS = re.compile(r"^[ \t>]*-[- \t]*-[ \t]*$", re.MULTILINE)
"""A line of dashes, which may be that of a table whose columns are told by where the words stand."""


def take_out(texts: Sequence[str]) -> tuple[list[str], list[str]]:
    """Put a mark in the place of each run of plain words; return the texts and the runs."""
    runs: list[str] = []

    def mark(run: re.Match[str]) -> str:
        runs.append(run[0][:-1])
        return f"{_FIRST}{private_digits(len(runs) - 1)}{_LAST} "

    def shorter(text: str) -> str:
        if _WITH_COLUMNS.search(text):
            return text
        blocks = _BLANK_LINES.split(text)
        return "".join(block if _WITH_MARKS.search(block) else _RUN.sub(mark, block) for block in blocks)

    return [shorter(text) for text in texts], runs


def put_back(tree: str, runs: Sequence[str]) -> str:
    """Put the runs into a tree, written as JSON: they have no character that JSON writes otherwise."""
    return _MARK.sub(lambda mark: runs[token_number(mark)], tree)
