"""Tells what the measurements were made on and with."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable
from pathlib import Path

from benchmarks.contenders import Contender
from letters import __version__
from letters.build.executors import default_jobs

_GB = 1024**3


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
