"""Measures letters mail prepare, time and memory, for ever larger mailings: python -m benchmarks.mailing [N ...]."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pikepdf

from benchmarks.measure import Cost, measure, new_parser, write_result
from benchmarks.national import national_rows
from benchmarks.workload import lay_out

_COUNTS = (83, 300, 1000)
_KB, _MB = 1024, 1024**2
_ROOT = Path(__file__).parent.parent
_PER_FILE = (100, 500)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the measurement; the exit code is 1 where a print file lacks a piece."""
    asked = _read(arguments)
    rows = list(national_rows(asked.list)) if asked.list else []
    results = []
    for number in asked.counts:
        with tempfile.TemporaryDirectory(prefix="letters-mailing-", dir=asked.work) as folder:
            workload = lay_out(Path(folder, "workload"), number, asked.campaign, rows[:number])
            program = [sys.executable, str(_ROOT / "generate.py")]
            log = workload.folder / "log.txt"
            built = measure([*program, "build", "--no-docx"], workload.folder, log)
            for per_file in asked.per_file:
                command = [*program, "mail", "prepare", "--draft", "--no-audit", "--per-file", str(per_file)]
                cost = measure(command, workload.folder, log)
                results.append(_result(number, per_file, cost, built, workload.folder))
                print(json.dumps(results[-1]))
    write_result(asked.out, asked.name, {"results": results})
    # Each piece has a bookmark in its print file.
    return int(any(result["bookmarks"] != result["letters"] for result in results))


def _read(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = new_parser("benchmarks.mailing", __doc__ or "")
    parser.add_argument("counts", nargs="*", type=int, metavar="N", default=_COUNTS, help=f"how many {_COUNTS}")
    parser.add_argument("--per-file", type=int, action="append", metavar="N", help=f"pieces in a file {_PER_FILE}")
    parser.add_argument("--list", type=Path, help="the list of a country's agencies, as for benchmarks.national")
    parser.add_argument("--work", type=Path, help="where there is room for the letters, for the time of the run")
    parser.add_argument("--name", default="mailing")
    asked = parser.parse_args(arguments)
    asked.per_file = asked.per_file or _PER_FILE
    return asked


def _result(number: int, per_file: int, cost: Cost, built: Cost, folder: Path) -> dict[str, object]:
    # With --draft, since the letter of the sample is a draft.
    (mail,) = folder.glob("out/*/mail/draft")
    files = sorted(mail.glob("print-*.pdf"))
    letters = sorted(mail.parent.parent.glob("pdf/*.pdf"))
    return {
        "letters": number,
        "pieces_in_a_file": per_file,
        "cpu_seconds": round(cost.cpu, 1),
        "wall_seconds": round(cost.wall, 1),
        "memory_mb": round(cost.memory / _MB),
        "print_files": len(files),
        "kb_a_piece": round(sum(path.stat().st_size for path in files) / number / _KB, 1),
        "print_mb": round(sum(path.stat().st_size for path in files) / _MB, 1),
        "letters_mb": round(sum(path.stat().st_size for path in letters) / _MB, 1),
        "sides": sum(_count(path)[0] for path in files),
        "bookmarks": sum(_count(path)[1] for path in files),
        "build_cpu_seconds": round(built.cpu, 1),
        "divided_by_build": round(cost.cpu / built.cpu, 2),
    }


def _count(path: Path) -> tuple[int, int]:
    with pikepdf.open(path) as pdf, pdf.open_outline() as outline:
        return len(pdf.pages), len(outline.root)


if __name__ == "__main__":
    sys.exit(main())
