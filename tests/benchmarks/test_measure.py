"""A command is measured by itself, whatever the process that measures it holds."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

from benchmarks.measure import RunError, measure
from tests.desk import ROOT

_MB = 1024**2


def test_memory_of_the_one_who_measures_does_not_count(tmp_path: Path) -> None:
    own = bytearray(150 * _MB)
    own[::1024] = b"x" * len(own[::1024])
    cost = measure([sys.executable, "-c", ""], tmp_path, tmp_path / "log.txt")
    assert 0 < cost.memory < 100 * _MB


def test_processor_time_of_children_counts(tmp_path: Path) -> None:
    child = "import time\nwhile time.process_time() < 0.3: pass"
    run = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {child!r}])"
    cost = measure([sys.executable, "-c", run], tmp_path, tmp_path / "log.txt")
    assert cost.cpu >= 0.3


def test_a_command_that_fails_is_told_with_what_it_said(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="exit code 3: out of paper"):
        measure([sys.executable, "-c", "print('out of paper'); raise SystemExit(3)"], tmp_path, tmp_path / "log.txt")


@pytest.mark.parametrize("name", sorted(path.stem for path in (ROOT / "benchmarks").glob("[a-z]*.py")))
def test_every_benchmark_finds_what_it_takes_from_the_program(name: str) -> None:
    importlib.import_module(f"benchmarks.{name}")
