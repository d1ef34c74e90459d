"""Shows what an import or a join does: columns with their evidence, repairs, questions, the forecast."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from letters.cli import screen
from letters.model.problems import CannotGoOn, Exit, list_lines, many
from letters.model.records import Recipient

if TYPE_CHECKING:
    from letters.recipients.agreements import Joined
    from letters.recipients.cells import Repair
    from letters.recipients.importing import CellChange, ImportPlan, Question

_FEW, _CHANGES = 3, 20
_BY_NAME = 100
"""How alike two names of an agency are that are one, in percent."""


def show_plan(plan: ImportPlan, *, every: bool = False) -> None:
    """Print a plan on stderr."""
    say = screen.say
    source = plan.source
    where = f', sheet "{source.sheet}"' if source.sheet else ""
    say(f"{source.name}{where}: {many(len(source.rows), 'row')}")
    for remark in source.remarks:
        say(f"  {remark}")
    if plan.repeated:
        say(f"  lines {list_lines(plan.repeated)} say exactly what an earlier one says and are left out")
    _show_columns(plan)
    _show_repairs(plan.repairs, every=every)
    if plan.questions:
        say("\nQuestions")
        for question in plan.questions:
            show_question(question)
    _show_forecast(plan, every=every)


def _show_columns(plan: ImportPlan) -> None:
    say = screen.say
    say("\nColumns")
    for proposal in plan.proposals:
        if not proposal.samples and not proposal.heading:
            continue
        called = f'"{proposal.heading}"' if proposal.heading else f"column {proposal.number + 1}"
        target = proposal.target or "kept as it is"
        fit = f", {proposal.share:.0%} fit" if proposal.target and proposal.share < 1 else ""
        unlike = f"; unlike: {', '.join(proposal.misfits)}" if proposal.misfits else ""
        say(f"  {called} → {target} ({proposal.why or 'not known'}{fit}): {', '.join(proposal.samples)}{unlike}")


def _show_forecast(plan: ImportPlan, *, every: bool) -> None:
    say = screen.say
    if plan.held:
        say(f"\n{many(len(plan.held), 'new row')} will be held back until somebody has looked")
        for identifier, reason in plan.held if every else plan.held[:10]:
            say(f"  {identifier}: {reason}")
        if len(plan.held) > 10 and not every:
            say(f"  and {len(plan.held) - 10} more (--all)")
    for identifier, column, reason in plan.doubts[:10]:
        say(f"  {identifier}: {column}: {reason}")
    say(f"\n{plan.forecast}")
    _show_changes(plan.changed, every=every)
    if plan.gone:
        say(f"  gone from the file: {', '.join(plan.gone[:10])}{' …' if len(plan.gone) > 10 else ''}")


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


def show_question(question: Question) -> None:
    """Print a question with what is proposed."""
    rows = f" ({many(question.rows, 'row')})" if question.rows > 1 else ""
    screen.say(f"  {question.text}{rows}  [{'yes' if question.proposal else 'no'}]")
    for example in question.examples:
        screen.say(f"      {example}")


def yes_or_no(question: Question) -> bool:
    """Ask a question on stderr, and read yes or no; raises CannotGoOn where nobody answers."""
    show_question(question)
    while True:
        print(f"yes or no [{'yes' if question.proposal else 'no'}]: ", end="", file=sys.stderr, flush=True)
        line = sys.stdin.readline()
        said = line.strip().lower()
        if not line:
            raise CannotGoOn(Exit.PROBLEMS, "nothing was written: a question has no answer", "")
        if said in ("", "y", "yes", "n", "no"):
            return question.proposal if not said else said.startswith("y")


def show_outdated(folder: Path, plan: ImportPlan) -> None:
    """Print which letters that have been made will be out of date."""
    changed = {change.id for change in plan.changed}
    for out in sorted((folder / "out").glob("*/")):
        made = {path.stem for kind in ("pdf", "docx") for path in (out / kind).glob("*")}
        if stale := sorted(changed & made):
            shown = ", ".join(stale[:8]) + (" …" if len(stale) > 8 else "")
            screen.say(f"out of date then: {many(len(stale), 'letter')} of {out.name} ({shown})")


def show_done(plan: ImportPlan, listed: Path, *, changed: bool) -> None:
    """Print what was written."""
    if not changed:
        screen.say(f"{listed.name} is up to date: 0 changes")
    else:
        screen.say(f"{listed.name}: {plan.forecast}; to take it back: letters recipients undo")
    print(listed)


def list_row(recipient: Recipient) -> tuple[str, ...]:
    """Return a recipient as a row of a table."""
    return (
        recipient.id,
        recipient.full_name or recipient["office"],
        *(recipient[column] for column in ("agency", "city", "state", "zip", "agreement_287g")),
        recipient.hold,
    )


def show_joined(joined: Joined, folder: Path, *, every: bool) -> None:
    """Print what a join finds: matched, to be asked, without a row, what changes and what that makes wrong."""
    say = screen.say
    say(
        f"{joined.agreements:,} agreements; {joined.in_states:,} in the states of the list ({', '.join(joined.states)})"
    )
    for match in joined.matched:
        # Those that both lists name alike are among the changes below.
        if every or match.score < _BY_NAME:
            say(f"  {match.identifier}: {match.model}, signed {match.signed} ({match.score:.0f} %, as {match.listed})")
    for question in joined.questions:
        show_question(question)
    for name in joined.unmatched if every else joined.unmatched[:_FEW]:
        say(f"  no row of the list is like {name}")
    if len(joined.unmatched) > _FEW and not every:
        say(f"  nor like {len(joined.unmatched) - _FEW:,} more (--all)")
    if joined.uncovered:
        say(f"{joined.uncovered:,} rows are left unknown: an agreement of their state could not be placed")
    say(f"{len(joined.matched):,} with an agreement, {joined.none:,} none, by the list of {joined.date}")
    _show_changes(joined.changes, every=every)
    changed = set(joined.changed_ids)
    for out in sorted((folder / "out").glob("*/")):
        made = {path.stem for kind in ("pdf", "docx") for path in (out / kind).glob("*")}
        if stale := sorted(changed & made):
            say(f"wrong then: {many(len(stale), 'letter')} of {out.name} ({', '.join(stale[:8])})")
