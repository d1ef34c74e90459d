"""Reads a list as people have it: text in any encoding with any delimiter, or a workbook."""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from letters.model.problems import CannotGoOn, Exit, list_lines
from letters.read.text import MOST_CHARACTERS, delimiter_of, dialect_of, tidied_cell
from letters.recipients.addresses import split_last_line
from letters.recipients.labels import SourceRow
from letters.recipients.shape import find_table
from letters.recipients.workbook import Grid, read_workbook

_LARGEST = 200 * 2**20
"""Bytes of a file."""
# A compound file (MS-CFB, 2.2): an .xls, or any workbook with a password, whose stream has this name
# (MS-OFFCRYPTO, 2.3.4.4).
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_ERRORS = re.compile(r"#(?:N/A|REF!|VALUE!|NAME\?|NULL!|NUM!|DIV/0!|SPILL!|CALC!|GETTING_DATA)")
ENCODING = "encoding"
"""The key of the question about the encoding of a file, by which its answer is known."""
_DELIMITERS = {";": "semicolons", "\t": "tabs", "|": "bars"}
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
"""A mark of UTF-32 begins with that of UTF-16, so it is looked for first."""
# Only these: detection without limits was wrong with eight of 32 files.
_OLD = ("cp1252", "mac_roman", "cp850")
"""Windows in the West, old Macs, DOS: what American offices' programs write where they do not write Unicode."""
_NAMES = {"cp1252": "Windows-1252", "mac_roman": "Mac Roman", "cp850": "DOS (code page 850)"}
# What names of people and places in the United States, and the typing of office programs, have besides ASCII.
_USUAL = frozenset("áéíóúñüöäçèêàâîôëïãåøÁÉÍÓÚÑÜÖÇ’‘“”–—…°§®™")
_LARGEST_CELL = 2**20
# A line of millions of cells did not end in time.
_WIDEST = 2_000
"""Cells of a row; a list has some dozens, and a sheet goes on with empty ones."""
_FOREIGN = {
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture (PNG)",
    b"\xff\xd8\xff": "a picture (JPEG)",
    b"GIF8": "a picture (GIF)",
    b"{\\rtf": "a Word document (rtf)",
    b"<!DOCTYPE": "a web page",
    b"<html": "a web page",
    b"<table": "a web page",
    b"<?xml": "XML (open it in Excel)",
    b"BEGIN:VCARD": "a file of address cards (vCard)",
}
"""How files begin that hold no list."""
_ZEROS = 5
"""Of so many bytes one is a zero at least in text in UTF-16."""
_NARROW = 3
"""Columns of a table in which a cell of several lines may have as many commas as a row."""
_BEGINNING = 400
"""Bytes that are looked at."""
SUFFIXES = (".xlsx", ".xlsm", ".xls", ".ods")


class ListSource(NamedTuple):
    """A file's table: headings and rows, what was told of it, and the hash of the file."""

    name: str
    sha256: str
    sheet: str
    header_line: int
    """0 where the table has no header."""
    headings: tuple[str, ...]
    rows: tuple[SourceRow, ...]
    remarks: tuple[str, ...]
    base: tuple[tuple[str, ...], ...] = ()
    """The rows as they were in the worksheet that this toolkit wrote, with their header; empty for other files."""
    questions: tuple[tuple[str, str], ...] = ()
    """What a person must say yes or no to: a key for remembering, and the question."""
    hidden_lines: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    """Rows by line and columns from 0 that the spreadsheet hides."""
    struck_lines: frozenset[int] = frozenset()
    """Rows that somebody struck through."""
    struck_cells: Mapping[tuple[int, int], tuple[str, str]] = MappingProxyType({})
    """Cells in which words are struck through, by line and column from 0, with them and without."""


def read_source(path: Path, sheet: str = "", header: int | None = None) -> ListSource:
    """Read a list. `sheet` is a sheet's name or number, `header` the line of the header, 0 for none.

    Raises CannotGoOn where the file holds no list, with what to do about it.
    """
    content = _content(path)
    is_named_so = path.suffix.lower() in SUFFIXES
    # Exports of other programs are text under the name of a workbook, which no workbook is: all of them hold zeros.
    # One line is no list.
    is_text = is_named_so and b"\0" not in content and b"\n" in content.strip().replace(b"\r", b"\n")
    if (is_named_so and not is_text) or content.startswith((b"PK\x03\x04", _OLE)):
        grid = read_workbook(path, content, sheet)
    else:
        if sheet:
            raise CannotGoOn(Exit.WRONG_CALL, f'"{path.name}" is a text file and has no sheets', "leave --sheet out")
        grid = _text(path, content)
        if is_text:
            grid.remarks.append("the file is no workbook, although it is named like one, but text")
    return _with_header(path, hashlib.sha256(content).hexdigest(), grid, header)


def without_struck(source: ListSource) -> ListSource:
    """Return a source without the words that are struck through in its cells."""

    def left(line: int, number: int, cell: str) -> str:
        was, now = source.struck_cells.get((line, number), ("", ""))
        return now if was and was == cell else cell

    rows = tuple(
        SourceRow(row.line, tuple(left(row.line, number, cell) for number, cell in enumerate(row.cells)))
        for row in source.rows
    )
    return source._replace(rows=rows)


def without_columns(source: ListSource, numbers: Collection[int]) -> ListSource:
    """Return a source with some columns empty, as if they were not there."""
    headings = tuple("" if n in numbers else heading for n, heading in enumerate(source.headings))
    rows = tuple(
        SourceRow(row.line, tuple("" if n in numbers else cell for n, cell in enumerate(row.cells)))
        for row in source.rows
    )
    return source._replace(headings=headings, rows=rows)


def _content(path: Path) -> bytes:
    if not path.exists():
        raise CannotGoOn(Exit.PROBLEMS, f'"{path}" does not exist', "check the name and the folder")
    if not path.is_file():
        raise CannotGoOn(Exit.PROBLEMS, f'"{path}" is no file', "name the file of the list")
    if path.stat().st_size > _LARGEST:
        raise CannotGoOn(Exit.PROBLEMS, f'"{path}" is larger than 200 MB', "is it the right file?")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CannotGoOn(Exit.PROBLEMS, f'"{path}" cannot be read: {error.strerror}') from None
    if not content.strip(b"\x00 \r\n\t"):
        raise CannotGoOn(Exit.PROBLEMS, f'"{path}" is empty', "save the list again, and name that file")
    if kind := foreign_kind(content):
        hint = "save the table as a spreadsheet or as CSV (in Word: copy it into Excel), and name that file"
        raise CannotGoOn(Exit.PROBLEMS, f'"{path}" is {kind}, not a list', hint)
    if content.startswith(_OLE) and _ENCRYPTED in content:
        hint = "open it in Excel, take the password off (File, Info, Protect Workbook), and save it"
        raise CannotGoOn(Exit.PROBLEMS, f'"{path}" is protected by a password', hint)
    return content


def _text(path: Path, content: bytes) -> Grid:
    decoded = decode(content)
    try:
        rows, delimiter = parse_csv(decoded.text)
    except csv.Error as error:
        ways = {"not closed": "close it, or take it out", "not doubled": "write Sheriff''s, or save the list as Excel"}
        hint = next((way for what, way in ways.items() if what in str(error)), "is a quotation mark left open?")
        raise CannotGoOn(Exit.PROBLEMS, f'"{path}" is not a table: {error}', hint) from None
    rows = _with_broken_rows(rows) if delimiter == "\t" else rows
    remarks = [] if delimiter == "," else [f"cells are set apart by {_DELIMITERS.get(delimiter, delimiter)}"]
    questions = []
    if decoded.doubt and decoded.sure:
        remarks.append(decoded.doubt)
    elif decoded.doubt:
        questions.append((ENCODING, decoded.doubt + "; is that right?"))
    return Grid(rows, remarks, questions)


def _with_broken_rows(rows: list[list[str]]) -> list[list[str]]:
    """Return the rows of a table that was copied from a web page with those joined that a line break in a cell parted.

    Rows that lack their last empty cells are short, too: what is joined begins its second part with a last line.
    """
    span = len(next((row for row in rows if len(row) > 1), ()))
    made = [list(row) for row in rows]
    for row, below in pairwise(made):
        last = split_last_line(below[0]) if row and below and len(row) + len(below) - 1 == span else None
        if last is not None and last.zip:
            row[-1] = f"{row[-1]}\n{below[0]}"
            row += below[1:]
            below.clear()
    return made


def _with_header(path: Path, digest: str, grid: Grid, header: int | None) -> ListSource:
    rows = [SourceRow(line, tuple(cell.strip() for cell in cells)) for line, cells in enumerate(grid.rows, start=1)]
    # A row of strokes is a rule of a table that was typed.
    rows = [row for row in rows if any(re.search(r"[^\W_]", tidied_cell(cell)) for cell in row.cells)]
    if not rows:
        raise CannotGoOn(Exit.PROBLEMS, f'"{path.name}" holds no rows', "save the list again, and name that file")
    # Each cell is compared with dozens of patterns, some of which look at each of its characters again and again.
    length, line = max((len(cell), row.line) for row in rows for cell in row.cells)
    if length > MOST_CHARACTERS:
        what = f"has a cell of {length:,} characters in line {line:,}; a spreadsheet holds {MOST_CHARACTERS:,}"
        hint = "is a quotation mark left open, or was a whole file pasted?"
        raise CannotGoOn(Exit.PROBLEMS, f'"{path.name}" {what}', hint)
    table = find_table(path.name, rows, header)
    remarks, kept = [*grid.remarks, *table.remarks], table.rows
    errors = [row.line for row in kept if any(_ERRORS.fullmatch(cell) for cell in row.cells)]
    if errors:
        shown = list_lines(errors)
        remarks.append(f"error cells of the spreadsheet (#N/A and the like) in lines {shown} are read as empty")
        kept = [SourceRow(row.line, tuple("" if _ERRORS.fullmatch(c) else c for c in row.cells)) for row in kept]
    headings = table.headings
    # People say "retired" and the like in comments: as a column they can hold a row.
    if any(row.line in grid.comments for row in kept):
        headings = (*headings, "Comments")
        kept = [SourceRow(row.line, (*row.cells, grid.comments.get(row.line, ""))) for row in kept]
    return ListSource(
        path.name,
        digest,
        grid.sheet,
        table.header_line,
        tuple(map(tidied_cell, headings)),
        tuple(kept),
        tuple(remarks),
        grid.base,
        tuple(grid.questions),
        frozenset(grid.hidden_lines),
        frozenset(grid.hidden_columns),
        frozenset(grid.struck_lines),
        grid.struck_cells,
    )


class Decoded(NamedTuple):
    """The text of a file, and what is doubtful of its encoding."""

    text: str
    doubt: str = ""
    """A sentence with the doubtful words, where the encoding had to be guessed."""
    sure: bool = True


def decode(content: bytes) -> Decoded:
    """Return the text of a file: by its byte order mark, as UTF-8, as UTF-16, or as the likeliest old encoding."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return Decoded(content[len(mark) :].decode(encoding, "replace"))
    half = content[: 4096 - len(content[:4096]) % 2]
    if half and _ZEROS * half.count(0) > len(half):
        # English text in UTF-16 has a zero in every other byte; one alone is a stray one.
        encoding = "utf-16-le" if half[1::2].count(0) >= half[::2].count(0) else "utf-16-be"
        return Decoded(content.decode(encoding, "replace"))
    # One stray zero made a whole file UTF-16.
    content = content.replace(b"\0", b"")
    try:
        return Decoded(content.decode("utf-8"))
    except UnicodeDecodeError:
        return _guessed(content)


def _guessed(content: bytes) -> Decoded:
    scored = sorted(((_oddness(content, encoding), -number, encoding) for number, encoding in enumerate(_OLD[::-1])))
    # Of those that are equally odd the first of _OLD counts.
    (best, _, encoding), (second, _, other) = scored[0], scored[1]
    text = content.decode(encoding, "replace")
    words = list(dict.fromkeys(re.findall(r"\S*[^\x00-\x7f]\S*", text)))
    # Few accents say little: "O’Neil" of a Mac is "OÕNeil" in Windows.
    sure = best == 0 and second > 0
    shown = ", ".join(f'"{word}"' for word in words[:5])
    if not sure:
        rivals = (word.encode(encoding, "replace").decode(other, "replace") for word in words[:3])
        otherwise = ", ".join(f'"{word}"' for word in rivals)
        shown += f" (as {_NAMES[other]} they would be {otherwise})"
    return Decoded(text, f"not UTF-8; read as {_NAMES[encoding]}: {shown}", sure)


def _oddness(content: bytes, encoding: str) -> int:
    """Return how many characters are odd in an American list: not usual ones, or where no such character stands."""
    text = content.decode(encoding, "replace")
    odd = 0
    for before, found, after in re.findall(r"(.?)([^\x00-\x7f])(?=(.?))", text, re.DOTALL):
        odd += found not in _USUAL
        letter = found.isalpha()
        odd += letter and found.isupper() and before.islower()
        odd += not letter and found in "°§®™" and before.isalpha() and after.isalpha()
    return odd


def parse_csv(text: str) -> tuple[list[list[str]], str]:
    """Return the records of a delimited text, blank ones included, and its delimiter; raises csv.Error."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    csv.field_size_limit(_LARGEST_CELL)
    delimiter = delimiter_of(text)
    dialect = dialect_of(text, delimiter)
    reader = csv.reader(io.StringIO(text, newline=""), dialect, delimiter=delimiter)
    rows: list[list[str]] = []
    for cells in _records(reader):
        while len(cells) > _WIDEST and not cells[-1].strip():
            cells.pop()
        if len(cells) > _WIDEST:
            raise csv.Error(f"line {reader.line_num:,} has {len(cells):,} cells, and {_WIDEST:,} is the most")
        # A record keeps the line on which it begins, so that messages name the line of the file.
        breaks = sum(cell.count("\n") for cell in cells)
        rows += [[] for _ in range(reader.line_num - len(rows) - 1 - breaks)]
        rows.append(cells)
        rows += [[] for _ in range(reader.line_num - len(rows))]
    if '"' in text and (line := _open_quote(text, rows, delimiter)):
        raise csv.Error(f"the quotation mark in line {line:,} is not closed, so that rows below it are one cell")
    return rows, delimiter


def _records(reader: Any) -> Iterator[list[str]]:
    """Yield the records of a reader; raises csv.Error with the line where an apostrophe within a cell ends it."""
    try:
        yield from reader
    except csv.Error as error:
        if reader.dialect.quotechar != "'":
            raise
        what = f"cells stand between apostrophes, and one within a cell of line {reader.line_num:,} is not doubled"
        raise csv.Error(what) from error


def _open_quote(text: str, rows: Sequence[Sequence[str]], delimiter: str) -> int:
    """Return the line of a quotation mark that is not closed in its row; 0 where there is none."""
    width = max(map(len, rows), default=0)
    for line, cells in enumerate(rows, start=1):
        # A cell of several lines that holds as many delimiters as a row is more than one row.
        if width > _NARROW and any("\n" in cell and cell.count(delimiter) >= width - 1 for cell in cells):
            return line
    if _ends_in_a_cell(text, delimiter):
        return next(number for number in range(len(rows), 0, -1) if rows[number - 1])
    return 0


def _ends_in_a_cell(text: str, delimiter: str) -> bool:
    try:
        for _ in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
            pass
    except csv.Error as error:
        return "unexpected end of data" in str(error)
    return False


def foreign_kind(content: bytes) -> str:
    """Return what kind of file this is that holds no list; empty where it may hold one."""
    if content.startswith(b"PK"):
        # The names of its members stand in an archive as they are (PKWARE APPNOTE, 4.3.12).
        if b"word/" in content:
            return "a Word document (docx)"
        if b"Index/Document.iwa" in content:
            return "a file of Numbers, Pages or Keynote (export it, as Excel)"
        if b"ppt/" in content:
            return "a PowerPoint presentation"
        if b"xl/" not in content and b"opendocument.spreadsheet" not in content:
            return "an archive (zip)"
    begin = content[:_BEGINNING].lstrip(b"\xef\xbb\xbf \t\r\n")
    if begin.startswith((b"{", b"[{")) and b'":' in begin.replace(b" ", b""):
        return "a link to Google Sheets (download it there, as Excel)" if b"docs.google.com" in begin else "JSON"
    return next((kind for starts, kind in _FOREIGN.items() if begin[: len(starts)].lower() == starts.lower()), "")
