"""The records of campaign.toml, the forms of address and the authorities file, as pydantic reads them: frozen."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import ClassVar

from letters.model.problems import Place

STRICT_KEYS = {"extra": "forbid", "str_strip_whitespace": True}
"""The settings of pydantic for records of TOML tables: an unknown key is a problem, texts are trimmed."""


class TomlRecord:
    """A record of a table of TOML, as pydantic reads it."""

    __slots__ = ()
    __pydantic_config__: ClassVar[dict[str, object]] = STRICT_KEYS


class Status(StrEnum):
    """The status of a campaign: letters of a draft carry the DRAFT mark, and only a final one may be posted."""

    DRAFT = "draft"
    FINAL = "final"


class PdfLooks(StrEnum):
    """How the PDFs of a letter look: as the campaign's letterhead has it, or as LibreOffice shows the DOCX letters."""

    LETTERHEAD = "letterhead"
    WORD = "word"


class CiteStyle(StrEnum):
    """How citations are written: as the Bluebook has it for practitioners, or the Michigan Appellate Opinion Manual."""

    BLUEBOOK = "bluebook"
    MICHIGAN = "michigan"


class Paper(StrEnum):
    """The sheet: US Letter 8.5 x 11 inches, or ISO 216 A4 210 x 297 mm."""

    LETTER = "Letter"
    A4 = "A4"


@dataclass(frozen=True, slots=True, kw_only=True)
class Organization(TomlRecord):
    """An organization that writes: a column of the letterhead."""

    name: str
    address: tuple[str, ...] = ()
    """Lines, one to three."""
    phone: str = ""
    email: str = ""
    web: str = ""
    logo: Path | None = None
    """An SVG, PNG or JPEG file, relative to the campaign's folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer(TomlRecord):
    """A person who signs: a block of the joint signature block."""

    name: str
    title: str = ""
    organization: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy(TomlRecord):
    """Somebody who is sent a copy: a line under "cc", and a PDF of its own when copies are made."""

    name: str
    enclosures: bool = False
    """Whether the copy goes out with the enclosures."""
    file: bool = False
    """Whether it is kept in the file, and so is not listed under "cc"."""
    address: tuple[str, ...] = ()
    """The lines below the name, the last one with the ZIP code; without them the copy is not posted."""
    address_column: str = ""
    """The column of the list that holds them, joined with bars, where each recipient has a copy holder of its own."""
    letters: tuple[str, ...] = ()
    """The letters that it is a copy of, by name; empty for all."""

    def belongs_to(self, letter: str) -> bool:
        """Return whether there is such a copy of a letter."""
        return not self.letters or letter in self.letters


# At the end only: a house number may have five digits, too.
_ZIP = re.compile(r"\b(\d{5}(?:-\d{4})?)\s*$")


def zip_of(address: Sequence[str]) -> str:
    """Return the ZIP code at the end of an address; empty where there is none."""
    found = _ZIP.search(address[-1]) if address else None
    return found[1] if found else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailer(TomlRecord):
    """The numbers that the post office gave to a mailer for the Intelligent Mail barcode; none is ever made up."""

    service_type: str
    """Three digits, the STID: class of mail and services."""
    mailer_id: str
    """Six or nine digits."""
    # The encoder has room for no second digit above 4 (USPS-B-3200, Intelligent Mail barcode).
    barcode_id: str = "00"
    """Two digits, the second of which is 0 to 4; 00 where no presort level is claimed."""

    @property
    def serials(self) -> int:
        """Return how many serial numbers there are: mailer ID and serial number have 15 digits together."""
        # The tracking code has 20 digits: barcode ID 2, service type 3, mailer ID and serial number 15 (USPS-B-3200).
        return int(10 ** (15 - len(self.mailer_id)))

    def tracking(self, serial: int) -> str:
        """Return the 20 digits of the tracking code."""
        return f"{self.barcode_id}{self.service_type}{self.mailer_id}{serial:0{15 - len(self.mailer_id)}}"

    def faults(self) -> list[tuple[str, str, str]]:
        """Return what is wrong: for each fault the name of the value, what it is, and a hint."""
        found = []
        if not (are_digits(self.service_type) and len(self.service_type) == 3):
            found.append(("service_type", f'"{self.service_type}" is not a service type', "the STID has three digits"))
        if not (are_digits(self.mailer_id) and len(self.mailer_id) in (6, 9)):
            hint = "the post office gives out mailer IDs of six or nine digits"
            found.append(("mailer_id", f'"{self.mailer_id}" is not a mailer ID', hint))
        if not (are_digits(self.barcode_id) and len(self.barcode_id) == 2 and self.barcode_id[1] in "01234"):
            hint = "two digits, the second from 0 to 4; leave it out for 00"
            found.append(("barcode_id", f'"{self.barcode_id}" is not a barcode ID', hint))
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class CertifiedMail(TomlRecord):
    """How letters that go by certified mail are printed."""

    barcode: bool = False
    """Whether the barcode of its number is on each such letter."""


def are_digits(text: str) -> bool:
    """Return whether a text is digits and nothing else."""
    # str.isdigit alone takes "²" and the digits of every script.
    return text.isascii() and text.isdigit()


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign(TomlRecord):
    """The content of campaign.toml: what is sent, by whom, when and how."""

    letter: str
    organizations: tuple[Organization, ...]
    signers: tuple[Signer, ...]
    date: datetime.date
    subject: str = ""
    delivery: str = ""
    closing: str = "Sincerely,"
    copies: tuple[Copy, ...] = ()
    # An empty list says that there are none, whatever the letter names.
    enclosures: tuple[str, ...] | None = None
    """Names of files in templates/enclosures; None leaves the choice to the letter."""
    approvals: tuple[str, ...] = ()
    """The organizations that must each approve a letter before it is final; none are needed where it is empty."""
    recipients: Path = Path("recipients.csv")
    templates: Path = Path("templates")
    paper: Paper = Paper.LETTER
    status: Status = Status.DRAFT
    style: CiteStyle = CiteStyle.BLUEBOOK
    """How the letters write what {{ cite.KEY }} stands for."""
    language: str = "en-US"
    archive: bool = False
    """Whether the PDFs are made for the archive: PDF/A-3a."""
    barcode: Mailer | None = None
    """The numbers for Intelligent Mail barcodes; without them none is printed."""
    certified: CertifiedMail = CertifiedMail()
    merge_fields: Mapping[str, str] = field(default_factory=dict)
    """What the merge fields of letters made in Word stand for: "First_Name" is "recipient.first_name"."""
    pdf: Mapping[str, PdfLooks] = field(default_factory=dict)
    """How the PDFs of a letter look, by its name; on the letterhead where nothing is said."""

    def looks_as_word(self, letter: str) -> bool:
        """Return whether the PDFs of a letter, or of an edition of it, are made from its DOCX letters."""
        return self.pdf.get(letter.partition("@")[0]) == PdfLooks.WORD


@dataclass(frozen=True, slots=True, kw_only=True)
class FormOfAddress(TomlRecord):
    """The form of address of an office; texts may hold {name}, {title}, {first_name} and {last_name}."""

    office: str
    titles: tuple[str, ...] = ()
    """Where given, the form is for holders with one of these titles only."""
    title: str = ""
    """Used where the row has no title."""
    addressee: tuple[str, ...]
    salutation: str
    unnamed_addressee: tuple[str, ...]
    unnamed_salutation: str


UNREAD = "unread"
"""The value of read_by in the authorities file as long as nobody has read the source."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority(TomlRecord):
    """A case, statute or other source that letters cite: a table of authorities.toml."""

    full: str
    """The citation as a letter should have it: Arizona v. United States, 567 U.S. 387 (2012)."""
    short: str = ""
    """The short form up to where the page or the subsection goes: Arizona, 567 U.S. at."""
    name: str = ""
    """The name of a case as a sentence of the text has it, where notes abbreviate it."""
    michigan: str = ""
    """The full citation in the style of Michigan's courts, where it cannot be made of `full`."""
    pin: str = ""
    """The page it is cited for, such as 407–10; WHOLE for a case that is cited as a whole."""
    says: str = ""
    """What it says, as a parenthetical: holding that a stop ends when its purpose has been served."""
    unpublished: bool = False
    """Whether the court did not publish it, which the citation then says."""
    read_by: str = UNREAD
    read_on: datetime.date | None = None
    remarks: str = ""
    """What the person who read it remarked."""
    note: str = ""
    """For the cite-check: what it is cited for, what to look out for."""


WHOLE = "whole"
"""The value of pin in the authorities file for a case that is cited as a whole."""


@dataclass(frozen=True, slots=True)
class Authorities:
    """The authorities file, by key, with the place of each."""

    by_key: Mapping[str, Authority]
    places: Mapping[str, Place]
