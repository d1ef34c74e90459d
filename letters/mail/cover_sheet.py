"""Writes the sheet for the person at the printer: what is in each file, how to print it, what to look at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from letters.mail.manifest import Totals
from letters.mail.pieces import Piece, label

PICTURE = "piece.png"
"""The name under which the page asks for the picture of the first piece."""
_STYLE = """
@page { size: %s; margin: 0.7in 0.75in 0.6in; @bottom-right { content: "Page " counter(page) " of " counter(pages);
  font: 8.5pt "Charis SIL" } }
html { font: 10pt/13.5pt "Charis SIL", "DejaVu Sans"; color: #1a1a1a }
body { margin: 0 }
h1 { font-size: 17pt; line-height: 21pt; margin: 0 0 2pt }
h2 { font-size: 11pt; margin: 13pt 0 3pt; break-after: avoid }
.files { clear: both; padding-top: 1pt }
p { margin: 0 0 4pt }
.sum { margin-bottom: 8pt; color: #444 }
.stop { border: 1.2pt solid #a3261b; color: #a3261b; padding: 4pt 8pt; margin: 4pt 0 8pt; font-weight: bold }
.thick { color: #a3261b; font-weight: bold }
table { border-collapse: collapse; width: 100%%; font-size: 9.5pt; line-height: 12.5pt }
th, td { text-align: left; padding: 2pt 8pt 2pt 0; border-bottom: 0.4pt solid #bbb; vertical-align: top }
th { border-bottom: 0.8pt solid }
thead { break-after: avoid }
tr { break-inside: avoid }
.number { text-align: right }
ul { margin: 0; padding-left: 14pt; list-style-type: "\\2610\\2002" }
li { margin-bottom: 2.5pt }
figure { float: right; width: 2.35in; margin: 0 0 8pt 16pt }
figure img { width: 2.35in; border: 0.6pt solid #888 }
figcaption { font-size: 8.5pt; line-height: 11pt; color: #444 }
.zips { columns: 5; column-gap: 14pt; font-size: 9pt; line-height: 12pt }
.zips { margin-bottom: 5pt }
.zips p { margin: 0 }
.zips b { font-weight: normal; display: inline-block; width: 0.4in }
code { font-family: inherit; font-weight: bold }
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """The content of the cover sheet."""

    title: str
    """The title of the letter."""
    date: str
    """The date on the letters, in words."""
    status: str
    """Empty for finals; else what must not be done with the files."""
    duplex: bool
    trays: bool
    preprinted: bool
    paper: str
    """"Letter" or "A4"."""
    pounds: int
    order: str
    first: Piece
    warning: str = ""
    """What will not work as asked, such as thick pieces in small envelopes."""
    others: tuple[tuple[str, str], ...] = ()
    """Further files of the mailing, each with what it is."""


def write_cover_sheet(sheet: Sheet, totals: Totals, left_out: int, language: str) -> str:
    """Write the cover sheet as an HTML page, with a place for the picture of the first piece."""
    last = max(file.last for file in totals.files)
    body = (
        _head(sheet)
        + _figure(sheet, last)
        + _sum(sheet, totals, left_out)
        + _list("How to print", _how(sheet))
        + _files(sheet, totals, last)
        + _list("What to look at", _checks(sheet, totals, last))
        + _list("Afterwards", _afterwards(label(sheet.first.number, last)))
        + _zips(totals)
    )
    style = _STYLE % sheet.paper
    return (
        f'<!DOCTYPE html>\n<html lang="{escape(language)}"><head><meta charset="utf-8">'
        f"<title>For the printer: {escape(sheet.title)}</title><style>{style}</style></head>\n"
        f"<body>{body}</body></html>"
    )


def _figure(sheet: Sheet, last: int) -> str:
    number = label(sheet.first.number, last)
    caption = f"Piece {number}, page 1: {escape(sheet.first.name)}. The first sheet must look like this."
    alt = f"The first page of piece {number}"
    return f'<figure><img src="pictures/{PICTURE}" alt="{alt}"><figcaption>{caption}</figcaption></figure>\n'


def _head(sheet: Sheet) -> str:
    stop = f'<p class="stop">{escape(sheet.status)}</p>\n' if sheet.status else ""
    return f"<h1>For the person at the printer</h1>\n{stop}"


def _sum(sheet: Sheet, totals: Totals, left_out: int) -> str:
    words = (
        f"{many(totals.pieces, 'piece')}, {many(totals.sheets, 'sheet')} of {sheet.pounds} lb paper, "
        f"{totals.pounds:,.1f} lb ({totals.ounces:,.1f} oz), in order {sheet.order}."
    )
    out = f" {many(left_out, 'letter')} left out: left-out.csv says why." if left_out else ""
    thick = f'<p class="thick">{escape(sheet.warning)}</p>\n' if sheet.warning else ""
    return (
        f"<p><b>{escape(sheet.title)}</b>, dated {escape(sheet.date)}</p>\n"
        f'<p class="sum">{escape(words)}{escape(out)}</p>\n{thick}'
    )


def _files(sheet: Sheet, totals: Totals, last: int) -> str:
    rows = "".join(
        f"<tr><td><b>{file.name}</b></td><td>{label(file.first, last)} to {label(file.last, last)}</td>"
        f'<td class="number">{file.pieces:,}</td><td class="number">{file.sheets:,}</td>'
        f'<td class="number">{file.sides:,}</td><td>{escape(_tray(file.name, sheet))}</td></tr>\n'
        for file in totals.files
    )
    further = "".join(
        f'<tr><td><b>{escape(name)}</b></td><td colspan="5">{escape(words)}</td></tr>\n' for name, words in sheet.others
    )
    heads = "<th>File</th><th>Pieces</th>" + "".join(
        f'<th class="number">{head}</th>' for head in ("Count", "Sheets", "Sides")
    )
    return (
        f'<div class="files"><h2>The files</h2>\n<table><thead><tr>{heads}<th>Paper</th></tr></thead>\n'
        f"<tbody>{rows}{further}</tbody></table></div>\n"
    )


def _tray(name: str, sheet: Sheet) -> str:
    letterhead = "letterhead paper" if sheet.preprinted else "plain paper"
    if not sheet.trays:
        return "letterhead paper for each first sheet, plain paper for the rest" if sheet.preprinted else letterhead
    return f"first sheets: {letterhead}" if name.endswith("-first.pdf") else "all further sheets: plain paper"


def _how(sheet: Sheet) -> Iterable[str]:
    yield f"Paper: {sheet.paper}, {sheet.pounds} lb. Print at 100 %, “actual size”, never “fit to page”."
    if sheet.duplex:
        yield "Print on both sides, turned along the long edge. Empty backs are pages of the file: do not skip them."
    else:
        yield "Print on one side."
    yield "Print the files one after the other, and keep each stack in the order in which it comes out."
    if sheet.trays:
        yield "Put each first sheet on top of its further sheets; labels in the viewer, such as 017-3, tell which."
    elif sheet.preprinted:
        yield "First sheets need letterhead paper: prepare with --trays to print them apart from the others."


def _checks(sheet: Sheet, totals: Totals, last: int) -> Iterable[str]:
    yield "Print one piece first, and hold it against the picture: name, address, date, letterhead, margins."
    yield "Fold it, put it into its envelope, tap it on every edge: the whole address must stay in the window."
    if sheet.duplex:
        yield "Each letter and each enclosure begins on a front."
    ends = ", ".join(f"{file.name} ends with piece {label(file.last, last)}" for file in totals.files[:4])
    yield f"Nothing was lost: {ends}{' …' if len(totals.files) > 4 else ''}."
    yield "Envelopes or labels and letters are in the same order: compare the first, the last and one in the middle."


def _afterwards(number: str) -> Iterable[str]:
    yield f"Jammed or spoilt: letters mail reprint {number} writes just that piece again, under the same number."
    yield "When posted: letters mail posted, or for one file: letters mail posted --batch 1."
    yield "What comes back: letters mail returned ID --reason “what the post office wrote”."


def _list(title: str, items: Iterable[str]) -> str:
    return f"<h2>{title}</h2>\n<ul>{''.join(f'<li>{escape(item)}</li>' for item in items)}</ul>\n"


def _zips(totals: Totals) -> str:
    counts = "".join(f"<p><b>{escape(prefix)}</b> {count:,}</p>" for prefix, count in totals.zips)
    note = (
        "ZIP order and these counts earn no discount by themselves: presort rates need addresses certified by CASS "
        "software, a check for moves (NCOA) and presort software, which a mail house has."
    )
    return f'<h2>Pieces for each three-digit ZIP</h2>\n<div class="zips">{counts}</div>\n<p>{note}</p>\n'


def many(count: int, noun: str, nouns: str = "") -> str:
    """Return a number with its noun, such as "1 sheet" or "1,200 copies"."""
    return f"{count:,} {noun if count == 1 else nouns or noun + 's'}"


def counts_table(totals: Totals) -> Sequence[Sequence[object]]:
    """List the pieces for each three-digit ZIP as a table, with their sum."""
    return [["zip3", "pieces"], *totals.zips, ["all", totals.pieces]]
