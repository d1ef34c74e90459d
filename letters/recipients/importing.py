"""Plans an import, and makes exactly the plan: read, map, clean, match with the list, compare three ways, forecast."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from letters.formats.files import write_whole
from letters.model.problems import CannotGoOn, Exit, did_you_mean
from letters.recipients import history
from letters.recipients.agencies import numbered
from letters.recipients.headings import FULL_NAME, FURTHER, IGNORED, RELEASE, Proposal, propose
from letters.recipients.history import (
    COLUMNS,
    Decisions,
    ImportRecord,
    ListRow,
    Repair,
    Rows,
    Sureness,
    write_decisions,
)
from letters.recipients.matching import match_rows
from letters.recipients.rows import make_rows
from letters.recipients.source import ListSource, read_source, without_columns, without_struck
from letters.recipients.workbook import HIDDEN_COLUMNS, HIDDEN_ROWS, SHEET, SHEETS, STRUCK_CELLS, STRUCK_ROWS

_KEPT = ("id", "hold")
"""Columns that an import never changes in a row that is there."""
_NOT_IN = "not in "
"""How the reason begins for which a row is held that a later file had no more."""


class Question(NamedTuple):
    """Something that a person must say yes or no to, once for all rows that it touches."""

    key: str
    """By which the answer is remembered."""
    text: str
    rows: int = 1
    proposal: bool = True
    """What is done where somebody accepts all proposals."""
    examples: tuple[str, ...] = ()


class CellChange(NamedTuple):
    """A cell of the list that an import changes."""

    id: str
    column: str
    was: str
    now: str


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What an import will do, bound to the file and to the list by their hashes."""

    source: ListSource
    proposals: tuple[Proposal, ...]
    rows: tuple[ListRow, ...]
    repeated: tuple[int, ...]
    questions: tuple[Question, ...]
    new: tuple[str, ...]
    changed: tuple[CellChange, ...]
    same: int
    gone: tuple[str, ...]
    held: tuple[tuple[str, str], ...]
    """New rows that are held, with the reason."""
    doubts: tuple[tuple[str, str, str], ...]
    """Doubts of rows that are there already: id, column, reason."""
    content: bytes
    """The list as it will be."""
    imported_rows: tuple[dict[str, str], ...]
    """What the file alone makes, for the next comparison."""
    list_sha256: str
    decisions: Decisions = field(default_factory=Decisions)

    @property
    def repairs(self) -> list[Repair]:
        """Return every repair, in the order of the file."""
        return [repair for row in self.rows for repair in row.repairs]

    @property
    def columns(self) -> tuple[tuple[str, str], ...]:
        """Return the headings of the file, each with what its column was taken for."""
        return tuple((each.heading, each.target) for each in self.proposals if each.heading and each.target)

    @property
    def imported(self) -> bytes:
        """Return what the file alone makes as a list."""
        return history.list_bytes(self.imported_rows)

    @property
    def is_idle(self) -> bool:
        """Return whether the list stays as it is."""
        return history.hash_of(self.content) == self.list_sha256

    @property
    def forecast(self) -> str:
        """Return the counts: "12 new · 4 changed · 436 same · 3 gone"."""
        changed = len({change.id for change in self.changed})
        return f"{len(self.new):,} new · {changed:,} changed · {self.same:,} same · {len(self.gone):,} gone"


class _Answers:
    """Collects questions, and answers them by what was decided, else by the proposal."""

    def __init__(self, decisions: Decisions) -> None:
        self._decided = decisions.answers
        self.asked: dict[str, Question] = {}

    def ask(self, question: Question) -> bool:
        """Return the answer that was given before, else the proposal; the question is then an open one."""
        if question.key in self._decided:
            return self._decided[question.key]
        known = self.asked.get(question.key)
        if known:
            question = known._replace(rows=known.rows + 1, examples=(*known.examples, *question.examples)[:3])
        self.asked[question.key] = question
        return question.proposal


def plan_import(
    path: Path,
    listed: bytes | None,
    imports: Sequence[Rows],
    offices: Collection[str],
    decisions: Decisions,
    *,
    sheet: str = "",
    header: int | None = None,
    columns: Mapping[str, str] | None = None,
) -> ImportPlan:
    """Plan an import of a file into a list, which is None where there is none yet. Nothing is written.

    `imports` is what former imports made of their files, the oldest first. Raises CannotGoOn where the file holds no
    list that can be understood.
    """
    source = read_source(path, sheet, header)
    given = {**decisions.columns, **(columns or {})}
    known = [*COLUMNS, *FURTHER, IGNORED]
    for target in given.values():
        if target not in ("", *known):
            raise CannotGoOn(Exit.WRONG_CALL, f'"{target}" is not a column of a list', did_you_mean(target, known))
    answers = _Answers(decisions)
    source = _as_answered(source, answers)
    proposals = propose(source.headings, [row.cells for row in source.rows], given)
    proposals = [_settled(proposal, answers) for proposal in proposals]
    _enough(proposals, source)
    rows = make_rows(source, proposals, offices, lambda rule: answers.ask(Question(rule, rule)))
    _show_examples(rows, answers)
    return _compared(source, proposals, rows, listed, imports, answers, Decisions(given, dict(decisions.answers)))


def _as_answered(source: ListSource, answers: _Answers) -> ListSource:
    """Return what is read of a file by the answers to its own questions.

    Raises CannotGoOn where another sheet or another encoding is wanted, which only the person can name.
    """
    for key, text in source.questions:
        is_yes = answers.ask(Question(key, text))
        if key == STRUCK_ROWS and is_yes:
            rows = tuple(row for row in source.rows if row.line not in source.struck_lines)
            source = source._replace(rows=rows)
        if key == STRUCK_CELLS and is_yes:
            source = without_struck(source)
        if is_yes or key in (STRUCK_ROWS, STRUCK_CELLS):
            continue
        if key == HIDDEN_ROWS:
            rows = tuple(row for row in source.rows if row.line not in source.hidden_lines)
            source = source._replace(rows=rows)
        elif key == HIDDEN_COLUMNS:
            source = without_columns(source, source.hidden_columns)
        elif key == SHEETS or key.startswith(SHEET):
            raise CannotGoOn(Exit.PROBLEMS, f'another sheet of "{source.name}" is wanted', "name it with --sheet")
        else:
            hint = 'save it as "CSV UTF-8", or as XLSX, and name that file'
            raise CannotGoOn(Exit.PROBLEMS, f'"{source.name}" is to be read in another encoding', hint)
    return source


def _show_examples(rows: Sequence[ListRow], answers: _Answers) -> None:
    """Give the questions about likely repairs examples of what they change."""
    shown: dict[str, list[str]] = {}
    for row in rows:
        for repair in row.repairs:
            if repair.sureness is Sureness.LIKELY:
                was = f'"{repair.was}"' if repair.was else f"nothing, for {row.cells.get('agency') or row.cells['id']},"
                shown.setdefault(repair.rule, []).append(f'{was} becomes "{repair.now}"')
    for rule, examples in shown.items():
        if rule in answers.asked:
            answers.asked[rule] = answers.asked[rule]._replace(examples=tuple(dict.fromkeys(examples))[:3])


def _settled(proposal: Proposal, answers: _Answers) -> Proposal:
    """Return a proposal as it is used: one that is not sure is asked; refused, its column is only kept."""
    if not proposal.target or proposal.sure:
        return proposal
    called = f'"{proposal.heading}"' if proposal.heading else f"number {proposal.number + 1}"
    fit = f"{proposal.share:.0%} of its values look like it"
    wrong = f", these do not: {', '.join(proposal.misfits)}" if proposal.misfits else ""
    text = f"is the column {called} {proposal.target}? {proposal.why}; {fit}{wrong}"
    key = f"column {proposal.heading or proposal.number + 1} is {proposal.target}"
    return proposal if answers.ask(Question(key, text, 1, True, proposal.samples)) else proposal._replace(target="")


def _enough(proposals: Sequence[Proposal], source: ListSource) -> None:
    """Raise CannotGoOn where nothing of the list was understood."""
    found = {proposal.target for proposal in proposals}
    if not found & {"agency", FULL_NAME, "last_name", "id"} or len(found - {""}) < 2:
        first = source.headings if source.header_line else source.rows[0].cells if source.rows else ()
        named = ", ".join(f'"{" ".join(cell.split())}"' for cell in first if cell)[:200]
        read = f"the headings read are {named}"
        if not source.header_line:
            read = f"no row of headings was found, which --header 1 names; the first row is {named}"
        hint = f"name them: --map HEADING=FIELD, such as --map Dept=agency; {read}"
        raise CannotGoOn(Exit.PROBLEMS, f'no column of "{source.name}" is known as an agency or a person', hint)


def _compared(
    source: ListSource,
    proposals: Sequence[Proposal],
    rows: list[ListRow],
    listed: bytes | None,
    imports: Sequence[Rows],
    answers: _Answers,
    decisions: Decisions,
) -> ImportPlan:
    former, ours = history.parse_list(listed) if listed is not None else ([], {})
    # A worksheet of ours came back: its hidden sheet has what the person saw, which the last import may not.
    if source.base:
        imports = [history.rows_of(source.base)]
    # A row is compared with what the last import made of it that had it: sheriffs and chiefs may come in two files.
    last = {identifier: cells for each in imports for identifier, cells in each.items()}
    # Ids that we made of names are believed only where the agency agrees.
    has_ids = any(proposal.target == "id" for proposal in proposals)

    def ask(key: str, text: str, proposal: bool) -> bool:
        return answers.ask(Question(key, text, 1, proposal))

    matched = match_rows(rows, ours, last, ask, has_ids=has_ids)
    result: Rows = {identifier: dict(cells) for identifier, cells in ours.items()}
    new, held, doubts, changed = [], [], [], []
    imported: list[dict[str, str]] = []
    for row in rows:
        released = row.cells.pop(RELEASE, "")
        if identifier := matched.get(row.line, ""):
            row.cells["id"] = identifier
            found = _three_ways(identifier, row.cells, ours[identifier], last.get(identifier), answers)
            if released and ours[identifier].get("hold"):
                found.append(CellChange(identifier, "hold", ours[identifier]["hold"], ""))
            changed += found
            result[identifier] |= {change.column: change.now for change in found}
            before = last.get(identifier)
            doubts += [
                (identifier, column, why)
                for column, why in row.doubts
                if before is None or before.get(column) != row.cells.get(column)
            ]
        else:
            if row.cells["id"] in result:
                row.cells["id"] = numbered(row.cells["id"], result)
            cells = dict(row.cells)
            if reason := "; ".join(why for _, why in row.doubts):
                cells["hold"] = cells.get("hold") or f"to be looked at: {reason}"
                held.append((cells["id"], cells["hold"]))
            result[cells["id"]] = cells
            new.append(cells["id"])
        imported.append({column: value for column, value in row.cells.items() if column != "hold"})
    met = set(matched.values())
    gone = _gone(source, rows, ours, met, imports, answers)
    for identifier, is_held in gone.items():
        if is_held and not ours[identifier].get("hold"):
            result[identifier]["hold"] = f"{_NOT_IN}{source.name}"
            changed.append(CellChange(identifier, "hold", "", result[identifier]["hold"]))
    kept_lines = {row.line for row in rows}
    content = history.list_bytes(result.values(), former)
    if listed is not None and not new and not changed:
        content = listed
    same = len(met) - len({change.id for change in changed} & met)
    return ImportPlan(
        source,
        tuple(proposals),
        tuple(rows),
        tuple(row.line for row in source.rows if row.line not in kept_lines),
        tuple(answers.asked.values()),
        tuple(new),
        tuple(changed),
        same,
        tuple(gone),
        tuple(held),
        tuple(doubts),
        content,
        tuple(imported),
        history.hash_of(listed) if listed is not None else "",
        decisions,
    )


def _gone(
    source: ListSource,
    rows: Sequence[ListRow],
    ours: Rows,
    met: Collection[str],
    imports: Sequence[Rows],
    answers: _Answers,
) -> dict[str, bool]:
    """Return the rows of the list that the file should have and has not, each with whether it is held back.

    A file is the next one of the import that shares most rows with it. A file that has none of the list's rows is
    another list, whose rows come beside those.
    """
    if ours and not met:
        others = [identifier for identifier, cells in ours.items() if not cells.get("hold")]
        states = {row.cells.get("state", "") for row in rows}
        here = {cells.get("state", "") for cells in ours.values()}
        text = f"{source.name} has none of the rows of the list: do those stay, and get letters, too? “no” holds them"
        key = f"rows of the list stay beside {source.name}"
        examples = tuple(ours[identifier].get("agency", "") for identifier in others[:3])
        # Rows of another state came with the campaign: its own list takes their place, if nobody says otherwise.
        stay = not others or answers.ask(
            Question(key, text, len(others), bool(imports) or bool(states & here), examples)
        )
        return {} if stay else dict.fromkeys(others, True)
    # The first of equals, and so the last import: a list that grew has all rows of the earlier ones, too.
    former = max(reversed(imports), key=lambda each: len(met & each.keys()), default={})
    there = (each for each in former if each not in met and each in ours)
    missing = [each for each in there if not ours[each].get("hold", "").startswith(_NOT_IN)]
    if not missing or not met & former.keys():
        return {}
    text = "rows are no longer in the file: hold them back? They are never removed"
    key = "hold rows that are gone"
    return {each: answers.ask(Question(key, text, 1, True, (each,))) for each in missing}


def _three_ways(
    identifier: str,
    theirs: Mapping[str, str],
    ours: Mapping[str, str],
    last: Mapping[str, str] | None,
    answers: _Answers,
) -> list[CellChange]:
    """Return the cells of a row that the file changes: those not changed by hand since the last import."""
    found = []
    for column, value in theirs.items():
        mine = ours.get(column, "")
        before = None if last is None else last.get(column, "")
        if column in _KEPT or value == mine:
            continue
        if before == value:
            continue  # the file says what it said before: what differs was changed by hand
        if not mine or before == mine or (value and _takes(identifier, column, mine, value, before, answers)):
            found.append(CellChange(identifier, column, mine, value))
    return found


def _takes(identifier: str, column: str, mine: str, value: str, before: str | None, answers: _Answers) -> bool:
    """Ask which of two values counts; the list's own is the proposal."""
    why = "different in the file and in the list" if before is None else "changed in the file and by hand"
    key = f"{identifier} {column}: {value} instead of {mine}"
    text = f'{identifier}, {column}: {why}; take "{value}" instead of "{mine}"?'
    return answers.ask(Question(key, text, 1, False))


def apply_plan(plan: ImportPlan, path: Path, folder: Path, listed: Path, decisions: Decisions) -> bool:
    """Write the list exactly as planned; return whether it was changed.

    Raises CannotGoOn where the file or the list is no longer what the plan was made from.
    """
    # The person has agreed to this plan, and to no other; meanwhile Excel may have saved the file.
    if history.hash_of(path.read_bytes()) != plan.source.sha256:
        raise CannotGoOn(Exit.PROBLEMS, f'"{path.name}" was changed after the plan was made', "run the import again")
    now = listed.read_bytes() if listed.exists() else None
    if (history.hash_of(now) if now is not None else "") != plan.list_sha256:
        raise CannotGoOn(Exit.PROBLEMS, f'"{listed.name}" was changed after the plan was made', "run the import again")
    write_decisions(folder, decisions)
    done = history.imports(folder)
    if plan.is_idle and done and history.last_imported(folder) == plan.imported:
        return False
    record = ImportRecord(
        len(done) + 1,
        plan.source.name,
        plan.source.sha256,
        plan.list_sha256,
        history.hash_of(plan.content),
        columns=plan.columns,
    )
    # The former list is kept before the new one is written: a run that is killed in between has lost nothing.
    history.keep(folder, record, now, plan.imported)
    if now != plan.content:
        write_whole(listed, plan.content)
    return now != plan.content


def record_first(plan: ImportPlan, folder: Path, decisions: Decisions) -> None:
    """Record an import into a new campaign, whose list has been written already."""
    write_decisions(folder, decisions)
    after = history.hash_of(plan.content)
    record = ImportRecord(1, plan.source.name, plan.source.sha256, "", after, columns=plan.columns)
    history.keep(folder, record, None, plan.imported)


Ask = Callable[[Question], bool]


def answered(plan: ImportPlan, ask: Ask, planned: Callable[[Decisions], ImportPlan]) -> ImportPlan:
    """Return the plan with every question answered; `planned` makes it anew from the answers.

    A plan follows the proposals until somebody says otherwise, so that it is made anew only where somebody does; the
    answers may then raise new questions, which come in further rounds until none is left.
    """
    while plan.questions:
        answers = {question.key: ask(question) for question in plan.questions}
        decisions = Decisions(dict(plan.decisions.columns), {**plan.decisions.answers, **answers})
        if all(answers[question.key] == question.proposal for question in plan.questions):
            return replace(plan, questions=(), decisions=decisions)
        plan = planned(decisions)
    return plan
