"""Chooses recipients by words that a person can type: "all", ids, or a column and its value."""

from __future__ import annotations

from letters.campaign.load import Project
from letters.model.problems import CannotGoOn, Exit, did_you_mean


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
