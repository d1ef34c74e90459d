"""Tells the versions of packages by the names of their folders: importlib.metadata takes long to load."""

from __future__ import annotations

import functools
import os
import re
import sys
from collections.abc import Mapping
from contextlib import suppress

_ENDING = ".dist-info"


def version(name: str) -> str:
    """Tell the version of an installed package; raises importlib.metadata.PackageNotFoundError where there is none."""
    found = _installed().get(_plain(name))
    if found is None:
        import importlib.metadata

        return importlib.metadata.version(name)
    return found


@functools.cache
def _installed() -> Mapping[str, str]:
    """List what is installed where Python looks for modules; what it finds first counts."""
    found: dict[str, str] = {}
    for folder in sys.path:
        with suppress(OSError):
            for entry in os.scandir(folder or os.curdir):
                name, _, number = entry.name.removesuffix(_ENDING).rpartition("-")
                if entry.name.endswith(_ENDING) and name:
                    found.setdefault(_plain(name), number)
    return found


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
