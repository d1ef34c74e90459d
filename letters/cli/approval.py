"""The commands that vouch for letters: approval, its record, and the audit of what was made."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from letters.cli import screen
from letters.cli.options import HERE, CampaignOption, JsonOption, LetterOption, OutOption, load_ready, make_options
from letters.model.problems import CannotGoOn, Exit, many

if TYPE_CHECKING:
    from letters.campaign.chain import Seal
    from letters.campaign.ledger import LedgerEvent
    from letters.campaign.load import Project
    from letters.review.status import Standing


_SHOWN = 20
"""Findings that the screen shows; the report has all."""


def add_to(app: typer.Typer) -> None:
    """Add these commands to the program."""
    for command in (approve, log, audit):
        app.command()(command)


def approve(
    by: Annotated[str, typer.Option("--by", help="Who approves.", metavar="NAME")],
    identifiers: Annotated[list[str] | None, typer.Argument(help="The recipients, by id.", metavar="[ID]...")] = None,
    every: Annotated[bool, typer.Option("--all", help="Approve every letter that is made and up to date.")] = False,
    organization: Annotated[
        str, typer.Option("--for", help="The organization it is given for.", metavar="ORGANIZATION")
    ] = "",
    campaign: CampaignOption = HERE,
    letter: LetterOption = "",
    out: OutOption = None,
) -> None:
    """Record that somebody approves letters exactly as they are.

    The name, the time, the words and the very PDF are recorded. Any later change of a letter, of a word or of its
    looks, makes its approval void; letters status then says what changed. Which organizations must approve before a
    letter is final stands in campaign.toml: approvals = ["First organization", "Second organization"].

    Example: letters approve taylor-police berrien-county-sheriff --by "[Name of counsel]" --for "[First organization]"
    """
    from letters.campaign.ledger import Ledger
    from letters.review import approvals
    from letters.review.status import check_organization, standing, subjects

    project, problems = load_ready(campaign, letter)
    check_organization(project, organization)
    options = make_options(project, out, (), [], 1)
    with Ledger(options.out / "ledger.sqlite") as ledger:
        found = standing(project, problems, ledger, options.out)
        chosen = _chosen(project, found, identifiers or [], every=every)
        approvals.approve(ledger, subjects(project, chosen), _name(by), organization, options.now)
    count = f"{len(chosen):,} letter{'' if len(chosen) == 1 else 's'}"
    print(f"{count} approved by {by}{f' for {organization}' if organization else ''}")
    if every and (left := len(found) - len(chosen)):
        print(f"{left:,} not ready to be approved: letters status tells what each waits for", file=sys.stderr)


def _name(by: str) -> str:
    if not by.strip():
        raise CannotGoOn(Exit.WRONG_CALL, "--by is empty", 'say who approves: --by "NAME"')
    return by.strip()


def _chosen(project: Project, found: dict[str, Standing], identifiers: Sequence[str], *, every: bool) -> list[Standing]:
    """Return the letters to approve; raises CannotGoOn where one is not there as it would be posted."""
    from letters.review.status import is_ready, ready

    if every == bool(identifiers):
        raise CannotGoOn(Exit.WRONG_CALL, "say which letters: either ids of recipients, or --all")
    if every:
        if every_ready := [each for each in found.values() if is_ready(each)]:
            return every_ready
        hint = "letters status tells what each waits for"
        raise CannotGoOn(Exit.PROBLEMS, "no letter is ready to be approved", hint)
    return ready(project, found, identifiers)


def log(
    identifier: Annotated[str, typer.Argument(help="Only this recipient, by id.", metavar="[ID]")] = "",
    accept: Annotated[
        str, typer.Option("--accept", help="Take a record that was changed as it is, and say why.", metavar="TEXT")
    ] = "",
    by: Annotated[str, typer.Option("--by", help="Who accepts it.", metavar="NAME")] = "",
    campaign: CampaignOption = HERE,
    letter: LetterOption = "",
    out: OutOption = None,
    json: JsonOption = False,
) -> None:
    """Print the record of what people did with the letters: who approved what, and when.

    The record is kept in the ledger, beside the letters, and is only ever added to. Each entry is sealed with a hash of
    itself and of the seal before it: an entry that was inserted, changed or removed with another program is named, the
    exit code is 1, and nothing more is signed. Put back a copy of ledger.sqlite from before; or, once you know what
    happened, take the record as it is with --accept and --by, which is recorded, too.

    Example: letters log taylor-police
    """
    from letters.campaign.ledger import Ledger, LedgerEvent

    project, _ = load_ready(campaign, letter)
    if identifier:
        project.narrowed([identifier])
    options = make_options(project, out, (), [], 1)
    with Ledger(options.out / "ledger.sqlite") as ledger:
        faults = ledger.faults()
        if accept or by:
            remark = _accepted(accept, by, faults)
            ledger.accept(LedgerEvent(options.now, "", "accepted the changed record", by.strip(), remark=remark))
            faults = ledger.faults()
        events, seal = ledger.events(identifier), ledger.seal()
    if json:
        screen.print_json([event._asdict() for event in events])
    else:
        _print_events(events)
    _tell_seal(seal, faults)
    sys.exit(Exit.PROBLEMS if faults else Exit.DONE)


def _accepted(why: str, by: str, faults: Sequence[str]) -> str:
    """Return the remark of an entry that takes a changed record as it is; raises CannotGoOn where that is not said."""
    if not faults:
        raise CannotGoOn(Exit.WRONG_CALL, "the record is whole: there is nothing to accept")
    if not why.strip() or not by.strip():
        raise CannotGoOn(Exit.WRONG_CALL, "who accepts the record, and why?", 'add both: --accept "why" --by NAME')
    return f"{why.strip()}; found were: {'; '.join(faults)}"


def _tell_seal(seal: Seal, faults: Sequence[str]) -> None:
    """Print whether the record is as it was written, to the standard error."""
    for fault in faults:
        screen.say(f"error: the record was changed with another program: {fault}")
    if not faults and seal.entries:
        older = f"; {seal.older:,} are older than the seals" if seal.older else ""
        screen.say(f"entries of all letters: {seal.entries:,}, none changed{older}; the last seal is {seal.seal[:16]}")


def _print_events(events: Sequence[LedgerEvent]) -> None:
    """Print the record of what people did, the oldest first."""
    for event in events:
        who = (f" by {event.person}" if event.person else "") + (
            f" for {event.organization}" if event.organization else ""
        )
        hashes = "".join(
            f"  {name} {digest[:12]}" for name, digest in (("words", event.words), ("PDF", event.pdf)) if digest
        )
        remark = f"  ({event.remark})" if event.remark else ""
        print(f"{event.at}  {event.id or 'all letters'}: {event.kind}{who}{hashes}{remark}")
    if not events:
        print("nothing is recorded yet")


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
    from letters.audit.compare import audit_signed
    from letters.audit.mailing import audit_mailing
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
