"""Reads the values that the loops merge."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any


def read_values(folder: Path) -> dict[str, Any]:
    """Read what benchmarks.workload wrote."""
    values: dict[str, Any] = pickle.loads((folder / "values.pickle").read_bytes())  # noqa: S301 - our own file
    return values
