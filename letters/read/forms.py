"""Reads how each office is addressed."""

from __future__ import annotations

from pathlib import Path

from letters.model.problems import Place, Problem
from letters.model.records import FormOfAddress
from letters.read.text import read_text
from letters.read.validation import load_toml, validate

FORMS = "forms-of-address.toml"


def read_forms(path: Path, shown: str) -> tuple[tuple[FormOfAddress, ...], list[Problem]]:
    """Read the forms of address, the order of which matters; raises CannotGoOn when the file is missing."""
    text, problems = read_text(path, shown)
    table, more = load_toml(text, shown)
    problems += more
    tables = table.get("form", [])
    if not tables and not more:
        problems.append(Problem(Place(shown, 1), "no form of address", "add a [[form]] table"))
    forms = []
    for number, each in enumerate(tables):
        form, more = validate(FormOfAddress, each, text, shown, ("form", number))
        problems += more
        if form:
            forms.append(form)
    return tuple(forms), problems
