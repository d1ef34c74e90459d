"""The words of a letter as paragraphs of plain text, and what changed between two such texts."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from lxml import etree

from letters.files import sha256

_BLOCKS = frozenset(("p", "h1", "h2", "h3", "h4", "h5", "h6", "div", "li", "td", "th", "blockquote", "header", "body"))
_TOKEN = re.compile(r"\s+|\w+(?:[’'.\-]\w+)*|[^\w\s]")
_SHOWN = 3
"""Changes that a summary shows."""
_LONGEST = 60
"""Characters of one side of a change in a summary."""
_ALIKE = 0.5
"""The part of their words that two paragraphs must share to be taken for one that was changed."""
_WIDE = 4
"""A paragraph so many times longer than another is not the same one."""


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
    """Pair the paragraphs of two texts in the order of the text: equal ones first, then those that are most alike."""
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind == "equal":
            yield from zip(range(a, b), range(c, d), strict=True)
        else:
            yield from _alike(old, new, range(a, b), range(c, d))


def _alike(
    old: Sequence[str], new: Sequence[str], before: range, after: range
) -> Iterator[tuple[int | None, int | None]]:
    """Pair what is most alike, and go on left and right of it."""
    ranked = ((_likeness(old[i], new[j]), i, j) for i in before for j in after)
    best, i, j = max(ranked, default=(0.0, 0, 0), key=lambda each: (each[0], -each[1], -each[2]))
    if best < _ALIKE:
        yield from ((i, None) for i in before)
        yield from ((None, j) for j in after)
        return
    yield from _alike(old, new, range(before.start, i), range(after.start, j))
    yield i, j
    yield from _alike(old, new, range(i + 1, before.stop), range(j + 1, after.stop))


def _likeness(old: str, new: str) -> float:
    before, after = old.split(), new.split()
    if not before or not after:
        return 0.0
    if len(before) > _WIDE * len(after) or len(after) > _WIDE * len(before):
        return 0.0
    return difflib.SequenceMatcher(None, before, after, autojunk=False).ratio()


def changes(old: Sequence[str], new: Sequence[str]) -> list[Change]:
    """List what changed between two texts, without what is the same."""
    found: list[Change] = []
    for i, j in pairs(old, new):
        before, after = old[i] if i is not None else "", new[j] if j is not None else ""
        found += [change for change in compare(before, after) if not change.is_equal]
    return found


def summary(old: Sequence[str], new: Sequence[str]) -> str:
    """Say in one line what changed; empty where the words are the same."""
    found = changes(old, new)
    shown = "; ".join(_said(change) for change in found[:_SHOWN])
    return shown + (f"; and {len(found) - _SHOWN} more" if len(found) > _SHOWN else "")


def _said(change: Change) -> str:
    old, new = (_shortened(side.strip()) for side in (change.old, change.new))
    if old and new:
        return f'"{old}" became "{new}"'
    return f'"{new}" was added' if new else f'"{old}" was taken out'


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1].rstrip()}…"
