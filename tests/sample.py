"""The repository's own campaign, built for a varied dozen of its recipients."""

from __future__ import annotations

import csv
import functools
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from letters.campaign.load import Project, load
from letters.model.problems import Problem
from tests.desk import ROOT

DOZEN = (
    "alcona-county-sheriff",
    "adrian-police",
    "berrien-county-sheriff",
    "berrien-springs-oronoko-township-police",
    "crawford-county-sheriff",
    "gladwin-county-sheriff",
    "huntington-woods-public-safety",
    "meridian-township-police",
    "ontwa-township-edwardsburg-police",
    "sault-ste-marie-police",
    "st-clair-county-sheriff",
    "taylor-police",
)
"""Sheriffs and chiefs, cities, villages and townships, two names in one, with and without each kind of agreement."""
SIX = (
    "alcona-county-sheriff",
    "adrian-police",
    "berrien-county-sheriff",
    "berrien-springs-oronoko-township-police",
    "st-clair-county-sheriff",
    "taylor-police",
)
EACH_OF_DOZEN = [pytest.param(each, marks=[pytest.mark.slow] * (each not in SIX)) for each in DOZEN]
"""For a test with each of the dozen: with six, and with the others in the slow suite."""

SHORT = """---
contents: true
enclosures: [more]
---

We write to the {{ recipient.agency }} about its policy, as we said we would.[^one] The *choice* is that of
{{ recipient.jurisdiction }}, and “nobody else’s” under the law of the state.

# What an agency may do

It may tell victims and witnesses that they may come forward, and that **nobody** asks about status.[^two]

1.  Hold no one for another agency without a warrant that a judge has signed.
2.  Ask no one about status at a stop.

# What an agency must do

| What it is asked     | What it answers |
|----------------------|-----------------|
| To hold a person     | Only by warrant |

What is decided should be written down, so that each officer “knows it” before it is needed.

[^one]: A note of every letter, on *Arizona v. United States*, which says what it says.

[^two]: A note on {{ recipient.jurisdiction }}, and on what it has said before.
"""
"""A letter of two pages that has what the sample letter has."""
ENCLOSURE = "---\ntitle: What to know\n---\n\nA sentence of an enclosure.[^m]\n\n[^m]: Its note.\n"
"""templates/enclosures/more.md of that letter."""


@functools.cache
def recipients() -> Mapping[str, Mapping[str, str]]:
    """Read the rows of the repository's list by id."""
    with (ROOT / "recipients.csv").open(encoding="utf-8", newline="") as file:
        return {row["id"]: row for row in csv.DictReader(file)}


@functools.cache
def loaded(letter: str) -> tuple[Project, list[Problem]]:
    """Load the repository's own campaign with one of its letters, once for all tests of this process."""
    project, problems = load(ROOT / "campaign.toml", letter)
    assert project, problems
    return project, problems


@dataclass(frozen=True)
class Built:
    """The output folder of the sample letter."""

    out: Path

    def content(self, identifier: str, medium: str) -> bytes:
        """Read a document."""
        return (self.out / medium / f"{identifier}.{medium}").read_bytes()


def build_sample(out: Path, only: Iterable[str], *options: str, folder: Path = ROOT, hash_seed: str = "0") -> Built:
    """Build the sample letter in a process of its own."""
    arguments = [argument for identifier in only for argument in ("--only", identifier)]
    command = [sys.executable, str(ROOT / "generate.py"), "build", "--out", str(out), *options, *arguments]
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode in (0, 1), done.stderr
    return Built(out / "guidance-letter")
