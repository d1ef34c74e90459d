"""Prints what all commands print: problems, JSON, tables, changed words. Messages go to stderr, results to stdout."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from letters.formats.programs import fonts_of_the_machine
from letters.model.problems import Problem, Severity, grouped, many

if TYPE_CHECKING:
    from letters.campaign.load import Project
    from letters.formats.text_diff import Change
    from letters.model.records import Recipient

# Colours only stress: the words "warning" and "note" are printed, too.
_COLORS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "cyan"}
_WIDTH = 160
"""Columns of a table that is printed into a file or a pipe, which have no width."""


def new_console(*, stderr: bool) -> Console:
    """Return a console that breaks no line and colours nothing by itself."""
    # A line that rich breaks at the width of the terminal has paths in it that can be neither copied nor clicked.
    return Console(stderr=stderr, highlight=False, soft_wrap=True)


def say(message: str) -> None:
    """Print a message on stderr."""
    print(message, file=sys.stderr)


def print_json(data: Any) -> None:
    """Print data as JSON."""
    print(json.dumps(data, indent=2, ensure_ascii=False))


def problems_as_data(project: Project | None, problems: Sequence[Problem]) -> dict[str, Any]:
    """Return problems, and how many letters can be made, as plain data."""
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
    """Print every problem in the order of the files, those of one cause as one, and a closing line that counts them.

    Notes, which name the letters that are held back on purpose, are only counted.
    """
    console = new_console(stderr=to_stderr)
    _print_grouped(console, problems)
    words = _counted(problems)
    if project is None:
        console.print(f"{words}; no letter can be made before the errors are fixed")
        return
    held = sum(bool(recipient.hold) for recipient in project.recipients)
    kept = f"; {held:,} kept back on purpose (letters status tells why)" if held else ""
    ready = f"{len(project.letters):,} of {many(len(project.recipients), 'letter')} can be made"
    console.print(f"{words}; {ready}{kept}")


def print_list_problems(recipients: Sequence[Recipient], problems: Sequence[Problem]) -> None:
    """Print the problems of a list by itself, those of one cause as one, and a closing line that counts them."""
    console = new_console(stderr=False)
    _print_grouped(console, problems)
    held = sum(bool(recipient.hold) for recipient in recipients)
    kept = f"; {held:,} held back" if held else ""
    console.print(f"{_counted(problems)} in {many(len(recipients), 'recipient')}{kept}")


def print_plain_problems(problems: Sequence[Problem]) -> None:
    """Print problems to stderr, notes among them, without a closing line."""
    console = new_console(stderr=True)
    for problem in grouped(problems):
        console.print(_problem_text(problem))


def _print_grouped(console: Console, problems: Sequence[Problem]) -> None:
    for problem in grouped(problem for problem in problems if problem.severity is not Severity.NOTE):
        console.print(_problem_text(problem))


def _problem_text(problem: Problem) -> Text:
    place = f"{problem.place}: " if problem.place.path else ""
    text = Text(place, style="bold")
    return text.append(str(problem).removeprefix(place), style=_COLORS[problem.severity])


def _counted(problems: Sequence[Problem]) -> str:
    errors, warnings, _ = (sum(p.severity is severity for p in problems) for severity in Severity)
    return f"{many(errors, 'error')}, {many(warnings, 'warning')}"


def new_table(*columns: str) -> Table:
    """Return a table without lines around its cells."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in columns:
        # A long id goes on in the next line: cut off it could not be copied.
        table.add_column(name, overflow="fold")
    return table


def new_wide_console() -> Console:
    """Return a console for tables on stdout."""
    # Rich takes 80 columns for a pipe, and would fold a table that a program reads.
    return Console(highlight=False, width=None if sys.stdout.isatty() else _WIDTH)


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows of text under their headings."""
    table = new_table(*columns)
    for row in rows:
        table.add_row(*map(Text, row))
    new_wide_console().print(table)


def print_word_diff(place: str, changes: Sequence[Change]) -> None:
    """Print a changed paragraph on stdout: what was taken out struck through, what was put in underlined."""
    text = Text(f"{place}: ", style="bold")
    for change in changes:
        if change.is_equal:
            text.append(change.new, style="not bold")
            continue
        text.append(change.old, style="not bold strike red")
        text.append(change.new, style="not bold underline green")
    console = new_console(stderr=False)
    # Without colours the changes would be invisible: marks as those of wdiff stand for them.
    console.print(text if console.is_terminal else f"{place}: {_marked(changes)}", markup=False)


def _marked(changes: Sequence[Change]) -> str:
    """Return a changed paragraph without colours: [-taken out-]{+put in+}."""
    pieces = []
    for change in changes:
        if change.is_equal:
            pieces.append(change.new)
        else:
            pieces.append(f"[-{change.old}-]" * bool(change.old) + f"{{+{change.new}+}}" * bool(change.new))
    return "".join(pieces)


_DIFFERING = (
    (re.compile(r"^(\S+\.\w+):\d+(?::\d+)?: "), r"\1: "),
    (re.compile(r"(?<=is it )\"[^\"]*\"(?= in a sentence\?)"), '"…"'),
    (re.compile(r" as number \d+$"), ""),
)
"""What differs in the reasons of letters that are held back for one cause: the line of a file, a value, a number."""


def group_reasons(reasons: Iterable[tuple[str, str]]) -> list[tuple[str, list[str]]]:
    """Return each cause with the ids of its letters, the most frequent first, from pairs of an id and a reason.

    A reason that stands alone is left as it is.
    """
    ids: dict[str, list[str]] = {}
    first: dict[str, str] = {}
    for identifier, reason in reasons:
        # Letters are held back for their own values: what they have in common is the cause.
        cause = reason
        for pattern, written in _DIFFERING:
            cause = pattern.sub(written, cause)
        first.setdefault(cause, reason)
        ids.setdefault(cause, []).append(identifier)
    ordered = sorted(ids.items(), key=lambda each: -len(each[1]))
    # A single one keeps its line and its value, by which it is found.
    return [(cause if len(each) > 1 else first[cause], each) for cause, each in ordered]


def count_reasons(reasons: Iterable[str]) -> list[tuple[str, int]]:
    """Return each cause with how often it is there, the most frequent first."""
    return [(cause, len(each)) for cause, each in group_reasons(("", reason) for reason in reasons)]


def open_in_program(target: str) -> None:
    """Open a file or an address in the program that this machine has for it."""
    # Our letters are set with the fonts of the campaign alone; a program that is started needs its own.
    with fonts_of_the_machine():
        typer.launch(target)
