"""What the audit of letters and of their mailing finds."""

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
    file: str = ""
    """The file in the output folder, such as mail/print-01.pdf; empty for the letter itself."""

    def __str__(self) -> str:
        where = f", page {self.page}" if self.page else ""
        return f"{self.id} ({self.file or self.medium.upper()}{where}): {self.kind}: {self.what}"

    @property
    def path(self) -> str:
        """The file that it is in, in the output folder."""
        return self.file or f"{self.medium}/{self.id}.{self.medium}"


class Audited(NamedTuple):
    """The result for one file."""

    id: str
    medium: str
    pages: int
    findings: tuple[Finding, ...]
    not_checked: str = ""
    """Why its words were not compared with those of the letter; empty where they were."""
