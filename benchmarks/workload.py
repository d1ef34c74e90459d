"""Writes the input of every program that is compared: a campaign of N recipients, and its values for the others."""

from __future__ import annotations

import csv
import html
import pickle
import re
import shutil
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path
from typing import Any

from letters.campaign.load import Project, load
from letters.cli.options import HERE
from letters.model.records import Values

CAMPAIGN = Path(__file__).parent.parent / HERE
"""The campaign that is measured: the sample of the repository."""
VALUES = "values.pickle"


@dataclass(frozen=True, slots=True)
class Addressee:
    """What must stand in a letter, and in no other."""

    id: str
    agency: str
    street: str
    salutation: str


@dataclass(frozen=True, slots=True)
class Workload:
    """A folder with a campaign and, in values.pickle, what the other programs need."""

    folder: Path
    addressees: tuple[Addressee, ...]
    said_to_all: str = ""
    """The text of the letter and its enclosures, with fields in the place of values."""

    def out(self, contender: str) -> Path:
        """Name the folder where a contender puts its files."""
        return self.folder / "out" / contender


def lay_out(
    folder: Path,
    number: int,
    campaign: Path = CAMPAIGN,
    rows: Sequence[Mapping[str, str]] = (),
    *,
    new_names: bool = False,
) -> Workload:
    """Write a campaign of `number` letters; beyond the list's end its recipients come again under further ids.

    `rows` are the recipients; none means those of the campaign's own list whose letters can be made. With `new_names`
    no line of an address comes a second time: what the program remembers of lines it has set does not help it.
    """
    folder.mkdir(parents=True)
    source = campaign.parent
    settings = tomllib.loads(campaign.read_text("utf-8"))
    shutil.copy(campaign, folder / HERE)
    shutil.copytree(source / settings.get("templates", "templates"), folder / "templates")
    further = _renamed if new_names else _repeated
    listed = islice(further(rows or _ready(campaign)), number)
    _write_list(folder / settings.get("recipients", "recipients.csv"), listed)
    project, problems = load(folder / HERE)
    if project is None or len(project.letters) != number:
        shown = "\n".join(str(problem) for problem in problems if problem.stops)
        raise SystemExit(f"only {len(project.letters) if project else 0} of {number} letters can be made:\n{shown}")
    _write_values(folder, project)
    # What the letter says to all may name one of its recipients, which is no fault of a merge.
    words = "".join(html.unescape(re.sub(r"<[^>]*>", "", part.html)) for part in project.template.parts)
    return Workload(folder, tuple(_addressee(letter.context["recipient"]) for letter in project.letters), words)


def lay_out_others(folder: Path, campaign: Path = CAMPAIGN) -> Workload:
    """Write the same campaign for others: all of the list, each with the agency of the next of the same office."""
    rows = _ready(campaign)
    offices: dict[str, list[Mapping[str, str]]] = {}
    for row in rows:
        offices.setdefault(row["office"], []).append(row)
    after = {row["id"]: others[(n + 1) % len(others)] for others in offices.values() for n, row in enumerate(others)}
    renamed = [{**row, **{name: after[row["id"]][name] for name in ("agency", "jurisdiction")}} for row in rows]
    return lay_out(folder, len(rows), campaign, renamed)


def _ready(campaign: Path) -> list[Mapping[str, str]]:
    project, _ = load(campaign)
    assert project is not None
    return [letter.recipient.columns for letter in project.letters]


def _repeated(rows: Sequence[Mapping[str, str]]) -> Iterator[dict[str, str]]:
    """Give the rows again and again; the id and the end of the ZIP tell the rounds apart, or they would be twins."""
    yield from map(dict, rows)
    for turn in count(2):
        for row in rows:
            yield {**row, "id": f"{row['id']}-{turn}", "zip": f"{row['zip'][:5]}-{turn:04}"}


def _renamed(rows: Sequence[Mapping[str, str]]) -> Iterator[dict[str, str]]:
    """Give the rows, then all of them again and again with the lines of two rows of one office joined in each."""
    yield from map(dict, rows)
    offices: dict[str, list[Mapping[str, str]]] = {}
    for row in rows:
        offices.setdefault(row["office"], []).append(row)
    for turn in count(2):
        for others in offices.values():
            for number, row in enumerate(others):
                yield _joined(row, others[(number + turn - 1) % len(others)], turn)


def _joined(row: Mapping[str, str], other: Mapping[str, str], turn: int) -> dict[str, str]:
    """Join two rows; the letter takes the same branches for the new row as for the first of the two."""
    number, _, street = row["address1"].partition(" ")
    return {
        **row,
        "id": f"{row['id']}-{turn}",
        "agency": f"{other['city']} {row['agency']}",
        "jurisdiction": f"{other['city']} {row['jurisdiction']}",
        "last_name": other["last_name"] if row["last_name"] else "",
        "address1": f"{number}{turn} {street}" if number.isdigit() else f"{row['address1']} {turn}",
        "zip": f"{row['zip'][:5]}-{turn:04}",
    }


def _write_list(path: Path, rows: Iterator[dict[str, str]]) -> None:
    listed = list(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(listed[0]))
        writer.writeheader()
        writer.writerows(listed)


def _write_values(folder: Path, project: Project) -> None:
    """Write templates and values as a user of the plain libraries would have them ready: no cost of ours is theirs."""
    template = project.template
    (folder / "template.docx").write_bytes(template.word)
    for number, part in enumerate(template.parts):
        (folder / f"part{number}.html").write_text(part.html, "utf-8")
    letters = [
        {
            "id": letter.recipient.id,
            **_plain(dict(letter.context)),
            "notes": [_plain(notes) for notes in letter.notes],
            # Of the contents: nobody but our own program lays the letter out first.
            "pages": [],
        }
        for letter in project.letters
    ]
    (folder / VALUES).write_bytes(pickle.dumps({"parts": len(template.parts), "letters": letters}))


def _plain(value: Any) -> Any:
    if isinstance(value, Values | dict):
        return {name: _plain(value[name]) for name in value}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


def _addressee(recipient: Any) -> Addressee:
    return Addressee(recipient["id"], recipient["agency"], recipient["address1"], recipient["salutation"])
