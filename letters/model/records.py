"""The records that the phases hand to each other: frozen, with no work of their own."""

from __future__ import annotations

import bisect
import functools
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from letters.model.problems import Place, many

PDF, DOCX = "pdf", "docx"
"""The media, which also name the files and their folders."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """An office at an agency with an address: one row of the list."""

    id: str
    columns: Mapping[str, str]
    """Every column of the row by name, further ones included, white space trimmed."""
    place: Place
    hold: str = ""
    """Why this letter is kept back on purpose; empty where it is not."""

    def __getitem__(self, column: str) -> str:
        return self.columns.get(column, "")

    def at(self, column: str) -> Place:
        """Return the place of a cell."""
        return self.place._replace(field=column)

    @property
    def full_name(self) -> str:
        """The name of the holder of the office, with its suffix; empty where it is not known."""
        return " ".join(filter(None, (self["first_name"], self["last_name"], self["suffix"])))


class Stretch(NamedTuple):
    """Consecutive lines of a source that come from one file, up to the next stretch."""

    start: int
    """The first of them in the source's text, from 0."""
    path: str
    line: int
    """The line of the file that the first of them is."""
    indent: int = 0
    """Columns by which a clause is set in where it is included."""


class Insertion(NamedTuple):
    """Characters of a source that stand for a tag of the file, such as a citation for {{ cite.printz }}."""

    start: int
    """The offset of the first of them in the source's text."""
    end: int
    tag: str
    """The tag as the file has it."""
    key: str
    """The authority that is cited."""


_end_of_insertion = operator.attrgetter("end")


class Source(NamedTuple):
    """One text of a letter, with the clauses it includes: the letter itself, its frame, an enclosure."""

    path: str
    """As shown to the user, relative to the campaign's folder."""
    text: str
    first_line: int = 1
    """The line of the file on which `text` begins, after any front matter."""
    stretches: tuple[Stretch, ...] = ()
    """The files that its lines come from; empty where all of the text is in one file."""
    insertions: tuple[Insertion, ...] = ()
    """What stands in the text for tags of the files, in its order."""

    def place(self, offset: int) -> Place:
        """Return the place in the user's files of a character of the text, given by its offset."""
        line = self.text.count("\n", 0, offset)
        start = self.text.rfind("\n", 0, offset) + 1
        column = offset - start + 1
        # They stand in the order of the text, and those that end before the line do not count.
        for each in self.insertions[bisect.bisect_left(self.insertions, start, key=_end_of_insertion) :]:
            if each.start > offset:
                break
            if start <= each.start:
                # The text of a citation is longer than its tag, at the beginning of which all of it stands.
                column -= min(each.end, offset) - each.start
                column += len(each.tag) if offset >= each.end else 0
            elif each.end == start and "\n" in each.tag:
                column += len(each.tag.rpartition("\n")[2])
        whole = Stretch(0, self.path, self.first_line)
        stretch = next((s for s in reversed(self.stretches) if s.start <= line), whole)
        return Place(stretch.path, stretch.line + line - stretch.start, max(1, column - stretch.indent))


class Letter(NamedTuple):
    """A text we send, the same for all, with fields and conditions: front matter and body, not yet compiled."""

    name: str
    body: Source
    frame: Source | None
    """The text around the body: address, salutation, signature block."""
    title: str
    subject: str = ""
    edition: str = ""
    enclosures: tuple[str, ...] = ()
    enclosures_place: Place = Place()
    """Where the front matter names them."""
    front: tuple[tuple[str, Source], ...] = ()
    """The texts of the front matter that are printed, by key."""
    running_head: Source | None = None
    """The text at the head of the further pages; None for the recipient's name and agency."""
    contents: bool = False
    """Whether there is a table of contents before the first heading."""
    meant_for: Tag | None = None
    """The condition that a recipient must meet to get the letter."""
    word: Mapping[str, bytes] | None = None
    """The parts of the DOCX that is its template, where somebody made the letter in Word; None for Markdown."""


class Tag(NamedTuple):
    """One Jinja tag, as it is written in a source file."""

    kind: str
    """'output' for {{ }}, or the word of a statement: if, elif, else, endif, for, endfor; 'note' marks a named note."""
    expression: str
    place: Place
    before: str = ""
    """The word before a field, with a blank between them; empty where there is none."""


class FieldUse(NamedTuple):
    """A place where the letter prints a value."""

    expression: str
    place: Place
    before: str = ""
    """The word before it, which a value should not begin with once more."""


class PartTemplate(NamedTuple):
    """A letter or an enclosure made ready for merging and for the PDF."""

    name: str
    title: str
    probe: str
    """A Jinja template that prints nothing but calls `field` and `note` in the order of the text."""
    html: str
    """A Jinja template of one whole HTML page."""
    fields: tuple[FieldUse, ...]


class DocumentTemplate(NamedTuple):
    """A letter with its enclosures made ready for both media."""

    name: str
    parts: tuple[PartTemplate, ...]
    make_word: Callable[[], bytes]
    """Makes the docxtpl template, once: it takes longer than all the rest, and who makes PDFs does without it."""
    statics: Mapping[str, object]
    """The values that are the same for all recipients."""
    meant_for: Tag | None = None

    @property
    def word(self) -> bytes:
        """The docxtpl template: one DOCX with a section for each part."""
        return self.make_word()

    # Two functions that make the same template are not equal: what they make is compared.
    def __eq__(self, other: object) -> bool:
        """Return whether both make the same letters."""
        if not isinstance(other, DocumentTemplate):
            return NotImplemented
        return (*self[:2], *self[3:], self.word) == (*other[:2], *other[3:], other.word)

    def __reduce__(self) -> tuple[object, ...]:
        # A function cannot be sent to a worker, what it makes can.
        return DocumentTemplate, (*self[:2], functools.partial(bytes, self.word), *self[3:])


@dataclass(frozen=True, slots=True)
class Values:
    """Named values a template may print or test; attributes and items are the same thing.

    A class of its own because Jinja finds the methods of a dict ("items", "copy") before a column of that name.
    """

    _values: Mapping[str, object] = field(default_factory=dict)

    def __getitem__(self, name: str) -> object:
        return self._values[name]

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)


class Merging(Protocol):
    """Merges a row with the letter again, when it is asked for: the results of all rows would fill the memory."""

    def context(self, recipient: Recipient) -> Mapping[str, object]:
        """Return what the templates are rendered with."""

    def texts(self, recipient: Recipient) -> tuple[str, ...]:
        """Return every value that the letter prints, in the order of the text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedLetter:
    """One recipient's letter, every field checked."""

    recipient: Recipient
    merging: Merging = field(repr=False, compare=False)
    notes: tuple[Values, ...]
    """The numbers of the notes by name, for each part."""
    digest: str
    """The hash of what it prints and decides."""
    kind: int = 0
    """The number of its kind: letters of one kind decide all conditions alike, and print equally many values."""
    length: int = 0
    """The number of characters in its values."""

    @property
    def context(self) -> Mapping[str, object]:
        """Return what the templates are rendered with."""
        return self.merging.context(self.recipient)

    @property
    def texts(self) -> tuple[str, ...]:
        """Return every value it prints, in the order of the text."""
        return self.merging.texts(self.recipient)


class OpenPoint(NamedTuple):
    """Something in a draft that a person must settle before the letter is final."""

    kind: str
    author: str = ""
    date: str = ""
    text: str = ""

    def __str__(self) -> str:
        who = " ".join(filter(None, (f"by {self.author}" if self.author else "", self.date)))
        return f'{self.kind}{f" ({who})" if who else ""}: "{self.text}"'


def count_open_points(points: Sequence[OpenPoint]) -> str:
    """Return how many open points there are and of what kinds, such as "2 open points (hidden text, a comment)"."""
    kinds = ", ".join(dict.fromkeys(point.kind.partition(":")[0] for point in points))
    return f"{many(len(points), 'open point')} ({kinds})"


class Verdict(NamedTuple):
    """The result of reading a DOCX that is not as we wrote it."""

    refused: str = ""
    """Why it is not read; empty where it is."""
    same_words: bool = False
    """Whether it was only saved again: the words and their emphasis are those that we wrote."""
    editor: str = ""
    """Who saved it last, as the file itself says."""
    open_points: tuple[OpenPoint, ...] = ()
    losses: tuple[str, ...] = ()
    """Things in it that its PDF cannot show."""


# A dot is in no id of a list (letters.read.recipients.ID), so that no recipient is taken for a copy.
_COPY = ".copy-"
"""Stands in the id of a copy between the id of the recipient, which never contains a dot, and its number."""


def copy_id(recipient: str, number: int) -> str:
    """Return the id of a copy of a recipient's letter; numbers count from 1 in the order of campaign.toml."""
    return f"{recipient}{_COPY}{number}"


def is_copy(identifier: str) -> bool:
    """Return whether an id is that of a copy; the id of a recipient never contains a dot."""
    return _COPY in identifier


def copy_number(identifier: str) -> int:
    """Return the number of the copy that an id names; 0 for the letter itself."""
    return int(identifier.partition(_COPY)[2] or 0)


def original_of(identifier: str) -> str:
    """Return the id of the recipient whose letter, or copy of a letter, an id names."""
    return identifier.partition(_COPY)[0]
