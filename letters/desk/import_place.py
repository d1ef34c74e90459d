"""The ways a list comes in: columns told, questions answered, a forecast taken over; and the join of ICE's list."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from starlette.responses import Response

from letters.desk.opened import ImportedFile, OpenCampaign
from letters.desk.visit import Visit, answers_in, go, of_token, place_of, uploaded
from letters.model.problems import CannotGoOn, Exit
from letters.recipients.agreements import Joined, join_agreements, list_date, write_joined
from letters.recipients.headings import FURTHER, IGNORED
from letters.recipients.history import COLUMNS, Decisions, Repair, former_imports, hash_of, parse_list, read_decisions
from letters.recipients.history import undo as undo_last
from letters.recipients.importing import ImportPlan, apply_plan, plan_import
from letters.recipients.matching import new_pairs

# What fits a screen: with 23,000 rows a page of all of them was a megabyte.
_ROWS_SHOWN = 8
_REPAIRS_SHOWN = 40
_CHANGES_SHOWN = 100
_TARGETS = (*COLUMNS, *FURTHER)
"""What a column may be taken for."""
_SHOWN = 200
"""Changes and agencies that are listed."""


@dataclass(frozen=True, slots=True)
class RepairKind:
    """The repairs by one rule."""

    rule: str
    sureness: str
    repairs: Sequence[Repair]

    @property
    def rows(self) -> int:
        """How many rows have one."""
        return len({repair.line for repair in self.repairs})

    @property
    def shown(self) -> Sequence[Repair]:
        """The first of them."""
        return self.repairs[:_REPAIRS_SHOWN]


def begin(visit: Visit) -> Response:
    """Answer with the page where a file is dropped."""
    return visit.page("import.html", "Bring in a list")


def bring(visit: Visit) -> Response:
    """Take a file, and go on to what was read in it."""
    path = uploaded(visit)
    if path is None:
        raise CannotGoOn(Exit.WRONG_CALL, "no file was chosen", "drop a spreadsheet, or choose one")
    visit.opened.imports[path.parent.name] = ImportedFile(path)
    return go(f"/import/{path.parent.name}")


def _planned(opened: OpenCampaign, each: ImportedFile) -> tuple[ImportPlan, Path]:
    """Return the plan of an import, and the path of the list."""
    listed, offices = place_of(opened)
    known = read_decisions(opened.folder)
    # What is said now goes before what was said at former imports, and is kept only when it is taken over.
    decisions = Decisions({**known.columns, **each.columns}, {**known.answers, **each.answers})
    content = listed.read_bytes() if listed.exists() else None
    # A plan of many thousand rows takes seconds: it is made again where something that it depends on changed.
    imports = former_imports(opened.folder)
    key = (each.path, each.sheet, each.header, content, imports, decisions, offices)
    if opened.plan[0] != key:
        plan = plan_import(each.path, content, imports, offices, decisions, sheet=each.sheet, header=each.header)
        opened.plan = key, plan
    return opened.plan[1], listed


def look(visit: Visit) -> Response:
    """Answer with what was read in a file, and what would become of the list."""
    each = of_token(visit)
    try:
        plan, listed = _planned(visit.opened, each)
    except CannotGoOn as error:
        return visit.page(
            "import_cannot.html", "Bring in a list", 409, error=error, each=each, token=visit.path["token"]
        )
    first = plan.rows[0].cells if plan.rows else {}
    return visit.page(
        "import_plan.html",
        "Bring in a list",
        each=each,
        plan=plan,
        token=visit.path["token"],
        listed=listed.name,
        label=_label(first),
        targets=_TARGETS,
        ignored=IGNORED,
        repairs=_repairs(plan),
        first_rows=[row.cells for row in plan.source.rows[:_ROWS_SHOWN]],
        changes=plan.changed[:_CHANGES_SHOWN],
        pairs=new_pairs(parse_list(plan.content)[1], plan.new),
        most=_CHANGES_SHOWN,
        outdated=_outdated(visit.opened, plan),
    )


def _label(cells: Mapping[str, str]) -> list[str]:
    """Return the address of a row as on an envelope."""
    name = " ".join(filter(None, (cells.get(key, "") for key in ("title", "first_name", "last_name", "suffix"))))
    last = " ".join(filter(None, (f"{cells.get('city', '')},", cells.get("state", ""), cells.get("zip", ""))))
    lines = (name, cells.get("agency", ""), cells.get("address1", ""), cells.get("address2", ""), last.strip(", "))
    return [line for line in lines if line]


def _repairs(plan: ImportPlan) -> list[RepairKind]:
    by_rule: defaultdict[tuple[str, str], list[Repair]] = defaultdict(list)
    for repair in plan.repairs:
        by_rule[repair.rule, str(repair.sureness)].append(repair)
    return [RepairKind(rule, sureness, found) for (rule, sureness), found in by_rule.items()]


def _outdated(opened: OpenCampaign, plan: ImportPlan) -> list[str]:
    """Return the letters that are made and will be out of date."""
    # Without a campaign that can be read nothing is made, and nothing out of date.
    if opened.view().project is None:
        return []
    changed = {change.id for change in plan.changed}
    return [identifier for identifier, each in opened.standings().items() if identifier in changed and each.pdf_sha256]


def answer(visit: Visit) -> Response:
    """Take down what was said of columns and questions, and show what follows from it."""
    each = of_token(visit)
    form = visit.form
    each.sheet = form.get("sheet", each.sheet)
    header = visit.number("header", -1)
    # 0 says that there are no headings; nothing leaves it to the program.
    each.header = None if header < 0 else header
    for name, value in form.items():
        kind, _, number = name.partition("-")
        heading = form.get(f"heading-{number}") if kind == "column" else None
        if heading and value != form.get(f"was-{number}"):
            each.columns[heading] = value
    each.answers.update(answers_in(form))
    return go(f"/import/{visit.path['token']}")


def take(visit: Visit) -> Response:
    """Take the plan over that was shown: it is refused where the file or the list is not what it was made from."""
    each = of_token(visit)
    opened = visit.opened
    with opened.lock:
        plan, listed = _planned(opened, each)
        # The page has no button then; a form can be sent all the same.
        if plan.questions:
            opened.tell("Questions are open: answer them first, and look at the forecast.", "bad")
            return go(f"/import/{visit.path['token']}")
        # What is written is what was seen: the hashes of both stood on the page.
        if plan.list_sha256 != visit.form.get("list") or plan.forecast != visit.form.get("forecast"):
            opened.tell("The list was changed meanwhile: look at the forecast again. Nothing was written.", "bad")
            return go(f"/import/{visit.path['token']}")
        changed = apply_plan(plan, each.path, opened.folder, listed, plan.decisions)
    del opened.imports[visit.path["token"]]
    opened.tell(f"{listed.name}: {plan.forecast}." if changed else f"{listed.name} is up to date: nothing changed.")
    return go("/list")


def undo(visit: Visit) -> Response:
    """Bring back the list as it was before the last import."""
    opened = visit.opened
    with opened.lock:
        listed, _ = place_of(opened)
        record = undo_last(opened.folder, listed, even_if_changed=False)
    opened.tell(f"{listed.name} is as it was before {record.file} was brought in.")
    return go("/list")


def begin_agreements(visit: Visit) -> Response:
    """Answer with the page where ICE's list is dropped."""
    return visit.page("agreements.html", "Agreements")


def bring_agreements(visit: Visit) -> Response:
    """Take ICE's list, and go on to what it changes."""
    path = uploaded(visit)
    if path is None:
        raise CannotGoOn(Exit.WRONG_CALL, "no file was chosen", "drop ICE's workbook, or choose it")
    date = list_date(visit.form.get("date", "").strip(), path.name, visit.opened.today())
    visit.opened.imports[path.parent.name] = ImportedFile(path, date=date.isoformat())
    return go(f"/agreements/{path.parent.name}")


def look_agreements(visit: Visit) -> Response:
    """Answer with which rows have an agreement, what is to be asked, and what would become of the list."""
    joined = _joined(visit)
    return visit.page(
        "agreements_plan.html",
        "Agreements",
        joined=joined,
        token=visit.path["token"],
        # Names that both lists write alike need no look.
        near=[match for match in joined.matched if match.score < 100],
        list_hash=hash_of(joined.before),
        most=_SHOWN,
    )


def _joined(visit: Visit) -> Joined:
    each = of_token(visit)
    listed, _ = place_of(visit.opened)
    return join_agreements(each.path, listed, visit.opened.folder, each.date, answers=each.answers)


def answer_agreements(visit: Visit) -> Response:
    """Take down what was said of the questions, and show what follows from it."""
    of_token(visit).answers.update(answers_in(visit.form))
    return go(f"/agreements/{visit.path['token']}")


def take_agreements(visit: Visit) -> Response:
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
