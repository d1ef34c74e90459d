"""Audits a mailing against its manifest: print files page by page, envelopes and labels address by address.

The manifest says which piece is where; the finished letters say what is on its pages. Nothing else is believed.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import pikepdf

from letters.audit.addresses import audit_addresses
from letters.audit.findings import Finding
from letters.audit.listed import ListedPiece, read_manifest
from letters.audit.looks import lacks_letterhead, print_of, unlike
from letters.audit.signed import FOLDER as SIGNED
from letters.campaign.ledger import path_of
from letters.campaign.load import Project
from letters.formats.files import sha256
from letters.formats.pdf_digest import Drawings, untagged
from letters.formats.pdf_drawn import DrawnMemory, PageReader
from letters.formats.pdf_encapsulated import encapsulation_faults
from letters.formats.pdf_text import PdfText
from letters.formats.pdf_ua import failures
from letters.mail.article_mark import article_box, draw_article_mark
from letters.mail.page_content import cut, end_of_letterhead
from letters.mail.page_words import parts_of
from letters.mail.print_file import marks, printing_on
from letters.mail.products import products_of
from letters.mail.register import LEDGER, Register, What
from letters.model.postal import Box
from letters.model.records import PDF, is_copy

_MANIFEST = "manifest.csv"
_PRINT_FILES = "print-*.pdf"
_TO_SIGN = "to-sign.pdf"
_PACKAGE = "mail-house.zip"
_WITHOUT_TAGS = ("pdfvt-*.pdf", "window-*.pdf")
"""Files for a press, and drawings of letters in their windows: nobody is sent them."""


@dataclass(slots=True)
class MailingAudit:
    """What the audit of a mailing found, and how much it read."""

    pieces: int = 0
    pages: int = 0
    files: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def audit_mailing(
    project: Project,
    out: Path,
    folder: Path,
    prints: Mapping[str, Sequence[str]] | None = None,
    *,
    with_pdf_ua: bool = False,
) -> MailingAudit:
    """Audit the files of a mailing in a folder; nothing is found where none is prepared.

    `prints` are the pages of letters that were read already, as hashes by id. A piece that was posted is history: where
    its letter was changed since, its pages are compared with nothing.
    """
    audit = MailingAudit()
    path = folder / _MANIFEST
    names = sorted(each.name for each in folder.glob(_PRINT_FILES))
    if not path.is_file():
        what = "there is no manifest that tells what is in it: letters mail prepare"
        audit.findings += [Finding(name, PDF, "manifest", what, file=_in_out(folder / name, out)) for name in names]
        return audit
    try:
        pieces = read_manifest(path)
    except ValueError as error:
        audit.findings.append(_finding("manifest", f"it cannot be read: {error}", file=_in_out(path, out)))
        return audit
    audit.pieces = len(pieces)
    posted = _posted(out)
    audit.findings += _manifest_findings(project, pieces, posted, _in_out(path, out))
    known = dict(prints or {})
    for name in dict.fromkeys([*(span[0] for piece in pieces for span in piece.spans), *names]):
        own = [piece for piece in pieces if name in {span[0] for span in piece.spans}]
        audit.files.append(name)
        try:
            with _PrintFile(project, folder / name, out, own) as file:
                audit.findings += file.findings(known, posted)
                audit.pages += file.pages
        except Exception as error:  # noqa: BLE001 - a damaged file may be broken in any way
            what = "it is not there" if isinstance(error, FileNotFoundError) else f"it cannot be read: {error}"
            audit.findings.append(_finding("file", what, file=_in_out(folder / name, out)))
    audit.findings += _sheets_to_sign(folder / _TO_SIGN, out, pieces, posted)
    audit.findings += _package_findings(folder / _PACKAGE, out)
    addressed = audit_addresses(project, out, folder, [(each.id, each.address, each.envelope) for each in pieces])
    audit.files += addressed.files
    audit.pages += addressed.pages
    audit.findings += addressed.findings
    if with_pdf_ua:
        audit.findings += _inaccessible(folder, out)
    return audit


def _inaccessible(folder: Path, out: Path) -> Iterator[Finding]:
    """Yield the machine checks of PDF/UA that a file of the mailing fails."""
    for path in sorted({*folder.glob("*.pdf")} - {each for name in _WITHOUT_TAGS for each in folder.glob(name)}):
        try:
            failed = [str(each) for each in failures(path.read_bytes())]
        except Exception as error:  # noqa: BLE001 - a damaged file may be broken in any way
            failed = [f"it cannot be read: {error}"]
        yield from (_finding("pdf-ua", what, file=_in_out(path, out)) for what in failed)


def _in_out(path: Path, out: Path) -> str:
    return path.relative_to(out).as_posix() if path.is_relative_to(out) else path.name


def _finding(kind: str, what: str, *, page: int = 0, file: str = "", id_: str = "the mailing") -> Finding:
    return Finding(id_, PDF, kind, what, page, None, file)


def _posted(out: Path) -> set[int]:
    """Return the numbers of the pieces that were posted."""
    with Register(out / LEDGER, out) as register:
        return {event.number for event in register.events() if event.what is What.POSTED}


def _manifest_findings(
    project: Project, pieces: Sequence[ListedPiece], posted: Collection[int], file: str
) -> Iterator[Finding]:
    """Yield pieces that are there twice, gaps in their numbers, and addresses that the list has not."""
    for before, piece in pairwise(pieces):
        if int(piece.number) != int(before.number) + 1:
            what = f"number {piece.number} stands behind number {before.number}"
            yield _finding("manifest", what, file=file, id_=piece.id)
    seen: set[str] = set()
    letters: dict[str, Any] = {letter.recipient.id: letter.context["recipient"] for letter in project.letters}
    for piece in pieces:
        if piece.id in seen:
            yield _finding("manifest", "it is listed twice", file=file, id_=piece.id)
        seen.add(piece.id)
        if int(piece.number) in posted or is_copy(piece.id):
            continue
        if piece.id not in letters:
            yield _finding("manifest", "the list has no letter of this id", file=file, id_=piece.id)
        elif piece.address != tuple(map(str, letters[piece.id]["inside_address"])):
            what = f'the address is "{", ".join(piece.address)}", and the list has another'
            yield _finding("manifest", what, file=file, id_=piece.id)


def _sheets_to_sign(path: Path, out: Path, pieces: Sequence[ListedPiece], posted: Collection[int]) -> Iterator[Finding]:
    """Yield sheets to sign that are not pages of the letter whose number they bear."""
    if not path.is_file():
        return
    numbered, file = {piece.number: piece for piece in pieces}, _in_out(path, out)
    try:
        with PdfText(path.read_bytes()) as sheets:
            for side in range(len(sheets)):
                number, _, page = sheets.label(side).partition("-")
                letter = _final(out, numbered[number]) if number in numbered else None
                if letter is None and number.isdecimal() and int(number) in posted:
                    continue
                if letter is None:
                    yield _finding("order", f"sheet {number} belongs to no piece", page=side + 1, file=file)
                elif page.isdecimal():
                    with PdfText(letter[0].read_bytes()) as pdf:
                        one, other = sheets.page(side), pdf.page(int(page) - 1)
                        if print_of(one) != print_of(other) and (page != "1" or not lacks_letterhead(one, other)):
                            what = f"this is not page {page} of the letter to {numbered[number].id}"
                            yield _finding("order", what, page=side + 1, file=file, id_=numbered[number].id)
    except Exception as error:  # noqa: BLE001 - a damaged file may be broken in any way
        yield _finding("file", f"it cannot be read: {error}", file=file)


def _package_findings(path: Path, out: Path) -> Iterator[Finding]:
    """Yield print files in the package for a mail house that are not those beside it."""
    if not path.is_file():
        return
    try:
        with zipfile.ZipFile(path) as package:
            for name in package.namelist():
                beside = path.with_name(name)
                if name.endswith(".pdf") and beside.is_file() and package.read(name) != beside.read_bytes():
                    what = f"the {name} in it is another than the one beside it"
                    yield _finding("file", what, file=_in_out(path, out))
    except Exception as error:  # noqa: BLE001 - a damaged file may be broken in any way
        yield _finding("file", f"it cannot be read: {error}", file=_in_out(path, out))


class _PrintFile:
    """A print file that is open for reading; use it as a context manager."""

    def __init__(self, project: Project, path: Path, out: Path, pieces: Sequence[ListedPiece]) -> None:
        self._out, self._pieces = out, pieces
        self._name, self._file = path.name, _in_out(path, out)
        self._text = PdfText(path.read_bytes())
        self._pdf = pikepdf.open(path)
        shown = self._pdf.Root.get("/ViewerPreferences", pikepdf.Dictionary())
        self._duplex = str(shown.get("/Duplex", "")) != "/Simplex"
        with self._pdf.open_outline() as outline:
            self._bookmarks = [str(item.title) for item in outline.root]
        self._drawings = Drawings(self._pdf)
        self._memory = DrawnMemory()
        self._drawn = PageReader(self._pdf, self._memory)
        self._faults = list(encapsulation_faults(self._pdf))
        self._has_forms = any(map(_has_forms, self._pdf.pages))
        self._fold_marks = {window.folds for window in products_of(project).windows.values()} | {()}
        self._paper = project.campaign.paper
        self._bars = printing_on(project.campaign, 0).article_height
        self.pages = len(self._text)

    def __enter__(self) -> _PrintFile:
        return self

    def __exit__(self, *_: object) -> None:
        self._text.__exit__()
        self._pdf.close()

    def findings(self, known: Mapping[str, Sequence[str]], posted: Collection[int]) -> Iterator[Finding]:
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
                if int(piece.number) not in posted or _final(self._out, piece):
                    yield from self._piece(piece, which, first, last, known)
        if end != self.pages:
            yield self._finding(
                "pages", f"it has {self.pages} sides, and its pieces have {end}", min(end + 1, self.pages)
            )
        titles = [f"{piece.number} {piece.name}" for piece in self._pieces]
        for number, (title, bookmark) in enumerate(zip(titles, self._bookmarks, strict=False)):
            if not bookmark.startswith(title):
                what = f'the bookmark of the piece is "{bookmark}", and should be "{title}"'
                yield self._finding("bookmarks", what, 0, self._pieces[number])
        if len(titles) != len(self._bookmarks):
            yield self._finding("bookmarks", f"it has {len(self._bookmarks)} bookmarks for {len(titles)} pieces")

    def _finding(self, kind: str, what: str, page: int = 0, piece: ListedPiece | None = None) -> Finding:
        return _finding(kind, what, page=page, file=self._file, id_=piece.id if piece else self._name)

    def _piece(
        self, piece: ListedPiece, which: int, first: int, last: int, known: Mapping[str, Sequence[str]]
    ) -> Iterator[Finding]:
        """Yield where the sides of a piece are not the pages of its letter, each part beginning on a front."""
        letter = _final(self._out, piece)
        if letter is None:
            what = "the letter that the manifest names by its hash is not there, neither signed nor unsigned"
            yield self._finding("letter", what, first, piece)
            return
        path, is_signed = letter
        sides = self._sides(parts_of(path), which)
        if len(sides) != last - first + 1:
            what = f"piece {piece.number} has {last - first + 1} sides here, and its letter needs {len(sides)}"
            yield self._finding("pages", what, first, piece)
        prints = None if is_signed else known.get(piece.id)
        size = 2 if self._duplex else 1
        with PdfText(content := path.read_bytes()) as text, pikepdf.open(io.BytesIO(content)) as pdf:
            drawings, drawn = Drawings(pdf), PageReader(pdf, self._memory, cut)
            bars = article_box(content, piece.article) if self._bars and piece.article else None
            for at, (side, page) in enumerate(zip(range(first - 1, min(last, self.pages)), sides, strict=False)):
                sheet = which + at // size + 1 if at % size == 0 else 0
                if page is not None and (
                    self._is_drawn_as(side, drawings.page(page), piece, sheet, content)
                    or (
                        self._has_forms
                        and self._drawings.shape(side) == drawings.shape(page) is not None
                        and self._draws(side, drawn.numbers(pdf.pages[page].obj), piece, sheet, content)
                    )
                ):
                    yield from self._label(piece, side, page)
                else:
                    below = end_of_letterhead(pdf, pdf.pages[0].obj) if page == 0 else 0.0
                    yield from self._side(piece, side, page, text, prints, below, bars if page == 0 else None)
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

    def _is_drawn_as(
        self, side: int, wanted: tuple[bytes, bytes] | None, piece: ListedPiece, sheet: int, content: bytes
    ) -> bool:
        """Return whether a side has the very operators of a page, the fonts and pictures, and at most our own marks.

        It takes a tenth of the time of reading its words; a side that differs may look the same, and is read.
        """
        found = self._drawings.page(side)
        if found is None or wanted is None or found[1] != wanted[1] or not found[0].endswith(wanted[0]):
            return False
        before = found[0].removesuffix(wanted[0])
        return not before or (sheet > 0 and before in self._own_marks(piece, sheet, content))

    def _draws(self, side: int, wanted: tuple[int, ...] | None, piece: ListedPiece, sheet: int, content: bytes) -> bool:
        """Return whether a side draws the same as a page, be it by forms, and at most our own marks besides."""
        page = self._pdf.pages[side].obj
        found = self._drawn.numbers(page)
        if not found or not wanted or found[-len(wanted) :] != wanted:
            return False
        before = found[: -len(wanted)]
        own = (self._drawn.numbers_of(each, page) for each in self._own_marks(piece, sheet, content))
        return not before or (sheet > 0 and before in own)

    def _own_marks(self, piece: ListedPiece, sheet: int, content: bytes) -> set[bytes]:
        """Return what may be drawn on the front of a sheet besides its page: marks for folders, inserters, clerks."""
        has_bars = sheet == 1 and self._bars and piece.article
        also = draw_article_mark(content, piece.article, self._bars) if has_bars else b""
        found = {untagged(also)}
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
        letter: PdfText,
        prints: Sequence[str] | None,
        below: float,
        bars: Box | None,
    ) -> Iterator[Finding]:
        """Yield what is wrong with a side; of one without a letterhead what stands `below` it is looked at."""
        yield from self._label(piece, side, page)
        if page is None:
            if not self._text.is_blank(side):
                yield self._finding("order", "something is on a back that should be free", side + 1, piece)
            return
        found = self._text.page(side)
        wanted = prints[page] if prints and page < len(prints) else print_of(letter.page(page))
        is_whole = print_of(found) == wanted
        if not is_whole and (page or not lacks_letterhead(found, letter.page(0))):
            what = f"this is not page {page + 1} of the letter to {piece.id}"
            yield self._finding("order", what, side + 1, piece)
        elif box := unlike(self._text, side, letter, page, below=0 if is_whole else below, bars=bars):
            what = f"the side looks other than page {page + 1} of the letter"
            yield self._finding("looks", what, side + 1, piece)._replace(box=box)


def _has_forms(page: Any) -> bool:
    things = page.obj.get("/Resources", pikepdf.Dictionary()).get("/XObject") or {}
    return any("/GTS_Encapsulated" in thing for thing in things.values())


def _final(out: Path, piece: ListedPiece) -> tuple[Path, bool] | None:
    """Return the PDF of a piece, by its hash, and whether it is signed; None where it is not there."""
    for path, is_signed in ((path_of(out, piece.id, PDF), False), (out / SIGNED / f"{piece.id}.{PDF}", True)):
        if path.is_file() and sha256(path.read_bytes()) == piece.sha256:
            return path, is_signed
    return None
