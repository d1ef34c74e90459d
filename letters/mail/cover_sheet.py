"""Writes the sheet for the person at the printer: what is in each file, how to print it, what to look at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape

from letters.mail.manifest import FileTotal, Totals
from letters.mail.pieces import Piece, label
from letters.model.problems import many

PICTURE = "piece.jpg"
"""The name under which the page asks for the picture of the first piece."""
_SIZES = (10, 9.25, 8.5, 7.75, 7)
"""Type in points: the largest in which all is on one page. Below the last one the sheet goes on on a second page."""
_MOST_FILES = 10
"""Print files that have a line each."""
_MOST_COUNTS = 100
"""Counties or ZIP prefixes that are counted on the sheet; the workbook has them all."""
# County and count, six times: Michigan has 83 counties, in 14 rows.
_COLUMNS = 6
# In rem, but for the page itself: all of it shrinks with the type of <html> until the sheet is one page.
_STYLE = """
@page {{ size: {paper}; margin: 0.6in 0.75in 0.55in; @bottom-right {{ content: "Page " counter(page) " of "
  counter(pages); font: 8pt "Charis SIL" }} }}
html {{ font: {size}pt/1.33 "Charis SIL", "DejaVu Sans"; color: #1a1a1a }}
body {{ margin: 0 }}
h1 {{ font-size: 1.6rem; line-height: 1.2; margin: 0 0 0.2rem }}
h2 {{ font-size: 1.08rem; margin: 0.9rem 0 0.2rem; break-after: avoid }}
.files {{ clear: both; padding-top: 0.1rem }}
p {{ margin: 0 0 0.4rem }}
.sum {{ margin-bottom: 0.6rem; color: #444 }}
.stop {{ border: 1.2pt solid #a3261b; color: #a3261b; padding: 4pt 8pt; margin: 4pt 0 8pt; font-weight: bold }}
.thick {{ color: #a3261b; font-weight: bold }}
table {{ border-collapse: collapse; width: 100%; font-size: 0.95rem; line-height: 1.3 }}
th, td {{ text-align: left; padding: 0.15rem 0.8rem 0.15rem 0; border-bottom: 0.4pt solid #bbb; vertical-align: top }}
th {{ border-bottom: 0.8pt solid }}
thead {{ break-after: avoid }}
tr {{ break-inside: avoid }}
.number {{ text-align: right }}
ul {{ margin: 0; padding-left: 1.4rem; list-style-type: "\\2610\\2002" }}
li {{ margin-bottom: 0.2rem }}
figure {{ float: right; width: 2.1in; margin: 0 0 8pt 16pt }}
figure img {{ width: 2.1in; border: 0.6pt solid #888 }}
figcaption {{ font-size: 0.85rem; line-height: 1.3; color: #444 }}
.counts {{ table-layout: fixed; font-size: 0.85rem; line-height: 1.2; margin-bottom: 0.3rem }}
.counts td {{ border: none; padding: 0 }}
.counts td:nth-child(even) {{ width: 4%; text-align: right; padding-right: 1.6rem }}
code {{ font-family: inherit; font-weight: bold }}
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
    priced: str = ""
    """The day of the prices that postage was reckoned by; empty where there are none."""
    others: tuple[tuple[str, str], ...] = ()
    """Further files of the mailing, each with what it is."""


def cover_sheets(sheet: Sheet, totals: Totals, left_out: int, language: str) -> Iterator[str]:
    """Write the cover sheet as an HTML page with a place for the picture of the first piece, in ever smaller type."""
    # Labels have as many digits as the last piece of the mailing, as on the pages themselves.
    last = max(file.last for file in totals.files)
    body = (
        _head(sheet)
        + _figure(sheet, last)
        + _sum(sheet, totals, left_out)
        + _list("How to print", _how(sheet))
        + _list("What to look at", _checks(sheet, totals, last))
        + _files(sheet, totals, last)
        + _list("Afterwards", _afterwards(label(sheet.first.number, last)))
        + _counts("Pieces for each county", totals.counties, "county", "counties")
        + _counts("Pieces for each three-digit ZIP", totals.zips, "prefix", "prefixes")
        + f"<p>{_DISCOUNT}</p>"
    )
    for size in _SIZES:
        style = _STYLE.format(paper=sheet.paper, size=size)
        yield (
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
    kinds = ", ".join(many(count, kind, _several(kind)) for kind, count in totals.kinds)
    words = (
        f"{many(totals.pieces, 'piece')} ({kinds}), {many(totals.sheets, 'sheet')} of {sheet.pounds} lb paper, "
        f"{totals.weight} in all, in order {sheet.order}."
    )
    out = (
        f" {many(left_out, 'letter or copy', 'letters and copies')} left out: left-out.csv says why."
        if left_out
        else ""
    )
    if sheet.priced:
        unpriced = f"; {many(totals.unpriced, 'piece')} without a price" if totals.unpriced else ""
        words += f" Postage ${totals.postage:,.2f} by the prices of {sheet.priced}, without extra services{unpriced}."
    thick = f'<p class="thick">{escape(sheet.warning)}</p>\n' if sheet.warning else ""
    return (
        f"<p><b>{escape(sheet.title)}</b>, dated {escape(sheet.date)}</p>\n"
        f'<p class="sum">{escape(words)}{escape(out)}</p>\n{thick}'
    )


def _several(kind: str) -> str:
    """Return the plural of "sheriff", or of "copy to Chair"."""
    return kind.replace("copy", "copies", 1) if kind.startswith("copy ") else f"{kind}s"


def _files(sheet: Sheet, totals: Totals, last: int) -> str:
    rows = "".join(
        f"<tr><td><b>{file.name}</b></td><td>{label(file.first, last)} to {label(file.last, last)}</td>"
        f'<td class="number">{file.pieces:,}</td><td class="number">{file.sheets:,}</td>'
        f'<td class="number">{file.sides:,}</td><td>{escape(_tray(file.name.split(" ")[0], sheet))}</td></tr>\n'
        for file in (_shortened(totals.files) if not sheet.trays else totals.files)
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


def _shortened(files: Sequence[FileTotal]) -> Sequence[FileTotal]:
    """Add files up that lie between the first and the last ones, where there are too many for a page."""
    if len(files) <= _MOST_FILES:
        return files
    ends = _MOST_FILES // 2
    middle = files[ends:-1]
    added = FileTotal(
        name=f"{middle[0].name} to {middle[-1].name}",
        first=middle[0].first,
        last=middle[-1].last,
        pieces=sum(file.pieces for file in middle),
        sides=sum(file.sides for file in middle),
        sheets=sum(file.sheets for file in middle),
    )
    return [*files[:ends], added, files[-1]]


def _tray(name: str, sheet: Sheet) -> str:
    letterhead = "letterhead paper" if sheet.preprinted else "plain paper"
    if not sheet.trays:
        return "letterhead paper for each first sheet, plain paper for the rest" if sheet.preprinted else letterhead
    return f"first sheets: {letterhead}" if name.endswith("-first.pdf") else "all further sheets: plain paper"


def _how(sheet: Sheet) -> Iterable[str]:
    # A page that is scaled moves the address out of its window, and fold marks from their folds.
    yield f"Paper: {sheet.paper}, {sheet.pounds} lb. Print at 100 %, “actual size”, never “fit to page”."
    if sheet.duplex:
        # A driver that skips empty pages moves each following letter to a back.
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
    yield "Put it into its envelope. A window envelope is tapped on every edge: the whole address must stay in sight."
    if sheet.duplex:
        yield "Each letter and each enclosure begins on a front."
    ends = ", ".join(f"{file.name} with piece {label(file.last, last)}" for file in totals.files[:2])
    # Whoever compares the last sheet of a stack with this line knows that no sheet is missing or was drawn in twice.
    yield f"Nothing was lost: the last sheets end {ends}{', and so on' if len(totals.files) > 2 else ''}."
    yield "Envelopes or labels and letters are in the same order: compare the first, the last and one in the middle."


def _afterwards(number: str) -> Iterable[str]:
    yield f"Jammed or spoilt: letters mail reprint {number} writes just that piece again, under the same number."
    yield "When posted: letters mail posted, or for one file: letters mail posted --batch 1."
    yield "What comes back: letters mail returned ID --reason “what the post office wrote”."


def _list(title: str, items: Iterable[str]) -> str:
    return f"<h2>{title}</h2>\n<ul>{''.join(f'<li>{escape(item)}</li>' for item in items)}</ul>\n"


_DISCOUNT = (
    "They earn no discount by themselves: presort rates need CASS, NCOA and presort software, as mail houses have."
)


def _counts(title: str, counts: Sequence[tuple[str, int]], noun: str, nouns: str) -> str:
    if len(counts) > _MOST_COUNTS:
        body = f"<p>{many(len(counts), noun, nouns)}: the workbook manifest.xlsx counts them.</p>"
    else:
        body = f'<table class="counts">{_in_columns(counts)}</table>'
    return f"<h2>{title}</h2>\n{body}\n"


def _in_columns(counts: Sequence[tuple[str, int]]) -> str:
    """Write counts as the rows of a table, to be read down its columns; CSS columns take ten times as long to set."""
    rows = -(-len(counts) // _COLUMNS)
    lines = (counts[row::rows] for row in range(rows))
    cells = ("".join(f"<td>{escape(name or 'none')}</td><td>{count:,}</td>" for name, count in line) for line in lines)
    return "".join(f"<tr>{line}</tr>" for line in cells)
