"""The command that reads the finished letters and proves each of them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from letters.cli import screen
from letters.cli.options import HERE, CampaignOption, JsonOption, LetterOption, OutOption, load_ready, make_options
from letters.model.problems import Exit, many

_SHOWN = 20
"""Findings that the screen shows; the report has all."""


def add_to(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command()(audit)


def audit(
    campaign: CampaignOption = HERE,
    letter: LetterOption = "",
    only: Annotated[
        list[str] | None, typer.Option("--only", help="Only this recipient. May be repeated.", metavar="ID")
    ] = None,
    pdf_ua: Annotated[bool, typer.Option("--pdf-ua", help="Check accessibility (PDF/UA-1), too.")] = False,
    pdf_a: Annotated[
        bool, typer.Option("--pdf-a", help="Check that letters are for the archive (PDF/A-3a), too.")
    ] = False,
    out: OutOption = None,
    report: Annotated[
        Path | None, typer.Option("--report", help="Where to write the report. [default: audit.html]", metavar="FILE")
    ] = None,
    as_json: JsonOption = False,
    jobs: Annotated[int, typer.Option("--jobs", help="Letters read at once. [default: one per core]", min=0)] = 0,
) -> None:
    """Read what is finished, and prove that each letter says what it should, and nothing else.

    The PDFs and Word files themselves are read, and compared word by word with what the letter and the list say:
    recipient, conditional paragraphs, notes, numbers of items and pages, enclosures. Text at the edge of the paper,
    over other text or under a picture is found, and what should be in no letter. Each is compared with the same letter
    made anew, too: what was moved, clipped, covered or recoloured is found. So are signatures that nobody allowed, and
    print files, envelopes and labels that are not what the manifest says. Ends with 1 if anything is found.

    Example: letters audit --pdf-ua
    """
    from letters.audit.audit import as_data, second_opinion, write_html
    from letters.audit.audit import audit as run
    from letters.audit.mailing import audit_mailing
    from letters.audit.signed import audit_signed
    from letters.formats import programs
    from letters.formats.files import write_whole
    from letters.mail.pieces import mail_folder
    from letters.model.records import DOCX, PDF

    project, _ = load_ready(campaign, letter)
    options = make_options(project, out, (PDF, DOCX), tuple(only or ()), jobs)
    found = run(project, options, with_pdf_ua=pdf_ua, with_pdf_a=pdf_a)
    found.findings += audit_signed(options.out, sorted(found.ids), [each.name for each in project.campaign.signers])
    mailings = []
    if not only:
        for folder in (mail_folder(options.out, draft=draft) for draft in (False, True)):
            mailings.append(audit_mailing(project, options.out, folder, with_pdf_ua=pdf_ua))
            found.findings += mailings[-1].findings
    for asked, standard in ((pdf_ua, programs.VERAPDF_UA), (pdf_a, programs.VERAPDF_ARCHIVE)):
        if asked:
            found.findings += second_opinion(options.out, sorted(found.ids), standard)
    path = report or options.out / "audit.html"
    write_whole(path, write_html(found, project.template.parts[0].title, options.out).encode())
    if as_json:
        screen.print_json(as_data(found))
    for finding in found.findings[:_SHOWN]:
        screen.say(f"error: {finding}")
    if len(found.findings) > _SHOWN:
        screen.say(f"and {len(found.findings) - _SHOWN:,} more")
    screen.say(
        f"{found.passed:,} of {many(found.letters, 'letter')} passed; {many(found.pages, 'page')} read; report: {path}"
    )
    for mailing in mailings:
        if mailing.files:
            screen.say(
                f"mailing of {many(mailing.pieces, 'piece')}: {', '.join(mailing.files)}: "
                f"{many(len(mailing.findings), 'fault')}"
            )
    if (pdf_ua or pdf_a) and programs.verapdf():
        screen.say("veraPDF was asked, too")
    for where, why in found.not_checked.items():
        screen.say(f"not compared word by word: {where}: {why}")
    sys.exit(Exit.PROBLEMS if found.findings else Exit.DONE)
