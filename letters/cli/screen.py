"""What people see: problems, progress, tables. Messages go to stderr, results to stdout."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any

from letters.batch import Made
from letters.copies import is_copy
from letters.ledger import Event, Ledger
from letters.model import DOCX, PDF
from letters.pipeline import Options, Report, count_reasons, plans_of
from letters.plan import Draft, Step, path_of
from letters.problems import Problem, Severity
from letters.project import Project

if TYPE_CHECKING:
    import rich.progress
    from rich.console import Console
    from rich.text import Text

    from letters.words import Change

_REASONS = 6
"""How many reasons for holding letters back a report lists."""
_SLOW_WAYS = {PDF: "laid out", DOCX: "made as Word files"}
_EVERY = 0.1
"""After how many seconds the progress bar is shown anew."""
_LOOKS = frozenset(("FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"))
"""Variables by which people tell rich what a terminal can do."""
_COLORS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "cyan"}


def _is_seen() -> bool:
    """Tell whether stderr shows colours or a bar; else rich, which takes long to load, is not needed."""
    return sys.stderr.isatty() or not _LOOKS.isdisjoint(os.environ)


def _console(*, stderr: bool) -> Console:
    from rich.console import Console

    return Console(stderr=stderr, highlight=False, soft_wrap=True)


def print_json(data: Any) -> None:
    """Print data as JSON."""
    print(json.dumps(data, indent=2, ensure_ascii=False))


def problems_as_data(project: Project | None, problems: Sequence[Problem]) -> dict[str, Any]:
    """Describe problems, and how many letters can be made, for a program."""
    listed = [
        {
            "file": problem.place.path,
            "line": problem.place.line,
            "column": problem.place.column,
            "field": problem.place.field,
            "severity": problem.severity.name.lower(),
            "what": problem.what,
            "hint": problem.hint,
            "recipient": problem.recipient,
        }
        for problem in problems
    ]
    counts = (len(project.recipients), len(project.letters)) if project else (0, 0)
    return {"problems": listed, "recipients": counts[0], "ready": counts[1]}


def print_problems(project: Project | None, problems: Sequence[Problem], *, to_stderr: bool = False) -> None:
    """Print every problem in the order of the files, and a closing line that counts them.

    Notes, which tell what is kept back on purpose, are counted only.
    """
    console = _console(stderr=to_stderr)
    for problem in problems:
        if problem.severity is not Severity.NOTE:
            console.print(_problem_text(problem))
    console.print(_closing_line(project, problems))


def print_plain_problems(problems: Sequence[Problem]) -> None:
    """Print problems to stderr, without a closing line."""
    console = _console(stderr=True) if _is_seen() else None
    for problem in problems:
        if console:
            console.print(_problem_text(problem))
        else:
            say(str(problem))


def _problem_text(problem: Problem) -> Text:
    from rich.text import Text

    place, _, rest = str(problem).partition(f"{problem.place}: ") if problem.place.path else ("", "", str(problem))
    text = Text(f"{problem.place}: " if problem.place.path else "", style="bold")
    text.append(place + rest, style=_COLORS[problem.severity])
    return text


def _closing_line(project: Project | None, problems: Sequence[Problem]) -> str:
    errors, warnings, _ = (sum(p.severity is severity for p in problems) for severity in Severity)
    words = f"{_plural(errors, 'error')}, {_plural(warnings, 'warning')}"
    if project is None:
        return f"{words}; no letter can be made before the errors are mended"
    held = sum(bool(recipient.hold) for recipient in project.recipients)
    kept = f"; {held:,} kept back on purpose (letters status tells why)" if held else ""
    return f"{words}; {len(project.letters):,} of {_plural(len(project.recipients), 'letter')} can be made{kept}"


def print_word_diff(place: str, changes: Sequence[Change]) -> None:
    """Print a changed paragraph on stdout: what was taken out struck through, what was put in underlined."""
    from rich.text import Text

    text = Text(f"{place}: ", style="bold")
    for change in changes:
        if change.is_equal:
            text.append(change.new, style="not bold")
            continue
        text.append(change.old, style="not bold strike red")
        text.append(change.new, style="not bold underline green")
    console = _console(stderr=False)
    console.print(text if console.is_terminal else f"{place}: {_marked(changes)}", markup=False)


def _marked(changes: Sequence[Change]) -> str:
    """Write a changed paragraph without colours: [-taken out-]{+put in+}."""
    pieces = []
    for change in changes:
        if change.is_equal:
            pieces.append(change.new)
        else:
            pieces.append(f"[-{change.old}-]" * bool(change.old) + f"{{+{change.new}+}}" * bool(change.new))
    return "".join(pieces)


def _plural(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


class Progress:
    """A progress bar on stderr, as a context manager and as the reporter of a build."""

    def __init__(self) -> None:
        console = _console(stderr=True) if _is_seen() else None
        self._bar = _new_bar(console) if console and console.is_terminal else None
        self._began = time.monotonic()
        self._shown = 0.0

    def __enter__(self) -> Progress:
        if self._bar:
            self._bar.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar:
            self._bar.__exit__(kind, error, trace)

    def start(self, steps: Sequence[Step]) -> None:
        """Show how much there is to do, and why."""
        for why, number in count_reasons(step.why for step in steps):
            self._tell(f"{_plural(number, 'document')} to make: {why}")
        if steps and self._bar:
            self._task = self._bar.add_task("Making letters", total=len(steps))
            self._show()

    def made(self, made: Made) -> None:
        """Move the bar; a failure is shown at once."""
        if made.failure:
            self._tell(f"{made.id}.{made.medium}: {made.failure}", "red")
        if self._bar:
            self._bar.advance(self._task)
            self._show()

    def _tell(self, message: str, style: str = "") -> None:
        if self._bar:
            self._bar.console.print(message, style=style, markup=False)
        else:
            say(message)

    def _show(self) -> None:
        """Show the bar as it is now, unless it was shown a moment ago."""
        if self._bar and time.monotonic() - self._shown > _EVERY:
            self._bar.refresh()
            self._shown = time.monotonic()

    def seconds(self) -> float:
        """Tell how long it took."""
        return time.monotonic() - self._began


def _new_bar(console: Console) -> rich.progress.Progress:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    # A thread that refreshes it would be in the way of processes that are copies of this one.
    return Progress(*columns, console=console, auto_refresh=False)


def print_report(
    project: Project, problems: Sequence[Problem], options: Options, report: Report, seconds: float
) -> None:
    """Print what a build did, what was held back and why, where everything is, and what to do next."""
    print_plain_problems([problem for problem in problems if problem.stops])
    reasons = project.held_reasons(problems)
    _print_rows(_report_rows(reasons, options, report, seconds))
    say(_next_step(project, reasons, report))


def _print_rows(rows: Sequence[tuple[str, str]]) -> None:
    """Print numbers and words in two columns on stderr; where it is no terminal each row is one line."""
    if not _is_seen():
        width = max(len(number) for number, _ in rows)
        for number, words in rows:
            say(f"{number:>{width}}  {words}")
        return
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(justify="right")
    table.add_column()
    for number, words in rows:
        table.add_row(number, Text(words))
    _console(stderr=True).print(table)


def _report_rows(reasons: dict[str, str], options: Options, report: Report, seconds: float) -> list[tuple[str, str]]:
    made = len({entry.id for entry in report.made if not is_copy(entry.id)})
    pdf_pages = sum(entry.pages for entry in report.made if entry.medium == PDF)
    copies = sum(is_copy(entry.id) for entry in report.made)
    and_copies = f" and {copies:,} {'copy' if copies == 1 else 'copies'}" if copies else ""
    rows = [(f"{made:,}", f"letters{and_copies} made, {pdf_pages:,} pages, in {seconds:.1f} seconds")]
    untouched = {entry.id for entry in report.current if not is_copy(entry.id)} - {entry.id for entry in report.made}
    if untouched:
        rows.append((f"{len(untouched):,}", "letters were up to date"))
    if report.edited:
        rows.append(
            (f"{len(report.edited):,}", f"edited by hand and kept: {_some([name for name, _ in report.edited])}")
        )
    rows += [("", f"{identifier}: {why}") for identifier, why in report.stuck.items()]
    rows += [("", said) for draft in report.drafts.values() for said in _about_draft(draft)]
    counted = count_reasons(reasons.values())
    rows += [(f"{number:,}", f"held back: {why}") for why, number in counted[:_REASONS]]
    if others := sum(number for _, number in counted[_REASONS:]):
        rows.append((f"{others:,}", "held back for other reasons: letters status lists them"))
    rows += _about_proof(report)
    rows += _about_fallbacks(report, strict=options.strict)
    if report.failures:
        rows.append((f"{len(report.failures):,}", f"failed: {_some([made.id for made in report.failures])}"))
    return [*rows, ("", f"in {options.out}/: {', '.join(f'{medium}/' for medium in options.media)}, manifest.csv")]


def _about_proof(report: Report) -> list[tuple[str, str]]:
    """Say what the comparison with the plain way has shown."""
    rows = []
    if report.proved and not report.differences:
        rows.append((f"{report.proved:,}", "documents made both ways, and no difference found"))
    if report.differences:
        rows.append(
            (f"{len(report.differences):,}", "differences from letters made one by one, as all others now were:")
        )
        rows += [("", f"error: {each}") for each in report.differences[:_REASONS]]
    return rows


def _about_fallbacks(report: Report, *, strict: bool) -> list[tuple[str, str]]:
    """Say how many documents were made one by one, and why."""
    rows = []
    for (medium, reason, is_unexpected), number in report.fallbacks.most_common():
        letters = ("letter was " if number == 1 else "letters were ") + _SLOW_WAYS[medium]
        kind = ("error: " if strict else "warning: ") * is_unexpected
        rows.append((f"{number:,}", f"{kind}{letters} the slow way: {reason}"))
    return rows


def _about_draft(draft: Draft) -> list[str]:
    """Say what a person should know of an edited draft before its PDF is used."""
    said = []
    if draft.conflict:
        way_out = f"letters draft merge {draft.id}, or letters draft discard {draft.id}"
        said.append(f"{draft.id}: {draft.conflict} after its draft was edited: {way_out}")
    if draft.verdict.open_points:
        count = _plural(len(draft.verdict.open_points), "open point")
        said.append(f"{draft.id}: {count} in its draft: letters draft check {draft.id}")
    if draft.verdict.losses:
        lost = "; ".join(draft.verdict.losses[:_REASONS])
        more = f"; and {len(draft.verdict.losses) - _REASONS} more" if len(draft.verdict.losses) > _REASONS else ""
        said.append(f"{draft.id}: its PDF does not show {lost}{more} (letters build --as-word does)")
    return said


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def _next_step(project: Project, reasons: dict[str, str], report: Report) -> str:
    if report.failures:
        return "Next: mend what failed and run the same command again; only what is missing is made."
    if any(not recipient.hold for recipient in project.recipients if recipient.id in reasons):
        return "Next: mend the rows above and run the same command again; only what is missing is made."
    if project.campaign.status == "draft":
        return "Next: read a letter (letters preview ID --open); fill in the [brackets]; then set status to final."
    return "Next: print and sign the letters."


def print_plan(project: Project, options: Options) -> None:
    """Print what a build would make, and why."""
    console = _console(stderr=False)
    chosen = project.narrowed(options.only) if options.only else project
    with Ledger(options.out / "ledger.sqlite") as ledger:
        plans = plans_of(chosen, ledger, options)
    steps = [step for plan in plans for step in plan.steps]
    for step in steps:
        console.print(f"{path_of(options.out, step.letter.recipient.id, step.medium)}: {step.why}")
    current = sum(len(plan.current) for plan in plans)
    console.print(f"{_plural(len(steps), 'document')} would be made; {current:,} are up to date")


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows of text under their headings."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in columns:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    Console(highlight=False, width=None if sys.stdout.isatty() else 160).print(table)


def say(message: str) -> None:
    """Say on stderr what was done."""
    print(message, file=sys.stderr)


def draft_as_data(draft: Draft) -> dict[str, Any]:
    """Describe an edited draft for a program."""
    return {
        "id": draft.id,
        "file": str(draft.path),
        "editor": draft.verdict.editor,
        "conflict": draft.conflict,
        "open": [point._asdict() for point in draft.verdict.open_points],
        "not_in_pdf": list(draft.verdict.losses),
    }


def print_drafts(drafts: Sequence[Draft]) -> None:
    """Print what is open in edited drafts, and what their PDFs do not show."""
    for draft in drafts:
        for point in draft.verdict.open_points:
            print(f"{draft.id}: {point}")
        for lost in draft.verdict.losses:
            print(f"{draft.id}: not in the PDF: {lost}")
    count = sum(len(draft.verdict.open_points) for draft in drafts)
    print(f"{_plural(count, 'open point')} in {_plural(len(drafts), 'edited draft')}")


def print_events(events: Sequence[Event]) -> None:
    """Print the record of what people did, the oldest first."""
    for event in events:
        who = (f" by {event.person}" if event.person else "") + (
            f" for {event.organization}" if event.organization else ""
        )
        hashes = "".join(
            f"  {name} {digest[:12]}" for name, digest in (("words", event.words), ("PDF", event.pdf)) if digest
        )
        print(f"{event.at}  {event.id}: {event.kind}{who}{hashes}{f'  ({event.remark})' if event.remark else ''}")
    if not events:
        print("nothing is recorded yet")
