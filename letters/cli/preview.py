"""The command that makes one letter to be looked at, once or each time that its text changes."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from letters.cli import screen
from letters.cli.options import HERE, CampaignOption, LetterOption, OutOption, load_ready, make_options
from letters.model.problems import CannotGoOn, Exit

if TYPE_CHECKING:
    from letters.desk.opened import OpenCampaign

_EVERY = 0.25
"""Seconds between two looks at the files."""


def add_to(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command()(preview)


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
    from letters.model.records import PDF

    if watch:
        _watch(identifier, campaign, letter, out, show=show)
        return
    project, problems = load_ready(campaign, letter)
    chosen = project.narrowed([identifier])
    if not chosen.letters:
        (why,) = chosen.held_reasons(problems).values()
        raise CannotGoOn(Exit.PROBLEMS, f"the letter to {identifier} is kept back: {why}")
    path = preview_one(chosen, make_options(project, out, (PDF,), [identifier], 1))
    print(path)
    if show:
        screen.open_in_program(str(path))


def _watch(identifier: str, campaign: Path, letter: str, out: Path | None, *, show: bool) -> None:
    from letters.desk.opened import OpenCampaign
    from letters.formats import pandoc

    opened = OpenCampaign(campaign, letter, out)
    with contextlib.closing(opened), pandoc.kept_running(), contextlib.suppress(KeyboardInterrupt):
        watching = LetterWatch(opened, identifier)
        first = True
        while True:
            for line in watching.look():
                print(line, flush=True)
            if first:
                print("Change its text: it is made again. End with Ctrl-C.", file=sys.stderr, flush=True)
                if show:
                    screen.open_in_program(str(watching.path))
            first = False
            time.sleep(_EVERY)


class LetterWatch:
    """A letter that is made again whenever the files that it is made of have changed."""

    def __init__(self, opened: OpenCampaign, identifier: str) -> None:
        """Take an open campaign; raises CannotGoOn where it has no such recipient."""
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
            if len(changed) == 1 and not is_first:
                yield from self._page(changed[0], before[changed[0]], texts[changed[0]])
            # Numbers of pages on a page that is made alone are those of the last whole layout.
            yield from self._whole([(name, texts[name]) for name in changed or list(texts)[: int(is_first)]])
        except CannotGoOn as error:
            yield str(error)

    def _page(self, name: str, before: str, text: str) -> Iterator[str]:
        """Make the page that a change is on, alone where the last whole layout tells what it needs."""
        from letters.desk.live import live_page
        from letters.formats.files import write_whole

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
        from letters.formats.files import write_whole

        start = time.perf_counter()
        digest = self._opened.preview(self._id)
        write_whole(self.path, self._opened.pdfs.get(digest) or b"")
        yield f"{self.path}: the whole letter, {time.perf_counter() - start:.2f} s"
        for name, text in texts:
            live_page(self._opened, name, text, self._id)


def _first_change(before: str, now: str) -> str:
    """Return the first line of a text that was not in it before; where lines are only gone, the one behind them."""
    lines, old = now.split("\n"), before.split("\n")
    same = next((at for at, (a, b) in enumerate(zip(lines, old, strict=False)) if a != b), min(len(lines), len(old)))
    return next((line for line in lines[same:] if line.strip()), "")
