"""The commands for the list: bring one in, take the import back, look at it, check it, join facts to it."""

from __future__ import annotations

import datetime
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from letters.cli import import_screen, screen
from letters.cli.options import (
    HERE,
    CampaignOption,
    HeaderOption,
    JsonOption,
    MapOption,
    SheetOption,
    WhereOption,
    read_columns,
)
from letters.model.problems import CannotGoOn, Exit, many

if TYPE_CHECKING:
    from letters.recipients.importing import ImportPlan

recipients_app = typer.Typer(
    help="Work on the list: bring one in, undo that, check it, look at it, join facts to it.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)
YesOption = Annotated[bool, typer.Option("--yes", help="Take every proposal without asking.")]
DryOption = Annotated[bool, typer.Option("--dry-run", help="Show what would be done, and write nothing.")]
FileArgument = Annotated[Path, typer.Argument(help="CSV, TSV, XLSX, XLS or ODS.", metavar="FILE")]


def add_to(app: typer.Typer) -> None:
    """Add these commands to the program."""
    recipients_app.command("import")(import_list)
    recipients_app.command("set")(set_row)
    for command in (undo, check, show_list):
        recipients_app.command("list" if command is show_list else command.__name__)(command)
    recipients_app.command("map")(show_map)
    recipients_app.command("join-287g")(join_287g)
    app.add_typer(recipients_app, name="recipients")


def place(campaign: Path) -> tuple[Path, Path, tuple[str, ...]]:
    """Return the campaign's folder, the path of its list, and the offices that it can address.

    Raises CannotGoOn where the campaign cannot be read.
    """
    from letters.read.campaign import FORMS, read_campaign, read_forms
    from letters.read.folder import campaign_file
    from letters.read.toml import read_toml

    path = campaign_file(campaign)
    settings, problems = read_campaign(read_toml(path, path.name), path.parent)
    if settings is None:
        screen.print_plain_problems(problems)
        raise CannotGoOn(Exit.PROBLEMS, "the campaign cannot be read before these are fixed", "letters check")
    shown = settings.templates.as_posix()
    forms, _ = read_forms(read_toml(path.parent / settings.templates / FORMS, f"{shown}/{FORMS}"))
    return path.parent, path.parent / settings.recipients, tuple(dict.fromkeys(form.office for form in forms))


def import_list(
    file: FileArgument,
    sheet: SheetOption = "",
    header: HeaderOption = None,
    maps: MapOption = None,
    dry_run: DryOption = False,
    yes: YesOption = False,
    every: Annotated[bool, typer.Option("--all", help="Show every repair, not three of each kind.")] = False,
    campaign: CampaignOption = HERE,
) -> None:
    """Bring a list in, or next month's file of the same list.

    First everything is read, cleaned and compared, and you see what would be done: each column with the evidence, each
    repair, what is new, changed or gone. Only what you agree to is written. Cells that you changed by hand stay; rows
    are never removed; what holds a letter back stays. Answers are kept in list-decisions.toml and used again.

    Example: letters recipients import chiefs.xlsx --dry-run
    """
    from letters.recipients.history import Decisions, former_imports, read_decisions
    from letters.recipients.importing import answered, apply_plan, plan_import

    folder, listed, offices = place(campaign)

    def planned(known: Decisions) -> ImportPlan:
        content = listed.read_bytes() if listed.exists() else None
        imports, columns = former_imports(folder), read_columns(maps or [])
        return plan_import(file, content, imports, offices, known, sheet=sheet, header=header, columns=columns)

    plan = planned(read_decisions(folder))
    import_screen.show_plan(plan, every=every)
    import_screen.show_outdated(folder, plan)
    if dry_run:
        print("Nothing was written.", file=sys.stderr)
        return
    if plan.questions and not yes and not sys.stdin.isatty():
        hint = "--yes takes the proposals; or answer in list-decisions.toml"
        raise CannotGoOn(Exit.PROBLEMS, f"nothing was written: {many(len(plan.questions), 'question')} open", hint)
    plan = answered(plan, (lambda question: question.proposal) if yes else import_screen.yes_or_no, planned)
    changed = apply_plan(plan, file, folder, listed, plan.decisions)
    import_screen.show_done(plan, listed, changed=changed)


def undo(campaign: CampaignOption = HERE, yes: YesOption = False) -> None:
    """Bring back the list as it was before the last import.

    Where the list was changed since, this is refused; with --yes the changed list is kept in list-history/.

    Example: letters recipients undo
    """
    from letters.recipients.history import undo as undo_last

    folder, listed, _ = place(campaign)
    record = undo_last(folder, listed, even_if_changed=yes)
    print(f"{listed.name} is as it was before the import of {record.file}", file=sys.stderr)
    print(listed)


def check(
    xlsx: Annotated[
        Path | None,
        typer.Option(
            "--xlsx", help="Write the list as a workbook, doubtful cells marked, to be imported back.", metavar="FILE"
        ),
    ] = None,
    held: Annotated[bool, typer.Option("--held", help="With --xlsx: only the rows that are held back.")] = False,
    json: JsonOption = False,
    campaign: CampaignOption = HERE,
) -> None:
    """Check the list alone: every row, and rows that may be one official twice.

    With --xlsx the list is written as a workbook with the doubtful cells coloured and explained; correct it there, and
    bring it back with "letters recipients import".

    Example: letters recipients check --xlsx to-do.xlsx
    """
    from letters.recipients.checking import check_list, write_worksheet

    folder, listed, offices = place(campaign)
    recipients, problems = check_list(listed, listed.relative_to(folder).as_posix(), offices)
    if json:
        screen.print_json(screen.problems_as_data(None, problems) | {"recipients": len(recipients)})
    else:
        screen.print_list_problems(recipients, problems)
    if xlsx:
        count = write_worksheet(xlsx, recipients, problems, only_held=held)
        print(f"{many(count, 'row')}; correct them, then: letters recipients import {xlsx}", file=sys.stderr)
        print(xlsx)
    if any(problem.stops for problem in problems):
        sys.exit(Exit.PROBLEMS)


def show_list(
    where: WhereOption = "",
    json: JsonOption = False,
    campaign: CampaignOption = HERE,
) -> None:
    """List the recipients, or those for which an expression is true.

    An expression compares columns: office == "sheriff" and agreement_287g, or: not zip. A held row has a text in hold.

    Example: letters recipients list --where 'office == "sheriff" and agreement_287g'
    """
    from letters.campaign.fields import chosen
    from letters.read.recipients import read_recipients

    folder, listed, offices = place(campaign)
    recipients, columns, _ = read_recipients(listed, listed.relative_to(folder).as_posix(), offices)
    found = chosen(recipients, columns, where)
    if json:
        screen.print_json([dict(recipient.columns) for recipient in found])
    else:
        heads = ("id", "name", "agency", "city", "state", "zip", "agreement", "held back")
        screen.print_table(heads, [import_screen.list_row(recipient) for recipient in found])
    print(f"{len(found):,} of {many(len(recipients), 'recipient')}", file=sys.stderr)


def show_map(
    where: WhereOption = "",
    out: Annotated[
        Path | None, typer.Option("--out", help="The file. [default: out/list-map.html]", metavar="FILE")
    ] = None,
    campaign: CampaignOption = HERE,
) -> None:
    """Write the list as one page for a browser: a table to sort, and a map.

    The map has a dot for each row at the place of its ZIP code, on the ground of all ZIP codes of its states. The page
    loads nothing from anywhere, and can be sent to somebody as it is.

    Example: letters recipients map --where 'agreement_287g'
    """
    from letters.campaign.fields import chosen
    from letters.formats.files import make_folder, write_whole
    from letters.read.recipients import read_recipients
    from letters.recipients.map import list_map

    folder, listed, offices = place(campaign)
    recipients, columns, _ = read_recipients(listed, listed.relative_to(folder).as_posix(), offices)
    found = chosen(recipients, columns, where)
    path = out or folder / "out" / "list-map.html"
    make_folder(path.parent)
    write_whole(path, list_map(found, f"{listed.name}: {where}" if where else listed.name).encode())
    print(f"{len(found):,} of {many(len(recipients), 'recipient')}", file=sys.stderr)
    print(path)


def set_row(
    identifier: Annotated[str, typer.Argument(help="The row, by id.", metavar="ID")],
    cells: Annotated[list[str], typer.Argument(help="What its cells say from now on.", metavar="COLUMN=VALUE...")],
    campaign: CampaignOption = HERE,
) -> None:
    """Set cells of one row of the list; every other byte of the list stays as it is.

    A letter is held with a reason, hold="no chief at present", and let go with an empty one: hold=

    Example: letters recipients set adrian-police city=Adrian hold="no chief at present"
    """
    from letters.recipients.history import set_cells

    _, listed, _ = place(campaign)
    wanted = {}
    for each in cells:
        column, equals, value = each.partition("=")
        if not equals:
            raise CannotGoOn(Exit.WRONG_CALL, f'"{each}" is not COLUMN=VALUE', "such as city=Adrian")
        wanted[column.strip()] = value
    changed = set_cells(listed, identifier, wanted, {})
    print(f"{identifier}: {', '.join(changed)} changed" if changed else f"{identifier}: nothing changed")


def join_287g(
    file: Annotated[Path, typer.Argument(help="ICE's list of participating agencies, XLSX or CSV.", metavar="FILE")],
    as_of: Annotated[
        str,
        typer.Option("--as-of", help="The list's date, as 2025-09-17. [default: from the file's name]", metavar="DATE"),
    ] = "",
    dry_run: DryOption = False,
    yes: YesOption = False,
    every: Annotated[bool, typer.Option("--all", help="Show every agency of ICE's list, not a few.")] = False,
    campaign: CampaignOption = HERE,
) -> None:
    """Join ICE's list of 287(g) agreements to the list.

    Writes the model, the signing date and the list's date, and "none" for agencies that the list surely covers. What is
    not sure is asked, and never taken without a yes. A later list shows what changed.

    Example: letters recipients join-287g participatingAgencies09172025pm.xlsx --as-of 2025-09-17
    """
    from letters.recipients.agreements import join_agreements, list_date, write_joined

    folder, listed, _ = place(campaign)
    date = list_date(as_of, file.name, datetime.datetime.now().astimezone().date())
    joined = join_agreements(file, listed, folder, date.isoformat(), accept_all=yes)
    import_screen.show_joined(joined, folder, every=every)
    if dry_run:
        print("Nothing was written.", file=sys.stderr)
        return
    if joined.questions and not yes:
        if not sys.stdin.isatty():
            hint = "--yes takes them as proposed; or answer in list-decisions.toml"
            count = many(len(joined.questions), "question")
            raise CannotGoOn(Exit.PROBLEMS, f"nothing was written: {count} open", hint)
        answers = {question.key: import_screen.yes_or_no(question) for question in joined.questions}
        joined = join_agreements(file, listed, folder, date.isoformat(), answers=answers)
    write_joined(joined, listed, folder)
    print(listed)
