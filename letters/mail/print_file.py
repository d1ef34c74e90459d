"""Writes the print files: all letters with their enclosures and copies, as they go through the printer."""

from __future__ import annotations

import io
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pikepdf

from letters.formats.files import sha256, writing_whole
from letters.mail.assemble import Assembler, NoLetterhead, PrintFileInfo, PrintSide
from letters.mail.barcode import draw_article_mark, draw_mark
from letters.mail.pieces import Document, DocumentKind, Piece, label
from letters.mail.products import PAPERS
from letters.mail.windows import fold_marks
from letters.model.postal import Inches
from letters.model.problems import CannotGoOn, Exit
from letters.model.records import copy_number
from letters.model.settings import Campaign, Paper

Mark = Callable[[str, int, int], bytes]
"""Draws a mark on the front of a sheet, from the label of the piece, the sheet and how many the piece has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Printing:
    """How print files are made."""

    duplex: bool = True
    trays: bool = False
    """Whether first sheets, which may be letterhead paper, and the others go to files of their own."""
    preprinted: bool = False
    """Whether first sheets are letterhead paper, so that the letterhead is left out."""
    last: int
    """The last sequence number, which tells how many digits a label has."""
    mark: Mark | None = None
    article_height: Inches = 0
    """The height of the paper where the numbers of certified mail are drawn as barcodes, 0 where they are not."""


@dataclass(frozen=True, slots=True)
class Span:
    """Where a piece is in a print file: the sides, counted from 1."""

    file: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class PlacedPiece:
    """A piece, and where it is in the print files."""

    piece: Piece
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class _Sheet:
    """The sides of one sheet of one document."""

    front: PrintSide
    back: PrintSide | None
    is_first: bool
    """Whether it is the first sheet of a letter or a copy, which is what letterhead paper is for."""

    @property
    def sides(self) -> tuple[PrintSide, ...]:
        return (self.front, self.back) if self.back else (self.front,)


def sheets_of(document: Document, name: str, first_page: int, *, duplex: bool) -> list[_Sheet]:
    """Lay the pages of a document out on sheets; the letter and every enclosure begin on a front.

    `first_page` is the number of the document's first page in its piece.
    """
    sheets: list[_Sheet] = []
    page = 0
    for pages in document.parts:
        sides = [PrintSide(f"{name}-{first_page + n}", n) for n in range(page, page + pages)]
        page += pages
        if not duplex:
            sheets += [_Sheet(side, None, not sheets and not n) for n, side in enumerate(sides)]
            continue
        # An odd last page gets a blank back: the next part would else begin there.
        backs = [*sides[1::2], PrintSide(f"{name}-blank", None)]
        pairs = zip(sides[::2], backs, strict=False)
        sheets += [_Sheet(front, back, not sheets and not n) for n, (front, back) in enumerate(pairs)]
    return sheets


def write_batch(
    pieces: Sequence[Piece], stem: str, folder: Path, about: PrintFileInfo, printing: Printing
) -> Iterator[PlacedPiece]:
    """Write a print file, or one for each tray, telling piece by piece where it is; `stem` begins their names.

    Raises CannotGoOn where a letter changed since it was taken into the mailing, or a file cannot be written.
    """
    # Where every document has one sheet, nothing is for the second tray, and a file without pages is no PDF.
    more = any(piece.sheets(duplex=printing.duplex) > len(piece.documents) for piece in pieces)
    names = file_names(stem, trays=printing.trays)[: 2 if more else 1]
    with ExitStack() as stack:
        # Under their names only when whole: a printer that takes what is in the folder gets no half file.
        files = [stack.enter_context(writing_whole(folder / name)) for name in names]
        assemblers = [
            Assembler(file, replace(about, title=f"{about.title}, {name}"))
            for file, name in zip(files, names, strict=True)
        ]
        for piece in pieces:
            # Sides are counted as they are written: what the manifest says is where the piece really is.
            before = [assembler.sides for assembler in assemblers]
            _add(piece, assemblers, printing)
            spans = (
                Span(name, start + 1, assembler.sides)
                for name, start, assembler in zip(names, before, assemblers, strict=True)
                if assembler.sides > start
            )
            yield PlacedPiece(piece, tuple(spans))
        for assembler in assemblers:
            assembler.finish()


def place_batch(pieces: Sequence[Piece], stem: str, printing: Printing) -> Iterator[PlacedPiece]:
    """List where the pieces of a batch are in its print files, without writing them."""
    names = file_names(stem, trays=printing.trays)
    ends = [0] * len(names)
    for piece in pieces:
        spans = []
        sheets = [sheet for each in piece.documents for sheet in sheets_of(each, "", 1, duplex=printing.duplex)]
        for tray, sides in enumerate(_by_tray(sheets, len(names))):
            if sides:
                spans.append(Span(names[tray], ends[tray] + 1, ends[tray] + len(sides)))
                ends[tray] += len(sides)
        yield PlacedPiece(piece, tuple(spans))


def file_names(stem: str, *, trays: bool) -> list[str]:
    """Name the print files of a batch."""
    return [f"{stem}-first.pdf", f"{stem}-rest.pdf"] if trays else [f"{stem}.pdf"]


def _add(piece: Piece, assemblers: Sequence[Assembler], printing: Printing) -> None:
    for number, (content, sheets) in enumerate(_laid_out(piece, printing)):
        for assembler, sides in zip(assemblers, _by_tray(sheets, len(assemblers)), strict=True):
            if sides:
                # Several copies of one letter may have its number.
                _add_document(assembler, content, sides, piece, printing, copy_number(piece.recipient) + number)


def add_sheets(assembler: Assembler, piece: Piece, printing: Printing, chosen: Collection[int]) -> None:
    """Add some sheets of a letter, counted from 0, to a print file of their own, as they are in that of the piece.

    Raises CannotGoOn as write_batch does.
    """
    # People sign on the letter, which is the first document.
    content, sheets = _laid_out(piece, printing)[0]
    sides = [side for number, sheet in enumerate(sheets) if number in chosen for side in sheet.sides]
    _add_document(assembler, content, sides, piece, printing, 0)


def _laid_out(piece: Piece, printing: Printing) -> list[tuple[bytes, list[_Sheet]]]:
    """Return the documents of a piece with their sheets, and the marks on these."""
    name = label(piece.number, printing.last)
    laid, pages = [], 1
    for document in piece.documents:
        laid.append((_content(document), sheets_of(document, name, pages, duplex=printing.duplex)))
        pages += document.pages
    total = sum(len(sheets) for _, sheets in laid)
    marks = [printing.mark(name, sheet, total) if printing.mark else b"" for sheet in range(1, total + 1)]
    if printing.article_height and piece.article:
        # Not in the finals: letters share laid-out pages there, and each number would make a page of its own.
        marks[0] += draw_article_mark(laid[0][0], piece.article, printing.article_height)
    marking = iter(marks)
    return [
        (content, [replace(each, front=replace(each.front, mark=next(marking))) for each in sheets])
        for content, sheets in laid
    ]


def _add_document(
    assembler: Assembler, content: bytes, sides: Sequence[PrintSide], piece: Piece, printing: Printing, number: int
) -> None:
    """Add sides of a document; the number tells documents of pieces with one number apart."""
    name = label(piece.number, printing.last)
    title = f"{name} {piece.name}"
    if piece.kind is not DocumentKind.LETTER:
        title += f", copy of the letter to {piece.agency}"
    # From memory: what is printed is what was hashed, also where another program writes the file meanwhile.
    with pikepdf.open(io.BytesIO(content)) as pdf:
        try:
            assembler.add(pdf, sides, title, f"{name}.{number}.", has_letterhead=not printing.preprinted)
        except NoLetterhead:
            message = f"no letterhead was found on the letter to {piece.recipient}"
            raise CannotGoOn(Exit.PROBLEMS, message, "print it without --preprinted") from None


def _by_tray(sheets: Iterable[_Sheet], trays: int) -> list[list[PrintSide]]:
    """Deal the sheets out to the trays: first sheets to the first, all others to the last."""
    dealt: list[list[PrintSide]] = [[] for _ in range(trays)]
    for sheet in sheets:
        # With one tray both are the same list.
        dealt[0 if sheet.is_first else -1] += sheet.sides
    return dealt


def _content(document: Document) -> bytes:
    try:
        content = document.pdf.read_bytes()
    except FileNotFoundError:
        # A file that is gone has another hash, too, and the same remedy.
        content = b""
    if sha256(content) != document.sha256:
        message = f'"{document.pdf}" is not the file that was taken into the mailing'
        raise CannotGoOn(Exit.PROBLEMS, message, "run: letters build, then: letters mail prepare")
    return content


def printing_on(
    campaign: Campaign,
    last: int,
    *,
    folds: Sequence[Inches] = (),
    marked: bool = False,
    duplex: bool = True,
    trays: bool = False,
    preprinted: bool = False,
) -> Printing:
    """Return how the letters of a campaign are printed, also as its settings say; `last` is the last number."""
    return Printing(
        duplex=duplex,
        trays=trays,
        preprinted=preprinted,
        last=last,
        mark=marks(folds, campaign.paper, marked=marked),
        article_height=PAPERS[campaign.paper][1] if campaign.certified.barcode else 0,
    )


def marks(folds: Sequence[Inches], paper: Paper, *, marked: bool) -> Mark | None:
    """Draw fold marks on the first sheet of a piece, with which the others are folded, and marks for an inserter."""
    if not folds and not marked:
        return None
    # One folds the whole piece at once, by the marks of its first sheet.
    folded = fold_marks(folds, PAPERS[paper][1]) if folds else b""

    def draw(name: str, sheet: int, sheets: int) -> bytes:
        return (folded if sheet == 1 else b"") + (draw_mark(name, sheet, sheets) if marked else b"")

    return draw
