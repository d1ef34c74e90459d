"""Makes the sheet for a cite-check: one row for each citation, with what it supports and who has read it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from letters.cite.check import Found, is_unread
from letters.cite.find import CitationKind
from letters.cite.passages import read_phrase
from letters.cite.sentences import sentence_at
from letters.cite.style import PAGE, kind_of
from letters.model.records import WHOLE, Authorities, Authority

CITATION, AUTHORITY = "Citation", "Authority"
CHECKED_BY, CHECKED_ON, REMARKS = "Checked by", "Checked on", "Remarks"
HEADINGS = (
    "Note",
    "Page",
    CITATION,
    "Sentence it supports",
    AUTHORITY,
    "Status",
    "Still missing",
    "Read by",
    "Read on",
    "Where",
    CHECKED_BY,
    CHECKED_ON,
    REMARKS,
)
"""The last three are for the person who checks."""
_PINPOINT = re.compile(r"\d, (?:at )?\*?\d+(?:[-–]\*?\d+)?(?: nn?\. ?\d+)?(?=$| \(|,|;)")
_DATABASE = re.compile(r" WL \d")
_DOCKET = re.compile(r"\bNos?\.? \S|Docket")
_SIGNAL = re.compile(
    r"(?:^|[.;,] |\) )((?:But )?[Ss]ee(?:,? (?:also|generally|e\.g\.,))?|(?:But )?[Cc]f\.|Accord|Contra|E\.g\.,) $"
)
_REFERENCE = re.compile(r"‹note\.([^›]+)›")


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One citation of the sheet."""

    note: str
    """The number of the note in the sample letter; empty for a citation in the text, "–" where the sample lacks it."""
    page: str
    citation: str
    sentence: str
    authority: str
    """The key of its table in the authorities file; empty where it has none."""
    status: str
    missing: str
    """What a practitioner would add: a pinpoint, a parenthetical, a docket number, italics."""
    read_by: str
    read_on: str
    where: str

    def cells(self) -> tuple[str, ...]:
        """List the cells under the headings."""
        filled = (self.note, self.page, self.citation, self.sentence, self.authority, self.status, self.missing)
        return (*filled, self.read_by, self.read_on, self.where, "", "", "")


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
    first: dict[str, Found] = {}
    for _, each in ordered:
        if each.match.key and each.citation.kind is CitationKind.CASE:
            first.setdefault(each.match.key, each)
    rows = []
    for _, each in ordered:
        known = authorities.by_key.get(each.match.key) if authorities else None
        lacks = ", ".join(missing_of(each, known, is_first=first.get(each.match.key) is each))
        rows.append(_row(each, authorities, numbers(each), page(each), lacks))
    return rows


def missing_of(each: Found, known: Authority | None, *, is_first: bool) -> Iterator[str]:
    """Yield what a citation lacks: every case has a page, and where it is cited first, what it says."""
    citation, text = each.citation, each.passage.text
    if citation.kind is CitationKind.CASE:
        of_case = known is None or kind_of(known) is CitationKind.CASE
        has_page = known is not None and known.pin == WHOLE
        if of_case and not has_page and (PAGE in citation.text or not _PINPOINT.search(citation.text)):
            yield "pinpoint"
        said = (
            bool(known and known.says) or text[citation.end :].startswith(" (") or text[: citation.end].endswith("))")
        )
        if of_case and is_first and not said:
            yield "parenthetical"
        if _DATABASE.search(citation.text):
            if not _DOCKET.search(citation.text):
                yield "docket number"
            if not (known and known.unpublished):
                yield "unpublished = true"
    elif citation.kind is CitationKind.SHORT and PAGE in citation.text:
        yield "pinpoint"
    signal = _SIGNAL.search(text[: citation.start]) if each.passage.note else None
    if signal and not any(start <= signal.start(1) < end for start, end in each.passage.emphasis):
        yield f"italics of {signal[1]}"


def _reading_order(each: Found, found: Sequence[Found], at: int) -> tuple[int, int, int]:
    """Return where a citation is read: one in a note where the note is called, in the order of the sources."""
    source = next(n for n, other in enumerate(found) if other.body is each.body)
    note = each.passage.note
    return source, each.body.calls.get(note, 0) if note else each.citation.start, at


def _row(each: Found, authorities: Authorities | None, numbers: Mapping[str, int], page: str, missing: str) -> SheetRow:
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
        authority=each.match.key,
        status=_status(each, authorities),
        missing=missing,
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
    unpublished = ", unpublished" if known.unpublished else ""
    if is_unread(known):
        return f"unread{unpublished}"
    full = read_phrase(known.full).text
    written = any(each.passage.position(tag.start) == each.citation.start for tag in each.passage.source.insertions)
    return f"read{unpublished}" if written or full == each.citation.text else f"read{unpublished}, as {full}"


def count_missing(rows: Sequence[SheetRow]) -> dict[str, int]:
    """Count how many citations lack a pinpoint, a parenthetical, a docket number or italics."""
    counts: dict[str, int] = {}
    for row in rows:
        for word in filter(None, row.missing.split(", ")):
            counts[word] = counts.get(word, 0) + 1
    return counts


def count_statuses(rows: Sequence[SheetRow]) -> dict[str, int]:
    """Count how many citations are read, unread, unknown or different."""
    counts: dict[str, int] = {}
    for row in rows:
        word = row.status.partition(",")[0].partition(" from ")[0]
        counts[word] = counts.get(word, 0) + 1
    return counts
