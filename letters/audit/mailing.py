"""Audits what is about to be posted: the letters before they become pieces, then the files of the mailing.

Print files are compared with the manifest page by page, envelopes and labels address by address.
The manifest says which piece is where; the finished letters say what is on its pages. Nothing else is believed.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from letters.audit.audit import AuditReport, audit
from letters.audit.compare import Finding, audit_signed, lacks_letterhead, print_of
from letters.audit.print_file import ListedPiece, PrintFileAudit, final_of, finding_in, in_out, read_manifest
from letters.build.build import Options
from letters.campaign.load import Project
from letters.formats.pdf_text import PdfText
from letters.formats.pdf_ua import failures
from letters.mail.addresses import unit_above, write_lines
from letters.mail.pieces import AddressStyle, Piece
from letters.mail.products import products_of, room_of
from letters.mail.register import Register, What
from letters.mail.windows import Word, read_words
from letters.model.postal import Box, Envelope, LabelSheet
from letters.model.problems import CannotGoOn, Exit, many
from letters.model.records import PDF, is_copy, original_of

_Addressed = tuple[str, tuple[str, ...], str]
"""The id of a piece, its address, and the size of its envelope."""
_POINTS = 72
_SLACK = 0.02
"""Inches by which the ink of a letter may reach out of its room, as the tail of an italic letter does."""
_MANIFEST = "manifest.csv"
_PRINT_FILES = "print-*.pdf"
_TO_SIGN = "to-sign.pdf"
_PACKAGE = "mail-house.zip"
_WITHOUT_TAGS = ("pdfvt-*.pdf", "window-*.pdf")
"""Files for a press, and drawings of letters in their windows: nobody is sent them."""
_MOST_FINDINGS = 12
"""Faults of a mailing that a message names."""


@dataclass(slots=True)
class MailingAudit:
    """What the audit of a mailing found, and how much it read."""

    pieces: int = 0
    pages: int = 0
    files: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def _audit_addresses(
    project: Project, out: Path, folder: Path, pieces: Sequence[_Addressed], audit: MailingAudit
) -> None:
    """Audit the files of envelopes and labels in the folder of a mailing, and add to what was found."""
    products = products_of(project)
    sizes = {size for _, _, size in pieces if size}
    senders = _senders(project)
    # Whatever is there is judged: somebody may print it, be it of this preparation or not.
    for path in sorted((*folder.glob("envelopes-*.pdf"), *folder.glob("labels-*.pdf"))):
        kind, _, name = path.stem.partition("-")
        file = path.relative_to(out).as_posix()
        words = _words(path, audit, file)
        audit.findings += _spoilt(path, words, file)
        if kind == "labels":
            found = _labels(words, products.labels.get(name), pieces, file)
        else:
            own = [each for each in pieces if each[2] == name]
            # "letters mail envelopes" may have written others than the manifest names: some of the pieces, in order.
            wanted = _InOrder(own if own else pieces, file, all_of_them=bool(own))
            found = _envelopes(words, products.envelopes.get(name), wanted, senders)
        audit.findings += found
    for size in sorted(sizes - {name.removeprefix("envelopes-")[:-4] for name in audit.files}):
        what = f"the manifest names envelopes {size}, and there is no file of them"
        audit.findings.append(Finding("the mailing", PDF, "file", what))


def _words(path: Path, audit: MailingAudit, file: str) -> dict[int, list[Word]]:
    """Read a file page by page; a page without words has an empty list."""
    audit.files.append(path.name)
    try:
        with PdfText(content := path.read_bytes()) as pdf:
            # Also pages without a word: an envelope that is empty must be missed.
            pages: dict[int, list[Word]] = {number: [] for number in range(len(pdf))}
    except Exception as error:  # noqa: BLE001 - a damaged file may be broken in any way
        audit.findings.append(Finding("the mailing", PDF, "file", f"it cannot be read: {error}", file=file))
        return {}
    for word in read_words(content):
        pages[word.page].append(word)
    audit.pages += len(pages)
    return pages


def _spoilt(path: Path, pages: Mapping[int, Sequence[Word]], file: str) -> Iterator[Finding]:
    """Yield what is not black text: pale words, and whatever covers words or is drawn over them."""
    if not pages:
        return
    with PdfText(path.read_bytes()) as pdf:
        for number, words in pages.items():
            height = pdf.size(number)[1]
            for edges, is_text, is_black in pdf.painted(number):
                left, bottom, right, top = (edge / _POINTS for edge in edges)
                box = Box(left, height / _POINTS - top, right, height / _POINTS - bottom)
                if is_text and not is_black:
                    what = "a line of it is not printed in black"
                # Bars of a barcode are black, and touch no word.
                elif not is_text and not (is_black and not any(box.touches(word.box) for word in words)):
                    what = "something is drawn over its words"
                else:
                    continue
                yield Finding("the mailing", PDF, "looks", what, number + 1, edges, file)
                break


def _senders(project: Project) -> set[str]:
    """Return the return addresses that may be printed, without white space, and none at all."""
    found = {""}
    for each in project.campaign.organizations:
        found |= {_written(write_lines((each.name, *each.address), style)) for style in AddressStyle}
    return found


def _written(lines: Sequence[str]) -> str:
    return "".join("".join(lines).split())


def _ways_to_say(address: Sequence[str]) -> set[str]:
    """Return an address in each style, without white space; a long street line may have its unit above it."""
    found = set()
    for style in AddressStyle:
        lines = write_lines(address, style)
        # An address that was too long for its line is written this way (mail/addresses.py).
        found |= {_written(lines), _written((*lines[:-2], *(unit_above(lines[-2]) if lines[1:] else ()), *lines[-1:]))}
    return found


class _InOrder:
    """The addresses that a file should have, one after the other."""

    def __init__(self, pieces: Sequence[_Addressed], file: str, *, all_of_them: bool) -> None:
        self._pieces = list(pieces)
        self._all = all_of_them
        self.file = file
        self._next = 0

    def take(self, words: Sequence[str], page: int) -> Iterator[Finding]:
        """Yield what is wrong with the next address that was found."""
        found = "".join(words)
        # Of a file with all pieces the next address must be the next piece’s; of some it may be any later one.
        after = self._pieces[self._next : self._next + 1] if self._all else self._pieces[self._next :]
        for number, (_, address, _) in enumerate(after):
            if found in _ways_to_say(address):
                self._next += number + 1
                return
        if not after:
            yield self.finding("the mailing", "address", f'"{" ".join(words)}" belongs to no piece', page)
            return
        # The piece is counted as having its envelope, so that one that is wrong does not make all behind it wrong.
        identifier, address, _ = after[0]
        what = f'"{" ".join(words)}" stands where the address "{", ".join(address)}" should'
        self._next += 1
        yield self.finding(identifier, "address", what, page)

    def rest(self) -> Iterator[Finding]:
        """Yield the pieces that have none."""
        if self._all:
            for identifier, _, _ in self._pieces[self._next :]:
                yield self.finding(identifier, "address", "it has no envelope or label in this file")

    def finding(self, identifier: str, kind: str, what: str, page: int = 0) -> Finding:
        """Return a finding in the file."""
        return Finding(identifier, PDF, kind, what, page, None, self.file)


def _envelopes(
    pages: Mapping[int, Sequence[Word]], envelope: Envelope | None, wanted: _InOrder, senders: set[str]
) -> Iterator[Finding]:
    if envelope is None:
        yield wanted.finding("the mailing", "file", "there is no envelope of this name in templates/postal/")
        return
    for number, words in pages.items():
        room = [word for word in words if envelope.room.holds(word.box, _SLACK)]
        # Everything else on an envelope must be a return address of the campaign, or nothing.
        around = [word for word in words if word not in room]
        yield from wanted.take([word.text for word in room], number + 1)
        sender = [word.text for word in around]
        if "".join(sender) not in senders:
            what = f'"{" ".join(sender)}" is neither the return address nor in the room for the address'
            yield wanted.finding("the mailing", "address", what, number + 1)
    yield from wanted.rest()


def _labels(
    pages: Mapping[int, Sequence[Word]], sheet: LabelSheet | None, pieces: Sequence[_Addressed], file: str
) -> Iterator[Finding]:
    wanted = _InOrder(pieces, file, all_of_them=True)
    if sheet is None:
        yield wanted.finding("the mailing", "file", "there is no sheet of labels of this name in templates/postal/")
        return
    boxes = [room_of(sheet.box(number), sheet.padding) for number in range(sheet.count)]
    for number, words in pages.items():
        labels = ([word.text for word in words if box.holds(word.box, _SLACK)] for box in boxes)
        # A label without words is free: sheets begin in the middle, and end there.
        for said in filter(None, labels):
            yield from wanted.take(said, number + 1)
        if astray := [word.text for word in words if not any(box.holds(word.box, _SLACK) for box in boxes)]:
            what = f'"{" ".join(astray)}" reaches out of the room on its label'
            yield wanted.finding("the mailing", "address", what, number + 1)
    yield from wanted.rest()


def audit_mailing(project: Project, out: Path, folder: Path, *, with_pdf_ua: bool = False) -> MailingAudit:
    """Audit the files of a mailing in a folder; nothing is found where none is prepared.

    A piece that was posted is history: where its letter was changed since, its pages are compared with nothing.
    """
    found = MailingAudit()
    path = folder / _MANIFEST
    names = sorted(each.name for each in folder.glob(_PRINT_FILES))
    if not path.is_file():
        what = "there is no manifest that tells what is in it: letters mail prepare"
        found.findings += [Finding(name, PDF, "manifest", what, file=in_out(folder / name, out)) for name in names]
        return found
    try:
        pieces = read_manifest(path)
    except ValueError as error:
        found.findings.append(finding_in("manifest", f"it cannot be read: {error}", file=in_out(path, out)))
        return found
    found.pieces = len(pieces)
    with Register(out) as register:
        posted = {event.number for event in register.events() if event.what is What.POSTED}
    found.findings += _manifest_findings(project, pieces, posted, in_out(path, out))
    # Those of the manifest, and print files that it does not name: a stale one is found so.
    for name in dict.fromkeys([*(span[0] for piece in pieces for span in piece.spans), *names]):
        own = [piece for piece in pieces if name in {span[0] for span in piece.spans}]
        found.files.append(name)
        try:
            with PrintFileAudit(project, folder / name, out, own) as file:
                found.findings += file.findings(posted)
                found.pages += file.pages
        except Exception as error:  # noqa: BLE001 - a damaged file may be broken in any way
            what = "it is not there" if isinstance(error, FileNotFoundError) else f"it cannot be read: {error}"
            found.findings.append(finding_in("file", what, file=in_out(folder / name, out)))
    found.findings += _sheets_to_sign(folder / _TO_SIGN, out, pieces, posted)
    found.findings += _package_findings(folder / _PACKAGE, out)
    _audit_addresses(project, out, folder, [(each.id, each.address, each.envelope) for each in pieces], found)
    if with_pdf_ua:
        found.findings += _inaccessible(folder, out)
    return found


def _inaccessible(folder: Path, out: Path) -> Iterator[Finding]:
    """Yield the machine checks of PDF/UA that a file of the mailing fails."""
    for path in sorted({*folder.glob("*.pdf")} - {each for name in _WITHOUT_TAGS for each in folder.glob(name)}):
        try:
            failed = [str(each) for each in failures(path.read_bytes())]
        except Exception as error:  # noqa: BLE001 - a damaged file may be broken in any way
            failed = [f"it cannot be read: {error}"]
        yield from (finding_in("pdf-ua", what, file=in_out(path, out)) for what in failed)


def _manifest_findings(
    project: Project, pieces: Sequence[ListedPiece], posted: Collection[int], file: str
) -> Iterator[Finding]:
    """Yield pieces that are there twice, gaps in their numbers, and addresses that the list has not."""
    # A gap is a piece that nobody misses: the print file and the manifest could lack it together.
    for before, piece in pairwise(pieces):
        if int(piece.number) != int(before.number) + 1:
            what = f"number {piece.number} stands behind number {before.number}"
            yield finding_in("manifest", what, file=file, id_=piece.id)
    seen: set[str] = set()
    letters: dict[str, Any] = {letter.recipient.id: letter.context["recipient"] for letter in project.letters}
    for piece in pieces:
        if piece.id in seen:
            yield finding_in("manifest", "it is listed twice", file=file, id_=piece.id)
        seen.add(piece.id)
        if int(piece.number) in posted or is_copy(piece.id):
            continue
        if piece.id not in letters:
            yield finding_in("manifest", "the list has no letter of this id", file=file, id_=piece.id)
        elif piece.address != tuple(map(str, letters[piece.id]["inside_address"])):
            what = f'the address is "{", ".join(piece.address)}", and the list has another'
            yield finding_in("manifest", what, file=file, id_=piece.id)


def _sheets_to_sign(path: Path, out: Path, pieces: Sequence[ListedPiece], posted: Collection[int]) -> Iterator[Finding]:
    """Yield sheets to sign that are not pages of the letter whose number they bear."""
    if not path.is_file():
        return
    numbered, file = {piece.number: piece for piece in pieces}, in_out(path, out)
    try:
        with PdfText(path.read_bytes()) as sheets:
            for side in range(len(sheets)):
                # Labels are those of the print files, "017-2", so the sheet is laid back into its letter by them.
                number, _, page = sheets.label(side).partition("-")
                letter = final_of(out, numbered[number]) if number in numbered else None
                if letter is None and number.isdecimal() and int(number) in posted:
                    continue
                if letter is None:
                    yield finding_in("order", f"sheet {number} belongs to no piece", page=side + 1, file=file)
                elif page.isdecimal():
                    with PdfText(letter.content) as pdf:
                        one, other = sheets.page(side), pdf.page(int(page) - 1)
                        if print_of(one) != print_of(other) and (page != "1" or not lacks_letterhead(one, other)):
                            what = f"this is not page {page} of the letter to {numbered[number].id}"
                            yield finding_in("order", what, page=side + 1, file=file, id_=numbered[number].id)
    except Exception as error:  # noqa: BLE001 - a damaged file may be broken in any way
        yield finding_in("file", f"it cannot be read: {error}", file=file)


def _package_findings(path: Path, out: Path) -> Iterator[Finding]:
    """Yield print files in the package for a mail house that are not those beside it."""
    if not path.is_file():
        return
    try:
        with zipfile.ZipFile(path) as package:
            for name in package.namelist():
                # Lists are made anew each time; print files are large, and copied: these must be the same.
                beside = path.with_name(name)
                if name.endswith(".pdf") and beside.is_file() and package.read(name) != beside.read_bytes():
                    what = f"the {name} in it is another than the one beside it"
                    yield finding_in("file", what, file=in_out(path, out))
    except Exception as error:  # noqa: BLE001 - a damaged file may be broken in any way
        yield finding_in("file", f"it cannot be read: {error}", file=in_out(path, out))


def audit_letters(project: Project, options: Options, pieces: Iterable[Piece]) -> AuditReport:
    """Audit the PDFs of the letters and copies that go out or are filed; what passed before is not read again."""
    ids = dict.fromkeys(original_of(piece.recipient) for piece in pieces)
    if not ids:
        return AuditReport()
    return audit(project, options._replace(only=tuple(ids), media=(PDF,)), again=False)


def faults_of(report: AuditReport) -> dict[str, str]:
    """Return what was found first in each letter that did not pass, by id."""
    found: dict[str, str] = {}
    for each in report.findings:
        where = f", page {each.page}" if each.page else ""
        found.setdefault(each.id, f"the audit found{where}: {each.kind}: {each.what}")
    return found


def audit_prepared(
    project: Project, out: Path, folder: Path, pieces: Iterable[Piece], read: AuditReport, withdraw: Callable[[], None]
) -> str:
    """Audit the files of a mailing in a folder, and return in words what was read.

    Raises CannotGoOn, and withdraws the mailing, where they are not as the manifest says.
    """
    names = [signer.name for signer in project.campaign.signers]
    # A letter with signatures is another file than the final that was approved.
    signed = [piece.recipient for piece in pieces if piece.letter.sha256 != piece.final]
    mailing = audit_mailing(project, out, folder)
    if found := [*audit_signed(out, signed, names), *mailing.findings]:
        # Before anything is said: whoever only sees the folder must not find a mailing there that is wrong.
        withdraw()
        message = f"the files of the mailing are not as they should be; print none of them\n{_said(found)}"
        raise CannotGoOn(Exit.PROBLEMS, message, "run letters mail prepare again; if it says the same, report it")
    pages = f"{many(mailing.pages, 'page')} of {many(len(mailing.files), 'file')}"
    return f"audited: {many(read.letters, 'letter')} and {pages}: as they should be"


def _said(found: Sequence[Finding]) -> str:
    said = "\n".join(f"  {each}" for each in found[:_MOST_FINDINGS])
    more = f"\n  and {len(found) - _MOST_FINDINGS:,} more" if len(found) > _MOST_FINDINGS else ""
    return said + more
