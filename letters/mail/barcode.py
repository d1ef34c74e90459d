"""The one door to zint: Intelligent Mail barcodes as 65 letters, and drawn as SVG; Data Matrix marks.

Sizes follow USPS-B-3200: 22 bars to the inch, each 0.02 in. wide, 0.145 in. high in all, the tracker 0.048 in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from letters.model.postal import Inches
from letters.model.problems import CannotGoOn, Exit
from letters.model.records import are_digits

if TYPE_CHECKING:
    from zint import Symbol

BARS = 65
PITCH: Inches = 1 / 22
BAR: Inches = 0.02
HEIGHT: Inches = 0.145
WIDTH: Inches = (BARS - 1) * PITCH + BAR
_TRACKER: Inches = 0.048
_MARGIN = 0.04
"""Inches that must stay free above and below; 0.125 in. at the sides."""
CLEAR_HEIGHT: Inches = HEIGHT + 2 * _MARGIN
_ROUTING_LENGTHS = (0, 5, 9, 11)
_TOP, _BOTTOM = {"A", "F"}, {"D", "F"}
_LETTERS = {(False, False): "T", (True, False): "A", (False, True): "D", (True, True): "F"}


class BarcodeError(ValueError):
    """Tells why digits make no barcode."""


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
    if tracking[1] not in "01234":
        raise BarcodeError(f'the second digit of "{tracking}" is more than 4')
    symbol = _symbol("USPS_IMAIL")
    routing = routing_code(routing)
    try:
        symbol.encode(f"{tracking}-{routing}" if routing else tracking)
    except RuntimeError as error:
        raise BarcodeError(str(error)) from None
    rows = symbol.encoded_data
    return "".join(_LETTERS[_is_set(rows, 0, 2 * bar), _is_set(rows, 2, 2 * bar)] for bar in range(BARS))


def encode_matrix(text: str) -> list[list[bool]]:
    """Encode a short text as a square Data Matrix: rows of modules, True where one is black (ISO/IEC 16022)."""
    symbol = _symbol("DATAMATRIX")
    symbol.encode(text)
    rows = symbol.encoded_data
    return [[_is_set(rows, row, module) for module in range(symbol.width)] for row in range(symbol.rows)]


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
    middle = HEIGHT / 2
    path = ""
    for number, letter in enumerate(letters):
        top = 0.0 if letter in _TOP else middle - _TRACKER / 2
        bottom = HEIGHT if letter in _BOTTOM else middle + _TRACKER / 2
        path += f"M{number * PITCH:.4f} {top:.4f}h{BAR}v{bottom - top:.4f}h-{BAR}z"
    size = f'width="{WIDTH:.4f}in" height="{HEIGHT}in" viewBox="0 0 {WIDTH:.4f} {HEIGHT}"'
    title = "<title>Intelligent Mail barcode</title>"
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{title}<path d="{path}"/></svg>'
