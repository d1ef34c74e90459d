"""Cases as text that a person can read: a title, what goes in, and what is to come out.

A case is "=== title", the input, "-----", the output. Changing an output is a decision, and is reviewed like code.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

_CASE = re.compile(r"^=== (.+)\n((?:.*\n)*?)^-----\n((?:.*\n)*?)(?=^=== |\Z)", re.MULTILINE)


@dataclass(frozen=True)
class Case:
    """One case."""

    title: str
    given: str
    wanted: str


def cases(path: Path) -> list[pytest.ParameterSet]:
    """Read the cases of a file, each named by its title; none may be lost to a slip of the pen."""
    text = path.read_text("utf-8")
    found = [Case(match[1], match[2], match[3].strip("\n")) for match in _CASE.finditer(text)]
    assert len(found) == len(re.findall(r"^===", text, re.MULTILINE))
    return [pytest.param(case, id=case.title) for case in found]
