"""The command for the looks: paper, type and letterhead of both media, from one file."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from letters.cli import screen
from letters.cli.options import HERE, CampaignOption, LetterOption, OutOption, load_ready, make_options
from letters.model.problems import CannotGoOn, Exit, Place, many, warning

if TYPE_CHECKING:
    from letters.campaign.looks import LooksDifference, LooksPlan
    from letters.model.problems import Problem


def add_to(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command()(looks)


def looks(
    given: Annotated[
        list[str] | None,
        typer.Option("--set", help="A key of looks.toml and its new value. May be repeated.", metavar="KEY=VALUE"),
    ] = None,
    show: Annotated[
        bool, typer.Option("--show", help="Draw the first pages, PDF and Word side by side, and open the picture.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write nothing; tell what would change.")] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace values that were changed by hand, too.")
    ] = False,
    sample: Annotated[
        str, typer.Option("--for", help="The recipient whose letter is shown. [default: the first]", metavar="ID")
    ] = "",
    campaign: CampaignOption = HERE,
    letter: LetterOption = "",
    out: OutOption = None,
) -> None:
    """Write the looks of templates/looks.toml into the letterheads of both media, PDF and Word.

    The variables of letterhead.css and the styles, headers and page of letterhead.docx get the same values. What was
    changed by hand in either of them is kept, and listed. Without --set it writes what stands in looks.toml.

    Example: letters looks --set margins=1in --set font="Charis SIL" --show
    """
    from letters.campaign.looks import plan_looks, write_looks

    folder, shown, paper = _templates(campaign)
    plan = plan_looks(folder, shown, _pairs(given or []), overwrite=overwrite)
    problems = [*plan.problems, *_paper_problems(plan, paper, campaign)]
    screen.print_plain_problems(problems)
    if any(problem.stops for problem in problems):
        sys.exit(Exit.PROBLEMS)
    _print_changes(plan, dry_run=dry_run)
    _print_kept(plan.kept)
    names = ", ".join(path.name for path in plan.files)
    if dry_run:
        screen.say(f"nothing was written; {names} would be" if names else "there is nothing to write")
    else:
        write_looks(plan)
        screen.say(f"written: {names}" if names else "there was nothing to write: both media have these looks")
    if show:
        _show(campaign, letter, sample, out, dry_run=dry_run)
    elif plan.changed and not dry_run:
        screen.say("Next: letters looks --show; then letters build makes the letters anew")


def _templates(campaign: Path) -> tuple[Path, str, str]:
    """Return the folder of the looks, its name, and the paper that the campaign itself names."""
    from letters.read.folder import campaign_file
    from letters.read.toml import read_toml

    path = campaign_file(campaign)
    table = read_toml(path, path.name).table
    shown = str(table.get("templates", "templates"))
    return path.parent / shown, shown, str(table.get("paper", ""))


def _pairs(given: Sequence[str]) -> dict[str, str]:
    pairs = {}
    for text in given:
        key, equals, value = text.partition("=")
        if not (equals and key.strip() and value.strip()):
            raise CannotGoOn(Exit.WRONG_CALL, f'"{text}" is not KEY=VALUE', 'such as size=11pt or font="Charis SIL"')
        pairs[key] = value.strip()
    return pairs


def _paper_problems(plan: LooksPlan, paper: str, campaign: Path) -> list[Problem]:
    if paper in ("", plan.looks.paper.value):
        return []
    name = (campaign / HERE if campaign.is_dir() else campaign).name
    what = f'"{paper}" goes before "{plan.looks.paper.value}" of looks.toml'
    return [warning(Place(name, field="paper"), what, "take the line out, and looks.toml decides")]


def _print_changes(plan: LooksPlan, *, dry_run: bool) -> None:
    """Print the keys that change and how many values in which file; all of these where nothing is written."""
    counts = Counter(each.file for each in plan.changed)
    shown = plan.changed if dry_run else plan.keys
    for name, count in counts.items():
        screen.say(f"{name}: {many(count, 'value')} {'would change' if dry_run else 'changed'}")
    if shown:
        rows = [(each.file, each.what, each.there, each.wanted) for each in shown]
        screen.print_table(("file", "value", "is" if dry_run else "was", "would be" if dry_run else "is"), rows)


def _print_kept(kept: Sequence[LooksDifference]) -> None:
    if kept:
        screen.say(f"{many(len(kept), 'difference')} kept, since somebody made it by hand (see --overwrite):")
        rows = [(each.file, each.what, each.there, each.wanted) for each in kept]
        screen.print_table(("file", "value", "is", "looks.toml says"), rows)


def _show(campaign: Path, letter: str, sample: str, out: Path | None, *, dry_run: bool) -> None:
    from letters.build.build import show_media
    from letters.model.records import DOCX, PDF

    if dry_run:
        screen.say("the picture shows the looks as they are")
    project, _ = load_ready(campaign, letter)
    if not project.letters:
        raise CannotGoOn(Exit.PROBLEMS, "there is no letter to show", "letters check tells why")
    chosen = project.narrowed([sample or project.letters[0].recipient.id])
    if not chosen.letters:
        raise CannotGoOn(Exit.PROBLEMS, f"the letter to {sample} is kept back", "letters check tells why")
    path = show_media(chosen, make_options(project, out, (PDF, DOCX), [sample], 1))
    print(path)
    if sys.stdout.isatty():
        screen.open_in_program(str(path))
