"""Addresses on paper: how their lines are written, the type they fit in, and which cannot be used. No line is ever cut.

Where a copy goes stands in campaign.toml, or in a column of the list.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from letters.campaign.load import Project
from letters.mail.pieces import AddressStyle
from letters.mail.products import BY_SHEETS, choose, products_of, room_of
from letters.model.postal import Box, LabelSheet, Points
from letters.model.problems import CannotGoOn, Place, Problem, Severity, warning
from letters.model.records import MergedLetter, Recipient
from letters.model.settings import Copy, zip_of
from letters.read import zips

# Lines in parts of the size of the type, and the step by which that gets smaller, in points.
_LEADING = 1.2
_STEP = 0.5
_PUNCTUATION = re.compile(r"[.,;:](?!\d)")
"""What Publication 28 leaves out; a point or comma inside a number stays."""
_UNIT = re.compile(
    r",? ((?:apt|apartment|bldg|building|bsmt|basement|dept|department|fl|floor|ofc|office|rm|room|ste|suite|unit|#)"
    r"\b\.?[ \S]*|# ?\S+)$",
    re.IGNORECASE,
)
"""A secondary unit at the end of a delivery line (USPS Publication 28, 213)."""
FACE = "CharisSIL-Regular.ttf"
_FALLBACK = "DejaVuSans.ttf"
"""The faces of addresses, the first one that has a character."""
_BARS = re.compile(r"\s*[|\n]\s*")
"""Between the lines of an address in one cell."""
# Street and city in one line, whatever stands between them; only state and ZIP code at its end are sure.
_ONE_LINE = re.compile(r"(?P<head>.+?),? (?P<end>[A-Z]{2},? (?P<zip>\d{5}(?:-\d{4})?))")
_LONGEST_CITY = 5
"""Words."""
# A line break in a cell is a blank once the list has been read: an address of three lines went out as one.
_HINT = "its lines with bars between them: 1 Court Street | Adrian, MI 49221; else the copy is not posted"
_MANY_LINES, _LONG_LINE = 6, 30
"""No six lines in type of 12 points are too many for 1.4 inches, and hardly a character is wider than its height."""
# Avery 5160 has labels of 1 inch, 5167, for return addresses, of 0.5 inch.
_LOWEST = 0.75
"""Inches; makers sell labels of an inch for addresses, and of half an inch for the sender's."""
_MANY_ON_A_LABEL, _LONG_ON_A_LABEL = 4, 24
"""The same of the smallest labels: an inch has room for more than four lines of its smallest type."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressee:
    """One recipient as an envelope needs it."""

    id: str
    lines: tuple[str, ...]
    place: Place
    """The row of the list."""
    barcode: str = ""
    """The 65 bars of the Intelligent Mail barcode as letters; empty for none."""


@dataclass(frozen=True, slots=True)
class Fit:
    """An address set in the type it fits in, its long lines wrapped."""

    lines: tuple[str, ...]
    size: Points
    leading: Points
    width: Points
    height: Points


def write_lines(lines: Sequence[str], style: AddressStyle) -> tuple[str, ...]:
    """Write the lines of an address in a style."""
    if style is AddressStyle.AS_WRITTEN:
        return tuple(lines)
    # A curled apostrophe is a character that the machines of the post office do not read.
    plain = (_PUNCTUATION.sub("", line.replace("’", "'")) for line in lines)
    return tuple(" ".join(line.upper().split()) for line in plain)


def fit(lines: Sequence[str], room: Box, sizes: tuple[Points, Points], ruler: Ruler) -> Fit | None:
    """Find the largest type, from the first size down to the second, in which an address fits; None where none does.

    At each size long lines are wrapped before a smaller size is tried.
    """
    size, smallest = sizes
    while size >= smallest:
        widest, leading = room.width * 72 / size, size * _LEADING
        # Wrapped before it is set smaller: two lines of 12 points are read sooner than one of 8.
        written = wrap(lines, widest, ruler)
        if written is not None and leading * len(written) <= room.height * 72:
            width = max(map(ruler.width, written), default=0.0) * size
            return Fit(written, size, leading, width, leading * len(written))
        size -= _STEP
    return None


def wrap(lines: Sequence[str], widest: float, ruler: Ruler) -> tuple[str, ...] | None:
    """Write an address in lines no wider than some units of the type size; None where that cannot be done.

    The last line, with city, state and ZIP code, stays one line. The delivery line above it may give its secondary
    unit, such as "Suite 4", to a line of its own above it, as USPS Publication 28 has it. Any other line goes on in
    the next one after a blank, in parts as even as can be.
    """
    written = tuple(_parts(lines, widest, ruler))
    return written if all(ruler.width(part) <= widest for part in written) else None


def _parts(lines: Sequence[str], widest: float, ruler: Ruler) -> Iterator[str]:
    """List the lines of an address, long ones in parts; what cannot be split further stays too wide."""
    for number, line in enumerate(lines, start=1):
        if ruler.width(line) <= widest or number == len(lines):
            yield line
        # A delivery line is never broken anywhere else: half a house number is another address (Publication 28, 213).
        elif number == len(lines) - 1:
            yield from unit_above(line)
        else:
            yield from _split(line, widest, ruler)


def unit_above(line: str) -> tuple[str, ...]:
    """Write a delivery line in two, its secondary unit above the street; in one where it has no unit."""
    unit = _UNIT.search(line)
    return (line[unit.start(1) :], line[: unit.start()]) if unit else (line,)


def _split(line: str, widest: float, ruler: Ruler) -> list[str]:
    """Split a line at blanks into as few parts as possible, and then as even ones as possible."""
    parts = _filled(line, widest, ruler)
    # As long as it takes no further line, the first parts give words to the last one: three words over one look wrong.
    for tenth in range(9, 4, -1):
        narrower = widest * tenth / 10
        others = _filled(line, narrower, ruler)
        if len(others) > len(parts) or any(ruler.width(part) > narrower for part in others):
            break
        parts = others
    return parts


def _filled(line: str, widest: float, ruler: Ruler) -> list[str]:
    """Split a line at blanks into parts, each as long as its width allows."""
    parts: list[str] = []
    for word in line.split(" "):
        if parts and ruler.width(f"{parts[-1]} {word}") <= widest:
            parts[-1] += f" {word}"
        else:
            parts.append(word)
    return parts


def too_large(addressee: Addressee, room: Box, smallest: Points, ruler: Ruler, product: str) -> Problem:
    """Return which line of an address is too long for a product, or that there are too many lines."""
    widest = room.width * 72 / smallest
    written = list(_parts(addressee.lines, widest, ruler))
    if long := [part for part in written if ruler.width(part) > widest]:
        what = (
            f'"{long[0]}" is {ruler.width(long[0]) * smallest / 72:.2f} in. long even in type of {smallest:g} pt; '
            f"{product} has room for {room.width:.2f} in."
        )
    else:
        what = f"the address has {len(written)} lines, more than fit on {product}"
    hint = "shorten it in the list, move a part of it to address2, or choose a larger envelope or label"
    return Problem(addressee.place, what, hint, recipient=addressee.id)


class Ruler:
    """Return how wide a line is, kerning and ligatures off, as envelopes and labels are set."""

    def __init__(self, fonts: Path) -> None:
        files = [path for path in (fonts / FACE, fonts / _FALLBACK) if path.is_file()]
        self._faces = [(path, path.stat().st_mtime_ns) for path in files]
        # An address is measured for envelopes and each sheet of labels, in several sizes of type.
        self._of_character = functools.cache(self._look_up)
        self._measured = functools.lru_cache(1024)(lambda line: sum(map(self._of_character, line)))

    def width(self, line: str) -> float:
        """Measure a line in units of its type size."""
        return self._measured(line)

    def _look_up(self, character: str) -> float:
        # A face is only read when the ones before it have no such character, which is rare.
        return next((w for face in self._faces if (w := _read_widths(*face).get(character)) is not None), 1.0)


@functools.lru_cache(4)  # a mailing measures several times
def _read_widths(path: Path, _changed: int) -> Mapping[str, float]:
    """Return the widths of the characters of a face in units of its type size; a file that changed is read anew."""
    from fontTools.ttLib import TTFont

    with TTFont(path, lazy=True) as font:
        advance, unit = font["hmtx"].metrics, font["head"].unitsPerEm
        return {chr(point): advance[glyph][0] / unit for point, glyph in font.getBestCmap().items()}


def address_of(copy: Copy, recipient: Recipient) -> tuple[str, ...]:
    """Return the address that a copy of one recipient's letter goes to, without the name; none where there is none."""
    cell = recipient[copy.address_column] if copy.address_column else ""
    return lines_of(cell) if cell else copy.address


def lines_of(cell: str) -> tuple[str, ...]:
    """Return the lines of an address in a cell: between bars, or else the street, and city, state and ZIP code.

    The line breaks of a cell are blanks when the list has been read, so that the city is found by the ZIP code.
    """
    lines = tuple(filter(None, (line.strip() for line in _BARS.split(cell))))
    # Lines with bars between them are as the person wants them.
    found = _ONE_LINE.fullmatch(lines[0]) if len(lines) == 1 else None
    if not found:
        return lines
    words = found["head"].split(" ")
    # The longest name first: in "Ann Arbor" "Arbor" may be a city, too.
    for count in range(min(_LONGEST_CITY, len(words) - 1), 0, -1):
        city = " ".join(words[-count:])
        if zips.is_city_of(found["zip"], city):
            return " ".join(words[:-count]).rstrip(","), f"{city}, {found['end']}"
    return lines


def why_not_posted(copy: Copy, address: Sequence[str]) -> str:
    """Return why a copy cannot be posted; empty where it can."""
    if not address:
        where = f'the column {copy.address_column}, or address = ["…"]' if copy.address_column else 'address = ["…"]'
        return f"no address for the copy to {copy.name}: fill in {where} in its [[copies]] table, or add --no-copies"
    if not zip_of(address):
        return f'the address of the copy to {copy.name} does not end with a ZIP code: "{address[-1]}"'
    # A cell of one line in which no city was found; the post office wants street and city on two.
    if len(address) == 1 and copy.address_column:
        return f'the address of the copy to {copy.name} is one line: "{address[0]}"'
    return ""


def _check_copies(project: Project) -> Iterator[Problem]:
    """Yield a warning for each cell from which no copy's address can be taken."""
    for copy in project.campaign.copies:
        if copy.file or not copy.address_column:
            continue
        for letter in project.letters:
            row = letter.recipient
            if why := why_not_posted(copy, address_of(copy, row)):
                what = why if row[copy.address_column] else f"no address for the copy to {copy.name}"
                problem = warning(row.place._replace(field=copy.address_column), what, _HINT)
                yield problem._replace(recipient=row.id)


def _addressees_of_copies(project: Project) -> Iterator[Addressee]:
    """Yield the address of each copy that is posted; one that stands in campaign.toml once for all letters."""
    for copy in project.campaign.copies:
        if copy.file:
            continue
        if copy.address and not copy.address_column:
            place = Place("campaign.toml", field="copies.address")
            yield Addressee(id="", lines=(copy.name, *copy.address), place=place)
        for letter in project.letters if copy.address_column else ():
            row, address = letter.recipient, address_of(copy, letter.recipient)
            if not why_not_posted(copy, address):
                place = row.place._replace(field=copy.address_column)
                yield Addressee(id=row.id, lines=(copy.name, *address), place=place)


def check_addresses(project: Project) -> Iterator[Problem]:
    """Yield a warning for each address that is too long for one line of a letter envelope, or fits on no product.

    Copies that are posted have addresses, too; one that has none is named.
    """
    # Before anything is made: they were found only when mail prepare left the copies out.
    yield from _check_copies(project)
    addresses = [*map(_addressee, project.letters), *_addressees_of_copies(project)]
    # Most lists have no long address; to read the faces alone takes a fifth of a second.
    for_labels = [each for each in addresses if _may_be_long(each.lines, _MANY_ON_A_LABEL, _LONG_ON_A_LABEL)]
    if not for_labels:
        return
    try:
        products = products_of(project)
        envelope = choose(products.envelopes, BY_SHEETS[project.campaign.paper][0], "envelope")
    except CannotGoOn as error:
        yield warning(Place(), f"addresses were not measured: {error.message}", error.hint)
        return
    ruler = ruler_of(project)
    # Smaller labels are for the sender's address.
    sheets = [sheet for sheet in products.labels.values() if sheet.height >= _LOWEST]
    for addressee in for_labels:
        lines = addressee.lines
        if _may_be_long(lines, _MANY_LINES, _LONG_LINE):
            set_in = fit(lines, envelope.room, (envelope.size, envelope.smallest), ruler)
            if set_in is None:
                problem = too_large(addressee, envelope.room, envelope.smallest, ruler, f"an envelope {envelope.name}")
                hint = f"letters mail prepare leaves it out; {problem.hint}"
                yield problem._replace(hint=hint, severity=Severity.WARNING)
                continue
            # It fits, so that nothing stops; somebody may still prefer to choose where it breaks.
            if len(set_in.lines) > len(lines):
                longest = max(lines, key=ruler.width)
                what = (
                    f'"{longest}" is too long for one line of an envelope {envelope.name}: it goes on in the next one'
                )
                yield Problem(addressee.place, what, "shorten it, or leave it", Severity.WARNING, addressee.id)
        yield from _on_labels(addressee, sheets, ruler)


def _on_labels(addressee: Addressee, sheets: Sequence[LabelSheet], ruler: Ruler) -> Iterator[Problem]:
    """Yield one warning that names every sheet of labels on which an address does not fit."""
    small = [
        sheet.name
        for sheet in sheets
        if fit(addressee.lines, room_of(sheet.box(0), sheet.padding), (sheet.smallest, sheet.smallest), ruler) is None
    ]
    if small:
        longest = max(addressee.lines, key=ruler.width)
        others = [sheet.name for sheet in sheets if sheet.name not in small]
        what = f'"{longest}" does not fit on labels {", ".join(small)}'
        hint = f"labels {', '.join(others)} have room" if others else "shorten it in the list"
        yield Problem(addressee.place, what, f"{hint}; envelopes have", Severity.WARNING, addressee.id)


def _addressee(letter: MergedLetter) -> Addressee:
    values: Any = letter.context["recipient"]
    lines = tuple(str(line) for line in values["inside_address"])
    return Addressee(id=letter.recipient.id, lines=lines, place=letter.recipient.place)


def _may_be_long(lines: Sequence[str], many: int, long: int) -> bool:
    """Return whether lines may be too long or too many: to measure them takes time that few need."""
    return len(lines) > many or any(len(line) > long for line in lines)


def ruler_of(project: Project) -> Ruler:
    """Return the widths of characters in the faces of addresses."""
    return Ruler(project.templates / "fonts")
