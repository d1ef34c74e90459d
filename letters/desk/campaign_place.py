"""The place Campaign: where it stands in one sentence, five steps, what is to be settled, who writes and signs.

Its forms say who writes, who signs, and who has read which authority.
"""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.responses import Response

from letters.campaign.cites import record_readings
from letters.campaign.settling import SETTINGS, brackets, settle_everywhere, texts_with_brackets
from letters.campaign.settling import settle as settle_in_file
from letters.cite.check import is_unread
from letters.desk.opened import CampaignView, OpenCampaign
from letters.desk.visit import PLACES, Visit, frame_of, go, missing, problems_of, things_to_settle, uploaded
from letters.formats.files import sha256
from letters.model.problems import CannotGoOn, Exit, Problem, Severity, grouped, many
from letters.model.settings import Status
from letters.read.campaign import AUTHORITIES
from letters.read.toml import TomlFile, read_toml
from letters.review.status import CURRENT

_KEYS = {
    "organizations": {
        "name": "Name",
        "address": "Address, a line each",
        "phone": "Telephone",
        "email": "E-mail",
        "web": "Website",
    },
    "signers": {"name": "Name", "title": "Title", "organization": "Signs for"},
}
_LEFT_OUT = ("phone", "email", "web")
"""What a letterhead can do without: left empty, it goes, where another place stays one to be filled in."""
# A letterhead has room for four organizations; read/campaign.py takes no more signers.
_MOST = {"organizations": 4, "signers": 40}
_SHOWN, _FEW = 60, 12
"""Messages of one group that are shown, and that are shown at once."""
_TICKED = "read-"
"""How the name of the box before an authority begins; its key follows."""


@dataclass(frozen=True, slots=True)
class WriterField:
    """A field of a form: what stands in it, and the bracket that it takes the place of."""

    key: str
    label: str
    value: str
    open: str = ""


@dataclass(frozen=True, slots=True)
class WriterForm:
    """An organization or a person who signs, as a form; the last of each kind is empty."""

    table: str
    number: int
    fields: Sequence[WriterField]
    problems: Sequence[Problem]
    is_new: bool = False
    logo: str = ""

    @property
    def heading(self) -> str:
        """What the form is called."""
        first = self.fields[0]
        if self.is_new:
            return "Another organization" if self.table == "organizations" else "Another person"
        return first.value or first.open or "without a name"

    @property
    def settle(self) -> int:
        """How many things are to be settled in it."""
        return sum(bool(each.open) or bool(brackets(f'"{each.value}"')) for each in self.fields) + len(self.problems)


@dataclass(frozen=True, slots=True)
class Writers:
    """All that the place Campaign shows of campaign.toml as forms."""

    organizations: Sequence[WriterForm]
    signers: Sequence[WriterForm]
    names: Sequence[str]
    """Of the organizations."""
    brackets: Sequence[str]
    """Those to be filled in elsewhere in the file, and in the texts of the letter."""
    problems: Sequence[Problem]
    """What is wrong elsewhere in the file."""
    base: str
    """The hash of the file."""

    def form(self, table: str, number: str) -> WriterForm | None:
        """Return one of the forms; None where there is none such."""
        every = (*self.organizations, *self.signers)
        return next((each for each in every if (each.table, str(each.number)) == (table, number)), None)


def writers(opened: OpenCampaign, problems: Sequence[Problem]) -> Writers:
    """Return campaign.toml as forms, each with its problems."""
    try:
        file = read_toml(opened.path, opened.path.name)
    except CannotGoOn:  # it is no text, which stands above the forms
        file = TomlFile(opened.path.name, "", {}, {}, is_toml=False)
    # A bracket is a field of its form: the message that says so would say it twice.
    own = [
        each
        for each in problems
        if each.place.path == opened.path.name and not (file.is_toml and "is to be filled in" in each.what)
    ]
    by_table: dict[tuple[object, ...], list[Problem]] = {}
    for problem in own:
        by_table.setdefault(_table_of(file, problem.place.line), []).append(problem)
    forms = (
        {table: _forms(file, table, by_table) for table in _KEYS} if file.is_toml else {table: [] for table in _KEYS}
    )
    # Brackets in the forms are fields of theirs; here are those of the keys that have no form.
    others = {key: value for key, value in file.table.items() if key not in _KEYS}
    said = json.dumps(others, ensure_ascii=False, default=str)
    in_texts = opened.kept_of_files("brackets of the texts", lambda: list(texts_with_brackets(opened.path)))
    places = [each for each in brackets(file.text) if each in said]
    return Writers(
        forms["organizations"],
        forms["signers"],
        [form.fields[0].value or form.fields[0].open for form in forms["organizations"] if not form.is_new],
        list(dict.fromkeys([*places, *in_texts])) if file.is_toml else [],
        [each for at, some in by_table.items() if at[:1] not in (("organizations",), ("signers",)) for each in some],
        sha256(file.text.encode()),
    )


def _table_of(file: TomlFile, line: int) -> tuple[object, ...]:
    """Return the table that a line belongs to; without a number in it, what is said of all of its kind."""
    # The last key that begins at or above the line: a table goes on until the next one.
    before = [(at, path) for path, at in file.lines.items() if at <= line]
    return max(before, default=(0, ()), key=lambda each: each[0])[1][:2]


def _forms(file: TomlFile, table: str, problems: Mapping[tuple[object, ...], Sequence[Problem]]) -> list[WriterForm]:
    there = [each for each in file.table.get(table, []) if isinstance(each, dict)]
    forms = [
        WriterForm(
            table,
            number + 1,
            [_field(key, label, each.get(key, "")) for key, label in _KEYS[table].items()],
            problems.get((table, number), ()),
            logo=str(each.get("logo", "")),
        )
        for number, each in enumerate(there)
    ]
    if len(there) < _MOST[table]:
        empty = [WriterField(key, label, "") for key, label in _KEYS[table].items()]
        forms.append(WriterForm(table, len(there) + 1, empty, (), is_new=True))
    return forms


def _field(key: str, label: str, value: object) -> WriterField:
    """Return a field; what is nothing but a bracket is an empty field that shows it."""
    text = "\n".join(map(str, value)) if isinstance(value, list) else str(value)
    # Brackets with nothing between them but blanks and signs: the value is a place to be filled in.
    rest = re.sub(r"\[[^\]]*\]|[\s,;]", "", text)
    return WriterField(key, label, "" if text and not rest else text, "" if rest else text)


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
    # A new campaign has no list yet: that is a beginning, and no mistake.
    if view.error is not None and not view.problems and "recipients" in view.error.message:
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
    # Of those who get a letter: a row that is held back is not missing.
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
    of_list = [
        each
        for each in kept
        if each.place.path.endswith(".csv") or (each.recipient and not each.place.path.endswith((".md", ".docx")))
    ]
    authorities = [each for each in kept if "authorities" in each.place.path]
    tables = [each for each in kept if each.place.path.endswith(".toml") and "authorities" not in each.place.path]
    settings = [each for each in tables if each.place.path != campaign]
    # By identity: two rows may have the same message.
    known = {id(each) for group in (of_list, authorities, tables) for each in group}
    text = [each for each in kept if id(each) not in known]
    groups = (
        ("In the list", "Correct the row, or hold it with a reason.", "/list?show=problems", of_list),
        ("In the letter", "Write these out, or take them away.", "/letter", text),
        ("Looks and goods", "These files of the templates are changed in an editor.", "", settings),
        ("Authorities", "Somebody reads each source, and says so.", "/authorities", authorities),
    )
    return [
        Group(name, about, path, sorted(grouped(some), key=lambda each: each.severity))
        for name, about, path, some in groups
        if some
    ]


def pulse(visit: Visit) -> Response:
    """Answer the question for news that every open page asks: what runs, what changed, who else is there."""
    opened = visit.opened
    frame = {
        "progress": opened.running.progress,
        "is_running": opened.is_busy,
        # Counted by the names that windows give themselves; one that has not asked for 12 seconds is closed.
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
    return back if back in PLACES.values() else "/"


def settle(visit: Visit) -> Response:
    """Fill in brackets of the campaign, or set its date, status or subject: each field has a name and a value."""
    opened = visit.opened
    said = []
    for field, value in visit.form.items():
        what = visit.form.get(f"what{field[5:]}", "") if field.startswith("value") else ""
        if what and value.strip() and value != visit.form.get(f"was{field[5:]}"):
            # Forms can be made up; only what the page offers is written into the file.
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
        today=opened.today().isoformat(),
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
    if day > opened.today():
        raise CannotGoOn(Exit.WRONG_CALL, f"{day} is yet to come", "give the day on which they were read")
    with opened.lock:
        project = opened.view().loaded
        known = project.authorities.by_key if project.authorities else {}
        if gone := [key for key in keys if key not in known]:
            raise CannotGoOn(Exit.WRONG_CALL, f'"{gone[0]}" is no authority of this campaign')
        values: dict[str, str | datetime.date] = {"read_by": name, "read_on": day}
        record_readings(project, dict.fromkeys(keys, values), opened.out, opened.moment())
    opened.tell(f"{AUTHORITIES}: {many(len(keys), 'authority', 'authorities')} read by {name} on {day}.")
    return go("/authorities")


def save(visit: Visit) -> Response:
    """Write what was changed in one form into campaign.toml; nothing where the file changed meanwhile."""
    opened, form = visit.opened, visit.form
    table, number = form.get("table", ""), form.get("number", "")
    what = f"{table}.{number}"
    with opened.lock:
        now = writers(opened, ())
        # The number of a form is its place in the file: by now it may be that of somebody else.
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
        # A bracket that is left empty stays, but where a letterhead can do without.
        if value == field.value.strip() and not (field.open and not value and field.key in _LEFT_OUT):
            continue
        if (field.key == "name" and not value) or (value and value == field.open):
            continue
        lines = [line.strip().strip(";") for line in value.split("\n")]
        found.append((field.key, "; ".join(filter(None, lines)) if field.key == "address" else value))
    return found
