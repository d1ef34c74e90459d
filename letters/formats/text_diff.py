"""The words of a letter as paragraphs of plain text, and what changed between two such texts."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from lxml import etree

from letters.formats.files import sha256

_BLOCKS = frozenset(("p", "h1", "h2", "h3", "h4", "h5", "h6", "div", "li", "td", "th", "blockquote", "header", "body"))
# Marks inside of a word are part of it: "Dep’t", "287.7", "re-read".
_TOKEN = re.compile(r"\s+|\w+(?:[’'.\-]\w+)*|[^\w\s]")
_SHOWN = 3
"""Changes that a summary shows."""
_LONGEST = 60
"""Characters of one side of a change in a summary."""
_ALIKE = 0.4
"""The part of their words that two paragraphs must share to be taken for one that was changed."""
_MOST_PAIRS = 250_000
"""Comparisons of paragraphs that are still quick; beyond them a text counts as written anew."""


@dataclass(frozen=True, slots=True)
class Change:
    """A stretch of two texts, the same in both or not; one side is empty where words were only added or taken out."""

    old: str
    new: str

    @property
    def is_equal(self) -> bool:
        """Whether both texts say the same here."""
        return self.old == self.new


@dataclass(slots=True)
class _Page:
    paragraphs: list[str] = field(default_factory=list)
    line: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def read(self, element: etree._Element) -> None:
        if "note" in (element.get("class") or "").split():
            outer, self.line = self.line, []
            self._inside(element)
            self.notes.append(one_line("".join(self.line)))
            self.line = outer
        elif element.tag in _BLOCKS:
            self._close()
            self._inside(element)
            self._close()
        else:
            self._inside(element)

    def _inside(self, element: etree._Element) -> None:
        self.line.append(element.text or "")
        for child in element:
            if child.tag == "br":
                self.line.append(" ")
            elif isinstance(child.tag, str):
                self.read(child)
            self.line.append(child.tail or "")

    def _close(self) -> None:
        self.paragraphs += filter(None, [one_line("".join(self.line)), *self.notes])
        self.line, self.notes = [], []


def of_page(content: str) -> list[str]:
    """List the paragraphs of an HTML page, each followed by its notes."""
    from lxml import html

    page = _Page()
    page.read(next(html.document_fromstring(content).iter("body")))
    return page.paragraphs


def one_line(text: str) -> str:
    """Write a text with single ordinary spaces: how it is broken into lines is not its words."""
    return " ".join(text.split())


def hash_of(paragraphs: Sequence[str]) -> str:
    """Hash the exact words of a text."""
    return sha256("\n".join(paragraphs).encode())


def tokens(text: str) -> list[str]:
    """Split a text into words, spaces and marks, which together are the text again."""
    return _TOKEN.findall(text)


def compare(old: str, new: str) -> list[Change]:
    """Compare two texts word by word."""
    before, after = tokens(old), tokens(new)
    # By itself difflib passes over words that are more than a hundredth of a text, such as "the".
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    spans = matcher.get_opcodes()
    return _tidy([Change("".join(before[a:b]), "".join(after[c:d])) for _, a, b, c, d in spans])


def _tidy(changes: list[Change]) -> list[Change]:
    """Join changes that only a space keeps apart: nobody reads one word in three pieces."""
    tidied: list[Change] = []
    for change in changes:
        last = tidied[-1] if tidied else None
        if last and not last.is_equal and not change.is_equal:
            tidied[-1] = Change(last.old + change.old, last.new + change.new)
        elif last and len(tidied) > 1 and not change.is_equal and last.is_equal and not last.old.strip():
            del tidied[-1]
            tidied[-1] = Change(tidied[-1].old + last.old + change.old, tidied[-1].new + last.new + change.new)
        else:
            tidied.append(change)
    return tidied


def pairs(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[int | None, int | None]]:
    """Pair the paragraphs of two texts in the order of the text: equal ones first, then those most alike."""
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind == "equal":
            yield from zip(range(a, b), range(c, d), strict=True)
        else:
            yield from _alike(old, new, range(a, b), range(c, d))


def _alike(
    old: Sequence[str], new: Sequence[str], before: range, after: range
) -> Iterator[tuple[int | None, int | None]]:
    """Pair paragraphs so that together they are as much alike as can be; the others stand alone, old ones first."""
    gains = _likenesses(old, new, before, after)
    i, j, chosen = len(before), len(after), []
    best = _best_sums(gains, i, j)
    while i and j:
        if gains[i - 1][j - 1] and best[i][j] == best[i - 1][j - 1] + gains[i - 1][j - 1]:
            i, j = i - 1, j - 1
            chosen.append((before[i], after[j]))
        elif best[i][j] == best[i][j - 1]:
            j -= 1
        else:
            i -= 1
    row, column = before.start, after.start
    for i, j in [*reversed(chosen), (before.stop, after.stop)]:
        yield from ((each, None) for each in range(row, i))
        yield from ((None, each) for each in range(column, j))
        if i < before.stop:
            yield i, j
        row, column = i + 1, j + 1


def _best_sums(gains: Sequence[Sequence[float]], rows: int, columns: int) -> list[list[float]]:
    """Add up the best pairing of the first paragraphs of both sides, for every number of them."""
    # As the longest common subsequence is found, with likeness in the place of 1.
    best = [[0.0] * (columns + 1) for _ in range(rows + 1)]
    for i in range(rows):
        for j in range(columns):
            paired = best[i][j] + gains[i][j] if gains[i][j] else 0.0
            best[i + 1][j + 1] = max(best[i][j + 1], best[i + 1][j], paired)
    return best


def _likenesses(old: Sequence[str], new: Sequence[str], before: range, after: range) -> list[list[float]]:
    """Compute the part of their words that each two paragraphs share; 0 where it is too little."""
    if len(before) * len(after) > _MOST_PAIRS:
        return [[0.0] * len(after) for _ in before]
    counted = [Counter(new[j].split()) for j in after]
    rows = []
    for i in before:
        words = Counter(old[i].split())
        # The Dice coefficient of their words.
        shared = [2 * (words & other).total() / max(1, words.total() + other.total()) for other in counted]
        rows.append([part if part >= _ALIKE else 0.0 for part in shared])
    return rows


def paired(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Pair the paragraphs of two texts as `pairs` does; one that was added or taken out has an empty partner."""
    for i, j in pairs(old, new):
        yield old[i] if i is not None else "", new[j] if j is not None else ""


def changes(old: Sequence[str], new: Sequence[str]) -> list[Change]:
    """List what changed between two texts, without what is the same."""
    compared = (compare(before, after) for before, after in paired(old, new))
    return [change for each in compared for change in each if not change.is_equal]


def summary(old: Sequence[str], new: Sequence[str]) -> str:
    """Return in one line what changed; empty where the words are the same."""
    found = changes(old, new)
    shown = "; ".join(_said(change) for change in found[:_SHOWN])
    return shown + (f"; and {len(found) - _SHOWN} more" if len(found) > _SHOWN else "")


def _said(change: Change) -> str:
    old, new = (shortened(side.strip(), _LONGEST) for side in (change.old, change.new))
    if old and new:
        return f'"{old}" became "{new}"'
    return f'"{new}" was added' if new else f'"{old}" was taken out'


def shortened(text: str, longest: int = 120) -> str:
    """Return a text, cut where it has more characters than a message shows."""
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"


def few_words(words: Sequence[str], most: int) -> str:
    """Return the first words of a paragraph, to find it by."""
    return " ".join(words[:most]) + ("…" if len(words) > most else "")
