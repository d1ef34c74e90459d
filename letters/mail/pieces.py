"""The pieces of a mailing, and what people choose for them: their order, the style of addresses, return receipts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from letters.model.problems import CannotGoOn, Exit

PER_FILE = 100
"""Pieces in a print file where nobody says otherwise: what a tray of paper and a viewer can take."""
# With zeros before them, numbers sort as text as they count: names of files, page labels, bookmarks.
_FEWEST_DIGITS = 3
AUTO = "auto"
"""In place of the size of envelopes: a size for each piece, by its sheets."""


class Order(StrEnum):
    """The order of the pieces."""

    ZIP = "zip"
    """As the post office sorts: by ZIP code, then by delivery line, so that one building's mail is together."""
    COUNTY = "county"
    NAME = "name"
    """By agency."""
    LIST = "list"
    """As in the list of recipients."""


class AddressStyle(StrEnum):
    """How the lines of an address are written on envelopes and labels."""

    AS_WRITTEN = "as-written"
    PUBLICATION_28 = "publication-28"
    """Capitals without punctuation, which the post office's machines read best (USPS Publication 28, 212)."""


class Receipt(StrEnum):
    """The return receipt that is asked for."""

    NONE = "none"
    CARD = "card"
    """The green card, PS Form 3811."""
    ELECTRONIC = "electronic"


class DocumentKind(StrEnum):
    """The kinds of documents, and of the pieces that hold them."""

    LETTER = "letter"
    COPY = "copy"
    """A copy for somebody named under "cc"."""
    FILE_COPY = "file copy"
    """A copy that the sender keeps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One finished PDF of a piece: the letter with its enclosures, or a copy of it."""

    pdf: Path
    sha256: str
    parts: tuple[int, ...]
    """Pages of the letter and of each enclosure; each begins on a sheet of its own."""
    kind: DocumentKind = DocumentKind.LETTER

    @property
    def pages(self) -> int:
        """The pages with something on them."""
        return sum(self.parts)

    def sheets(self, *, duplex: bool) -> int:
        """Count the sheets of paper it is printed on."""
        return sheets_of_parts(self.parts, duplex=duplex)


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """The documents that go to one recipient in one envelope."""

    number: int = 0
    """The sequence number, from 1; a piece that is printed again keeps it."""
    recipient: str
    """The id in the list; of a copy the id of the copy."""
    name: str
    """The addressee and the agency in one line."""
    agency: str
    """The agency; of a copy the one whose letter it is a copy of."""
    county: str
    office: str = ""
    """The office that the letter goes to, as the list names it."""
    address: tuple[str, ...]
    """The lines of the inside address, as the letter prints them; of a copy its own."""
    zip: str
    email: str = ""
    documents: tuple[Document, ...]
    """The letter, or the copy."""
    final: str = ""
    """Hash of the final letter; the letter that is printed may be another file, signed."""
    enclosures: tuple[str, ...] = ()
    """Their titles."""
    edition: str = ""
    """The edition of the letter's text."""
    approvals: tuple[str, ...] = ()
    """Who approved it, and when."""
    article: str = ""
    """The article number of certified mail that it prints, digits only."""

    @property
    def letter(self) -> Document:
        """The letter itself, or the copy."""
        return self.documents[0]

    @property
    def kind(self) -> DocumentKind:
        """Whether it is a letter or a copy of one."""
        return self.letter.kind

    @property
    def pages(self) -> int:
        """The pages of all its documents."""
        return sum(document.pages for document in self.documents)

    def sheets(self, *, duplex: bool) -> int:
        """Count the sheets of paper all its documents are printed on."""
        return sum(document.sheets(duplex=duplex) for document in self.documents)


def sheets_of_parts(parts: Iterable[int], *, duplex: bool) -> int:
    """Count the sheets of paper that parts with so many pages each are printed on, each beginning on a front."""
    return sum((pages + 1) // 2 if duplex else pages for pages in parts)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A letter or a copy that is not in the mailing, and why."""

    recipient: str
    agency: str
    why: str


def in_order(pieces: Iterable[Piece], order: Order) -> list[Piece]:
    """Sort pieces; given in the order of the list, those that compare alike stay in it."""
    keys = {
        # The line before the last is the delivery line; without one, [-2:-1] is empty where [-2] would be an error.
        Order.ZIP: lambda piece: (piece.zip, piece.address[-2:-1], piece.agency, piece.recipient),
        Order.COUNTY: lambda piece: (piece.county, piece.agency, piece.recipient),
        Order.NAME: lambda piece: (piece.agency, piece.recipient),
        Order.LIST: lambda _: (),
    }
    return sorted(pieces, key=keys[order])


def numbered(pieces: Iterable[Piece], first: int) -> list[Piece]:
    """Number pieces in the order they are in."""
    return [replace(piece, number=number) for number, piece in enumerate(pieces, start=first)]


def label(number: int, last: int) -> str:
    """Write a sequence number with as many digits as the last one of the mailing: "017"."""
    return f"{number:0{max(_FEWEST_DIGITS, len(str(last)))}}"


def split(pieces: Iterable[Piece], *, per_file: int, sheets_per_file: int, duplex: bool) -> list[list[Piece]]:
    """Split pieces into batches, one for each print file; 0 sets no bound, and a piece is never split."""
    batches: list[list[Piece]] = []
    sheets = 0
    for piece in pieces:
        more = piece.sheets(duplex=duplex)
        is_full = batches and (
            (per_file and len(batches[-1]) >= per_file) or (sheets_per_file and sheets + more > sheets_per_file)
        )
        # A piece above the bound by itself still gets a file: it is never split.
        if not batches or is_full:
            batches.append([])
            sheets = 0
        batches[-1].append(piece)
        sheets += more
    return batches


def numbers_in(word: str, last: int) -> set[int]:
    """Read "17" or "42-44" as sequence numbers up to the last; none for other words, which may be ids."""
    # An id may look like a range, as "42-44" does; who calls knows the ids.
    first, dash, end = word.partition("-")
    if not first.isdecimal() or (dash and not end.isdecimal()):
        return set()
    chosen = range(int(first), int(end or first) + 1)
    return set(chosen) if chosen and chosen[0] >= 1 and chosen[-1] <= last else set()


def mail_folder(out: Path, *, draft: bool) -> Path:
    """Return where the files of a mailing go, in the output folder of its letter."""
    # A trial has a folder of its own below the other: nothing in it can be taken for what is to be posted.
    return out / "mail" / "draft" if draft else out / "mail"


def refuse_draft(status: str, *, draft: bool) -> None:
    """Raise CannotGoOn where letters with the DRAFT mark would be posted."""
    if status == "draft" and not draft:
        hint = (
            'set status = "final" in campaign.toml and run letters build; or make a trial: letters mail prepare --draft'
        )
        raise CannotGoOn(Exit.PROBLEMS, "the letters still carry the DRAFT mark", hint)
