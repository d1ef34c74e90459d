"""Compares our build with plain loops and other programs: python -m benchmarks [--quick] [N ...]."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks import report
from benchmarks.audit import audit
from benchmarks.contenders import CONTENDERS, Contender
from benchmarks.measure import RunError, compile_modules, describe, measure, new_parser
from benchmarks.report import Run
from benchmarks.workload import Workload, lay_out, lay_out_others

# 83 are the sheriffs of Michigan; the two largest tell what one letter more costs.
_COUNTS = (1, 10, 83, 300, 1500)
_QUICK = (10,)
_ENOUGH_SECONDS = 40
"""A measurement is not repeated once its runs have taken so long."""
_CACHE = ".cache"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the comparison; the exit code is 1 where a program failed or made a wrong letter."""
    asked = _read(arguments)
    compile_modules()
    runs: list[Run] = []
    notes = [f"{each.name} is left out: {why}" for each in CONTENDERS if (why := each.missing())]
    contenders = [each for each in CONTENDERS if not each.missing() and (not asked.only or each.name in asked.only)]
    with tempfile.TemporaryDirectory(prefix="letters-bench-") as folder:
        others = lay_out_others(Path(folder, "others"), asked.campaign)
        for number in asked.counts:
            workload = lay_out(Path(folder, str(number)), number, asked.campaign)
            # The programs that remember lines are given names that they have never seen, too.
            renamed = lay_out(Path(folder, f"{number} renamed"), number, asked.campaign, new_names=True)
            for contender in contenders:
                # What learns nothing takes the same time for each letter, so that 300 say what 1,500 would.
                if not (contender.slow and number > asked.plain_at_most):
                    given = renamed if contender.new_names else workload
                    runs += _measure(contender, given, others, number, asked.repeat)
    result = report.Result(describe(contenders), notes, runs)
    print(report.as_text(result))
    asked.out.mkdir(parents=True, exist_ok=True)
    (asked.out / f"{asked.name}.json").write_text(report.as_json(result), "utf-8")
    (asked.out / f"{asked.name}.md").write_text(report.as_markdown(result, asked.name), "utf-8")
    (asked.out / f"{asked.name}.svg").write_text(report.draw(runs), "utf-8")
    print(f"written to {asked.out}: {asked.name}.md, {asked.name}.json, {asked.name}.svg", file=sys.stderr)
    return int(any(run.faults for run in runs))


def _read(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = new_parser("benchmarks", __doc__ or "")
    parser.add_argument("counts", nargs="*", type=int, metavar="N", help=f"how many letters [{_COUNTS}]")
    parser.add_argument("--quick", action="store_true", help="ten letters, each program once")
    parser.add_argument("--only", action="append", metavar="NAME", help="only this program; may be repeated")
    parser.add_argument("--repeat", type=int, default=3, help="runs of each measurement, for median and spread")
    parser.add_argument(
        "--plain-at-most", type=int, default=300, metavar="N", help="largest N for programs that learn nothing"
    )
    parser.add_argument("--name", default="comparison", help="what they are called")
    asked = parser.parse_args(arguments)
    asked.counts = sorted(asked.counts) or list(_QUICK if asked.quick else _COUNTS)
    asked.repeat = 1 if asked.quick else asked.repeat
    return asked


def _measure(contender: Contender, workload: Workload, others: Workload, number: int, repeat: int) -> list[Run]:
    """Measure a program on a workload several times; a run counts only when its files are right.

    Each time it begins from nothing, unless it may keep what it has learned from letters to others.
    """
    learned = others.out(contender.name)
    try:
        if contender.prepare:
            contender.prepare(workload.folder)
        if contender.warm and not learned.exists():
            learned.mkdir(parents=True)
            measure(contender.command(others, learned), others.folder, others.folder / "log.txt")
    except Exception as error:  # noqa: BLE001 - one program that cannot be compared stops no other
        print(f"{contender.name} cannot be prepared: {error!r}", file=sys.stderr)
        return [Run(contender.name, contender.medium, number, 0, 0, 0, [repr(error)])]
    runs: list[Run] = []
    while len(runs) < repeat and sum(run.wall for run in runs) < _ENOUGH_SECONDS:
        out = workload.out(f"{contender.name} {len(runs)}")
        out.mkdir(parents=True)
        # Nothing is left of a run before: each begins as the first build of a campaign does.
        shutil.rmtree(workload.folder / "out" / _CACHE, ignore_errors=True)
        if contender.warm:
            shutil.copytree(others.folder / "out" / _CACHE, workload.folder / "out" / _CACHE)
            for kept in learned.glob(f"*/{_CACHE}"):
                shutil.copytree(kept, out / kept.relative_to(learned))
        try:
            cost = measure(contender.command(workload, out), workload.folder, workload.folder / "log.txt")
            faults = audit(out, contender.medium, workload.addressees, workload.said_to_all)
        except RunError as error:
            print(f"{contender.name}: {error}", file=sys.stderr)
            return [*runs, Run(contender.name, contender.medium, number, 0, 0, 0, [str(error)])]
        runs.append(Run(contender.name, contender.medium, number, cost.cpu, cost.wall, cost.memory, faults))
        for fault in faults:
            print(f"{contender.name}, {number} letters: {fault}", file=sys.stderr)
    cpu = report.median([run.cpu for run in runs])
    print(f"{contender.name}, {number} letters: {cpu / number * 1000:.2f} ms CPU a letter", file=sys.stderr)
    return runs


if __name__ == "__main__":
    sys.exit(main())
