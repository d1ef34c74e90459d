"""The commands that every campaign needs: check, build, preview, status."""

from __future__ import annotations

from typing import Annotated

import typer

from letters import __version__
from letters.cli import everyday
from letters.cli.loading import HERE
from letters.cli.options import CampaignOption, JsonOption, LetterOption, OutOption


def add_to(app: typer.Typer) -> None:
    """Add these commands to the program."""
    for command in (check, build, preview, status):
        app.command()(command)


def common(
    show_version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Say what is the same for all commands."""
    if show_version:
        print(__version__)
        raise typer.Exit


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
    raise typer.Exit(everyday.check(campaign, letter, json=json, annotate=annotate, out=out))


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
    code = everyday.build(
        campaign,
        letter,
        only=only or (),
        pdf=pdf,
        docx=docx,
        copies=copies,
        as_word=as_word,
        jobs=jobs,
        scheduler=scheduler,
        out=out,
        dry_run=dry_run,
        strict=strict,
        prove=prove,
        share=share,
        plain=plain,
    )
    raise typer.Exit(code)


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
    path = everyday.preview(identifier, campaign, letter, out)
    if show:
        typer.launch(str(path))


def status(
    campaign: CampaignOption = HERE, letter: LetterOption = "", out: OutOption = None, json: JsonOption = False
) -> None:
    """Show where each letter stands: made or not, edited by hand, approved by whom, final, and if not, why not.

    Example: letters status --json
    """
    everyday.status(campaign, letter, out=out, json=json)
