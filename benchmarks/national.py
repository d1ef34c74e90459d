"""Makes the letter for a whole country's list and audits every file: python -m benchmarks.national LIST.csv."""

from __future__ import annotations

import argparse
import csv
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from benchmarks.audit import audit
from benchmarks.contenders import CONTENDERS, OURS
from benchmarks.measure import Cost, measure, new_parser, write_result
from benchmarks.workload import lay_out

_ABOUT = """
The list is a CSV file with the columns hifld_id, agency, agency_type, street, city, state, zip, county and phone, one
row for each agency of the country; it is not part of this project. Rows without a ZIP are left out. Offices and
jurisdictions are guessed from the type of agency, well enough to measure with and not to mail by.
"""
_MB = 1024**2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the measurement; the exit code is 1 where a letter is missing or wrong."""
    asked = _read(arguments)
    rows = list(national_rows(asked.list))[: asked.limit or None]
    results = []
    with tempfile.TemporaryDirectory(prefix="letters-national-", dir=asked.work) as folder:
        workload = lay_out(Path(folder, "workload"), len(rows), asked.campaign, rows)
        for medium in asked.medium or ("docx",):
            contender = next(each for each in CONTENDERS if each.name == OURS[medium])
            out = workload.out(medium)
            out.mkdir(parents=True)
            command = [*contender.command(workload, out), "--jobs", str(asked.jobs)]
            cost = measure(command, workload.folder, workload.folder / "log.txt")
            print((workload.folder / "log.txt").read_text(errors="replace")[-1000:], file=sys.stderr)
            # Each file of them: one wrong letter in ten thousand is one too many.
            faults = audit(out, medium, workload.addressees, workload.said_to_all)
            size = sum(path.stat().st_size for path in out.rglob(f"*.{medium}"))
            results.append(_result(medium, len(rows), cost, size, asked.jobs, faults))
            print(json.dumps(results[-1], indent=1))
    write_result(asked.out, asked.name, {"results": results})
    return int(any(result["faults"] for result in results))


def _read(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = new_parser("benchmarks.national", f"{__doc__}{_ABOUT}")
    parser.add_argument("list", type=Path, help="the list of the country's agencies")
    parser.add_argument("--medium", action="append", choices=("docx", "pdf"), help="what to make [docx]")
    parser.add_argument("--limit", type=int, default=0, metavar="N", help="only the first N rows")
    parser.add_argument("--jobs", type=int, default=0, help="as for letters build")
    parser.add_argument("--work", type=Path, help="where there is room for the letters, for the time of the run")
    parser.add_argument("--name", default="national")
    return parser.parse_args(arguments)


def national_rows(path: Path) -> Iterator[Mapping[str, str]]:
    """Convert the rows that have a ZIP to the columns of our lists.

    A few agencies stand in the list twice under one ZIP, which would be held back; the end of the ZIP tells them apart.
    """
    seen: Counter[tuple[str, str, bool]] = Counter()
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["zip"]:
                sheriff = row["agency_type"] == "sheriff"
                twin = (row["agency"].casefold(), row["zip"], sheriff)
                seen[twin] += 1
                yield {
                    "id": f"agency-{row['hifld_id']}",
                    "office": "sheriff" if sheriff else "police_chief",
                    "title": "",
                    "first_name": "",
                    "last_name": "",
                    "suffix": "",
                    "agency": row["agency"],
                    "jurisdiction": f"{row['county']} County" if sheriff else row["city"],
                    "county": row["county"],
                    "address1": row["street"],
                    "address2": "",
                    "city": row["city"],
                    "state": row["state"],
                    "zip": row["zip"] if seen[twin] == 1 else f"{row['zip']}-{seen[twin]:04}",
                    "email": "",
                    "phone": row["phone"],
                    "agreement_287g": "",
                    "agreement_signed": "",
                }


def _result(medium: str, letters: int, cost: Cost, size: int, jobs: int, faults: list[str]) -> dict[str, object]:
    return {
        "medium": medium,
        "letters": letters,
        "jobs": jobs or "one per processor",
        "cpu_seconds": round(cost.cpu, 1),
        "wall_seconds": round(cost.wall, 1),
        "cpu_ms_per_letter": round(cost.cpu / letters * 1000, 3),
        "memory_mb": round(cost.memory / _MB),
        "size_mb": round(size / _MB),
        "audited": letters,
        "faults": faults,
    }


if __name__ == "__main__":
    sys.exit(main())
