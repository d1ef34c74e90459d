"""Measures a command as the system sees it: CPU of the whole process and of its children, wall time, peak memory."""

from __future__ import annotations

import compileall
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_KB = 1024
_ROOT = Path(__file__).parent.parent
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
    run = [sys.executable, "-S", "-c", _RUN, str(told.resolve()), *command]
    with log.open("wb") as output:
        subprocess.run(run, cwd=folder, stdout=output, stderr=subprocess.STDOUT, env=_environment(), check=True)
    code, cpu, wall, peak = json.loads(told.read_bytes())
    if code:
        raise RunError(f"exit code {code}: {log.read_text(errors='replace')[-2000:]}")
    return Cost(cpu, wall, peak * (1 if sys.platform == "darwin" else _KB))


def compile_modules() -> None:
    """Compile our modules to bytecode, as those of every installed program are."""
    for package in ("letters", "benchmarks"):
        compileall.compile_dir(_ROOT / package, quiet=2)


def _environment() -> dict[str, str]:
    """Let the loops import this package from any folder."""
    return {**os.environ, "PYTHONPATH": str(_ROOT), "PYTHONHASHSEED": "0"}
