"""Writes the list for people: a page for a browser with a table and a map, and a workbook in which to fix it."""

from __future__ import annotations

import functools
import gzip
import html
import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from string import Template
from typing import NamedTuple

from letters.formats.files import harmless, write_whole
from letters.model.problems import Problem
from letters.model.records import Recipient
from letters.read.zips import STATE_NAMES, of_zip
from letters.recipients.headings import MISSING, RELEASE, SOUGHT
from letters.recipients.workbook import BASE_SHEET

_PLACES = Path(__file__).with_name("zip_places.txt.gz")
"""ZIP code, latitude and longitude, made by scripts/make_zips.py from the table of the package zipcodes (MIT)."""
# Units of the drawing, which the page stretches to its width.
_WIDTH, _HEIGHT, _EDGE = 900, 700, 20
_MOST_GROUND = 6000
"""Dots that show the shape of the states; of more ZIP codes every second, third … is drawn."""
_COLUMNS = ("id", "name", "agency", "city", "state", "zip", "county", "287(g)", "held back")
_KINDS = {
    "sheriff": ("sheriff", "#1f5fa8"),
    "police": ("police chief and others", "#b3541e"),
    "held": ("held back", "#8d8d8d"),
}
"""Each kind of dot with its words and its colour."""
_MARKED = "FFF2CC"
_WHERE_TO_LOOK = {
    "zip": "the agency's own site; the post office's ZIP code look-up, by street",
    "address1": "the agency's own site, the county's directory",
    "city": "the agency's own site",
    "agency": "the agency's own site, the state's list of agencies",
    "last_name": "the agency's own site, the association of sheriffs or chiefs",
    "jurisdiction": "the charter or the site of the municipality",
}
_PAGE = Path(__file__).with_name("list_map.html")
"""The page; its style and its script are in it, and it may load nothing."""


class _Dot(NamedTuple):
    recipient: Recipient
    x: float
    y: float
    kind: str


@functools.cache
def _places() -> Mapping[str, tuple[float, float]]:
    """Map ZIP codes to latitude and longitude."""
    lines = gzip.decompress(_PLACES.read_bytes()).decode().splitlines()
    return {line[:5]: (float(line[6:].split()[0]), float(line[6:].split()[1])) for line in lines}


def place_of(zip_code: str) -> tuple[float, float] | None:
    """Return latitude and longitude of a ZIP code; None where they are not known."""
    return _places().get(zip_code[:5])


def list_map(recipients: Sequence[Recipient], title: str) -> str:
    """Return the page: a map of the rows whose ZIP code has a place, and a table of all."""
    states = sorted({r["state"] for r in recipients if r["state"] in STATE_NAMES})
    ground = [place for code, place in _places().items() if (known := of_zip(code)) and known.state in states]
    placed = [(r, place) for r in recipients if (place := place_of(r["zip"])) is not None]
    projection = _projection(ground or [place for _, place in placed])
    dots = _dots(placed, projection)
    counts = Counter(dot.kind for dot in dots)
    without = len(recipients) - len(dots)
    named = ", ".join(STATE_NAMES[state] for state in states[:6]) + (" and others" if len(states) > 6 else "")
    about = f"{len(recipients):,} rows{f', {named}' if named else ''}; {len(dots):,} on the map"
    missing = f"; {without:,} without a place, because their ZIP code is missing or not known" if without else ""
    legend = "".join(
        f'<span><i style="background:{color}"></i>{words}: {counts[kind]:,}</span>'
        for kind, (words, color) in _KINDS.items()
    )
    return Template(_PAGE.read_text("utf-8")).substitute(
        title=html.escape(title),
        about=html.escape(about + missing),
        legend=legend,
        colors=" ".join(f"circle.{kind} {{ fill: {color} }}" for kind, (_, color) in _KINDS.items()),
        svg=_svg(ground, dots, projection) if dots else "",
        heads="".join(f'<th scope="col"><button type="button">{name}</button></th>' for name in _COLUMNS),
        rows="".join(map(_row, recipients)),
    )


class _Projection(NamedTuple):
    """Turns latitude and longitude into points of the picture; a degree of longitude is shortened for its latitude."""

    west: float
    north: float
    scale: float
    shorten: float

    def point(self, place: tuple[float, float]) -> tuple[float, float]:
        """Return the point of a place."""
        x = (place[1] - self.west) * self.shorten * self.scale
        return round(_EDGE + x, 1), round(_EDGE + (self.north - place[0]) * self.scale, 1)


def _projection(places: Sequence[tuple[float, float]]) -> _Projection:
    latitudes = [latitude for latitude, _ in places] or [0.0]
    longitudes = [longitude for _, longitude in places] or [0.0]
    shorten = math.cos(math.radians((min(latitudes) + max(latitudes)) / 2))
    wide = max(0.1, (max(longitudes) - min(longitudes)) * shorten)
    high = max(0.1, max(latitudes) - min(latitudes))
    scale = min((_WIDTH - 2 * _EDGE) / wide, (_HEIGHT - 2 * _EDGE) / high)
    return _Projection(min(longitudes), max(latitudes), scale, shorten)


def _dots(placed: Sequence[tuple[Recipient, tuple[float, float]]], projection: _Projection) -> list[_Dot]:
    """Return a dot for each row; those of one ZIP code stand around its place in a spiral, so that each is seen."""
    seen: Counter[tuple[float, float]] = Counter()
    dots = []
    for recipient, place in placed:
        x, y = projection.point(place)
        turn = seen[x, y]
        seen[x, y] += 1
        # Vogel's spiral: each dot has as much room as the others.
        away, angle = 5.5 * math.sqrt(turn), turn * 2.4  # the golden angle, in radians
        kind = "held" if recipient.hold else "sheriff" if recipient["office"] == "sheriff" else "police"
        dots.append(_Dot(recipient, x + away * math.cos(angle), y + away * math.sin(angle), kind))
    return dots


def _svg(ground: Sequence[tuple[float, float]], dots: Sequence[_Dot], projection: _Projection) -> str:
    step = len(ground) // _MOST_GROUND + 1
    shape = "".join("M{} {}h0".format(*projection.point(place)) for place in ground[::step])
    drawn = "".join(
        f'<circle class="{dot.kind}" cx="{dot.x:.1f}" cy="{dot.y:.1f}" r="3.5">'
        f"<title>{html.escape(_words(dot.recipient))}</title></circle>"
        # Those that are held are drawn first, under the others.
        for dot in sorted(dots, key=lambda dot: dot.kind != "held")
    )
    label = (
        f"{len(dots):,} recipients, each at the place of its ZIP code; the grey ground is every ZIP code of the states"
    )
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{label}">'
        f'<path class="ground" d="{shape}"/>{drawn}</svg>'
    )


def _words(recipient: Recipient) -> str:
    last = f"{recipient['city']}, {recipient['state']} {recipient['zip']}".strip(", ")
    held = f"held back: {recipient.hold}" if recipient.hold else ""
    return " · ".join(filter(None, (recipient.full_name, recipient["agency"], last, held)))


def _row(recipient: Recipient) -> str:
    columns = ("agency", "city", "state", "zip", "county", "agreement_287g")
    cells = (recipient.id, recipient.full_name, *(recipient[column] for column in columns), recipient.hold)
    held = ' class="held"' if recipient.hold else ""
    return f"<tr{held}>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in cells) + "</tr>\n"


def write_worksheet(
    path: Path, recipients: Sequence[Recipient], problems: Sequence[Problem], *, only_held: bool
) -> int:
    """Write the rows as a workbook: doubtful cells coloured, with a comment; return the number of rows.

    A hidden sheet keeps the rows as they were, by which an import knows what was changed in the workbook.
    """
    from openpyxl import Workbook

    rows = [recipient for recipient in recipients if recipient.hold or not only_held]
    columns = list(dict.fromkeys(name for recipient in rows for name in recipient.columns))
    book = Workbook()
    sheet, base = book.active, book.create_sheet(BASE_SHEET)
    assert sheet is not None
    sheet.title = "held rows" if only_held else "list"
    further = [MISSING, SOUGHT, RELEASE] if only_held else []
    sheet.append([*columns, *further])
    base.append(columns)
    base.sheet_state = "hidden"
    for recipient in rows:
        cells = [harmless(recipient[name]) for name in columns]
        sheet.append([*cells, *(_to_do(recipient) if only_held else ())])
        base.append(cells)
    _mark(sheet, rows, columns, problems)
    out = BytesIO()
    book.save(out)
    write_whole(path, out.getvalue())
    return len(rows)


def _to_do(recipient: Recipient) -> list[str]:
    """Return what is missing in a held row, where one would look, and an empty cell to release it in."""
    needed = ("agency", "address1", "city", "zip")
    missing = [name for name in needed if not recipient[name]]
    missing = missing or [name for name in needed if name in recipient.hold.lower()]
    sought = "; ".join(dict.fromkeys(_WHERE_TO_LOOK[name] for name in missing)) or "the agency's own site"
    return [", ".join(missing) or recipient.hold, sought, ""]


def _mark(sheet: object, rows: Sequence[Recipient], columns: Sequence[str], problems: Sequence[Problem]) -> None:
    from openpyxl.comments import Comment
    from openpyxl.styles import Font, PatternFill
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.worksheet import Worksheet

    assert isinstance(sheet, Worksheet)
    fill = PatternFill("solid", fgColor=_MARKED)
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    # Headings and ids stay in sight.
    sheet.freeze_panes = "B2"
    for column in sheet.columns:
        letter = get_column_letter(column[0].column or 1)
        longest = max(len(str(cell.value or "")) for cell in column[:200])
        sheet.column_dimensions[letter].width = min(45, max(9, longest + 2))
        for cell in column:
            cell.number_format = "@"  # text, so that no ZIP code loses its zero
    lines = {recipient.place.line: number for number, recipient in enumerate(rows, start=2)}
    said: defaultdict[tuple[int, int], list[str]] = defaultdict(list)
    for problem in problems:
        name = problem.place.field if problem.place.field in columns else columns[0]
        if problem.place.line in lines:
            said[lines[problem.place.line], columns.index(name) + 1].append(f"{problem.what}\n{problem.hint}".strip())
    for (row, number), texts in said.items():
        cell = sheet.cell(row, number)
        cell.fill = fill
        cell.comment = Comment("\n\n".join(texts), "letters check")
