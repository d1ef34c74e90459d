"""The commands for the list: bring one in, take the import back, look at it, check it, join facts to it."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from letters.cli import screen
from letters.cli.options import (
    HERE,
    OUT,
    CampaignOption,
    HeaderOption,
    JsonOption,
    MapOption,
    SheetOption,
    WhereOption,
    read_columns,
    today,
)
from letters.formats.files import make_folder, write_whole
from letters.model.problems import CannotGoOn, Exit, list_lines, many
from letters.model.records import DOCX, PDF, Recipient
from letters.read.folder import campaign_file

if TYPE_CHECKING:
    from letters.recipients.agreements import Joined
    from letters.recipients.history import Repair
    from letters.recipients.importing import CellChange, ImportPlan, Question


YesOption = Annotated[bool, typer.Option("--yes", help="Take every proposal without asking.")]
DryOption = Annotated[bool, typer.Option("--dry-run", help="Show what would be done, and write nothing.")]
FileArgument = Annotated[Path, typer.Argument(help="CSV, TSV, XLSX, XLS or ODS.", metavar="FILE")]
_FEW, _CHANGES, _HELD, _STALE = 3, 20, 10, 8
"""Repairs of a kind, changes, new rows that are held, and letters out of date that the screen shows without --all."""
_BY_NAME = 100
"""How alike two names of an agency are that are one, in percent."""


def place(campaign: Path) -> tuple[Path, Path, tuple[str, ...]]:
    """Return the campaign's folder, the path of its list, and the offices that it can address.

    Raises CannotGoOn where the campaign cannot be read.
    """
    from letters.read.campaign import FORMS, offices_of, read_campaign, read_forms
    from letters.read.toml import read_toml

    path = campaign_file(campaign)
    settings, problems = read_campaign(read_toml(path, path.name), path.parent)
    if settings is None:
        screen.print_plain_problems(problems)
        raise CannotGoOn(Exit.PROBLEMS, "the campaign cannot be read before these are fixed", "letters check")
    shown = settings.templates.as_posix()
    forms, _ = read_forms(read_toml(path.parent / settings.templates / FORMS, f"{shown}/{FORMS}"))
    return path.parent, path.parent / settings.recipients, offices_of(forms)


def import_list(
    file: FileArgument,
    sheet: SheetOption = "",
    header: HeaderOption = None,
    maps: MapOption = None,
    dry_run: DryOption = False,
    yes: YesOption = False,
    every: Annotated[bool, typer.Option("--all", help="Show every repair, not three of each kind.")] = False,
    campaign: CampaignOption = HERE,
) -> None:
    """Bring a list in, or next month's file of the same list.

    First everything is read, cleaned and compared, and you see what would be done: each column with the evidence, each
    repair, what is new, changed or gone. Only what you agree to is written. Cells that you changed by hand stay; rows
    are never removed; what holds a letter back stays. Answers are kept in list-decisions.toml and used again.

    Example: letters recipients import chiefs.xlsx --dry-run
    """
    from letters.recipients.history import Decisions, former_imports, read_decisions
    from letters.recipients.importing import answered, apply_plan, plan_import

    folder, listed, offices = place(campaign)

    def planned(known: Decisions) -> ImportPlan:
        content = listed.read_bytes() if listed.exists() else None
        imports, columns = former_imports(folder), read_columns(maps or [])
        return plan_import(file, content, imports, offices, known, sheet=sheet, header=header, columns=columns)

    # Answers of earlier imports count, so that the same question comes once.
    plan = planned(read_decisions(folder))
    show_plan(plan, every=every)
    for name, stale in _made_of(folder, {change.id for change in plan.changed}):
        shown = ", ".join(stale[:_STALE]) + (" …" if len(stale) > _STALE else "")
        screen.say(f"out of date then: {many(len(stale), 'letter')} of {name} ({shown})")
    if dry_run:
        print("Nothing was written.", file=sys.stderr)
        return
    if plan.questions and not yes and not sys.stdin.isatty():
        hint = "--yes takes the proposals; or answer in list-decisions.toml"
        raise CannotGoOn(Exit.PROBLEMS, f"nothing was written: {many(len(plan.questions), 'question')} open", hint)
    plan = answered(plan, (lambda question: question.proposal) if yes else yes_or_no, planned)
    if apply_plan(plan, file, folder, listed, plan.decisions):
        screen.say(f"{listed.name}: {plan.forecast}; to take it back: letters recipients undo")
    else:
        screen.say(f"{listed.name} is up to date: 0 changes")
    print(listed)


def undo(campaign: CampaignOption = HERE, yes: YesOption = False) -> None:
    """Bring back the list as it was before the last import.

    Where the list was changed since, this is refused; with --yes the changed list is kept in list-history/.

    Example: letters recipients undo
    """
    from letters.recipients.history import undo as undo_last

    folder, listed, _ = place(campaign)
    record = undo_last(folder, listed, even_if_changed=yes)
    print(f"{listed.name} is as it was before the import of {record.file}", file=sys.stderr)
    print(listed)


def check(
    xlsx: Annotated[
        Path | None,
        typer.Option(
            "--xlsx", help="Write the list as a workbook, doubtful cells marked, to be imported back.", metavar="FILE"
        ),
    ] = None,
    held: Annotated[bool, typer.Option("--held", help="With --xlsx: only the rows that are held back.")] = False,
    json: JsonOption = False,
    campaign: CampaignOption = HERE,
) -> None:
    """Check the list alone: every row, and rows that may be one official twice.

    With --xlsx the list is written as a workbook with the doubtful cells coloured and explained; correct it there, and
    bring it back with "letters recipients import".

    Example: letters recipients check --xlsx to-do.xlsx
    """
    from letters.recipients.exporting import write_worksheet
    from letters.recipients.matching import check_list

    folder, listed, offices = place(campaign)
    recipients, problems = check_list(listed, listed.relative_to(folder).as_posix(), offices)
    if json:
        screen.print_json(screen.problems_as_data(None, problems) | {"recipients": len(recipients)})
    else:
        screen.print_list_problems(recipients, problems)
    if xlsx:
        count = write_worksheet(xlsx, recipients, problems, only_held=held)
        print(f"{many(count, 'row')}; correct them, then: letters recipients import {xlsx}", file=sys.stderr)
        print(xlsx)
    if any(problem.stops for problem in problems):
        sys.exit(Exit.PROBLEMS)


def show_list(
    where: WhereOption = "",
    json: JsonOption = False,
    campaign: CampaignOption = HERE,
) -> None:
    """List the recipients, or those for which an expression is true.

    An expression compares columns: office == "sheriff" and agreement_287g, or: not zip. A held row has a text in hold.

    Example: letters recipients list --where 'office == "sheriff" and agreement_287g'
    """
    _, found, counted = _chosen(campaign, where)
    if json:
        screen.print_json([dict(recipient.columns) for recipient in found])
    else:
        heads = ("id", "name", "agency", "city", "state", "zip", "agreement", "held back")
        screen.print_table(heads, [_list_row(recipient) for recipient in found])
    screen.say(counted)


def show_map(
    where: WhereOption = "",
    out: Annotated[
        Path | None, typer.Option("--out", help="The file. [default: out/list-map.html]", metavar="FILE")
    ] = None,
    campaign: CampaignOption = HERE,
) -> None:
    """Write the list as one page for a browser: a table to sort, and a map.

    The map has a dot for each row at the place of its ZIP code, on the ground of all ZIP codes of its states. The page
    loads nothing from anywhere, and can be sent to somebody as it is.

    Example: letters recipients map --where 'agreement_287g'
    """
    from letters.recipients.exporting import list_map

    listed, found, counted = _chosen(campaign, where)
    path = out or campaign_file(campaign).parent / OUT / "list-map.html"
    make_folder(path.parent)
    write_whole(path, list_map(found, f"{listed.name}: {where}" if where else listed.name).encode())
    screen.say(counted)
    print(path)


def _chosen(campaign: Path, where: str) -> tuple[Path, Sequence[Recipient], str]:
    """Return the path of the list, the recipients for which an expression is true, and how many of all they are."""
    from letters.campaign.project import chosen
    from letters.read.recipients import read_recipients

    folder, listed, offices = place(campaign)
    recipients, columns, _ = read_recipients(listed, listed.relative_to(folder).as_posix(), offices)
    found = chosen(recipients, columns, where)
    return listed, found, f"{len(found):,} of {many(len(recipients), 'recipient')}"


def set_row(
    identifier: Annotated[str, typer.Argument(help="The row, by id.", metavar="ID")],
    cells: Annotated[list[str], typer.Argument(help="What its cells say from now on.", metavar="COLUMN=VALUE...")],
    campaign: CampaignOption = HERE,
) -> None:
    """Set cells of one row of the list; every other byte of the list stays as it is.

    A letter is held with a reason, hold="no chief at present", and let go with an empty one: hold=

    Example: letters recipients set adrian-police city=Adrian hold="no chief at present"
    """
    from letters.recipients.history import set_cells

    _, listed, _ = place(campaign)
    wanted = {}
    for each in cells:
        column, equals, value = each.partition("=")
        if not equals:
            raise CannotGoOn(Exit.WRONG_CALL, f'"{each}" is not COLUMN=VALUE', "such as city=Adrian")
        wanted[column.strip()] = value
    changed = set_cells(listed, identifier, wanted, {})
    print(f"{identifier}: {', '.join(changed)} changed" if changed else f"{identifier}: nothing changed")


def join_287g(
    file: Annotated[Path, typer.Argument(help="ICE's list of participating agencies, XLSX or CSV.", metavar="FILE")],
    as_of: Annotated[
        str,
        typer.Option("--as-of", help="The list's date, as 2025-09-17. [default: from the file's name]", metavar="DATE"),
    ] = "",
    dry_run: DryOption = False,
    yes: YesOption = False,
    every: Annotated[bool, typer.Option("--all", help="Show every agency of ICE's list, not a few.")] = False,
    campaign: CampaignOption = HERE,
) -> None:
    """Join ICE's list of 287(g) agreements to the list.

    Writes the model, the signing date and the list's date, and "none" for agencies that the list surely covers. What is
    not sure is asked, and never taken without a yes. A later list shows what changed.

    Example: letters recipients join-287g participatingAgencies09172025pm.xlsx --as-of 2025-09-17
    """
    from letters.recipients.agreements import join_agreements, list_date, write_joined

    folder, listed, _ = place(campaign)
    date = list_date(as_of, file.name, today())
    joined = join_agreements(file, listed, folder, date.isoformat(), accept_all=yes)
    _show_joined(joined, folder, every=every)
    if dry_run:
        print("Nothing was written.", file=sys.stderr)
        return
    # An agreement decides which paragraph a letter has: never taken without a yes.
    if joined.questions and not yes:
        if not sys.stdin.isatty():
            hint = "--yes takes them as proposed; or answer in list-decisions.toml"
            count = many(len(joined.questions), "question")
            raise CannotGoOn(Exit.PROBLEMS, f"nothing was written: {count} open", hint)
        answers = {question.key: yes_or_no(question) for question in joined.questions}
        joined = join_agreements(file, listed, folder, date.isoformat(), answers=answers)
    write_joined(joined, listed, folder)
    print(listed)


def show_plan(plan: ImportPlan, *, every: bool = False) -> None:
    """Print a plan on stderr."""
    source = plan.source
    where = f', sheet "{source.sheet}"' if source.sheet else ""
    screen.say(f"{source.name}{where}: {many(len(source.rows), 'row')}")
    for remark in source.remarks:
        screen.say(f"  {remark}")
    if plan.repeated:
        screen.say(f"  lines {list_lines(plan.repeated)} say exactly what an earlier one says and are left out")
    _show_columns(plan)
    _show_repairs(plan.repairs, every=every)
    if plan.questions:
        screen.say("\nQuestions")
        for question in plan.questions:
            _show_question(question)
    _show_forecast(plan, every=every)


def _show_columns(plan: ImportPlan) -> None:
    screen.say("\nColumns")
    for proposal in plan.proposals:
        # Empty columns at the right, as spreadsheets have them.
        if not proposal.samples and not proposal.heading:
            continue
        called = f'"{proposal.heading}"' if proposal.heading else f"column {proposal.number + 1}"
        target = proposal.target or "kept as it is"
        fit = f", {proposal.share:.0%} fit" if proposal.target and proposal.share < 1 else ""
        unlike = f"; unlike: {', '.join(proposal.misfits)}" if proposal.misfits else ""
        screen.say(f"  {called} → {target} ({proposal.why or 'not known'}{fit}): {', '.join(proposal.samples)}{unlike}")


def _show_forecast(plan: ImportPlan, *, every: bool) -> None:
    if plan.held:
        screen.say(f"\n{many(len(plan.held), 'new row')} will be held back until somebody has looked")
        for identifier, reason in plan.held if every else plan.held[:_HELD]:
            screen.say(f"  {identifier}: {reason}")
        if len(plan.held) > _HELD and not every:
            screen.say(f"  and {len(plan.held) - _HELD} more (--all)")
    for identifier, column, reason in plan.doubts[:_HELD]:
        screen.say(f"  {identifier}: {column}: {reason}")
    screen.say(f"\n{plan.forecast}")
    _show_changes(plan.changed, every=every)
    if plan.gone:
        screen.say(f"  gone from the file: {', '.join(plan.gone[:_HELD])}{' …' if len(plan.gone) > _HELD else ''}")


def _show_changes(changes: Sequence[CellChange], *, every: bool) -> None:
    """Print which cells change; equal changes of many rows in one line."""
    alike: defaultdict[tuple[str, str, str], list[str]] = defaultdict(list)
    for change in changes:
        alike[change.column, change.was, change.now].append(change.id)
    lines = []
    for (column, was, now), ids in alike.items():
        what = f'{column}: "{was}" becomes "{now}"'
        if len(ids) > _FEW and not every:
            lines.append(f"{len(ids):,} rows: {what} ({', '.join(ids[:_FEW])} …)")
        else:
            lines += [f"{identifier}: {what}" for identifier in ids]
    # The list is compared cell by cell: a new spelling of a county changes hundreds.
    for line in lines if every else lines[:_CHANGES]:
        screen.say(f"  {line}")
    if len(lines) > _CHANGES and not every:
        screen.say(f"  and {len(lines) - _CHANGES:,} more (--all)")


def _show_repairs(repairs: list[Repair], *, every: bool) -> None:
    by_rule: defaultdict[str, list[Repair]] = defaultdict(list)
    for repair in repairs:
        by_rule[repair.rule].append(repair)
    if by_rule:
        screen.say("\nRepairs")
    for rule, found in by_rule.items():
        rows = len({repair.line for repair in found})
        screen.say(f"  {many(rows, 'row')}: {rule} ({found[0].sureness})")
        for repair in found if every else found[:_FEW]:
            screen.say(f'      line {repair.line}, {repair.column}: "{repair.was}" → "{repair.now}"')


def _show_question(question: Question) -> None:
    """Print a question with what is proposed."""
    rows = f" ({many(question.rows, 'row')})" if question.rows > 1 else ""
    screen.say(f"  {question.text}{rows}  [{'yes' if question.proposal else 'no'}]")
    for example in question.examples:
        screen.say(f"      {example}")


def yes_or_no(question: Question) -> bool:
    """Ask a question on stderr, and read yes or no; raises CannotGoOn where nobody answers."""
    _show_question(question)
    while True:
        print(f"yes or no [{'yes' if question.proposal else 'no'}]: ", end="", file=sys.stderr, flush=True)
        line = sys.stdin.readline()
        said = line.strip().lower()
        # The end of the input, and no empty line: nobody will answer.
        if not line:
            raise CannotGoOn(Exit.PROBLEMS, "nothing was written: a question has no answer", "")
        if said in ("", "y", "yes", "n", "no"):
            return question.proposal if not said else said.startswith("y")


def _made_of(folder: Path, ids: Iterable[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield each letter of a campaign, by name, with those of these recipients for whom it is made."""
    for out in sorted((folder / OUT).glob("*/")):
        made = {path.stem for medium in (PDF, DOCX) for path in (out / medium).glob("*")}
        if found := sorted(made.intersection(ids)):
            yield out.name, found


def _list_row(recipient: Recipient) -> tuple[str, ...]:
    """Return a recipient as a row of a table."""
    return (
        recipient.id,
        recipient.full_name or recipient["office"],
        *(recipient[column] for column in ("agency", "city", "state", "zip", "agreement_287g")),
        recipient.hold,
    )


def _show_joined(joined: Joined, folder: Path, *, every: bool) -> None:
    """Print what a join finds: matched, to be asked, without a row, what changes and what that makes wrong."""
    screen.say(
        f"{joined.agreements:,} agreements; {joined.in_states:,} in the states of the list ({', '.join(joined.states)})"
    )
    for match in joined.matched:
        # Those that both lists name alike are among the changes below.
        if every or match.score < _BY_NAME:
            screen.say(
                f"  {match.identifier}: {match.model}, signed {match.signed} ({match.score:.0f} %, as {match.listed})"
            )
    for question in joined.questions:
        _show_question(question)
    for name in joined.unmatched if every else joined.unmatched[:_FEW]:
        screen.say(f"  no row of the list is like {name}")
    if len(joined.unmatched) > _FEW and not every:
        screen.say(f"  nor like {len(joined.unmatched) - _FEW:,} more (--all)")
    # "none" is written only where it is sure: unknown is not no.
    if joined.uncovered:
        screen.say(f"{joined.uncovered:,} rows are left unknown: an agreement of their state could not be placed")
    screen.say(f"{len(joined.matched):,} with an agreement, {joined.none:,} none, by the list of {joined.date}")
    _show_changes(joined.changes, every=every)
    for letter, wrong in _made_of(folder, joined.changed_ids):
        screen.say(f"wrong then: {many(len(wrong), 'letter')} of {letter} ({', '.join(wrong[:_STALE])})")
