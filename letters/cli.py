"""The words of the command line: what it asks, what it says; all work is done elsewhere."""

from __future__ import annotations

import datetime
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from letters import __version__
from letters.problems import CannotGoOn, Exit, Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from letters.pipeline import Options
    from letters.project import Project

_ABOUT = """
Turn a list of recipients and one letter into personal letters: PDFs to print, sign and post, and DOCX drafts to edit
in Word.

The three commands one needs:

  letters check      read everything, make nothing, list every mistake\n
  letters build      make every letter that is missing or out of date\n
  letters preview ID show one letter

The words are in templates/*.md, the list is recipients.csv, who writes is in campaign.toml.
"""

app = typer.Typer(
    help=_ABOUT, no_args_is_help=True, rich_markup_mode=None, add_completion=False, pretty_exceptions_enable=False
)

CampaignOption = Annotated[
    Path,
    typer.Option("--campaign", help="The campaign file, or the folder it is in.", metavar="PATH", show_default=True),
]
LetterOption = Annotated[
    str,
    typer.Option("--letter", help="Another letter of the campaign: a name in templates/, without .md.", metavar="NAME"),
]
OutOption = Annotated[
    Path | None, typer.Option("--out", help="Where letters go. [default: out beside the campaign file]", metavar="DIR")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the result as JSON, for programs.")]
_HERE = Path("campaign.toml")


@app.callback(invoke_without_command=True)
def common(
    show_version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Say what is the same for all commands."""
    if show_version:
        print(__version__)
        raise typer.Exit


@app.command()
def check(campaign: CampaignOption = _HERE, letter: LetterOption = "", json: JsonOption = False) -> None:
    """Read everything, make nothing, and list every problem.

    Each problem is shown with its file, line and column, and how to mend it. Warnings and notes stop nothing. The exit
    code is 1 if any problem stops a letter, else 0.

    Example: letters check --campaign spring/campaign.toml
    """
    from letters import screen

    project, problems = _load(campaign, letter)
    if json:
        screen.print_json(screen.problems_as_data(project, problems))
    else:
        screen.print_problems(project, problems)
    raise typer.Exit(_exit_code(problems))


@app.command()
def build(
    campaign: CampaignOption = _HERE,
    letter: LetterOption = "",
    only: Annotated[
        list[str] | None, typer.Option("--only", help="Only this recipient; may be repeated.", metavar="ID")
    ] = None,
    pdf: Annotated[bool, typer.Option(help="Make PDFs.")] = True,
    docx: Annotated[bool, typer.Option(help="Make DOCX drafts.")] = True,
    jobs: Annotated[int, typer.Option(help="How many processes work at once. [default: one per processor]", min=0)] = 0,
    out: OutOption = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Tell what would be made and why, and make nothing.")
    ] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Let warnings stop the build, too.")] = False,
) -> None:
    """Make every letter that is missing or out of date.

    Letters that are up to date are left alone, and so are drafts that somebody edited. A row with a mistake stops that
    letter only. Press Ctrl-C at any time: finished letters are kept, and the next build goes on from there.

    Example: letters build --only berrien-county-sheriff --no-docx
    """
    from letters import screen
    from letters.model import DOCX, PDF
    from letters.pipeline import build as run

    media = (PDF,) * pdf + (DOCX,) * docx
    if not media:
        raise CannotGoOn(Exit.WRONG_CALL, "--no-pdf and --no-docx leave nothing to make")
    project, problems = _load_ready(campaign, letter, strict=strict)
    options = _options(project, out, media, only or [], jobs)
    chosen = project.narrowed(options.only) if only else project
    relevant = [problem for problem in problems if not only or problem.recipient in ("", *only)]
    if dry_run:
        screen.print_plan(chosen, options)
        raise typer.Exit(_exit_code(relevant))
    with screen.Progress() as progress:
        report = run(project, problems, options, progress)
    screen.print_report(chosen, relevant, options, report, progress.seconds())
    if report.failures:
        raise typer.Exit(Exit.PROBLEMS)
    code = _exit_code(relevant)
    raise typer.Exit(Exit.KEPT_EDITED if report.edited and code == Exit.DONE else code)


@app.command()
def preview(
    identifier: Annotated[str, typer.Argument(help="The recipient, by id.", metavar="ID")],
    campaign: CampaignOption = _HERE,
    letter: LetterOption = "",
    out: OutOption = None,
    show: Annotated[bool, typer.Option("--open", help="Open it in the program for PDFs.")] = False,
) -> None:
    """Make one letter as PDF, beside the real ones, and print where it is.

    Example: letters preview taylor-police --open
    """
    from letters.model import PDF
    from letters.pipeline import preview_one

    project, problems = _load_ready(campaign, letter)
    chosen = project.narrowed([identifier])
    if not chosen.letters:
        (why,) = chosen.held_reasons(problems).values()
        raise CannotGoOn(Exit.PROBLEMS, f"the letter to {identifier} is kept back: {why}")
    path = preview_one(chosen, _options(project, out, (PDF,), [identifier], 1))
    print(path)
    if show:
        typer.launch(str(path))


@app.command()
def status(
    campaign: CampaignOption = _HERE, letter: LetterOption = "", out: OutOption = None, json: JsonOption = False
) -> None:
    """Show where each letter stands: up to date, to be made and why, edited by hand, held back and why.

    Example: letters status --json
    """
    from letters import screen
    from letters.model import DOCX, PDF

    project, problems = _load_ready(campaign, letter)
    rows = screen.status_rows(project, problems, _options(project, out, (PDF, DOCX), [], 1))
    if json:
        screen.print_json(rows)
    else:
        screen.print_status(rows)


def _load(campaign: Path, letter: str) -> tuple[Project | None, list[Problem]]:
    from letters.project import load

    if campaign.is_dir():
        campaign = campaign / _HERE
    if not campaign.is_file():
        hint = "go to the folder of the campaign, or name it: --campaign PATH"
        raise CannotGoOn(Exit.PROBLEMS, f'there is no "{campaign}" here', hint)
    return load(campaign, letter)


def _load_ready(campaign: Path, letter: str, *, strict: bool = False) -> tuple[Project, list[Problem]]:
    """Load a campaign; stop where nothing can be made: a mistake in it or in the letter, or, if strict, any warning."""
    from letters import screen

    project, problems = _load(campaign, letter)
    general = any(problem.stops and not problem.recipient for problem in problems)
    warned = strict and any(problem.severity is not Severity.NOTE for problem in problems)
    if project is None or general or warned:
        screen.print_problems(project, problems, to_stderr=True)
        raise typer.Exit(Exit.PROBLEMS)
    return project, problems


def _exit_code(problems: Sequence[Problem]) -> Exit:
    return Exit.PROBLEMS if any(problem.stops for problem in problems) else Exit.DONE


def _options(project: Project, out: Path | None, media: tuple[str, ...], only: Sequence[str], jobs: int) -> Options:
    from letters.batch import default_jobs, make_executor
    from letters.pipeline import Options

    folder = (out or project.folder / "out") / project.template.name
    count = min(jobs or default_jobs(), max(1, len(only or project.letters)))
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    return Options(
        out=folder, media=media, only=tuple(only), jobs=count, new_executor=lambda: make_executor(count), now=now
    )


def main() -> None:
    """Run the command line; the one place where errors become words and exit codes."""
    try:
        app()
    except CannotGoOn as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(error.code)
    except KeyboardInterrupt:
        print("\nstopped; finished letters are kept, and the same command goes on from there", file=sys.stderr)
        sys.exit(Exit.INTERRUPTED)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(Exit.DONE)
