"""Begins what a command or the desk does: loads the campaign, and makes the options of a build."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from letters.campaign.load import Former, Project, load
from letters.formats.cache import Cache
from letters.model.problems import Place, Problem
from letters.model.records import PDF
from letters.read.folder import campaign_file

if TYPE_CHECKING:
    from letters.build.build import Options

OUT = "out"

_FEW = 8
"""Letters that are made sooner in this process than by workers, which have to start first."""


def open_campaign(
    campaign: Path, letter: str, *, makes: bool = False, as_draft: bool = False, former: Former | None = None
) -> tuple[Project | None, list[Problem]]:
    """Load a campaign, given its file or its folder; raises CannotGoOn where there is none.

    Compiled letters are kept in a folder below the default output; who makes nothing only looks there. `former` is
    for who opens it again and again, see `load`.
    """
    campaign = campaign_file(campaign)
    # check writes nothing into the folder of the campaign.
    cache = Cache(campaign.parent / OUT / ".cache", read_only=not makes)
    return load(campaign, letter, cache, as_draft=as_draft, former=former)


def word_problems(project: Project) -> Iterator[Problem]:
    """Yield an error where no DOCX can be made of a letter that somebody made in Word, tried with its first recipient.

    What docxtpl makes of a Word file that it did not write is known only when it is filled.
    """
    letter = project.sources[0][0].path if project.sources else ""
    if not letter.endswith(".docx") or not project.letters:
        return
    from letters.render.word.docxtpl_internals import DocxRenderer

    first = project.letters[0]
    try:
        DocxRenderer(project.template.word).render(first.context, first.notes)
    except Exception as error:  # noqa: BLE001 - docxtpl raises whatever it stumbles over
        hint = "save it again in Word; if that does not help, copy its text into a new document"
        yield Problem(Place(letter), f"no Word letter can be made of it: {error or type(error).__name__}", hint)


def options_at(
    now: str,
    project: Project,
    out: Path | None,
    media: tuple[str, ...],
    only: Sequence[str] = (),
    jobs: int = 1,
    scheduler: str = "",
) -> Options:
    """Return the options of a build that begins at a moment, in ISO 8601.

    Where nobody says how many, DOCX and a few PDFs are made in this process: others start too late to help.
    """
    # Here: who only opens a campaign needs nothing that makes letters, reads drafts or compares PDFs.
    from letters.build.build import Options
    from letters.build.executors import default_jobs, make_executor
    from letters.build.jobs import get_ready

    folder = (out or project.folder / OUT) / project.template.name
    letters = len(only or project.letters)
    count = min(jobs or (default_jobs() if PDF in media and letters > _FEW else 1), max(1, letters))
    return Options(
        out=folder,
        media=media,
        only=tuple(only),
        jobs=count,
        new_executor=lambda: make_executor(count, scheduler, lambda: get_ready(media)),
        now=now,
    )
