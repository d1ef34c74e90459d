"""Turns measurements into tables and JSON: medians, spread, ratios."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field

from benchmarks.contenders import OURS

_MB = 1024**2


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
