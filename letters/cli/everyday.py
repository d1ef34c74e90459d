"""What the commands of every day do: check, build, preview, status. Their words to the user are in build.py."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from letters.cli.loading import HERE, exit_code, load_campaign, load_ready, make_options
from letters.problems import CannotGoOn, Exit, Problem

if TYPE_CHECKING:
    from letters.pipeline import Report


def check(
    campaign: Path = HERE, letter: str = "", *, json: bool = False, annotate: bool = False, out: Path | None = None
) -> Exit:
    """List every problem of a campaign."""
    from letters.cli import screen

    project, problems = load_campaign(campaign, letter)
    if json:
        screen.print_json(screen.problems_as_data(project, problems))
    else:
        screen.print_problems(project, problems)
    if annotate:
        from letters.handmade import annotated

        folder = campaign if campaign.is_dir() else campaign.parent
        for path in annotated(problems, folder, (out or folder / "out") / "annotated"):
            print(f"with comments: {path}", file=sys.stderr)
    return exit_code(problems)


def build(
    campaign: Path = HERE,
    letter: str = "",
    *,
    only: Sequence[str] = (),
    pdf: bool = True,
    docx: bool = True,
    copies: bool = False,
    as_word: bool = False,
    jobs: int = 0,
    scheduler: str = "",
    out: Path | None = None,
    dry_run: bool = False,
    strict: bool = False,
    prove: bool = False,
    share: float = 2.0,
    plain: bool = False,
) -> Exit:
    """Make every letter that is missing or out of date."""
    from letters.cli import screen
    from letters.model import DOCX, PDF
    from letters.pipeline import build as run

    media = (PDF,) * pdf + (DOCX,) * docx
    if not media:
        raise CannotGoOn(Exit.WRONG_CALL, "--no-pdf and --no-docx leave nothing to make")
    if copies and not pdf:
        raise CannotGoOn(Exit.WRONG_CALL, "copies are made as PDF, which --no-pdf forbids", "leave --no-pdf away")
    project, problems = load_ready(campaign, letter, strict=strict)
    if plain and prove:
        raise CannotGoOn(Exit.WRONG_CALL, "--plain leaves nothing to prove", "leave one of --plain and --prove away")
    options = make_options(project, out, media, only, jobs, scheduler)._replace(copies=copies, as_word=as_word)
    options = options._replace(plain=plain, prove=share if prove else 0, strict=strict)
    chosen = project.narrowed(options.only) if only else project
    relevant = [problem for problem in problems if not only or problem.recipient in ("", *only)]
    if dry_run:
        screen.print_plan(chosen, options)
        return exit_code(relevant)
    with screen.Progress() as progress:
        report = run(project, problems, options, progress)
    screen.print_report(chosen, relevant, options, report, progress.seconds())
    return exit_code_of(report, relevant, strict=strict)


def exit_code_of(report: Report, problems: Sequence[Problem], *, strict: bool) -> Exit:
    """Return the exit code of a build; with `strict` a fault of an engine is an error, though the letter was made."""
    if report.failures or report.differences or (strict and report.engine_failed()):
        return Exit.PROBLEMS
    code = exit_code(problems)
    return Exit.KEPT_EDITED if (report.edited or report.stuck) and code == Exit.DONE else code


def preview(identifier: str, campaign: Path = HERE, letter: str = "", out: Path | None = None) -> Path:
    """Make one letter as PDF, print where it is, and return that."""
    from letters.model import PDF
    from letters.pipeline import preview_one

    project, problems = load_ready(campaign, letter)
    chosen = project.narrowed([identifier])
    if not chosen.letters:
        (why,) = chosen.held_reasons(problems).values()
        raise CannotGoOn(Exit.PROBLEMS, f"the letter to {identifier} is kept back: {why}")
    path = preview_one(chosen, make_options(project, out, (PDF,), [identifier], 1))
    print(path)
    return path


def status(campaign: Path = HERE, letter: str = "", *, out: Path | None = None, json: bool = False) -> Exit:
    """Show where each letter stands."""
    from letters.cli import screen, status_screen
    from letters.model import DOCX, PDF

    project, problems = load_ready(campaign, letter)
    rows = status_screen.status_rows(project, problems, make_options(project, out, (PDF, DOCX), [], 1))
    if json:
        screen.print_json(rows)
    else:
        status_screen.print_status(rows)
    return Exit.DONE
