"""Measures what a person waits for, command by command: python -m benchmarks.commands."""

from __future__ import annotations

import argparse
import csv
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.measure import Cost, compile_modules, measure, new_parser, write_result
from benchmarks.workload import Workload, lay_out

_PROGRAM = [sys.executable, str(Path(__file__).parent.parent / "generate.py")]
_MB = 1024**2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the commands of a working day one after another on the campaign's own list and write what each took."""
    asked = _read(arguments)
    compile_modules()
    rows = []
    with tempfile.TemporaryDirectory(prefix="letters-commands-") as folder:
        workload = lay_out(Path(folder, "campaign"), asked.letters, asked.campaign)
        for name, cost in measured(workload):
            rows.append(_row(name, cost))
            print(f"{name}: {cost.cpu:.2f} s CPU, {cost.wall:.2f} s", file=sys.stderr)
    write_result(asked.out, "commands", {"letters": asked.letters, "commands": rows})
    print(json.dumps(rows, indent=1))
    return 0


def measured(workload: Workload) -> Iterator[tuple[str, Cost]]:
    """Yield each command by what a user would call it, with its cost; later ones find what earlier ones made."""
    log = workload.folder / "log.txt"
    first = workload.addressees[0].id

    def run(*words: str) -> Cost:
        return measure([*_PROGRAM, *words], workload.folder, log)

    yield "help", run("--help")
    yield "check", run("check")
    yield "build, nothing kept", run("build")
    yield "build again, nothing changed", run("build")
    _change_a_street(workload.folder / "recipients.csv", first)
    yield "build after one row was changed", run("build")
    (next(workload.folder.glob(f"out/*/pdf/{first}.pdf"))).unlink()
    yield "build --only ID, one PDF missing", run("build", "--only", first)
    yield "status", run("status")
    yield "preview ID", run("preview", first)
    # Each part by itself: the audit reads every letter, and the second time only what it has not seen.
    yield "mail prepare", run("mail", "prepare", "--draft", "--envelopes", "none", "--no-audit")
    yield "mail prepare, audited", run("mail", "prepare", "--draft", "--envelopes", "none")
    yield "mail prepare, audited before", run("mail", "prepare", "--draft", "--envelopes", "none")
    yield "audit", run("audit")


def _change_a_street(path: Path, identifier: str) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        if row["id"] == identifier:
            row["address2"] = "Second Floor"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def _row(name: str, cost: Cost) -> dict[str, object]:
    return {
        "command": name,
        "cpu_seconds": round(cost.cpu, 2),
        "wall_seconds": round(cost.wall, 2),
        "memory_mb": round(cost.memory / _MB),
    }


def _read(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = new_parser("benchmarks.commands", __doc__ or "")
    parser.add_argument("--letters", type=int, default=396, metavar="N", help="how many letters the campaign has")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
