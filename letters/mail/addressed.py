"""The story of what goes around the letters: envelopes, labels, cover sheets, the look through the window, e-mails."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from letters.campaign.load import Project
from letters.formats.files import sha256, write_whole
from letters.mail.addresses import Addressee, ruler_of, write_lines
from letters.mail.barcode import BARS, BarcodeError, encode, routing_code, take_serials
from letters.mail.pieces import AUTO, AddressStyle, DocumentKind, Piece
from letters.mail.products import (
    BY_SHEETS,
    choose,
    choose_envelope,
    most_sheets,
    products_of,
    room_of,
    stop_at,
)
from letters.mail.register import Register, What
from letters.mail.typeset import (
    MOST_PAGES,
    MOST_SHEETS,
    barcode_fault,
    batches,
    set_pages,
    wrapped,
    write_covers,
    write_envelopes,
    write_labels,
)
from letters.mail.windows import Sight, address_view, check_page, read_words, write_overlay
from letters.model.postal import Box, Envelope, LabelSheet, WindowProfile
from letters.model.problems import CannotGoOn, Exit, Place, Problem, did_you_mean
from letters.model.records import original_of
from letters.model.settings import Mailer, Organization

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


def sender_of(project: Project, name: str) -> tuple[str, ...]:
    """Write the return address: that of the organization that is named, or else the first one that has any.

    Raises CannotGoOn where the organization is not known, or has no address.
    """
    organizations = {each.name: each for each in project.campaign.organizations}
    if name and name not in organizations:
        message = f'the campaign has no organization "{name}"'
        raise CannotGoOn(Exit.WRONG_CALL, message, did_you_mean(name, organizations))
    if name and not organizations[name].address:
        hint = 'add address = ["…"] to its [[organizations]] table in campaign.toml'
        raise CannotGoOn(Exit.WRONG_CALL, f'the organization "{name}" has no address', hint)
    # Without --sender no command is refused for want of an address: a name alone is a return address, too.
    first = next((each for each in organizations.values() if each.address), project.campaign.organizations[0])
    chosen: Organization = organizations[name] if name else first
    return (chosen.name, *chosen.address)


@dataclass(frozen=True, slots=True)
class Around:
    """A file of envelopes, labels or cover sheets, and which pieces have none in it."""

    content: bytes
    count: int
    problems: tuple[Problem, ...]


def envelopes_for(project: Project, pieces: Sequence[Piece], size: str, *, duplex: bool) -> dict[str, list[Piece]]:
    """Return which pieces go into which size of envelope, each in their order; `size` may be AUTO.

    Raises CannotGoOn for an envelope that is not known.
    """
    if size != AUTO:
        choose_envelope(project, size)
        return {size: list(pieces)}
    small, large = (choose_envelope(project, name) for name in BY_SHEETS[project.campaign.paper])
    most = most_sheets(small, project.campaign.paper)
    found: dict[str, list[Piece]] = {}
    for piece in pieces:
        fits = not most or piece.sheets(duplex=duplex) <= most
        found.setdefault(small.name if fits else large.name, []).append(piece)
    return {name: found[name] for name in (small.name, large.name) if name in found}


def unfit(
    project: Project,
    pieces: Sequence[Piece],
    envelopes: Mapping[str, Sequence[Piece]],
    labels: str,
    writing: Writing,
) -> dict[str, str]:
    """Return why pieces cannot be addressed, by id: an address that fits on no envelope or label, or has no barcode."""
    if writing.barcode:
        _mailer(project)
    problems = _routings(project, pieces)[1] if writing.barcode else []
    ruler = ruler_of(project)
    # Serial numbers are taken only for what is printed: to see whether a barcode fits, one of any number will do.
    plain = replace(writing, barcode=False)
    for size, some in envelopes.items():
        envelope = _envelope(project, size, writing)
        addressees = _barred(address_pieces(project, some, plain, Path()), writing)
        problems += write_envelopes(addressees, envelope, (), ruler, project.campaign.language)[1]
    if labels:
        sheet = _sheet(project, labels, 1, writing)
        addressees = _barred(address_pieces(project, pieces, plain, Path()), writing)
        problems += write_labels(addressees, sheet, ruler, project.campaign.language)[1]
    found: dict[str, str] = {}
    for problem in problems:
        # The first reason is told: what does not fit on an envelope fits on no label, either.
        found.setdefault(problem.recipient, f"{problem.place}: {problem.what}")
    return found


def _barred(addressees: Iterable[Addressee], writing: Writing) -> list[Addressee]:
    """Return addressees with a barcode of no number, to see whether there is room for one."""
    return [replace(each, barcode="F" * BARS) if writing.barcode else each for each in addressees]


def make_envelopes(project: Project, pieces: Sequence[Piece], size: str, writing: Writing, out: Path) -> Around:
    """Make a PDF with an envelope for each piece whose address fits; raises CannotGoOn where none does."""
    envelope = _envelope(project, size, writing)
    sender = write_lines(sender_of(project, writing.sender), writing.style)
    ruler, language = ruler_of(project), project.campaign.language
    addressees, problems = _fitting(
        # Without the return address, which is the same on all of them, and is looked at once below.
        project,
        pieces,
        writing,
        out,
        lambda each: write_envelopes([each], envelope, (), ruler, language)[1],
    )
    written = [
        write_envelopes(some, envelope, sender, ruler, language) for some in batches(addressees, MOST_PAGES, MOST_PAGES)
    ]
    stop_at(dict.fromkeys(problem for _, more in written for problem in more))
    content = set_pages(project, [html for html, _ in written], f"Envelopes {size}")
    return Around(content, len(addressees), tuple(problems))


def make_labels(
    project: Project, pieces: Sequence[Piece], product: str, writing: Writing, out: Path, *, start_at: int = 1
) -> Around:
    """Make a PDF with a label for each piece whose address fits; raises CannotGoOn where none does."""
    sheet = _sheet(project, product, start_at, writing)
    ruler, language = ruler_of(project), project.campaign.language
    addressees, problems = _fitting(
        project, pieces, writing, out, lambda each: write_labels([each], sheet, ruler, language)[1]
    )
    # The first batch ends with a whole sheet, however many labels of it are used up: each batch is a PDF of its own.
    many = MOST_SHEETS * sheet.count
    written = [
        write_labels(some, sheet, ruler, language, start_at=1 if number else start_at)[0]
        for number, some in enumerate(batches(addressees, many + 1 - start_at, many))
    ]
    return Around(set_pages(project, written, f"Labels {product}"), len(addressees), tuple(problems))


def _fitting(
    project: Project,
    pieces: Sequence[Piece],
    writing: Writing,
    out: Path,
    judge: Callable[[Addressee], Sequence[Problem]],
) -> tuple[list[Addressee], list[Problem]]:
    """Return the addressees that a product has room for, and the problems of the others.

    Raises CannotGoOn where there is room for none.
    """
    problems = _routings(project, pieces)[1] if writing.barcode else []
    without_barcode = {problem.recipient for problem in problems}
    fitting = []
    for addressee in address_pieces(project, [p for p in pieces if p.recipient not in without_barcode], writing, out):
        found = judge(addressee)
        problems += found
        fitting += [] if found else [addressee]
    # A PDF without a page is none; where some fit, the others are named and these are made.
    if pieces and not fitting:
        stop_at(problems)
    return fitting, problems


def make_return_labels(project: Project, product: str, writing: Writing, count: int, *, start_at: int) -> Around:
    """Make a PDF with the return address on so many labels; for 0, to the end of the sheet."""
    sheet = _sheet(project, product, start_at, writing)
    lines = write_lines(sender_of(project, writing.sender), writing.style)
    one = Addressee(id="", lines=lines, place=Place("campaign.toml", field="organizations"))
    # A sheet that has been through the printer should not go through it again: it is used up to its end.
    many = [one] * (count or sheet.count - start_at + 1)
    html, problems = write_labels(many, sheet, ruler_of(project), project.campaign.language, start_at=start_at)
    stop_at(dict.fromkeys(problems))
    return Around(set_pages(project, [html], f"Return labels {product}"), len(many), ())


def _envelope(project: Project, size: str, writing: Writing) -> Envelope:
    envelope = choose_envelope(project, size)
    if writing.barcode:
        _refuse_wide_barcode(envelope.room, f"an envelope {size}")
    return envelope


def _refuse_wide_barcode(room: Box, product: str) -> None:
    """Raise CannotGoOn where a barcode is too wide for a product: for all pieces, so it is said once."""
    if fault := barcode_fault(room, product):
        raise CannotGoOn(Exit.WRONG_CALL, fault, "leave out --barcode, or choose a wider product")


def _sheet(project: Project, product: str, start_at: int, writing: Writing) -> LabelSheet:
    sheet = choose(products_of(project).labels, product, "label")
    if not 1 <= start_at <= sheet.count:
        message = f"--start-at {start_at}: a sheet {sheet.name} has the labels 1 to {sheet.count}"
        raise CannotGoOn(Exit.WRONG_CALL, message, "count from the upper left, row by row")
    if writing.barcode:
        _refuse_wide_barcode(room_of(sheet.box(0), sheet.padding), f"label {sheet.name}")
    return sheet


def address_pieces(project: Project, pieces: Sequence[Piece], writing: Writing, out: Path) -> list[Addressee]:
    """Write the addresses of pieces in their order, with barcodes where they are wanted and can be made."""
    places = _places(project)
    # None for a ZIP code of which none can be made: `_fitting` has left those pieces out by then, and named them.
    bars = _barcodes(project, pieces, writing, out) if writing.barcode else {}
    return [
        Addressee(
            id=piece.recipient,
            lines=write_lines(piece.address, writing.style),
            place=places.get(original_of(piece.recipient), Place()),
            barcode=bars.get(piece.recipient, ""),
        )
        for piece in pieces
    ]


def _barcodes(project: Project, pieces: Sequence[Piece], writing: Writing, out: Path) -> dict[str, str]:
    mailer = _mailer(project)
    routings, _ = _routings(project, pieces)
    serials = _serials(mailer, [p for p in pieces if p.recipient in routings], routings, writing, out)
    return {name: encode(mailer.tracking(serials[name]), routing) for name, routing in routings.items()}


def _mailer(project: Project) -> Mailer:
    if project.campaign.barcode is None:
        # The post office gives a mailer its ID; with a made-up one the mail of somebody else would be counted.
        hint = 'add [barcode] with service_type = "…" and mailer_id = "…", as the post office gave them to you'
        raise CannotGoOn(Exit.PROBLEMS, "campaign.toml does not tell what a barcode needs", hint)
    return project.campaign.barcode


def _routings(project: Project, pieces: Sequence[Piece]) -> tuple[dict[str, str], list[Problem]]:
    """Return the routing codes of pieces by id, and a problem for each ZIP code that none can be made of."""
    rows = {recipient.id: recipient for recipient in project.recipients}
    routings: dict[str, str] = {}
    problems = []
    for piece in pieces:
        row = rows[original_of(piece.recipient)]
        # A copy goes to another address than the row’s, which has no delivery point in the list.
        point = row["delivery_point"] if piece.kind is DocumentKind.LETTER else ""
        try:
            routings[piece.recipient] = routing_code(piece.zip, point)
        except BarcodeError as error:
            hint = "correct the ZIP code in the list"
            problems.append(Problem(row.place, str(error), hint, recipient=piece.recipient))
    return routings, problems


def _places(project: Project) -> dict[str, Place]:
    return {recipient.id: recipient.place for recipient in project.recipients}


def _serials(
    mailer: Mailer, pieces: Sequence[Piece], routings: Mapping[str, str], writing: Writing, out: Path
) -> dict[str, int]:
    """Take the serial numbers: a piece that was posted and is sent again is another one."""
    if writing.trial:
        # A trial must not use up serial numbers, and 0 is never recorded.
        return dict.fromkeys(routings, 0)
    with Register(out) as register:
        posted = [event.recipient for event in register.events() if event.what is What.POSTED]
    # A key tells whether it is the same piece: another address, or a letter that goes out again, takes a new number.
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
    places = _places(project)
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
) -> Around:
    """Make a PDF with a cover sheet for each piece whose address the window shows whole.

    It is looked at through the window when it is set. Raises CannotGoOn where the window shows no address.
    """
    sender = write_lines(sender_of(project, writing.sender), writing.style)
    ruler, language = ruler_of(project), project.campaign.language
    addressees, problems = _fitting(
        project, pieces, writing, out, lambda each: write_covers([each], profile, (), ruler, language)[1]
    )
    written = [
        write_covers(some, profile, sender, ruler, language)[0] for some in batches(addressees, MOST_PAGES, MOST_PAGES)
    ]
    content = set_pages(project, written, f"Cover sheets for the window {profile.name}")
    stop_at(_look_at_covers(content, [wrapped(each, profile, ruler) for each in addressees], profile))
    return Around(content, len(addressees), tuple(problems))


def _look_at_covers(content: bytes, addressees: Sequence[Addressee], profile: WindowProfile) -> Iterable[Problem]:
    # All pages at once: the PDF need not be opened again for each of hundreds of sheets.
    words = read_words(content)
    for page, addressee in enumerate(addressees):
        own = [word for word in words if word.page == page]
        yield from check_page(own, addressee.lines, profile, addressee.place, addressee.id).problems
