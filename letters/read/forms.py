"""Reads how each office is addressed."""

from __future__ import annotations

from letters.model.problems import Place, Problem
from letters.model.records import FormOfAddress
from letters.read.toml import TomlFile, validate

FORMS = "forms-of-address.toml"


def read_forms(file: TomlFile) -> tuple[tuple[FormOfAddress, ...], list[Problem]]:
    """Return the forms of address, the order of which matters, and their problems."""
    problems = list(file.problems)
    tables = file.table.get("form", [])
    if not tables and file.is_toml:
        problems.append(Problem(Place(file.shown, 1), "no form of address", "add a [[form]] table"))
    forms = []
    for number, each in enumerate(tables):
        form, more = validate(FormOfAddress, each, file, ("form", number))
        problems += more
        if form:
            forms.append(form)
    return tuple(forms), problems
