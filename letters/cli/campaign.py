"""The commands for the people who write: the fields they may use, the citations they must check, a new campaign."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from letters.cli.options import HERE, CampaignOption, LetterOption, OutOption, load_ready, make_options


def add_to(app: typer.Typer) -> None:
    """Add these commands to the program."""
    for command in (cites,):
        app.command()(command)


def cites(
    campaign: CampaignOption = HERE,
    letter: LetterOption = "",
    sample: Annotated[
        str, typer.Option("--for", help="Number notes as in this letter. [default: the one with most]", metavar="ID")
    ] = "",
    pages: Annotated[bool, typer.Option(help="Set that letter to tell the pages.")] = True,
    out: OutOption = None,
) -> None:
    """Write a sheet for the cite-check: every citation, its note and page, the sentence it supports, who has read it.

    The sheet is written twice, as cite-check.xlsx to work in and as cite-check.html to print; the last two columns
    are empty, for the person who checks. Who has read what stands in templates/authorities.toml.

    Example: letters cites --letter guidance-letter
    """
    from letters.cite.sheet import count_statuses
    from letters.cite_check import check_cites, sample_of
    from letters.model import PDF
    from letters.pipeline import preview_one

    project, _ = load_ready(campaign, letter)
    chosen = project.narrowed([sample]) if sample else project
    model = sample_of(chosen)
    options = make_options(project, out, (PDF,), [], 1)
    pdf = preview_one(project.narrowed([model.recipient.id]), options).read_bytes() if model and pages else b""
    sheet = check_cites(project, options.out, model, pdf)
    counts = ", ".join(f"{number} {status}" for status, number in count_statuses(sheet.rows).items())
    print(f"{len(sheet.rows)} citations: {counts or 'none'}", file=sys.stderr)
    for path in sheet.files:
        print(path)
