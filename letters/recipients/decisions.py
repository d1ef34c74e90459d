"""Keeps what a person has decided about a list, in list-decisions.toml, so that the next file asks nothing twice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from letters.formats.files import write_whole
from letters.formats.toml_edit import Document, edited, put_in_table
from letters.model.problems import CannotGoOn, Exit
from letters.read.text import rewritten
from letters.read.toml import read_toml

FILE = "list-decisions.toml"
_HEAD = (
    "# What was decided when lists were brought in. Each answer is used again for the next file; change it here, or\n"
    "# remove its line to be asked again.\n"
)


@dataclass(slots=True)
class Decisions:
    """Which column is what, by heading, and yes or no to each question, by its text."""

    columns: dict[str, str] = field(default_factory=dict)
    answers: dict[str, bool] = field(default_factory=dict)


def read_decisions(folder: Path) -> Decisions:
    """Read the decisions of a campaign's folder; none where there is no file. Raises CannotGoOn where it is spoilt."""
    path = folder / FILE
    if not path.exists():
        return Decisions()
    file = read_toml(path, FILE)
    columns, answers = file.table.get("columns", {}), file.table.get("answers", {})
    sound = (
        file.is_toml
        and isinstance(columns, Mapping)
        and isinstance(answers, Mapping)
        and all(isinstance(value, str) for value in columns.values())
        and all(isinstance(value, bool) for value in answers.values())
    )
    if not sound:
        hint = "[columns] has texts, [answers] has true or false; or remove the file, and be asked again"
        raise CannotGoOn(Exit.PROBLEMS, f"{FILE} cannot be read", hint)
    return Decisions(dict(columns), dict(answers))


def write_decisions(folder: Path, decisions: Decisions) -> None:
    """Write the decisions, where there are any; remarks of the file stay."""
    if not (decisions.columns or decisions.answers):
        return
    path = folder / FILE

    def change(document: Document) -> None:
        for name, table in (("columns", decisions.columns), ("answers", decisions.answers)):
            for key, value in table.items():
                put_in_table(document, name, key, value)

    if path.exists():
        write_whole(path, rewritten(path, lambda text: edited(text, FILE, change)))
    else:
        write_whole(path, edited(_HEAD, FILE, change).encode())
