"""The commands that show letters before they go out: one of them, the looks of all, their citations."""

from __future__ import annotations

import contextlib
import datetime
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from letters.cli import screen
from letters.cli.options import HERE, CampaignOption, LetterOption, OutOption, load_ready, make_options
from letters.formats.files import write_whole
from letters.model.problems import CannotGoOn, Exit, Place, Problem, many, warning
from letters.model.records import DOCX, PDF

if TYPE_CHECKING:
    from letters.campaign.looks import LooksDifference, LooksPlan
    from letters.desk.opened import OpenCampaign

_EVERY = 0.25
"""Seconds between two looks at the files."""


def preview(
    identifier: Annotated[str, typer.Argument(help="The recipient, by id.", metavar="ID")],
    campaign: CampaignOption = HERE,
    letter: LetterOption = "",
    out: OutOption = None,
    show: Annotated[bool, typer.Option("--open", help="Open it in the program for PDFs.")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Make it again at each change, until Ctrl-C.")] = False,
) -> None:
    """Make one letter as PDF, beside the real ones, and print where it is.

    With --watch it goes on: whenever a text of the letter is saved, the page with the change is laid out first, alone,
    as ID.page.pdf, and then the whole letter; each comes with the time that it took. A program for PDFs that reads a
    file again when it changes shows it.

    Example: letters preview taylor-police --open
    """
    from letters.build.build import preview_one

    if watch:
        _watch(identifier, campaign, letter, out, show=show)
        return
    project, problems = load_ready(campaign, letter)
    chosen = project.narrowed([identifier])
    if not chosen.letters:
        # One recipient, and no letter for it: so there is exactly one reason.
        (why,) = chosen.held_reasons(problems).values()
        raise CannotGoOn(Exit.PROBLEMS, f"the letter to {identifier} is kept back: {why}")
    path = preview_one(chosen, make_options(project, out, (PDF,), [identifier]))
    print(path)
    if show:
        screen.open_in_program(str(path))


def _watch(identifier: str, campaign: Path, letter: str, out: Path | None, *, show: bool) -> None:
    from letters.desk.opened import OpenCampaign
    from letters.formats import pandoc

    opened = OpenCampaign(campaign, letter, out)
    with contextlib.closing(opened), pandoc.kept_running(), contextlib.suppress(KeyboardInterrupt):
        watching = LetterWatch(opened, identifier)
        _print_made(watching)
        print("Change its text: it is made again. End with Ctrl-C.", file=sys.stderr, flush=True)
        if show:
            screen.open_in_program(str(watching.path))
        while True:
            time.sleep(_EVERY)
            _print_made(watching)


def _print_made(watching: LetterWatch) -> None:
    for line in watching.look():
        print(line, flush=True)


class LetterWatch:
    """A letter that is made again whenever the files that it is made of have changed."""

    def __init__(self, opened: OpenCampaign, identifier: str) -> None:
        """Take an open campaign; raises CannotGoOn where it has no such recipient."""
        # Here, before the first wait: a mistyped id is told at once.
        opened.view().loaded.narrowed([identifier])
        self._opened, self._id = opened, identifier
        self._made_of: object = None
        self._texts: dict[str, str] = {}
        self.path = opened.out / "preview" / f"{identifier}.pdf"
        """The letter; the page that was changed lies beside it."""

    def look(self) -> Iterator[str]:
        """Look at the files once; where they changed, make the letter again and yield in words what was made."""
        from letters.desk.live import read, text_files

        view = self._opened.view()
        if view.stamp == self._made_of:
            return
        is_first, self._made_of = self._made_of is None, view.stamp
        stops = [str(each) for each in view.problems if each.stops and each.recipient in ("", self._id)]
        if view.project is None or stops:
            yield from stops or [str(view.error)]
            return
        texts = {name: read(path) for name, path in text_files(self._opened).items()}
        changed = [name for name, text in texts.items() if self._texts.get(name, text) != text]
        before, self._texts = self._texts, texts
        try:
            # Of two texts nobody knows which page is looked at.
            if len(changed) == 1 and not is_first:
                yield from self._page(changed[0], before[changed[0]], texts[changed[0]])
            # Numbers of pages on a page that is made alone are those of the last whole layout.
            yield from self._whole([(name, texts[name]) for name in changed or list(texts)[: int(is_first)]])
        except CannotGoOn as error:
            yield str(error)

    def _page(self, name: str, before: str, text: str) -> Iterator[str]:
        """Make the page that a change is on, alone where the last whole layout tells what it needs."""
        from letters.desk.live import live_page

        start = time.perf_counter()
        live = live_page(self._opened, name, text, self._id, words=_first_change(before, text), quick=True)
        if live.page and live.is_alone:
            path = self.path.with_suffix(".page.pdf")
            write_whole(path, self._opened.pdfs.get(live.page.digest) or b"")
            number, last = live.page.label - live.first + 1, live.last - live.first + 1
            yield f"{path}: page {number} of {last} of {name}, {time.perf_counter() - start:.2f} s"

    def _whole(self, texts: list[tuple[str, str]]) -> Iterator[str]:
        """Make the whole letter; then lay some of its texts out by themselves, so that a page can be made alone."""
        from letters.desk.live import live_page

        start = time.perf_counter()
        digest = self._opened.preview(self._id)
        write_whole(self.path, self._opened.pdfs.get(digest) or b"")
        yield f"{self.path}: the whole letter, {time.perf_counter() - start:.2f} s"
        # A page can be made alone only where a whole layout has told what it needs of the others.
        for name, text in texts:
            live_page(self._opened, name, text, self._id)


def _first_change(before: str, now: str) -> str:
    """Return the first line of a text that was not in it before; where lines are only gone, the one behind them."""
    lines, old = now.split("\n"), before.split("\n")
    # The first line that differs: where one types, the rest has only moved.
    same = next((at for at, (a, b) in enumerate(zip(lines, old, strict=False)) if a != b), min(len(lines), len(old)))
    return next((line for line in lines[same:] if line.strip()), "")


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
    # An older campaign.toml names the paper itself, and that counts.
    if paper in ("", plan.looks.paper.value):
        return []
    name = (campaign / HERE if campaign.is_dir() else campaign).name
    what = f'"{paper}" goes before "{plan.looks.paper.value}" of looks.toml'
    return [warning(Place(name, field="paper"), what, "take the line out, and looks.toml decides")]


def _print_changes(plan: LooksPlan, *, dry_run: bool) -> None:
    """Print the keys that change and how many values in which file; all of these where nothing is written."""
    counts = Counter(each.file for each in plan.changed)
    # A key stands for several values in two files: once they are written, it is enough.
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

    if dry_run:
        screen.say("the picture shows the looks as they are")
    project, _ = load_ready(campaign, letter)
    if not project.letters:
        raise CannotGoOn(Exit.PROBLEMS, "there is no letter to show", "letters check tells why")
    chosen = project.narrowed([sample or project.letters[0].recipient.id])
    if not chosen.letters:
        raise CannotGoOn(Exit.PROBLEMS, f"the letter to {sample} is kept back", "letters check tells why")
    path = show_media(chosen, make_options(project, out, (PDF, DOCX), [sample]))
    print(path)
    # A script that draws pictures wants their path, and no window.
    if sys.stdout.isatty():
        screen.open_in_program(str(path))


def cites(
    campaign: CampaignOption = HERE,
    letter: LetterOption = "",
    sample: Annotated[
        str, typer.Option("--for", help="Number notes as in this letter. [default: the one with most]", metavar="ID")
    ] = "",
    pages: Annotated[bool, typer.Option(help="Set that letter to tell the pages.")] = True,
    take: Annotated[
        Path | None, typer.Option("--take", help="Take in this sheet, which somebody has filled in.", metavar="FILE")
    ] = None,
    on: Annotated[
        datetime.datetime | None,
        typer.Option("--on", formats=["%Y-%m-%d"], help="With --take: the day of the rows that give none."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="With --take: show the changes, write nothing.")] = False,
    out: OutOption = None,
) -> None:
    """Write a sheet for the cite-check, or take in one that was filled in.

    It lists every citation, its note and page, the sentence it supports, what it lacks, and who has read it. The sheet
    is written twice, as cite-check.xlsx to work in and as cite-check.html to print; the last three columns are empty,
    for the person who checks: name, day, remarks. --take writes them into templates/authorities.toml, where it stands
    who has read what; the file as it was is kept under out/kept/.

    Example: letters cites --letter guidance-letter
    """
    from letters.build.build import preview_one
    from letters.campaign.cites import check_cites, sample_of
    from letters.cite.sheet import count_missing, count_statuses

    if take:
        return _take_cites(campaign, letter, take, out, on and on.date(), dry_run=dry_run)
    # Silently ignored, they would look as if something had been tried.
    if dry_run or on:
        option = "--dry-run" if dry_run else "--on"
        raise CannotGoOn(Exit.WRONG_CALL, f"{option} is for --take", f"letters cites --take FILE {option}")
    # What nobody has read stops a final campaign, and is what the sheet is for.
    project, _ = load_ready(campaign, letter, as_draft=True)
    chosen = project.narrowed([sample]) if sample else project
    # Numbers of notes and pages are those of one letter: others may lack a paragraph, and a note.
    model = sample_of(chosen)
    options = make_options(project, out, (PDF,))
    pdf = preview_one(project.narrowed([model.recipient.id]), options).read_bytes() if model and pages else b""
    sheet = check_cites(project, options.out, model, pdf)
    counts = ", ".join(f"{number} {status}" for status, number in count_statuses(sheet.rows).items())
    print(f"{len(sheet.rows)} citations: {counts or 'none'}", file=sys.stderr)
    if missing := ", ".join(f"{number} {what}" for what, number in count_missing(sheet.rows).items()):
        print(f"still missing: {missing}", file=sys.stderr)
    for path in sheet.files:
        print(path)
    return None


def _take_cites(
    campaign: Path, letter: str, file: Path, out: Path | None, day: datetime.date | None, *, dry_run: bool
) -> None:
    """Read a filled-in sheet back into the authorities file; a row with a mistake stops all of it."""
    from letters.campaign.cites import take_readings
    from letters.recipients.source import read_source

    project, _ = load_ready(campaign, letter, as_draft=True)
    options = make_options(project, out)
    # Without a header: the title of the sheet stands above its headings.
    source = read_source(file, header=0)
    for remark in source.remarks:
        print(f"note: {remark}", file=sys.stderr)
    table = [(row.line, row.cells) for row in source.rows]
    taken = take_readings(project, table, file.name, options.out, options.now, day=day, write=not dry_run)
    for problem in taken.sheet.problems:
        print(problem, file=sys.stderr)
    if taken.sheet.problems:
        message = f"{many(len(taken.sheet.problems), 'row')} cannot be taken; nothing was written"
        raise CannotGoOn(Exit.PROBLEMS, message, "correct the sheet, save it, and take it again")
    for key, reading in taken.sheet.readings.items():
        who = f"read by {reading.read_by} on {reading.read_on}" if reading.read_by else "a remark"
        print(f"{key}: {who}" + (f"; {reading.remarks}" if reading.remarks else ""), file=sys.stderr)
    named = many(len(taken.sheet.readings), "authority", "authorities")
    verb, known, left = "would change" if dry_run else "changed", taken.sheet.known, taken.sheet.open_rows
    print(f"{named} {verb}, already known: {known}, rows that are not filled in: {left}", file=sys.stderr)
    if taken.kept:
        print(f"as it was: {taken.kept}", file=sys.stderr)
        print(taken.path)
