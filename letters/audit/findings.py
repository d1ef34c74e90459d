"""What the audit of a letter finds."""

from __future__ import annotations

from typing import NamedTuple

from letters.formats.pdf_text import Box


class Finding(NamedTuple):
    """One fault of a finished letter."""

    id: str
    """Of the recipient."""
    medium: str
    """"pdf" or "docx"."""
    kind: str
    """One or two words: "words", "notes", "margins"."""
    what: str
    page: int = 0
    """Of the file, from 1; 0 for the whole of it."""
    box: Box | None = None
    """Where on the page, in points from the lower left."""

    def __str__(self) -> str:
        where = f", page {self.page}" if self.page else ""
        return f"{self.id} ({self.medium.upper()}{where}): {self.kind}: {self.what}"


class Audited(NamedTuple):
    """The result for one file."""

    id: str
    medium: str
    pages: int
    findings: tuple[Finding, ...]
    not_checked: str = ""
    """Why its words were not compared with those of the letter; empty where they were."""
    edges: tuple[tuple[float, int, Box], ...] = ()
    """Where lines begin: the left edge, the page, the line."""
