"""Makes the sheet for a cite-check: one row for each citation, with what it supports and who has read it.

It is written as a spreadsheet to work in and as a page to print."""

from __future__ import annotations

import bisect
import datetime
import io
import itertools
import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, NamedTuple

from letters.cite.check import Found, is_unread
from letters.cite.find import CitationKind, read_phrase
from letters.cite.style import PAGE, kind_of
from letters.formats.ooxml import read_package, write_package
from letters.formats.pdf_text import PdfText
from letters.model.settings import WHOLE, Authorities, Authority

if TYPE_CHECKING:
    from openpyxl import Workbook


_END = re.compile(r"[.?!][”’\"')\]]*(?=\s+[“‘\"'(\[]?[A-Z0-9‹])|[.?!][”’\"')\]]*\s*(?=\n|$)|\n|$")
# A full stop behind one of these ends no sentence.
_SHORTENED = re.compile(
    r"(?:^|[\s(“‘])(?:v|vs|No|Nos|Mr|Mrs|Ms|Dr|Hon|St|Ste|art|amend|cl|ch|Inc|Co|Corp|Ltd|Bd|Cir|Supp|App|Ct|Ed|Dep’t|Dist"
    r"|e\.g|i\.e|cf|Cf|al|seq|(?:[A-Z]\.)*[A-Z]|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\.$"
)
_BLANKS = re.compile(r"\s+")
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
_BEGINNING = 100
"""Characters that tell one note or sentence from another."""
_WIDTHS = (6, 6, 44, 54, 16, 18, 16, 14, 11, 26, 14, 11, 26)
"""Of the columns, in characters; on paper they fill the sheet in the same proportion."""
_LINE = 14
"""Points of a line of a cell."""
_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*(?=<)")
# XML 1.0 has no such characters, and openpyxl raises an error for them.
_ILLEGAL = re.compile("[\x00-\x08\x0b-\x1f]")
_STYLE = (
    "@page{size:Letter landscape;margin:0.6in}body{font:9.5pt/1.35 'Charis SIL',Charter,Georgia,serif;margin:1.5em}"
    "h1{font-size:14pt;margin:0}p{margin:.3em 0 1em}table{border-collapse:collapse;width:100%;"
    "table-layout:fixed}"
    "th{text-align:left;border-bottom:1.5pt solid}td{vertical-align:top;border-bottom:.5pt solid #999}"
    "th,td{padding:3pt 6pt 3pt 0}td:nth-child(5),td:nth-child(10){overflow-wrap:anywhere}"
    "tr.open td:nth-child(6){font-weight:bold}thead{display:table-header-group}"
)


def sentence_at(text: str, position: int) -> str:
    """Return the sentence in which a position stands; a note called behind a full stop belongs to what is before it."""
    position = len(text[:position].rstrip()) - 1
    start = 0
    for end in _END.finditer(text):
        if _SHORTENED.search(text[max(0, end.start() - 12) : end.start() + 1]) and end[0].startswith("."):
            continue
        if end.end() > position:
            return _BLANKS.sub(" ", text[start : end.end()]).strip()
        start = end.end()
    return _BLANKS.sub(" ", text[start:]).strip()


class SheetRow(NamedTuple):
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
        return (*self, "", "", "")


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
    # What a case holds is said where it is cited first.
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
    return Counter(word for row in rows for word in row.missing.split(", ") if word)


def count_statuses(rows: Sequence[SheetRow]) -> dict[str, int]:
    """Count how many citations are read, unread, unknown or different."""
    return Counter(row.status.partition(",")[0].partition(" from ")[0] for row in rows)


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
        # First with the words before it: a case may be cited on several pages.
        wanted = (_folded(before.rpartition("›")[2]), _folded(citation.text.partition("‹")[0]))
        at = next((found for words in wanted if words and (found := self.text.find(words, begin)) >= 0), -1)
        at = begin if at < 0 and passage.note else at
        return str(bisect.bisect_right(self.starts, at)) if at >= 0 else ""


def read_pages(content: bytes) -> Pages:
    """Read the pages of a PDF."""
    with PdfText(content) as pdf:
        return pages_of([page.text for page in pdf.pages()])


def pages_of(texts: Sequence[str]) -> Pages:
    """Make pages of the text of each."""
    folded = [_folded(text) for text in texts]
    return Pages("".join(folded), tuple(itertools.accumulate(map(len, folded[:-1]), initial=0)))


def _beginning(text: str) -> str:
    """Take the first words of a text, up to a field or a condition."""
    return _folded(text.strip().partition("‹")[0].partition(" / ")[0][:_BEGINNING])


def _folded(text: str) -> str:
    return "".join(filter(str.isalnum, text))


def write_html(rows: Sequence[SheetRow], title: str, about: str) -> bytes:
    """Write the sheet as a page of its own; what is not settled is bold."""
    columns = "".join(f'<col style="width:{width / sum(_WIDTHS):.2%}">' for width in _WIDTHS)
    heads = "".join(f"<th>{escape(heading)}</th>" for heading in HEADINGS)
    lines = []
    for row in rows:
        open_row = "" if row.status.startswith("read") or row.status == "refers back" else ' class="open"'
        lines.append(f"<tr{open_row}>{''.join(f'<td>{escape(cell)}</td>' for cell in row.cells())}</tr>")
    body = "\n".join(lines)
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>\n'
        f"<style>{_STYLE}</style></head><body>\n<h1>{escape(title)}</h1>\n<p>{escape(about)}</p>\n"
        f"<table><colgroup>{columns}</colgroup><thead><tr>{heads}</tr></thead><tbody>\n{body}\n</tbody></table>\n</body></html>\n"
    ).encode()


def write_xlsx(rows: Sequence[SheetRow], title: str, about: str, date: datetime.date) -> bytes:
    """Write the sheet as XLSX: the same bytes for the same rows; every cell is text, and none is ever a formula."""
    import openpyxl
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.worksheet.properties import PageSetupProperties

    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Cite-check"
    sheet.append([title])
    sheet.append([about])
    sheet.append(list(HEADINGS))
    for number, row in enumerate(rows, start=4):
        for column, text in enumerate(row.cells(), start=1):
            cell = sheet.cell(number, column)
            # Numbers of notes and pages, which are sorted as numbers.
            whole = text.isdecimal()
            cell.value = int(text) if whole else _ILLEGAL.sub("", text) or None
            if text and not whole:
                # Otherwise openpyxl writes what begins with "=" as a formula.
                cell.data_type = "s"
            cell.alignment = Alignment(wrap_text=True, vertical="top")
        # Not every program makes a row as high as its text when it opens a file.
        lines = max(math.ceil(len(text) / (0.9 * width)) for text, width in zip(row.cells(), _WIDTHS, strict=True))
        sheet.row_dimensions[number].height = _LINE * max(1, lines)
    sheet["A1"].font = Font(bold=True, size=14)
    for cell in sheet[3]:
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", fgColor="E6E6E6")
    for letter, width in zip("ABCDEFGHIJKLM", _WIDTHS, strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = "A4"
    sheet.auto_filter.ref = f"A3:M{max(4, len(rows) + 3)}"
    sheet.page_setup.orientation = "landscape"
    # 0: as many pages long as it takes.
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = "3:3"
    return _without_clock(book, date)


def _without_clock(book: Workbook, date: datetime.date) -> bytes:
    """Save a workbook; openpyxl writes the hour into it, which the date of the campaign takes the place of."""
    moment = datetime.datetime.combine(date, datetime.time())
    book.properties.created = moment
    book.properties.creator = "letters"
    out = io.BytesIO()
    book.save(out)
    parts = read_package(out.getvalue())
    core = parts["docProps/core.xml"]
    stamp = moment.isoformat().encode() + b"Z"
    parts["docProps/core.xml"] = _MODIFIED.sub(lambda match: match[1] + stamp, core)
    return write_package(parts)
