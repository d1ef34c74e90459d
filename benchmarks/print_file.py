"""Measures print files of very many pieces by themselves: python -m benchmarks.print_file FOLDER N [--per-file N]."""

from __future__ import annotations

import argparse
import json
import resource
import sys
import tempfile
import time
from collections.abc import Sequence
from itertools import cycle, islice
from pathlib import Path

from letters.formats.files import sha256_of
from letters.mail.assemble import PrintFileInfo
from letters.mail.pieces import Document, Piece, numbered, split
from letters.mail.print_file import Printing, write_batch
from letters.mail.windows import parts_of

_ABOUT = """
FOLDER holds finished letters, such as out/guidance-letter/pdf. When there are fewer than N, they come again under
further numbers; time and memory are those of as many letters, the size is smaller than theirs would be.
"""
_KB, _MB = 1024, 1024**2
_PRINTED = PrintFileInfo(title="Benchmark", author="", language="en-US", moment="2025-09-17T00:00:00Z", duplex=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the print files into a temporary folder, and print what that took as JSON."""
    asked = _read(arguments)
    pieces = _pieces(asked.folder, asked.number)
    with tempfile.TemporaryDirectory(prefix="letters-print-", dir=asked.work) as folder:
        began = time.process_time()
        batches = split(pieces, per_file=asked.per_file, sheets_per_file=0, duplex=True)
        sides = 0
        for number, batch in enumerate(batches, start=1):
            for placed in write_batch(batch, f"print-{number:03}", Path(folder), _PRINTED, Printing(last=len(pieces))):
                sides += sum(span.last - span.first + 1 for span in placed.spans)
        cpu = time.process_time() - began
        size = sum(path.stat().st_size for path in Path(folder).iterdir())
    # ru_maxrss is in kilobytes on Linux and in bytes on macOS.
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else _KB)
    print(
        json.dumps(
            {
                "pieces": len(pieces),
                "files": len(batches),
                "sides": sides,
                "cpu_seconds": round(cpu, 1),
                "cpu_ms_per_piece": round(cpu / len(pieces) * 1000, 1),
                "memory_mb": round(peak / _MB),
                "size_mb": round(size / _MB),
            }
        )
    )
    return 0


def _read(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.print_file", description=__doc__ + _ABOUT)
    parser.add_argument("folder", type=Path, help="finished letters")
    parser.add_argument("number", type=int, metavar="N", help="how many pieces")
    parser.add_argument("--per-file", type=int, default=100, metavar="N", help="pieces in a file; 0 for all [100]")
    parser.add_argument("--work", type=Path, help="where there is room for the print files, for the time of the run")
    return parser.parse_args(arguments)


def _pieces(folder: Path, number: int) -> list[Piece]:
    documents = [
        Document(pdf=path, sha256=sha256_of(path), parts=parts_of(path)) for path in sorted(folder.glob("*.pdf"))
    ]
    if not documents:
        raise SystemExit(f"there is no letter in {folder}")
    return numbered(
        [
            Piece(
                recipient=f"{each.pdf.stem}-{count}",
                name=f"Recipient {count}",
                agency=each.pdf.stem,
                county="",
                address=(each.pdf.stem,),
                zip="",
                documents=(each,),
            )
            for count, each in enumerate(islice(cycle(documents), number), start=1)
        ],
        1,
    )


if __name__ == "__main__":
    sys.exit(main())
