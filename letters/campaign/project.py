"""Answers questions about a loaded project, and makes others of it: fields, chosen recipients, copies of its letters.

Recipients are chosen by ids, or by an expression over their columns: office == "sheriff" and agreement_287g.
"""

from __future__ import annotations

import datetime
import hashlib
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, fields, replace
from typing import TypeVar

from letters.campaign.load import Project
from letters.compile.fields import DERIVED, expression_problems
from letters.formats import jinja
from letters.formats.jinja import long_date
from letters.model.problems import CannotGoOn, Exit, Place, did_you_mean
from letters.model.records import MergedLetter, PartTemplate, Recipient, Tag, Values, copy_id
from letters.model.settings import Campaign, Copy, Organization, Signer
from letters.read.recipients import NO_AGREEMENT, ON_REQUEST, OPTIONAL, REQUIRED

_RECORDS = {"organizations": Organization, "signers": Signer, "copies": Copy}
_LOOPS = {"organizations": "organization", "signers": "signer", "copies": "copy"}
_NOT_TO_PRINT = frozenset(
    ("approvals", "archive", "barcode", "certified", "pdf", "merge_fields", "recipients", "style", "templates")
)
"""Keys of a campaign that say how the letters are made and that no letter prints."""
_Row = TypeVar("_Row", bound=Recipient)
_BODY = re.compile(r"<body[^>]*>\n")
_COPY_STYLE = (
    ".copy-line { position: absolute; top: -0.27in; left: 0; right: 0; margin: 0; text-align: center; "
    'font: bold 9pt/11pt var(--font, "Charis SIL", "DejaVu Sans") } '
    ".enclosure .copy-line { top: calc(0.23in - var(--margin-top, 1.25in)) }"
)
"""Puts the line into the margin, 0.23 inches below the edge of the sheet, so that no other line of the letter moves."""


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


def chosen(recipients: Iterable[_Row], columns: Collection[str], where: str) -> list[_Row]:
    """Return the recipients for which an expression is true; all for an empty one.

    Raises CannotGoOn where the expression cannot be read, names no column, or cannot be computed.
    """
    if not where.strip():
        return list(recipients)
    known = dict.fromkeys((*columns, *REQUIRED, *OPTIONAL, *ON_REQUEST))
    for problem in expression_problems([Tag("if", where, Place())], known):
        hint = problem.hint or f"columns: {', '.join(known)}"
        raise CannotGoOn(Exit.WRONG_CALL, f"--where: {problem.what}", hint)
    found = []
    for recipient in recipients:
        values = {**dict.fromkeys(known, ""), **recipient.columns}
        # As in letters: `agreement_287g` by itself asks whether there is one.
        if values["agreement_287g"] == NO_AGREEMENT:
            values["agreement_287g"] = ""
        try:
            if jinja.evaluate(where, values):
                found.append(recipient)
        except jinja.COMPUTING as error:
            message = f"--where cannot be computed for {recipient.id}: {error}"
            raise CannotGoOn(Exit.WRONG_CALL, message, "every column holds text: compare it with quoted text") from None
    return found


def narrowed_to(project: Project, where: str) -> Project:
    """Return the project for the recipients for which an expression is true; the whole project for an empty one.

    Raises CannotGoOn for an expression that cannot be used, and where it is true for nobody.
    """
    if not where.strip():
        return project
    columns = dict.fromkeys(name for recipient in project.recipients for name in recipient.columns)
    found = chosen(project.recipients, columns, where)
    if not found:
        count = f"{len(project.recipients):,}"
        hint = "letters recipients list shows the columns and what is in them"
        raise CannotGoOn(Exit.WRONG_CALL, f"--where {where}: true for none of {count} recipients", hint)
    return project.narrowed({recipient.id for recipient in found})


def select(project: Project, selection: str) -> tuple[str, ...]:
    """Return the ids that a selection names, in the order of the list.

    A selection is "all", or ids and "column=value" with commas between them; upper and lower case of a value are equal.

    Raises CannotGoOn for an id or a column that is not in the list, and where nothing is chosen.
    """
    known = [recipient.id for recipient in project.recipients]
    chosen: set[str] = set()
    for part in filter(None, (each.strip() for each in selection.split(","))):
        column, equals, value = (each.strip() for each in part.partition("="))
        if part == "all":
            chosen.update(known)
        elif equals:
            chosen.update(_with_value(project, column, value))
        elif part in known:
            chosen.add(part)
        else:
            raise CannotGoOn(Exit.WRONG_CALL, f'no recipient has the id "{part}"', did_you_mean(part, known))
    if not chosen:
        hint = "name ids, all, or a column and its value: county=Berrien"
        raise CannotGoOn(Exit.WRONG_CALL, f'"{selection}" chooses no recipient', hint)
    return tuple(identifier for identifier in known if identifier in chosen)


def _with_value(project: Project, column: str, value: str) -> list[str]:
    columns = {name for recipient in project.recipients for name in recipient.columns}
    if column not in columns:
        raise CannotGoOn(Exit.WRONG_CALL, f'the list has no column "{column}"', did_you_mean(column, columns))
    return [each.id for each in project.recipients if each[column].casefold() == value.casefold()]


def copy_projects(project: Project) -> Iterator[Project]:
    """Yield for each copy of the campaign the project that makes that copy of every letter."""
    for number, copy in enumerate(project.campaign.copies, start=1):
        parts = project.template.parts if copy.enclosures else project.template.parts[:1]
        template = project.template._replace(parts=tuple(_marked(part, copy, project) for part in parts))
        letters = tuple(_copied(letter, number, len(parts)) for letter in project.letters)
        yield project._replace(template=template, letters=letters)


def copy_line(copy: Copy, *, enclosures: bool) -> str:
    """Return the line at the top of a copy; `enclosures` is whether the letter has any."""
    words = "COPY FOR THE FILE" if copy.file else "COPY"
    terms = ("with enclosures" if copy.enclosures else "without enclosures") if enclosures else ""
    return " · ".join(filter(None, (words, copy.name, terms)))


def _marked(part: PartTemplate, copy: Copy, project: Project) -> PartTemplate:
    from letters.compile.html import escape_text

    line = copy_line(copy, enclosures=len(project.template.parts) > 1)
    page = part.html.replace("</style>", f"{_COPY_STYLE}</style>", 1)
    marked = _BODY.sub(lambda body: f'{body[0]}<p class="copy-line">{escape_text(line)}</p>\n', page, count=1)
    return part._replace(html=marked)


def _copied(letter: MergedLetter, number: int, parts: int) -> MergedLetter:
    recipient = replace(letter.recipient, id=copy_id(letter.recipient.id, number))
    # A copy is another document than its letter, and out of date whenever that is.
    digest = hashlib.sha256(f"copy {letter.digest}".encode()).hexdigest()
    return replace(letter, recipient=recipient, notes=letter.notes[:parts], digest=digest)
