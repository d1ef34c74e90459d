"""Reads the bytes of a text file in whatever encoding and with whatever delimiter an office program saved it.

Files that hold no list are known by how they begin."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from letters.read.text import delimiter_of, dialect_of

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
"""A mark of UTF-32 begins with that of UTF-16, so it is looked for first."""
_OLD = ("cp1252", "mac_roman", "cp850")
"""Windows in the West, old Macs, DOS: what American offices' programs write where they do not write Unicode."""
_NAMES = {"cp1252": "Windows-1252", "mac_roman": "Mac Roman", "cp850": "DOS (code page 850)"}
_USUAL = frozenset("áéíóúñüöäçèêàâîôëïãåøÁÉÍÓÚÑÜÖÇ’‘“”–—…°§®™")
_LARGEST_CELL = 2**20
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


class Decoded(NamedTuple):
    """A text, how it was read, and what that leaves to ask."""

    text: str
    encoding: str
    doubt: str = ""
    """A sentence with the doubtful words, where the encoding had to be guessed."""
    sure: bool = True


def decode(content: bytes) -> Decoded:
    """Return the text of a file: by its byte order mark, as UTF-8, as UTF-16, or as the likeliest old encoding."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return Decoded(content[len(mark) :].decode(encoding, "replace"), encoding)
    half = content[: 4096 - len(content[:4096]) % 2]
    if half and _ZEROS * half.count(0) > len(half):
        # English text in UTF-16 has a zero in every other byte; one alone is a stray one.
        encoding = "utf-16-le" if half[1::2].count(0) >= half[::2].count(0) else "utf-16-be"
        return Decoded(content.decode(encoding, "replace"), encoding)
    content = content.replace(b"\0", b"")
    try:
        return Decoded(content.decode("utf-8"), "utf-8")
    except UnicodeDecodeError:
        return _guessed(content)


def _guessed(content: bytes) -> Decoded:
    scored = sorted(((_oddness(content, encoding), -number, encoding) for number, encoding in enumerate(_OLD[::-1])))
    (best, _, encoding), (second, _, other) = scored[0], scored[1]
    text = content.decode(encoding, "replace")
    words = dict.fromkeys(word for word in re.findall(r"\S*[^\x00-\x7f]\S*", text))
    # Few accents say little: "O’Neil" of a Mac is "OÕNeil" in Windows.
    sure = best == 0 and second > 0
    shown = ", ".join(f'"{word}"' for word in list(words)[:5])
    rival = "" if sure else f" (as {_NAMES[other]} they would be {_otherwise(list(words)[:3], encoding, other)})"
    return Decoded(text, encoding, f"not UTF-8; read as {_NAMES[encoding]}: {shown}{rival}", sure)


def _otherwise(words: list[str], encoding: str, other: str) -> str:
    return ", ".join(f'"{word.encode(encoding, "replace").decode(other, "replace")}"' for word in words)


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
        rows += [[] for _ in range(reader.line_num - len(rows) - 1 - _breaks(cells))]
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


def _breaks(cells: list[str]) -> int:
    return sum(Counter(cell)["\n"] for cell in cells if "\n" in cell)


def foreign_kind(content: bytes) -> str:
    """Return what kind of file this is that holds no list; empty where it may hold one."""
    if content.startswith(b"PK"):
        if b"word/document.xml" in content or b"word/" in content:
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
