"""Writes tables as an Excel workbook, the same bytes for the same tables."""

from __future__ import annotations

import datetime
import io
from collections.abc import Iterable, Mapping, Sequence

from letters.formats.ooxml import parse, read_package, serialize, write_package

_CORE = "docProps/core.xml"
_MODIFIED = "{http://purl.org/dc/terms/}modified"
_WIDEST = 48


def write_workbook(tables: Mapping[str, Sequence[Sequence[object]]], date: datetime.date) -> bytes:
    """Write tables, each a sheet of its own whose first row is the header; texts stay texts, ZIP codes among them."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    moment = datetime.datetime.combine(date, datetime.time(), datetime.UTC)
    book = Workbook(write_only=True)
    book.properties.created = moment.replace(tzinfo=None)
    book.properties.creator = ""
    for title, table in tables.items():
        sheet = book.create_sheet(title)
        sheet.freeze_panes = "A2"
        for number, width in enumerate(_widths(table), start=1):
            sheet.column_dimensions[get_column_letter(number)].width = width
        for row_number, row in enumerate(table):
            cells = []
            for value in row:
                cell = WriteOnlyCell(sheet, value=None)
                cell.value = value  # type: ignore[assignment]
                if isinstance(value, str):
                    cell.data_type = "s"  # never a formula, whatever it begins with
                    cell.number_format = "@"
                if not row_number:
                    cell.font = Font(bold=True)
                cells.append(cell)
            sheet.append(cells)
    file = io.BytesIO()
    book.save(file)
    parts = read_package(file.getvalue())
    core = parse(parts[_CORE])
    for element in core.iter(_MODIFIED):
        element.text = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    return write_package({**parts, _CORE: serialize(core)})


def _widths(table: Sequence[Sequence[object]]) -> Iterable[int]:
    """Tell how wide the columns must be to show what is in them, within reason."""
    for column in zip(*table, strict=True):
        yield min(_WIDEST, max(len(str(value)) for value in column) + 2)
