"""The commands that every campaign needs: check, build, preview, status."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Annotated

import typer

from letters.cli.options import (
    HERE,
    CampaignOption,
    JsonOption,
    LetterOption,
    OutOption,
    exit_code,
    load_campaign,
    load_ready,
    make_options,
)
from letters.problems import CannotGoOn, Exit


def add_to(app: typer.Typer) -> None:
    """Add these commands to the program."""
    for command in (check, build, preview, status):
        app.command()(command)


def check(
    campaign: CampaignOption = HERE,
    letter: LetterOption = "",
    json: JsonOption = False,
    annotate: Annotated[
        bool,
        typer.Option("--annotate", help="Show mistakes in Word files as comments, in copies of them."),
    ] = False,
    out: OutOption = None,
) -> None:
    """Read everything, make nothing, and list every problem.

    Each problem is shown with its file, line and column, and how to mend it. Warnings and notes stop nothing. The exit
    code is 1 if any problem stops a letter, else 0.

    Example: letters check --campaign spring/campaign.toml
    """
    from letters.cli import screen

    project, problems = load_campaign(campaign, letter)
    if json:
        screen.print_json(screen.problems_as_data(project, problems))
    else:
        screen.print_problems(project, problems)
    if annotate:
        from letters.handmade import annotated

        folder = campaign if campaign.is_dir() else campaign.parent
        for path in annotated(problems, folder, (out or folder / "out") / "annotated"):
            print(f"with comments: {path}", file=sys.stderr)
    raise typer.Exit(exit_code(problems))


def build(
    campaign: CampaignOption = HERE,
    letter: LetterOption = "",
    only: Annotated[
        list[str] | None, typer.Option("--only", help="Only this recipient; may be repeated.", metavar="ID")
    ] = None,
    pdf: Annotated[bool, typer.Option(help="Make PDFs.")] = True,
    docx: Annotated[bool, typer.Option(help="Make DOCX drafts.")] = True,
    copies: Annotated[
        bool, typer.Option("--copies", help="Make the copies that campaign.toml names, too, each as a PDF.")
    ] = False,
    as_word: Annotated[
        bool, typer.Option("--as-word", help="Let LibreOffice make the PDFs of edited drafts, to look as in Word.")
    ] = False,
    jobs: Annotated[int, typer.Option(help="How many processes work at once. [default: one per processor]", min=0)] = 0,
    scheduler: Annotated[
        str,
        typer.Option("--scheduler", help="Make them on the Dask cluster of this scheduler.", metavar="tcp://HOST:PORT"),
    ] = "",
    out: OutOption = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Tell what would be made and why, and make nothing.")
    ] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Let warnings stop the build, too.")] = False,
    prove: Annotated[
        bool, typer.Option("--prove", help="Make some letters the slow way, too, and compare them in full.")
    ] = False,
    share: Annotated[
        float, typer.Option(help="How many letters --prove takes, in percent; 3 at least.", min=0, max=100)
    ] = 2,
    plain: Annotated[
        bool, typer.Option("--plain", help="Make every letter the slow way: docxtpl and WeasyPrint, one by one.")
    ] = False,
) -> None:
    """Make every letter that is missing or out of date.

    Letters that are up to date are left alone. A draft that somebody edited in Word is never overwritten: it is the
    letter from then on, and its PDF says what the draft says, on the letterhead (or, with --as-word, as LibreOffice
    shows it); the exit code is then 5. A row with a mistake stops that letter only. Press Ctrl-C at any time: finished
    letters are kept, and the next build goes on from there.

    With --copies each [[copies]] table of campaign.toml becomes a PDF of its own, pdf/ID.copy-1.pdf and so on: the same
    pages with a line that says COPY and for whom, with the enclosures where the table says enclosures = true.

    Letters are made in batches that share what is the same in them. With --prove a share of them is also made one by
    one, and compared: every pixel and word, the tags that screen readers need, the bookmarks, and each part of the Word
    file. If anything differs, the letter and the page are named and all other letters are made one by one.

    Example: letters build --prove --share 10

    Example: letters build --only berrien-county-sheriff --no-docx
    """
    from letters.cli import screen
    from letters.model import DOCX, PDF
    from letters.pipeline import build as run

    media = (PDF,) * pdf + (DOCX,) * docx
    if not media:
        raise CannotGoOn(Exit.WRONG_CALL, "--no-pdf and --no-docx leave nothing to make")
    if copies and not pdf:
        raise CannotGoOn(Exit.WRONG_CALL, "copies are made as PDF, which --no-pdf forbids", "leave --no-pdf away")
    project, problems = load_ready(campaign, letter, strict=strict)
    if plain and prove:
        raise CannotGoOn(Exit.WRONG_CALL, "--plain leaves nothing to prove", "leave one of --plain and --prove away")
    options = replace(make_options(project, out, media, only or [], jobs, scheduler), copies=copies, as_word=as_word)
    options = replace(options, plain=plain, prove=share if prove else 0)
    chosen = project.narrowed(options.only) if only else project
    relevant = [problem for problem in problems if not only or problem.recipient in ("", *only)]
    if dry_run:
        screen.print_plan(chosen, options)
        raise typer.Exit(exit_code(relevant))
    with screen.Progress() as progress:
        report = run(project, problems, options, progress)
    screen.print_report(chosen, relevant, options, report, progress.seconds())
    if report.failures or report.differences:
        raise typer.Exit(Exit.PROBLEMS)
    code = exit_code(relevant)
    raise typer.Exit(Exit.KEPT_EDITED if (report.edited or report.stuck) and code == Exit.DONE else code)


def preview(
    identifier: Annotated[str, typer.Argument(help="The recipient, by id.", metavar="ID")],
    campaign: CampaignOption = HERE,
    letter: LetterOption = "",
    out: OutOption = None,
    show: Annotated[bool, typer.Option("--open", help="Open it in the program for PDFs.")] = False,
) -> None:
    """Make one letter as PDF, beside the real ones, and print where it is.

    Example: letters preview taylor-police --open
    """
    from letters.model import PDF
    from letters.pipeline import preview_one

    project, problems = load_ready(campaign, letter)
    chosen = project.narrowed([identifier])
    if not chosen.letters:
        (why,) = chosen.held_reasons(problems).values()
        raise CannotGoOn(Exit.PROBLEMS, f"the letter to {identifier} is kept back: {why}")
    path = preview_one(chosen, make_options(project, out, (PDF,), [identifier], 1))
    print(path)
    if show:
        typer.launch(str(path))


def status(
    campaign: CampaignOption = HERE, letter: LetterOption = "", out: OutOption = None, json: JsonOption = False
) -> None:
    """Show where each letter stands: made or not, edited by hand, approved by whom, final, and if not, why not.

    Example: letters status --json
    """
    from letters.cli import screen, status_screen
    from letters.model import DOCX, PDF

    project, problems = load_ready(campaign, letter)
    rows = status_screen.status_rows(project, problems, make_options(project, out, (PDF, DOCX), [], 1))
    if json:
        screen.print_json(rows)
    else:
        status_screen.print_status(rows)
