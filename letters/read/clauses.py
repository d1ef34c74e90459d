"""Replaces the lines that include clauses, which several letters share, by their text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from letters.model.problems import Place, Problem
from letters.model.records import Source, Stretch
from letters.read.front_matter import split_front_matter
from letters.read.shelf import CLAUSES, Shelf
from letters.read.text import read_text

_INCLUDE = re.compile(r"""([ \t]*)\{%[-+]?\s*include\s+(?:"([^"]*)"|'([^']*)')\s*[-+]?%\}[ \t]*""")
_MOST_CHARACTERS = 250_000
"""Of a letter with all of its clauses: some 100 pages."""
_MOST_CLAUSES = 500
_DEEPEST = 20
_COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)


def include_clauses(source: Source, where: Shelf) -> tuple[Source, list[Problem]]:
    """Return a source in which templates/clauses/NAME.md replaces each line {% include "NAME" %}.

    Every line of the result knows the file and the line that it came from.
    """
    expansion = _Expansion(where)
    expansion.add(source.text, source.path, source.first_line, "", ())
    text = "\n".join(expansion.lines)
    return Source(source.path, text, source.first_line, tuple(expansion.stretches)), expansion.problems


@dataclass(slots=True)
class _Expansion:
    where: Shelf
    lines: list[str] = field(default_factory=list)
    stretches: list[Stretch] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    length: int = 0
    count: int = 0
    is_full: bool = False
    """Whether a limit was reached, after which nothing more is included."""

    def add(self, text: str, path: str, first_line: int, indent: str, chain: tuple[str, ...]) -> None:
        """Add the lines of a file; `chain` names the clauses that it stands in, the innermost last."""
        self._begin(path, first_line, indent)
        for number, (line, visible) in enumerate(_lines(text), start=first_line):
            call = _INCLUDE.fullmatch(visible)
            if not call:
                self.lines.append(indent + line if line.strip() else "")
                continue
            name = call[2] or call[3] or ""
            self._include(name, Place(path, number, len(call[1]) + 1), indent + call[1], chain)
            self._begin(path, number, indent)
            self.lines.append("")

    def _begin(self, path: str, line: int, indent: str) -> None:
        self.stretches.append(Stretch(len(self.lines), path, line, len(indent)))

    def _include(self, name: str, place: Place, indent: str, chain: tuple[str, ...]) -> None:
        if name in chain:
            through = [f'"{other}"' for other in chain[chain.index(name) + 1 :]]
            around = f" through {' and '.join(through)}" if through else ""
            hint = "a clause cannot stand inside itself; remove this line"
            self.problems.append(Problem(place, f'the clause "{name}" includes itself{around}', hint))
            return
        if self.is_full:
            return
        found = self.where.find(CLAUSES, name)
        if found:
            self._read(*found, place, indent, (*chain, name))
            return
        folder = self.where.shown(CLAUSES)
        what, hint = self.where.not_found(CLAUSES, name)
        hint = hint or f"there are no clauses yet; write {folder}/{name}.md"
        self.problems.append(Problem(place, what, hint))

    def _excess(self, chain: tuple[str, ...]) -> str:
        """Return what is too much about the clauses that were included so far; empty where nothing is."""
        if len(chain) > _DEEPEST:
            return f"clauses stand more than {_DEEPEST} deep in one another"
        if self.count > _MOST_CLAUSES:
            return f"more than {_MOST_CLAUSES} clauses are included"
        if self.length > _MOST_CHARACTERS:
            return f"the clauses have more than {_MOST_CHARACTERS:,} characters together"
        return ""

    def _read(self, path: Path, shown: str, place: Place, indent: str, chain: tuple[str, ...]) -> None:
        text, problems = read_text(path, shown)
        self.count, self.length = self.count + 1, self.length + len(text)
        if what := self._excess(chain):
            self.is_full = True
            hint = "a clause that includes others twice, which do the same, has no end; include each once"
            self.problems.append(Problem(place, f"{what}, too much for a letter", hint))
            return
        matter, more = split_front_matter(text, shown)
        self.problems += problems + more
        if matter.values:
            hint = "move its keys to the letter; a clause is text alone"
            self.problems.append(Problem(Place(shown, 1), "a clause has no front matter", hint))
        self._begin(shown, matter.body_line, indent)
        self.lines.append("")
        self.add(matter.body.rstrip("\n"), shown, matter.body_line, indent, chain)


def _lines(text: str) -> Iterator[tuple[str, str]]:
    """Yield each line as it is written, and without comments: an include in a comment is not meant."""
    visible = _COMMENT.sub(lambda comment: re.sub(r"[^\n]", "#", comment[0]), text)
    return zip(text.split("\n"), visible.split("\n"), strict=True)
