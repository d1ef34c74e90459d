"""What the tokens in a lowered tree stand for: tags of docxtpl, and marks of structure that become OOXML."""

from __future__ import annotations

from dataclasses import dataclass, field

from letters.formats.jinja import token

PART_END = "part end"
END_BOOKMARK = "part_end"
"""The bookmark at the end of a part is this with the part's number."""
TABLE, CELL, TABLE_END = "table", "cell", "table end"
HOIST = "before this paragraph: "
"""Begins a snippet whose tags go between the paragraph it stands in and the one above."""


@dataclass(slots=True)
class Snippets:
    """What the tokens stand for, by number."""

    texts: list[str] = field(default_factory=list)

    def token(self, snippet: str) -> str:
        """Make the token of a snippet."""
        self.texts.append(snippet)
        return token(len(self.texts) - 1)


@dataclass(slots=True)
class Guards:
    """The conditions around the notes of a document, as the tags that stand before each note and at the end."""

    before: list[str] = field(default_factory=list)
    pending: str = ""

    def tag(self, statement: str) -> None:
        """Record a tag that the text has come to."""
        self.pending += statement

    def note(self) -> None:
        """Record the conditions around a note that the text has come to."""
        self.before.append(self.pending)
        self.pending = ""
