"""Measures a command as the system sees it: CPU of the whole process and of its children, wall time, peak memory.

And writes down what was measured, with the machine and the versions that it was measured with.
"""

from __future__ import annotations

import argparse
import compileall
import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.contenders import Contender
from benchmarks.workload import CAMPAIGN
from letters import __version__
from letters.build.executors import default_jobs

_KB = 1024
_GB = 1024**3
_ROOT = Path(__file__).parent.parent
DOCS = _ROOT / "docs" / "benchmarks"
"""Where results go."""
_RUN = """
import json, os, resource, sys, time
began = time.perf_counter()
code = os.spawnvp(os.P_WAIT, sys.argv[2], sys.argv[2:])
used = resource.getrusage(resource.RUSAGE_CHILDREN)
cost = [code, used.ru_utime + used.ru_stime, time.perf_counter() - began, used.ru_maxrss]
open(sys.argv[1], "w").write(json.dumps(cost))
"""
"""Runs a command from a process that is small: Linux counts what its parent holds as memory of a new process, too."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run of a command took."""

    cpu: float
    """Seconds of processor time, user and system, child processes included."""
    wall: float
    """Seconds."""
    memory: int
    """Bytes of memory that the largest of its processes held at its peak."""


class RunError(Exception):
    """Tells how a command failed."""


def measure(command: Sequence[str], folder: Path, log: Path) -> Cost:
    """Run a command in a folder; what it prints goes to a log. Raises RunError when it does not end well."""
    told = log.with_suffix(".cost")
    # The loops import this package from any folder; with a fixed seed of hashes, sets cost the same in each run.
    environment = {**os.environ, "PYTHONPATH": str(_ROOT), "PYTHONHASHSEED": "0"}
    # Without site-packages: it is to be as small and as quick as a process can be.
    run = [sys.executable, "-S", "-c", _RUN, str(told.resolve()), *command]
    with log.open("wb") as output:
        subprocess.run(run, cwd=folder, stdout=output, stderr=subprocess.STDOUT, env=environment, check=True)
    code, cpu, wall, peak = json.loads(told.read_bytes())
    if code:
        raise RunError(f"exit code {code}: {log.read_text(errors='replace')[-2000:]}")
    # ru_maxrss is in kilobytes on Linux and in bytes on macOS.
    return Cost(cpu, wall, peak * (1 if sys.platform == "darwin" else _KB))


def compile_modules() -> None:
    """Compile our modules to bytecode, as those of every installed program are."""
    for package in ("letters", "benchmarks"):
        compileall.compile_dir(_ROOT / package, quiet=2)


def new_parser(module: str, description: str) -> argparse.ArgumentParser:
    """Return a parser of what all measurements of a campaign may be told."""
    parser = argparse.ArgumentParser(prog=f"python -m {module}", description=description)
    parser.add_argument("--campaign", type=Path, default=CAMPAIGN, help="the campaign whose letter is made")
    parser.add_argument("--out", type=Path, default=DOCS, help="where results go")
    return parser


def write_result(folder: Path, name: str, about: Mapping[str, object]) -> None:
    """Write what was measured as JSON, with what it was measured on."""
    folder.mkdir(parents=True, exist_ok=True)
    result = {"machine": describe(()), **about}
    (folder / f"{name}.json").write_text(json.dumps(result, indent=1) + "\n", "utf-8")


def describe(contenders: Iterable[Contender]) -> dict[str, str]:
    """Describe machine and versions, by what they are of."""
    about = {
        "processor": f"{_processor()}, {default_jobs()} usable",
        "memory": f"{_memory() / _GB:.0f} GB",
        "system": f"{platform.system()} {platform.machine()}",
        "Python": platform.python_version(),
        "letters": __version__,
    }
    about |= {each.package or each.name: each.version() for each in contenders if each.package != "letters-toolkit"}
    return about


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or "unknown processor"
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else "unknown processor"


def _memory() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") if hasattr(os, "sysconf") else 0
