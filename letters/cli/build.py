"""The commands that make letters and see to what was made: check, build, status, audit, clean, and doctor."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from letters import __version__
from letters.cli import screen
from letters.cli.options import (
    HERE,
    OUT,
    CampaignOption,
    JsonOption,
    LetterOption,
    OutOption,
    WhereOption,
    exit_code,
    load_campaign,
    load_ready,
    make_options,
)
from letters.formats import programs
from letters.formats.files import alone_in, write_whole
from letters.mail.pieces import mail_folder
from letters.model.problems import CannotGoOn, Exit, Problem, in_order, many
from letters.model.records import DOCX, PDF

if TYPE_CHECKING:
    from letters.build.build import Report
    from letters.campaign.load import Project

_WHICH, _PROOF = "Which letters", "Proof"
"""The panels of options in the help page."""
_SHOWN, _NAMES_SHOWN = 20, 6
"""Files and findings that the screen shows, a line each, and files that it names in one line."""
_MB = 1_000_000


def common(
    show_version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Print the version where it is asked for; every command passes here first."""
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

    Each problem is shown with its file, line and column, and how to fix it. Warnings and notes stop nothing. The exit
    code is 1 if any problem stops a letter, else 0.

    Example: letters check --campaign spring/campaign.toml
    """
    from letters.build.beginning import word_problems
    from letters.mail.addresses import check_addresses

    project, problems = load_campaign(campaign, letter)
    if project:
        _ = project.template.word  # what would keep build from making it has to be found here, too
        problems = in_order([*problems, *word_problems(project), *check_addresses(project)])
    if json:
        screen.print_json(screen.problems_as_data(project, problems))
    else:
        screen.print_problems(project, problems)
    if annotate:
        from letters.wording.to_word import annotated

        # Also where the campaign could not be loaded: Word files with mistakes are what stopped it.
        folder = campaign if campaign.is_dir() else campaign.parent
        for path in annotated(problems, folder, (out or folder / OUT) / "annotated"):
            screen.say(f"with comments: {path}")
    raise typer.Exit(exit_code(problems))


def build(
    campaign: CampaignOption = HERE,
    letter: LetterOption = "",
    only: Annotated[
        list[str] | None,
        typer.Option("--only", help="Only this recipient; may be repeated.", metavar="ID", rich_help_panel=_WHICH),
    ] = None,
    where: WhereOption = "",
    pdf: Annotated[bool, typer.Option(help="Make PDFs.", rich_help_panel=_WHICH)] = True,
    docx: Annotated[bool, typer.Option(help="Make DOCX drafts.", rich_help_panel=_WHICH)] = True,
    copies: Annotated[
        bool,
        typer.Option(
            "--copies",
            help="Make the copies that campaign.toml names, too, each as a PDF.",
            rich_help_panel=_WHICH,
        ),
    ] = False,
    as_word: Annotated[
        bool, typer.Option("--as-word", help="Let LibreOffice make the PDFs of edited drafts, to look as in Word.")
    ] = False,
    archive: Annotated[
        bool, typer.Option("--archive", help="Make PDFs for the archive, PDF/A-3a; see also campaign.toml.")
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
        bool,
        typer.Option(
            "--prove", help="Make some letters the slow way, too, and compare them in full.", rich_help_panel=_PROOF
        ),
    ] = False,
    share: Annotated[
        float,
        typer.Option(
            help="How many letters --prove takes, in percent; 3 at least.", min=0, max=100, rich_help_panel=_PROOF
        ),
    ] = 2,
    plain: Annotated[
        bool,
        typer.Option(
            "--plain",
            help="Make every letter the slow way: docxtpl and WeasyPrint, one by one.",
            rich_help_panel=_PROOF,
        ),
    ] = False,
) -> None:
    """Make every letter that is missing or out of date.

    Letters that are up to date are left alone. A draft that somebody edited in Word is never overwritten: it is the
    letter from then on, and its PDF says what the draft says, on the letterhead (or, with --as-word, as LibreOffice
    shows it); the exit code is then 5. A row with a mistake stops that letter only. Press Ctrl-C at any time: finished
    letters are kept, and the next build goes on from there.

    With --copies each [[copies]] table of campaign.toml becomes a PDF of its own, pdf/ID.copy-1.pdf and so on: the same
    pages with a line that says COPY and for whom, with the enclosures where the table says enclosures = true.

    With --archive, or archive = true in campaign.toml, each PDF is made to be kept for decades: PDF/A-3a and PDF/UA-1
    in one file. Later builds leave such a PDF as it is as long as the letter does not change.

    Letters are made in batches that share what is the same in them. With --prove a share of them is also made one by
    one, and compared: every pixel and word, the tags that screen readers need, the bookmarks, and each part of the Word
    file. If anything differs, the letter and the page are named and all other letters are made one by one.

    Example: letters build --prove --share 10

    Example: letters build --only berrien-county-sheriff --no-docx

    Example: letters build --where 'office == "sheriff" and agreement_287g'
    """
    from letters.build.build import build as run_build
    from letters.cli import build_screen

    _check_options(pdf=pdf, docx=docx, copies=copies, archive=archive, plain=plain, prove=prove)
    media = (PDF,) * pdf + (DOCX,) * docx
    project, problems = load_ready(campaign, letter, strict=strict)
    options = make_options(project, out, media, _which(project, only or (), where), jobs, scheduler)._replace(
        copies=copies, as_word=as_word, archive=archive, plain=plain, prove=share if prove else 0, strict=strict
    )
    chosen = project.narrowed(options.only) if options.only else project
    # With --only, mistakes in other rows say nothing about these letters.
    relevant = [problem for problem in problems if not options.only or problem.recipient in ("", *options.only)]
    if dry_run:
        build_screen.print_plan(chosen, options)
        raise typer.Exit(exit_code(relevant))
    with alone_in(options.out, "build"), build_screen.BuildProgress() as progress:
        report = run_build(project, problems, options, progress)
    build_screen.print_report(chosen, relevant, options, report, progress.seconds())
    raise typer.Exit(exit_code_of(report, relevant, strict=strict))


def _which(project: Project, only: Sequence[str], where: str) -> list[str]:
    """Return the ids that --only and --where leave; none where neither is given.

    Raises CannotGoOn where they leave nobody.
    """
    from letters.campaign.project import narrowed_to

    if not where:
        return list(only)
    narrowed = narrowed_to(project.narrowed(only) if only else project, where)
    return [recipient.id for recipient in narrowed.recipients]


def _check_options(*, pdf: bool, docx: bool, copies: bool, archive: bool, plain: bool, prove: bool) -> None:
    """Raise CannotGoOn for options that exclude each other."""
    if not pdf and not docx:
        raise CannotGoOn(Exit.WRONG_CALL, "--no-pdf and --no-docx leave nothing to make")
    if copies and not pdf:
        raise CannotGoOn(Exit.WRONG_CALL, "copies are made as PDF, which --no-pdf forbids", "leave --no-pdf away")
    if archive and not pdf:
        raise CannotGoOn(Exit.WRONG_CALL, "--archive is about PDFs, which --no-pdf forbids", "leave --no-pdf away")
    if plain and prove:
        raise CannotGoOn(Exit.WRONG_CALL, "--plain leaves nothing to prove", "leave one of --plain and --prove away")


def exit_code_of(report: Report, problems: Sequence[Problem], *, strict: bool) -> Exit:
    """Return the exit code of a build: what went wrong counts more than drafts that were kept.

    With `strict` a fault of an engine is an error, though the letter was made.
    """
    if report.failures or report.differences or (strict and report.engine_failed()):
        return Exit.PROBLEMS
    code = exit_code(problems)
    return Exit.KEPT_EDITED if (report.edited or report.stuck) and code == Exit.DONE else code


def status(
    campaign: CampaignOption = HERE,
    letter: LetterOption = "",
    where: WhereOption = "",
    out: OutOption = None,
    json: JsonOption = False,
) -> None:
    """Show the status of each letter: made or not, edited by hand, approved by whom, final, and if not, why not.

    Example: letters status --json

    Example: letters status --where 'county == "Wayne"'
    """
    from letters.campaign.project import narrowed_to
    from letters.cli.build_screen import print_status, status_rows

    project, problems = load_ready(campaign, letter)
    project = narrowed_to(project, where)
    rows = status_rows(project, problems, make_options(project, out).out)
    if json:
        screen.print_json(rows)
    else:
        print_status(rows)


def adopt(campaign: CampaignOption = HERE, letter: LetterOption = "", out: OutOption = None) -> None:
    """Take letters as made that the record does not know: for when out/LETTER/ledger.sqlite was lost.

    Without its ledger the toolkit takes every letter for one that somebody edited, and leaves it alone. This command
    makes each letter once more, in memory, and compares: a file that is byte for byte the same is recorded as made. The
    others stay as they are. Approvals and what was posted stood in the ledger and are lost with it.

    Example: letters adopt --letter guidance-letter
    """
    from letters.build.build import adopt as run_adopt
    from letters.cli import build_screen

    project, _ = load_ready(campaign, letter)
    options = make_options(project, out, (PDF, DOCX), jobs=0)._replace(copies=True)
    with alone_in(options.out, "adopt"), build_screen.BuildProgress() as progress:
        taken, others = run_adopt(project, options, progress)
    for identifier, medium in others[:_SHOWN]:
        screen.say(f"{medium}/{identifier}.{medium} is not what would be made now: it stays as it is")
    if len(others) > _SHOWN:
        screen.say(f"and {len(others) - _SHOWN:,} more")
    print(f"{many(len(taken), 'file')} taken as made, {len(others):,} left as they are")
    raise typer.Exit(Exit.KEPT_EDITED if others else Exit.DONE)


def clean(
    campaign: CampaignOption = HERE,
    letter: LetterOption = "",
    out: OutOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be removed, and remove nothing.")] = False,
) -> None:
    """Remove what was made of a letter and can be made again, and say what is kept.

    Removed are letters, drafts that nobody edited, print files, envelopes, labels, previews, reports and the cache.
    Kept are drafts and PDFs that somebody edited, signed letters, letters that were posted with the files of their
    mailing, the record (ledger.sqlite), and whatever this program did not make.

    Example: letters clean --dry-run
    """
    from letters.build.clean import clean as run
    from letters.mail.register import Register, What

    project, _ = load_ready(campaign, letter)
    folder = make_options(project, out).out
    if not folder.is_dir():
        print(f"nothing is in {folder}/")
        sys.exit()
    with alone_in(folder, "clean"):
        with Register(folder) as register:
            events = [event for event in register.events() if event.what is What.POSTED]
            # Print files of a mailing that was posted show what went out; those of one that was only prepared can be
            # made again.
            in_mail = {each.piece.number for each in register.pieces()}
        of_mailing = any(event.number in in_mail for event in events)
        posted = {event.sha256 for event in events}
        done = run(folder, posted, mailing_posted=of_mailing, dry_run=dry_run)
    for why, paths in done.kept.items():
        names = [path.relative_to(folder).as_posix() for path in paths]
        more = f" and {len(names) - _NAMES_SHOWN:,} more" if len(names) > _NAMES_SHOWN else ""
        screen.say(f"kept ({why}): {', '.join(names[:_NAMES_SHOWN])}{more}")
    verb = "would be removed" if dry_run else "removed"
    print(f"{verb}: {many(len(done.removed), 'file')}, {done.size / _MB:,.1f} MB, from {folder}/")


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

    project, _ = load_ready(campaign, letter)
    options = make_options(project, out, (PDF, DOCX), only or (), jobs)
    found = run(project, options, with_pdf_ua=pdf_ua, with_pdf_a=pdf_a)
    # Of letters that were read: others are not asked about.
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
    # Said, since a machine without it finds less.
    if (pdf_ua or pdf_a) and programs.verapdf():
        screen.say("veraPDF was asked, too")
    for where, why in found.not_checked.items():
        screen.say(f"not compared word by word: {where}: {why}")
    sys.exit(Exit.PROBLEMS if found.findings else Exit.DONE)


def doctor(json: JsonOption = False) -> None:
    """Say what is missing on this machine, what each is for, and the command to get it.

    Ends with 3 where something is missing without which no letter is made; all else is for those who want it.

    Example: letters doctor
    """
    found = programs.needs()
    if json:
        screen.print_json([need._asdict() for need in found])
    else:
        columns = ("", "what", "for", "how to get it")
        rows = [(_state(need), need.name, need.use, "" if need.is_there else need.how) for need in found]
        screen.print_table(columns, rows)
    missing = [need for need in found if need.is_needed and not need.is_there]
    version = f"letters {__version__}, Python {sys.version.partition(' ')[0]}"
    if missing:
        screen.say(f"{version}: no letter can be made before {' and '.join(need.name for need in missing)} is there")
        raise typer.Exit(Exit.MISSING_ON_MACHINE)
    screen.say(f"{version}: letters can be made on this machine")


def _state(need: programs.Need) -> str:
    if need.is_there:
        return "there"
    return "MISSING" if need.is_needed else "not there"
