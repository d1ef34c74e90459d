"""The commands of a campaign: begin one, fill in what is open, see it in the browser, the fields of its letters."""

from __future__ import annotations

import contextlib
import importlib
import re
import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from letters.campaign.init import PLACE_ORGANIZATION, PLACE_SIGNER, read_organization, read_signer
from letters.cli import screen
from letters.cli.options import (
    HERE,
    CampaignOption,
    HeaderOption,
    JsonOption,
    LetterOption,
    MapOption,
    OutOption,
    SheetOption,
    load_ready,
    read_columns,
    today,
)
from letters.formats.pictures import SUFFIXES, UnusablePicture, check_picture
from letters.model.problems import CannotGoOn, Exit, many
from letters.model.settings import Organization, Signer

if TYPE_CHECKING:
    from letters.recipients.importing import ImportPlan


_MOST = 4
"""Organizations that a letterhead has room for."""


def init(
    folder: Annotated[Path, typer.Argument(help="The folder to make; new or empty.", metavar="DIR")],
    letter: Annotated[
        str, typer.Option("--letter", help="The letter to start with, by name.", metavar="NAME")
    ] = "guidance-letter",
    organization: Annotated[
        list[str] | None,
        typer.Option(
            "--organization", help="Who writes: NAME; STREET; CITY, STATE ZIP. May be repeated.", metavar="TEXT"
        ),
    ] = None,
    signer: Annotated[
        list[str] | None,
        typer.Option("--signer", help="Who signs: NAME; TITLE; ORGANIZATION. May be repeated.", metavar="TEXT"),
    ] = None,
    recipients: Annotated[
        Path | None,
        typer.Option("--list", help="Your list, a CSV file or a spreadsheet. [default: Michigan's]", metavar="FILE"),
    ] = None,
    sheet: SheetOption = "",
    header: HeaderOption = None,
    maps: MapOption = None,
    subject: Annotated[str, typer.Option("--subject", help="What the letters are about.", metavar="TEXT")] = "",
    ask: Annotated[bool, typer.Option(help="Ask for what no option tells.")] = True,
) -> None:
    """Start a campaign in a new folder.

    The folder holds letters, looks and a list, ready to be checked and built. In a terminal it asks who writes and
    who signs; elsewhere, or with --no-ask, it takes what the options tell, and what is missing stands in [brackets]
    in campaign.toml. Nothing that is there is ever overwritten.

    Example: letters init spring --organization "First Organization; 1 Main Street; Lansing, MI 48933"
    """
    from letters.campaign.init import Answers, start_campaign
    from letters.recipients.importing import record_first

    # A script has nobody who could answer, and must not hang.
    asks = ask and sys.stdin.isatty()
    writers = [read_organization(text) for text in organization or ()] or (_ask_organizations() if asks else [])
    signers = [read_signer(text, writers) for text in signer or ()] or (_ask_signers(writers) if asks else [])
    recipients = recipients or (_ask_list() if asks else None)
    plan = _planned(recipients, sheet, header, read_columns(maps or []), asks=asks) if recipients else None
    answers = Answers(
        letter=letter,
        organizations=writers,
        signers=signers,
        listed=plan.content if plan else None,
        subject=subject,
        date=today(),
    )
    start_campaign(folder, answers)
    if plan:
        # Kept as the first import: next month’s file is compared with it.
        record_first(plan, folder, plan.decisions)
    print(folder)
    print(f"Next: cd {shlex.quote(str(folder))}; letters open, which shows it in your browser", file=sys.stderr)
    print("Or: letters check; fill in the [brackets] of campaign.toml; letters build", file=sys.stderr)
    now = "Open it in your browser now"
    if asks and _ask(now, enter=" (Enter for yes, n for no)").lower() in ("", "y", "yes"):
        open_desk(folder / HERE, browser=True)


def _planned(path: Path, sheet: str, header: int | None, columns: Mapping[str, str], *, asks: bool) -> ImportPlan:
    """Plan the import of the person's own list into the new campaign; without a terminal every proposal is taken."""
    from letters.campaign.init import starter
    from letters.cli.recipients import show_plan, yes_or_no
    from letters.read.campaign import FORMS, offices_of, read_forms
    from letters.read.toml import read_toml
    from letters.recipients.history import Decisions
    from letters.recipients.importing import answered, plan_import

    # The new folder is not there yet; it begins as a copy of these.
    forms, _ = read_forms(read_toml(starter() / "templates" / FORMS, FORMS))
    offices = offices_of(forms)

    def planned(known: Decisions) -> ImportPlan:
        return plan_import(path, None, (), offices, known, sheet=sheet, header=header, columns=columns)

    plan = planned(Decisions())
    show_plan(plan)
    # Nobody is asked: what is proposed holds doubtful rows back, so that nothing goes out by it.
    return answered(plan, yes_or_no if asks else lambda question: question.proposal, planned)


def settle(
    what: Annotated[
        str,
        typer.Argument(
            help="A place in brackets, or date, status, subject, delivery, closing, letter, organizations.1.name …"
        ),
    ],
    value: Annotated[str, typer.Argument(help="What stands there from now on.")],
    campaign: CampaignOption = HERE,
) -> None:
    """Fill in a [bracket] of campaign.toml and of the letter, or set date, status, subject, who writes, who signs.

    Everything else in the files stays as it is, remarks too. Organizations have name, address, phone, email, web and
    logo; signers name, title and organization. The number after the last begins another one, by its name; an empty name
    takes one away. A logo is the path of a picture, which is copied into templates/.

    Example: letters settle "[telephone]" "(517) 555-0100"

    Example: letters settle organizations.1.address "1 Main Street; Lansing, MI 48933"

    Example: letters settle organizations.1.logo ~/Desktop/logo.png
    """
    from letters.campaign.settling import settle_everywhere
    from letters.read.folder import campaign_file

    path = campaign_file(campaign)
    for file, places in settle_everywhere(path, [(what, value)]):
        print(f"{what}: {many(places, 'place')} of {file.relative_to(path.parent).as_posix()} changed")


def open_desk(
    campaign: CampaignOption = HERE,
    letter: LetterOption = "",
    out: OutOption = None,
    read_only: Annotated[bool, typer.Option("--read-only", help="Look at everything, and change nothing.")] = False,
    port: Annotated[
        int, typer.Option("--port", help="A port of this machine. [default: any that is free]", min=0, max=65535)
    ] = 0,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open it in the browser, or only print the address.")
    ] = True,
) -> None:
    """Open the desk: the campaign as a page in your browser, for people who would rather look than type.

    It shows the same folder as every other command, and the files stay the truth. Nothing leaves this computer, and
    no other can reach the page. It ends with Ctrl-C, or ten minutes after its last page was closed.

    Example: letters open
    """
    try:
        # By its name, since it is an extra: what it needs may not be installed.
        desk: Any = importlib.import_module("letters.desk.app")
    except ModuleNotFoundError as error:
        hint = 'install it: pip install "letters-toolkit[desk]", or in the repository: make install'
        raise CannotGoOn(Exit.MISSING_ON_MACHINE, f"the desk needs {error.name}, which is missing", hint) from None
    settings = desk.DeskSettings(campaign=campaign, letter=letter, out=out, read_only=read_only, port=port)
    server = desk.DeskServer(settings)
    with contextlib.suppress(KeyboardInterrupt):
        print(server.url, flush=True)
        print("The address works once. End with Ctrl-C.", file=sys.stderr, flush=True)
        if browser:
            screen.open_in_program(server.url)
        server.run()
    print("the desk is closed; everything that was saved is in the files", file=sys.stderr)


def fields(
    identifier: Annotated[
        str, typer.Argument(help="A recipient, by id. [default: the first of the list]", metavar="[ID]")
    ] = "",
    campaign: CampaignOption = HERE,
    letter: LetterOption = "",
    json: JsonOption = False,
) -> None:
    """List the fields that a letter may use.

    Each field is listed with what it holds for a recipient and where that comes from. Write {{ recipient.agency }} to
    print one, and {% if recipient.phone %} to ask for one. Fields that this letter uses are marked with a dot. Any
    further column of the list is a field, too.

    Example: letters fields list taylor-police
    """
    from dataclasses import asdict

    from letters.campaign.project import list_fields

    project, problems = load_ready(campaign, letter)
    # Fields of a letter that is made; where none can be, those of the list.
    ready = [each.recipient for each in project.letters] or list(project.recipients)
    recipient = (project.narrowed([identifier]).recipients if identifier else ready)[0]
    rows = list_fields(project, recipient)
    if why := project.held_reasons(problems).get(recipient.id):
        print(f"the letter to {recipient.id} is kept back: {why}", file=sys.stderr)
    if json:
        screen.print_json({"recipient": recipient.id, "fields": [asdict(row) for row in rows]})
        return
    print(f"Fields of {project.template.name}, as they are for {recipient.id}", file=sys.stderr)
    columns = ("", "field", "holds", "from")
    screen.print_table(columns, [("•" if row.used else "", row.name, row.holds, row.origin) for row in rows])


class FieldsGroup(TyperGroup):
    """The commands under "fields": without the name of one, the fields are listed."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the name of the command first where it is left out; help is that of the group."""
        # "letters fields taylor-police" stays possible beside "letters fields map".
        named = args[:1] and args[0] in (*self.commands, *ctx.help_option_names)
        return super().parse_args(ctx, args if named else ["list", *args])


def map_fields(
    letter: Annotated[str, typer.Argument(help="A letter made in Word, by name.", metavar="LETTER")],
    given: Annotated[
        list[str] | None,
        typer.Option("--map", help="What a merge field stands for. May be repeated.", metavar="NAME=FIELD"),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Keep all that is known, without asking.")] = False,
    campaign: CampaignOption = HERE,
) -> None:
    """Say what the fields of a mail merge stand for.

    A letter made in Word may hold merge fields: «First_Name» is then filled with recipient.first_name. What is sure is
    proposed; for the rest this asks, or takes --map. The answers are kept in campaign.toml, under [merge_fields].

    Example: letters fields map our-letter --map "Agreement=recipient.agreement_287g"
    """
    from letters.campaign.settling import keep_merge_fields, list_merge_fields
    from letters.read.folder import campaign_file

    path = campaign_file(campaign)
    fields = list_merge_fields(path, letter)
    meanings = fields.settled(_meanings(given or []))
    if not meanings:
        print(f"{letter} has no merge fields", file=sys.stderr)
        return
    if sys.stdin.isatty() and not yes:
        for name, proposed in list(meanings.items()):
            while said := _ask(f"«{name}» stands for [{proposed or 'leave it open'}]", enter=""):
                try:
                    meanings[name] = fields.settled({name: _field(said)})[name]
                    break
                except CannotGoOn as error:
                    print(f"  {error}", file=sys.stderr)
    screen.print_table(("field of the mail merge", "stands for"), [(f"«{n}»", m or "?") for n, m in meanings.items()])
    known = {name: meaning for name, meaning in meanings.items() if meaning}
    if known:
        # Kept also where others are missing: nobody should say them twice.
        keep_merge_fields(path, known)
        print(f"kept in {path.name}, under [merge_fields]", file=sys.stderr)
    if open_names := [f"«{name}»" for name, meaning in meanings.items() if not meaning]:
        hint = "say what they stand for: --map NAME=FIELD; letters fields list shows what there is"
        raise CannotGoOn(Exit.PROBLEMS, f"nothing is known of {', '.join(open_names)}", hint)


def _meanings(given: Sequence[str]) -> dict[str, str]:
    """Read NAME=FIELD; a field of the recipient may be named by its column alone."""
    meanings = {}
    for text in given:
        name, equals, field = (part.strip() for part in text.partition("="))
        if not (name and equals and field):
            raise CannotGoOn(Exit.WRONG_CALL, f'"{text}" is not NAME=FIELD', 'such as "Agency=recipient.agency"')
        meanings[name.strip("«»<> ")] = _field(field)
    return meanings


def _field(said: str) -> str:
    """Return the expression of a field that may be written in braces, or by its column alone."""
    # People copy it from a letter in Markdown, braces and all.
    bare = said.strip().removeprefix("{{").removesuffix("}}").strip()
    return f"recipient.{bare}" if re.match(r"\w+\s*(\||$)", bare) else bare


def _ask_organizations() -> list[Organization]:
    """Ask for organizations with their address, telephone, website and logo until a name is left empty.

    An answer left empty becomes a place in brackets, but for telephone, website and logo, which a letterhead can do
    without. Where the name comes with its address on one line, that is not asked for.
    """
    found: list[Organization] = []
    while len(found) < _MOST:
        which = "another organization that writes" if found else "the organization that writes"
        name = _ask(f"Name of {which}")
        if not name:
            break
        try:
            one = read_organization(name)
        except CannotGoOn as error:
            print(f"  {error}", file=sys.stderr)
            continue
        if one.address == PLACE_ORGANIZATION.address:
            # What stands for an answer: a place in brackets, which check counts.
            street, last = one.address
            address = (_ask("  Street and number") or street, _ask("  City, state and ZIP") or last)
            one = replace(one, address=address)
        found.append(replace(one, phone=_ask("  Telephone"), web=_ask("  Website"), logo=_ask_logo()))
    return found


def _ask_signers(organizations: Sequence[Organization]) -> list[Signer]:
    """Ask for those who sign, with title and organization, until a name is left empty."""
    found: list[Signer] = []
    while True:
        name = _ask(f"Name of {'another person' if found else 'the person'} who signs")
        if not name:
            return found
        one = read_signer(name, organizations)
        if one.title == PLACE_SIGNER.title:
            one = replace(one, title=_ask("  Title") or one.title)
        if not one.organization and organizations:
            numbers = {str(number): each.name for number, each in enumerate(organizations, start=1)}
            said = _ask(f"  Of which organization: {', '.join(f'{n} {each}' for n, each in numbers.items())}")
            one = replace(one, organization=numbers.get(said, said))
        found.append(one)


def _ask_list() -> Path | None:
    """Ask for the file of the person's own list; None for the one that comes with the toolkit."""
    while said := _ask("Your list, a CSV file or a spreadsheet (Enter for Michigan's)", enter=""):
        path = _path(said)
        if path.is_file():
            return path
        print(f'  there is no file "{said}"; it can be dragged into this window', file=sys.stderr)
    return None


def _ask_logo() -> Path | None:
    while said := _ask("  Logo, a PNG, JPEG or SVG file"):
        path = _path(said)
        try:
            if path.suffix.lower() not in SUFFIXES:
                raise UnusablePicture("it is none of these", "save it as .png, .jpg or .svg")
            check_picture(path)
        except UnusablePicture as error:
            print(f'  "{said}" cannot be placed: {error.what}; {error.hint}', file=sys.stderr)
        except OSError as error:
            print(f'  "{said}" cannot be read: {error.strerror}', file=sys.stderr)
        else:
            return path
    return None


def _path(said: str) -> Path:
    """Return the path that was typed, or dragged into the window, which puts quotes around one with blanks."""
    return Path(said.strip("'\"")).expanduser()


def _ask(what: str, enter: str = " (Enter to go on)") -> str:
    """Ask for a line on stderr, since stdout is for what the command makes."""
    print(f"{what}{enter}: ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip()
