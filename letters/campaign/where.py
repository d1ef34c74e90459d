"""Chooses rows by a small expression over columns: office == "sheriff" and agreement_287g."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TypeVar

from letters.campaign.load import Project
from letters.compile.fields import expression_problems
from letters.formats import jinja
from letters.model.problems import CannotGoOn, Exit, Place
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
