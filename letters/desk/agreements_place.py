"""The way ICE's list of 287(g) agreements is joined to the list: dropped, questions answered, taken over."""

from __future__ import annotations

import datetime

from starlette.responses import Response

from letters.desk.opened import ImportedFile
from letters.desk.visit import Visit, answers_in, go, of_token, place_of, uploaded
from letters.model.problems import CannotGoOn, Exit
from letters.recipients.agreements import Joined, join_agreements, list_date, write_joined
from letters.recipients.history import hash_of

_SHOWN = 200
"""Changes and agencies that are listed."""


def begin(visit: Visit) -> Response:
    """Answer with the page where ICE's list is dropped."""
    return visit.page("agreements.html", "Agreements")


def bring(visit: Visit) -> Response:
    """Take ICE's list, and go on to what it changes."""
    path = uploaded(visit)
    if path is None:
        raise CannotGoOn(Exit.WRONG_CALL, "no file was chosen", "drop ICE's workbook, or choose it")
    today = datetime.datetime.now().astimezone().date()
    date = list_date(visit.form.get("date", "").strip(), path.name, today)
    visit.opened.imports[path.parent.name] = ImportedFile(path, date=date.isoformat())
    return go(f"/agreements/{path.parent.name}")


def look(visit: Visit) -> Response:
    """Answer with which rows have an agreement, what is to be asked, and what would become of the list."""
    joined = _joined(visit)
    return visit.page(
        "agreements_plan.html",
        "Agreements",
        joined=joined,
        token=visit.path["token"],
        near=[match for match in joined.matched if match.score < 100],
        list_hash=hash_of(joined.before),
        most=_SHOWN,
    )


def _joined(visit: Visit) -> Joined:
    each = of_token(visit)
    listed, _ = place_of(visit.opened)
    return join_agreements(each.path, listed, visit.opened.folder, each.date, answers=each.answers)


def answer(visit: Visit) -> Response:
    """Take down what was said of the questions, and show what follows from it."""
    of_token(visit).answers.update(answers_in(visit.form))
    return go(f"/agreements/{visit.path['token']}")


def take(visit: Visit) -> Response:
    """Write the list as it was shown: refused where it was changed meanwhile, or a question is open."""
    opened, back = visit.opened, f"/agreements/{visit.path['token']}"
    with opened.lock:
        joined = _joined(visit)
        if joined.questions:
            opened.tell("Questions are open: answer them first, and look at what changes.", "bad")
            return go(back)
        if hash_of(joined.before) != visit.form.get("list"):
            opened.tell("The list was changed meanwhile: look at it again. Nothing was written.", "bad")
            return go(back)
        listed, _ = place_of(opened)
        write_joined(joined, listed, opened.folder)
    del opened.imports[visit.path["token"]]
    opened.tell(f"{len(joined.matched):,} with an agreement, {joined.none:,} without, by the list of {joined.date}.")
    return go("/list")
