"""Turns measurements into tables, JSON and a plot: medians, spread, ratios."""

from __future__ import annotations

import json
import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from xml.sax.saxutils import escape

from benchmarks.contenders import OURS

_MB = 1024**2
_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 760, 460, 70, 190, 30, 50
_COLORS = ("#b3261e", "#6b6b6b", "#9a7d0a", "#1a56a8", "#2f2f2f", "#1d7a3e", "#7b3fa0", "#c06a00")
_LABEL_GAP = 15


@dataclass(frozen=True, slots=True)
class Run:
    """One run of one program."""

    name: str
    medium: str
    letters: int
    cpu: float
    """Seconds."""
    wall: float
    """Seconds."""
    memory: int
    """Bytes, of the largest process."""
    faults: list[str] = field(default_factory=list)
    """What the audit of its files found."""


@dataclass(frozen=True, slots=True)
class Result:
    """All that a comparison found."""

    machine: dict[str, str]
    notes: list[str]
    runs: list[Run]


def median(values: Iterable[float]) -> float:
    """Compute the median; 0 of nothing."""
    listed = list(values)
    return statistics.median(listed) if listed else 0.0


def good(runs: Iterable[Run], name: str, letters: int) -> list[Run]:
    """List the runs of a program with so many letters whose files were right."""
    return [run for run in runs if run.name == name and run.letters == letters and not run.faults]


def names(runs: Iterable[Run]) -> list[str]:
    """List the programs in the order they were run."""
    return list(dict.fromkeys(run.name for run in runs))


def counts(runs: Iterable[Run]) -> list[int]:
    """List the numbers of letters."""
    return sorted({run.letters for run in runs})


def slope(runs: Sequence[Run], name: str) -> float:
    """Compute the CPU seconds of one letter more, from the two largest numbers measured; 0 where there is one only."""
    # Start-up and what is learned once are in both, and fall out of the difference.
    done = [n for n in counts(runs) if good(runs, name, n)][-2:]
    if len(done) < 2:
        return 0.0
    costs = [median(run.cpu for run in good(runs, name, n)) for n in done]
    return (costs[1] - costs[0]) / (done[1] - done[0])


def as_json(result: Result) -> str:
    """Write everything, each run on its own, for programs."""
    medians = [
        {
            "name": name,
            "letters": number,
            "cpu_ms_per_letter": round(median(run.cpu for run in runs) / number * 1000, 3),
            "wall_seconds": round(median(run.wall for run in runs), 3),
            "memory_mb": round(median(run.memory for run in runs) / _MB, 1),
        }
        for name in names(result.runs)
        for number in counts(result.runs)
        if (runs := good(result.runs, name, number))
    ]
    runs = [asdict(run) for run in result.runs]
    return json.dumps({"machine": result.machine, "notes": result.notes, "medians": medians, "runs": runs}, indent=1)


def tables(result: Result) -> list[tuple[str, list[str], list[list[str]]]]:
    """Make the tables: title, head, rows."""
    numbers = [f"N = {number:,}" for number in counts(result.runs)]
    return [
        (
            "CPU a letter in ms: median (least to most)",
            ["", *numbers, "one letter more"],
            _rows(result.runs, _cpu, slopes=True),
        ),
        ("How many times the CPU of ours", ["", *numbers, "one letter more"], _ratios(result.runs)),
        ("Wall time of the whole run in s", ["", *numbers], _rows(result.runs, _wall)),
        ("Peak memory of the largest process in MB", ["", *numbers], _rows(result.runs, _memory)),
    ]


def _rows(runs: Sequence[Run], write: object, *, slopes: bool = False) -> list[list[str]]:
    assert callable(write)
    rows = []
    for name in names(runs):
        cells = [write(good(runs, name, number), number) for number in counts(runs)]
        more = slope(runs, name)
        rows.append([name, *cells, *([_number(more * 1000) if more else ""] if slopes else [])])
    return rows


def _cpu(runs: Sequence[Run], number: int) -> str:
    if not runs:
        return ""
    each = sorted(run.cpu / number * 1000 for run in runs)
    spread = f" ({_number(each[0])} to {_number(each[-1])})" if len(each) > 1 else ""
    return _number(median(each)) + spread


def _wall(runs: Sequence[Run], _: int) -> str:
    return _number(median(run.wall for run in runs)) if runs else ""


def _memory(runs: Sequence[Run], _: int) -> str:
    return f"{median(run.memory for run in runs) / _MB:.0f}" if runs else ""


def _ratios(runs: Sequence[Run]) -> list[list[str]]:
    """Compare each program with our build in the same medium."""
    rows = []
    media = {run.name: run.medium for run in runs}
    for name in names(runs):
        ours = OURS[media[name]]
        if name == ours:
            continue
        cells = [_ratio(_per_letter(runs, name, n), _per_letter(runs, ours, n)) for n in counts(runs)]
        rows.append([f"{name} ({media[name].upper()})", *cells, _ratio(slope(runs, name), slope(runs, ours))])
    return rows


def _per_letter(runs: Sequence[Run], name: str, number: int) -> float:
    return median(run.cpu for run in good(runs, name, number)) / number


def _ratio(theirs: float, ours: float) -> str:
    return f"{_number(theirs / ours)} ×" if theirs > 0 and ours > 0 else ""


def _number(value: float) -> str:
    """Write a number with about three digits that mean something."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def as_text(result: Result) -> str:
    """Write the tables for a terminal."""
    blocks = []
    for title, head, rows in tables(result):
        widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
        lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in [head, *rows]]
        blocks.append("\n".join([title, *lines]))
    return "\n\n".join([*blocks, *result.notes])


def as_markdown(result: Result, name: str) -> str:
    """Write the page of the docs: what was measured on what, the tables, the plot."""
    about = "; ".join(f"{what} {value}" for what, value in result.machine.items())
    lines = ["# What a letter costs, beside other programs", "", _PREAMBLE, "", f"Measured on: {about}.", ""]
    for title, head, rows in tables(result):
        lines += [f"## {title}", "", _row(head), _row(["---"] * len(head)), *map(_row, rows), ""]
    lines += [f"![Cost of a letter against the number of letters]({name}.svg)", "", *result.notes]
    return "\n".join(lines).rstrip() + "\n"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def draw(runs: Sequence[Run]) -> str:
    """Draw the cost of a letter against the number of letters as SVG, both axes logarithmic; DOCX is dashed."""
    lines = {name: points for name in names(runs) if (points := _points(runs, name))}
    if not lines:
        return ""
    xs = [x for points in lines.values() for x, _ in points]
    ys = [y for points in lines.values() for _, y in points]
    scale = _Scale(min(xs), max(xs), _decade(min(ys)), _decade(max(ys), up=True))
    dashed = {run.name for run in runs if run.medium == "docx"}
    drawn = [*_axes(scale, counts(runs)), *_labels(scale, lines)]
    for number, (name, points) in enumerate(lines.items()):
        path = " ".join(f"{scale.x(x):.1f},{scale.y(y):.1f}" for x, y in points)
        dash = ' stroke-dasharray="6 4"' if name in dashed else ""
        color = _COLORS[number % len(_COLORS)]
        drawn.append(f'<polyline points="{path}" fill="none" stroke="{color}" stroke-width="2"{dash}/>')
        drawn += [f'<circle cx="{scale.x(x):.1f}" cy="{scale.y(y):.1f}" r="3" fill="{color}"/>' for x, y in points]
    inside = "\n".join(drawn)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif" '
        f'font-size="12">\n<rect width="{_WIDTH}" height="{_HEIGHT}" fill="white"/>\n{inside}\n</svg>\n'
    )


class _Scale:
    """Where a number of letters and a cost in milliseconds stand on the sheet."""

    def __init__(self, left: float, right: float, low: float, high: float) -> None:
        self.low, self.high = low, high
        # One number of letters alone would have no width.
        self._x0, self._x1 = math.log10(left), math.log10(max(right, left * 10))
        self._y0, self._y1 = math.log10(low), math.log10(high)

    def x(self, value: float) -> float:
        share = (math.log10(value) - self._x0) / (self._x1 - self._x0)
        return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)

    def y(self, value: float) -> float:
        share = (math.log10(value) - self._y0) / (self._y1 - self._y0)
        return _HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM)


def _points(runs: Sequence[Run], name: str) -> list[tuple[int, float]]:
    return [
        (number, median(run.cpu for run in found) / number * 1000)
        for number in counts(runs)
        if (found := good(runs, name, number))
    ]


def _decade(value: float, *, up: bool = False) -> float:
    exponent = math.log10(value)
    return float(10 ** (math.ceil(exponent + 1e-9) if up else math.floor(exponent)))


def _axes(scale: _Scale, numbers: Sequence[int]) -> list[str]:
    drawn = []
    value = scale.low
    while value <= scale.high * 1.001:
        y = scale.y(value)
        drawn.append(f'<line x1="{_LEFT}" y1="{y:.1f}" x2="{_WIDTH - _RIGHT}" y2="{y:.1f}" stroke="#ddd"/>')
        drawn.append(f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{value:g} ms</text>')
        value *= 10
    for number in numbers:
        x = scale.x(number)
        drawn.append(f'<line x1="{x:.1f}" y1="{_TOP}" x2="{x:.1f}" y2="{_HEIGHT - _BOTTOM}" stroke="#eee"/>')
        drawn.append(f'<text x="{x:.1f}" y="{_HEIGHT - _BOTTOM + 18}" text-anchor="middle">{number:,}</text>')
    middle = (_LEFT + _WIDTH - _RIGHT) / 2
    drawn.append(f'<text x="{middle}" y="{_HEIGHT - 10}" text-anchor="middle">letters in the batch</text>')
    drawn.append(f'<text x="{_LEFT}" y="{_TOP - 12}">CPU a letter, whole process (dashed: DOCX)</text>')
    return drawn


def _labels(scale: _Scale, lines: dict[str, list[tuple[int, float]]]) -> list[str]:
    """Write the names at the ends of the lines, kept apart from each other."""
    ends = sorted((scale.y(points[-1][1]), number, name) for number, (name, points) in enumerate(lines.items()))
    drawn, lowest = [], 0.0
    for y, number, name in ends:
        lowest = max(y, lowest + _LABEL_GAP)
        color = _COLORS[number % len(_COLORS)]
        x = scale.x(lines[name][-1][0]) + 8
        drawn.append(f'<text x="{x:.1f}" y="{lowest + 4:.1f}" fill="{color}">{escape(name)}</text>')
    return drawn


_PREAMBLE = (
    "Made by `make bench`. Every program makes the same letter, with its enclosures and its notes, for the same "
    "recipients, each in a process of its own; CPU is that of the whole process with its children, start-up "
    "included. Ours begins with the Markdown and the list, and with nothing kept from an earlier run, or, where the "
    "table says “kept letter”, with what a build of the same letter for another list has kept: that of the sample, "
    "each with the name of the next agency; the others begin with finished templates and values. The plain loops are "
    "what a user of docxtpl or WeasyPrint would write; Typst keeps one compiler alive and sets an equivalent letter in "
    "a plain frame; LibreOffice turns finished DOCX files into PDFs in one call; docx-mailmerge2 has no conditions, so "
    "it fills the fields of one variant. A time counts only after every file was opened and found to name its own "
    "recipient and not another. “One letter more” is the slope between the two largest N that were measured."
)
