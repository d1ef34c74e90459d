"""Shows who writes and who signs, as campaign.toml has it, as forms of the place Campaign."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from letters.campaign.settling import brackets, texts_with_brackets
from letters.desk.opened import OpenCampaign
from letters.formats.files import sha256
from letters.model.problems import CannotGoOn, Problem
from letters.read.toml import TomlFile, read_toml

_KEYS = {
    "organizations": {
        "name": "Name",
        "address": "Address, a line each",
        "phone": "Telephone",
        "email": "E-mail",
        "web": "Website",
    },
    "signers": {"name": "Name", "title": "Title", "organization": "Signs for"},
}
LEFT_OUT = ("phone", "email", "web")
"""What a letterhead can do without: left empty, it goes, where another place stays one to be filled in."""
_MOST = {"organizations": 4, "signers": 40}


@dataclass(frozen=True, slots=True)
class WriterField:
    """A field of a form: what stands in it, and the bracket that it takes the place of."""

    key: str
    label: str
    value: str
    open: str = ""


@dataclass(frozen=True, slots=True)
class WriterForm:
    """An organization or a person who signs, as a form; the last of each kind is empty."""

    table: str
    number: int
    fields: Sequence[WriterField]
    problems: Sequence[Problem]
    is_new: bool = False
    logo: str = ""

    @property
    def heading(self) -> str:
        """What the form is called."""
        first = self.fields[0]
        if self.is_new:
            return "Another organization" if self.table == "organizations" else "Another person"
        return first.value or first.open or "without a name"

    @property
    def settle(self) -> int:
        """How many things are to be settled in it."""
        return sum(bool(each.open) or bool(brackets(f'"{each.value}"')) for each in self.fields) + len(self.problems)


@dataclass(frozen=True, slots=True)
class Writers:
    """All that the place Campaign shows of campaign.toml as forms."""

    organizations: Sequence[WriterForm]
    signers: Sequence[WriterForm]
    names: Sequence[str]
    """Of the organizations."""
    brackets: Sequence[str]
    """Those to be filled in elsewhere in the file, and in the texts of the letter."""
    problems: Sequence[Problem]
    """What is wrong elsewhere in the file."""
    base: str
    """The hash of the file."""

    def form(self, table: str, number: str) -> WriterForm | None:
        """Return one of the forms; None where there is none such."""
        every = (*self.organizations, *self.signers)
        return next((each for each in every if (each.table, str(each.number)) == (table, number)), None)


def writers(opened: OpenCampaign, problems: Sequence[Problem]) -> Writers:
    """Return campaign.toml as forms, each with its problems."""
    try:
        file = read_toml(opened.path, opened.path.name)
    except CannotGoOn:  # it is no text, which stands above the forms
        file = TomlFile(opened.path.name, "", {}, {}, is_toml=False)
    # A bracket is a field of its form: the message that says so would say it twice.
    own = [
        each
        for each in problems
        if each.place.path == opened.path.name and not (file.is_toml and "is to be filled in" in each.what)
    ]
    by_table: dict[tuple[object, ...], list[Problem]] = {}
    for problem in own:
        by_table.setdefault(_table_of(file, problem.place.line), []).append(problem)
    forms = (
        {table: _forms(file, table, by_table) for table in _KEYS} if file.is_toml else {table: [] for table in _KEYS}
    )
    others = {key: value for key, value in file.table.items() if key not in _KEYS}
    said = json.dumps(others, ensure_ascii=False, default=str)
    in_texts = opened.kept_of_files("brackets of the texts", lambda: list(texts_with_brackets(opened.path)))
    places = [each for each in brackets(file.text) if each in said]
    return Writers(
        forms["organizations"],
        forms["signers"],
        [form.fields[0].value or form.fields[0].open for form in forms["organizations"] if not form.is_new],
        list(dict.fromkeys([*places, *in_texts])) if file.is_toml else [],
        [each for at, some in by_table.items() if at[:1] not in (("organizations",), ("signers",)) for each in some],
        sha256(file.text.encode()),
    )


def _table_of(file: TomlFile, line: int) -> tuple[object, ...]:
    """Return the table that a line belongs to; without a number in it, what is said of all of its kind."""
    before = [(at, path) for path, at in file.lines.items() if at <= line]
    return max(before, default=(0, ()), key=lambda each: each[0])[1][:2]


def _forms(file: TomlFile, table: str, problems: Mapping[tuple[object, ...], Sequence[Problem]]) -> list[WriterForm]:
    there = [each for each in file.table.get(table, []) if isinstance(each, dict)]
    forms = [
        WriterForm(
            table,
            number + 1,
            [_field(key, label, each.get(key, "")) for key, label in _KEYS[table].items()],
            problems.get((table, number), ()),
            logo=str(each.get("logo", "")),
        )
        for number, each in enumerate(there)
    ]
    if len(there) < _MOST[table]:
        empty = [WriterField(key, label, "") for key, label in _KEYS[table].items()]
        forms.append(WriterForm(table, len(there) + 1, empty, (), is_new=True))
    return forms


def _field(key: str, label: str, value: object) -> WriterField:
    """Return a field; what is nothing but a bracket is an empty field that shows it."""
    text = "\n".join(map(str, value)) if isinstance(value, list) else str(value)
    rest = re.sub(r"\[[^\]]*\]|[\s,;]", "", text)
    return WriterField(key, label, "" if text and not rest else text, "" if rest else text)
