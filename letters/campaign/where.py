"""Chooses recipients by what a person can type: "all", ids, a column and its value, or an expression over columns.

An expression is, for example, office == "sheriff" and agreement_287g."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TypeVar

from letters.campaign.load import Project
from letters.compile.fields import expression_problems
from letters.formats import jinja
from letters.model.problems import CannotGoOn, Exit, Place, did_you_mean
from letters.model.records import Recipient, Tag
from letters.read.recipients import ON_REQUEST, OPTIONAL, REQUIRED

_Row = TypeVar("_Row", bound=Recipient)


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
        if values["agreement_287g"] == "none":
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
