"""The commands for drafts that people edit in Word."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from letters.cli import screen
from letters.cli.options import (
    HERE,
    CampaignOption,
    JsonOption,
    LetterOption,
    OutOption,
    WhereOption,
    load_ready,
    make_options,
)
from letters.model.problems import Exit, many

if TYPE_CHECKING:
    from letters.drafts.box import Draft
    from letters.redline.redlines import EditedDrafts

draft_app = typer.Typer(
    help="Work on drafts in Word: one recipient's letter, or the letter itself.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)
IdsArgument = Annotated[list[str], typer.Argument(help="The recipients, by id.", metavar="ID...")]
SomeIdsArgument = Annotated[
    list[str] | None, typer.Argument(help="The recipients, by id. [default: all]", metavar="[ID]...")
]


def add_to(app: typer.Typer) -> None:
    """Add these commands to the program."""
    draft_app.command("list")(list_drafts)
    for command in (show, check, conflicts, merge, discard):
        draft_app.command()(command)
    app.add_typer(draft_app, name="draft")


@contextmanager
def _desk(campaign: Path, letter: str, out: Path | None, identifiers: Sequence[str] = ()) -> Iterator[EditedDrafts]:
    from letters.campaign.ledger import Ledger
    from letters.redline.redlines import EditedDrafts

    project, _ = load_ready(campaign, letter)
    project.narrowed(identifiers)
    options = make_options(project, out, (), [], 1)
    with Ledger(options.out / "ledger.sqlite") as ledger:
        yield EditedDrafts(project, ledger, options.out, options.now)


def list_drafts(
    only_open: Annotated[
        bool, typer.Option("--open", help="Only what needs a person, each with what to do about it.")
    ] = False,
    where: WhereOption = "",
    campaign: CampaignOption = HERE,
    letter: LetterOption = "",
    out: OutOption = None,
    json: JsonOption = False,
) -> None:
    """List the drafts that people edited; with --open, only what needs a person.

    That is: a letter or a row of the list that changed after the edit, with the words that changed; tracked changes,
    comments and the like that nobody has settled; two copies of a draft, or one that cannot be read. With --open, the
    exit code is 1 while there is any.

    Example: letters draft list --open --where 'county == "Wayne"'
    """
    from letters.campaign.fields import narrowed_to

    with _desk(campaign, letter, out) as desk:
        chosen = {recipient.id for recipient in narrowed_to(desk.project, where).recipients}
        plan = desk.plan()
        waiting = desk.waiting(plan, chosen)
        drafts = [draft for draft in plan.drafts.values() if draft.id in chosen]
    if json:
        screen.print_json([each._asdict() for each in waiting] if only_open else [_as_data(draft) for draft in drafts])
    elif only_open:
        for each in waiting:
            since = f": {each.since}" if each.since else ""
            edited = f" (edited by {each.editor})" if each.editor else ""
            print(f"{each.id}: {each.what}{since}{edited}{f': {each.way_out}' if each.way_out else ''}")
    else:
        for draft in drafts:
            needs = "; ".join(each.what for each in waiting if each.id == draft.id)
            print(f"{draft.id}: {draft.path.name}{_edited_by(draft)}{f': {needs}' if needs else ''}")
    people = many(len({each.id for each in waiting}), "draft")
    screen.say(f"{people} to be seen to by a person" if waiting else "nothing waits for a person")
    raise typer.Exit(Exit.PROBLEMS if only_open and waiting else Exit.DONE)


def show(
    identifiers: SomeIdsArgument = None,
    campaign: CampaignOption = HERE,
    letter: LetterOption = "",
    out: OutOption = None,
) -> None:
    """Show what people changed in their drafts, word by word, and write it as a Word redline.

    Words that were taken out are struck through, words that were put in are underlined. The redline is a DOCX with
    tracked changes, notes included, in the folder redlines.

    Example: letters draft show taylor-police
    """
    with _desk(campaign, letter, out, identifiers or []) as desk:
        drafts = desk.drafts(identifiers or [])
        for draft in drafts:
            for changes in desk.changes(draft):
                screen.print_word_diff(draft.id, changes)
            screen.say(f"{draft.id}: as a redline: {desk.write_redline(draft)}")
        if not drafts:
            screen.say("nobody edited a draft")


def check(
    identifiers: SomeIdsArgument = None,
    accept_changes: Annotated[
        bool, typer.Option("--accept-changes", help="Take the tracked changes in; the drafts are kept as they were.")
    ] = False,
    campaign: CampaignOption = HERE,
    letter: LetterOption = "",
    out: OutOption = None,
    json: JsonOption = False,
) -> None:
    """List what keeps edited drafts from being final, and what their PDFs cannot show.

    Tracked changes, comments that are not resolved, highlighting and notes in brackets that somebody put in must be
    settled before a letter is final: each is listed with its author, its date and its words. The exit code is 1 while
    anything is open.

    Example: letters draft check taylor-police --accept-changes
    """
    with _desk(campaign, letter, out, identifiers or []) as desk:
        drafts = desk.drafts(identifiers or [])
        if accept_changes:
            for draft in drafts:
                if any("tracked change" in point.kind for point in draft.verdict.open_points):
                    screen.say(f"{draft.id}: tracked changes are taken in; as it was: {desk.accept_changes(draft)}")
            drafts = [draft for draft in desk.drafts() if not identifiers or draft.id in identifiers]
    if json:
        screen.print_json([_as_data(draft) for draft in drafts])
    else:
        _print_points(drafts)
    raise typer.Exit(Exit.PROBLEMS if any(draft.verdict.open_points for draft in drafts) else Exit.DONE)


def _as_data(draft: Draft) -> dict[str, Any]:
    """Return an edited draft as plain data."""
    return {
        "id": draft.id,
        "file": str(draft.path),
        "editor": draft.verdict.editor,
        "conflict": draft.conflict,
        "open": [point._asdict() for point in draft.verdict.open_points],
        "not_in_pdf": list(draft.verdict.losses),
    }


def _print_points(drafts: Sequence[Draft]) -> None:
    """Print what is open in edited drafts, and what their PDFs do not show."""
    for draft in drafts:
        for point in draft.verdict.open_points:
            print(f"{draft.id}: {point}")
        for lost in draft.verdict.losses:
            print(f"{draft.id}: not in the PDF: {lost}")
    count = sum(len(draft.verdict.open_points) for draft in drafts)
    print(f"{many(count, 'open point')} in {many(len(drafts), 'edited draft')}")


def conflicts(
    campaign: CampaignOption = HERE, letter: LetterOption = "", out: OutOption = None, json: JsonOption = False
) -> None:
    """List the edited drafts whose letter or data changed after the edit.

    Each waits for one of two commands: letters draft merge ID brings both together, letters draft discard ID goes back
    to the generated text. The exit code is 1 while there is any.

    Example: letters draft conflicts
    """
    with _desk(campaign, letter, out) as desk:
        found = [draft for draft in desk.drafts() if draft.conflict]
    if json:
        screen.print_json([_as_data(draft) for draft in found])
    else:
        for draft in found:
            print(f"{draft.id}: {draft.conflict}{_edited_by(draft)}")
        if not found:
            screen.say("no conflicts")
    raise typer.Exit(Exit.PROBLEMS if found else Exit.DONE)


def _edited_by(draft: Draft) -> str:
    return f" (edited by {draft.verdict.editor})" if draft.verdict.editor else ""


def merge(
    identifiers: IdsArgument, campaign: CampaignOption = HERE, letter: LetterOption = "", out: OutOption = None
) -> None:
    """Bring an edited draft and what changed in the letter or the list since together.

    Both sides' changes stand in the draft as tracked changes: those of the letter and the list by "template", those of
    the person under the name that Word knows. Accept or reject them in Word. The draft as it was is kept in the folder
    kept.

    Example: letters draft merge taylor-police
    """
    with _desk(campaign, letter, out, identifiers) as desk:
        for draft in desk.drafts(identifiers):
            kept = desk.merge(draft)
            screen.say(f"{draft.id}: merged: settle the tracked changes in {draft.path}; as it was: {kept}")


def discard(
    identifiers: IdsArgument, campaign: CampaignOption = HERE, letter: LetterOption = "", out: OutOption = None
) -> None:
    """Go back to the generated text of a letter; the edited draft is kept in the folder kept.

    Example: letters draft discard taylor-police
    """
    with _desk(campaign, letter, out, identifiers) as desk:
        for draft in desk.drafts(identifiers):
            screen.say(f"{draft.id}: the generated text is back; the edited draft: {desk.discard(draft)}")
