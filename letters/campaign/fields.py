"""Lists every field that a letter may use, with its value for one recipient and where that comes from."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass, fields

from letters.campaign.load import Project
from letters.compile.fields import DERIVED
from letters.formats.jinja import long_date
from letters.model.records import MergedLetter, Recipient, Values
from letters.model.settings import Campaign, Copy, Organization, Signer

_RECORDS = {"organizations": Organization, "signers": Signer, "copies": Copy}
_LOOPS = {"organizations": "organization", "signers": "signer", "copies": "copy"}
_NOT_TO_PRINT = frozenset(
    ("approvals", "archive", "barcode", "certified", "pdf", "merge_fields", "recipients", "style", "templates")
)
"""Keys of a campaign that say how the letters are made and that no letter prints."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field, by the name that a letter writes between {{ and }}."""

    name: str
    holds: str
    """The value for one recipient; empty where a letter that prints it without a condition would be stopped."""
    origin: str
    used: bool
    """Whether the letter, its frame or an enclosure names it."""


def list_fields(project: Project, recipient: Recipient) -> list[Field]:
    """Return the fields of a letter with their values for one recipient of the project."""
    letter = next((each for each in project.letters if each.recipient.id == recipient.id), None)
    texts = " ".join(source.text for part in project.sources for source in part)
    tags = " ".join(re.findall(r"\{[{%].*?[}%]\}", texts, re.DOTALL))
    rows = [*_of_recipient(project, recipient, letter), *_of_campaign(project), *_of_letter(project)]
    rows += _of_notes(project, letter)
    return [Field(name, holds, origin, _is_used(name, tags)) for name, holds, origin in rows]


def _is_used(name: str, tags: str) -> bool:
    # recipient.title is not used by {{ recipient.title_short }}, nor name by {{ signer.name }}.
    return re.search(rf"(?<![\w.]){re.escape(name)}(?!\w)", tags) is not None


def _of_recipient(
    project: Project, recipient: Recipient, letter: MergedLetter | None
) -> Iterator[tuple[str, str, str]]:
    listed = project.campaign.recipients.as_posix()
    forms = f"{project.campaign.templates.as_posix()}/forms-of-address.toml, for the office {recipient['office']}"
    values = letter.context["recipient"] if letter else None
    row = f"{listed}, line {recipient.place.line}, column"
    for name in (*DERIVED, "inside_address"):
        held = _shown(values[name]) if isinstance(values, Values) else ""
        made_of = "campaign.toml, delivery" if name == "delivery" else forms
        yield f"recipient.{name}", held, f"{row} {name}" if recipient[name] else made_of
    for column, cell in recipient.columns.items():
        if column not in DERIVED:
            yield f"recipient.{column}", cell, f"{row} {column}"


def _of_campaign(project: Project) -> Iterator[tuple[str, str, str]]:
    shown = project.template.statics["campaign"]
    assert isinstance(shown, Values)
    for key in (field.name for field in fields(Campaign)):
        if key in _NOT_TO_PRINT or key in _RECORDS:
            continue
        yield f"campaign.{key}", _shown(shown[key]), f"campaign.toml, {key}"
    for key, record in _RECORDS.items():
        listed = shown[key]
        assert isinstance(listed, list)
        origin = f"campaign.toml, [[{key}]]; in a loop over campaign.{key}"
        for part in (field.name for field in fields(record)):
            values = [_shown(each[part]) for each in listed]
            yield f"{_LOOPS[key]}.{part}", " | ".join(filter(None, values)), origin


def _of_letter(project: Project) -> Iterator[tuple[str, str, str]]:
    about = project.template.statics["letter"]
    assert isinstance(about, Values)
    path = project.sources[0][-1].path
    for key in about:
        origin = f"{path}, front matter"
        if key == "name":
            origin = "the name of the file"
        elif key == "subject" and _shown(about[key]) == project.campaign.subject:
            origin = "campaign.toml, subject"
        elif key == "enclosures":
            origin = "the titles of the enclosures"
        yield f"letter.{key}", _shown(about[key]), origin


def _of_notes(project: Project, letter: MergedLetter | None) -> Iterator[tuple[str, str, str]]:
    """Yield a field for the number of each named note."""
    for number, part in enumerate(project.template.parts):
        notes = letter.notes[number] if letter else Values()
        for name in notes:
            field = f"note.{name}" if name.isidentifier() else f'note["{name}"]'
            # The names that anonymous notes are given have a space.
            if " " not in name:
                yield field, _shown(notes[name]), f"the number of the note [^{name}] in {part.name}"


def _shown(value: object) -> str:
    if isinstance(value, list | tuple):
        return " | ".join(map(_shown, value))
    if isinstance(value, datetime.date):
        return f"{value.isoformat()}, printed {long_date(value)} by | long_date"
    return "" if value is None or value is False else "yes" if value is True else str(value)
