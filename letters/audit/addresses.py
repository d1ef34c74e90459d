"""Audits the envelopes and labels of a mailing: the address of each piece, in its room, in the order of the pieces."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from letters.audit.findings import Finding
from letters.campaign.load import Project
from letters.formats.pdf_text import PdfText
from letters.mail.addresses import AddressStyle, unit_above, write_lines
from letters.mail.page_words import Word, read_words
from letters.mail.products import products_of, room_of
from letters.model.postal import Box, Envelope, LabelSheet
from letters.model.records import PDF

Addressed = tuple[str, tuple[str, ...], str]
"""The id of a piece, its address, and the size of its envelope."""
_POINTS = 72
_SLACK = 0.02
"""Inches by which the ink of a letter may reach out of its room, as the tail of an italic letter does."""


@dataclass(slots=True)
class AddressAudit:
    """What was found on envelopes and labels, and how much was read."""

    pages: int = 0
    files: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def audit_addresses(project: Project, out: Path, folder: Path, pieces: Sequence[Addressed]) -> AddressAudit:
    """Audit the files of envelopes and labels in the folder of a mailing."""
    audit = AddressAudit()
    products = products_of(project)
    sizes = {size for _, _, size in pieces if size}
    senders = _senders(project)
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
    return audit


def _words(path: Path, audit: AddressAudit, file: str) -> dict[int, list[Word]]:
    """Read a file page by page; a page without words has an empty list."""
    audit.files.append(path.name)
    try:
        with PdfText(content := path.read_bytes()) as pdf:
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
        found |= {_said(write_lines((each.name, *each.address), style)) for style in AddressStyle}
    return found


def _said(lines: Sequence[str]) -> str:
    return "".join("".join(lines).split())


def _ways_to_say(address: Sequence[str]) -> set[str]:
    """Return an address in each style, without white space; a long street line may have its unit above it."""
    found = set()
    for style in AddressStyle:
        lines = write_lines(address, style)
        found |= {_said(lines), _said((*lines[:-2], *(unit_above(lines[-2]) if lines[1:] else ()), *lines[-1:]))}
    return found


class _InOrder:
    """The addresses that a file should have, one after the other."""

    def __init__(self, pieces: Sequence[Addressed], file: str, *, all_of_them: bool) -> None:
        self._pieces = list(pieces)
        self._all = all_of_them
        self.file = file
        self._next = 0

    def take(self, words: Sequence[str], page: int) -> Iterator[Finding]:
        """Yield what is wrong with the next address that was found."""
        found = "".join(words)
        after = self._pieces[self._next : self._next + 1] if self._all else self._pieces[self._next :]
        for number, (_, address, _) in enumerate(after):
            if found in _ways_to_say(address):
                self._next += number + 1
                return
        if not after:
            yield self.finding("the mailing", "address", f'"{" ".join(words)}" belongs to no piece', page)
            return
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
        around = [word for word in words if word not in room]
        yield from wanted.take([word.text for word in room], number + 1)
        sender = [word.text for word in around]
        if "".join(sender) not in senders:
            what = f'"{" ".join(sender)}" is neither the return address nor in the room for the address'
            yield wanted.finding("the mailing", "address", what, number + 1)
    yield from wanted.rest()


def _labels(
    pages: Mapping[int, Sequence[Word]], sheet: LabelSheet | None, pieces: Sequence[Addressed], file: str
) -> Iterator[Finding]:
    wanted = _InOrder(pieces, file, all_of_them=True)
    if sheet is None:
        yield wanted.finding("the mailing", "file", "there is no sheet of labels of this name in templates/postal/")
        return
    boxes = [room_of(sheet.box(number), sheet.padding) for number in range(sheet.count)]
    for number, words in pages.items():
        labels = ([word.text for word in words if box.holds(word.box, _SLACK)] for box in boxes)
        for said in filter(None, labels):
            yield from wanted.take(said, number + 1)
        if astray := [word.text for word in words if not any(box.holds(word.box, _SLACK) for box in boxes)]:
            what = f'"{" ".join(astray)}" reaches out of the room on its label'
            yield wanted.finding("the mailing", "address", what, number + 1)
    yield from wanted.rest()
