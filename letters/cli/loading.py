"""Loads a campaign for a command, and makes the options of a build."""

from __future__ import annotations

import datetime
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from letters.cli import screen
from letters.model.problems import CannotGoOn, Exit, Problem, Severity

if TYPE_CHECKING:
    from letters.build.build import Options
    from letters.campaign.load import Project

OUT = "out"
HERE = Path("campaign.toml")
"""The default of --campaign."""

_FEW = 8
"""Letters that are made sooner in this process than by workers, which have to start first."""


def load_campaign(
    campaign: Path, letter: str, *, makes: bool = False, as_draft: bool = False
) -> tuple[Project | None, list[Problem]]:
    """Load a campaign, given its file or its folder; raises CannotGoOn where there is none.

    Compiled letters are kept in a folder below the default output; a command that makes nothing only looks there.
    """
    from letters.campaign.load import load
    from letters.formats.cache import Cache

    if campaign.is_dir():
        campaign = campaign / HERE
    if not campaign.is_file():
        hint = "go to the folder of the campaign, or name it: --campaign PATH"
        raise CannotGoOn(Exit.PROBLEMS, f'there is no "{campaign}" here', hint)
    return load(campaign, letter, Cache(campaign.parent / OUT / ".cache", read_only=not makes), as_draft=as_draft)


def load_ready(
    campaign: Path, letter: str, *, strict: bool = False, as_draft: bool = False
) -> tuple[Project, list[Problem]]:
    """Load a campaign; print its problems and end the program where nothing can be made of it.

    That is so for a mistake in the campaign or the letter and, if strict, for any warning. With `as_draft` nothing that
    only a final campaign may not have counts as one.
    """
    project, problems = load_campaign(campaign, letter, makes=True, as_draft=as_draft)
    general = any(problem.stops and not problem.recipient for problem in problems)
    warned = strict and any(problem.severity is not Severity.NOTE for problem in problems)
    if project is None or general or warned:
        screen.print_problems(project, problems, to_stderr=True)
        sys.exit(Exit.PROBLEMS)
    return project, problems


def exit_code(problems: Sequence[Problem]) -> Exit:
    """Return the exit code of a command that met these problems."""
    return Exit.PROBLEMS if any(problem.stops for problem in problems) else Exit.DONE


def make_options(
    project: Project, out: Path | None, media: tuple[str, ...], only: Sequence[str], jobs: int, scheduler: str = ""
) -> Options:
    """Return the options of a build; the one place that asks the clock.

    Where nobody says how many, DOCX and a few PDFs are made in this process: others start too late to help.
    """
    from letters.build.build import Options
    from letters.build.executors import default_jobs, make_executor
    from letters.build.jobs import get_ready
    from letters.model.records import PDF

    folder = (out or project.folder / OUT) / project.template.name
    letters = len(only or project.letters)
    count = min(jobs or (default_jobs() if PDF in media and letters > _FEW else 1), max(1, letters))
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    return Options(
        out=folder,
        media=media,
        only=tuple(only),
        jobs=count,
        new_executor=lambda: make_executor(count, scheduler, lambda: get_ready(media)),
        now=now,
    )
