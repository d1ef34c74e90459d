"""The place List: the recipients as a table with their problems, cells to be corrected, rows to be held.

Rows that may be one office are shown side by side: somebody says that they are two, or holds one of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from letters.desk.opened import OpenCampaign
from letters.desk.visit import Visit, go, missing, place_of, state_words
from letters.formats.files import csv_bytes
from letters.model.problems import CannotGoOn, Exit, Problem, Severity
from letters.model.records import Recipient
from letters.read.recipients import read_recipients
from letters.recipients.history import Decisions, cells_of, imports, read_decisions, set_cells, write_decisions
from letters.recipients.matching import Pair, double_key, most_alike_first
from letters.review.status import Standing

_ON_PAGE = 100
"""Rows of a page: what a browser shows at once."""
_COLUMNS = ("agency", "office", "title", "first_name", "last_name", "address1", "city", "state", "zip")
"""The columns of the table; a row's own page has all."""
_SHOWS = {
    "all": "all",
    "ready": "can be made",
    "held": "held",
    "problems": "with problems",
    "stopped": "stopped by a mistake",
}
_SHOWN = 100
"""Pairs of a page."""


@dataclass(frozen=True, slots=True)
class ListRowView:
    """A row as the table shows it."""

    recipient: Recipient
    problems: Sequence[Problem]
    state: str
    """held, stopped, or what became of its letter."""
    why: str

    @property
    def words(self) -> str:
        """Return the state as a person says it."""
        return state_words(self.state)

    def of_cell(self, column: str) -> list[Problem]:
        """Return what is wrong with a cell."""
        return [problem for problem in self.problems if problem.place.field == column]

    @property
    def others(self) -> list[Problem]:
        """Return what is wrong with the row that stands in no cell of the table, once for each field."""
        found: dict[str, Problem] = {}
        for problem in self.problems:
            if problem.place.field not in _COLUMNS:
                # Of a field that is wrong in two ways one message is enough to lead to it.
                found.setdefault(problem.place.field or problem.what, problem)
        return list(found.values())


def listed(visit: Visit) -> Response:
    """Answer with the table, filtered and sorted as the query says."""
    rows = _rows(visit.opened)
    words, show, sort = visit.query.get("q", ""), visit.query.get("show", "all"), visit.query.get("sort", "")
    counts = {name: sum(_is_shown(row, name) for row in rows) for name in _SHOWS}
    chosen = [row for row in rows if _is_shown(row, show) and _matches(row.recipient, words)]
    if sort in _COLUMNS:
        # Empty cells last; Python’s sort keeps the order of the list among equals.
        chosen.sort(key=lambda row: (not row.recipient[sort], row.recipient[sort].casefold()))
    number, last = visit.page_number(len(chosen), _ON_PAGE)
    return visit.page(
        "list.html",
        "List",
        rows=chosen[(number - 1) * _ON_PAGE : number * _ON_PAGE],
        found=len(chosen),
        number=number,
        last=last,
        columns=_COLUMNS,
        shows=_SHOWS,
        show=show if show in _SHOWS else "all",
        counts=counts,
        words=words,
        sort=sort,
        doubles=len(_open_pairs(visit.opened)),
        imports=[each for each in imports(visit.opened.folder) if not each.undone],
        listed=visit.opened.view().loaded.campaign.recipients.name,
    )


def _rows(opened: OpenCampaign) -> list[ListRowView]:
    """Return the rows with their problems."""
    return opened.kept("rows", lambda: _new_rows(opened))


def _new_rows(opened: OpenCampaign) -> list[ListRowView]:
    view = opened.view()
    project = view.loaded
    by_id: defaultdict[str, list[Problem]] = defaultdict(list)
    for problem in (*view.problems, *opened.long_addresses()):
        if problem.recipient and problem.severity is not Severity.NOTE:
            by_id[problem.recipient].append(problem)
    found, held = opened.standings(), view.held
    return [_row_view(recipient, by_id[recipient.id], found, held) for recipient in project.recipients]


def _row_view(
    recipient: Recipient, problems: Sequence[Problem], found: Mapping[str, Standing], held: Mapping[str, str]
) -> ListRowView:
    why = held.get(recipient.id, "")
    if recipient.hold:
        return ListRowView(recipient, problems, "held", recipient.hold)
    if why:
        return ListRowView(recipient, problems, "stopped", why)
    return ListRowView(recipient, problems, found[recipient.id].pdf, "")


def _is_shown(row: ListRowView, show: str) -> bool:
    if show == "ready":
        return row.state not in ("held", "stopped")
    if show in ("held", "stopped"):
        return row.state == show
    return bool(row.problems) if show == "problems" else True


def _matches(recipient: Recipient, words: str) -> bool:
    # In all columns: people look for a street or a telephone number as well.
    said = " ".join((recipient.id, *recipient.columns.values())).casefold()
    return all(word in said for word in words.casefold().split())


def _known(visit: Visit) -> Recipient:
    """Return the recipient whom a path names."""
    identifier = visit.path["id"]
    for recipient in visit.opened.view().loaded.recipients:
        if recipient.id == identifier:
            return recipient
    raise missing("The list has no such row.")


def row(visit: Visit) -> Response:
    """Answer with all cells of a row, its address as on an envelope, and its problems."""
    recipient = _known(visit)
    view = next(each for each in _rows(visit.opened) if each.recipient.id == recipient.id)
    letters = visit.opened.view().loaded.letters
    values: Any = next((each.context["recipient"] for each in letters if each.recipient.id == recipient.id), None)
    address = tuple(map(str, values["inside_address"])) if values else ()
    cells = cells_of(visit.opened.list_path, recipient.id)
    title = recipient["agency"] or recipient.id
    return visit.page("row.html", title, row=view, recipient=recipient, address=address, cells=cells)


def cell(visit: Visit) -> Response:
    """Answer with a form for one cell, or with the cell as it is where the change is given up."""
    column = _column(visit)
    view, raw = _alone(visit)
    if visit.query.get("as") == "text":
        return visit.part("part/cell.html", row=view, column=column)
    was = raw.get(column, "")
    return visit.part("part/cell_form.html", row=view, column=column, error="", said=was, was=was)


def _alone(visit: Visit) -> tuple[ListRowView, dict[str, str]]:
    """Return a row as it stands in the file now, read and checked by itself, and its cells as they are written.

    A list of many thousand rows takes long to be read again: whoever corrects one cell after the other does not wait.
    """
    opened, identifier = visit.opened, visit.path["id"]
    path = opened.list_path
    raw = cells_of(path, identifier)
    with opened.lock:
        alone = opened.temporary / "row.csv"
        # A list of one row, with its headings: the reader of lists checks it like any other.
        alone.write_bytes(csv_bytes([list(raw), list(raw.values())]))
        (recipient,), _, problems = read_recipients(alone, path.name, place_of(opened)[1])
    found = [problem for problem in problems if problem.severity is not Severity.NOTE]
    state = "held" if recipient.hold else "stopped" if any(problem.stops for problem in found) else ""
    return ListRowView(recipient, found, state, recipient.hold), raw


def _column(visit: Visit) -> str:
    column = visit.path["column"]
    if column not in _COLUMNS:
        raise missing("The list has no such column.")
    return column


def save_cell(visit: Visit) -> Response:
    """Write a cell, and answer with it as it is then; a refusal leaves the form open with the reason."""
    opened, identifier, column = visit.opened, visit.path["id"], _column(visit)
    said = visit.form.get("value", "")
    error = ""
    try:
        with opened.lock:
            # With what the cell said when the form was opened: a change on disk meanwhile is refused, and not
            # overwritten.
            set_cells(opened.list_path, identifier, {column: said}, {column: visit.form.get("was", "")})
    except CannotGoOn as refused:
        error = str(refused)
    view, raw = _alone(visit)
    if error:
        was = raw.get(column, "")
        return visit.part("part/cell_form.html", row=view, column=column, error=error, said=said, was=was)
    return visit.part("part/cell.html", row=view, column=column)


def save_row(visit: Visit) -> Response:
    """Write the cells of a row that were changed."""
    recipient = _known(visit)
    names = [name[5:] for name in visit.form if name.startswith("cell-")]
    # An id is what all files and records are named by; a hold has a form of its own, with a reason.
    cells = {name: visit.form[f"cell-{name}"] for name in names if name not in ("id", "hold")}
    changed = {name: value for name, value in cells.items() if value != visit.form.get(f"was-{name}")}
    written = _write(visit.opened, recipient.id, changed, {name: visit.form.get(f"was-{name}", "") for name in changed})
    visit.opened.tell(f"{recipient.id}: {', '.join(written)} changed." if written else "Nothing was changed.")
    return go(f"/list/row/{recipient.id}")


def hold(visit: Visit) -> Response:
    """Hold a row with a reason, or let it go where the reason is empty."""
    recipient = _known(visit)
    reason = visit.form.get("reason", "").strip()
    # An empty reason could be a slip: to let a letter go is a button of its own.
    if not reason and visit.form.get("release") != "yes":
        raise CannotGoOn(Exit.WRONG_CALL, "a letter is held with a reason", "write why")
    _write(visit.opened, recipient.id, {"hold": reason}, {})
    visit.opened.tell(f"{recipient.id} is held: {reason}" if reason else f"{recipient.id} is no longer held.")
    back = visit.form.get("back", "")
    return go(f"/review/{recipient.id}" if back == "review" else f"/list/row/{recipient.id}")


def _write(opened: OpenCampaign, identifier: str, cells: Mapping[str, str], were: Mapping[str, str]) -> list[str]:
    with opened.lock:
        return set_cells(opened.list_path, identifier, cells, were)


def doubles(visit: Visit) -> Response:
    """Answer with the pairs of the list."""
    pairs = _open_pairs(visit.opened)
    return visit.page("doubles.html", "Doubles", pairs=pairs[:_SHOWN], more=len(pairs[_SHOWN:]))


def judge(visit: Visit) -> Response:
    """Keep that two rows are two, or hold one of them."""
    opened, form = visit.opened, visit.form
    one, other, said = (form.get(name, "") for name in ("one", "other", "said"))
    known = {recipient.id for recipient in opened.view().loaded.recipients}
    # The list may have changed since the page was shown.
    if not {one, other} <= known or said not in ("two", "hold-one", "hold-other"):
        raise CannotGoOn(Exit.WRONG_CALL, "these rows are no longer in the list", "look at the list again")
    with opened.lock:
        if said == "two":
            decisions = read_decisions(opened.folder)
            # In list-decisions.toml, where imports and letters recipients check find it, too.
            answers = {**decisions.answers, double_key(one, other): False}
            write_decisions(opened.folder, Decisions(decisions.columns, answers))
            opened.tell(f"{one} and {other} are two.")
        else:
            held, kept = (one, other) if said == "hold-one" else (other, one)
            set_cells(opened.list_path, held, {"hold": f"the same office as {kept}"}, {})
            opened.tell(f"{held} is held: the same office as {kept}.")
    return go("/list/doubles")


def _open_pairs(opened: OpenCampaign) -> list[Pair]:
    """Return the pairs of the list that may be one office, the most alike first, without those that were judged."""
    recipients = opened.view().loaded.recipients
    found = opened.kept_of_files("doubles", lambda: most_alike_first(recipients))
    # Read anew: it is a small file, and somebody may answer in the terminal.
    judged = read_decisions(opened.folder).answers
    return [each for each in found if double_key(each.one.id, each.other.id) not in judged]
