"""Makes the sheet for a cite-check: one row for each citation, with what it supports and who has read it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from letters.cite.check import Found, is_unread
from letters.cite.find import CitationKind
from letters.cite.passages import read_phrase
from letters.cite.sentences import sentence_at
from letters.model.records import Authorities

HEADINGS = (
    "Note",
    "Page",
    "Citation",
    "Sentence it supports",
    "Status",
    "Read by",
    "Read on",
    "Where",
    "Checked by",
    "Remarks",
)
"""The last two are for the person who checks."""
_REFERENCE = re.compile(r"‹note\.([^›]+)›")


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One citation of the sheet."""

    note: str
    """The number of the note in the sample letter; empty for a citation in the text, "–" where the sample lacks it."""
    page: str
    citation: str
    sentence: str
    status: str
    read_by: str
    read_on: str
    where: str

    def cells(self) -> tuple[str, ...]:
        """List the cells under the headings."""
        filled = (self.note, self.page, self.citation, self.sentence, self.status)
        return (*filled, self.read_by, self.read_on, self.where, "", "")


def make_rows(
    found: Sequence[Found],
    authorities: Authorities | None,
    numbers: Callable[[Found], Mapping[str, int]],
    page: Callable[[Found], str],
) -> list[SheetRow]:
    """Make the rows, in the order in which the letter is read.

    `numbers` tells the numbers of the notes of a citation's part in the sample letter, `page` the page of a citation.
    """
    ordered = sorted(enumerate(found), key=lambda pair: _reading_order(pair[1], found, pair[0]))
    return [_row(each, authorities, numbers(each), page(each)) for _, each in ordered]


def _reading_order(each: Found, found: Sequence[Found], at: int) -> tuple[int, int, int]:
    """Return where a citation is read: one in a note where the note is called, in the order of the sources."""
    source = next(n for n, other in enumerate(found) if other.body is each.body)
    note = each.passage.note
    return source, each.body.calls.get(note, 0) if note else each.citation.start, at


def _row(each: Found, authorities: Authorities | None, numbers: Mapping[str, int], page: str) -> SheetRow:
    def shown(text: str) -> str:
        return _REFERENCE.sub(lambda match: str(numbers.get(match[1], match[0])), text)

    note = each.passage.note
    position = each.body.calls.get(note, 0) if note else each.citation.end
    known = authorities.by_key.get(each.match.key) if authorities else None
    unread = known is None or is_unread(known)
    return SheetRow(
        note=str(numbers.get(note, "–")) if note else "",
        page=page,
        citation=shown(each.citation.text),
        sentence=shown(sentence_at(each.body.text, position)),
        status=_status(each, authorities),
        read_by=known.read_by if known and not unread else "",
        read_on=known.read_on.isoformat() if known and known.read_on and not unread else "",
        where=f"{each.place.path}:{each.place.line}",
    )


def _status(each: Found, authorities: Authorities | None) -> str:
    if not authorities:
        return "no authorities file"
    if each.match.differences:
        return f"differs from {each.match.key}: {'; '.join(each.match.differences)}"
    if not each.match.key:
        back = each.citation.kind in (CitationKind.ID, CitationKind.SUPRA)
        return "refers back" if back else "not in the authorities file"
    known = authorities.by_key[each.match.key]
    if is_unread(known):
        return "unread"
    full = read_phrase(known.full).text
    return "read" if full == each.citation.text else f"read, as {full}"


def count_statuses(rows: Sequence[SheetRow]) -> dict[str, int]:
    """Count how many citations are read, unread, unknown or different."""
    counts: dict[str, int] = {}
    for row in rows:
        word = row.status.partition(",")[0].partition(" from ")[0]
        counts[word] = counts.get(word, 0) + 1
    return counts
