"""Audits a print file against the pieces that the manifest lists: side by side, the page of that letter."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import pikepdf

from letters.audit.compare import FOLDER as SIGNED
from letters.audit.compare import Finding, lacks_letterhead, print_of, unlike
from letters.campaign.ledger import path_of
from letters.campaign.load import Project
from letters.formats.files import sha256
from letters.formats.pdf_drawn import Drawings, DrawnMemory, PageReader, untagged
from letters.formats.pdf_text import PdfText
from letters.formats.pdf_vt import encapsulation_faults
from letters.mail.assemble import cut, end_of_letterhead
from letters.mail.barcode import article_box, draw_article_mark
from letters.mail.print_file import marks, printing_on
from letters.mail.products import products_of
from letters.mail.windows import parts_of
from letters.model.postal import Box
from letters.model.records import PDF


@dataclass(frozen=True, slots=True)
class ListedPiece:
    """A piece as the manifest lists it."""

    number: str
    id: str
    name: str
    address: tuple[str, ...]
    pages: int
    sheets: int
    spans: tuple[tuple[str, int, int], ...]
    """The file, first and last side in it, counted from 1; one, or one for each tray."""
    sha256: str
    envelope: str
    article: str = ""


def read_manifest(path: Path) -> list[ListedPiece]:
    """Read the pieces of a manifest in their order; raises ValueError where it is spoilt."""
    try:
        # The manifest is written for Excel, which wants the mark at its beginning.
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file, strict=True)
            if "sha256" not in (rows.fieldnames or ()):  # without a row nothing would be missing
                raise KeyError("sha256")
            return [_listed(row) for row in rows]
    except (KeyError, TypeError, csv.Error) as error:  # a column or a cell is missing
        raise ValueError(f"a column or a cell is missing or spoilt: {error}") from None


def _listed(row: Mapping[str, str]) -> ListedPiece:
    rest = ("rest_file", "rest_first_side", "rest_last_side")
    spans = [(row["file"], int(row["first_side"]), int(row["last_side"]))]
    spans += [(row[rest[0]], int(row[rest[1]]), int(row[rest[2]]))] if row[rest[0]] else []
    if not row["number"].isdecimal():
        raise ValueError(f'"{row["number"]}" is no number of a piece')
    return ListedPiece(
        number=row["number"],
        id=_plain(row["id"]),
        name=_plain(row["name"]),
        address=tuple(_plain(row["address"]).split(" | ")),
        pages=int(row["pages"]),
        sheets=int(row["sheets"]),
        spans=tuple(spans),
        sha256=row["sha256"],
        envelope=_plain(row["envelope"]),
        article=_plain(row["certified_number"]),
    )


def _plain(cell: str) -> str:
    """Return a text without the apostrophe that keeps a spreadsheet from running it."""
    # The file that is written for spreadsheets has it before what they would take for a formula; ids may begin so.
    return cell[1:] if cell[:1] == "'" and cell[1:2] in set("=+-@\t\r") else cell


def in_out(path: Path, out: Path) -> str:
    """Return the path of a file as findings name it: from the output folder on."""
    return path.relative_to(out).as_posix() if path.is_relative_to(out) else path.name


def finding_in(kind: str, what: str, *, file: str, page: int = 0, id_: str = "the mailing") -> Finding:
    """Return a finding in a file of a mailing."""
    return Finding(id_, PDF, kind, what, page, None, file)


class PrintFileAudit:
    """A print file that is open for reading; use it as a context manager."""

    def __init__(self, project: Project, path: Path, out: Path, pieces: Sequence[ListedPiece]) -> None:
        self._out, self._pieces = out, pieces
        self._name, self._file = path.name, in_out(path, out)
        self._text = PdfText(path.read_bytes())
        self._pdf = pikepdf.open(path)
        # What the file asks the printer for; the manifest does not say whether sheets have backs.
        shown = self._pdf.Root.get("/ViewerPreferences", pikepdf.Dictionary())
        self._duplex = str(shown.get("/Duplex", "")) != "/Simplex"
        with self._pdf.open_outline() as outline:
            self._bookmarks = [str(item.title) for item in outline.root]
        self._drawings = Drawings(self._pdf)
        # Forms of the file and of its letters have the same numbers where they draw the same.
        self._memory = DrawnMemory()
        self._reader = PageReader(self._pdf, self._memory)
        self._faults = list(encapsulation_faults(self._pdf))
        self._has_forms = any(map(_has_forms, self._pdf.pages))
        # Any fold of the campaign’s windows may be marked: the manifest does not say which.
        self._fold_marks = {window.folds for window in products_of(project).windows.values()} | {()}
        self._paper = project.campaign.paper
        self._bars = printing_on(project.campaign, 0).article_height
        self.pages = len(self._text)

    def __enter__(self) -> PrintFileAudit:
        return self

    def __exit__(self, *_: object) -> None:
        self._text.__exit__()
        self._pdf.close()

    def findings(self, posted: Collection[int]) -> Iterator[Finding]:
        """Yield what is wrong with the file, piece by piece, and with what is between the pieces."""
        yield from (self._finding("reuse", each) for each in self._faults)
        end = 0
        for piece in self._pieces:
            for which, (name, first, last) in enumerate(piece.spans):
                if name != self._name:
                    continue
                if first != end + 1:
                    what = f"piece {piece.number} begins on side {first}, and side {end + 1} is the next"
                    yield self._finding("order", what, min(first, self.pages), piece)
                end = last
                # A piece that was posted may have been made anew since: its pages are history, and compared with
                # nothing.
                if int(piece.number) not in posted or final_of(self._out, piece):
                    yield from self._piece(piece, which, first, last)
        if end != self.pages:
            yield self._finding(
                "pages", f"it has {self.pages} sides, and its pieces have {end}", min(end + 1, self.pages)
            )
        titles = [f"{piece.number} {piece.name}" for piece in self._pieces]
        for number, (title, bookmark) in enumerate(zip(titles, self._bookmarks, strict=False)):
            # Behind the title stands for whom a copy is.
            if not bookmark.startswith(title):
                what = f'the bookmark of the piece is "{bookmark}", and should be "{title}"'
                yield self._finding("bookmarks", what, 0, self._pieces[number])
        if len(titles) != len(self._bookmarks):
            yield self._finding("bookmarks", f"it has {len(self._bookmarks)} bookmarks for {len(titles)} pieces")

    def _finding(self, kind: str, what: str, page: int = 0, piece: ListedPiece | None = None) -> Finding:
        return finding_in(kind, what, page=page, file=self._file, id_=piece.id if piece else self._name)

    def _piece(self, piece: ListedPiece, which: int, first: int, last: int) -> Iterator[Finding]:
        """Yield where the sides of a piece are not the pages of its letter, each part beginning on a front."""
        # By its hash and not by its name: that is the letter that was approved.
        letter = final_of(self._out, piece)
        if letter is None:
            what = "the letter that the manifest names by its hash is not there, neither signed nor unsigned"
            yield self._finding("letter", what, first, piece)
            return
        sides = self._sides(parts_of(letter.path), which)
        if len(sides) != last - first + 1:
            what = f"piece {piece.number} has {last - first + 1} sides here, and its letter needs {len(sides)}"
            yield self._finding("pages", what, first, piece)
        size = 2 if self._duplex else 1
        with _OpenLetter(letter, self._memory) as own:
            bars = article_box(letter.content, piece.article) if self._bars and piece.article else None
            # Where the numbers differ that was named above; what is there is still compared.
            for at, (side, page) in enumerate(zip(range(first - 1, min(last, self.pages)), sides, strict=False)):
                sheet = which + at // size + 1 if at % size == 0 else 0
                if page is not None and self._is_drawn_as(side, own, page, piece, sheet):
                    yield from self._label(piece, side, page)
                else:
                    yield from self._side(piece, side, page, own, bars if page == 0 else None)
        if last > self.pages:
            yield self._finding("pages", f"sides of piece {piece.number} are missing", self.pages, piece)

    def _sides(self, parts: Sequence[int], which: int) -> list[int | None]:
        """Return the pages of a letter, side by side; None is a back that stays free."""
        sheets: list[list[int | None]] = []
        page = 0
        for count in parts:
            own = list(range(page, page + count))
            page += count
            size = 2 if self._duplex else 1
            for start in range(0, count, size):
                sheet: list[int | None] = [*own[start : start + size]]
                sheets.append([*sheet, *[None] * (size - len(sheet))])
        in_trays = self._name.endswith(("-first.pdf", "-rest.pdf"))
        chosen = sheets if not in_trays else sheets[:1] if which == 0 else sheets[1:]
        return [side for sheet in chosen for side in sheet]

    def _is_drawn_as(self, side: int, letter: _OpenLetter, page: int, piece: ListedPiece, sheet: int) -> bool:
        """Return whether a side has the very operators of a page, the fonts and pictures, and at most our own marks.

        It takes a tenth of the time of reading its words; a side that differs may look the same, and is read.
        """
        # None where operators do not tell all that is shown, as with layers, fields and remarks: the page is read then.
        found, wanted = self._drawings.page(side), letter.drawings.page(page)
        if found is None or wanted is None:
            return False
        # First the resources, then the operators; our marks are drawn before those of the page.
        if found[1] == wanted[1] and found[0].endswith(wanted[0]):
            before = found[0].removesuffix(wanted[0])
            return not before or (sheet > 0 and before in self._own_marks(piece, sheet, letter.content))
        return (
            self._has_forms
            and self._drawings.shape(side) == letter.drawings.shape(page)
            and self._draws(side, letter, page, piece, sheet)
        )

    def _draws(self, side: int, letter: _OpenLetter, page: int, piece: ListedPiece, sheet: int) -> bool:
        """Return whether a side draws the same as a page, be it by forms, and at most our own marks besides."""
        here = self._pdf.pages[side].obj
        found, wanted = self._reader.numbers(here), letter.numbers(page)
        if not found or not wanted or found[-len(wanted) :] != wanted:
            return False
        before = found[: -len(wanted)]
        own = (self._reader.numbers_of(each, here) for each in self._own_marks(piece, sheet, letter.content))
        return not before or (sheet > 0 and before in own)

    def _own_marks(self, piece: ListedPiece, sheet: int, content: bytes) -> set[bytes]:
        """Return what may be drawn on the front of a sheet besides its page: marks for folders, inserters, clerks."""
        has_bars = sheet == 1 and self._bars and piece.article
        also = draw_article_mark(content, piece.article, self._bars) if has_bars else b""
        found = {untagged(also)}
        # With and without each mark that may be asked for: nothing else may be drawn on a sheet.
        for folds, marked in product(self._fold_marks, (False, True)):
            if draw := marks(folds, self._paper, marked=marked):
                found.add(untagged(draw(piece.number, sheet, piece.sheets) + also))
        return found

    def _label(self, piece: ListedPiece, side: int, page: int | None) -> Iterator[Finding]:
        label = f"{piece.number}-{'blank' if page is None else page + 1}"
        if self._text.label(side) != label:
            what = f'the side is labelled "{self._text.label(side)}", and should be "{label}"'
            yield self._finding("labels", what, side + 1, piece)

    def _side(
        self,
        piece: ListedPiece,
        side: int,
        page: int | None,
        letter: _OpenLetter,
        bars: Box | None,
    ) -> Iterator[Finding]:
        """Yield what is wrong with a side; of one without a letterhead what stands below it is looked at."""
        yield from self._label(piece, side, page)
        if page is None:
            if not self._text.is_blank(side):
                yield self._finding("order", "something is on a back that should be free", side + 1, piece)
            return
        found = self._text.page(side)
        is_whole = print_of(found) == print_of(letter.text.page(page))
        below = 0.0 if is_whole or page else letter.end_of_letterhead()
        if not is_whole and (page or not lacks_letterhead(found, letter.text.page(0))):
            what = f"this is not page {page + 1} of the letter to {piece.id}"
            yield self._finding("order", what, side + 1, piece)
        elif box := unlike(self._text, side, letter.text, page, below=below, bars=bars):
            what = f"the side looks other than page {page + 1} of the letter"
            yield self._finding("looks", what, side + 1, piece)._replace(box=box)


class Final(NamedTuple):
    """The PDF of a piece, as the manifest names it by its hash; signed or not."""

    path: Path
    content: bytes


def final_of(out: Path, piece: ListedPiece) -> Final | None:
    """Return the PDF of a piece; None where it is not there."""
    # As made, or with signatures: the hash says which of the two went into the print file.
    for path in (path_of(out, piece.id, PDF), out / SIGNED / f"{piece.id}.{PDF}"):
        if path.is_file() and sha256(content := path.read_bytes()) == piece.sha256:
            return Final(path, content)
    return None


class _OpenLetter:
    """The PDF of a piece that is open for reading; use it as a context manager."""

    def __init__(self, final: Final, memory: DrawnMemory) -> None:
        self.content = final.content
        self._pdf = pikepdf.open(io.BytesIO(final.content))
        self.drawings = Drawings(self._pdf)
        self._reader = PageReader(self._pdf, memory, cut)
        self._text: PdfText | None = None

    def __enter__(self) -> _OpenLetter:
        return self

    def __exit__(self, *_: object) -> None:
        self._pdf.close()
        if self._text:
            self._text.__exit__()

    @property
    def text(self) -> PdfText:
        """Return its words; they are read where what is drawn does not tell enough."""
        # PDFium takes 9 ms a page; of a file that is right no letter needs it.
        self._text = self._text or PdfText(self.content)
        return self._text

    def numbers(self, page: int) -> tuple[int, ...] | None:
        """Return what a page draws, as numbers."""
        return self._reader.numbers(self._pdf.pages[page].obj)

    def end_of_letterhead(self) -> float:
        """Return where the text below the letterhead begins."""
        return end_of_letterhead(self._pdf, self._pdf.pages[0].obj)


def _has_forms(page: Any) -> bool:
    things = page.obj.get("/Resources", pikepdf.Dictionary()).get("/XObject") or {}
    return any("/GTS_Encapsulated" in thing for thing in things.values())
