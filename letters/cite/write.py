"""Writes the sheet of a cite-check: as a spreadsheet to work in, and as a page to print."""

from __future__ import annotations

import datetime
import io
import math
import re
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from letters.cite.sheet import HEADINGS, SheetRow
from letters.formats.ooxml import read_package, write_package

if TYPE_CHECKING:
    from openpyxl import Workbook

_WIDTHS = (6, 6, 44, 54, 16, 18, 16, 14, 11, 26, 14, 11, 26)
"""Of the columns, in characters; on paper they fill the sheet in the same proportion."""
_LINE = 14
"""Points of a line of a cell."""
_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*(?=<)")
_ILLEGAL = re.compile("[\x00-\x08\x0b-\x1f]")
_STYLE = (
    "@page{size:Letter landscape;margin:0.6in}body{font:9.5pt/1.35 'Charis SIL',Charter,Georgia,serif;margin:1.5em}"
    "h1{font-size:14pt;margin:0}p{margin:.3em 0 1em}table{border-collapse:collapse;width:100%;"
    "table-layout:fixed}"
    "th{text-align:left;border-bottom:1.5pt solid}td{vertical-align:top;border-bottom:.5pt solid #999}"
    "th,td{padding:3pt 6pt 3pt 0}td:nth-child(5),td:nth-child(10){overflow-wrap:anywhere}"
    "tr.open td:nth-child(6){font-weight:bold}thead{display:table-header-group}"
)


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
            whole = text.isdecimal()
            cell.value = int(text) if whole else _ILLEGAL.sub("", text) or None
            if text and not whole:
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
