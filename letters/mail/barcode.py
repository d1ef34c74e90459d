"""The one door to zint: Intelligent Mail barcodes, article numbers on letters, Data Matrix marks.

Sizes follow USPS-B-3200: 22 bars to the inch, each 0.02 in. wide, 0.145 in. high in all, the tracker 0.048 in.

The barcode of an article number on a letter is for whoever files the letter and the receipts that come back: the label
of the post office, with the barcode that carriers read, is on the envelope (USPS Publication 199).
"""

from __future__ import annotations

import datetime
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from letters.formats.files import cannot_write, keep_to_owner, make_folder
from letters.mail.pieces import Piece
from letters.mail.windows import Word, bounds, find, read_words
from letters.model.postal import Box, Inches, spaced_article
from letters.model.problems import CannotGoOn, Exit
from letters.model.settings import Mailer, are_digits

if TYPE_CHECKING:
    from zint import Symbol

BARS = 65
_PITCH: Inches = 1 / 22
_BAR: Inches = 0.02
_HEIGHT: Inches = 0.145
WIDTH: Inches = (BARS - 1) * _PITCH + _BAR
_TRACKER: Inches = 0.048
MARGIN = 0.04
"""Inches that must stay free above and below; 0.125 in. at the sides."""
CLEAR_HEIGHT: Inches = _HEIGHT + 2 * MARGIN
_ROUTING_LENGTHS = (0, 5, 9, 11)
_TOP, _BOTTOM = {"A", "F"}, {"D", "F"}
_LETTERS = {(False, False): "T", (True, False): "A", (False, True): "D", (True, True): "F"}
_IDENTIFIER = 2
"""Digits that say what an article number of 22 digits is: its application identifier in GS1-128, 92 to 95."""
_OF_PACKAGES = 22
ARTICLE_QUIET = 10
"""Modules that stay white at each side of a Code 128 (ISO/IEC 15417)."""
MARK_LEFT: Inches = 0.35
MARK_BOTTOM: Inches = 0.35
"""The reserved corner of each front: lower left, inside what printers reach and outside the margins of the text."""
MARK_MODULE: Inches = 0.02
_MARK_QUIET: Inches = 2 * MARK_MODULE
"""White around the mark; ISO/IEC 16022 asks for one module."""
_POINTS = 72
_DAYS = 45
"""How long a serial number must not come again (USPS Publication 197)."""
_SCHEMA = """
CREATE TABLE IF NOT EXISTS serial (
    mailer_id TEXT NOT NULL, serial INTEGER NOT NULL, piece TEXT NOT NULL, used_on TEXT NOT NULL,
    PRIMARY KEY (mailer_id, serial)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS serial_of_piece ON serial (mailer_id, piece);
"""
ARTICLE_MODULE: Inches = 0.0125
"""The width of the narrowest bar."""
ARTICLE_HEIGHT: Inches = 0.3
_APART: Inches = 0.04


class BarcodeError(ValueError):
    """Raised for digits that make no barcode; says why."""


def routing_code(zip_code: str, delivery_point: str = "") -> str:
    """Make the routing code of a ZIP code; raises BarcodeError where it is none."""
    digits = zip_code.replace("-", "") + delivery_point
    if not are_digits(digits) and digits:
        raise BarcodeError(f'"{zip_code}{delivery_point}" holds something other than digits')
    if len(digits) not in _ROUTING_LENGTHS:
        raise BarcodeError(
            f'"{zip_code}{delivery_point}" has {len(digits)} digits; a barcode takes 5, 9 or 11, or none'
        )
    return digits


def encode(tracking: str, routing: str = "") -> str:
    """Encode a tracking code of 20 digits and a routing code as 65 letters: full, ascending, descending, tracking.

    Raises BarcodeError where the digits make no barcode.
    """
    if len(tracking) != 20 or not are_digits(tracking):
        raise BarcodeError(f'"{tracking}" is not a tracking code of 20 digits')
    # The second digit of the barcode identifier goes up to 4, whatever the others are (USPS-B-3200).
    if tracking[1] not in "01234":
        raise BarcodeError(f'the second digit of "{tracking}" is more than 4')
    symbol = _symbol("USPS_IMAIL")
    routing = routing_code(routing)
    try:
        symbol.encode(f"{tracking}-{routing}" if routing else tracking)
    except RuntimeError as error:
        raise BarcodeError(str(error)) from None
    rows = symbol.encoded_data
    # zint draws three rows, upper, middle and lower; every second module is the space between two bars.
    return "".join(_LETTERS[_is_set(rows, 0, 2 * bar), _is_set(rows, 2, 2 * bar)] for bar in range(BARS))


def encode_matrix(text: str) -> list[list[bool]]:
    """Encode a short text as a square Data Matrix: rows of modules, True where one is black (ISO/IEC 16022)."""
    symbol = _symbol("DATAMATRIX")
    from zint import DataMatrixOptions

    # zint takes the smallest symbol otherwise: of "100017,112,117" a long one, which reaches out of the corner.
    symbol.option_3 = DataMatrixOptions.SQUARE
    symbol.encode(text)
    rows = symbol.encoded_data
    return [[_is_set(rows, row, module) for module in range(symbol.width)] for row in range(symbol.rows)]


def encode_article(number: str) -> list[bool]:
    """Encode the article number of certified mail as bars, True where one is black.

    Numbers of 22 digits are GS1-128 symbols, as on labels of Intelligent Mail packages; others plain Code 128.
    """
    of_packages = len(number) == _OF_PACKAGES
    symbol = _symbol("GS1_128" if of_packages else "CODE128")
    # GS1 writes identifiers in brackets; they are not drawn.
    symbol.encode(f"[{number[:_IDENTIFIER]}]{number[_IDENTIFIER:]}" if of_packages else number)
    rows = symbol.encoded_data
    return [_is_set(rows, 0, module) for module in range(symbol.width)]


def draw_article(number: str, width: Inches, height: Inches) -> str:
    """Draw an article number as an SVG element, one path, with the white at its sides in its width."""
    bars = encode_article(number)
    path = "".join(f"M{place + ARTICLE_QUIET} 0h1v1h-1z" for place, black in enumerate(bars) if black)
    box = f'viewBox="0 0 {len(bars) + 2 * ARTICLE_QUIET} 1" preserveAspectRatio="none"'
    size = f'width="{width}in" height="{height}in"'
    title = f"<title>Barcode of article {number}</title>"
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} {box}>{title}<path d="{path}"/></svg>'


def _symbol(kind: str) -> Symbol:
    try:
        from zint import Symbol, Symbology
    except ImportError:
        raise CannotGoOn(Exit.MISSING_ON_MACHINE, "zint-bindings is missing", "run: make install") from None
    symbol = Symbol()
    symbol.symbology = Symbology[kind]
    return symbol


def _is_set(rows: memoryview, row: int, module: int) -> bool:
    """Look up a module; zint packs eight of them into a byte, the lowest bit first."""
    return bool(rows[row, module >> 3] >> (module & 7) & 1)


def draw(letters: str) -> str:
    """Draw the bars as an SVG element, one path."""
    middle = _HEIGHT / 2
    path = ""
    for number, letter in enumerate(letters):
        top = 0.0 if letter in _TOP else middle - _TRACKER / 2
        bottom = _HEIGHT if letter in _BOTTOM else middle + _TRACKER / 2
        path += f"M{number * _PITCH:.4f} {top:.4f}h{_BAR}v{bottom - top:.4f}h-{_BAR}z"
    size = f'width="{WIDTH:.4f}in" height="{_HEIGHT}in" viewBox="0 0 {WIDTH:.4f} {_HEIGHT}"'
    title = "<title>Intelligent Mail barcode</title>"
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{title}<path d="{path}"/></svg>'


def mark_text(label: str, sheet: int, sheets: int) -> str:
    """Write what the mark says: piece, sheet, sheets of the piece."""
    return f"{label},{sheet},{sheets}"


def draw_mark(label: str, sheet: int, sheets: int) -> bytes:
    """Draw the mark as page content, an artifact to those who listen."""
    rows = encode_matrix(mark_text(label, sheet, sheets))
    size = MARK_MODULE * _POINTS
    squares = b"".join(
        b"%.2f %.2f %.2f %.2f re "
        % (MARK_LEFT * _POINTS + column * size, MARK_BOTTOM * _POINTS + (len(rows) - 1 - row) * size, size, size)
        for row, modules in enumerate(rows)
        for column, black in enumerate(modules)
        if black
    )
    return b"/Artifact BMC q 0 g " + squares + b"f Q EMC\n"


def corner(height: Inches) -> Box:
    """Return the reserved corner of a sheet, measured from its upper left, with the white around the mark."""
    # The square symbol of 18 modules holds 25 letters and digits (ISO/IEC 16022): no label is longer.
    side = 18 * MARK_MODULE
    bottom = height - MARK_BOTTOM
    return Box(
        MARK_LEFT - _MARK_QUIET, bottom - side - _MARK_QUIET, MARK_LEFT + side + _MARK_QUIET, bottom + _MARK_QUIET
    )


def take_serials(path: Path, mailer: Mailer, pieces: Sequence[str], today: datetime.date) -> dict[str, int]:
    """Take a serial number for each piece, recorded in a file that all letters of a campaign share.

    A piece that is printed again within the 45 days keeps its number, since one of the two prints is posted, and its
    days are counted anew. Raises CannotGoOn when the numbers are used up or the file cannot be written.
    """
    try:
        make_folder(path.parent)
        # Before SQLite makes it: that would leave it to the umask.
        path.touch(mode=0o600)
        keep_to_owner(path)
        db = sqlite3.connect(path, isolation_level=None)
    except (OSError, sqlite3.Error) as error:
        raise cannot_write(path, error if isinstance(error, OSError) else OSError(str(error))) from None
    try:
        db.executescript(_SCHEMA)
        with db:
            db.execute("BEGIN IMMEDIATE")
            return _take(db, mailer, pieces, today)
    except sqlite3.DatabaseError as error:
        hint = "another run may be writing it; without this file no serial number is safe to use for 45 days"
        raise CannotGoOn(Exit.CANNOT_WRITE, f'"{path}" cannot be used: {error}', hint) from None
    finally:
        db.close()


def _take(db: sqlite3.Connection, mailer: Mailer, pieces: Sequence[str], today: datetime.date) -> dict[str, int]:
    since = (today - datetime.timedelta(days=_DAYS)).isoformat()
    rows = db.execute("SELECT piece, serial FROM serial WHERE mailer_id = ? AND used_on > ?", (mailer.mailer_id, since))
    in_use = list(rows)
    # A piece that is printed again keeps its number as long as that is taken.
    known = dict(in_use)
    taken = {serial for _, serial in in_use}
    # Going on behind the last one: each comes again as late as it can.
    latest = "SELECT serial FROM serial WHERE mailer_id = ? ORDER BY used_on DESC, serial DESC LIMIT 1"
    row = db.execute(latest, (mailer.mailer_id,)).fetchone()
    free = _free_numbers(row[0] + 1 if row else 0, mailer.serials, taken)
    for piece in pieces:
        serial = known[piece] if piece in known else next(free, None)
        if serial is None:
            what = (
                f"all {mailer.serials:,} serial numbers of the mailer ID {mailer.mailer_id} "
                f"are used within {_DAYS} days"
            )
            raise CannotGoOn(Exit.PROBLEMS, what, "leave out --barcode for this mailing, or ask for another mailer ID")
        known[piece] = serial
        values = (mailer.mailer_id, serial, piece, today.isoformat())
        db.execute("INSERT OR REPLACE INTO serial VALUES (?, ?, ?, ?)", values)
    return {piece: known[piece] for piece in pieces}


def _free_numbers(first: int, count: int, taken: set[int]) -> Iterator[int]:
    """Count up from a number, around past the last one, leaving out what is taken."""
    return (number % count for number in range(first, first + count) if number % count not in taken)


def article_box(content: bytes, article: str) -> Box | None:
    """Return where the bars go on the first page of a letter, in inches from its upper left.

    They end at the right margin, at the height of the number or else below it; None where the letter does not print the
    number, or other words are in the way.
    """
    words = read_words(content, [0])
    # As the letter prints it, in groups of four.
    place = find(words, spaced_article(article).split())
    if place is None:
        return None
    number = bounds(words[slice(*place)])
    # The right margin is as wide as the left one, where the words begin.
    right = _width(content) - min(word.box.left for word in words)
    width = len(encode_article(article)) * ARTICLE_MODULE
    for top in (number.top, number.bottom + _APART):
        box = Box(right - width, top, right, top + ARTICLE_HEIGHT)
        if _is_free(box, words):
            return box
    return None


def _is_free(box: Box, words: Sequence[Word]) -> bool:
    around = Box(box.left - ARTICLE_QUIET * ARTICLE_MODULE, box.top - _APART / 2, box.right, box.bottom + _APART / 2)
    return not any(around.touches(word.box) for word in words)


def _width(content: bytes) -> Inches:
    import pypdfium2

    document = pypdfium2.PdfDocument(content)
    try:
        width: Any = document.get_page_size(0)[0]
    finally:
        document.close()
    return float(width) / _POINTS


def draw_article_mark(content: bytes, article: str, height: Inches) -> bytes:
    """Draw the bars on a page of this height as page content, an artifact to those who listen; nothing without room."""
    box = article_box(content, article)
    if box is None:
        return b""
    bars = []
    left = box.left
    for is_black, run in groupby(encode_article(article)):
        width = len(list(run)) * ARTICLE_MODULE
        if is_black:
            edges = (left, height - box.bottom, width, ARTICLE_HEIGHT)
            bars.append(b"%.3f %.3f %.3f %.3f re " % tuple(edge * _POINTS for edge in edges))
        left += width
    return b"/Artifact BMC q 0 g " + b"".join(bars) + b"f Q EMC\n"


def without_bars(pieces: Iterable[Piece]) -> list[str]:
    """Return the ids of the certified letters that have no room for the bars."""
    return [
        piece.recipient
        for piece in pieces
        if piece.article and article_box(piece.letter.pdf.read_bytes(), piece.article) is None
    ]
