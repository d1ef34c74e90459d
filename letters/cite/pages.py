"""Finds the page of a PDF that a citation is on, by the words that are read there."""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from dataclasses import dataclass

from letters.cite.check import Found

_BEGINNING = 100
"""Characters that tell one note or sentence from another."""


@dataclass(frozen=True, slots=True)
class Pages:
    """The letters and digits of all pages in one string, and where each page begins in it."""

    text: str = ""
    starts: tuple[int, ...] = ()

    def of(self, each: Found) -> str:
        """Return the page of a citation; empty where this PDF does not have it."""
        passage, citation = each.passage, each.citation
        part = self.text.find(_beginning(each.body.text))
        begin = self.text.find(_beginning(passage.text), max(0, part)) if passage.note else max(0, part)
        if begin < 0:
            return ""
        before = passage.text[max(0, citation.start - _BEGINNING) : citation.end]
        wanted = (_folded(before.rpartition("›")[2]), _folded(citation.text.partition("‹")[0]))
        at = next((found for words in wanted if words and (found := self.text.find(words, begin)) >= 0), -1)
        at = begin if at < 0 and passage.note else at
        return str(bisect.bisect_right(self.starts, at)) if at >= 0 else ""


def read_pages(content: bytes) -> Pages:
    """Read the pages of a PDF."""
    import pypdfium2

    document = pypdfium2.PdfDocument(content)
    try:
        return pages_of([page.get_textpage().get_text_range() for page in document])
    finally:
        document.close()


def pages_of(texts: Sequence[str]) -> Pages:
    """Make pages of the text of each."""
    folded = [_folded(text) for text in texts]
    starts = [sum(map(len, folded[:number])) for number in range(len(folded))]
    return Pages("".join(folded), tuple(starts))


def _beginning(text: str) -> str:
    """Take the first words of a text, up to a field or a condition."""
    return _folded(text.strip().partition("‹")[0].partition(" / ")[0][:_BEGINNING])


def _folded(text: str) -> str:
    return "".join(filter(str.isalnum, text))
