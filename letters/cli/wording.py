"""The commands for the words of the letter itself: to Word and back, and what changed between two editions."""

from __future__ import annotations

import datetime
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from letters.cli import screen
from letters.cli.options import HERE, CampaignOption, OutOption, load_campaign
from letters.model.problems import CannotGoOn, Exit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from letters.model.problems import Problem
    from letters.wording.merging import Clash
    from letters.wording.round_trip import CampaignFolders, Returned


def add_to(app: typer.Typer, draft_app: typer.Typer) -> None:
    """Add these commands to the program, two of them to its family "draft"."""
    draft_app.command("export")(export)
    draft_app.command("import")(import_)
    app.command()(redline)


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
    if returned.brought.refusals:
        raise CannotGoOn(Exit.PROBLEMS, "nothing was brought back", "fix the Word file, and import it again")
    _show_clashes(returned.clashes, prefer)
    if not (returned.files or returned.homeless):
        if returned.brought.changes:
            print("all of it is in the Markdown already", file=sys.stderr)
        return
    if dry_run:
        return
    if not yes and not typer.confirm("Write these changes?", err=True):
        return
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    problems = round_trip.write(folders, returned, now, _problems(campaign), lambda: _problems(campaign))
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
    count = len(brought.changes)
    print(f"{count:,} paragraph{'' if count == 1 else 's'} changed" if count else "no words changed", file=sys.stderr)


def _show_clashes(clashes: Sequence[Clash], prefer: str | None) -> None:
    """Print what both sides changed; raises CannotGoOn where nobody has chosen."""
    from letters.formats import text_diff

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
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    settings = redlines.Settings(to or folders.out / "redline", author, now, accept)
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
    return CampaignFolders(path.parent, read, out or path.parent / "out")


def _problems(campaign: Path) -> Sequence[Problem]:
    return load_campaign(campaign, "")[1]
