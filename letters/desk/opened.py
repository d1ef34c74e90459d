"""Keeps a campaign loaded while its files stay as they are; the files on disk are the truth, this only remembers."""

from __future__ import annotations

import datetime
import gc
import os
import shutil
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from letters.build.beginning import OUT, open_campaign, options_at
from letters.build.build import Options, preview_pdf
from letters.build.executors import InProcess
from letters.campaign.ledger import LEDGER, Ledger
from letters.campaign.load import Former, Project
from letters.desk.running import Progress, Running, Work
from letters.formats.files import make_folder, sha256
from letters.mail.addresses import check_addresses
from letters.mail.register import Register
from letters.model.problems import CannotGoOn, Exit, Problem
from letters.model.records import DOCX, PDF
from letters.model.settings import Status
from letters.read.folder import campaign_file
from letters.review.status import Standing, standing

if TYPE_CHECKING:
    from letters.render.pdf.live_layout import LastLayout, LiveLayout

_Content = TypeVar("_Content", bytes, str)
_KEPT_PDFS, _KEPT_TEXTS = 24, 64
"""PDFs that are kept in memory to draw their pages, and texts that changes on disk are compared with."""
_GONE = 12
"""Seconds after which a window that has not asked for news is taken for closed; it asks every four."""
_TURN = 0.1
"""Seconds that somebody who lays out pages waits for another one before looking whether work has begun."""
_Made = TypeVar("_Made")
_Stamp = tuple[tuple[str, int, int], ...]
"""Names, sizes and times of files, by which a change is seen."""


class Recent(Generic[_Content]):
    """The contents that were kept or asked for last; older ones are forgotten."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[str, _Content] = OrderedDict()
        self._lock = threading.Lock()

    def keep(self, content: _Content) -> str:
        """Keep a content; return its hash."""
        digest = sha256(content.encode() if isinstance(content, str) else content)
        with self._lock:
            self._kept[digest] = content
            self._kept.move_to_end(digest)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return digest

    def get(self, digest: str) -> _Content | None:
        """Return a content that is kept, by its hash."""
        return self._kept.get(digest)


@dataclass(slots=True)
class ImportedFile:
    """A list that is being brought in: where it is kept, and what was said about it so far."""

    path: Path
    sheet: str = ""
    header: int | None = None
    date: str = ""
    """The date of ICE's list of agreements, where it is one."""
    columns: dict[str, str] = field(default_factory=dict)
    answers: dict[str, bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CampaignView:
    """A campaign as it was read last."""

    project: Project | None
    problems: tuple[Problem, ...]
    error: CannotGoOn | None
    """Why nothing could be read at all."""
    stamp: _Stamp

    @property
    def loaded(self) -> Project:
        """The project; raises CannotGoOn where there is none."""
        if self.project is None:
            why = self.error or CannotGoOn(
                Exit.PROBLEMS,
                "the campaign cannot be read before its mistakes are fixed",
                "they are listed at Campaign",
            )
            raise why
        return self.project

    @property
    def is_draft(self) -> bool:
        """Whether the letters carry the DRAFT mark."""
        return bool(self.project and self.project.campaign.status is Status.DRAFT)

    @property
    def held(self) -> Mapping[str, str]:
        """Why letters are not made, by id."""
        return self.project.held_reasons(self.problems) if self.project else {}


class OpenCampaign:
    """A campaign that is open at the desk: loaded again where a file changed, with what was found out about it."""

    def __init__(self, campaign: Path, letter: str, out: Path | None, *, read_only: bool = False) -> None:
        self.path = campaign_file(campaign).resolve()
        self.folder = self.path.parent
        self.letter = letter
        self.read_only = read_only
        self.person = ""
        """Who sits at the desk, as they said."""
        self.notes: list[tuple[str, str]] = []
        """What the next page tells: the kind, good or bad, and the words."""
        self.running = Running()
        # Reentrant: a place holds it while it asks for the view, which takes it, too.
        self.lock = threading.RLock()
        """Whoever reads or writes files of the campaign takes turns."""
        self._layout = threading.Lock()
        """Held by whoever lays out pages in this process: the engine replaces functions of WeasyPrint meanwhile."""
        self.temporary = Path(tempfile.mkdtemp(prefix="letters-desk-"))
        self._out = out.resolve() if out else None
        self._view: CampaignView | None = None
        self._former = Former()
        # One for each thread: each request is answered in one.
        self._looks = threading.local()
        self._standings: tuple[object, dict[str, Standing], dict[str, str]] | None = None
        self.pdfs: Recent[bytes] = Recent(_KEPT_PDFS)
        self.texts: Recent[str] = Recent(_KEPT_TEXTS)
        self.layouts: dict[tuple[str, str, str], LastLayout] = {}
        """What the last whole layout of a text has told, by letter, file and recipient."""
        self._live: tuple[object, LiveLayout] | None = None
        """What lays out the text that is being written, behind what it was made from."""
        self._windows: dict[str, datetime.datetime] = {}
        self._kept: dict[str, tuple[Any, ...]] = {}
        # Beside the output, so that "never looked at" is the same after the desk was closed.
        self._seen_path = self.folder / OUT / ".desk" / "looked-at.txt"
        self._seen = set(_lines(self._seen_path))
        self.imports: dict[str, ImportedFile] = {}
        """Files that are being brought in, by token."""
        self.plan: tuple[object, Any] = (None, None)
        """The plan of an import that was made last, behind what it was made from."""
        self.sheets: tuple[object, int] = (None, 0)
        """The status of all letters for which sheets of paper were counted, and how many there are."""
        self.at_fault: dict[str, Sequence[tuple[str, str]]] = {}
        """Letters whose address a window does not show whole, when that was last looked at, and why, by window."""

    def close(self) -> None:
        """Stop what runs, and remove what was kept for this visit only."""
        self.running.stop()
        shutil.rmtree(self.temporary, ignore_errors=True)

    @property
    def is_busy(self) -> bool:
        """Whether something is being made."""
        return self.running.is_on

    @staticmethod
    def now() -> datetime.datetime:
        """Return the moment; the one place of the desk that asks the clock."""
        return datetime.datetime.now(datetime.UTC)

    def moment(self) -> str:
        """Return the moment in ISO 8601."""
        return self.now().isoformat(timespec="seconds")

    def today(self) -> datetime.date:
        """Return today's date where people are."""
        return self.now().astimezone().date()

    @contextmanager
    def one_look(self) -> Iterator[None]:
        """Answer one request from one look at the times of the files: there may be tens of thousands of them."""
        # A page asks for it several times; up to five looks at each of 16,625 letters took seconds.
        self._looks.stamps = {}
        try:
            yield
        finally:
            self._looks.stamps = None

    def _stamped(self, name: str, paths: Callable[[], Iterable[Path]]) -> _Stamp:
        """Return names, sizes and times of files, looked at once in a request."""
        stamps: dict[str, _Stamp] | None = getattr(self._looks, "stamps", None)
        if stamps is None:
            return _stamp(paths())
        if name not in stamps:
            stamps[name] = _stamp(paths())
        return stamps[name]

    def view(self) -> CampaignView:
        """Return the campaign as it is on disk now."""
        with self.lock:
            stamp = (("letter " + self.letter, 0, 0), *self._stamped("inputs", self._inputs))
            # By names, sizes and times, as make does: to hash all files at each request would take longer than to load
            # them.
            if self._view is None or (self._view.stamp != stamp and self._may_load(self._view.stamp, stamp)):
                self._view = self._loaded(stamp)
            return self._view

    def _may_load(self, before: _Stamp, now: _Stamp) -> bool:
        """Return whether the campaign may be read now: while something is made, only the list is read again."""
        listed = str(self.list_path)
        return not self.is_busy or all(name == listed for name, *_ in set(before) ^ set(now))

    @contextmanager
    def laying_out(self) -> Iterator[None]:
        """Lay out pages in this process; raises CannotGoOn while something is made, which does, too."""
        # The engine replaces functions of WeasyPrint for as long as it runs. Work that has begun meanwhile holds the
        # layout, and may wait for the lock that the caller holds: so it is asked again and again whether there is any.
        while True:
            if self.is_busy and self.running.progress:
                message = f"{self.running.progress.title}: until that has ended no page is laid out"
                raise CannotGoOn(Exit.CANNOT_WRITE, message, "wait, or stop it")
            if self._layout.acquire(timeout=_TURN):
                break
        try:
            yield
        finally:
            self._layout.release()

    def begin(self, title: str, work: Work) -> None:
        """Begin a piece of work behind the page; raises CannotGoOn while another one runs."""

        # The work holds the lock, and not who begins it: that request is answered at once.
        def alone(progress: Progress) -> str:
            with self._layout:
                return work(progress)

        self.running.begin(title, alone)

    def _inputs(self) -> Iterator[Path]:
        """Yield the folders of the files that letters are made of; the list of another place is looked at, too."""
        campaign = self._view.project.campaign if self._view and self._view.project else None
        yield self.path
        yield self.folder / (campaign.templates if campaign else "templates")
        # A list that cannot be read is looked for where campaign.toml has it by default.
        yield self.folder / (campaign.recipients if campaign else "recipients.csv")
        for organization in campaign.organizations if campaign else ():
            if organization.logo:
                yield self.folder / organization.logo

    def _loaded(self, stamp: _Stamp) -> CampaignView:
        try:
            project, problems = open_campaign(self.path, self.letter, makes=True, former=self._former)
        except CannotGoOn as error:
            return CampaignView(None, (), error, stamp)
        return CampaignView(project, tuple(problems), None, stamp)

    def options(self, media: tuple[str, ...] = (PDF, DOCX), only: tuple[str, ...] = (), jobs: int = 1) -> Options:
        """Return the options of a build that begins now."""
        return options_at(self.moment(), self.view().loaded, self._out, media, only, jobs)

    @property
    def out(self) -> Path:
        """The output folder of the letter."""
        return (self._out or self.folder / OUT) / self.view().loaded.template.name

    def standings(self) -> dict[str, Standing]:
        """Return the status of each letter, by id."""
        return self._found()[0]

    def posted(self) -> dict[str, str]:
        """Return what happened to letters at the post office, in words, by id."""
        return self._found()[1]

    def _found(self) -> tuple[dict[str, Standing], dict[str, str]]:
        with self.lock:
            view = self.view()
            if self._standings is None or self._standings[0] != self._made_of(view):
                found = self._look_up(view, view.loaded)
                with Register(self.out) as register:
                    posted = {identifier: event.words for identifier, event in register.standing().items()}
                # The ledger is made where there was none, which is no change of it.
                self._standings = self._made_of(view, anew=True), found, posted
            return self._standings[1:]

    def look_again(self, identifiers: Sequence[str]) -> None:
        """Take note that something was just recorded of a few letters: of them alone the status is found out again.

        To be called under the lock in which that was recorded, behind `standings`.
        """
        view = self.view()
        assert self._standings is not None
        _, found, posted = self._standings
        # Of 16,625 letters the whole status takes seconds; one approval changes that of one.
        some = self._look_up(view, view.loaded.narrowed(identifiers))
        self._standings = self._made_of(view, anew=True), found | some, posted

    def _look_up(self, view: CampaignView, project: Project) -> dict[str, Standing]:
        with Ledger(self.out / LEDGER) as ledger:
            return standing(project, view.problems, ledger, self.out)

    def _made_of(self, view: CampaignView, *, anew: bool = False) -> object:
        """Return what tells whether anything was made or recorded since, looked at once in a request or anew."""
        name = f"out {view.loaded.template.name}"
        if anew and getattr(self._looks, "stamps", None):
            self._looks.stamps.pop(name, None)
        # An approval changes the ledger alone, and SQLite writes into the second file first (WAL mode).
        files = (LEDGER, f"{LEDGER}-wal", PDF, DOCX)
        return view.stamp, self._stamped(name, lambda: [self.out / file for file in files])

    def preview(self, identifier: str, tried: Project | None = None) -> str:
        """Make the PDF of a letter as it would be now, or of one that is tried out; return its hash, for `pdf`.

        Raises CannotGoOn where it is kept back, and why.
        """
        with self.lock, self.laying_out():
            view = self.view()
            whole = tried or view.loaded
            chosen = whole.narrowed([identifier])
            if not chosen.letters:
                why = chosen.held_reasons(view.problems).get(identifier, "its row has a mistake")
                raise CannotGoOn(Exit.PROBLEMS, f"the letter to {identifier} is kept back: {why}")
            # A text that changes with every key is laid out once: what the engine learns of it would be used once.
            options = self.options((PDF,), (identifier,))._replace(new_executor=InProcess, plain=tried is not None)
            return self.pdfs.keep(preview_pdf(chosen, options))

    def live_layout(self, project: Project, name: str) -> LiveLayout:
        """Return what lays out a text of a letter while it is written; kept while its looks stay as they are."""
        # WeasyPrint takes long to load, and nobody has looked at a page before.
        from letters.render.pdf.live_layout import LiveLayout
        from letters.render.pdf.plain import PdfRenderer

        # What the styles depend on; the text itself is handed over with each page.
        key = (self.letter, name, project.campaign, project.resources)
        if self._live is None or self._live[0] != key:
            roots = {"campaign": project.folder, "templates": project.templates}
            self._live = key, LiveLayout(PdfRenderer((), roots, project.campaign.date))
            # What is loaded by now stays: Python need not go through it each time that it looks for garbage.
            # Before they are frozen: garbage that is frozen stays for good.
            gc.collect()
            gc.freeze()
        return self._live[1]

    def has_seen(self, standing: Standing) -> bool:
        """Return whether the PDF that a letter has now was looked at."""
        return f"{standing.id} {standing.pdf_sha256}" in self._seen

    def see(self, standing: Standing) -> None:
        """Remember that the PDF that a letter has now was looked at."""
        line = f"{standing.id} {standing.pdf_sha256}"
        with self.lock:
            if line not in self._seen:
                self._seen.add(line)
                make_folder(self._seen_path.parent)
                with self._seen_path.open("a", encoding="utf-8") as file:
                    file.write(f"{line}\n")

    def kept(self, name: str, make: Callable[[], _Made]) -> _Made:
        """Return what was made of the campaign as it is; it is made again where a file changed."""
        return self._kept_for((self.view(), self.standings()), name, make)

    def kept_of_files(self, name: str, make: Callable[[], _Made]) -> _Made:
        """Return what was made of the files that letters are made of, whatever was built or recorded since."""
        return self._kept_for((self.view(),), name, make)

    def long_addresses(self) -> Sequence[Problem]:
        """Return the warnings of addresses that are too long for envelopes or labels: to measure them takes long."""
        project = self.view().loaded
        return self.kept_of_files("long addresses", lambda: list(check_addresses(project)))

    def _kept_for(self, whole: tuple[object, ...], name: str, make: Callable[[], _Made]) -> _Made:
        with self.lock:
            # By identity: a view and its status are replaced, never changed, and to compare them would take as long as
            # to make.
            before = self._kept.get(name, ((),))[0]
            if len(before) != len(whole) or any(a is not b for a, b in zip(before, whole, strict=True)):
                self._kept[name] = whole, make()
            made: _Made = self._kept[name][1]
            return made

    def other_windows(self, window: str) -> int:
        """Take note of a window that asks, and return in how many others the desk is open just now."""
        now = self.now()
        if window:
            # The name of a window comes from its page, and is as long as that likes.
            self._windows[window[:40]] = now
        self._windows = {each: at for each, at in self._windows.items() if (now - at).total_seconds() < _GONE}
        return sum(each != window[:40] for each in self._windows)

    @property
    def edition_on_disk(self) -> str:
        """Return a short hash of the files that letters are made of, but for the list: a page says which it shows."""
        listed = str(self.list_path)
        stamp = self._stamped("inputs", self._inputs)
        # The list is corrected at the desk all the time; a text that somebody edits elsewhere is news.
        return sha256(repr([each for each in stamp if each[0] != listed]).encode())[:16]

    @property
    def list_path(self) -> Path:
        """The list, by what the campaign said when it was read last."""
        view = self._view or self.view()
        return self.folder / (view.project.campaign.recipients if view.project else "recipients.csv")

    def tell(self, words: str, kind: str = "good") -> None:
        """Have the next page tell something."""
        self.notes.append((kind, words))

    def told(self) -> list[tuple[str, str]]:
        """Return what is to be told, once."""
        told, self.notes = self.notes, []
        return told


def _lines(path: Path) -> list[str]:
    """Return the lines of a file that need not be there."""
    try:
        return path.read_text("utf-8").splitlines()
    except (OSError, ValueError):
        return []


def _stamp(paths: Iterable[Path]) -> _Stamp:
    """Return names, sizes and times of files, and of those in folders."""
    found: list[tuple[str, int, int]] = []
    for path in paths:
        if path.is_dir():
            # followlinks, since templates may be kept in a shared folder that is linked in.
            for folder, _, names in os.walk(path, followlinks=True):
                found += (_of(f"{folder}{os.sep}{name}") for name in names)
        else:
            found.append(_of(str(path)))
    return tuple(sorted(found))


def _of(path: str) -> tuple[str, int, int]:
    try:
        status = os.stat(path)  # noqa: PTH116 - a Path for each of many thousand files takes longer than to look at it
    except OSError:
        return path, -1, 0
    return path, status.st_size, status.st_mtime_ns
