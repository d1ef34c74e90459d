"""The story of what goes around the letters: envelopes, labels, cover sheets, the look through the window, e-mails."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from letters.campaign.load import Project
from letters.formats.files import sha256, write_whole
from letters.mail.addresses import Addressee, AddressStyle, Ruler, write_lines
from letters.mail.barcode import BarcodeError, encode, routing_code, take_serials
from letters.mail.covers import write_covers
from letters.mail.envelopes import write_envelopes, write_labels
from letters.mail.page_words import read_words
from letters.mail.pieces import Piece
from letters.mail.register import Register, What
from letters.mail.typeset import PAGES, SHEETS, batches, set_pages
from letters.mail.windows import Sight, address_view, check_page, write_overlay
from letters.model.postal import Envelope, LabelSheet, Products, WindowProfile
from letters.model.problems import CannotGoOn, Exit, Place, Problem, did_you_mean
from letters.model.records import Mailer, Organization, Paper
from letters.read.products import read_products

_Product = TypeVar("_Product", Envelope, LabelSheet, WindowProfile)
_PAPERS = {Paper.LETTER: (8.5, 11.0), Paper.A4: (210 / 25.4, 297 / 25.4)}
_ROUNDED = 0.02
SERIALS = "serials.sqlite"
"""The file of the serial numbers, which all letters of a campaign share."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """How addresses are written on envelopes and labels."""

    style: AddressStyle = AddressStyle.AS_WRITTEN
    barcode: bool = False
    sender: str = ""
    """The organization whose return address is printed; the first one where it is empty."""
    now: str
    """The moment, in ISO 8601."""
    trial: bool = False
    """Whether nothing is recorded: barcodes then have the serial number 0."""


def products_of(project: Project) -> Products:
    """Read the stationer's products; raises CannotGoOn with every mistake in their files."""
    products, problems = read_products(project.templates, project.campaign.templates.as_posix())
    stop_at(problems)
    return products


def stop_at(problems: Iterable[Problem]) -> None:
    """Raise CannotGoOn with all problems that stop something; nothing is raised where there is none."""
    if found := [problem for problem in problems if problem.stops]:
        raise CannotGoOn(Exit.PROBLEMS, "nothing was written\n" + "\n".join(map(str, found)))


def choose(products: Mapping[str, _Product], name: str, kind: str) -> _Product:
    """Find a product by name; raises CannotGoOn where there is none."""
    if name not in products:
        message = f'there is no {kind} "{name}" in templates/postal/'
        raise CannotGoOn(Exit.WRONG_CALL, message, did_you_mean(name, products))
    return products[name]


def choose_window(project: Project, name: str) -> WindowProfile:
    """Find a window profile by name; raises CannotGoOn where there is none, or it is for pages of another size."""
    profile = choose(products_of(project).windows, name, "window")
    paper = project.campaign.paper
    width, height = _PAPERS[paper]
    if abs(profile.page_width - width) > _ROUNDED or abs(profile.page_height - height) > _ROUNDED:
        size = f"{profile.page_width:g} x {profile.page_height:g} in."
        message = f"the window {name} is for pages of {size}, and the letters are on {paper.value}"
        hint = f"add a profile with page_width = {width:.4g} and page_height = {height:.4g} to templates/postal/"
        raise CannotGoOn(Exit.WRONG_CALL, message, hint)
    return profile


def sender_of(project: Project, name: str = "") -> tuple[str, ...]:
    """Write the return address: the first organization of the campaign, or the one that is named."""
    organizations = {each.name: each for each in project.campaign.organizations}
    if name and name not in organizations:
        message = f'the campaign has no organization "{name}"'
        raise CannotGoOn(Exit.WRONG_CALL, message, did_you_mean(name, organizations))
    chosen: Organization = organizations[name] if name else project.campaign.organizations[0]
    return (chosen.name, *chosen.address)


def make_envelopes(project: Project, pieces: Sequence[Piece], size: str, writing: Writing, out: Path) -> bytes:
    """Make a PDF with an envelope for each piece; raises CannotGoOn with every address that does not fit."""
    envelope = choose(products_of(project).envelopes, size, "envelope")
    sender = write_lines(sender_of(project, writing.sender), writing.style)
    addressees = address_pieces(project, pieces, writing, out)
    ruler, language = _ruler(project), project.campaign.language
    written = [write_envelopes(some, envelope, sender, ruler, language) for some in batches(addressees, PAGES, PAGES)]
    stop_at(problem for _, problems in written for problem in problems)
    return set_pages(project, [html for html, _ in written], f"Envelopes {size}")


def make_labels(
    project: Project, pieces: Sequence[Piece], product: str, writing: Writing, out: Path, *, start_at: int = 1
) -> bytes:
    """Make a PDF with a label for each piece; raises CannotGoOn with every address that does not fit."""
    sheet = _sheet(project, product, start_at)
    addressees = address_pieces(project, pieces, writing, out)
    ruler, language = _ruler(project), project.campaign.language
    many = SHEETS * sheet.count
    written = [
        write_labels(some, sheet, ruler, language, start_at=1 if number else start_at)
        for number, some in enumerate(batches(addressees, many + 1 - start_at, many))
    ]
    stop_at(problem for _, problems in written for problem in problems)
    return set_pages(project, [html for html, _ in written], f"Labels {product}")


def make_return_labels(project: Project, product: str, writing: Writing, count: int, *, start_at: int = 1) -> bytes:
    """Make a PDF with the return address on so many labels; for 0, to the end of the sheet."""
    sheet = _sheet(project, product, start_at)
    lines = write_lines(sender_of(project, writing.sender), writing.style)
    one = Addressee(id="", lines=lines, place=Place("campaign.toml", field="organizations"))
    many = [one] * (count or sheet.count - start_at + 1)
    html, problems = write_labels(many, sheet, _ruler(project), project.campaign.language, start_at=start_at)
    stop_at(dict.fromkeys(problems))
    return set_pages(project, [html], f"Return labels {product}")


def _sheet(project: Project, product: str, start_at: int) -> LabelSheet:
    sheet = choose(products_of(project).labels, product, "label")
    if not 1 <= start_at <= sheet.count:
        message = f"--start-at {start_at}: a sheet {sheet.name} has the labels 1 to {sheet.count}"
        raise CannotGoOn(Exit.WRONG_CALL, message, "count from the upper left, row by row")
    return sheet


def address_pieces(project: Project, pieces: Sequence[Piece], writing: Writing, out: Path) -> list[Addressee]:
    """Write the addresses of pieces in their order, with barcodes where they are wanted.

    Raises CannotGoOn with every ZIP code that no barcode can be made of.
    """
    places = {recipient.id: recipient.place for recipient in project.recipients}
    bars = _barcodes(project, pieces, writing, out) if writing.barcode else {}
    return [
        Addressee(
            id=piece.recipient,
            lines=write_lines(piece.address, writing.style),
            place=places.get(piece.recipient, Place()),
            barcode=bars.get(piece.recipient, ""),
        )
        for piece in pieces
    ]


def _barcodes(project: Project, pieces: Sequence[Piece], writing: Writing, out: Path) -> dict[str, str]:
    mailer = project.campaign.barcode
    if mailer is None:
        hint = 'add [barcode] with service_type = "…" and mailer_id = "…", as the post office gave them to you'
        raise CannotGoOn(Exit.PROBLEMS, "campaign.toml does not tell what a barcode needs", hint)
    columns = {recipient.id: recipient for recipient in project.recipients}
    routings, problems = {}, []
    for piece in pieces:
        recipient = columns[piece.recipient]
        try:
            routings[piece.recipient] = routing_code(piece.zip, recipient["delivery_point"])
        except BarcodeError as error:
            problem = Problem(recipient.place, str(error), "correct the ZIP code in the list", recipient=recipient.id)
            problems.append(problem)
    stop_at(problems)
    serials = _serials(mailer, pieces, routings, writing, out)
    return {name: encode(mailer.tracking(serials[name]), routing) for name, routing in routings.items()}


def _serials(
    mailer: Mailer, pieces: Sequence[Piece], routings: Mapping[str, str], writing: Writing, out: Path
) -> dict[str, int]:
    """Take the serial numbers: a piece that was posted and is sent again is another one."""
    if writing.trial:
        return dict.fromkeys(routings, 0)
    with Register(out / "ledger.sqlite", out) as register:
        posted = [event.recipient for event in register.events() if event.what is What.POSTED]
    keys = {
        piece.recipient: "/".join(
            (
                out.name,
                piece.recipient,
                str(posted.count(piece.recipient)),
                sha256("\n".join((*piece.address, routings[piece.recipient])).encode())[:16],
            )
        )
        for piece in pieces
    }
    today = datetime.datetime.fromisoformat(writing.now).date()
    taken = take_serials(out.parent / SERIALS, mailer, list(keys.values()), today)
    return {name: taken[key] for name, key in keys.items()}


def look(project: Project, pieces: Sequence[Piece], profile: WindowProfile) -> list[tuple[Piece, Sight]]:
    """Look at the first page of each finished letter through a window."""
    places = {recipient.id: recipient.place for recipient in project.recipients}
    seen = []
    for piece in pieces:
        words = read_words(piece.letter.pdf.read_bytes(), [0])
        place = places.get(piece.recipient, Place())
        seen.append((piece, check_page(words, piece.address, profile, place, piece.recipient)))
    return seen


def draw(seen: Sequence[tuple[Piece, Sight]], profile: WindowProfile, path: Path) -> None:
    """Write the overlay: each letter's first page with the window, the folds and the words at fault."""
    letters = ((piece.recipient, piece.letter.pdf.read_bytes(), sight) for piece, sight in seen)
    write_whole(path, write_overlay(letters, profile, address_view(profile)))


def make_covers(
    project: Project, pieces: Sequence[Piece], profile: WindowProfile, writing: Writing, out: Path
) -> bytes:
    """Make a PDF with a cover sheet for each piece, looked at through the window when it is set.

    Raises CannotGoOn with every address that the window does not show whole.
    """
    addressees = address_pieces(project, pieces, writing, out)
    sender = write_lines(sender_of(project, writing.sender), writing.style)
    ruler, language = _ruler(project), project.campaign.language
    written = [write_covers(some, profile, sender, ruler, language) for some in batches(addressees, PAGES, PAGES)]
    stop_at(problem for _, problems in written for problem in problems)
    content = set_pages(project, [html for html, _ in written], f"Cover sheets for the window {profile.name}")
    stop_at(_look_at_covers(content, addressees, profile))
    return content


def _look_at_covers(content: bytes, addressees: Sequence[Addressee], profile: WindowProfile) -> Iterable[Problem]:
    words = read_words(content)
    for page, addressee in enumerate(addressees):
        own = [word for word in words if word.page == page]
        yield from check_page(own, addressee.lines, profile, addressee.place, addressee.id).problems


def _ruler(project: Project) -> Ruler:
    return Ruler(project.templates / "fonts")
