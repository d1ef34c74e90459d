"""A letter as it is seen: its pages as pictures with their words, laid out anew while its texts are written."""

from __future__ import annotations

import csv
import functools
import io
import os
import re
import shutil
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from rapidfuzz import fuzz

from letters.campaign.load import Project, load
from letters.desk.opened import OpenCampaign
from letters.formats.files import sha256, write_whole
from letters.formats.pdf_text import PdfText
from letters.model.problems import Place, Problem
from letters.model.records import Source
from letters.read.text import decode, encoded_like
from letters.render import RenderError
from letters.wording.chunks import Clash, Side, body_line, front, merge

if TYPE_CHECKING:
    from letters.render.pdf.live_layout import LastLayout

_DOTS = 120
"""To the inch: sharp at the size in which a page is shown, and quick to draw."""
_QUICK = 3
"""How hard a picture is compressed."""
# PDFium is not thread-safe.
_pdfium = threading.Lock()
# Tags, calls of notes and signs of Markdown: the page shows none of them.
_TAG = re.compile(r"\{[{%#].*?[}%#]\}|\[\^[^\]]*\]:?|[*_#>`\\]", re.DOTALL)
ALIKE = 60
"""Out of 100: how much of a line must stand on a page to be found there."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A numbered outline on a page, in points from the upper left corner."""

    number: int
    left: float
    top: float
    width: float
    height: float
    words: str


@dataclass(frozen=True, slots=True)
class ShownPage:
    """A page as the desk shows it: a picture, its size in points, its words."""

    digest: str
    number: int
    width: float
    height: float
    text: str
    marks: tuple[Mark, ...] = ()
    called: int = 0
    """The number of the page in its letter, where this is the picture of that page alone."""

    @property
    def label(self) -> int:
        """The number that it is shown under."""
        return self.called or self.number

    @property
    def paragraphs(self) -> list[str]:
        """The words of the page, line by line, for people who do not see the picture."""
        return [line.strip() for line in self.text.replace("\r", "\n").split("\n") if line.strip()]


def picture_of(content: bytes, number: int) -> bytes | None:
    """Return a page of a PDF, counted from 1, as a PNG; None where it has no such page."""
    with _pdfium, PdfText(content) as pdf:
        if not 1 <= number <= pdf.count:
            return None
        picture = pdf.picture(number - 1, _DOTS)
    out = io.BytesIO()
    picture.save(out, "PNG", compress_level=_QUICK)
    return out.getvalue()


def shown_pages(digest: str, content: bytes, found: Iterable[tuple[int, str, str]] = ()) -> list[ShownPage]:
    """Return the pages of a PDF; `found` are numbers, words to be outlined where they stand, and what is said there."""
    pages = _pages(digest, content)
    wanted = list(found)
    marks: dict[int, list[Mark]] = {page.number: [] for page in pages}
    if wanted:
        with _pdfium, PdfText(content) as pdf:
            for number, words, said in wanted:
                for page in pages:
                    at = page.text.find(words)
                    box = pdf.box_of(page.number - 1, at, at + len(words)) if at >= 0 else None
                    if box:
                        left, bottom, right, top = box
                        width, height = right - left + 4, top - bottom + 4
                        marks[page.number].append(Mark(number, left - 2, page.height - top - 2, width, height, said))
                        break
    return [
        ShownPage(page.digest, page.number, page.width, page.height, page.text, tuple(marks[page.number]))
        for page in pages
    ]


@functools.lru_cache(16)
def _pages(digest: str, content: bytes) -> Sequence[ShownPage]:
    with _pdfium, PdfText(content) as pdf:
        return tuple(
            ShownPage(digest, number, *page.size, page.text) for number, page in enumerate(pdf.pages(), start=1)
        )


def words_at(content: bytes, page: int, x: float, y: float) -> str:
    """Return the words around a point of a page, given in points from its upper left corner."""
    with _pdfium, PdfText(content) as pdf:
        return pdf.words_near(page - 1, x, y) if 1 <= page <= pdf.count else ""


@dataclass(frozen=True, slots=True)
class LivePage:
    """What came of laying a text out: the page that is looked at, or none where the letter cannot be made."""

    problems: Sequence[Problem]
    page: ShownPage | None = None
    first: int = 0
    last: int = 0
    """The numbers of the first and the last page of the text."""
    is_alone: bool = False
    """Whether that page alone was laid out."""


def live_page(
    opened: OpenCampaign, name: str, text: str, identifier: str, asked: int = 1, words: str = "", *, quick: bool = False
) -> LivePage:
    """Lay out a letter with another text of one of its files, and return the page with `words`, else the one asked for.

    If quick, that page alone is laid out where the last whole layout tells what it needs of the others.
    """
    with opened.lock:
        tried = _try_out(opened, name, text, identifier)
        whole, problems = load(tried.path, opened.letter)
        project = whole and whole.narrowed([identifier])
        # The letter is held or has a mistake: its problems are all that there is.
        if project is None or not project.letters:
            return LivePage(problems)
        if project.campaign.looks_as_word(project.template.name):
            return _as_word(opened, project, problems, asked, words)
        letter, part = project.letters[0], project.template.parts[tried.part]
        given = part, letter.context, letter.notes[tried.part]
        key = (opened.letter, name, identifier)
        # Contents and references name other pages: their numbers are those of the last whole layout.
        last = opened.layouts.get(key) if quick else None
        with opened.laying_out():
            layout = opened.live_layout(project, name)
            try:
                laid_out = layout.page(*given, _number(last, asked, words), last) if last else None
                is_alone = laid_out is not None
                laid_out = laid_out or layout.whole(*given)
                number = _number(laid_out.last, asked, words)
                content = laid_out.draw(number)
            # A text in the making may be anything; the page stays as it was, and the message stands beside it.
            except RenderError as error:
                return LivePage([*problems, Problem(Place(name), f"the letter to {identifier}: {error}")])
            opened.layouts[key] = last = laid_out.last
        page = replace(shown_pages(opened.pdfs.keep(content), content)[0], called=number)
    return LivePage(problems, page, 1, last.pages, is_alone)


def _as_word(opened: OpenCampaign, project: Project, problems: Sequence[Problem], asked: int, words: str) -> LivePage:
    """Return a page of a letter whose pages LibreOffice makes, all at once."""
    digest = opened.preview(project.letters[0].recipient.id, project)
    shown = shown_pages(digest, opened.pdfs.get(digest) or b"")
    number = _page_with([page.text for page in shown], words) or min(max(1, asked), len(shown))
    return LivePage(problems, shown[number - 1], 1, len(shown))


def bare_words(line: str) -> str:
    """Return the words of a line of Markdown, without its tags and signs."""
    return " ".join(_TAG.sub(" ", line).split())


def _page_with(texts: Sequence[str], words: str) -> int | None:
    """Return the page on which words of the text stand, by the texts of all pages."""
    bare = bare_words(words)
    # A word or two stand on every page.
    if len(bare) < 8:
        return None
    # A line of the file has fields where the page has values, so that no page holds it whole.
    scored = [(fuzz.partial_ratio(bare, " ".join(text.split())), -number) for number, text in enumerate(texts, start=1)]
    best = max(scored, default=(0, 0))
    return -best[1] if best[0] >= ALIKE else None


def _number(last: LastLayout, asked: int, words: str) -> int:
    """Return the page to be shown: the one with the words, else the one that is asked for."""
    return _page_with(last.texts, words) or min(max(1, asked), last.pages)


class _TriedOut(NamedTuple):
    """A campaign beside the one that is open, in which a text is tried out."""

    path: Path
    part: int
    """Which part of the letter the text belongs to."""


def _try_out(opened: OpenCampaign, name: str, text: str, identifier: str) -> _TriedOut:
    """Make a campaign like the one that is open, with another text of one file and one recipient alone.

    The other parts of the letter, which do not depend on that text, are a word each: nobody looks at them meanwhile.
    It has the campaign's files under second names, and copies of what changes; the campaign stays as it is.
    """
    folder = opened.temporary / "try"
    # Anew each time: files that the campaign no longer has must not be read.
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    project = opened.view().loaded
    templates = project.campaign.templates
    # An enclosure of 12 pages would be laid out again with each key.
    texts, part = _others_cut_short(opened, name)
    texts[name] = text
    # No symbolic links: what a campaign reads has to lie in its folder.
    inner = templates.parts[0]
    shutil.copytree(opened.folder / inner, folder / inner, copy_function=_second_name)
    shutil.copy(opened.path, folder / opened.path.name)
    # They may lie outside of templates/.
    logos = [opened.folder / each.logo for each in project.campaign.organizations if each.logo]
    for entry in [*opened.folder.iterdir(), *logos]:
        target = folder / entry.relative_to(opened.folder)
        if entry.is_file() and not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            _second_name(entry, target)
    listed = project.campaign.recipients
    # Of a list of 16,625 rows one is read and merged, and not all of them with each key.
    row = _only((opened.folder / listed).read_bytes(), identifier)
    for path, content in [*((Path(each), text.encode()) for each, text in texts.items()), (listed, row)]:
        _put(folder / path, content)
    return _TriedOut(folder / opened.path.name, part)


def _others_cut_short(opened: OpenCampaign, name: str) -> tuple[dict[str, str], int]:
    """Return the texts of the other parts of a letter without their bodies, and which part a file belongs to."""
    parts = opened.view().loaded.sources
    own = next((number for number, part in enumerate(parts) if _holds(part, name)), 0)
    texts = {}
    for number, part in enumerate(parts):
        path = part[-1].path
        if number != own and path.endswith(".md") and (opened.folder / path).is_file():
            whole, _ = decode((opened.folder / path).read_bytes(), path)
            # Its keys are needed, such as the title that the contents name; a body of one point is a letter.
            texts[path] = front(path, whole) + "\n.\n"
    return texts, own


def _holds(part: Sequence[Source], name: str) -> bool:
    return any(name in (source.path, *(stretch.path for stretch in source.stretches)) for source in part)


def _put(path: Path, content: bytes) -> None:
    """Write a file of its own: written into, a second name would change the campaign's file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.write_bytes(content)


def _second_name(source: str | Path, target: str | Path) -> None:
    """Make a hard link to a file; a copy where that is another disk, or one without links."""
    try:
        # Fonts and logos are megabytes, and this happens with every key.
        os.link(os.path.realpath(source), target)
    except OSError:
        shutil.copy(source, target)


def _only(content: bytes, identifier: str) -> bytes:
    """Return a list with its header and one row; all of it where the row is not found so simply."""
    text = content.decode("utf-8-sig", "replace")
    rows = list(csv.reader(io.StringIO(text, newline="")))
    header = next((number for number, row in enumerate(rows[:20]) if "id" in row), None)
    if header is None:
        return content
    at = rows[header].index("id")
    found = [row for row in rows[header + 1 :] if len(row) > at and row[at].strip() == identifier]
    # Ids are given to rows without one when the list is read, and two rows may have one id.
    if len(found) != 1:
        return content
    out = io.StringIO()
    csv.writer(out).writerows([rows[header], found[0]])
    return out.getvalue().encode()


def text_files(opened: OpenCampaign) -> dict[str, Path]:
    """Return the Markdown files that a letter is made of, by the name that messages use: the letter itself first."""
    project = opened.view().project
    if project is None:
        path = opened.folder / "templates" / f"{opened.letter}.md"
        paths = [path] if opened.letter and path.is_file() else sorted((opened.folder / "templates").glob("*.md"))
        return {f"templates/{path.name}": path for path in paths}
    names: dict[str, None] = {}
    for source in chain.from_iterable(project.sources):
        names |= dict.fromkeys([source.path, *(stretch.path for stretch in source.stretches)])
    # Clauses that a letter includes are files of their own; each is edited by itself.
    found = {name: opened.folder / name for name in names if name.endswith(".md")}
    own = f"{project.campaign.templates.as_posix()}/{project.template.name}.md"
    return {name: found[name] for name in sorted(found, key=lambda name: (name != own, name)) if found[name].is_file()}


def read(path: Path) -> str:
    """Return a text as it is on disk, with plain line ends; raises CannotGoOn where it is none."""
    return decode(path.read_bytes(), path.name)[0]


@dataclass(frozen=True, slots=True)
class Saved:
    """The outcome of saving: what is on disk then, or where both sides changed the same words."""

    text: str
    merged: bool = False
    """Whether a change on disk was taken in."""
    clashes: tuple[Clash, ...] = ()
    """What must be decided; nothing was written where there are any."""


def save(opened: OpenCampaign, name: str, path: Path, mine: str, base: str, prefer: Side | None = None) -> Saved:
    """Save a text; `base` is the hash of the text that it was made from.

    Where the file changed meanwhile, both changes are kept; where they touch the same paragraph nothing is written
    before somebody prefers a side: "word" is what was typed here, "markdown" what is on disk.
    """
    with opened.lock:
        now = read(path)
        # Nobody else wrote it, or the same; then there is nothing to merge.
        if sha256(now.encode()) == base or now == mine:
            _write(path, mine)
            return Saved(mine)
        before = opened.texts.get(base)
        if before is None:
            # What the person began with is not known any more: all that differs is a clash.
            if prefer is None:
                return Saved(mine, clashes=(Clash(name, 1, "", mine, now),))
            before = mine if prefer == "markdown" else now
        whole, clashes = _merged(name, before, mine, now, prefer)
        if clashes and prefer is None:
            return Saved(mine, clashes=clashes)
        _write(path, whole)
        return Saved(whole, merged=True)


def _merged(name: str, before: str, mine: str, now: str, prefer: Side | None) -> tuple[str, tuple[Clash, ...]]:
    """Return three texts merged: the keys above the letter as one piece, the letter by paragraph."""
    lines = [body_line(name, text) for text in (before, mine, now)]
    merged = merge(name, before, mine, now, lines, prefer)
    fronts = [_front(text, line) for text, line in zip((before, mine, now), lines, strict=True)]
    body = merged.text[len(fronts[2]) :] if merged.text.startswith(fronts[2]) else merged.text
    # Only the letter was changed here, or the keys alike on both sides.
    if fronts[1] in (fronts[0], fronts[2]):
        return merged.text, merged.clashes
    if fronts[2] == fronts[0] or prefer == "word":
        return fronts[1] + body, merged.clashes
    if prefer == "markdown":
        return merged.text, merged.clashes
    return merged.text, (Clash(name, 1, *fronts), *merged.clashes)


def _front(text: str, line: int) -> str:
    return "".join(text.splitlines(keepends=True)[: line - 1])


def _write(path: Path, text: str) -> None:
    before = path.read_bytes() if path.exists() else b""
    # In the encoding and with the line ends that the file had: Windows and old editors have their own.
    write_whole(path, encoded_like(before, text), private=False)
