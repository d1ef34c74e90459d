"""The commands for what people edit in Word: drafts of letters, the letter's own words, and what changed in them."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from letters.cli import screen
from letters.cli.options import (
    HERE,
    OUT,
    CampaignOption,
    JsonOption,
    LetterOption,
    OutOption,
    WhereOption,
    load_campaign,
    load_ready,
    make_options,
    moment,
)
from letters.model.problems import CannotGoOn, Exit, many

if TYPE_CHECKING:
    from letters.drafts.box import Draft
    from letters.model.problems import Problem
    from letters.redline.redlines import EditedDrafts
    from letters.wording.chunks import Clash
    from letters.wording.round_trip import CampaignFolders, Returned


IdsArgument = Annotated[list[str], typer.Argument(help="The recipients, by id.", metavar="ID...")]
SomeIdsArgument = Annotated[
    list[str] | None, typer.Argument(help="The recipients, by id. [default: all]", metavar="[ID]...")
]


@contextmanager
def _desk(campaign: Path, letter: str, out: Path | None, identifiers: Sequence[str] = ()) -> Iterator[EditedDrafts]:
    from letters.campaign.ledger import LEDGER, Ledger
    from letters.redline.redlines import EditedDrafts

    project, _ = load_ready(campaign, letter)
    # Only to find a mistyped id before anything is opened.
    project.narrowed(identifiers)
    options = make_options(project, out)
    with Ledger(options.out / LEDGER) as ledger:
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
    from letters.campaign.project import narrowed_to

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
            # Read again: taken in, the changes are no longer open.
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


def export(
    name: Annotated[str, typer.Argument(help="A letter, enclosure, clause or frame, without .md.", metavar="LETTER")],
    to: Annotated[
        Path | None, typer.Option("--to", help="Where to write it. [default: out/wording/LETTER.docx]", metavar="FILE")
    ] = None,
    campaign: CampaignOption = HERE,
    out: OutOption = None,
) -> None:
    """Write the letter itself as a Word file for counsel, and print where it is.

    Fields stand in it as shaded labels, such as ‹Recipient: agency›; conditions and clauses as shaded lines. Edit the
    words, with tracked changes and comments if you like, and leave the labels whole. Then: letters draft import FILE

    Example: letters draft export guidance-letter
    """
    from letters.wording import round_trip

    print(round_trip.export(_folders(campaign, out), name, to))


def import_(
    file: Annotated[Path, typer.Argument(help="The Word file that came back.", metavar="FILE")],
    yes: Annotated[bool, typer.Option("--yes", help="Write the changes without asking.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the changes and write nothing.")] = False,
    prefer: Annotated[
        Literal["word", "markdown"] | None,
        typer.Option("--prefer", help="Whose words to take where both sides changed a paragraph."),
    ] = None,
    campaign: CampaignOption = HERE,
    out: OutOption = None,
) -> None:
    """Bring the words of an exported Word file back to the Markdown.

    Shows what changed, word by word, and the comments as a list of questions; then asks. Tracked changes are taken in.
    Paragraphs that nobody touched in Word stay exactly as they are in the Markdown, changed there meanwhile or not. A
    paragraph that was changed on both sides is shown in both versions, and nothing is written before you choose:
    --prefer word, or --prefer markdown. A damaged field or a condition that was taken apart is refused. The Markdown as
    it was is kept under out/kept/.

    Example: letters draft import out/wording/guidance-letter.docx
    """
    from letters.wording import round_trip

    folders = _folders(campaign, out)
    returned = round_trip.bring_back(folders, file, prefer)
    _show(returned)
    # All or nothing: half of a letter brought back would be a third version of it.
    if returned.brought.refusals:
        raise CannotGoOn(Exit.PROBLEMS, "nothing was brought back", "fix the Word file, and import it again")
    _show_clashes(returned.clashes, prefer)
    # Whoever imports the same file twice finds it done.
    if not (returned.files or returned.homeless):
        if returned.brought.changes:
            print("all of it is in the Markdown already", file=sys.stderr)
        return
    if dry_run:
        return
    if not yes and not typer.confirm("Write these changes?", err=True):
        return
    # It is checked once more when written, and put back where the letter would no longer read.
    problems = round_trip.write(folders, returned, moment(), _problems(campaign), lambda: _problems(campaign))
    if problems:
        for problem in problems:
            print(problem, file=sys.stderr)
        raise CannotGoOn(Exit.PROBLEMS, "the letter would no longer read; the Markdown is as it was")
    for path in returned.files:
        print(path)
    if returned.homeless:
        listed = ", ".join(returned.homeless)
        message = f"no longer part of the letter, and therefore not overwritten: {listed}"
        raise CannotGoOn(Exit.KEPT_EDITED, message, f"the words from Word are in {folders.wording / 'from-word'}/")


def _show(returned: Returned) -> None:
    from letters.formats import text_diff

    brought = returned.brought
    for change in brought.changes:
        path = returned.paths[change.file]
        screen.print_word_diff(f"{path}:{change.line}", text_diff.compare(change.old, change.new))
    for refusal, count in Counter(brought.refusals).items():
        times = f" ({count} times)" if count > 1 else ""
        print(f"error: {refusal.what}{times}\n    hint: {refusal.hint}", file=sys.stderr)
    for question in returned.questions:
        print(f"question: {question}", file=sys.stderr)
    changed = many(len(brought.changes), "paragraph")
    print(f"{changed} changed" if brought.changes else "no words changed", file=sys.stderr)


def _show_clashes(clashes: Sequence[Clash], prefer: str | None) -> None:
    """Print what both sides changed; raises CannotGoOn where nobody has chosen."""
    from letters.formats import text_diff

    # Each side against what was exported: so one sees who changed what.
    for clash in clashes:
        for side, text in (("in Word", clash.word), ("in the Markdown", clash.markdown)):
            found = text_diff.compare(*(" ".join(each.split()) for each in (clash.base, text)))
            screen.print_word_diff(f"{clash.path}:{clash.line}, {side}", found)
    if clashes and prefer is None:
        times = "1 paragraph was" if len(clashes) == 1 else f"{len(clashes):,} paragraphs were"
        message = f"{times} changed in Word and in the Markdown, each in its own way; nothing was written"
        hint = "let both say the same, or choose for this import: --prefer word, or --prefer markdown"
        raise CannotGoOn(Exit.PROBLEMS, message, hint)


def redline(
    old: Annotated[str, typer.Argument(help="A letter, NAME@EDITION, or a .md or .docx file.", metavar="OLD")],
    new: Annotated[str, typer.Argument(help="The same, later.", metavar="NEW")],
    recipients: Annotated[
        list[str] | None,
        typer.Option("--for", help="Compare this recipient's letters instead; may be repeated.", metavar="ID"),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Compare the letters of every recipient.")] = False,
    accept: Annotated[
        bool, typer.Option("--accept-changes", help="Take in the tracked changes that a DOCX holds already.")
    ] = False,
    author: Annotated[str, typer.Option("--author", help="Whose name stands at the changes.")] = "redline",
    to: Annotated[
        Path | None, typer.Option("--to", help="Where to write. [default: out/redline]", metavar="FOLDER")
    ] = None,
    campaign: CampaignOption = HERE,
    out: OutOption = None,
) -> None:
    """Show what changed between two versions: a Word file with native tracked changes, in notes too, and a web page.

    With --for or --all, OLD and NEW are letters of the campaign, and each recipient's two letters are compared as they
    would be sent. A DOCX that holds tracked changes of earlier authors is refused, unless --accept-changes takes them
    in.

    Example: letters redline guidance-letter@2025-06 guidance-letter --for taylor-police
    """
    from letters.redline import redlines

    folders = _folders(campaign, out)
    # As Word itself writes the date of a tracked change.
    settings = redlines.Settings(to or folders.out / "redline", author, moment().replace("+00:00", "Z"), accept)
    if recipients or every:
        path = campaign / HERE if campaign.is_dir() else campaign
        made = redlines.of_recipients(path, old, new, tuple(recipients or ()), settings)
    else:
        made = iter([redlines.of_texts(folders, old, new, settings)])
    for each in made:
        print(each.path)
        if each.is_empty:
            print(f"no change in {each.path.stem}", file=sys.stderr)


def _folders(campaign: Path, out: Path | None) -> CampaignFolders:
    from letters.read.campaign import read_campaign
    from letters.read.folder import campaign_file
    from letters.read.toml import read_toml
    from letters.wording.round_trip import CampaignFolders

    path = campaign_file(campaign)
    read, problems = read_campaign(read_toml(path, path.name), path.parent)
    if read is None:
        for problem in problems:
            print(problem, file=sys.stderr)
        raise typer.Exit(Exit.PROBLEMS)
    return CampaignFolders(path.parent, read, out or path.parent / OUT)


def _problems(campaign: Path) -> Sequence[Problem]:
    return load_campaign(campaign, "")[1]
