"""Shows a build, its progress, what it did and would do, and the status of each letter."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from rich import progress
from rich.text import Text

from letters.build.build import Options, Report, plans_of
from letters.build.jobs import RenderedDocument
from letters.build.plan import Step
from letters.campaign.ledger import LEDGER, Ledger, path_of
from letters.campaign.load import Project
from letters.cli.screen import count_reasons, new_console, new_table, new_wide_console, print_plain_problems, say
from letters.drafts.box import Draft
from letters.mail.register import Register
from letters.model.problems import Problem, many
from letters.model.records import DOCX, PDF, count_open_points, is_copy
from letters.review.status import DRAFT_CAMPAIGN, current_copies, standing

_SLOW_WAYS = {PDF: "laid out", DOCX: "made as Word files"}
_REASONS, _HELD_REASONS = 6, 3
"""Reasons that a report lists at most, and those for holding letters back: `make letters` prints ten lines."""
_NAMES = 5
"""Recipients that a line of a report names at most."""
_EVERY = 0.1
"""Seconds after which the progress bar is shown anew."""


class BuildProgress:
    """A progress bar on stderr, as a context manager and as the reporter of a build; only a terminal shows the bar."""

    def __init__(self) -> None:
        console = new_console(stderr=True)
        columns = (
            progress.TextColumn("{task.description}"),
            progress.BarColumn(),
            progress.MofNCompleteColumn(),
            progress.TimeRemainingColumn(),
        )
        # No thread refreshes the bar: workers are copies of this process only while it has no other thread.
        self._bar = progress.Progress(*columns, console=console, auto_refresh=False, disable=not console.is_terminal)
        self._task = self._bar.add_task("Making letters", total=0, visible=False)
        self._total = 0
        self._began = time.monotonic()
        self._shown = 0.0

    def __enter__(self) -> BuildProgress:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def start(self, steps: Sequence[Step]) -> None:
        """Show how much there is to do, and why."""
        # As make does: why something is made again is what people ask first.
        for why, number in count_reasons(step.why for step in steps):
            self._tell(f"{many(number, 'document')} to make: {why}")
        self._total += len(steps)
        self._bar.update(self._task, total=self._total, visible=self._total > 0)
        self._show()

    def made(self, made: RenderedDocument) -> None:
        """Move the bar; a failure is shown at once."""
        # At once, and not only at the end: with hundreds of letters to come, somebody may stop it.
        if made.failure:
            self._tell(f"{made.id}.{made.medium}: {made.failure}", "red")
        self._bar.advance(self._task)
        self._show()

    def _tell(self, message: str, style: str = "") -> None:
        self._bar.console.print(Text(message, style=style))

    def _show(self) -> None:
        """Show the bar as it is now, unless it was shown a moment ago."""
        # A letter takes 12 ms: the bar is drawn now and then, and not for each.
        if time.monotonic() - self._shown > _EVERY:
            self._bar.refresh()
            self._shown = time.monotonic()

    def seconds(self) -> float:
        """Return how long the build has taken so far."""
        return time.monotonic() - self._began


def print_report(
    project: Project, problems: Sequence[Problem], options: Options, report: Report, seconds: float
) -> None:
    """Print what a build did, what was held back and why, where everything is, and what to do next."""
    print_plain_problems([problem for problem in problems if problem.stops])
    reasons = project.held_reasons(problems)
    _print_rows(_report_rows(reasons, options, report, seconds))
    say(_next_step(project, reasons, report))


def _print_rows(rows: Sequence[tuple[str, str]]) -> None:
    """Print numbers and words in two columns on stderr; a row is one line, so that no path is broken."""
    # Not a table of rich: it would break lines at the width of the terminal.
    width = max(len(number) for number, _ in rows)
    for number, words in rows:
        say(f"{number:>{width}}  {words}")


def _report_rows(reasons: dict[str, str], options: Options, report: Report, seconds: float) -> list[tuple[str, str]]:
    """List what a report says, each row with its number."""
    return [
        *_about_made(report, seconds),
        *_about_drafts(report),
        *_about_held(reasons),
        *_about_proof(report),
        *_about_fallbacks(report, strict=options.strict),
        *_warned("PDFs do not say that they are accessible (PDF/UA)", report.not_accessible),
        *_warned("PDFs are not for the archive (PDF/A-3a)", report.not_archival),
        *_warned("LibreOffice took another font for one that is not on this machine", report.other_fonts),
        *_counted("failed", [made.id for made in report.failures]),
        ("", f"in {options.out}/: {', '.join(f'{medium}/' for medium in options.media)}, manifest.csv"),
    ]


def _about_made(report: Report, seconds: float) -> list[tuple[str, str]]:
    """Return the rows on what was made, and what was up to date."""
    letters = {entry.id for entry in report.made if not is_copy(entry.id)}
    pages = sum(entry.pages for entry in report.made if entry.medium == PDF)
    copies = sum(is_copy(entry.id) for entry in report.made)
    and_copies = f" and {copies:,} {'copy' if copies == 1 else 'copies'}" if copies else ""
    noun = "letter" if len(letters) == 1 else "letters"
    made = f"{noun}{and_copies} made, {many(pages, 'page')}, in {seconds:.1f} seconds"
    rows = [(f"{len(letters):,}", made)]
    # A letter of which one medium was made is counted above.
    untouched = {entry.id for entry in report.current if not is_copy(entry.id)} - {entry.id for entry in report.made}
    if untouched:
        were = "letter was" if len(untouched) == 1 else "letters were"
        rows.append((f"{len(untouched):,}", f"{were} up to date"))
    return rows


def _about_drafts(report: Report) -> list[tuple[str, str]]:
    """Return the rows on the drafts that were kept, and on what to know of each."""
    return [
        *_counted("edited by hand and kept", [name for name, medium in report.edited if medium != PDF]),
        *_counted(
            "kept PDFs that are not as made (letters adopt takes those that are right; move others out of pdf/)",
            [name for name, medium in report.edited if medium == PDF],
        ),
        *(("", f"{identifier}: {why}") for identifier, why in report.stuck.items()),
        *(("", said) for draft in report.drafts.values() for said in _about_draft(draft)),
    ]


def _about_held(reasons: dict[str, str]) -> list[tuple[str, str]]:
    """Return the rows on letters that were held back, the most frequent reasons first."""
    counted = count_reasons(reasons.values())
    rows = [(f"{number:,}", f"held back: {why}") for why, number in counted[:_HELD_REASONS]]
    if others := sum(number for _, number in counted[_HELD_REASONS:]):
        rows.append((f"{others:,}", "held back for other reasons: letters status lists them"))
    return rows


def _counted(what: str, names: Sequence[str]) -> list[tuple[str, str]]:
    """Return one row that counts recipients and names a few; none where there is no recipient."""
    if not names:
        return []
    more = f" and {len(names) - _NAMES} more" if len(names) > _NAMES else ""
    return [(f"{len(names):,}", f"{what}: {', '.join(names[:_NAMES])}{more}")]


def _about_proof(report: Report) -> list[tuple[str, str]]:
    """Return the rows on the comparison with the plain way."""
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


def _warned(what: str, counts: Counter[str]) -> list[tuple[str, str]]:
    """Return the rows of a warning: how many documents it is about, for each cause."""
    return [(f"{number:,}", f"warning: {what}: {why}") for why, number in counts.most_common(_REASONS)]


def _about_draft(draft: Draft) -> list[str]:
    """Return what a person should know about an edited draft before its PDF is used."""
    said = []
    if draft.conflict:
        way_out = f"letters draft merge {draft.id}, or letters draft discard {draft.id}"
        said.append(f"{draft.id}: {draft.conflict} after its draft was edited: {way_out}")
    if draft.verdict.open_points:
        count = count_open_points(draft.verdict.open_points)
        said.append(f"{draft.id}: {count} in its draft: letters draft check {draft.id}")
    if draft.verdict.losses:
        lost = "; ".join(draft.verdict.losses[:_REASONS])
        more = f"; and {len(draft.verdict.losses) - _REASONS} more" if len(draft.verdict.losses) > _REASONS else ""
        said.append(f"{draft.id}: its PDF does not show {lost}{more} (letters build --as-word does)")
    return said


def _next_step(project: Project, reasons: dict[str, str], report: Report) -> str:
    if report.failures:
        return "Next: fix what failed and run the same command again; only what is missing is made."
    # Rows that are held on purpose need no fixing.
    if any(not recipient.hold for recipient in project.recipients if recipient.id in reasons):
        return "Next: fix the rows above and run the same command again; only what is missing is made."
    if project.campaign.status == "draft":
        return "Next: read a letter (letters preview ID --open); fill in the [brackets]; then set status to final."
    return "Next: print and sign the letters."


def print_plan(project: Project, options: Options) -> None:
    """Print what a build would make, and why."""
    console = new_console(stderr=False)
    with Ledger(options.out / LEDGER) as ledger:
        plans = plans_of(project, ledger, options)
    steps = [step for plan in plans for step in plan.steps]
    for step in steps:
        console.print(f"{path_of(options.out, step.letter.recipient.id, step.medium)}: {step.why}")
    current = sum(len(plan.current) for plan in plans)
    console.print(f"{many(len(steps), 'document')} would be made; {current:,} are up to date")


def status_rows(project: Project, problems: Sequence[Problem], out: Path) -> list[dict[str, Any]]:
    """Return the status of each letter, as plain data."""
    with Ledger(out / LEDGER) as ledger:
        found = standing(project, problems, ledger, out)
        copies = current_copies(project, ledger, out)
    with Register(out) as register:
        posted = register.standing()
    return [
        {
            "id": recipient.id,
            "agency": recipient["agency"],
            "pdf": found[recipient.id].pdf,
            "docx": found[recipient.id].docx,
            "copies": len(copies.get(recipient.id, ())),
            "approved": list(found[recipient.id].approved_by),
            "voided": list(found[recipient.id].voided),
            "final": found[recipient.id].final,
            "reason": found[recipient.id].waits_for,
            "mail": posted[recipient.id].words if recipient.id in posted else "",
        }
        for recipient in project.recipients
    ]


def print_status(rows: Sequence[dict[str, Any]]) -> None:
    """Print the status of each letter as a table, and a closing line that counts the states."""
    table = new_table("id", "PDF", "DOCX", "approved by", "final", "why not")
    # Most campaigns have none, and the table is wide as it is.
    if any(row["copies"] for row in rows):
        table.add_column("copies", justify="right")
    for row in rows:
        # That the campaign is a draft holds for every letter, and is said once in the closing line.
        own = [row["reason"]] if row["reason"] not in ("", DRAFT_CAMPAIGN) else []
        why = "; ".join([*(f"void: {each}" for each in row["voided"]), *own])
        final = row["mail"] or ("final" if row["final"] else "")
        cells = (row["id"], row["pdf"], row["docx"], ", ".join(row["approved"]), final, why, str(row["copies"]))
        table.add_row(*map(Text, cells[: len(table.columns)]))
    console = new_wide_console()
    console.print(table)
    counted = count_reasons(row["pdf"] for row in rows)
    finals = sum(row["final"] for row in rows)
    general = f" ({DRAFT_CAMPAIGN})" if any(row["reason"] == DRAFT_CAMPAIGN for row in rows) else ""
    mailed = "".join(
        f"; {number:,} {what}" for what, number in count_reasons(row["mail"].partition(" ")[0] for row in rows) if what
    )
    states = ", ".join(f"{number:,} {state}" for state, number in counted)
    console.print(f"{states}; {finals:,} final{general}{mailed}")
