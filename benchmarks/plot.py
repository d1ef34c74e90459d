"""Draws the cost of a letter against the number of letters, both axes logarithmic, as SVG."""

from __future__ import annotations

import math
from collections.abc import Sequence
from xml.sax.saxutils import escape

from benchmarks.report import Run, counts, good, median, names

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 760, 460, 70, 190, 30, 50
_COLORS = ("#b3261e", "#6b6b6b", "#9a7d0a", "#1a56a8", "#2f2f2f", "#1d7a3e", "#7b3fa0", "#c06a00")
_LABEL_GAP = 15


def draw(runs: Sequence[Run]) -> str:
    """Draw one line for each program; DOCX dashed, PDF solid."""
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
