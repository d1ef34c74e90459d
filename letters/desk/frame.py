"""Finds what stands around every page: the campaign, the places with their numbers, what runs, what is to be told."""

from __future__ import annotations

from dataclasses import dataclass

from letters.campaign.load import Project
from letters.desk.opened import OpenCampaign
from letters.desk.running import Progress
from letters.model.problems import CannotGoOn, Severity
from letters.model.records import Status, Values
from letters.review.status import CURRENT


@dataclass(frozen=True, slots=True)
class Tab:
    """A place in the rail, with what its number means."""

    name: str
    path: str
    number: str = ""
    meaning: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What stands around a page."""

    folder: str
    title: str
    letter: str
    letters: tuple[str, ...]
    """The letters that may be chosen, by name."""
    is_draft: bool
    edition: str
    person: str
    read_only: bool
    tabs: tuple[Tab, ...]
    here: str
    """The path of the place that the page belongs to."""
    notes: list[tuple[str, str]]
    progress: Progress | None
    is_running: bool


def frame_of(opened: OpenCampaign, url: str) -> Frame:
    """Return the frame of a page at a path."""
    project = opened.view().project
    tabs = _tabs(opened)
    here = next(
        (tab.path for tab in reversed(tabs) if url == tab.path or url.startswith(f"{tab.path.rstrip('/')}/")), "/"
    )
    return Frame(
        folder=opened.folder.name,
        title=project.template.parts[0].title if project else opened.folder.name,
        letter=project.template.name if project else opened.letter,
        letters=_letters(opened, project),
        is_draft=bool(project and project.campaign.status is Status.DRAFT),
        edition=_edition(project),
        person=opened.person,
        read_only=opened.read_only,
        tabs=tabs,
        here=here,
        notes=opened.told(),
        progress=opened.running.progress,
        is_running=opened.is_busy,
    )


def _tabs(opened: OpenCampaign) -> tuple[Tab, ...]:
    view = opened.view()
    if view.project is None:
        return tuple(Tab(name, path) for name, path in _PLACES)
    try:
        found, posted = opened.standings(), opened.posted()
    except CannotGoOn:
        return tuple(Tab(name, path) for name, path in _PLACES)
    recipients = len(view.project.recipients)
    made = sum(each.pdf == CURRENT for each in found.values())
    approved = sum(bool(each.approved_by) for each in found.values())
    open_points = sum(problem.severity is not Severity.NOTE for problem in view.problems)
    numbers = {
        "/": (open_points, "things to settle"),
        "/list": (recipients, "rows"),
        "/letter": (len(view.project.letters), "letters can be made"),
        "/build": (made, "made and up to date"),
        "/review": (approved, "approved"),
        "/mail": (len(posted), "posted"),
    }
    return tuple(Tab(name, path, f"{numbers[path][0]:,}", numbers[path][1]) for name, path in _PLACES)


_PLACES = (
    ("Campaign", "/"),
    ("List", "/list"),
    ("Letter", "/letter"),
    ("Build", "/build"),
    ("Review", "/review"),
    ("Print & post", "/mail"),
)


def _letters(opened: OpenCampaign, project: Project | None) -> tuple[str, ...]:
    """List the letters of a campaign by name, those made in Word, too."""
    folder = project.templates if project else opened.folder / "templates"
    names = {path.stem for path in folder.glob("*.md")} | {path.stem for path in folder.glob("*.docx")}
    return tuple(sorted(name for name in names if name != "letterhead" and not name.startswith(("~", "."))))


def _edition(project: Project | None) -> str:
    about = project.template.statics.get("letter") if project else None
    return str(about["edition"]) if isinstance(about, Values) and "edition" in about else ""
