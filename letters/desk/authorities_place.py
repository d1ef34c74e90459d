"""Who has read which authority: a form, written into the authorities file as a filled-in cite-check sheet is."""

from __future__ import annotations

import datetime

from starlette.responses import Response

from letters.campaign.cites import record_readings
from letters.cite.check import is_unread
from letters.desk.render import many
from letters.desk.visit import Visit, go
from letters.model.problems import CannotGoOn, Exit
from letters.read.authorities import AUTHORITIES

_TICKED = "read-"
"""How the name of the box before an authority begins; its key follows."""


def authorities(visit: Visit) -> Response:
    """Answer with the authorities that nobody has read, to be ticked."""
    opened = visit.opened
    known = opened.view().loaded.authorities
    rows = known.by_key if known else {}
    return visit.page(
        "authorities.html",
        "Authorities",
        unread={key: each for key, each in rows.items() if is_unread(each)},
        read={key: each for key, each in rows.items() if not is_unread(each)},
        today=opened.now().astimezone().date().isoformat(),
    )


def read(visit: Visit) -> Response:
    """Record that somebody has read the authorities that are ticked."""
    opened, form = visit.opened, visit.form
    name = " ".join(form.get("person", "").split())
    keys = [field.removeprefix(_TICKED) for field in form if field.startswith(_TICKED)]
    if not name or name.startswith("[") or not keys:
        raise CannotGoOn(Exit.WRONG_CALL, "who has read which of them?", "write the name, and tick what was read")
    try:
        day = datetime.date.fromisoformat(form.get("date", ""))
    except ValueError:
        raise CannotGoOn(Exit.WRONG_CALL, f'"{form.get("date", "")}" is not a date', "write it as 2025-09-19") from None
    if day > opened.now().astimezone().date():
        raise CannotGoOn(Exit.WRONG_CALL, f"{day} is yet to come", "give the day on which they were read")
    with opened.lock:
        project = opened.view().loaded
        known = project.authorities.by_key if project.authorities else {}
        if gone := [key for key in keys if key not in known]:
            raise CannotGoOn(Exit.WRONG_CALL, f'"{gone[0]}" is no authority of this campaign')
        values: dict[str, str | datetime.date] = {"read_by": name, "read_on": day}
        record_readings(project, dict.fromkeys(keys, values), opened.out, opened.now().isoformat(timespec="seconds"))
    opened.tell(f"{AUTHORITIES}: {many(len(keys), 'authority', 'authorities')} read by {name} on {day}.")
    return go("/authorities")
