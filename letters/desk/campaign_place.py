"""The place Campaign: where it stands in one sentence, five steps, and what is to be settled, by what settles it.

Its forms say who writes, who signs, and who has read which authority."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.responses import Response

from letters.campaign.cites import record_readings
from letters.campaign.settling import SETTINGS, brackets, settle_everywhere
from letters.campaign.settling import settle as settle_in_file
from letters.cite.check import is_unread
from letters.desk.opened import CampaignView, OpenCampaign
from letters.desk.visit import Visit, frame_of, go, missing, problems_of, things_to_settle, uploaded
from letters.desk.writers import LEFT_OUT, WriterForm, writers
from letters.model.problems import CannotGoOn, Exit, Problem, Severity, grouped, many
from letters.model.settings import Status
from letters.read.campaign import AUTHORITIES
from letters.review.status import CURRENT

_SHOWN, _FEW = 60, 12
"""Messages of one group that are shown, and that are shown at once."""
_TICKED = "read-"
"""How the name of the box before an authority begins; its key follows."""


@dataclass(frozen=True, slots=True)
class Group:
    """Things to settle that are settled at one place."""

    name: str
    about: str
    path: str
    """The page where they are settled; empty where it is here, or in another program."""
    problems: Sequence[Problem]

    @property
    def is_open(self) -> bool:
        """Whether it is shown at once: it stops letters, and is no long list."""
        return len(self.problems) < _FEW and any(each.stops for each in self.problems)

    @property
    def shown(self) -> Sequence[Problem]:
        """The first of them."""
        return self.problems[:_SHOWN]


@dataclass(frozen=True, slots=True)
class CampaignStep:
    """One of the five steps of a campaign."""

    name: str
    path: str
    words: str
    done: bool


def campaign(visit: Visit) -> Response:
    """Answer with the page of the campaign."""
    opened = visit.opened
    view = opened.view()
    if view.project is None and _has_no_list(view):
        return visit.page("campaign_empty.html", "Campaign", view=view)
    problems = problems_of(opened)
    who = writers(opened, problems)
    steps = _steps(opened, view)
    return visit.page(
        "campaign.html",
        "Campaign",
        view=view,
        sentence=_sentence(view, things_to_settle(opened)),
        steps=steps,
        following=next((step for step in steps if not step.done), None),
        writers=who,
        groups=opened.kept_of_files("groups", lambda: _groups(problems, opened.path.name)),
        campaign=view.project.campaign if view.project else None,
        is_final=bool(view.project and view.project.campaign.status is Status.FINAL),
    )


def _has_no_list(view: CampaignView) -> bool:
    return not view.problems and view.error is not None and "recipients" in view.error.message


def _sentence(view: CampaignView, settle: int) -> str:
    if view.project is None:
        return "No letter can be made before these mistakes are corrected."
    ready, held = len(view.project.letters), len(view.held)
    kept = f", {held:,} {'is' if held == 1 else 'are'} held" if held else ""
    left = f", {many(settle, 'thing')} to settle before it may go out" if settle else ""
    return f"{many(ready, 'letter')} can be made{kept}{left}."


def _steps(opened: OpenCampaign, view: CampaignView) -> list[CampaignStep]:
    if view.project is None:
        return [
            CampaignStep(name, path, "", done=False)
            for name, path in (("Bring in the list", "/list"), ("Write", "/letter"))
        ]
    ready, recipients = len(view.project.letters), len(view.project.recipients)
    found, posted = opened.standings(), opened.posted()
    ids = {letter.recipient.id for letter in view.project.letters}
    made = sum(found[identifier].pdf == CURRENT for identifier in ids)
    approved = sum(bool(found[identifier].approved_by) for identifier in ids)
    stopped = sum(bool(problem.recipient) and problem.stops for problem in view.problems)
    left = sum("to be filled in" in problem.what for problem in view.problems)
    rows = many(recipients, "row") + (f", {many(stopped, 'mistake')}" if stopped else "")
    places = f"{many(left, 'place')} to fill in" if left else "nothing is left open"
    letters = many(ready, "letter")
    return [
        CampaignStep(*_listing(recipients, stopped), rows, bool(recipients) and not stopped),
        CampaignStep(*_writing(opened), places, not left),
        CampaignStep("Build", "/build", f"{made:,} of {letters} made", bool(ready) and made == ready),
        CampaignStep("Review", "/review", f"{approved:,} of {letters} approved", bool(ready) and approved == ready),
        CampaignStep("Print and post", "/mail", f"{len(posted):,} posted", bool(ready) and len(posted) >= ready),
    ]


def _listing(recipients: int, stopped: int) -> tuple[str, str]:
    """Return what the first step is called and where it leads."""
    if recipients and stopped:
        return "Correct the list", "/list?show=stopped"
    return "Bring in the list", "/list" if recipients else "/import"


def _writing(opened: OpenCampaign) -> tuple[str, str]:
    """Return what the second step is called and where it leads: first to what the campaign leaves open."""
    if brackets(opened.path.read_text("utf-8", "replace")):
        return "Fill in what is open", "/#organizations"
    return "Write the letter", "/letter"


def _groups(problems: Sequence[Problem], campaign: str) -> list[Group]:
    """Return what is settled elsewhere, by what settles it: errors first, in each group equal causes as one.

    What is settled in the campaign's own file stands with its forms.
    """
    kept = [problem for problem in problems if problem.severity is not Severity.NOTE]
    of_list = [each for each in kept if each.place.path.endswith(".csv") or (each.recipient and not _in_text(each))]
    authorities = [each for each in kept if "authorities" in each.place.path]
    tables = [each for each in kept if each.place.path.endswith(".toml") and "authorities" not in each.place.path]
    settings = [each for each in tables if each.place.path != campaign]
    known = {id(each) for group in (of_list, authorities, tables) for each in group}
    text = [each for each in kept if id(each) not in known]
    groups = (
        Group("In the list", "Correct the row, or hold it with a reason.", "/list?show=problems", of_list),
        Group("In the letter", "Write these out, or take them away.", "/letter", text),
        Group("Looks and goods", "These files of the templates are changed in an editor.", "", settings),
        Group("Authorities", "Somebody reads each source, and says so.", "/authorities", authorities),
    )
    return [
        Group(group.name, group.about, group.path, sorted(grouped(group.problems), key=lambda each: each.severity))
        for group in groups
        if group.problems
    ]


def _in_text(problem: Problem) -> bool:
    return problem.place.path.endswith((".md", ".docx"))


def pulse(visit: Visit) -> Response:
    """Answer the question for news that every open page asks: what runs, what changed, who else is there."""
    opened = visit.opened
    frame = {
        "progress": opened.running.progress,
        "is_running": opened.is_busy,
        "others": opened.other_windows(visit.query.get("window", "")),
        "changed": visit.query.get("seen", "") not in ("", opened.edition_on_disk),
    }
    return visit.part("part/pulse.html", frame=frame)


def who(visit: Visit) -> Response:
    """Take down who sits at the desk, and go back."""
    visit.opened.person = " ".join(visit.form.get("name", "").split())[:120]
    return go(_way_back(visit))


def choose(visit: Visit) -> Response:
    """Choose another letter of the campaign, and go back."""
    known = frame_of(visit.opened, "/").letters
    name = visit.form.get("letter", "")
    if name in known:
        visit.opened.letter = name
    return go(_way_back(visit))


def _way_back(visit: Visit) -> str:
    """Return the place that a form of the frame was sent from; anything that is not a place of ours is the first."""
    back = visit.form.get("back", "/")
    return back if back in ("/", "/list", "/letter", "/build", "/review", "/mail") else "/"


def settle(visit: Visit) -> Response:
    """Fill in brackets of the campaign, or set its date, status or subject: each field has a name and a value."""
    opened = visit.opened
    said = []
    for field, value in visit.form.items():
        what = visit.form.get(f"what{field[5:]}", "") if field.startswith("value") else ""
        if what and value.strip() and value != visit.form.get(f"was{field[5:]}"):
            if what not in SETTINGS and not what.startswith("["):
                raise missing("There is no such field.")
            said.append((what, value))
    if said:
        with opened.lock:
            filled = settle_everywhere(opened.path, said)
        opened.tell(f"Kept in {', '.join(file.path.name for file in filled)}: {', '.join(what for what, _ in said)}.")
    else:
        opened.tell("Nothing was filled in.", "bad")
    return go("/")


def authorities(visit: Visit) -> Response:
    """Answer with the authorities that nobody has read, to be ticked."""
    opened = visit.opened
    known = opened.view().loaded.authorities
    rows = known.by_key if known else {}
    return visit.page(
        "authorities.html",
        "Authorities",
        unread={key: each for key, each in rows.items() if is_unread(each)},
        read={key: each for key, each in rows.items() if not is_unread(each)},
        today=opened.now().astimezone().date().isoformat(),
    )


def read(visit: Visit) -> Response:
    """Record that somebody has read the authorities that are ticked."""
    opened, form = visit.opened, visit.form
    name = " ".join(form.get("person", "").split())
    keys = [field.removeprefix(_TICKED) for field in form if field.startswith(_TICKED)]
    if not name or name.startswith("[") or not keys:
        raise CannotGoOn(Exit.WRONG_CALL, "who has read which of them?", "write the name, and tick what was read")
    try:
        day = datetime.date.fromisoformat(form.get("date", ""))
    except ValueError:
        raise CannotGoOn(Exit.WRONG_CALL, f'"{form.get("date", "")}" is not a date', "write it as 2025-09-19") from None
    if day > opened.now().astimezone().date():
        raise CannotGoOn(Exit.WRONG_CALL, f"{day} is yet to come", "give the day on which they were read")
    with opened.lock:
        project = opened.view().loaded
        known = project.authorities.by_key if project.authorities else {}
        if gone := [key for key in keys if key not in known]:
            raise CannotGoOn(Exit.WRONG_CALL, f'"{gone[0]}" is no authority of this campaign')
        values: dict[str, str | datetime.date] = {"read_by": name, "read_on": day}
        record_readings(project, dict.fromkeys(keys, values), opened.out, opened.now().isoformat(timespec="seconds"))
    opened.tell(f"{AUTHORITIES}: {many(len(keys), 'authority', 'authorities')} read by {name} on {day}.")
    return go("/authorities")


def save(visit: Visit) -> Response:
    """Write what was changed in one form into campaign.toml; nothing where the file changed meanwhile."""
    opened, form = visit.opened, visit.form
    table, number = form.get("table", ""), form.get("number", "")
    what = f"{table}.{number}"
    with opened.lock:
        now = writers(opened, ())
        if form.get("base") != now.base:
            opened.tell(f"{opened.path.name} was changed meanwhile. Nothing was written: look again.", "bad")
            return go("/")
        shown = now.form(table, number)
        if shown is None:
            raise missing("There is no such form.")
        said = [(f"{what}.{key}", value) for key, value in _changed(shown, form)]
        if form.get("remove") == "yes":
            said = [(f"{what}.name", "")]
        elif logo := uploaded(visit):
            said.append((f"{what}.logo", str(logo)))
        elif form.get("no-logo") == "yes":
            said.append((f"{what}.logo", ""))
        if said:
            settle_in_file(opened.path, said)
    name = form.get("name", "").strip() or shown.heading
    opened.tell(f"{name}: kept in {opened.path.name}." if said else "Nothing was filled in.", "good" if said else "bad")
    return go(f"/#{table}")


def _changed(shown: WriterForm, form: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the keys that another value was given, the name first: a new table begins with it."""
    found = []
    for field in shown.fields:
        value = form.get(field.key, "").strip()
        if value == field.value.strip() and not (field.open and not value and field.key in LEFT_OUT):
            continue
        if (field.key == "name" and not value) or (value and value == field.open):
            continue
        lines = [line.strip().strip(";") for line in value.split("\n")]
        found.append((field.key, "; ".join(filter(None, lines)) if field.key == "address" else value))
    return found
