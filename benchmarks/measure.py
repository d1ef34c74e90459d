"""Measures a command as the system sees it: CPU of the whole process and of its children, wall time, peak memory."""

from __future__ import annotations

import compileall
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_KB = 1024
_ROOT = Path(__file__).parent.parent


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
    with log.open("wb") as output:
        began = time.perf_counter()
        process = subprocess.Popen(command, cwd=folder, stdout=output, stderr=subprocess.STDOUT, env=_environment())
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RunError(f"exit code {process.returncode}: {log.read_text(errors='replace')[-2000:]}")
    peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else _KB)
    return Cost(usage.ru_utime + usage.ru_stime, wall, peak)


def compile_modules() -> None:
    """Compile our modules to bytecode, as those of every installed program are."""
    for package in ("letters", "benchmarks"):
        compileall.compile_dir(_ROOT / package, quiet=2)


def _environment() -> dict[str, str]:
    """Let the loops import this package from any folder."""
    return {**os.environ, "PYTHONPATH": str(_ROOT), "PYTHONHASHSEED": "0"}
