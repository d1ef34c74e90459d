"""Reads text files, and the tables in them, as office programs save them: in any encoding, with any delimiter."""

from __future__ import annotations

import codecs
import csv
import functools
import io
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple

from letters.formats.files import leads_out
from letters.model.problems import CannotGoOn, Exit, Place, Problem, warning

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_LARGEST = 256 * 2**20
"""Bytes; more than the mailing list of a whole country."""
_BLANKS = re.compile(r"[ \t\n]+")
_NOT_A_NAME = re.compile(r"[^0-9a-z]+")
_ILLEGAL = re.compile("[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
"""Characters that XML 1.0 (clause 2.2), and so a DOCX, cannot hold; and those that turn what follows round."""
_INVISIBLE = re.compile(
    "(?<!Ã)\u00ad|[\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2060-\u2064\u206a-\u206f\u2800\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff]"
)
"""Characters that show nothing: a cell of them looks empty, and a name with one is not found when it is searched.

A soft hyphen behind "Ã" is half of an "í" that was read in the wrong encoding.
"""
# The module csv refuses cells of more than 131,072 characters, with an error that names no cell.
LARGEST_CELL = 2**27
MOST_CHARACTERS = 32_767
"""Excel's own limit of a cell; a longer one stops its row, and is not looked at further."""
# A header of 60,000 columns did not end in time.
_MOST_COLUMNS = 2_000
_DELIMITER_LINE = re.compile(r"sep=(.)")
"""Excel's own first line, which says how cells are set apart."""
_STRAY_QUOTE = re.compile("expected after|unexpected end of data")
"""What the module csv says of a quotation mark that is not closed, or that stands within a cell."""
_MOST_BROKEN = 100
"""Lines with stray quotation marks; a file with more is no table."""
_TITLE_LINES = 20
"""The header is looked for in so many lines."""


def read_text(path: Path, shown: str) -> tuple[str, list[Problem]]:
    """Read a text file, with a warning where its encoding had to be guessed.

    `shown` is the name for messages. Raises CannotGoOn when the file is missing, not readable or no text.
    """
    return decode(_read_bytes(path, shown), shown)


def rewritten(path: Path, change: Callable[[str], str]) -> bytes:
    """Return the content of a text file after a change of its text; line ends and a byte-order mark stay as they are.

    What is not UTF-8 is UTF-8 then. Raises CannotGoOn where the file is no text.
    """
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text, _ = decode(content, path.name)
    return (codecs.BOM_UTF8 if content.startswith(codecs.BOM_UTF8) else b"") + change(text).encode()


def encoded_like(before: bytes, text: str) -> bytes:
    """Return a text as the content of a file that had another: with its line ends, and a byte-order mark if it had one.

    Line ends of the text are those that `read_text` returns.
    """
    content = text.encode()
    if b"\r\n" in before:
        content = content.replace(b"\n", b"\r\n")
    return (codecs.BOM_UTF8 if before.startswith(codecs.BOM_UTF8) else b"") + content


def _read_bytes(path: Path, shown: str) -> bytes:
    # A letter or a list that is a link would print, or send, a file of whoever builds the campaign.
    if leads_out(path):
        hint = "put the file itself there: what a link leads to could be anything on this computer"
        raise CannotGoOn(Exit.PROBLEMS, f'"{shown}" is a link that leads out of its folder', hint)
    try:
        # A pipe is read for ever, and /dev/zero fills the memory.
        if path.exists() and not path.is_file():
            message = f'"{shown}" cannot be read: it is a folder, a pipe or a device'
            raise CannotGoOn(Exit.PROBLEMS, message, "put a file there")
        if path.stat().st_size > _LARGEST:
            raise CannotGoOn(Exit.PROBLEMS, f'"{shown}" is larger than 256 MB', "is it the right file?")
        return path.read_bytes()
    except FileNotFoundError:
        raise CannotGoOn(Exit.PROBLEMS, f'"{shown}" does not exist', "check the name and the folder") from None
    except OSError as error:
        raise CannotGoOn(Exit.PROBLEMS, f'"{shown}" cannot be read: {error.strerror}') from None


def decode(content: bytes, shown: str) -> tuple[str, list[Problem]]:
    """Decode UTF-8, UTF-16 with a byte-order mark, or else Windows-1252 with a warning."""
    for mark, encoding in _BYTE_ORDER_MARKS:
        if content.startswith(mark):
            return _decode_as(content[len(mark) :], encoding, shown), []
    # Text in UTF-8 or Windows-1252 has no zero bytes; workbooks, pictures and PDFs have.
    if b"\0" in content:
        raise CannotGoOn(Exit.PROBLEMS, f'"{shown}" is not a text file', _save_as(shown))
    try:
        return _lines(content.decode("utf-8")), []
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        # What Excel saves as "CSV" on a Windows of the United States; only "CSV UTF-8" is UTF-8.
        text = _decode_as(content, "cp1252", shown)
        sample = text.splitlines()[line - 1].strip()[:60]
        what = f'not UTF-8; read as Windows-1252: "{sample}"'
        return text, [warning(Place(shown, line), what, f"check the accents there, or {_save_as(shown)}")]


def _save_as(shown: str) -> str:
    """Return how a file of this name is saved so that it is read rightly."""
    if shown.lower().endswith((".csv", ".tsv", ".txt")):
        return 'in Excel choose "Save as", "CSV UTF-8 (comma delimited)"'
    return "in the editor choose UTF-8 for the encoding when you save it"


def _decode_as(content: bytes, encoding: str, shown: str) -> str:
    try:
        return _lines(content.decode(encoding))
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        message = f"{shown}:{line}: neither UTF-8 nor Windows-1252"
        raise CannotGoOn(Exit.PROBLEMS, message, "save the file as UTF-8") from None


def _lines(text: str) -> str:
    # Old Macs end lines by a carriage return alone.
    return text.replace("\r\n", "\n").replace("\r", "\n")


class TableRow(NamedTuple):
    """One row with the line of the file on which it begins, and what is wrong with its shape."""

    line: int
    cells: dict[str, str]
    problems: tuple[Problem, ...] = ()
    is_broken: bool = False
    """Whether its cells cannot be told apart, so that they say nothing."""


def read_table(
    text: str, shown: str, wanted: Collection[str] = ()
) -> tuple[tuple[str, ...], list[TableRow], list[Problem]]:
    """Read a header and its rows; `shown` is the file's name for messages.

    Column names are folded to the form a letter can use: "Board chair" becomes board_chair. Blank lines, Excel's line
    "sep=;" and titles above the header are skipped with a note; the header is the first line with most of the `wanted`
    columns, else the first that has about as many cells as the table.
    """
    if not text.strip():
        return (), [], [Problem(Place(shown, 1), "the file is empty", "the first line names the columns")]
    # A limit of the module, and so of the whole process: each reader of tables sets its own.
    csv.field_size_limit(LARGEST_CELL)
    broken: dict[int, str] = {}
    try:
        header, skipped, lines = _find_header(_records(text, broken), wanted)
        number, names = header
        if any(line <= number for line in broken):
            raise _NoTableError("a quotation mark is not closed", min(broken))
        columns = tuple(_column_name(name) for name in names)
        if (named := sum(map(bool, columns))) > _MOST_COLUMNS:
            what = f"the header names {named:,} columns, and {_MOST_COLUMNS:,} is the most"
            return (), [], [Problem(Place(shown, number), what, "is it the right file? A list has some dozens")]
        known = _Tidied()
        rows, repeated = [], []
        for line, cells in lines:
            if cells and _column_name(cells[0]) == columns[0] and tuple(map(_column_name, cells)) == columns:
                repeated.append(line)
            elif any(cell and known[cell[:MOST_CHARACTERS]] for cell in cells):
                rows.append(_row(line, cells, columns, shown, known))
    except _NoTableError as error:
        what = f"not a table from here on: {error}"
        return (), [], [Problem(Place(shown, error.line), what, "is a quotation mark left open?")]
    # Only now is each mark known: the reader goes on behind a line with one.
    rows = [_with_stray_quote(row, broken[row.line], shown) if row.line in broken else row for row in rows]
    problems = [*_skipped_notes(skipped, shown), *_header_problems(columns, shown, number)]
    problems += [warning(Place(shown, line), "the header stands here again", "it is not read") for line in repeated]
    return tuple(filter(None, columns)), rows, [*problems, *_invisible_warnings(known, shown)]


def _with_stray_quote(row: TableRow, said: str, shown: str) -> TableRow:
    what = f"a quotation mark is not closed, or stands within a cell: {said[:60]}"
    return row._replace(problems=(Problem(Place(shown, row.line), what, "close it, or take it out"),), is_broken=True)


def header_line(text: str, wanted: Collection[str]) -> int:
    """Return the line of the header of a table that read_table has read."""
    return _find_header(_records(text, {}), wanted)[0][0]


def _find_header(
    records: Iterator[tuple[int, list[str]]], wanted: Collection[str]
) -> tuple[tuple[int, list[str]], list[tuple[int, list[str]]], Iterator[tuple[int, list[str]]]]:
    """Return the header, the lines above it that say anything, and an iterator over the lines below it."""
    first = list(islice((record for record in records if any(cell.strip() for cell in record[1])), _TITLE_LINES))
    ours = (len(set(map(_column_name, cells)) & set(wanted)) for _, cells in first)
    place = next((number for number, count in enumerate(ours) if 2 * count > len(wanted)), None if wanted else 0)
    if place is None:
        # No line names the columns as we do: the first that is about as wide as the table is its header.
        filled = [sum(bool(cell.strip()) for cell in cells) for _, cells in first]
        place = next((n for n, count in enumerate(filled) if 4 * count >= 3 * max(filled)), 0)
    return first[place], first[:place], chain(first[place + 1 :], records)


def _skipped_notes(skipped: list[tuple[int, list[str]]], shown: str) -> Iterator[Problem]:
    for line, cells in skipped:
        said = " ".join(cell for cell in cells if cell.strip())
        # The line "sep=;" is cut at its own delimiter, so that only its beginning is left.
        if not said.startswith("sep="):
            yield warning(Place(shown, line), f'"{said[:60]}" stands above the header', "it is not read")


def _invisible_warnings(known: _Tidied, shown: str) -> Iterator[Problem]:
    if known.invisible:
        examples = ", ".join(f"U+{ord(each):04X}" for each in sorted(known.invisible))
        what = f"invisible characters ({examples}) in {len(known.with_invisible)} different cells were left out"
        yield warning(Place(shown), what, "cells with nothing else are empty")


def _records(text: str, broken: dict[int, str]) -> Iterator[tuple[int, list[str]]]:
    """Yield records with the lines on which they begin; a line with a stray quotation mark is noted and read alone.

    A mark that is not closed would take all rows below it into one cell.
    """
    delimiter = delimiter_of(text)
    dialect = dialect_of(text, delimiter)
    lines = list(io.StringIO(text, newline=""))
    start = 0
    while start < len(lines):
        reader = csv.reader(islice(lines, start, None), dialect, delimiter=delimiter, strict=True)
        before = start  # lines that records before this one take; a cell may hold line breaks
        try:
            for cells in reader:
                yield before + 1, cells
                before = start + reader.line_num
            return
        except csv.Error as error:
            if not _STRAY_QUOTE.search(str(error)) or len(broken) >= _MOST_BROKEN:
                raise _NoTableError(str(error), before + 1) from None
            broken[before + 1] = lines[before].strip()
            alone = csv.reader([lines[before].replace(dialect.quotechar or "", "")], delimiter=delimiter)
            yield before + 1, next(alone, [])
            start = before + 1


class _NoTableError(Exception):
    """Tells what the reader of the table found wrong, and the line where that record begins."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


def delimiter_of(text: str) -> str:
    """Return what sets the cells of a text apart: what its line "sep=" says, or what most lines agree on."""
    lines = [line for line in text.split("\n", _TITLE_LINES)[:_TITLE_LINES] if line.strip()]
    # Programs that put every cell into quotation marks do so with Excel's line, too: "sep=,".
    if lines and (said := _DELIMITER_LINE.fullmatch(lines[0].strip().strip('"'))):
        return said[1]
    # csv.Sniffer was wrong with three of seven files of offices.
    return max(",;\t|", key=lambda delimiter: _agreement_on(delimiter, lines))


def dialect_of(text: str, delimiter: str) -> type[csv.Dialect]:
    """Return how the cells of a text are quoted: between apostrophes where most lines are, as in dumps of databases."""
    lines = [line.strip() for line in text.split("\n", _TITLE_LINES)[:_TITLE_LINES] if line.strip()]
    between = [line for line in lines if f"'{delimiter}'" in line and line.startswith("'") and line.endswith("'")]
    return _Apostrophes if '"' not in text and 2 * len(between) > len(lines) else csv.excel


class _Apostrophes(csv.excel):
    """Cells between apostrophes; those inside are doubled, or behind a backslash."""

    quotechar = "'"
    escapechar = "\\"
    strict = True
    """Else one that is neither ends its cell in the middle of "Sheriff's"."""


def _agreement_on(delimiter: str, lines: list[str]) -> tuple[int, int]:
    """Return how many of some lines have equally many cells, more than one, with a delimiter; and how many cells."""
    widths = Counter(len(cells) for cells in csv.reader(lines, delimiter=delimiter) if len(cells) > 1)
    width, count = max(widths.items(), key=lambda item: (item[1], item[0]), default=(0, 0))
    return count, width


def _column_name(header: str) -> str:
    return _NOT_A_NAME.sub("_", header.strip().lower()).strip("_")


def _header_problems(columns: tuple[str, ...], shown: str, line: int) -> Iterator[Problem]:
    for name, count in Counter(columns).items():
        if name and count > 1:
            place, what = Place(shown, line, field=name), f'the column "{name}" is there twice'
            yield Problem(place, what, "rename or remove one of them")


@functools.lru_cache(2**17)
def tidied_cell(cell: str) -> str:
    """Return a cell with single blanks and without characters that show nothing."""
    if cell.isascii() and cell.isprintable():
        return " ".join(cell.split())
    return _Tidied()[_ILLEGAL.sub(" ", cell.replace("\u00a0", " "))]


class _Tidied(dict[str, str]):
    """Memoizes cells with their white space tidied, by their text in the file; equal texts share one object."""

    def __init__(self) -> None:
        self.illegal: set[str] = set()
        self.invisible: set[str] = set()
        self.with_invisible: set[str] = set()

    def __missing__(self, cell: str) -> str:
        if _ILLEGAL.search(cell):
            self.illegal.add(cell)
        shown = cell
        if found := _INVISIBLE.findall(cell):
            self.invisible.update(found)
            self.with_invisible.add(cell)
            shown = _INVISIBLE.sub("", cell)
        value = _BLANKS.sub(" ", shown).strip()
        self[cell] = value if value != cell else cell
        return self[cell]


def _row(line: int, cells: list[str], columns: tuple[str, ...], shown: str, known: _Tidied) -> TableRow:
    problems = []
    for number, cell in enumerate(cells):
        if len(cell) > MOST_CHARACTERS:
            name = columns[number] if number < len(columns) else ""
            what = f"a cell of {len(cell):,} characters; a spreadsheet holds {MOST_CHARACTERS:,}"
            hint = "is a quotation mark left open, or was a whole file pasted?"
            problems.append(Problem(Place(shown, line, field=name), what, hint))
            # The rest would be looked at by each of the checks below.
            cells = [*cells[:number], cell[:100], *cells[number + 1 :]]
    values = [known[cell] for cell in cells]
    # Excel and Google leave out the empty cells at the end of a row: what is missing there is empty.
    values += [""] * (len(columns) - len(values))
    if any(values[len(columns) :]):
        what = f"{len(cells)} cells, but the header has {len(columns)}"
        hint = "is a comma missing, or one too many? A text with a comma in it stands in quotation marks"
        problems.append(Problem(Place(shown, line), what, hint))
    for name, cell in zip(columns, cells, strict=False) if known.illegal else ():
        if found := _ILLEGAL.search(cell):
            what = f"a control character, U+{ord(found[0]):04X}"
            problems.append(Problem(Place(shown, line, field=name), what, "type the cell again"))
    named: dict[str, str] = {}
    for name, value in zip(columns, values, strict=False):
        if name:
            named.setdefault(name, value)  # of two columns with one name, which is told, the first counts
    return TableRow(line, named, tuple(problems))
