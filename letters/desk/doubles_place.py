"""Rows of the list that may be one office, side by side: somebody says that they are two, or holds one of them."""

from __future__ import annotations

from starlette.responses import Response

from letters.desk.pairs import open_pairs
from letters.desk.visit import Visit, go
from letters.model.problems import CannotGoOn, Exit
from letters.recipients.checking import double_key
from letters.recipients.decisions import Decisions, read_decisions, write_decisions
from letters.recipients.editing import set_cells

_SHOWN = 100
"""Pairs of a page."""


def doubles(visit: Visit) -> Response:
    """Answer with the pairs of the list."""
    pairs = open_pairs(visit.opened)
    return visit.page("doubles.html", "Doubles", pairs=pairs[:_SHOWN], more=len(pairs[_SHOWN:]))


def judge(visit: Visit) -> Response:
    """Keep that two rows are two, or hold one of them."""
    opened, form = visit.opened, visit.form
    one, other, said = (form.get(name, "") for name in ("one", "other", "said"))
    known = {recipient.id for recipient in opened.view().loaded.recipients}
    if not {one, other} <= known or said not in ("two", "hold-one", "hold-other"):
        raise CannotGoOn(Exit.WRONG_CALL, "these rows are no longer in the list", "look at the list again")
    with opened.lock:
        if said == "two":
            decisions = read_decisions(opened.folder)
            answers = {**decisions.answers, double_key(one, other): False}
            write_decisions(opened.folder, Decisions(decisions.columns, answers))
            opened.tell(f"{one} and {other} are two.")
        else:
            held, kept = (one, other) if said == "hold-one" else (other, one)
            set_cells(opened.list_path, held, {"hold": f"the same office as {kept}"}, {})
            opened.tell(f"{held} is held: the same office as {kept}.")
    return go("/list/doubles")
