"""A request as the places of the desk see it, and their answers: pages with a frame around them, pieces of pages.

HTML is made by the templates of the desk; every value is text, whatever it looks like."""

from __future__ import annotations

import functools
import re
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from letters.campaign.load import Project
from letters.desk.opened import ImportedFile, OpenCampaign
from letters.desk.running import Progress
from letters.formats.jinja import long_date
from letters.mail.typeset import pages_in
from letters.model.problems import CannotGoOn, Exit, Problem, Severity, grouped, in_order
from letters.model.records import Values
from letters.read.campaign import FORMS, offices_of, read_campaign, read_forms
from letters.read.toml import read_toml
from letters.review.status import CURRENT, EDITED, MISSING, OUTDATED

PAGES = Path(__file__).parent / "pages"
STATIC = Path(__file__).parent / "static"
_STATES = {MISSING: "not made", OUTDATED: "out of date", CURRENT: "made", EDITED: "PDF changed by hand"}
# An import of a wide table has a field or three for each column and question.
_MOST_FIELDS = 2_000
_SAFE = re.compile(r"[^\w .()+-]+")
PLACES = {
    "Campaign": "/",
    "List": "/list",
    "Letter": "/letter",
    "Build": "/build",
    "Review": "/review",
    "Print & post": "/mail",
}


@functools.cache
def _templates() -> Environment:
    pages = pages_in(PAGES)
    pages.filters["long_date"] = long_date
    pages.filters["state_words"] = state_words
    return pages


def state_words(state: str) -> str:
    """Return the state of a PDF as a person says it."""
    return _STATES.get(state, state)


def render(template: str, /, **values: Any) -> str:
    """Return a template of the desk filled in."""
    return _templates().get_template(template).render(**values)


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
    seen: str
    """The state of the files that the page shows."""
    others: int = 0
    changed: bool = False


def frame_of(opened: OpenCampaign, url: str) -> Frame:
    """Return the frame of a page at a path."""
    view = opened.view()
    project, tabs = view.project, _tabs(opened)
    place = "/list" if url.startswith(("/import", "/agreements")) else url
    here = next((tab.path for tab in reversed(tabs) if f"{place}/".startswith(f"{tab.path.rstrip('/')}/")), "/")
    return Frame(
        folder=opened.folder.name,
        title=project.template.parts[0].title if project else opened.folder.name,
        letter=project.template.name if project else opened.letter or _named_letter(opened),
        letters=_letters(opened, project),
        is_draft=view.is_draft,
        edition=_edition(project),
        person=opened.person,
        read_only=opened.read_only,
        tabs=tabs,
        here=here,
        notes=opened.told(),
        progress=opened.running.progress,
        is_running=opened.is_busy,
        seen=opened.edition_on_disk,
    )


def _named_letter(opened: OpenCampaign) -> str:
    """Return the letter that a campaign names whose list or texts cannot be read."""
    try:
        return str(read_toml(opened.path, opened.path.name).table.get("letter", ""))
    except CannotGoOn:
        return ""


def _tabs(opened: OpenCampaign) -> tuple[Tab, ...]:
    view = opened.view()
    without_numbers = tuple(Tab(name, path) for name, path in PLACES.items())
    if view.project is None:
        return without_numbers
    try:
        # A ledger that cannot be read is told where its numbers are needed; the rail goes without.
        found, posted = opened.standings(), opened.posted()
    except CannotGoOn:
        return without_numbers
    recipients = len(view.project.recipients)
    made = sum(each.pdf == CURRENT for each in found.values())
    approved = sum(bool(each.approved_by) for each in found.values())
    numbers = {
        "/": (things_to_settle(opened), "things to settle"),
        "/list": (recipients, "rows"),
        "/letter": (len(view.project.letters), "letters can be made"),
        "/build": (made, "made and up to date"),
        "/review": (approved, "approved"),
        "/mail": (len(posted), "posted"),
    }
    return tuple(Tab(name, path, f"{numbers[path][0]:,}", numbers[path][1]) for name, path in PLACES.items())


def things_to_settle(opened: OpenCampaign) -> int:
    """Return how many messages there are that somebody should settle; those of one cause are one."""
    return opened.kept_of_files(
        "things",
        lambda: len(grouped(each for each in problems_of(opened) if each.severity is not Severity.NOTE)),
    )


def problems_of(opened: OpenCampaign) -> list[Problem]:
    """Return the problems of the campaign, with those of addresses that no envelope has room for."""
    view = opened.view()
    if view.project is None:
        return list(view.problems)
    return opened.kept_of_files("problems", lambda: in_order([*view.problems, *opened.long_addresses()]))


def _letters(opened: OpenCampaign, project: Project | None) -> tuple[str, ...]:
    """List the letters of a campaign by name, those made in Word, too."""
    folder = project.templates if project else opened.folder / "templates"
    # Also where the campaign cannot be read: another letter may be chosen, which is whole.
    names = {path.stem for path in folder.glob("*.md")} | {path.stem for path in folder.glob("*.docx")}
    # "letterhead.docx" is the frame of all letters; "~$letter.docx" is what Word writes while a file is open.
    return tuple(sorted(name for name in names if name != "letterhead" and not name.startswith(("~", "."))))


def _edition(project: Project | None) -> str:
    about = project.template.statics.get("letter") if project else None
    return str(about["edition"]) if isinstance(about, Values) and "edition" in about else ""


@dataclass(frozen=True, slots=True)
class Visit:
    """One request: its path, its query, its form, and the campaign that is open."""

    opened: OpenCampaign
    path: Mapping[str, str]
    query: Mapping[str, str]
    form: Mapping[str, str]
    files: Mapping[str, tuple[str, bytes]]
    """What was sent, by field: the file's name and its content."""
    url: str
    is_part: bool
    """Whether a piece of a page is asked for, not a page."""

    def page(self, template: str, title: str, /, status: int = 200, **values: Any) -> Response:
        """Return a whole page with the frame around it."""
        frame = frame_of(self.opened, self.url)
        return HTMLResponse(render(template, title=title, frame=frame, **values), status)

    def part(self, template: str, /, **values: Any) -> Response:
        """Return a piece of a page."""
        return HTMLResponse(render(template, read_only=self.opened.read_only, **values))

    def page_number(self, count: int, on_page: int) -> tuple[int, int]:
        """Return which page of so many things is asked for, and how many pages there are."""
        last = max(1, -(-count // on_page))
        return min(max(1, self.number("page", 1)), last), last

    def number(self, name: str, default: int) -> int:
        """Return a number of the query or the form; what is no number is the default."""
        said = self.query.get(name, "") or self.form.get(name, "")
        # "²" is a digit to Python, and no number; thousands of digits would take it long to read.
        return int(said) if said.isascii() and said.isdigit() and len(said) < 9 else default


def uploaded(visit: Visit) -> Path | None:
    """Write the file that was sent into a folder of its own that goes with the desk; return its path, None for none.

    The folder's name is a token by which the file is found again.
    """
    name, content = visit.files.get("file", ("", b""))
    if not name:
        return None
    # A token of 96 bits: nobody guesses the file of another window.
    folder = visit.opened.temporary / secrets.token_urlsafe(12)
    folder.mkdir()
    # The name is shown and recorded; a path in it is none here.
    path = folder / (_SAFE.sub("_", re.split(r"[\\/]", name)[-1]).strip(" .")[:120] or "list.csv")
    path.write_bytes(content)
    return path


def of_token(visit: Visit) -> ImportedFile:
    """Return the file of the token in the path; raises HTTPException where it is no longer there."""
    found = visit.opened.imports.get(visit.path["token"])
    if found is None:
        raise missing("This file is no longer there: drop it again.")
    return found


def answers_in(form: Mapping[str, str]) -> dict[str, bool]:
    """Return the answers of a form, by the keys of their questions."""
    return {
        key: value == "yes"
        for name, value in form.items()
        if name.startswith("answer-") and value in ("yes", "no") and (key := form.get(f"key-{name.partition('-')[2]}"))
    }


def place_of(opened: OpenCampaign) -> tuple[Path, tuple[str, ...]]:
    """Return the path of the campaign's list, and the offices that it can address, also where no letter can be made."""
    # From the files, and not from what is loaded: a list is brought in also where no letter can be made yet.
    settings, _ = read_campaign(read_toml(opened.path, opened.path.name), opened.folder)
    if settings is None:
        raise CannotGoOn(Exit.PROBLEMS, "the campaign cannot be read", "its mistakes are listed at Campaign")
    forms, _ = read_forms(read_toml(opened.folder / settings.templates / FORMS, f"{settings.templates}/{FORMS}"))
    return opened.folder / settings.recipients, offices_of(forms)


Place = Callable[[Visit], Response]
"""Answers a visit; CannotGoOn becomes a page that says why and how to go on."""


def go(path: str, **query: object) -> Response:
    """Return the way to another page."""
    asked = {name: value for name, value in query.items() if value not in ("", None)}
    # 303: the browser asks with GET, so that "reload" does not send the form once more (RFC 9110, 15.4.4).
    return RedirectResponse(f"{path}?{urlencode(asked)}" if asked else path, 303)


def missing(what: str) -> HTTPException:
    """Return the error for something that is not there."""
    return HTTPException(404, what)


def endpoint(opened: OpenCampaign, place: Place) -> Callable[[Request], Awaitable[Response]]:
    """Return what Starlette calls: it reads the form, and has the place answer in a thread."""

    async def answer(request: Request) -> Response:
        form: dict[str, str] = {}
        files: dict[str, tuple[str, bytes]] = {}
        if request.method == "POST":
            # Starlette keeps files on disk from 1 MB on, and removes them at the end of this block.
            async with request.form(max_files=1, max_fields=_MOST_FIELDS, max_part_size=4 * 2**20) as sent:
                form, files = await _read(sent)
        query, is_part = dict(request.query_params), "hx-request" in request.headers
        visit = Visit(opened, request.path_params, query, form, files, request.url.path, is_part)
        # Places read files and lay out pages: in the loop, one of them would keep all others waiting.
        return await run_in_threadpool(_answered, place, visit)

    return answer


async def _read(sent: FormData) -> tuple[dict[str, str], dict[str, tuple[str, bytes]]]:
    form: dict[str, str] = {}
    files: dict[str, tuple[str, bytes]] = {}
    for name, value in sent.multi_items():
        if isinstance(value, UploadFile):
            files[name] = value.filename or "", await value.read()
        else:
            form[name] = value.replace("\r\n", "\n")  # as browsers send the line ends of a text
    return form, files


def _answered(place: Place, visit: Visit) -> Response:
    with visit.opened.one_look():
        try:
            return place(visit)
        except CannotGoOn as error:
            # htmx puts the answer into the page that is there: a whole page would stand inside of it.
            if visit.is_part:
                return visit.part("part/cannot.html", error=error)
            return visit.page("cannot.html", "This cannot be done", 409, error=error)
